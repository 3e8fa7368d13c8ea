"""Workbooks as county clerks make and send them: what file they come in, and packages of every make. One table a subject."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from domain.mail import PartKind
from domain.sheet import Sheet, SheetFormat
from ingest.children import mark_job
from parsers.kinds import kind_of
from tests.builders import NOTICE
from tests.forms import OTHER, ROW, edited, plain_cells, save, zipped
from tests.workbooks import (
    SHEET,
    TABLE,
    changed,
    damaged,
    html,
    locked,
    outcome,
    parts_of,
    read,
    resource,
    separated,
    sheets,
    spreadsheetml,
    web_archive,
    without_contents,
    xlsb,
)

GOOD = save(plain_cells([ROW, OTHER]))


BROWSER = b"From: <Saved by WPS>\r\nSubject: =?utf-8?B?6KGo?=\r\nDate: Thu, 27 Feb 2020 10:00:00 +0800\r\n"


KINDS = {
    "xlsx called xls": (GOOD, "表.xls", "2 rows"),
    "xls called xlsx": (resource("clerk.xls"), "表.xlsx", "2 rows: 二中 A4 sheet.hidden_rows, 旧表 sheet.left_out"),
    "xlt": (resource("form.xls"), "表.xlt", "3 rows: A6 sheet.hidden_rows"),
    "et": (resource("form.xls"), "表.et", "3 rows: sheet.odd_format, A6 sheet.hidden_rows"),
    "ett": (resource("form.xls"), "表.ett", "3 rows: sheet.odd_format, A6 sheet.hidden_rows"),
    "ods": (resource("form.ods"), "表.ods", "3 rows: sheet.odd_format, A6 sheet.hidden_rows"),
    "ods called xls": (resource("form.ods"), "表.xls", "3 rows: sheet.odd_format, A6 sheet.hidden_rows"),
    "xlsb": (xlsb(hidden=[5]), "表.xlsb", "2 rows: A5 sheet.hidden_rows"),
    "html called xls": (html(), "表.xls", "2 rows: sheet.odd_format"),
    "html in utf-8": (html(charset="utf-8"), "表.xls", "2 rows: sheet.odd_format"),
    "web archive called xls": (web_archive(), "表.xls", "2 rows: sheet.odd_format"),
    "web archive": (web_archive(), "表.mht", "2 rows: sheet.odd_format"),
    "web archive of a browser": (BROWSER + web_archive(), "表.mht", "2 rows: sheet.odd_format"),
    "web archive of a browser as xls": (BROWSER + web_archive(), "表.xls", "2 rows: sheet.odd_format"),
    "xml 2003": (spreadsheetml(), "表.xls", "2 rows: sheet.odd_format"),
    "xml 2003 in gbk": (spreadsheetml(encoding="GB2312"), "表.xml", "2 rows: sheet.odd_format"),
    "xml 2003 in utf-16": (spreadsheetml(encoding="UTF-16"), "表.xls", "2 rows: sheet.odd_format"),
    "csv with its separator": (separated(";", "gbk", first="sep=;\r\n"), "表.csv", "2 rows: sheet.odd_format"),
    "csv called xlsx": (separated(",", "gbk"), "表.xlsx", "2 rows: sheet.odd_format"),
    "unicode text without a mark": (separated("\t", "utf-16-le"), "表.xls", "2 rows: sheet.odd_format"),
    "empty": (b"", "表.xlsx", "sheet.unreadable empty"),
    "zeros": (bytes(4096), "表.xlsx", "sheet.unreadable empty"),
    "cut": (GOOD[: len(GOOD) // 3], "表.xlsx", "sheet.unreadable cut"),
    "xls cut": (resource("form.xls")[:1500], "表.xls", "sheet.unreadable"),
    "et that nobody reads": (b"\x93\x00\x01WPS" * 90, "表.et", "sheet.unreadable foreign"),
    "flat odf": (b'<?xml version="1.0"?><office:document><table:table/></office:document>', "表.xls", "sheet.unreadable foreign"),
    "sylk": ("ID;PWXL;N;E\r\nC;Y1;X1;K\"单位\"\r\n".encode("gbk"), "表.slk", "sheet.unreadable foreign"),
    "text": ("领导您好，电子表稍后发来。".encode(), "表.xls", "sheet.wrong_form"),
    "xls with Excel's own password": (resource("default.xls"), "表.xls", "2 rows"),
    "xlsx with Excel's own password": (locked(GOOD, "VelvetSweatshop"), "表.xlsx", "2 rows"),
    "xls locked": (resource("locked.xls"), "表.xls", "sheet.encrypted"),
    "et locked": (resource("locked.xls"), "表.et", "sheet.encrypted"),
    "xlsx locked": (locked(GOOD, "123456"), "表.xlsx", "sheet.encrypted"),
    "ods locked": (resource("locked.ods"), "表.ods", "sheet.encrypted"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "name", "expected"), KINDS.values(), ids=KINDS)
def test_kinds(data: bytes, name: str, expected: str) -> None:
    assert outcome(data, name) == expected


@pytest.mark.parametrize(("data", "name", "expected"), KINDS.values(), ids=KINDS)
def test_a_mail_that_brings_it_brings_a_workbook(data: bytes, name: str, expected: str) -> None:
    """Its sender is told what is wrong with it, and not that the workbook is missing."""
    assert kind_of(data, name).kind is PartKind.SHEET


OPENED = {
    "with Excel's own password": locked(GOOD, "VelvetSweatshop"),
    "without contents": without_contents(GOOD),
    "zeros behind": GOOD + bytes(70_000),
}


@pytest.mark.parametrize("data", OPENED.values(), ids=OPENED)
def test_what_excel_opens_goes_back_marked(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "workbook"
    path.write_bytes(data)
    reading = read(data)
    assert isinstance(reading, Sheet) and reading.format is SheetFormat.XLSX
    marked = mark_job(str(path), reading, NOTICE.form, (("Sheet1", "F4", "请核对"),))
    cell = openpyxl.load_workbook(io.BytesIO(marked))["Sheet1"]["F4"]
    assert cell.value == "13912345678" and "请核对" in cell.comment.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_text_with_separators(separator: str, encoding: str) -> None:
    assert outcome(separated(separator, encoding), "表.csv") == "2 rows: sheet.odd_format"


NEW_STRINGS = {
    "rich": "<is><r><t>濮阳县</t></r><r><rPr><b/></rPr><t>实验小学</t></r></is>",
    "with readings": '<is><t>濮阳县实验小学</t><rPh sb="0" eb="3"><t>puyangxian</t></rPh><phoneticPr fontId="1"/></is>',
    "carriage return": "<is><t>濮阳县_x000D_\n实验小学</t></is>",
}


BY_HAND = {
    "relative paths": edited("xl/_rels/workbook.xml.rels", "/xl/worksheets/sheet1.xml", "worksheets/sheet1.xml"),
    "odd paths": edited("xl/_rels/workbook.xml.rels", "/xl/worksheets/sheet1.xml", "..\\\\xl\\\\worksheets\\\\sheet1.xml"),
    "backslashes": zipped({name.replace("/", "\\"): body for name, body in parts_of(GOOD).items()}),
    "upper case": zipped({name.upper() if "sheet1" in name else name: body for name, body in parts_of(GOOD).items()}),
    "contents lost": without_contents(GOOD),
    "bytes before": b"\r\n\r\n" + GOOD,
    "bytes behind": GOOD + b"\r\n--boundary--" * 9_000,
    "wps parts": zipped(parts_of(GOOD) | {"xl/cellimages.xml": b"<x/>", "customXml/item1.xml": b"<x/>", "xl/woinfos": b"1"}),
    "picture of a seal": zipped(parts_of(GOOD) | {"xl/media/image1.png": b"\x89PNG"}),
    "styles that nobody understands": edited("xl/styles.xml", "<cellXfs", '<cellXfs count="x" x="', data=GOOD),
    "no styles": zipped({name: body for name, body in parts_of(GOOD).items() if "styles" not in name}),
    "row numbers left out": edited(SHEET, '<row r="4">', "<row>"),
    "protected": changed(lambda sheet: setattr(sheet.protection, "sheet", True)),
}  # fmt: skip


@pytest.mark.parametrize("data", BY_HAND.values(), ids=BY_HAND)
def test_packages_that_excel_opens_are_read(data: bytes) -> None:
    assert outcome(data) in ("2 rows", "1 rows")


@pytest.mark.parametrize("string", NEW_STRINGS.values(), ids=NEW_STRINGS)
def test_strings_of_every_make(string: str) -> None:
    parts = parts_of(GOOD)
    body = parts[SHEET].decode()
    at = body.index('r="B4"')
    start, end = body.rindex("<c ", 0, at), body.index("</c>", at)
    parts[SHEET] = (body[:start] + f'<c r="B4" t="inlineStr">{string}' + body[end:]).encode()
    reading = read(zipped(parts))
    assert isinstance(reading, Sheet)
    assert reading.rows[0].text("school").replace("\n", "") == "濮阳县实验小学"


def shared_strings() -> dict[str, bytes]:
    """The parts of a workbook of another make, whose texts lie in a part of their own."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("Sheet1")
    for number, texts in enumerate(TABLE):
        sheet.write_row(number, 0, texts)
    book.close()
    return parts_of(buffer.getvalue())


def test_the_strings_of_another_make() -> None:
    assert outcome(zipped(shared_strings())) == "2 rows"


def without(parts: dict[str, bytes], name: str) -> bytes:
    return zipped({other: body for other, body in parts.items() if other != name})


LOST = {
    "a part is damaged": damaged(GOOD, SHEET),
    "a sheet is missing": without(parts_of(GOOD), SHEET),
    "the strings are missing": without(shared_strings(), "xl/sharedStrings.xml"),
    "the list of kinds is missing": without(parts_of(GOOD), "[Content_Types].xml"),
    "a second sheet was cut off": without_contents(sheets(("一", plain_cells()), ("二", plain_cells([OTHER]))))[:4000],
}


@pytest.mark.parametrize("data", LOST.values(), ids=LOST)
def test_what_cannot_be_read_whole_is_not_read_in_part(data: bytes) -> None:
    assert outcome(data).startswith("sheet.unreadable")
