"""Two at once: workers, console and commands write to one database, and nothing is doubled or lost.

The first does its part and keeps its transaction open; the second begins and comes as far as it gets; then the first commits.
On SQLite the second always waits at its beginning, on PostgreSQL only where it must.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import func, select, text

from domain.documents import Document, Kind
from storage import inbox, ledger, login_failures, outbox, search_writing, senders, state, submissions, tasks
from storage.database import Database, Transaction
from storage.errors import AlreadyFinished, Conflict
from storage.receiving import Received, receive
from storage.schema import ledger_entries
from storage.schema_accounts import login_failures as failures_table
from storage.search import Query, find
from storage.search_writing import Subject
from storage.senders import KnownAddress
from storage.verify import verify
from tests.office import office
from tests.parts import scan, workbook
from tests.storage_values import NOON, database, letter, origin, sha, submission
from tests.stores import POSTGRESQL

T = TypeVar("T")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Database]:
    made = database(tmp_path)
    yield made
    made.close()


def both(
    base: Database, first: Callable[[Transaction], T], second: Callable[[Transaction], T] | None = None
) -> list[T]:
    """What each gave. The second does the same unless told otherwise; what it raises is raised."""
    begun = threading.Event()
    numbers: list[int] = []

    def run() -> T:
        begun.set()
        with base.begin() as tx:
            if POSTGRESQL:
                numbers.append(tx.execute(text("SELECT pg_backend_pid()")).scalar_one())
            return (second or first)(tx)

    with ThreadPoolExecutor(1) as pool:
        with base.begin() as tx:
            one = first(tx)
            other = pool.submit(run)
            begun.wait()
            _until_it_waits(tx, numbers, other)
        return [one, other.result()]


def _until_it_waits(tx: Transaction, numbers: list[int], other: Future[T]) -> None:
    """Or is done. SQLite says nothing of who waits."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND wait_event_type = 'Lock'")
    while POSTGRESQL and not other.done():
        if numbers and tx.execute(query, {"pid": numbers[0]}).scalar_one():
            return
        time.sleep(0.01)


def kinds(base: Database) -> list[str]:
    with base.read() as tx:
        return list(tx.execute(select(ledger_entries.c.kind).order_by(ledger_entries.c.id)).scalars())


def is_well(base: Database) -> bool:
    with base.begin() as tx:
        ledger.seal(tx)
        return verify(tx).ok


def test_a_mail_is_received_once(base: Database) -> None:
    first, second = both(base, lambda tx: receive(tx, raw_sha256=sha("m"), size=4, origin=origin()))
    assert first == Received(mail_id=first.mail_id, new_location=True, new_mail=True)
    assert second == Received(mail_id=first.mail_id, new_location=False, new_mail=False)
    assert kinds(base) == ["mail.received"]
    assert is_well(base)


def test_a_mail_is_settled_once(base: Database) -> None:
    with base.begin() as tx:
        mail = receive(tx, raw_sha256=sha("m"), size=4, origin=origin()).mail_id
    with pytest.raises(AlreadyFinished):
        both(base, lambda tx: inbox.finish(tx, mail, "question", ""))
    assert kinds(base) == ["mail.received", "mail.settled"]


@pytest.mark.parametrize("decisions", [0, 1, 2])
def test_of_two_decisions_on_a_case_one_is_judged_again(base: Database, decisions: int) -> None:
    for seen in range(decisions):
        with base.begin() as tx:
            submissions.advance_case(tx, "n", "PYX", seen)
    with pytest.raises(Conflict):
        both(base, lambda tx: submissions.advance_case(tx, "n", "PYX", decisions))
    with base.read() as tx:
        assert submissions.case_version(tx, "n", "PYX") == decisions + 1


def test_a_submission_that_was_changed_meanwhile_is_not_written_over(base: Database) -> None:
    with pytest.raises(Conflict):
        both(base, lambda tx: submissions.save(tx, submission()))
    with base.read() as tx:
        assert len(submissions.history(tx, submission().receipt)) == 1


def test_receipts_are_given_once(base: Database) -> None:
    day = NOON.date()
    given = both(base, lambda tx: submissions.next_receipt(tx, short="PY51", code="PYX", day=day))
    assert [each[-2:] for each in given] == ["01", "02"]


def test_a_letter_is_put_in_once_and_claimed_once(base: Database) -> None:
    first, second = both(base, lambda tx: outbox.put(tx, letter(), at=NOON))
    assert first == second
    claimed = both(base, lambda tx: outbox.claim(tx, NOON + MINUTE, 600))
    assert [one.id if one else None for one in claimed] == [first, None]
    assert kinds(base) == ["letter.queued"]


def test_a_letter_that_is_claimed_is_not_withdrawn(base: Database) -> None:
    with base.begin() as tx:
        outbox.put(tx, letter(), at=NOON)
    _, withdrawn = both(
        base,
        lambda tx: outbox.claim(tx, NOON + MINUTE, 600) is not None,
        lambda tx: bool(outbox.withdraw_unsent(tx, submission().receipt)),
    )
    assert not withdrawn


