"""A collection that comes every month, from the mail to the letter: which round a return is of, and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.submission import State, Submission
from ingest import reminders
from ingest.digest import gather
from ingest.rejudge import rejudge
from ingest.senders import confirm
from storage import submissions
from storage.search import Query, find
from tests.office import Office, office, subjects, text_of
from tests.rounds import at, collect, statistics, the

CLERK = "clerk@example.cn"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        collect(made)
        made.now = at(10, 26)
        yield made


def sent(here: Office, name: str, *args: Any, **more: Any) -> Submission:
    """Mails a workbook and has it decided."""
    before = set(here.cases())
    here.mail(name, *args, sender=more.pop("sender", CLERK), **more)
    here.run()
    [receipt] = set(here.cases()) - before
    with here.app.database.read() as tx:
        case = submissions.load(tx, receipt)
    assert case is not None
    return case


def told(case: Submission) -> dict[str, tuple[str | None, str]]:
    """Of what is compared with the round before: code → (cell, message)."""
    return {each.code: (each.cell, each.message) for each in case.problems if each.code.startswith("round.")}


def october(here: Office) -> Submission:
    return sent(here, "十月", statistics(title="甲县2026年10月在校生统计表", label="october"))


def test_november_is_held_against_october(here: Office) -> None:
    first = october(here)
    assert (first.state, first.notice, first.receipt) == (State.ACCEPTED, "students-2026-10", "XS2610-AX-20261026-01")
    assert told(first) == {}
    here.now = at(11, 27)
    rows = (("3001", "甲县第一小学", "480"), ("3002", "甲县第二小学", "310"), ("3004", "甲县第四小学", "60"))
    second = sent(here, "十一月", statistics(*rows, title="甲县2026年11月在校生统计表", label="november"))
    assert (second.state, second.receipt) == (State.ACCEPTED, "XS2611-AX-20261127-01")
    assert told(second) == {
        "round.missing_row": (None, "上期（2026年10月）有、本期没有：甲县第三小学。"),
        "round.jump": ("C4", "上期120，本期480，增加300%，请核对。"),
    }
    letter = text_of(here.letters.taken[-1][0])
    assert "回执 XS2611-AX-20261127-01（第1版）　2026年11月" in letter
    assert "上期120，本期480，增加300%，请核对。数字属实的，不用改" in letter
    assert here.cases() == {first.receipt: "accepted", second.receipt: "accepted"}


def test_a_late_return_belongs_to_the_round_that_its_title_names(here: Office) -> None:
    here.now = at(11, 26)
    late = sent(here, "补报", statistics(title="甲县2026年10月在校生统计表"))
    assert (late.notice, late.late, late.state) == ("students-2026-10", True, State.ACCEPTED)
    assert told(late)["round.not_current"][1].startswith(
        "这份材料写的是2026年10月，按2026年10月办理；收到时正在报送的是2026年11月"
    )
    assert sent(here, "本期", statistics(label="other")).notice == "students-2026-11"


@pytest.mark.parametrize(
    ("sheet", "subject", "key"),
    [
        ({"month": "2026年9月"}, "报送", "2026-09"),
        ({"title": "甲县9月份在校生统计表", "month": "10月"}, "报送", "2026-09"),
        ({}, "甲县10月在校生统计表", "2026-10"),
        ({}, "Re: 【退回】统计表（回执 XS2609-AX-20261001-01）", "2026-09"),
        ({}, "甲县11月26日报送", "2026-11"),
        ({}, "报送", "2026-11"),
    ],
)
def test_what_names_the_round(here: Office, sheet: dict[str, str], subject: str, key: str) -> None:
    here.now = at(11, 26)
    assert sent(here, "一", statistics(**sheet), subject=subject).notice == f"students-{key}"  # type: ignore[arg-type]


def test_a_stranger_hears_no_numbers_of_the_round_before(here: Office) -> None:
    october(here)
    here.now = at(11, 27)
    case = sent(here, "十一月", statistics(("3001", "甲县第一小学", "480"), label="november"), sender="new@example.net")
    assert told(case) == {
        "round.missing_row": (None, "与上期（2026年10月）已受理的材料相比，有2项本期没有。"),
        "round.jump": ("C4", "“480”与上期相差超过20%，请核对。"),
    }


def test_an_address_that_is_known_in_one_round_is_known_in_the_next(here: Office) -> None:
    october(here)
    reporter = the("2026-10").reporter("AX")
    assert reporter is not None
    confirm(here.app, the("2026-10"), reporter, "new@example.net", by="staff:王")
    here.now = at(11, 27)
    case = sent(here, "十一月", statistics(label="november"), sender="new@example.net")
    assert "mail.unknown_sender" not in {each.code for each in case.problems}


def test_what_was_rejected_in_the_round_before_is_nothing_to_compare_with(here: Office) -> None:
    bad = sent(here, "十月", statistics(("3009", "", "5"), title="甲县2026年10月在校生统计表"))
    assert bad.state is State.REJECTED
    here.now = at(11, 27)
    assert told(sent(here, "十一月", statistics(label="november"))) == {}


def test_judged_again_it_is_held_against_the_same_round(here: Office) -> None:
    october(here)
    here.now = at(11, 27)
    sent(here, "十一月", statistics(("3001", "甲县第一小学", "480"), label="november"))
    [again] = rejudge(here.app, the("2026-11"), fast=True)
    assert not again.differs and not again.failed
    strict = replace(
        the("2026-11"),
        round=replace(the("2026-11").round, comparison=replace(the("2026-11").round.comparison, jumps=())),
    )  # type: ignore[type-var, union-attr]
    [other] = rejudge(here.app, strict, fast=True)
    assert [each.code for each in other.lost] == ["round.jump"]


def test_the_digest_shows_what_goes_on_and_what_was_decided_of_the_rest(here: Office) -> None:
    october(here)
    here.now = at(12, 1)
    sent(here, "补报", statistics(title="乙县2026年10月在校生统计表", unit="乙县", label="late"))
    with here.app.database.read() as tx:
        first = gather(here.app, tx, here.now)
        made = gather(here.app, tx, at(12, 2), day=here.now.date())
    assert [one.id for one in first.sections] == ["students-2026-11"]
    assert [(one.id, one.past, len(one.lines), len(one.decisions)) for one in made.sections] == [
        ("students-2026-11", False, 3, 0),
        ("students-2026-10", True, 0, 1),
    ]
    assert made.sections[0].title == "2026年11月在校生统计表"


def test_only_the_round_that_ends_is_reminded_of(here: Office) -> None:
    here.app.notices = tuple(replace(notice, reminders=the("2026-10").reminders) for notice in here.app.notices)
    here.run()
    here.now = at(11, 4)
    here.run()
    assert reminders.remind_if_due(here.app) == 0  # the pass has done it, once
    here.run()
    assert set(subjects(here)) == {"【催报】2026年10月在校生统计表：还有1天截止，请尽快报送"}


def test_a_question_is_answered_with_the_guide_of_the_round(here: Office) -> None:
    here.now = at(11, 27)
    here.mail("请问怎么报", sender="new@example.net")
    here.run()
    assert "请在2026年12月5日前报送2026年11月的在校生统计表。" in text_of(here.letters.taken[-1][0])


def test_a_pre_check_is_held_against_the_round_before(here: Office) -> None:
    october(here)
    here.now = at(11, 27)
    here.mail("预检", statistics(("3001", "甲县第一小学", "480"), label="november"), sender=CLERK)
    here.run()
    letter = text_of(here.letters.taken[-1][0])
    assert "预检：2026年11月，" in letter and "上期120，本期480" in letter
    assert len(here.cases()) == 1


def test_the_search_looks_through_all_rounds_of_a_series(here: Office) -> None:
    collect(here, "meals")
    october(here)
    here.now = at(11, 27)
    sent(here, "十一月", statistics(label="november"))
    here.reader.notice = next(notice for notice in here.app.notices if notice.series == "meals")
    sent(here, "另一项", statistics(label="meals"))
    series = tuple(notice.id for notice in here.app.notices if notice.series == "students")
    with here.app.database.read() as tx:

        def found(notice: str | tuple[str, ...] | None) -> set[str]:
            hits = {hit.receipt for hit in find(tx, Query(text="甲县第一小学", notice=notice)).hits}
            assert find(tx, Query(text="甲县第一小学", notice=notice), count_to=None).total == len(hits)
            return {receipt.partition("-")[0] for receipt in hits}

        assert found(series) == {"XS2610", "XS2611"}
        assert found("students-2026-11") == {"XS2611"}
        assert found(None) == {"XS2610", "XS2611", "T02611"}
        assert find(tx, Query(text="XS2610-AX-20261026-01", notice=series)).total == 1
        assert find(tx, Query(text="T02611-AX-20261127-01", notice=series)).total == 0
        assert {case.notice for case in submissions.list_(tx, notice=series)} == {
            "students-2026-10",
            "students-2026-11",
        }
        assert [case.notice for case in submissions.list_(tx, notice="students-2026-10")] == ["students-2026-10"]
