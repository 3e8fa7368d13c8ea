"""What comes out of archives of every kind, and the bounds within which it comes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.mail import FaultCause, PartFault
from parsers.charsets import clean, decode_text
from parsers.limits import Limits

MAX_ENTRIES = 5_000
"""Entries of all archives of one mail, folders and links among them: past it somebody means harm."""
MAX_LEAVES = 20_000
"""Parts of the mail and of all mails in it: a real one has dozens."""
MAX_BLOCKS = 1_000
"""Places in the texts of all these where a uuencoded file begins, or seems to."""
MAX_EXTENSIONS = 4_000_000
"""Bytes of the headers with which tar archives tell long names and the like: some hundred a file."""
CHUNK = 1 << 18

_JUNK = ("__macosx/",)
_JUNK_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
"""What file managers put beside people's files: no one sent it."""
_BESIDE = ("~$", ".~", "._")
"""How names begin of what office programs (Excel, WPS, LibreOffice) and the Finder put beside a file that is open, or was
on a Mac."""
_SLASH_IN_GBK = re.compile(rb"([\x00-\x80\xff]|[\x81-\xfe][\x30-\x7e\x80-\xfe])|([\x81-\xfe])/")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file out of an archive; `name` is its own, with the folders in the archive. A label, never a path here."""

    name: str
    data: bytes


class TooMuchError(Exception):
    """The archives and mails in a mail come to more than `limits.unpacked_bytes`, or than one of the MAX_… above."""


class TooLargeError(Exception):
    """One file of an archive is larger than `limits.file_bytes`."""


class Budget:
    """What one mail may still come to, with all archives and mails in it. The only mutable value of their readers: it is
    counted down."""

    def __init__(self, limits: Limits) -> None:
        self.left = limits.unpacked_bytes
        self.file_bytes = limits.file_bytes
        self.entries = MAX_ENTRIES
        self.leaves = MAX_LEAVES
        self.blocks = MAX_BLOCKS
        self.extensions = MAX_EXTENSIONS

    def count(self, size: int) -> None:
        """Takes `size` bytes off. Raises TooMuchError when they are not left."""
        self.left -= size
        if self.left < 0:
            raise TooMuchError("unpacks to too much")

    def count_entry(self) -> None:
        """Takes one entry off. Raises TooMuchError when none is left."""
        self.entries -= 1
        if self.entries < 0:
            raise TooMuchError("too many entries")

    def count_leaf(self) -> None:
        """Takes one part of a mail off. Raises TooMuchError when none is left."""
        self.leaves -= 1
        if self.leaves < 0:
            raise TooMuchError("too many parts")

    def count_extension(self, size: int) -> None:
        """Takes a tar header of `size` bytes off. Raises TooMuchError when they are not left."""
        self.extensions -= size
        if self.extensions < 0:
            raise TooMuchError("too many headers")

    def collect(self, pieces: Iterable[bytes]) -> bytes:
        """The pieces of one file as they come, counted: sizes that an archive tells may be lies. Raises TooMuchError or
        TooLargeError, each at the first byte too many."""
        taken: list[bytes] = []
        size = 0
        for piece in pieces:
            size += len(piece)
            self.count(len(piece))
            if size > self.file_bytes:
                raise TooLargeError
            taken.append(piece)
        return b"".join(taken)


def unreadable(name: str, cause: FaultCause, detail: str = "") -> PartFault:
    return PartFault(name=name, code="attachment.unreadable", cause=cause, detail=detail)


def unsupported(name: str, detail: str) -> PartFault:
    """An archive, or a way of packing, that is not read on this machine."""
    return PartFault(name=name, code="attachment.unsupported", cause=FaultCause.FORMAT, detail=detail)


def bomb(name: str, detail: str) -> PartFault:
    return PartFault(name=name, code="attachment.bomb", detail=detail)


def too_large(name: str, budget: Budget) -> PartFault:
    return PartFault(name=name, code="attachment.too_large", limit=budget.file_bytes)


def entry_name(raw: bytes, *, utf8: bool = False) -> str:
    """An entry's name from its bytes: UTF-8 where the archive says so and it is; else by what the bytes hold."""
    if utf8 and is_utf8(raw):
        return shown(raw.decode("utf-8"))
    text = decode_text(raw)
    # Bytes of no charset come as \xNN: those backslashes are not the archive's.
    return shown(text) if is_utf8(raw) or _fits(raw, "gb18030") else clean(text)


def shown(name: str) -> str:
    """On one line, with forward slashes; nothing else is changed, `..` neither."""
    return clean(name.replace("\\", "/"))


def restored(raw: bytes) -> bytes:
    """A GBK name whose reader took every byte 5C for a backslash and made a slash of it, half characters (昞: 95 5C)
    among them, as libarchive does for rar 4. No first byte of GBK is ever followed by a slash."""
    return raw if is_utf8(raw) else _SLASH_IN_GBK.sub(lambda found: found[1] or found[2] + b"\\", raw)


def is_utf8(data: bytes) -> bool:
    return _fits(data, "utf-8")


def _fits(data: bytes, charset: str) -> bool:
    try:
        data.decode(charset)
    except UnicodeDecodeError:
        return False
    return True


def is_junk(name: str) -> bool:
    lower = name.lower()
    return lower.startswith(_JUNK) or lower.rsplit("/", 1)[-1] in _JUNK_FILES


def is_beside(name: str) -> bool:
    """Whether it is named as a lock file or the Finder's notes on another file. Its bytes must say so too: people may
    name a workbook so."""
    return name.rsplit("/", 1)[-1].startswith(_BESIDE)
