"""Tells the kinds of text: Excel's HTML and XML, mails, saved pages, RTF, CSV."""

from __future__ import annotations

import re

from domain.mail import PartKind
from parsers.archive_kinds import names_archive
from parsers.kind_names import COVER_NAMES, MAIL, SHEET_NAMES, Kind, role_of_name

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


def text_kind(data: bytes, name: str) -> Kind | None:
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
    named = name.endswith(SHEET_NAMES)
    if start.startswith(b"{\\rtf"):
        return Kind(kind=PartKind.OTHER, media="application/rtf", candidate_for=PartKind.SHEET)
    if start.startswith(b"<"):
        return _markup(lower, named=named)
    if _is_web_archive(lower) and any(mark in lower for mark in _EXCEL_MARKS):
        return Kind(kind=PartKind.SHEET, media="multipart/related")
    if is_mail(start):
        return Kind(kind=PartKind.OTHER, media=MAIL)
    if named:
        return Kind(kind=PartKind.SHEET, media="text/csv")
    if name.endswith(COVER_NAMES) and sum(byte < 9 for byte in head) > 0:
        return None
    return Kind(kind=PartKind.OTHER, media="text/plain", candidate_for=role_of_name(name))


def is_mail(start: bytes) -> bool:
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
