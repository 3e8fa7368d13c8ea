"""A workbook's reading as bytes: all but its rows in JSON, and the rows as places in a table of what cells say.

Columns repeat themselves: a hundred thousand rows are some bytes a cell, and the worker makes each text once. What a child sends
is never trusted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.sheet import Cell, CellFault, Phone, PhoneKind, Row, Sheet, SheetFailure
from ingest.cover_answer import NotAsAgreed

READING: TypeAdapter[Sheet | SheetFailure] = TypeAdapter(Sheet | SheetFailure)
_LETTERS = re.compile("[A-Z]{1,3}")
_MAX_ROW = 1_048_576

Says = tuple[str, CellFault | None, Phone | None]
"""What a cell says, wherever it stands."""


def pack(read: Sheet | SheetFailure) -> bytes:
    """The answer of a child."""
    rows = read.rows if isinstance(read, Sheet) else ()
    said: dict[Says, int] = {}
    tables: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
    lines = []
    for row in rows:
        number = str(row.number)
        columns = tuple((key, cell.address.removesuffix(number)) for key, cell in row.cells.items())
        table = tables.setdefault((row.sheet, columns), len(tables))
        cells = [said.setdefault((cell.text, cell.fault, cell.phone), len(said)) for cell in row.cells.values()]
        lines.append((table, row.number, int(row.hidden), *cells))
    head = read if isinstance(read, SheetFailure) else replace(read, rows=())
    plain = {
        "head": json.loads(READING.dump_json(head)),
        "tables": [(sheet, columns) for sheet, columns in tables],
        "said": [
            (text, fault, (phone.kind, phone.digits)) if phone else (text, fault) if fault else text
            for text, fault, phone in said
        ],
        "rows": lines,
    }
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def unpack(answer: bytes) -> Sheet | SheetFailure:
    """Raises NotAsAgreed."""
    try:
        plain = json.loads(answer)
        head = READING.validate_python(plain["head"])
        if isinstance(head, SheetFailure):
            return head
        said = [_says(one) for one in plain["said"]]
        tables = [_table(one) for one in plain["tables"]]
        rows = tuple(_row(line, tables, said) for line in plain["rows"])
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, ValidationError) as error:
        raise NotAsAgreed("no reading of a workbook") from error
    return replace(head, rows=rows)


def _says(plain: Any) -> Says:
    if isinstance(plain, str):
        return plain, None, None
    text, fault, *phone = plain
    found = [Phone(kind=PhoneKind(kind), digits=_text(digits)) for kind, digits in phone]
    return _text(text), CellFault(fault) if fault is not None else None, found[0] if found else None


Columns = tuple[tuple[str, str], ...]
"""Key and letters of each column."""


def _table(plain: Any) -> tuple[str, Columns]:
    sheet, columns = plain
    for key, letters in columns:
        if not (isinstance(key, str) and _LETTERS.fullmatch(letters)):
            raise ValueError("a column that is none")
    return _text(sheet), tuple((key, letters) for key, letters in columns)


def _row(line: Sequence[Any], tables: Sequence[tuple[str, Columns]], said: Sequence[Says]) -> Row:
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
