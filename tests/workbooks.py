"""Workbooks as other programs and hands make them, for tests of the reader: markup, text, packages taken apart."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msoffcrypto.format.ooxml
import openpyxl

from domain.checks import check_sheet
from domain.identify import reporter_of
from domain.problems import Problem
from domain.sheet import Sheet, SheetFailure
from parsers.workbook import read_workbook
from tests.builders import NOTICE, RECEIVED
from tests.forms import NAMES, OTHER, ROW, TITLE, as_bytes, fill, plain_cells, save

RESOURCES = Path(__file__).parent / "resources" / "workbook"
HEAD = "填报单位：濮阳县（盖章）"
DAY = "填报时间：2020年2月27日"
TABLE: tuple[Sequence[str], ...] = ((TITLE,), (HEAD, "", "", "", "", DAY), NAMES, ROW, OTHER)
SHEET = "xl/worksheets/sheet1.xml"


def read(data: bytes, name: str = "表.xlsx") -> Sheet | SheetFailure:
    return read_workbook(data, name=name, sha256="0" * 64, form=NOTICE.form, area_code=NOTICE.area_code)


def problems(reading: Sheet | SheetFailure) -> tuple[Problem, ...]:
    owner = reporter_of(reading, None, NOTICE).reporter if isinstance(reading, Sheet) else None
    return check_sheet(reading, NOTICE, owner, RECEIVED)


def outcome(data: bytes, name: str = "表.xlsx") -> str:
    """`2 rows: F4 row.phone_invalid, …`, or the code alone of what could not be read."""
    reading = read(data, name)
    if isinstance(reading, SheetFailure):
        return f"{reading.code} {reading.cause}".strip()
    main = reading.sheet
    told = [
        " ".join(part for part in (each.sheet if each.sheet != main else "", each.cell, each.code) if part)
        for each in problems(reading)
    ]
    return f"{len(reading.rows)} rows: {', '.join(told)}".strip(" :")


def row(**changes: object) -> tuple[object, ...]:
    """The good row with some cells changed, by the key of their column."""
    values = dict(zip([column.key for column in NOTICE.form.columns], ROW, strict=True))
    return tuple((values | changes).values())


def cells(**changes: object) -> bytes:
    """The form with that row."""
    return save(plain_cells([row(**changes)]))


def sheets(*contents: tuple[str, Mapping[str, object]], hidden: Mapping[str, str] | None = None) -> bytes:
    """An .xlsx of several sheets: (name, cells). `hidden`: name → hidden or veryHidden."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, content in contents:
        fill(book.create_sheet(name), content)
    for name, state in (hidden or {}).items():
        book[name].sheet_state = state
    return as_bytes(book)


def changed(edit: Callable[[Any], None], content: Mapping[str, object] | None = None) -> bytes:
    """The form after `edit` had its sheet."""
    book = openpyxl.Workbook()
    sheet: Any = book.worksheets[0]
    sheet.title = "Sheet1"
    fill(sheet, content or plain_cells([ROW, OTHER]))
    edit(sheet)
    return as_bytes(book)


def html(rows: Sequence[Sequence[str]] = TABLE, *, charset: str = "gb2312", attributes: str = "") -> bytes:
    lines = "".join(f"<tr>{''.join(f'<td{attributes}>{text}</td>' for text in row)}</tr>" for row in rows)
    head = f'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset={charset}></head>'
    return f"{head}<body><table>{lines}</table></body></html>".encode("gb18030" if charset == "gb2312" else charset)


def html_tables(number: int) -> bytes:
    """As many tables in one document, each the form of one school."""
    bodies = [html([*TABLE[:3], row(school=f"第{at}中学")], charset="utf-8").decode() for at in range(number)]
    return "".join(bodies).replace("</body></html>", "").encode()


def web_archive() -> bytes:
    """As Excel saves 单个文件网页: a frame, and each sheet as a part of its own."""
    frame = '<html><frameset><frame src=3D"sheet001.htm"></frameset></html>'
    body = "".join(f"={byte:02X}" + ("=\r\n" if number % 24 == 23 else "") for number, byte in enumerate(html()))
    parts = [("file:///C:/book.htm", frame), ("file:///C:/book.files/sheet001.htm", body)]
    text = 'MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary="----=_Next"\r\n\r\n'
    for place, content in parts:
        text += f"------=_Next\r\nContent-Location: {place}\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        text += f'Content-Type: text/html; charset="gb2312"\r\n\r\n{content}\r\n\r\n'
    return (text + "------=_Next--\r\n").encode()


def spreadsheetml(rows: Sequence[Sequence[str]] = TABLE, *, encoding: str = "UTF-8", extra: str = "") -> bytes:
    lines = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{text}</Data></Cell>' for text in row) + "</Row>"
        for row in rows
    )
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook '
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f'<Worksheet ss:Name="表"><Table>{lines}</Table></Worksheet>{extra}</Workbook>'
    )
    return text.encode("gb18030" if encoding == "GB2312" else encoding)


def separated(separator: str, encoding: str, *, first: str = "") -> bytes:
    text = first + "\r\n".join(separator.join(row) for row in TABLE)
    return text.encode(encoding)


def locked(data: bytes, password: str) -> bytes:
    target = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(data)).encrypt(password, target)
    return target.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def without_contents(data: bytes) -> bytes:
    """A package whose table of contents is cut off, as an upload that broke near its end leaves it."""
    return data[: data.index(b"PK\x01\x02")]


def damaged(data: bytes, name: str) -> bytes:
    """One byte in the middle of a part is another."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        info = package.getinfo(name)
    at = info.header_offset + 30 + len(name) + info.compress_size // 2
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def xlsb(rows: Sequence[Sequence[str]] = TABLE, *, hidden: Sequence[int] = ()) -> bytes:
    """The least .xlsb ([MS-XLSB] 2.5.97 onward): texts in the cells or an error, rows that may be hidden."""
    body = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, 8)) + _record(145)
    for number, texts in enumerate(rows):
        flags = 0x1000 if number + 1 in hidden else 0
        body += _record(0, struct.pack("<IIHHB", number, 0, 300, flags, 0) + struct.pack("<I", 0))
        for column, text in enumerate(texts):
            if text == "#REF!":
                body += _record(3, struct.pack("<IIB", column, 0, 0x17))
            elif text:
                body += _record(6, struct.pack("<II", column, 0) + _wide(text))
    body += _record(146) + _record(130)
    book = _record(131) + _record(153, bytes(12)) + _record(143)
    book += _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("表")) + _record(144)
    book += _record(157, bytes(26)) + _record(132)
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"/></Relationships>'
    )
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("[Content_Types].xml", types)
        target.writestr("_rels/.rels", relations.format("officeDocument", "xl/workbook.bin"))
        target.writestr("xl/workbook.bin", book)
        target.writestr("xl/_rels/workbook.bin.rels", relations.format("worksheet", "worksheets/sheet1.bin"))
        target.writestr("xl/worksheets/sheet1.bin", body)
    return buffer.getvalue()


def _record(number: int, body: bytes = b"") -> bytes:
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    size, length = len(body), b""
    while True:
        size, low = size >> 7, size & 0x7F
        length += bytes([low | (0x80 if size else 0)])
        if not size:
            return head + length + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def resource(name: str) -> bytes:
    return (RESOURCES / name).read_bytes()
