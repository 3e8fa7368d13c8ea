"""What befalls a PostgreSQL server: it restarts, crashes, is away, hangs, ends connections, has no room; an answer to a COMMIT that is
lost says nothing of what counts."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

from bench.faults.database_server import DatabaseServer
from bench.faults.disasters_of_disk import room
from bench.faults.midst import COMMITS, Disaster, Strike, in_the_midst
from bench.faults.pg_proxy import COMMIT
from bench.faults.rules import Action, Rule
from bench.faults.small_disk import empty, fill
from bench.faults.world import World

_FROZEN, _FROZEN_LONG = 3.0, 35.0


def of_server() -> Iterator[Disaster]:
    yield Disaster(kind="server restarted in the midst", strike=_restarted(at_once=False))
    yield Disaster(kind="server crashed in the midst", strike=_restarted(at_once=True))
    yield Disaster(kind="server gone in the midst", strike=_gone_within)
    yield Disaster(kind="server away before the pass", strike=_away_before)
    yield Disaster(kind="server hangs, 3 s", strike=_frozen(_FROZEN))
    yield Disaster(kind="its connections ended", strike=_connections_ended)
    yield Disaster(kind="connections ended again and again", strike=_ended_again_and_again)
    yield Disaster(kind="tables locked, 3 s", strike=_tables_locked(3.0))
    yield Disaster(kind="cut before a COMMIT", strike=_at_commit(Action.CUT_BEFORE, 1))
    yield Disaster(kind="answer to a COMMIT lost", strike=_at_commit(Action.CUT_AFTER, 1))
    yield Disaster(kind="answers to several COMMITs lost", strike=_at_commit(Action.CUT_AFTER, 5))
    yield Disaster(kind="killed, answer to a COMMIT lost", strike=_killed_at_commit)


def of_server_long() -> Iterator[Disaster]:
    yield Disaster(kind="server hangs, 35 s", strike=_frozen(_FROZEN_LONG))
    yield Disaster(kind="tables locked, 35 s", strike=_tables_locked(35.0))


def of_server_disk() -> Iterator[Disaster]:
    yield Disaster(kind="server's disk full before the pass", strike=_disk_full_before)
    yield Disaster(kind="server's disk full in the midst", strike=_disk_full_within)


def _of(world: World) -> DatabaseServer:
    assert world.server
    return world.server


def _restarted(*, at_once: bool) -> Strike:
    def strike(world: World, rng: random.Random) -> None:
        server = _of(world)

        def again() -> None:
            server.stop(at_once=at_once)
            server.start()

        with in_the_midst(world, rng, again):
            world.passed()

    return strike


def _gone_within(world: World, rng: random.Random) -> None:
    """It is there again for the next pass."""
    server = _of(world)
    gone = threading.Event()

    def go() -> None:
        gone.set()
        server.stop(at_once=rng.random() < 0.5)

    def come() -> None:
        if gone.is_set():
            server.start()

    with in_the_midst(world, rng, go):
        world.passed(mended=come)


def _away_before(world: World, rng: random.Random) -> None:
    server = _of(world)
    server.stop(at_once=False)
    world.passed(mended=server.start)


def _frozen(seconds: float) -> Strike:
    def strike(world: World, rng: random.Random) -> None:
        server = _of(world)

        def freeze() -> None:
            server.freeze()
            threading.Timer(seconds, server.thaw).start()

        with in_the_midst(world, rng, freeze):
            world.passed(mended=server.thaw)

    return strike


def _connections_ended(world: World, rng: random.Random) -> None:
    with in_the_midst(world, rng, _of(world).end_connections):
        world.passed()


def _ended_again_and_again(world: World, rng: random.Random) -> None:
    """At random instants, in the midst of statements too."""
    run, struck = world.start(), 0
    while not world.workers.wait(run, rng.uniform(0.05, 0.6)) and struck < 8:
        _of(world).end_connections()
        struck += 1
    world.met = struck > 0
    world.finish()


def _tables_locked(seconds: float) -> Strike:
    def strike(world: World, rng: random.Random) -> None:
        holders: list[threading.Thread] = []

        def hold() -> None:
            begun = threading.Event()
            holders.append(threading.Thread(target=_of(world).hold_tables, args=(seconds, begun)))
            holders[-1].start()
            begun.wait(5)

        with in_the_midst(world, rng, hold):
            world.passed()
        for holder in holders:
            holder.join()

    return strike


def _at_commit(action: Action, times: int) -> Strike:
    def strike(world: World, rng: random.Random) -> None:
        _broken_at_commit(world, Rule(verb=COMMIT, action=action, nth=rng.randint(1, COMMITS), times=times))

    return strike


def _killed_at_commit(world: World, rng: random.Random) -> None:
    """Between the server's deed and the worker's hearing of it."""
    nth = rng.randint(1, COMMITS)
    _broken_at_commit(world, Rule(verb=COMMIT, action=Action.CUT_AFTER, nth=nth, after=world.kill))


def _broken_at_commit(world: World, rule: Rule) -> None:
    book = _of(world).book
    book.arm(rule)
    world.passed()
    world.met = book.fired > 0
    book.arm(None)


def _with_full_disk(world: World, rng: random.Random, strike: Callable[[Callable[[], None]], None]) -> None:
    disk = _of(world).disk
    assert disk
    strike(lambda: fill(disk, room(rng)))
    empty(disk)


def _disk_full_before(world: World, rng: random.Random) -> None:
    def strike(fill_it: Callable[[], None]) -> None:
        fill_it()
        world.passed()

    _with_full_disk(world, rng, strike)


def _disk_full_within(world: World, rng: random.Random) -> None:
    def strike(fill_it: Callable[[], None]) -> None:
        with in_the_midst(world, rng, fill_it):
            world.passed()

    _with_full_disk(world, rng, strike)
