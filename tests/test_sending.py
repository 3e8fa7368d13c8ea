"""Sending of letters: refusals, lost connections and budgets delay a letter; none is lost or sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest import jobs, processing
from ingest.errors import Transient
from ingest.passes import PassReport
from ingest.sending import ROOM, send
from notifier.errors import OutcomeUnknown, PermanentRefusal, ServerRefusal, SetupRefusal, TemporaryRefusal
from storage import outbox
from storage.database import Database, Transaction
from storage.errors import Unavailable
from tests.office import Letters, MemoryMailbox, Office, office
from tests.parts import CLERK, STRANGER, scan, workbook

SHEET = workbook()
SCAN = scan(SHEET)
BAD = workbook({"phone": ""}, label="bad")
HOUR = timedelta(hours=1)


def test_a_temporary_refusal_is_tried_again_and_the_letter_is_the_same(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.letters.raising = [TemporaryRefusal(451, f"try later, <{CLERK}>")]
        report = here.run()
        assert report.replies_sent == 0
        assert report.failures == []  # a county's full mailbox is nothing for the operator to mend
        assert here.outbox() == ["decision waiting"]
        here.run(after=timedelta(seconds=30))
        assert here.letters.taken == []
        here.run(after=timedelta(seconds=31))
        assert here.outbox() == ["decision sent"]


def test_after_three_days_of_refusals_it_is_a_task(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.letters.raising = [TemporaryRefusal(451, "later")] * 99
        here.run()
        for _ in range(26):
            here.run(after=3 * HOUR)
        assert here.outbox() == ["decision failed"]
        assert "reply_failed" in here.tasks()


def test_a_permanent_refusal_is_a_task_and_holds_up_no_other(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", BAD, sender=STRANGER)
        here.letters.raising = [PermanentRefusal(550, "no such user")]
        report = here.run()
        assert report.replies_sent == 1
        assert sorted(here.outbox()) == ["decision failed", "decision sent"]
        assert "reply_failed" in here.tasks()


@pytest.mark.parametrize(
    "error", [SetupRefusal(535, "log-in"), ServerRefusal(0, "no connection"), ServerRefusal(451, "MAIL FROM: later")]
)
def test_when_the_server_cannot_be_reached_the_rest_waits_too(tmp_path: Path, error: Exception) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", BAD, sender=STRANGER)
        here.letters.raising = [error]
        [failure] = here.run().failures
        assert "not sent yet" in failure
        assert str(error) not in failure
        assert here.letters.taken == []
        here.run(after=timedelta(minutes=2))
        assert len(here.letters.taken) == 2


def test_a_server_that_takes_nothing_is_told_at_every_pass(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.letters.raising = [ServerRefusal(421, "too many connections")] * 3
        assert [len(here.run(after=HOUR).failures) for _ in range(4)] == [1, 1, 1, 0]


def test_a_letter_that_may_have_gone_stays_so_while_its_server_is_down(tmp_path: Path) -> None:
    """Of two due letters the first meets the dead server; the second, unsure one is put off and then looked for."""
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.letters.raising = [OutcomeUnknown(0, "connection lost after the letter was handed over")]
        here.run()
        here.now += timedelta(seconds=30)
        here.mail("m2", BAD, sender=STRANGER)
        jobs.poll(here.app, PassReport())
        processing.process(here.app, PassReport())
        here.now += HOUR
        with here.app.database.begin() as tx:
            here.box.sent.add(outbox.load(tx, 1).message_id)
            outbox.retry(tx, 1, here.now, "no word", unsure=True)
        here.letters.raising = [ServerRefusal(0, "no connection")]
        here.run()
        here.run(after=HOUR)
        assert [to for _, to in here.letters.taken] == [STRANGER]


def test_a_sending_that_ended_with_no_word_is_looked_for_before_it_is_repeated(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.letters.raising = [OutcomeUnknown(0, "connection lost after the letter was handed over")]
        here.run()
        with here.app.database.read() as tx:
            here.box.sent.add(outbox.load(tx, 1).message_id)
        here.run(after=2 * HOUR)
        assert here.letters.taken == []
        assert here.outbox() == ["decision sent"]


class Closed(MemoryMailbox):
    """Its Sent folder cannot be read now, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    def find_sent(self, message_id: str) -> bool:
        self._times -= 1
        if self._times >= 0:
            raise Transient("no answer")
        return super().find_sent(message_id)


def unsure(here: Office) -> None:
    """One letter whose sending ended with no word, though the provider has it."""
    here.mail("m1", SHEET, SCAN)
    here.letters.raising = [OutcomeUnknown(0, "connection lost after the letter was handed over")]
    here.run()
    with here.app.database.read() as tx:
        here.box.sent.add(outbox.load(tx, 1).message_id)


