"""Reads rar and 7z archives, and what zip files Python does not unpack, by the system's libarchive, where there is one: the
one door to it.

Only the one format that the first bytes tell is switched on, so that no other reader of the library sees a stranger's
bytes. Its words on passwords differ with its version and format: `rar_headers` is asked as well.
"""

from __future__ import annotations

import ctypes
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, Protocol

from parsers.archive_entries import CHUNK
from parsers.archive_kinds import RAR, SEVEN_ZIP, ZIP

# Not cab: libarchive 3.6 breaks the heap on altered LZX cabinets, as altering files showed, and nobody packs a return so.
_FORMATS = {RAR: "rar", SEVEN_ZIP: "7zip", ZIP: "zip_seekable"}
FORMATS = frozenset({RAR, SEVEN_ZIP})
"""What it reads as a whole."""
_NOT_READ = re.compile(
    r"(?:un|not (?:currently )?)supported(?! block)|support unavailable|[Uu]nknown codec|No support|Unsupported (?:comp|ZIP)"
)
"""What libarchive (3.6 to 3.8) says of a way of packing that it does not read: solid rar 4, filters, codecs of 7z and zip."""
_SONAME = "libarchive.so.13"
"""Of every libarchive since 3.0 (2011) on Linux."""
_LC_CTYPE_MASK = 1
_REGULAR, _KIND = 0o100000, 0o170000


class LibraryError(Exception):
    """The library cannot go on. `str()` is its own short English text."""

    @property
    def not_read(self) -> bool:
        """Not damaged, but packed in a way that this version does not read."""
        return _NOT_READ.search(str(self)) is not None


class LockedError(LibraryError):
    """What is to be read needs a password."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A file in an archive. `raw`: its name as it was stored, or, where the archive has Unicode, as UTF-8. `pieces` must be
    read before the next member and raise LibraryError. `link`: the name of the member whose bytes are its own."""

    raw: bytes
    size: int | None
    pieces: Iterator[bytes]
    link: bytes | None = None
    locked: bool = False


class Library(Protocol):
    """What reads the formats of FORMATS, and ZIP. `version` is None when there is nothing that does, and `members` is not called."""

    @property
    def version(self) -> str | None: ...

    def members(self, data: bytes, media: str) -> Iterator[Member | None]:
        """The files of the archive in its order, None for a folder or link. Raises LibraryError."""
        ...


class SystemLibrary:
    """libarchive through libarchive-c. It is looked for when it is first asked, once a process."""

    @property
    def version(self) -> str | None:
        library = _library()
        if library is None:
            return None
        number = int(library.version_number())
        return f"libarchive {number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"

    def members(self, data: bytes, media: str) -> Iterator[Member | None]:
        from libarchive.entry import new_archive_entry
        from libarchive.exception import ArchiveError
        from libarchive.read import new_archive_read

        library = _library()
        if library is None:
            raise LibraryError("no library")
        form = "rar5" if data.startswith(b"Rar!\x1a\x07\x01") else _FORMATS[media]
        with new_archive_read(form, "none") as archive, new_archive_entry() as entry:
            try:
                library.read_open_memory(archive, ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data))
            except ArchiveError as error:  # not to be asked about passwords: it follows a stray pointer then (3.6)
                raise LibraryError(_text(error)) from None
            try:
                while (member := _next(library, archive, entry)) is not _END:
                    yield member if isinstance(member, Member) else None
            except ArchiveError as error:
                raise _told(library, archive, error) from None


_END = object()


def _next(library: Any, archive: int, entry: int) -> Member | object | None:
    with _utf8_names():
        if library.read_next_header2(archive, entry) == library.ARCHIVE_EOF:
            return _END
        raw, link = library.entry_pathname(entry), library.entry_hardlink(entry)
    if library.entry_filetype(entry) & _KIND != _REGULAR:
        return None
    size = library.entry_size(entry) if library.entry_size_is_set(entry) else None
    return Member(
        raw=raw or b"",
        size=size,
        pieces=_pieces(library, archive),
        link=link,
        locked=bool(library.entry_is_data_encrypted(entry)),
    )


def _pieces(library: Any, archive: int) -> Iterator[bytes]:
    from libarchive.exception import ArchiveError

    buffer = ctypes.create_string_buffer(CHUNK)
    try:
        while (size := library.read_data(archive, buffer, CHUNK)) > 0:
            yield ctypes.string_at(buffer, size)
    except ArchiveError as error:
        raise _told(library, archive, error) from None
    if size < 0:
        raise LibraryError("read with a warning")


def _told(library: Any, archive: int, error: Exception) -> LibraryError:
    return (LockedError if library.read_has_encrypted_entries(archive) > 0 else LibraryError)(_text(error))


def _text(error: Exception) -> str:
    return str(getattr(error, "msg", "") or "unknown error")


@cache
def _library() -> ModuleType | None:
    """The functions of libarchive, None where the system has none (libarchive-c then fails as it is imported)."""
    # Left to itself libarchive-c asks other programs where the library is, and children start none.
    os.environ.setdefault("LIBARCHIVE", _SONAME)
    try:
        from libarchive import ffi
    except (ImportError, OSError, AttributeError, TypeError):
        return None
    # Its warnings quote names of strangers' files; what they warn of is told by the results.
    logging.getLogger("libarchive").setLevel(logging.CRITICAL)
    ffi.ffi("entry_is_data_encrypted", [ffi.c_archive_entry_p], ctypes.c_int)
    ffi.ffi("read_has_encrypted_entries", [ffi.c_archive_p], ctypes.c_int)
    module: ModuleType = ffi
    return module


@contextmanager
def _utf8_names() -> Iterator[None]:
    """In a locale without UTF-8 the library gives no name at all for one outside ASCII (its issue 587). Only this thread's
    locale is changed, and only while a header is read."""
    libc = _libc()
    before = libc.uselocale(_utf8_locale())
    try:
        yield
    finally:
        libc.uselocale(before)


@cache
def _libc() -> Any:
    libc = ctypes.CDLL(None)
    libc.newlocale.restype = libc.uselocale.restype = ctypes.c_void_p
    libc.newlocale.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p]
    libc.uselocale.argtypes = [ctypes.c_void_p]
    return libc


@cache
def _utf8_locale() -> int | None:
    """None, which changes nothing, where the system knows no C.UTF-8."""
    made: int | None = _libc().newlocale(_LC_CTYPE_MASK, b"C.UTF-8", None)
    return made
