"""A page that was never printed, or not stamped: shown on a screen and photographed from there by a phone.

A screen's pixels are three stripes, red, green and blue, between black gaps. The lens blurs them, each pixel of the camera
takes the light of its own area and through a filter of one colour (Bayer), and the colours are guessed between. So the
stripes show as a fine grid, or, finer than the camera's own pixels, as slow coloured waves. What the lens leaves of a stripe
is told by Fourier's series of it: exact, and cheaper than drawing the stripes.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]
Span = tuple[float, float]

_STRIPE, _ROW = 0.28, 0.86
"""Lit share of a pixel across its stripes (each colour's own) and along them: the rest is the black matrix."""
_GAMMA = 2.2
_BEHIND = (86, 88, 92)
"""The grey that a viewer shows about a page."""
_BORDER = 0.05
"""Share of the picture's side about the page."""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """How a page is shown and photographed. `shown`: screen pixels across the page; `zoom`: pixels of the camera for one of
    the picture as sent; `blur`: of the lens, in pixels of the camera; `turn` in degrees, `lean` and `lens` (distortion) as
    shares of the picture; `white` the screen's white, `leak` the light of its black; `upright`: stripes run down."""

    shown: int = 1500
    zoom: float = 1.0
    blur: float = 0.45
    turn: float = 1.0
    lean: float = 0.01
    lens: float = 0.01
    white: tuple[float, float, float] = (0.82, 0.86, 0.92)
    leak: float = 0.03
    upright: bool = True
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class ScreenRange:
    """The ranges screens and their photographs are drawn from: office monitors, laptops, and finer screens."""

    shown: Span = (900, 2200)
    zoom: Span = (1.0, 1.8)
    blur: Span = (0.35, 0.6)
    turn: float = 4.0
    lean: Span = (0.0, 0.02)
    lens: Span = (0.0, 0.02)

    def draw(self, rng: random.Random) -> Screen:
        light = rng.uniform(0.7, 0.92)
        return Screen(
            shown=round(rng.uniform(*self.shown)),
            zoom=rng.uniform(*self.zoom) if rng.random() < 0.6 else 1.0,
            blur=rng.uniform(*self.blur),
            turn=rng.uniform(-self.turn, self.turn),
            lean=rng.uniform(*self.lean),
            lens=rng.uniform(*self.lens),
            white=(light * rng.uniform(0.9, 1.0), light, light * rng.uniform(1.0, 1.08)),
            leak=rng.uniform(0.01, 0.06),
            upright=rng.random() < 0.9,
            seed=rng.getrandbits(32),
        )


JUDGED_SCREENS = ScreenRange(shown=(800, 2600), zoom=(1.0, 2.2), blur=(0.3, 0.7), turn=7.0, lean=(0.0, 0.03))
"""Screens that no constant of the readers was taken from."""


def photographed(page: Image.Image, screen: Screen, *, scale: float) -> Image.Image:
    """The RGB page on the screen as a phone sees it, at `scale` of the page's own pixels."""
    sent = tuple(round(side * scale / (1 - 2 * _BORDER)) for side in page.size)
    size = (round(sent[0] * screen.zoom), round(sent[1] * screen.zoom))
    across, down = _places(screen, size)
    light = _shown(page, screen, across, down) * _stripes(page, screen, across, down, size[0])
    seen = np.clip(_demosaicked(light), 0, 1) ** (1 / _GAMMA) * 255
    picture = cv2.resize(seen.astype(np.uint8), sent, interpolation=cv2.INTER_AREA)
    return Image.fromarray(np.asarray(picture, np.uint8))


def _places(screen: Screen, size: tuple[int, int]) -> tuple[Plane, Plane]:
    """Which place of the page (0–1 across and down it) each pixel of the camera sees."""
    rng = np.random.default_rng(screen.seed)
    width, height = size
    turn, aspect = math.radians(screen.turn), width / height
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    about = (square * (1 - 2 * _BORDER) + _BORDER - 0.5) * np.array([aspect, 1.0])
    turned = about @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    corners = turned / np.array([aspect, 1.0]) + 0.5 + rng.uniform(-screen.lean, screen.lean, (4, 2))
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), square)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (columns + 0.5) / width - 0.5, (rows + 0.5) / height - 0.5
    bent = 1 + screen.lens * (x * x + y * y)
    x, y = x * bent + 0.5, y * bent + 0.5
    depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    across = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / depth
    down = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / depth
    return across.astype(np.float32), down.astype(np.float32)


def _shown(page: Image.Image, screen: Screen, across: Plane, down: Plane) -> Plane:
    """The light (linear, 0–1) of the screen's pixel at each place, without its stripes."""
    shown = (screen.shown, round(screen.shown * page.height / page.width))
    pixels = cv2.resize(np.asarray(page.convert("RGB")), shown, interpolation=cv2.INTER_AREA)
    seen = cv2.remap(
        pixels, across * shown[0] - 0.5, down * shown[1] - 0.5, cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=_BEHIND,
    )  # fmt: skip
    light = (seen.astype(np.float32) / 255) ** _GAMMA
    return np.asarray((screen.leak + (1 - screen.leak) * light) * np.array(screen.white, np.float32), np.float32)


def _stripes(page: Image.Image, screen: Screen, across: Plane, down: Plane, width: int) -> Plane:
    """H×W×3: how much more or less than their mean the stripes of each colour show at each place."""
    u: Plane = across * np.float32(screen.shown)
    v: Plane = down * np.float32(screen.shown) * np.float32(page.height) / np.float32(page.width)
    if not screen.upright:
        u, v = v, u
    pace = screen.shown / (width * (1 - 2 * _BORDER))  # screen pixels for one of the camera
    rows = _wave(v, _ROW, pace, screen.blur)
    return np.dstack([_wave(u - (colour - 1) / 3, _STRIPE, pace, screen.blur) * rows for colour in range(3)])


def _wave(phase: Plane, lit: float, pace: float, blur: float) -> Plane:
    """A lit share of each period, after lens and the camera's pixel: the first two terms of its Fourier series."""
    wave: Plane = np.ones_like(phase)
    for order in (1, 2):
        cycles = order * pace  # a pixel of the camera
        left = math.exp(-2 * (math.pi * blur * cycles) ** 2) * abs(float(np.sinc(cycles)))
        strength = 2 * float(np.sinc(order * lit)) * left
        wave += strength * np.cos(2 * math.pi * order * phase)
    return np.asarray(np.maximum(wave, 0), np.float32)


def _demosaicked(light: Plane) -> Plane:
    """What a sensor under a Bayer filter keeps of the light, its colours guessed between their own pixels."""
    height, width = light.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width]
    red, blue = (rows % 2 == 0) & (columns % 2 == 0), (rows % 2 == 1) & (columns % 2 == 1)
    wide = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], np.float32) / 4
    near = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]], np.float32) / 4
    masks = ((red, wide), (~red & ~blue, near), (blue, wide))
    return np.dstack([cv2.filter2D(light[..., each] * mask, -1, kernel) for each, (mask, kernel) in enumerate(masks)])
