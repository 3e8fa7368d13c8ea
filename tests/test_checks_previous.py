"""A return against the round before: what is gone, what jumped; nothing of it is more than told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.checks import check_previous
from domain.previous import NO_PREVIOUS, previous_round
from domain.problems import Severity
from domain.round import Jump
from tests.builders import NOTICE
from tests.builders import sheet as other_sheet
from tests.rounds import SCHOOLS, statistics, the

NOTICE_NOW = the("2026-11")
Schools = tuple[tuple[str, str, str], ...]


def found(
    before: Schools, now: Schools, *, told: bool = True, jump: Jump | None = None
) -> list[tuple[str, str | None, str]]:
    assert NOTICE_NOW.round
    comparison = NOTICE_NOW.round.comparison
    notice = NOTICE_NOW
    if jump:
        notice = replace(notice, round=replace(NOTICE_NOW.round, comparison=replace(comparison, jumps=(jump,))))
    previous = previous_round("2026年10月", statistics(*before).rows, comparison, told=told)
    problems = list(check_previous(statistics(*now), notice, previous))
    assert all(each.severity is Severity.WARNING and "不用改" in each.advice for each in problems)
    return [(each.code.removeprefix("round."), each.cell, each.message) for each in problems]


def one(students: str, code: str = "3001", name: str = "甲县第一小学") -> Schools:
    return ((code, name, students),)


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        ("120", "120", None),
        ("120", "144", None),  # just 20 %
        ("120", "145", "上期120，本期145，增加21%，请核对。"),
        ("120", "480", "上期120，本期480，增加300%，请核对。"),
        ("120", "95", "上期120，本期95，减少21%，请核对。"),
        ("120", "0", "上期120，本期0，减少100%，请核对。"),
        ("0", "12", "上期0，本期12，增加12，请核对。"),
        ("0", "9", None),  # less than ten
        ("20", "29", None),
        ("20", "30", "上期20，本期30，增加50%，请核对。"),
        ("1,200", "１２００", None),
        ("1,200", "2400", "上期1200，本期2400，增加100%，请核对。"),
        ("120.5", "241", "上期120.5，本期241，增加100%，请核对。"),
        ("-100", "100", "上期-100，本期100，增加200%，请核对。"),
        ("", "480", None),  # what is missing or no number has a problem of its own
        ("120", "", None),
        ("约120", "480", None),
        ("120", "四百八十", None),
    ],
)
def test_a_jump_is_told_at_its_cell(before: str, now: str, says: str | None) -> None:
    assert found(one(before), one(now)) == ([("jump", "C4", says)] if says else [])


def test_small_percentages_are_told_with_a_digit() -> None:
    jump = Jump(column="students", percent=Decimal("0.1"))
    assert found(one("10000"), one("10050"), jump=jump)[0][2] == "上期10000，本期10050，增加0.5%，请核对。"


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (SCHOOLS, None),
        (SCHOOLS[::-1], None),  # the order is nothing
        ((*SCHOOLS, ("3009", "甲县第九小学", "5")), None),  # what is new is not told
        (SCHOOLS[1:], "甲县第一小学"),
        (SCHOOLS[:1], "甲县第二小学、甲县第三小学"),
        ((("３００１", "改名的小学", "120"), *SCHOOLS[1:]), None),  # the key tells, not the name
        ((("", "甲县第一小学", "120"), *SCHOOLS[1:]), "甲县第一小学"),
    ],
)
def test_what_is_gone_is_named_once(now: Schools, says: str | None) -> None:
    message = f"上期（2026年10月）有、本期没有：{says}。"
    assert found(SCHOOLS, now) == ([("missing_row", None, message)] if says else [])


def test_of_many_that_are_gone_ten_are_named_with_the_total() -> None:
    many = tuple((str(4000 + number), f"第{number}小学", "100") for number in range(1, 31))
    [(_, _, message)] = found(many, many[-1:])
    assert (
        message
        == "上期（2026年10月）有、本期没有：" + "、".join(f"第{number}小学" for number in range(1, 11)) + "等29个。"
    )


def test_who_may_not_see_the_round_before_hears_no_value_of_it() -> None:
    said = found((*SCHOOLS[:1], *SCHOOLS[2:]), one("480"), told=False)
    assert said == [
        ("missing_row", None, "与上期（2026年10月）已受理的材料相比，有1项本期没有。"),
        ("jump", "C4", "“480”与上期相差超过20%，请核对。"),
    ]
    assert not any(value in message for _, _, message in said for value in ("120", "300%", "第三小学"))


def test_a_round_that_is_not_running_is_told_of() -> None:
    previous = replace(NO_PREVIOUS, running="2026年12月")
    [problem] = check_previous(statistics(), NOTICE_NOW, previous)
    assert (problem.code, problem.cell) == ("round.not_current", "A1")
    assert "按2026年11月办理；收到时正在报送的是2026年12月" in problem.message


def test_a_notice_without_rounds_and_a_first_round_have_nothing_before() -> None:
    assert list(check_previous(statistics(), NOTICE_NOW, NO_PREVIOUS)) == []
    previous = previous_round("2026年10月", statistics().rows, NOTICE_NOW.round.comparison, told=True)  # type: ignore[union-attr]
    assert list(check_previous(other_sheet(), NOTICE, previous)) == []


CELLS = st.sampled_from(["", "1", "120", "1000", "-5", "无", "1,5"])
TABLES = st.lists(st.tuples(st.sampled_from(["", "a", "A", "b", "c"]), st.just("x"), CELLS), max_size=6).map(tuple)


@given(TABLES, TABLES)
def test_nothing_changed_is_nothing_told_and_all_else_is_told_where_it_stands(before: Schools, now: Schools) -> None:
    sheet = statistics(*before) if before else replace(statistics(), rows=())
    previous = previous_round("上", sheet.rows, NOTICE_NOW.round.comparison, told=True)  # type: ignore[union-attr]
    distinct = {row.text("code").casefold() for row in sheet.rows if row.text("code")}
    assert len(previous.rows) == len(distinct)
    if len({row.text("code").casefold() for row in sheet.rows}) == len(sheet.rows):  # no doubles
        assert list(check_previous(sheet, NOTICE_NOW, previous)) == []
    later = statistics(*now) if now else replace(statistics(), rows=())
    cells = {row.cells["students"].address for row in later.rows}
    problems = list(check_previous(later, NOTICE_NOW, previous))
    assert {each.cell for each in problems if each.code == "round.jump"} <= cells
    assert sum(each.code == "round.missing_row" for each in problems) <= 1
    for row in later.rows:
        matched = previous.row_before(row)
        assert matched is None or matched.text("code").casefold() == row.text("code").casefold()
