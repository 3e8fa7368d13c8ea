"""Rows of a workbook as tables of plain values, for whoever writes them down: columns repeat themselves, so each text is told once.

`{"tables": [[sheet, [[key, letters], …]], …], "said": [text | [text, fault] | [text, fault, [kind, digits]], …],
"rows": [[table, number, hidden, place in said, …], …]}`: of each row the table it stands in, its number in the workbook, whether it is
hidden (0 or 1), and for each column of that table what its cell says.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from domain.sheet import CellFault, Columns, Phone, PhoneKind, Row, Says, TableCells

MANY = 1000
"""Rows up to which each cell of a row is an object of its own; of more, cells are made when they are asked for (`TableCells`)."""
_LETTERS = re.compile("[A-Z]{1,3}")
_MAX_ROW = 1_048_576
_Placed = tuple[tuple[str, str], ...]
"""Key and letters of each column."""


def tables_of(rows: Iterable[Row]) -> dict[str, Any]:
    """Plain values, as JSON has them. Raises ValueError for a cell whose address is not in its row."""
    told = _Told()
    kept = tuple(rows)  # what is told apart by its `id` must live until all is told
    lines = [told.line(row) for row in kept]
    return {"tables": list(told.tables), "said": [_plain(*one) for one in told.said], "rows": lines}


class _Told:
    """What was told of the rows so far: `said` and `tables`, each with its place."""

    def __init__(self) -> None:
        self.said: dict[Says, int] = {}
        self.tables: dict[tuple[str, _Placed], int] = {}
        self._places: dict[int, int] = {}
        """`id` of what cells share → place in `said`: to compare the values of a million cells takes a second."""
        self._known: dict[tuple[str, int], int] = {}
        """Sheet, and `id` of the columns of a table → place in `tables`."""

    def line(self, row: Row) -> tuple[int, ...]:
        cells = row.cells
        if not isinstance(cells, TableCells) or cells.number != row.number:
            number = str(row.number)
            placed = tuple((key, cell.address.removesuffix(number)) for key, cell in cells.items())
            says = [(cell.text, cell.fault, cell.phone) for cell in cells.values()]
            places = [self.said.setdefault(one, len(self.said)) for one in says]
            return (self._table(row, placed), row.number, int(row.hidden), *places)
        table = self._known.get((row.sheet, id(cells.columns)))
        if table is None:
            placed = tuple(zip(cells.columns.keys, cells.columns.letters, strict=True))
            table = self._known[row.sheet, id(cells.columns)] = self._table(row, placed)
        known = self._places
        places = [known[id(one)] if id(one) in known else self._place(one) for one in cells.says]
        return (table, row.number, int(row.hidden), *places)

    def _table(self, row: Row, placed: _Placed) -> int:
        table = (row.sheet, placed)
        if table not in self.tables and not all(_LETTERS.fullmatch(letters) for _, letters in placed):
            raise ValueError(f"row {row.number} has cells of another row")
        return self.tables.setdefault(table, len(self.tables))

    def _place(self, one: Says) -> int:
        place = self._places[id(one)] = self.said.setdefault(one, len(self.said))
        return place


def rows_of(plain: Any) -> tuple[Row, ...]:
    """The rows. Raises ValueError for what `tables_of` does not give: it may come from a child that read a stranger's bytes."""
    try:
        said = [_says(one) for one in plain["said"]]
        tables = [_table(one) for one in plain["tables"]]
        if len(plain["rows"]) <= MANY:
            return as_dicts(_row(line, tables, said) for line in plain["rows"])
        with _no_circles():
            return tuple([_row(line, tables, said) for line in plain["rows"]])
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError("no rows of a workbook") from error


def _plain(text: str, fault: CellFault | None, phone: Phone | None) -> Any:
    if phone:
        return (text, fault, (phone.kind, phone.digits))
    return (text, fault) if fault else text


def _says(plain: Any) -> Says:
    if isinstance(plain, str):
        return plain, None, None
    text, fault, *phone = plain
    found = [Phone(kind=PhoneKind(kind), digits=_text(digits)) for kind, digits in phone]
    return _text(text), CellFault(fault) if fault is not None else None, found[0] if found else None


def _table(plain: Any) -> tuple[str, Columns]:
    sheet, columns = plain
    made = Columns(columns)
    if not all(isinstance(key, str) and _LETTERS.fullmatch(letters) for key, letters in columns):
        raise ValueError("a column that is none")
    if len(made.places) < len(made.keys):
        raise ValueError("a column twice")
    return _text(sheet), made


def _row(line: Sequence[Any], tables: Sequence[tuple[str, Columns]], said: Sequence[Says]) -> Row:
    table, number, hidden, *places = line
    if min(table, *places, 0) < 0 or type(number) is not int or not 0 < number <= _MAX_ROW:
        raise ValueError("a place that is none")
    sheet, columns = tables[table]
    says = tuple(map(said.__getitem__, places))
    if len(says) != len(columns.keys):
        raise ValueError("a row of another table")
    return Row(number=number, cells=TableCells(number, columns, says), hidden=bool(hidden), sheet=sheet)


@contextmanager
def _no_circles() -> Iterator[None]:
    """Rows refer to nothing that refers to them: to look for circles among a hundred thousand takes longer than to make them."""
    sought = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if sought:
            gc.enable()


def as_dicts(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The same rows, each cell an object of its own."""
    return tuple(Row(number=row.number, cells=dict(row.cells), hidden=row.hidden, sheet=row.sheet) for row in rows)


def _text(plain: Any) -> str:
    if not isinstance(plain, str):
        raise TypeError("no text")
    return plain
