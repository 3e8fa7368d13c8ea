"""What the harness asks of the worker's archive, from outside: a folder, or a bucket past the proxy before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from storage.s3 import Bucket
from tests.servers.objects import BUCKET, Store, object_store
from tests.servers.s3_middle import Middle, middle

_PREFIX = "faults/"


class KeptMails(Protocol):
    """An archive, seen from outside."""

    def read(self, sha256: str) -> bytes | None:
        """None where there is nothing of that name."""

    def names(self) -> set[str]: ...

    def unfinished(self) -> int:
        """Files that were begun and never got their name."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    folder: Path

    def read(self, sha256: str) -> bytes | None:
        path = self.folder / "blobs" / sha256[:2] / sha256
        return path.read_bytes() if path.is_file() else None

    def names(self) -> set[str]:
        return {path.name for path in (self.folder / "blobs").glob("*/*")}

    def unfinished(self) -> int:
        return sum(1 for folder in ("tmp", "spool") for _ in (self.folder / folder).glob("*"))


@dataclass(frozen=True, kw_only=True)
class ObjectStore:
    """`between`: the proxy that the worker speaks with."""

    store: Store
    between: Middle

    @property
    def url(self) -> str:
        return f"s3://{BUCKET}/{_PREFIX.rstrip('/')}"

    def read(self, sha256: str) -> bytes | None:
        bucket = self._bucket()
        found = bucket.get(f"{_PREFIX}blobs/{sha256[:2]}/{sha256}")
        bucket.close()
        return found.data if found else None

    def names(self) -> set[str]:
        bucket = self._bucket()
        found = {key.rpartition("/")[2] for key, _ in bucket.list(f"{_PREFIX}blobs/")}
        bucket.close()
        return found

    def unfinished(self) -> int:
        return 0

    def _bucket(self) -> Bucket:
        return Bucket(self.store.settings(BUCKET))


@contextmanager
def bucket(folder: Path) -> Iterator[ObjectStore]:
    """A store of its own with its bytes in `folder`."""
    with object_store(folder) as store, middle(store.ports[0]) as between:
        yield ObjectStore(store=store, between=between)
