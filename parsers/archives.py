"""Opens zip archives in memory, within bounds: every file in them comes out under its name, or its fault does.

Other archives (rar, 7z, tar.gz, TNEF) are named as unsupported until their readers come.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from domain.mail import PartFault
from parsers.charsets import clean, decode_text
from parsers.kinds import MAX_ZIP_ENTRIES, ZIP
from parsers.limits import Limits

_JUNK = ("__macosx/",)
_JUNK_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
"""What file managers put beside people's files: no one sent it."""

_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_UNICODE_PATH = 0x7075
_CHUNK = 1 << 18
MAX_DEPTH = 5


class Budget:
    """Bytes that the archives of one mail may still unpack to. The only mutable value here: it is counted down."""

    def __init__(self, limits: Limits) -> None:
        self.left = limits.unpacked_bytes
        self.file_bytes = limits.file_bytes


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file out of an archive; `name` is its own, without the way."""

    name: str
    data: bytes


class _TooMuchError(Exception):
    """The archives of a mail unpack to more than `limits.unpacked_bytes`."""


class _TooLargeError(Exception):
    """One file of an archive is larger than `limits.file_bytes`."""


def unpack(data: bytes, name: str, media: str, budget: Budget) -> Iterator[Entry | PartFault]:
    """Every file of the archive `data`, in its order, and a fault for what cannot be had. Never raises.

    Faults: `attachment.unreadable` (damaged, or locked with a password), `attachment.bomb`, `attachment.too_large`,
    `attachment.unsupported`. Names of entries are decoded (UTF-8, else GBK), never made safe: they are never paths here.
    """
    if media != ZIP:
        yield PartFault(name=name, code="attachment.unsupported", detail=media)
        return
    # Counted before zipfile makes an object of each: a 60 MB directory would take a gigabyte.
    if data.count(b"PK\x01\x02") > MAX_ZIP_ENTRIES:
        yield PartFault(name=name, code="attachment.bomb", detail="too many entries")
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:  # noqa: BLE001 - crafted zips raise undocumented errors (struct.error, ValueError, …)
        yield PartFault(name=name, code="attachment.unreadable", detail=type(error).__name__)
        return
    with archive:
        yield from _entries(archive, name, budget)


def _entries(archive: zipfile.ZipFile, name: str, budget: Budget) -> Iterator[Entry | PartFault]:
    files = [info for info in archive.infolist() if not info.filename.endswith("/")]  # is_dir() raises on an empty name
    if any(info.flag_bits & _ENCRYPTED_FLAG for info in files):
        yield PartFault(name=name, code="attachment.unreadable", detail="password")
        files = [info for info in files if not info.flag_bits & _ENCRYPTED_FLAG]
    for info in files:
        entry_name = _name(info)
        if _is_junk(entry_name):
            continue
        try:
            yield Entry(name=entry_name, data=_read(archive, info, budget))
        except _TooMuchError:
            yield PartFault(name=name, code="attachment.bomb", detail="unpacks to too much")
            return
        except _TooLargeError:
            yield PartFault(name=f"{name}/{entry_name}", code="attachment.too_large", limit=budget.file_bytes)
        except Exception as error:  # noqa: BLE001 - decompressors raise zlib.error, EOFError, LZMAError, struct.error, …
            detail = type(error).__name__
            yield PartFault(name=f"{name}/{entry_name}", code="attachment.unreadable", detail=detail)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> bytes:
    """The entry's bytes, counted as they come: the sizes that a directory tells may be lies."""
    pieces: list[bytes] = []
    size = 0
    with archive.open(info) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            budget.left -= len(piece)
            if budget.left < 0:
                raise _TooMuchError
            if size > budget.file_bytes:
                raise _TooLargeError
            pieces.append(piece)
    return b"".join(pieces)


def _name(info: zipfile.ZipInfo) -> str:
    """The entry's name: the Unicode Path field (APPNOTE 4.6.9), the UTF-8 flag, else the bytes as UTF-8 or GBK."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437", "replace")  # what zipfile decoded, undone
        name = _unicode_path(info.extra, raw) or decode_text(raw)
    return clean(name.replace("\\", "/"))


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """The name in the Info-ZIP Unicode Path field, "" when there is none or it belongs to another name."""
    place = 0
    while place + 4 <= len(extra):
        tag, size = struct.unpack_from("<HH", extra, place)
        field = extra[place + 4 : place + 4 + size]
        if tag == _UNICODE_PATH and len(field) > 5 and struct.unpack_from("<I", field, 1)[0] == zlib.crc32(raw):
            return field[5:].decode("utf-8", "replace")
        place += 4 + size
    return ""


def _is_junk(name: str) -> bool:
    lower = name.lower()
    return lower.startswith(_JUNK) or lower.rsplit("/", 1)[-1] in _JUNK_FILES
