"""The bureau's blacklist. An entry is ended by a person and never deleted; the ledger has under `blacklist:<id>` who entered
and who ended it, and why. Operators and reasons stand there in the clear: the list is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from domain.blacklist import Blacklisted, Lift
from storage import ledger
from storage.canonical import Json
from storage.database import Transaction
from storage.errors import NotFound
from storage.schema import blacklist
from storage.types import storable

ADDED, LIFTED = "blacklist.added", "blacklist.lifted"
"""Kinds of their ledger entries."""


def add(tx: Transaction, entry: Blacklisted, *, by: str, at: datetime) -> Blacklisted:
    """Enters an operator, with an entry `blacklist.added`; its `id` is given here."""
    facts: dict[str, Json] = {
        "operator": storable(entry.operator),
        "aliases": [storable(each) for each in entry.aliases],
        "apps": [storable(each) for each in entry.apps],
        "since": entry.since.isoformat(),
        "reason": storable(entry.reason),
    }
    key = tx.execute(blacklist.insert().values(**facts, added_at=at, added_by=by)).inserted_primary_key
    assert key is not None  # noqa: S101  an INSERT of one row always has one
    ledger.append(tx, ADDED, f"blacklist:{key[0]}", {**facts, "by": by}, at=at)
    return replace(entry, id=int(key[0]))


def lift(tx: Transaction, id_: int, end: Lift, *, by: str, at: datetime) -> None:
    """Ends an entry that stands, with an entry `blacklist.lifted`. `NotFound`."""
    facts: dict[str, Any] = {
        "lifted_on": end.on.isoformat(),
        "mistake": end.mistake,
        "lift_reason": storable(end.reason),
    }
    which = (blacklist.c.id == id_) & blacklist.c.lifted_on.is_(None)
    if tx.execute(update(blacklist).where(which).values(**facts, lifted_at=at, lifted_by=by)).rowcount != 1:
        raise NotFound(f"blacklist entry {id_}")
    ledger.append(tx, LIFTED, f"blacklist:{id_}", {**facts, "by": by}, at=at)


def all_(tx: Transaction) -> tuple[Blacklisted, ...]:
    """Every entry there ever was, by the day it was listed."""
    return tuple(_entry(row) for row in tx.execute(select(blacklist).order_by(blacklist.c.since, blacklist.c.id)))


def _entry(row: Any) -> Blacklisted:
    end = None
    if row.lifted_on is not None:
        end = Lift(on=date.fromisoformat(row.lifted_on), reason=row.lift_reason, mistake=bool(row.mistake))
    return Blacklisted(
        id=row.id,
        operator=row.operator,
        aliases=tuple(row.aliases),
        apps=tuple(row.apps),
        since=date.fromisoformat(row.since),
        reason=row.reason,
        lift=end,
    )
