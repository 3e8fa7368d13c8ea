"""The lists that rows are checked against: which are in force on a day.

A return is judged by what was in force on the day it was received. Lists that come later change no decision: the nightly
look (`ingest.recheck`) tells staff, and `ingest.rejudge` shows what would differ.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.notice import Notice
from domain.policy_lists import PolicyLists
from domain.register import Register
from storage import blacklist, registers
from storage.database import Transaction
from storage.registers import Version

_HELD = 2
"""Versions kept in memory: today's, and that of an older mail."""


@dataclass
class ListKeeper:
    """Gives the lists of a day. A version of the register never changes, so that it is read once. Thread-safe."""

    _registers: dict[tuple[int, str], Register] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def on(self, tx: Transaction, day: date) -> PolicyLists:
        """Those in force on that day."""
        version = registers.in_force(tx, day)
        listed = tuple(entry for entry in blacklist.all_(tx) if entry.holds(day))
        return PolicyLists(register=self._register(tx, version) if version else None, blacklist=listed)

    def at(self, tx: Transaction, notice: Notice, moment: datetime) -> PolicyLists:
        """Those in force at a moment, by the notice's calendar."""
        return self.on(tx, moment.astimezone(notice.zone).date())

    def _register(self, tx: Transaction, version: Version) -> Register:
        key = (version.version, version.digest)
        with self._lock:
            if key not in self._registers:
                while len(self._registers) >= _HELD:
                    self._registers.pop(next(iter(self._registers)))
                self._registers[key] = registers.load(tx, version)
            return self._registers[key]
