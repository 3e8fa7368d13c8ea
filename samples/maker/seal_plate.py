"""Engrave the plate of a round seal: rim, name, star or emblem, a line under it, a number at the lower rim."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from samples.maker.typefaces import Typeface

Mask = NDArray[np.float32]

OVERSAMPLE = 2


class Plate:
    """The engraved plate, oversampled: an "L" picture whose white parts carry ink. Lengths are oversampled pixels."""

    def __init__(self, *, diameter: float, margin: float, face: Typeface) -> None:
        self._radius = diameter / 2
        side = int(diameter + 2 * margin) // 2 * 2
        self._centre = side / 2
        self._face = face
        self._image = Image.new("L", (side, side), 0)
        self._draw = ImageDraw.Draw(self._image)

    def ring(self, thickness: float, *, share: float = 1.0) -> None:
        """A circle of `share` times the plate's radius."""
        low, high = self._centre - share * self._radius, self._centre + share * self._radius
        self._draw.ellipse((low, low, high, high), outline=255, width=max(round(thickness), 1))

    def name(self, text: str, rim: float, arc: float, *, tall: float = 0.31) -> None:
        """Letters `tall` times the radius high (a sixth of the diameter), squeezed to the arc (degrees) they have."""
        height = self._radius * tall
        radius = self._radius - rim - self._radius * 0.055 - height / 2
        step = math.radians(arc) / max(len(text) - 1, 1)
        width = min(height * 0.88, step * radius * 0.86)
        for place, letter in enumerate(text):
            angle = (place - (len(text) - 1) / 2) * step
            self._letter(letter, radius, angle, (width, height))

    def star(self) -> None:
        self._star(0.0, 0.0, self._radius * 0.33, 255)

    def emblem(self) -> None:
        """The state emblem as a seal of 4 cm shows it: a wreath round a field with five stars, a gate and a wheel."""
        size = self._radius * 0.4
        for place in range(26):  # ears of wheat
            turn = math.radians(-140 + 280 * place / 25)
            for share in (0.9, 1.05):
                x, y = size * share * math.sin(turn), -size * share * math.cos(turn)
                self._dot(x, y, size * 0.085, 255)
        self._draw.ellipse(self._square(0, 0, size * 0.76), fill=255)
        self._star(0.0, -size * 0.4, size * 0.2, 0)
        for x, y in ((-0.42, -0.12), (-0.2, -0.02), (0.2, -0.02), (0.42, -0.12)):
            self._star(x * size, y * size, size * 0.1, 0)
        for row, half in ((0.2, 0.4), (0.31, 0.52), (0.42, 0.52)):
            middle = self._centre + row * size
            self._draw.rectangle(
                (self._centre - half * size, middle, self._centre + half * size, middle + 0.045 * size), fill=0
            )
        self._draw.ellipse(self._square(0, size * 0.98, size * 0.24), fill=255)
        self._draw.ellipse(self._square(0, size * 0.98, size * 0.1), fill=0)

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

    def cut_rim(self, rim: float, begin: float, end: float) -> None:
        """Take the rim off between two angles (degrees clockwise from the right): a worn or unpressed place."""
        inset = rim * 0.5
        low, high = self._centre - self._radius + inset, self._centre + self._radius - inset
        self._draw.arc((low - inset, low - inset, high + inset, high + inset), begin, end, fill=0, width=round(rim) + 3)

    def finished(self, rotation: float, *, axis_ratio: float = 1.0, tilt: float = 0.0) -> Mask:
        """Ink coverage 0–1 in final pixels, turned by `rotation` degrees clockwise, then squeezed to `axis_ratio`
        across the direction `tilt` (degrees clockwise)."""
        turned = self._image.rotate(-rotation, resample=Image.Resampling.BICUBIC)
        if axis_ratio != 1.0:
            turned = Image.fromarray(_squeezed(np.asarray(turned), axis_ratio, math.radians(tilt)))
        side = turned.width // OVERSAMPLE
        small = turned.resize((side, side), Image.Resampling.BOX)
        return np.asarray(small, dtype=np.float32) / 255.0

    def _square(self, x: float, y: float, half: float) -> tuple[float, float, float, float]:
        return (self._centre + x - half, self._centre + y - half, self._centre + x + half, self._centre + y + half)

    def _dot(self, x: float, y: float, half: float, fill: int) -> None:
        self._draw.ellipse(self._square(x, y, half), fill=fill)

    def _star(self, x: float, y: float, outer: float, fill: int) -> None:
        inner = outer * math.sin(math.radians(18)) / math.sin(math.radians(54))
        points = [
            (
                self._centre + x + (outer, inner)[turn % 2] * math.sin(math.pi * turn / 5),
                self._centre + y - (outer, inner)[turn % 2] * math.cos(math.pi * turn / 5),
            )
            for turn in range(10)
        ]
        self._draw.polygon(points, fill=fill)

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


def _squeezed(picture: NDArray[np.uint8], ratio: float, tilt: float) -> NDArray[np.uint8]:
    cos, sin = math.cos(tilt), math.sin(tilt)
    turn = np.array([[cos, -sin], [sin, cos]])
    linear = turn @ np.diag([1.0, ratio]) @ turn.T
    middle = np.array([(picture.shape[1] - 1) / 2, (picture.shape[0] - 1) / 2])
    matrix = np.column_stack([linear, middle - linear @ middle])
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR), dtype=np.uint8)
