"""Finds where a zip ends, and whether its directory is its own (PKWARE APPNOTE 4.3)."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass

LOCAL_ENTRY = b"PK\x03\x04"
CENTRAL_ENTRY = b"PK\x01\x02"
_END = b"PK\x05\x06"
_RECORD = struct.Struct("<4xH6x2IH")
_LOCAL = struct.Struct("<26x2H")
_SEEN_BY_ZIPFILE = _RECORD.size + 0xFFFF
"""How far from the end zipfile looks for the record: past the longest comment that may follow it."""


@dataclass(frozen=True, kw_only=True)
class DirectoryEnd:
    """The end-of-central-directory record (APPNOTE 4.3.16), found at `place`."""

    place: int
    disk: int
    size: int
    offset: int
    comment: int


def directory_end(data: bytes) -> DirectoryEnd | None:
    """The last record in the bytes, None when there is none."""
    place = data.rfind(_END)
    if not 0 <= place <= len(data) - _RECORD.size:
        return None
    disk, size, offset, comment = _RECORD.unpack_from(data, place)
    return DirectoryEnd(place=place, disk=disk, size=size, offset=offset, comment=comment)


def without_tail(data: bytes) -> bytes:
    """The zip without what stands behind it, where that is more than zipfile looks past: programs for archives pass over
    it, and disks and gateways leave such tails of zeros."""
    end = directory_end(data)
    if end is None or len(data) - end.place <= _SEEN_BY_ZIPFILE:
        return data
    if not 0 < end.size <= end.place or not data.startswith(CENTRAL_ENTRY, end.place - end.size):
        return data
    return data[: end.place + _RECORD.size + end.comment]


def check_start(archive: zipfile.ZipFile, data: bytes) -> None:
    """Raises ValueError when the directory is that of a workbook in a zip that has lost its own: zipfile takes the last one
    that it finds. Before a zip other bytes may stand, but no entries."""
    first = min((info.header_offset for info in archive.infolist()), default=archive.start_dir)
    if data.find(LOCAL_ENTRY, 0, first) >= 0:
        raise ValueError("the directory is missing")


def first_name(data: bytes) -> bytes:
    """The name in the first local header, b"" when there is none."""
    place = data.find(LOCAL_ENTRY)
    if not 0 <= place <= len(data) - 30:
        return b""
    size, _ = _LOCAL.unpack_from(data, place)
    return data[place + 30 : place + 30 + size]
