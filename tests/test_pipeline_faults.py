"""What goes wrong while a mail is worked on: it is tried again or held, and no other mail waits for it."""

from __future__ import annotations

import errno
from datetime import timedelta
from pathlib import Path

import pytest

from domain.mail import Origin
from domain.submission import State
from ingest import jobs
from ingest.app import App
from ingest.errors import CommandRefused, MachineTrouble, Transient
from ingest.health import look
from ingest.passes import PassReport
from ingest.replaying import replay
from storage import inbox, submissions, tasks
from storage.blobs import BlobStore
from storage.errors import Conflict, Unavailable
from tests.builders import NOTICE, RECEIVED
from tests.office import MemoryMailbox, office, raw_mail
from tests.parts import broken, of_unit, scan, workbook

SHEET = workbook()
SCAN = scan(SHEET)
HOUR = timedelta(hours=1)


def test_what_is_unforeseen_holds_the_mail_serves_the_next_and_is_freed_by_replay(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        other = of_unit("范县", label="fan")
        here.mail("m2", other, scan(other, label="fan scan", seal="范县教育局"), at=RECEIVED + HOUR)
        here.reader.raising["m1"] = [ZeroDivisionError("13912345678")]
        report = here.run()
        assert list(here.cases().values()) == ["accepted"]
        assert (here.status("m1"), here.status("m2")) == ("held", "done")
        assert "held" in here.tasks()
        with here.app.database.read() as tx:
            [held] = inbox.held(tx)
        assert "ZeroDivisionError" in (held.error or "")
        assert "Traceback" in (held.error or "")
        assert "13912345678" not in " ".join(report.failures)
        assert (1, "failed") in here.box.filed
        saved = tmp_path / "m1.eml"
        saved.write_bytes(raw_mail("m1"))
        [done] = replay(here.app, [saved], None, PassReport())
        assert done.outcome == "released"
        assert sorted(here.cases().values()) == ["accepted", "accepted"]
        assert here.status("m1") == "done"
        assert "held" not in here.tasks()
        [known] = replay(here.app, [saved], None, PassReport())
        assert known.outcome == "known"


@pytest.mark.parametrize("error", [Conflict("changed meanwhile"), Transient("later")])
def test_a_conflict_is_tried_again_later_and_holds_nothing(tmp_path: Path, error: Exception) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.reader.raising["m1"] = [error]
        assert here.run().failures == []
        assert here.status("m1") == "new"
        assert here.cases() == {}
        here.run(after=timedelta(seconds=31))
        assert list(here.cases().values()) == ["accepted"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        Unavailable("the archive is gone"),
        MachineTrouble("decode_job: ENOSPC"),
    ],
    ids=["disk", "archive", "disk of a child"],
)
def test_trouble_of_the_machine_holds_no_mail_over_a_weekend(tmp_path: Path, error: Exception) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.reader.raising["m1"] = [error] * 40
        for _ in range(40):
            [failure] = here.run(after=timedelta(minutes=93)).failures
            assert "waits" in failure
            assert here.status("m1") == "new"
        here.run(after=timedelta(minutes=31))
        assert list(here.cases().values()) == ["accepted"]


def test_what_a_wrong_clock_put_off_is_done_when_the_clock_is_right_again(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.reader.raising["m1"] = [Transient("later")]
        here.run(after=timedelta(days=400))
        here.run(after=timedelta(days=-400))
        assert list(here.cases().values()) == ["accepted"]


def test_what_never_becomes_better_is_held_at_last(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.reader.raising["m1"] = [Transient("the child was ended from outside")] * 20
        for hour in range(1, 8):
            here.run(after=hour * HOUR)
            assert here.status("m1") == "new"
        here.run(after=8 * HOUR)
        assert here.status("m1") == "held"
        assert "held" in here.tasks()


def test_half_a_mail_is_never_judged(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        raw = here.reader.tell("m1", SHEET, SCAN)
        here.box.deliver(raw, short=True, size_announced=len(raw) + 1000)
        here.run()
        assert (here.cases(), here.letters.taken, here.reader.read_count) == ({}, [], 0)
        assert here.status("m1") == "held"
        assert "held" in here.tasks()
        assert here.box.filed == [(1, "failed")]


def test_a_wrong_announcement_makes_a_closed_mail_no_half_one(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        raw = here.reader.tell("m1", SHEET, SCAN) + b"--=_part--\r\n"
        here.box.deliver(raw, short=True, size_announced=len(raw) + 1000)
        here.run()
        assert list(here.cases().values()) == ["accepted"]


class Meddling(BlobStore):
    """Another process decides on the same case while this one makes the blank form for its rejection."""

    def __init__(self, app: App, times: int) -> None:
        super().__init__(app.settings.archive)
        self._app = app
        self._times = times
        self.meddled = 0

    def put(self, data: bytes) -> str:
        if data.startswith(b"PK") and self.meddled < self._times:
            self.meddled += 1
            with self._app.database.begin() as tx:
                submissions.advance_case(tx, NOTICE.id, None, submissions.case_version(tx, NOTICE.id, None))
        return super().put(data)


def test_a_decision_in_between_is_noticed_and_the_mail_judged_again_at_once(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.app.blobs = meddling = Meddling(here.app, 3)
        here.mail("m1", broken(code="sheet.wrong_form"))
        assert here.run().failures == []
        assert (meddling.meddled, list(here.cases().values()), here.status("m1")) == (3, ["rejected"], "done")


def test_decisions_in_between_time_and_again_put_the_mail_off(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.app.blobs = meddling = Meddling(here.app, 5)
        here.mail("m1", broken(code="sheet.wrong_form"))
        assert here.run().failures == []
        assert (meddling.meddled, here.cases(), here.status("m1")) == (5, {}, "new")
        here.run(after=timedelta(seconds=31))
        assert (list(here.cases().values()), here.status("m1")) == (["rejected"], "done")


def test_with_the_disk_nearly_full_mails_stay_on_the_server(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        plenty = here.app.settings
        limits = plenty.limits.model_copy(update={"free_bytes": 1 << 60})
        here.app.settings = plenty.model_copy(update={"limits": limits})
        here.mail("m1", SHEET, SCAN)
        report = here.run()
        assert (report.received, here.cases()) == (0, {})
        [failure] = report.failures
        assert "not polled" in failure and "are free on the disk of the" in failure
        assert "disk_full" in [reason.code for reason in look(here.app).outages]
        here.run(after=timedelta(minutes=16))
        with here.app.database.read() as tx:
            assert any(task.kind == "polling_stalled" for task in tasks.open_(tx)), "staff are told"
        here.app.settings = plenty
        report = here.run()
        assert (report.received, report.count(State.ACCEPTED), report.failures) == (1, 1, [])


def test_a_mailbox_that_does_not_answer_stops_neither_deciding_nor_sending(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        jobs.poll(here.app, PassReport())

        class Deaf(MemoryMailbox):
            def folders(self) -> tuple[str, ...]:
                raise Transient("no answer")

            def file(self, origin: Origin, destination: str) -> bool:
                raise CommandRefused("no")

        here.app._mailboxes = {"main": Deaf()}  # type: ignore[dict-item]
        report = here.run()
        assert (report.count(State.ACCEPTED), report.replies_sent) == (1, 1)
        assert len(report.failures) == 2
