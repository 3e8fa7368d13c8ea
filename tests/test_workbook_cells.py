"""Forms as clerks lay them out and fill them in: columns, rows, formulas, days and cells. One table a subject."""

from __future__ import annotations

import datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from domain.sheet import Sheet
from tests.forms import NAMES, NOTES, OTHER, ROW, TITLE, as_bytes, edited, fill, plain_cells, save, zipped
from tests.workbooks import (
    DAY,
    HEAD,
    SHEET,
    TABLE,
    cells,
    changed,
    outcome,
    parts_of,
    read,
    resource,
    row,
    xlsb,
)


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
