"""What the overview shows, gathered from the records in one view of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import rounds
from domain.accounts import Role
from domain.notice import Notice
from domain.standings import ReporterStanding, Return, Standing, standings, tally, unlisted
from ingest.app import App
from ingest.health import Health, look
from storage import inbox, ledger, returns, tasks, vitals
from storage.database import Transaction
from storage.ledger import Head
from storage.tasks import Task
from web.chart import Chart, chart
from web.roles import DECIDERS
from web.wording import OUTAGES, TaskWords, task_words, time_left


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a bar that is 100 wide."""

    standing: Standing
    start: float
    width: float


@dataclass(frozen=True, kw_only=True)
class NoticeFigures:
    """`strangers`: what stands of units on no list."""

    notice: Notice
    standings: tuple[ReporterStanding, ...]
    tally: Mapping[Standing, int]
    late: int
    strangers: tuple[Return, ...]
    left: str
    over: bool
    chart: Chart | None

    @property
    def total(self) -> int:
        return len(self.standings)

    @property
    def bar(self) -> tuple[Part, ...]:
        """How the units divide among the standings."""
        parts, before = [], 0
        for standing, count in self.tally.items():
            start, end = (round(100 * number / self.total, 2) for number in (before, before + count))
            if count:
                parts.append(Part(standing=standing, start=start, width=round(end - start, 2)))
            before += count
        return tuple(parts)


@dataclass(frozen=True, kw_only=True)
class TaskGroup:
    """Open tasks of one kind, oldest first."""

    words: TaskWords
    tasks: tuple[Task, ...]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """`tasks` is None for a role that sees none. `confidential`: how many of those there are beside them."""

    notices: tuple[NoticeFigures, ...]
    tasks: tuple[TaskGroup, ...] | None
    confidential: int
    polled: datetime | None
    troubles: tuple[str, ...]
    held: int
    unsent: int
    bounced: int
    head: Head | None


def overview(app: App, role: Role) -> Overview:
    now = app.clock()
    health = look(app)
    with app.database.read() as tx:
        open_ = tasks.open_(tx)
        plain = [task for task in open_ if not task.confidential]
        sees, waiting = role in DECIDERS, vitals.backlog(tx)
        return Overview(
            notices=tuple(of_notice(tx, notice, now) for notice in rounds.current(app.notices, now)),
            tasks=_grouped(plain) if sees else None,
            confidential=len(open_) - len(plain) if sees else 0,
            polled=inbox.last_complete_poll(tx, tuple(app.settings.mailboxes)),
            troubles=_troubles(health),
            held=waiting.held,
            unsent=waiting.letters,
            bounced=sum(task.kind in ("bounce", "unmatched_bounce", "unreachable") for task in plain),
            head=ledger.head(tx),
        )


def of_notice(tx: Transaction, notice: Notice, now: datetime) -> NoticeFigures:
    """How one notice, or round, stands."""
    current = returns.newest_by_state(tx, notice.id)
    found = standings(notice, current)
    listed = {reporter.code for reporter in notice.reporters}
    first = [at for code, at in returns.first_accepted(tx, notice.id).items() if code in listed]
    return NoticeFigures(
        notice=notice,
        standings=found,
        tally=tally(found),
        late=sum(one.late for one in found),
        strangers=unlisted(notice, current),
        left=time_left(notice.deadline, now),
        over=now > notice.deadline,
        chart=chart(first, len(found), notice.opens, notice.deadline, now, notice.zone),
    )


def _grouped(open_: Sequence[Task]) -> tuple[TaskGroup, ...]:
    """By kind, what is urgent first."""
    kinds: dict[TaskWords, list[Task]] = defaultdict(list)
    for task in open_:
        kinds[task_words(task.kind)].append(task)
    ordered = sorted(kinds, key=lambda words: (words.rank, kinds[words][0].created_at))
    return tuple(TaskGroup(words=words, tasks=tuple(kinds[words])) for words in ordered)


def _troubles(health: Health) -> tuple[str, ...]:
    """Each once, outages first, in the page's words."""
    codes = [reason.code for reason in (*health.outages, *health.attention)]
    if "worker" in codes:  # who does not run does not poll either
        codes = [code for code in codes if not code.endswith("_stalled")]
    return tuple(dict.fromkeys(OUTAGES[code] for code in codes if code in OUTAGES))
