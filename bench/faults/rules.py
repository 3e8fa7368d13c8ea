"""What is to go wrong in a conversation, and where: the rule book that both servers of the harness look into."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What happens at a command. `before`: the server never hears it; `after`: it was done, and nobody is told."""

    PASS = "pass"  # noqa: S105  nothing goes wrong here: only the rule's effect comes about
    CUT_BEFORE = "cut before"
    CUT_AFTER = "cut after"
    CUT_WITHIN = "cut within"  # in the middle of the answer, or of the letter
    ANSWER = "answer"  # the rule's reply in place of the server's
    BYE = "BYE"
    GARBAGE = "garbage"
    UNTRUE = "untrue"  # well formed, and nonsense
    EMPTY = "empty"  # OK, and nothing was done or told
    SILENCE = "silence"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """At the `nth` occurrence of `verb`, and `times` from there on. `effect` comes about before the action, `after` after it."""

    verb: str
    action: Action
    nth: int = 1
    times: int = 1
    reply: bytes = b""
    effect: Callable[[], object] | None = None
    after: Callable[[], object] | None = None


class RuleBook:
    """One rule at a time. Thread-safe. `seen` counts the commands since the last `arm`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_it = threading.Lock()
        self._rule: Rule | None = None
        self.seen: Counter[str] = Counter()
        self.fired = 0
        self.calm = threading.Event()
        """Set when nothing is to go wrong: silent connections end."""
        self.calm.set()

    def arm(self, rule: Rule | None) -> None:
        with self._lock:
            self._rule, self.seen, self.fired = rule, Counter(), 0
            self.calm.clear() if rule else self.calm.set()

    def look_up(self, verb: str) -> Rule | None:
        """The rule that holds for this occurrence of the command; its effect has come about."""
        with self._lock:
            self.seen[verb] += 1
            rule = self._rule
            if rule is None or rule.verb != verb or not 0 <= self.seen[verb] - rule.nth < rule.times:
                return None
            self.fired += 1
            self._at_it.acquire()
        try:
            if rule.effect:
                rule.effect()
        finally:
            self._at_it.release()
        return rule

    def settled(self) -> None:
        """Returns when an effect that has begun is over: a server that restarts takes longer than a worker that it left."""
        with self._at_it:
            pass
