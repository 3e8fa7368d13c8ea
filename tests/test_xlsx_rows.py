"""Rows of an .xlsx taken by patterns and rows taken through a tree say the same; what only looks like a row is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sheet import CellFault
from parsers.grid import GridCell, Unreadable
from parsers.xlsx_sheet import ReadRows, read_sheet
from parsers.xlsx_strings import MAIN
from parsers.xlsx_values import REFUSALS, Values

TEXTS = ("濮阳县", "第一中学", "钉钉&amp;", " 13912345678 ", "", "#REF!")
STRINGS = f'<sst xmlns="{MAIN}">{"".join(f"<si><t>{text}</t></si>" for text in TEXTS)}</sst>'.encode()
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="176" formatCode="0000\\-0000000"/></numFmts>'
    '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/></cellXfs></styleSheet>'
).encode()


def read(data: str, *, room: int = 1000, head: str = "") -> ReadRows:
    values = Values(lambda: STRINGS, STYLES, epoch_1904=False)
    return read_sheet(f'{head}<worksheet xmlns="{MAIN}">{data}</worksheet>'.encode(), values, room)


def texts(found: ReadRows) -> dict[int, dict[int, str]]:
    return {row: {column: cell.text for column, cell in cells.items()} for row, cells in found.rows.items()}


VALUES = st.one_of(
    st.tuples(st.just("s"), st.integers(0, len(TEXTS) - 1).map(str)),
    st.tuples(st.sampled_from(["", "n"]), st.sampled_from(["1", "13912345678", "43888", "0.5", "1E10", "0123", ""])),
    st.tuples(st.just("b"), st.sampled_from("01")),
    st.tuples(st.just("e"), st.sampled_from(["#REF!", "#N/A"])),
    st.tuples(st.just("str"), st.sampled_from(["甲", " 乙 ", "1", "", "_x000D_", "长" * 70])),
    st.tuples(st.just("inlineStr"), st.sampled_from(["甲", " 乙 ", "2020年2月27日", ""])),
)


@st.composite
def row_cells(draw: st.DrawFn, number: int, last: int) -> list[str]:
    """Up to five cells of a row, in columns up to `last` (from 0), as nearly every program writes them."""
    cells = []
    for column in sorted(draw(st.sets(st.integers(0, last), max_size=5))):
        kind, stored = draw(VALUES)
        style = draw(st.sampled_from(["", ' s="0"', ' s="1"', ' s="2"']))
        told = f' t="{kind}"' if kind else ""
        inside = f"<v>{stored}</v>" if kind != "inlineStr" else f"<is><t>{stored}</t></is>"
        empty = draw(st.booleans()) and not stored
        name = f'<c r="{chr(65 + column)}{number}"{style}{told}'
        cells.append(f"{name}/>" if empty else f"{name}>{inside}</c>")
    return cells


@st.composite
def sheets(draw: st.DrawFn) -> str:
    """Rows as nearly every program writes them."""
    rows = []
    for number in sorted(draw(st.sets(st.integers(1, 60), max_size=6))):
        cells = draw(row_cells(number, 25))
        more = draw(st.sampled_from(["", ' spans="1:9"', ' hidden="1"', ' ht="0"', ' hidden="false" ht="12.5"']))
        rows.append(f'<row r="{number}"{more}>{"".join(cells)}</row>')
    return f"<sheetData>{''.join(rows)}</sheetData>"


@given(sheets())
def test_both_ways_of_reading_give_the_same(data: str) -> None:
    assert read(data) == read(f"<!-- makes every row go through the tree -->{data}")


@given(
    sheets(),
    st.integers(0, 5),
    st.sampled_from(['<c r="Z9"><f>A1</f><v>7</v></c>', "<c><v>8</v></c>", '<x:c xmlns:x="urn:x"/>']),
)
def test_rows_of_another_make_among_plain_ones_are_read_too(data: str, place: int, odd: str) -> None:
    rows = data.split("</row>")
    data = "</row>".join((*rows[:place], rows[place] + odd, *rows[place + 1 :])) if place < len(rows) - 1 else data
    assert read(data) == read(f"<!-- -->{data}")


def test_rows_without_a_number_follow_the_one_before() -> None:
    data = '<sheetData><row r="4"><c r="A4"><v>1</v></c></row><row><c><v>2</v></c><c><v>3</v></c></row></sheetData>'
    assert texts(read(data)) == {4: {1: "1"}, 5: {1: "2", 2: "3"}}


ROW = '<row r="1"><c r="A1"><v>7</v></c></row>'
NO_ROWS = {
    "comment": (f"<sheetData><!--{ROW}--></sheetData>", {}),
    "marked section": (
        f'<sheetData><row r="2"><c r="A2" t="str"><v><![CDATA[{ROW}]]></v></c></row></sheetData>',
        {2: {1: ROW}},
    ),
    "in another element": (f"<sheetData><x>{ROW}</x></sheetData>", {}),
    "in another table": (f"<other><sheetData>{ROW}</sheetData></other>", {}),
    "of another namespace": (f'<sheetData xmlns="urn:other">{ROW}</sheetData>', {}),
}


@pytest.mark.parametrize(("data", "said"), NO_ROWS.values(), ids=NO_ROWS)
def test_what_looks_like_a_row_and_is_none_is_not_read(data: str, said: dict[int, dict[int, str]]) -> None:
    assert texts(read(data)) == said


def test_the_prefix_of_the_namespace_does_not_matter() -> None:
    values = Values(lambda: None, b"", epoch_1904=False)
    data = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="3"><x:c r="B3"><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    assert texts(read_sheet(data.encode(), values, 10)) == {3: {2: "5"}}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_texts_are_read_in_the_encoding_of_the_part(encoding: str) -> None:
    row = '<row r="1"><c r="A1" t="str"><v>濮阳县</v></c></row>'
    data = (
        f'<?xml version="1.0" encoding="{encoding}"?><worksheet xmlns="{MAIN}"><sheetData>{row}</sheetData></worksheet>'
    )
    assert texts(read_sheet(data.encode(encoding), Values(lambda: None, b"", epoch_1904=False), 10)) == {
        1: {1: "濮阳县"}
    }


@pytest.mark.parametrize("way", ["", "<!-- -->"])
def test_more_cells_than_there_is_room_for_are_refused(way: str) -> None:
    with pytest.raises(Unreadable, match="filled cells"):
        read(f'{way}<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>1</v></c></row></sheetData>', room=1)


@pytest.mark.parametrize("way", ["", "<!-- -->"])
@pytest.mark.parametrize("cell", ['t="s"><v>99</v>', "><v>nought</v>", 't="b"><v>yes</v>', 't="d"><v>someday</v>'])
def test_a_value_that_is_none_of_its_kind_is_refused(way: str, cell: str) -> None:
    with pytest.raises(REFUSALS):
        read(f'{way}<sheetData><row r="1"><c r="A1" {cell}</c></row></sheetData>')


def test_strings_that_no_cell_refers_to_may_be_missing() -> None:
    def missing() -> bytes | None:
        raise AssertionError("nobody asked for them")

    values = Values(missing, b"", epoch_1904=False)
    data = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>'
    assert texts(read_sheet(data.encode(), values, 10)) == {1: {1: "1"}}


@pytest.mark.parametrize("way", ["", "<!-- -->"])
def test_numbers_dates_and_errors_are_told_apart_by_style_and_kind(way: str) -> None:
    data = (
        '<sheetData><row r="1"><c r="A1" s="1"><v>43888</v></c><c r="B1" s="2"><v>3931234567</v></c>'
        '<c r="C1" s="99"><v>5</v></c><c r="D1" t="e"><v>#N/A</v></c><c r="E1" s="1"><v>99999999</v></c></row></sheetData>'
    )
    cells = read(way + data).rows[1]
    assert [cells[n].text for n in (1, 2, 3)] == ["2020-02-27", "0393-1234567", "5"]
    assert cells[4].fault is cells[5].fault is CellFault.ERROR_VALUE


def test_a_formula_that_was_never_calculated_is_a_fault() -> None:
    data = '<sheetData><row r="1"><c r="A1"><f>B1</f></c><c r="B1"><f>1+1</f><v>2</v></c></row></sheetData>'
    assert read(data).rows == {
        1: {1: GridCell(text="", fault=CellFault.NO_STORED_VALUE), 2: GridCell(text="2", number=2.0)}
    }
