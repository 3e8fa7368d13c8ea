"""Several campaigns at the same time, each in a process of its own."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

from bench.faults.campaign import run
from bench.faults.report import Result
from bench.faults.world import world


def campaigns(
    seeds: Sequence[int], kills: Sequence[int], faults: Sequence[int], *, minutes: float, stores: tuple[str, str]
) -> Sequence[Result]:
    """One campaign a seed, with so many kills and faults; what came of each. `stores`: as `world` takes them."""
    context = get_context("spawn")
    with ProcessPoolExecutor(len(seeds), mp_context=context, initializer=_begin) as pool:
        return list(pool.map(_campaign, seeds, kills, faults, repeat(minutes), repeat(stores)))


def _begin() -> None:
    """SIGTERM ends the servers and lets go of the disk."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def _campaign(seed: int, kills: int, faults: int, minutes: float, stores: tuple[str, str]) -> Result:
    """One world, told of on stderr as it goes."""
    begun = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - begun:7.0f} s  seed {seed}: {text}", file=sys.stderr, flush=True)

    with world(*stores) as made:
        return run(made, seed=seed, kills=kills, faults=faults, ends=begun + 60 * minutes, tell=tell)
