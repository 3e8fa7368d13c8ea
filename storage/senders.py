"""Who writes for whom: addresses that staff confirmed for a reporter, beside those that a notice lists."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import select, update

from storage import ledger
from storage.advisory import alone
from storage.canonical import Json
from storage.database import Transaction, upsert
from storage.schema import known_addresses
from storage.types import storable

CONFIRMED, FORGOTTEN = "sender.confirmed", "sender.forgotten"
"""Kinds of ledger entries; their subject is `sender:` and the token of the address."""


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
    """Staff vouch for an address, with an entry `sender.confirmed`; False if they do already. One that was forgotten is
    known again."""
    alone(tx, "sender", known.notice, known.reporter, known.address)
    row = _row(tx, known.notice, known.reporter, known.address)
    if row is not None and row.forgotten_at is None:
        return False
    salt = row.salt if row is not None else token_hex(16)
    values = {
        "salt": salt,
        "token": token_of(salt, known.address),
        "receipt": known.receipt,
        "confirmed_at": known.confirmed_at,
        "confirmed_by": known.confirmed_by,
        "forgotten_at": None,
    }
    key = {"notice": known.notice, "reporter": known.reporter, "address": known.address}
    tx.execute(upsert(tx, known_addresses, key | values, values))
    body: dict[str, Json] = {
        "notice": known.notice,
        "reporter": known.reporter,
        "receipt": known.receipt,
        "by": known.confirmed_by,
    }
    ledger.append(tx, CONFIRMED, f"sender:{values['token']}", body, at=known.confirmed_at)
    return True


def forget(tx: Transaction, notice: str, reporter: str, address: str, *, by: str, at: datetime) -> bool:
    """Staff vouch for it no more, with an entry `sender.forgotten`; False if they did not."""
    alone(tx, "sender", notice, reporter, address)
    row = _row(tx, notice, reporter, address)
    if row is None or row.forgotten_at is not None:
        return False
    tx.execute(update(known_addresses).where(known_addresses.c.token == row.token).values(forgotten_at=at))
    body: dict[str, Json] = {"notice": notice, "reporter": reporter, "by": by}
    ledger.append(tx, FORGOTTEN, f"sender:{row.token}", body, at=at)
    return True


def token_of(salt: str, address: str) -> str:
    """What the ledger calls an address: SHA-256 (hex) of it behind a salt of its own, which stands beside the address alone.
    Whoever has both can prove that it is the one; when they are erased nobody can guess it back."""
    return hashlib.sha256(f"{salt}\n{address}".encode()).hexdigest()


def _row(tx: Transaction, notice: str, reporter: str, address: str) -> Any:
    c = known_addresses.c
    same = (c.notice == notice) & (c.reporter == reporter) & (c.address == storable(address))
    return tx.execute(select(known_addresses).where(same)).first()


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


def known_among(tx: Transaction, addresses: Collection[str]) -> frozenset[str]:
    """Those that are confirmed for any reporter."""
    c = known_addresses.c
    query = select(c.address).where(c.address.in_([storable(each) for each in addresses]), c.forgotten_at.is_(None))
    return frozenset(tx.execute(query).scalars())


def all_known(tx: Transaction, notice: str) -> tuple[KnownAddress, ...]:
    """Every confirmed address of a notice, by reporter and address."""
    c = known_addresses.c
    columns = (c.notice, c.reporter, c.address, c.receipt, c.confirmed_at, c.confirmed_by)
    query = select(*columns).where(c.notice == notice, c.forgotten_at.is_(None)).order_by(c.reporter, c.address)
    return tuple(KnownAddress(**row._mapping) for row in tx.execute(query))
