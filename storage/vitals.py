"""The records in numbers, for whoever watches over the program: counts and times, never a name or an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from storage import inbox
from storage.database import Transaction
from storage.inbox import MailStatus
from storage.outbox import OutboxStatus
from storage.schema import dispositions, ledger_heads, mails, outbox, tasks
from storage.schema_submissions import submission_history


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits, by the small indexes over it. Times are None where nothing does.

    *Due* is what could be done now: not put off after a failure, not in somebody's hands. Mails behind all others are left out.
    """

    oldest_mail: datetime | None
    """When the oldest mail that has no disposition yet, and is not held, was taken in."""
    oldest_due_mail: datetime | None
    """Since when the one that is due for longest is so."""
    oldest_letter: datetime | None
    """When the oldest letter that waits was written, for whatever reason it waits."""
    oldest_due_letter: datetime | None


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """How much waits, by the same indexes: `held` are mails that wait for a person, `behind` those beyond what their writers may
    send. Confidential tasks are left out."""

    new: int
    behind: int
    held: int
    letters: int
    tasks: int


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Counts since the first day, through whole tables. Tasks are those open now, confidential ones left out."""

    mails: Mapping[str, int]
    letters: Mapping[str, int]
    dispositions: Mapping[str, int]
    decisions: Mapping[str, int]
    open_tasks: Mapping[str, int]
    ledger_entries: int


def waiting(tx: Transaction, now: datetime) -> Waiting:
    m, o = mails.c, outbox.c
    new, unsent = inbox.ordinary(), o.status == OutboxStatus.WAITING
    due_mail = case((m.not_before > m.recorded_at, m.not_before), else_=m.recorded_at)
    free = or_(o.leased_until.is_(None), o.leased_until <= now)
    return Waiting(
        oldest_mail=_first(tx, select(m.recorded_at).where(new).order_by(m.recorded_at)),
        oldest_due_mail=_first(tx, select(due_mail).where(new, m.not_before <= now).order_by(due_mail)),
        oldest_letter=_first(tx, select(o.created_at).where(unsent).order_by(o.created_at)),
        oldest_due_letter=_first(
            tx, select(o.not_before).where(unsent, o.not_before <= now, free).order_by(o.not_before)
        ),
    )


def backlog(tx: Transaction) -> Backlog:
    m, still_open = mails.c, tasks.c.closed_at.is_(None) & tasks.c.confidential.is_(False)
    return Backlog(
        new=_number(tx, select(func.count()).where(inbox.ordinary())),
        behind=_number(tx, select(func.count()).where(inbox.behind())),
        held=_number(tx, select(func.count()).where(m.status == MailStatus.HELD)),
        letters=_number(tx, select(func.count()).where(outbox.c.status == OutboxStatus.WAITING)),
        tasks=_number(tx, select(func.count()).where(still_open)),
    )


def last_settled(tx: Transaction) -> datetime | None:
    return _first(tx, select(func.max(dispositions.c.at)))


def last_sent(tx: Transaction) -> datetime | None:
    return _first(tx, select(func.max(outbox.c.sent_at)))


def totals(tx: Transaction) -> Totals:
    d, h, t = dispositions.c, submission_history.c, tasks.c
    still_open = t.closed_at.is_(None) & t.confidential.is_(False)
    return Totals(
        mails=_counts(tx, select(mails.c.status, func.count()).group_by(mails.c.status)),
        letters=_counts(tx, select(outbox.c.status, func.count()).group_by(outbox.c.status)),
        dispositions=_counts(tx, select(d.disposition, func.count()).group_by(d.disposition)),
        decisions=_counts(tx, select(h.state, func.count()).group_by(h.state)),
        open_tasks=_counts(tx, select(t.kind, func.count()).where(still_open).group_by(t.kind)),
        ledger_entries=int(tx.execute(select(func.max(ledger_heads.c.number))).scalar() or 0),
    )


def _first(tx: Transaction, query: Select[Any]) -> datetime | None:
    found: datetime | None = tx.execute(query.limit(1)).scalar()
    return found


def _number(tx: Transaction, query: Select[Any]) -> int:
    return int(tx.execute(query).scalar_one())


def _counts(tx: Transaction, query: Select[Any]) -> dict[str, int]:
    return {str(name): int(count) for name, count in tx.execute(query)}
