"""What a person has to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update

from storage.database import Transaction
from storage.errors import NotFound
from storage.schema import tasks


@dataclass(frozen=True, kw_only=True)
class Task:
    """`subject` is a receipt or the like (`mail:12`). A `confidential` one stands in no digest."""

    id: int
    kind: str
    subject: str
    text: str
    confidential: bool
    created_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    note: str | None = None


def add(
    tx: Transaction, kind: str, subject: str, text: str, confidential: bool = False, *, at: datetime | None = None
) -> int:
    """Note a task; its id."""
    values = {"kind": kind, "subject": subject, "text": text, "confidential": confidential}
    key = tx.execute(tasks.insert().values(**values, created_at=at or datetime.now(UTC))).inserted_primary_key
    assert key is not None  # noqa: S101  an INSERT of one row always has one
    return int(key[0])


def open_(tx: Transaction, *, confidential: bool | None = None) -> tuple[Task, ...]:
    """Open tasks, oldest first; all, or only those that are (not) confidential."""
    query = select(tasks).where(tasks.c.closed_at.is_(None)).order_by(tasks.c.created_at, tasks.c.id)
    if confidential is not None:
        query = query.where(tasks.c.confidential == confidential)
    return tuple(Task(**row._mapping) for row in tx.execute(query))


def close(tx: Transaction, id_: int, by: str, note: str = "", *, at: datetime | None = None) -> None:
    """Close a task; a closed one keeps its first closing. `NotFound`."""
    still = (tasks.c.id == id_) & tasks.c.closed_at.is_(None)
    values = {"closed_at": at or datetime.now(UTC), "closed_by": by, "note": note}
    if tx.execute(update(tasks).where(still).values(**values)).rowcount != 1 and not _exists(tx, id_):
        raise NotFound(f"task {id_}")


def _exists(tx: Transaction, id_: int) -> bool:
    return tx.execute(select(tasks.c.id).where(tasks.c.id == id_)).first() is not None
