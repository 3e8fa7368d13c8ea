"""The paper a page is on: coloured, shaded by one lamp, a little crumpled, with a camera's colour cast."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

MM_PER_INCH = 25.4


@dataclass(frozen=True, kw_only=True)
class Paper:
    """`tint` is the paper's colour, `shade` how much darker its dark side is (0–1), `cast` a shift of red against blue
    (−0.2 cold … 0.2 warm)."""

    tint: tuple[int, int, int] = (255, 255, 255)
    shade: float = 0.0
    cast: float = 0.0
    seed: int = 0

    @property
    def plain(self) -> bool:
        return min(self.tint) == 255 and self.shade == 0 and self.cast == 0


def on_paper(page: Image.Image, paper: Paper, *, dpi: float) -> Image.Image:
    """The RGB page with its paper's colour and the light that falls on it."""
    if paper.plain:
        return page.convert("RGB")
    grains = np.random.default_rng(paper.seed)
    height, width = page.height, page.width
    way = grains.uniform(0, 2 * math.pi)
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    plane = (1 + (columns * math.cos(way) + rows * math.sin(way)) / math.sqrt(2)) / 2
    step = max(12 / MM_PER_INCH * dpi, 1.0)
    folds = grains.random((int(height / step) + 2, int(width / step) + 2)).astype(np.float32)
    creased = cv2.resize(folds, (width, height), interpolation=cv2.INTER_CUBIC)
    light = 1 - paper.shade * (0.8 * plane + 0.2 * creased)
    colour = np.array(paper.tint, np.float32) / 255 * np.array([1 + paper.cast, 1.0, 1 - paper.cast], np.float32)
    levels = np.asarray(page.convert("RGB"), dtype=np.float32) * light[..., None] * colour
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
