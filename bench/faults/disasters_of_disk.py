"""What befalls files: a disk that is full, an archive in a folder that is not there, SQLite's file that somebody holds."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench.faults.midst import Disaster, Strike, in_the_midst
from bench.faults.small_disk import empty, fill
from bench.faults.world import World

LONG_LOCK = "database locked, 35 s"


def of_disk() -> Iterator[Disaster]:
    yield Disaster(kind="disk full before the pass", strike=_disk_full_before)
    yield Disaster(kind="disk full in the midst", strike=_disk_full_within)


def of_files() -> Iterator[Disaster]:
    yield Disaster(kind="no file may grow any more", strike=_file_limit)


def of_sqlite() -> Iterator[Disaster]:
    yield Disaster(kind="database locked, 3 s", strike=_locked(3.0))


def of_sqlite_long() -> Iterator[Disaster]:
    yield Disaster(kind=LONG_LOCK, strike=_locked(35.0))


def of_folder() -> Iterator[Disaster]:
    yield Disaster(kind="archive gone before the pass", strike=_archive_gone_before)
    yield Disaster(kind="archive empty before the pass", strike=_archive_empty_before)
    yield Disaster(kind="archive gone in the midst", strike=_archive_gone_within)


def room(rng: random.Random) -> int:
    """Bytes that are left of a full disk."""
    return rng.choice((0, 4, 16, 64, 256, 1024)) * 1024


def _disk_full_before(world: World, rng: random.Random) -> None:
    fill(world.data, room(rng))
    world.passed()
    empty(world.data)


def _disk_full_within(world: World, rng: random.Random) -> None:
    with in_the_midst(world, rng, lambda: fill(world.data, room(rng))):
        world.passed()
    empty(world.data)


def _file_limit(world: World, rng: random.Random) -> None:
    """RLIMIT_FSIZE: what a quota does to one file; EFBIG where a full disk says ENOSPC."""
    least = [1024, 16 * 1024, 64 * 1024]
    if not world.server:
        size = world.records.one("select page_count * page_size from pragma_page_count, pragma_page_size")
        least[-1] = max(least[-1], size - 8192)
    # A log that cannot grow either would be another fault.
    world.passed(file_limit=rng.choice(least), log=os.devnull)


def _locked(seconds: float) -> Strike:
    def strike(world: World, rng: random.Random) -> None:
        holders: list[threading.Thread] = []

        def hold() -> None:
            begun = threading.Event()
            holders.append(threading.Thread(target=_hold_lock, args=(world.data / "baosong.db", seconds, begun)))
            holders[-1].start()
            begun.wait(10)

        with in_the_midst(world, rng, hold):
            world.passed()
        for holder in holders:
            holder.join()

    return strike


def _hold_lock(database: Path, seconds: float, begun: threading.Event) -> None:
    with closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as base:
        base.execute("BEGIN IMMEDIATE")
        begun.set()
        time.sleep(seconds)
        base.execute("ROLLBACK")


def _take_away(world: World) -> None:
    world.archive_folder.rename(world.data / "archive.away")


def _bring_back(world: World) -> None:
    """As a disk that is mounted again: what was written in its place meanwhile is out of sight, that is, lost."""
    if (world.data / "archive.away").exists():
        shutil.rmtree(world.archive_folder, ignore_errors=True)
        (world.data / "archive.away").rename(world.archive_folder)


def _archive_gone_before(world: World, rng: random.Random) -> None:
    _take_away(world)
    world.passed()
    _bring_back(world)


def _archive_empty_before(world: World, rng: random.Random) -> None:
    _take_away(world)
    world.archive_folder.mkdir()
    world.passed()
    _bring_back(world)


def _archive_gone_within(world: World, rng: random.Random) -> None:
    bare = rng.random() < 0.5

    def go() -> None:
        _take_away(world)
        if bare:
            world.archive_folder.mkdir()

    with in_the_midst(world, rng, go):
        world.passed()
    _bring_back(world)
