"""Faults of everything but the conversations: disk, database, archive, clock, the server's numbering, the machine. Which may befall a
world depends on what it has for stores."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator

from bench.faults.disasters_of_bucket import of_bucket, of_bucket_long
from bench.faults.disasters_of_disk import of_disk, of_files, of_folder, of_sqlite, of_sqlite_long
from bench.faults.disasters_of_server import of_server, of_server_disk, of_server_long
from bench.faults.midst import Disaster, in_the_midst
from bench.faults.world import World

DAY = 86_400.0


def disasters(world: World) -> Iterator[Disaster]:
    """Those that may befall this world, but for the long ones."""
    for befalls, kinds in _kinds(world):
        if befalls:
            yield from kinds
    yield from _of_all()


def long_disasters(world: World) -> Iterator[Disaster]:
    """Those that cost the worker's whole patience."""
    yield from of_server_long() if world.server else of_sqlite_long()
    if world.objects:
        yield from of_bucket_long()


def left_out(world: World) -> tuple[str, ...]:
    """Those that other stores have."""
    return tuple(each.kind for befalls, kinds in _kinds(world) if not befalls for each in kinds)


def _kinds(world: World) -> Iterator[tuple[bool, Iterator[Disaster]]]:
    yield world.own_disk, of_disk()
    yield True, of_files()
    yield not world.server, of_sqlite()
    yield not world.objects, of_folder()
    yield world.server is not None, of_server()
    yield world.server is not None and world.server.disk is not None, of_server_disk()
    yield world.objects is not None, of_bucket()


def _of_all() -> Iterator[Disaster]:
    yield Disaster(kind="clock jumps in the midst", strike=_clock_within)
    yield Disaster(kind="clock wrong, killed, put right", strike=_clock_wrong_and_killed)
    yield Disaster(kind="UIDVALIDITY changed before", strike=_uidvalidity_before)
    yield Disaster(kind="UIDVALIDITY changed in the midst", strike=_uidvalidity_within)
    yield Disaster(kind="told to stop (SIGTERM)", strike=_stopped)
    yield Disaster(kind="readers killed", strike=_readers_killed)
    yield Disaster(kind="another worker beside it", strike=_two_workers)


def _jump(rng: random.Random) -> float:
    return rng.choice((-400 * DAY, -3 * DAY, -3600.0, 3600.0, 4 * DAY, 400 * DAY))


def _clock_within(world: World, rng: random.Random) -> None:
    """The clock is wrong from some moment on, and right again for the next pass."""
    right = world.ahead
    with in_the_midst(world, rng, lambda: world.turn_clock(right + _jump(rng))):
        world.passed()
    world.turn_clock(right)


def _clock_wrong_and_killed(world: World, rng: random.Random) -> None:
    """Leases and times of the next try are made by the wrong clock, and nobody is left to end them."""
    right = world.ahead
    world.turn_clock(right + _jump(rng))
    with in_the_midst(world, rng, world.kill):
        world.passed()
    world.turn_clock(right)


def _uidvalidity_before(world: World, rng: random.Random) -> None:
    world.new_uidvalidity()
    world.passed()


def _uidvalidity_within(world: World, rng: random.Random) -> None:
    with in_the_midst(world, rng, world.new_uidvalidity):
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
