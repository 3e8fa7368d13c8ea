"""Where a set of parts belongs: resend, missing part, borrowed workbook, new version (spec sections 4 and 5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.cover import PageKind
from domain.judge import Outcome, expire
from domain.mail import PartFault, PartKind
from domain.submission import State
from tests.builders import NOTICE, RECEIVED
from tests.parts import Desk, broken, codes, later, mail, scan, sha, workbook

SHEET = workbook()
SCAN = scan(SHEET)
BAD = workbook({"phone": ""}, label="bad")


def test_a_whole_set_is_accepted_under_a_number_of_its_own() -> None:
    decision = Desk().take(mail("m1", SHEET, SCAN))
    assert (decision.outcome, decision.submission.state) == (Outcome.DECIDED, State.ACCEPTED)
    assert codes(decision.submission) == set()
    assert decision.submission.message_ids == ("<m1@example.cn>",)


def test_the_very_same_files_again_create_nothing_and_are_added_to_what_stands() -> None:
    desk = Desk()
    first = desk.take(mail("m1", SHEET, SCAN)).submission
    for name, parts in (("both", (SHEET, SCAN)), ("sheet", (SHEET,)), ("cover", (SCAN,))):
        again = desk.take(mail(name, *parts, at=later(1), uid=9))
        assert again.outcome is Outcome.RESENT
        assert (again.submission.receipt, again.submission.state) == (first.receipt, State.ACCEPTED)
        assert again.submission.received_at == first.received_at
    assert desk.cases[first.receipt].message_ids == (
        "<m1@example.cn>", "<both@example.cn>", "<sheet@example.cn>", "<cover@example.cn>",
    )  # fmt: skip
    assert len(desk.cases) == 1


def test_a_mail_that_is_judged_twice_is_added_once() -> None:
    desk = Desk()
    desk.take(mail("m1", SHEET, SCAN))
    assert desk.take(mail("m1", SHEET, SCAN)).submission.mails == (sha("m1"),)


def test_a_rejected_set_sent_again_stays_rejected_under_its_receipt() -> None:
    desk = Desk()
    first = desk.take(mail("m1", BAD, scan(BAD)))
    again = desk.take(mail("m2", BAD, scan(BAD), at=later(1)))
    assert first.submission.state is State.REJECTED
    assert (again.outcome, again.submission.receipt) == (Outcome.RESENT, first.submission.receipt)


def test_the_same_rows_in_new_bytes_are_a_new_version_that_says_so() -> None:
    desk = Desk()
    first = desk.take(mail("m1", SHEET, SCAN)).submission
    second = desk.take(mail("m2", workbook(label="other bytes"), SCAN, at=later(1)))
    assert (second.submission.state, second.unchanged) == (State.ACCEPTED, True)
    assert "mail.unchanged" in codes(second.submission)
    assert desk.states() == {first.receipt: State.SUPERSEDED, second.submission.receipt: State.ACCEPTED}


def test_other_rows_are_not_unchanged() -> None:
    desk = Desk()
    desk.take(mail("m1", SHEET, SCAN))
    other = workbook({"contact": "王小红"}, label="other")
    assert not desk.take(mail("m2", other, scan(other, label="s2"), at=later(1))).unchanged


def test_going_back_to_an_older_version_is_a_new_one() -> None:
    desk = Desk()
    other = workbook({"contact": "王小红"}, label="other")
    desk.take(mail("m1", SHEET, SCAN))
    desk.take(mail("m2", other, scan(other, label="s2"), at=later(1)))
    back = desk.take(mail("m3", SHEET, SCAN, at=later(2)))
    assert back.outcome is Outcome.DECIDED
    assert list(desk.states().values()) == [State.SUPERSEDED, State.SUPERSEDED, State.ACCEPTED]


def test_a_cover_that_comes_alone_completes_the_waiting_workbook() -> None:
    desk = Desk()
    waiting = desk.take(mail("m1", SHEET)).submission
    assert (waiting.state, codes(waiting)) == (State.INCOMPLETE, {"cover.missing"})
    assert waiting.grace_ends == RECEIVED + NOTICE.grace
    whole = desk.take(mail("m2", SCAN, at=later(3), uid=2)).submission
    assert (whole.receipt, whole.state, whole.version) == (waiting.receipt, State.ACCEPTED, waiting.version)
    assert whole.message_ids == ("<m1@example.cn>", "<m2@example.cn>")
    assert (whole.received_at, whole.uid, whole.opened_at) == (later(3), 2, RECEIVED)


def test_a_workbook_that_comes_alone_completes_the_waiting_cover() -> None:
    desk = Desk()
    waiting = desk.take(mail("m1", SCAN)).submission
    assert (waiting.state, codes(waiting)) == (State.INCOMPLETE, {"sheet.missing"})
    whole = desk.take(mail("m2", SHEET, at=later(3))).submission
    assert (whole.receipt, whole.state) == (waiting.receipt, State.ACCEPTED)


def test_received_and_late_are_those_of_the_part_that_completed_it() -> None:
    desk = Desk()
    desk.take(mail("m1", SHEET))
    after = desk.take(mail("m2", SCAN, at=NOTICE.deadline.replace(day=29, hour=1))).submission
    assert after.late
    assert after.state is State.ACCEPTED
    assert "timing.late" in codes(after)


def test_a_part_processed_out_of_order_counts_by_its_receipt() -> None:
    desk = Desk()
    desk.take(mail("m2", SCAN, at=later(3), uid=7))
    whole = desk.take(mail("m1", SHEET, at=RECEIVED, uid=3)).submission
    assert (whole.received_at, whole.uid, whole.opened_at) == (later(3), 7, RECEIVED)


def test_after_a_rejection_a_cover_alone_borrows_the_newest_workbook_under_a_new_receipt() -> None:
    desk = Desk()
    rejected = desk.take(mail("m1", SHEET, scan(SHEET, label="bad scan", seal="范县教育局"))).submission
    assert rejected.state is State.REJECTED
    borrowed = desk.take(mail("m2", SCAN, at=later(5))).submission
    assert borrowed.receipt != rejected.receipt
    assert borrowed.state is State.ACCEPTED
    assert borrowed.message_ids == ("<m1@example.cn>", "<m2@example.cn>")
    assert borrowed.opened_at == later(5)
    assert desk.cases[rejected.receipt].state is State.REJECTED


def test_a_workbook_alone_is_never_vouched_for_by_an_old_cover() -> None:
    desk = Desk()
    desk.take(mail("m1", BAD, scan(BAD)))
    alone = desk.take(mail("m2", SHEET, at=later(5))).submission
    assert (alone.state, alone.cover) == (State.INCOMPLETE, None)


def test_a_part_after_the_grace_time_joins_the_same_receipt_and_is_decided_anew() -> None:
    desk = Desk()
    waiting = desk.take(mail("m1", SHEET))
    expired = desk.keep(expire(waiting.submission)).submission
    assert (expired.state, expired.expired) == (State.REJECTED, True)
    assert "cover.missing" in codes(expired)
    whole = desk.take(mail("m2", SCAN, at=later(60))).submission
    assert (whole.receipt, whole.state, whole.expired) == (expired.receipt, State.ACCEPTED, False)


def test_a_case_that_ran_out_never_takes_the_place_of_what_was_accepted_meanwhile() -> None:
    desk = Desk()
    old = desk.keep(expire(desk.take(mail("m1", workbook({"app": "旧"}, label="old"))).submission)).submission
    accepted = desk.take(mail("m2", SHEET, SCAN, at=later(60))).submission
    third = desk.take(mail("m3", scan(SHEET, label="second scan"), at=later(70))).submission
    assert third.receipt not in (old.receipt, accepted.receipt)
    assert third.sheet == accepted.sheet
    assert desk.cases[old.receipt].state is State.REJECTED


def test_an_expired_cover_never_vouches_for_a_workbook_after_a_newer_set() -> None:
    desk = Desk()
    desk.keep(expire(desk.take(mail("m1", scan(SHEET, label="old scan"))).submission))
    desk.take(mail("m2", SHEET, SCAN, at=later(60)))
    alone = desk.take(mail("m3", workbook({"app": "新"}, label="new"), at=later(70))).submission
    assert (alone.state, alone.cover) == (State.INCOMPLETE, None)


def test_a_cover_speaks_of_the_newest_workbook() -> None:
    desk = Desk()
    desk.take(mail("m1", workbook({"app": "旧"}, label="old")))
    newest = desk.take(mail("m2", SHEET, at=later(1))).submission
    whole = desk.take(mail("m3", SCAN, at=later(2))).submission
    assert (whole.receipt, whole.state) == (newest.receipt, State.ACCEPTED)
    assert list(desk.states().values()) == [State.SUPERSEDED, State.ACCEPTED]


def test_incomplete_only_while_the_part_that_came_has_no_error() -> None:
    alone = Desk().take(mail("m1", BAD)).submission
    assert alone.state is State.REJECTED
    assert codes(alone) == {"row.required", "cover.missing"}
    assert Desk().take(mail("m1", broken())).submission.state is State.REJECTED
    assert (
        Desk().take(mail("m1", scan(SHEET, seal="范县教育局", label="other"), SHEET)).submission.state is State.REJECTED
    )
    pasted = scan(SHEET, kind=PageKind.PASTED)
    assert Desk().take(mail("m1", pasted)).submission.state is State.REJECTED


def test_a_mail_with_nothing_readable_is_no_resend_of_what_stands() -> None:
    """The empty set is contained in any other: it must still be decided."""
    desk = Desk()
    first = desk.take(mail("m1", SHEET, SCAN)).submission
    fault = PartFault(name="a.zip", code="attachment.unreadable")
    empty = desk.take(mail("m2", at=later(1), faults=[fault]))
    assert empty.outcome is Outcome.DECIDED
    assert empty.submission.receipt != first.receipt
    assert empty.submission.state is State.REJECTED
    assert "attachment.unreadable" in codes(empty.submission)


DOCX = PartFault(name="更正.docx", code="attachment.unsupported", sha256=sha("docx"), candidate_for=PartKind.SHEET)
LOCKED = PartFault(name="更正.zip", code="attachment.unreadable", sha256=sha("zip"), detail="password")
LINK = PartFault(name="超大附件", code="attachment.cloud_link", candidate_for=PartKind.SHEET)


@pytest.mark.parametrize("fault", [DOCX, LOCKED, LINK])
def test_a_known_scan_with_an_unread_file_is_no_resend_and_borrows_no_workbook(fault: PartFault) -> None:
    """The new file may be the correction: it must be told, and the old workbook is not what the scan came with."""
    desk = Desk()
    first = desk.take(mail("m1", SHEET, SCAN)).submission
    for name, cover in (("same", SCAN), ("new", scan(SHEET, label="new scan"))):
        second = desk.take(mail(name, cover, at=later(1), faults=[fault]))
        assert (second.outcome, second.submission.state) == (Outcome.DECIDED, State.REJECTED)
        assert second.submission.sheet is None
        errors = {problem.code for problem in second.submission.problems if problem.severity == "error"}
        assert errors == {fault.code, "sheet.missing"}
    assert desk.cases[first.receipt].state is State.ACCEPTED


@pytest.mark.parametrize("fault", [DOCX, LOCKED])
def test_the_same_pair_with_a_new_file_is_no_resend_but_all_of_it_again_is(fault: PartFault) -> None:
    desk = Desk()
    desk.take(mail("m1", SHEET, SCAN))
    second = desk.take(mail("m2", SHEET, SCAN, at=later(1), faults=[fault]))
    assert second.outcome is Outcome.DECIDED
    assert fault.code in codes(second.submission)
    again = desk.take(mail("m3", SHEET, SCAN, at=later(2), faults=[fault]))
    assert (again.outcome, again.submission.receipt) == (Outcome.RESENT, second.submission.receipt)


def test_a_known_pair_with_another_scan_is_no_resend() -> None:
    desk = Desk()
    first = desk.take(mail("m1", SHEET, SCAN)).submission
    other = scan(workbook({"unit": "范县"}, label="other"), label="other scan")
    second = desk.take(mail("m2", SHEET, SCAN, other, at=later(1)))
    assert second.outcome is Outcome.DECIDED
    assert second.submission.receipt != first.receipt
    assert desk.take(mail("m3", SHEET, SCAN, other, at=later(2))).outcome is Outcome.RESENT


def test_a_stray_note_beside_a_new_scan_does_not_keep_it_from_the_standing_workbook() -> None:
    desk = Desk()
    desk.take(mail("m1", SHEET, scan(SHEET, label="bad scan", seal="范县教育局")))
    note = PartFault(name="说明.txt", code="attachment.unsupported", sha256=sha("note"))
    assert desk.take(mail("m2", SCAN, at=later(1), faults=[note])).submission.state is State.ACCEPTED


def test_a_waiting_workbook_is_completed_by_its_scan_whatever_came_beside_it() -> None:
    desk = Desk()
    waiting = desk.take(mail("m1", SHEET)).submission
    whole = desk.take(mail("m2", SCAN, at=later(1), faults=[DOCX])).submission
    assert (whole.receipt, whole.state) == (waiting.receipt, State.ACCEPTED)
    [told] = [problem for problem in whole.problems if problem.code == DOCX.code]
    assert "如果里面有更正的内容" in told.advice


def test_an_empty_mail_joins_no_waiting_case() -> None:
    desk = Desk()
    waiting = desk.take(mail("m1", SCAN)).submission
    fault = PartFault(name="a.zip", code="attachment.unreadable")
    desk.take(mail("m2", at=later(1), faults=[fault]))
    assert desk.cases[waiting.receipt] == waiting


def test_several_workbooks_without_a_cover_are_ambiguous_even_when_one_is_known() -> None:
    desk = Desk()
    desk.take(mail("m1", SHEET, SCAN))
    other = workbook({"app": "另一个"}, label="other", name="b.xlsx")
    both = desk.take(mail("m2", SHEET, other, at=later(1))).submission
    assert "sheet.ambiguous" in codes(both)
    assert {file.sha256 for file in both.files} == {SHEET.sha256, other.sha256}
    again = desk.take(mail("m3", SHEET, other, at=later(2)))
    assert (again.outcome, again.submission.receipt) == (Outcome.RESENT, both.receipt)


def test_another_form_of_the_same_name_is_no_reason_to_join() -> None:
    desk = Desk()
    waiting = desk.take(mail("m1", SHEET)).submission
    second = desk.take(mail("m2", replace(SHEET, sha256=sha("new bytes")), at=later(1))).submission
    assert second.receipt != waiting.receipt
    assert list(desk.states().values()) == [State.INCOMPLETE, State.INCOMPLETE]
