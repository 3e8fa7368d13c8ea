"""Faults of everything but the conversations: disk, database, archive, clock, the server's numbering, the machine."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.faults.rules import Action, Rule
from bench.faults.sink import DOT
from bench.faults.world import World

DAY = 86_400.0
LONG_LOCK = "database locked, 35 s"
_MOMENTS = (
    ("imap", "SEARCH", 2),
    ("imap", "FETCH body", 1),
    ("smtp", "MAIL", 1),
    ("smtp", DOT, 1),
    ("imap", "STORE", 1),
)
"""Commands at which a disaster comes about in the midst of a pass: the mails are listed, fetched (the second search
is that of the Junk folder), letters are sent, the mails are filed."""


@dataclass(frozen=True, kw_only=True)
class Disaster:
    """`strike` does a pass of the worker in which it comes about, and puts the world in order again."""

    kind: str
    strike: Callable[[World, random.Random], None]


def disasters(*, disk: bool, long: bool) -> Iterator[Disaster]:
    """`disk`: there is one that can be filled. `long`: also those that cost the worker's whole patience."""
    if disk:
        yield Disaster(kind="disk full before the pass", strike=_disk_full_before)
        yield Disaster(kind="disk full in the midst", strike=_disk_full_within)
    yield Disaster(kind="no file may grow any more", strike=_file_limit)
    yield Disaster(kind="database locked, 3 s", strike=_locked(3.0))
    if long:
        yield Disaster(kind=LONG_LOCK, strike=_locked(35.0))
    yield Disaster(kind="archive gone before the pass", strike=_archive_gone_before)
    yield Disaster(kind="archive empty before the pass", strike=_archive_empty_before)
    yield Disaster(kind="archive gone in the midst", strike=_archive_gone_within)
    yield Disaster(kind="clock jumps in the midst", strike=_clock_within)
    yield Disaster(kind="clock wrong, killed, put right", strike=_clock_wrong_and_killed)
    yield Disaster(kind="UIDVALIDITY changed before", strike=_uidvalidity_before)
    yield Disaster(kind="UIDVALIDITY changed in the midst", strike=_uidvalidity_within)
    yield Disaster(kind="told to stop (SIGTERM)", strike=_stopped)
    yield Disaster(kind="readers killed", strike=_readers_killed)
    yield Disaster(kind="another worker beside it", strike=_two_workers)


@contextmanager
def _in_the_midst(world: World, rng: random.Random, effect: Callable[[], None]) -> Iterator[None]:
    server, verb, nth = rng.choice(_MOMENTS)
    book = world.imap if server == "imap" else world.smtp
    book.arm(Rule(verb=verb, nth=nth, action=Action.PASS, effect=effect))
    try:
        yield
    finally:
        world.met = book.fired > 0
        book.arm(None)


def _fill(world: World, leave: int) -> None:
    """Leaves so many bytes of the disk."""
    room = os.statvfs(world.data)
    size = room.f_bavail * room.f_frsize - leave
    with (world.data / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, size))


def _room(rng: random.Random) -> int:
    return rng.choice((0, 4, 16, 64, 256, 1024)) * 1024


def _disk_full_before(world: World, rng: random.Random) -> None:
    _fill(world, _room(rng))
    world.passed()
    (world.data / "filler").unlink()


def _disk_full_within(world: World, rng: random.Random) -> None:
    with _in_the_midst(world, rng, lambda: _fill(world, _room(rng))):
        world.passed()
    (world.data / "filler").unlink(missing_ok=True)


def _file_limit(world: World, rng: random.Random) -> None:
    """RLIMIT_FSIZE: what a quota does to one file; EFBIG where a full disk says ENOSPC."""
    limit = world.records.one("select page_count * page_size from pragma_page_count, pragma_page_size")
    least = rng.choice((1024, 16 * 1024, max(64 * 1024, limit - 8192)))
    world.passed(file_limit=least, log=os.devnull)  # a log that cannot grow either would be another fault


def _locked(seconds: float) -> Callable[[World, random.Random], None]:
    def strike(world: World, rng: random.Random) -> None:
        holders: list[threading.Thread] = []

        def hold() -> None:
            begun = threading.Event()
            holders.append(threading.Thread(target=_hold_lock, args=(world.data / "baosong.db", seconds, begun)))
            holders[-1].start()
            begun.wait(10)

        with _in_the_midst(world, rng, hold):
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
    world.archive.rename(world.data / "archive.away")


def _bring_back(world: World) -> None:
    """As a disk that is mounted again: what was written in its place meanwhile is out of sight, that is, lost."""
    if (world.data / "archive.away").exists():
        shutil.rmtree(world.archive, ignore_errors=True)
        (world.data / "archive.away").rename(world.archive)


def _archive_gone_before(world: World, rng: random.Random) -> None:
    _take_away(world)
    world.passed()
    _bring_back(world)


def _archive_empty_before(world: World, rng: random.Random) -> None:
    _take_away(world)
    world.archive.mkdir()
    world.passed()
    _bring_back(world)


def _archive_gone_within(world: World, rng: random.Random) -> None:
    empty = rng.random() < 0.5

    def go() -> None:
        _take_away(world)
        if empty:
            world.archive.mkdir()

    with _in_the_midst(world, rng, go):
        world.passed()
    _bring_back(world)


def _jump(rng: random.Random) -> float:
    return rng.choice((-400 * DAY, -3 * DAY, -3600.0, 3600.0, 4 * DAY, 400 * DAY))


def _clock_within(world: World, rng: random.Random) -> None:
    """The clock is wrong from some moment on, and right again for the next pass."""
    right = world.ahead
    with _in_the_midst(world, rng, lambda: world.turn_clock(right + _jump(rng))):
        world.passed()
    world.turn_clock(right)


def _clock_wrong_and_killed(world: World, rng: random.Random) -> None:
    """Leases and times of the next try are made by the wrong clock, and nobody is left to end them."""
    right = world.ahead
    world.turn_clock(right + _jump(rng))
    with _in_the_midst(world, rng, world.kill):
        world.passed()
    world.turn_clock(right)


def _uidvalidity_before(world: World, rng: random.Random) -> None:
    world.new_uidvalidity()
    world.passed()


def _uidvalidity_within(world: World, rng: random.Random) -> None:
    with _in_the_midst(world, rng, world.new_uidvalidity):
        world.passed()


def _stopped(world: World, rng: random.Random) -> None:
    """In the midst of a batch; the scheduled worker and the one pass alike."""
    once = rng.random() < 0.5
    run = world.start(once=once)
    if not world.workers.wait(run, rng.uniform(0.2, 2.0 if once else 9.0)):
        run.stop()
    world.finish(60.0)


def _readers_killed(world: World, rng: random.Random) -> None:
    """As a kernel does that is short of memory."""
    run = world.start()
    left = rng.randint(1, 3)
    while not world.workers.wait(run, 0.01):
        for pid in world.workers.readers() if left else ():
            os.kill(pid, signal.SIGKILL)
            left -= 1
    world.finish()


def _two_workers(world: World, rng: random.Random) -> None:
    """A second one is started while the first is at work: it must refuse, and harm nothing."""
    world.start()
    world.rival()
    world.finish()
