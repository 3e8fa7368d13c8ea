"""Tells archives and their kinds by their first bytes, and by their names where those say nothing."""

from __future__ import annotations

import re

ZIP = "application/zip"
RAR = "application/vnd.rar"
SEVEN_ZIP = "application/x-7z-compressed"
CAB = "application/vnd.ms-cab-compressed"
TAR = "application/x-tar"
GZIP = "application/gzip"
BZIP2 = "application/x-bzip2"
XZ = "application/x-xz"
TNEF = "application/ms-tnef"
OCTETS = "application/octet-stream"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"PK\x07\x08", ZIP),
    (b"PK00PK\x03\x04", ZIP),
    (b"Rar!\x1a\x07", RAR),
    (b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
    (b"\x1f\x8b\x08", GZIP),
    (b"BZh", BZIP2),
    (b"\xfd7zXZ\x00", XZ),
    (b"MSCF\x00\x00\x00\x00", CAB),
    (b"\x78\x9f\x3e\x22", TNEF),
)
_READ = r"\.(?:zip|rar|7z|tar|tgz|tbz2?|txz|gz|bz2|xz)"
_READ_HERE = re.compile(_READ + r"(?:\.\d{3,4})?$", re.IGNORECASE)
_ANY = re.compile(
    rf"(?:{_READ}|\.(?:zipx|cab|zst|lz4?|lzma|lzh|lha|arj|ace|alz|egg|iso|wim|z))(?:\.\d{{3,4}})?$|\.[rz]\d\d$",
    re.IGNORECASE,
)


def archive_media(data: bytes) -> str:
    """The media type of an archive by its beginning alone, OCTETS where that says nothing."""
    known = (media for magic, media in _MAGIC if data.startswith(magic))
    return next(known, TAR if is_tar(data) else OCTETS)


def names_archive(name: str) -> bool:
    """Whether it is the name of an archive, or of a volume of one."""
    return _ANY.search(name) is not None


def names_archive_read_here(name: str) -> bool:
    """Whether it is the name of an archive of a kind that we read, or of a numbered volume of one."""
    return _READ_HERE.search(name) is not None


def is_tar(data: bytes | bytearray) -> bool:
    """By its mark, or the check sum of the first header (POSIX pax, ustar Interchange Format): old tars have no mark."""
    head = data[:512]
    told = head[148:156].strip(b" \0")
    if head[257:262] == b"ustar":
        return True
    if len(head) < 512 or not re.fullmatch(rb"[0-7]{1,8}", told):
        return False
    return sum(head[:148]) + 8 * 32 + sum(head[156:]) == int(told, 8) and head[0] > 0
