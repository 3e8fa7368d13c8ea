"""What paper, light and lens do to a page besides a clean scan: folds, show-through, shadow, grey paper, a desk or a screen.

Each function takes and gives RGB pixels (H×W×3, uint8); `strength` goes from 0 (none) to 1 (as bad as people send it).
What happens to the paper comes before the scan, what happens to light and lens after it.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samples.maker import screens
from samples.maker.screens import Screen

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]

DESKS = {
    "wood": (112, 86, 62),
    "dark": (48, 46, 50),
    "grey": (140, 142, 146),
    "pale": (206, 203, 196),
    "green": (58, 92, 74),
}
"""Mean colour of the desks a sheet is photographed on."""


@dataclass(frozen=True, kw_only=True)
class Artefacts:
    """Strengths 0–1 of each artefact; `folds` counts folds, `desk` names what a photographed sheet lies on,
    `perspective` is the share of the picture's side by which a photographed corner strays."""

    folds: int = 0
    fold: float = 0.0
    show_through: float = 0.0
    grey: float = 0.0
    shadow: float = 0.0
    perspective: float = 0.0
    desk: str = ""
    screen: Screen | None = None
    """The screen that shows the page, where there is no sheet."""
    seed: int = 0


def on_paper(page: Image.Image, settings: Artefacts) -> Image.Image:
    """The sheet before it is scanned: what shines through from its back, and its folds."""
    rng = np.random.default_rng(settings.seed)
    pixels = np.asarray(page.convert("RGB"))
    if settings.show_through:
        pixels = show_through(pixels, settings.show_through, rng)
    for number in range(settings.folds):
        pixels = fold(pixels, settings.fold, rng, upright=number % 2 == 1)
    return Image.fromarray(pixels)


def in_picture(image: Image.Image, settings: Artefacts) -> Image.Image:
    """The picture after scanning: grey paper, the shadow of a hand or phone."""
    rng = np.random.default_rng(settings.seed + 1)
    pixels = np.asarray(image.convert("RGB"))
    if settings.grey:
        pixels = grey_paper(pixels, settings.grey, rng)
    if settings.shadow:
        pixels = shadow(pixels, settings.shadow, rng)
    return Image.fromarray(pixels)


