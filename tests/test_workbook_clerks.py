"""Workbooks as county clerks make and send them: small file in, what is read and found out. One table a subject."""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from domain.mail import PartKind
from domain.sheet import Sheet, SheetFormat
from ingest.children import mark_job
from parsers.grid import MAX_SHEETS
from parsers.kinds import kind_of
from tests.builders import NOTICE
from tests.forms import NAMES, NOTES, OTHER, ROW, SAMPLE, TITLE, as_bytes, edited, fill, plain_cells, save, zipped
from tests.workbooks import (
    DAY,
    HEAD,
    RESOURCES,
    SHEET,
    TABLE,
    cells,
    changed,
    damaged,
    html,
    html_tables,
    locked,
    outcome,
    parts_of,
    read,
    row,
    separated,
    sheets,
    spreadsheetml,
    web_archive,
    without_contents,
    xlsb,
)

GOOD = save(plain_cells([ROW, OTHER]))


def resource(name: str) -> bytes:
    return (RESOURCES / name).read_bytes()


def text_box(*texts: str) -> bytes:
    """The form without title and header fields in its cells; `texts` float over them."""
    bodies = "".join(
        f"<xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:row>{at}</xdr:row></xdr:from><xdr:sp><xdr:txBody>"
        f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:oneCellAnchor>"
        for at, text in enumerate(texts)
    )
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">{bodies}</xdr:wsDr>'
    )
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="d" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing" '
        'Target="../drawings/drawing1.xml"/></Relationships>'
    )
    bare = {address: value for address, value in plain_cells([ROW]).items() if address not in ("A1", "A2", "F2")}
    parts = parts_of(save(bare))
    parts["xl/drawings/drawing1.xml"] = drawing.encode()
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = relation.encode()
    return zipped(parts)


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


OPENED = {"with Excel's own password": locked(GOOD, "VelvetSweatshop"), "without contents": without_contents(GOOD)}


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


