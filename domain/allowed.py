"""What a column of a type may hold beyond the type itself: a range, a choice, a list of codes, a pattern. Data of the notice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from domain.text import normalise


@dataclass(frozen=True, kw_only=True)
class NumberRange:
    """Both ends are allowed. `decimals`: most digits behind the point, None for any number of them."""

    integer: bool = False
    decimals: int | None = None
    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class DayRange:
    """Both days are allowed. `until_received`: no later than the day on which the return was received."""

    earliest: date | None = None
    latest: date | None = None
    until_received: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A word that may be chosen, and other ways to write it that are taken for it."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choices:
    choices: tuple[Choice, ...]

    def chosen(self, text: str) -> str | None:
        """The choice that the text names, as the notice writes it; None where it names none."""
        return self._names.get(normalise(text).casefold())

    @cached_property
    def _names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for choice in self.choices:
            for name in (choice.name, *choice.aliases):
                found.setdefault(normalise(name).casefold(), choice.name)
        return found


@dataclass(frozen=True, kw_only=True)
class CodeList:
    """Codes with what each of them names, under the name the notice has for the list. Two lists are equal when they say the
    same: their items are compared by a digest, since lists are long and notices are compared often."""

    name: str
    digest: str
    items: Mapping[str, str] = field(compare=False, repr=False)
    """Code, normalised, → its name."""
    names: str = ""
    """Key of the column that holds the code's name; "" where none does."""

    def named(self, code: str) -> str | None:
        return self.items.get(normalise(code))


def code_list(name: str, items: Iterable[tuple[str, str]], names: str = "") -> CodeList:
    """The list of these codes and names. Of a code that stands twice the first counts."""
    found: dict[str, str] = {}
    for code, called in items:
        found.setdefault(normalise(code), called)
    digest = hashlib.sha256("\n".join(f"{code}\t{called}" for code, called in found.items()).encode()).hexdigest()
    return CodeList(name=name, digest=digest, items=found, names=names)


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A regular expression that the whole cell must match, compared without regard to width and spaces; what such a value is
    called, and an example."""

    pattern: str
    called: str
    example: str


Allowed = NumberRange | DayRange | Choices | CodeList | Pattern
