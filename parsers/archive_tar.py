"""Reads tar archives and what is packed alone or round them by gzip, bzip2 or xz: the standard library does it all."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator

from domain.mail import FaultCause, PartFault
from parsers.archive_entries import (
    CHUNK,
    Budget,
    Entry,
    TooLargeError,
    TooMuchError,
    entry_name,
    is_junk,
    too_large,
    unreadable,
)
from parsers.archive_kinds import BZIP2, GZIP, XZ, is_tar

_OPENERS: dict[str, Callable[[io.BytesIO], io.BufferedIOBase]] = {
    BZIP2: bz2.BZ2File,
    XZ: lzma.LZMAFile,
}
_ENDINGS = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".gz": "", ".bz2": "", ".xz": ""}
_BLOCK = 512
_GZIP_NAME, _GZIP_EXTRA = 0x08, 0x04
_PAX = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
_EXTENSIONS = (*_PAX, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_MAX_EXTENSION = 65_536
_MAX_DIGITS = 64
"""Digits in a row in a pax header: tarfile's patterns take the square of their number (CVE-2024-6232)."""
_DIGITS = re.compile(rb"\d+")


def unwrap(data: bytes, name: str, media: str, budget: Budget) -> Iterator[Entry | PartFault]:
    """The files of a tar in a gzip, bzip2 or xz stream, or the one file that the stream holds. Raises TooMuchError."""
    content = bytearray()
    fault = None
    try:
        for piece in _pieces(data, media):
            budget.count(len(piece))
            content += piece
            if len(content) > budget.file_bytes and not is_tar(content):
                yield too_large(name, budget)
                return
    except TooMuchError:
        raise
    except Exception as error:  # noqa: BLE001 - zlib.error, EOFError, LZMAError, OSError, MemoryError and others
        fault = unreadable(name, FaultCause.DAMAGED, type(error).__name__)
    if is_tar(content):
        yield from untar(bytes(content), name, budget, counted=True)
    elif fault is None:
        budget.count_entry()
        yield Entry(name=_name_within(data, name, media), data=bytes(content))
    if fault:
        yield fault


def _pieces(data: bytes, media: str) -> Iterator[bytes]:
    if media == GZIP:
        yield from _gunzip(data)
        return
    with _OPENERS[media](io.BytesIO(data)) as stream:
        while piece := stream.read(CHUNK):
            yield piece


def _gunzip(data: bytes) -> Iterator[bytes]:
    """All members (RFC 1952, 2.2). Other bytes after them are no matter, as bz2 and lzma have it: gzip would raise."""
    more = True
    while more:
        inflate = zlib.decompressobj(wbits=31)
        while piece := inflate.decompress(data, CHUNK):
            yield piece
            data = inflate.unconsumed_tail
        if not inflate.eof:
            raise EOFError
        data = inflate.unused_data.lstrip(b"\0")
        more = data.startswith(b"\x1f\x8b")


def _name_within(data: bytes, name: str, media: str) -> str:
    """What the one file was called: by the gzip header (RFC 1952, 2.3), else the archive's name less its ending."""
    stored = _gzip_name(data) if media == GZIP else b""
    if stored:
        return entry_name(stored)
    own = name.rsplit("/", 1)[-1]
    ending = next((ending for ending in _ENDINGS if own.lower().endswith(ending) and len(own) > len(ending)), None)
    return own if ending is None else own[: -len(ending)] + _ENDINGS[ending]


def _gzip_name(data: bytes) -> bytes:
    flags = data[3] if len(data) > 10 else 0
    if not flags & _GZIP_NAME:
        return b""
    start = 10 + (2 + int.from_bytes(data[10:12], "little") if flags & _GZIP_EXTRA else 0)
    return data[start : start + 1000].partition(b"\0")[0]


