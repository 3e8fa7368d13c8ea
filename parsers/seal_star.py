"""Find seals by what stands in their middle: a star or an emblem is solid, and the rim lies round it.

Where rims are broken, or two seals lie on each other, circles through pieces of rims lead astray; the star does not.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from parsers.seal_geometry import Ring, fitted, polar, shares
from parsers.seal_marks import InkMap, Map, filled

_CORE = 0.27
"""Diameter of the disc that fits into a star's middle, as a share of the least radius searched: 3.8 mm of 14. A star of a
38 mm seal holds one of 4.8 mm, strokes of letters are 1.2 mm wide at most."""
_LARGEST_CORE = 0.9
"""Side of the solid part at most, as the same share: an emblem is 18 mm wide."""
_STARS = 4
_LEAST_STAR = 0.5
"""Area of a patch at least, as a share of the largest: blotted letters are smaller."""
_CLEAR = 0.55
"""Share of directions inked at one radius, less that beyond, from which the rim itself is followed."""
_EDGE = 0.12
"""Share of directions that are inked at the outer edge of a seal however worn: beyond it `_BARE` at most."""
_BARE = 0.08
_SOLID, _BLANK, _SECTORS = 0.5, 0.15, 7
"""A star's middle is inked, the paper round it is not, and letters stand in most of twelve sectors: the name fills 195
degrees and more."""
_SHIFT = 3
"""Pixels by which the rim's centre may lie beside the star's."""


def star_rings(ink: InkMap, smallest: float, largest: float) -> tuple[Ring, ...]:
    """A ring round every star, with radii between the bounds (pixels), however little of its rim is inked."""
    density = filled(ink, 3.0)
    found = []
    for x, y in _stars(density, ink.threshold, smallest):
        ring = _rim_round(density, x, y, ink.threshold, smallest, largest)
        if ring is not None:
            found.append(shares(ink, ring))
    return tuple(found)


def surrounded(ink: InkMap, star: Ring) -> bool:
    """Whether letters may stand round a star whose rim is gone: ink most of the way round, blank paper between."""
    reach = round(1.05 * star.radius)
    x, y = round(star.x), round(star.y)
    part = ink.density[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]
    ys, xs = np.mgrid[0 : part.shape[0], 0 : part.shape[1]]
    dx, dy = xs + max(x - reach, 0) - star.x, ys + max(y - reach, 0) - star.y
    far = np.hypot(dx, dy) / star.radius
    inked = cv2.GaussianBlur(part, (0, 0), 0.8) > 0.8 * ink.threshold
    middle, about = inked[far < 0.18], inked[(far > 0.4) & (far < 0.48)]
    sector = ((np.arctan2(dy, dx) + math.pi) / (2 * math.pi) * 12).astype(int) % 12
    around = np.bincount(sector[inked & (far > 0.55) & (far < 1.02)], minlength=12) >= 4
    return bool(middle.mean() > _SOLID and about.mean() < _BLANK and around.sum() >= _SECTORS)


def _stars(density: Map, threshold: float, smallest: float) -> list[tuple[float, float]]:
    """Centres of the solid patches, the largest first."""
    inked = (cv2.GaussianBlur(density, (0, 0), 0.8) > 1.2 * threshold).astype(np.uint8)
    side = max(round(_CORE * smallest), 3)
    core = cv2.morphologyEx(inked, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    count, _, boxes, centres = cv2.connectedComponentsWithStats(core)
    solid = [
        (int(boxes[place, cv2.CC_STAT_AREA]), (float(centres[place][0]), float(centres[place][1])))
        for place in range(1, count)
        if max(boxes[place, cv2.CC_STAT_WIDTH], boxes[place, cv2.CC_STAT_HEIGHT]) <= _LARGEST_CORE * smallest
    ]
    least = _LEAST_STAR * max(solid, default=(0, (0.0, 0.0)))[0]
    return [centre for area, centre in sorted(solid, reverse=True)[:_STARS] if area >= least]


def _rim_round(density: Map, x: float, y: float, threshold: float, smallest: float, largest: float) -> Ring | None:
    """The clearest rim whose centre lies near the star's; the outer edge of the letters where hardly any rim is left."""
    best, place = -1.0, (x, y, 0)
    for down in range(-_SHIFT, _SHIFT + 1):
        for across in range(-_SHIFT, _SHIFT + 1):
            share = _inked_share(density, x + across, y + down, threshold, largest)
            radius, clear = _clearest(share, smallest, largest)
            if clear - 0.01 * math.hypot(across, down) > best:
                best, place = clear - 0.01 * math.hypot(across, down), (x + across, y + down, radius)
    if best < _CLEAR:
        edge = _outer_edge(_inked_share(density, x, y, threshold, largest), smallest, largest)
        return Ring(x=x, y=y, a=edge, b=edge) if edge else None
    x, y, radius = place
    around, seen = polar(density, x, y, largest * 1.2)
    return fitted(around, seen, x, y, radius, threshold)


def _clearest(share: Map, smallest: float, largest: float) -> tuple[int, float]:
    """The radius (pixels) with the most inked directions beyond those just outside it, and how many more."""
    low, high = int(smallest), min(int(largest), len(share) - 2)
    sums = np.concatenate([[0.0], np.cumsum(share)])
    radii = np.arange(low, high)
    begin = np.minimum(radii + 3, len(share) - 1)
    end = np.minimum((1.12 * radii).astype(int) + 3, len(share))
    beyond = (sums[end] - sums[begin]) / np.maximum(end - begin, 1)
    clear = share[low:high] - 0.6 * beyond
    best = int(clear.argmax())
    return low + best, float(clear[best])


def _inked_share(density: Map, x: float, y: float, threshold: float, largest: float) -> Map:
    """For each radius in pixels the share of directions that are inked there (of those on the page)."""
    around, seen = polar(density, x, y, largest * 1.2)
    hits = (np.maximum(around[:, :-1], around[:, 1:]) > threshold) & seen[:, :-1]
    return np.asarray(hits.sum(axis=0) / np.maximum(seen[:, :-1].sum(axis=0), 1), dtype=np.float32)


def _outer_edge(share: Map, smallest: float, largest: float) -> int | None:
    """The largest radius with ink in some directions and hardly any beyond."""
    for radius in range(min(int(largest), len(share) - 2), int(smallest), -1):
        beyond = share[radius + 3 : round(1.12 * radius) + 3]
        if share[radius] >= _EDGE and (beyond.size == 0 or float(beyond.mean()) <= _BARE + 0.4 * float(share[radius])):
            return radius
    return None
