"""The rule of thumb that a reader of seals is measured against: a mask of red pixels and a search for a ring in it."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

MM_PER_INCH = 25.4
_DPI = 75.0
_RADII_MM = (16.0, 26.0)
_RIM = 0.7
"""Least share of the rim that must be red."""
_INSIDE = (0.06, 0.6)
"""Red share within the rim: a seal has a star and letters, a sticker is full, a plain circle empty."""
_SLACK = 1.5  # pixels at _DPI


def finds_seal(rgb: NDArray[np.uint8], *, dpi: float) -> bool:
    """Whether the usual rule sees a seal on the picture (H×W×3): red by hue and saturation, then OpenCV's Hough circles.

    The bounds are those of the common recipes: red is a hue within 10 of 0 or 24 of 180 (OpenCV's scale), saturation and
    value from 43 and 46.
    """
    small = cv2.resize(rgb, None, fx=_DPI / dpi, fy=_DPI / dpi, interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    red = cv2.bitwise_or(
        cv2.inRange(hsv, (0, 43, 46), (10, 255, 255)), cv2.inRange(hsv, (156, 43, 46), (180, 255, 255))
    )
    low, high = (radius / MM_PER_INCH * _DPI for radius in _RADII_MM)
    circles = cv2.HoughCircles(
        cv2.GaussianBlur(red, (0, 0), 1.0),
        cv2.HOUGH_GRADIENT,
        1.5,
        low,
        param1=120,
        param2=35,
        minRadius=round(low),
        maxRadius=round(high),
    )
    if circles is None:
        return False
    mask = np.asarray(red, dtype=np.uint8)
    return any(_is_seal(mask, x, y, radius) for x, y, radius in circles[0][:5].tolist())


def _is_seal(mask: NDArray[np.uint8], x: float, y: float, radius: float) -> bool:
    rows, columns = np.mgrid[0 : mask.shape[0], 0 : mask.shape[1]]
    far = np.hypot(columns - x, rows - y)
    inside = far < 0.88 * radius
    share = float((mask[inside] > 0).mean()) if inside.any() else 0.0
    sector = ((np.arctan2(rows - y, columns - x) + math.pi) / (2 * math.pi) * 120).astype(int) % 120
    rim = np.bincount(sector[(mask > 0) & (np.abs(far - radius) <= _SLACK)], minlength=120) > 0
    return bool(rim.mean() >= _RIM and _INSIDE[0] <= share <= _INSIDE[1])
