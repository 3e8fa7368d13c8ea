"""Tells what a file is by its bytes: the name only breaks ties where the bytes say nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import olefile

from domain.mail import PartKind
from parsers.archive_kinds import OCTETS, ZIP, archive_media
from parsers.kind_names import (
    DOC,
    DOCX,
    ENCRYPTED_OOXML,
    ODS,
    OFD,
    TEXT_NAMES,
    XLS,
    XLSB,
    XLSM,
    XLSX,
    Kind,
    kind_by_name,
    role_of_name,
)
from parsers.text_kinds import is_mail, text_kind
from parsers.zip_end import CENTRAL_ENTRY, check_start, first_name, without_tail

_MAGIC: tuple[tuple[bytes, PartKind, str], ...] = (
    (b"\xff\xd8\xff", PartKind.COVER, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", PartKind.COVER, "image/png"),
    (b"II*\x00", PartKind.COVER, "image/tiff"),
    (b"MM\x00*", PartKind.COVER, "image/tiff"),
    (b"II+\x00", PartKind.COVER, "image/tiff"),
    (b"GIF87a", PartKind.COVER, "image/gif"),
    (b"GIF89a", PartKind.COVER, "image/gif"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", PartKind.COVER, "image/jp2"),
    (b"\xff\x4f\xff\x51", PartKind.COVER, "image/jp2"),
    (b"\x09\x00\x04\x00", PartKind.SHEET, XLS),  # BIFF 2 to 8 without an OLE container
    (b"\x09\x02\x06\x00", PartKind.SHEET, XLS),
    (b"\x09\x04\x06\x00", PartKind.SHEET, XLS),
    (b"\x09\x08\x08\x00", PartKind.SHEET, XLS),
    (b"\x09\x08\x10\x00", PartKind.SHEET, XLS),
    (b"\x00\x00\x02\x00\x04\x04", PartKind.SHEET, "application/vnd.lotus-1-2-3"),
    (b"\x00\x00\x02\x00\x06\x04", PartKind.SHEET, "application/vnd.lotus-1-2-3"),
    (b"\x00\x00\x1a\x00", PartKind.SHEET, "application/vnd.lotus-1-2-3"),
    (b"ID;P", PartKind.SHEET, "application/x-sylk"),
    (b"TABLE\r\n0,1", PartKind.SHEET, "application/x-dif"),
    (b"MZ", PartKind.OTHER, "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", PartKind.OTHER, "application/x-elf"),
    (b"#!", PartKind.OTHER, "text/x-script"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", PartKind.OTHER, "application/x-ms-shortcut"),
)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_ZIP_ENTRIES = 5_000
_PARTS = (b"[content_types].xml", b"_rels/", b"docprops/", b"customxml/", b"xl/", b"word/")
"""How the first part of a document of Office is called."""


def kind_of(data: bytes, name: str) -> Kind:
    """What `data` is. Never raises. `name` decides only between kinds that the bytes leave open (CSV or plain text),
    and tells for bytes of no known kind what they were meant to be: a ruined .xlsx is an unreadable sheet."""
    lower = name.lower().rstrip()
    tests: tuple[Callable[[bytes, str], Kind | None], ...] = (
        _pdf,
        _zip,
        _ole,
        _image,
        _archive,
        _magic,
        _late_pdf,
        text_kind,
    )
    for test in tests:
        kind = test(data, lower)
        if kind is not None:
            return kind
    return kind_by_name(lower, OCTETS)


def _pdf(data: bytes, name: str) -> Kind | None:
    return Kind(kind=PartKind.COVER, media="application/pdf") if data.startswith(b"%PDF-") else None


def _late_pdf(data: bytes, name: str) -> Kind | None:
    """ISO 32000-1 annex H: readers take the header anywhere in the first 1024 bytes. So it stands too in a zip or tar
    that holds a PDF: those are asked for before. So it does in a short mail that holds one as it is."""
    late = data[:1024].find(b"%PDF-") >= 0 and not is_mail(data[:20_000].lstrip())
    return Kind(kind=PartKind.COVER, media="application/pdf") if late else None


def _zip(data: bytes, name: str) -> Kind | None:
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK00PK\x03\x04", b"PK\x07\x08PK\x03\x04")):
        return None
    names = _zip_names(data)
    if names is None:
        return _broken_zip(data, name)
    if any(entry.startswith("xl/") for entry in names):
        return Kind(kind=PartKind.SHEET, media=_excel_media(names))
    if any(entry.startswith("word/") for entry in names):
        return Kind(kind=PartKind.OTHER, media=DOCX, candidate_for=PartKind.SHEET)
    if "ofd.xml" in names:
        return Kind(kind=PartKind.COVER, media=OFD)
    if "mimetype" in names:
        return _open_document(data, name)
    if any(entry.startswith("ppt/") for entry in names):
        return Kind(kind=PartKind.OTHER, media="application/vnd.ms-powerpoint")
    if any(entry.startswith("index/") and entry.endswith(".iwa") for entry in names):
        return Kind(kind=PartKind.OTHER, media="application/vnd.apple.iwork", candidate_for=PartKind.SHEET)
    if "meta-inf/manifest.mf" in names or "androidmanifest.xml" in names:
        return Kind(kind=PartKind.OTHER, media="application/java-archive", candidate_for=role_of_name(name))
    return Kind(kind=PartKind.ARCHIVE, media=ZIP)


def _zip_names(data: bytes) -> frozenset[str] | None:
    """Lower-case names of the central directory with forward slashes; None when there is none that can be read, or only
    that of a file in it."""
    if data.count(CENTRAL_ENTRY) > MAX_ZIP_ENTRIES:
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(without_tail(data))) as archive:
            check_start(archive, data)
            return frozenset(entry.replace("\\", "/").lower() for entry in archive.namelist())
    except Exception:  # noqa: BLE001 - crafted zips raise undocumented errors (struct.error, NotImplementedError, …)
        return None


def _broken_zip(data: bytes, name: str) -> Kind:
    """A zip cut short still shows in its first local headers what it was: a document of Office, or an archive, in which one
    may stand as it is."""
    head = data[:200_000]
    document = first_name(head).replace(b"\\", b"/").lower().startswith(_PARTS)
    if document and b"xl/" in head:
        return Kind(kind=PartKind.SHEET, media=XLSX)
    if document and b"word/" in head:
        return Kind(kind=PartKind.OTHER, media=DOCX, candidate_for=PartKind.SHEET)
    return kind_by_name(name, ZIP) if role_of_name(name) else Kind(kind=PartKind.ARCHIVE, media=ZIP)


def _excel_media(names: frozenset[str]) -> str:
    if "xl/workbook.bin" in names:
        return XLSB
    return XLSM if "xl/vbaproject.bin" in names else XLSX


def _open_document(data: bytes, name: str) -> Kind:
    # The type stands, stored, right after the first local header (ODF 1.2 part 3, 3.3); elsewhere it is looked for.
    head = data[:400]
    if b"opendocument.spreadsheet" in head:
        return Kind(kind=PartKind.SHEET, media=ODS)
    if b"opendocument.text" in head:
        media = "application/vnd.oasis.opendocument.text"
        return Kind(kind=PartKind.OTHER, media=media, candidate_for=PartKind.SHEET)
    return kind_by_name(name, ZIP) if role_of_name(name) else Kind(kind=PartKind.ARCHIVE, media=ZIP)


def _ole(data: bytes, name: str) -> Kind | None:
    if not data.startswith(_OLE):
        return None
    streams = _ole_streams(data)
    if streams & {"workbook", "book"}:
        return Kind(kind=PartKind.SHEET, media=XLS)
    if "encryptedpackage" in streams:
        word = name.endswith(TEXT_NAMES)
        return Kind(
            kind=PartKind.OTHER if word else PartKind.SHEET,
            media=ENCRYPTED_OOXML,
            candidate_for=PartKind.SHEET if word else None,
        )
    if "worddocument" in streams:
        return Kind(kind=PartKind.OTHER, media=DOC, candidate_for=PartKind.SHEET)
    if "powerpoint document" in streams:
        return Kind(kind=PartKind.OTHER, media="application/vnd.ms-powerpoint")
    if "__properties_version1.0" in streams:
        return Kind(kind=PartKind.OTHER, media="application/vnd.ms-outlook", candidate_for=PartKind.SHEET)
    return kind_by_name(name, "application/x-ole-storage")


def _ole_streams(data: bytes) -> frozenset[str]:
    """Lower-case names in the root storage; of a damaged file those that its bytes still show."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            return frozenset(path[0].lower() for path in container.listdir(streams=True, storages=True))
    except Exception:  # noqa: BLE001 - olefile raises undocumented errors on crafted files
        known = (
            "WordDocument",
            "EncryptedPackage",
            "Workbook",
            "Book",
            "PowerPoint Document",
            "__properties_version1.0",
        )
        return frozenset(word.lower() for word in known if (word + "\0").encode("utf-16-le") in data)


def _image(data: bytes, name: str) -> Kind | None:
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return Kind(kind=PartKind.COVER, media="image/heic")
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Kind(kind=PartKind.COVER, media="image/webp")
    if data.startswith(b"BM") and data[14:18] in (b"\x28\0\0\0", b"\x0c\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0"):
        return Kind(kind=PartKind.COVER, media="image/bmp")
    return None


def _archive(data: bytes, name: str) -> Kind | None:
    media = archive_media(data)
    return None if media == OCTETS else Kind(kind=PartKind.ARCHIVE, media=media)


def _magic(data: bytes, name: str) -> Kind | None:
    for magic, kind, media in _MAGIC:
        if data.startswith(magic):
            meant = role_of_name(name) if kind is PartKind.OTHER else None
            return Kind(kind=kind, media=media, candidate_for=meant)
    return None
