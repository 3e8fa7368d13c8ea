"""The lists that rows are checked against, as they were in force on one day: the ministry's register, the bureau's blacklist."""

from __future__ import annotations

from dataclasses import dataclass

from domain.blacklist import Blacklisted
from domain.register import Register


@dataclass(frozen=True, kw_only=True)
class PolicyLists:
    """`register` None: none was imported, and no filing is checked (未核验). `blacklist`: what was in force."""

    register: Register | None = None
    blacklist: tuple[Blacklisted, ...] = ()


NO_LISTS = PolicyLists()
"""Nothing was imported or listed."""
