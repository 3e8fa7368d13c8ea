"""Turn a ring of ink into what a reader of lines can read: an upright disc, the unrolled rim text, the bottom line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.seal_geometry import Ring
from parsers.seal_marks import Map, Rgb8, filled, ink_map

RADIUS = 180
"""Pixels from the centre to the outer edge of the rim on a disc."""
SIDE = 2 * RADIUS + 40
CENTRE = SIDE / 2
MIDDLE_INKED = 0.12
"""Inked share of the middle from which something stands there: a star fills 0.6 of it, an emblem 0.8."""
ANGLES = 900
"""Rows of a disc in polar form."""
_RADII = 240
"""Radial samples of the unrolled disc, from the centre to 1.1 times the radius."""
_REACH = 1.1
_DARK = 8.0
"""Added to levels before the logarithm, so that noise in black print does not look like ink."""
_FAINTEST = 0.15
"""Density from which a pixel helps to tell how dense solid ink is, at its `_SOLID`th percentile."""
_SOLID = 60
_LIFT = 0.6
_OUTER_RIM = 0.35
"""Least density of a rim as a share of the densest circle, where that may be the letters'."""
_WORN, _WHOLE = 0.7, 0.85
"""Inked shares of a rim below which little of it is left to see, and from which the ring as found is the rim."""
_THICKEST = 0.12
"""Of a rim, as a share of the radius: what is thicker are letters."""
_BEYOND, _SEEN_THIN, _THIN = 1.2, 0.5, 0.02
"""How far round them a thin rim is looked for, the share of it that must be seen, and its thickness."""
_RIM_SPAN = 0.035
"""Half the width painted over along another seal's rim, as a share of its radius: 1.5 mm in all."""
_LETTER_GAP = 14
"""Blank columns left between two letters of an unrolled line."""


@dataclass(frozen=True, kw_only=True)
class Disc:
    """A seal carried onto a circle. `ink` is 0–1 (SIDE×SIDE) and tells where ink lies, `tone` the same as softly as it
    was inked: thin strokes stay, which a reader needs. `seen` is 0 where the page ends. `strength` is the density of its solid
    ink, `outer` its rim."""

    ink: Map
    tone: Map
    seen: Map
    strength: float
    noise: float
    rim_width: float
    """Thickness of the rim as a share of the radius."""
    outer: float
    """Outer edge of the rim as a share of the given ring's radius."""


@dataclass(frozen=True, kw_only=True)
class Unrolled:
    """The disc in polar form, its maps ANGLES×_RADII (row 0 points right, rows go clockwise), and the text band in shares."""

    ink: Map
    tone: Map
    seen: Map
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Gap:
    """An arc without letters: its middle and its width in radians, clockwise from the right."""

    angle: float
    width: float


def disc(rgb: Rgb8, ring: Ring, paper: Map) -> Disc:
    """Cut the ring out of the page, undo its oval, and measure its ink. `paper` is one colour (3 values) for the place."""
    picture, inner = _cut(rgb, ring)
    grow, flat = 1.0, _warped(picture, inner, 1.0)
    ink = ink_map(flat, np.broadcast_to(paper, flat.shape).astype(np.float32))
    outer, width = _rim(ink.density, ink.threshold, ring.coverage)
    if width > _THICKEST * outer:
        outer, width = _rim_beyond(picture, inner, paper) or (outer, width)
    if abs(outer - 1.0) > 0.004:
        grow, flat = outer, _warped(picture, inner, outer)
        ink = ink_map(flat, np.broadcast_to(paper, flat.shape).astype(np.float32))
    solid = cv2.GaussianBlur(filled(ink, 3.0), (0, 0), 0.7)
    inked = solid[_inside() & (solid > ink.threshold)]
    strength = float(np.percentile(inked, 70)) if inked.size > 200 else 1.0
    amount = np.clip((solid - 0.5 * ink.threshold) / max(strength - 0.5 * ink.threshold, 0.05), 0.0, 1.0)
    return Disc(
        ink=amount.astype(np.float32),
        tone=_tone(flat, paper),
        seen=_carried(np.ones(picture.shape[:2], np.float32), inner, grow, beyond=0.0),
        strength=strength,
        noise=ink.noise,
        rim_width=width / outer,
        outer=outer,
    )


def _tone(flat: Rgb8, paper: Map) -> Map:
    """Ink 0–1 by the light it takes from green and blue beyond what print takes from red as well (Beer-Lambert).

    Nothing is cut off at a threshold, and pale strokes are lifted: at 150 dpi a thin stroke is narrower than a pixel.
    """
    taken = np.log((paper.reshape(1, 1, 3) + _DARK) / (flat.astype(np.float32) + _DARK))
    density = (taken[..., 1] + taken[..., 2]) / 2 - np.maximum(taken[..., 0], 0.0)
    inked = density[_inside() & (density > _FAINTEST)]
    solid = float(np.percentile(inked, _SOLID)) if inked.size else 1.0
    return np.asarray(np.clip(density / solid, 0.0, 1.0) ** _LIFT, dtype=np.float32)


