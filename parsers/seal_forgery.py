"""Signs that a seal was drawn or pasted into the picture, or printed, not inked. Only what ink on paper cannot do is named.

Many a print shows none of them (see `parsers.seal_print`): this does not prove that a seal is genuine.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.seal_geometry import Ring
from parsers.seal_marks import Map, Rgb8, ink_map
from parsers.seal_print import is_printed

_LEAST_PIXELS = 400
_FLAT_SPREAD = 1.5
"""Levels: scanned ink spreads by 8 and more (pressure, grain, sensor), a filled colour by 0, after JPEG by about 1."""
_NOISY_PAPER = 1.2
"""Levels of spread from which bare paper counts as scanned."""
_OF_SEAL = 1.1
"""Radii to either side within which ink is looked at for a printer's grid: the seal and a little of what it may lie on."""


def drawn_sign(rgb: Rgb8, ring: Ring, paper: Map) -> str | None:
    """`uniform_ink`, `wiped_paper`, `printed_dots`, or None when nothing surely speaks against ink. `paper` is the local
    colour."""
    reach = 1.6 * max(ring.a, ring.b)
    x0, y0 = max(int(ring.x - reach), 0), max(int(ring.y - reach), 0)
    part = rgb[y0 : int(ring.y + reach) + 1, x0 : int(ring.x + reach) + 1]
    ink = ink_map(part, np.broadcast_to(paper, part.shape).astype(np.float32))
    inked = (ink.density > ink.threshold).astype(np.uint8)
    ys, xs = np.mgrid[0 : part.shape[0], 0 : part.shape[1]]
    far = np.hypot(xs + x0 - ring.x, ys + y0 - ring.y) / ring.radius
    core = cv2.erode(inked, np.ones((5, 5), np.uint8)).astype(bool) & (far < 1.05) & ~ink.hidden
    if core.sum() >= _LEAST_PIXELS and _spread(part[core]) < _FLAT_SPREAD:
        return "uniform_ink"
    bare = ~cv2.dilate(inked | ink.hidden.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    inside, outside = part[bare & (far < 0.9)], part[bare & (far > 1.45)]
    if min(len(inside), len(outside)) >= _LEAST_PIXELS and _spread(inside) == 0.0 and _spread(outside) > _NOISY_PAPER:
        return "wiped_paper"
    clear = inked.astype(bool) & ~cv2.dilate(ink.hidden.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    box = _box(far < _OF_SEAL)
    return "printed_dots" if is_printed(part[box], clear[box], bare[box]) else None


def _box(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rows and columns that a mask lies in."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _spread(pixels: Rgb8) -> float:
    """Largest standard deviation of the three channels."""
    return float(pixels.astype(np.float32).std(axis=0).max())
