"""How far a long look through the records is, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Stage(StrEnum):
    """What an audit goes through, in this order."""

    LEDGER = "ledger"  # entries, by their number
    DECISIONS = "decisions"
    RECORDS = "records"  # mails, letters, tasks and the like, a kind at a time
    ARCHIVE = "archive"  # files


Progress = Callable[[Stage, int, int], None]
"""Told the stage, how many of it are done, and how many there are. What it raises ends the audit."""


def unheard(stage: Stage, done: int, total: int) -> None:
    """For an audit that nobody watches."""


def counted(items: Iterable[T], stage: Stage, total: int, progress: Progress) -> Iterator[T]:
    """The items, each told when it is done with."""
    progress(stage, 0, total)
    for done, item in enumerate(items, 1):
        yield item
        progress(stage, done, max(done, total))
