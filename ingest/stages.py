"""How long the stages of the work take in this process, and whether its loops still give signs of life."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from storage.canonical import Json

BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Upper bounds, in seconds: polls take hundredths, a cover some seconds, a mail of many archives minutes."""
LOOPS = {"poll": "poll", "read": "process", "judge": "process", "send": "send"}
"""Stage → the loop that is alive when the stage begins or ends."""
SILENT_AT_MOST = 45 * 60.0
"""Seconds. No deadline of ours lets one step last longer: fetching a mail of 60 MB over the slowest line has 36 minutes."""


class Stages:
    """Counts by stage, and when each loop was heard of last. Safe in several threads. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts = {stage: [0] * (len(BUCKETS) + 1) for stage in LOOPS}
        self._sums = dict.fromkeys(LOOPS, 0.0)
        self._heard: dict[str, float] = {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """What is done within is one run of the stage, however it ends."""
        begun = self._clock()
        self.beat(LOOPS[stage])
        try:
            yield
        finally:
            seconds = self._clock() - begun
            with self._lock:
                self._counts[stage][bisect_left(BUCKETS, seconds)] += 1
                self._sums[stage] += seconds
            self.beat(LOOPS[stage])

    def beat(self, loop: str) -> None:
        """The loop is at work."""
        with self._lock:
            self._heard[loop] = self._clock()

    def silent(self) -> tuple[str, ...]:
        """Loops that were heard of once, and not for so long that they must hang."""
        now = self._clock()
        with self._lock:
            return tuple(sorted(loop for loop, at in self._heard.items() if now - at > SILENT_AT_MOST))

    def snapshot(self) -> dict[str, Json]:
        """By stage `counts` (one for each bound, the last for what took longer; not summed up) and `milliseconds` in all."""
        with self._lock:
            return {
                stage: {"counts": [*self._counts[stage]], "milliseconds": round(1000 * self._sums[stage])}
                for stage in LOOPS
            }
