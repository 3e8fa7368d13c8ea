"""Whose turn it is: the order of the whole, asked for by pieces; and what waits behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import inbox, receiving, turns
from storage.database import Database, Transaction
from storage.receiving import Arrival, Received
from tests.storage_values import NOON, database, origin, sha

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return database(tmp_path_factory.mktemp("turns"))


def by_definition(rows: Sequence[tuple[int, str, int, bool]]) -> list[tuple[int, int]]:
    """UID and turn of every mail: by receipt, then UID, of a lane TURN to a turn."""
    waiting, seen = [], defaultdict[str, int](int)
    for minute, lane, uid, put_off in sorted(rows, key=lambda row: (row[0], row[2])):
        if not put_off:
            waiting.append((seen[lane] // turns.TURN, minute, uid))
            seen[lane] += 1
    return [(uid, turn) for turn, _, uid in sorted(waiting)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from(["a", "a", "a", "b", "b", "c", "d"]), st.booleans()), max_size=60
    ),
    st.integers(1, 70),
    st.integers(1, 20),
)
def test_any_piece_of_the_order_is_as_the_whole_is_defined(
    base: Database, drawn: list[tuple[int, str, bool]], limit: int, stride: int
) -> None:
    rows = [(minute, lane, uid, put_off) for uid, (minute, lane, put_off) in enumerate(drawn, 1)]
    with base.read() as tx:  # rolled back
        receiving.receive_all(
            tx,
            [
                Arrival(sha256=sha(f"{uid}"), size=1, origin=origin(uid, minutes=minute), lane=lane)
                for minute, lane, uid, _ in rows
            ],
        )
        for mail in turns.pending(tx, 99, now=NOON):
            if rows[mail.origin.uid - 1][3]:
                inbox.postpone(tx, mail.id, NOON + timedelta(minutes=5), "full disk")
        found = turns.pending(tx, limit, now=NOON, stride=stride)
        assert [(mail.origin.uid, mail.turn) for mail in found] == by_definition(rows)[:limit]


def arrived(tx: Transaction, *minutes: float, lane: str = "many", most: int = 3, first: int = 1) -> list[Received]:
    def at(uid: int, minute: float) -> Arrival:
        place = origin(uid, minutes=0)
        return Arrival(
            sha256=sha(f"{lane}{uid}"),
            size=1,
            origin=place.__class__(**{**vars(place), "received_at": NOON + timedelta(minutes=minute)}),
            lane=lane,
            most=most,
        )

    return receiving.receive_all(tx, [at(uid, minute) for uid, minute in enumerate(minutes, first)])


@pytest.mark.parametrize(
    ("minutes", "behind"),
    [
        ((0, 1, 2), ()),
        ((0, 1, 2, 3, 4), (4, 5)),
        ((0, 1, 2, 60), ()),
        ((0, 1, 2, 59.9), (4,)),
        ((0, 20, 40, 60, 80, 100, 120), ()),
        ((0, 1, 2, 3, 60, 61, 62), (4,)),
        ((0, 1, 2, 3, 60, 60.5, 61, 62), (4, 6)),
        ((4, 3, 2, 1, 0), (2, 1)),
        ((0, 0, 0, 0), (4,)),
    ],
)
def test_so_many_mails_an_hour_take_their_turn(
    tmp_path: Path, minutes: tuple[float, ...], behind: tuple[int, ...]
) -> None:
    """By the server's time of receipt, whatever the order in which they are taken in."""
    base = database(tmp_path)
    with base.begin() as tx:
        got = arrived(tx, *minutes)
    assert {uid for uid, each in enumerate(got, 1) if each.behind} == set(behind)
    with base.read() as tx:
        assert {mail.origin.uid for mail in turns.pending(tx, 99)}.isdisjoint(behind)


def test_it_is_the_same_in_pieces_and_a_repeat_changes_nothing(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        assert [each.behind for each in arrived(tx, 0, 1)] == [False, False]
    for _ in range(2):
        with base.begin() as tx:
            got = arrived(tx, 0, 1, 2, 3)
        assert [each.behind for each in got] in ([False, False, False, True], [False] * 4)
    with base.read() as tx:
        assert [mail.origin.uid for mail in turns.pending(tx, 9)] == [1, 2, 3]
        assert [(mail.origin.uid, mail.surplus) for mail in turns.behind(tx, 9)] == [(4, 3)]


def test_of_each_lane_the_first_that_is_behind(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        for lane, first in (("a", 10), ("b", 20), ("c", 30)):
            arrived(tx, 0, 1, 2, lane=lane, most=1, first=first)
        arrived(tx, 0, 1, lane="calm", most=2, first=40)

        def uids(**how: str) -> list[int]:
            return [mail.origin.uid for mail in turns.behind(tx, 9, now=NOON, **how)]

        assert uids() == [11, 21, 31]
        assert uids(start="b") == [31, 11, 21], "with another beginning"
        assert len(turns.behind(tx, 2, now=NOON)) == 2
        assert turns.behind_since(tx) == {lane: NOON + timedelta(minutes=1) for lane in "abc"}
        head = turns.behind(tx, 1, now=NOON)[0]
        inbox.postpone(tx, head.id, NOON + timedelta(minutes=5), "full disk")
        assert uids() == [12, 21, 31]
        inbox.finish(tx, head.id, inbox.SUBMISSION, "")
        turns.let_all_in(tx)
        assert (uids(), turns.behind_since(tx)) == ([], {})
        assert len(turns.pending(tx, 99)) == 10


def test_what_is_behind_keeps_nobody_waiting_but_is_seen(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        *ordinary, last = arrived(tx, 0, 1, 2, 3)
        for each in ordinary:
            inbox.finish(tx, each.mail_id, inbox.SUBMISSION, "")
        assert inbox.oldest_waiting(tx) is None and inbox.any_waiting(tx)
        inbox.hold(tx, last.mail_id, "trace")
        assert not inbox.any_waiting(tx)
        inbox.release(tx, last.mail_id)
        assert [mail.id for mail in turns.pending(tx, 9)] == [last.mail_id], "a person wants it done"


@pytest.mark.sqlite
def test_what_is_asked_goes_along_the_indexes(tmp_path: Path) -> None:
    """Else what waits would be gone through and sorted for each score of mails."""
    base = database(tmp_path)
    asked: list[tuple[str, object]] = []
    with base.begin() as tx:
        arrived(tx, *range(30), most=20)
        driver = tx.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(lambda statement: asked.append((statement, None)))
        turns.pending(tx, 15, now=NOON)
        turns.behind(tx, 9, now=NOON)
        turns.behind_since(tx)
        inbox.oldest_waiting(tx)
        driver.set_trace_callback(None)
        for statement, _ in asked:
            for step in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}"):
                assert "SORT" not in step.detail.upper() and "TEMP" not in step.detail.upper(), statement
                assert "SCAN mails" not in step.detail or "ix_mails_" in step.detail, statement
    assert asked
