"""Bytes that nobody but the operator gets to see, since the virus scanner found something in them.

Whoever hands files out (console, export, bundle, a letter) asks `is_quarantined` first. The archive keeps an infected mail as
it came, as evidence; the infected files in it are not archived apart.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage.database import Transaction, insert_ignoring
from storage.schema import quarantine


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """Bytes with that SHA-256 and the name of what was found; `mail`: SHA-256 of the mail that first brought them."""

    sha256: str
    signature: str
    mail: str
    at: datetime


def put(tx: Transaction, sha256: str, *, signature: str, mail: str, at: datetime) -> bool:
    """Mark bytes; what was found first stays. True if they were not marked yet."""
    values = {"sha256": sha256, "signature": signature, "mail": mail, "at": at}
    return tx.execute(insert_ignoring(tx, quarantine).values(**values)).rowcount == 1


def lift(tx: Transaction, hashes: Collection[str]) -> list[str]:
    """Take the mark off what the scanner now finds clean (it learns, and it errs); which of the hashes had one."""
    marked = [one.sha256 for one in among(tx, hashes)]
    tx.execute(delete(quarantine).where(quarantine.c.sha256.in_(marked)))
    return marked


def is_quarantined(tx: Transaction, sha256: str) -> bool:
    """Whether these bytes, a file's or a whole mail's, may not be given to ordinary users."""
    return bool(among(tx, (sha256,)))


def among(tx: Transaction, hashes: Collection[str]) -> tuple[Quarantined, ...]:
    """Those of the hashes that are marked."""
    query = select(quarantine).where(quarantine.c.sha256.in_(list(hashes))).order_by(quarantine.c.sha256)
    return tuple(Quarantined(**row._mapping) for row in tx.execute(query))
