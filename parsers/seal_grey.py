"""A seal without its colour: the ring that a black-and-white copy of a stamped page still shows, scanned in colour.

Whether it was inked nobody can tell from such a page, but it is no page that was never stamped.
"""

from __future__ import annotations

import cv2
import numpy as np

from parsers.seal_geometry import find_rings
from parsers.seal_marks import InkMap, Map, Rgb8

_DARK = 12.0
_PRINT = 0.15  # optical density
_RUN = 25  # pixels of the searched picture (80 dpi): longer straight runs are ruling
_NOISE = 0.02
_COVERAGE = 0.5
_CLEAR = 0.42
"""Least inked share of a ring beyond that just outside it: of 32 stamped pages turned grey all but one had as much, the
ring-like print of 7 unstamped ones of that size 0.37 at most."""
_DIAMETER_SHARE = (0.55, 0.8)
"""Diameters that are looked for, as shares of the largest that is searched: 34-50 mm."""


def has_grey_ring(small: Rgb8, paper: Map, radii: tuple[float, float]) -> bool:
    """Whether print on the shrunk page (H×W×3) lies on a ring like a seal's rim. `paper`: its colour, `radii` in pixels."""
    levels = small.astype(np.float32).mean(axis=2)
    density = np.log((paper.mean(axis=2) + _DARK) / (levels + _DARK))
    density = np.clip(density, 0.0, 1.5).astype(np.float32)
    printed = (density > _PRINT).astype(np.uint8)
    for run in ((1, _RUN), (_RUN, 1)):
        ruling = cv2.morphologyEx(printed, cv2.MORPH_OPEN, np.ones(run, np.uint8))
        density[cv2.dilate(ruling, np.ones((3, 3), np.uint8)) > 0] = 0.0
    ink = InkMap(density=density, hidden=np.zeros(density.shape, bool), noise=_NOISE)
    low, high = (share * radii[1] for share in _DIAMETER_SHARE)
    return any(
        low <= ring.radius <= high and ring.coverage >= _COVERAGE and ring.coverage - ring.outside >= _CLEAR
        for ring in find_rings(ink, *radii)
    )