def test_a_letter_that_may_have_gone_waits_until_the_sent_folder_can_be_read(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        unsure(here)
        closed = Closed(2)
        closed.sent = here.box.sent
        here.app._mailboxes = {"main": closed}  # type: ignore[dict-item]
        for _ in range(4):
            here.run(after=4 * HOUR)
        assert here.letters.taken == []
        assert here.outbox() == ["decision sent"]


def test_it_does_not_wait_for_ever(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        unsure(here)
        here.app._mailboxes = {"main": Closed(99)}  # type: ignore[dict-item]
        for _ in range(8):
            here.run(after=4 * HOUR)
        assert len(here.letters.taken) == 1
        assert here.outbox() == ["decision sent"]


def test_a_clock_that_jumps_by_days_gives_up_no_letter(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.letters.raising = [TemporaryRefusal(451, "later")] * 2
        here.run()
        here.run(after=timedelta(days=400))
        assert here.outbox() == ["decision waiting"]
        here.run(after=4 * HOUR)
        assert here.outbox() == ["decision sent"]


def test_a_server_of_ours_that_is_down_for_hours_when_the_clock_jumps_gives_up_no_letter(tmp_path: Path) -> None:
    """Such a letter is tried every five minutes: a dozen tries are an hour, not three days."""
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.letters.raising = [ServerRefusal(0, "no connection")] * 31
        here.run()
        for _ in range(29):
            here.run(after=timedelta(minutes=5))
        here.run(after=timedelta(days=400))
        assert (here.letters.raising, here.outbox()) == ([], ["decision waiting"])
        here.run(after=timedelta(minutes=6))
        assert here.outbox() == ["decision sent"]


def test_a_server_of_ours_that_takes_nothing_for_three_days_is_a_task(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.letters.raising = [ServerRefusal(0, "no connection")] * 450
        here.run()
        for _ in range(432):
            here.now += timedelta(minutes=10)
            send(here.app, PassReport())  # of a pass the one stage that this is about: there are many
            assert here.outbox() == ["decision waiting"]
        here.run(after=timedelta(minutes=10))
        assert here.outbox() == ["decision failed"]


class Cramped(Database):
    """A disk with no room left."""

    def room(self) -> int:
        return ROOM - 1


def test_on_a_full_disk_no_letter_is_sent_that_could_not_be_noted(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        roomy, here.app.database = here.app.database, Cramped(here.app.settings.database_url)
        [failure] = here.run().failures
        assert "disk full" in failure
        assert here.letters.taken == []
        here.app.database.close()
        here.app.database = roomy
        here.run()
        assert here.outbox() == ["decision sent"]


class Interrupted(Database):
    """A server that ends the connection at the first COMMIT after a letter went, having done it or not."""

    letters: Letters
    done = False
    ended = 0

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        cut = bool(self.letters.taken) and not self.ended
        self.ended += cut
        if cut and not self.done:
            raise Unavailable("database here: the connection is lost")
        with super().begin() as tx:
            yield tx
        if cut:
            raise Unavailable("database here: the connection is lost")


@pytest.mark.parametrize("done", [False, True], ids=["not-done", "done"])
def test_a_letter_that_went_is_noted_though_the_database_was_away_for_a_moment(tmp_path: Path, done: bool) -> None:
    """Left until its lease ends, it went out again where no Sent folder has it."""
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        steady, interrupted = here.app.database, Interrupted(here.app.settings.database_url)
        interrupted.letters, interrupted.done = here.letters, done
        here.app.database = interrupted
        report = here.run()
        assert (interrupted.ended, report.replies_sent, report.failures) == (1, 1, [])
        interrupted.close()
        here.app.database = steady
        here.run(after=HOUR)
        assert here.outbox() == ["decision sent"]
        assert len(here.letters.taken) == 1


def test_a_letter_that_cannot_be_rendered_holds_up_no_other(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        jobs.poll(here.app, PassReport())
        processing.process(here.app, PassReport())
        with here.app.database.begin() as tx:
            broken = replace(outbox.load(tx, 1).letter, notice="gone", message_id="<b@x>", receipt=None)
            outbox.put(tx, broken, at=here.now - HOUR)
        report = here.run()
        assert report.replies_sent == 1
        assert len(report.failures) == 1
        assert sorted(here.outbox()) == ["decision sent", "decision waiting"]


def test_budgets_delay_and_never_drop(tmp_path: Path) -> None:
    with office(tmp_path, replies={"return_workbook": False, "per_address_per_hour": 2}) as here:
        here.mail("m0", SHEET, SCAN)
        here.run()
        for number in range(4):
            here.now += timedelta(minutes=1)
            here.mail(f"again{number}", SHEET, SCAN)
            here.run()
        assert len(here.letters.taken) == 3  # the decision, and two resends within their budget
        here.run(after=2 * HOUR)
        assert len(here.letters.taken) == 4  # the delayed ones merged into one
