"""Tells what a file is by its bytes: the name only breaks ties where the bytes say nothing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import olefile

from domain.mail import PartKind
from parsers.archive_kinds import OCTETS, ZIP, archive_media, names_archive

XLS = "application/vnd.ms-excel"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSM = "application/vnd.ms-excel.sheet.macroEnabled.12"
XLSB = "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
DOC = "application/msword"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENCRYPTED_OOXML = "application/x-encrypted-ooxml"
OFD = "application/ofd"
MAIL = "message/rfc822"

_SHEET_NAMES = (".xlsx", ".xls", ".xlsm", ".xlsb", ".xlt", ".xltx", ".et", ".ett", ".ods", ".csv")
_COVER_NAMES = (".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".heic", ".ofd")
_TEXT_NAMES = (".doc", ".docx", ".wps", ".rtf")

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
_MAIL_START = re.compile(
    rb"(?:From [^\n]{0,200}\n)?(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\n]{0,2000}\n(?:[ \t][^\n]{0,2000}\n){0,50}){3}"
)
_MAIL_HEADERS = re.compile(rb"^(received|return-path|message-id|mime-version|from|date|subject):", re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\r\r")
_MIME_VERSION = re.compile(rb"^mime-version:", re.MULTILINE)
_SENT = re.compile(rb"^(?:received|return-path|message-id|to|cc):", re.MULTILINE)
_EXCEL_MARKS = (
    b"urn:schemas-microsoft-com:office:excel",
    b"excel.sheet",
    b"urn:schemas-microsoft-com:office:spreadsheet",
    b"x-document-type: workbook",
)
_CENTRAL_ENTRY = b"PK\x01\x02"
MAX_ZIP_ENTRIES = 5_000


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`kind` and `media` type of a file; `candidate_for`: the missing role that an unread kind was likely meant for."""

    kind: PartKind
    media: str
    candidate_for: PartKind | None = None


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
        _text,
    )
    for test in tests:
        kind = test(data, lower)
        if kind is not None:
            return kind
    return _by_name(lower, OCTETS)


def _pdf(data: bytes, name: str) -> Kind | None:
    return Kind(kind=PartKind.COVER, media="application/pdf") if data.startswith(b"%PDF-") else None


def _late_pdf(data: bytes, name: str) -> Kind | None:
    """ISO 32000-1 annex H: readers take the header anywhere in the first 1024 bytes. So it stands too in a zip or tar
    that holds a PDF: those are asked for before. So it does in a short mail that holds one as it is."""
    late = data[:1024].find(b"%PDF-") >= 0 and not _is_mail(data[:20_000].lstrip())
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
        return Kind(kind=PartKind.OTHER, media="application/java-archive", candidate_for=_role_of_name(name))
    return Kind(kind=PartKind.ARCHIVE, media=ZIP)


def _zip_names(data: bytes) -> frozenset[str] | None:
    """Lower-case names of the central directory with forward slashes; None when there is none that can be read."""
    if data.count(_CENTRAL_ENTRY) > MAX_ZIP_ENTRIES:
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return frozenset(entry.replace("\\", "/").lower() for entry in archive.namelist())
    except Exception:  # noqa: BLE001 - crafted zips raise undocumented errors (struct.error, NotImplementedError, …)
        return None


def _broken_zip(data: bytes, name: str) -> Kind:
    """A zip cut short still shows in its first local headers what it was."""
    head = data[:200_000]
    if b"xl/" in head:
        return Kind(kind=PartKind.SHEET, media=XLSX)
    if b"word/" in head:
        return Kind(kind=PartKind.OTHER, media=DOCX, candidate_for=PartKind.SHEET)
    return _by_name(name, ZIP) if _role_of_name(name) else Kind(kind=PartKind.ARCHIVE, media=ZIP)


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
    return _by_name(name, ZIP) if _role_of_name(name) else Kind(kind=PartKind.ARCHIVE, media=ZIP)


