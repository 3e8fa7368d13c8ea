"""What differs between two versions of the ministry's list, number by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from domain.register import Entry, number_key
from domain.text import normalise


@dataclass(frozen=True, kw_only=True)
class Change:
    """One number: `before` None is new, `after` None is gone, both have another app or operator."""

    before: Entry | None
    after: Entry | None


@dataclass(frozen=True, kw_only=True)
class Changes:
    """New ones and others in the order of the later list, then those that are gone."""

    added: tuple[Change, ...]
    changed: tuple[Change, ...]
    removed: tuple[Change, ...]

    def __len__(self) -> int:
        return len(self.added) + len(self.changed) + len(self.removed)


def changes(before: Iterable[Entry], after: Iterable[Entry]) -> Changes:
    """Signs that no reader would see as a difference (width, blanks, 号) make none."""
    old, new = _by_number(before), _by_number(after)
    found = [
        Change(before=one, after=other)
        for key in dict.fromkeys([*new, *old])
        for one, other in _unlike(old.get(key, {}), new.get(key, {}))
    ]
    return Changes(
        added=tuple(each for each in found if each.before is None),
        changed=tuple(each for each in found if each.before and each.after),
        removed=tuple(each for each in found if each.after is None),
    )


_Same = tuple[str, str]


def _by_number(entries: Iterable[Entry]) -> dict[str, dict[_Same, Entry]]:
    found: defaultdict[str, dict[_Same, Entry]] = defaultdict(dict)
    for entry in entries:
        found[number_key(entry.number)].setdefault((normalise(entry.app), normalise(entry.operator)), entry)
    return found


def _unlike(old: dict[_Same, Entry], new: dict[_Same, Entry]) -> Iterable[tuple[Entry | None, Entry | None]]:
    """What stands under one number in one list alone: pairs, as long as both have one left."""
    gone = [entry for names, entry in old.items() if names not in new]
    come = [entry for names, entry in new.items() if names not in old]
    return zip_longest(gone, come)
