"""Where no letters stand round a seal: the arc at its foot, from which the name is read."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.seal_marks import Map
from parsers.seal_unroll import ANGLES, Gap, Unrolled, column

_INKED = (0.25, 0.12, 0.06)
"""Ink from which a letter stands at an angle; less where letters are so pale that hardly any is found."""
_WIDEST_GAP = 3.8
"""Radians without letters at most: five letters, the shortest name, fill 2.4 and more."""
_LETTERED = ((0.0, 0.5), (0.5, 0.7))
"""Parts of the band, from its inner edge outwards, that every letter of a name inks."""
FOOT_GAP = 0.5
"""Radians from which a blank arc may be the seal's foot. As measured here, on drawn seals of names of 5 to 20 letters, with and
without number and line: feet 0.65 and more, blanks between letters 0.42 at most."""


def gaps(of: Unrolled) -> tuple[Gap, ...]:
    """The widest arcs without letters, likeliest bottom first; one that lies off the page last, where another may be it."""
    for least in _INKED:
        runs = _runs(~_lettered(of, least))
        if runs[0].width <= _WIDEST_GAP:
            break
    return tuple(sorted(runs[:3], key=lambda run: run.width < FOOT_GAP or not _on_page(of, run)))


def _on_page(of: Unrolled, run: Gap) -> bool:
    """Whether most of the band lies on the page there."""
    half = round(run.width / (4 * math.pi) * ANGLES)
    middle = round(run.angle / (2 * math.pi) * ANGLES)
    rows = np.arange(middle - half, middle + half + 1) % ANGLES
    return bool(of.seen[rows, column(of.low) : column(of.high)].mean() > 0.5)


def _lettered(of: Unrolled, least: float) -> NDArray[np.bool_]:
    """For each angle, whether a letter of the name stands there.

    A letter fills the band; a line under the star has ink in its inner half only, the number at the rim in its outermost
    quarter, and where both stand, as on many a special seal, nothing lies between.
    """
    height = of.high - of.low
    inner, middle = (
        of.ink[:, column(of.low + begin * height) : column(of.low + end * height)] for begin, end in _LETTERED
    )
    width = ANGLES // 24
    return np.asarray(np.minimum(_round_max(inner, width), _round_max(middle, width)) >= least)


def _round_max(band: Map, width: int) -> Map:
    """Strongest ink near each angle, going round."""
    strongest = np.partition(band, -3, axis=1)[:, -3] if band.shape[1] > 3 else band.max(axis=1)
    wrapped = np.concatenate([strongest[-width:], strongest, strongest[:width]]).astype(np.float32)
    spread = cv2.dilate(wrapped.reshape(1, -1), np.ones((1, width), np.uint8))[0]
    return np.asarray(spread[width:-width], dtype=np.float32)


def _runs(blank: NDArray[np.bool_]) -> list[Gap]:
    """Blank arcs going round, widest first; the page's foot when nothing or everything is blank."""
    if blank.all() or not blank.any():
        return [Gap(angle=math.pi / 2, width=0.0)]
    start = int(np.flatnonzero(~blank)[0])
    rolled = np.roll(blank, -start)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], rolled.astype(np.int8), [0]])))
    row = 2 * math.pi / ANGLES
    runs = [
        Gap(angle=float((start + (a + b) / 2) % ANGLES * row), width=float((b - a) * row))
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]
    return sorted(runs, key=lambda run: -run.width)
