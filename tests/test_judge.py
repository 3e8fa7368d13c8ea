"""From parts and what stands to a state: precedence, supersession, who may replace or complete what (spec section 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue import problem
from domain.judge import Outcome, conclude, decide, expire, judge
from domain.pairing import Incoming
from domain.placing import Standing
from domain.problems import Place, Problem, Severity
from domain.sets import sets_of
from domain.sheet import HeaderValue, Sheet
from domain.submission import State, Submission
from domain.versions import same_rows
from tests.builders import NOTICE, RECEIVED, reporter
from tests.parts import CLERK, STRANGER, Desk, codes, later, mail, of_unit, scan, sha, workbook

SHEET = workbook()
SCAN = scan(SHEET)
COLOURLESS = scan(SHEET, label="grey", colour=False)


def found(code: str, severity: Severity) -> Problem:
    return problem(code, Place(), severity=severity)


ERROR = found("sheet.unreadable", Severity.ERROR)
MISSING = found("cover.missing", Severity.ERROR)
REVIEW = found("cover.seal_unreadable", Severity.REVIEW)
WARNING = found("mail.unknown_sender", Severity.WARNING)


@pytest.mark.parametrize(
    ("problems", "state"),
    [
        ((), State.ACCEPTED),
        ((WARNING,), State.ACCEPTED),
        ((REVIEW,), State.REVIEW),
        ((MISSING,), State.INCOMPLETE),
        ((MISSING, found("sheet.missing", Severity.ERROR)), State.INCOMPLETE),
        ((MISSING, REVIEW), State.INCOMPLETE),
        ((ERROR, MISSING, REVIEW, WARNING), State.REJECTED),
        ((ERROR, REVIEW), State.REJECTED),
    ],
)
def test_error_then_missing_part_then_review_then_accepted(problems: tuple[Problem, ...], state: State) -> None:
    assert all(decide(order) is state for order in permutations(problems))


def versions(*hours: float) -> list[Incoming]:
    """Whole, good sets of one reporter, received at these hours."""
    mails = []
    for at in hours:
        made = workbook({"contact": f"经办{at:g}"}, label=f"w{at:g}")
        mails.append(mail(f"m{at:g}", made, scan(made, label=f"s{at:g}"), at=later(at)))
    return mails


@settings(max_examples=40, deadline=None)
@given(st.permutations([0.0, 1.0, 2.0, 3.0]))
def test_whatever_the_order_of_processing_the_newest_by_receipt_stands(order: list[float]) -> None:
    desk = Desk()
    for came in versions(*order):
        desk.take(came)
    standing = {case.received_at: case.state for case in desk.cases.values()}
    assert [standing[later(at)] for at in range(4)] == [State.SUPERSEDED] * 3 + [State.ACCEPTED]
    newest = next(case.receipt for case in desk.cases.values() if case.state is State.ACCEPTED)
    assert {case.superseded_by for case in desk.cases.values() if case.receipt != newest} <= set(desk.cases)


@settings(max_examples=25, deadline=None)
@given(st.permutations([3, 4, 5]))
def test_of_one_second_the_higher_uid_is_newer(order: list[int]) -> None:
    desk = Desk()
    for uid in order:
        made = workbook({"contact": f"经办{uid}"}, label=f"w{uid}")
        desk.take(mail(f"m{uid}", made, scan(made, label=f"s{uid}"), uid=uid))
    assert {case.uid: case.state for case in desk.cases.values()}[5] is State.ACCEPTED
    assert [case.state for case in desk.cases.values()].count(State.ACCEPTED) == 1


def test_an_accepted_set_takes_the_place_of_review_and_incomplete_but_not_of_a_rejection() -> None:
    desk = Desk()
    rejected = desk.take(mail("m1", workbook({"phone": ""}, label="bad"))).submission
    review = desk.take(mail("m2", SHEET, COLOURLESS, at=later(1))).submission
    waiting = desk.take(mail("m3", workbook({"app": "新"}, label="alone"), at=later(2))).submission
    [last] = versions(3)
    accepted = desk.take(last).submission
    assert (rejected.state, review.state, waiting.state) == (State.REJECTED, State.REVIEW, State.INCOMPLETE)
    assert desk.states() == {
        rejected.receipt: State.REJECTED,
        review.receipt: State.SUPERSEDED,
        waiting.receipt: State.SUPERSEDED,
        accepted.receipt: State.ACCEPTED,
    }


def test_a_rejected_one_supersedes_nothing() -> None:
    desk = Desk()
    accepted = desk.take(mail("m1", SHEET, SCAN)).submission
    desk.take(mail("m2", workbook({"phone": ""}, label="bad"), SCAN, at=later(1)))
    assert desk.cases[accepted.receipt].state is State.ACCEPTED


def test_an_old_review_accepted_after_a_newer_one_becomes_superseded() -> None:
    desk = Desk()
    review = desk.take(mail("m1", SHEET, COLOURLESS)).submission
    # The newer one was judged while the older was not known, as when it was held.
    newer = replace(desk.take(versions(5)[0]).submission)
    verdict = replace(review, superseded_by=None).decided(State.ACCEPTED, by="staff:a", reason="核对无误")
    decision = conclude(verdict, (newer, review), NOTICE)
    assert (decision.submission.state, decision.submission.superseded_by) == (State.SUPERSEDED, newer.receipt)
    assert decision.superseded == ()


def test_staff_acceptance_supersedes_what_is_older() -> None:
    desk = Desk()
    old = desk.take(mail("m1", SHEET, SCAN)).submission
    made = workbook({"contact": "王五"}, label="new")
    review = desk.take(mail("m2", made, scan(made, label="grey", colour=False), at=later(1))).submission
    assert review.state is State.REVIEW
    decision = conclude(review.decided(State.ACCEPTED, by="staff:a", reason="原件已核对"), (review, old), NOTICE)
    assert (decision.submission.state, decision.submission.decided_by) == (State.ACCEPTED, "staff:a")
    assert [(case.receipt, case.state) for case in decision.superseded] == [(old.receipt, State.SUPERSEDED)]


def unlisted(name: str, at: float) -> Submission:
    """A review case of a bureau-run school nobody listed."""
    made = workbook({"unit": "市直", "school": name}, label=name, unit=name, title=None)
    case = Desk().take(mail(name, made, scan(made, label=f"scan of {name}", seal=name), at=later(at))).submission
    return replace(case, receipt=name)


def test_units_nobody_listed_replace_only_themselves() -> None:
    one, two = unlisted("濮阳市油田第九中学", 0), unlisted("濮阳市实验第七小学", 1)
    assert (one.reporter, one.state, codes(one)) == (None, State.REVIEW, {"header.unit_unlisted"})
    accepted = two.decided(State.ACCEPTED, by="staff:a", reason="属实")
    assert conclude(accepted, (two, one), NOTICE).superseded == ()
    again = replace(unlisted("濮阳市油田第九中学", 2), receipt="later")
    decision = conclude(again.decided(State.ACCEPTED, by="staff:a", reason="属实"), (again, two, one), NOTICE)
    assert [case.receipt for case in decision.superseded] == [one.receipt]


def test_a_reporter_never_replaces_another() -> None:
    desk = Desk()
    for at, unit in enumerate(("濮阳县", "范县", "台前县")):
        made = of_unit(unit, label=unit)
        desk.take(mail(unit, made, scan(made, label=f"s{unit}", seal=f"{unit}教育局"), at=later(at)))
    assert set(desk.states().values()) == {State.ACCEPTED}


def test_grace_that_ran_out_is_a_rejection_with_its_reason() -> None:
    waiting = Desk().take(mail("m1", SHEET)).submission
    expired = expire(waiting)
    assert (expired.outcome, expired.submission.state) == (Outcome.DECIDED, State.REJECTED)
    assert codes(expired.submission) == {"cover.missing"}


NIL = workbook({"app": "零报告"})


@pytest.mark.parametrize(
    ("printed", "state", "found"),
    [
        (NIL, State.ACCEPTED, set()),
        (replace(NIL, rows=()), State.REVIEW, {"cover.low_quality"}),
        (SHEET, State.REJECTED, {"cover.content_mismatch"}),
    ],
    ids=["page says so", "page says nothing", "page lists an app"],
)
def test_a_nil_return_has_no_rows_and_its_page_says_so(printed: Sheet, state: State, found: set[str]) -> None:
    nil = replace(NIL, rows=(), nil_statement=HeaderValue(text="零报告", address="B5"))
    case = Desk().take(mail("m1", nil, replace(scan(nil), pages=scan(printed).pages))).submission
    assert (case.state, case.nil_return, case.row_count, codes(case)) == (state, True, 0, found)


def test_the_same_rows_however_written_are_the_same() -> None:
    assert same_rows(SHEET, workbook({"app": "智 学 网", "phone": "139-1234-5678"}))
    assert not same_rows(SHEET, workbook({"phone": "13912345679"}))


# Who may replace: the address is known, or it is the earlier sender, or it answers in the thread.
NEW = workbook({"contact": "王五"}, label="new")
NEW_SCAN = scan(NEW, label="new scan")


@pytest.mark.parametrize(
    ("facts", "known", "answers", "state", "code"),
    [
        ({"sender": STRANGER}, False, False, State.REVIEW, True),
        ({"sender": STRANGER}, True, False, State.ACCEPTED, False),
        ({"sender": CLERK}, False, False, State.ACCEPTED, False),
        ({"sender": STRANGER, "thread": ["<m1@example.cn>"]}, False, False, State.ACCEPTED, False),
        ({"sender": STRANGER}, False, True, State.ACCEPTED, False),
        ({"sender": CLERK, "dmarc_failed": True}, False, False, State.REVIEW, True),
        ({"sender": STRANGER, "dmarc_failed": True}, True, False, State.REVIEW, True),
        ({"sender": CLERK, "dmarc_failed": True}, False, True, State.ACCEPTED, False),
    ],
)
def test_takeover(facts: dict[str, object], known: bool, answers: bool, state: State, code: bool) -> None:
    desk = Desk(known=frozenset())
    first = desk.take(mail("m1", SHEET, SCAN)).submission
    desk.known = frozenset({STRANGER}) if known else frozenset()
    answered = frozenset({first.receipt}) if answers else frozenset()
    second = desk.take(mail("m2", NEW, NEW_SCAN, at=later(1), **facts), answered=answered).submission  # type: ignore[arg-type]
    assert (second.state, "mail.takeover" in codes(second)) == (state, code)
    assert (desk.cases[first.receipt].state is State.SUPERSEDED) == (state is State.ACCEPTED)


def test_a_known_address_that_failed_dmarc_is_not_called_unregistered() -> None:
    for known, words in ((frozenset({STRANGER}), "没有通过发件验证"), (frozenset[str](), "尚未登记")):
        desk = Desk(known=frozenset())
        desk.take(mail("m1", SHEET, SCAN))
        desk.known = known
        forged = desk.take(mail("m2", NEW, NEW_SCAN, at=later(1), sender=STRANGER, dmarc_failed=True)).submission
        [told] = [problem for problem in forged.problems if problem.code == "mail.takeover"]
        assert words in told.message


def _stands_with_a_strangers_case(*parts: Any) -> tuple[Desk, Submission, Submission]:
    """An accepted set of the clerk, and a stranger's case behind it that waits for confirmation."""
    desk = Desk(known=frozenset())
    first = desk.take(mail("m1", SHEET, SCAN)).submission
    other = desk.take(mail("m2", *parts, sender=STRANGER, at=later(1))).submission
    assert "mail.takeover" in codes(other)
    return desk, first, other


