"""Small facts that outlive the process: times of log-ins, last guide sent to an address, and the like."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, select

from storage.advisory import alone
from storage.canonical import Json
from storage.database import Transaction, insert_ignoring, upsert
from storage.schema import state


def get(tx: Transaction, key: str) -> Json:
    """The value, None if there is none."""
    row = tx.execute(select(state.c.value).where(state.c.key == key)).first()
    value: Json = row.value if row else None
    return value


def keys(tx: Transaction, prefix: str) -> frozenset[str]:
    """All keys that begin so."""
    return frozenset(tx.execute(select(state.c.key).where(state.c.key.startswith(prefix, autoescape=True))).scalars())


def put(tx: Transaction, key: str, value: Json, *, at: datetime | None = None) -> None:
    """Set the value."""
    update = {"value": value, "updated_at": at or datetime.now(UTC)}
    tx.execute(upsert(tx, state, {"key": key} | update, update))


def count(tx: Transaction, key: str, *, at: datetime | None = None) -> int:
    """Counts one more under the key; how many there are now."""
    lock(tx, key)
    before = get(tx, key)
    now = 1 + (before if isinstance(before, int) else 0)
    put(tx, key, now, at=at)
    return now


def once(tx: Transaction, key: str, value: Json = True, *, at: datetime | None = None) -> bool:
    """Set the value unless the key has one; True if this call set it. Of two at once, one wins."""
    values = {"key": key, "value": value, "updated_at": at or datetime.now(UTC)}
    return tx.execute(insert_ignoring(tx, state).values(**values)).rowcount == 1


def lock(tx: Transaction, key: str) -> None:
    """For what is read under a key to be written by what was read: nobody else does so until this transaction ends."""
    alone(tx, "state", key)


def first_time(tx: Transaction, key: str, now: datetime) -> datetime:
    """The time that was set first under the key: now, where there was none."""
    once(tx, key, now.astimezone(UTC).isoformat(), at=now)
    return get_time(tx, key) or now


def remove(tx: Transaction, key: str) -> None:
    tx.execute(delete(state).where(state.c.key == key))


def get_time(tx: Transaction, key: str) -> datetime | None:
    """A time that `put_time` set."""
    value = get(tx, key)
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def put_time(tx: Transaction, key: str, value: datetime) -> None:
    if value.tzinfo is None:
        raise ValueError("a time without zone cannot be stored")
    put(tx, key, value.astimezone(UTC).isoformat(), at=value)
