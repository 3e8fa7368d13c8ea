"""Decisions that are not in the search index yet. A submission of many rows is put in by itself, after its decision: ten thousand
documents would hold up whoever waits for the database, and the reply."""

from __future__ import annotations

from datetime import datetime

from storage import state
from storage.database import Transaction

_PREFIX = "search:waiting:"
"""Of keys of the state, with receipt and number of the decision (`Submission.row_version`) behind it."""


def note(tx: Transaction, receipt: str, number: int, *, at: datetime | None = None) -> None:
    """This decision waits, from the commit on."""
    state.put(tx, f"{_PREFIX}{receipt}:{number}", True, at=at)


def waiting(tx: Transaction, receipt: str | None = None) -> tuple[tuple[str, int], ...]:
    """Receipts and numbers of decisions, those on one submission in their order. `receipt`: of that one alone."""
    keys = state.keys(tx, _PREFIX if receipt is None else f"{_PREFIX}{receipt}:")
    split = (key.removeprefix(_PREFIX).rpartition(":") for key in keys)
    return tuple(sorted((name, int(number)) for name, _, number in split))


def take(tx: Transaction, receipt: str, number: int) -> bool:
    """Whether it still waits; it does no longer, once this transaction is committed, and until then nobody else takes it."""
    key = f"{_PREFIX}{receipt}:{number}"
    state.lock(tx, key)
    waits = state.get(tx, key) is not None
    state.remove(tx, key)
    return waits