@pytest.mark.parametrize("parts", [(NEW, NEW_SCAN), (NEW,), (scan(SHEET, label="theirs"),)])
def test_a_strangers_unconfirmed_case_stops_no_correction_of_the_owner(parts: tuple[Any, ...]) -> None:
    desk, first, other = _stands_with_a_strangers_case(*parts)
    better = workbook({"contact": "赵六"}, label="better")
    mended = desk.take(mail("m3", better, scan(better, label="better scan"), at=later(2))).submission
    assert (mended.state, "mail.takeover" in codes(mended)) == (State.ACCEPTED, False)
    assert desk.states()[first.receipt] is desk.states()[other.receipt] is State.SUPERSEDED


def test_the_owners_own_files_again_are_a_resend_of_what_is_accepted() -> None:
    desk, first, other = _stands_with_a_strangers_case(NEW, NEW_SCAN)
    again = desk.take(mail("m3", SHEET, SCAN, at=later(2)))
    assert (again.outcome, again.submission.receipt) == (Outcome.RESENT, first.receipt)
    theirs = desk.take(mail("m4", NEW, NEW_SCAN, sender=STRANGER, at=later(3)))
    assert (theirs.outcome, theirs.submission.receipt) == (Outcome.RESENT, other.receipt)


def test_the_owner_sends_the_very_files_that_a_stranger_sent() -> None:
    desk, first, _ = _stands_with_a_strangers_case(NEW, NEW_SCAN)
    theirs = desk.take(mail("m3", NEW, NEW_SCAN, at=later(2)))
    assert (theirs.outcome, theirs.submission.state) == (Outcome.DECIDED, State.ACCEPTED)
    assert desk.states()[first.receipt] is State.SUPERSEDED


