"""What the house sees of the archive, wherever it lies: files by the SHA-256 of their bytes, and the few papers beside them.

`storage.blobs.BlobStore` keeps it in a folder, `storage.objects.ObjectArchive` in a bucket of an S3 store. The same tests run
on both (tests/test_storage_archive.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from storage.errors import BlobCorrupt, BlobMissing, Unavailable
from storage.papers import HEAD, HEADS, PEOPLE_KEY, Papers
from storage.scratch import Scratch

PROBE_CONTENT = b"baosong doctor\n"
"""What `doctor` writes to see that the archive can be written: no file of anybody's."""
PROBE = hashlib.sha256(PROBE_CONTENT).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A name that stands in the archive. `written_at` is by the clock of the disk or the store, None where that does not matter: the
    name is no SHA-256."""

    name: str
    written_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Weakness:
    """What a trial found wrong, in English: `mend` says what to do. Where it is not `grave`, the archive serves all the same."""

    found: str
    mend: str
    grave: bool = True


class Archive(Protocol):
    """Files are durable before `put` returns, and never changed. Safe for many threads and processes at once.

    Every method may raise `Unavailable` (also `Refused`): nothing was lost, and it may be tried again.
    """

    must_stand: bool
    """Set where records speak of this archive, and once it was seen to stand: it is then never made anew."""

    scratch: Scratch
    """Where it keeps what is being written; `workspace`, where it stands."""

    @property
    def papers(self) -> Papers:
        """HEAD, the signed heads, the key of the digests."""

    @property
    def place(self) -> str:
        """Where it lies, for people."""

    @property
    def workspace(self) -> Scratch | None:
        """Where files of a task may lie while it is done; None while there is no archive yet."""

    @property
    def disk(self) -> tuple[str, Path]:
        """The local folder that it writes to, and what that is for, in English."""

    def put(self, data: bytes) -> str:
        """Store and return the SHA-256 (lower case hex); a repeat is a no-op."""

    def put_many(self, items: Iterable[bytes]) -> list[str]:
        """Store a batch, quicker than one by one."""

    def take_in(
        self, items: Iterable[bytes], unless: Callable[[Collection[str]], Collection[str]] = lambda _: ()
    ) -> list[str]:
        """As `put_many`, for mails as they come. `unless`: given the hashes of all, those of what shall not be kept."""

    def unspool(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Bring to its last place what `take_in` laid elsewhere."""

    def remove(self, hashes: Iterable[str]) -> int:
        """Remove files for good, durably; how many stood."""

    def get(self, sha256: str) -> bytes:
        """The bytes, verified. Raises `BlobMissing` (`BlobLate`, where that may not be the last word) or `BlobCorrupt`."""

    def has(self, sha256: str) -> bool: ...

    def locate(self, sha256: str) -> str:
        """Where the bytes lie, for people and their tools, to be read only: a path, or an address in the store."""

    def written_at(self, sha256: str) -> datetime:
        """By the clock of the disk or the store."""

    def check(self) -> None:
        """Raises `Unavailable` where the whole archive is away."""

    def begin(self) -> None:
        """Makes the archive where there is none: before the first record, so that whoever finds records and no archive knows that
        it is away."""

    def listed(self) -> Iterator[Listed]:
        """Everything that stands where files should; also names that are no SHA-256, for the audit. A file in the wrong place comes
        with that, and so is no SHA-256 either."""

    def names(self) -> Iterator[str]: ...

    def examine(self, names: Iterable[str]) -> Iterator[tuple[str, Exception | None]]:
        """Each name with what `get` raises for it, None where it is whole; in order. What says nothing of the one file ends it."""

    def occupied(self) -> str | None:
        """Where something stands that nothing may be written over; what `doctor` left is nobody's."""

    def half_laid(self) -> bool:
        """Whether a copy lies here that was to become an archive and did not: nothing of it counts, and it may go."""

    def beside(self) -> Archive:
        """An empty archive in which a copy of another can be laid and audited, before `settle` makes it this one."""

    def settle(self, laid: Archive) -> None:
        """Puts what `beside` gave in the place of this one, in which nothing of anybody's lies."""

    def clear(self) -> None:
        """Takes all of it away: a copy that did not become an archive."""

    def trial(self) -> list[Weakness]:
        """What keeps it from serving, found by trying."""

    def close(self) -> None: ...


def copy_all(source: Archive, target: Archive) -> None:
    """All files that are whole, and all papers, HEAD the last."""
    target.begin()
    batch: list[bytes] = []
    for name in source.names():
        data = whole(name, source)
        if data is not None:
            batch.append(data)
        if sum(map(len, batch)) > BATCH_BYTES:
            target.put_many(batch)
            batch.clear()
    target.put_many(batch)
    for name in (PEOPLE_KEY, *(f"{HEADS}/{each}" for each, _ in source.papers.listed(HEADS)), HEAD):
        paper = source.papers.read(name)
        if paper is not None:
            target.papers.replace(name, paper)


BATCH_BYTES = 32 << 20


def whole(name: str, archive: Archive) -> bytes | None:
    """None where the file is missing, damaged or no file of an archive at all: an audit names it."""
    try:
        return archive.get(name)
    except (BlobMissing, BlobCorrupt, ValueError, OSError):
        return None


def outcome(archive: Archive, name: str) -> tuple[str, Exception | None]:
    """Of one file: what `examine` yields."""
    try:
        archive.get(name)
    except Unavailable:
        raise
    except (BlobCorrupt, BlobMissing, ValueError, OSError) as error:
        return name, error
    return name, None
