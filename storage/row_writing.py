"""Writes the rows of a workbook down for queries, past what SQLAlchemy makes of parameters: of a hundred thousand rows that takes longer
than to write them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from json.encoder import encode_basestring_ascii

from domain.many_rows import ManyRows, no_circles
from domain.sheet import Row
from storage.database import Transaction
from storage.schema_submissions import submission_rows
from storage.types import storable

_COLUMNS = ("receipt", "sheet", "number", "hidden", "cells")
GROUP = 1_000
"""Rows written at once: of a hundred thousand the parameters alone would be more than all else in memory."""


@no_circles()
def insert_rows(tx: Transaction, receipt: str, rows: Sequence[Row]) -> None:
    """The same that SQLAlchemy would write of them (`columns.details`)."""
    mark = "?" if tx.dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join(mark for _ in _COLUMNS)
    statement = f"INSERT INTO {submission_rows.name} ({', '.join(_COLUMNS)}) VALUES ({marks})"  # noqa: S608  names of ours
    sheets = {name: storable(name) for name in {row.sheet for row in rows}}
    left = zip(rows, cells_json(rows), strict=True)
    while group := [(receipt, sheets[row.sheet], row.number, row.hidden, cells) for row, cells in islice(left, GROUP)]:
        tx.exec_driver_sql(statement, group)


def cells_json(rows: Sequence[Row]) -> Iterator[str]:
    """`{key: text}` of each row, as `json.dumps` writes it. Of many rows each text is made once."""
    if not isinstance(rows, ManyRows):
        return (json.dumps(dict(zip(row.cells, row.texts, strict=True))) for row in rows)
    texts = []
    for place, column in enumerate(rows.says):
        made = {id(one): encode_basestring_ascii(one[0]) for one in rows.once(place)}
        texts.append(map(made.__getitem__, map(id, column)))
    form = ", ".join(f"{json.dumps(key)}: ".replace("%", "%%") + "%s" for key in rows.columns.keys)
    return map(("{" + form + "}").__mod__, zip(*texts, strict=True))
