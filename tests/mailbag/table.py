"""The table of the bag: each structure of mail, and what becomes of it. One line a structure; every one comes in two dialects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.mailbag.post import Dialect, Posted

Mails = Callable[[Dialect], Sequence[Posted]]

ALWAYS = frozenset({"mail.unknown_sender"})
"""Told of every sender whom the notice does not list: all of the bag's."""


@dataclass(frozen=True, kw_only=True)
class Structure:
    """`outcome`: what stands at the end, a state with the codes found for each submission by receipt, or the
    disposition of mails that are none; `letters`: how many replies went out."""

    name: str
    mails: Mails
    outcome: tuple[str, ...]
    letters: int
    dialects: tuple[Dialect, Dialect]


_ROUND = tuple(Dialect)


def structure(at: int, name: str, mails: Mails, *outcome: str, letters: int = 1) -> Structure:
    """The `at`th line; dialects go round, so that every program writes many kinds of mail."""
    two = (_ROUND[at % len(_ROUND)], _ROUND[(at + 3) % len(_ROUND)])
    return Structure(name=name, mails=mails, outcome=outcome, letters=letters, dialects=two)


def one(make: Callable[[Dialect], bytes]) -> Mails:
    """A structure of a single mail."""
    return lambda dialect: [Posted(raw=make(dialect))]
