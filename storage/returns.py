"""Submissions as lists and counts need them: from columns alone, since reading documents in costs a thousand times more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select

from domain.standings import Return
from domain.submission import State
from storage.database import Transaction
from storage.schema_submissions import submission_history, submissions

_COLUMNS = tuple(
    submissions.c[name]
    for name in ("receipt", "reporter", "state", "version", "received_at", "uid", "late", "row_count", "decided_at")
)


def newest_by_state(tx: Transaction, notice: str) -> tuple[Return, ...]:
    """Of every reporter (and of nobody), the newest submission in each state but superseded: what `domain.standings` asks
    for. At most four rows a reporter, however much was sent back before."""
    c = submissions.c
    rank = func.row_number().over(
        partition_by=(c.reporter, c.state), order_by=(c.received_at.desc(), c.uid.desc(), c.receipt.desc())
    )
    current = (c.notice == notice) & (c.state != State.SUPERSEDED)
    ranked = select(*_COLUMNS, rank.label("rank")).where(current).subquery()
    query = select(*(ranked.c[column.name] for column in _COLUMNS)).where(ranked.c.rank == 1)
    return tuple(_return(row) for row in tx.execute(query.order_by(ranked.c.received_at, ranked.c.receipt)))


def waiting(tx: Transaction, notice: str) -> tuple[Return, ...]:
    """Every submission that waits for a person, oldest first: the review queue."""
    c = submissions.c
    query = select(*_COLUMNS).where(c.notice == notice, c.state == State.REVIEW)
    return tuple(_return(row) for row in tx.execute(query.order_by(c.received_at, c.uid, c.receipt)))


def counts(tx: Transaction, notice: str) -> Mapping[State, int]:
    """How many submissions stand in each state; every state is a key."""
    c = submissions.c
    rows = tx.execute(select(c.state, func.count()).where(c.notice == notice).group_by(c.state))
    found = {str(state): int(count) for state, count in rows}
    return {state: found.get(state, 0) for state in State}


def first_accepted(tx: Transaction, notice: str) -> Mapping[str, datetime]:
    """Reporter → receipt of its first return that was accepted and has not been taken back since."""
    c, h = submissions.c, submission_history.c
    counted = exists().where(h.receipt == c.receipt, h.state == State.ACCEPTED)
    still = c.state.in_((State.ACCEPTED, State.SUPERSEDED))
    query = select(c.reporter, func.min(c.received_at)).where(
        c.notice == notice, c.reporter.is_not(None), still, counted
    )
    return {str(code): at for code, at in tx.execute(query.group_by(c.reporter))}


def _return(row: Any) -> Return:
    return Return(**{**row._mapping, "state": State(row.state)})
