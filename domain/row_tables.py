"""Rows of a workbook as tables of plain values, for whoever writes them down: columns repeat themselves, so each text is told once.

`{"tables": [[sheet, [[key, letters], …]], …], "said": [text | [text, fault] | [text, fault, [kind, digits]], …],
"rows": [[table, number, hidden, place in said, …], …]}`: of each row the table it stands in, its number in the workbook, whether it is
hidden (0 or 1), and for each column of that table what its cell says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Any

from domain.many_rows import MANY, ManyRows, no_circles
from domain.sheet import CellFault, Columns, Phone, PhoneKind, Row, Says, TableCells

_LETTERS = re.compile("[A-Z]{1,3}")
MAX_ROW = 1_048_576
_PHONE_KINDS = {kind.value: kind for kind in PhoneKind}  # to ask the class takes as long as all else of a phone
_Placed = tuple[tuple[str, str], ...]
"""Key and letters of each column."""


def tables_of(rows: Iterable[Row]) -> dict[str, Any]:
    """Plain values, as JSON has them. Raises ValueError for a cell whose address is not in its row."""
    told = _Told()
    kept = tuple(rows)  # what is told apart by its `id` must live until all is told
    lines = [told.line(row) for row in kept]
    return {"tables": list(told.tables), "said": [plain_of(*one) for one in told.said], "rows": lines}


@no_circles()
def as_json(rows: Sequence[Row]) -> str:
    """What `tables_of` gives, as JSON without white space; of many rows of one table without going through them."""
    if not isinstance(rows, ManyRows) or not rows:
        return _json(tables_of(rows))
    told = _Told()
    table = told.table(rows[0].number, rows[0].sheet, rows.columns)
    said: list[Says] = []
    places = []
    for place, column in enumerate(rows.says):
        here = rows.once(place)
        known = dict(zip(map(id, here), range(len(said), len(said) + len(here)), strict=True))
        places.append(list(map(known.__getitem__, map(id, column))))
        said += here
    line = "[" + ",".join([str(table), *["%d"] * (len(places) + 2)]) + "]"
    lines = map(line.__mod__, zip([row.number for row in rows], [row.hidden for row in rows], *places, strict=True))
    head = _json({"tables": list(told.tables), "said": [plain_of(*one) for one in said]})
    return head[:-1] + ',"rows":[' + ",".join(lines) + "]}"


def _json(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


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
            return (self._table(row.number, row.sheet, placed), row.number, int(row.hidden), *places)
        table = self._known.get((row.sheet, id(cells.columns)))
        if table is None:
            table = self._known[row.sheet, id(cells.columns)] = self.table(row.number, row.sheet, cells.columns)
        known = self._places
        places = [known[id(one)] if id(one) in known else self._place(one) for one in cells.says]
        return (table, row.number, int(row.hidden), *places)

    def table(self, number: int, sheet: str, columns: Columns) -> int:
        """The place of the table with these columns, in which the row of that number stands."""
        return self._table(number, sheet, tuple(zip(columns.keys, columns.letters, strict=True)))

    def _table(self, number: int, sheet: str, placed: _Placed) -> int:
        table = (sheet, placed)
        if table not in self.tables and not all(_LETTERS.fullmatch(letters) for _, letters in placed):
            raise ValueError(f"row {number} has cells of another row")
        return self.tables.setdefault(table, len(self.tables))

    def _place(self, one: Says) -> int:
        place = self._places[id(one)] = self.said.setdefault(one, len(self.said))
        return place


def rows_of(plain: Any) -> tuple[Row, ...]:
    """The rows; many are taken out of `plain`, for the room they take. Raises ValueError for what `tables_of` does not give: it may come
    from a child that read a stranger's bytes."""
    try:
        with no_circles():
            return _rows_of(plain)
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError("no rows of a workbook") from error


def _rows_of(plain: Any) -> tuple[Row, ...]:
    said = [said_of(one) for one in plain["said"]]
    tables = [table_of(one) for one in plain["tables"]]
    if len(plain["rows"]) <= MANY:
        return as_dicts(_row(line, tables, said) for line in plain["rows"])
    if len(tables) == 1:
        return _many_rows(list(zip(*plain.pop("rows"), strict=True)), *tables[0], said)
    return tuple([_row(line, tables, said) for line in plain["rows"]])


def plain_of(text: str, fault: CellFault | None, phone: Phone | None) -> Any:
    """What a cell says, as `said` has it."""
    if phone:
        return (text, fault, (phone.kind, phone.digits))
    return (text, fault) if fault else text


def said_of(plain: Any) -> Says:
    """Raises ValueError, TypeError or KeyError for what `plain_of` does not give."""
    if isinstance(plain, str):
        return plain, None, None
    if len(plain) < 3:
        text, fault = plain
        return _text(text), CellFault(fault), None
    text, fault, (kind, digits) = plain
    phone = Phone(kind=_PHONE_KINDS[kind], digits=_text(digits))
    return _text(text), CellFault(fault) if fault is not None else None, phone


def table_of(plain: Any) -> tuple[str, Columns]:
    """Sheet and columns of a table. Raises ValueError or TypeError for what is none."""
    sheet, columns = plain
    made = Columns(columns)
    if not all(isinstance(key, str) and _LETTERS.fullmatch(letters) for key, letters in columns):
        raise ValueError("a column that is none")
    if len(made.places) < len(made.keys):
        raise ValueError("a column twice")
    return _text(sheet), made


def _row(line: Sequence[Any], tables: Sequence[tuple[str, Columns]], said: Sequence[Says]) -> Row:
    table, number, hidden, *places = line
    if min(table, *places, 0) < 0 or type(number) is not int or not 0 < number <= MAX_ROW:
        raise ValueError("a place that is none")
    sheet, columns = tables[table]
    says = tuple(map(said.__getitem__, places))
    if len(says) != len(columns.keys):
        raise ValueError("a row of another table")
    return Row(number=number, cells=TableCells(number, columns, says), hidden=bool(hidden), sheet=sheet)


def _many_rows(told: Sequence[Sequence[Any]], sheet: str, columns: Columns, said: Sequence[Says]) -> ManyRows:
    """The rows of the only table, without going through them: `told` by column. Raises what `rows_of` takes for a lie."""
    of, numbers, hidden, *places = told
    if set(map(type, numbers)) != {int} or not 0 < min(numbers) <= max(numbers) <= MAX_ROW:
        raise ValueError("a row that is none")
    if any(of) or len(places) != len(columns.keys) or any(min(column) < 0 for column in places):
        raise ValueError("a place that is none")
    says = [list(map(said.__getitem__, column)) for column in places]
    return ManyRows.of(columns, numbers, says, hidden=set(compress(numbers, hidden)), sheet=sheet)


def as_dicts(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The same rows, each cell an object of its own."""
    return tuple(Row(number=row.number, cells=dict(row.cells), hidden=row.hidden, sheet=row.sheet) for row in rows)


def _text(plain: Any) -> str:
    if not isinstance(plain, str):
        raise TypeError("no text")
    return plain
