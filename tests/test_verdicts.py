"""Decisions that no mail causes: the end of a grace time, and what staff say."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from domain.mail import Intent
from domain.submission import State
from ingest import jobs, verdicts
from ingest.errors import CannotAccept, Transient
from ingest.passes import PassReport
from tests.builders import NOTICE, RECEIVED
from tests.office import office, subjects, text_of
from tests.parts import Reading, broken, scan, workbook

SHEET = workbook()
SCAN = scan(SHEET)
HOUR = timedelta(hours=1)
RECEIPT = "PY51-PYX-20200227-01"


def test_the_grace_time_ends_after_a_later_poll_and_a_late_part_joins(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        here.run(after=NOTICE.grace - timedelta(seconds=1))
        assert list(here.cases().values()) == ["incomplete"]
        report = here.run(after=timedelta(seconds=1))
        assert report.decided == {"PY51-PYX-20200227-01": State.REJECTED}
        assert "【退回】" in subjects(here)[-1]
        assert here.run().replies_sent == 0
        here.now += HOUR
        here.mail("m2", SCAN)
        here.run()
        assert here.cases() == {"PY51-PYX-20200227-01": "accepted"}


def test_a_part_that_came_in_time_but_is_not_judged_yet_keeps_the_case_open(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        here.mail("m2", SCAN, at=RECEIVED + HOUR)
        here.reader.raising["m2"] = [Transient("later")]
        here.now = RECEIVED + NOTICE.grace + HOUR
        assert here.run().decided == {}
        here.run(after=timedelta(minutes=1))
        assert here.cases() == {"PY51-PYX-20200227-01": "accepted"}
        assert not any("【退回】" in subject for subject in subjects(here))


def test_a_mail_the_server_never_gives_becomes_a_task_and_stops_no_grace_time(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.mail("m2", intent=Intent.QUESTION)
        here.box.withheld = {2}
        assert len(here.run().failures) == 1
        report = here.run(after=NOTICE.grace - timedelta(minutes=1))
        assert (report.failures, here.tasks()) == ([], {"mail_not_had"})
        assert here.run(after=timedelta(minutes=1)).decided == {RECEIPT: State.REJECTED}
        here.box.withheld = set()
        here.run()
        assert here.status("m2") == "done"
        assert here.tasks() == {"question"}


def test_no_poll_no_end_of_grace(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        here.now += 2 * NOTICE.grace
        report = PassReport()
        jobs.expire_grace(here.app, report)
        assert report.decided == {}


def test_a_case_that_nobody_could_answer_ends_as_a_task_not_as_a_letter(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, dmarc_failed=True)
        here.run()
        here.run(after=NOTICE.grace + HOUR)
        assert list(here.cases().values()) == ["rejected"]
        assert here.letters.taken == []
        assert "unanswerable" in here.tasks()


def test_a_decision_of_staff_is_answered_and_closes_its_task(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET, label="grey", colour=False))
        here.run()
        [receipt] = here.cases()
        assert here.tasks() == {"review"}
        saved = verdicts.decide(here.app, receipt, accept=True, reason="原件已核对", by="staff:a").submission
        assert (saved.state, saved.decided_by) == (State.ACCEPTED, "staff:a")
        assert here.tasks() == set()
        here.run()
        assert [subject.split("】")[0][-2:] for subject in subjects(here)] == ["待核", "受理"]
        with pytest.raises(KeyError):
            verdicts.decide(here.app, "PY51-PYX-20200227-99", accept=True, reason="x", by="staff:a")


@pytest.mark.parametrize("readings", [(SCAN,), (broken(), SCAN)])
def test_staff_cannot_accept_what_holds_no_readable_workbook(tmp_path: Path, readings: tuple[Reading, ...]) -> None:
    with office(tmp_path) as here:
        here.mail("m1", *readings)
        here.run()
        [(receipt, state)] = here.cases().items()
        with pytest.raises(CannotAccept, match="no readable workbook"):
            verdicts.decide(here.app, receipt, accept=True, reason="原件已核对", by="staff:a")
        assert here.cases() == {receipt: state}
        verdicts.decide(here.app, receipt, accept=False, reason="缺电子表", by="staff:a")
        assert here.cases() == {receipt: "rejected"}


def test_rejecting_a_wrong_acceptance_tells_staff_what_it_had_replaced(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.now += HOUR
        new = workbook({"contact": "王五"}, label="new")
        here.mail("m2", new, scan(new, label="new scan"))
        here.run()
        first, second = sorted(here.cases())
        verdict = verdicts.decide(here.app, second, accept=False, reason="印章系伪造", by="staff:a")
        assert verdict.earlier == (first,)
        assert here.cases() == {first: "superseded", second: "rejected"}
        assert here.tasks() == {"nothing_accepted"}
        again = verdicts.decide(here.app, first, accept=True, reason="以此为准", by="staff:a")
        assert (again.submission.state, again.earlier) == (State.ACCEPTED, ())
        assert here.tasks() == set()


def test_nobody_need_look_at_what_a_newer_submission_replaced(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET, label="grey", colour=False))
        here.run()
        assert here.tasks() == {"review"}
        here.now += HOUR
        new = workbook({"contact": "王五"}, label="new")
        here.mail("m2", new, scan(new, label="new scan"))
        here.run()
        assert sorted(here.cases().values()) == ["accepted", "superseded"]
        assert here.tasks() == set()


def test_staff_may_reject_what_was_accepted(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        [receipt] = here.cases()
        verdicts.decide(here.app, receipt, accept=False, reason="印章系伪造", by="staff:a")
        here.run()
        assert here.cases() == {receipt: "rejected"}
        text = text_of(here.letters.taken[-1][0])
        assert "印章系伪造" in text
