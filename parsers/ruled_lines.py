"""The pixels of ruling lines, to be taken off the page, and no stroke of the print that stands close to one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.ruled_sides import Rule

Pixels = NDArray[np.uint8]

_WIDE = 13  # pixels across a fitted line within which a long run belongs to it, though paper is never quite flat
_LONG = 25  # a run longer than the page's longer side divided by this is no stroke of a character
_HAIRLINE, _PALE = 5, 235  # pixels across a hairline, and the level (paper 250) that is darker than paper there
_UNDER_SEAL = 7  # pixels across at least: under a seal only bits of a line are left, and no run tells them from strokes


def long_runs(ink: Pixels) -> Pixels:
    """Pixels on long straight runs along x. Widened first, so that a run may slope by some degrees and miss a pixel."""
    length = max(18, max(ink.shape) // 60)
    wide = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    return np.asarray(cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), dtype=np.uint8)


def drawn_lines(runs: Pixels, rules: Sequence[Rule], covered: Pixels | None) -> Pixels:
    """uint8, 1 on and just beside the ruling lines `rules`, which lie along x. `runs` has the long runs of ink along x,
    `covered` is 1 under a seal.

    Close to a line any run is part of it; farther off only a long one, since 凰 above a line ends in a run as well.
    """
    side = max(runs.shape)
    close = max(5, side // 260 | 1)
    found = (runs & _band(runs.shape, rules, close)) | (_long(runs, side // _LONG) & _band(runs.shape, rules, _WIDE))
    drawn = np.asarray(cv2.dilate(found, np.ones((5, 5), np.uint8)), dtype=np.uint8)
    if covered is None:
        return drawn
    around = np.asarray(cv2.dilate(covered, np.ones((9, 9), np.uint8)), dtype=np.uint8)
    return drawn | (_band(runs.shape, rules, max(_UNDER_SEAL, side // 300 | 1)) & around)


def hairlines(grey: Pixels, inked: Pixels, rules: Sequence[Rule], beside: int) -> Pixels:
    """uint8, 1 on those parts of the lines that are paler than ink, and `beside` pixels across. `grey` has the page in even
    light with `rules` along x, `inked` the long runs of ink along x: beside a black line what is pale may be print."""
    black = cv2.dilate(inked & _band(grey.shape, rules, _HAIRLINE), np.ones((2 * _HAIRLINE + 1, 1), np.uint8))
    pale = long_runs(np.asarray(grey < _PALE, dtype=np.uint8)) & _band(grey.shape, rules, _HAIRLINE)
    runs = np.where(black > 0, np.uint8(0), pale)
    return np.asarray(cv2.dilate(runs, np.ones((beside, beside), np.uint8)), dtype=np.uint8)


def _long(runs: Pixels, least: int) -> Pixels:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs)
    long = np.zeros_like(runs)
    for label in np.flatnonzero(stats[:, cv2.CC_STAT_WIDTH] >= least):
        if label:
            x, y, width, height = stats[label, :4]
            long[y : y + height, x : x + width] |= labels[y : y + height, x : x + width] == label
    return long


def _band(shape: tuple[int, ...], rules: Sequence[Rule], thickness: int) -> Pixels:
    """1 within some pixels of the fitted lines: runs of print elsewhere are no ruling."""
    band = np.zeros(shape[:2], dtype=np.uint8)
    for rule in rules:
        ends = [(round(along), round(rule.at(along))) for along in (rule.start - 9, rule.end + 9)]
        cv2.line(band, ends[0], ends[1], 1, thickness=thickness)
    return band
