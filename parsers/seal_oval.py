"""Follow a rim that is no circle, or whose circle was laid beside it: the ellipse that the outermost ink lies on."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.seal_geometry import ANGLES, Ring, along, clearness, harmonics, shares
from parsers.seal_marks import InkMap

_REACHES = (0.32, 0.12, 0.06)
"""Share of the radius searched on either side of the ring, turn by turn. An oval of 0.8 leaves its circle by 0.11, and the
circle may lie as far beside its centre."""
_OVALEST = 0.25
"""Half the difference of the axes at most, as a share of their mean: an axis ratio of 0.6, more than any photograph makes."""
_LEAST_ROUND = 0.5, 0.4
"""Share of the directions with ink at the outside, and share of those left on one ellipse, below which nothing is fitted."""
_WHOLE, _CLEARER = 0.88, 0.05
"""Clearness of an ellipse that counts, and by how much it must be clearer than the ring: of 42 rings on tuning crops the 20
ellipses that were right had 0.89 and more, four that ran along letters of a broken rim 0.84 at most."""


def followed(ink: InkMap, ring: Ring) -> Ring:
    """The ellipse of the rim where it is much clearer than `ring`, else the ring itself."""
    if clearness(ring) > 1 - _CLEARER:
        return ring
    oval = ring
    for reach in _REACHES:
        nearer = _fitted(ink, oval, reach, outermost=reach == _REACHES[0])
        if nearer is None:
            return ring
        oval = nearer
    found = shares(ink, oval)
    clearer = clearness(found) >= max(_WHOLE, clearness(ring) + _CLEARER)
    return found if clearer else ring


def _fitted(ink: InkMap, ring: Ring, reach: float, *, outermost: bool) -> Ring | None:
    """An ellipse through the strongest (or the outermost) ink on either side of the ring; None where there is too little."""
    factors = np.arange(1 - reach, 1 + reach, 0.5 / ring.radius)
    sharp, seen = along(ink.density, ring, factors)
    density = cv2.GaussianBlur(sharp, (0, 0), 1.0)
    inked = (density > ink.threshold) & seen
    if outermost:  # the rim is the last thing inwards from blank paper
        place = inked.shape[1] - 1 - inked[:, ::-1].argmax(axis=1)
        usable = inked.any(axis=1) & ~inked[:, -3:].any(axis=1)
    else:
        place = np.where(seen, density, 0.0).argmax(axis=1)
        usable = inked[np.arange(ANGLES), place]
    if usable.sum() < _LEAST_ROUND[0] * ANGLES:
        return None
    weights = _agreeing(
        (np.arange(ANGLES) * 2 * math.pi / ANGLES)[usable], factors[place[usable]], slack=1.0 / ring.radius
    )
    return None if weights is None else _moved(ring, weights)


def _agreeing(angles: NDArray[np.float64], factors: NDArray[np.float64], slack: float) -> NDArray[np.float64] | None:
    """Weights of the harmonics, points that lie off the curve left out step by step."""
    while len(angles) >= _LEAST_ROUND[1] * ANGLES:
        terms = harmonics(angles, full=True)
        weights, *_ = np.linalg.lstsq(terms, factors, rcond=None)
        error = np.abs(terms @ weights - factors)
        near = error <= max(2.5 * float(np.median(error)), slack)
        if near.all():
            return np.asarray(weights)
        angles, factors = angles[near], factors[near]
    return None


def _moved(ring: Ring, weights: NDArray[np.float64]) -> Ring:
    """The curve r(t) = mean + shift·(cos, sin)(t) + oval·(cos, sin)(2t), told in shares of the ring, as an ellipse."""
    mean = float(weights[0])
    oval = min(math.hypot(weights[3], weights[4]), _OVALEST * mean)
    local = Ring(x=0.0, y=0.0, a=mean + oval, b=mean - oval, tilt=0.5 * math.atan2(weights[4], weights[3]))
    axes, lengths, _ = np.linalg.svd(ring.matrix @ local.matrix)
    shift = ring.matrix @ weights[1:3]
    return Ring(
        x=ring.x + float(shift[0]),
        y=ring.y + float(shift[1]),
        a=float(lengths[0]),
        b=float(lengths[1]),
        tilt=math.atan2(float(axes[1, 0]), float(axes[0, 0])),
    )