MAIN = ("表", plain_cells([ROW]))
SHORT_OF_G = {address: text for address, text in plain_cells([OTHER]).items() if address[0] != "G"}
LAST_YEAR = {"F2": "填报时间：2019年2月2日"}
SHEETS = {
    "form on the second": (sheets(("填表说明", {"A1": "填表说明", "A2": "一校一行"}), MAIN), "1 rows"),
    "one school a sheet": (sheets(MAIN, ("二中", plain_cells([OTHER]))), "2 rows"),
    "a problem on the second": (sheets(MAIN, ("二中", plain_cells([row(school="二中", phone="12")]))), "2 rows: 二中 F4 row.phone_invalid"),
    "both bad in one address": (
        sheets(("一中", plain_cells([row(phone="1")])), ("二中", plain_cells([row(school="二中", phone="2")]))),
        "2 rows: F4 row.phone_invalid, 二中 F4 row.phone_invalid",
    ),
    "a copy": (sheets(MAIN, ("表 (2)", plain_cells([ROW]))), "1 rows"),
    "a later version of it": (sheets(MAIN, ("终稿", plain_cells([ROW, OTHER]))), "3 rows: 终稿 C4 row.duplicate"),
    "an empty form": (sheets(MAIN, ("Sheet2", plain_cells([]))), "1 rows"),
    "the sample left on another": (sheets(MAIN, ("Sheet2", plain_cells([SAMPLE]))), "1 rows"),
    "nil on another": (sheets(("表", plain_cells([])), ("二", plain_cells([("濮阳县", "", "无")]))), "0 rows"),
    "an example": (sheets(("填写示例", plain_cells([OTHER])), MAIN), "1 rows: 填写示例 sheet.left_out"),
    "hidden": (sheets(MAIN, ("旧", plain_cells([OTHER])), hidden={"旧": "hidden"}), "1 rows: 旧 sheet.left_out"),
    "very hidden": (sheets(MAIN, ("旧", plain_cells([OTHER])), hidden={"旧": "veryHidden"}), "1 rows: 旧 sheet.left_out"),
    "a hidden copy": (sheets(MAIN, ("旧", plain_cells([ROW])), hidden={"旧": "hidden"}), "1 rows"),
    "only hidden": (sheets(MAIN, ("说明", {"A1": "说明"}), hidden={"表": "hidden"}), "1 rows: sheet.hidden_rows"),
    "only very hidden": (sheets(MAIN, ("说明", {"A1": "说明"}), hidden={"表": "veryHidden"}), "1 rows: sheet.hidden_rows"),
    "hidden beside an example": (
        sheets(("填写示例", SHORT_OF_G), MAIN, hidden={"表": "hidden"}), "1 rows: sheet.hidden_rows, 填写示例 sheet.left_out"
    ),
    "hidden beside a filled one that lacks a column": (sheets(MAIN, ("新", SHORT_OF_G), hidden={"表": "hidden"}), "sheet.wrong_form"),
    "a hidden template beside it": (
        sheets(("模板", plain_cells([SAMPLE])), ("新", SHORT_OF_G), hidden={"模板": "hidden"}), "sheet.wrong_form"
    ),
    "hidden beside an empty form": (
        sheets(("旧", plain_cells([OTHER])), ("新", plain_cells([])), hidden={"旧": "hidden"}),
        "0 rows: sheet.no_rows, 旧 sheet.left_out",
    ),
    "columns missing": (
        sheets(MAIN, ("二中", {key: value for key, value in plain_cells([OTHER]).items() if key[0] not in "GH"})),
        "1 rows: 二中 sheet.left_out",
    ),
    "goes on without names": (
        sheets(MAIN, ("续", {f"{letter}1": value for letter, value in zip("ABCDEFGHI", OTHER, strict=True) if value})),
        "1 rows: 续 sheet.left_out",
    ),
    "another county's": (
        sheets(MAIN, ("范县", plain_cells([row(unit="范县", school="范县一中")], unit="范县"))),
        "2 rows: 范县 A2 header.conflict, 范县 A4 row.unit_mismatch",
    ),
    "last year's": (sheets(MAIN, ("去年", plain_cells([OTHER]) | LAST_YEAR)), "2 rows: 去年 F2 header.conflict"),
    "last year's without rows": (sheets(MAIN, ("去年", plain_cells([]) | LAST_YEAR)), "1 rows"),
    "the same day in other words": (sheets(MAIN, ("二", plain_cells([OTHER]) | {"F2": "填报时间：2020.2.27"})), "2 rows"),
    "neither title nor day": (sheets(MAIN, ("二", {k: v for k, v in plain_cells([OTHER]).items() if int(k[1:]) > 2})), "2 rows"),
    "a title never made out": (
        sheets(MAIN, ("二", plain_cells([OTHER]) | {"A1": "XX县学习类APP统计备案表"})),
        "2 rows: 二 A1 header.conflict",
    ),
    "a day never made out": (
        sheets(MAIN, ("二", plain_cells([OTHER]) | {"F2": "填报时间：2020年X月X日"})), "2 rows: 二 F2 header.conflict"
    ),
    "a list of something else": (sheets(MAIN, ("通讯录", {"A1": "单位", "B1": "电话", "A2": "教研室", "B2": "8812345"})), "1 rows"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), SHEETS.values(), ids=SHEETS)
def test_several_sheets(data: bytes, expected: str) -> None:
    assert outcome(data) == expected


def schools(number: int) -> list[tuple[str, dict[str, object]]]:
    """As many sheets, each the form of one school."""
    return [(f"{at}中", plain_cells([row(school=f"第{at}中学", phone=f"139123{at:05d}")])) for at in range(number)]


def worksheets(number: int) -> bytes:
    one = spreadsheetml([*TABLE[:3], row(school="第一中学")]).decode()
    sheet = one[one.index("<Worksheet") : one.index("</Workbook>")]
    others = (sheet.replace("第一中学", f"第{at}中学").replace("表", f"表{at}", 1) for at in range(2, number + 1))
    return spreadsheetml([*TABLE[:3], row(school="第一中学")], extra="".join(others))


