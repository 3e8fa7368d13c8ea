"""What a person has to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, select, update

from storage.database import Transaction, insert_ignoring
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
    """Note a task; its id. One that is open for the same kind and subject stays as it is: no pile of repeats."""
    values = {"kind": kind, "subject": subject, "text": text, "confidential": confidential}
    tx.execute(insert_ignoring(tx, tasks).values(**values, created_at=at or datetime.now(UTC)))
    return int(tx.execute(select(tasks.c.id).where(_still_open(kind, subject))).scalar_one())


def put(tx: Transaction, kind: str, subject: str, text: str, *, at: datetime | None = None) -> None:
    """`add`, or what is open for the same kind and subject says `text` from now on."""
    id_ = add(tx, kind, subject, text, at=at)
    tx.execute(update(tasks).where(tasks.c.id == id_).values(text=text))


def open_(tx: Transaction, *, confidential: bool | None = None) -> tuple[Task, ...]:
    """Open tasks, oldest first; all, or only those that are (not) confidential."""
    query = select(tasks).where(tasks.c.closed_at.is_(None)).order_by(tasks.c.created_at, tasks.c.id)
    if confidential is not None:
        query = query.where(tasks.c.confidential == confidential)
    return tuple(Task(**row._mapping) for row in tx.execute(query))


def open_subjects(tx: Transaction, kind: str) -> frozenset[str]:
    """What the open tasks of a kind are about."""
    query = select(tasks.c.subject).where(tasks.c.kind == kind, tasks.c.closed_at.is_(None))
    return frozenset(tx.execute(query).scalars())


def close(tx: Transaction, id_: int, by: str, note: str = "", *, at: datetime | None = None) -> None:
    """Close a task; a closed one keeps its first closing. `NotFound`."""
    still = (tasks.c.id == id_) & tasks.c.closed_at.is_(None)
    values = {"closed_at": at or datetime.now(UTC), "closed_by": by, "note": note}
    if tx.execute(update(tasks).where(still).values(**values)).rowcount != 1 and not _exists(tx, id_):
        raise NotFound(f"task {id_}")


def close_kind(tx: Transaction, kind: str, subject: str, by: str = "machine", *, at: datetime | None = None) -> bool:
    """Close the open task of that kind and subject, if there is one; whether there was."""
    values = {"closed_at": at or datetime.now(UTC), "closed_by": by, "note": ""}
    return tx.execute(update(tasks).where(_still_open(kind, subject)).values(**values)).rowcount == 1


def _still_open(kind: str, subject: str) -> ColumnElement[bool]:
    """At most one row, by the unique index over open tasks."""
    return (tasks.c.kind == kind) & (tasks.c.subject == subject) & tasks.c.closed_at.is_(None)


def _exists(tx: Transaction, id_: int) -> bool:
    return tx.execute(select(tasks.c.id).where(tasks.c.id == id_)).first() is not None
