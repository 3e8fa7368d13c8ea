"""Whose turn it is of all mails that wait: by receipt, but nobody's thousands before another's one.

What is asked costs the same however many wait: the order is walked along indexes, from its beginning, as far as mails are wanted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import Row, select, tuple_, update

from storage import inbox
from storage.database import Transaction
from storage.inbox import MailRow, is_ready
from storage.schema import mails

TURN = 10
"""Mails of one lane in one turn: who sends thousands at once keeps others waiting no longer than these take."""
_STRIDE = 200
"""Rows asked for at once."""
_ORDER = (mails.c.received_at, mails.c.uid, mails.c.id)

_Place = Row[Any, Any, Any, Any]
"""Id, lane, receipt, UID."""


def pending(tx: Transaction, limit: int, *, now: datetime | None = None, stride: int = _STRIDE) -> list[MailRow]:
    """Mails to process, in their turn; those put off by `postpone` only when their time has come.

    By receipt, then UID; but of one lane (who wrote them) no more than `TURN` are taken before others have theirs. Those that are
    `behind` are not among them. `stride`: rows asked for at once.
    """
    now = now or datetime.now(UTC)
    first, full = _first_turn(tx, limit, stride, now)
    found = [(0, place) for place in first]
    if len(found) < limit:  # then every lane that is not full was seen to its end
        later = [one for lane in full for one in _later_turns(tx, lane, limit - len(found), now)]
        found += sorted(later, key=lambda one: (one[0], *_order(one[1])))[: limit - len(found)]
    turns = {place.id: turn for turn, place in found}
    return [replace(row, turn=turns[row.id]) for row in inbox.rows_of(tx, list(turns))]


def _first_turn(tx: Transaction, limit: int, stride: int, now: datetime) -> tuple[list[_Place], list[str]]:
    """The first `limit` mails of the first turn, and the lanes that have no more room in it. A lane that is found full is passed over
    from there on."""
    taken: list[_Place] = []
    seen: Counter[str] = Counter()
    after = None
    while len(taken) < limit:
        query = select(mails.c.id, mails.c.lane, mails.c.received_at, mails.c.uid).where(
            inbox.ordinary(), is_ready(now)
        )
        if full := _full(seen):
            query = query.where(mails.c.lane.not_in(full))
        if after is not None:
            query = query.where(tuple_(*_ORDER) > _order(after))
        places = tx.execute(query.order_by(*_ORDER).limit(stride)).all()
        for place in places:
            seen[place.lane] += 1
            if seen[place.lane] <= TURN:
                taken.append(place)
        if len(places) < stride:
            break
        after = places[-1]
    return taken[:limit], _full(seen)


def _full(seen: Counter[str]) -> list[str]:
    return [lane for lane, number in seen.items() if number >= TURN]


def _later_turns(tx: Transaction, lane: str, limit: int, now: datetime) -> Iterator[tuple[int, _Place]]:
    """Mails of the lane after its first turn, each with the turn it is in."""
    query = select(mails.c.id, mails.c.lane, mails.c.received_at, mails.c.uid)
    query = query.where(inbox.ordinary(), mails.c.lane == lane, is_ready(now))
    for number, place in enumerate(tx.execute(query.order_by(*_ORDER).offset(TURN).limit(limit))):
        yield 1 + number // TURN, place


def _order(place: _Place) -> tuple[datetime, int, int]:
    return place.received_at, place.uid, place.id


def behind(tx: Transaction, limit: int, *, start: str = "", now: datetime | None = None) -> list[MailRow]:
    """Of each lane that has mails behind all others the first that is ready; at most `limit`, in the order of the lanes' names, from
    behind `start` on and then from the beginning."""
    now = now or datetime.now(UTC)
    found: list[int] = []
    for lane in (*_lanes_behind(tx, after=start, most=limit), *_lanes_behind(tx, until=start, most=limit)):
        query = select(mails.c.id).where(inbox.behind(), mails.c.lane == lane, is_ready(now))
        head = tx.execute(query.order_by(*_ORDER).limit(1)).scalar()
        found += [] if head is None else [head]
    return inbox.rows_of(tx, found[:limit])


def behind_since(tx: Transaction) -> dict[str, datetime]:
    """Each lane that has mails behind all others, and the receipt of the first of them."""
    query = select(mails.c.received_at).where(inbox.behind()).order_by(*_ORDER).limit(1)
    return {lane: tx.execute(query.where(mails.c.lane == lane)).scalar_one() for lane in _lanes_behind(tx)}


def let_all_in(tx: Transaction) -> None:
    """None waits behind others any more: each takes its turn."""
    tx.execute(update(mails).where(inbox.behind()).values(surplus=0))


def _lanes_behind(
    tx: Transaction, *, after: str | None = None, until: str | None = None, most: int | None = None
) -> Iterator[str]:
    """From one to the next along the index, over the thousands that each may have."""
    of_all = select(mails.c.lane).where(inbox.behind()).order_by(mails.c.lane).limit(1)
    if until is not None:
        of_all = of_all.where(mails.c.lane <= until)
    for _ in count() if most is None else range(most):
        lane = tx.execute(of_all if after is None else of_all.where(mails.c.lane > after)).scalar()
        if lane is None:
            return
        yield lane
        after = lane
