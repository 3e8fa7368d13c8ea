"""Where each reporter stands under a notice: what digest, console, export and reminders count and list.

Pure: a view over the submissions that stand now, in the few facts that lists need.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.notice import Notice, Reporter
from domain.submission import State


class Standing(StrEnum):
    ACCEPTED = "accepted"
    REVIEW = "review"  # nothing accepted, and the newest waits for a person
    INCOMPLETE = "incomplete"  # nothing accepted, and the newest waits for a part
    REJECTED = "rejected"  # nothing accepted, and the newest was sent back
    MISSING = "missing"  # nothing came that is known to be theirs


STANDINGS_NAMED: Mapping[Standing, str] = {
    Standing.ACCEPTED: "已受理",
    Standing.REVIEW: "待核",
    Standing.INCOMPLETE: "待补",
    Standing.REJECTED: "已退回",
    Standing.MISSING: "未报",
}
"""As digest, console and merged workbook say them."""


@dataclass(frozen=True, kw_only=True)
class Return:
    """One submission as lists show it. `reporter` None: nobody knows whose it is."""

    receipt: str
    reporter: str | None
    state: State
    version: int
    received_at: datetime
    uid: int
    late: bool
    row_count: int
    decided_at: datetime

    @property
    def order(self) -> tuple[datetime, int, str]:
        """Newer is by receipt, then UID, as of a submission; then by number, so that lists never change their order."""
        return (self.received_at, self.uid, self.receipt)


@dataclass(frozen=True, kw_only=True)
class ReporterStanding:
    """`counted`: the accepted return, if there is one. `newest`: of all that stands, the one that came last."""

    reporter: Reporter
    counted: Return | None
    newest: Return | None

    @property
    def standing(self) -> Standing:
        if self.counted:
            return Standing.ACCEPTED
        return Standing(self.newest.state) if self.newest else Standing.MISSING

    @property
    def late(self) -> bool:
        """What counts came after the deadline."""
        return bool(self.counted and self.counted.late)

    @property
    def pending(self) -> Return | None:
        """A return newer than the accepted one that waits for a person or a part, or was sent back: the reporter wants to
        change what counts, and has not yet."""
        if self.counted and self.newest and self.newest.order > self.counted.order:
            return self.newest
        return None


def standings(notice: Notice, returns: Iterable[Return]) -> tuple[ReporterStanding, ...]:
    """Every reporter on the notice's list, in its order. `returns`: all that stand (superseded ones are passed over)."""
    by_reporter = _by_reporter(returns)
    return tuple(_standing(reporter, by_reporter.get(reporter.code, ())) for reporter in notice.reporters)


def unlisted(notice: Notice, returns: Iterable[Return]) -> tuple[Return, ...]:
    """What stands of units that are not on the list, or of nobody knows whom, newest first."""
    listed = {reporter.code for reporter in notice.reporters}
    others = (one for one in returns if one.reporter not in listed and one.state is not State.SUPERSEDED)
    return tuple(sorted(others, key=lambda one: one.order, reverse=True))


def tally(found: Sequence[ReporterStanding]) -> Mapping[Standing, int]:
    """How many reporters stand where; every standing is a key."""
    counted = Counter(one.standing for one in found)
    return {standing: counted[standing] for standing in Standing}


def _by_reporter(returns: Iterable[Return]) -> Mapping[str | None, Sequence[Return]]:
    grouped: dict[str | None, list[Return]] = defaultdict(list)
    for one in returns:
        if one.state is not State.SUPERSEDED:
            grouped[one.reporter].append(one)
    return grouped


def _standing(reporter: Reporter, returns: Sequence[Return]) -> ReporterStanding:
    ordered = sorted(returns, key=lambda one: one.order)
    accepted = [one for one in ordered if one.state is State.ACCEPTED]
    return ReporterStanding(
        reporter=reporter, counted=accepted[-1] if accepted else None, newest=ordered[-1] if ordered else None
    )