def test_a_task_is_added_once(base: Database) -> None:
    first, second = both(base, lambda tx: tasks.add(tx, "held", "mail:1", "请看"))
    assert first == second
    assert kinds(base) == ["task.opened"]


def test_a_task_that_is_closed_meanwhile_is_opened_anew(base: Database) -> None:
    with base.begin() as tx:
        old = tasks.add(tx, "held", "mail:1", "请看")
    _, new = both(
        base, lambda tx: int(tasks.close_kind(tx, "held", "mail:1")), lambda tx: tasks.add(tx, "held", "mail:1", "请看")
    )
    assert new != old
    with base.read() as tx:
        assert [task.id for task in tasks.open_(tx)] == [new]
    assert kinds(base) == ["task.opened", "task.closed", "task.opened"]


def test_a_task_is_closed_once(base: Database) -> None:
    with base.begin() as tx:
        tasks.add(tx, "held", "mail:1", "请看")
    assert both(base, lambda tx: tasks.close_kind(tx, "held", "mail:1")) == [True, False]
    assert kinds(base) == ["task.opened", "task.closed"]


def test_two_seal_one_after_the_other(base: Database) -> None:
    with base.begin() as tx:
        for number in range(3):
            ledger.append(tx, "k", f"s{number}", {})
    first, second = both(base, lambda tx: ledger.seal(tx))
    assert (first and first.number, second) == (3, None)
    assert is_well(base)


def test_what_is_counted_is_counted_for_both(base: Database) -> None:
    assert both(base, lambda tx: state.count(tx, "n")) == [1, 2]
    assert both(base, lambda tx: state.once(tx, "o")) == [True, False]


def test_no_failed_log_in_goes_uncounted(base: Database) -> None:
    longest = {"account:li": MINUTE, "address:192.0.2.1": MINUTE}
    both(
        base,
        lambda tx: login_failures.begin(tx, longest, NOON),
        lambda tx: login_failures.begin(tx, dict(reversed(longest.items())), NOON + 10 * MINUTE),
    )
    with base.read() as tx:
        assert list(tx.execute(select(failures_table.c.count)).scalars()) == [2, 2]


def test_an_address_is_confirmed_once(base: Database) -> None:
    known = KnownAddress(
        notice="n", reporter="PYX", address="a@b.cn", receipt=None, confirmed_at=NOON, confirmed_by="staff:li"
    )
    assert both(base, lambda tx: senders.confirm(tx, known)) == [True, False]
    assert kinds(base) == ["sender.confirmed"]
    assert is_well(base)


def test_what_comes_in_one_second_stands_in_its_order(base: Database) -> None:
    def put(name: str, uid: int) -> Callable[[Transaction], None]:
        subject = Subject(name=name, notice="n", reporter=None, state="accepted", received_at=NOON, uid=uid)
        document = Document(kind=Kind.ROW, place="第4行", text="濮阳")
        return lambda tx: search_writing.put(tx, subject, [document])

    both(base, put("B", 2), put("A", 1))
    with base.read() as tx:
        assert [hit.receipt for hit in find(tx, Query(text="濮阳")).hits] == ["B", "A"]


def test_two_workers_on_one_mail_decide_and_answer_once(tmp_path: Path) -> None:
    sheet = workbook()
    with office(tmp_path) as one, office(tmp_path) as other:
        other.reader, other.app._reader = one.reader, one.app._reader
        other.box, other.app._mailboxes = one.box, one.app._mailboxes
        other.letters, other.app._smtp = one.letters, one.app._smtp
        for number in range(4):
            one.mail(f"m{number}", sheet, scan(sheet), at=one.now + number * MINUTE)
        other.now = one.now
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(each.run) for each in (one, other)]:
                done.result()
        one.run(after=timedelta(hours=1))
        with one.app.database.read() as tx:
            mails = tx.execute(text("SELECT count(*) FROM mails")).scalar_one()
            settled = tx.execute(text("SELECT count(*) FROM dispositions")).scalar_one()
            assert (mails, settled) == (4, 4)
            assert verify(tx, one.app.blobs).faults == ()
            [receipt] = one.cases()
            assert len(submissions.history(tx, receipt)) == 4  # one for each mail, as each is answered
        sent = [raw for raw, _ in one.letters.taken]
        assert len(sent) == len(set(sent)) == one.outbox().count("decision sent") > 0


@pytest.mark.postgresql
def test_who_appends_waits_for_nobody(base: Database) -> None:
    """Neither for another that appends, nor for the sealer; what was made first and committed last is sealed last."""
    with base.begin() as early:
        first = ledger.append(early, "k", "early", {})
        with base.begin() as tx:
            second = ledger.append(tx, "k", "second", {})
        with base.begin() as sealing:
            assert ledger.seal(sealing)
            with base.begin() as tx:
                third = ledger.append(tx, "k", "third", {})
    assert first < second < third
    with base.begin() as tx:
        ledger.seal(tx)
        assert verify(tx).faults == ()
        c = ledger_entries.c
        assert list(tx.execute(select(c.id).order_by(c.number)).scalars()) == [second, first, third]
        assert tx.execute(select(func.count()).where(c.number.is_(None))).scalar_one() == 0
