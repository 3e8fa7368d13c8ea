"""Tell red ink from paper, print and shadow: a map of how much red ink lies on each pixel.

Ink filters light, so its amount is measured in optical density against the local paper colour: green is absorbed, red is
not. Black print and shadow absorb both alike and cancel out; blue ink comes out negative; yellow paper is divided away.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb8 = NDArray[np.uint8]
Map = NDArray[np.float32]

FAINT = 0.02
"""Density of ink that is hardly there: four levels of difference on white paper, which JPEG's coarse colour keeps where it
covers 8 pixels and more."""
_EPSILON = 12.0
"""Added to levels before the logarithm, so that noise in black print does not look like colour."""


@dataclass(frozen=True, kw_only=True)
class InkMap:
    """`density` H×W of red ink (0 none; solid seal ink 0.8–2), `hidden` where dark print leaves it unknown."""

    density: Map
    hidden: NDArray[np.bool_]
    noise: float
    """Spread of the density on bare paper (robust standard deviation)."""
    floor: float = 0.05
    """The least density that counts as ink, however clean the paper; `FAINT` where nothing else was found."""

    @property
    def threshold(self) -> float:
        """The density above which a pixel counts as inked."""
        return max(self.floor, 6.0 * self.noise)


def paper_colour(rgb: Rgb8, reach: int) -> Map:
    """The local colour of the bare paper, H×W×3: brightest of the surroundings within `reach` pixels."""
    height, width = rgb.shape[:2]
    step = max(reach // 8, 1)
    small = cv2.resize(rgb, (max(width // step, 1), max(height // step, 1)), interpolation=cv2.INTER_AREA)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17))
    brightest = cv2.dilate(cv2.medianBlur(small, 3), kernel)
    smooth = cv2.GaussianBlur(brightest, (0, 0), 6.0)
    full = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.maximum(full.astype(np.float32), 40.0)


def ink_map(rgb: Rgb8, paper: Map) -> InkMap:
    """Measure the red ink of a picture (H×W×3, uint8) against its paper colour (same shape, or one colour)."""
    levels = rgb.astype(np.float32)
    red = np.log((levels[..., 0] + _EPSILON) / (paper[..., 0] + _EPSILON))
    green = np.log((levels[..., 1] + _EPSILON) / (paper[..., 1] + _EPSILON))
    brightness = levels[..., 0] / paper[..., 0]
    seen = np.clip((brightness - 0.22) / 0.2, 0.0, 1.0)
    density = np.asarray((red - green) * seen, dtype=np.float32)
    blank = density[np.abs(density) < 0.25]
    noise = float(np.median(np.abs(blank - np.median(blank)))) * 1.48 if blank.size else 0.0
    return InkMap(density=density, hidden=brightness < 0.5, noise=noise)


def filled(ink: InkMap, reach: float) -> Map:
    """The density with the places under dark print guessed from the ink around them (`reach` pixels)."""
    hidden = cv2.dilate(ink.hidden.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    known = (~hidden).astype(np.float32)
    weight = cv2.GaussianBlur(known, (0, 0), reach)
    around = cv2.GaussianBlur(ink.density * known, (0, 0), reach) / np.maximum(weight, 0.02)
    return np.where(hidden, np.maximum(around, ink.density), ink.density).astype(np.float32)
