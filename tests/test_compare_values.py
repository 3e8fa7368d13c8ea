"""Numbers, days and sums on the printed page: shown as the cell was formatted, and no row of data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.compare import compare
from domain.cover import CoverPage, PageCell, TextReading
from domain.notice import ColumnType
from domain.sheet import Sheet
from domain.submission import About, CellVerdict
from domain.written import plain, ways
from tests import builders
from tests.builders import BOX
from tests.parts import file_of
from tests.test_values import NOTICE, read, workbook

KEYS = [column.key for column in NOTICE.form.columns]
SHEET: Sheet = read(workbook())


def page(*lines: Sequence[str]) -> CoverPage:
    """A page that prints these lines under the names of the columns."""
    texts = [[column.name for column in NOTICE.form.columns], *lines]
    cells = tuple(
        PageCell(row=at, column=place, box=BOX, reading=TextReading(text=text, confidence=0.99))
        for at, line in enumerate(texts)
        for place, text in enumerate(line)
        if text
    )
    return builders.page(builders.seal("乙县教育局"), cells=cells, columns=len(KEYS), lines=["乙县在校生情况表"])


def printed(changes: Mapping[int, Mapping[str, str]] | None = None, totals: Sequence[str] | None = None) -> list[str]:
    """Of the compared page: what is not a match, as `field verdict`. `changes`: row → key → what is printed instead."""
    lines = [[(changes or {}).get(at, {}).get(key, row.text(key)) for key in KEYS] for at, row in enumerate(SHEET.rows)]
    if totals is not None:
        lines.append(list(totals))
    found = compare(SHEET, file_of(page(*lines), label="page"), NOTICE.form)
    assert found is not None
    return [_shown(each) for each in found.cells if each.verdict != "match" and each.about is not About.HEADER]


def _shown(verdict: CellVerdict) -> str:
    return f"{verdict.field} {verdict.verdict}"


SUMS = ("合计", "", "", "1260", "1058", "2318")


@pytest.mark.parametrize(
    "shown",
    [
        {"boys": "1200"}, {"boys": "1200.00"}, {"all": "2,200"}, {"founded": "1962-9-1"}, {"founded": "1962/09/01"},
        {"founded": "1962.9.1"}, {"founded": "1962年9月1日"}, {"founded": "19620901"},
    ],
)  # fmt: skip
def test_however_a_value_is_shown_it_is_the_same(shown: dict[str, str]) -> None:
    assert printed({1: shown}, SUMS) == []


@pytest.mark.parametrize(
    ("shown", "field"),
    [
        ({"boys": "1,206"}, "男生数"), ({"boys": "12,00"}, "男生数"), ({"all": "2,200.5"}, "在校生数"),
        ({"founded": "1962年9月7日"}, "建校日期"), ({"head": "410101198506124560"}, "校长身份证号"),
    ],
)  # fmt: skip
def test_a_changed_digit_is_never_the_same(shown: dict[str, str], field: str) -> None:
    found = printed({1: shown}, SUMS)
    assert [each.split(" ")[0] for each in found] == [field]


def test_printed_sums_are_no_row_of_data_and_are_compared() -> None:
    assert printed(totals=SUMS) == []
    assert printed(totals=("合 计：", "", "", "1,260", "1,058", "2,318")) == []
    assert [each.split(" ")[0] for each in printed(totals=("合计", "", "", "1260", "1058", "2378"))] == ["在校生数"]


def test_a_page_without_the_sums_that_the_workbook_has_shows_only_its_rows() -> None:
    assert printed() == []


@given(st.decimals(min_value=-(10**7), max_value=10**7, places=2, allow_nan=False, allow_infinity=False))
def test_every_way_to_write_a_number_is_that_number(value: Decimal) -> None:
    for written in ways(ColumnType.NUMBER, f"{value:f}"):
        assert plain(ColumnType.NUMBER, written) == plain(ColumnType.NUMBER, f"{value:f}")


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_way_to_write_a_day_is_that_day(day: object) -> None:
    for written in ways(ColumnType.DATE, str(day)):
        assert plain(ColumnType.DATE, written) == str(day)