def without_rims(rgb: Rgb8, ring: Ring, others: Sequence[Ring]) -> Rgb8:
    """The page with the rims of other seals painted over where they cross the ring's letters: a gap in a letter is read
    better than a line through it."""
    bare = rgb.copy()
    reach = 1.1 * max(ring.a, ring.b)
    left, top = max(int(ring.x - reach), 0), max(int(ring.y - reach), 0)
    part = bare[top : int(ring.y + reach) + 1, left : int(ring.x + reach) + 1]  # a view: only here is anything painted
    ys, xs = np.mgrid[0 : part.shape[0], 0 : part.shape[1]].astype(np.float32)
    xs, ys = xs + left, ys + top
    inside = np.hypot(xs - ring.x, ys - ring.y) < 0.95 * ring.radius
    if not inside.any():
        return bare
    colour = np.percentile(part[inside], 80, axis=0).astype(np.uint8)
    for other in others:
        inverse = np.linalg.inv(other.matrix).astype(np.float32)
        far = np.hypot(*np.tensordot(inverse, np.stack([xs - other.x, ys - other.y]), axes=1))
        part[inside & (np.abs(far - 1.0) < _RIM_SPAN)] = colour
    return bare


def unroll(of: Disc) -> Unrolled:
    """Polar form of a disc, with the band between star and rim where the name stands."""
    polar = _polar(of.ink)
    profile = cv2.GaussianBlur(np.percentile(polar, 92, axis=0).reshape(1, -1), (0, 0), 1.5)[0]
    busy = (polar > 0.35).mean(axis=0)
    high = 1.0 - of.rim_width - 0.012
    start = column(high)
    while start > column(0.82) and busy[start] > 0.25:  # the rim's own soft edge
        start -= 1
    high = start / _RADII * _REACH
    low_at = column(0.72)
    floor = 0.35 * float(profile[column(0.68) : start].max(initial=0.01))
    while low_at > column(0.46) and profile[low_at] > floor:
        low_at -= 1
    low = max(low_at / _RADII * _REACH - 0.015, 0.44)
    return Unrolled(ink=polar, tone=_polar(of.tone), seen=_polar(of.seen), low=low, high=high)


def line(of: Unrolled, gap: Gap) -> Map:
    """The rim text as one straight line, ink 0–1, heads up, from the gap clockwise round to it, wide blanks shortened."""
    rows = np.roll(of.tone, -round(gap.angle / (2 * math.pi) * ANGLES), axis=0)
    half = max(round(gap.width / (4 * math.pi) * ANGLES) - 4, 0)
    rows[:half] = 0.0  # the number and the ends of a bottom line stand in the gap
    rows[ANGLES - half :] = 0.0
    band = rows[:, column(of.low) : column(of.high) + 1]
    strip = band.T[::-1]  # outer edge on top
    height = 48
    mean_radius = RADIUS * (of.low + of.high) / 2
    width = round(2 * math.pi * mean_radius * height / (RADIUS * (of.high - of.low)))
    straight = cv2.resize(strip, (width, height), interpolation=cv2.INTER_AREA)
    return _closed_up(np.asarray(straight, dtype=np.float32))


def star_share(of: Disc) -> tuple[float, float]:
    """Inked share of the middle (to 0.2 radius) and of the ring about it (0.36–0.46), where a star leaves blank paper."""
    ys, xs = np.mgrid[0:SIDE, 0:SIDE]
    far = np.hypot(xs - CENTRE, ys - CENTRE) / RADIUS
    inked = of.ink > 0.3
    return float(inked[far < 0.2].mean()), float(inked[(far > 0.36) & (far < 0.46)].mean())


def written_share(of: Disc) -> float:
    """Inked share of the band where a name stands, beyond what goes evenly round: circles count nothing, letters do."""
    band = _polar(of.ink)[:, column(0.55) : column(0.86)]
    even = np.median(band, axis=0, keepdims=True)
    return float((band - even > 0.3).mean())


