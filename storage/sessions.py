"""Sessions of the console: opened by a log-in, found by the hash of a token, ended by leaving, by time, or with the account.

The ledger has under `user:<name>` that they were opened and closed, not their tokens.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from storage import ledger
from storage.database import Transaction, upsert
from storage.schema_accounts import browsers, sessions, users

OPENED, CLOSED = "session.opened", "session.closed"
"""Kinds of ledger entries."""
BROWSER_DAYS = timedelta(days=180)
"""So long a browser counts as known to an account that does not log in there."""


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """How long a session lasts when nobody does anything, and at most."""

    idle: timedelta
    whole: timedelta


@dataclass(frozen=True, kw_only=True)
class Session:
    user: str
    opened_at: datetime
    seen_at: datetime


def new_token() -> str:
    """256 random bits, for a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token. Plain SHA-256: nobody guesses 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def open_(tx: Transaction, user: str, token: str, *, how: str, at: datetime) -> None:
    """`how`: `password` or `openid`. Sessions that time has ended are swept out."""
    tx.execute(sessions.insert().values(token=token_hash(token), user=user, opened_at=at, seen_at=at))
    ledger.append(tx, OPENED, f"user:{user}", {"how": how}, at=at)


def sweep(tx: Transaction, life: Lifetime, now: datetime) -> None:
    """Those that time has ended are removed, each with its entry; browsers long unseen too."""
    c = sessions.c
    over = or_(c.seen_at <= now - life.idle, c.opened_at <= now - life.whole)
    for user in tx.execute(delete(sessions).where(over).returning(c.user)).scalars().all():
        ledger.append(tx, CLOSED, f"user:{user}", {"why": "expired"}, at=now)
    tx.execute(delete(browsers).where(browsers.c.seen_at <= now - BROWSER_DAYS))


def find(tx: Transaction, token: str, life: Lifetime, now: datetime) -> Session | None:
    """The session of a token whose account may log in; None for none such, or one that time has ended."""
    c = sessions.c
    join = sessions.join(users, users.c.name == c.user)
    live = (c.seen_at > now - life.idle) & (c.opened_at > now - life.whole) & users.c.disabled_at.is_(None)
    row = tx.execute(select(c.user, c.opened_at, c.seen_at).select_from(join).where(c.token == token_hash(token), live))
    found = row.first()
    return Session(**found._mapping) if found else None


def touch(tx: Transaction, token: str, at: datetime) -> None:
    """Somebody did something in it."""
    tx.execute(update(sessions).where(sessions.c.token == token_hash(token)).values(seen_at=at))


def close(tx: Transaction, token: str, *, at: datetime) -> bool:
    """Somebody left; False where there was no such session."""
    closed = delete(sessions).where(sessions.c.token == token_hash(token)).returning(sessions.c.user)
    user = tx.execute(closed).scalar()
    if user is not None:
        ledger.append(tx, CLOSED, f"user:{user}", {"why": "left"}, at=at)
    return user is not None


def close_all(tx: Transaction, user: str, *, at: datetime, but: str | None = None) -> int:
    """All sessions of an account, but that with the token `but`; how many there were. Its browsers count as strangers'
    again: whoever has stolen one must not keep that."""
    which = (sessions.c.user == user) & (sessions.c.token != (token_hash(but) if but else ""))
    count = len(tx.execute(delete(sessions).where(which).returning(sessions.c.token)).all())
    tx.execute(delete(browsers).where(browsers.c.user == user))
    if count:
        ledger.append(tx, CLOSED, f"user:{user}", {"why": "revoked", "count": count}, at=at)
    return count


def of_user(tx: Transaction, user: str) -> tuple[Session, ...]:
    """Newest first."""
    c = sessions.c
    query = select(c.user, c.opened_at, c.seen_at).where(c.user == user).order_by(c.opened_at.desc(), c.token)
    return tuple(Session(**row._mapping) for row in tx.execute(query))


def know_browser(tx: Transaction, user: str, token: str, at: datetime) -> None:
    """Somebody logged in there rightly."""
    values = {"user": user, "seen_at": at}
    tx.execute(upsert(tx, browsers, {"token": token_hash(token)} | values, values))


def knows_browser(tx: Transaction, user: str, token: str) -> bool:
    c = browsers.c
    found: Any = tx.execute(select(c.user).where(c.token == token_hash(token), c.user == user)).first()
    return found is not None
