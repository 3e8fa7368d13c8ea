"""Passwords: argon2id (RFC 9106). The only module that knows argon2."""

from __future__ import annotations

import secrets
import threading
from functools import cached_property

from argon2 import DEFAULT_MEMORY_COST, DEFAULT_PARALLELISM, DEFAULT_TIME_COST, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = threading.BoundedSemaphore(2)
"""Each takes 64 MB: whoever sends many log-ins at once must not take the memory."""


class Passwords:
    """Hashes and compares passwords: by argon2-cffi's defaults, the second choice of RFC 9106 (3 passes, 64 MiB, 4 lanes), unless by
    cheaper ones, for whom strength does not matter, such as tests. `memory`: KiB."""

    def __init__(
        self, *, passes: int = DEFAULT_TIME_COST, memory: int = DEFAULT_MEMORY_COST, lanes: int = DEFAULT_PARALLELISM
    ) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes)

    def hashed(self, password: str) -> str:
        """The PHC string (`$argon2id$v=19$m=…`) to be stored."""
        with _AT_ONCE:
            return self._hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether it is the password. Without a stored one it takes as long and says no: time must not tell who has an
        account."""
        with _AT_ONCE:
            try:
                return self._hasher.verify(stored or self._nobodys, password) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe())

    def outdated(self, stored: str) -> bool:
        """Whether it was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(stored)


def generated() -> str:
    """A password that is easily read out: 100 random bits in groups, without letters that look alike."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789_"
    return "-".join("".join(secrets.choice(alphabet[:31]) for _ in range(5)) for _ in range(4))
