"""Returns on forms whose column names stand on two lines, with a row that counts the columns and one of sums."""

from __future__ import annotations

import pytest

from domain.notice import Column, ColumnType, Form, Totals
from domain.row_words import is_numbering, is_total
from domain.sheet import Sheet
from parsers.workbook import read_workbook
from tests.blank_forms import Tab, workbook

FORM = Form(
    title_template="{unit}统计表", title_pattern="(?P<unit>.*)统计表", header=(),
    columns=(
        Column(key="school", name="学校"),
        Column(key="boys", name="学生-男", aliases=("学生男",), type=ColumnType.NUMBER),
        Column(key="girls", name="学生-女", aliases=("学生女",), type=ColumnType.NUMBER),
        Column(key="men", name="教师-男", aliases=("教师男",), type=ColumnType.NUMBER),
        Column(key="women", name="教师-女", aliases=("教师女",), type=ColumnType.NUMBER),
    ),
    totals=Totals(words=("合计",), columns=("boys",)),
)  # fmt: skip
ROWS = [["甲县统计表"], ["学校", "学生", None, "教师", None], [None, "男", "女", "男", "女"]]
DATA = [["一小", 1, 2, 3, 4], ["二小", 5, 6, 7, 8]]


@pytest.mark.parametrize("merges", [(), ("A2:A3", "B2:C2", "D2:E2")], ids=["typed over", "merged"])
@pytest.mark.parametrize(
    "between", [[], [["甲", 1, 2, 3, 4]], [["甲", "乙", 1, 2, 3]]], ids=["none", "counted", "two letters"]
)
def test_names_over_several_columns_are_theirs(merges: tuple[str, ...], between: list[list[object]]) -> None:
    data = workbook(Tab(rows=[*ROWS, *between, *DATA, ["合计", 6, 8, 10, 12]], merges=merges))
    found = read_workbook(data, name="甲.xlsx", sha256="0" * 64, form=FORM, area_code="010")
    assert isinstance(found, Sheet), found
    texts = [tuple(cell.text for _, cell in sorted(row.cells.items())) for row in found.rows]
    assert [(row.text("school"), row.text("girls"), row.text("men")) for row in found.rows] == [
        ("一小", "2", "3"),
        ("二小", "6", "7"),
    ]
    assert len(texts) == 2 and len(found.totals) == 1


@pytest.mark.parametrize(
    "texts",
    [("甲", "1", "2"), ("甲", "乙", "1", "2", "3"), ("1", "2", "3"), ("甲", "乙", "3", "4"), ("(1)", "(2)", "(3)")],
)
def test_a_row_that_counts_the_columns(texts: tuple[str, ...]) -> None:
    assert is_numbering(texts)


@pytest.mark.parametrize(
    "texts",
    [("1", "2"), ("一小", "1", "2"), ("3", "2", "1"), ("甲", "120", "60", "60"), ("1", "A", "B"), ("甲", "乙", "丙")],
)
def test_a_row_of_data_does_not(texts: tuple[str, ...]) -> None:
    assert not is_numbering(texts)


def test_sums_are_told_by_their_word_and_hold_numbers_alone() -> None:
    assert (
        is_total(("合计", "315", "300"))
        and is_total(("甲县", "合 计：", "46所"))
        and is_total(("总和", "3"), words=("总和",))
    )
    assert (
        not is_total(("合计", "第一小学", "3")) and not is_total(("一小", "二小", "合计")) and not is_total(("3", "4"))
    )
