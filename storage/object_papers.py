"""The papers beside an archive in a bucket. Two machines may write the same one: neither writes over what it has not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from storage.errors import Unavailable
from storage.s3 import Bucket


class BucketPapers:
    """`prefix` is "" or ends with a slash."""

    def __init__(self, bucket: Bucket, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = prefix

    def read(self, name: str) -> bytes | None:
        found = self._bucket.get(self._prefix + name)
        return found.data if found else None

    def replace(self, name: str, data: bytes, unless: Callable[[bytes], bool] = lambda _: False) -> None:
        """Compare and swap, by the ETag (RFC 9110, 13.1.1): who wrote in between is read, and asked about, again."""
        for _ in range(_ROUNDS):
            standing = self._bucket.get(self._prefix + name)
            if standing and (standing.data == data or unless(standing.data)):
                return
            etag = standing.etag if standing else None
            if self._bucket.put(self._prefix + name, data, only_new=standing is None, over=etag) is not False:
                return
        raise Unavailable(f"{self.locate(name)}: others write it all the time")

    def create(self, name: str, data: bytes) -> bytes:
        standing = self.read(name)
        if standing is None:
            self._bucket.put(self._prefix + name, data, only_new=True)
            standing = self.read(name)
        if standing is None:
            raise Unavailable(f"{self.locate(name)}: was written, and the store does not show it")
        return standing

    def listed(self, folder: str) -> Iterator[tuple[str, datetime]]:
        start = f"{self._prefix}{folder}/"
        for key, written_at in self._bucket.list(start):
            yield key.removeprefix(start), written_at

    def locate(self, name: str) -> str:
        return f"s3://{self._bucket.settings.bucket}/{self._prefix}{name}"


_ROUNDS = 8
