"""Normalise text for comparison: what a person reading paper would not see as a difference is made equal.

Letter case, and every character that reads as another one (digits, 己 and 已), stay as they are: that is content.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from functools import lru_cache, wraps
from typing import TypeVar, TypeVarTuple

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\ufe58\ufe63\uff0d"
_DOTS = "\u00b7\u2022\u2027\u2219\u22c5\u30fb\u2024"
_SAME: dict[str, str] = {
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_DOTS, "\u00b7"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u301d\u301e\u2033", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060", "'"),
    **dict.fromkeys("\u301c\u223c\u02dc", "~"),
    **dict.fromkeys("\u3014\u3010\u3016", "["),
    **dict.fromkeys("\u3015\u3011\u3017", "]"),
    "\u3001": ",",
    "\u3002": ".",
    "\u2026": "...",
    "\u22ef": "...",
}
_PLAIN = re.compile("[0-9A-Za-z\u4e00-\u9fff]++")
SHORT = 64
"""Characters of a text of which it is remembered what was made: 65,536 of them are some megabytes."""
_WIDTH_TAGS = ("<wide>", "<narrow>", "<small>", "<vertical>")
_KANGXI = range(0x2E80, 0x2FE0)  # radicals that look just like the ideographs they stand for
_INVISIBLE = {"Cf", "Cc", "Zs", "Zl", "Zp"}  # spaces, controls, joiners, byte order marks


def _fold(character: str) -> str:
    if unicodedata.category(character) in _INVISIBLE:
        return ""
    if character in _SAME:
        return _SAME[character]
    decomposition = unicodedata.decomposition(character)
    # Plain NFKC would also turn ① into 1 and ² into 2, which a person does tell apart.
    if decomposition.startswith(_WIDTH_TAGS) or ord(character) in _KANGXI:
        folded = unicodedata.normalize("NFKC", character)
        return folded if folded == character else "".join(map(_fold, folded))
    return character


class _Folds(dict[int, str]):
    """Code point → what `_fold` makes of it, for `str.translate`: strangers' texts are long, and judged in the worker."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if code < _KEPT_FOLDS:
            self[code] = folded
        return folded


_KEPT_FOLDS = 0x10000
"""Of rarer characters none is remembered: that would be memory for whoever sends them all."""
_FOLDS = _Folds()


_More = TypeVarTuple("_More")
_Made = TypeVar("_Made")


def remembered(most: int) -> Callable[[Callable[[str, *_More], _Made]], Callable[[str, *_More], _Made]]:
    """Keeps what a function made of the last `most` short texts, and its further arguments: columns repeat themselves. Of long ones
    nothing is kept: that would be memory for whoever sends them all."""

    def made(function: Callable[[str, *_More], _Made]) -> Callable[[str, *_More], _Made]:
        kept = lru_cache(maxsize=most)(function)

        @wraps(function)
        def asked(text: str, *more: *_More) -> _Made:
            return (kept if len(text) <= SHORT else function)(text, *more)

        return asked

    return made


def normalise(text: str) -> str:
    """`text` without white space and control characters, one width, one kind of dash, quote, dot and bracket.

    Idempotent. Canonically equivalent texts become equal (Unicode NFC).
    """
    return text if is_plain(text) else _normalised(text)


def normalised(texts: Collection[str]) -> list[str]:
    """The same of each of many."""
    plain = map(_PLAIN.fullmatch, texts)
    return [text if is_so else _normalised(text) for text, is_so in zip(texts, plain, strict=True)]


def is_plain(text: str) -> bool:
    """Nothing but Chinese characters of the first block, Latin letters and digits, as nearly all names and telephone numbers, of which
    each is another: they are as they should be."""
    return _PLAIN.fullmatch(text) is not None


@remembered(65_536)
def _normalised(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).translate(_FOLDS))


def chinese(text: str) -> str:
    """The text's Chinese characters alone: numbers and marks beside it are no part of a name."""
    return "".join(letter for letter in normalise(text) if "\u3400" <= letter <= "\u9fff")


def edit_distance(one: str, other: str) -> int:
    """Levenshtein distance: insertions, deletions and substitutions count 1."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]
