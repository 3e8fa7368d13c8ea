"""Seals that are no ink: a printer's picture of one, and pages that a copier made black and white."""

from __future__ import annotations

import math
import random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

_SCREENS = ((75.0, (1.0, 0.12, 0.55)), (0.0, (0.98, 0.9, 0.1)))
"""Angle in degrees and light that passes (red, green, blue) of a printer's magenta and yellow dots."""


def colour_print(seal: Image.Image, *, rng: random.Random, dpi: float) -> Image.Image:
    """The RGBA seal as a colour laser printer prints its picture: dots of magenta and yellow, no grain of ink."""
    amount = np.asarray(seal, dtype=np.float32)[..., 3] / 255.0
    amount = np.clip(amount * 1.15, 0, 1) * rng.uniform(0.75, 1.0)
    passed: NDArray[np.float32] = np.ones((*amount.shape, 3), np.float32)
    cell = dpi / rng.uniform(
        85, 120
    )  # pixels between dots: lines per inch of an office printer, coarsened to the raster
    rows, columns = np.mgrid[0 : amount.shape[0], 0 : amount.shape[1]].astype(np.float32)
    for degrees, light in _SCREENS:
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        u, v = (columns * cos + rows * sin) / cell, (rows * cos - columns * sin) / cell
        screen = 0.5 + 0.25 * (np.cos(2 * math.pi * u) + np.cos(2 * math.pi * v))
        dots = np.clip((amount - screen) * 4 + 0.5, 0, 1) * (amount > 0.05)
        passed *= 1 - dots[..., None] * (1 - np.array(light, np.float32))
    taken = 1 - passed.min(axis=2)
    tone = np.where(taken[..., None] > 0.01, 1 - (1 - passed) / np.maximum(taken[..., None], 0.01), 1.0)
    pixels = np.dstack([tone * 255, taken * 255]).clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels, "RGBA").filter(ImageFilter.GaussianBlur(0.4))


def grey_copy(page: Image.Image, *, rng: random.Random) -> Image.Image:
    """The page as a black and white copier gives it: red ink turns grey or black, the result RGB without colour."""
    grey = np.asarray(page.convert("L"), dtype=np.float32)
    steep, middle = rng.uniform(1.0, 3.5), rng.uniform(120, 175)
    lifted = 255 / (1 + np.exp(-(grey - middle) * steep / 60))
    return Image.fromarray(lifted.clip(0, 255).astype(np.uint8)).convert("RGB")
