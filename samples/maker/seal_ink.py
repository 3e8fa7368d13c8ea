"""What makes an engraved seal look inked: uneven pressure, grain, gaps, a soft edge, a smear."""

from __future__ import annotations

import math
import random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Mask = NDArray[np.float32]
Rgb = tuple[int, int, int]

MM_PER_INCH = 25.4


def inked(
    coverage: Mask,
    *,
    rng: random.Random,
    dpi: float,
    ink: Rgb,
    gaps: float,
    faint: float,
    smudge: float,
    lean: float = 0.25,
    bleed_mm: float = 0.0,
) -> Image.Image:
    """An RGBA print of the coverage (H×W, 0–1): alpha is the amount of ink. See `samples.maker.seals.draw_seal`."""
    grains = np.random.default_rng(rng.getrandbits(64))
    pixel_mm = MM_PER_INCH / dpi

    def noise(size_mm: float) -> Mask:
        return _clouds(grains, coverage.shape, size_mm / pixel_mm)

    ragged = coverage + 0.35 * gaps * (noise(0.25) - 0.5)  # the ink's edge follows the paper's fibres
    soft = cv2.GaussianBlur(ragged, (0, 0), max((0.06 + bleed_mm) / pixel_mm, 0.45))
    body = np.clip((soft - 0.2 * (1 - min(4 * bleed_mm, 0.6))) / 0.4, 0, 1)
    pressure = _tilt(coverage.shape, rng, lean) * (0.72 + 0.28 * noise(9.0))
    bare = np.clip((gaps * 0.62 - noise(1.6) * 0.75 - noise(0.35) * 0.25) * 6, 0, 1)
    amount = body * pressure * (1 - bare) * (0.86 + 0.14 * noise(0.15)) * (1 - 0.75 * faint)
    if smudge > 0:
        amount = _smeared(amount, rng, smudge * 1.6 / pixel_mm)
    tone: Any = np.array(ink, dtype=np.float32) + 14 * (noise(3.0) - 0.5)[..., None]
    pixels = np.dstack([np.clip(tone, 0, 255), np.clip(amount, 0, 1)[..., None] * 255])
    return Image.fromarray((pixels + 0.5).clip(0, 255).astype(np.uint8), "RGBA")


def _clouds(grains: np.random.Generator, shape: tuple[int, ...], size: float) -> Mask:
    """Smooth noise 0–1 whose spots are about `size` pixels wide."""
    step = max(size, 1.0)
    coarse = grains.random((max(int(shape[0] / step), 2), max(int(shape[1] / step), 2)), dtype=np.float32)
    return np.clip(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), 0, 1)


def _tilt(shape: tuple[int, ...], rng: random.Random, strength: float) -> Mask:
    """The hand presses one side harder: a plane from 1 - strength to 1."""
    direction = rng.uniform(0, 2 * math.pi)
    rows, columns = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    plane = 1 - strength / 2 * (1 + (columns * math.cos(direction) + rows * math.sin(direction)) / math.sqrt(2))
    return np.asarray(plane, dtype=np.float32)


def _smeared(amount: Mask, rng: random.Random, length: float) -> Mask:
    """The seal slipped: ink drawn out along one direction."""
    size = max(int(length), 1) * 2 + 1
    kernel = np.zeros((size, size), np.float32)
    angle = rng.uniform(0, math.pi)
    middle = size // 2
    tip = (round(middle + middle * math.cos(angle)), round(middle + middle * math.sin(angle)))
    cv2.line(kernel, (middle, middle), tip, 1.0, 1)
    return np.asarray(cv2.filter2D(amount, -1, kernel / kernel.sum()), dtype=np.float32)
