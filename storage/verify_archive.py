"""The audit of the archive: every file has the hash that is its name, every one that is referred to stands, and no other does.

It reads all bytes ever archived, which may take a day. So it needs no transaction, and can be taken up where it was broken off
(`storage.checkpoint`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage.archive import PROBE, Archive, Listed
from storage.checkpoint import Checkpoint
from storage.claims import Claims
from storage.errors import BlobCorrupt, BlobMissing
from storage.fault import Fault
from storage.progress import Progress, Stage, unheard
from storage.retention import Tombstone

FRESH = timedelta(days=1)
"""A file is archived before the database refers to it: as long as this it may be on its way, or be left by a crash whose
mail comes again. The clock that counts is that of the file system or the store, not that of the records."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """SHA-256 of the files that must stand, and of those that must not, having been erased by rule."""

    expected: frozenset[str]
    erased: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ArchiveFaults:
    """`checked` counts the files that were read, in earlier parts of this audit too."""

    checked: int
    faults: tuple[Fault, ...]


def wanted(needed: Claims, stones: Iterable[Tombstone]) -> Wanted:
    expected = frozenset[str]().union(*needed.values())
    return Wanted(expected=expected, erased=frozenset[str]().union(*(stone.files for stone in stones)) - expected)


def verify_archive(
    blobs: Archive,
    wanted: Wanted | None,
    *,
    now: datetime | None = None,
    progress: Progress = unheard,
    checkpoint: Checkpoint | None = None,
) -> ArchiveFaults:
    """Reads everything that stands. `now` (default: now) tells which files are fresh. With a checkpoint, what an earlier part of this
    audit found whole is not read again, unless it was written since. Raises Unavailable where the archive does not serve."""
    wanted = wanted or Wanted(expected=frozenset(), erased=frozenset())
    blobs.check()
    there = sorted(blobs.listed(), key=lambda each: each.name)
    audit = _Audit(wanted=wanted, now=now or datetime.now(UTC), there={each.name: each for each in there})
    passed = [each.name for each in there if checkpoint and checkpoint.covers(each)]
    left = [each.name for each in there if not (checkpoint and checkpoint.covers(each))]
    total = max(len(wanted.expected), len(there))
    faults = [fault for name in passed for fault in audit.of(name, None)]
    progress(Stage.ARCHIVE, len(passed), total)
    for done, (name, error) in enumerate(blobs.examine(left), len(passed) + 1):
        faults += audit.of(name, error)
        if checkpoint:
            checkpoint.reached(name, whole=error is None)
        progress(Stage.ARCHIVE, done, max(done, total))
    faults += audit.missing(blobs)
    return ArchiveFaults(checked=len(there), faults=tuple(faults))


@dataclass(frozen=True, kw_only=True)
class _Audit:
    wanted: Wanted
    now: datetime
    there: dict[str, Listed]

    def of(self, name: str, error: Exception | None) -> Iterator[Fault]:
        """`error`: what reading it raised."""
        if isinstance(error, BlobCorrupt):
            yield Fault(object=f"blob:{name}", fault="altered")
        elif isinstance(error, BlobMissing) and name in self.wanted.expected:
            yield Fault(object=f"blob:{name}", fault="missing")
        elif isinstance(error, BlobMissing) and self.there[name].written_at is not None:
            return  # erased by rule, or a trial of `doctor`, since the names were listed
        elif isinstance(error, BlobMissing | ValueError):
            yield Fault(object=f"blob:{name}", fault="extra: not a file of the archive")
        elif isinstance(error, OSError):
            yield Fault(object=f"blob:{name}", fault=f"cannot be read: {error.strerror}")
        elif name in self.wanted.erased:
            yield Fault(object=f"blob:{name}", fault="stands, though it is said to be erased")
        elif name not in self.wanted.expected and name != PROBE and not self._is_fresh(name):
            yield Fault(object=f"blob:{name}", fault="extra: no record refers to it")

    def missing(self, blobs: Archive) -> Iterator[Fault]:
        """A store may list late what it gives already: the first of them are asked for by name."""
        absent: Sequence[str] = sorted(self.wanted.expected - self.there.keys(), key=str)
        for number, sha256 in enumerate(absent):
            if number >= _ASKED or not _has(blobs, sha256):
                yield Fault(object=f"blob:{sha256}", fault="missing")

    def _is_fresh(self, name: str) -> bool:
        written_at = self.there[name].written_at
        return written_at is not None and abs(self.now - written_at) <= FRESH


def _has(blobs: Archive, sha256: str) -> bool:
    try:
        return blobs.has(sha256)
    except ValueError:  # a record names as a file what is no name of one
        return False


_ASKED = 1000
