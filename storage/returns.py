"""Submissions as lists and counts need them: from columns alone, since reading documents in costs a thousand times more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, true

from domain.standings import Return
from domain.submission import State
from storage.database import Transaction
from storage.schema_submissions import submission_history, submissions

_COLUMNS = tuple(
    submissions.c[name]
    for name in ("receipt", "reporter", "state", "version", "received_at", "uid", "late", "row_count", "decided_at")
)
_STANDING = tuple(state for state in State if state is not State.SUPERSEDED)


@dataclass(frozen=True, kw_only=True)
class LastDecision:
    """The last decision of a span of time on a submission."""

    receipt: str
    state: State
    at: datetime
    by: str


def newest_by_state(tx: Transaction, notice: str, *, until: datetime | None = None) -> tuple[Return, ...]:
    """Of every reporter (and of nobody), the newest submission in each state but superseded: what `domain.standings` asks
    for. At most four rows a reporter, however much was sent back before. `until`: only what was received by then."""
    c = submissions.c
    rank = func.row_number().over(
        partition_by=(c.reporter, c.state), order_by=(c.received_at.desc(), c.uid.desc(), c.receipt.desc())
    )
    current = (c.notice == notice) & c.state.in_(_STANDING) & (c.received_at <= until if until else true())
    # Of all that stands an index alone is read, and of the newest the rest.
    ranked = select(c.receipt, rank.label("rank")).where(current).subquery()
    query = select(*_COLUMNS).join(ranked, ranked.c.receipt == c.receipt).where(ranked.c.rank == 1)
    return tuple(_return(row) for row in tx.execute(query.order_by(c.received_at, c.receipt)))


def accepted(tx: Transaction, notice: str) -> tuple[Return, ...]:
    """Every accepted submission, oldest first: of a unit on no list, or of nobody knows whom, several may count."""
    c = submissions.c
    query = select(*_COLUMNS).where(c.notice == notice, c.state == State.ACCEPTED)
    return tuple(_return(row) for row in tx.execute(query.order_by(c.received_at, c.uid, c.receipt)))


def waiting(tx: Transaction, notice: str) -> tuple[Return, ...]:
    """Every submission that waits for a person, oldest first: the review queue."""
    c = submissions.c
    query = select(*_COLUMNS).where(c.notice == notice, c.state == State.REVIEW)
    return tuple(_return(row) for row in tx.execute(query.order_by(c.received_at, c.uid, c.receipt)))


def decided(tx: Transaction, notice: str, since: datetime | None, until: datetime) -> tuple[LastDecision, ...]:
    """Of every submission of the notice that was decided, or received, after `since` and not after `until`, the last
    decision; oldest first. One that lost its place to a newer one is left out: that one says so."""
    c, h = submissions.c, submission_history.c
    rank = func.row_number().over(partition_by=h.receipt, order_by=h.row_version.desc()).label("rank")
    within = (_within(h.at, since, until) | _within(c.received_at, since, until)) & (c.notice == notice)
    ranked = (
        select(h.receipt, h.state, h.at, h.by, rank).join(submissions, c.receipt == h.receipt).where(within).subquery()
    )
    query = select(ranked).where(ranked.c.rank == 1, ranked.c.state != State.SUPERSEDED)
    return tuple(
        LastDecision(receipt=row.receipt, state=State(row.state), at=row.at, by=row.by)
        for row in tx.execute(query.order_by(ranked.c.at, ranked.c.receipt))
    )


def _within(column: Any, since: datetime | None, until: datetime) -> Any:
    return (column <= until) & (column > since if since else true())


def counts(tx: Transaction, notice: str) -> Mapping[State, int]:
    """How many submissions stand in each state; every state is a key."""
    c = submissions.c
    rows = tx.execute(select(c.state, func.count()).where(c.notice == notice).group_by(c.state))
    found = {str(state): int(count) for state, count in rows}
    return {state: found.get(state, 0) for state in State}


def first_accepted(tx: Transaction, notice: str) -> Mapping[str, datetime]:
    """Reporter → receipt of its first return that was accepted and has not been taken back since."""
    whose, own, h = _reporters(notice), submissions.alias("own").c, submission_history.c
    counted = exists().where(h.receipt == own.receipt, h.state == State.ACCEPTED)
    still = own.state.in_((State.ACCEPTED, State.SUPERSEDED))
    of_reporter = select(own.received_at).where(own.notice == notice, own.reporter == whose, still, counted)
    first = of_reporter.order_by(own.received_at, own.uid).limit(1).scalar_subquery()
    rows = tx.execute(select(whose, first.label("first")).where(whose.is_not(None)))
    return {str(code): at for code, at in rows if at is not None}


def _reporters(notice: str) -> ColumnElement[str | None]:
    """Each reporter of a notice once, and None at the end: from one to the next by an index, however much each has sent
    (https://wiki.postgresql.org/wiki/Loose_indexscan)."""
    c, later = submissions.c, submissions.alias("later").c
    found = select(func.min(c.reporter).label("reporter")).where(c.notice == notice).cte("reporters", recursive=True)
    following = select(func.min(later.reporter)).where(later.notice == notice, later.reporter > found.c.reporter)
    step = select(following.scalar_subquery()).where(found.c.reporter.is_not(None))
    return found.union_all(step).c.reporter


def _return(row: Any) -> Return:
    return Return(**{**row._mapping, "state": State(row.state)})
