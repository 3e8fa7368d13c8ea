"""The difference between two versions of a return: what is added, removed, changed, and what is no difference at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sheet import HeaderValue, Row, Sheet
from domain.versions import Difference, NamedRow, difference, pair_rows, same_rows, without_earlier
from tests import builders
from tests.builders import FIRST_ROW, GOOD_ROW, NOTICE

FORM = NOTICE.form
NAMES = {column.key: column.name for column in FORM.columns}
NIL = replace(builders.sheet(), rows=(), nil_statement=HeaderValue(address="B5", text="零报告"))


def sheet(*changes: Mapping[str, str]) -> Sheet:
    """The good row with each change, all told apart by what the changes say alone."""
    return of([{**GOOD_ROW, **change} for change in changes])


def of(values: Sequence[Mapping[str, str]]) -> Sheet:
    return replace(builders.sheet(), rows=tuple(builders.row(FIRST_ROW + at, each) for at, each in enumerate(values)))


def compared(before: Sheet, after: Sheet) -> Difference:
    return difference(before, after, FORM, receipt="R001", version=1, sender="clerk@example.cn")


A, B, C = {"school": "甲小学"}, {"school": "乙小学"}, {"school": "丙小学"}


def test_rows_are_added_and_removed_by_school_and_app() -> None:
    found = compared(sheet(A, B), sheet(A, C | {"contact": "丙", "phone": "13812345678"}))
    assert found.added == (NamedRow(number=6, names=("丙小学", "智学网")),)
    assert found.removed == (NamedRow(number=6, names=("乙小学", "智学网")),)
    assert found.changed == ()


def test_a_changed_cell_is_named_with_both_values_and_both_addresses() -> None:
    found = compared(sheet(A, B), sheet(C | {"contact": "丙", "phone": "13812345678"}, A, B | {"contact": "王五"}))
    [change] = found.changed
    assert (change.row, change.before) == (NamedRow(number=7, names=("乙小学", "智学网")), 6)
    [cell] = change.cells
    assert (cell.field, cell.before, cell.after, cell.before_cell, cell.after_cell) == (
        NAMES["contact"], "李晓明", "王五", "E6", "E7",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        ({}, {"school": "甲中学"}, ["school"]),
        ({}, {"app": "智学"}, ["app"]),
        ({}, {"school": "甲中学", "contact": "王五"}, ["school", "contact"]),
        ({}, {"phone": "13812345678", "contact": "王五", "function": "作业"}, ["contact", "phone", "function"]),
        ({}, {"filed": "否", "filing_number": ""}, ["filed", "filing_number"]),
    ],
)
def test_a_row_with_one_cell_of_its_key_changed_is_the_same_row(
    before: Mapping[str, str], after: Mapping[str, str], fields: list[str]
) -> None:
    found = compared(sheet(A | before), sheet(A | after))
    assert (found.added, found.removed) == ((), ())
    assert [cell.field for cell in found.changed[0].cells] == [NAMES[field] for field in fields]


@pytest.mark.parametrize(
    "after",
    [{"school": "乙小学", "app": "作业帮"}, {"school": "乙小学", "contact": "王五", "phone": "13812345678"}],
    ids=["both cells of the key", "one, and two others"],
)
def test_another_row_is_no_changed_one(after: Mapping[str, str]) -> None:
    found = compared(sheet(A), sheet(after))
    assert (len(found.added), len(found.removed), found.changed) == (1, 1, ())


def test_of_several_renamed_rows_each_is_paired_with_the_likest() -> None:
    before = sheet({"school": "城关镇第一小学"}, {"school": "文留镇第二小学"})
    after = sheet({"school": "文留镇第二实验小学"}, {"school": "城关镇第一实验小学"})
    assert [change.cells[0].before for change in compared(before, after).changed] == [
        "文留镇第二小学",
        "城关镇第一小学",
    ]


def test_what_a_person_would_not_see_is_no_difference() -> None:
    written = {"app": "智 学 网", "phone": "139-1234-5678", "operator": "科大讯飞股份有限公司　"}
    assert compared(sheet(A), sheet(A | written)).is_none
    assert same_rows(sheet(A, B), sheet(B, A | written))


def test_a_nil_return_in_place_of_rows_and_the_reverse() -> None:
    away, back = compared(sheet(A), NIL), compared(NIL, sheet(A))
    assert (len(away.removed), away.nil_before, away.nil_after) == (1, False, True)
    assert (len(back.added), back.nil_before, back.nil_after) == (1, True, False)
    assert compared(NIL, NIL).is_none
    assert not same_rows(NIL, sheet(A))


def test_rows_that_stand_twice_are_counted() -> None:
    found = compared(sheet(A, A), sheet(A))
    assert (found.added, len(found.removed), found.changed) == ((), 1, ())
    assert not same_rows(sheet(A, A), sheet(A))


def test_a_form_without_a_key_knows_a_row_with_one_changed_cell() -> None:
    form = replace(FORM, duplicate_key=())
    pairs = pair_rows(sheet(A, B).rows, sheet(B | {"app": "作业帮"}, C | {"app": "x", "contact": "y"}).rows, form)
    assert pairs == ((1, 0),)


def test_thousands_of_look_alikes_are_paired_without_weighing_each() -> None:
    before = [{"school": f"学校{number:04d}甲", "contact": "一"} for number in range(3_000)]
    after = [{"school": f"学校{number:04d}乙", "contact": "一"} for number in reversed(range(3_000))]
    found = compared(sheet(*before), sheet(*after))
    assert (found.added, found.removed) == ((), ())
    assert {change.cells[0].before[:-1] == change.cells[0].after[:-1] for change in found.changed} == {True}


def test_what_is_withheld_keeps_counts_and_the_readers_own_values() -> None:
    whole = compared(sheet(A, B), sheet(A | {"contact": "王五"}, C | {"contact": "丙", "phone": "13812345678"}))
    told = without_earlier(whole)
    assert [len(rows) for rows in (told.added, told.removed, told.changed)] == [1, 1, 1]
    assert (told.withheld, told.sender, told.added) == (True, "", whole.added)
    text = repr(told)
    assert "王五" in text
    assert not [old for old in ("李晓明", "乙小学", "clerk@example.cn") if old in text]


few = st.sampled_from
row_values = st.builds(
    lambda school, app, contact, filed: {**GOOD_ROW, "school": school, "app": app, "contact": contact, "filed": filed},
    few(["甲校", "乙校", "丙校", "甲中学"]), few(["一", "二", "三"]), few(["张", "王", "李"]), few(["是", "否"]),
)  # fmt: skip
tables = st.lists(row_values, max_size=7)


@given(tables, tables)
def test_every_row_is_told_once_and_the_changes_lead_from_one_to_the_other(
    before: list[dict[str, str]], after: list[dict[str, str]]
) -> None:
    old, new = of(before), of(after)
    found = compared(old, new)
    was, now = ({row.number: row for row in each.rows} for each in (old, new))
    gone = {row.number for row in found.removed} | {change.before for change in found.changed}
    came = {row.number for row in found.added} | {change.row.number for change in found.changed}
    kept = Counter(values(row) for number, row in was.items() if number not in gone)
    assert kept == Counter(values(row) for number, row in now.items() if number not in came)
    assert len(old.rows) - len(found.removed) + len(found.added) == len(new.rows)
    for change in found.changed:
        line = {**dict(zip(NAMES.values(), values(was[change.before]), strict=True))}
        for cell in change.cells:
            assert line[cell.field] == cell.before != cell.after
            line[cell.field] = cell.after
        assert tuple(line.values()) == values(now[change.row.number])


def values(row: Row) -> tuple[str, ...]:
    return tuple(row.text(key) for key in NAMES)


@given(tables, tables, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_the_rows_makes_no_difference(
    before: list[dict[str, str]], after: list[dict[str, str]], random: object
) -> None:
    shuffled = [before[:], after[:]]
    for each in shuffled:
        random.shuffle(each)  # type: ignore[attr-defined]
    assert summary(compared(of(before), of(after))) == summary(compared(of(shuffled[0]), of(shuffled[1])))
    assert compared(of(before), of(shuffled[0])).is_none


def summary(found: Difference) -> object:
    changed = Counter((row.row.names, tuple((c.field, c.before, c.after) for c in row.cells)) for row in found.changed)
    return Counter(row.names for row in found.added), Counter(row.names for row in found.removed), changed


@given(tables, tables)
def test_no_difference_is_what_same_rows_says(before: list[dict[str, str]], after: list[dict[str, str]]) -> None:
    assert compared(of(before), of(after)).is_none == same_rows(of(before), of(after))
    assert compared(of(before), of(before)).is_none
