"""The workbook reader on other formats, and on files made to harm: every one is a value, soon and within bounds."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import pytest

from domain.sheet import Sheet, SheetFailure, SheetFormat
from parsers.ole import look_at_ole
from parsers.workbook import read_workbook
from tests.forms import KEYS, NAMES, OTHER, ROW, TITLE, edited, make_form, plain_cells, save, zipped

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "sheets"
RESOURCES = Path(__file__).parent / "resources" / "workbook"
THIRD = (*ROW[:2], "企业微信", *ROW[3:])
TOP = [[TITLE], ["填报单位：濮阳县（盖章）", "填报时间：2020年2月27日"]]


def read(data: bytes, name: str = "表.xlsx") -> Sheet | SheetFailure:
    return read_workbook(data, name=name, sha256="0" * 64, form=make_form(), area_code="0393")


def texts(sheet: Sheet | SheetFailure) -> list[tuple[str, ...]]:
    assert isinstance(sheet, Sheet), sheet
    return [tuple(row.text(key) for key in KEYS) for row in sheet.rows]


def separated(separator: str) -> str:
    return "\r\n".join(separator.join(row) for row in [*TOP, list(NAMES), list(ROW), list(OTHER)])


@pytest.mark.parametrize(("name", "kind"), [("form.xls", SheetFormat.XLS), ("form.ods", SheetFormat.ODS)])
def test_libreoffice_files(name: str, kind: SheetFormat) -> None:
    sheet = read((RESOURCES / name).read_bytes(), name)
    assert texts(sheet) == [ROW, OTHER, THIRD]
    assert isinstance(sheet, Sheet)
    assert (sheet.format, sheet.macros, sheet.active_content) == (kind, False, False)
    assert [row.hidden for row in sheet.rows] == [False, False, True]
    assert sheet.rows[1].cells["unit"].address == "A5"
    assert sheet.header["unit"].text == "濮阳县"


def test_et_is_told_from_xls_by_its_name() -> None:
    sheet = read((RESOURCES / "form.xls").read_bytes(), "濮阳县.ET")
    assert isinstance(sheet, Sheet) and sheet.format is SheetFormat.ET


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a", "../", "\x00"])
def test_names_do_not_matter(name: str) -> None:
    assert texts(read(save(plain_cells()), name)) == [ROW]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_separated_text(encoding: str, separator: str) -> None:
    sheet = read(separated(separator).encode(encoding), "表.xls")
    assert texts(sheet) == [ROW, OTHER]
    assert isinstance(sheet, Sheet) and sheet.format is SheetFormat.CSV


def test_digits_guarded_in_csv() -> None:
    text = separated(",").replace("13912345678", '="13912345678"').replace("0393-8812345", "'0393-8812345")
    assert texts(read(text.encode())) == [ROW, OTHER]


def html(encoding: str) -> bytes:
    rows = [
        f"<tr><td colspan=9>{TITLE}</td></tr><tr><td colspan=5>填报单位：濮阳县</td><td>填报时间：2020年2月27日</td></tr>"
    ]
    for row in (NAMES, (*ROW[:1], *ROW[1:]), OTHER[1:]):
        span = ' rowspan="2"' if row[0] == "濮阳县" else ""
        rows.append(
            "<tr>" + "".join(f"<td{span if not i else ''}>{text}&nbsp;</td>" for i, text in enumerate(row)) + "</tr>"
        )
    head = f'<html><head><meta charset="{encoding}"></head><body><table>'
    return (head + "".join(rows) + "</table></body></html>").encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_html_that_calls_itself_excel(encoding: str) -> None:
    sheet = read(html(encoding), "表.xls")
    assert texts(sheet) == [ROW, OTHER]
    assert isinstance(sheet, Sheet) and sheet.format is SheetFormat.HTML


def test_spreadsheetml_2003() -> None:
    rows = [TOP[0], TOP[1], NAMES, ROW, OTHER]
    body = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{text}</Data></Cell>' for text in row) + "</Row>"
        for row in rows
    )
    text = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook '
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="Sheet1"><Table>{body}</Table></Worksheet></Workbook>'
    )
    sheet = read(text.encode(), "表.xls")
    assert texts(sheet) == [ROW, OTHER]
    assert isinstance(sheet, Sheet) and sheet.format is SheetFormat.XML


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            edited(SHEET, "</sheetData>", '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'), id="ghost"
        ),
        pytest.param(
            edited(SHEET, "</sheetData>", '<row r="1048576"><c r="A1048576" t="str"><v></v></c></row></sheetData>'),
            id="empty",
        ),
        pytest.param(
            edited(SHEET, '<dimension ref="A1:I7"/>', '<dimension ref="A1:XFD1048576"/>'), id="large dimension"
        ),
        pytest.param(edited(SHEET, '<dimension ref="A1:I7"/>', '<dimension ref="A1"/>'), id="small dimension"),
        pytest.param(
            edited(SHEET, "</sheetData>", '</sheetData><mergeCells><mergeCell ref="K1:XFD1048576"/></mergeCells>'),
            id="merge",
        ),
        pytest.param(edited("xl/styles.xml", "</styleSheet>", "<dxfs><broken/></dxfs></styleSheet>"), id="styles"),
    ],
)
def test_ghosts_do_not_change_the_reading(data: bytes) -> None:
    assert texts(read(data)) == [ROW]


def test_a_sheet_of_styled_nothing_is_cheap() -> None:
    ghosts = "".join(f'<row r="{row}">' + '<c s="1"/>' * 60 + "</row>" for row in range(8, 808))
    data = edited(SHEET, "</sheetData>", ghosts + "</sheetData>")
    tracemalloc.start()
    assert texts(read(data)) == [ROW]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000


ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
HARM = {
    "bomb": zipped({"[Content_Types].xml": b"spreadsheetml", "xl/workbook.xml": b" " * 30_000_000}),
    "many parts": zipped({f"part{number}": b"" for number in range(5_001)}),
    "no workbook": zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<x/>"}),
    "cut in the middle": save(plain_cells())[:2000],
    "row beyond": edited(SHEET, "</sheetData>", '<row r="9999999"><c t="str"><v>x</v></c></row></sheetData>'),
    "broken xml": edited(SHEET, "</sheetData>", "</sheet>"),
    "entities": edited("xl/workbook.xml", "<workbook ", ENTITY + "<workbook "),
    "ods repeats": zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": (
                b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
                b'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
                b'<table:table><table:table-row table:number-rows-repeated="1000000"><table:table-cell '
                b'office:value-type="float" office:value="1" table:number-columns-repeated="1000"/></table:table-row>'
                b"</table:table></office:spreadsheet></office:body></office:document-content>"
            ),
        }
    ),
    "not text": bytes(range(256)) * 10,
    "html without a table": b"<html><body>hello</body></html>",
    "empty": b"",
}  # fmt: skip


@pytest.mark.parametrize("data", HARM.values(), ids=HARM)
def test_harm_is_unreadable(data: bytes) -> None:
    failure = read(data)
    assert isinstance(failure, SheetFailure)
    assert (failure.code, bool(failure.detail)) == ("sheet.unreadable", True)


LOCKED_PARTS = {
    "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
    "META-INF/manifest.xml": b"<manifest:encryption-data/>",
    "content.xml": b"\x00",
}
FILE_PASS = (
    struct.pack("<HHHHHHHI", 0x809, 8, 0x600, 5, 0, 0, 0x2F, 0)[:12] + struct.pack("<HH", 0x2F, 6) + b"\x01\x00" * 3
)


@pytest.mark.parametrize("data", [zipped(LOCKED_PARTS), FILE_PASS], ids=["ods", "xls"])
def test_passwords_are_told(data: bytes) -> None:
    failure = read(data)
    assert isinstance(failure, SheetFailure) and failure.code == "sheet.encrypted"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the checkout")
@pytest.mark.parametrize(
    "name",
    [
        "poi/test-data/spreadsheet/35897-type4.xls",
        "sheetjs/password_2002_40_dhsc.xls",
        "sheetjs/biff5/password_2002_40_xor.xls",
    ],
)
def test_passwords_in_the_corpus_are_told(name: str) -> None:
    failure = read((CORPUS / name).read_bytes())
    assert isinstance(failure, SheetFailure) and failure.code == "sheet.encrypted"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the checkout")
def test_what_opens_without_a_question_is_no_secret() -> None:
    """Of Apache POI: encrypted, as Excel does what is only protected."""
    failure = read((CORPUS / "poi/test-data/poifs/protect.xlsx").read_bytes())
    assert isinstance(failure, SheetFailure) and failure.code == "sheet.wrong_form"


def test_text_that_json_cannot_hold_is_cleaned() -> None:
    cells = plain_cells() | {"C4": "作业_xD800_帮_x0001_"}
    found = texts(read(save(cells)))[0][2]
    assert found.encode() and "\x01" not in found


def test_overlapping_merges_are_bounded() -> None:
    merges = '<mergeCell ref="K1:K1000000"/>' * 20_000
    rows = "".join(f'<row r="{row}"><c r="K{row}"><v>1</v></c></row>' for row in range(8, 3008))
    data = edited(SHEET, "</sheetData>", f"{rows}</sheetData><mergeCells>{merges}</mergeCells>")
    assert isinstance(read(data), SheetFailure)


def test_macros_and_active_content_are_told() -> None:
    plain, macros, links = (
        read(data)
        for data in (
            save(plain_cells()),
            edited("xl/vbaProject.bin", "", "x"),
            edited("xl/externalLinks/externalLink1.xml", "", "<x/>"),
        )
    )
    assert isinstance(plain, Sheet) and isinstance(macros, Sheet) and isinstance(links, Sheet)
    assert [(one.macros, one.active_content) for one in (plain, macros, links)] == [
        (False, False),
        (True, True),
        (False, True),
    ]


def test_stored_value_of_a_formula_is_read() -> None:
    formula = save(plain_cells() | {"C4": "=B4"})
    data = edited(SHEET, "<f>B4</f><v></v>", "<f>B4</f><v>12</v>", data=formula)
    assert texts(read(data))[0][2] == "12"


def test_strict_namespaces() -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    data = save(plain_cells())
    for part in (SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"):
        data = edited(part, main, "http://purl.oclc.org/ooxml/spreadsheetml/main", data=data)
    assert texts(read(data)) == [ROW]


def test_sheet_names_of_excel_95_are_gbk() -> None:
    """A bare record stream of BIFF5: the book with one sheet, and on that a hidden row."""

    def record(number: int, body: bytes) -> bytes:
        return struct.pack("<HH", number, len(body)) + body

    begin, name = record(0x809, b"\x00\x05\x05\x00" + bytes(4)), "濮阳县".encode("gbk")
    size = len(begin) + 4 + 7 + len(name) + 4
    book = begin + record(0x85, struct.pack("<IHB", size, 0, len(name)) + name) + record(0x0A, b"")
    assert len(book) == size
    row = struct.pack("<HHHHHHH", 4, 0, 9, 300, 0, 0, 0x20) + bytes(2)
    facts = look_at_ole(book + begin + record(0x208, row) + record(0x0A, b""))
    assert {name: sheet.hidden_rows for name, sheet in facts.sheets.items()} == {"濮阳县": frozenset({5})}
