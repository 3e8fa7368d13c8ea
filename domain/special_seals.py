"""Does a seal say that it is a special one (财务专用章)? On its rim, on the line under the star, or in what may be such a line."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite

from domain.alignment import deficit
from domain.cover import Seal, SealKind
from domain.text import chinese, edit_distance

_MAY_SAY, _SAYS = 3.0, 0.5
"""Nats a letter by which a special word may be less likely than what was read best under the star, and still stand there
perhaps, or surely. Of 264 official seals on tuning crops one came below 3.6; of 12 special ones whose line was not read
at all or wrongly, hidden ones left out, all had 3.3 at most but two."""
_UNLIKE = 5.0
"""From here on unread ink under the star is none of the words: special seals of tuning crops whose line was not read had 3.8 at
most, but for those that another seal lay on."""


def special_word(seal: Seal, words: Sequence[str]) -> str:
    """The longest special word on the rim or under the star (there two letters of five may be misread).

    Of a line that surely stands under the star two letters of such a word are enough: an official seal has no line there.
    """
    rim, foot = chinese(seal.text), chinese(seal.bottom)
    known = sorted(filter(None, map(chinese, words)), key=len, reverse=True)
    for word in known:
        misread = len(word) >= 4 and len(foot) >= 3 and edit_distance(word, foot) <= 0.4 * len(word)
        if word in rim or word in foot or misread:
            return word
    pairs = {word[at : at + 2]: word for word in reversed(known) for at in range(len(word) - 1)}
    part = next((word for pair, word in pairs.items() if pair in foot), "") or _said(seal, known, _SAYS)
    return part if seal.kind is SealKind.SPECIAL or seal.unread_foot else ""


def may_be_special(seal: Seal, words: Sequence[str]) -> bool:
    """Whether one of the words may stand under the star, however unsurely, or its place could not be seen.

    Ink there that was not read as a line is print or ruling where no special word comes near, and nothing lies on the seal.
    """
    _, far = nearest_word(seal, words)
    unread = seal.unread_foot and (seal.crossed or far < _UNLIKE or not isfinite(far))
    return seal.foot_hidden or unread or far <= _MAY_SAY


def special_name(name: str, seal: Seal, word: str, words: Sequence[str]) -> str:
    """The name and all special words under the star in their order: 财务 and 专用章 are two of them."""
    if name.endswith(word):
        return name
    foot, said, end = chinese(seal.bottom), "", 0
    seen = sorted((foot.find(each), -len(each), each) for each in map(chinese, words) if each and each in foot)
    for start, _, each in seen:
        if start >= end:  # else it is a part of the word before
            said, end = said + each, start + len(each)
    return name + (said or word)


def nearest_word(seal: Seal, words: Sequence[str]) -> tuple[str, float]:
    """The word that fits best what stands under the star, and how much less likely it is than what was read there, in nats a
    letter (≥ 0); ("", inf) where nothing was read."""
    under = seal.under_star
    if under is None or not under.lines:
        return "", inf
    fits = (
        (deficit(under.lines, under.floor, word, anywhere=True) / len(word), word)
        for word in map(chinese, words)
        if word
    )
    far, word = min(fits, default=(inf, ""))
    return word, far


def _said(seal: Seal, words: Sequence[str], bound: float) -> str:
    word, far = nearest_word(seal, words)
    return word if far <= bound else ""