def untar(data: bytes, name: str, budget: Budget, *, counted: bool = False) -> Iterator[Entry | PartFault]:
    """Every file of the tar, hard links as the files they link to, and a fault for what cannot be had.

    `counted`: the bytes of `data` are in the budget already. Raises TooMuchError past it.
    """
    if not counted:
        budget.count(len(data))
    # surrogateescape keeps every byte of a name that is no UTF-8, so that it can be read as GBK.
    options: dict[str, str] = {"encoding": "utf-8", "errors": "surrogateescape"}
    try:
        with tarfile.TarFile(fileobj=io.BytesIO(data), mode="r", tarinfo=_bounded(budget), **options) as archive:  # type: ignore[arg-type]
            yield from _members(archive, len(data), name, budget)
            whole = _ends(data, archive)
    except TooMuchError:
        raise
    except Exception as error:  # noqa: BLE001 - tarfile raises ValueError, RecursionError and others on crafted headers
        yield unreadable(name, FaultCause.DAMAGED, type(error).__name__)
        return
    if not whole:
        yield unreadable(name, FaultCause.DAMAGED, "ends in the middle")


def _bounded(budget: Budget) -> type[tarfile.TarInfo]:
    """Headers as tarfile reads them, but for extension headers that no program writes: it takes them at their word,
    however long they are, with patterns whose time grows with the square of that."""

    class Bounded(tarfile.TarInfo):
        def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
            """Overrides what tarfile names for that: the entry point to the reading of a header by its type."""
            if self.type in _EXTENSIONS:
                budget.count_extension(self.size)
                if self.size > _MAX_EXTENSION or (self.type in _PAX and not _is_sound_pax(_ahead(archive, self.size))):
                    raise ValueError("an extension header that no program writes")
            member: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
            return member

    return Bounded


def _ahead(archive: tarfile.TarFile, size: int) -> bytes:
    """The next `size` bytes of the archive, which are read again after that."""
    stream = archive.fileobj
    if stream is None:
        return b""
    place = stream.tell()
    data = stream.read(size)
    stream.seek(place)
    return data


def _is_sound_pax(header: bytes) -> bool:
    """Whether it consists of records, `length keyword=value` and a line end each (POSIX pax, Extended Header)."""
    place = 0
    while place < len(header):
        space = header.find(b" ", place, place + 6)
        told = header[place:space]
        if space < 0 or not told.isdigit() or int(told) == 0:
            return False
        end = place + int(told)
        if end > len(header) or header[end - 1 : end] != b"\n" or header.find(b"=", space, end) < 0:
            return False
        place = end
    return all(len(run) <= _MAX_DIGITS for run in _DIGITS.findall(header))


def _members(archive: tarfile.TarFile, size: int, name: str, budget: Budget) -> Iterator[Entry | PartFault]:
    seen: dict[str, bytes] = {}
    while member := archive.next():
        budget.count_entry()
        if archive.offset > size:
            raise EOFError("ends in the middle")
        own = entry_name(member.name.encode("utf-8", "surrogateescape"))
        if not (member.isreg() or member.islnk()) or is_junk(own):
            continue
        try:
            # tarfile would follow a link by reading all other headers first, however many there are.
            data = seen[member.linkname] if member.islnk() else _read(archive, member, budget)
        except TooLargeError:
            yield too_large(f"{name}/{own}", budget)
        except Exception as error:  # noqa: BLE001 - as above; a link whose target is missing is a KeyError
            yield unreadable(f"{name}/{own}", FaultCause.DAMAGED, type(error).__name__)
        else:
            if member.islnk() or member.sparse:
                budget.count(len(data))  # more than what lies in the archive
            seen[member.name] = data
            yield Entry(name=own, data=data)


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, budget: Budget) -> bytes:
    if member.size > budget.file_bytes:
        raise TooLargeError
    stream = archive.extractfile(member)
    data = stream.read() if stream else b""
    if len(data) < member.size:
        raise EOFError
    return data


def _ends(data: bytes, archive: tarfile.TarFile) -> bool:
    """Whether the last member is followed by the block of zeros that ends a tar (POSIX pax, ustar). tarfile takes a header
    that it cannot read for the end as well, and says nothing of what comes after."""
    end = data[archive.offset : archive.offset + _BLOCK]
    return len(end) == _BLOCK and not any(end)
