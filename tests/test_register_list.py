"""Lists of filed apps as they come: other orders of columns, titles above, blanks in numbers, text files, files that are none."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from domain.register import Entry, ListFailure, ReadList
from ingest.children import LIST, list_job
from parsers.register_list import read_register_list

FOLDER = Path(__file__).parent / "resources" / "register"
NUMBERS = [
    "教APP备3400001号", "教APP备3400002号", "教APP备1100173号", "教APP备4100012号", "教APP备33000215号", "教APP备4400307号",
    "教APP备3100044号",
]  # fmt: skip


def book(*rows: Sequence[object], more: Sequence[Sequence[object]] = ()) -> bytes:
    made = openpyxl.Workbook()
    for sheet, content in ((made.worksheets[0], rows), (made.create_sheet("二"), more)):
        for row in content:
            sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(data: bytes, name: str = "a.xlsx") -> ReadList:
    found = read_register_list(data, name=name)
    assert isinstance(found, ReadList)
    return found


def fails(data: bytes, name: str = "a.xlsx") -> str:
    found = read_register_list(data, name=name)
    assert isinstance(found, ListFailure)
    return found.why


def test_a_list_as_offices_publish_it() -> None:
    found = read((FOLDER / "list.xlsx").read_bytes())
    assert [entry.number for entry in found.entries] == NUMBERS
    assert {entry.operator for entry in found.entries[:2]} == {"合肥清溪教育科技股份有限公司"}  # merged over its apps
    assert found.repeated == 1
    assert [(one.row, one.why) for one in found.unread] == [(13, "no filing number")]  # the line of totals


def test_a_text_file_says_the_same() -> None:
    assert (
        read((FOLDER / "list.csv").read_bytes(), "a.csv").entries == read((FOLDER / "list.xlsx").read_bytes()).entries
    )
    utf8 = (FOLDER / "list.csv").read_bytes().decode("gb18030").encode("utf-8-sig")
    assert read(utf8, "a.csv") == read((FOLDER / "list.csv").read_bytes(), "a.csv")


def test_rows_of_several_sheets_are_one_list_and_a_repeated_head_is_none() -> None:
    head = ["备案号", "APP名称", "主办者"]
    data = book(
        head, ["教APP备1100001号", "甲", "一公司"], head, ["教APP备1100001号", "甲", "二公司"],
        more=[["主办单位", "备案编号", "应用名称"], ["三公司", "教APP备1100003号", "丙"]],
    )  # fmt: skip
    assert read(data).entries == (
        Entry(number="教APP备1100001号", app="甲", operator="一公司"),
        Entry(number="教APP备1100001号", app="甲", operator="二公司"),
        Entry(number="教APP备1100003号", app="丙", operator="三公司"),
    )


GOOD = [[f"教APP备11000{n:02}号", f"应用{n}", "某公司"] for n in range(10)]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (["", "甲", "一公司"], "no filing number"),
        (["1100001", "甲", "一公司"], "'1100001' is no filing number like 教APP备1100001号"),
        (["教APP备1100001号", "", "一公司"], "APP名称 is empty"),
        (["教APP备1100001号", "", ""], "APP名称、主办者 is empty"),
        (["教APP备1100001号", "甲" * 201, "一公司"], "a name of more than 200 letters"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_others_are_taken(row: list[str], why: str) -> None:
    found = read(book(["备案号", "APP名称", "主办者"], *GOOD, row))
    assert len(found.entries) == 10
    assert [(one.row, one.why) for one in found.unread] == [(12, why)]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no workbook or CSV: the file is empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "no workbook or CSV: "),
        (book(["序号", "名称"], [1, "甲"]), "no row of column names was found: it needs 备案号、APP名称、主办者"),
        (book(["备案号", "APP名称"], ["教APP备1100001号", "甲"]), "a column is missing: 主办者 (sheet 'Sheet', row 1 has 备案号、APP名称)"),
        (book(["备案号", "APP名称", "主办者"]), "0 of 0 rows under the column names"),
        (
            book(["备案号", "APP名称", "主办者"], *[[n, "甲", "某公司"] for n in range(3)], GOOD[0]),
            "3 of 4 rows under the column names (备案号、APP名称、主办者) hold no filed app; sheet 'Sheet', row 2: '0' is no filing number",
        ),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_the_reason(data: bytes, why: str) -> None:
    assert fails(data).startswith(why)


def test_a_locked_file_is_told_as_that() -> None:
    locked = Path(__file__).parent / "resources" / "workbook" / "locked.xls"
    assert fails(locked.read_bytes(), "locked.xls") == "it is locked with a password"


def test_the_job_of_the_child_gives_what_the_worker_takes() -> None:
    path = FOLDER / "list.csv"
    assert LIST.validate_json(list_job(str(path), path.name)) == read(path.read_bytes(), "list.csv")
