"""A sheet as plain cells, whatever the file was: what every workbook reader gives and the form finder reads."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import cast

from domain.sheet import CellFault
from domain.text import SHORT

MAX_CELLS = 1_200_000
"""Non-empty cells read of one workbook: a province's hundred thousand rows and some columns more. A county's return has some hundreds."""
MAX_COLUMNS = 300
MAX_ROWS = 1_048_576
MAX_SHEETS = 500
"""Worksheets, or tables of markup, read of one workbook. One with more is not read in part (`check_sheets`)."""
MAX_MERGES = 20_000
MAX_TEXT = 32_767
MAX_CHARACTERS = 2_000_000
"""Of all cells of a workbook with more than SHORT each: they are looked at many times, in the worker too, and what was made of a
short text is remembered. A county's return has some thousand."""
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
)  # no text of a person, nor valid in JSON or XML
_LINE_END = re.compile(r"(?:\r|_x000D_)+\n?")
_FORCED_TEXT = re.compile(r"^['\u2018\u2019`](?=\d)")
"""An apostrophe before digits, typed so that they stay text, and kept where a program took it for content."""
_PICTURE = re.compile(r"=(?:_xlfn\.)?DISPIMG\(", re.IGNORECASE)
"""What WPS stores for a picture in a cell."""
ERRORS = frozenset(
    {"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!", "#CALC!"}
)


_ERROR_CODES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


