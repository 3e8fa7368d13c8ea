"""What a child says of a workbook: nothing of a reading is lost on the way, and what no reader gives is not believed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sheet import Cell, CellFault, Phone, PhoneKind, Row, Sheet, SheetFailure, SheetFormat
from ingest.cover_answer import NotAsAgreed
from ingest.sheet_answer import pack, unpack

KEYS = ("unit", "app", "phone")
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
PHONES = st.none() | st.builds(
    Phone, kind=st.sampled_from(PhoneKind), digits=st.from_regex("[0-9-]{0,11}", fullmatch=True)
)


@st.composite
def rows(draw: st.DrawFn) -> tuple[Row, ...]:
    made = []
    for number in draw(st.lists(st.integers(1, 1_048_576), max_size=6)):
        sheet = draw(st.sampled_from(["", "二月"]))
        cells = {
            key: Cell(
                address=f"{letters}{number}",
                text=draw(TEXTS),
                fault=draw(st.none() | st.sampled_from(CellFault)),
                phone=draw(PHONES),
            )
            for key, letters in zip(KEYS, ("A", "AB", "C") if sheet else ("B", "C", "D"), strict=True)
        }
        made.append(Row(number=number, cells=cells, hidden=draw(st.booleans()), sheet=sheet))
    return tuple(made)


BOOK = Sheet(
    file="表.xlsx", sha256="a" * 64, sheet="Sheet1", format=SheetFormat.XLSX, title=None, columns={"unit": "B3"}
)


@given(rows())
def test_a_reading_comes_out_as_it_went_in(read: tuple[Row, ...]) -> None:
    book = replace(BOOK, rows=read)
    assert unpack(pack(book)) == book


def test_a_failure_comes_out_as_it_went_in() -> None:
    failure = SheetFailure(file="表.xlsx", sha256="a" * 64, code="sheet.encrypted", missing_columns=("单位",))
    assert unpack(pack(failure)) == failure


def answer(**changes: Any) -> bytes:
    cell = Cell(address="B4", text="濮阳县", phone=Phone(kind=PhoneKind.INVALID, digits="1"))
    plain = json.loads(pack(replace(BOOK, rows=(Row(number=4, cells={"unit": cell}),))))
    rows = plain["rows"] | {key: value for key, value in changes.items() if key != "head"}
    return json.dumps({"head": changes.get("head", plain["head"]), "rows": rows}).encode()


LIES = {
    "not JSON": b"\xff",
    "no object": b"[]",
    "no head": answer(head=None),
    "another head": answer(head={"file": "表.xlsx"}),
    "a cell of no text": answer(said=[7]),
    "an unknown fault": answer(said=[["濮阳县", "broken"]]),
    "an unknown phone": answer(said=[["濮阳县", None, ["fax", "1"]]]),
    "digits that are none": answer(said=[["濮阳县", None, ["mobile", 1]]]),
    "a place before the first": answer(rows=[[0, 4, 0, -1]]),
    "a place behind the last": answer(rows=[[0, 4, 0, 1]]),
    "a table that is not there": answer(rows=[[1, 4, 0, 0]]),
    "a table before the first": answer(rows=[[-1, 4, 0, 0]]),
    "too many cells": answer(rows=[[0, 4, 0, 0, 0]]),
    "too few cells": answer(rows=[[0, 4, 0]]),
    "a column twice": answer(tables=[["", [["unit", "B"], ["unit", "C"]]]], rows=[[0, 4, 0, 0, 0]]),
    "a row that is none": answer(rows=[[0, 0, 0, 0]]),
    "a row beyond the last": answer(rows=[[0, 1_048_577, 0, 0]]),
    "a row of text": answer(rows=[[0, "4", 0, 0]]),
    "a column that is none": answer(tables=[["", [["unit", "B4"]]]]),
    "a key that is none": answer(tables=[["", [[7, "B"]]]]),
    "nested too deeply": b'{"head":' + b"[" * 100_000,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_what_no_reader_gives_is_not_believed(lie: bytes) -> None:
    with pytest.raises(NotAsAgreed):
        unpack(lie)
