"""Crops of seals: the rim unrolled from its gap, and the line under the star, of stamps of random names."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bench.reader_training import texts
from bench.reader_training.shared import SCANS, Crop, Pixels, as_input, compressed, has
from bench.reader_training.words import Words
from parsers.seal_foot import bottom
from parsers.seal_gaps import gaps
from parsers.seal_geometry import Ring
from parsers.seal_marks import paper_colour
from parsers.seal_reading import _crop, _otherwise
from parsers.seal_unroll import disc, line, unroll
from samples.maker import scanner
from samples.maker.seals import name_arc
from samples.maker.stamp_plans import CLASSES, StampPlan, StampRange, press
from samples.maker.stamp_sight import readable
from samples.maker.typefaces import Typeface

_SCANS = replace(SCANS, dpi=(150, 150, 160, 170, 200, 200, 240, 300), skew=2.0)
_STAMPS = {label: 1.0 for label in CLASSES if label not in ("off_page", "overlapping", "double_stamped", "as_real")}
_STAMPS |= {"normal": 5.0, "over_print": 4.0, "numbered": 2.0}
_BOTTOMS = ("财务专用章", "合同专用章", "发票专用章", "办公室", "（1）", "（2）", "(3)", "01", "02")
_SIDE = 52.0  # mm
_SCANS_A_STAMP = 3


def seal_crops(rng: random.Random, faces: Sequence[Typeface], words: Words | None = None) -> Iterator[Crop]:
    """The rim of one stamp, scanned several times, each in one or two ways, and its line under the star where it was cut out."""
    name = texts.seal_name(rng, words)
    able = [face for face in faces if has(face, name)]
    if not able:
        return
    under = rng.choice(_BOTTOMS) if rng.random() < 0.25 else ""
    stamps = StampRange(typefaces=tuple(able), weights=_STAMPS, faint=(0.05, 0.3), smudge=(0.02, 0.2))
    plan = stamps.draw(rng, name, bottom=under)
    if not readable(plan) and rng.random() < 0.7:
        return
    scans = [replace(_SCANS.draw(rng), offset=(0.0, 0.0)) for _ in range(_SCANS_A_STAMP)]
    drawn = 240 if max(each.dpi for each in scans) <= 200 else 300
    page = _paper(rng, able, drawn, words, much=plan.label == "over_print")
    page = press(page, plan, (_SIDE / 2, _SIDE / 2), dpi=drawn)
    for settings in scans:
        rgb = compressed(scanner.scan(page, settings, dpi=drawn), settings.quality)
        yield from _unrolled(rng, rgb, plan, settings)


def _unrolled(rng: random.Random, rgb: Pixels, plan: StampPlan, settings: scanner.Scan) -> Iterator[Crop]:
    of = disc(rgb, _ring(rng, plan, settings), _paper_at(rgb))
    flat = unroll(of)
    gap = gaps(flat)[0]
    arc = math.radians(name_arc(plan.name, plan.bottom))
    away = (gap.angle - math.pi / 2 - math.radians(plan.rotation - settings.skew) + math.pi) % (2 * math.pi) - math.pi
    if abs(away) + gap.width / 2 > (2 * math.pi - arc) / 2 + 0.12 or gap.width < 0.3:
        return  # opened elsewhere: what the strip says from its first letter is not known
    foot = bottom(of, gap)
    strip = line(unroll(foot.rest), foot.gap) if foot.lines else line(flat, gap)
    label = f"{plan.label} {'150' if settings.dpi < 180 else '200'}{'' if readable(plan) else ' poor'}"
    ways = [strip, *_otherwise(strip, None)]
    for way in [0] if rng.random() < 0.5 else [0, rng.choice((1, 2))]:
        yield Crop(
            pixels=as_input(_crop(ways[way]), 1.0), text=plan.name, label=f"rim {label}" + (" again" if way else "")
        )
    if plan.bottom and len(foot.lines) == 1:
        yield Crop(pixels=as_input(_crop(foot.lines[0]), 1.0), text=plan.bottom, label=f"foot {label}")


def _ring(rng: random.Random, plan: StampPlan, settings: scanner.Scan) -> Ring:
    """Where the stamp's rim lies on the scan, as surely as it would be found."""
    half, radius = _SIDE / 2 / 25.4 * settings.dpi, plan.diameter / 2 / 25.4 * settings.dpi
    slack = 0.006 * radius
    tall = plan.axis_ratio
    return Ring(
        x=half + rng.gauss(0, slack), y=half + rng.gauss(0, slack), a=radius * rng.gauss(1.0, 0.006),
        b=radius * tall * rng.gauss(1.0, 0.006), tilt=math.radians(plan.tilt), coverage=0.9,
    )  # fmt: skip


def _paper_at(rgb: Pixels) -> NDArray[np.float32]:
    scale = 80.0 / (rgb.shape[0] / _SIDE * 25.4)
    small = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    colour = paper_colour(small, 64)
    middle: NDArray[np.float32] = colour[colour.shape[0] // 2, colour.shape[1] // 2]
    return middle


def _paper(rng: random.Random, faces: Sequence[Typeface], dpi: int, words: Words | None, *, much: bool) -> Image.Image:
    """White paper, mostly with print and ruling on it."""
    side = round(_SIDE / 25.4 * dpi)
    page = Image.new("RGB", (side, side), "white")
    if not much and rng.random() < 0.35:
        return page
    size = round(rng.uniform(7.0, 12.5) / 72 * dpi)
    pen, font = ImageDraw.Draw(page), faces[0].sized(size)
    step = round(size * rng.uniform(1.5, 2.4))
    rows = range(rng.randint(0, step), side, step) if much or rng.random() < 0.5 else [rng.randint(0, side)]
    for y in rows:
        if rng.random() < 0.7:
            pen.line((0, y - step * 0.15, side, y - step * 0.15), fill=0, width=rng.choice((1, 2, 3)))
        pen.text((rng.randint(-200, 60), y), "   ".join(texts.line(rng, words) for _ in range(3)), font=font, fill=0)
    return page
