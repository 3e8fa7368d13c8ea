"""The bureau's form as a file: blank, and rebuilt with a reporter's values and marks."""

from __future__ import annotations

import csv
import io

import openpyxl

from domain.sheet import Sheet, SheetFormat
from notifier.blank_form import blank_form, rebuild_marked
from notifier.marking import AUTHOR, Mark, can_return
from parsers.workbook import read_workbook
from tests.forms import KEYS, NAMES, NOTES, OTHER, ROW, TITLE, make_form


def read(data: bytes) -> Sheet:
    sheet = read_workbook(data, name="表.xlsx", sha256="0" * 64, form=make_form(), area_code="0393")
    assert isinstance(sheet, Sheet)
    return sheet


def test_blank_form_is_the_form_and_has_no_rows() -> None:
    sheet = read(blank_form(make_form(), unit="濮阳县", code="PYX"))
    assert (sheet.rows, sheet.nil_statement, sheet.sheet) == ((), None, "PYX")
    assert sheet.title and sheet.title.text == TITLE
    assert (sheet.header["unit"].text, sheet.header["date"].text) == ("濮阳县", "")


def test_blank_form_for_an_unknown_reporter() -> None:
    assert read(blank_form(make_form())).header["unit"].text == ""


def test_codes_that_are_no_sheet_name() -> None:
    assert read(blank_form(make_form(), code="SZ/[1]:" + "9" * 40)).sheet == "SZ1" + "9" * 28


def test_same_arguments_give_the_same_bytes() -> None:
    assert blank_form(make_form(), unit="范县", code="FX") == blank_form(make_form(), unit="范县", code="FX")


def test_layout_helps_the_clerk() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(blank_form(make_form(), unit="濮阳县"))).worksheets[0]
    assert [cell.value for cell in sheet[3]] == list(NAMES)
    assert (sheet["F4"].number_format, sheet["I4"].number_format) == ("@", "@")
    assert sheet.data_validations.dataValidation[0].formula1 == '"是,否"'
    assert "H4" in sheet.data_validations.dataValidation[0].sqref
    assert (sheet.freeze_panes, sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("A4", "landscape", 1)
    assert sheet["A4"].border.left.style == "thin"
    assert [sheet.cell(19 + number, 1).value for number in range(len(NOTES))] == list(NOTES)


def test_rebuilt_book_holds_values_and_marks() -> None:
    rows = [
        [TITLE],
        ["填报单位：濮阳县", "填报时间：2020年2月27日"],
        list(reversed(NAMES)),
        *([*reversed(row)] for row in (ROW, OTHER)),
    ]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    sheet = read(text.getvalue().encode("gb18030"))
    assert sheet.format is SheetFormat.CSV
    phone = sheet.rows[1].cells["phone"].address
    marks = [Mark(sheet="Sheet1", address=phone, text="位数不够"), Mark(sheet="Sheet1", address="A2", text="单位不对")]
    data = rebuild_marked(sheet, make_form(), marks)
    assert can_return(data)
    again = read(data)
    assert [tuple(row.text(key) for key in KEYS) for row in again.rows] == [ROW, OTHER]
    cells = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert cells["F5"].comment.text == f"{AUTHOR}：位数不够" and cells["A2"].comment.text == f"{AUTHOR}：单位不对"


def test_values_never_become_formulas() -> None:
    text = io.StringIO()
    csv.writer(text).writerows([[TITLE], NAMES, ["濮阳县", "=1+1", *ROW[2:]]])
    sheet = read(text.getvalue().encode())
    cell = openpyxl.load_workbook(io.BytesIO(rebuild_marked(sheet, make_form(), []))).worksheets[0]["B4"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
