"""Where each reporter stands: what counts, what waits, who is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.notices import load_notice
from domain.standings import Return, Standing, standings, tally, unlisted
from domain.submission import State
from storage import returns, submissions
from storage.database import Database
from tests.storage_values import NOON, database, submission

NOTICE = load_notice("puyang-2020-51")
A, R, V, I, S = State.ACCEPTED, State.REJECTED, State.REVIEW, State.INCOMPLETE, State.SUPERSEDED  # noqa: E741


def _return(place: int, state: State, reporter: str | None = "PYX", *, late: bool = False) -> Return:
    at = NOON + timedelta(hours=place)
    return Return(
        receipt=f"PY51-{reporter or 'XX'}-20200227-{place:02}",
        reporter=reporter,
        state=state,
        version=place,
        received_at=at,
        uid=place,
        late=late,
        row_count=3,
        decided_at=at,
    )


@pytest.mark.parametrize(
    ("states", "standing", "counted", "newest", "pending"),
    [
        ([], Standing.MISSING, None, None, None),
        ([S], Standing.MISSING, None, None, None),
        ([R], Standing.REJECTED, None, 0, None),
        ([R, I], Standing.INCOMPLETE, None, 1, None),
        ([I, R], Standing.REJECTED, None, 1, None),
        ([R, V], Standing.REVIEW, None, 1, None),
        ([A], Standing.ACCEPTED, 0, 0, None),
        ([S, A], Standing.ACCEPTED, 1, 1, None),
        ([R, A], Standing.ACCEPTED, 1, 1, None),
        ([A, R], Standing.ACCEPTED, 0, 1, 1),
        ([A, V], Standing.ACCEPTED, 0, 1, 1),
        ([A, R, I], Standing.ACCEPTED, 0, 2, 2),
    ],
)
def test_what_stands(
    states: list[State], standing: Standing, counted: int | None, newest: int | None, pending: int | None
) -> None:
    came = [_return(place, state) for place, state in enumerate(states)]
    (found,) = (one for one in standings(NOTICE, reversed(came)) if one.reporter.code == "PYX")
    assert found.standing is standing
    for value, place in ((found.counted, counted), (found.newest, newest), (found.pending, pending)):
        assert value == (None if place is None else came[place])


def test_reporters_come_in_the_order_of_the_notice_and_all_are_counted() -> None:
    came = [_return(1, A, "FX", late=True), _return(2, V, "PYX"), _return(3, V, None), _return(4, A, "SZ")]
    found = standings(NOTICE, came)
    assert [one.reporter for one in found] == list(NOTICE.reporters)
    assert tally(found) == {
        Standing.ACCEPTED: 1,
        Standing.REVIEW: 1,
        Standing.INCOMPLETE: 0,
        Standing.REJECTED: 0,
        Standing.MISSING: len(NOTICE.reporters) - 2,
    }
    assert [one.reporter.code for one in found if one.late] == ["FX"]
    assert [one.reporter for one in unlisted(NOTICE, came)] == ["SZ", None]


_CASES = st.lists(st.tuples(st.sampled_from(["PYX", "FX", "SZ", None]), st.sampled_from(State), st.integers(0, 3)))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return database(tmp_path_factory.mktemp("store"))


@settings(max_examples=40, deadline=None)
@given(cases=_CASES)
def test_the_newest_of_each_state_say_as_much_as_all(
    base: Database, cases: list[tuple[str | None, State, int]]
) -> None:
    notice = uuid4().hex
    with base.begin() as tx:
        for place, (reporter, state, hour) in enumerate(cases):
            at = NOON + timedelta(hours=hour)
            case = replace(submission(f"{notice}-{place}"), notice=notice, reporter=reporter, state=state)
            submissions.save(tx, replace(case, received_at=at, uid=place), at=at)
    with base.read() as tx:
        every = [
            replace(_return(0, one.state, one.reporter), receipt=one.receipt, received_at=one.received_at, uid=one.uid)
            for one in submissions.list_(tx, notice=notice)
        ]
        assert _receipts(returns.newest_by_state(tx, notice)) == _receipts(every)
        by_noon = [one for one in every if one.received_at <= NOON]
        assert _receipts(returns.newest_by_state(tx, notice, until=NOON)) == _receipts(by_noon)
        first: dict[str, datetime] = {}
        for one in sorted(every, key=lambda one: one.order):
            if one.state is State.ACCEPTED and one.reporter:
                first.setdefault(one.reporter, one.received_at)
        assert returns.first_accepted(tx, notice) == first
        assert returns.counts(tx, notice) == {state: sum(1 for one in every if one.state is state) for state in State}
        waiting = sorted((one for one in every if one.state is V), key=lambda one: one.order)
        assert [one.receipt for one in returns.waiting(tx, notice)] == [one.receipt for one in waiting]


def _receipts(came: Iterable[Return]) -> list[tuple[str | None, str | None]]:
    return [(one.counted and one.counted.receipt, one.newest and one.newest.receipt) for one in standings(NOTICE, came)]