def test_a_second_stranger_takes_over_as_the_first_would() -> None:
    desk, first, other = _stands_with_a_strangers_case(NEW, NEW_SCAN)
    desk.keep(
        conclude(other.decided(State.REJECTED, by="staff:a", reason="不是本单位"), tuple(desk.cases.values()), NOTICE)
    )
    newest = workbook({"contact": "赵六"}, label="newest")
    came = mail("m3", newest, scan(newest, label="newest scan"), sender="another@example.net", at=later(2))
    third = desk.take(came).submission
    assert (third.state, "mail.takeover" in codes(third)) == (State.REVIEW, True)
    assert desk.states()[first.receipt] is State.ACCEPTED


def test_a_strangers_case_that_staff_confirmed_counts() -> None:
    desk, first, other = _stands_with_a_strangers_case(NEW, NEW_SCAN)
    verdict = other.decided(State.ACCEPTED, by="staff:a", reason="已电话核实")
    desk.keep(conclude(verdict, tuple(desk.cases.values()), NOTICE))
    better = workbook({"contact": "赵六"}, label="better")
    mended = desk.take(mail("m3", better, scan(better, label="better scan"), at=later(2))).submission
    assert desk.states()[first.receipt] is State.SUPERSEDED
    assert (mended.state, "mail.takeover" in codes(mended)) == (State.REVIEW, True)


