"""The archive in a bucket: the same names as in a folder (`blobs/ab/abcd…`, `HEAD`, `heads/…`, `people.key`) under one prefix.

A name is the hash of the bytes, so to write the same again is harmless, whoever does it and however often: a request whose
answer was lost is simply repeated. The object `archive` marks where an archive begins; without it an empty or wrong bucket would pass
for one that nobody has used yet.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from storage.archive import PROBE, Archive, Listed, Weakness, outcome
from storage.durable import private_folder
from storage.errors import BlobCorrupt, BlobLate, BlobMissing, Unavailable
from storage.object_papers import BucketPapers
from storage.object_trial import trial
from storage.papers import HEAD, HEADS, PEOPLE_KEY
from storage.s3 import AT_ONCE, Bucket
from storage.scratch import Scratch

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")

_log = logging.getLogger(__name__)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MARK = b"Baosong archive 1\n"


class ObjectArchive:
    """`prefix` is "" or ends with a slash. `workspace`: a folder of this machine for files of tasks."""

    def __init__(self, bucket: Bucket, prefix: str, workspace: Path) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._folder = workspace
        self._begun = False
        self.must_stand = False
        self.papers = BucketPapers(bucket, prefix)
        self.scratch = Scratch(workspace, ours=True)

    @property
    def place(self) -> str:
        return f"s3://{self._bucket.settings.bucket}/{self._prefix}".rstrip("/")

    @property
    def workspace(self) -> Scratch | None:
        return self.scratch if self._folder.is_dir() else None

    @property
    def disk(self) -> tuple[str, Path]:
        return "files of tasks", self._folder

    def put(self, data: bytes) -> str:
        return self.put_many((data,))[0]

    def put_many(self, items: Iterable[bytes]) -> list[str]:
        hashed = [(hashlib.sha256(data).hexdigest(), data) for data in items]
        if hashed:
            self.begin()
        _all_at_once(lambda each: self._put(*each), dict(hashed).items())
        return [sha256 for sha256, _ in hashed]

    def take_in(
        self, items: Iterable[bytes], unless: Callable[[Collection[str]], Collection[str]] = lambda _: ()
    ) -> list[str]:
        batch = list(items)
        hashes = [hashlib.sha256(data).hexdigest() for data in batch]
        unwanted = unless(hashes)
        self.put_many(data for sha256, data in zip(hashes, batch, strict=True) if sha256 not in unwanted)
        return hashes

    def unspool(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Nothing waits anywhere: each has its own object at once."""

    def _put(self, sha256: str, data: bytes) -> None:
        """Returns when the store has said that it holds these bytes: by their hash in its answer, else by what it then tells or gives.
        It may have them already, from earlier or by a request whose answer was lost."""
        key = self._key(sha256)
        written = self._bucket.settings.conditional_put and self._bucket.put(key, data, only_new=True)
        if written or self._holds(key, sha256, data):
            return
        for _ in range(2):
            if self._bucket.put(key, data) or self._holds(key, sha256, data):
                return
        raise Unavailable(f"{self.locate(sha256)}: was written, and the store gives other bytes or none")

    def _holds(self, key: str, sha256: str, data: bytes) -> bool:
        """Whether an object has these bytes: by the hash that the store keeps, else by its ETag, which with most is the MD5, else it
        is read."""
        found = self._bucket.head(key)
        if found is None:
            return False
        same = found.size == len(data)
        if same and found.sha256:
            same = found.sha256 == sha256
        elif same and found.etag.strip('"') != hashlib.md5(data, usedforsecurity=False).hexdigest():
            stored = self._bucket.get(key)
            same = stored is not None and stored.data == data
        if not same:
            _log.error(
                "object is not what its name says (%d bytes for %d), written anew: %s", found.size, len(data), key
            )
        return same

    def remove(self, hashes: Iterable[str]) -> int:
        def gone(sha256: str) -> bool:
            stood = self._bucket.head(self._key(sha256)) is not None
            if stood:
                self._bucket.delete(self._key(sha256))
            return stood

        return sum(_all_at_once(gone, hashes))

    def get(self, sha256: str) -> bytes:
        key = self._key(sha256)
        for _ in range(3):  # damaged on the way, it is whole when asked for again
            found = self._bucket.get(key)
            if found is None:
                self.check()
                raise BlobLate(sha256)
            if hashlib.sha256(found.data).hexdigest() == sha256:
                return found.data
        raise BlobCorrupt(sha256)

    def has(self, sha256: str) -> bool:
        if self._bucket.head(self._key(sha256)) is not None:
            return True
        self.check()
        return False

    def locate(self, sha256: str) -> str:
        return f"s3://{self._bucket.settings.bucket}/{self._key(sha256)}"

    def written_at(self, sha256: str) -> datetime:
        found = self._bucket.head(self._key(sha256))
        if found is None:
            raise BlobMissing(sha256)
        return found.written_at

    def check(self) -> None:
        if self.must_stand and self.papers.read(_MARKER) is None:
            raise Unavailable(
                f"no archive is in {self.place}, though there are records of one: is it the right bucket and prefix?"
            )

    def begin(self) -> None:
        if not self._begun:
            self.check()
            if not self.must_stand:
                self.papers.create(_MARKER, _MARK)
            private_folder(self._folder)
            self._begun = self.must_stand = True

    def listed(self) -> Iterator[Listed]:
        start = f"{self._prefix}blobs/"
        for key, written_at in self._bucket.list(start):
            folder, _, name = key.removeprefix(start).rpartition("/")
            if _SHA256.fullmatch(name) and folder == name[:2]:
                yield Listed(name=name, written_at=written_at)
            else:
                yield Listed(name=key.removeprefix(start), written_at=None)

    def names(self) -> Iterator[str]:
        return (each.name for each in self.listed())

    def examine(self, names: Iterable[str]) -> Iterator[tuple[str, Exception | None]]:
        """Some are fetched ahead of the one that is asked for."""
        left = iter(names)
        with ThreadPoolExecutor(AT_ONCE // 2, thread_name_prefix="examine") as threads:
            waiting: deque[Future[tuple[str, Exception | None]]] = deque()
            try:
                while True:
                    ahead = islice(left, AT_ONCE - len(waiting))
                    waiting.extend(threads.submit(outcome, self, name) for name in ahead)
                    if not waiting:
                        return
                    yield waiting.popleft().result()
            finally:
                for each in waiting:
                    each.cancel()

    def occupied(self) -> str | None:
        """Under the mark what is of an archive is a copy's; anything else is somebody's still."""
        half_laid, empty = self.half_laid(), (f"{self._prefix}{_MARKER}", self._key(PROBE))
        found = (key for key, _ in self._bucket.list(self._prefix))
        key = next((key for key in found if not (self._is_its(key) if half_laid else key in empty)), None)
        return f"s3://{self._bucket.settings.bucket}/{key}" if key else None

    def half_laid(self) -> bool:
        return self.papers.read(_LAYING) is not None

    def beside(self) -> ObjectArchive:
        """In a bucket nothing is renamed: it is laid where it shall stand, under a mark that says so until it does."""
        laid = ObjectArchive(self._bucket, self._prefix, self._folder)
        laid.clear()
        laid.papers.create(_LAYING, b"a copy is being laid here by `baosong restore`\n")
        return laid

    def settle(self, laid: Archive) -> None:
        self._bucket.delete(f"{self._prefix}{_LAYING}")

    def clear(self) -> None:
        """What is of an archive; the mark last, since without it the rest would pass for somebody's."""
        mark = f"{self._prefix}{_LAYING}"
        its = [key for key, _ in self._bucket.list(self._prefix) if self._is_its(key) and key != mark]
        _all_at_once(self._bucket.delete, its)
        self._bucket.delete(mark)

    def _is_its(self, key: str) -> bool:
        """Whether an archive writes such a name. Another may lie beside these, under a longer prefix."""
        name = key.removeprefix(self._prefix)
        return name in (HEAD, PEOPLE_KEY, _MARKER, _LAYING) or name.startswith(("blobs/", f"{HEADS}/"))

    def trial(self) -> list[Weakness]:
        return trial(self, self._bucket, f"{self._prefix}{_MARKER}", f"{self._prefix}trial")

    def close(self) -> None:
        self.scratch.close()
        self._bucket.close()

    def _key(self, sha256: str) -> str:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return f"{self._prefix}blobs/{sha256[:2]}/{sha256}"


_MARKER, _LAYING = "archive", "restoring"


def _all_at_once(do: Callable[[_Item], _Made], items: Iterable[_Item]) -> list[_Made]:
    """Raises the first error when all have ended."""
    every = list(items)
    if len(every) <= 1:
        return [do(item) for item in every]
    with ThreadPoolExecutor(min(len(every), AT_ONCE), thread_name_prefix="objects") as threads:
        return list(threads.map(do, every))
