"""The straight lines between star and lower rim, where a special seal says its kind (财务专用章)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.seal_geometry import Ring
from parsers.seal_marks import Map
from parsers.seal_unroll import CENTRE, MIDDLE_INKED, RADIUS, SIDE, Disc, Gap, star_share

_WRITTEN = 0.5
"""Tone of a stroke; print and paper that shine through stay below."""


_BELOW_STAR, _BELOW_NOTHING = 0.42, 0.28
"""Where the line may begin, in shares of the radius below the centre: an emblem reaches down to 0.5, a star to 0.33."""
_PLACE = (0.36, 0.74, 0.66)
"""Where such a line stands at all, in shares of the radius: from and to below the centre, and how far to either side."""
_HIDDEN = 0.3
"""Share of that place (its middle two thirds) from which another seal or the page's edge may hide a line."""
_LETTERED, _STARRED = (0.56, 1.04), 0.33
"""Where another seal has ink, in shares of its radius: letters and rim, and a star."""


@dataclass(frozen=True, kw_only=True)
class Foot:
    """The lines under the star as ink 0–1, and the upright disc without them, whose gap is `gap`.

    `place` is all that stands where such a line would, whether or not a line could be told from the rest.
    """

    lines: tuple[Map, ...]
    place: Map
    rest: Disc
    gap: Gap
    inked: float
    """Inked share of the place where such a line stands, whether or not its letters could be cut out."""


def bottom(of: Disc, gap: Gap) -> Foot:
    """Take the straight lines between star and lower rim out of the disc, once it is turned so that the gap is down."""
    turn = cv2.getRotationMatrix2D((CENTRE, CENTRE), math.degrees(gap.angle) - 90.0, 1.0)
    upright, tone = (
        np.asarray(cv2.warpAffine(map_, turn, (SIDE, SIDE), flags=cv2.INTER_LINEAR), dtype=np.float32)
        for map_ in (of.ink, of.tone)
    )
    middle_inked, _ = star_share(of)
    top = round(CENTRE + (_BELOW_STAR if middle_inked > MIDDLE_INKED else _BELOW_NOTHING) * RADIUS)
    foot = round(CENTRE + 0.84 * RADIUS)
    middle_rows = tone[round(CENTRE + 0.52 * RADIUS) : round(CENTRE + 0.66 * RADIUS)]
    inked = float((middle_rows[:, round(CENTRE - 0.2 * RADIUS) : round(CENTRE + 0.2 * RADIUS)] > _WRITTEN).mean())
    left, right = round(CENTRE - 0.72 * RADIUS), round(CENTRE + 0.72 * RADIUS)
    hard, part = upright[top:foot, left:right], tone[top:foot, left:right]
    middle = part[:, part.shape[1] // 4 : part.shape[1] * 3 // 4]
    rows = np.flatnonzero(_steady((middle > _WRITTEN).sum(axis=1) >= 4, 3))
    place = _place(tone)
    crops = []
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > 3) + 1):
        if not 0.1 * RADIUS <= run.size <= 0.4 * RADIUS:
            continue
        begin, end = max(int(run[0]) - 3, 0), int(run[-1]) + 4
        first, last = _middle_word(part[begin:end])
        if last - first > 0.25 * RADIUS:
            crops.append(np.pad(part[begin:end, first:last], ((2, 2), (6, 6))))
            part[begin:end, first:last] = hard[begin:end, first:last] = 0.0
    return Foot(
        lines=tuple(crops),
        place=place,
        rest=replace(of, ink=upright, tone=tone),
        gap=Gap(angle=math.pi / 2, width=gap.width),
        inked=inked,
    )


def is_hidden(ring: Ring, down: float, others: Sequence[Ring], shape: tuple[int, ...]) -> bool:
    """Whether a line under the star could not be seen: another seal lies on its place, or the page ends there.

    `down` is the direction of the seal's foot in radians clockwise from the right, `shape` the picture's.
    """
    top, foot, side = _PLACE
    below, beside = np.meshgrid(np.linspace(top + 0.06, foot - 0.06, 5), np.linspace(-2 * side / 3, 2 * side / 3, 13))
    along, across = np.array([math.cos(down), math.sin(down)]), np.array([-math.sin(down), math.cos(down)])
    spots = np.outer(along, below.ravel()) + np.outer(across, beside.ravel())
    x, y = ring.matrix @ spots + np.array([[ring.x], [ring.y]])
    hidden = (x < 0) | (y < 0) | (x >= shape[1]) | (y >= shape[0])
    for other in others:
        far = np.hypot(*(np.linalg.inv(other.matrix) @ np.stack([x - other.x, y - other.y])))
        hidden |= ((far > _LETTERED[0]) & (far < _LETTERED[1])) | (far < _STARRED)
    return bool(hidden.mean() >= _HIDDEN)


def _place(tone: Map) -> Map:
    """The part of an upright disc where a line under the star stands."""
    top, foot, side = (round(share * RADIUS) for share in _PLACE)
    middle = round(CENTRE)
    return tone[middle + top : middle + foot, middle - side : middle + side].copy()


def _middle_word(rows: Map) -> tuple[int, int]:
    """Columns of the word across the middle: from there outwards up to a blank wider than any between its letters."""
    inked = np.flatnonzero(_steady(np.asarray((rows > _WRITTEN).any(axis=0)), 2))
    if inked.size == 0:
        return 0, 0
    words = np.split(inked, np.flatnonzero(np.diff(inked) > 0.14 * RADIUS) + 1)
    centre = rows.shape[1] / 2
    for word in words:
        if word[0] < centre < word[-1]:  # letters of the rim come near, but leave the middle free
            return int(word[0]), int(word[-1]) + 1
    return 0, 0


def _steady(flags: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Drop runs of True shorter than `length`."""
    kernel = np.ones((length, 1), np.uint8)
    opened = cv2.morphologyEx(flags.astype(np.uint8).reshape(-1, 1), cv2.MORPH_OPEN, kernel)
    return np.asarray(opened[:, 0] > 0)
