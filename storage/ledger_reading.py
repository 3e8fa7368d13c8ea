"""Reading the ledger as people do: newest first, by kind, subject, time or who did it. Nothing here believes what it reads: an
altered entry is shown as it stands, and said to be altered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from storage.canonical import canonical
from storage.database import Transaction, any_text
from storage.ledger import head_hash, leaf_as_found
from storage.merkle import audit_path, left_of_way, root_from, root_hash
from storage.schema import ledger_entries, ledger_heads
from storage.types import Unreadable, as_found

_E = ledger_entries.c
_LATER = 10_000
"""Entries that may have been made while the transaction of one was open that made its id before them and was sealed after: on
PostgreSQL, where several write at once."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """An entry as it stands. `at` None, texts "": what stands there cannot be read. `altered`: it is not as it was sealed."""

    id: int
    number: int | None
    at: datetime | None
    kind: str
    subject: str
    body: str
    altered: bool


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for: kinds that are or begin with one of `kinds` (`access.`, `mail.received`), and none of `without`;
    the subject or its beginning; from `since` up to but without `until`; by any of these, as bodies name who acts."""

    kinds: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    by: tuple[str, ...] = ()
    number: int | None = None
    """This one and those before it."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step from an entry up to the root: the node beside, and on which side that stands."""

    beside: str
    left: bool


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The batch that an entry was sealed in, and the proof: from `leaf`, computed of the entry as it stands, by `path` up to
    `root`. `fits`: these give the root that the head has, and the head has its own hash."""

    number: int
    count: int
    at: datetime | None
    previous: str
    root: str
    hash: str
    leaf: str
    path: tuple[Step, ...]
    fits: bool


def browse(tx: Transaction, wanted: Wanted, *, limit: int, below: int | None = None) -> tuple[Found, ...]:
    """Entries, newest first; those with an id `below` that one, for the next page."""
    query = _wanted(wanted).order_by(_E.id.desc()).limit(limit)
    if below is not None:
        query = query.where(_E.id < below)
    if (
        wanted.number is not None
    ):  # ids go nearly as numbers do, and to go down by id hardly anything need be passed over
        first = select(_E.id).where(_E.number <= wanted.number).order_by(_E.number.desc()).limit(1)
        query = query.where(_E.number <= wanted.number, _E.id <= first.scalar_subquery() + _LATER)
    with any_text(tx):
        return tuple(map(_found, tx.execute(query)))


def load(tx: Transaction, entry: int) -> Found | None:
    with any_text(tx):
        row = tx.execute(select(*as_found(*_E)).where(_E.id == entry)).first()
        return _found(row) if row else None


def newest(tx: Transaction, subject: str, limit: int) -> tuple[Found, ...]:
    """The newest entries of that subject, newest first."""
    with any_text(tx):
        query = select(*as_found(*_E)).where(_E.subject == subject).order_by(_E.id.desc()).limit(limit)
        return tuple(map(_found, tx.execute(query)))


def proof(tx: Transaction, entry: int) -> Batch | None:
    """None while the entry is not sealed, or where its head is gone."""
    with any_text(tx):
        row = tx.execute(select(*as_found(*_E)).where(_E.id == entry)).first()
        if row is None or not isinstance(row.number, int):
            return None
        c = ledger_heads.c
        head = tx.execute(select(*as_found(*c)).where(c.number >= row.number).order_by(c.number).limit(1)).first()
        if head is None or not isinstance(head.number, int) or not isinstance(head.count, int):
            return None
        return _batch(tx, row, head)


def _batch(tx: Transaction, row: Any, head: Any) -> Batch:
    within = (_E.number > head.number - head.count) & (_E.number <= head.number)
    stored = [_hex(leaf) for leaf in tx.execute(select(*as_found(_E.leaf)).where(within).order_by(_E.number)).scalars()]
    index, leaf = row.number - (head.number - head.count) - 1, leaf_as_found(row) or b""
    path = audit_path(stored, index) if index < len(stored) else []
    sides = left_of_way(len(stored), index) if path else []
    whole = len(stored) == head.count and root_hash(stored).hex() == head.root
    reached = root_from(leaf, path, sides).hex() == head.root
    return Batch(
        number=head.number,
        count=head.count,
        at=head.at if isinstance(head.at, datetime) else None,
        previous=_text(head.previous),
        root=_text(head.root),
        hash=_text(head.hash),
        leaf=leaf.hex(),
        path=tuple(Step(beside=node.hex(), left=left) for node, left in zip(path, sides, strict=True)),
        fits=whole and reached and _own_hash(head) == head.hash,
    )


def _own_hash(head: Any) -> str | None:
    facts = {"number": head.number, "previous": head.previous, "root": head.root, "count": head.count, "at": head.at}
    try:
        return head_hash(**facts)
    except Exception:  # noqa: BLE001  whoever alters a value may put anything there
        return None


def _wanted(wanted: Wanted) -> Select[Any]:
    query = select(*as_found(*_E))
    if wanted.kinds:
        query = query.where(or_(*map(_of_kind, wanted.kinds)))
    for kind in wanted.without:
        query = query.where(~_of_kind(kind))
    if wanted.subject:
        query = query.where(_E.subject.startswith(wanted.subject, autoescape=True))
    if wanted.since:
        query = query.where(_E.at >= wanted.since)
    if wanted.until:
        query = query.where(_E.at < wanted.until)
    if wanted.by:  # bodies are canonical JSON: there is one way to write it
        said = (canonical({"by": one})[1:-1] for one in wanted.by)
        query = query.where(or_(*(_E.body.contains(each, autoescape=True) for each in said)))
    return query


def _of_kind(kind: str) -> ColumnElement[bool]:
    return _E.kind.startswith(kind, autoescape=True) if kind.endswith(".") else _E.kind == kind


def _found(row: Any) -> Found:
    leaf = leaf_as_found(row)
    sealed = row.number is not None
    return Found(
        id=row.id,
        number=row.number if isinstance(row.number, int) else None,
        at=row.at if isinstance(row.at, datetime) else None,
        kind=_text(row.kind),
        subject=_text(row.subject),
        body=_text(row.body),
        altered=leaf is None or leaf.hex() != row.leaf if sealed else isinstance(row.at, Unreadable),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _hex(value: object) -> bytes:
    try:
        return bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        return b""
