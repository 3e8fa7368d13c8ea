"""What befalls an object store: it is busy, refuses, loses answers, breaks off, is slow, is away; the archive in it seems gone."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Callable, Iterator

from bench.faults.archives import ObjectStore
from bench.faults.midst import Disaster, Strike, in_the_midst
from bench.faults.world import World
from tests.servers.s3_middle import (
    Fault,
    answer_lost,
    broken_off,
    cut_short,
    damaged_on_the_way,
    delayed,
    refused,
    served,
    silent,
)

_ALL, _WRITING = ("GET", "HEAD", "PUT"), ("PUT",)
_FROM_THEN_ON = 5_000
_SOME = 6
_REQUESTS = {"GET": 12, "HEAD": 0, "PUT": 5}
"""Before so many of the first requests of a pass at most it goes wrong: one with a mail has a few more."""


def of_bucket() -> Iterator[Disaster]:
    for kind, fault in (
        ("store busy (503) from then on", refused(503, "SlowDown")),
        ("store full (507) from then on", refused(507, "XMinioStorageFull")),
        ("keys refused (403) from then on", refused(403, "AccessDenied")),
        ("bucket gone (404) from then on", refused(404, "NoSuchBucket")),
        ("store cuts all from then on", cut_short),
    ):
        yield Disaster(kind=kind, strike=_wrong(fault, _ALL, lambda rng: _FROM_THEN_ON))
    yield Disaster(kind="archive seems empty (404)", strike=_wrong(_empty, ("GET", "HEAD"), lambda rng: _FROM_THEN_ON))
    for kind, fault, methods in (
        ("answers to PUTs lost", answer_lost, _WRITING),
        ("requests cut", cut_short, _ALL),
        ("answers broken off", broken_off, ("GET",)),
        ("bytes damaged on the way", damaged_on_the_way, ("GET", "PUT")),
        ("store busy (503) for a while", refused(503, "SlowDown"), _ALL),
    ):
        yield Disaster(kind=kind, strike=_wrong(fault, methods, lambda rng: rng.randint(1, _SOME)))
    yield Disaster(kind="store slow, 0.5 s a request", strike=_wrong(delayed(0.5), _ALL, lambda rng: _FROM_THEN_ON))
    yield Disaster(kind="store killed in the midst", strike=_killed)
    yield Disaster(kind="store away before the pass", strike=_away_before)
    yield Disaster(kind="store hangs, 3 s", strike=_hangs)


def of_bucket_long() -> Iterator[Disaster]:
    yield Disaster(kind="store silent from then on", strike=_wrong(silent, _ALL, lambda rng: _FROM_THEN_ON))


_empty: Fault = refused(404, "NoSuchKey")


def _of(world: World) -> ObjectStore:
    assert world.objects
    return world.objects


def _wrong(fault: Fault, methods: tuple[str, ...], many: Callable[[random.Random], int]) -> Strike:
    """So many requests in a row go wrong, after some that went well."""

    def strike(world: World, rng: random.Random) -> None:
        between, struck = _of(world).between, threading.Event()
        served_first = rng.randrange(sum(_REQUESTS[method] for method in methods))

        def noted(handler: object, body: bytes) -> None:
            struck.set()
            fault(handler, body)  # type: ignore[arg-type]

        between.fails(*[served] * served_first, *[noted] * many(rng), methods=methods)
        world.passed(mended=between.fails)
        world.met = struck.is_set()

    return strike


def _killed(world: World, rng: random.Random) -> None:
    """It is there again for the next pass."""
    store = _of(world).store
    with in_the_midst(world, rng, store.stop):
        world.passed()
    if world.met:
        store.start()


def _away_before(world: World, rng: random.Random) -> None:
    store = _of(world).store
    store.stop()
    world.passed()
    store.start()


def _hangs(world: World, rng: random.Random) -> None:
    """No process of it runs for a while, and all connections stand."""
    store = _of(world).store

    def hang() -> None:
        store.send_signal(signal.SIGSTOP)
        threading.Timer(3.0, store.send_signal, (signal.SIGCONT,)).start()

    with in_the_midst(world, rng, hang):
        world.passed(mended=lambda: store.send_signal(signal.SIGCONT))
