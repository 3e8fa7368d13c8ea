"""Read the code that our blank form prints in its upper right corner, above the table: a QR code (ISO/IEC 18004)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.form_code import PATTERN
from parsers.prepare import PAPER, Prepared

Pixels = NDArray[np.uint8]

_ACROSS = (0.23, 0.05)
"""How far left and right of the table's right side the code is looked for, in widths of the table."""
_ABOVE = 0.20
_CORNER = (0.26, 0.24)
"""Share of a page's width and height that is its upper right corner, where no table is known."""
_SIDES = (700, 900)
"""Longer side in pixels of the corner as it is searched: the detector leans on the size of a module. Of 120 scans and photographs
(100 to 300 dpi) it read 110 with the first and 119 with either, 99 in the corner as scanned, and 59 in the whole page, for five
times the time."""
_LEAST_SIDE = 21
"""Pixels of a corner below which no code fits: it has as many modules. A table may begin at the very edge of a picture."""
_DARK = 0.7
"""Share of the paper's level below which a pixel is dark."""
_SQUARE = 0.12
"""Side of the square that is asked whether a code may be there, in longer sides of the corner: little less than the code's."""
_MODULE = 1 / 21
"""Share of the code's side by which more than it is taken off: a module of the smallest code."""
_FULL = 0.3
"""Dark share of such a square from which a code may be there. Of 120 codes, scanned and photographed, the palest had 0.32; print has
0.2, so that most pages without a code cost 4 ms."""


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What a code says, and where it stands: left, top, right, bottom in pixels of the picture it was found in."""

    text: str
    place: tuple[float, float, float, float]


def without_code(sheet: Prepared) -> Prepared:
    """The upright page with what its code says, and with the code off its print, of which it is no part."""
    columns, rows = _corner(sheet)
    corner = sheet.page.rgb[rows, columns]
    if min(corner.shape[:2]) < _LEAST_SIDE:
        return sheet
    found = _found(np.asarray(cv2.cvtColor(corner, cv2.COLOR_RGB2GRAY), dtype=np.uint8))
    if found is None or not PATTERN.fullmatch(found.text):
        return sheet
    left, top, right, bottom = found.place
    edge = _MODULE * (right - left)
    place = (
        slice(max(0, rows.start + round(top - edge)), rows.start + round(bottom + edge)),
        slice(max(0, columns.start + round(left - edge)), columns.start + round(right + edge)),
    )
    even, ink = sheet.even.copy(), sheet.ink.copy()
    even[place], ink[place] = PAPER, 0
    return replace(sheet, even=even, ink=ink, form_code=found.text)


def _found(grey: Pixels) -> _Found | None:
    for side in _SIDES:
        scaled = _scaled(grey, side)
        if not _may_hold_code(scaled):
            return None
        found = _decoded(scaled)
        if found:
            factor = max(grey.shape) / side
            left, top, right, bottom = (edge * factor for edge in found.place)
            return _Found(text=found.text, place=(left, top, right, bottom))
    return None


def _corner(sheet: Prepared) -> tuple[slice, slice]:
    """Columns and rows of the page where the code is looked for."""
    height, width = sheet.page.rgb.shape[:2]
    if sheet.table is None:
        return slice(round(width * (1 - _CORNER[0])), width), slice(0, round(height * _CORNER[1]))
    corners = sheet.table.corners.array()
    right, top = float(corners[:, 0].max()), float(corners[:, 1].min())
    across = right - float(corners[:, 0].min())
    columns = slice(max(0, round(right - _ACROSS[0] * across)), min(width, round(right + _ACROSS[1] * across)))
    return columns, slice(max(0, round(top - _ABOVE * across)), max(0, round(top)))


def _scaled(grey: Pixels, side: int) -> Pixels:
    factor = side / max(grey.shape)
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=way), dtype=np.uint8)


def _may_hold_code(grey: Pixels) -> bool:
    """Whether anything is as dark as a code over as large a square: print is not, so that pages without one cost little."""
    dark = (grey < _DARK * np.median(grey)).astype(np.float32)
    side = round(_SQUARE * max(grey.shape))
    return bool(cv2.blur(dark, (side, side)).max() >= _FULL)


def _decoded(grey: Pixels) -> _Found | None:
    try:
        text, corners, _ = cv2.QRCodeDetector().detectAndDecode(grey)
    except cv2.error:  # what looked like a code has no shape that can be read
        return None
    if not text or corners is None:
        return None
    across, down = np.asarray(corners, dtype=np.float64).reshape(-1, 2).T
    return _Found(text=text, place=(across.min(), down.min(), across.max(), down.max()))
