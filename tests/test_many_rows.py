"""Many rows are kept as tables, and what they say alike is looked at once: nothing of them, and nothing that is said of them, differs."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.checks import check_policy, check_sheet
from domain.checks.header import is_placeholder, placeholders_among
from domain.checks.row_cells import names_nothing, surely_names
from domain.identify import reporter_of
from domain.many_rows import MANY, ManyRows, all_texts, texts_in
from domain.problems import Problem
from domain.row_tables import as_json, rows_of, tables_of
from domain.sheet import CellFault, Columns, Row, Says, Sheet, TableCells
from domain.text import is_plain, normalise
from tests.builders import GOOD_ROW, NOTICE, RECEIVED, reporter, row, sheet

VALUES = {
    "unit": ("濮阳县", "濮阳县教育局", "范县", "市直", "XX县", ""),
    "school": ("濮阳县第一中学", "濮阳县第二中学", "XX学校", "/", ""),
    "app": ("智学网", "抖音", "钉钉、智学网", "XXAPP", "同上", ""),
    "operator": ("科大讯飞股份有限公司", "XX公司", "—", ""),
    "contact": ("李晓明", "张三", "XXX", ""),
    "phone": ("13912345678", "0393-1234567", "1391234567", "4001234567", "13912345678、13912345679", "电话", ""),
    "function": ("作业", "", "/"),
    "filed": ("是", "否", "√", "教APP备3400001号", ""),
    "filing_number": ("教APP备3400001号", "教 APP 备3400001", "教APP备9900001号", "无", "XX", ""),
}


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    made = []
    for number in range(5, 5 + draw(st.integers(1, 12))):
        values = {key: draw(st.sampled_from((GOOD_ROW[key], *some))) for key, some in VALUES.items()}
        fault = draw(st.sampled_from((None, None, *VALUES)))
        faults = {fault: draw(st.sampled_from(CellFault))} if fault else None
        made.append(replace(row(number, values, faults), sheet=draw(st.sampled_from(("", "", "二月")))))
    return replace(sheet(), rows=tuple(made))


def as_table(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The same rows as they are kept where there are many."""
    times = MANY // len(rows) + 1
    found = rows_of(tables_of(rows * times))[: len(rows)]
    assert all(isinstance(one.cells, TableCells) for one in found)
    return found


def one_by_one(book: Sheet) -> Iterator[Problem]:
    """What is said of each row where it is the only one."""
    for one in book.rows:
        yield from check_sheet(replace(book, rows=(one,)), NOTICE, reporter(), RECEIVED)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(sheets())
def test_rows_of_a_table_are_the_rows(book: Sheet) -> None:
    found = as_table(book.rows)
    assert found == book.rows
    keys = ("phone", "app", "nothing")
    for one, other in zip(found, book.rows, strict=True):
        assert (one.said_in(keys), one.texts) == (other.said_in(keys), other.texts)
        assert [one.text(key) for key in keys] == [other.text(key) for key in keys]
        assert ("nothing" in one.cells, "app" in one.cells, len(one.cells)) == (False, True, len(other.cells))
    assert pickle.loads(pickle.dumps(found)) == book.rows  # noqa: S301  as a child gets them that marks the workbook
    assert tables_of(found) == tables_of(book.rows)
    assert json.loads(as_json(found)) == json.loads(json.dumps(tables_of(book.rows)))


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(sheets())
def test_the_same_is_said_of_rows_of_a_table(book: Sheet) -> None:
    kept = replace(book, rows=as_table(book.rows))
    assert check_sheet(kept, NOTICE, reporter(), RECEIVED) == check_sheet(book, NOTICE, reporter(), RECEIVED)
    assert list(check_policy(kept, NOTICE)) == list(check_policy(book, NOTICE))


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(sheets())
def test_a_row_is_judged_the_same_whatever_others_say(book: Sheet) -> None:
    """But for what is told of two rows together, or by what stands in the others."""
    together = {"row.duplicate", "row.multiple_apps"}
    alone = [each for each in one_by_one(book) if each.code.startswith("row.") and each.code not in together]
    found = [
        each
        for each in check_sheet(book, NOTICE, reporter(), RECEIVED)
        if each.code.startswith("row.") and each.code not in together
    ]
    if not any(one.sheet for one in book.rows):  # of a copied sheet only what is not said where it stands first
        assert found == alone
    assert list(check_policy(book, NOTICE)) == [
        each for one in book.rows for each in check_policy(replace(book, rows=(one,)), NOTICE)
    ]


