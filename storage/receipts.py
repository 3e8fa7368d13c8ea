"""Numbers given once: receipts, versions, and the version of a case."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select, update

from storage.database import Transaction, insert_ignoring, upsert
from storage.errors import Conflict
from storage.schema import cases, receipt_counters
from storage.schema_submissions import submissions


def next_receipt(tx: Transaction, *, short: str, code: str, day: date) -> str:
    """`PY51-PYX-20200227-03`: the serial counts per notice, reporter code and day, from 01; never given twice."""
    counters, stamp = receipt_counters, f"{day:%Y%m%d}"
    row = {"short": short, "code": code, "day": stamp, "serial": 1}
    insert = upsert(tx, counters, row, {"serial": counters.c.serial + 1}).returning(counters.c.serial)
    return f"{short}-{code}-{stamp}-{tx.execute(insert).scalar_one():02d}"


def next_version(tx: Transaction, notice: str, reporter: str | None) -> int:
    """Version for a new submission of the reporter, from 1; always 1 while the reporter is unknown."""
    if reporter is None:
        return 1
    mine = (submissions.c.notice == notice) & (submissions.c.reporter == reporter)
    return int(tx.execute(select(func.max(submissions.c.version)).where(mine)).scalar() or 0) + 1


def case_version(tx: Transaction, notice: str, reporter: str | None) -> int:
    """Version of the case of (notice, reporter): 0 before its first decision."""
    query = select(cases.c.row_version).where(cases.c.notice == notice, cases.c.reporter == (reporter or ""))
    return int(tx.execute(query).scalar() or 0)


def advance_case(tx: Transaction, notice: str, reporter: str | None, seen: int) -> None:
    """Move the case on from the version that was read before judging; `Conflict` if another decision came between.

    Needed only where reading the case and saving the decision are two transactions.
    """
    key = {"notice": notice, "reporter": reporter or ""}
    if seen == 0:
        done = tx.execute(insert_ignoring(tx, cases).values(**key, row_version=1))
    else:
        mine = (cases.c.notice == notice) & (cases.c.reporter == (reporter or "")) & (cases.c.row_version == seen)
        done = tx.execute(update(cases).where(mine).values(row_version=seen + 1))
    if done.rowcount != 1:
        raise Conflict(f"case of {notice}: decided meanwhile")
