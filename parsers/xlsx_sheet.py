"""Reads the worksheet of an .xlsx: which cells hold something, and what is hidden or merged.

Nearly every program writes nearly every row in one way; those rows are taken by patterns, at the speed of the pattern,
and only the others go through a tree. What both give is the same, and the test of that is `tests/test_xlsx_rows.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from lxml import etree

from domain.many_rows import MANY
from domain.sheet import CellFault
from parsers.grid import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_MERGES,
    MAX_ROWS,
    ColumnRows,
    GridCell,
    Merge,
    Rows,
    Unreadable,
    characters,
    check_text,
)
from parsers.safe_xml import parse_xml
from parsers.xlsx_columns import ATTRIBUTES, HIDDEN, INSIDE, NUMBER, column_of, take_columns, unnamed
from parsers.xlsx_strings import MAIN, text_of
from parsers.xlsx_values import REFUSALS, Values

_ADDRESS = re.compile(r"([A-Z]{1,3})\d{1,7}")
_NUMBER = re.compile(r"[0-9]{1,7}")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6}):\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
_CELL = rb'<c r="([A-Z]{1,3})' + NUMBER + rb'"' + INSIDE
_PLAIN_CELL = re.compile(_CELL)
_PLAIN_ROW = re.compile(rb'<row r="(' + NUMBER + rb')"(' + ATTRIBUTES + rb")>((?:" + unnamed(_CELL) + rb")*+)</row>")
_BEGIN, _END = b"<sheetData>", b"</sheetData>"
_BEGINNING = 4_000_000
"""Bytes in which many rows are looked for."""
_DECLARATION = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]{0,60}encoding=["']([\w-]{1,20})["']""")


@dataclass(frozen=True, kw_only=True)
class ReadRows:
    """The cells of a worksheet by row and column, and which rows are hidden."""

    rows: Rows
    hidden: frozenset[int]
    hidden_columns: frozenset[int]
    merges: tuple[Merge, ...]
    cells: int
    placed: bool = field(default=True, compare=False)
    """The sheet has one table of rows, and each row tells its number: others may have been taken out of it before."""


def read_sheet(content: bytes, values: Values, room: int) -> ReadRows:
    """`room` bounds the filled cells. Raises Unreadable, or one of `xlsx_values.REFUSALS` for values that are none."""
    return _read_columns(content, values, room) or _read_rows(content, values, room)


def _read_columns(content: bytes, values: Values, room: int) -> ReadRows | None:
    """A sheet of many rows, by columns where they are alike. None where there are few, or not surely such."""
    start, end = content.find(_BEGIN), content.rfind(_END)
    if not 0 < start < end or content.count(b"<row ", start, start + _BEGINNING) <= MANY:
        return None
    try:
        taken = take_columns(content, start + len(_BEGIN), end, values.cell)
    except (*REFUSALS, Unreadable):  # which is told by whoever reads it row by row, unless it is no row at all
        return None
    # In what was taken there is nothing that speaks against it.
    if taken is None or not _may_hold_plain_rows(taken.rest):
        return None
    left = _read_rows(taken.rest, values, room - taken.cells)
    if not left.placed or not left.rows.keys().isdisjoint(taken.numbers):  # of two rows of one number the later counts
        return None
    if taken.cells + left.cells > room:
        raise Unreadable(f"more than {MAX_CELLS} filled cells")
    rows = ColumnRows(taken.numbers, taken.columns, left.rows)
    check_text(rows.characters)
    return replace(left, rows=rows, hidden=left.hidden | taken.hidden, cells=left.cells + taken.cells)


def _read_rows(content: bytes, values: Values, room: int) -> ReadRows:
    """Row by row."""
    reading = _Reading(values, room)
    rest = reading.take_plain_rows(content)
    source = parse_xml(rest)
    data = list(source.iterchildren(f"{{{MAIN}}}sheetData"))
    placed = len(data) == 1 and source.nsmap.get(None) == MAIN and _all_placed(data[0])
    apart = placed and reading.rows.keys().isdisjoint(int(row.get("r", "")) for row in data[0])
    if len(rest) < len(content) and not apart:  # of two rows of one number the later counts
        reading, source = _Reading(values, room), parse_xml(content)
        data = list(source.iterchildren(f"{{{MAIN}}}sheetData"))
    for sheet_data in data:
        for row in sheet_data.iterchildren(f"{{{MAIN}}}row"):
            reading.take(row)
    return ReadRows(
        rows=reading.in_order(), hidden=frozenset(reading.hidden), hidden_columns=_hidden_columns(source),
        merges=_merges(source), cells=reading.cells, placed=placed,
    )  # fmt: skip


def _may_hold_plain_rows(content: bytes) -> bool:
    """One table of rows, in UTF-8, without comments and marked sections, in which what looks like a row may be none."""
    declared = _DECLARATION.match(content)
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        return False
    if content.find(b"<!", 2) >= 0 or content.find(b"<?", 2) >= 0:
        return False
    return content.count(_BEGIN) == content.count(_END) == 1


