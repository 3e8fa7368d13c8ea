"""The audit of decisions: is what is stored of each, first to last, what its ledger entry vouches for, and is none missing?

The ledger vouches for the bytes that are stored (`storage.vouching`), so a later version that reads them otherwise accuses
nobody. Entries from before it did so vouch for pictures, seals and cells alone, or for none of these: `older` counts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, func, select, union

from domain.submission import Submission
from storage import codec
from storage.canonical import Json
from storage.columns import decided, details, facts
from storage.database import Transaction, each_row
from storage.fault import Fault
from storage.ledger import DECIDED, told
from storage.progress import Progress, Stage, counted, unheard
from storage.schema import ledger_entries
from storage.schema_submissions import readings, submission_history, submissions
from storage.types import as_found, storable
from storage.vouching import contradicts, unlike, vouched

_PARTS = {
    "document": "its facts, workbook and problems",
    "cover": "the reading of its cover",
    "findings": "the comparison of cover and workbook",
    "pictures": "the pictures of its cover",
    "seals": "the seals of its cover",
    "cells": "the table of compared cells",
}
"""What the parts that a ledger body vouches for are called in a fault."""
_READINGS = (submission_history.c.cover_reading, submission_history.c.findings)


class DecisionAudit:
    """One pass over all decisions; rows are read a few at a time."""

    def __init__(
        self,
        tx: Transaction,
        *,
        erased: Mapping[str, int] = MappingProxyType({}),
        progress: Progress = unheard,
    ) -> None:
        """`erased`: receipt → entry of its erasure by rule: decisions entered before are not in the records any more."""
        self._tx = tx
        self._erased = erased
        self._progress = progress
        self.checked = 0
        self.older = 0
        """Decisions whose entries do not vouch for the whole of what is stored."""
        self._kept: dict[str, bool] = {}
        """Digest of each reading → whether it is the one that was stored under it."""

    def faults(self) -> Iterator[Fault]:
        yield from self._readings()
        yield from self._decisions()
        yield from self._removed()
        yield from self._standing()

    def _readings(self) -> Iterator[Fault]:
        """Readings that no decision refers to. An altered one is named with the decisions that rest on it."""
        names = [select(column).where(column.is_not(None)) for column in _READINGS]
        used = readings.c.digest.in_(union(*names)).label("used")
        for row in each_row(self._tx, select(*as_found(readings.c.digest, readings.c.data), used)):
            self._kept[row.digest] = codec.digest_of(row.data) == row.digest
            if not row.used:
                yield Fault(object=f"reading:{row.digest}", fault="extra: no decision refers to it")

    def _decisions(self) -> Iterator[Fault]:
        then, entry = submission_history.c, ledger_entries.c
        entered = as_found(entry.kind, entry.subject, entry.body, entry.at.label("entered_at"))
        query = select(*as_found(*then), *entered).order_by(then.receipt, then.row_version)
        join = submission_history.outerjoin(ledger_entries, entry.id == then.ledger_entry)
        total = self._tx.execute(select(func.count()).select_from(submission_history)).scalar_one()
        rows = each_row(self._tx, query.select_from(join))
        for row in counted(rows, Stage.DECISIONS, total, self._progress):
            self.checked += 1
            for fault in self._decision(row):
                yield Fault(object=f"decision:{row.receipt}/{row.row_version}", fault=fault)

    def _decision(self, row: Any) -> Iterator[str]:
        """What does not fit, in words; where nothing vouches for a decision, that alone."""
        body = {} if row.body is None else told(row.body)
        if not body or row.kind != DECIDED or row.subject != row.receipt:
            yield "no ledger entry vouches for it"
            return
        case = _read(row.document)
        if case is None:
            yield f"altered: {_PARTS['document']} cannot be read"
            return
        if contradicts(body, case):
            yield "not what the ledger says of it"
        if not _same(row, decided(case, row.entered_at)):
            yield "its columns do not say what its document says"
        wrong = self._not_vouched(row, body)
        if wrong:
            yield f"not what the ledger vouches for: {', '.join(_PARTS[each] for each in wrong)}"

    def _not_vouched(self, row: Any, body: Mapping[str, Any]) -> list[str]:
        """The parts that are not those of the entry, in the order of _PARTS."""
        stored = {"document": codec.digest_of(row.document), "cover": row.cover_reading, "findings": row.findings}
        wrong = {part for part in ("cover", "findings") if stored[part] and not self._kept.get(stored[part])}
        record, evidence = body.get("record"), body.get("evidence")
        if record is None:
            self.older += 1
        else:
            wrong |= unlike(record, stored)
            if not wrong:  # its pictures, seals and cells are in the very bytes that were hashed
                return []
        if evidence is not None:
            wrong |= unlike(evidence, self._shown(row))
        return [part for part in _PARTS if part in wrong]

    def _shown(self, row: Any) -> Mapping[str, Json]:
        """What the evidence amounts to as it is stored now; nothing that fits where it cannot be read."""
        data = [self._data(digest) for digest in (row.cover_reading, row.findings)]
        case = _read(row.document, *data)
        return vouched(case) if case else dict.fromkeys(("pictures", "seals", "cells"), "")

    def _data(self, digest: str | None) -> bytes | None:
        query = select(*as_found(readings.c.data)).where(readings.c.digest == digest)
        return self._tx.execute(query).scalar() if digest else None

    def _removed(self) -> Iterator[Fault]:
        """Decisions that the ledger tells of, and the records do not, or tell twice."""
        then, entry = submission_history.c, ledger_entries.c
        join = ledger_entries.outerjoin(submission_history, entry.id == then.ledger_entry)
        query = select(entry.subject, entry.number, entry.id, func.count(then.receipt).label("told")).select_from(join)
        query = query.where(entry.kind == DECIDED).group_by(entry.subject, entry.number, entry.id)
        for row in each_row(self._tx, query.having(func.count(then.receipt) != 1).order_by(entry.id)):
            if not row.told and row.id <= self._erased.get(row.subject, 0):
                continue
            name = f"entry {row.number}" if row.number else "an entry not yet sealed"
            fault = f"{name} tells of a decision that is not in the records"
            if row.told:
                fault = f"{name} tells of one decision, the records of {row.told}"
            yield Fault(object=f"submission:{row.subject}", fault=fault)

    def _standing(self) -> Iterator[Fault]:
        """Submissions that do not stand as they were decided last, or not at all."""
        for row in each_row(self._tx, _last_decisions()):
            self.checked += 1
            name = f"submission:{row.receipt}"
            case = _read(row.decided_document)
            if row.state is None:
                yield Fault(object=name, fault="missing, though there are decisions on it")
            elif not row.unaltered or (case and not _same(row, facts(case, row.at))):
                yield Fault(object=name, fault="not as its last decision left it")
            for table in self._unlike_details(case) if case else ():
                yield Fault(object=name, fault=f"{table} does not say what its last decision says")
        lacking = select(submissions.c.receipt).where(
            submissions.c.receipt.not_in(select(submission_history.c.receipt))
        )
        for receipt in self._tx.execute(lacking).scalars():
            yield Fault(object=f"submission:{receipt}", fault="extra: there is no decision on it")

    def _unlike_details(self, case: Submission) -> Iterator[str]:
        """Tables whose rows are not those of the submission."""
        for table, items in details(case).items():
            columns = [column for column in table.c if column.name != "receipt"]
            rows = self._tx.execute(select(*as_found(*columns)).where(table.c.receipt == case.receipt))
            stored = [[row[column.name] for column in columns] for row in rows.mappings()]
            expected = [[_storable(item[column.name]) for column in columns] for item in items]
            if sorted(map(repr, stored)) != sorted(map(repr, expected)):
                yield table.name


def _last_decisions() -> Select[Any]:
    """The newest decision on each receipt, and beside it the submission as it stands."""
    now, then = submissions.c, submission_history.c
    newest = select(then.receipt, func.max(then.row_version).label("row_version")).group_by(then.receipt).subquery()
    last = (newest.c.receipt == then.receipt) & (newest.c.row_version == then.row_version)
    parts = ("document", "cover_reading", "findings")
    same = [now[part].is_not_distinct_from(then[part]) for part in parts]
    columns = [column for column in now if column.name not in ("receipt", *parts)]
    return (
        select(*as_found(then.receipt, then.at, then.document.label("decided_document"), *columns))
        .add_columns((same[0] & same[1] & same[2]).label("unaltered"))
        .select_from(submission_history.join(newest, last).outerjoin(submissions, now.receipt == then.receipt))
        .order_by(then.receipt)
    )


def _same(row: Any, expected: Mapping[str, Any]) -> bool:
    """Whether the columns hold what was put into them."""
    return all(getattr(row, name) == _storable(each) for name, each in expected.items())


def _storable(value: object) -> object:
    return storable(str(value)) if isinstance(value, str) else value


def _read(document: bytes, cover: bytes | None = None, findings: bytes | None = None) -> Submission | None:
    """The submission; None where it was altered beyond reading."""
    try:
        return codec.unpack(document, cover, findings)
    except Exception:  # noqa: BLE001  a stored value that was tampered with may fail in any way, and the audit goes on
        return None