@pytest.mark.parametrize("known", [False, True])
def test_who_sent_the_accepted_version_replaces_what_came_since_but_not_from_a_known_address(known: bool) -> None:
    """The colleague answered in the thread, so their workbook waits for no confirmation."""
    desk = Desk(known=frozenset())
    desk.take(mail("m1", SHEET, SCAN))
    desk.take(mail("m2", NEW, sender=STRANGER, at=later(1), thread=["<m1@example.cn>"]))
    desk.known = frozenset({STRANGER}) if known else frozenset()
    better = workbook({"contact": "赵六"}, label="better")
    mended = desk.take(mail("m3", better, scan(better, label="better scan"), at=later(2))).submission
    assert mended.state is (State.REVIEW if known else State.ACCEPTED)


def test_the_owners_cover_completes_the_owners_workbook_whatever_a_stranger_sent() -> None:
    desk = Desk(known=frozenset())
    first = desk.take(mail("m1", SHEET)).submission
    desk.take(mail("m2", NEW, sender=STRANGER, at=later(1)))
    whole = desk.take(mail("m3", SCAN, at=later(2))).submission
    assert (whole.receipt, whole.state) == (first.receipt, State.ACCEPTED)


def test_who_sends_the_same_workbook_with_its_scan_takes_nothing_over() -> None:
    desk = Desk(known=frozenset())
    first = desk.take(mail("m1", SHEET)).submission
    whole = desk.take(mail("m2", SHEET, SCAN, sender=STRANGER, at=later(1))).submission
    assert (whole.state, codes(whole)) == (State.ACCEPTED, {"mail.unknown_sender"})
    assert desk.states()[first.receipt] is State.SUPERSEDED


