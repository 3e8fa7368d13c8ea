"""Bytes that nobody but the operator gets to see, since the virus scanner found something in them.

Whoever hands files out (console, export, bundle, a letter) asks `is_quarantined` first. The archive keeps an infected mail as
it came, as evidence; the infected files in it are not archived apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage import ledger
from storage.canonical import Json
from storage.database import Transaction, insert_ignoring
from storage.schema import quarantine

MARKED, CLEARED = "mail.malware", "mail.cleared"
"""Kinds of ledger entries: `found` has names by SHA-256, `cleared` hashes."""


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """Bytes with that SHA-256 and the name of what was found; `mail`: SHA-256 of the mail that first brought them."""

    sha256: str
    signature: str
    mail: str
    at: datetime


def put(tx: Transaction, mail: str, signatures: Mapping[str, str], *, at: datetime) -> bool:
    """Mark bytes that a mail brought, by their SHA-256, with an entry `mail.malware` in the ledger. What was found in them
    first stays. True if any were not marked yet."""
    rows = [{"sha256": sha256, "signature": name, "mail": mail, "at": at} for sha256, name in signatures.items()]
    fresh = [tx.execute(insert_ignoring(tx, quarantine).values(**row)).rowcount == 1 for row in rows]
    if any(fresh):
        ledger.append(tx, MARKED, f"mail:{mail}", {"found": dict(signatures)}, at=at)
    return any(fresh)


def lift(tx: Transaction, mail: str, hashes: Collection[str], *, at: datetime) -> bool:
    """Take the mark off what the scanner now finds clean in a mail (it learns, and it errs), with an entry `mail.cleared`.
    True if any was marked."""
    gone = delete(quarantine).where(quarantine.c.sha256.in_(list(hashes))).returning(quarantine.c.sha256)
    marked: list[Json] = [*sorted(tx.execute(gone).scalars())]
    if marked:
        ledger.append(tx, CLEARED, f"mail:{mail}", {"cleared": marked}, at=at)
    return bool(marked)


def is_quarantined(tx: Transaction, sha256: str) -> bool:
    """Whether these bytes, a file's or a whole mail's, may not be given to ordinary users."""
    return bool(among(tx, (sha256,)))


def among(tx: Transaction, hashes: Collection[str]) -> tuple[Quarantined, ...]:
    """Those of the hashes that are marked."""
    query = select(quarantine).where(quarantine.c.sha256.in_(list(hashes))).order_by(quarantine.c.sha256)
    return tuple(Quarantined(**row._mapping) for row in tx.execute(query))
