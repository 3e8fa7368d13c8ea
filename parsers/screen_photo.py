"""Was a page photographed from a screen? Then no paper was before the camera, and no ink.

A screen's pixels stand in rows, and so does what the camera makes of them: a fine grid, or slow waves where it is too coarse
for the grid. Bare paper has a grain without period (printed tint has not: it passes for a screen here). The waves bend with the
lens and with the slant of the view, so they are looked for in squares, each for itself; on a screen most squares show them, on
bare paper hardly one.
"""

from __future__ import annotations

import cv2
import numpy as np

from parsers.quality import Pixels
from parsers.waves import Map, Mask, grain, levels_of, standing_out, strongest, without_blocks

_SIDE = 256
"""Pixels of a square: enough to gather a weak wave, few enough that lens and slant leave it straight."""
_FIRST, _MOST = 10, 28
"""Squares looked at before a page without any wave is let go, and at all."""
_WAVE = 15.0
"""How far a wave stands out that paper does not make."""
_LEVELS = 0.09
"""Levels that it swings at least: what rounding and JPEG leave of smooth paper swings by 0.03 to 0.07."""
_SHARE, _LEAST = 0.3, 3
"""Share of the squares that must show a wave, and how many. Of 18 sheets, the worst of 150 among them, none showed one in more
than 0.06 of its squares; with 13, 0.07 and 0.2, and squares that are half print, two sheets of 70 passed for screens."""
_BARE = 0.6
"""Least share of a square that is bare paper: the pale edges that are left of rows of print make waves, too."""
_LIT = 0.55
"""Share of the page's brightness below which a square is desk."""
_PRINT = 0.7
"""Share of the paper's level below which print begins."""
_SPREAD = 7
"""Pixels about print that are not looked at."""


def shows_screen(rgb: Pixels) -> bool:
    """Whether the page (H×W×3, as received: turning it would blur what is looked for) surely is a picture of a screen."""
    shown: list[bool] = []
    bright = float(np.percentile(rgb[::8, ::8, 1], 90))
    for top, left in _spread_out(rgb.shape[0] // _SIDE, rgb.shape[1] // _SIDE):
        square = rgb[top * _SIDE : (top + 1) * _SIDE, left * _SIDE : (left + 1) * _SIDE]
        bare = _bare_paper(square, bright)
        if bare is None:
            continue
        shown.append(_shows_wave(_level(square), bare))
        if len(shown) == _MOST or (len(shown) >= _FIRST and not any(shown)):
            break
    return sum(shown) >= max(_LEAST, _SHARE * len(shown))


def _shows_wave(level: Map, bare: Mask) -> bool:
    wave = strongest(without_blocks(standing_out(grain(level, bare))))
    return wave.height > _WAVE and levels_of(wave, level, bare) > _LEVELS


def _level(square: Pixels) -> Map:
    """Green: most of the brightness, which JPEG keeps at full resolution."""
    return square[..., 1].astype(np.float32)


def _bare_paper(square: Pixels, bright: float) -> Mask | None:
    """Where nothing is printed; None of a square of desk, or full of print."""
    level = float(np.percentile(square[::4, ::4, 1], 75))
    if level < _LIT * bright:
        return None
    dark = (square.min(axis=2) < _PRINT * level).astype(np.uint8)
    bare = cv2.dilate(dark, np.ones((_SPREAD, _SPREAD), np.uint8)) == 0
    return bare if bare.mean() >= _BARE else None


def _spread_out(rows: int, columns: int) -> list[tuple[int, int]]:
    """Every square once, in an order in which the first few already lie all over the page."""
    places = [(row, column) for row in range(rows) for column in range(columns)]
    step = next((each for each in (37, 29, 23, 19, 17, 13, 11, 7) if len(places) % each), 1)
    return [places[number * step % len(places)] for number in range(len(places))]
