"""What somebody may send to harm us, made by generators: `tests.hostile.cases.CASES` names them all.

Each case tells what may become of it (`Case.outcomes`): the problem codes its sender is told, and the files that were read.
tests/test_hostile.py runs all of them through the real children, bench/hostile.py measures them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Case:
    """`make` gives a whole mail. `outcomes`: any one of these, as `tests.hostile.outcomes.outcome` words it."""

    name: str
    make: Callable[[int], bytes]
    """Takes a scale: at 1 a case is just too large for the limits of the suite, at 10 it is as large as it is told."""
    outcomes: tuple[str, ...]
    endless: bool = False
    """It keeps its reader busy until the time is up; the suite gives it less."""
