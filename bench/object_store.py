"""What does an object store cost? `python -m bench.object_store [--mails 400] [--rounds 3] [--seed 1]`

Mails of 2 to 60 kB are taken in by the group, read one by one and audited, in a folder and in a SeaweedFS on loopback, in turn. Prints
medians of mails a second and their ratios. Exit status 1 where anything did not come back byte for byte.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from bench.arguments import positive
from storage.archive import Archive
from storage.blobs import BlobStore
from storage.objects import ObjectArchive
from storage.s3 import Bucket
from tests.servers.objects import BUCKET, Store, object_store

_GROUP = 50


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=positive, default=400)
    parser.add_argument("--rounds", type=positive, default=3)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    draw = random.Random(asked.seed)
    mails = [draw.randbytes(draw.randint(2_000, 60_000)) for _ in range(asked.mails)]
    took: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="bench-objects-") as folder:
        right = _rounds(Path(folder), mails, asked.rounds, took)
    for step in ("taken in", "one by one", "read", "audited"):
        plain, bucket = (asked.mails / statistics.median(took[kind, step]) for kind in ("folder", "bucket"))
        print(f"{step:<11} folder {plain:8.0f}/s   bucket {bucket:8.0f}/s   {plain / bucket:5.1f} times")
    print("all came back byte for byte" if right else "NOT all came back byte for byte")
    return 0 if right else 1


def _rounds(folder: Path, mails: list[bytes], rounds: int, took: defaultdict[tuple[str, str], list[float]]) -> bool:
    right = True
    with object_store(folder / "store") as store:
        for number in range(rounds):
            for kind in ("folder", "bucket") if number % 2 else ("bucket", "folder"):
                with closing(_new(kind, folder / f"{kind}{number}", store)) as archive:
                    right &= _timed(archive, mails, lambda step, seconds, kind=kind: took[kind, step].append(seconds))  # type: ignore[misc]
    return right


def _new(kind: str, folder: Path, store: Store) -> Archive:
    made: Archive = BlobStore(folder)
    if kind == "bucket":
        made = ObjectArchive(Bucket(store.settings(BUCKET)), store.new_prefix(), folder)
    made.begin()
    return made


def _timed(archive: Archive, mails: list[bytes], note: Callable[[str, float], None]) -> bool:
    """Whether all came back. Mails `one by one` are a fourth of them, and so is what they took counted."""
    begun = time.perf_counter()
    names = [name for at in range(0, len(mails), _GROUP) for name in archive.take_in(mails[at : at + _GROUP])]
    archive.unspool()
    note("taken in", time.perf_counter() - begun)
    begun = time.perf_counter()
    for mail in mails[::4]:
        archive.put(mail + b"again")
    note("one by one", 4 * (time.perf_counter() - begun))
    begun = time.perf_counter()
    same = [archive.get(name) for name in names] == mails
    note("read", time.perf_counter() - begun)
    begun = time.perf_counter()
    amiss = [error for _, error in archive.examine(names) if error]
    note("audited", time.perf_counter() - begun)
    return same and not amiss


if __name__ == "__main__":
    sys.exit(main())
