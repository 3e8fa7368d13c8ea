"""The inbox: a mail is recorded once, disposed of once, and never forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from storage import inbox, ledger, receiving, turns
from storage.errors import AlreadyFinished, NotFound
from storage.inbox import MailStatus
from storage.receiving import Arrival, Received
from tests.storage_values import NOON, database, origin, sha


def test_a_repeat_is_a_no_op(tmp_path: Path) -> None:
    base = database(tmp_path)
    for known in (False, True):
        with base.begin() as tx:
            got = receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin())
        assert got == Received(mail_id=1, new_location=not known, new_mail=not known)
    with base.read() as tx:
        assert len(ledger.entries_of(tx, f"mail:{sha('a')}")) == 1
        assert len(turns.pending(tx, 10)) == 1


def test_one_mail_in_two_places(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin(5))
        again = receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin(1, folder="Junk", minutes=-5))
        assert (again.new_location, again.new_mail) == (True, False)
        (row,) = turns.pending(tx, 10)
        assert row.origin == origin(1, folder="Junk", minutes=-5), "the earliest receipt counts"
        inbox.finish(tx, row.id, inbox.SUBMISSION, "")
        receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin(9, minutes=-9))
        assert inbox.load(tx, row.id).origin == row.origin, "but not after the decision"
        assert len(inbox.to_file(tx)) == 3


def test_many_at_once(tmp_path: Path) -> None:
    """As one after the other: known ones, one that comes twice, each with its one ledger entry, ids in order."""
    base = database(tmp_path)
    with base.begin() as tx:
        receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin(1))
    arrivals = [
        Arrival(sha256=sha("a"), size=1, origin=origin(1)),
        Arrival(sha256=sha("b"), size=2, origin=origin(2)),
        Arrival(sha256=sha("c"), size=3, origin=origin(3)),
        Arrival(sha256=sha("b"), size=2, origin=origin(4, minutes=-9)),
        Arrival(sha256=sha("a"), size=1, origin=origin(5, folder="Junk")),
    ]
    with base.begin() as tx:
        got = receiving.receive_all(tx, arrivals)
        assert receiving.receive_all(tx, []) == []
    assert [(each.mail_id, each.new_location, each.new_mail) for each in got] == [
        (1, False, False),
        (2, True, True),
        (3, True, True),
        (2, True, False),
        (1, True, False),
    ]
    with base.read() as tx:
        assert inbox.load(tx, 2).origin == origin(4, minutes=-9), "of two copies the earliest receipt counts"
        assert [(inbox.load(tx, key).sha256, inbox.load(tx, key).size) for key in (1, 2, 3)] == [
            (sha("a"), 1), (sha("b"), 2), (sha("c"), 3)
        ]  # fmt: skip
        for name in "abc":
            entry, *further = ledger.entries_of(tx, f"mail:{sha(name)}")
            assert ledger.told(entry.body)["blobs"] == [sha(name)]
            assert {each.kind for each in further} <= {ledger.SEEN}
        assert inbox.known_uids(tx, "main", "INBOX", 7) == {1, 2, 3, 4}


def test_a_uid_given_to_other_bytes_loses_nothing(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin())
        got = receiving.receive(tx, raw_sha256=sha("b"), size=1, origin=origin())
        assert (got.new_location, got.new_mail) == (False, True)
        assert {row.sha256 for row in turns.pending(tx, 10)} == {sha("a"), sha("b")}


def test_received_by_two_at_once(tmp_path: Path) -> None:
    base = database(tmp_path)

    def receive(uid: int) -> Received:
        with base.begin() as tx:
            return receiving.receive(tx, raw_sha256=sha(str(uid)), size=1, origin=origin(uid))

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(receive, [uid for uid in range(1, 11) for _ in range(4)]))
    assert sum(result.new_mail for result in results) == 10
    assert sum(result.new_location for result in results) == 10
    with base.read() as tx:
        assert inbox.known_uids(tx, "main", "INBOX", 7) == set(range(1, 11))


def test_what_is_known_of_a_folder(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        for uid in (3, 4, 9):
            receiving.receive(tx, raw_sha256=sha(str(uid)), size=1, origin=origin(uid))
        receiving.receive(tx, raw_sha256=sha("junk"), size=1, origin=origin(50, folder="Junk"))
        assert inbox.known_uids(tx, "main", "INBOX", 7) == {3, 4, 9}
        assert inbox.known_uids(tx, "main", "INBOX", 7, 4) == {4, 9}
        assert inbox.known_uids(tx, "main", "INBOX", 8) == set()
        assert inbox.highest_uid(tx, "main", "INBOX", 7) == 9
        assert inbox.highest_uid(tx, "main", "INBOX", 8) == 0


def test_the_order_is_of_receipt_then_uid(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        for uid, minutes in ((4, 1), (3, 1), (2, 5), (9, 0)):
            receiving.receive(tx, raw_sha256=sha(str(uid)), size=1, origin=origin(uid, minutes=minutes))
        assert [row.origin.uid for row in turns.pending(tx, 10)] == [9, 3, 4, 2]
        assert [row.origin.uid for row in turns.pending(tx, 2)] == [9, 3]


def test_who_sends_hundreds_keeps_nobody_waiting_longer_than_a_turn(tmp_path: Path) -> None:
    base = database(tmp_path)
    many = [Arrival(sha256=sha(f"m{uid}"), size=1, origin=origin(uid), lane="many") for uid in range(1, 301)]
    late = Arrival(sha256=sha("late"), size=1, origin=origin(900, minutes=60), lane="late")
    with base.begin() as tx:
        receiving.receive_all(tx, [*many, late])
        first = turns.pending(tx, turns.TURN + 2)
        assert [row.origin.uid for row in first] == [*range(1, turns.TURN + 1), 900, turns.TURN + 1]
        assert [row.turn for row in first[-2:]] == [0, 1]
        for row in first[: turns.TURN]:
            inbox.finish(tx, row.id, inbox.SUBMISSION, "")
        follow = turns.pending(tx, 400)
        assert len(follow) == 291 and [row.origin.uid for row in follow[:2]] == [11, 12], "it is their turn again"


def test_a_mail_is_due_until_it_is_settled(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        mail = receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin()).mail_id
        assert inbox.due(tx, mail, now=NOON) == turns.pending(tx, 1, now=NOON)[0]
        inbox.postpone(tx, mail, NOON + timedelta(minutes=5), "full disk")
        assert inbox.due(tx, mail, now=NOON) is None
        later = NOON + timedelta(minutes=5)
        assert inbox.due(tx, mail, now=later)
        inbox.hold(tx, mail, "trace")
        assert inbox.due(tx, mail, now=later) is None
        assert inbox.due(tx, mail + 1, now=later) is None


def test_one_disposition_a_mail(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        mail = receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin()).mail_id
        inbox.finish(tx, mail, "question", "no files", "human")
    with pytest.raises(AlreadyFinished), base.begin() as tx:
        inbox.finish(tx, mail, "submission", "")
    with base.begin() as tx:
        row = inbox.load(tx, mail)
        assert (row.status, row.disposition, row.reason, row.kind) == (MailStatus.DONE, "question", "no files", "human")
        assert turns.pending(tx, 10) == []
        assert inbox.to_file(tx) == [], "people find their questions where they were"
        for again in (partial(inbox.hold, tx, mail, ""), partial(inbox.release, tx, mail)):
            with pytest.raises(AlreadyFinished):
                again()


def test_finished_by_two_at_once(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        mail = receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin()).mail_id

    def finish(name: str) -> bool:
        try:
            with base.begin() as tx:
                inbox.finish(tx, mail, name, "")
        except AlreadyFinished:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(finish, "abcd")) == 1


def test_held_and_released(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        mail = receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin()).mail_id
        inbox.hold(tx, mail, "Traceback …")
        assert turns.pending(tx, 10) == []
        assert [(row.id, row.error) for row in inbox.held(tx)] == [(mail, "Traceback …")]
        assert [(row.mail_id, row.held) for row in inbox.to_file(tx)] == [(mail, True)]
        inbox.release(tx, mail)
        assert [row.id for row in turns.pending(tx, 10)] == [mail]
        with pytest.raises(NotFound):
            inbox.hold(tx, 99, "")


def test_a_released_mail_has_all_its_attempts_before_it(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        mail = receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin()).mail_id
        for _ in range(7):
            inbox.postpone(tx, mail, NOON, "the disk is full")
        inbox.hold(tx, mail, "Traceback …")
        inbox.release(tx, mail)
        assert inbox.load(tx, mail).attempts == 0


def test_postponed_after_a_temporary_failure(tmp_path: Path) -> None:
    base = database(tmp_path)
    later = NOON + timedelta(hours=1)
    with base.begin() as tx:
        mail = receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin()).mail_id
        assert inbox.postpone(tx, mail, later, "disk full") == 1
        assert turns.pending(tx, 10, now=NOON) == []
        assert [row.attempts for row in turns.pending(tx, 10, now=later)] == [1]


def test_filed_once(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        mail = receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin()).mail_id
        assert inbox.to_file(tx) == []
        inbox.finish(tx, mail, inbox.SUBMISSION, "")
        (filing,) = inbox.to_file(tx)
        assert (filing.origin, filing.held) == (origin(), False)
        inbox.filed(tx, filing.location_id)
        assert inbox.to_file(tx) == []


def test_the_last_poll_is_that_of_the_slowest_account(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        inbox.poll_finished(tx, "main", NOON)
        assert inbox.last_complete_poll(tx, ["main", "other"]) is None
        inbox.poll_finished(tx, "other", NOON + timedelta(minutes=1))
        inbox.poll_finished(tx, "gone", NOON - timedelta(days=1))
        inbox.poll_finished(tx, "main", NOON + timedelta(minutes=2))
        assert inbox.last_complete_poll(tx, ["main", "other"]) == NOON + timedelta(minutes=1)
        assert inbox.last_complete_poll(tx, []) is None