def _all_placed(data: etree._Element) -> bool:
    """Every row that is left tells its number: else it would be the next of one that was taken out."""
    return all(row.tag == f"{{{MAIN}}}row" and _NUMBER.fullmatch(row.get("r", "")) for row in data)


class _Reading:
    def __init__(self, values: Values, room: int) -> None:
        self.rows: dict[int, dict[int, GridCell]] = {}
        self.hidden: set[int] = set()
        self.cells = 0
        self._values = values
        self._room = room
        self._last = 0
        self._characters = 0

    def take_plain_rows(self, content: bytes) -> bytes:
        """Takes the rows of plain cells. → the sheet without them."""
        if not _may_hold_plain_rows(content):
            return content
        rest, end = [], 0
        for match in _PLAIN_ROW.finditer(content, content.index(_BEGIN), content.index(_END)):
            self._take_plain(*match.groups())
            rest.append(content[end : match.start()])
            end = match.end()
        return b"".join((*rest, content[end:]))

    def _take_plain(self, number: bytes, attributes: bytes, cells: bytes) -> None:
        row = _row_number(number.decode(), 0)
        if HIDDEN.search(attributes):
            self.hidden.add(row)
        made: dict[int, GridCell] = {}
        cell, strings = self._values.cell, self._values.of_strings
        for letters, style, kind, stored, inline in _PLAIN_CELL.findall(cells):
            if not (stored or inline):
                continue
            self.cells += 1
            if kind == b"s" and stored in strings:  # nearly every cell
                found = strings[stored]
            else:
                found = cell(b"str", b"", inline) if kind == b"inlineStr" else cell(kind, style, stored)
            if found is not None and (column := _column(letters)) <= MAX_COLUMNS:
                made[column] = found
        self._keep(row, made)

    def take(self, row: etree._Element) -> None:
        self._last = number = _row_number(row.get("r", ""), self._last)
        if row.get("hidden") in ("1", "true") or row.get("zeroHeight") in ("1", "true") or row.get("ht") == "0":
            self.hidden.add(number)
        self._keep(number, dict(self._filled(row)))

    def _filled(self, row: etree._Element) -> Iterator[tuple[int, GridCell]]:
        column = 0
        for cell in row.iterchildren(f"{{{MAIN}}}c"):
            stated = _ADDRESS.fullmatch(cell.get("r", ""))
            column = _column(stated[1].encode()) if stated else column + 1
            if column > MAX_COLUMNS:
                continue
            kind, stored = cell.get("t", ""), cell.findtext(f"{{{MAIN}}}v") or ""
            if not stored and kind != "str" and cell.find(f"{{{MAIN}}}f") is not None:
                yield column, GridCell(text="", fault=CellFault.NO_STORED_VALUE)
                continue
            if kind == "inlineStr":
                inline = cell.find(f"{{{MAIN}}}is")
                kind, stored = "str", "" if inline is None else text_of(inline)
            if not stored:
                continue
            self.cells += 1
            made = self._values.cell(kind.encode(), cell.get("s", "").encode(), stored.encode())
            if made is not None:
                yield column, made

    def _keep(self, number: int, made: dict[int, GridCell]) -> None:
        if self.cells > self._room:
            raise Unreadable(f"more than {MAX_CELLS} filled cells")
        if made:
            self._characters += characters(made)
            check_text(self._characters)
            self.rows[number] = self.rows[number] | made if number in self.rows else made

    def in_order(self) -> dict[int, dict[int, GridCell]]:
        return {number: self.rows[number] for number in sorted(self.rows)}


def _hidden_columns(source: etree._Element) -> frozenset[int]:
    hidden: set[int] = set()
    for stated in source.iterfind(f"{{{MAIN}}}cols/{{{MAIN}}}col"):
        if stated.get("hidden") in ("1", "true") or stated.get("width") == "0":
            first, last = (stated.get(name, "") for name in ("min", "max"))
            if first.isascii() and first.isdigit() and last.isascii() and last.isdigit():
                hidden.update(range(int(first[:6]), min(int(last[:6]), MAX_COLUMNS) + 1))
    return frozenset(hidden)


def _row_number(stated: str, before: int) -> int:
    number = int(stated) if _NUMBER.fullmatch(stated) else before + 1
    if number > MAX_ROWS:
        raise Unreadable("a row beyond the last row of a sheet")
    return number


_column = lru_cache(maxsize=1024)(column_of)


def _merges(source: etree._Element) -> tuple[Merge, ...]:
    """The merged areas; a broken range, or one of whole rows or columns, merges nothing."""
    found = []
    for merge in source.iterfind(f"{{{MAIN}}}mergeCells/{{{MAIN}}}mergeCell"):
        if area := _AREA.fullmatch(merge.get("ref", "").upper()):
            left, top, right, bottom = area.groups()
            found.append(
                Merge(top=int(top), left=_column(left.encode()), bottom=int(bottom), right=_column(right.encode()))
            )
        if len(found) >= MAX_MERGES:
            break
    return tuple(found)
