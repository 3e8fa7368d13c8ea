"""How the rows of a page without ruling lie: by the slopes from each line of print to the next one in its row.

On a photograph taken at a slant the rows run apart, so that no one turn makes them all level.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from parsers.print_lines import Area
from parsers.straighten import Corners

_LEAST = 24  # steps from line to line that tell how rows lie
_IN_ROW = 0.3  # of a line's height by which the next line in its row may stand higher or lower: a wrapped cell's stand 0.45 off
_HIGH = 0.3  # of half the rows' length that the first and the last one are apart: of fewer rows nothing can be said about others
_SHARPEST = 0.3  # of the rows' height by which the page may be higher at one side: no view is so slanted
_ROUNDS = 20  # of reweighting, after which the fit no longer moves
_LEVEL = 0.0015  # slope that moves a line at the other end of a row by less than a tenth of its height


def askew(areas: Sequence[Area]) -> Corners | None:
    """Corners of what would be a rectangle if all rows lay level, from the first row's height to the last one's; None where they
    do, and where too little is printed to tell. `areas`: lines of print on an upright page."""
    steps = _steps(areas)
    if len(steps) < _LEAST:
        return None
    top, bottom = float(steps[:, 0].min()), float(steps[:, 0].max())
    left, right = float(min(area.x0 for area in areas)), float(max(area.x1 for area in areas))
    half = (right - left) / 2
    if bottom - top < _HIGH * half:
        return None
    slopes = _fitted(steps[:, 0], steps[:, 1])
    above, below = (float(slopes(height)) for height in (top, bottom))
    if max(abs(above), abs(below)) < _LEVEL or abs(above - below) * half > _SHARPEST * (bottom - top):
        return None
    return Corners(
        top_left=(left, top - above * half),
        top_right=(right, top + above * half),
        bottom_right=(right, bottom + below * half),
        bottom_left=(left, bottom - below * half),
    )


def _steps(areas: Sequence[Area]) -> NDArray[np.float64]:
    """(height on the page, slope) from each line to the next one at its right in its row."""
    middles = np.array([[(each.x0 + each.x1) / 2, (each.y0 + each.y1) / 2, each.height] for each in areas])
    found = []
    for x, y, height in middles.reshape(-1, 3):
        row = middles[(middles[:, 0] > x + height) & (np.abs(middles[:, 1] - y) < _IN_ROW * height)]
        if len(row):
            other = row[int(row[:, 0].argmin())]
            found.append(((y + other[1]) / 2, (other[1] - y) / (other[0] - x)))
    return np.array(found, dtype=np.float64).reshape(-1, 2)


def _fitted(heights: NDArray[np.float64], slopes: NDArray[np.float64]) -> np.polynomial.Polynomial:
    """The slope by height on the page: the straight line of least absolute error, which a step astray does not turn."""
    weights = np.ones(len(slopes))
    for _ in range(_ROUNDS):
        line = np.polynomial.Polynomial.fit(heights, slopes, 1, w=weights)
        weights = 1 / np.sqrt(np.maximum(np.abs(slopes - line(heights)), _LEVEL / 10))
    return line