def _cut(rgb: Rgb8, ring: Ring) -> tuple[Rgb8, Ring]:
    """The ring's surroundings, shrunk when much finer than a disc (so that warping does not skip pixels)."""
    reach = max(ring.a, ring.b) * 1.3
    x0, y0 = max(int(ring.x - reach), 0), max(int(ring.y - reach), 0)
    part = rgb[y0 : int(ring.y + reach) + 2, x0 : int(ring.x + reach) + 2]
    factor = min(1.0, 1.15 * RADIUS / ring.radius)
    if factor < 1.0:
        part = np.asarray(cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    shifted = Ring(x=ring.x - x0, y=ring.y - y0, a=ring.a, b=ring.b, tilt=ring.tilt)
    return part, shifted.scaled(factor)


def _warped(picture: Rgb8, ring: Ring, grow: float) -> Rgb8:
    paper = np.median(picture.reshape(-1, 3), axis=0)
    return np.asarray(_carried(picture, ring, grow, beyond=paper.tolist()), dtype=np.uint8)


def _carried(picture: NDArray[Any], ring: Ring, grow: float, *, beyond: float | list[float]) -> Any:
    """The picture with the ring (`grow` times as large) carried onto a disc's rim; `beyond` fills what is off the picture."""
    linear = ring.matrix * (grow / RADIUS)
    offset = np.array([ring.x, ring.y]) - linear @ np.array([CENTRE, CENTRE])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    matrix = np.column_stack([linear, offset])
    return cv2.warpAffine(
        picture, matrix, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=beyond
    )


def _inside() -> NDArray[np.bool_]:
    ys, xs = np.mgrid[0:SIDE, 0:SIDE]
    return np.asarray(np.hypot(xs - CENTRE, ys - CENTRE) < 1.02 * RADIUS)


def _polar(ink: Map) -> Map:
    angles = (np.arange(ANGLES) * 2 * math.pi / ANGLES)[:, None]
    radii = (np.arange(_RADII) / _RADII * _REACH * RADIUS)[None, :]
    map_x = (CENTRE + np.cos(angles) * radii).astype(np.float32)
    map_y = (CENTRE + np.sin(angles) * radii).astype(np.float32)
    return np.asarray(cv2.remap(ink, map_x, map_y, cv2.INTER_LINEAR), dtype=np.float32)


def _rim(density: Map, threshold: float, coverage: float) -> tuple[float, float]:
    """Outer edge and thickness of the rim, in shares of the radius the disc was cut with."""
    worn = coverage < _WORN
    profile = np.percentile(_polar(density), 85 if worn else 60, axis=0)
    low, high = column(0.94 if coverage >= _WHOLE else 0.88), column(1.07) if coverage >= _WHOLE else _RADII
    peak = low + int(profile[low:high].argmax())
    for place in range(high - 2, peak, -1):  # crowded letters may outdo a thin rim: the rim is the outer one
        summit = profile[place] >= max(profile[place - 1], profile[place + 1])
        if summit and profile[place] > max(threshold, _OUTER_RIM * float(profile[peak])):
            peak = place
            break
    half = max(0.5 * float(profile[peak]), 0.5 * threshold)
    end = peak
    while end < high - 1 and profile[end] > half:
        end += 1
    begin = peak
    while begin > low and profile[begin] > half:
        begin -= 1
    return end / _RADII * _REACH, (end - begin) / _RADII * _REACH


def _rim_beyond(picture: Rgb8, ring: Ring, paper: Map) -> tuple[float, float] | None:
    """As `_rim` where what was taken for the rim is as high as letters: a thin rim round them, of which a photograph shows little."""
    flat = _warped(picture, ring, _BEYOND)
    ink = ink_map(flat, np.broadcast_to(paper, flat.shape).astype(np.float32))
    hits = cv2.dilate((_polar(ink.density) > ink.threshold).astype(np.uint8), np.ones((1, 7), np.uint8))
    share = hits.mean(axis=0)
    found = np.flatnonzero(share[column(1.02 / _BEYOND) : column(1.05)] > _SEEN_THIN)
    if not found.size:
        return None
    end = column(1.02 / _BEYOND) + int(found[-1])
    return end / _RADII * _REACH * _BEYOND, _THIN * _BEYOND


def column(share: float) -> int:
    return min(round(share / _REACH * _RADII), _RADII - 1)


def _closed_up(straight: Map) -> Map:
    """Shorten blank stretches between letters: the recogniser was trained on running text, and it costs less."""
    inked = (straight > 0.4).sum(axis=0) > 0
    if not inked.any():
        return straight[:, :1]
    keep = np.zeros(straight.shape[1], bool)
    places = np.flatnonzero(inked)
    keep[places] = True
    for before, after in pairwise(places.tolist()):
        if after - before > 1:
            half = min(after - before, _LETTER_GAP) // 2 + 1
            keep[before : before + half] = True
            keep[after - half + 1 : after] = True
    edge = _LETTER_GAP // 2
    return np.pad(straight[:, keep], ((0, 0), (edge, edge)))
