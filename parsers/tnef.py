"""Opens Outlook's wrapper winmail.dat (MS-OXTNEF): its files, and the body where the mail has no other.

Attributes stand one behind the other; a wrapper cut short gives what came before the cut.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from parsers.charsets import clean, decode_text
from parsers.mapi import NAME_TAGS, Properties, properties_of
from parsers.rtf import decompressed, text_of
from parsers.transfer import Enclosed

MAGIC = b"\x78\x9f\x3e\x22"
MAX_DEPTH = 5
_HEAD = 6
_ATTRIBUTE = struct.Struct("<BII")
_CHECKSUM = 2
_SUBJECT, _BODY, _PROPERTIES, _CODE_PAGE = 0x8004, 0x800C, 0x9003, 0x9007
_RENDERING, _TITLE, _DATA, _ATTACHMENT = 0x9002, 0x8010, 0x800F, 0x9005
_PLAIN, _HTML, _RTF, _CODE_PAGE_TAG = 0x1000, 0x1013, 0x1009, 0x3FDE
_ATTACHED, _METHOD, _CONTENT_ID = 0x3701, 0x3705, 0x3712
_OBJECT = 6
"""The method of pictures and charts that were pasted into the text."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MESSAGE_IID = bytes.fromhex("0703020000000000c000000000000046")


@dataclass(frozen=True, kw_only=True)
class Unwrapped:
    """What a wrapper holds. `plain` and `html` are "" where it has no such body; `too_deep`: mails in it were left."""

    subject: str = ""
    plain: str = ""
    html: str = ""
    files: tuple[Enclosed, ...] = ()
    too_deep: bool = False


@dataclass(kw_only=True)
class _Attached:
    """One attachment while its attributes are read; mutable, and alive only within `unwrap`."""

    title: bytes = b""
    data: bytes | None = None
    properties: Properties = field(default_factory=Properties)


def unwrap(data: bytes, depth: int = 0) -> Unwrapped | None:
    """None when `data` is no such wrapper, or holds nothing. Never raises; mails attached inside are opened too, to MAX_DEPTH."""
    if not data.startswith(MAGIC) or next(_attributes(data), None) is None:
        return None
    attached: list[_Attached] = []
    of_mail: dict[int, bytes] = {}
    for name, value in _attributes(data):
        if name == _RENDERING:
            attached.append(_Attached())
        elif name in (_TITLE, _DATA, _ATTACHMENT):
            _note(attached, name, value)
        else:
            of_mail.setdefault(name, value)
    code_page = _charset(of_mail.get(_CODE_PAGE, b""))
    properties = properties_of(of_mail.get(_PROPERTIES, b""))
    text = decode_text(of_mail.get(_BODY, b"").rstrip(b"\0"), code_page)
    subject = properties.text(0x0037, code_page) or decode_text(of_mail.get(_SUBJECT, b"").rstrip(b"\0"), code_page)
    files: list[Enclosed] = []
    deep = False
    for number, one in enumerate(attached, 1):
        found, left = _files(one, number, code_page, depth)
        files += found
        deep = deep or left
    plain, html = _body(properties, code_page)
    return Unwrapped(subject=clean(subject), plain=text or plain, html=html, files=tuple(files), too_deep=deep)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(name, value) of each attribute; of the last the part that is there."""
    place = _HEAD
    while place + _ATTRIBUTE.size <= len(data):
        level, name, length = _ATTRIBUTE.unpack_from(data, place)
        if level not in (1, 2):
            return
        place += _ATTRIBUTE.size
        yield name & 0xFFFF, data[place : place + length]
        place += length + _CHECKSUM


def _note(attached: list[_Attached], name: int, value: bytes) -> None:
    if not attached:
        attached.append(_Attached())
    one = attached[-1]
    if name == _TITLE:
        one.title = value.rstrip(b"\0")
    elif name == _DATA:
        one.data = value
    else:
        one.properties = properties_of(value)


def _files(one: _Attached, number: int, code_page: str | None, depth: int) -> tuple[list[Enclosed], bool]:
    """The file of an attachment, or those of the mail it is; and whether such a mail was left for its depth."""
    properties = one.properties
    given = next((name for tag in NAME_TAGS if (name := properties.text(tag, code_page))), "")
    name = clean(given or decode_text(one.title, code_page)).strip() or f"winmail-{number}"
    held = properties.data(_ATTACHED)
    if held.startswith(_MESSAGE_IID):
        if depth >= MAX_DEPTH:
            return [], True
        inner = unwrap(held[16:], depth + 1)
        if inner is not None:
            way = f"{name or inner.subject}/"
            return [replace(file, name=way + file.name) for file in inner.files], inner.too_deep
    data = one.data if one.data is not None else held
    if not data and one.data is None:
        return [], False
    data = data[16:] if data[16:24] == _OLE else data  # an object: its interface's id stands before it
    content_id = properties.text(_CONTENT_ID, code_page).strip("<> ")
    return [
        Enclosed(
            name=name,
            data=data,
            content_id=content_id,
            inline=bool(content_id) or properties.number(_METHOD) == _OBJECT,
        )
    ], False


def _body(properties: Properties, code_page: str | None) -> tuple[str, str]:
    """Plain text and HTML. Exchange mostly keeps the body as compressed RTF alone."""
    charset = _charset(struct.pack("<I", properties.number(_CODE_PAGE_TAG))) or code_page
    plain = properties.text(_PLAIN, code_page)
    html = properties.data(_HTML)
    if html:
        return plain, decode_text(html.rstrip(b"\0"), charset)
    rtf = decompressed(properties.data(_RTF))
    return plain or text_of(rtf), ""


def _charset(raw: bytes) -> str | None:
    """Windows code page as a charset's label: 936 → cp936."""
    number = int.from_bytes(raw[:4], "little")
    return {0: None, 65001: "utf-8", 54936: "gb18030", 52936: "gb2312", 20127: "us-ascii"}.get(number, f"cp{number}")
