"""How a worker is killed: at random instants, at every boundary of its steps, at every command of both protocols, on a server also
where a transaction is committed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.faults.conversations import IMAP_VERBS, SMTP_VERBS
from bench.faults.midst import COMMITS
from bench.faults.pg_proxy import COMMIT
from bench.faults.rules import Action, Rule, RuleBook
from bench.faults.steps import read_steps
from bench.faults.world import World

RANDOM, SCHEDULED, STEP, IMAP, SMTP, SERVER = (
    "killed at a random instant", "scheduled worker killed", "killed at a step", "killed at an IMAP command",
    "killed at an SMTP command", "killed at a COMMIT",
)  # fmt: skip
_OFTEN = 6
"""A step that comes more often is killed at its first times only."""


@dataclass(kw_only=True)
class Killer:
    """`seconds` is what a pass with work takes about; `steps` what a survey met: name → how often at most."""

    world: World
    rng: random.Random
    seconds: float = 2.0
    steps: Counter[str] = field(default_factory=Counter)
    done: set[str] = field(default_factory=set)
    """Steps (`name#n`) and commands at which a worker was killed."""

    def survey(self) -> None:
        """A whole pass that tells its steps and how long it took."""
        told = self.world.folder / "steps"
        self.seconds = max(0.3, self.world.passed(survey=str(told)).seconds)
        self._note(told)

    def kill(self) -> str | None:
        """One worker is started and killed. → the kind of kill, None when the worker ended before."""
        kinds = (RANDOM, SCHEDULED, STEP, IMAP, SMTP, SERVER)
        kind = self.rng.choices(kinds, (38, 4, 36, 12, 10, 12 if self.world.server else 0))[0]
        by: dict[str, Callable[[], bool]] = {
            RANDOM: self._at_random,
            SCHEDULED: self._scheduled,
            STEP: self._at_step,
            IMAP: lambda: self._at_command("imap", self.world.imap, IMAP_VERBS),
            SMTP: lambda: self._at_command("smtp", self.world.smtp, SMTP_VERBS),
            SERVER: self._at_commit,
        }
        return kind if by[kind]() else None

    def unmet(self) -> set[str]:
        """First times of steps at which no worker was killed yet."""
        return {f"{name}#1" for name in self.steps} - self.done

    def _at_random(self) -> bool:
        return self._after(self.rng.uniform(0.0, 1.1 * self.seconds), once=True, cold=self.rng.random() < 0.05)

    def _scheduled(self) -> bool:
        return self._after(self.rng.uniform(0.5, 11.0), once=False)

    def _after(self, seconds: float, **order: bool) -> bool:
        run = self.world.start(**order)
        if not self.world.workers.wait(run, seconds):
            run.kill()
        return self._killed()

    def _at_step(self) -> bool:
        fresh = sorted(self.unmet())
        every = [f"{name}#{n}" for name, most in sorted(self.steps.items()) for n in range(1, min(most, _OFTEN) + 1)]
        where = self.rng.choice(fresh if fresh and self.rng.random() < 0.7 else every)
        told = self.world.folder / "steps"
        self.world.start(die_at=where, survey=str(told))
        killed = self._killed()
        if killed:
            self.done.add(where)
        else:
            self._note(told)
        return killed

    def _at_command(self, name: str, book: RuleBook, verbs: tuple[str, ...]) -> bool:
        return self._told_to_die(name, book, self.rng.choice(verbs), self.rng.randint(1, 3))

    def _at_commit(self) -> bool:
        assert self.world.server
        return self._told_to_die("server", self.world.server.book, COMMIT, self.rng.randint(1, COMMITS))

    def _told_to_die(self, name: str, book: RuleBook, verb: str, nth: int) -> bool:
        """Before the server hears of the command, or when it has done it and the worker has not heard of that."""
        if self.rng.random() < 0.5:
            rule = Rule(verb=verb, nth=nth, action=Action.PASS, effect=self.world.kill)
        else:
            rule = Rule(verb=verb, nth=nth, action=Action.CUT_AFTER, after=self.world.kill)
        book.arm(rule)
        self.world.start()
        killed = self._killed()
        book.arm(None)
        if killed:
            self.done.add(f"{name} {verb}")
        return killed

    def _killed(self) -> bool:
        return self.world.finish().killed

    def _note(self, told: Path) -> None:
        for name, count in read_steps(told).items():
            self.steps[name] = max(self.steps[name], count)
