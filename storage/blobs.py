"""The archive in a folder: files by the SHA-256 of their bytes, durable before `put` returns, never changed."""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from storage.archive import BATCH_BYTES, Archive, Listed, Weakness, outcome, whole
from storage.archive import PROBE as PROBE
from storage.archive import PROBE_CONTENT as PROBE_CONTENT
from storage.durable import private_folder, sync, write_new
from storage.errors import BlobCorrupt, BlobMissing, Unavailable
from storage.papers import FolderPapers
from storage.scratch import Scratch
from storage.spool import Spool

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")

_log = logging.getLogger(__name__)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BlobStore:
    """A folder: `blobs/ab/abcd…` holds the files, `tmp/` what is being written (a folder a process), `spool/` what was taken
    in by the hundred and has no file of its own yet. Safe for many processes at once. `close` takes this one's folder away."""

    def __init__(self, path: Path) -> None:
        self._root = path
        self._blobs = path / "blobs"
        self._aside = path / "tmp"
        self.scratch = Scratch(self._aside, ours=True)
        self._spool = Spool(path / "spool", self.scratch)
        self.papers = FolderPapers(path)
        self.must_stand = False
        """On a disk that is not mounted just now, what is written in its place is out of sight when the disk comes back."""

    @property
    def place(self) -> str:
        return str(self._root)

    @property
    def workspace(self) -> Scratch | None:
        """Within the archive, as what is to become of the files."""
        return self.scratch if self.stands() else None

    @property
    def disk(self) -> tuple[str, Path]:
        return "archive", self._root

    def put(self, data: bytes) -> str:
        """Store and return the SHA-256 (lower case hex); a repeat is a no-op."""
        return self.put_many((data,))[0]

    def put_many(self, items: Iterable[bytes]) -> list[str]:
        """Store a batch: all files are written and synced, then named; each folder is synced once, at the end."""
        hashed = [(hashlib.sha256(data).hexdigest(), data) for data in items]
        files = dict(hashed)
        new = self._lacking(files)
        for sha256, aside in zip(new, _each(self._write_aside, list(new.values())), strict=True):
            aside.replace(self._path(sha256))
        _each(sync, [self._blobs / prefix for prefix in {sha256[:2] for sha256 in files}])
        return [sha256 for sha256, _ in hashed]

    def take_in(
        self, items: Iterable[bytes], unless: Callable[[Collection[str]], Collection[str]] = lambda _: ()
    ) -> list[str]:
        """As `put_many`, for mails as they come: a great batch goes into one file of the spool, which is much quicker.
        `unless`: given the hashes of all, those of what shall not be kept."""
        batch = list(items)
        hashes = [hashlib.sha256(data).hexdigest() for data in batch]
        unwanted = unless(hashes)
        files = {sha256: data for sha256, data in zip(hashes, batch, strict=True) if sha256 not in unwanted}
        if len(files) < _SPOOLED_FROM:
            self.put_many(files.values())
        elif new := self._lacking(files):
            self._spool.put(new)
        return hashes

    def unspool(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Give what is in the spool files of its own. What is damaged there is kept there, for the audit to name."""
        self._spool.empty(self.put_many, stopped)

    def remove(self, hashes: Iterable[str]) -> int:
        """Remove files for good, durably; how many stood. What is damaged in the spool stays there, for the audit to name.
        The bytes are not written over: that is for the disk (encryption), and would spoil copies that share them."""
        self.unspool()
        gone: list[Path] = []
        for path in map(self._path, hashes):
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            gone.append(path)
        _each(sync, sorted({path.parent for path in gone}))
        return len(gone)

    def get(self, sha256: str) -> bytes:
        """The bytes, verified. Raises `BlobMissing` or `BlobCorrupt`."""
        data = self._read(sha256)
        if data is None:
            self.check()
            raise BlobMissing(sha256)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BlobCorrupt(sha256)
        return data

    def has(self, sha256: str) -> bool:
        return self._path(sha256).is_file() or self._read(sha256) is not None

    def file(self, sha256: str) -> Path:
        """Where the bytes lie, for people and their tools; to be read only."""
        if not self._path(sha256).is_file():
            self.unspool()
        return self._path(sha256)

    def locate(self, sha256: str) -> str:
        return str(self.file(sha256))

    def written_at(self, sha256: str) -> datetime:
        """When the file was written, by the file system."""
        spooled = self._spool.written_at(sha256)
        return spooled or datetime.fromtimestamp(self._path(sha256).stat().st_mtime, UTC)

    def stands(self) -> bool:
        """Whether there is an archive at all."""
        return self._aside.is_dir()

    def close(self) -> None:
        self.scratch.close()

    def check(self) -> None:
        """Raises Unavailable where the whole archive is away."""
        if self.must_stand and not self.stands():
            raise Unavailable(f"the archive {self._blobs.parent} is gone: is its disk mounted?")

    def begin(self) -> None:
        """Makes the folders where there are none: before the first record, so that whoever finds records and no folders knows
        that the archive is away. Raises Unavailable where it is."""
        self._make_folders()

    def names(self) -> Iterator[str]:
        """Without their times, for which each file would have to be asked."""
        spooled = self._spool.names()
        if self._blobs.is_dir():
            for folder in sorted(self._blobs.iterdir()):
                for name in sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else (folder.name,):
                    if _SHA256.fullmatch(name) and not name.startswith(folder.name):
                        name = f"{folder.name}/{name}"
                    spooled.discard(name)
                    yield name
        yield from sorted(spooled)

    def listed(self) -> Iterator[Listed]:
        for name in self.names():
            yield Listed(name=name, written_at=self._time_of(name))

    def _time_of(self, name: str) -> datetime | None:
        """None also where it went meanwhile, or is a link that leads nowhere."""
        try:
            return self.written_at(name)
        except (ValueError, OSError):
            return None

    def examine(self, names: Iterable[str]) -> Iterator[tuple[str, Exception | None]]:
        return (outcome(self, name) for name in names)

    def occupied(self) -> str | None:
        return next((str(path) for path in self._root.rglob("*") if path.is_file() and path.name != PROBE), None)

    def half_laid(self) -> bool:
        """Never: it has a folder of its own until it is whole."""
        return False

    def beside(self) -> BlobStore:
        laid = BlobStore(self._root.with_name(f"{self._root.name}.restoring"))
        laid.clear()
        return laid

    def settle(self, laid: Archive) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
        Path(laid.place).rename(self._root)
        sync(self._root.parent)

    def clear(self) -> None:
        self.close()
        shutil.rmtree(self._root, ignore_errors=True)

    def trial(self) -> list[Weakness]:
        """A disk that takes a file and gives it back has no other ways to fail that could be tried."""
        self.get(self.put(PROBE_CONTENT))
        return []

    def _lacking(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Those that have no file of their own. What stands is synced: its writer may have died before its own sync."""
        self._make_folders()
        new = {sha256: data for sha256, data in files.items() if not self._stands(sha256, len(data))}
        _each(sync, [self._path(sha256) for sha256 in files if sha256 not in new])
        return new

    def take(self, names: Iterable[str], source: Archive, earlier: BlobStore | None = None) -> list[str]:
        """Hold these files of another archive too, durable; those that `earlier` has whole without a second copy (a hard
        link, where its file system has such). → the names of which neither has the bytes."""

        def found(name: str) -> bytes | None:
            data = whole(name, source)
            return whole(name, earlier) if data is None and earlier else data

        lacking: list[str] = []
        self._make_folders()
        batch: list[bytes] = []
        left = iter(names)
        while group := list(islice(left, _AHEAD)):
            wanted = [name for name in group if not (earlier and self._linked(name, earlier))]
            for name, data in zip(wanted, _each(found, wanted), strict=True):
                if data is None:
                    lacking.append(name)
                else:
                    batch.append(data)
            if sum(map(len, batch)) > BATCH_BYTES:
                self.put_many(batch)
                batch.clear()
        self.put_many(batch)
        _each(sync, [self._blobs / f"{number:02x}" for number in range(256)])
        return lacking

    def _linked(self, name: str, earlier: BlobStore) -> bool:
        """A link to a damaged file would spread the damage: it is read first."""
        if whole(name, earlier) is None:
            return False
        try:
            self._path(name).hardlink_to(earlier.file(name))
        except FileExistsError:
            return True
        except OSError:
            return False
        return True

    def _read(self, sha256: str) -> bytes | None:
        """The bytes as they stand: a file of its own, or in the spool; between two looks they may move to the former."""
        path = self._path(sha256)
        for _ in range(2):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                spooled = self._spool.get(sha256)
                if spooled is not None:
                    return spooled
        return None

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self._blobs / sha256[:2] / sha256

    def _stands(self, sha256: str, size: int) -> bool:
        try:
            found = self._path(sha256).stat().st_size
        except FileNotFoundError:
            return False
        if found != size:
            _log.error("archive file has %d bytes instead of %d, written anew: %s", found, size, sha256)
        return found == size

    def _write_aside(self, data: bytes) -> Path:
        """The bytes under another name, durable."""
        return write_new(self.scratch.folder / uuid4().hex, data)

    def _make_folders(self) -> None:
        """All 256 folders at once, so that later puts sync no more than the folder they touch."""
        if (self._blobs.parent / "spool").is_dir():
            self.must_stand = True
            return
        self.check()
        private_folder(self._blobs)
        for number in range(256):
            (self._blobs / f"{number:02x}").mkdir(exist_ok=True, mode=0o700)
        sync(self._blobs)
        self._aside.mkdir(exist_ok=True, mode=0o700)
        (self._blobs.parent / "spool").mkdir(exist_ok=True, mode=0o700)  # last: it tells that all are there
        sync(self._blobs.parent)


_AHEAD = 8
"""Files that are asked of another archive at once: of an object store most of the time is waiting. Each may have 50 MB."""
_SPOOLED_FROM = 16
"""Mails at once from which on they go into the spool: fewer, as on any common day, have their own files as quickly."""
_AT_ONCE = 16
"""Syncs that wait together are answered by one commit of the file system's journal. 200 files of 5 to 50 kB on ext4, on a busy
machine: 6.8 ms a file one after the other; of 4, 8 and 16 threads the last were the quickest (0.86, 0.71 and 0.65 ms).
`syncfs` took 0.6 ms, but waits for whatever other programs wrote, and before Linux 5.8 told no errors."""


def _each(do: Callable[[_Item], _Made], items: Sequence[_Item]) -> list[_Made]:
    """Does it to all, many at once; what was made, in order. Raises the first error when all have ended."""
    if len(items) <= 1:  # as most puts have: no thread for it
        return [do(item) for item in items]
    shares = min(len(items), _AT_ONCE)
    with ThreadPoolExecutor(shares, thread_name_prefix="sync") as threads:
        made = list(threads.map(lambda first: [do(item) for item in items[first::shares]], range(shares)))
    return [made[at % shares][at // shares] for at in range(len(items))]
