"""Decisions that are not in the search index yet. A submission of many rows is put in by itself, after its decision: ten thousand
documents would hold up whoever waits for the database, and the reply."""

from __future__ import annotations

from datetime import datetime

from storage import state
from storage.database import Transaction

_PREFIX = "search:waiting:"
"""Of keys of the state, with the receipt behind it; the value is a list of numbers of decisions (`Submission.row_version`)."""


def note(tx: Transaction, receipt: str, number: int, *, at: datetime | None = None) -> None:
    """This decision waits, from the commit on."""
    key = _PREFIX + receipt
    state.lock(tx, key)
    state.put(tx, key, [*of(tx, receipt), number], at=at)


def of(tx: Transaction, receipt: str) -> tuple[int, ...]:
    """Numbers of the decisions on a submission that wait, in their order."""
    value = state.get(tx, _PREFIX + receipt)
    return tuple(number for number in value if isinstance(number, int)) if isinstance(value, list) else ()


def receipts(tx: Transaction) -> tuple[str, ...]:
    """Of which submissions any waits."""
    return tuple(sorted(key.removeprefix(_PREFIX) for key in state.keys(tx, _PREFIX)))


def take(tx: Transaction, receipt: str) -> tuple[int, ...]:
    """As `of`; they wait no longer once this transaction is committed, and until then nobody else takes them."""
    key = _PREFIX + receipt
    state.lock(tx, key)
    found = of(tx, receipt)
    state.remove(tx, key)
    return found
