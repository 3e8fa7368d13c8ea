"""Submissions as the JSON of the contract (spec section 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from domain.authorship import authorship
from domain.cover import Cover
from domain.notice import Notice
from domain.problems import Problem
from domain.sheet import Row, Sheet
from domain.submission import HistoryEntry, Submission
from storage.vouching import cell_row, cells_sha256, seal_row, seals_sha256, shown


def submission_json(case: Submission, notice: Notice, *, with_receipt: bool = True) -> dict[str, Any]:
    """S of the contract. Values are unmasked: local access is the operator's."""
    reporter = notice.reporter(case.reporter)
    document: dict[str, Any] = {
        "receipt": case.receipt,
        "nil_return": case.nil_return,
        "notice": case.notice,
        "reporter": {"code": reporter.code, "name": reporter.name} if reporter else None,
        "state": str(case.state),
        "late": case.late,
        "received_at": case.received_at.astimezone(notice.zone).isoformat(),
        "message_ids": list(case.message_ids),
        "from": case.sender or None,
        "row_count": case.row_count,
        "files": [
            {"name": file.name, "kind": str(file.kind), "sha256": file.sha256, "size": file.size} for file in case.files
        ],
        "cover": cover_json(case),
        "problems": [problem_json(problem) for problem in case.problems],
    }
    if not with_receipt:
        del document["receipt"]
    return document


def cover_json(case: Submission) -> dict[str, Any] | None:
    """What was seen on the cover; None without a readable one."""
    reading = case.cover.reading if case.cover else None
    if not isinstance(reading, Cover):
        return None
    return {
        "pages": reading.page_count,
        "seals": [_without_pictures(shown(seal_row(seal))) for seal in reading.seals],
        "cells_compared": case.findings.compared if case.findings else 0,
        "cells_matched": case.findings.matched if case.findings else 0,
    }


def evidence_json(
    case: Submission,
    file_of: Callable[[str], str] | None = None,
    record: Mapping[str, str | None] | None = None,
    *,
    quarantined: Mapping[str, str] | None = None,
) -> dict[str, Any] | None:
    """What was kept of the cover, who wrote it, the SHA-256 of the parts of the record, and the difference from the version
    before; of what is only checked there is no record, and None stands where no cover could be read. `seals` are in the order
    of those in `cover`.

    `file_of` tells where a picture lies by its SHA-256. Boxes of `cells` are in fractions of the straightened page, which is
    the page's picture. `quarantined`: SHA-256 of mails and files → what the virus scanner found in them.
    """
    reading = case.cover.reading if case.cover else None
    of_record: dict[str, Any] = {}
    if record:
        difference = difference_json(case)
        of_record = {"record": dict(record), "difference": difference, "authorship": asdict(authorship(case))}
    if quarantined:
        of_record["quarantined"] = [{"sha256": key, "signature": value} for key, value in quarantined.items()]
    if not isinstance(reading, Cover):
        return of_record or None

    def kept(sha256: str | None) -> dict[str, str] | None:
        if sha256 is None:
            return None
        return {"sha256": sha256} | ({"path": file_of(sha256)} if file_of else {})

    return {
        "pages": [{"page": page.number, "picture": kept(page.picture)} for page in reading.pages],
        "seals": [
            {"page": seal.page, "picture": kept(seal.picture), "rim_picture": kept(seal.rim_picture)}
            for seal in reading.seals
        ],
        "seals_sha256": seals_sha256(reading),
        "cells": [shown(cell_row(cell)) for cell in case.findings.cells] if case.findings else [],
        "cells_sha256": cells_sha256(case.findings),
    } | of_record


def difference_json(case: Submission) -> dict[str, Any] | None:
    """What the rows differ in from those of the submission whose place this one took, with the values as they stand."""
    if case.difference is None:
        return None
    return asdict(case.difference)


def _without_pictures(row: dict[str, Any]) -> dict[str, Any]:
    """The contract's seal has none: they stand under `evidence`."""
    return {name: value for name, value in row.items() if name not in ("picture", "rim_picture")}


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem; `total` only where more were found than are listed."""
    document = asdict(problem) | {"severity": str(problem.severity)}
    if problem.total is None:
        del document["total"]
    return document


def rows_json(case: Submission) -> list[dict[str, Any]]:
    """The rows with their cell addresses."""
    reading = case.sheet.reading if case.sheet else None
    return _rows(reading, reading.rows) if isinstance(reading, Sheet) else []


def tables_json(case: Submission) -> dict[str, list[dict[str, Any]]]:
    """The rows of further tables by their key, and those of sums as `totals`; empty where the form has neither."""
    reading = case.sheet.reading if case.sheet else None
    if not isinstance(reading, Sheet):
        return {}
    sums = {"totals": _rows(reading, reading.totals)} if reading.totals else {}
    return sums | {key: _rows(reading, rows) for key, rows in reading.tables.items()}


def _rows(reading: Sheet, rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "sheet": row.sheet or reading.sheet,
            "row": row.number,
            "hidden": row.hidden,
            "cells": {key: {"cell": cell.address, "text": cell.text} for key, cell in row.cells.items()},
        }
        for row in rows
    ]


def history_json(history: Sequence[HistoryEntry], notice: Notice) -> list[dict[str, Any]]:
    return [
        {
            "at": entry.at.astimezone(notice.zone).isoformat(),
            "state": str(entry.state),
            "by": entry.by,
            "reason": entry.reason,
            "codes": list(entry.codes),
            "ledger": entry.ledger_number,
        }
        for entry in history
    ]
