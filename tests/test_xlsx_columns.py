"""Sheets of many rows are taken by columns, and what comes of them is what comes of the same sheet row by row."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.many_rows import MANY, ManyRows
from domain.sheet import CellFault, Sheet, SheetFormat
from parsers.form_sheets import read_form
from parsers.grid import MAX_ROWS, Book, ColumnRows, Grid, GridCell, Merge, Unreadable, characters
from parsers.rows import Values
from parsers.table import names_of
from parsers.xlsx_columns import take_columns
from parsers.xlsx_sheet import ReadRows, read_sheet
from parsers.xlsx_values import Values as CellValues
from tests.builders import GOOD_ROW, NOTICE
from tests.test_xlsx_rows import MAIN, STRINGS, STYLES, read, row_cells

FILLER = "".join(f'<row r="{number}"><c r="A{number}" t="s"><v>0</v></c></row>' for number in range(101, 102 + MANY))
"""Rows that make of any sheet one of many."""
ODD = (
    "<c><v>8</v></c>",
    '<c r="Z9"><f>A1</f><v>7</v></c>',
    '<c r="C1"><f>A1</f></c>',
    '<c r="AB7" t="s"><v>1</v></c>',
    '<c r="A1" t="s"><v>1</v></c>',
    '<c r="D3" t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r></is></c>',
    '<c r="E3" t="e"><v>#REF!</v></c>',
    '<c r="E3" t="b"><v>1</v></c>',
    '<c r="E3" cm="1" t="s"><v>1</v></c>',
    "<c r='E3' t='s'><v>1</v></c>",
    '<c r="E3" t="str"><v>&lt;甲&gt;</v></c>',
    '<c r="E3" t="str"><v>甲<!-- no text -->乙</v></c>',
    '<c r="E3" t="s"><v>99</v></c>',
    '<x:c xmlns:x="urn:x"/>',
)


@st.composite
def some_rows(draw: st.DrawFn) -> str:
    """As nearly every program writes them, and now and then not."""
    rows = []
    for number in draw(
        st.lists(st.integers(1, 100), max_size=8).map(sorted) | st.lists(st.integers(0, 120), max_size=5)
    ):
        cells = draw(row_cells(number, 8))
        if draw(st.integers(0, 5)) == 0:
            cells.insert(draw(st.integers(0, len(cells))), draw(st.sampled_from(ODD)))
        more = draw(st.sampled_from(["", ' spans="1:9"', ' hidden="1"', ' ht="0"', ' hidden="false" ht="12.5"']))
        told = f' r="{number}"' if draw(st.integers(0, 15)) else ""
        rows.append(f"<row{told}{more}>{''.join(cells)}</row>" + draw(st.sampled_from(["", "", "\n", "<row/>"])))
    return "".join(rows)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some_rows(), some_rows())
def test_both_ways_of_reading_give_the_same(before: str, after: str) -> None:
    assert outcome(f"{before}{FILLER}{after}") == outcome(f"{before}{FILLER}{after}", "<!-- row by row -->")


def outcome(rows: str, head: str = "") -> object:
    """What is read, in its order, or how it is refused."""
    try:
        found = read(f"{head}<sheetData>{rows}</sheetData>", room=5000)
    except (Unreadable, IndexError, ValueError) as error:
        return type(error)
    assert isinstance(found.rows, ColumnRows | dict)
    return replace(found, rows={}), [(number, dict(cells)) for number, cells in found.rows.items()]


def by_column(rows: str, tail: str = "") -> ReadRows:
    found = read(f"<sheetData>{rows}</sheetData>{tail}", room=5000)
    assert isinstance(found.rows, ColumnRows)
    return found


def test_rows_of_another_make_stand_among_the_others() -> None:
    odd = '<row r="50"><c r="B50"><f>1+1</f><v>2</v></c></row><row r="60" hidden="1"/>'
    found = by_column(f'<row r="2"><c r="A2" t="s"><v>1</v></c></row>{odd}{FILLER}')
    assert isinstance(found.rows, ColumnRows)
    assert (list(found.rows)[:3], list(found.rows.apart)) == ([2, 50, 101], [50])
    assert (found.rows[50][2].text, found.rows[2], len(found.rows)) == ("2", {1: GridCell(text="第一中学")}, MANY + 3)
    assert (found.hidden, found.cells, found.rows.get(3)) == (frozenset({60}), MANY + 3, None)


def test_what_stands_beside_the_rows_is_read_too() -> None:
    merge = Merge(top=101, left=1, bottom=103, right=1)
    assert by_column(FILLER, '<mergeCells><mergeCell ref="A101:A103"/></mergeCells>').merges == (merge,)


@pytest.mark.parametrize(
    "rows",
    [
        FILLER + '<row r="101"><c r="A101"><v>7</v></c></row>',  # the later counts
        '<row r="500"><c r="A500"><v>7</v></c></row>' + FILLER,
        f"<x>{FILLER}</x>",
        FILLER + "<row><c><v>7</v></c></row>",  # it follows the one before
        FILLER.replace('<c r="A', '<c r="XFD'),
        f'<!-- <row r="1"><c r="A1" t="s"><v>99</v></c></row> -->{FILLER}',  # which is no string
        f'<row r="1"><c r="A1" t="str"><v><![CDATA[{FILLER}]]></v></c></row>{FILLER}',
    ],
    ids=["twice", "not ascending", "no rows", "without a number", "beyond the columns", "comment", "marked section"],
)
def test_where_it_is_not_sure_every_row_is_read_by_itself(rows: str) -> None:
    found = read(f"<sheetData>{rows}</sheetData>", room=5000)
    assert isinstance(found.rows, dict)
    assert found.rows == read(f"<!-- --><sheetData>{rows}</sheetData>", room=5000).rows


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_texts_are_read_in_the_encoding_of_the_part(encoding: str) -> None:
    rows = FILLER.replace(' t="s"><v>0<', ' t="str"><v>濮阳县<')
    data = f'<?xml version="1.0" encoding="{encoding}"?><worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    found = read_sheet(data.encode(encoding), CellValues(lambda: None, b"", epoch_1904=False), 5000)
    assert {cell.text for row in found.rows.values() for cell in row.values()} == {"濮阳县"}


def test_a_row_beyond_the_last_is_refused() -> None:
    with pytest.raises(Unreadable, match="last row"):
        read(f'<sheetData>{FILLER}<row r="{MAX_ROWS + 1}"><c r="A1"><v>1</v></c></row></sheetData>', room=5000)


@pytest.mark.parametrize("room", [MANY, MANY + 1])
def test_more_cells_than_there_is_room_for_are_refused(room: int) -> None:
    more = '<row r="5000"><c r="A5000"><f>1</f><v>1</v></c></row>'
    with pytest.raises(Unreadable, match="filled cells"):
        read(f"<sheetData>{FILLER}{more}</sheetData>", room=room)


def test_long_texts_are_counted_in_columns_too() -> None:
    long = GridCell(text="长" * 70)
    rows = ColumnRows([1, 2, 3], {1: [long, None, long], 2: [None, GridCell(text="短"), None]}, {9: {1: long}})
    assert rows.characters == sum(map(characters, rows.values())) == 210


def test_columns_of_no_row_take_nothing() -> None:
    assert (
        take_columns(b"<sheetData></sheetData>", 11, 11, CellValues(lambda: STRINGS, STYLES, epoch_1904=False).cell)
        is None
    )


LINES = st.sampled_from(
    ("good", "good", "good", "total", "signed", "header", "note", "empty", "one", "label", "fault", "sum")
)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """The form with many rows, some of which are none."""
    columns = NOTICE.form.columns
    rows = {
        1: {1: GridCell(text="濮阳县学习类APP统计备案表")},
        2: {1: GridCell(text="填报单位：濮阳县教育局")},
        3: {place: GridCell(text=column.name) for place, column in enumerate(columns, 1)},
    }
    good = {place: GridCell(text=GOOD_ROW[column.key]) for place, column in enumerate(columns, 1)}
    unlike = {
        "total": {1: GridCell(text="合计"), 3: GridCell(text="46", number=46.0)},
        "signed": {1: GridCell(text="填表人：张三"), 4: GridCell(text="审核人：李四")},
        "header": rows[3],
        "note": {1: GridCell(text="注：本表一式两份，由县教育局留存")},
        "empty": {30: GridCell(text="1")},
        "one": {3: GridCell(text="智学网")},
        "label": good | {2: GridCell(text="学校：第一中学")},
        "fault": good
        | {
            6: GridCell(text="#REF!", fault=CellFault.ERROR_VALUE),
            7: GridCell(text="", fault=CellFault.NO_STORED_VALUE),
        },
        "sum": good | {1: GridCell(text="总计")},
    }
    lines = draw(st.lists(LINES, max_size=12))
    for number, line in enumerate(["good"] * draw(st.integers(0, 3)) + lines, 4):
        rows[number] = unlike.get(line) or good | {6: GridCell(text=f"139{number:08}")}
    first = len(rows) + draw(st.integers(1, 4))
    for number in range(first, first + MANY):
        rows[number] = good | {
            5: GridCell(text=f"张{number}"),
            6: GridCell(text=draw(PHONES) if number < first + 9 else f"138{number:08}"),
        }
    rows |= {
        first + MANY + at: unlike[line]
        for at, line in enumerate(draw(st.lists(LINES.filter(lambda line: line != "good"), max_size=4)))
    }
    merges = draw(st.sampled_from(((), (Merge(top=first, left=1, bottom=first + 3, right=1),))))
    if merges:
        for number in range(first + 1, first + 3):
            rows[number] = {place: cell for place, cell in rows[number].items() if place != 1}
    return Grid(name="Sheet1", rows=rows, merges=merges, hidden_rows=frozenset({first + 1}))


PHONES = st.sampled_from(
    (
        "13912345678",
        "0393-1234567",
        "1391234567",
        "13912345678.0",
        "1.39E+10",
        "4001234567",
        "电话",
        "１３９１２３４５６７８",
    )
)


def in_columns(grid: Grid, apart: frozenset[int] = frozenset()) -> Grid:
    numbers = sorted(set(grid.rows) - apart)
    places = sorted({place for number in numbers for place in grid.rows[number]})
    columns = {place: [grid.rows[number].get(place) for number in numbers] for place in places}
    return replace(grid, rows=ColumnRows(numbers, columns, {number: grid.rows[number] for number in apart}))


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(grids(), st.data())
def test_the_form_is_read_alike_in_columns_and_in_rows(grid: Grid, data: st.DataObject) -> None:
    apart = frozenset(data.draw(st.sets(st.sampled_from(sorted(grid.rows)), max_size=4)))
    by_rows, by_columns = form_of(grid), form_of(in_columns(grid, apart))
    assert by_columns == by_rows
    if isinstance(by_rows.rows, ManyRows):
        assert isinstance(by_columns.rows, ManyRows)
        assert list(map(list, by_columns.rows.says)) == list(map(list, by_rows.rows.says))


def form_of(grid: Grid) -> Sheet:
    found = read_form(
        Book(grids=(grid,)), SheetFormat.XLSX, name="表.xlsx", sha256="a" * 64, form=NOTICE.form, area_code="0393"
    )
    assert isinstance(found, Sheet)
    return found


@given(
    st.text(max_size=6)
    | st.sampled_from(
        (
            "合计",
            "填表人",
            "填表人：",
            "总数",
            "单位",
            "APP主办者",
            "app主办者",
            "小学",
            "经办人甲",
            "备注：",
            "ＡＰＰ",
            "",
        )
    )
)
def test_a_text_is_a_value_whether_asked_about_alone_or_with_others(text: str) -> None:
    alone, together = Values(NOTICE.form, names_of(NOTICE.form)), Values(NOTICE.form, names_of(NOTICE.form))
    row = {1: GridCell(text=text), 2: GridCell(text="濮阳县")}
    assert alone.fill(row, frozenset({1, 2})) == (text in together.among([text, "濮阳县"]))
