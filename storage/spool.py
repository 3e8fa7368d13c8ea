"""The spool: many files taken in at once, durable as one, until each has a file of its own.

A group of files is one tar (POSIX ustar) under `spool/`, its members named by the SHA-256 of their bytes: one write and one
sync for hundreds of mails. Nothing stays here: `empty` hands each on, to have its own file, and takes the tar away. Any
`tar` can read it meanwhile.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from storage.durable import sync, write_new
from storage.scratch import Scratch

_log = logging.getLogger(__name__)
_WAITING, _DAMAGED = ".tar", ".damaged"
_ENDINGS = (_WAITING, _DAMAGED)
_END = bytes(2 * tarfile.BLOCKSIZE)
"""How a tar ends (POSIX.1-2017, pax, "ustar Interchange Format")."""


@dataclass(frozen=True, kw_only=True)
class _Member:
    """Where the bytes of a member stand in its tar: `start` and `size` in bytes."""

    start: int
    size: int


@dataclass(frozen=True, kw_only=True)
class _Contents:
    """The members of a tar by name; `whole`: nothing of it is unaccounted for."""

    members: dict[str, _Member]
    whole: bool


class Spool:
    """A folder of tars. Safe for many processes at once: a tar appears whole, never changes, and goes when unpacked."""

    def __init__(self, folder: Path, aside: Scratch) -> None:
        """`aside` is on the same file system, for what is being written."""
        self._folder = folder
        self._aside = aside
        self._known: dict[Path, _Contents] = {}

    def put(self, files: Mapping[str, bytes]) -> None:
        """Keep files, named by their SHA-256 (hex); durable when it returns."""
        pieces: list[bytes] = []
        for name, data in files.items():
            pieces += (_header(name, len(data)), data, bytes(-len(data) % tarfile.BLOCKSIZE))
        pieces.append(_END)
        aside = write_new(self._aside.folder / uuid4().hex, b"".join(pieces))
        aside.replace(self._folder / f"{uuid4().hex}{_WAITING}")
        sync(self._folder)

    def get(self, sha256: str) -> bytes | None:
        """The bytes as they stand, not verified; None if no tar has them."""
        for tar in self._tars():
            member = self._contents(tar).members.get(sha256)
            if member is not None:
                try:
                    with tar.open("rb") as file:
                        file.seek(member.start)
                        return file.read(member.size)
                except FileNotFoundError:  # unpacked meanwhile
                    continue
        return None

    def names(self) -> set[str]:
        """The names of all members of all tars."""
        return {name for tar in self._tars() for name in self._contents(tar).members}

    def written_at(self, sha256: str) -> datetime | None:
        """When the tar with this member was written, by the file system."""
        for tar in self._tars():
            if sha256 in self._contents(tar).members:
                return datetime.fromtimestamp(tar.stat().st_mtime, UTC)
        return None

    def empty(self, put_many: Callable[[list[bytes]], object], stopped: Callable[[], bool]) -> None:
        """Hand on what is in the spool, a tar at a time; `put_many` returns when that is durable elsewhere.

        A damaged tar gives what is whole in it, by its hash, and stays, under another ending, for the audit to name.
        """
        for tar in self._tars(_WAITING):
            if stopped():
                return
            files = dict(self._files(tar))
            good = [data for name, data in files.items() if hashlib.sha256(data).hexdigest() == name]
            put_many(good)
            if len(good) == len(files) and self._contents(tar).whole:
                tar.unlink(missing_ok=True)
            elif tar.exists():
                _log.error("damaged file in the spool of the archive, kept: %s", tar.name)
                tar.replace(tar.with_suffix(_DAMAGED))
            self._known.pop(tar, None)

    def _tars(self, *endings: str) -> list[Path]:
        try:
            with os.scandir(self._folder) as entries:
                return sorted(Path(entry.path) for entry in entries if entry.name.endswith(endings or _ENDINGS))
        except FileNotFoundError:
            return []

    def _files(self, tar: Path) -> Iterator[tuple[str, bytes]]:
        """Names and bytes of what stands in a tar, not verified; nothing if it is gone."""
        try:
            with tar.open("rb") as file:
                for name, member in self._contents(tar).members.items():
                    file.seek(member.start)
                    yield name, file.read(member.size)
        except FileNotFoundError:
            return

    def _contents(self, tar: Path) -> _Contents:
        """Of a damaged tar, what stands before the damage."""
        known = self._known.get(tar)
        if known is None:
            known = self._known[tar] = _contents_of(tar)
        return known


def _contents_of(tar: Path) -> _Contents:
    found: dict[str, _Member] = {}
    end = 0
    try:
        size = tar.stat().st_size
        with tarfile.open(tar, "r:") as archive:
            for info in archive:  # stops without a word at a header that is damaged: hence `whole`
                found[info.name] = _Member(start=info.offset_data, size=info.size)
                end = info.offset_data + info.size + -info.size % tarfile.BLOCKSIZE
    except FileNotFoundError:
        return _Contents(members={}, whole=True)
    except (tarfile.TarError, ValueError, OSError):
        return _Contents(members=found, whole=False)
    return _Contents(members=found, whole=end + len(_END) == size)


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.USTAR_FORMAT)
