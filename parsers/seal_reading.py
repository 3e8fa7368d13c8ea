"""Read what stands on a seal's disc: the name round the rim, once or in several ways, and the line under the star."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.alignment import letters
from domain.cover import TextReading
from parsers.ocr import FLOOR, Line, LineReader
from parsers.seal_foot import bottom
from parsers.seal_gaps import FOOT_GAP, gaps
from parsers.seal_marks import Map
from parsers.seal_unroll import Disc, Gap, Unrolled, line, unroll

_LEGIBLE = 0.75
"""Mean character confidence from which a rim counts as read."""
_SURE = 0.97
"""Probability of the least sure letter from which a rim is not read again: a bound on cost, no verdict hangs on it."""
_STRETCH = 1.4
"""Letters of long names are cut narrow: stretched so much they look like those the recogniser was trained on. Of 110 legible
tuning crops 74 were read letter for letter as they are, 77 stretched by 1.3, 75 by 1.6 and by 2.0, 64 by 2.5."""
_FOOT_INK = 0.03
"""Inked share under the star from which a line stands there that was not cut out. Measured a little higher up, where the
foot of an emblem reaches, on tuning crops: 0.028 at most of official seals, 0.033 at least of special ones."""
_SHARPEN = 1.0
_CLEARLY = 0.5
"""Letters by which a rim must be read more surely from its second gap for that to be the foot: opened between two letters it is
read as well (of a seal at 300 dpi surer by 0.03), and what stands under the star is sought in the wrong place."""
_POORER = 0.92
"""Readings with fewer sure letters than this share of the surest one's are left out: with 0.6 a rim read letter for letter
from a double stamp lost its name to its own poorer readings. A letter in thirteen may be lost."""


@dataclass(frozen=True, kw_only=True)
class SealText:
    """`rim` has one lattice for each way the name was read, the surest first; `foot` is the line under the star.

    `unread_foot`: something stands under the star, but what it says was not read. `place` is all that stands there, read
    as one line, be it print. `down` is the direction of the seal's foot, radians clockwise from the
    right; None where no arc is as wide as a foot, so that the place under the star is a guess.
    """

    rim: TextReading
    foot: TextReading | None
    unread_foot: bool
    place: TextReading
    down: float | None

    @property
    def sure(self) -> bool:
        """Nothing more is to be gained by reading the rim again."""
        return is_legible(self.rim) and _least_sure(self.rim) >= _SURE

    @property
    def sureness(self) -> float:
        """Letters read, each counted with its confidence."""
        return _sureness(self.rim)


def read_texts(of: Disc, recogniser: LineReader, *, again: bool = False) -> SealText:
    """The name round the rim, read from its gap, and the line under the star if there is one.

    With `again` a rim that is not sure is read in other ways as well.
    """
    unrolled = unroll(of)
    places = gaps(unrolled)
    text, strip, spare = _read_from(of, unrolled, places[0], recogniser)
    if not again or _least_sure(text.rim) >= _SURE:
        return text
    # Where a line was read, its gap is the foot: opened elsewhere, the strip would hold that line's letters too.
    next_gap = places[1] if len(places) > 1 and text.foot is None else None
    strips = _otherwise(strip, line(unrolled, next_gap) if next_gap else None)
    others = [_reading(each) for each in recogniser.read_lines([_crop(each) for each in strips])]
    opened = others.pop() if next_gap else None
    rim = _joined(text.rim, [*spare, *others])
    if next_gap is None or opened is None:
        return replace(text, rim=rim)
    if _sureness(opened) >= _sureness(rim) + _CLEARLY:  # then that gap is the foot
        text, _, _ = _read_from(of, unrolled, next_gap, recogniser)
        return replace(text, rim=_joined(opened, [rim]))
    behind = opened.lines if _sureness(opened) >= _POORER * _sureness(rim) else ()
    return replace(text, rim=replace(rim, lines=rim.lines + behind))


def _read_from(
    of: Disc, unrolled: Unrolled, gap: Gap, recogniser: LineReader
) -> tuple[SealText, Map, list[TextReading]]:
    """What the seal says if its foot is at the gap, the strip its rim was read from, and another reading of that if any."""
    foot = bottom(of, gap)
    strips = [line(unrolled, gap)]
    if foot.lines:
        strips.append(line(unroll(foot.rest), foot.gap))
    place, *read = (
        _reading(each) for each in recogniser.read_lines([_crop(each) for each in (foot.place, *strips, *foot.lines)])
    )
    rims, lines = read[: len(strips)], read[len(strips) :]
    words = [one for one in lines if one.confidence > 0.3 and letter_count(one.text) >= 2]
    said = max(words, key=lambda one: one.confidence * letter_count(one.text), default=None)
    unread = said is None and (any(not _is_number(one) for one in lines) or (not lines and foot.inked > _FOOT_INK))
    # What was taken for a line under the star but says nothing may be the ends of the name.
    chosen = len(strips) - 1 if said is not None else 0
    down = gap.angle if gap.width >= FOOT_GAP else None
    text = SealText(rim=rims[chosen], foot=said, unread_foot=unread, place=place, down=down)
    return text, strips[chosen], [one for at, one in enumerate(rims) if at != chosen]


def is_legible(rim: TextReading) -> bool:
    return rim.confidence >= _LEGIBLE and letter_count(rim.text) >= 3


def letter_count(text: str) -> int:
    """How many Chinese characters the text holds."""
    return sum("\u3400" <= letter <= "\u9fff" for letter in text)


def _otherwise(straight: Map, opened: Map | None) -> Iterator[Map]:
    """The same rim in other ways: stretched, sharpened, and as `opened` at another gap."""
    wide = cv2.resize(straight, None, fx=_STRETCH, fy=1.0, interpolation=cv2.INTER_CUBIC)
    yield np.asarray(wide, dtype=np.float32)
    soft = cv2.GaussianBlur(straight, (0, 0), 2.0)
    yield np.asarray(straight + _SHARPEN * (straight - soft), dtype=np.float32)
    if opened is not None:
        yield opened


def _joined(first: TextReading, others: Sequence[TextReading]) -> TextReading:
    """The surest reading, with the lattices of all that are not much poorer behind its own."""
    ranked = sorted([first, *others], key=_sureness, reverse=True)
    kept = [one for one in ranked if _sureness(one) >= _POORER * _sureness(ranked[0])]
    return replace(ranked[0], lines=tuple(lattice for one in kept for lattice in one.lines))


def _sureness(of: TextReading) -> float:
    return of.confidence * letter_count(of.text)


def _least_sure(of: TextReading) -> float:
    return min((sure for _, sure in letters(of.lines[:1])), default=0.0)


def _is_number(of: TextReading) -> bool:
    """（1）or 02: which of several equal seals it is. No special seal says its kind without Chinese letters."""
    return bool(of.text) and letter_count(of.text) == 0


def _reading(of: Line) -> TextReading:
    return TextReading(text=of.text.replace(" ", ""), confidence=of.confidence, lines=(of.lattice,), floor=FLOOR)


def _crop(ink: Map) -> NDArray[np.uint8]:
    grey = (255.0 * (1.0 - np.clip(ink, 0.0, 1.0))).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))
