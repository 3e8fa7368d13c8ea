"""The ministry's list of filed apps (备案名单), in the version that was in force: what stands in it, found by number and name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from domain.names import Degree, app_core, closeness, like_apps, like_operators
from domain.text import normalise

_FILLERS = re.compile(r"[案字第号:.,()\[\]{}\"'-]")
"""What people put into a number, and what changes nothing about which is meant."""
_CLOSE, _GUESSES = 0.6, 5
_CANDIDATES = 40
"""Names that share most pairs of letters with the wanted one; only they are compared letter by letter."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One filed app as the list prints it."""

    number: str
    app: str
    operator: str


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A row of a list that was left out; `why` is English for the operator, `told` the same in Chinese for a page."""

    sheet: str
    row: int
    why: str
    told: str


@dataclass(frozen=True, kw_only=True)
class HeadColumn:
    """What a column of a file was taken for: `name` of ours, `heading` as it is printed there, `letter` where it stands."""

    name: str
    heading: str
    letter: str


@dataclass(frozen=True, kw_only=True)
class Head:
    """The line of column names that was found on a sheet."""

    sheet: str
    row: int
    columns: tuple[HeadColumn, ...]


@dataclass(frozen=True, kw_only=True)
class ReadList:
    """A file of the list as it was read, under its `heads`. `repeated`: rows that say again what an earlier one says, left out."""

    entries: tuple[Entry, ...]
    unread: tuple[Unread, ...] = ()
    repeated: int = 0
    heads: tuple[Head, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ListFailure:
    """A file that is no list of filed apps; `why` is English for the operator, `told` the same in Chinese for a page."""

    why: str
    told: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """An entry that a search found; `why` in Chinese."""

    entry: Entry
    why: str


@dataclass(frozen=True, kw_only=True)
class Register:
    """One version of the list. `date` is that of the list itself, not of its import."""

    version: int
    date: date
    entries: tuple[Entry, ...]

    def with_number(self, text: str) -> tuple[Entry, ...]:
        """The entries under this number, however it is written: full width, spaces, 号 left out."""
        key = number_key(text)
        return self._by_number.get(key, ()) if key else ()

    def of_app(self, app: str, operator: str) -> Entry | None:
        """The entry that is most likely this app of this operator; None where none is alike in both."""
        best: tuple[int, int, Entry] | None = None
        for entry in self._near(app_core(app)):
            named, owned = like_apps(app, entry.app).degree, like_operators(operator, entry.operator).degree
            if named and owned and (best is None or (named, owned) > best[:2]):
                best = (named, owned, entry)
        return best[2] if best else None

    def search(self, text: str, limit: int = 20) -> tuple[Found, ...]:
        """Entries by number, else by part of a name, else by a name that is alike, else the closest ones."""
        exact = [Found(entry=entry, why="备案号一致") for entry in self.with_number(text)]
        wanted = normalise(text).casefold()
        if exact or not wanted:
            return tuple(exact[:limit])
        parts = [Found(entry=entry, why=why) for entry in self.entries if (why := _holds(entry, wanted))]
        parts.sort(key=lambda found: len(found.entry.app))
        found = parts or [alike for entry in self.entries if (alike := _alike(entry, text))]
        return tuple(found[:limit]) or self._closest(text)

    def _closest(self, text: str) -> tuple[Found, ...]:
        """The few entries of which most letters agree."""
        scored = [(max(closeness(text, entry.app), closeness(text, entry.operator)), entry) for entry in self.entries]
        best = sorted((each for each in scored if each[0] >= _CLOSE), key=lambda each: -each[0])[:_GUESSES]
        return tuple(Found(entry=entry, why=f"有{score:.0%}的字相同") for score, entry in best)

    @cached_property
    def _by_number(self) -> dict[str, tuple[Entry, ...]]:
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            found[number_key(entry.number)].append(entry)
        return {key: tuple(entries) for key, entries in found.items()}

    @cached_property
    def _by_pair(self) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for at, entry in enumerate(self.entries):
            for pair in _pairs(app_core(entry.app)):
                found[pair].append(at)
        return found

    def _near(self, core: str) -> Iterator[Entry]:
        """Entries whose app shares pairs of letters with this name, most of them first."""
        shared = Counter(at for pair in _pairs(core) for at in self._by_pair.get(pair, ()))
        yield from (self.entries[at] for at, _ in shared.most_common(_CANDIDATES))


def number_key(text: str) -> str:
    """A filing number as it is compared: without fillers, brackets and 号."""
    return _FILLERS.sub("", normalise(text[:100]).upper())


def is_number(text: str) -> bool:
    """Whether it is written like a filing number of the ministry: letters with 备, then digits."""
    return re.fullmatch(r"[^0-9]{0,8}备[0-9]{4,12}", number_key(text)) is not None


def _pairs(text: str) -> set[str]:
    """Pairs of neighbouring letters; of one letter itself."""
    return {text[at : at + 2] for at in range(len(text) - 1)} or ({text} if text else set())


def _holds(entry: Entry, wanted: str) -> str:
    names = {"备案号": entry.number, "APP名称": entry.app, "主办者": entry.operator}
    held = [what for what, name in names.items() if wanted in normalise(name).casefold()]
    return f"{'、'.join(held)}含“{wanted}”" if held else ""


def _alike(entry: Entry, text: str) -> Found | None:
    named = like_apps(text, entry.app)
    if named.degree is not Degree.DIFFERENT:
        return Found(entry=entry, why=f"APP名称相近：{named.why}")
    owned = like_operators(text, entry.operator)
    return Found(entry=entry, why=f"主办者相近：{owned.why}") if owned.degree is not Degree.DIFFERENT else None
