"""A workbook's reading as bytes: all but its rows in JSON, and the rows as `domain.row_tables` tells them. What a child sends is
never trusted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from domain.row_tables import as_dicts, rows_of, tables_of
from domain.sheet import Sheet, SheetFailure
from ingest.cover_answer import NotAsAgreed

READING: TypeAdapter[Sheet | SheetFailure] = TypeAdapter(Sheet | SheetFailure)


def pack(read: Sheet | SheetFailure) -> bytes:
    """The answer of a child."""
    rows = read.rows if isinstance(read, Sheet) else ()
    head = replace(read, rows=(), **_further(read)) if isinstance(read, Sheet) else read
    plain = {"head": json.loads(READING.dump_json(head)), "rows": tables_of(rows)}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def _further(read: Sheet) -> dict[str, Any]:
    """Rows beside those of the first table, as pydantic knows them."""
    return {"totals": as_dicts(read.totals), "tables": {key: as_dicts(rows) for key, rows in read.tables.items()}}


def unpack(answer: bytes) -> Sheet | SheetFailure:
    """Raises NotAsAgreed."""
    try:
        plain = json.loads(answer)
        head = READING.validate_python(plain["head"])
        return replace(head, rows=rows_of(plain["rows"])) if isinstance(head, Sheet) else head
    except (ValueError, TypeError, KeyError, RecursionError) as error:  # pydantic's and JSON's errors are ValueErrors
        raise NotAsAgreed("no reading of a workbook") from error
