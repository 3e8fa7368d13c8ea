"""What `doctor` finds wrong with a bucket, by trying: rights, conditional writes, hashes, who else may read, old versions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from storage.archive import PROBE_CONTENT, Archive, Weakness
from storage.errors import Refused
from storage.s3 import Bucket


def trial(archive: Archive, bucket: Bucket, marker: str, key: str) -> list[Weakness]:
    """`marker`: an object that stands. `key`: an object to try things on; it is gone at the end. Raises Unavailable or Refused where
    the archive does not serve at all."""
    archive.get(archive.put(PROBE_CONTENT))
    try:
        return [*_writing(bucket, key), *_hashes(bucket, key), *_clock(bucket, key), *_others(bucket, marker)]
    finally:
        bucket.delete(key)


def _writing(bucket: Bucket, key: str) -> Iterator[Weakness]:
    bucket.delete(key)
    if not bucket.settings.conditional_put:
        return
    bucket.put(key, b"one", only_new=True)
    again, over = bucket.put(key, b"two", only_new=True), bucket.put(key, b"three", over='"0"')
    if again is not False or over is not False:
        yield Weakness(
            found="the store writes over what stands, though it is told not to",
            mend="set conditional_put = false in [s3], and let no more than one machine work on this archive",
        )


def _hashes(bucket: Bucket, key: str) -> Iterator[Weakness]:
    if bucket.settings.checksums and bucket.takes_other_bytes(key):
        yield Weakness(
            found="the store takes bytes that have not the checksum they were sent with",
            mend="set checksums = false in [s3]; the hash that requests are signed over must then do, over https",
            grave=False,
        )


def _clock(bucket: Bucket, key: str) -> Iterator[Weakness]:
    """By the time of an object that was written just now."""
    bucket.put(key, b"now")
    found = bucket.head(key)
    apart = abs((datetime.now(UTC) - found.written_at).total_seconds()) if found else 0
    if apart > _CLOCK_SECONDS:
        yield Weakness(
            found=f"the clocks of this machine and of the store are {apart:.0f} s apart: from 15 minutes on it refuses all",
            mend="have both set by NTP",
            grave=False,
        )


def _others(bucket: Bucket, marker: str) -> Iterator[Weakness]:
    if bucket.is_public(marker):
        yield Weakness(found="anybody may read the bucket", mend="take its public policy away: mails lie in it")
    try:
        versions = bucket.keeps_versions()
    except Refused:
        versions = None
    if versions:
        yield Weakness(
            found="the bucket keeps old versions: good against mistakes, but what is erased by rule must be gone with all versions",
            mend="give the keys the right to list and delete versions, or `baosong retention erase` will say that it could not",
            grave=False,
        )


_CLOCK_SECONDS = 120
