"""Rows written past SQLAlchemy are what it would have written, one by one or many."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from domain.many_rows import MANY, ManyRows
from domain.sheet import Columns, Says
from storage.row_writing import cells_json, insert_rows
from storage.schema_submissions import submission_rows
from storage.submissions import save
from tests.storage_values import database, submission

KEYS = (("unit", "A"), ("100%", "B"), ('"a"', "AB"))
TEXTS = st.text(max_size=6) | st.sampled_from(("濮阳县", '"', "\\", "\n", "\x00", "\ud800", "😀", "%s", "100%"))


def many(texts: list[str], count: int, *, sheet: str = "") -> ManyRows:
    says: list[Says] = [(text, None, None) for text in texts]
    column = [says[at % len(says)] for at in range(count)]
    return ManyRows.of(Columns(KEYS), range(4, 4 + count), [column, column[::-1], column], hidden={5}, sheet=sheet)


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_cells_are_written_as_json_writes_them(texts: list[str]) -> None:
    rows = many(texts, 5)
    told = [json.dumps(dict(zip(row.cells, row.texts, strict=True))) for row in rows]
    assert list(cells_json(rows)) == told == list(cells_json(tuple(rows)))


@pytest.mark.parametrize("one_by_one", [False, True])
def test_rows_are_what_sqlalchemy_would_write(tmp_path: Path, *, one_by_one: bool) -> None:
    rows = many(["濮阳县", '"', "\x07", "\ud800", "😀"], MANY + 1, sheet="二月\x00")
    plain = [
        {
            "receipt": submission().receipt,
            "sheet": row.sheet,
            "number": row.number,
            "hidden": row.hidden,
            "cells": {key: row.text(key) for key in row.cells},
        }
        for row in rows
    ]
    with database(tmp_path).begin() as tx:
        save(tx, submission())
        tx.execute(delete(submission_rows))
        insert_rows(tx, submission().receipt, tuple(rows) if one_by_one else rows)
        found = tx.exec_driver_sql(STORED).all()
        read = tx.execute(select(submission_rows.c.cells).order_by(submission_rows.c.number)).scalars().all()
        tx.execute(delete(submission_rows))
        tx.execute(insert(submission_rows), plain)
        assert found == tx.exec_driver_sql(STORED).all()
        assert [each["cells"] for each in plain] == read


STORED = "SELECT receipt, sheet, number, hidden, CAST(cells AS text) FROM submission_rows ORDER BY number"
