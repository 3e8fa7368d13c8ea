"""The audit of accounts: may nobody log in, or do more, than the ledger tells of?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import literal

from storage.accounts import ADDED, CHANGED, facts
from storage.database import Transaction
from storage.fault import Fault
from storage.schema_accounts import users
from storage.verify_records import NOT_VOUCHED, last, with_entries, without_rows

_KINDS = (ADDED, CHANGED)


def account_faults(tx: Transaction) -> Iterator[Fault]:
    """Accounts whose role, password, provider or standing is not as it was last entered, and those that are gone or were
    added."""
    subjects = set()
    for row, entries in with_entries(tx, users, literal("user:") + users.c.name, _KINDS, key="name"):
        subject = f"user:{row.name}"
        subjects.add(subject)
        added, newest = last(entries, ADDED), last(entries, *_KINDS)
        if added is None or newest is None:
            yield Fault(object=subject, fault=NOT_VOUCHED)
        elif (
            row.created_at != added.at
            or facts(row) != {name: newest.body.get(name) for name in facts(row)}
            or (row.disabled_at is not None and not any(row.disabled_at == each.at for each in entries))
        ):
            yield Fault(object=subject, fault="not as the ledger tells it")
    yield from without_rows(tx, _KINDS, subjects)
