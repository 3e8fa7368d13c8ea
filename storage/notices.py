"""Notices that were published in the console. Each version stands for itself and is never changed or deleted; the newest of a notice
counts. The ledger has under `notice:<id>:<version>` what was published or closed, and why; the text lies in the archive too."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select

from storage import ledger
from storage.canonical import Json
from storage.database import Transaction
from storage.errors import NotFound
from storage.schema import notices
from storage.types import storable

PUBLISHED, CLOSED = "notice.published", "notice.closed"
"""Kinds of their ledger entries."""
State = Literal["active", "closed"]


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One version of a notice. `text` is its YAML, `sha256` the hash of that in UTF-8."""

    id: int
    notice: str
    version: int
    state: State
    text: str
    sha256: str
    reason: str
    at: datetime
    by: str

    @property
    def closed(self) -> bool:
        return self.state == "closed"


def newest(tx: Transaction) -> int:
    """A number that grows with every version of any notice; 0 where there is none."""
    return int(tx.execute(select(func.max(notices.c.id))).scalar() or 0)


def standing(tx: Transaction) -> tuple[Edition, ...]:
    """The newest version of each notice, closed ones too, in the order in which they were first published."""
    last = select(func.max(notices.c.id), func.min(notices.c.id).label("first")).group_by(notices.c.notice)
    found = last.subquery()
    query = select(notices).join(found, notices.c.id == found.c[0]).order_by(found.c.first)
    return tuple(_edition(row) for row in tx.execute(query))


def editions(tx: Transaction, notice: str) -> tuple[Edition, ...]:
    """All versions of a notice, the newest first."""
    query = select(notices).where(notices.c.notice == notice).order_by(notices.c.version.desc())
    return tuple(_edition(row) for row in tx.execute(query))


def publish(tx: Transaction, notice: str, text: str, *, after: int, reason: str, by: str, at: datetime) -> Edition:
    """One more version, with an entry `notice.published`. Its text must lie in the archive already. `after`: the version it was made
    of, 0 for a new notice; two that are made of one cannot both be put in (Conflict, by the table's own constraint)."""
    return _put(tx, notice, text, "active", after + 1, reason=reason, by=by, at=at)


def close(tx: Transaction, notice: str, *, reason: str, by: str, at: datetime) -> Edition:
    """A version that says the same and is closed, with an entry `notice.closed`. NotFound where none is active."""
    last = next(iter(editions(tx, notice)), None)
    if last is None or last.closed:
        raise NotFound(f"active notice {notice}")
    return _put(tx, notice, last.text, "closed", last.version + 1, reason=reason, by=by, at=at)


def sha256_of(text: str) -> str:
    """Of a notice's text as it is stored and archived."""
    return hashlib.sha256(bytes_of(text)).hexdigest()


def bytes_of(text: str) -> bytes:
    """The text as the archive has it."""
    return storable(text).encode()


def _put(
    tx: Transaction, notice: str, text: str, state: State, version: int, *, reason: str, by: str, at: datetime
) -> Edition:
    facts: dict[str, Any] = {
        "notice": notice, "version": version, "state": state, "sha256": sha256_of(text), "reason": storable(reason),
    }  # fmt: skip
    key = tx.execute(notices.insert().values(**facts, text=storable(text), at=at, by=by)).inserted_primary_key
    assert key is not None  # noqa: S101  an INSERT of one row always has one
    body: dict[str, Json] = {**facts, "by": by, "blobs": [facts["sha256"]]}
    ledger.append(tx, PUBLISHED if state == "active" else CLOSED, f"notice:{notice}:{version}", body, at=at)
    return Edition(id=int(key[0]), text=storable(text), at=at, by=by, **facts)


def _edition(row: Any) -> Edition:
    return Edition(**row._mapping)
