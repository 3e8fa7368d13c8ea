"""Judging again: what would differ by today's lists and rules is told, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.blacklist import Blacklisted
from domain.notice import Notice, Rule
from domain.problems import Severity
from domain.submission import State
from ingest import blacklisting, verdicts
from ingest.child import ChildFailed
from ingest.rejudge import Rejudged, rejudge
from tests.builders import NOTICE, RECEIVED
from tests.office import Office, office, only_case
from tests.parts import CLERK, of_unit, scan, workbook
from tests.stores import dump


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


DAY = RECEIVED.date()


def returned(here: Office, *changes: dict[str, str], name: str = "m1", after: timedelta = timedelta(0)) -> str:
    sheet = workbook(*changes, label=name)
    here.now += after
    here.mail(name, sheet, scan(sheet, label=f"scan of {name}"))
    here.run()
    return max(here.cases())


def again(here: Office, notice: Notice = NOTICE, *, fast: bool = False, receipt: str | None = None) -> list[Rejudged]:
    return list(rejudge(here.app, notice, fast=fast, receipt=receipt))


def listed(here: Office, since: date = DAY) -> None:
    entry = Blacklisted(id=0, operator="科大讯飞", since=since, reason="查证属实")
    blacklisting.add(here.app, entry, by="staff:zhang")


@pytest.mark.parametrize("fast", [False, True])
def test_what_nothing_has_changed_for_does_not_differ(here: Office, fast: bool) -> None:
    returned(here, {"phone": "400-810-1234"})
    here.now += timedelta(days=400)  # as of the time of receipt: it is not late now
    [one] = again(here, fast=fast)
    assert (one.differs, one.failed, one.before, one.after) == (False, "", State.ACCEPTED, State.ACCEPTED)


@pytest.mark.parametrize("fast", [False, True])
def test_a_list_that_came_later_is_told_and_nothing_is_changed(here: Office, tmp_path: Path, fast: bool) -> None:
    returned(here)
    here.now += timedelta(days=3)
    listed(here, here.now.date())
    before = dump(tmp_path)
    [one] = again(here, fast=fast)
    assert [problem.code for problem in one.gained] == ["policy.blacklisted"]
    assert (one.lost, one.before, one.after) == ((), State.ACCEPTED, State.ACCEPTED)
    assert one.differs
    assert dump(tmp_path) == before


@pytest.mark.parametrize("fast", [False, True])
def test_a_rule_that_was_made_stricter_would_reject(here: Office, fast: bool) -> None:
    returned(here, {"phone": "400-810-1234"})
    stricter = replace(NOTICE, rules=(Rule(code="row.phone_unusual", severity=Severity.ERROR),))
    [one] = again(here, stricter, fast=fast)
    assert (one.before, one.after) == (State.ACCEPTED, State.REJECTED)
    assert [(each.code, each.severity) for each in one.gained] == [("row.phone_unusual", Severity.ERROR)]
    assert [(each.code, each.severity) for each in one.lost] == [("row.phone_unusual", Severity.WARNING)]
    later = replace(stricter, rules=(replace(stricter.rules[0], since=RECEIVED.date() + timedelta(days=1)),))
    assert not again(here, later, fast=fast)[0].differs


@pytest.mark.parametrize("fast", [False, True])
def test_a_rejection_that_stands_is_judged_again_and_one_that_was_mended_is_not(here: Office, fast: bool) -> None:
    first = returned(here, {"phone": ""})
    [one] = again(here, fast=fast)
    assert (one.case.receipt, one.before, one.after, one.differs) == (first, State.REJECTED, State.REJECTED, False)
    second = returned(here, {"phone": "13912345670"}, name="m2", after=timedelta(hours=1))
    assert [one.case.receipt for one in again(here, fast=fast)] == [second]
    [asked] = again(here, fast=fast, receipt=first)
    assert not asked.differs


@pytest.mark.parametrize("fast", [False, True])
def test_parts_of_two_mails_are_put_together_again(here: Office, fast: bool) -> None:
    sheet = workbook()
    here.mail("m1", sheet)
    here.run()
    here.mail("m2", scan(sheet), at=here.now + timedelta(hours=1))
    here.run(after=timedelta(hours=1))
    assert here.cases() == {only_case(here).receipt: "accepted"}
    [one] = again(here, fast=fast)
    assert (one.differs, one.failed) == (False, "")


@pytest.mark.parametrize("fast", [False, True])
def test_sets_of_two_units_in_one_mail_are_told_apart(here: Office, fast: bool) -> None:
    one, two = workbook(), of_unit("范县", label="two")
    here.mail("m1", one, two, scan(one), scan(two, label="s2", seal="范县教育局"))
    here.run()
    found = again(here, fast=fast)
    assert [(each.case.reporter, each.differs, each.failed) for each in found] == [
        ("PYX", False, ""),
        ("FX", False, ""),
    ]


def test_a_decision_of_staff_is_held_against_what_the_machine_said(here: Office) -> None:
    receipt = returned(here, {"phone": ""})
    verdicts.decide(here.app, receipt, accept=True, reason="已电话核实", by="staff:zhang")
    [one] = again(here)
    assert (one.case.state, one.case.decided_by) == (State.ACCEPTED, "staff:zhang")
    assert (one.before, one.after, one.differs) == (State.REJECTED, State.REJECTED, False)


def test_who_was_known_then_is_not_asked_anew(here: Office) -> None:
    returned(here)
    known = replace(NOTICE, reporters=tuple(
        replace(each, addresses=(CLERK,)) if each.code == "PYX" else each for each in NOTICE.reporters
    ))  # fmt: skip
    assert "mail.unknown_sender" in {each.code for each in only_case(here).problems}
    assert not again(here, known)[0].differs


def test_one_that_cannot_be_read_again_is_named_and_the_others_are_judged(here: Office) -> None:
    first = returned(here)
    other = of_unit("范县", label="other")
    here.mail("m2", other, scan(other, label="s2", seal="范县教育局"), sender="fx@example.cn")
    here.run()
    here.reader.raising["m1"] = [ChildFailed("error", "sheet_job")]
    found = {one.case.receipt: one for one in again(here)}
    assert found[first].failed.startswith("ChildFailed")
    assert not found[first].differs
    assert [one.failed for receipt, one in found.items() if receipt != first] == [""]
    assert all(not one.failed for one in again(here, fast=True))


def test_a_set_that_is_not_found_in_its_mail_any_more_is_named(here: Office) -> None:
    returned(here)
    [name] = here.reader.mails
    here.reader.tell(name, workbook({"app": "别的"}, label="others"))
    [one] = again(here)
    assert "its mails hold no such set any more" in one.failed
