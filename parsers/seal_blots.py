"""Notice round patches of red marks whose rim cannot be followed: perhaps a faint or smeared seal, for a person to see.

Without them a seal that is hardly there would count as no seal at all, and a county would be told it had not stamped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.seal_geometry import Ring
from parsers.seal_marks import InkMap

_SECTORS = 12
_LEAST_SECTORS = 9
"""Sectors that must hold ink far from the middle: writing and lines leave most of a circle empty."""
_MIDDLE = 0.1
"""Least share of the ink within 0.6 of the radius: a star and the feet of letters; a quarter and more in drawn seals."""
_FILL = (0.012, 0.6)


def find_blots(ink: InkMap, smallest: float, largest: float, rings: Sequence[Ring]) -> tuple[Ring, ...]:
    """Patches with the size of a seal (radii in pixels), inked most of the way round, away from the rings found."""
    inked = (cv2.GaussianBlur(ink.density, (0, 0), 1.0) > ink.threshold * 0.7).astype(np.uint8)
    inked = np.asarray(cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), dtype=np.uint8)
    for ring in rings:
        cv2.circle(inked, (round(ring.x), round(ring.y)), round(1.2 * ring.radius), 0, -1)
    reach = max(round(0.3 * smallest), 3)
    joined = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    count, _, boxes, _ = cv2.connectedComponentsWithStats(joined)
    found = []
    for left, top, width, height, _ in boxes[1:count].tolist():
        small_side, large_side = min(width, height), max(width, height)
        if small_side < 1.4 * smallest or large_side > 2.2 * largest or large_side > 1.6 * small_side:
            continue
        half = large_side / 2
        blot = Ring(x=left + width / 2, y=top + height / 2, a=half, b=half)
        if _goes_round(inked[top : top + height, left : left + width]):
            found.append(blot)
    return tuple(found)


def _goes_round(part: NDArray[np.uint8]) -> bool:
    ys, xs = np.nonzero(part)
    fill = len(xs) / max(part.size, 1)
    if not _FILL[0] <= fill <= _FILL[1]:
        return False
    x, y = (xs + 0.5) / part.shape[1] * 2 - 1, (ys + 0.5) / part.shape[0] * 2 - 1
    far = np.hypot(x, y) > 0.6
    if (~far).sum() < _MIDDLE * len(xs):
        return False  # a ring drawn by hand round a word
    corner = np.hypot(x, y) > 1.12  # a circle leaves the corners of its box empty
    sector = ((np.arctan2(y, x) + math.pi) / (2 * math.pi) * _SECTORS).astype(int) % _SECTORS
    counts = np.bincount(sector[far & ~corner], minlength=_SECTORS)
    return bool((counts >= 3).sum() >= _LEAST_SECTORS and corner.mean() < 0.1)