def test_who_sent_the_same_workbook_completes_it_with_the_scan() -> None:
    desk = Desk(known=frozenset())
    first = desk.take(mail("m1", SHEET)).submission
    again = desk.take(mail("m2", SHEET, sender=STRANGER, at=later(1)))
    assert (again.outcome, again.submission.state) == (Outcome.RESENT, State.INCOMPLETE)
    whole = desk.take(mail("m3", SCAN, sender=STRANGER, at=later(2))).submission
    assert (whole.receipt, whole.state, codes(whole)) == (first.receipt, State.ACCEPTED, {"mail.unknown_sender"})


@pytest.mark.parametrize(
    ("again", "then", "facts"),
    [
        (
            (replace(SHEET, sha256=sha("other bytes")),),
            (SCAN,),
            {},
        ),  # the same rows in other bytes are not the same file
        ((SHEET,), (SCAN,), {"dmarc_failed": True}),
        ((SHEET,), (NEW, NEW_SCAN), {}),
    ],
)
def test_holding_a_file_gives_no_right_to_another(
    again: tuple[Any, ...], then: tuple[Any, ...], facts: dict[str, bool]
) -> None:
    desk = Desk(known=frozenset())
    desk.take(mail("m1", SHEET))
    desk.take(mail("m2", *again, sender=STRANGER, at=later(1), **facts))  # type: ignore[arg-type]
    last = desk.take(mail("m3", *then, sender=STRANGER, at=later(2), **facts)).submission  # type: ignore[arg-type]
    assert last.state is State.REVIEW
    assert codes(last) & {"mail.takeover", "mail.foreign_part"}


def test_the_same_workbook_with_another_scan_replaces_no_accepted_set() -> None:
    desk = Desk(known=frozenset())
    desk.take(mail("m1", SHEET, SCAN))
    other = desk.take(mail("m2", SHEET, scan(SHEET, label="theirs"), sender=STRANGER, at=later(1))).submission
    assert (other.state, "mail.takeover" in codes(other)) == (State.REVIEW, True)


def test_the_owners_scan_goes_with_a_strangers_workbook_only_where_there_is_no_other() -> None:
    desk = Desk(known=frozenset())
    theirs = desk.take(mail("m1", SHEET, sender=STRANGER)).submission
    whole = desk.take(mail("m2", SCAN, at=later(1))).submission
    assert (whole.receipt, whole.state, "mail.foreign_part" in codes(whole)) == (theirs.receipt, State.REVIEW, True)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("shown", "own"), [(SHEET, True), (NEW, False)])
def test_a_scan_sent_again_goes_with_the_workbook_that_it_shows(shown: Any, own: bool, known: bool) -> None:
    """The owner's seal was wrong. What another sent meanwhile waits for a scan, too, and may be a colleague's correction."""
    desk = Desk(known=frozenset({CLERK}) if known else frozenset())
    desk.take(mail("m1", SHEET, scan(SHEET, label="wrong seal", seal="范县教育局")))
    theirs = desk.take(mail("m2", NEW, sender=STRANGER, at=later(1))).submission
    whole = desk.take(mail("m3", scan(shown, label="mended"), at=later(2))).submission
    assert (whole.receipt != theirs.receipt) is own
    assert whole.sheet and whole.sheet.file.sha256 == shown.sha256
    assert whole.state is (State.ACCEPTED if known else State.REVIEW)
    assert codes(whole) - {"mail.unknown_sender"} == (
        set() if known else {"mail.takeover"} if own else {"mail.foreign_part"}
    )


def test_a_scan_alone_is_of_what_is_confirmed_whatever_waits_for_a_person() -> None:
    desk, first, _ = _stands_with_a_strangers_case(NEW, NEW_SCAN)
    again = desk.take(mail("m3", scan(SHEET, label="better scan"), at=later(2))).submission
    assert (again.state, again.sheet) == (State.ACCEPTED, first.sheet)


def test_a_rejection_is_no_takeover() -> None:
    desk = Desk(known=frozenset())
    desk.take(mail("m1", SHEET, SCAN))
    bad = desk.take(mail("m2", workbook({"phone": ""}, label="bad"), NEW_SCAN, sender=STRANGER, at=later(1))).submission
    assert "mail.takeover" not in codes(bad)


