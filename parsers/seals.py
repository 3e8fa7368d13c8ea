"""Find every seal on a straightened colour page, measure it, and read what stands round its rim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.cover import Box, Seal, SealKind, TextReading
from parsers.ocr import FLOOR, Line
from parsers.seal_blots import find_blots
from parsers.seal_foot import bottom
from parsers.seal_forgery import drawn_sign
from parsers.seal_geometry import Ring, find_rings
from parsers.seal_grey import has_grey_ring
from parsers.seal_marks import InkMap, Map, Rgb8, ink_map, paper_colour
from parsers.seal_unroll import Disc, disc, gaps, line, star_share, unroll

MM_PER_INCH = 25.4
_SEARCH_DPI = 80.0
_SEARCH_SIDE = 940
"""Longer side in pixels of the picture that is searched when the scale is unknown (A4 at _SEARCH_DPI)."""
_RADII_MM = (14.0, 31.0)
"""Seals of 38–45 mm with a scan scale that errs by 15 %, and room for special seals."""
_RADII_SHARE = (0.045, 0.24)
"""The same as a share of the page's shorter side, for photographs without scale."""
_DIAMETER_MM = (30.0, 54.0)
"""Outside this nothing is an official seal: 38–45 mm, 15 % of scan error, and some for measuring."""
_CLEAR_RIM = 0.6
"""Share of a rim that must be inked for it to count without any text or star."""
_SHORT_SIDE_MM = (120.0, 330.0)
"""A page whose shorter side is said to be outside this has a wrong scale (a photograph's 72 dpi), so none."""
_LEGIBLE = 0.75
"""Mean character confidence from which a rim counts as read."""


class LineReader(Protocol):
    """What reads straight lines of print (`parsers.ocr.Recogniser`): crops are H×W×3 uint8, dark on light."""

    def read_lines(self, crops: Sequence[NDArray[np.uint8]]) -> Sequence[Line]: ...


@dataclass(frozen=True, kw_only=True)
class _Search:
    """The shrunk page that is searched, its ink, its paper colour, and how much smaller than the page it is."""

    small: Rgb8
    ink: InkMap
    paper: Map
    scale: float
    radii: tuple[float, float]
    dpi: float | None


def read_seals(rgb: Rgb8, *, dpi: float | None, page: int, recogniser: LineReader) -> tuple[Seal, ...]:
    """Every seal on the page (H×W×3 uint8, straightened), surest first; `page` is its number, `dpi` None if unknown."""
    search = _searched(rgb, dpi)
    if search is None:
        return ()
    rings = find_rings(search.ink, *search.radii)
    read = [(ring, _read(rgb, ring, search, page=page, recogniser=recogniser)) for ring in rings]
    seals = tuple(seal for _, seal in read if seal is not None)
    blots = find_blots(search.ink, *search.radii, [ring for ring, seal in read if seal is not None])
    return seals + tuple(_unread(blot.scaled(1 / search.scale), rgb.shape, page) for blot in blots)


def shows_grey_seal(rgb: Rgb8, *, dpi: float | None) -> bool:
    """Whether the rim of a seal stands on the page in black or grey, as on a copy."""
    search = _searched(rgb, dpi)
    return search is not None and has_grey_ring(search.small, search.paper, search.radii)


def _searched(rgb: Rgb8, dpi: float | None) -> _Search | None:
    height, width = rgb.shape[:2]
    if dpi and not _SHORT_SIDE_MM[0] <= min(height, width) / dpi * MM_PER_INCH <= _SHORT_SIDE_MM[1]:
        dpi = None
    scale = _SEARCH_DPI / dpi if dpi else _SEARCH_SIDE / max(height, width)
    size = (round(width * scale), round(height * scale))
    if min(size) < 40 or max(size) > 8 * _SEARCH_SIDE:
        return None
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    paper = paper_colour(small, 64)
    if dpi:
        radii = (_RADII_MM[0] / MM_PER_INCH * _SEARCH_DPI, _RADII_MM[1] / MM_PER_INCH * _SEARCH_DPI)
    else:
        radii = (_RADII_SHARE[0] * min(size), _RADII_SHARE[1] * min(size))
    return _Search(small=small, ink=ink_map(small, paper), paper=paper, scale=scale, radii=radii, dpi=dpi)


