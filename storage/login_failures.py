"""Failed log-ins in a row, and until when the next must wait. A try counts as failed before its password is looked at, so that of
many at once none goes uncounted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from domain.accounts import pause
from storage.advisory import alone
from storage.database import Transaction, upsert
from storage.schema_accounts import login_failures
from storage.types import storable

KEPT = timedelta(days=1)
"""After so long without one, failures are forgotten."""


def begin(tx: Transaction, longest: Mapping[str, timedelta], now: datetime) -> timedelta:
    """Whether a try may be made: how long it has to wait, nothing when it may. Then it counts, under each key, until
    `succeeded`. `longest`: keys (`address:127.0.0.1`) with the longest pause of each."""
    c = login_failures.c
    for key in sorted(longest):
        alone(tx, "login", key)
    tx.execute(delete(login_failures).where(c.at <= now - KEPT))
    rows = tx.execute(select(c.key, c.count.label("failed"), c.until).where(c.key.in_(map(_hash, longest)))).all()
    wait = max((row.until - now for row in rows), default=timedelta(0))
    # Longer than any that is set: the clock was wrong.
    if timedelta(0) < wait <= max(longest.values()):
        return wait
    failed = {row.key: int(row.failed) for row in rows}
    for key, most in longest.items():
        count = 1 + failed.get(_hash(key), 0)
        values = {"count": count, "at": now, "until": now + pause(count, most)}
        tx.execute(upsert(tx, login_failures, {"key": _hash(key)} | values, values))
    return timedelta(0)


def succeeded(tx: Transaction, *keys: str) -> None:
    """Nothing is left to wait for under these keys."""
    tx.execute(delete(login_failures).where(login_failures.c.key.in_(map(_hash, keys))))


def _hash(key: str) -> str:
    return hashlib.sha256(storable(key).encode()).hexdigest()
