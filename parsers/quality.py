"""Ink, colour and sharpness of a page: the pixels that all readers of print start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_SHADE = 16  # the paper's own shade is looked for on a picture smaller by this factor
_COLOURED = 40  # least spread of the channels that is colour, not a scanner's tint or JPEG's noise
_TINTED = 16  # least spread of red against the others at which ink is taken off
_DARK = 4.0  # added to levels before the logarithm: the noise of black print is no colour
_CLEAR_INK = 0.35  # density of red ink without print
_INK_IN_RED = 0.1  # what red ink takes of red light, as a share of what it takes of the rest; where too little shows it
_NOISE_REACH = 5.0  # standard deviations of the paper's noise that are no print
_LEAST_PRINT = 20.0  # levels below the paper that print has at least
_PALEST = 222.0  # level (paper 250) above which nothing counts as print
_FEW_PIXELS = 500
_BAND, _EDGE = 256, 8  # rows that are unmixed at a time, and those beside them that their edges are told from
_BLEED = 0.06  # density that JPEG's coarse colour leaves along the edges of ink; print has 0.5 and more
_COLOURED_SHARE = 1e-4  # of the page: a seal covers some hundredths, a quarter of a faint one still a thousandth


def without_red(rgb: Pixels) -> Pixels:
    """Grey HxW in which red ink is paper and print stays, under the ink too.

    Inks filter light one after the other, so their optical densities add (Beer-Lambert): red = print + share * ink,
    green = print + ink. Solved for the print where there is red ink; elsewhere the red channel is the print.
    """
    red = np.ascontiguousarray(rgb[:, :, 0])
    inked = red_mask(rgb, _TINTED)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return red
    paper = _Paper(colour=_best_lit(rgb), red=_shade(red, 9))
    share = _share_in_red(rgb[::4, ::4], paper)
    result = red.copy()
    # Only round the ink, and in bands: logarithms of a whole photograph on a reddish desk would take half a gigabyte.
    left, right = int(columns[0]), int(columns[-1]) + 1
    for top in range(int(rows[0]), int(rows[-1]) + 1, _BAND):
        bottom = min(top + _BAND, int(rows[-1]) + 1)
        first, last = max(0, top - _EDGE), min(rgb.shape[0], bottom + _EDGE)
        light = paper.at(first, last, left, right, red.shape)
        band = _print_under_ink(rgb[first:last, left:right], light, paper.colour, share)
        result[top:bottom, left:right] = band[top - first : bottom - first]
    return result


def _best_lit(rgb: Pixels) -> NDArray[np.float32]:
    """The colour of the paper where it is lit best; never quite black, since levels are divided by it."""
    colour = np.percentile(rgb[::8, ::8].reshape(-1, 3), 80, axis=0)
    return np.maximum(colour, 1.0).astype(np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Paper:
    """The paper's colour where it is lit best, and its level in red all over the page, at 1/16 of its size."""

    colour: NDArray[np.float32]
    red: Pixels

    def at(self, top: int, bottom: int, left: int, right: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """HxWx1: what share of the best light falls on each place of a part of a page of that shape."""
        down, across = self.red.shape[0] / shape[0], self.red.shape[1] / shape[1]
        step = np.array([[across, 0, left * across], [0, down, top * down]], dtype=np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        level = cv2.warpAffine(
            self.red, step, (right - left, bottom - top), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        share: NDArray[np.float32] = np.asarray(level, dtype=np.float32)[:, :, None] / self.colour[0]
        return share


def _densities(rgb: Pixels, white: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Optical density of red, and the mean of green and blue, against the paper (`white`: HxWx3 or 3)."""
    density = np.log(white + _DARK) - np.log(rgb.astype(np.float32) + _DARK)
    return density[:, :, 0], (density[:, :, 1] + density[:, :, 2]) / 2


def _share_in_red(rgb: Pixels, paper: _Paper) -> float:
    """What red ink takes of red light, as a share of what it takes of the rest, by the page's own clear ink."""
    light = paper.at(0, rgb.shape[0], 0, rgb.shape[1], rgb.shape)
    red, others = _densities(rgb, light * paper.colour)
    clear = (others - red > _CLEAR_INK) & (red < 2 * _CLEAR_INK)
    share = float(np.median(red[clear] / others[clear])) if clear.sum() > _FEW_PIXELS / 16 else _INK_IN_RED
    return min(max(share, 0.0), 0.5)


def _print_under_ink(rgb: Pixels, light: NDArray[np.float32], paper: NDArray[np.float32], share: float) -> Pixels:
    """The print of a part of a page with red ink on it, as grey against the paper's red."""
    red, others = _densities(rgb, light * paper)
    zone = cv2.GaussianBlur(
        cv2.dilate((others - red > 0.12).astype(np.float32), np.ones((3, 3), np.uint8)), (0, 0), 1.0
    )
    under = np.where(others > red, (red - share * np.maximum(others, 0)) / (1 - share), red) - _BLEED * zone
    grey = np.exp(-np.maximum(under, 0.0)) * light[:, :, 0] * paper[0]
    return np.where(zone > 0, np.clip(grey, 0, 255), rgb[:, :, 0]).astype(np.uint8)


def red_mask(rgb: Pixels, least: int = _COLOURED) -> NDArray[np.bool_]:
    """Where red ink lies, HxW: red above the other channels by more than `least` levels."""
    others = np.maximum(rgb[:, :, 1], rgb[:, :, 2]).astype(np.int16)
    return np.asarray(rgb[:, :, 0].astype(np.int16) - others > least)


def even_light(grey: Pixels) -> Pixels:
    """`grey` with the paper at 255 everywhere: shadow, tint and vignetting divided out."""
    paper = cv2.resize(_shade(grey, 5), (grey.shape[1], grey.shape[0]))
    return np.asarray(cv2.divide(grey, paper, scale=250), dtype=np.uint8)


def _shade(grey: Pixels, reach: int) -> Pixels:
    """The level of the bare paper all over the page, at 1/16 of its size: the brightest of `reach` x `reach` such pixels."""
    size = (max(1, grey.shape[1] // _SHADE), max(1, grey.shape[0] // _SHADE))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    brightest = cv2.medianBlur(cv2.dilate(small, np.ones((reach, reach), np.uint8)), 5)
    return np.asarray(cv2.GaussianBlur(brightest, (0, 0), 2), dtype=np.uint8)


def ink_mask(even: Pixels) -> Pixels:
    """uint8 HxW, 1 where there is print, of a page in even light. Otsu's threshold within bounds that suit paper."""
    return np.asarray(even < _threshold(even[::2, ::2]), dtype=np.uint8)


def _threshold(sample: Pixels) -> float:
    threshold, _ = cv2.threshold(sample, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return min(205.0, max(130.0, float(threshold) + 10))


def print_mask(even: Pixels, within: tuple[slice, slice]) -> Pixels:
    """`ink_mask` of a page whose ruling was taken off: small pale print, which black lines hide from Otsu, is kept. How dark
    print is shows `within` the table: a photograph's desk is darker than any."""
    sample = even[within][::2, ::2]
    paper = float(np.median(sample))
    noise = 1.48 * float(np.median(np.abs(sample.astype(np.float32) - paper)))
    dark = sample[sample < paper - max(_NOISE_REACH * noise, _LEAST_PRINT)]
    halfway = (paper + float(np.percentile(dark, 20))) / 2 if dark.size else 0.0
    return np.asarray(even < min(_PALEST, max(_threshold(sample), halfway)), dtype=np.uint8)


_CHANNEL_NOISE = 1.0
"""Mean difference of the channels (0-255) from which a scan was made in colour; grey scans keep it at 0."""
_FRINGES = 3e-4
"""Share of the pixels that differ in tint from the rest, from which a scan was made in colour: JPEG's chroma leaves such
fringes beside print on the whitest paper (1.1e-3 at least on ten generated pages), and a grey picture has none at all."""


def has_colour(rgb: Pixels) -> bool:
    """False for grey and black-and-white scans: no ink on the page can be told from print."""
    red, green, blue = cv2.split(cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    spread = np.asarray(cv2.max(cv2.max(red, green), blue) - cv2.min(cv2.min(red, green), blue))
    # A tinted sheet is no coloured ink: what counts is the spread beyond that of the paper.
    coloured = (spread > np.median(spread) + _COLOURED).mean() > _COLOURED_SHARE
    # A page scanned in colour shows it without any ink: its channels differ by tint and noise, a grey scan's do not.
    return bool(coloured or spread.mean() > _CHANNEL_NOISE or _fringes(rgb) > _FRINGES)


def _fringes(rgb: Pixels) -> float:
    rows = rgb[::3]  # a share of the page is as well told from every third row
    tint = rows[:, :, 0].astype(np.int16) - rows[:, :, 2]
    return float((tint != np.median(tint)).mean())


def page_quality(confidences: Sequence[float]) -> float:
    """0–1: how surely the page could be read. The lower quartile of the readings' confidence, stretched so that 0.5
    is where a person begins to guess (measured: 0.90 at the lower quartile, pages of 100 dpi with JPEG 40)."""
    if not confidences:
        return 0.0
    low = float(np.quantile(np.asarray(confidences), 0.25))
    return round(max(0.0, min(1.0, (low - 0.8) * 5)), 3)
