"""Submissions as the JSON of the contract (spec section 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from domain.cover import Box, Cover
from domain.notice import Notice
from domain.problems import Problem
from domain.sheet import Sheet
from domain.submission import CellVerdict, HistoryEntry, Submission
from storage.vouching import cells_sha256, seals_sha256


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
        "seals": [
            {
                "page": seal.page,
                "text": seal.text + seal.bottom,
                "confidence": round(seal.confidence, 3),
                "diameter_mm": None if seal.diameter_mm is None else round(seal.diameter_mm, 1),
                "box": _box_json(seal.box, 4),
            }
            for page in reading.pages
            for seal in page.seals
        ],
        "cells_compared": case.findings.compared if case.findings else 0,
        "cells_matched": case.findings.matched if case.findings else 0,
    }


def evidence_json(case: Submission, file_of: Callable[[str], Path] | None = None) -> dict[str, Any] | None:
    """What was kept of the cover; None without a readable one. `seals` are in the order of those in `cover`.

    `file_of` tells where a picture lies by its SHA-256; without an archive there is none. Boxes of `cells` are in
    fractions of the straightened page, which is the page's picture.
    """
    reading = case.cover.reading if case.cover else None
    if not isinstance(reading, Cover):
        return None

    def kept(sha256: str | None) -> dict[str, str] | None:
        if sha256 is None:
            return None
        return {"sha256": sha256} | ({"path": str(file_of(sha256))} if file_of else {})

    return {
        "pages": [{"page": page.number, "picture": kept(page.picture)} for page in reading.pages],
        "seals": [
            {"page": seal.page, "picture": kept(seal.picture), "rim_picture": kept(seal.rim_picture)}
            for page in reading.pages
            for seal in page.seals
        ],
        "seals_sha256": seals_sha256(reading),
        "cells": [_cell_json(cell) for cell in case.findings.cells] if case.findings else [],
        "cells_sha256": cells_sha256(case.findings),
    }


def _cell_json(cell: CellVerdict) -> dict[str, Any]:
    return {
        "cell": cell.address,
        "field": cell.field,
        "expected": cell.expected,
        "read": cell.read,
        "score": round(cell.score, 4),
        "verdict": cell.verdict,
        "page": cell.page,
        "box": _box_json(cell.box, 5) if cell.box else None,
    }


def _box_json(box: Box, digits: int) -> list[float]:
    return [round(value, digits) for value in (box.x0, box.y0, box.x1, box.y1)]


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem; `total` only where more were found than are listed."""
    document = asdict(problem) | {"severity": str(problem.severity)}
    if problem.total is None:
        del document["total"]
    return document


def rows_json(case: Submission) -> list[dict[str, Any]]:
    """The rows with their cell addresses."""
    reading = case.sheet.reading if case.sheet else None
    if not isinstance(reading, Sheet):
        return []
    return [
        {
            "row": row.number,
            "hidden": row.hidden,
            "cells": {key: {"cell": cell.address, "text": cell.text} for key, cell in row.cells.items()},
        }
        for row in reading.rows
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