class Unreadable(Exception):
    """A workbook that cannot be read: `code` is the problem code, the message English for the operator.

    `cause` chooses the words for the sender where there are some (`SheetFailure.cause`).
    """

    def __init__(self, detail: str, *, code: str = "sheet.unreadable", cause: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.cause = cause


def check_sheets(number: int) -> None:
    """Unreadable for a workbook of more sheets than are read: what stands on the others would be lost silently."""
    if number > MAX_SHEETS:
        raise Unreadable(f"more than {MAX_SHEETS} sheets", cause="sheets")


def check_text(number: int) -> None:
    """Unreadable for a workbook of so many `characters`: one long string may stand in every cell of it."""
    if number > MAX_CHARACTERS:
        raise Unreadable(f"more than {MAX_CHARACTERS} characters")


def check_texts(grids: Sequence[Grid]) -> None:
    """The same for all sheets of a workbook."""
    check_text(
        sum(
            grid.rows.characters if isinstance(grid.rows, ColumnRows) else sum(map(characters, grid.rows.values()))
            for grid in grids
        )
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class GridCell:
    """A non-empty cell. `text` as a person sees it, stripped; `number` what was stored; `day` of a date cell."""

    text: str
    number: float | None = None
    day: date | None = None
    fault: CellFault | None = None


Rows = Mapping[int, Mapping[int, GridCell]]


class ColumnRows(Mapping[int, Mapping[int, GridCell]]):
    """Rows of a sheet of many, kept by column: a row is put together when somebody asks for it."""

    def __init__(self, numbers: Sequence[int], columns: Mapping[int, Sequence[GridCell | None]], apart: Rows) -> None:
        """`numbers` ascend; each column has a cell for each of them, or None. `apart`: other rows, by number."""
        self.numbers, self.columns, self.apart = numbers, columns, apart

    def __getitem__(self, number: int) -> Mapping[int, GridCell]:
        at = bisect_left(self.numbers, number)
        if at == len(self.numbers) or self.numbers[at] != number:
            return self.apart[number]
        return {column: cell for column, cells in self.columns.items() if (cell := cells[at])}

    def __iter__(self) -> Iterator[int]:
        return iter(sorted((*self.numbers, *self.apart)))

    def __len__(self) -> int:
        return len(self.numbers) + len(self.apart)

    @cached_property
    def characters(self) -> int:
        """Those of long texts, as `characters` tells of one row."""
        found = sum(map(characters, self.apart.values()))
        for column in self.columns.values():
            sizes = {place: len(cell.text) for place, cell in cells_of(column).items() if len(cell.text) > SHORT}
            if sizes:
                found += sum(sizes.get(id(cell), 0) for cell in column)
        return found


def cells_of(column: Sequence[GridCell | None]) -> dict[int, GridCell]:
    """The cells of a column, each once, by their `id`: those that say the same are one, where a reader made them so."""
    found = dict(zip(map(id, column), column, strict=True))
    found.pop(id(None), None)
    return cast("dict[int, GridCell]", found)


def by_row(cells: Mapping[tuple[int, int], GridCell]) -> dict[int, dict[int, GridCell]]:
    """Cells by (row, column) as a grid has them."""
    rows: dict[int, dict[int, GridCell]] = {}
    for (row, column), cell in cells.items():
        rows.setdefault(row, {})[column] = cell
    return rows


def characters(row: Mapping[int, GridCell]) -> int:
    """Those of the row's long texts (`MAX_CHARACTERS`)."""
    return sum([size for cell in row.values() if (size := len(cell.text)) > SHORT])


@dataclass(frozen=True, kw_only=True)
class Merge:
    """A merged range, 1-based and inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, kw_only=True)
class TextBox:
    """Text that floats over the cells; its upper left corner lies in this cell."""

    row: int
    column: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A sheet. `rows`: row → column → cell, both from 1, holds only cells with text or a fault."""

    name: str
    rows: Rows
    merges: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    visible: bool = True
    epoch_1904: bool = False
    boxes: tuple[TextBox, ...] = ()
    above: bool = False
    """Of markup: it stands above the next grid on one page, and is no sheet of its own."""


def stacked(grids: Sequence[Grid]) -> Grid:
    """The last grid with the others above it, each below the one before."""
    if len(grids) == 1:
        return grids[0]
    rows: dict[int, Mapping[int, GridCell]] = {}
    merges: list[Merge] = []
    hidden: set[int] = set()
    height = 0
    for grid in grids:
        rows |= {row + height: cells for row, cells in grid.rows.items()}
        merges += (replace(each, top=each.top + height, bottom=each.bottom + height) for each in grid.merges)
        hidden |= {row + height for row in grid.hidden_rows}
        height += max((*grid.rows, *(each.bottom for each in grid.merges)), default=0)
    return replace(grids[-1], rows=rows, merges=tuple(merges), hidden_rows=frozenset(hidden))


@dataclass(frozen=True, kw_only=True)
class SheetFacts:
    """What a look into the file tells of one sheet that its reader does not. Rows and columns from 1."""

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merges: tuple[Merge, ...] = ()
    """Those that the reader does not tell."""
    faults: Mapping[tuple[int, int], GridCell] = field(default_factory=dict)
    """Cells with an error, or a formula without result, that the reader takes for empty."""
    boxes: tuple[TextBox, ...] = ()


def with_facts(grid: Grid, facts: SheetFacts | None) -> Grid:
    """The sheet with what the look told of it."""
    if facts is None:
        return grid
    faults = {row: {**grid.rows.get(row, {}), **cells} for row, cells in by_row(facts.faults).items()}
    return replace(
        grid, rows={**grid.rows, **faults}, merges=facts.merges or grid.merges, boxes=facts.boxes,
        hidden_rows=facts.hidden_rows, hidden_columns=facts.hidden_columns,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Book:
    """A workbook's sheets in their order, with what it carries besides."""

    grids: tuple[Grid, ...]
    macros: bool = False
    active_content: bool = field(default=False)


def make_cell(value: object, number_format: str = "General") -> GridCell | None:
    """The cell for a stored value, None for an empty one. Error texts (`#REF!`) become a fault."""
    if value is None:
        return None
    if isinstance(value, str):
        return text_cell(value)
    if isinstance(value, bool):
        return GridCell(text="TRUE" if value else "FALSE")
    if isinstance(value, (int, float, Decimal)):
        return GridCell(text=_number_text(float(value), value, number_format), number=float(value))
    if isinstance(value, datetime):
        clock = "" if value.time() == time(0) else f" {value:%H:%M:%S}"
        return GridCell(text=f"{value:%Y-%m-%d}{clock}", day=value.date())
    if isinstance(value, date):
        return GridCell(text=value.isoformat(), day=value)
    return text_cell(str(value))


def text_cell(value: str) -> GridCell | None:
    """The same for a text."""
    if value.isalnum() and len(value) <= MAX_TEXT:
        return GridCell(text=value)  # letters and digits alone, as nearly all are
    # OOXML writes a carriage return as _x000D_ (ECMA-376 part 1, 22.4.2.4), alone or before the line feed.
    lines = _LINE_END.sub("\n", value[:MAX_TEXT])
    text = _FORCED_TEXT.sub("", _CONTROL.sub("", lines).strip(" \t\r\n\u3000\xa0\u200b\ufeff"))
    if _PICTURE.match(text):
        return None
    if text.upper() in ERRORS:
        return GridCell(text=text, fault=CellFault.ERROR_VALUE)
    return GridCell(text=text) if text else None


def error_cell(code: int) -> GridCell:
    """The cell of an error as the binary formats store it ([MS-XLS] 2.5.10 BErr)."""
    return GridCell(text=_ERROR_CODES.get(code, "#N/A"), fault=CellFault.ERROR_VALUE)


def _number_text(number: float, value: object, number_format: str) -> str:
    """Digits of a number: never 1.39E+10, no `.0`, with the zeros and dashes that a format like 0000-0000000 adds."""
    if number != number or number in (float("inf"), float("-inf")):
        return str(number)
    if number != int(number) or abs(number) >= 1e20:
        return repr(value) if isinstance(value, float) else str(value)
    digits = str(int(value) if isinstance(value, (int, Decimal)) else int(number))
    pattern = number_format.replace("\\", "").replace('"', "")
    if number >= 0 and pattern.count("0") > 1 and set(pattern) <= {"0", "-", " "} and len(pattern) < 30:
        return _patterned(digits.zfill(pattern.count("0")), pattern)
    return digits


def _patterned(digits: str, pattern: str) -> str:
    spare = len(digits) - pattern.count("0")
    kept, rest = digits[:spare], iter(digits[spare:])
    return kept + "".join(next(rest) if sign == "0" else sign for sign in pattern)


def address(row: int, column: int) -> str:
    """`(7, 3)` → `C7`."""
    return f"{letters(column)}{row}"


@lru_cache(maxsize=1024)
def letters(column: int) -> str:
    """`28` → `AB`."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
