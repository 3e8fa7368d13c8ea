"""Notices that were published in the console, as a process has them: which they are, and up to which version it has looked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.notice import Notice


@dataclass(frozen=True, kw_only=True)
class Published:
    """`newest`: the number of the last version that was looked at. `hidden`: ids of those that cannot be used, or that a file of
    the same id goes before, with why, in English."""

    newest: int = 0
    notices: tuple[Notice, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()

    def beside(self, files: Iterable[Notice]) -> tuple[Notice, ...]:
        """Those that stand in no file: a file goes before."""
        taken = {notice.series for notice in files}
        return tuple(notice for notice in self.notices if notice.series not in taken)
