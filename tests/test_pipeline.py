"""The whole way of a mail, on a real database and archive: one decision, one reply, whatever happens in between."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from domain.cover import Cover
from domain.letter import AttachmentRole, LetterKind
from domain.mail import Intent, MailKind, Origin, Part, PartFault, PartKind
from domain.submission import State, Submission
from ingest import jobs, verdicts
from ingest.app import App
from ingest.errors import CannotAccept, CommandRefused, Transient
from ingest.jobs import PassReport
from ingest.replaying import replay
from notifier.errors import OutcomeUnknown, PermanentRefusal, ServerRefusal, SetupRefusal, TemporaryRefusal
from storage import inbox, outbox, submissions, tasks
from storage.blobs import BlobStore
from storage.errors import Conflict
from storage.verify import verify
from tests import builders
from tests.builders import NOTICE, RECEIVED
from tests.office import BUREAU, MemoryMailbox, Office, dump, office, raw_mail
from tests.parts import CLERK, STRANGER, Reading, broken, codes, of_unit, scan, sha, workbook

SHEET = workbook()
SCAN = scan(SHEET)
BAD = workbook({"phone": ""}, label="bad")
HOUR = timedelta(hours=1)


def subjects(here: Office) -> list[str]:
    return [str(message_from_bytes(raw, policy=default)["Subject"]) for raw, _ in here.letters.taken]


def addresses(here: Office) -> list[str]:
    return [to for _, to in here.letters.taken]


def only_case(here: Office) -> Submission:
    [receipt] = here.cases()
    with here.app.database.read() as tx:
        case = submissions.load(tx, receipt)
    assert case is not None
    return case


def text_of(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_good_set_is_accepted_answered_and_filed(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        report = here.run()
        assert (report.received, report.count(State.ACCEPTED), report.replies_sent) == (1, 1, 1)
        assert here.cases() == {"PY51-PYX-20200227-01": "accepted"}
        assert addresses(here) == [CLERK]
        assert "【受理】" in subjects(here)[0]
        assert "PY51-PYX-20200227-01" in subjects(here)[0]
        assert here.box.filed == [(1, "done")]


def test_a_wrong_form_gets_the_blank_one_as_such(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", broken(code="sheet.wrong_form"), SCAN)
        here.run()
        with here.app.database.read() as tx:
            assert [file.role for file in outbox.load(tx, 1).letter.attachments] == [AttachmentRole.BLANK]


def test_a_second_pass_changes_nothing_and_sends_nothing(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", BAD, sender=STRANGER)
        here.mail("m3", intent=Intent.QUESTION)
        here.mail("m4", kind=MailKind.BULK)
        here.run()
        before, sent = dump(tmp_path), list(here.letters.taken)
        again = here.run()
        assert dump(tmp_path) == before
        assert here.letters.taken == sent
        assert again == PassReport()
        assert here.reader.read_count == 4


def test_parts_in_two_mails_of_one_pass_get_one_reply_to_the_newest_sender(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, at=RECEIVED)
        here.mail("m2", SCAN, at=RECEIVED + HOUR)
        report = here.run()
        assert list(here.cases().values()) == ["accepted"]
        assert report.decided == {"PY51-PYX-20200227-01": State.ACCEPTED}
        [subject] = subjects(here)
        assert "【受理】" in subject
        assert only_case(here).message_ids == ("<m1@example.cn>", "<m2@example.cn>")


def test_another_sender_of_a_part_gets_the_outcome_without_content(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.mail("m2", SCAN, sender=STRANGER, at=RECEIVED + HOUR)
        here.run()
        [(raw, to)] = here.letters.taken
        assert to == STRANGER
        body = text_of(raw)
        assert "13912345678" not in body
        assert "濮阳县.xlsx" not in body
        assert here.cases() == {"PY51-PYX-20200227-01": "review"}
        assert "review" in here.tasks()


def test_a_later_decision_reaches_the_workbooks_sender_too(tmp_path: Path) -> None:
    """The stranger's cover was answered last, and yet the workbook is the clerk's."""
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.mail("m2", SCAN, sender=STRANGER, at=RECEIVED + HOUR)
        here.run()
        here.letters.taken.clear()
        verdicts.decide(here.app, "PY51-PYX-20200227-01", accept=True, reason="已电话核实", by="staff:a")
        here.run()
        [(clerks, first), (strangers, second)] = here.letters.taken
        assert (first, second) == (CLERK, STRANGER)
        assert "濮阳县.xlsx" in text_of(clerks)
        assert "已电话核实" in text_of(clerks)
        assert "濮阳县.xlsx" not in text_of(strangers)
        assert "已电话核实" not in text_of(strangers)


def test_a_later_decision_is_told_in_full_at_an_honoured_reply_to(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        office_address = CLERK.replace(CLERK.partition("@")[0], "office")
        here.mail("m1", SHEET, scan(SHEET, seal="范县教育局"), reply_to=office_address)
        here.run()
        [receipt] = here.cases()
        here.letters.taken.clear()
        verdicts.decide(here.app, receipt, accept=False, reason="印章不符", by="staff:a")
        here.run()
        [(raw, to)] = here.letters.taken
        assert to == office_address
        assert "濮阳县.xlsx" in text_of(raw)


def test_parts_in_two_passes_get_a_reply_each(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        here.now += HOUR
        here.mail("m2", SCAN)
        here.run()
        assert [subject.split("】")[0][-2:] for subject in subjects(here)] == ["待补", "受理"]


def test_several_sets_in_one_mail_get_a_receipt_and_reply_each(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        other = of_unit("范县", label="fan")
        here.mail("m1", SHEET, SCAN, other, scan(other, label="fan scan", seal="范县教育局"))
        report = here.run()
        assert sorted(here.cases().values()) == ["accepted", "accepted"]
        assert report.replies_sent == 2


def test_a_resend_is_answered_under_the_receipt_that_stands(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.now += HOUR
        here.mail("m2", SHEET, SCAN)
        report = here.run()
        assert (report.decided, report.replies_sent) == ({}, 1)
        assert all("PY51-PYX-20200227-01" in subject for subject in subjects(here))
        assert only_case(here).message_ids == ("<m1@example.cn>", "<m2@example.cn>")


def test_a_resend_by_another_address_takes_no_unsent_decision_from_its_reader(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET, seal="范县教育局"))
        here.letters.raising = [TemporaryRefusal(451, "later")]
        here.run()
        here.mail("m2", SHEET, scan(SHEET, seal="范县教育局"), sender=STRANGER)
        here.run(after=timedelta(seconds=1))
        here.run(after=HOUR)
        assert sorted(addresses(here)) == [CLERK, STRANGER]
        [full] = [text_of(raw) for raw, to in here.letters.taken if to == CLERK]
        assert "濮阳县.xlsx" in full


def test_a_resend_by_the_same_address_gets_one_letter(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.letters.raising = [TemporaryRefusal(451, "later")]
        here.run()
        here.mail("m2", SHEET, SCAN)
        here.run(after=timedelta(seconds=1))
        here.run(after=HOUR)
        assert addresses(here) == [CLERK]


def test_a_decision_of_staff_takes_back_only_letters_to_those_it_tells(tmp_path: Path) -> None:
    """A colleague's resend has a letter waiting when staff decide: it stays, for the decision goes to others."""
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.mail("m2", SHEET, SCAN, sender=STRANGER)
        here.letters.raising = [TemporaryRefusal(451, "later")]
        here.run(after=HOUR)
        verdicts.decide(here.app, RECEIPT, accept=False, reason="印章不符", by="staff:a")
        here.run(after=HOUR)
        assert sorted(addresses(here)[1:]) == [CLERK, STRANGER]


