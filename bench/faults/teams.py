"""Two processes on one server: one leads, the other takes mails from the queue or stands by. One of them is killed in the midst of its
work, and the other has to finish all of it."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.faults.steps import read_steps
from bench.faults.workers import Run
from bench.faults.world import World

IN_A_JOB, WORKER, LEADER = (
    "worker of a queue killed in a job",
    "worker of a queue killed",
    "leader killed, one stands by",
)
LEASE = 660.0
"""Seconds: by so much the clock is put forward when one was killed, so that what it had leased is free."""
_BEFORE_JOBS = ("database.", "queue_tables.")
_AHEAD_SECONDS = 1.0
"""The worker of the queue is there before there is anything to take, so that it has its share."""
_BEGIN_SECONDS, _FINISH_SECONDS, _STOP_SECONDS = 60.0, 300.0, 120.0


@dataclass(kw_only=True)
class Teams:
    """`wrong`: what the other did not finish. `dead` is called when one was killed, before the other can have done its work again."""

    world: World
    rng: random.Random
    wrong: list[str] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)
    """Of a job, as the first worker of a queue met them, who is not killed: name → how often."""

    def kill_one(self, kind: str | None = None) -> str | None:
        """→ the kind of kill; None where nobody was killed, as where the steps of a job are not known yet. `kind`: None for any."""
        kind = kind or (self.rng.choice((IN_A_JOB, IN_A_JOB, WORKER, LEADER)) if self.steps else IN_A_JOB)
        told = self.world.folder / "steps"
        more = {"die_at": self._step(), "survey": str(told)} if kind == IN_A_JOB else {}
        if kind == LEADER:
            leader = self.world.start(once=False)
        other = self.world.start(once=False, hand=kind != LEADER, **more)
        if kind != LEADER:
            self.world.workers.wait(other, _AHEAD_SECONDS)
            leader = self.world.start(once=False)
        victim, survivor = (leader, other) if kind == LEADER else (other, leader)
        if kind == IN_A_JOB:
            self._until(lambda: self.world.workers.wait(victim, 0.2) or self._all_done(), _BEGIN_SECONDS)
        else:
            self.world.workers.wait(victim, self.rng.uniform(0.5, 7.0))
            victim.kill()
            self.world.workers.wait(victim, _STOP_SECONDS)
        if victim.killed:
            self._finished_by(survivor, kind)
        for run in (victim, survivor):
            self._stopped(run)
        for name, count in read_steps(told).items():
            if not name.startswith(_BEFORE_JOBS):
                self.steps[name] = max(self.steps[name], count)
        return kind if victim.killed else None

    def _step(self) -> str | None:
        if not self.steps:
            return None
        name = self.rng.choice(sorted(self.steps))
        return f"{name}#{self.rng.randint(1, min(3, self.steps[name]))}"

    def _finished_by(self, survivor: Run, kind: str) -> None:
        self.world.after_run()
        self.world.turn_clock(self.world.ahead + LEASE)
        done = self._until(lambda: self.world.workers.wait(survivor, 0.3) or self._all_done(), _FINISH_SECONDS)
        if survivor.status is not None:
            self.wrong.append(f"{kind}: the other ended too, with {survivor.status}")
        elif not done:
            self.wrong.append(f"{kind}: the other left {self.world.records.left()}")

    def _stopped(self, run: Run) -> None:
        if run.status is None:
            run.stop()
        self.world.ended(run, _STOP_SECONDS)

    def _all_done(self) -> bool:
        return self._mails_known() and self.world.records.left().nothing

    def _mails_known(self) -> bool:
        return len(self.world.records.mails()) == len(self.world.delivered)

    @staticmethod
    def _until(done: Callable[[], bool], seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if done():
                return True
        return False
