"""A disaster, and the moments of a pass at which it may come about."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.faults.pg_proxy import COMMIT
from bench.faults.rules import Action, Rule
from bench.faults.sink import DOT
from bench.faults.world import World

_MOMENTS = (
    ("imap", "SEARCH", 2),
    ("imap", "FETCH body", 1),
    ("smtp", "MAIL", 1),
    ("smtp", DOT, 1),
    ("imap", "STORE", 1),
)
"""Commands at which a disaster comes about in the midst of a pass: the mails are listed, fetched (the second search
is that of the Junk folder), letters are sent, the mails are filed."""
COMMITS = 15
"""On a server also at one of the first commits: a pass that has a mail or two to work off has so many."""

Strike = Callable[[World, random.Random], None]


@dataclass(frozen=True, kw_only=True)
class Disaster:
    """`strike` does a pass of the worker in which it comes about, and puts the world in order again."""

    kind: str
    strike: Strike


@contextmanager
def in_the_midst(world: World, rng: random.Random, effect: Callable[[], object]) -> Iterator[None]:
    if world.server and rng.random() < 0.5:
        book, verb, nth = world.server.book, COMMIT, rng.randint(1, COMMITS)
    else:
        server, verb, nth = rng.choice(_MOMENTS)
        book = world.imap if server == "imap" else world.smtp
    book.arm(Rule(verb=verb, nth=nth, action=Action.PASS, effect=effect))
    try:
        yield
    finally:
        world.met = book.fired > 0
        book.arm(None)