def ods_sheets(number: int) -> bytes:
    parts = parts_of(resource("form.ods"))
    end = b"</office:spreadsheet>"
    more = "".join(f'<table:table table:name="空{at}"/>' for at in range(1, number)).encode()
    return zipped(parts | {"content.xml": parts["content.xml"].replace(end, more + end)})


def listed_again(number: int) -> bytes:
    """A workbook that lists its one sheet as often."""
    listed = "".join(f'<sheet name="表{at}" sheetId="{at}" r:id="rId1"/>' for at in range(1, number + 1))
    relations = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    return edited("xl/workbook.xml", "<sheets>", f"<sheets {relations}>{listed}", data=save(plain_cells([ROW])))


MANY = {
    "a sheet for each of 60 schools": (sheets(*schools(60)), "表.xlsx", "60 rows"),
    "60 tables of markup": (html_tables(60), "表.xls", "60 rows: sheet.odd_format"),
    "60 worksheets of markup": (worksheets(60), "表.xls", "60 rows: sheet.odd_format"),
    "60 empty sheets of ods": (ods_sheets(60), "表.ods", "3 rows: sheet.odd_format, A6 sheet.hidden_rows"),
    "more sheets than are read": (listed_again(MAX_SHEETS + 1), "表.xlsx", "sheet.unreadable sheets"),
    "more tables of markup": (html_tables(MAX_SHEETS + 1), "表.xls", "sheet.unreadable sheets"),
    "more worksheets of markup": (worksheets(MAX_SHEETS + 1), "表.xls", "sheet.unreadable sheets"),
    "more sheets of ods": (ods_sheets(MAX_SHEETS + 1), "表.ods", "sheet.unreadable sheets"),
}


@pytest.mark.parametrize(("data", "name", "expected"), MANY.values(), ids=MANY)
def test_no_sheet_is_lost_without_a_word(data: bytes, name: str, expected: str) -> None:
    assert outcome(data, name) == expected


def page(*pieces: str | Sequence[Sequence[str]]) -> bytes:
    """An HTML document of text and tables."""
    bodies = (each if isinstance(each, str) else table(each) for each in pieces)
    return f"<html><head><title>导出</title></head><body>{''.join(bodies)}</body></html>".encode()


def table(rows: Sequence[Sequence[str]]) -> str:
    lines = ("".join(f"<td>{text}</td>" for text in line) for line in rows)
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


BELOW = (NAMES, ROW, OTHER)
PAGES = {
    "a paragraph each": (page(f"<p>{TITLE}</p><p>{HEAD}</p><p>{DAY}</p>", BELOW), "2 rows: sheet.odd_format"),
    "both in one": (page(f"<h3>{TITLE}</h3><div><span>{HEAD}</span>&nbsp;&nbsp;{DAY}</div>", BELOW), "2 rows: sheet.odd_format"),
    "lines broken": (page(f"{TITLE}<br>{HEAD}<br>{DAY}<!-- 导出 -->", BELOW), "2 rows: sheet.odd_format"),
    "a caption": (page(table(BELOW).replace("<tr>", f"<caption>{TITLE}<br>{HEAD} {DAY}</caption><tr>", 1)), "2 rows: sheet.odd_format"),
    "tables of their own": (page([[TITLE]], [["填报单位：", "濮阳县", "填报时间：", "2020年2月27日"]], BELOW), "2 rows: sheet.odd_format"),
    "a table round it": (page(table([[TITLE], [HEAD, DAY], [table(BELOW)]])), "2 rows: sheet.odd_format"),
    "a table round it, label and value apart": (
        page(table([[f"<p>{TITLE}</p>"], ["<p>填报单位</p>", "<p>濮阳县</p>", DAY], [table(BELOW)]])), "2 rows: sheet.odd_format"
    ),
    "a problem below it": (
        page(f"<p>{TITLE}</p><p>{HEAD}</p><p>{DAY}</p>", (NAMES, row(phone="12"))), "1 rows: sheet.odd_format, F5 row.phone_invalid"
    ),
    "a head for each table": (
        page(f"<p>{TITLE}</p><p>{HEAD} {DAY}</p>", BELOW[:2], f"<p>{TITLE}</p><p>{HEAD} {DAY}</p>", (NAMES, OTHER)),
        "2 rows: sheet.odd_format",
    ),
    "another county's head": (
        page(f"<p>{TITLE}</p><p>{HEAD} {DAY}</p>", BELOW[:2], f"<p>填报单位：范县</p><p>{DAY}</p>", (NAMES, OTHER)),
        "2 rows: sheet.odd_format, Sheet2 A1 header.conflict",
    ),
    "rows without names between": (
        page(f"<p>{TITLE}</p><p>{HEAD} {DAY}</p>", BELOW[:2], (OTHER,), (NAMES, row(school="三中"))),
        "2 rows: sheet.odd_format, Sheet2 sheet.left_out",
    ),
    "text that nobody sees": (
        page(f'<p>{TITLE}</p><p style="display: none">{HEAD}</p><script>{HEAD}</script><p>{DAY}</p>', BELOW),
        "2 rows: sheet.odd_format, header.unit_missing",
    ),
    "where scripts do not run": (
        page(f"<noscript><p>{TITLE}</p><p>{HEAD} {DAY}</p>{table(BELOW)}</noscript>"),
        "2 rows: sheet.odd_format",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), PAGES.values(), ids=PAGES)