def test_an_address_on_the_list_of_the_notice_is_known() -> None:
    listed = replace(reporter(), addresses=(STRANGER,))
    desk = Desk(known=frozenset())
    first = desk.take(mail("m1", SHEET, SCAN)).submission
    came = mail("m2", NEW, NEW_SCAN, sender=STRANGER, at=later(1))
    [parts] = sets_of(came, NOTICE)
    standing = Standing(submissions=(first,))
    second = judge(parts, came, notice=NOTICE, reporter=listed, standing=standing).submission
    assert (second.state, codes(second)) == (State.ACCEPTED, set())


@pytest.mark.parametrize(
    ("facts", "known", "answers", "state"),
    [
        ({"sender": STRANGER}, False, False, State.REVIEW),
        ({"sender": STRANGER}, True, False, State.ACCEPTED),
        ({"sender": CLERK}, False, False, State.ACCEPTED),
        ({"sender": CLERK, "dmarc_failed": True}, False, False, State.REVIEW),
        ({"sender": STRANGER, "thread": ["<m1@example.cn>"]}, False, False, State.ACCEPTED),
        ({"sender": STRANGER}, False, True, State.ACCEPTED),
    ],
)
def test_foreign_part(facts: dict[str, object], known: bool, answers: bool, state: State) -> None:
    desk = Desk(known=frozenset({STRANGER}) if known else frozenset())
    first = desk.take(mail("m1", SHEET)).submission
    answered = frozenset({first.receipt}) if answers else frozenset()
    whole = desk.take(mail("m2", SCAN, at=later(1), **facts), answered=answered).submission  # type: ignore[arg-type]
    assert whole.receipt == first.receipt
    assert (whole.state, "mail.foreign_part" in codes(whole)) == (state, state is State.REVIEW)


def test_unknown_and_unverified_senders_are_told_and_accepted() -> None:
    case = Desk(known=frozenset()).take(mail("m1", SHEET, SCAN, dmarc_failed=True)).submission
    assert (case.state, codes(case)) == (State.ACCEPTED, {"mail.unknown_sender", "mail.sender_unverified"})


@pytest.mark.parametrize("after", [timedelta(0), timedelta(seconds=1)])
def test_the_deadline_is_included_to_its_last_second(after: timedelta) -> None:
    case = Desk().take(mail("m1", SHEET, SCAN, at=NOTICE.deadline + after)).submission
    assert (case.late, "timing.late" in codes(case)) == (bool(after), bool(after))
    assert case.state is State.ACCEPTED


_PARTS = st.sampled_from(["whole", "sheet", "cover", "bad", "grey"])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(_PARTS, st.integers(0, 2), st.sampled_from([CLERK, STRANGER])), min_size=1, max_size=7))
def test_what_must_hold_after_any_mails_in_any_order(story: list[tuple[str, int, str]]) -> None:
    desk = Desk(known=frozenset())
    for number, (kind, version, sender) in enumerate(story):
        made = workbook(
            {"contact": f"经办{version}", **({"phone": ""} if kind == "bad" else {})}, label=f"{kind == 'bad'}{version}"
        )
        cover = scan(made, label=f"s{kind}{version}", colour=kind != "grey")
        files = {"sheet": (made,), "cover": (cover,)}.get(kind, (made, cover))
        before = dict(desk.cases)
        decision = desk.take(
            mail(f"m{number}", *files, sender=sender, at=RECEIVED + timedelta(minutes=number), uid=number)
        )
        case = desk.cases[decision.submission.receipt]
        assert f"<m{number}@example.cn>" in case.message_ids
        assert (case.state is State.REJECTED) == any(
            one.severity is Severity.ERROR and not one.code.endswith(".missing") for one in case.problems
        )
        for receipt, old in before.items():
            assert receipt in desk.cases
            if old.state is State.REJECTED and receipt != case.receipt:
                assert desk.cases[receipt] == old
        accepted = [one for one in desk.cases.values() if one.state is State.ACCEPTED]
        assert len(accepted) <= 1
        for one in desk.cases.values():
            assert (one.state is State.SUPERSEDED) == (one.superseded_by is not None)
            if accepted and one.state in (State.INCOMPLETE, State.REVIEW):
                assert one.order > accepted[0].order
