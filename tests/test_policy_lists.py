"""Lists in the whole house: by the day of receipt, in the letter, at night over what stands, in the list of breaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.blacklist import Blacklisted
from domain.notice import Rule
from domain.register import Entry
from ingest import blacklisting, recheck
from ingest.breaches import Breach, breaches
from ingest.errors import Permanent
from ingest.evidence import verify
from storage import registers, tasks
from tests.builders import NOTICE, RECEIVED, UNFILED
from tests.office import Office, office, only_case, text_of
from tests.parts import of_unit, scan, sha, workbook

DAY = RECEIVED.date()
OPERATOR = "科大讯飞股份有限公司"
GOOD = Entry(number="教APP备3400001号", app="智学网", operator=OPERATOR)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


def imported(here: Office, *entries: Entry, dated: date = DAY) -> None:
    """One more version, as an import makes it."""
    label = f"list of {dated} {entries}"
    sha(label)
    file = here.app.blobs.put(label.encode())
    with here.app.database.begin() as tx:
        registers.add(tx, entries, dated=dated, sha256=file, by="staff:zhang", at=here.now)


def listed(here: Office, operator: str = OPERATOR, *, since: date = DAY, **more: Any) -> int:
    """→ in how many submissions there are hits that nobody was told of."""
    entry = Blacklisted(id=0, operator=operator, since=since, reason="查证属实", **more)
    return blacklisting.add(here.app, entry, by="staff:zhang")[1]


def returned(here: Office, name: str = "m1", *changes: dict[str, str], at: datetime | None = None) -> None:
    sheet = workbook(*changes, label=name)
    here.mail(name, sheet, scan(sheet, label=f"scan of {name}"), at=at)
    here.run()


def told(here: Office) -> set[str]:
    return {problem.code for problem in only_case(here).problems}


def all_breaches(here: Office) -> tuple[Breach, ...]:
    with here.app.database.read() as tx:
        return breaches(tx, NOTICE, here.app.lists.at(tx, NOTICE, here.now))


def task_texts(here: Office) -> list[str]:
    with here.app.database.read() as tx:
        return [task.text for task in tasks.open_(tx) if task.kind == recheck.TASK]


def test_without_lists_nothing_is_said_of_the_filing(here: Office) -> None:
    returned(here)
    assert told(here) == {"mail.unknown_sender"}


@pytest.mark.parametrize(
    ("dated", "known", "code"),
    [
        (DAY, True, None),
        (DAY, False, "policy.not_in_register"),
        (DAY - timedelta(days=900), False, "policy.not_in_register"),
        (DAY + timedelta(days=1), False, None),  # it was not out yet
    ],
)
def test_a_return_is_checked_against_the_register_of_its_day(
    here: Office, dated: date, known: bool, code: str | None
) -> None:
    imported(here, *([GOOD] if known else []), dated=dated)
    returned(here)
    assert told(here) - {"mail.unknown_sender"} == ({code} if code else set())


def test_the_newest_list_that_was_out_counts_whenever_it_was_imported(here: Office) -> None:
    imported(here, GOOD, dated=DAY)
    imported(here, dated=DAY - timedelta(days=9))
    returned(here)
    assert told(here) == {"mail.unknown_sender"}
    imported(here, dated=DAY)  # of one date the last one
    returned(here, "m2", {"contact": "王小红"}, at=here.now + timedelta(hours=1))
    with here.app.database.read() as tx:
        assert registers.in_force(tx, DAY) == registers.versions(tx)[0]
    assert sorted(here.cases().values()) == ["accepted", "superseded"]
    assert [each.problem.code for each in all_breaches(here)] == ["policy.not_in_register"]


def test_the_letter_warns_and_the_return_is_accepted(here: Office) -> None:
    imported(here, replace(GOOD, app="畅言课堂"))
    listed(here, since=DAY - timedelta(days=1))
    returned(here)
    assert only_case(here).state == "accepted"
    [(raw, _)] = here.letters.taken
    text = text_of(raw)
    assert "I5 备案号：备案名单（2020年2月27日）里“教APP备3400001号”是“畅言课堂”，与所填APP名称“智学网”不符。" in text
    assert "D5 APP主办者：“科大讯飞股份有限公司”自2020年2月26日起列入黑名单，解除以前不得使用其提供的任何APP。" in text
    assert "如实上报已收。请立即停止使用；" in text


def test_a_precheck_is_told_the_same_in_its_own_words(here: Office) -> None:
    listed(here)
    sheet = workbook()
    here.mail("m1", sheet, scan(sheet), subject="预检 濮阳县")
    here.run()
    [(raw, _)] = here.letters.taken
    assert "起列入黑名单" in text_of(raw)
    assert "如实填报即可。请立即停止使用" in text_of(raw)
    assert "如实上报已收" not in text_of(raw)


def test_an_operator_listed_later_makes_a_task_and_changes_nothing(here: Office) -> None:
    returned(here)
    before, letters = only_case(here), len(here.letters.taken)
    here.now += timedelta(days=3)
    assert listed(here, since=here.now.date()) == 1
    [text] = task_texts(here)
    assert text == (
        f"濮阳县已受理的材料{before.receipt}，按现行备案名单和黑名单复查，新发现：主办者在黑名单1处。原受理决定不变，请核实后通知该单位。"
    )
    here.run()
    assert only_case(here) == before
    assert len(here.letters.taken) == letters
    [found] = all_breaches(here)
    assert (found.told, found.stands, found.school, found.app) == (False, True, "濮阳县第一中学", "智学网")
    assert verify(here.app).faults == ()


def test_the_nightly_look_is_made_once_a_day_and_a_closed_task_stays_closed(here: Office) -> None:
    returned(here)
    here.run()
    imported(here)
    here.run()
    assert task_texts(here) == []  # today's look was made before the import
    here.run(after=timedelta(days=1))
    assert len(task_texts(here)) == 1
    with here.app.database.begin() as tx:
        [task] = [task for task in tasks.open_(tx) if task.kind == recheck.TASK]
        tasks.close(tx, task.id, "staff:zhang", at=here.now)
    here.run(after=timedelta(days=1))
    assert task_texts(here) == []
    listed(here, since=here.now.date())  # something else is found
    assert ["备案名单中查不到1处" in text and "主办者在黑名单1处" in text for text in task_texts(here)] == [True]


def test_the_task_is_closed_when_the_hit_is_gone(here: Office) -> None:
    returned(here)
    assert listed(here) == 1
    assert len(task_texts(here)) == 1
    blacklisting.lift(here.app, OPERATOR, reason="列入有误", by="staff:zhang", mistake=True)
    assert task_texts(here) == []
    assert all_breaches(here) == ()


def test_breaches_are_listed_by_reporter_and_row_with_what_was_told(here: Office) -> None:
    imported(here, GOOD)
    other = of_unit("范县", label="other")
    here.mail("m2", other, scan(other, label="s2", seal="范县教育局"), sender="fx@example.cn")
    returned(here, "m1", UNFILED, {"app": "抖音"}, {"operator": "另一公司", "filing_number": "教APP备3400002号"})
    listed(here)
    found = all_breaches(here)
    assert [(each.reporter.code if each.reporter else "", each.problem.cell, each.problem.code, each.told) for each in found] == [
        ("PYX", "H5", "policy.unfiled_app", True),
        ("PYX", "D5", "policy.blacklisted", False),
        ("PYX", "C6", "policy.restricted_app", True),
        ("PYX", "I6", "policy.register_mismatch", True),
        ("PYX", "D6", "policy.blacklisted", False),
        ("PYX", "I7", "policy.not_in_register", True),
        ("FX", "D5", "policy.blacklisted", False),
    ]  # fmt: skip
    assert [each.problem.code for each in found if each.is_attention] == ["policy.restricted_app"]
    assert all(each.stands for each in found)
    blacklisting.lift(here.app, OPERATOR, reason="列入有误", by="staff:zhang", mistake=True)
    imported(here, GOOD, Entry(number="教APP备3400002号", app="智学网", operator="另一公司"))
    gone = [each for each in all_breaches(here) if not each.stands]
    assert [(each.problem.cell, each.problem.code, each.told) for each in gone] == [
        ("I7", "policy.not_in_register", True)
    ]


def test_a_list_that_was_cut_counts_as_told_whole(here: Office) -> None:
    returned(here, "m1", *[UNFILED] * 60)
    found = all_breaches(here)
    assert len(found) == 60
    assert all(each.told for each in found)


def test_a_rule_of_the_notice_switches_a_breach_off(here: Office) -> None:
    returned(here, "m1", UNFILED)
    quiet = replace(NOTICE, rules=(Rule(code="policy.unfiled_app", severity=None),))
    with here.app.database.read() as tx:
        found = breaches(tx, quiet, here.app.lists.at(tx, quiet, here.now))
    assert [each.stands for each in found] == [False]


@pytest.mark.parametrize(
    ("operator", "days", "mistake", "why"),
    [
        ("别的公司", 800, False, "is not on the list"),
        (OPERATOR, 729, False, "stays so until 2022-02-27"),
        (OPERATOR, 731, False, None),
        ("科大讯飞", 731, False, None),
        (OPERATOR, 1, True, None),
    ],
)
def test_an_entry_ends_after_two_years_and_by_a_person_only(
    here: Office, operator: str, days: int, mistake: bool, why: str | None
) -> None:
    listed(here)
    here.now += timedelta(days=days)
    if why:
        with pytest.raises(Permanent, match=why):
            blacklisting.lift(here.app, operator, reason="整改合格", by="staff:zhang", mistake=mistake)
        return
    assert [entry.operator for entry in blacklisting.due(here.app)] == ([] if mistake else [OPERATOR])
    blacklisting.lift(here.app, operator, reason="整改合格", by="staff:zhang", mistake=mistake)
    returned(here)
    assert told(here) == {"mail.unknown_sender"} | ({"timing.late"} if days > 1 else set())
    assert listed(here, since=here.now.date()) == 1  # it may be listed anew
    assert verify(here.app).faults == ()


def test_nobody_is_listed_twice_or_before_the_day(here: Office) -> None:
    listed(here, aliases=("讯飞在线",))
    for name in ("科大讯飞", "讯飞在线"):
        with pytest.raises(Permanent, match="on the list already"):
            listed(here, name)
    with pytest.raises(Permanent, match="future"):
        listed(here, "别的公司", since=DAY + timedelta(days=1))


def test_what_is_published_holds_apps_of_that_operator_and_no_numbers(here: Office) -> None:
    returned(
        here, "m1", {}, {"app": "智学网（教师端）"}, {"app": "畅言课堂"}, {"app": "问13912345678"},
        {"app": "别的", "operator": "讯飞"}, {"app": "再一个", "operator": "别的公司"},
    )  # fmt: skip
    listed(here, apps=("畅言课堂APP",))
    page = blacklisting.published(here.app, NOTICE.blacklist)
    [row] = page.rows
    assert (row.operator, row.apps, row.since, row.reason) == (
        OPERATOR,
        ("畅言课堂APP", "智学网"),
        "2020年2月27日",
        "查证属实",
    )
    assert (page.title, page.publisher) == ("濮阳市校园学习类APP黑名单", "濮阳市教育局")
    blacklisting.lift(here.app, OPERATOR, reason="列入有误", by="staff:zhang", mistake=True)
    assert blacklisting.published(here.app, NOTICE.blacklist).rows == ()
