"""How many letters go out: to one address, to one domain, and in all. Nobody shall make of us a gun that shoots at others.

A letter over a budget waits; what is decided meanwhile on the same case takes its place. Nothing is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from domain.letter import GENERATED
from ingest import gathering
from ingest.app import App
from ingest.domains import budget_domain
from storage import outbox, tasks
from storage.database import Transaction
from storage.outbox import OutboxRow

log = structlog.get_logger(__name__)

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_WAIT_OF_ADDRESS, _WAIT_OF_DAY = timedelta(minutes=10), timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class _Budget:
    """Letters to an address in an hour; in a day to one domain, and in all."""

    address: int
    domain: int
    day: int


_FIRST_REPLIES = _Budget(address=30, domain=2_000, day=5_000)
"""Of first replies to decisions, which must go out at once (spec section 7): a day of theirs that no bureau has known."""


def wait(app: App, row: OutboxRow, now: datetime) -> timedelta | None:
    """How long a letter must wait, None if it may go.

    Budgets of the day are for addresses that nobody has confirmed: what a stranger sets off, in whatever names he writes,
    must not delay the letters of the known ones, nor the other way round. Freemail providers have none of the domain:
    all counties write from them.
    """
    if row.letter.kind in GENERATED:
        return None
    table = app.settings.replies
    ordinary = _Budget(address=table.per_address_per_hour, domain=table.per_domain_per_day, day=table.per_day)
    budget, to = _FIRST_REPLIES if row.exempt else ordinary, row.letter.to
    with app.database.read() as tx:
        if outbox.sent_since(tx, now - _HOUR, exempt=row.exempt, address=to) >= budget.address:
            return _WAIT_OF_ADDRESS
        over = _day_is_over(tx, row, budget, now) and not _is_known(app, tx, row)
    if not over:
        return None
    _tell_staff(app, now)
    return _WAIT_OF_DAY


def _day_is_over(tx: Transaction, row: OutboxRow, budget: _Budget, now: datetime) -> bool:
    domain = budget_domain(row.letter.to)
    if domain and outbox.sent_since(tx, now - _DAY, exempt=row.exempt, domain=domain) >= budget.domain:
        return True
    return outbox.sent_since(tx, now - _DAY, exempt=row.exempt) >= budget.day


def _is_known(app: App, tx: Transaction, row: OutboxRow) -> bool:
    return bool(gathering.writes_for(tx, app.notice(row.letter.notice), row.letter.to))


def _tell_staff(app: App, now: datetime) -> None:
    """One task a day."""
    log.warning("reply_budget_used_up")
    day = now.astimezone(app.settings.staff.zone).date()
    text = f"{day.month}月{day.day}日发往未登记邮箱的回复已到一天的上限，其余的会晚些发出。可能有人冒用邮箱大量来信，请看一下。"
    with app.database.begin() as tx:
        tasks.add(tx, "reply_budget", day.isoformat(), text, at=now)
