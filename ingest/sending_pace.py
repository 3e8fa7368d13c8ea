"""Letters over several accounts: one that must pause, as its provider wants, keeps no other waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from ingest.app import App

_SHORTEST = 0.05
"""Seconds that a sender may as well wait itself."""
_FURTHEST = timedelta(hours=1)
"""No letter is put off for longer: a time much further ahead counts as one of a wrong clock (`storage.outbox.LONGEST_WAIT`)."""


@dataclass(kw_only=True)
class Pace:
    """Of one batch: when each account is free again, after the letters that wait for it already. With one account alone the sender
    itself waits, and nothing is put off."""

    app: App
    _free: dict[str, datetime] = field(default_factory=dict)
    _turns: list[datetime] = field(default_factory=list)

    def wait(self, server: str, now: datetime) -> timedelta | None:
        """Until the turn of a letter over that `[smtp]`; None where it may go now."""
        if len(self.app.senders) < 2:
            return None
        sender = self.app.smtp_of(server)
        pause = sender.pause()
        if pause <= _SHORTEST:
            return None
        turn = max(self._free.get(server, now), now + timedelta(seconds=pause))
        self._free[server] = turn + timedelta(seconds=sender.interval)
        turn = min(turn, now + _FURTHEST)
        heappush(self._turns, turn)
        return turn - now

    def rest(self, now: datetime) -> float | None:
        """Seconds until the next turn of a letter that was put off; None where none is to come."""
        while self._turns and self._turns[0] <= now:
            heappop(self._turns)
        return (self._turns[0] - now).total_seconds() if self._turns else None
