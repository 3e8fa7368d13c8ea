"""Does this print say this text? Forced alignment of an expected text over what the recogniser saw.

The recogniser (CTC, Graves et al. 2006) gives for each time step the probabilities of all characters. Its best path is
what it reads; the path of the expected text is how well the same pixels bear that reading. The difference of the two,
in nats, is the deficit: 0 when the page says exactly this, about the log odds of the one altered character when it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import exp, inf

from domain.cover import Lattice
from domain.text import normalise

_Step = tuple[dict[str, float], float, float]
"""Candidates by normalised character ("" the blank) as deficits from the best, the deficit of any other, of blank."""


def deficit(lines: Sequence[Lattice], floor: float, expected: str, *, anywhere: bool = False) -> float:
    """How much less likely `expected` is than what was read best, in nats (≥ 0; inf when it cannot fit at all).

    `lines` are read one after the other. `anywhere`: the text may stand inside a longer line.
    """
    text = normalise(expected)
    steps = [step for line in lines for step in _steps(line, floor)]
    if not text:
        return 0.0 if anywhere else sum(step[2] for step in steps)
    if len(steps) < len(text):
        return inf
    return _viterbi(steps, text, anywhere=anywhere)


def letters(lines: Sequence[Lattice]) -> tuple[tuple[str, float], ...]:
    """What the recogniser's best path says, letter by letter with the probability (0–1) of each at its surest step."""
    found: list[tuple[str, float]] = []
    for line in lines:
        before = ""
        for step in line:
            letter, log = step[0] if step else ("", 0.0)
            if letter and letter == before:
                found[-1] = (letter, max(found[-1][1], exp(log)))
            elif letter:
                found.append((letter, exp(log)))
            before = letter
    return tuple(found)


@lru_cache(maxsize=512)  # a few pages: a line takes some 20 kB
def _steps(line: Lattice, floor: float) -> tuple[_Step, ...]:
    """Each step as deficits; a blank step of its own parts one line from the next."""
    steps: list[_Step] = []
    for candidates in line:
        best = candidates[0][1] if candidates else 0.0
        costs: dict[str, float] = {}
        for character, log in candidates:
            key = normalise(character) if character else ""
            costs[key] = min(costs.get(key, inf), best - log)
        other = max(best - floor, 0.0)
        steps.append((costs, other, costs.get("", other)))
    steps.append(({"": 0.0}, -floor, 0.0))
    return tuple(steps)


def _viterbi(steps: Sequence[_Step], text: str, *, anywhere: bool) -> float:
    """Cheapest path: state 2i is the blank before character i, state 2i+1 character i; the last blank closes."""
    size = 2 * len(text) + 1
    row = [inf] * size
    row[0] = 0.0
    best_end = inf
    for costs, other, blank in steps:
        new = [inf] * size
        entry = 0.0 if anywhere else inf
        for state in range(size):
            reach = row[state]
            if state and row[state - 1] < reach:
                reach = row[state - 1]
            if state % 2:
                character = text[state // 2]
                if state == 1 and entry < reach:
                    reach = entry
                if state > 2 and character != text[state // 2 - 1] and row[state - 2] < reach:
                    reach = row[state - 2]
                cost = costs.get(character, other)
            else:
                cost = blank
            new[state] = reach + cost
        row = new
        if anywhere:
            row[0] = 0.0
            best_end = min(best_end, row[-1], row[-2])
    return best_end if anywhere else min(row[-1], row[-2])
