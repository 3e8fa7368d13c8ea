"""Rows of a workbook as tables of plain values, for whoever writes them down: columns repeat themselves, so each text is told once.

`{"tables": [[sheet, [[key, letters], …]], …], "said": [text | [text, fault] | [text, fault, [kind, digits]], …],
"rows": [[table, number, hidden, place in said, …], …]}`: of each row the table it stands in, its number in the workbook, whether it is
hidden (0 or 1), and for each column of that table what its cell says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from domain.sheet import Cell, CellFault, Phone, PhoneKind, Row

_LETTERS = re.compile("[A-Z]{1,3}")
_MAX_ROW = 1_048_576
_Says = tuple[str, CellFault | None, Phone | None]
"""What a cell says, wherever it stands."""
_Columns = tuple[tuple[str, str], ...]
"""Key and letters of each column."""


def tables_of(rows: Iterable[Row]) -> dict[str, Any]:
    """Plain values, as JSON has them. Raises ValueError for a cell whose address is not in its row."""
    said: dict[_Says, int] = {}
    tables: dict[tuple[str, _Columns], int] = {}
    lines = []
    for row in rows:
        number = str(row.number)
        columns = tuple((key, cell.address.removesuffix(number)) for key, cell in row.cells.items())
        if (row.sheet, columns) not in tables and not all(_LETTERS.fullmatch(letters) for _, letters in columns):
            raise ValueError(f"row {number} has cells of another row")
        table = tables.setdefault((row.sheet, columns), len(tables))
        cells = [said.setdefault((cell.text, cell.fault, cell.phone), len(said)) for cell in row.cells.values()]
        lines.append((table, row.number, int(row.hidden), *cells))
    return {"tables": list(tables), "said": [_plain(*one) for one in said], "rows": lines}


def rows_of(plain: Any) -> tuple[Row, ...]:
    """The rows. Raises ValueError for what `tables_of` does not give: it may come from a child that read a stranger's bytes."""
    try:
        said = [_says(one) for one in plain["said"]]
        tables = [_table(one) for one in plain["tables"]]
        return tuple(_row(line, tables, said) for line in plain["rows"])
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError("no rows of a workbook") from error


def _plain(text: str, fault: CellFault | None, phone: Phone | None) -> Any:
    if phone:
        return (text, fault, (phone.kind, phone.digits))
    return (text, fault) if fault else text


def _says(plain: Any) -> _Says:
    if isinstance(plain, str):
        return plain, None, None
    text, fault, *phone = plain
    found = [Phone(kind=PhoneKind(kind), digits=_text(digits)) for kind, digits in phone]
    return _text(text), CellFault(fault) if fault is not None else None, found[0] if found else None


def _table(plain: Any) -> tuple[str, _Columns]:
    sheet, columns = plain
    if not all(isinstance(key, str) and _LETTERS.fullmatch(letters) for key, letters in columns):
        raise ValueError("a column that is none")
    return _text(sheet), tuple((key, letters) for key, letters in columns)


def _row(line: Sequence[Any], tables: Sequence[tuple[str, _Columns]], said: Sequence[_Says]) -> Row:
    table, number, hidden, *cells = line
    if min(table, *cells, 0) < 0 or type(number) is not int or not 0 < number <= _MAX_ROW:
        raise ValueError("a place that is none")
    sheet, columns = tables[table]
    made = {}
    for (key, letters), place in zip(columns, cells, strict=True):
        text, fault, phone = said[place]
        made[key] = Cell(address=f"{letters}{number}", text=text, fault=fault, phone=phone)
    return Row(number=number, cells=made, hidden=bool(hidden), sheet=sheet)


def _text(plain: Any) -> str:
    if not isinstance(plain, str):
        raise TypeError("no text")
    return plain
