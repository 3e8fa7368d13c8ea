"""Accounts of the console: who may do what, what a password must be, and how long whoever guesses has to wait."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
"""Log-in names. No capitals, so that nobody has to remember which letters were some."""
SHORTEST_PASSWORD = 12
"""Characters (OWASP ASVS 4.0.3, 2.1.1)."""
LONGEST_PASSWORD = 128
"""Characters (2.1.2): a longer one would only be work for whoever wants to keep us busy."""
_FEWEST_CHARACTERS = 5
"""Different ones in a password."""
_FREE_FAILURES = 3
"""Slips of the finger that cost nothing."""


class Role(StrEnum):
    STAFF = "staff"  # decides, and sees what is needed for that
    AUDITOR = "auditor"  # sees, and decides nothing
    ADMIN = "admin"  # staff who also look after the accounts


@dataclass(frozen=True, kw_only=True)
class Account:
    """`subject`: who it is at the OpenID provider (`issuer subject`), None for one that logs in by password alone."""

    name: str
    shown: str
    role: Role
    created_at: datetime
    has_password: bool
    subject: str | None = None
    disabled_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def who(self) -> str:
        """As the ledger names whoever acts."""
        return f"staff:{self.name}"


class PasswordFault(StrEnum):
    SHORT = "short"
    LONG = "long"
    SIMPLE = "simple"  # a few characters over and over, or a run of them
    NAME = "name"  # the log-in name is in it


def password_fault(password: str, name: str) -> PasswordFault | None:
    """What is wrong with a password for that account; None when nothing is. Any character may be in it."""
    if len(password) < SHORTEST_PASSWORD:
        return PasswordFault.SHORT
    if len(password) > LONGEST_PASSWORD:
        return PasswordFault.LONG
    if name in password.casefold():
        return PasswordFault.NAME
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return PasswordFault.SIMPLE if len(set(password)) < _FEWEST_CHARACTERS or len(steps) < 3 else None


def pause(failures: int, longest: timedelta) -> timedelta:
    """How long to wait before the next try, after so many failures in a row: 1, 2, 4 … seconds from the third on."""
    doubled = min(max(0, failures - _FREE_FAILURES), 20)
    return min(timedelta(seconds=2**doubled), longest) if failures >= _FREE_FAILURES else timedelta(0)
