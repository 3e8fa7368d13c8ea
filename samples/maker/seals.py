"""Draw an inked official seal and press it onto a page, so that samples and tests need no real seal.

The form follows 国发〔1999〕25号: round, star (or emblem) in the middle, the name round it from left to right.
What makes it look inked is uneven pressure, grain, gaps and a soft edge; all of it comes from the given
`random.Random`, so a seed is a picture.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Mask = NDArray[np.float32]
Rgb = tuple[int, int, int]

MM_PER_INCH = 25.4
RED_INK: Rgb = (214, 36, 42)
MARGIN_MM = 2
_OVERSAMPLE = 2
_DEBIAN = Path("/usr/share/fonts")


@dataclass(frozen=True, kw_only=True)
class Typeface:
    """A font file; `index` picks the face inside a collection (.ttc)."""

    path: Path
    index: int = 0

    def sized(self, pixels: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(self.path), max(pixels, 4), index=self.index)


TYPEFACES = (
    Typeface(path=_DEBIAN / "truetype/arphic/uming.ttc"),
    Typeface(path=_DEBIAN / "opentype/noto/NotoSerifCJK-Regular.ttc", index=2),
    Typeface(path=_DEBIAN / "opentype/noto/NotoSerifCJK-Bold.ttc", index=2),
    Typeface(path=_DEBIAN / "opentype/noto/NotoSansCJK-Regular.ttc", index=2),
    Typeface(path=_DEBIAN / "truetype/arphic/ukai.ttc"),
    Typeface(path=_DEBIAN / "truetype/wqy/wqy-zenhei.ttc"),
)
"""Song faces first: real seals are cut in simplified Song (宋体). Packages: fonts-arphic-uming, fonts-noto-cjk, …"""


def installed_typefaces() -> tuple[Typeface, ...]:
    """The known typefaces that this machine has, best first. Raises FileNotFoundError if it has none."""
    found = tuple(face for face in TYPEFACES if face.path.is_file())
    if not found:
        raise FileNotFoundError("no Chinese font: install fonts-arphic-uming or fonts-noto-cjk")
    return found


def draw_seal(
    name: str,
    *,
    rng: random.Random,
    diameter_mm: float = 42.0,
    dpi: float = 300.0,
    bottom: str = "",
    number: str = "",
    star: bool = True,
    rim_px: float | None = None,
    arc_degrees: float | None = None,
    typeface: Typeface | None = None,
    ink: Rgb = RED_INK,
    gaps: float = 0.3,
    faint: float = 0.0,
    smudge: float = 0.0,
    rotation: float = 0.0,
) -> Image.Image:
    """An RGBA picture of an inked seal, as large as the seal and a small margin; alpha is the amount of ink.

    `bottom` is the line under the star (财务专用章), `number` the 13 digits at the lower rim. `star` False leaves the
    middle empty (as special seals often are). `rim_px` is the rim's thickness at that dpi (default 1.1 mm),
    `arc_degrees` the arc the name fills. `gaps`, `faint`, `smudge` go from 0 (none) to 1 (hardly readable);
    `rotation` is clockwise in degrees.
    """
    face = typeface or installed_typefaces()[0]
    scale = dpi / MM_PER_INCH * _OVERSAMPLE
    rim = 1.1 * scale if rim_px is None else rim_px * _OVERSAMPLE
    plate = _Plate(diameter=diameter_mm * scale, margin=MARGIN_MM * scale, face=face)
    plate.ring(rim)
    widest = 240.0 if bottom else 292.0  # letters of one plate never touch: the line under the star needs its room
    plate.name(name, rim, arc_degrees or min(widest, 118.0 + 15.5 * len(name)))
    if star:
        plate.star()
    if bottom:
        plate.bottom(bottom, under_star=star)
    if number:
        plate.number(number, rim)
    coverage = plate.finished(rotation)
    return _inked(coverage, rng=rng, dpi=dpi, ink=ink, gaps=gaps, faint=faint, smudge=smudge)


def stamp(page: Image.Image, seal: Image.Image, centre_mm: tuple[float, float], *, dpi: float = 300.0) -> Image.Image:
    """The RGB page with the seal's ink on it (print stays visible under ink); parts past the edge fall away.

    `centre_mm` is measured from the page's top left corner.
    """
    paper = np.asarray(page.convert("RGB"), dtype=np.float32)
    left = round(centre_mm[0] * dpi / MM_PER_INCH - seal.width / 2)
    top = round(centre_mm[1] * dpi / MM_PER_INCH - seal.height / 2)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + seal.width, page.width), min(top + seal.height, page.height)
    if x0 >= x1 or y0 >= y1:
        return page.convert("RGB")
    ink = np.asarray(seal, dtype=np.float32)[y0 - top : y1 - top, x0 - left : x1 - left] / 255.0
    passed = 1.0 - ink[..., 3:] * (1.0 - ink[..., :3])  # ink filters light: dark print stays dark under it
    result = paper.copy()
    result[y0:y1, x0:x1] *= passed
    return Image.fromarray(np.clip(result + 0.5, 0, 255).astype(np.uint8))


class _Plate:
    """The engraved plate, oversampled: an "L" picture whose white parts carry ink."""

    def __init__(self, *, diameter: float, margin: float, face: Typeface) -> None:
        self._radius = diameter / 2
        side = int(diameter + 2 * margin) // 2 * 2
        self._centre = side / 2
        self._face = face
        self._image = Image.new("L", (side, side), 0)
        self._draw = ImageDraw.Draw(self._image)

    def ring(self, thickness: float) -> None:
        low, high = self._centre - self._radius, self._centre + self._radius
        self._draw.ellipse((low, low, high, high), outline=255, width=max(round(thickness), 1))

    def name(self, text: str, rim: float, arc: float) -> None:
        """Letters as tall as a sixth of the diameter, squeezed to the arc they have."""
        height = self._radius * 0.31
        radius = self._radius - rim - self._radius * 0.055 - height / 2
        step = math.radians(arc) / max(len(text) - 1, 1)
        width = min(height * 0.88, step * radius * 0.86)
        for place, letter in enumerate(text):
            angle = (place - (len(text) - 1) / 2) * step
            self._letter(letter, radius, angle, (width, height))

    def star(self) -> None:
        outer = self._radius * 0.33
        inner = outer * math.sin(math.radians(18)) / math.sin(math.radians(54))
        points = [
            (
                self._centre + (outer, inner)[turn % 2] * math.sin(math.pi * turn / 5),
                self._centre - (outer, inner)[turn % 2] * math.cos(math.pi * turn / 5),
            )
            for turn in range(10)
        ]
        self._draw.polygon(points, fill=255)

    def bottom(self, text: str, *, under_star: bool) -> None:
        offset = self._radius * (0.56 if under_star else 0.42)
        chord = 2 * math.sqrt((self._radius * 0.88) ** 2 - offset**2)
        height = self._radius * 0.2
        width = min(height, chord * 0.86 / len(text))
        for place, letter in enumerate(text):
            x = self._centre + (place - (len(text) - 1) / 2) * width * 1.08
            tile = self._tile(letter, (width, height))
            self._paste(tile, x, self._centre + offset)

    def number(self, digits: str, rim: float) -> None:
        """Digits along the lower rim, feet to the rim, read from left to right."""
        height = self._radius * 0.085
        radius = self._radius - rim - self._radius * 0.03 - height / 2
        step = height * 0.78 / radius
        for place, digit in enumerate(digits):
            angle = math.pi - (place - (len(digits) - 1) / 2) * step
            tile = self._tile(digit, (height * 0.6, height)).rotate(180, expand=True)
            self._turned(tile, radius, angle)

    def finished(self, rotation: float) -> Mask:
        """Ink coverage 0–1 in final pixels."""
        turned = self._image.rotate(-rotation, resample=Image.Resampling.BICUBIC)
        side = turned.width // _OVERSAMPLE
        small = turned.resize((side, side), Image.Resampling.BOX)
        return np.asarray(small, dtype=np.float32) / 255.0

    def _letter(self, letter: str, radius: float, angle: float, size: tuple[float, float]) -> None:
        self._turned(self._tile(letter, size), radius, angle)

    def _turned(self, tile: Image.Image, radius: float, angle: float) -> None:
        turned = tile.rotate(-math.degrees(angle), expand=True, resample=Image.Resampling.BICUBIC)
        x, y = self._centre + radius * math.sin(angle), self._centre - radius * math.cos(angle)
        self._paste(turned, x, y)

    def _tile(self, letter: str, size: tuple[float, float]) -> Image.Image:
        """The letter drawn large and squeezed to (width, height)."""
        pixels = max(round(size[1] * 1.25), 8)
        font = self._face.sized(pixels)
        tile = Image.new("L", (pixels, pixels), 0)
        ImageDraw.Draw(tile).text((pixels / 2, pixels / 2), letter, font=font, fill=255, anchor="mm")
        box = tile.getbbox()
        if letter.isdigit() and box:
            tile = tile.crop(box)
        else:
            edge = round(pixels * 0.07)
            tile = tile.crop((edge, edge, pixels - edge, pixels - edge))
        return tile.resize((max(round(size[0]), 1), max(round(size[1]), 1)), Image.Resampling.LANCZOS)

    def _paste(self, tile: Image.Image, x: float, y: float) -> None:
        self._image.paste(255, (round(x - tile.width / 2), round(y - tile.height / 2)), tile)


def _inked(
    coverage: Mask, *, rng: random.Random, dpi: float, ink: Rgb, gaps: float, faint: float, smudge: float
) -> Image.Image:
    """Turn engraved coverage into an ink print: pressure, gaps, grain, soft edge, smear."""
    grains = np.random.default_rng(rng.getrandbits(64))
    pixel_mm = MM_PER_INCH / dpi

    def noise(size_mm: float) -> Mask:
        return _clouds(grains, coverage.shape, size_mm / pixel_mm)

    ragged = coverage + 0.35 * gaps * (noise(0.25) - 0.5)  # the ink's edge follows the paper's fibres
    soft = cv2.GaussianBlur(ragged, (0, 0), max(0.06 / pixel_mm, 0.45))
    body = np.clip((soft - 0.2) / 0.4, 0, 1)
    pressure = _tilt(coverage.shape, rng, 0.25) * (0.72 + 0.28 * noise(9.0))
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
