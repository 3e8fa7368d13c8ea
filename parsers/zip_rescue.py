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


_MAX_FAILED = 5_000
"""Headers with no whole part behind them: a real file has a few, by chance or from the damage."""
_WINDOW = 1 << 16
"""Bytes that are unpacked at a time, and made: handed all that is left, zlib would copy it for every header."""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    name: str
    content: bytes
    end: int


class _GaveUp(Exception):
    """More headers lead nowhere, or more bytes were read behind them, than in any package that is only damaged."""


@dataclass(kw_only=True)
class Search:
    """What looking for parts has cost: mutable, for it is counted up. `failed`: headers without a whole part;
    `wasted`: bytes read and made behind those."""

    failed: int = 0
    wasted: int = 0


def rescued(data: bytes, *, max_parts: int, max_unpacked: int, search: Search | None = None) -> bytes | None:
    """The whole parts of a damaged package in a new one; None when there are none, or they come to more than allowed, or
    the search for them does: `max_unpacked` bounds both. `search` is counted up."""
    buffer, left, count = io.BytesIO(), max_unpacked, 0
    try:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
            for entry in _entries(data, left, search or Search()):
                left -= len(entry.content)
                count += 1
                if left < 0 or count > max_parts:
                    return None
                if entry.name not in target.NameToInfo:
                    target.writestr(entry.name, entry.content)
    except _GaveUp:
        return None
    return buffer.getvalue() if count else None


def _entries(data: bytes, room: int, search: Search) -> Iterator[_Entry]:
    most = room
    at = data.find(_LOCAL)
    while at >= 0:
        entry = _entry(data, at, room, search)
        if entry is not None:
            room -= len(entry.content)
            yield entry
        else:
            search.failed += 1
            if search.failed > _MAX_FAILED or search.wasted > most:
                raise _GaveUp
        at = data.find(_LOCAL, entry.end if entry else at + 4)


def _entry(data: bytes, at: int, room: int, search: Search) -> _Entry | None:
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
        found = _inflated(data, start, room, search)
        if found is None:
            return None
        content, end = found
    if flags & _FOLLOWED:
        place = end + 4 if data[end : end + 4] == _DESCRIPTOR else end
        if place + 4 > len(data):
            return None
        (checksum,) = struct.unpack_from("<I", data, place)
    if zlib.crc32(content) != checksum:
        search.wasted += end - start + len(content)
        return None
    return _Entry(name=name, content=content, end=end)


def _inflated(data: bytes, start: int, room: int, search: Search) -> tuple[bytes, int] | None:
    """The content of the deflate stream at `start`, at most `room` bytes, and where it ends; None when it is not whole."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    left, place = room, start
    try:
        while left >= 0 and not unpacker.eof:
            window = data[place : place + _WINDOW]
            piece = unpacker.decompress(window, _WINDOW)
            # At the end the unused bytes may stand in both: they are counted once.
            place += len(window) - len(unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail)
            left -= len(piece)
            pieces.append(piece)
            if not window and not piece:
                break
    except zlib.error:
        place += _WINDOW
    if unpacker.eof and left >= 0:
        return b"".join(pieces), place
    search.wasted += place - start + room - left
    return None
