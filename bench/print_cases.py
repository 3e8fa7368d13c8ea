"""Seals in ink and printed pictures of seals, scanned or photographed: what `bench.prints` judges the reader by."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from samples.maker import scanner, seals, stamp_plans
from samples.maker.copies import PRINT_DPI, colour_print, tinted
from samples.maker.halftones import JUDGED_PRINTERS, PrinterRange
from samples.maker.stamp_plans import CLASSES, StampPlan, StampRange
from samples.maker.stamp_sight import readable
from samples.maker.typefaces import Typeface

Pixels = NDArray[np.uint8]

_SIDE, _WHOLE = 72.0, 126.0
"""Sides in mm of what is scanned, and of the page it is laid on: below 120 mm the reader takes no scale for true."""
_INK_DPI = 300
_FONTS = Path("/usr/share/fonts")
_NAMES = ("濮阳县教育局", "濮阳市范县教育局", "清丰县教育体育局", "台前县教体局", "南乐县教育和体育局")
_OVER_TINT, _EVEN, _PHOTO, _RESENT, _LOSSLESS = 0.1, 0.12, 0.15, 0.1, 0.06
"""Shares of seals over a tinted cell, of seals whose ink lies even and that a scanner without noise sees, of photographs, of
pictures sent on (made smaller, compressed again), and of PNGs."""
SCREENS = ("dots", "lines", "droplets")


@dataclass(frozen=True, kw_only=True)
class Set:
    """What cases are drawn from. `pure` is the share of printed pictures that were drawn, not scanned from real ink."""

    stamps: StampRange
    printers: PrinterRange
    scans: scanner.ScanRange
    pure: float = 0.4


def _faces(*paths: tuple[str, int]) -> tuple[Typeface, ...]:
    return tuple(Typeface(path=_FONTS / path, index=index) for path, index in paths)


TUNING = Set(
    stamps=StampRange(
        typefaces=_faces(("truetype/arphic/uming.ttc", 0), ("truetype/arphic/ukai.ttc", 0)),
    ),
    printers=PrinterRange(),
    scans=scanner.ScanRange(
        dpi=(150, 200, 200, 240, 300), skew=2.0, noise=(1.0, 6.0), blur=(0.3, 0.8), quality=(40, 92), paper=(228, 255),
        contrast=(0.75, 1.0),
    ),
)  # fmt: skip
JUDGING = Set(
    stamps=StampRange(
        typefaces=_faces(("opentype/noto/NotoSerifCJK-Bold.ttc", 2), ("truetype/wqy/wqy-zenhei.ttc", 0)),
        diameters=(38.0, 39.0, 41.0, 42.0, 44.0, 45.0),
        rim=(0.6, 1.35),
        reds=((180, 240), (20, 75), (25, 90)),
        gaps=(0.05, 0.42),
        lean=(0.05, 0.45),
    ),
    printers=JUDGED_PRINTERS,
    scans=scanner.ScanRange(
        dpi=(150, 165, 200, 220, 250, 300), skew=2.5, noise=(1.0, 6.5), blur=(0.25, 0.85), quality=(38, 94),
        paper=(225, 255), contrast=(0.72, 1.0),
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PrintCase:
    """A page of 126 mm with one seal. `kind` is `ink` or a screen of a print, `label` the wear or capture of it, `quality`
    of the JPEG as received (100: PNG), `legible` the maker's word."""

    kind: str
    label: str
    rgb: Pixels
    dpi: float
    quality: int
    photo: bool
    legible: bool


