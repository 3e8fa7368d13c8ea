"""Makes the rows of one table of a sheet: what each cell says by the type of its column, row by row or by whole columns."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from itertools import compress
from operator import itemgetter
from typing import Protocol

from domain.many_rows import MANY, ManyRows
from domain.notice import ColumnType, Form
from domain.row_tables import as_dicts
from domain.sheet import Columns, Row, Says, TableCells
from parsers.dates import from_serial, read_date
from parsers.grid import ColumnRows, GridCell, cells_of, letters
from parsers.phones import plain_mobile, read_phone
from parsers.table import Table, View

_FLOAT = re.compile(r"\d{1,20}\.(?P<places>\d{1,20})(?:[eE]\+?(?P<power>\d{1,2}))?", re.ASCII)
_NOTHING: Says = ("", None, None)


class Values(Protocol):
    """Texts that are values and nothing else (`parsers.rows`)."""

    def among(self, texts: Sequence[str]) -> Set[str]: ...


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Rows of a sheet that are data, told at one look: nothing but values stand in them, and at least two in the form's columns.
    `others` are the numbers of all other rows, ascending."""

    numbers: Sequence[int]
    columns: Mapping[int, Sequence[GridCell | None]]
    cells: Mapping[int, Mapping[int, GridCell]]
    """Of each column those that are in it, by their `id`."""
    others: Sequence[int]


def rows_alike(rows: ColumnRows, view: View, table: Table, values: Values) -> Alike:
    """Those under the header of the table."""
    begin = bisect_right(rows.numbers, table.last + 1)
    columns = {place: cells[begin:] for place, cells in rows.columns.items()}
    numbers = rows.numbers[begin:]
    repeated = view.rows_repeated()
    odd = {at for at, number in enumerate(numbers) if number in repeated} if repeated else set()
    each = {place: cells_of(cells) for place, cells in columns.items()}
    for place, cells in columns.items():
        known = values.among([cell.text for cell in each[place].values()])
        no_values = {at for at, cell in each[place].items() if cell.text not in known}
        if no_values:
            odd.update(compress(range(len(cells)), map(no_values.__contains__, map(id, cells))))
    own = [cells for place, cells in columns.items() if place in table.columns.values()]
    if sum(map(all, own)) < 2:
        filled = map(sum, zip(*(map(bool, cells) for cells in own), strict=True)) if own else [0] * len(numbers)
        odd.update(at for at, count in enumerate(filled) if count < 2)
    others = [*rows.numbers[:begin], *rows.apart, *(numbers[at] for at in odd)]
    if odd:
        kept = [at not in odd for at in range(len(numbers))]
        numbers = list(compress(numbers, kept))
        columns = {place: list(compress(cells, kept)) for place, cells in columns.items()}
    return Alike(numbers=numbers, columns=columns, cells=each, others=sorted(others))


class RowReader:
    """Makes the rows of one table."""

    def __init__(self, view: View, form: Form, table: Table, area_code: str) -> None:
        self._view = view
        self._area_code = area_code
        columns = [column for column in form.columns if column.key in table.columns]
        self._placed = [(table.columns[column.key], column.type) for column in columns]
        self._columns = Columns([(column.key, letters(table.columns[column.key])) for column in columns])
        self._said: list[dict[int, Says]] = [{} for _ in columns]
        """For each column, what was made of a cell of the grid, by its `id`: equal cells are mostly one, and the grid keeps them."""

    def together(self, rows: Sequence[Row], alike: Alike | None) -> tuple[Row, ...]:
        """The rows of `row`, with those that are alike, in the order of their numbers."""
        if len(rows) + (len(alike.numbers) if alike else 0) <= MANY and not (alike and alike.numbers):
            return as_dicts(rows)
        told = [(row.number, row.cells.says) for row in rows if isinstance(row.cells, TableCells)]
        numbers, says = (alike.numbers, self._columns_of(alike)) if alike else ([], [])
        if told:
            told = sorted((*zip(numbers, zip(*says, strict=True), strict=True), *told), key=itemgetter(0))
            numbers, says = [number for number, _ in told], list(zip(*(said for _, said in told), strict=True))
        made = ManyRows.of(self._columns, numbers, says, hidden=self._view.grid.hidden_rows)
        return made if len(made) > MANY else as_dicts(made)

    def _columns_of(self, alike: Alike) -> list[Sequence[Says]]:
        made: list[Sequence[Says]] = []
        for (place, kind), known in zip(self._placed, self._said, strict=True):
            cells = alike.columns.get(place)
            if cells is None:
                made.append([_NOTHING] * len(alike.numbers))
                continue
            known[id(None)] = _NOTHING
            known.update((at, self._says(cell, kind)) for at, cell in alike.cells[place].items() if at not in known)
            made.append(list(map(known.__getitem__, map(id, cells))))
        return made

    def row(self, number: int, own: Mapping[int, GridCell]) -> Row:
        """`own`: the row's cells by column."""
        says = []
        for (place, kind), known in zip(self._placed, self._said, strict=True):
            found = own.get(place) or self._view.repeated(number, place)
            one = known.get(id(found))
            if one is None:
                one = known[id(found)] = self._says(found, kind)
            says.append(one)
        cells = TableCells(number, self._columns, tuple(says))
        return Row(number=number, cells=cells, hidden=number in self._view.grid.hidden_rows)

    def _says(self, found: GridCell | None, kind: ColumnType) -> Says:
        """What a vertical merge shows beside the row counts as its own."""
        if found is None:
            return _NOTHING
        text = found.text
        if kind is ColumnType.DATE:
            text = _date_text(found, self._view.grid.epoch_1904)
        elif kind is ColumnType.PHONE:
            plain = plain_mobile(text)
            if plain is not None and not found.fault:  # as nearly all are, each another
                return text, None, plain
            text = _whole_digits(text)
            if text and not found.fault:
                return text, None, read_phone(text, self._area_code)
        elif kind in _NUMBERED and found.number is not None:
            text = _as_kept(text)
        return text, found.fault, None


_NUMBERED = (ColumnType.IDENTITY_NUMBER, ColumnType.CREDIT_CODE, ColumnType.CODE, ColumnType.PATTERN)
_KEPT = 15
"""Digits of a number that Excel keeps; what a file has behind them is what a binary double made of it, and nobody's number."""


def _as_kept(text: str) -> str:
    """A long number that was stored as a number, as Excel shows it: zeros for what it lost."""
    digits = _whole_digits(text)
    return digits[:_KEPT] + "0" * (len(digits) - _KEPT) if digits.isdecimal() and len(digits) > _KEPT else digits


def _whole_digits(text: str) -> str:
    """Digits of a number that some program wrote out as a float (13912345678.0, 1.3912345678E+10).

    1.39E+10 stays: the digits are gone, and 13900000000 would be somebody else's number.
    """
    match = _FLOAT.fullmatch(text)
    if match is None or len(match["places"]) < int(match["power"] or 0):
        return text
    return str(Decimal(text).to_integral_value()) if Decimal(text) == int(Decimal(text)) else text


def _date_text(cell: GridCell, epoch_1904: bool) -> str:
    day = cell.day or read_date(cell.text)
    if day is None and cell.number is not None:
        day = from_serial(cell.number, epoch_1904=epoch_1904)
    return day.isoformat() if day else cell.text
