"""A workbook's reading as bytes: all but its rows in JSON, and the rows as `domain.row_tables` tells them; many of one table as
`ingest.column_answer` does, with its bytes behind the line of JSON. What a child sends is never trusted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from domain.many_rows import ManyRows, no_circles
from domain.row_tables import as_dicts, rows_of, tables_of
from domain.sheet import Sheet, SheetFailure
from ingest import column_answer
from ingest.cover_answer import NotAsAgreed

READING: TypeAdapter[Sheet | SheetFailure] = TypeAdapter(Sheet | SheetFailure)


def pack(read: Sheet | SheetFailure) -> bytes:
    """The answer of a child."""
    rows = read.rows if isinstance(read, Sheet) else ()
    head = replace(read, rows=(), **_further(read)) if isinstance(read, Sheet) else read
    with no_circles():
        told, data = column_answer.told(rows) if isinstance(rows, ManyRows) else (tables_of(rows), b"")
    plain = {"head": json.loads(READING.dump_json(head)), "rows": told}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" + data


def _further(read: Sheet) -> dict[str, Any]:
    """Rows beside those of the first table, as pydantic knows them."""
    return {"totals": as_dicts(read.totals), "tables": {key: as_dicts(rows) for key, rows in read.tables.items()}}


def unpack(answer: bytes) -> Sheet | SheetFailure:
    """Raises NotAsAgreed."""
    try:
        line, _, data = answer.partition(b"\n")
        with no_circles():
            plain = json.loads(line)
            head = READING.validate_python(plain["head"])
            if not isinstance(head, Sheet):
                return head
            told = plain["rows"]
            return replace(head, rows=column_answer.heard(told, data) if "columns" in told else rows_of(told))
    except (
        ValueError,
        TypeError,
        LookupError,
        RecursionError,
    ) as error:  # pydantic's and JSON's errors are ValueErrors
        raise NotAsAgreed("no reading of a workbook") from error
