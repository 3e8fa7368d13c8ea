"""Which files of a mail are the volumes of one archive: told by their names, since most volumes have no mark of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_KNOWN = r"(?:7z|zip|rar|tar|tgz|tbz2?|txz|gz|bz2|xz|cab)"
_PATTERNS = (
    re.compile(r"(?P<stem>.+)\.(?P<style>part)(?P<number>\d{1,5})\.rar", re.IGNORECASE | re.DOTALL),
    re.compile(rf"(?P<stem>.+\.(?P<style>{_KNOWN}))\.(?P<number>\d{{3,4}})", re.IGNORECASE | re.DOTALL),
    re.compile(r"(?P<stem>.+)\.(?P<style>r)(?P<number>\d\d)", re.IGNORECASE | re.DOTALL),
    re.compile(r"(?P<stem>.+)\.(?P<style>z)(?P<number>\d\d)", re.IGNORECASE | re.DOTALL),
)
_MAIN = re.compile(r"(?P<stem>.+)\.(?P<style>rar|zip)", re.IGNORECASE | re.DOTALL)
"""The file that goes with .r00, .r01, … (the first) or .z01, .z02, … (the last)."""


@dataclass(frozen=True, kw_only=True)
class VolumeSet:
    """`places`: where its files stand among those asked about, in the order of the archive; `named`: that of the file whose
    name is the archive's; `gap`: one is missing among or before them. Of one missing after them the names say nothing."""

    places: tuple[int, ...]
    named: int
    gap: bool


@dataclass(frozen=True, kw_only=True)
class _Volume:
    """`stem` and `style` are those of its set; `number` from 0."""

    stem: str
    style: str
    number: int


def volume_sets(names: Sequence[str]) -> tuple[VolumeSet, ...]:
    """The sets among files of these names. Of two files of the same name only the first is taken."""
    found: dict[tuple[str, str], dict[int, int]] = {}
    mains: dict[tuple[str, str], int] = {}
    for place, name in enumerate(names):
        volume, main = _volume(name), _MAIN.fullmatch(name)
        if volume:
            found.setdefault((volume.stem, volume.style), {}).setdefault(volume.number, place)
        elif main:
            mains.setdefault((main["stem"].lower(), main["style"][0].lower()), place)
    return tuple(_set(style, numbers, mains.get((stem, style))) for (stem, style), numbers in found.items())


def _volume(name: str) -> _Volume | None:
    for pattern in _PATTERNS:
        match = pattern.fullmatch(name)
        if match:
            style = match["style"].lower()
            first = 0 if style == "r" else 1
            return _Volume(stem=match["stem"].lower(), style=style, number=int(match["number"]) - first)
    return None


def _set(style: str, numbers: dict[int, int], main: int | None) -> VolumeSet:
    """`main`: where the file without a number stands, which .r00 must have, and .z01 comes before."""
    order = sorted(numbers)
    places = [numbers[number] for number in order]
    gap = order != list(range(order[-1] + 1)) or (style == "r" and main is None)
    if main is not None and style in ("r", "z"):
        places.insert(0 if style == "r" else len(places), main)
    return VolumeSet(places=tuple(places), named=places[-1 if style == "z" else 0], gap=gap)
