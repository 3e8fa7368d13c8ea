"""Accounts of the console. Each change has its ledger entry under the subject `user:<name>`; names of accounts are told there,
names of persons are not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from domain.accounts import Account, Role
from storage import ledger, sessions
from storage.canonical import Json
from storage.database import Transaction
from storage.errors import Conflict, NotFound
from storage.schema_accounts import users

ADDED, CHANGED = "user.added", "user.changed"
"""Kinds of ledger entries. Each says all that the ledger holds of an account, so that the newest vouches for it alone."""


def add(
    tx: Transaction,
    account: Account,
    *,
    password: str | None,
    by: str,
) -> None:
    """A new account; `password` as `storage.passwords.Passwords.hashed` gives it. Raises Conflict where the name, or the person at
    the OpenID provider, has one."""
    if find(tx, account.name) is not None:
        raise Conflict(f"there is an account {account.name}")
    values = {
        "name": account.name, "shown": account.shown, "role": account.role, "password": password,
        "subject": account.subject, "created_at": account.created_at, "disabled_at": account.disabled_at,
    }  # fmt: skip
    tx.execute(users.insert().values(**values))
    _enter(tx, ADDED, account.name, by, account.created_at)


def set_password(tx: Transaction, name: str, password: str, *, by: str, at: datetime, keep: str | None = None) -> None:
    """A new password; all sessions but that with the token `keep` are closed. NotFound."""
    _change(tx, name, {"password": password}, by, at)
    sessions.close_all(tx, name, at=at, but=keep)


def set_role(tx: Transaction, name: str, role: Role, *, by: str, at: datetime) -> None:
    """Another role, which counts from the next request on. NotFound."""
    _change(tx, name, {"role": str(role)}, by, at)


def disable(tx: Transaction, name: str, *, by: str, at: datetime) -> None:
    """Nobody logs in with it any more, and its sessions are closed. Accounts are never deleted: entries of the ledger name
    them. NotFound."""
    _change(tx, name, {"disabled_at": at}, by, at)
    sessions.close_all(tx, name, at=at)


def enable(tx: Transaction, name: str, *, by: str, at: datetime) -> None:
    """It may log in again. NotFound."""
    _change(tx, name, {"disabled_at": None}, by, at)


def upgrade_hash(tx: Transaction, name: str, password: str, *, at: datetime) -> None:
    """The same password, hashed anew by stronger parameters: no session ends for it."""
    _change(tx, name, {"password": password}, f"staff:{name}", at)


def note_seen(tx: Transaction, name: str, at: datetime) -> None:
    """When it logged in last."""
    tx.execute(update(users).where(users.c.name == name).values(seen_at=at))


def find(tx: Transaction, name: str) -> Account | None:
    row = tx.execute(select(users).where(users.c.name == name)).first()
    return _account(row) if row else None


def by_subject(tx: Transaction, subject: str) -> Account | None:
    """Whose account it is that the OpenID provider calls so; as `find_to_enter`."""
    row = tx.execute(select(users).where(users.c.subject == subject).with_for_update()).first()
    return _account(row) if row else None


def find_to_enter(tx: Transaction, name: str, password: str | None) -> Account | None:
    """The account, if its stored hash still is `password`. Until this transaction ends nobody changes it: else a session could be
    opened just after all were closed."""
    row = tx.execute(select(users).where(users.c.name == name).with_for_update()).first()
    return _account(row) if row and row.password == password else None


def password_of(tx: Transaction, name: str) -> str | None:
    """The stored hash; None where there is no such account, it is disabled, or it has none."""
    query = select(users.c.password).where(users.c.name == name, users.c.disabled_at.is_(None))
    found: str | None = tx.execute(query).scalar()
    return found


def all_(tx: Transaction) -> tuple[Account, ...]:
    """By name."""
    return tuple(_account(row) for row in tx.execute(select(users).order_by(users.c.name)))


def facts(row: Any) -> dict[str, Json]:
    """What the ledger holds of a row of `users`. The password's hash is hashed again: it is salted, so that what is told
    here can be guessed by nobody."""
    disabled = row.disabled_at is not None
    return {"role": row.role, "password": _hash(row.password), "subject": _hash(row.subject), "disabled": disabled}


def _hash(value: Any) -> str | None:
    """Of whatever stands there: SQLite lets somebody put bytes into a column of text."""
    if value is None:
        return None
    return hashlib.sha256(value.encode() if isinstance(value, str) else repr(value).encode()).hexdigest()


def _change(tx: Transaction, name: str, values: Mapping[str, Any], by: str, at: datetime) -> None:
    if tx.execute(update(users).where(users.c.name == name).values(**values)).rowcount != 1:
        raise NotFound(f"account {name}")
    _enter(tx, CHANGED, name, by, at)


def _enter(tx: Transaction, kind: str, name: str, by: str, at: datetime) -> None:
    row = tx.execute(select(users).where(users.c.name == name)).one()
    ledger.append(tx, kind, f"user:{name}", {"by": by} | facts(row), at=at)


def _account(row: Any) -> Account:
    return Account(
        name=row.name,
        shown=row.shown,
        role=Role(row.role),
        created_at=row.created_at,
        has_password=row.password is not None,
        subject=row.subject,
        disabled_at=row.disabled_at,
        seen_at=row.seen_at,
    )
