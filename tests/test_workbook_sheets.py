"""Workbooks of several sheets and pages of several tables: which rows count, and what is said of the rest."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from parsers.grid import MAX_SHEETS
from tests.forms import NAMES, NOTES, OTHER, ROW, SAMPLE, TITLE, edited, plain_cells, save, zipped
from tests.workbooks import (
    DAY,
    HEAD,
    TABLE,
    html_tables,
    outcome,
    parts_of,
    resource,
    row,
    sheets,
    spreadsheetml,
)

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
    "a nil return said below it": (
        page(f"<p>{TITLE}</p><p>{HEAD} {DAY}</p>", (NAMES,), "<p>备注：我县未使用学习类APP，零报告。</p>"), "0 rows: sheet.odd_format"
    ),
    "a nil return in a table below it": (
        page(f"<p>{TITLE}</p><p>{HEAD} {DAY}</p>", (NAMES,), [["零报告"], [""]]), "0 rows: sheet.odd_format"
    ),
    "a nil return in the table round it": (page(table([[TITLE], [HEAD, DAY], [table((NAMES,))], ["零报告"]])), "0 rows: sheet.odd_format"),
    "head, notes and buttons below it": (
        page(f"<p>{TITLE}</p>", BELOW, f"<p>{HEAD}</p>{DAY}<br>{NOTES[0]}<button>打印</button><p>返回</p>"),
        "2 rows: sheet.odd_format",
    ),
    "no word of a nil return below it": (
        page(f"<p>{TITLE}</p><p>{HEAD} {DAY}</p>", (NAMES,), "<p>共0行</p>"), "0 rows: sheet.odd_format, sheet.no_rows"
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
