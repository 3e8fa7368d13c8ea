"""Reads zip archives (PKWARE APPNOTE): every method of the standard library, those of `zip_methods`, sets of split files."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from copy import copy
from itertools import accumulate

from domain.mail import FaultCause, PartFault
from parsers.archive_entries import (
    CHUNK,
    MAX_ENTRIES,
    Budget,
    Entry,
    TooLargeError,
    TooMuchError,
    bomb,
    entry_name,
    is_junk,
    is_utf8,
    shown,
    too_large,
    unreadable,
    unsupported,
)
from parsers.archive_system import Library, LibraryError
from parsers.limits import MB
from parsers.zip_end import CENTRAL_ENTRY, check_start, directory_end, without_tail
from parsers.zip_methods import DEFLATE64, OF_LIBRARY, inflated64, read_by_library

SPLIT_START = b"PK\x07\x08"
"""Before the first local header of the first of several split files (APPNOTE 8.5.3)."""
_CENTRAL = struct.Struct("<8xH18x3H12x")
_LOCAL = struct.Struct("<26x2H")
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_UNICODE_PATH = 0x7075
_DEFLATE64_BYTES = 10 * MB
"""More of it, packed, is not read: stream-inflate takes 1 to 2 s a MB, and the child has 60 s."""
_KNOWN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, DEFLATE64})


def unzip(volumes: Sequence[bytes], name: str, budget: Budget, library: Library) -> Iterator[Entry | PartFault]:
    """Every file of the zip, in its order, and a fault for what cannot be had. `volumes`: a split one in its order, that
    with the directory (.zip) last. Raises TooMuchError past the budget."""
    data = without_tail(volumes[0] if len(volumes) == 1 else b"".join(volumes))
    # Counted before zipfile makes an object of each: a 60 MB directory would take a gigabyte.
    if data.count(CENTRAL_ENTRY) > MAX_ENTRIES:
        yield bomb(name, "too many entries")
        return
    if data.startswith(SPLIT_START) and (len(volumes) == 1 or _last_disk(data) != len(volumes) - 1):
        yield unreadable(name, FaultCause.VOLUMES, "split files are missing")
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(_with_true_flags(data)))
        _place(archive, data, volumes)
        check_start(archive, data)
    except Exception as error:  # noqa: BLE001 - crafted zips raise undocumented errors (struct.error, ValueError, …)
        cause = FaultCause.VOLUMES if _is_one_of_several(data) else FaultCause.DAMAGED
        yield unreadable(name, cause, type(error).__name__)
        return
    with archive:
        yield from _entries(archive, data, name, budget, library)


def _is_one_of_several(data: bytes) -> bool:
    """Whether this is a lone file of a split zip: the first by its mark, the last by the number in its directory."""
    return data.startswith(SPLIT_START) or _last_disk(data) > 0


def _last_disk(data: bytes) -> int:
    """The number of the split file that ends the zip, 0 for a zip in one file (zip64 may write FFFF for that)."""
    end = directory_end(data)
    return end.disk if end and end.disk != 0xFFFF else 0


def _place(archive: zipfile.ZipFile, data: bytes, volumes: Sequence[bytes]) -> None:
    """Makes offsets within split files offsets in `data`. Raises ValueError when files are missing."""
    last = _last_disk(data)
    end = directory_end(data)
    if not last or end is None:
        return  # also a plain zip that a program cut in pieces (.zip.001): put together, it is as it was
    if last != len(volumes) - 1:
        raise ValueError("split files are missing")
    starts = [0, *accumulate(len(volume) for volume in volumes)]
    added = archive.start_dir - end.offset  # what zipfile added to all offsets: right for the last file alone
    for info in archive.infolist():
        info.header_offset += starts[info.volume] - added


def _with_true_flags(data: bytes) -> bytes:
    """The zip without the UTF-8 flag where a name is no UTF-8 at all: zipfile would refuse the whole of it."""
    end = directory_end(data)
    made = bytearray()
    place = end.place - end.size if end else 0
    while end and 0 <= place <= end.place - _CENTRAL.size and data.startswith(CENTRAL_ENTRY, place):
        flags, name_size, extra_size, comment_size = _CENTRAL.unpack_from(data, place)
        name = data[place + _CENTRAL.size : place + _CENTRAL.size + name_size]
        if flags & _UTF8_FLAG and not is_utf8(name):
            made = made or bytearray(data)
            struct.pack_into("<H", made, place + 8, flags & ~_UTF8_FLAG)
        place += _CENTRAL.size + name_size + extra_size + comment_size
    return bytes(made) or data


def _entries(
    archive: zipfile.ZipFile, data: bytes, name: str, budget: Budget, library: Library
) -> Iterator[Entry | PartFault]:
    # A file without a name of its own looks like a folder, but for its bytes.
    files = [info for info in archive.infolist() if info.file_size or not info.filename.endswith("/")]
    if any(info.flag_bits & _ENCRYPTED_FLAG for info in files):
        yield unreadable(name, FaultCause.LOCKED)
        files = [info for info in files if not info.flag_bits & _ENCRYPTED_FLAG]
    slow = 0
    for info in files:
        budget.count_entry()
        own = _name(info)
        if is_junk(own):
            continue
        if info.compress_type == DEFLATE64:
            slow += info.compress_size
        known = _KNOWN | OF_LIBRARY if library.version else _KNOWN
        if info.compress_type not in known or slow > _DEFLATE64_BYTES:
            yield unsupported(name, f"zip method {info.compress_type}")
            continue
        try:
            yield Entry(name=own, data=budget.collect(_pieces(archive, data, info, library)))
        except TooMuchError:
            raise
        except TooLargeError:
            yield too_large(f"{name}/{own}", budget)
        except LibraryError as error:
            told = str(error)
            yield unsupported(name, told) if error.not_read else unreadable(f"{name}/{own}", FaultCause.DAMAGED, told)
        except Exception as error:  # noqa: BLE001 - decompressors raise zlib.error, EOFError, LZMAError, struct.error, …
            yield unreadable(f"{name}/{own}", FaultCause.DAMAGED, type(error).__name__)


def _pieces(archive: zipfile.ZipFile, data: bytes, info: zipfile.ZipInfo, library: Library) -> Iterator[bytes]:
    if info.compress_type == DEFLATE64:
        yield from inflated64(data, info)
        return
    if info.compress_type in OF_LIBRARY:
        yield from read_by_library(data, info, library)
        return
    with archive.open(_as_in_its_header(data, info)) as stream:
        while piece := stream.read(CHUNK):
            yield piece


def _as_in_its_header(data: bytes, info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The entry under the name in its own header: zipfile refuses it where the directory's is another, as some programs
    write it (a\\b there, a/b here). Its check sum tells whether it is the right one."""
    place = info.header_offset
    if not 0 <= place <= len(data) - 30:
        return info
    (flags,) = struct.unpack_from("<H", data, place + 6)
    name_size, _ = _LOCAL.unpack_from(data, place)
    named = copy(info)
    charset = "utf-8" if flags & _UTF8_FLAG else "cp437"  # as zipfile has it
    named.orig_filename = data[place + 30 : place + 30 + name_size].decode(charset)
    return named


def _name(info: zipfile.ZipInfo) -> str:
    """The entry's name: the Unicode Path field (APPNOTE 4.6.9), the UTF-8 flag, else the bytes as UTF-8 or GBK."""
    if info.flag_bits & _UTF8_FLAG:
        return shown(info.orig_filename)
    raw = info.orig_filename.encode("cp437", "replace")  # what zipfile decoded, undone
    field = _unicode_path(info.extra, raw)
    return shown(field) if field else entry_name(raw)


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
