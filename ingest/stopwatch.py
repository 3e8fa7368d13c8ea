"""How long one mail may take: past it no further file of it is begun, so that one sender holds up nobody else for long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from domain.cover import CoverFailure
from domain.sheet import SheetFailure
from ingest.child import ChildFailed
from ingest.deaths import Death
from ingest.errors import NotScanned

log = structlog.get_logger(__name__)

UNBEGUN = "unbegun"
"""Cause of the problem of a file that was left unread: its words tell another remedy than those of a bad file."""
_MAIL = 10.0
"""600 s as delivered, or some eighty pages on one slow core."""
_SHEETS = 3.0
"""180 s as delivered: hundreds of workbooks, of which a return needs one."""
_IN_VAIN = 1.5
"""90 s as delivered: after one file that kept its reader until the end of its time a second is tried, and no third."""

T = TypeVar("T")


@dataclass(kw_only=True)
class Stopwatch:
    """Times the stages of one mail, and keeps which children died over it. `unit`: seconds that one task of a decoder may
    take; what the mail may take are multiples of it."""

    clock: Callable[[], float]
    unit: float
    seconds: dict[str, float] = field(default_factory=dict)
    deaths: list[Death] = field(default_factory=list)
    in_vain: float = 0.0
    """Seconds spent on files that could not be read."""
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = self.clock()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + self.clock() - start

    def tried(self, read: Callable[[], T]) -> T:
        """What the reading of one file gave; its time is noted where that is nothing."""
        start = self.clock()
        found = read()
        if isinstance(found, SheetFailure | CoverFailure):
            self.in_vain += self.clock() - start
        return found

    def may_begin(self, file: str, *, sheets: bool = False) -> bool:
        """Whether there is time left for this file. `sheets`: it is a workbook, and so were those before it."""
        used = self.clock() - self.started
        if self.in_vain <= _IN_VAIN * self.unit and used <= (_SHEETS if sheets else _MAIL) * self.unit:
            return True
        if not any(death.reason == UNBEGUN for death in self.deaths):
            log.warning("files_left_unread", seconds=round(used), in_vain=round(self.in_vain))
        self.deaths.append(Death(file=file, reason=UNBEGUN))
        return False

    def scan(self) -> None:
        """Raises NotScanned when the time of the mail is used up: what is left of it must not pass unscanned."""
        if self.clock() - self.started > _MAIL * self.unit:
            raise NotScanned(f"scanning its files for viruses took longer than {_MAIL * self.unit:g} s")

    def died(self, file: str, failure: ChildFailed) -> None:
        """Raises what is a fault of ours: what a file can do to a reader, that tells as a problem of the file."""
        if failure.reason == "error":
            raise failure
        self.deaths.append(Death(file=file, reason=failure.reason))