def test_the_earlier_sender_is_told_in_one_line_when_another_replaces_it(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.now += HOUR
        new = workbook({"contact": "王五"}, label="new")
        here.mail("m2", new, scan(new, label="new scan"), sender=STRANGER, thread=["<m1@example.cn>"])
        here.run()
        assert sorted(addresses(here)[1:]) == [CLERK, STRANGER]
        assert sorted(here.cases().values()) == ["accepted", "superseded"]


def test_a_cover_whose_seal_says_nothing_finds_its_case_by_the_thread_of_our_reply(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        ours = str(message_from_bytes(here.letters.taken[0][0])["Message-ID"])
        here.now += HOUR
        here.mail("m2", _blank_cover(), sender=STRANGER, thread=[ours])
        here.run()
        case = only_case(here)
        assert case.receipt == "PY51-PYX-20200227-01"
        assert "mail.foreign_part" not in codes(case)


def _blank_cover() -> Cover:
    """A page that names nobody, under a seal that nobody can read."""
    bare = scan(workbook({"unit": "", "school": "某校"}, title=None, unit=None), label="faint")
    faint = builders.seal("", legible=False)
    return replace(bare, pages=tuple(replace(one, seals=(faint,)) for one in bare.pages))


def test_a_workbook_finds_the_cover_that_came_before_anybody_knew_whose_it_was(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", _blank_cover())
        here.run()
        [first] = here.cases()
        assert "-XX-" in first
        here.now += HOUR
        here.mail("m2", SHEET)
        here.run()
        case = only_case(here)
        assert (case.receipt, case.reporter) == (first, "PYX")


def test_a_cover_of_nobody_is_not_taken_by_two_workbooks_of_one_mail(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", _blank_cover())
        here.run()
        here.now += HOUR
        here.mail("m2", SHEET, of_unit("范县", label="fan"))
        report = here.run()
        assert report.failures == []
        assert sorted(here.cases().values()) == ["incomplete"] * 3


# What goes wrong inside.


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

    def __init__(self, app: App) -> None:
        super().__init__(app.settings.archive)
        self._app = app
        self.meddled = 0

    def put(self, data: bytes) -> str:
        if data.startswith(b"PK") and not self.meddled:
            self.meddled += 1
            with self._app.database.begin() as tx:
                submissions.advance_case(tx, NOTICE.id, None, submissions.case_version(tx, NOTICE.id, None))
        return super().put(data)


def test_a_decision_in_between_is_noticed_and_the_mail_judged_again(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        meddling = Meddling(here.app)
        here.app.blobs = meddling
        here.mail("m1", broken(code="sheet.wrong_form"))
        assert here.run().failures == []
        assert (meddling.meddled, here.cases(), here.status("m1")) == (1, {}, "new")
        here.run(after=timedelta(seconds=31))
        assert (list(here.cases().values()), here.status("m1")) == (["rejected"], "done")


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


# Grace.


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


# Staff.


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


# Filing on the server.


def test_a_mail_that_cannot_be_filed_holds_up_no_other_and_is_left_at_last(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        other = of_unit("范县", label="fan")
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", other, scan(other, label="fan scan", seal="范县教育局"))
        here.box.unmovable = {1}
        report = here.run()
        assert (here.box.filed, len(report.failures)) == ([(2, "done")], 1)
        assert here.tasks() == set()
        assert here.run(after=HOUR).failures == []
        assert here.tasks() == {"not_filed"}
        assert here.run(after=HOUR).failures == []


def test_a_server_that_refuses_all_filing_is_not_asked_for_every_mail(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        for number in range(8):
            here.mail(f"m{number}", faults=[LOCKED])
        here.box.unmovable = set(range(1, 9))
        assert len(here.run().failures) == jobs.REFUSED_AT_MOST
        here.box.unmovable = set()
        here.run()
        assert len(here.box.filed) == 8


def _eight(here: Office) -> set[int]:
    """Eight submissions arrive; → their UIDs."""
    for number in range(8):
        here.mail(f"m{number}", faults=[LOCKED])
    return set(range(1, 9))


def test_mails_that_a_server_refused_for_hours_are_filed_when_it_recovers(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.box.unmovable = _eight(here)
        for _ in range(3):
            assert len(here.run(after=5 * HOUR).failures) == jobs.REFUSED_AT_MOST
        assert "not_filed" not in here.tasks()
        here.box.unmovable = set()
        here.run()
        assert len(here.box.filed) == 8


def test_without_a_folder_to_file_into_no_mail_is_to_blame(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        _eight(here)
        here.box.no_folder = True
        for _ in range(3):
            assert len(here.run(after=5 * HOUR).failures) == 1
        here.box.no_folder = False
        here.run()
        assert (len(here.box.filed), "not_filed" in here.tasks()) == (8, False)


def test_mails_refused_before_do_not_keep_newer_ones_from_being_tried(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.box.unmovable = _eight(here)
        here.run()
        here.mail("later", faults=[LOCKED])
        here.run(after=2 * HOUR)
        assert here.box.filed == [(9, "done")]
        here.run()
        with here.app.database.read() as tx:
            left = [task.subject for task in tasks.open_(tx) if task.kind == "not_filed"]
        assert len(left) == jobs.REFUSED_AT_MOST


# Mails that are no submission.


def test_a_question_gets_one_guide_a_day(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        for number in range(3):
            here.mail(f"q{number}", intent=Intent.QUESTION)
        report = here.run()
        assert (report.ignored, report.replies_sent, here.cases()) == (3, 1, {})
        here.now += timedelta(days=1)
        here.mail("q9")
        assert here.run().replies_sent == 1
        assert here.box.filed == []
        assert here.tasks() == {"question"}


def test_a_file_of_a_kind_nobody_asked_for_is_named_and_not_called_no_attachment(tmp_path: Path) -> None:
    text = replace(FILE, name="说明.txt", kind=PartKind.OTHER)
    with office(tmp_path) as here:
        here.mail("q1", parts=(text,), faults=[PartFault(name="说明.txt", code="attachment.unsupported")])
        here.run()
        told = text_of(here.letters.taken[0][0]).splitlines()[0]
        assert "附件“说明.txt”不是电子表" in told
        assert "没有附件" not in told


def test_a_complaint_gets_one_neutral_line_and_a_confidential_task_pictures_or_not(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("c1", replace(builders.cover(), sha256=SCAN.sha256), intent=Intent.COMPLAINT)
        here.mail("c2", intent=Intent.COMPLAINT)
        report = here.run()
        assert (here.cases(), report.replies_sent) == ({}, 1)
        with here.app.database.read() as tx:
            assert {(task.kind, task.confidential) for task in tasks.open_(tx)} == {("complaint", True)}
            assert outbox.load(tx, 1).letter.kind is LetterKind.COMPLAINT
            assert verify(tx, here.app.blobs).ok


def test_a_tip_off_with_a_spreadsheet_as_evidence_is_no_submission(tmp_path: Path) -> None:
    evidence = replace(broken(code="sheet.wrong_form"), missing_columns=("电话",) * 7)
    with office(tmp_path) as here:
        here.mail("c1", evidence, intent=Intent.COMPLAINT)
        here.mail("c2", intent=Intent.COMPLAINT, faults=[LOCKED], sender=STRANGER)
        here.run()
        assert here.cases() == {}
        assert [raw.count(b"attachment;") for raw, _ in here.letters.taken] == [0, 0]
        with here.app.database.read() as tx:
            assert [(task.kind, task.confidential) for task in tasks.open_(tx)] == [("complaint", True)] * 2


@pytest.mark.parametrize("answers", [True, False])
def test_a_scan_with_words_of_a_complaint_joins_the_case_that_waits_for_it(tmp_path: Path, answers: bool) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        ours = str(message_from_bytes(here.letters.taken[0][0])["Message-ID"])
        here.now += HOUR
        sender, thread = (STRANGER, [ours]) if answers else (CLERK, [])
        here.mail("m2", SCAN, intent=Intent.COMPLAINT, sender=sender, thread=thread)
        here.mail("m3", SCAN, intent=Intent.COMPLAINT, sender="third@example.org")
        here.run()
        assert here.cases() == {RECEIPT: "accepted"}
        with here.app.database.read() as tx:
            found = [(task.kind, task.subject, task.confidential) for task in tasks.open_(tx)]
        assert found == [("complaint", "mail:2", True), ("complaint", "mail:3", True)]


def test_a_stamped_scan_alone_with_words_of_a_complaint_waits_for_its_workbook(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SCAN, intent=Intent.COMPLAINT)
        here.run()
        assert (list(here.cases().values()), here.tasks()) == (["incomplete"], {"complaint"})
        here.mail("m2", SHEET)
        here.run(after=HOUR)
        assert here.cases() == {RECEIPT: "accepted"}


@pytest.mark.parametrize(
    "evidence",
    [builders.cover(), *(builders.cover(replace(SCAN.pages[0], **lacks)) for lacks in ({"seals": ()}, {"cells": ()}))],
)
def test_a_scan_that_is_no_stamped_form_is_evidence_of_a_tip_off(tmp_path: Path, evidence: Cover) -> None:
    with office(tmp_path) as here:
        here.mail("m1", replace(evidence, sha256=SCAN.sha256), intent=Intent.COMPLAINT)
        here.run()
        assert (here.cases(), here.tasks()) == ({}, {"complaint"})


@pytest.mark.parametrize("reading", [SHEET, replace(broken(code="sheet.wrong_form"), missing_columns=("电话",))])
def test_a_return_that_speaks_of_a_complaint_is_a_submission_and_shown_to_staff(
    tmp_path: Path, reading: Reading
) -> None:
    with office(tmp_path) as here:
        here.mail("m1", reading, SCAN, intent=Intent.COMPLAINT)
        here.run()
        assert len(here.cases()) == 1
        assert "complaint" in here.tasks()


@pytest.mark.parametrize("kind", [MailKind.OWN, MailKind.BULK, MailKind.AUTO_REPLY, MailKind.BOUNCE])
def test_mail_of_machines_and_our_own_is_recorded_and_never_answered(tmp_path: Path, kind: MailKind) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN, kind=kind, sender=BUREAU if kind is MailKind.OWN else STRANGER)
        report = here.run()
        assert (report.ignored, report.replies_sent, here.cases()) == (1, 0, {})
        assert here.status("m1") == "done"
        assert here.letters.taken == []


FILE = Part(name="a.xlsx", kind=PartKind.SHEET, media="", sha256="a" * 64, size=9, position=0)
LOCKED = PartFault(name="a.zip", code="attachment.unreadable")


@pytest.mark.parametrize("kind", [MailKind.OWN, MailKind.BULK, MailKind.AUTO_REPLY, MailKind.BOUNCE])
@pytest.mark.parametrize("brought", [{"parts": (FILE,)}, {"faults": [LOCKED]}])
def test_files_in_mail_of_machines_and_our_own_are_shown_to_staff(
    tmp_path: Path, kind: MailKind, brought: dict[str, Any]
) -> None:
    with office(tmp_path) as here:
        here.mail("m1", kind=kind, sender=STRANGER, **brought)
        here.run()
        assert "automatic_with_files" in here.tasks()
        assert here.letters.taken == []


def test_letters_of_ours_that_come_in_and_their_bounces_are_no_files_for_staff(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        ours = str(message_from_bytes(here.letters.taken[0][0])["Message-ID"])
        here.mail("o1", kind=MailKind.OWN, sender=BUREAU, parts=(FILE,), message_id=ours)
        here.mail("b1", kind=MailKind.BOUNCE, sender="mailer-daemon@example.cn", thread=[ours], parts=(FILE,))
        here.run()
        assert here.tasks() == {"bounce"}


RECEIPT = "PY51-PYX-20200227-01"


def test_when_dmarc_failed_only_a_known_address_is_written_to(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN, dmarc_failed=True)
        here.run()
        assert here.letters.taken == []
        assert "unanswerable" in here.tasks()
        assert "mail.sender_unverified" in codes(only_case(here))


def test_when_dmarc_failed_every_known_address_is_written_to_and_hears_of_later_decisions(tmp_path: Path) -> None:
    known = ("a@pyx.example", "b@pyx.example")
    listed = replace(builders.reporter(), addresses=known)
    others = tuple(each for each in NOTICE.reporters if each.code != listed.code)
    with office(tmp_path) as here:
        here.app.notices = (replace(NOTICE, reporters=(listed, *others)),)
        here.reader.notice = here.app.notices[0]
        here.mail("m1", SHEET, dmarc_failed=True)
        here.run()
        assert sorted(addresses(here)) == sorted(known)
        here.letters.taken.clear()
        here.run(after=NOTICE.grace + HOUR)
        assert sorted(addresses(here)) == sorted(known)


def test_a_mail_too_large_to_fetch_is_told_how_to_mend_it(tmp_path: Path) -> None:
    """With the real reader: the archive holds the header alone, and the sender is answered all the same."""
    header = (
        f"From: <{CLERK}>\r\nTo: <{BUREAU}>\r\nSubject: report\r\nMessage-ID: <big@example.cn>\r\n"
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    ).encode()
    with office(tmp_path) as here:
        here.app._reader = None
        here.box.deliver(header, oversize=True, size_announced=70_000_000)
        report = here.run()
        assert report.failures == []
        case = only_case(here)
        assert case.state is State.REJECTED
        assert codes(case) == {"attachment.too_large", "mail.unknown_sender"}
        [(raw, to)] = here.letters.taken
        assert to == CLERK
        body = text_of(raw)
        assert "太大" in body
        assert here.box.filed == [(1, "done")]


def test_a_locked_archive_is_told_and_never_a_question(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", faults=[PartFault(name="a.zip", code="attachment.unreadable")])
        here.run()
        assert list(here.cases().values()) == ["rejected"]
        assert "attachment.unreadable" in codes(only_case(here))


# Sending.


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
        jobs.process(here.app, PassReport())
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


def test_a_letter_that_cannot_be_rendered_holds_up_no_other(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        jobs.poll(here.app, PassReport())
        jobs.process(here.app, PassReport())
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


# The archive and the ledger.


def test_after_a_full_run_everything_is_referred_to_and_every_hash_holds(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        other = workbook({"app": "另一个"}, label="rival", name="b.xlsx")
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", SHEET, other, at=RECEIVED + HOUR)
        here.mail("m3", BAD, at=RECEIVED + 2 * HOUR)
        here.mail("m4", faults=[PartFault(name="a.zip", code="attachment.unreadable")], at=RECEIVED + 3 * HOUR)
        here.mail("m5", intent=Intent.QUESTION, at=RECEIVED + 4 * HOUR)
        here.run()
        with here.app.database.read() as tx:
            result = verify(tx, here.app.blobs, now=datetime.now(UTC) + 99 * HOUR)
        assert result.faults == ()
        with sqlite3.connect(tmp_path / "data" / "baosong.db") as base:
            bodies = [json.loads(body) for (body,) in base.execute("SELECT body FROM ledger_entries")]
        named = {sha256 for body in bodies for sha256 in body.get("blobs", [])}
        assert set(here.app.blobs.names()) == named
        text = json.dumps(bodies, ensure_ascii=False)
        assert CLERK not in text
        assert "13912345678" not in text


def test_the_files_of_a_held_mail_and_of_a_resend_are_no_extra_files(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        logo, note = sha("logo"), sha("note of an odd mail")
        here.reader.beside = {"again": [logo], "odd": [note]}
        here.mail("again", SHEET, SCAN)
        here.mail("odd", replace(workbook(label="odd"), rows=(None,)))  # type: ignore[arg-type]  no reader gives that
        here.run()
        assert here.status("odd") == "held"
        assert {logo, note} <= set(here.app.blobs.names())
        with here.app.database.read() as tx:
            assert verify(tx, here.app.blobs, now=datetime.now(UTC) + 99 * HOUR).faults == ()


def test_receipt_numbers_are_of_the_day_in_the_zone_of_the_notice(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN, at=RECEIVED.replace(hour=0, minute=30))
        here.run()
        assert list(here.cases()) == ["PY51-PYX-20200227-01"]
