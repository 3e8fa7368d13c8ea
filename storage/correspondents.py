"""Whom our letters reach: when an address was last heard of, and whether a letter to it came back since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from storage.advisory import alone
from storage.database import Transaction, upsert
from storage.schema import correspondents


@dataclass(frozen=True, kw_only=True)
class Unreachable:
    """`bounced_at`: when the letter was sent that came back."""

    address: str
    bounced_at: datetime


def heard(tx: Transaction, address: str, at: datetime) -> bool:
    """A mail came from the address at that time; True when that makes one reachable again that was not."""
    alone(tx, "correspondent", address)
    row = _correspondent(tx, address)
    if row is not None and row.heard_at is not None and row.heard_at >= at:
        return False
    tx.execute(upsert(tx, correspondents, {"address": address, "heard_at": at}, {"heard_at": at}))
    return row is not None and _lost(row.heard_at, row.bounced_at) and not _lost(at, row.bounced_at)


def bounced(tx: Transaction, address: str, sent_at: datetime) -> None:
    """A letter that was sent at that time surely came back from the address."""
    alone(tx, "correspondent", address)
    row = _correspondent(tx, address)
    if row is None or row.bounced_at is None or row.bounced_at < sent_at:
        tx.execute(upsert(tx, correspondents, {"address": address, "bounced_at": sent_at}, {"bounced_at": sent_at}))


def is_unreachable(tx: Transaction, address: str) -> bool:
    """Whether a letter came back from there and nothing was heard since it was sent, in whatever order both were read."""
    row = _correspondent(tx, address)
    return row is not None and _lost(row.heard_at, row.bounced_at)


def clear(tx: Transaction, address: str) -> bool:
    """A person says that letters arrive there again; False if nobody thought otherwise."""
    alone(tx, "correspondent", address)
    if not is_unreachable(tx, address):
        return False
    tx.execute(update(correspondents).where(correspondents.c.address == address).values(bounced_at=None))
    return True


def unreachable(tx: Transaction) -> tuple[Unreachable, ...]:
    """All that cannot be reached, the oldest first."""
    c = correspondents.c
    query = select(c.address, c.heard_at, c.bounced_at).where(c.bounced_at.is_not(None)).order_by(c.bounced_at)
    rows = tx.execute(query)
    return tuple(
        Unreachable(address=row.address, bounced_at=row.bounced_at)
        for row in rows
        if _lost(row.heard_at, row.bounced_at)
    )


def _lost(heard_at: datetime | None, bounced_at: datetime | None) -> bool:
    return bounced_at is not None and (heard_at is None or heard_at <= bounced_at)


def _correspondent(tx: Transaction, address: str) -> Any:
    """The row of an address, None where there is none."""
    c = correspondents.c
    return tx.execute(select(c.heard_at, c.bounced_at).where(c.address == address)).first()
