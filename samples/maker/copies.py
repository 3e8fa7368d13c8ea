"""Seals that are no ink: a printer's picture of one, and pages that a copier made black and white."""

from __future__ import annotations

import random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samples.maker.halftones import RASTER, Printer, grey_light, passed_light

PRINT_DPI = 600
"""Least resolution of a page that a colour print is put on: a coarser one would blur its dots before any scan does."""


def colour_print(seal: Image.Image, printer: Printer, *, dpi: float) -> Image.Image:
    """The RGBA seal as a colour printer prints its picture (RGBA at the same `dpi`): screened, as `halftones` tells.

    Raises ValueError below `PRINT_DPI`.
    """
    if dpi < PRINT_DPI:
        raise ValueError(f"a print of {dpi} dpi has no dots: {PRINT_DPI} are needed")
    amount = np.asarray(seal, dtype=np.float32)[..., 3] / 255.0
    size = (round(seal.width * RASTER / dpi), round(seal.height * RASTER / dpi))
    fine: NDArray[np.float32] = np.asarray(cv2.resize(amount, size, interpolation=cv2.INTER_LINEAR), np.float32)
    passed = cv2.resize(passed_light(fine, printer), seal.size, interpolation=cv2.INTER_AREA)
    taken = 1 - passed.min(axis=2)
    tone = np.where(taken[..., None] > 0.004, 1 - (1 - passed) / np.maximum(taken[..., None], 0.004), 1.0)
    pixels = np.dstack([tone * 255, taken * 255]).clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels, "RGBA")


def tinted(page: Image.Image, printer: Printer, tone: float, *, dpi: float) -> Image.Image:
    """The RGB page with a grey `tone` (0–1) under its print, as a laser screens a tinted cell in black alone."""
    size = (round(page.width * RASTER / dpi), round(page.height * RASTER / dpi))
    passed = cv2.resize(
        grey_light(np.full(size[::-1], tone, np.float32), printer), page.size, interpolation=cv2.INTER_AREA
    )
    return Image.fromarray((np.asarray(page, np.float32) * passed[..., None]).astype(np.uint8))


def grey_copy(page: Image.Image, *, rng: random.Random) -> Image.Image:
    """The page as a black and white copier gives it: red ink turns grey or black, the result RGB without colour."""
    grey = np.asarray(page.convert("L"), dtype=np.float32)
    steep, middle = rng.uniform(1.0, 3.5), rng.uniform(120, 175)
    lifted = 255 / (1 + np.exp(-(grey - middle) * steep / 60))
    return Image.fromarray(lifted.clip(0, 255).astype(np.uint8)).convert("RGB")
