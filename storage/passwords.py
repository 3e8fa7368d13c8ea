"""Passwords: argon2id (RFC 9106). The only module that knows argon2."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = threading.BoundedSemaphore(2)
"""Each takes 64 MB: whoever sends many log-ins at once must not take the memory."""


@cache
def _hasher() -> PasswordHasher:
    """argon2-cffi's defaults: the second choice of RFC 9106 (3 passes, 64 MiB, 4 lanes)."""
    return PasswordHasher()


def hashed(password: str) -> str:
    """The PHC string (`$argon2id$v=19$m=…`) to be stored."""
    with _AT_ONCE:
        return _hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether it is the password. Without a stored one it takes as long and says no: time must not tell who has an
    account."""
    with _AT_ONCE:
        try:
            return _hasher().verify(stored or _nobodys(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe())


def outdated(stored: str) -> bool:
    """Whether it was made with weaker parameters than those of today."""
    return _hasher().check_needs_rehash(stored)


def generated() -> str:
    """A password that is easily read out: 100 random bits in groups, without letters that look alike."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789_"
    return "-".join("".join(secrets.choice(alphabet[:31]) for _ in range(5)) for _ in range(4))
