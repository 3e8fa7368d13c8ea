"""Kinds are told by content; a name only breaks ties."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mail import PartKind
from parsers.kind_names import DOCX as DOCX_MEDIA
from parsers.kind_names import MAIL, ODS, OFD, XLSM
from parsers.kind_names import XLSX as XLSX_MEDIA
from parsers.kinds import kind_of
from tests.mail_making import DOCX, OLE_STUB, PDF, XLSX, make_zip, picture

SHEET, COVER, ARCHIVE, OTHER = PartKind.SHEET, PartKind.COVER, PartKind.ARCHIVE, PartKind.OTHER
EXCEL_HTML = b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>1</td></tr></table></html>'
EXCEL_XML = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'


STORED = make_zip([("表.xlsx", XLSX), ("扫描.pdf", PDF * 99)], zipfile.ZIP_STORED)
TAIL = bytes(70_000)


def _ole(stream: str) -> bytes:
    return OLE_STUB + (stream + "\0").encode("utf-16-le")


@pytest.mark.parametrize(
    ("data", "name", "kind", "candidate"),
    [
        (XLSX, "表.xlsx", SHEET, None),
        (XLSX, "表.pdf", SHEET, None),
        (XLSX[:150], "x", SHEET, None),
        (DOCX, "表.xlsx", OTHER, SHEET),
        (PDF, "表.xlsx", COVER, None),
        (b"\n\n" + PDF, "a", COVER, None),
        (picture(9, 9), "a.pdf", COVER, None),
        (picture(9, 9, "TIFF"), "a", COVER, None),
        (picture(9, 9, "BMP"), "a", COVER, None),
        (picture(9, 9, "WEBP"), "a", COVER, None),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "IMG_1.HEIC", COVER, None),
        (make_zip([("OFD.xml", b"<OFD/>")]), "a.zip", COVER, None),
        (make_zip([("a.xlsx", XLSX)]), "a.zip", ARCHIVE, None),
        (STORED, "a.zip", ARCHIVE, None),
        (STORED + TAIL, "a.zip", ARCHIVE, None),
        (STORED[:-99], "a.zip", ARCHIVE, None),  # the only directory is that of the workbook in it
        (STORED[: len(XLSX) // 2], "a.zip", ARCHIVE, None),
        (XLSX + TAIL, "a.zip", SHEET, None),
        (DOCX + TAIL, "a.zip", OTHER, SHEET),
        (_ole("Workbook"), "a", SHEET, None),
        (_ole("Book"), "a.et", SHEET, None),
        (_ole("WordDocument"), "a.wps", OTHER, SHEET),
        (_ole("EncryptedPackage"), "a.xlsx", SHEET, None),
        (_ole("EncryptedPackage"), "a.docx", OTHER, SHEET),
        (EXCEL_HTML, "a.xls", SHEET, None),
        (EXCEL_HTML, "a.bin", SHEET, None),
        (b"<html><table></table></html>", "a.xls", SHEET, None),
        (b"<html><table></table></html>", "a.html", OTHER, None),
        (EXCEL_XML, "a", SHEET, None),
        ("单位,学校\r\n".encode("gbk"), "a.csv", SHEET, None),
        ("\ufeff单位\t学校\r\n".encode("utf-16-le"), "a.xls", SHEET, None),
        (b"hello", "a.txt", OTHER, None),
        (b"{\\rtf1 }", "a.doc", OTHER, SHEET),
        (b"MZ\x90\0" + bytes(60), "表.xlsx", OTHER, SHEET),
        (b"Rar!\x1a\x07\x01\0", "a.zip", ARCHIVE, None),
        (b"7z\xbc\xaf\x27\x1c", "a.7z", ARCHIVE, None),
        (b"\x1f\x8b\x08\0", "a.tar.gz", ARCHIVE, None),
        (b"\x78\x9f\x3e\x22", "winmail.dat", ARCHIVE, None),
        (b"\0\1\2\3", "表.xlsx", SHEET, None),
        (b"\0\1\2\3", "扫描.PDF", COVER, None),
        (b"\0\1\2\3", "a.bin", OTHER, None),
        (b"", "表.xls", SHEET, None),
        (b"", "", OTHER, None),
    ],
)
def test_kinds(data: bytes, name: str, kind: PartKind, candidate: PartKind | None) -> None:
    found = kind_of(data, name)
    assert (found.kind, found.candidate_for) == (kind, candidate)


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (XLSX, XLSX_MEDIA),
        (make_zip([("xl/workbook.xml", b""), ("xl/vbaProject.bin", b"")]), XLSM),
        (DOCX, DOCX_MEDIA),
        (
            make_zip([("mimetype", b"application/vnd.oasis.opendocument.spreadsheet" * 9), ("content.xml", b"")]),
            "application/zip",
        ),
        (make_zip([("OFD.xml", b"")]), OFD),
        (PDF, "application/pdf"),
        (b"From: a@b.cn\nTo: c@d.cn\nSubject: x\n\nbody", MAIL),
        (b"Name: x\nPhone: 1\nUnit: y\n", "text/plain"),
    ],
)
def test_media(data: bytes, media: str) -> None:
    assert kind_of(data, "").media == media


def test_stored_opendocument_type() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", ODS)
    assert kind_of(out.getvalue(), "x").kind is SHEET


@given(
    st.binary(max_size=600), st.sampled_from([b"", b"PK\x03\x04", OLE_STUB, b"<", b"\xff\xfe"]), st.text(max_size=20)
)
def test_never_raises(data: bytes, start: bytes, name: str) -> None:
    assert kind_of(start + data, name).kind in PartKind
