"""What a person has to do. The ledger has under the subject `task:<id>` that it was asked, and who saw to it; not the note
beside that, in which persons may be named."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, select, update

from storage import ledger
from storage.canonical import Json
from storage.database import Transaction, insert_ignoring
from storage.errors import NotFound
from storage.schema import tasks
from storage.types import storable

OPENED, CHANGED, CLOSED = "task.opened", "task.changed", "task.closed"
"""Kinds of their ledger entries."""


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
    at = at or datetime.now(UTC)
    values = {"kind": kind, "subject": subject, "text": text, "confidential": confidential}
    new, found = False, None
    while found is None:  # again where another closed the open one between the two statements
        new = tx.execute(insert_ignoring(tx, tasks).values(**values, created_at=at)).rowcount == 1
        found = tx.execute(select(tasks.c.id).where(_still_open(kind, subject)).with_for_update()).scalar()
    id_ = int(found)
    if new:
        told: dict[str, Json] = {
            "kind": kind,
            "about": subject,
            "confidential": confidential,
            "text": text_sha256(text),
        }
        ledger.append(tx, OPENED, f"task:{id_}", told, at=at)
    return id_


def put(tx: Transaction, kind: str, subject: str, text: str, *, at: datetime | None = None) -> None:
    """`add`, or what is open for the same kind and subject says `text` from now on."""
    id_ = add(tx, kind, subject, text, at=at)
    if tx.execute(update(tasks).where(tasks.c.id == id_, tasks.c.text != text).values(text=text)).rowcount == 1:
        ledger.append(tx, CHANGED, f"task:{id_}", {"text": text_sha256(text)}, at=at)


def open_(tx: Transaction, *, confidential: bool | None = None) -> tuple[Task, ...]:
    """Open tasks, oldest first; all, or only those that are (not) confidential."""
    query = select(tasks).where(tasks.c.closed_at.is_(None)).order_by(tasks.c.created_at, tasks.c.id)
    if confidential is not None:
        query = query.where(tasks.c.confidential == confidential)
    return tuple(Task(**row._mapping) for row in tx.execute(query))


def load(tx: Transaction, id_: int) -> Task:
    """One task, open or closed; `NotFound`."""
    row = tx.execute(select(tasks).where(tasks.c.id == id_)).first()
    if row is None:
        raise NotFound(f"task {id_}")
    return Task(**row._mapping)


def about(tx: Transaction, subject: str) -> tuple[Task, ...]:
    """Every task about a subject, open and closed, oldest first."""
    query = select(tasks).where(tasks.c.subject == subject).order_by(tasks.c.id)
    return tuple(Task(**row._mapping) for row in tx.execute(query))


def open_subjects(tx: Transaction, kind: str) -> frozenset[str]:
    """What the open tasks of a kind are about."""
    query = select(tasks.c.subject).where(tasks.c.kind == kind, tasks.c.closed_at.is_(None))
    return frozenset(tx.execute(query).scalars())


def close(tx: Transaction, id_: int, by: str, note: str = "", *, at: datetime | None = None) -> None:
    """Close a task; a closed one keeps its first closing. `NotFound`."""
    still = (tasks.c.id == id_) & tasks.c.closed_at.is_(None)
    if not _close(tx, still, by, note, at) and not _exists(tx, id_):
        raise NotFound(f"task {id_}")


def close_kind(tx: Transaction, kind: str, subject: str, by: str = "machine", *, at: datetime | None = None) -> bool:
    """Close the open task of that kind and subject, if there is one; whether there was."""
    return _close(tx, _still_open(kind, subject), by, "", at)


def text_sha256(text: str) -> str:
    """For the ledger: texts are the program's own, and name no person."""
    return hashlib.sha256(storable(text).encode()).hexdigest()


def _close(tx: Transaction, which: ColumnElement[bool], by: str, note: str, at: datetime | None) -> bool:
    at = at or datetime.now(UTC)
    values = {"closed_at": at, "closed_by": by, "note": note}
    closed = tx.execute(update(tasks).where(which).values(**values).returning(tasks.c.id)).scalars().all()
    for id_ in closed:
        ledger.append(tx, CLOSED, f"task:{id_}", {"by": by}, at=at)
    return bool(closed)


def _still_open(kind: str, subject: str) -> ColumnElement[bool]:
    """At most one row, by the unique index over open tasks."""
    return (tasks.c.kind == kind) & (tasks.c.subject == subject) & tasks.c.closed_at.is_(None)


def _exists(tx: Transaction, id_: int) -> bool:
    return tx.execute(select(tasks.c.id).where(tasks.c.id == id_)).first() is not None