def _read(rgb: Rgb8, ring: Ring, search: _Search, *, page: int, recogniser: LineReader) -> Seal | None:
    height, width = search.paper.shape[:2]
    paper = search.paper[min(max(int(ring.y), 0), height - 1), min(max(int(ring.x), 0), width - 1)]
    on_page = ring.scaled(1 / search.scale)
    of = disc(rgb, on_page, paper)
    rim, foot = _texts(of, recogniser)
    outer = on_page.radius * of.outer
    diameter = round(2 * outer / search.dpi * MM_PER_INCH, 1) if search.dpi else None
    kind = _kind(of, ring, rim, foot, diameter)
    if ring.coverage < _CLEAR_RIM and not _is_legible(rim) and not _has_star(of):
        return None  # red marks that happen to lie on a circle
    return Seal(
        page=page,
        box=_box(on_page, of.outer, rgb.shape),
        diameter_mm=diameter,
        kind=kind,
        text=rim.text,
        bottom=foot.text if foot else "",
        confidence=round(rim.confidence, 4),
        rim=rim,
        legible=_is_legible(rim),
        suspect=drawn_sign(rgb, on_page, paper),
    )


def _texts(of: Disc, recogniser: LineReader) -> tuple[TextReading, TextReading | None]:
    """The rim read from its gap, and the line under the star if there is one."""
    unrolled = unroll(of)
    places = gaps(unrolled)
    foot = bottom(of, places[0])
    rim = unroll(foot.rest) if foot.lines else unrolled
    straight = line(rim, foot.gap if foot.lines else places[0])
    first, *others = recogniser.read_lines([_crop(straight), *(_crop(each) for each in foot.lines)])
    best = _reading(first)
    if not _is_legible(best) and len(places) > 1:
        for again in recogniser.read_lines([_crop(line(unrolled, place)) for place in places[1:]]):
            if again.confidence > best.confidence + 0.1 and len(again.text) >= len(best.text):
                best = _reading(again)
    read = [_reading(other) for other in others]
    words = [one for one in read if one.confidence > 0.3 and _letters(one.text) >= 2]
    return best, max(words, key=lambda one: one.confidence * _letters(one.text), default=None)


def _reading(of: Line) -> TextReading:
    return TextReading(text=of.text.replace(" ", ""), confidence=of.confidence, lines=(of.lattice,), floor=FLOOR)


def _is_legible(rim: TextReading) -> bool:
    return rim.confidence >= _LEGIBLE and _letters(rim.text) >= 3


def _letters(text: str) -> int:
    """How many Chinese characters the text holds."""
    return sum("\u3400" <= letter <= "\u9fff" for letter in text)


def _kind(of: Disc, ring: Ring, rim: TextReading, foot: TextReading | None, diameter: float | None) -> SealKind:
    """The form alone: whose it is, and which bottom words matter, is for the judge.

    A ring is called unofficial only where a star would have been seen: ink is strong and the middle lies on the page.
    """
    if diameter is not None and not _DIAMETER_MM[0] <= diameter <= _DIAMETER_MM[1]:
        return SealKind.OTHER
    if foot is not None and rim.confidence > 0.5 and (foot.confidence > 0.7 or _letters(foot.text) >= 3):
        return SealKind.SPECIAL
    middle, _ = star_share(of)
    if _is_legible(rim) or middle > 0.12:
        return SealKind.OFFICIAL
    clear = of.strength > 0.3 and ring.visible > 0.85
    return SealKind.OTHER if clear else SealKind.OFFICIAL


def _unread(blot: Ring, shape: tuple[int, ...], page: int) -> Seal:
    """What may be a seal, too poor to follow: for a person to see."""
    box = _box(blot, 1.0, shape)
    return Seal(page=page, box=box, diameter_mm=None, kind=SealKind.OFFICIAL, text="", confidence=0.0, legible=False)


def _has_star(of: Disc) -> bool:
    """Ink in the middle with blank paper round it."""
    middle, about = star_share(of)
    return middle > 0.12 and about < 0.35 * middle


def _crop(ink: Map) -> NDArray[np.uint8]:
    grey = (255.0 * (1.0 - np.clip(ink, 0.0, 1.0))).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))


def _box(ring: Ring, grow: float, shape: tuple[int, ...]) -> Box:
    """The ring's bounding box in shares of the page, cut off at its edges."""
    half_x = grow * math.hypot(ring.a * math.cos(ring.tilt), ring.b * math.sin(ring.tilt))
    half_y = grow * math.hypot(ring.a * math.sin(ring.tilt), ring.b * math.cos(ring.tilt))
    height, width = shape[:2]
    return Box(
        x0=float(max(ring.x - half_x, 0) / width),
        y0=float(max(ring.y - half_y, 0) / height),
        x1=float(min(ring.x + half_x, width) / width),
        y1=float(min(ring.y + half_y, height) / height),
    )