def by_column(rows: tuple[Row, ...]) -> ManyRows:
    """The same rows as they are kept where all are of one table. What they say alike is one object, or now and then two."""
    shared: dict[object, Says] = {}
    keys = tuple(rows[0].cells)
    letters = [cell.address.rstrip("0123456789") for cell in rows[0].cells.values()]
    told = [
        [shared.setdefault((one, number % 5), one) for one in row.said_in(keys) if one]
        for number, row in enumerate(rows)
    ]
    hidden = {row.number for row in rows if row.hidden}
    return ManyRows.of(
        Columns(list(zip(keys, letters, strict=True))),
        [row.number for row in rows],
        list(zip(*told, strict=True)),
        hidden=hidden,
    )


def of_one_table(book: Sheet) -> tuple[Sheet, Sheet]:
    rows = tuple(replace(one, sheet="") for one in book.rows)
    return replace(book, rows=rows), replace(book, rows=by_column(rows))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(sheets(), st.booleans())
def test_the_same_is_said_of_rows_by_column(book: Sheet, twice: bool) -> None:
    if twice:
        again = (
            replace(row(40 + at, {key: one.text(key) for key in one.cells}), sheet="")
            for at, one in enumerate(book.rows)
        )
        book = replace(book, rows=(*book.rows, *again))
    plain, kept = of_one_table(book)
    assert kept == plain
    found = check_sheet(kept, NOTICE, reporter(), RECEIVED)
    assert found == check_sheet(plain, NOTICE, reporter(), RECEIVED)
    assert list(check_policy(kept, NOTICE)) == list(check_policy(plain, NOTICE))
    assert reporter_of(kept, None, NOTICE) == reporter_of(plain, None, NOTICE)
    for key in ("unit", "phone", "nothing"):
        assert texts_in(kept.rows, key) == texts_in(plain.rows, key)
    assert all_texts(kept.rows) == all_texts(plain.rows)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(sheets())
def test_rows_by_column_are_written_down_as_the_rows(book: Sheet) -> None:
    plain, kept = of_one_table(book)
    told = json.loads(as_json(kept.rows))
    assert rows_of(told) == plain.rows == rows_of(tables_of(plain.rows))
    times = MANY // len(plain.rows) + 1
    many = rows_of(json.loads(as_json(by_column(plain.rows * times))))
    assert isinstance(many, ManyRows)
    assert many == plain.rows * times
    assert pickle.loads(pickle.dumps(kept.rows)) == plain.rows  # noqa: S301  as a child gets them that marks the workbook


TEXTS = st.text(max_size=5) | st.sampled_from(
    ("同上", "ditto", "ＤＩＴＴＯ", "如前", "上同", "〃", "/", "一", "XX县", "濮阳县")
)


@given(TEXTS)
def test_a_quick_look_at_a_name_is_never_wrong(text: str) -> None:
    assert not (surely_names(text) and names_nothing(text))
    assert not is_plain(text) or normalise(text) == text


def test_plain_characters_are_as_they_are_compared() -> None:
    for character in map(chr, (*range(0x80), *range(0x4E00, 0xA000))):
        if is_plain(character):
            assert normalise(f"-{character}-") == f"-{character}-"
            assert character.isalnum()


@given(st.lists(TEXTS, max_size=6))
def test_placeholders_are_found_among_many_as_one_by_one(texts: list[str]) -> None:
    assert placeholders_among(texts, NOTICE) == {text for text in texts if is_placeholder(text, NOTICE)}
