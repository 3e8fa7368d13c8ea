"""Packs a zip anew whose table of contents is lost or damaged, as Excel does when it repairs a workbook.

Only parts that are whole are taken: each is unpacked and its checksum compared, so that nothing is misread (APPNOTE 4.3).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_LOCAL, _DESCRIPTOR = b"PK\x03\x04", b"PK\x07\x08"
_HEADER = struct.Struct("<4sHHHHHIIIHH")
_STORED, _DEFLATED = 0, 8
_LOCKED, _FOLLOWED = 0x1, 0x8
"""Flags: the part is encrypted; its checksum and sizes follow it."""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    name: str
    content: bytes
    end: int


def rescued(data: bytes, *, max_parts: int, max_unpacked: int) -> bytes | None:
    """The whole parts of a damaged package in a new one; None when there are none, or they come to more than allowed."""
    buffer, left, count = io.BytesIO(), max_unpacked, 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for entry in _entries(data, left):
            left -= len(entry.content)
            count += 1
            if left < 0 or count > max_parts:
                return None
            if entry.name not in target.NameToInfo:
                target.writestr(entry.name, entry.content)
    return buffer.getvalue() if count else None


def _entries(data: bytes, room: int) -> Iterator[_Entry]:
    at = data.find(_LOCAL)
    while at >= 0:
        entry = _entry(data, at, room)
        if entry is not None:
            room -= len(entry.content)
            yield entry
        at = data.find(_LOCAL, entry.end if entry else at + 4)


def _entry(data: bytes, at: int, room: int) -> _Entry | None:
    """The part whose local header stands at `at`; None unless all of it is there and its checksum agrees."""
    if at + _HEADER.size > len(data):
        return None
    _, _, flags, method, _, _, checksum, packed, _, name_length, extra = _HEADER.unpack_from(data, at)
    start = at + _HEADER.size + name_length + extra
    name = data[at + _HEADER.size : at + _HEADER.size + name_length].decode("utf-8", "replace")
    if flags & _LOCKED or method not in (_STORED, _DEFLATED) or not name or name.endswith("/"):
        return None
    if method == _STORED:
        if flags & _FOLLOWED or start + packed > len(data) or packed > room:
            return None
        content, end = data[start : start + packed], start + packed
    else:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = unpacker.decompress(data[start:], max(room, 1))
        except zlib.error:
            return None
        if not unpacker.eof:
            return None
        end = len(data) - len(unpacker.unused_data)
    if flags & _FOLLOWED:
        place = end + 4 if data[end : end + 4] == _DESCRIPTOR else end
        if place + 4 > len(data):
            return None
        (checksum,) = struct.unpack_from("<I", data, place)
    return _Entry(name=name, content=content, end=end) if zlib.crc32(content) == checksum else None