def _ole(data: bytes, name: str) -> Kind | None:
    if not data.startswith(_OLE):
        return None
    streams = _ole_streams(data)
    if streams & {"workbook", "book"}:
        return Kind(kind=PartKind.SHEET, media=XLS)
    if "encryptedpackage" in streams:
        word = name.endswith(_TEXT_NAMES)
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
    return _by_name(name, "application/x-ole-storage")


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
            meant = _role_of_name(name) if kind is PartKind.OTHER else None
            return Kind(kind=kind, media=media, candidate_for=meant)
    return None


def _text(data: bytes, name: str) -> Kind | None:
    """Text, but for what by its name is an archive: a page of a web server saved as one is a damaged archive."""
    kind = _text_kind(data, name)
    plain = kind is not None and kind.candidate_for is None and kind.media in ("text/plain", "text/html", "text/xml")
    return None if plain and names_archive(name) else kind


def _text_kind(data: bytes, name: str) -> Kind | None:
    """Text: Excel's HTML and XML by their marks, mail by its header, CSV by its name alone (it has no other mark)."""
    head = data[:65_536]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode("utf-8")
    if not head.strip() or b"\0" in head:
        return None
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lower = start.lower()
    named = name.endswith(_SHEET_NAMES)
    if start.startswith(b"{\\rtf"):
        return Kind(kind=PartKind.OTHER, media="application/rtf", candidate_for=PartKind.SHEET)
    if start.startswith(b"<"):
        return _markup(lower, named=named)
    if _is_web_archive(lower) and any(mark in lower for mark in _EXCEL_MARKS):
        return Kind(kind=PartKind.SHEET, media="multipart/related")
    if _is_mail(start):
        return Kind(kind=PartKind.OTHER, media=MAIL)
    if named:
        return Kind(kind=PartKind.SHEET, media="text/csv")
    if name.endswith(_COVER_NAMES) and sum(byte < 9 for byte in head) > 0:
        return None
    return Kind(kind=PartKind.OTHER, media="text/plain", candidate_for=_role_of_name(name))


def _is_mail(start: bytes) -> bool:
    fields = {match[1] for match in _MAIL_HEADERS.finditer(start[:20_000].lower())}
    return len(fields) >= 2 and _MAIL_START.match(start) is not None


def _is_web_archive(lower: bytes) -> bool:
    """A page saved as one file (RFC 2557), by Excel or by a browser, which calls itself its author: what no one sent. Marks
    of Excel alone do not tell: they stand in the HTML of Outlook's mails too."""
    header = _BLANK_LINE.split(lower[:20_000], maxsplit=1)[0]
    return _MIME_VERSION.search(header) is not None and _SENT.search(header) is None


def _markup(lower: bytes, *, named: bool) -> Kind:
    html = b"<html" in lower[:4096] or b"<table" in lower or lower.startswith(b"<!doctype html")
    if any(mark in lower for mark in _EXCEL_MARKS) or (named and html):
        return Kind(kind=PartKind.SHEET, media="text/html" if html else "text/xml")
    if b"opendocument.spreadsheet" in lower or named:
        return Kind(kind=PartKind.SHEET, media="text/xml")
    if b"opendocument.text" in lower or b"wordprocessingml" in lower or b"office:word" in lower:
        return Kind(kind=PartKind.OTHER, media="text/html" if html else "text/xml", candidate_for=PartKind.SHEET)
    return Kind(kind=PartKind.OTHER, media="text/html" if html else "text/xml")


def _role_of_name(name: str) -> PartKind | None:
    if name.endswith((*_SHEET_NAMES, *_TEXT_NAMES)):
        return PartKind.SHEET
    return PartKind.COVER if name.endswith(_COVER_NAMES) else None


def _by_name(name: str, media: str) -> Kind:
    """A file of no known kind counts as what it was meant to be, so that its sender is told it cannot be read."""
    if name.endswith(_SHEET_NAMES):
        return Kind(kind=PartKind.SHEET, media=media)
    if name.endswith(_COVER_NAMES):
        return Kind(kind=PartKind.COVER, media=media)
    if names_archive(name):
        return Kind(kind=PartKind.ARCHIVE, media=media)
    return Kind(kind=PartKind.OTHER, media=media, candidate_for=_role_of_name(name))
