"""Submissions as lists and counts need them: from columns alone, since reading documents in costs a thousand times more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, String, Subquery, exists, func, literal, select, true, union_all

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
    reporters, states, own = _reporters(notice), _states(_STANDING), submissions.c.reporter
    found = union_all(
        select(_newest(notice, states, own == reporters.c.reporter, until)).select_from(reporters.join(states, true())),
        select(_newest(notice, states, own.is_(None), until)).select_from(states),
    )
    query = select(*_COLUMNS).where(submissions.c.receipt.in_(found))
    return tuple(_return(row) for row in tx.execute(query.order_by(submissions.c.received_at, submissions.c.receipt)))


def _newest(notice: str, states: Subquery, whose: ColumnElement[bool], until: datetime | None) -> Any:
    """Receipt of the newest of one reporter (or nobody) in one state: one entry of `ix_submissions_standing`."""
    c = submissions.c
    one = (c.notice == notice) & (c.state == states.c.state) & whose & (c.received_at <= until if until else true())
    newest = select(c.receipt).where(one).order_by(c.received_at.desc(), c.uid.desc(), c.receipt.desc()).limit(1)
    return newest.correlate_except(submissions).scalar_subquery()


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
    reporters, states = _reporters(notice), _states((State.ACCEPTED, State.SUPERSEDED))
    whose, own, h = reporters.c.reporter, submissions.alias("own"), submission_history.c
    counted = exists().where(h.receipt == own.c.receipt, h.state == State.ACCEPTED)
    one = (own.c.notice == notice) & (own.c.state == states.c.state) & (own.c.reporter == whose) & counted
    first = select(own.c.received_at).where(one).order_by(own.c.received_at, own.c.uid).limit(1)
    found = select(whose, first.correlate_except(own, submission_history).scalar_subquery().label("first"))
    found = found.select_from(reporters.join(states, true())).where(whose.is_not(None))
    return dict(
        sorted(((code, at) for code, at in tx.execute(found) if at), reverse=True)
    )  # of two of a reporter the earlier one comes last, and stays


def _states(states: Iterable[State]) -> Subquery:
    """A table of them, so that what is asked of each is found by an index, which `IN` would not be."""
    return union_all(*(select(literal(str(state), String).label("state")) for state in states)).subquery("states")


def _reporters(notice: str) -> CTE:
    """Each reporter of a notice once, and None at the end: from one to the next by an index, however much each has sent
    (https://wiki.postgresql.org/wiki/Loose_indexscan)."""
    c, later = submissions.c, submissions.alias("later").c
    found = select(func.min(c.reporter).label("reporter")).where(c.notice == notice).cte("reporters", recursive=True)
    following = select(func.min(later.reporter)).where(later.notice == notice, later.reporter > found.c.reporter)
    step = select(following.scalar_subquery()).where(found.c.reporter.is_not(None))
    return found.union_all(step)


def _return(row: Any) -> Return:
    return Return(**{**row._mapping, "state": State(row.state)})