def test_what_stands_above_a_table_of_markup_is_read(data: bytes, expected: str) -> None:
    assert outcome(data, "表.xls") == expected


def moved(order: str, *, first: str = "", last: str = "") -> dict[str, object]:
    """The form with its columns in another order, and others before and behind; rows start in column A."""
    content: dict[str, object] = {"A1": TITLE, "A2": HEAD, "F2": DAY}
    for number, texts in enumerate((NAMES, ROW, OTHER), 3):
        line = [texts["ABCDEFGHI".index(letter)] for letter in order]
        before = [first if number == 3 else str(number - 3)] if first else []
        behind = [last if number == 3 else "已核"] if last else []
        content |= {
            f"{letter}{number}": value
            for letter, value in zip("ABCDEFGHIJK", [*before, *line, *behind], strict=False)
            if value
        }
    return content  # fmt: skip


def named(**names: str) -> bytes:
    """The form with other words over some columns, by their letter."""
    return save(plain_cells([ROW]) | {f"{letter}3": name for letter, name in names.items()})


def filtered(sheet: Any) -> None:
    sheet.auto_filter.ref = "A3:I5"
    sheet.row_dimensions[5].hidden = True


GHOST = '<c r="A1048576" s="1"/><c r="XFD1048576" s="1"/>'
LAYOUT = {
    "a number in front, remarks behind": (save(moved("ABCDEFGHI", first="序号", last="备注")), "2 rows"),
    "another order": (save(moved("BACDFEGIH", first="序号")), "2 rows"),
    "words a person understands": (named(A="县区", B="学校名称", C="APP名称", D="主办单位", F="联系电话", I="备案编号"), "1 rows"),
    "with remarks and line ends": (named(C="使用APP\n名称", F="电话\n（手机）", H="是否备案（是/否）", I="备案号*"), "1 rows"),
    "full width": (named(C="使用ＡＰＰ名称", D="ＡＰＰ主办者"), "1 rows"),
    "other words": (named(F="分管领导"), "sheet.wrong_form"),
    "filtered rows": (changed(filtered), "2 rows: A5 sheet.hidden_rows"),
    "a hidden column": (changed(lambda sheet: setattr(sheet.column_dimensions["G"], "hidden", True)), "2 rows: sheet.hidden_rows"),
    "a hidden column in xls": (resource("hidden-column.xls"), "2 rows: sheet.hidden_rows"),
    "a hidden column in ods": (resource("hidden-column.ods"), "2 rows: sheet.odd_format, sheet.hidden_rows"),
    "a hidden column of no matter": (changed(lambda sheet: setattr(sheet.column_dimensions["K"], "hidden", True)), "2 rows"),
    "grouped rows": (changed(lambda sheet: sheet.row_dimensions.group(5, 5, hidden=True)), "2 rows: A5 sheet.hidden_rows"),
    "title and header in text boxes": (text_box(TITLE, f"{HEAD}        {DAY}"), "1 rows"),
    "text boxes of their own": (text_box(TITLE, HEAD, DAY), "1 rows"),
    "text boxes in xls": (resource("box.xls"), "2 rows"),
    "text boxes in ods": (resource("box.ods"), "2 rows: sheet.odd_format"),
    "a table for each school": (
        save({**plain_cells([ROW], below=()), **{f"{key[0]}{int(key[1:]) + 5}": value for key, value in plain_cells([OTHER]).items()}}),
        "2 rows",
    ),
    "blank rows between": (save(plain_cells([ROW, ("",) * 9, ("",) * 9, OTHER])), "2 rows"),
    "notes and signatures below": (save(plain_cells([ROW], below=(*NOTES, "填表人：王五    审核人：赵六", "2020年2月27日"))), "1 rows"),
    "a million ghosts": (edited(SHEET, "</sheetData>", f'<row r="1048576" s="1">{GHOST}</row></sheetData>'), "1 rows"),
    "a dimension that lies": (edited(SHEET, 'ref="A1:I7"', 'ref="A1:B2"'), "1 rows"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), LAYOUT.values(), ids=LAYOUT)
