"""Ink, colour and sharpness of a page: the pixels that all readers of print start from."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_SHADE = 16  # the paper's own shade is looked for on a picture smaller by this factor
_COLOURED = 40  # least spread of the channels that is colour, not a scanner's tint or JPEG's noise
_COLOURED_SHARE = 1e-4  # of the page: a seal covers some hundredths, a quarter of a faint one still a thousandth


def without_red(rgb: Pixels) -> Pixels:
    """Grey HxW in which red ink is paper and print stays: red ink is bright in the red channel, print in none."""
    red = rgb[:, :, 0]
    others = cv2.max(np.ascontiguousarray(rgb[:, :, 1]), np.ascontiguousarray(rgb[:, :, 2]))
    redness = cv2.subtract(cv2.subtract(np.ascontiguousarray(red), others), np.full_like(others, 12))
    return np.asarray(cv2.add(np.ascontiguousarray(red), redness), dtype=np.uint8)


def red_mask(rgb: Pixels) -> NDArray[np.bool_]:
    """Where red ink lies, HxW."""
    others = np.maximum(rgb[:, :, 1], rgb[:, :, 2]).astype(np.int16)
    return np.asarray(rgb[:, :, 0].astype(np.int16) - others > _COLOURED)


def even_light(grey: Pixels) -> Pixels:
    """`grey` with the paper at 255 everywhere: shadow, tint and vignetting divided out."""
    size = (max(1, grey.shape[1] // _SHADE), max(1, grey.shape[0] // _SHADE))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 5)
    paper = cv2.resize(cv2.GaussianBlur(paper, (0, 0), 2), (grey.shape[1], grey.shape[0]))
    return np.asarray(cv2.divide(grey, paper, scale=250), dtype=np.uint8)


def ink_mask(even: Pixels) -> Pixels:
    """uint8 HxW, 1 where there is print, of a page in even light. Otsu's threshold within bounds that suit paper."""
    threshold, _ = cv2.threshold(even[::2, ::2], 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(even < min(205.0, max(130.0, threshold + 10)), dtype=np.uint8)


_CHANNEL_NOISE = 1.0
"""Mean difference of the channels (0-255) from which a scan was made in colour; grey scans keep it at 0."""
_FRINGES = 3e-4
"""Share of the pixels that differ in tint from the rest, from which a scan was made in colour: JPEG's chroma leaves such
fringes beside print on the whitest paper (1.1e-3 at least on ten generated pages), and a grey picture has none at all."""


def has_colour(rgb: Pixels) -> bool:
    """False for grey and black-and-white scans: no ink on the page can be told from print."""
    small = cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.int16)
    spread = small.max(axis=2) - small.min(axis=2)
    # A tinted sheet is no coloured ink: what counts is the spread beyond that of the paper.
    coloured = (spread > np.median(spread) + _COLOURED).mean() > _COLOURED_SHARE
    # A page scanned in colour shows it without any ink: its channels differ by tint and noise, a grey scan's do not.
    return bool(coloured or spread.mean() > _CHANNEL_NOISE or _fringes(rgb) > _FRINGES)


def _fringes(rgb: Pixels) -> float:
    tint = rgb[:, :, 0].astype(np.int16) - rgb[:, :, 2]
    return float((tint != np.median(tint)).mean())


def page_quality(confidences: Sequence[float]) -> float:
    """0–1: how surely the page could be read. The lower quartile of the readings' confidence, stretched so that 0.5
    is where a person begins to guess (measured: 0.90 at the lower quartile, pages of 100 dpi with JPEG 40)."""
    if not confidences:
        return 0.0
    low = float(np.quantile(np.asarray(confidences), 0.25))
    return round(max(0.0, min(1.0, (low - 0.8) * 5)), 3)
