"""Unpacks the entries of a zip whose methods the standard library leaves out (PKWARE APPNOTE 4.4.5)."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator

from stream_inflate import stream_inflate64

from parsers.archive_entries import CHUNK, TooLargeError
from parsers.archive_kinds import ZIP
from parsers.archive_system import Library
from parsers.zip_end import LOCAL_ENTRY

DEFLATE64 = 9
OF_LIBRARY = frozenset({93, 95, 98})
"""Zstandard, XZ and PPMd: what libarchive 3.6 reads of the rest."""
_LOCAL = struct.Struct("<26x2H")
_ALONE_LOCAL = struct.Struct("<4s5H3I2H")
_ALONE_CENTRAL = struct.Struct("<4s6H3I5H2I")
_ALONE_END = struct.Struct("<4s4H2IH")
_FOLLOWED = 0x8


def inflated64(data: bytes, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """An entry packed by Deflate64. Raises ValueError where the check sum does not fit."""
    packed = _packed(data, info)
    inflate, *_ = stream_inflate64(chunk_size=CHUNK)
    check = 0
    for piece in inflate(packed[at : at + CHUNK] for at in range(0, len(packed), CHUNK)):
        check = zlib.crc32(piece, check)
        yield piece
    if check != info.CRC:
        raise ValueError("check sum")


def read_by_library(data: bytes, info: zipfile.ZipInfo, library: Library) -> Iterator[bytes]:
    """An entry packed by a method of OF_LIBRARY, whose check sum the library compares. It is given a zip of this entry alone,
    so that it reads nothing else of a stranger's zip. Raises LibraryError."""
    if max(info.file_size, info.compress_size) >> 32:
        raise TooLargeError
    for member in library.members(_alone(_packed(data, info), info), ZIP):
        if member is not None:
            yield from member.pieces


def _packed(data: bytes, info: zipfile.ZipInfo) -> bytes:
    if data[info.header_offset : info.header_offset + 4] != LOCAL_ENTRY:
        raise ValueError("no local header")
    name_size, extra_size = _LOCAL.unpack_from(data, info.header_offset)
    start = info.header_offset + 30 + name_size + extra_size
    return data[start : start + info.compress_size]


def _alone(packed: bytes, info: zipfile.ZipInfo) -> bytes:
    """A zip of one entry named x (APPNOTE 4.3.7, 4.3.12, 4.3.16)."""
    flags = info.flag_bits & ~_FOLLOWED
    told = (flags, info.compress_type, 0, 0, info.CRC, len(packed), info.file_size, 1, 0)
    local = _ALONE_LOCAL.pack(b"PK\x03\x04", 63, *told) + b"x" + packed
    central = _ALONE_CENTRAL.pack(b"PK\x01\x02", 63, 63, *told, 0, 0, 0, 0, 0) + b"x"
    return local + central + _ALONE_END.pack(b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)