def make(seed: int, of: Set, *, printed: bool) -> PrintCase:
    """The same seed and set give the same picture."""
    rng = random.Random(f"print case {seed} {printed}")
    plan = of.stamps.draw(rng, rng.choice(_NAMES), label="normal" if printed else rng.choice(tuple(CLASSES)))
    tint = not printed and rng.random() < _OVER_TINT
    dpi = PRINT_DPI if printed or tint else _INK_DPI
    page = _paper(rng, dpi, of.stamps.typefaces[0])
    centre = (_SIDE / 2 + rng.uniform(-3, 3), _SIDE / 2 + rng.uniform(-3, 3))
    even = not printed and not tint and rng.random() < _EVEN
    kind, label = "ink", "over tint" if tint else "even ink" if even else plan.label
    if tint:
        page = tinted(page, of.printers.draw(rng, screen="dots"), rng.uniform(0.08, 0.3), dpi=dpi)
    if printed:
        printer = of.printers.draw(rng)
        pure = rng.random() < of.pure
        kind, label = printer.screen, "pure" if pure else "of ink"
        seal = seals.draw_seal(
            plan.name, rng=random.Random(plan.seed), dpi=dpi, diameter_mm=plan.diameter, number=plan.number,
            typeface=plan.typeface, rotation=plan.rotation, gaps=0.0 if pure else plan.gaps, lean=0.0 if pure else plan.lean,
        )  # fmt: skip
        page = seals.stamp(page, colour_print(seal, printer, dpi=dpi), centre, dpi=dpi)
    elif even:
        page = seals.stamp(page, _even(plan, dpi), centre, dpi=dpi)
    else:
        page = stamp_plans.press(page, plan, centre, dpi=dpi)
    photo = rng.random() < _PHOTO
    settings = replace(of.scans.draw(rng), offset=(0.0, 0.0), photo=photo, perspective=rng.uniform(0.0, 0.02))
    settings = replace(settings, noise=rng.uniform(0.2, 1.5)) if even else settings
    rgb, ratio, quality = _sent(rng, _whole(scanner.scan(page, settings, dpi=dpi), settings.dpi), settings.quality)
    return PrintCase(
        kind=kind, label=label, rgb=rgb, dpi=settings.dpi * ratio, quality=quality, photo=photo, legible=readable(plan)
    )  # fmt: skip


def _even(plan: StampPlan, dpi: int) -> Image.Image:
    """The seal as a stamp with a reservoir leaves it: its ink as even as a fill, all but the edges cut off at one level."""
    seal = seals.draw_seal(
        plan.name, rng=random.Random(plan.seed), dpi=dpi, diameter_mm=plan.diameter, number=plan.number,
        typeface=plan.typeface, rotation=plan.rotation, ink=plan.ink, gaps=0.0, lean=0.0,
    )  # fmt: skip
    pixels = np.array(seal)
    amount = pixels[..., 3]
    pixels[..., 3] = np.minimum(amount, int(np.quantile(amount[amount > 60], 0.25)))
    return Image.fromarray(pixels, "RGBA")


def _paper(rng: random.Random, dpi: int, face: Typeface) -> Image.Image:
    """White paper, mostly with rows of print between lines."""
    mm = dpi / seals.MM_PER_INCH
    side = round(_SIDE * mm)
    page = Image.new("RGB", (side, side), "white")
    if rng.random() < 0.3:
        return page
    pen, font, top = ImageDraw.Draw(page), face.sized(round(rng.uniform(3.2, 4.4) * mm)), rng.uniform(2, 40)
    pen.text((3 * mm, top * mm), "填报单位：濮阳县（盖章）", font=font, fill=0)
    for row in range(14):
        y = (top + 8 + row * 6.8) * mm
        pen.line((0, y, side, y), fill=0, width=max(round(0.25 * mm), 1))
        words = rng.sample(("中心小学", "第一初级中学", "钉钉", "13839301234", "教APP备4100001号", "是"), 3)
        pen.text((2 * mm, y + 1.2 * mm), "  ".join(words), font=font, fill=0)
    return page


def _whole(scan: Image.Image, dpi: int) -> Image.Image:
    """The scan in the middle of a page of its own paper's colour."""
    pixels = np.asarray(scan)
    side = round(_WHOLE * dpi / seals.MM_PER_INCH)
    free = [max(side - length, 0) for length in pixels.shape[:2]]
    colour = tuple(float(level) for level in np.percentile(pixels[::8, ::8].reshape(-1, 3), 75, axis=0))
    top, left = free[0] // 2, free[1] // 2
    about = cv2.copyMakeBorder(pixels, top, free[0] - top, left, free[1] - left, cv2.BORDER_CONSTANT, value=colour)
    return Image.fromarray(np.asarray(about, np.uint8))


def _sent(rng: random.Random, picture: Image.Image, quality: int) -> tuple[Pixels, float, int]:
    """The pixels as received, how much smaller they were made on the way, and the quality of the last JPEG."""
    if rng.random() < _LOSSLESS:
        return np.asarray(picture), 1.0, 100
    once, ratio = _jpeg(picture, quality), 1.0
    if rng.random() < _RESENT:
        ratio, quality = rng.uniform(0.6, 0.95), rng.randint(60, 85)
        size = (round(once.width * ratio), round(once.height * ratio))
        once = _jpeg(once.resize(size, Image.Resampling.BICUBIC), quality)
    return np.asarray(once), ratio, quality


def _jpeg(picture: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")
