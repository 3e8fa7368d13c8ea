"""The form's table on a printed page: which grid column means what, its data rows, and how like a workbook's they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.cover import CoverPage, PageCell
from domain.notice import Form
from domain.sheet import Row, Sheet
from domain.text import normalise

_HEADER_SHARE = 0.4
"""Least share of the form's columns that a row must name to be the table's header."""

_Names = tuple[tuple[str, str], ...]
"""(a column's name or alias, normalised; its key)"""


@dataclass(frozen=True, kw_only=True)
class PrintedTable:
    """The table of a page: grid column → form column key, and its data rows in order."""

    page: CoverPage
    columns: dict[int, str]
    rows: tuple[tuple[PageCell, ...], ...]
    blank_between: int = 0
    """Rows of the frame between those with print in which nothing was read."""
    blank_below: int = 0
    """The same below the last row with print."""
    unnamed: bool = False
    """There is print in a column over which nothing stands: a fold may have parted a cell in two."""

    def cells(self, row: int) -> dict[str, PageCell]:
        return {self.columns[cell.column]: cell for cell in self.rows[row] if cell.column in self.columns}


def printed_table(page: CoverPage, form: Form) -> PrintedTable | None:
    """Finds the header row and with it the meaning of the columns; None when the page shows no such table."""
    by_row: dict[int, list[PageCell]] = {}
    for cell in page.cells:
        by_row.setdefault(cell.row, []).append(cell)
    best: dict[int, str] = {}
    header = -1
    names = tuple((normalise(name), column.key) for column in form.columns for name in (column.name, *column.aliases))
    for number, cells in sorted(by_row.items()):
        named = _named_columns(cells, names)
        if len(named) > len(best):
            best, header = named, number
    if len(best) < max(2, _HEADER_SHARE * len(form.columns)):
        return None
    columns = _fill_in(best, page, form)
    rows = tuple(
        tuple(sorted(cells, key=lambda cell: cell.column))
        for number, cells in sorted(by_row.items())
        if number > header and is_data(cells, columns)
    )
    framed = {n: is_data(cells, columns) for n, cells in by_row.items() if n > header and _is_row(cells, columns)}
    last = max((number for number, filled in framed.items() if filled), default=header)
    blank = [number for number, filled in framed.items() if not filled]
    over = {cell.column for cell in by_row[header] if cell.reading.text.strip()}
    unnamed = any(
        cell.column not in columns and cell.column not in over and cell.reading.text.strip()
        for row in rows
        for cell in row
        if cell.column_span == 1
    )
    return PrintedTable(
        page=page,
        columns=columns,
        rows=rows,
        blank_between=sum(number < last for number in blank),
        blank_below=sum(number > last for number in blank),
        unnamed=unnamed,
    )


def _is_row(cells: Sequence[PageCell], columns: Mapping[int, str]) -> bool:
    """A row of the frame with as many cells as the table has columns, or nearly; a note is one merged cell."""
    return 2 * sum(cell.column in columns and cell.column_span == 1 for cell in cells) > len(columns)


def _named_columns(cells: Sequence[PageCell], names: _Names) -> dict[int, str]:
    """Grid column → key, for the cells of a row that say a column's name."""
    found: dict[int, str] = {}
    for cell in cells:
        score, key = _likest_name(normalise(cell.reading.text), names)
        if score >= 0.6 and key not in found.values():
            found[cell.column] = key
    return found


@lru_cache(maxsize=16384)
def _likest_name(text: str, names: _Names) -> tuple[float, str]:
    """Kept, since every cell of a page is asked, and the pages of a cover for more than one purpose."""
    return max(((likeness(text, name), key) for name, key in names), default=(0.0, ""))


def _fill_in(named: dict[int, str], page: CoverPage, form: Form) -> dict[int, str]:
    """Columns whose printed name could not be read, by their order, when the page has as many columns as the form."""
    order = [column.key for column in form.columns]
    grid = sorted({cell.column for cell in page.cells if cell.column_span == 1})
    if len(grid) != len(order):
        return named
    by_order = dict(zip(grid, order, strict=True))
    agrees = all(by_order.get(column) == key for column, key in named.items())
    return by_order if agrees else named


def is_data(cells: Sequence[PageCell], columns: Mapping[int, str]) -> bool:
    """A row with print in at least two of its columns; notes in one merged cell are no data."""
    return (
        sum(1 for cell in cells if cell.column in columns and cell.column_span == 1 and cell.reading.text.strip()) >= 2
    )


def first_rows_likeness(sheet: Sheet, table: PrintedTable) -> float:
    """Mean likeness of the printed rows with the first workbook rows."""
    rows = [row for row in sheet.rows if not row.hidden][: len(table.rows)]
    if not rows:
        return 0.1 if not table.rows else 0.0
    scores = [row_likeness(table.cells(at), row) for at, row in enumerate(rows)]
    return sum(scores) / max(len(table.rows), len(rows))


def row_likeness(printed: dict[str, PageCell], row: Row) -> float:
    """Mean likeness over the columns that hold anything on either side."""
    scores = []
    for key, cell in printed.items():
        read, expected = normalise(cell.reading.text), normalise(row.text(key))
        if read or expected:
            scores.append(likeness(read, expected))
    return sum(scores) / len(scores) if scores else 0.0


def likeness(one: str, other: str) -> float:
    """Share of common characters, 0–1: quick, and forgiving about order."""
    if one == other:
        return 1.0
    common = sum((Counter(one) & Counter(other)).values())
    return 2 * common / (len(one) + len(other))