def show_through(pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Print on the back, seen through the paper: mirrored, blurred, pale, and another page than the front."""
    height, width = pixels.shape[:2]
    back = pixels[:, ::-1].astype(np.float32)
    back = np.roll(
        back, (int(rng.integers(-height // 5, height // 5)), int(rng.integers(-width // 8, width // 8))), (0, 1)
    )
    ink = cv2.GaussianBlur(255 - back, (0, 0), 3.0).mean(axis=2, keepdims=True) / 255
    return _multiplied(pixels, 1 - 0.32 * strength * ink)


def fold(pixels: Pixels, strength: float, rng: np.random.Generator, *, upright: bool) -> Pixels:
    """A fold across (or, `upright`, down) the sheet: one side darker, a thin ridge where toner cracked off."""
    height, width = pixels.shape[:2]
    along, across = (height, width) if upright else (width, height)
    middle = rng.uniform(0.3, 0.7) * across
    place = np.linspace(middle, middle + rng.uniform(-0.012, 0.012) * across, along)
    ragged = cv2.resize(rng.normal(0, 1.2, (along // 9 + 1, 1)).astype(np.float32), (1, along))[:, 0]
    distance = np.arange(across)[None, :] - (place + ragged)[:, None]
    side = np.where(distance > 0, np.exp(-np.abs(distance) / 60), 0.25 * np.exp(-np.abs(distance) / 25))
    shade: Plane = (1 - 0.22 * strength * side).astype(np.float32)
    ridge: Plane = (np.exp(-((distance / 2.2) ** 2)) * strength).astype(np.float32)
    if not upright:
        shade, ridge = shade.T, ridge.T
    darker = _multiplied(pixels, shade[..., None]).astype(np.float32)
    cracked = darker + (232 - darker) * 0.5 * ridge[..., None]
    return np.clip(cracked, 0, 255).astype(np.uint8)


def grey_paper(pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Recycled paper or a lamp too weak: a grey ground, cloudy and with fibres, over the whole picture."""
    height, width = pixels.shape[:2]
    clouds = cv2.resize(rng.random((6, 8)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    fibres = cv2.resize(rng.random((height // 2, width // 3)).astype(np.float32), (width, height))
    level = 1 - strength * (0.26 + 0.1 * clouds + 0.05 * fibres)
    tint = np.array([1.0, 0.995, 0.965], np.float32)
    return _multiplied(pixels, level[..., None] * tint)


def shadow(pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """The shadow of a phone or arm: a soft-edged band from one edge of the picture."""
    height, width = pixels.shape[:2]
    corner, small = rng.uniform(0.1, 0.9, 2) * (width / 8, height / 8), (height // 8 + 1, width // 8 + 1)
    angle, reach = rng.uniform(0, 2 * math.pi), rng.uniform(0.25, 0.5) * width / 8
    rows, columns = np.mgrid[0 : small[0], 0 : small[1]].astype(np.float32)
    depth = (columns - corner[0]) * math.cos(angle) + (rows - corner[1]) * math.sin(angle)
    mask = ((depth > 0) & (depth < reach * 1.6)).astype(np.float32)
    soft = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(4, 22)))
    full = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return _multiplied(pixels, 1 - 0.45 * strength * full[..., None])


def photographed(page: Image.Image, settings: Artefacts, *, scale: float) -> Image.Image:
    """The sheet on a desk (or its picture on a screen), seen aslant by a phone at `scale` of the sheet's resolution."""
    if settings.screen:
        return screens.photographed(page, settings.screen, scale=scale)
    rng = np.random.default_rng(settings.seed + 2)
    pixels = np.asarray(page.convert("RGB"))
    height, width = pixels.shape[:2]
    border = rng.uniform(0.03, 0.07)
    out = (round(width * scale / (1 - 2 * border)), round(height * scale / (1 - 2 * border)))
    lean = settings.perspective
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * (1 - 2 * border) + border
    corners += np.clip(rng.uniform(-lean, lean, (4, 2)), -border + 0.004, None).astype(np.float32) * _inwards(corners)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners * np.array(out, np.float32))
    blurred = cv2.GaussianBlur(pixels, (0, 0), max(0.3, 0.35 / scale))
    sheet = cv2.warpPerspective(blurred, matrix, out, flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, out)
    soft = cv2.GaussianBlur(inside, (0, 0), 1.2)[..., None].astype(np.float32) / 255
    ground = _desk(out, DESKS[settings.desk], rng)
    slope = rng.uniform(0.72, 1.0, 4)
    light = cv2.resize(slope.reshape(2, 2).astype(np.float32), out, interpolation=cv2.INTER_LINEAR)[..., None]
    lamp: Plane = np.asarray(light * rng.uniform((0.94, 0.95, 0.88), (1.0, 1.0, 1.0)), np.float32)
    mixed = np.clip(sheet * soft + ground * (1 - soft), 0, 255).astype(np.uint8)
    return Image.fromarray(_multiplied(mixed, lamp))


def phone_file(image: Image.Image, *, quality: int, exif: bool) -> bytes:
    """A JPEG as phones make it (`exif`: with the camera's name) or as a messenger leaves it (without any)."""
    buffer = io.BytesIO()
    told = Image.Exif()
    if exif:
        told[0x010F], told[0x0110] = "HUAWEI", "ELE-AL00"  # Make, Model
    image.convert("RGB").save(buffer, "JPEG", quality=quality, exif=told.tobytes() if exif else b"")
    return buffer.getvalue()


def _inwards(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Signs by which a positive stray moves each corner towards the middle."""
    return np.where(corners < 0.5, 1.0, -1.0).astype(np.float32)


def _desk(size: tuple[int, int], colour: tuple[int, int, int], rng: np.random.Generator) -> Plane:
    width, height = size
    grain = cv2.resize(rng.normal(0, 9, (height // 40 + 1, width)).astype(np.float32), size)
    fine = rng.normal(0, 3, (height, width)).astype(np.float32)
    return np.asarray(np.array(colour, np.float32) + (grain + fine)[..., None], np.float32)


def _multiplied(pixels: Pixels, factor: NDArray[np.floating]) -> Pixels:
    return np.clip(pixels.astype(np.float32) * factor, 0, 255).astype(np.uint8)
