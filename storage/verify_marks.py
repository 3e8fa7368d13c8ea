"""The audit of what staff and scanner say: addresses confirmed for a reporter, bytes in quarantine."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import literal, select

from storage.database import Transaction, each_row
from storage.fault import Fault
from storage.ledger import told
from storage.quarantine import CLEARED, MARKED
from storage.schema import known_addresses, ledger_entries, quarantine
from storage.senders import CONFIRMED, FORGOTTEN, token_of
from storage.types import as_found
from storage.verify_records import NOT_VOUCHED, Told, differing, last, with_entries, without_rows

_SENDERS = (CONFIRMED, FORGOTTEN)


def sender_faults(tx: Transaction, erased: Collection[str] = ()) -> Iterator[Fault]:
    """Known addresses that are not the ones that somebody vouched for, and those that are gone or were added. `erased`:
    subjects of the ledger of which no record stands any more, by rule."""
    subjects = set(erased)
    named = literal("sender:") + known_addresses.c.token
    for row, entries in with_entries(tx, known_addresses, named, _SENDERS, key="token"):
        subject = f"sender:{row.token}"
        subjects.add(subject)
        for fault in _sender(row, entries):
            yield Fault(object=subject, fault=fault)
    yield from without_rows(tx, _SENDERS, subjects)


def _sender(row: Any, entries: list[Told]) -> Iterator[str]:
    confirmed, newest = last(entries, CONFIRMED), last(entries, *_SENDERS)
    if row.token != token_of(str(row.salt), str(row.address)):
        yield "another address than the one that was confirmed"
    if confirmed is None or newest is None:
        yield NOT_VOUCHED
        return
    expected: dict[str, object] = {name: confirmed.body.get(name) for name in ("notice", "reporter", "receipt")}
    expected |= {"confirmed_by": confirmed.body.get("by"), "confirmed_at": confirmed.at}
    expected["forgotten_at"] = newest.at if newest.kind == FORGOTTEN else None
    if differing(row, expected):
        yield "not as it was confirmed, by the ledger"


def quarantine_faults(tx: Transaction) -> Iterator[Fault]:
    """Marks of the virus scanner that are not those the ledger tells of: bytes would be handed out, or held back."""
    expected = _marks(tx)
    for row in tx.execute(select(*as_found(*quarantine.c)).order_by(quarantine.c.sha256)).all():
        if expected.pop(row.sha256, None) != (row.signature, row.mail, row.at):
            yield Fault(object=f"quarantine:{row.sha256}", fault="not as the ledger tells it")
    for sha256 in sorted(expected, key=str):
        yield Fault(object=f"quarantine:{sha256}", fault="missing, though the ledger tells of it")


def _marks(tx: Transaction) -> dict[object, tuple[object, ...]]:
    """SHA-256 → what was found, the mail that brought it, and when, by the entries in their order."""
    marks: dict[object, tuple[object, ...]] = {}
    entry = ledger_entries.c
    query = select(*as_found(entry.kind, entry.subject, entry.at, entry.body)).where(entry.kind.in_((MARKED, CLEARED)))
    for row in each_row(tx, query.order_by(entry.id)):
        body = told(row.body)
        found, cleared = body.get("found"), body.get("cleared")
        for sha256, name in found.items() if isinstance(found, dict) else ():
            marks.setdefault(sha256, (name, str(row.subject).removeprefix("mail:"), row.at))
        for sha256 in cleared if isinstance(cleared, list) else ():
            marks.pop(str(sha256), None)
    return marks
