"""Tell which crops of a page show the same print, so that it is read once.

In a column of a return the same words stand again and again. Whether two crops are the same print is asked of the pixels,
not of a reading: laid over each other to a fraction of a pixel, nowhere may more be left than scanning leaves.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
_Ink = NDArray[np.float32]

_PAPER = 250.0
SAME = 0.6
"""Largest difference, in shares of the print's own detail, that two scans of the same print leave. Of 15,700 pairs of crops
on 75 pages (100-300 dpi, half of them blurred and pale), 7,900 of them altered in one character (6 and 8, 学 and 字), the
most alike altered pair had 0.73, 市 and 巿 aside, which no eye tells apart; 93 % of the repeats on fair pages are below 0.6,
and half of those on poor ones. What is not known to be the same is only read."""
_REACH = 4
"""Pixels by which crops of the same print may differ in size and place."""
_WINDOW = 1 / 3
"""Of a character's height: where the difference is summed up. The stroke that parts a 6 from an 8 is about as large."""
_FINE, _COARSE = 0.5, 1 / 6
"""Standard deviations in pixels and in heights of a character: detail is what lies between. A blurred page has little of
it, so that its noise counts for more."""
_REMEMBERED = 30
"""Different prints of a column that a crop is held against, the latest: as many as rows of a page, and a bound for one that
was made to have thousands of cells."""
_INKED = 0.4
"""Of the darkest pixel: where a row has print."""
_SKETCH = (24, 6)
_FAR = 0.08
"""Mean difference of two sketches, 0-1, past which crops are not compared at all."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Crop:
    """A crop as ink 0-1, in small, how much detail it has (standard deviation), and how high its print is."""

    place: int
    ink: _Ink
    sketch: _Ink
    detail: float
    height: float
    """Of its own print in pixels: a number shrunk to its cell is smaller than the page's other print."""


def first_shown(crops: Sequence[Pixels], keys: Sequence[Hashable | None], character: float) -> list[int]:
    """For each crop (H×W grey, dark on light) the place of the first one that shows the same print; its own if none does.

    Only crops of one key (a column) are compared; None is compared with nothing. `character`: height of print in pixels.
    """
    known: dict[Hashable, list[_Crop]] = {}
    places = list(range(len(crops)))
    for at, key in enumerate(keys):
        if key is None:
            continue
        crop = _measured(crops[at], at, character)
        candidates = known.setdefault(key, [])
        recent = candidates[-_REMEMBERED:]
        same = next((one for one in recent if _near(one, crop) and _difference(one, crop, character) <= SAME), None)
        if same is None:
            candidates.append(crop)
        else:
            places[at] = same.place
    return places


def difference(one: Pixels, other: Pixels, character: float) -> float:
    """What is left, at its worst place, when one print is laid over the other: 0 nothing, 1 as much as its detail."""
    return _difference(_measured(one, 0, character), _measured(other, 1, character), character)


def _difference(one: _Crop, other: _Crop, character: float) -> float:
    if one.ink.size > other.ink.size:
        one, other = other, one
    wide = cv2.copyMakeBorder(other.ink, _REACH, _REACH, _REACH, _REACH, cv2.BORDER_CONSTANT, value=(0.0,))
    height, width = one.ink.shape
    if height > wide.shape[0] or width > wide.shape[1]:
        return float("inf")
    misfit = np.asarray(cv2.matchTemplate(wide, one.ink, cv2.TM_SQDIFF), dtype=np.float32)
    _, _, (x, y), _ = cv2.minMaxLoc(misfit)
    shift = np.array([[1, 0, x + _vertex(misfit[y], x)], [0, 1, y + _vertex(misfit[:, x], y)]], dtype=np.float32)
    laid = cv2.warpAffine(wide, shift, (width, height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    window = max(3, round(_WINDOW * min(character, one.height, other.height)))
    left = cv2.blur((one.ink - laid) ** 2, (window, window))
    return float(np.sqrt(left.max())) / one.detail


def _measured(crop: Pixels, place: int, character: float) -> _Crop:
    ink = np.asarray((_PAPER - crop.astype(np.float32)) / _PAPER, dtype=np.float32)
    rows = np.flatnonzero(ink.max(axis=1) > _INKED * ink.max())
    height = min(character, float(rows[-1] - rows[0] + 1)) if rows.size else character
    coarse = max(2 * _FINE, _COARSE * height)
    detail = cv2.GaussianBlur(ink, (0, 0), _FINE) - cv2.GaussianBlur(ink, (0, 0), coarse)
    return _Crop(
        place=place,
        ink=ink,
        sketch=np.asarray(cv2.resize(ink, _SKETCH, interpolation=cv2.INTER_AREA), dtype=np.float32),
        detail=max(float(detail.std()), 1e-3),
        height=height,
    )


def _near(one: _Crop, other: _Crop) -> bool:
    if any(abs(a - b) > _REACH for a, b in zip(one.ink.shape, other.ink.shape, strict=True)):
        return False
    return float(np.abs(one.sketch - other.sketch).mean()) < _FAR


def _vertex(values: NDArray[np.float32], at: int) -> float:
    """Where between its neighbours the parabola through a minimum has its lowest point, -0.5 to 0.5."""
    if not 0 < at < len(values) - 1:
        return 0.0
    before, here, after = (float(value) for value in values[at - 1 : at + 2])
    bend = before - 2 * here + after
    return 0.5 * (before - after) / bend if bend > 0 else 0.0