def test_layouts(data: bytes, expected: str) -> None:
    assert outcome(data) == expected


def stored(formula: str, value: str, kind: str = "str") -> bytes:
    """C4 is a formula whose result was stored."""
    data = save(plain_cells([ROW]) | {"C4": "=X1"})
    return edited(
        SHEET,
        "<f>X1</f><v></v>",
        f"{formula}<v>{value}</v>",
        data=edited(SHEET, '<c r="C4">', f'<c r="C4" t="{kind}">', data=data),
    )


FORMULAS = {
    "without result": (save(plain_cells([ROW]) | {"C4": "=B4"}), "1 rows: C4 row.formula_error"),
    "without result in a header cell": (save(plain_cells([ROW]) | {"A2": "=X1"}), "1 rows: header.unit_missing"),
    "with result": (stored("<f>X1</f>", "智学网"), "1 rows"),
    "shared": (stored('<f t="shared" si="0"/>', "智学网"), "1 rows"),
    "shared, the first": (stored('<f t="shared" ref="C4:C9" si="0">X1</f>', "智学网"), "1 rows"),
    "array": (stored('<f t="array" ref="C4">X1</f>', "智学网"), "1 rows"),
    "another file's": (stored("<f>[1]Sheet1!$A$1</f>", "智学网"), "1 rows"),
    "errors in xls": (resource("errors.xls"), "1 rows: C4 row.formula_error, D4 row.formula_error"),
    "errors in ods": (resource("errors.ods"), "1 rows: sheet.odd_format, C4 row.formula_error, D4 row.formula_error"),
    "an error in xlsb": (xlsb([*TABLE[:3], row(app="#REF!")]), "1 rows: C4 row.formula_error"),
    "an error": (stored("<f>X1</f>", "#REF!", kind="e"), "1 rows: C4 row.formula_error"),
    "empty text": (stored("<f>X1</f>", ""), "1 rows: C4 row.required"),
    "a picture of WPS": (stored('<f>_xlfn.DISPIMG("ID_1",1)</f>', '=DISPIMG("ID_1",1)'), "1 rows: C4 row.required"),
}


@pytest.mark.parametrize(("data", "expected"), FORMULAS.values(), ids=FORMULAS)
def test_formulas(data: bytes, expected: str) -> None:
    assert outcome(data) == expected


def day(value: object, *, number_format: str = "", late: bool = False) -> bytes:
    """The day stands in a cell of its own, beside its label."""
    book = openpyxl.Workbook()
    if late:
        book.epoch = CALENDAR_MAC_1904
    sheet: Any = book.worksheets[0]
    fill(sheet, plain_cells([ROW]) | {"F2": "填报时间：", "G2": value})
    if number_format:
        sheet["G2"].number_format = number_format
    return as_bytes(book)


