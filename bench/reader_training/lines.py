"""Crops of single lines of print: sheets of random texts in one face, stamped now and then, scanned, and cut as cells are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bench.reader_training import texts
from bench.reader_training.shared import SCANS, TRAINED, Crop, Pixels, able, as_input, compressed, has
from bench.reader_training.words import Words
from parsers import quality
from parsers.cells import PRINT_STRETCH
from parsers.print_lines import Area, crop, line_areas
from samples.maker import scanner
from samples.maker.stamp_plans import StampRange, press
from samples.maker.typefaces import Typeface

_DRAWN = 300  # dpi of the sheet before it is scanned
_SHEET = (2100, 1500)
_STAMPS = {"normal": 6.0, "thick_rim": 1.0, "faint": 1.0, "overlapping": 1.0, "rotated": 2.0}


def line_crops(rng: random.Random, face: Typeface, words: Words | None = None) -> Iterator[Crop]:
    """The crops of one sheet."""
    settings = SCANS.draw(rng)
    em = rng.triangular(10.5, 36.0, 14.0)
    size = max(17, round(em * _DRAWN / settings.dpi))
    em = size * settings.dpi / _DRAWN
    page, places = _printed(rng, face, size, words)
    stamped = rng.random() < 0.45
    if stamped:
        page = _stamped(rng, page, words)
    rgb, matrix = _scanned(rng, page, settings)
    even = quality.even_light(quality.without_red(rgb))
    ink = quality.print_mask(even, (slice(None), slice(None)))
    for text, box in places:
        area = _carried(matrix, box, em)
        found = line_areas(ink, area, 0.92 * em)
        if len(found) != 1 or found[0].height > 1.7 * em:
            continue
        red = stamped and quality.red_mask(rgb[area.y0 : area.y1, area.x0 : area.x1]).mean() > 0.01
        cut = crop(even, found[0], 0.92 * em, area)
        label = f"{'stamped' if red else 'plain'} {12 if em < 16 else 16 if em < 20 else 20}"
        yield Crop(pixels=as_input(cut, PRINT_STRETCH), text=text, label=label)


def _printed(
    rng: random.Random, face: Typeface, size: int, words: Words | None
) -> tuple[Image.Image, list[tuple[str, tuple[float, float, float, float]]]]:
    page, font = Image.new("RGB", _SHEET, "white"), face.sized(size)
    pen, x, y, places = ImageDraw.Draw(page), 30.0, 30.0, []
    bold = 1 if size > 30 and rng.random() < 0.15 else 0
    ruled = rng.random() < 0.5
    while y + size * 1.6 < _SHEET[1]:
        text = texts.line(rng, words)
        if not has(face, text):
            continue
        box = pen.textbbox((x, y), text, font=font, stroke_width=bold)
        if box[2] + 30 > _SHEET[0]:
            if x == 30.0:
                continue
            x, y = 30.0, y + round(size * rng.uniform(1.7, 2.1))
            continue
        pen.text((x, y), text, font=font, fill=0, stroke_width=bold)
        if ruled and rng.random() < 0.3:  # the side of a cell, a little off the print
            side = box[2] + size * rng.uniform(0.4, 0.6)
            pen.line((side, y, side, y + size * 1.2), fill=rng.choice((0, 90, 150)), width=rng.choice((1, 2, 3)))
        places.append((text, box))
        x = box[2] + round(size * 1.15)
    return page, places


def _stamped(rng: random.Random, page: Image.Image, words: Words | None) -> Image.Image:
    """The sheet with three to six stamps on it."""
    stamps = StampRange(typefaces=TRAINED, weights=_STAMPS)
    for _ in range(rng.randint(3, 6)):
        plan = stamps.draw(rng, texts.seal_name(rng, words), bottom=rng.choice(("", "", "财务专用章")))
        plan = replace(plan, rotation=rng.uniform(-40, 40), typeface=able(plan, TRAINED))
        centre = tuple(rng.uniform(0, side / _DRAWN * 25.4) for side in _SHEET)
        page = press(page, plan, (centre[0], centre[1]), dpi=_DRAWN)
    return page


def _scanned(rng: random.Random, page: Image.Image, settings: scanner.Scan) -> tuple[Pixels, NDArray[np.float64]]:
    """The page as scanned, now and then as photographed, and the matrix that carries places on paper onto it."""
    mode = rng.choices(("colour", "grey", "bw"), (92, 5, 3))[0]
    still = replace(settings, offset=(0.0, 0.0), print_scale=1.0, mode=mode)
    pixels = np.asarray(scanner.scan(page, still, dpi=_DRAWN).convert("RGB"))
    if rng.random() < 0.2:
        pixels = _as_photo(rng, pixels)
    width, height = page.size
    ratio = still.dpi / _DRAWN
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), still.skew, ratio), dtype=np.float64)
    matrix[0, 2] += round(width * ratio) / 2 - width / 2
    matrix[1, 2] += round(height * ratio) / 2 - height / 2
    return compressed(Image.fromarray(pixels), still.quality), matrix


def _as_photo(rng: random.Random, pixels: Pixels) -> Pixels:
    """Softer, and lit from one side."""
    soft = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 0.8)).astype(np.float32)
    corners = np.array([[rng.uniform(0.65, 1.0) for _ in range(2)] for _ in range(2)], np.float32)
    light = cv2.resize(corners, (pixels.shape[1], pixels.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(soft * light[..., None], 0, 255), dtype=np.uint8)


def _carried(matrix: NDArray[np.float64], box: tuple[float, float, float, float], em: float) -> Area:
    """The cell round a printed box: a third of a character more on every side."""
    left, top, right, bottom_ = box
    corners = np.array([(left, top, 1), (right, top, 1), (right, bottom_, 1), (left, bottom_, 1)]) @ matrix.T
    room = 0.32 * em
    x0, y0 = np.floor(corners.min(axis=0) - room).astype(int)
    x1, y1 = np.ceil(corners.max(axis=0) + room).astype(int)
    return Area(x0=max(0, int(x0)), y0=max(0, int(y0)), x1=int(x1), y1=int(y1))
