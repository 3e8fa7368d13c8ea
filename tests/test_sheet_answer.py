"""What a child says of a workbook: nothing of a reading is lost on the way, and what no reader gives is not believed."""

from __future__ import annotations

import json
from array import array
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.many_rows import ManyRows
from domain.sheet import Cell, CellFault, Columns, Phone, PhoneKind, Row, Says, Sheet, SheetFailure, SheetFormat
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


SAYS = st.tuples(TEXTS, st.none() | st.sampled_from(CellFault), PHONES) | st.from_regex(
    "1[0-9]{10}", fullmatch=True
).map(lambda digits: (digits, None, Phone(kind=PhoneKind.MOBILE, digits=digits)))


@st.composite
def many_rows(draw: st.DrawFn) -> ManyRows:
    said: list[Says] = draw(st.lists(SAYS, min_size=1, max_size=6))
    numbers = draw(st.lists(st.integers(1, 1_048_576), min_size=1, max_size=8, unique=True))
    says = [[draw(st.sampled_from(said)) for _ in numbers] for _ in KEYS]
    hidden = draw(st.sets(st.sampled_from(numbers)))
    return ManyRows.of(
        Columns(list(zip(KEYS, "BCD", strict=True))),
        numbers,
        says,
        hidden=hidden,
        sheet=draw(st.sampled_from(["", "二月"])),
    )


@given(many_rows())
def test_many_rows_come_out_as_they_went_in(read: ManyRows) -> None:
    found = unpack(pack(replace(BOOK, rows=read)))
    assert isinstance(found, Sheet)
    assert isinstance(found.rows, ManyRows)
    assert (found.rows, found.rows.says, found.rows.columns.keys) == (read, read.says, KEYS)
    assert found == unpack(pack(replace(BOOK, rows=tuple(read))))


def test_a_failure_comes_out_as_it_went_in() -> None:
    failure = SheetFailure(file="表.xlsx", sha256="a" * 64, code="sheet.encrypted", missing_columns=("单位",))
    assert unpack(pack(failure)) == failure


def answer(**changes: Any) -> bytes:
    cell = Cell(address="B4", text="濮阳县", phone=Phone(kind=PhoneKind.INVALID, digits="1"))
    plain = json.loads(pack(replace(BOOK, rows=(Row(number=4, cells={"unit": cell}),))))
    rows = plain["rows"] | {key: value for key, value in changes.items() if key != "head"}
    return json.dumps({"head": changes.get("head", plain["head"]), "rows": rows}).encode()


def of_columns(*numbers: int, **changes: Any) -> bytes:
    """Two rows with one column, or what is told instead; `numbers` in place of those behind the JSON."""
    said: Says = ("濮阳县", None, None)
    rows = ManyRows.of(Columns([("unit", "B")]), (4, 5), [[said, said]], hidden=())
    line, _, data = pack(replace(BOOK, rows=rows)).partition(b"\n")
    plain = json.loads(line)
    plain["rows"] |= changes
    return json.dumps(plain).encode() + b"\n" + (array("I", numbers).tobytes() if numbers else data)


LIES = {
    "fewer rows by column": of_columns(4, 5, 0),
    "more rows by column": of_columns(4, 5, 0, 0, 0),
    "no rows by column": of_columns(count=0),
    "a part of a number": of_columns() + b"1",
    "a place by column that is none": of_columns(4, 5, 0, 1),
    "a row by column that is none": of_columns(0, 5, 0, 0),
    "a row by column beyond the last": of_columns(4, 1_048_577, 0, 0),
    "a count that is none": of_columns(count="2"),
    "a mobile number that is none": of_columns(mobiles=[7]),
    "what is said is none": of_columns(said=[7]),
    "a column of no key": of_columns(columns=[[7, "B"]]),
    "hidden rows that are none": of_columns(hidden=7),
    "hidden rows in lists": of_columns(hidden=[[4]]),
    "rows that are none": of_columns(columns=7),
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
