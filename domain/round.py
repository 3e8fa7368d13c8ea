"""One round of a collection that comes again, as data: a month, a quarter, a term. What is asked of rounds is `domain.rounds`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Jump:
    """A number column that is told where it differs from the round before by more than `percent`, and by `at_least`. `column`: its key."""

    column: str
    percent: Decimal
    at_least: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is compared with the round before. `key`: keys of the columns that tell a row from the others; `name`: key of the column
    by which a row is called, "" for those of `key`; `missing`: rows that were there before and are not now are told."""

    key: tuple[str, ...] = ()
    name: str = ""
    missing: bool = False
    jumps: tuple[Jump, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Round:
    """Which round of a series a notice is. `series` is the id of its file and `short` the short code there; `key` stands in the id
    (`2026-11`), `name` in words (2026年11月); `aliases` are further names; `index` counts from 0, the oldest."""

    series: str
    short: str
    key: str
    name: str
    index: int
    aliases: tuple[str, ...] = ()
    comparison: Comparison = Comparison()