SOME_DAY = datetime.date(2020, 2, 27)
DAYS = {
    "a date": day(SOME_DAY),
    "shown in Chinese": day(SOME_DAY, number_format='yyyy"年"m"月"d"日";@'),
    "shown in Chinese numerals": day(SOME_DAY, number_format='[DBNum1][$-804]yyyy"年"m"月"d"日";@'),
    "with a time": day(datetime.datetime(2020, 2, 27, 15, 30)),  # noqa: DTZ001  # Excel has no zones
    "a number": day(43888),
    "a date since 1904": day(SOME_DAY, late=True),
    "a number since 1904": day(43888 - 1462, late=True),
    "a strict date": edited(
        SHEET, '<c r="G2" t="n"><v>1</v>', '<c r="G2" t="d"><v>2020-02-27T00:00:00</v>', data=day(1)
    ),
    "Chinese numerals": day("二〇二〇年二月二十七日"),
    "full width": day("２０２０．２．２７"),
    "digits": day(20200227),
    "with a time behind": day("2020年2月27日 15:30"),
    "in three cells": save(plain_cells([ROW]) | {"F2": "填报时间：", "G2": "2020年", "H2": "2月", "I2": "27日"}),
    "slashes": day("2020/2/27"),
}


@pytest.mark.parametrize("data", DAYS.values(), ids=DAYS)
def test_days(data: bytes) -> None:
    reading = read(data)
    assert isinstance(reading, Sheet) and reading.header["date"].date == SOME_DAY


CELLS: dict[str, tuple[dict[str, object], str]] = {
    "phone as number": ({"phone": 13912345678}, ""),
    "phone as float": ({"phone": 13912345678.0}, ""),
    "phone in exponents, whole": ({"phone": "1.3912345678E+10"}, ""),
    "phone in exponents, cut": ({"phone": "1.39E+10"}, "F4 row.phone_invalid"),
    "phone with spaces": ({"phone": " 139 1234 5678 "}, ""),
    "phone behind an apostrophe": ({"phone": "'13912345678"}, ""),
    "phone in full width": ({"phone": "１３９１２３４５６７８"}, ""),
    "two phones": ({"phone": "13912345678/13812345678"}, "F4 row.phone_invalid"),
    "two phones in two lines": ({"phone": "13912345678_x000D_\n13812345678"}, "F4 row.phone_invalid"),
    "phone and name": ({"phone": "李雷13912345678"}, "F4 row.phone_invalid"),
    "landline as number": ({"phone": 3938812345}, ""),
    "yes with spaces": ({"filed": "　是 "}, ""),
    "a tick": ({"filed": "√"}, ""),
    "another tick": ({"filed": "✔"}, ""),
    "a cross": ({"filed": "×", "filing_number": None}, ""),
    "said in words": ({"filed": "已备案"}, "H4 row.filed_invalid"),
    "said to be not": ({"filed": "未备案", "filing_number": None}, "H4 row.filed_invalid"),
    "a tick in a symbol font": ({"filed": "ü"}, "H4 row.filed_invalid"),
    "there is one": ({"filed": "有"}, "H4 row.filed_invalid"),
    "being filed": ({"filed": "备案中"}, "H4 row.filed_invalid"),
    "truth": ({"filed": True}, "H4 row.filed_invalid"),
    "the number in the wrong cell": ({"filed": "教APP备1100001号", "filing_number": None}, "H4 row.filed_invalid"),
    "number in full width": ({"filing_number": "教ＡＰＰ备１１００００１号"}, "I4 row.filing_number_irregular"),
    "two apps": ({"app": "作业帮、钉钉"}, "C4 row.multiple_apps"),
    "two apps in two lines": ({"app": "1.作业帮\n2.钉钉"}, "C4 row.multiple_apps"),
    "one app in two lines": ({"app": "国家中小学\n智慧教育平台"}, ""),
    "an app for two": ({"app": "作业帮/家长版"}, ""),
    "rich text": ({"app": CellRichText("作业", TextBlock(InlineFont(b=True), "帮"))}, ""),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), CELLS.values(), ids=CELLS)
def test_cells(changes: dict[str, object], expected: str) -> None:
    told = [each for each in outcome(cells(**changes)).partition(": ")[2].split(", ") if "policy" not in each]
    assert ", ".join(told) == expected
