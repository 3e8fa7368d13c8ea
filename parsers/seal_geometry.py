"""Find rings of red ink on a page: where the rim of a round seal runs, even broken, overlapped or half off the page."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.seal_marks import InkMap, Map

ANGLES = 240
_MAX_POINTS = 9000
_MAX_PEAKS = 10
_BIN = 2
"""Pixels per cell of the vote map."""


@dataclass(frozen=True, kw_only=True)
class Ring:
    """An ellipse in pixels: centre, half axes (`a` along `tilt`, radians), and how surely ink runs round it.

    `coverage` is the inked share of the visible rim, `visible` the share of the rim that lies on the page, `fill` the inked
    share of its inside, `outside` the inked share just beyond the rim.
    """

    x: float
    y: float
    a: float
    b: float
    tilt: float = 0.0
    coverage: float = 0.0
    visible: float = 1.0
    fill: float = 0.0
    outside: float = 0.0

    @property
    def radius(self) -> float:
        return math.sqrt(self.a * self.b)

    def scaled(self, factor: float) -> Ring:
        """The same ring on a picture `factor` times as large."""
        return replace(self, x=self.x * factor, y=self.y * factor, a=self.a * factor, b=self.b * factor)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """2×2: carries the unit circle onto the ellipse about its centre, without turning it."""
        cos, sin = math.cos(self.tilt), math.sin(self.tilt)
        turn = np.array([[cos, -sin], [sin, cos]])
        return np.asarray(turn @ np.diag([self.a, self.b]) @ turn.T, dtype=np.float64)


def find_rings(ink: InkMap, smallest: float, largest: float) -> tuple[Ring, ...]:
    """Rings with a radius between the two bounds (pixels), surest first; none that mostly repeats a surer one."""
    found: list[Ring] = []
    for x, y in _centres(ink, smallest, largest):
        ring = _measured(ink, x, y, smallest, largest)
        if ring is not None and plausible(ring):
            found.append(ring)
    found.sort(key=clearness, reverse=True)
    kept: list[Ring] = []
    for ring in found:
        near = [other for other in kept if math.hypot(ring.x - other.x, ring.y - other.y) <= 0.45 * other.radius]
        if not near:
            kept.append(ring)
        elif len(near) == 1 and ring.radius > 1.04 * near[0].radius and ring.coverage - ring.outside >= 0.4:
            kept[kept.index(near[0])] = ring  # the circle of letters was taken for the rim that lies round it
    return tuple(kept)


def clearness(ring: Ring) -> float:
    """How much more ink runs round the rim than beyond it, of the whole rim (0–1)."""
    return (ring.coverage - ring.outside) * ring.visible


def plausible(ring: Ring) -> bool:
    """Whether enough ink lies on the rim, and little enough beyond and inside, for a seal."""
    return ring.coverage >= 0.4 and ring.coverage - ring.outside >= 0.3 and ring.visible >= 0.3 and ring.fill < 0.75


def _centres(ink: InkMap, smallest: float, largest: float) -> list[tuple[float, float]]:
    """Hough votes: every edge of ink votes for the centres it could be part of a circle round (Ballard 1981)."""
    smooth = cv2.GaussianBlur(ink.density, (0, 0), 1.0)
    gx, gy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    strength = np.hypot(gx, gy)
    inked = cv2.dilate((smooth > ink.threshold * 0.8).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    ys, xs = np.nonzero(inked & (strength > ink.threshold * 0.9))
    if xs.size < 40:
        return []
    if xs.size > _MAX_POINTS:
        chosen = np.linspace(0, xs.size - 1, _MAX_POINTS).astype(np.int64)
        ys, xs = ys[chosen], xs[chosen]
    ux = (gx[ys, xs] / strength[ys, xs]).astype(np.float32)
    uy = (gy[ys, xs] / strength[ys, xs]).astype(np.float32)
    votes = _vote(xs, ys, ux, uy, ink.density.shape, smallest, largest)
    return _peaks(votes, pad=largest, apart=max(0.3 * smallest / _BIN, 2.0))


def _vote(
    xs: NDArray[np.int64], ys: NDArray[np.int64], ux: Map, uy: Map, shape: tuple[int, ...], low: float, high: float
) -> Map:
    rows, columns = int((shape[0] + 2 * high) / _BIN) + 1, int((shape[1] + 2 * high) / _BIN) + 1
    radii = np.concatenate([np.arange(low, high, 1.0), -np.arange(low, high, 1.0)]).astype(np.float32)
    cx = ((xs[:, None] + ux[:, None] * radii + high) / _BIN).astype(np.int32)
    cy = ((ys[:, None] + uy[:, None] * radii + high) / _BIN).astype(np.int32)
    inside = (cx >= 0) & (cy >= 0) & (cx < columns) & (cy < rows)
    # A large circle has more edge than a small one, so each vote counts the less the larger the circle.
    weights = np.broadcast_to(low / np.abs(radii), cx.shape)
    flat = np.bincount(cy[inside] * columns + cx[inside], weights=weights[inside], minlength=rows * columns)
    smooth = cv2.GaussianBlur(flat.reshape(rows, columns).astype(np.float32), (0, 0), 1.2)
    return np.asarray(smooth, dtype=np.float32)


def _peaks(votes: Map, pad: float, apart: float) -> list[tuple[float, float]]:
    left = votes.copy()
    best = float(left.max())
    centres: list[tuple[float, float]] = []
    while len(centres) < _MAX_PEAKS:
        row, column = np.unravel_index(int(left.argmax()), left.shape)
        if left[row, column] < 0.25 * best:
            break
        centres.append(((column + 0.5) * _BIN - pad, (row + 0.5) * _BIN - pad))
        cv2.circle(left, (int(column), int(row)), round(apart), 0.0, -1)
    return centres


def _measured(ink: InkMap, x: float, y: float, smallest: float, largest: float) -> Ring | None:
    """The best rim round a centre, fitted to its own points, with its shares measured."""
    ring: Ring | None = None
    for _ in range(3):
        around, seen = polar(ink.density, x, y, largest * 1.2)
        radius = _rim_radius(around, seen, ink.threshold, smallest, largest)
        if radius is None:
            return None
        ring = fitted(around, seen, x, y, radius, ink.threshold)
        x, y = ring.x, ring.y
    return shares(ink, ring) if ring else None


def polar(density: Map, x: float, y: float, reach: float) -> tuple[Map, NDArray[np.bool_]]:
    """Rows are angles (clockwise from the right), columns radii in pixels; the mask tells what lies on the page."""
    angles = (np.arange(ANGLES) * 2 * math.pi / ANGLES)[:, None]
    radii = np.arange(int(reach) + 1)[None, :]
    map_x = (x + np.cos(angles) * radii).astype(np.float32)
    map_y = (y + np.sin(angles) * radii).astype(np.float32)
    around = cv2.remap(density, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    seen = (map_x >= 0) & (map_y >= 0) & (map_x < density.shape[1] - 1) & (map_y < density.shape[0] - 1)
    return np.asarray(around, dtype=np.float32), seen


def _rim_radius(
    around: Map, seen: NDArray[np.bool_], threshold: float, smallest: float, largest: float
) -> float | None:
    """The radius where most directions are inked while few are just outside."""
    hits = (around > threshold).astype(np.float32)
    near = cv2.blur(cv2.dilate(hits, np.ones((1, 5), np.uint8)), (1, 1))
    counts = np.maximum(seen.sum(axis=0), 1)
    share = (near * seen).sum(axis=0) / counts
    low, high = int(smallest), int(min(largest, around.shape[1] - 1))
    scores = np.zeros(high + 1, dtype=np.float32)
    for radius in range(low, high):
        if seen[:, radius].mean() < 0.3:
            continue
        beyond = share[min(int(radius * 1.06) + 3, len(share) - 1) : min(int(radius * 1.14) + 4, len(share))]
        scores[radius] = share[radius] - 0.6 * (float(beyond.mean()) if beyond.size else 0.0)
    best = int(scores.argmax())
    if scores[best] <= 0.3:
        return None
    # Crowded letters look like a thick ring inside a thin rim: the rim is the outer one.
    wider = scores[int(best * 1.07) : int(best * 1.45)]
    if wider.size and wider.max() >= 0.33:
        best = int(best * 1.07) + int(wider.argmax())
    return float(best)


def fitted(around: Map, seen: NDArray[np.bool_], x: float, y: float, radius: float, threshold: float) -> Ring:
    """Fit an ellipse (a circle when much of the rim is missing) to the strongest ink near `radius` in each direction."""
    low, high = int(radius * 0.9), min(int(radius * 1.1) + 2, around.shape[1])
    band = cv2.GaussianBlur(around[:, low:high], (0, 0), 0.8)
    place = band.argmax(axis=1)
    strong = (band.max(axis=1) > threshold) & seen[np.arange(ANGLES), low + place]
    angles = np.arange(ANGLES)[strong] * 2 * math.pi / ANGLES
    distance = (low + place[strong]).astype(np.float64)
    circle = Ring(x=x, y=y, a=radius, b=radius)
    for _ in range(3):
        if len(angles) < 24:
            return circle
        terms = harmonics(angles, full=len(angles) > 0.6 * ANGLES)
        weights, *_ = np.linalg.lstsq(terms, distance, rcond=None)
        error = np.abs(terms @ weights - distance)
        near = error <= max(2.5 * float(np.median(error)), 1.2)
        circle = _from_harmonics(x, y, weights)
        angles, distance = angles[near], distance[near]
    return circle


def harmonics(angles: NDArray[np.float64], *, full: bool) -> NDArray[np.float64]:
    """A nearly round ellipse seen from a point near its centre: r = r0 + shift·(cos, sin)(t) + oval·(cos, sin)(2t)."""
    columns = [np.ones_like(angles), np.cos(angles), np.sin(angles)]
    if full:
        columns += [np.cos(2 * angles), np.sin(2 * angles)]
    return np.stack(columns, axis=1)


def _from_harmonics(x: float, y: float, weights: NDArray[np.float64]) -> Ring:
    mean = float(weights[0])
    oval = tilt = 0.0
    if len(weights) == 5:
        oval = min(float(math.hypot(weights[3], weights[4])), 0.15 * mean)
        tilt = 0.5 * math.atan2(weights[4], weights[3])
    return Ring(x=x + float(weights[1]), y=y + float(weights[2]), a=mean + oval, b=mean - oval, tilt=tilt)


def along(density: Map, ring: Ring, factors: NDArray[np.float64]) -> tuple[Map, NDArray[np.bool_]]:
    """Density by direction (rows, ANGLES of them) and share of the ring's radius there (columns), and what lies on the page."""
    turn = np.arange(ANGLES) * 2 * math.pi / ANGLES
    directions = ring.matrix @ np.stack([np.cos(turn), np.sin(turn)])
    map_x = (ring.x + directions[0][:, None] * factors).astype(np.float32)
    map_y = (ring.y + directions[1][:, None] * factors).astype(np.float32)
    values = cv2.remap(density, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    seen = (map_x >= 0) & (map_y >= 0) & (map_x < density.shape[1] - 1) & (map_y < density.shape[0] - 1)
    return np.asarray(values, dtype=np.float32), seen


def shares(ink: InkMap, ring: Ring) -> Ring:
    """Measure coverage, visibility, fill and outside along the fitted ellipse."""

    def inked(factors: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        values, on_page = along(ink.density, ring, factors)
        return np.asarray(values > ink.threshold), on_page

    slack = max(1.5 / ring.radius, 0.02)
    rim, on_page = inked(np.linspace(1 - slack, 1 + slack, 5))
    visible = on_page[:, 2]
    covered = np.asarray(rim.any(axis=1))
    beyond, beyond_on_page = inked(np.linspace(1.08, 1.16, 3))
    inner, inner_on_page = inked(np.sqrt(np.linspace(0.01, 0.8, 16)))
    return replace(
        ring,
        coverage=float(covered[visible].mean()) if visible.any() else 0.0,
        visible=float(visible.mean()),
        fill=float(inner[inner_on_page].mean()) if inner_on_page.any() else 0.0,
        outside=float(beyond[beyond_on_page].mean()) if beyond_on_page.any() else 0.0,
    )
