"""Which archive files are still needed, and by what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from storage.codec import LETTERS
from storage.database import Transaction, each_row
from storage.ledger import told
from storage.retention import Tombstone, covered, tombstones
from storage.schema import ledger_entries, mails, outbox
from storage.types import as_found

Claims = Mapping[str, set[str]]
"""Receipt, `mail:<sha256>` or another subject of the ledger → SHA-256 of the files that must stand for it."""


def claims(tx: Transaction, stones: Iterable[Tombstone]) -> defaultdict[str, set[str]]:
    """Every hash that mails, letters and ledger bodies refer to (a file kept beside its mail: a body's `blobs`). What an
    unsent letter shall carry stands in the letter alone. What was told before an erasure by rule counts no more."""
    erased = covered(stones)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for sha256 in tx.execute(select(mails.c.sha256)).scalars():
        if f"mail:{sha256}" not in erased:
            found[f"mail:{sha256}"].add(sha256)
    letters = _letters(tx, found)
    entry = ledger_entries.c
    for row in each_row(tx, select(*as_found(entry.id, entry.subject, entry.body))):
        if row.id > erased.get(row.subject, 0):
            found[letters.get(row.subject, str(row.subject))].update(_blobs_of(row.body))
    return found


def referred_to(tx: Transaction) -> set[str]:
    """All files that must stand."""
    return set[str]().union(*claims(tx, tombstones(tx)).values())


def _letters(tx: Transaction, found: defaultdict[str, set[str]]) -> dict[str, str]:
    """Adds what letters need → the subjects under which the ledger tells of letters, and to what each belongs."""
    names: dict[str, str] = {}
    join = outbox.outerjoin(mails, mails.c.id == outbox.c.mail_id)
    query = select(*as_found(*outbox.c, mails.c.sha256.label("mail"))).select_from(join)
    for row in each_row(tx, query):
        own = f"outbox:{row.id}"
        belongs = row.receipt or (f"mail:{row.mail}" if row.mail else own)
        names |= {own: belongs, f"letter:{row.message_id}": belongs}
        found[belongs].update({row.sha256} - {None})
        if row.sent_at is None:
            found[belongs].update(_attached(row.letter))
    return names


def _blobs_of(body: Any) -> list[str]:
    names = told(body).get("blobs", [])
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _attached(packed: bytes) -> list[str]:
    """What a letter carries; nothing if it was altered beyond reading."""
    try:
        return [file.sha256 for file in LETTERS.unpack(packed).attachments]
    except Exception:  # noqa: BLE001  a stored value that was tampered with may fail in any way, and the audit goes on
        return []
