"""Who writes for whom: addresses that staff confirmed for a reporter, beside those that a notice lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from storage.database import Transaction, upsert
from storage.schema import known_addresses


@dataclass(frozen=True, kw_only=True)
class KnownAddress:
    """`receipt`: the submission it was confirmed by, None where somebody told it."""

    notice: str
    reporter: str
    address: str
    receipt: str | None
    confirmed_at: datetime
    confirmed_by: str


def confirm(tx: Transaction, known: KnownAddress) -> bool:
    """Staff vouch for an address; False if they do already. One that was forgotten is known again."""
    if known.address in addresses(tx, known.notice, known.reporter):
        return False
    key = {"notice": known.notice, "reporter": known.reporter, "address": known.address}
    values = {
        "receipt": known.receipt,
        "confirmed_at": known.confirmed_at,
        "confirmed_by": known.confirmed_by,
        "forgotten_at": None,
    }
    tx.execute(upsert(tx, known_addresses, key | values, values))
    return True


def forget(tx: Transaction, notice: str, reporter: str, address: str, *, at: datetime) -> bool:
    """Staff vouch for it no more; False if they did not."""
    c = known_addresses.c
    same = (c.notice == notice) & (c.reporter == reporter) & (c.address == address) & c.forgotten_at.is_(None)
    return tx.execute(update(known_addresses).where(same).values(forgotten_at=at)).rowcount == 1


def addresses(tx: Transaction, notice: str, reporter: str) -> frozenset[str]:
    """The addresses confirmed for a reporter."""
    c = known_addresses.c
    query = select(c.address).where(c.notice == notice, c.reporter == reporter, c.forgotten_at.is_(None))
    return frozenset(tx.execute(query).scalars())


def reporters(tx: Transaction, notice: str, address: str) -> frozenset[str]:
    """Codes of the reporters that an address is confirmed for."""
    c = known_addresses.c
    query = select(c.reporter).where(c.notice == notice, c.address == address, c.forgotten_at.is_(None))
    return frozenset(tx.execute(query).scalars())


def all_known(tx: Transaction, notice: str) -> tuple[KnownAddress, ...]:
    """Every confirmed address of a notice, by reporter and address."""
    c = known_addresses.c
    columns = (c.notice, c.reporter, c.address, c.receipt, c.confirmed_at, c.confirmed_by)
    query = select(*columns).where(c.notice == notice, c.forgotten_at.is_(None)).order_by(c.reporter, c.address)
    return tuple(KnownAddress(**row._mapping) for row in tx.execute(query))
