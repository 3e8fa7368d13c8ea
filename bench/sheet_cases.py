"""Whole sheets on a desk or on a scanner's glass, and pages on a screen as a phone sees them: for `bench.prints`."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from samples.maker import artefacts, scanner, seals
from samples.maker.artefacts import DESKS, Artefacts
from samples.maker.screens import JUDGED_SCREENS, ScreenRange
from samples.maker.typefaces import installed_typefaces

_DPI, _SHEET_INCHES = 200, (11.69, 8.27)
_WORDS = ("中心小学", "第一初级中学", "钉钉", "13839301234", "教APP备4100001号", "是", "在线学习", "濮阳县")
_SENT_ON, _FLAT = 0.3, 0.5
"""Shares of pictures that a messenger made smaller and compressed again, and of sheets that were scanned."""


@dataclass(frozen=True, kw_only=True)
class SheetCase:
    """One picture; `label` how it was taken, `dpi` of the page in it, `quality` of the last JPEG."""

    label: str
    rgb: NDArray[np.uint8]
    dpi: float
    quality: int
    photo: bool
    """Not laid on a scanner's glass."""


def make(seed: int, *, on_screen: bool, tuning: bool) -> SheetCase:
    """The same seed gives the same picture."""
    rng = random.Random(f"sheet case {seed} {on_screen} {tuning}")
    dpi = rng.choice((150, 200, 240) if tuning else (140, 180, 220, 260))
    ranges = ScreenRange() if tuning else JUDGED_SCREENS
    flat = not on_screen and rng.random() < _FLAT
    spoilt = Artefacts(
        perspective=rng.uniform(0.002, 0.03),
        desk=rng.choice(tuple(DESKS)),
        shadow=rng.choice((0.0, rng.random())),
        grey=rng.choice((0.0, 0.0, rng.random())),
        screen=ranges.draw(rng) if on_screen else None,
        seed=seed,
    )
    page = _page(rng)
    glass = scanner.Scan(
        dpi=dpi, skew=rng.uniform(-2, 2) if flat else 0.0, noise=rng.choice((0.3, 0.8, rng.uniform(1, 6))),
        blur=rng.uniform(0.25, 0.8), contrast=rng.uniform(0.8, 1.0), dust=0, seed=seed,
        tint=rng.choice(((255, 255, 255), (252, 251, 247), (240, 239, 232))),
    )  # fmt: skip
    if flat:
        picture = scanner.scan(page, glass, dpi=_DPI)
    else:
        picture = scanner.scan(artefacts.photographed(page, spoilt, scale=dpi / _DPI), glass, dpi=dpi)
    if not on_screen and not flat:
        picture = artefacts.in_picture(picture, spoilt)
    quality = rng.randint(45, 92)
    once, ratio = _decoded(artefacts.phone_file(picture, quality=quality, exif=True)), 1.0
    if rng.random() < _SENT_ON:
        ratio, quality = rng.uniform(0.6, 0.95), rng.randint(60, 85)
        smaller = once.resize((round(once.width * ratio), round(once.height * ratio)), Image.Resampling.BICUBIC)
        once = _decoded(artefacts.phone_file(smaller, quality=quality, exif=False))
    label = f"{'scanned' if flat else 'photographed'}{', sent on' if ratio < 1 else ''}"
    return SheetCase(label=label, rgb=np.asarray(once), dpi=dpi * ratio, quality=quality, photo=not flat)


def _decoded(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def _page(rng: random.Random) -> Image.Image:
    """A form of 6 to 24 rows with a seal."""
    page = Image.new("RGB", (round(_SHEET_INCHES[0] * _DPI), round(_SHEET_INCHES[1] * _DPI)), "white")
    pen, font = ImageDraw.Draw(page), installed_typefaces()[0].sized(round(0.14 * _DPI))
    rows, left, right, top, high = (
        rng.randint(6, 24),
        0.5 * _DPI,
        11.1 * _DPI,
        1.5 * _DPI,
        rng.uniform(0.22, 0.27) * _DPI,
    )
    for row in range(rows + 1):
        pen.line((left, top + row * high, right, top + row * high), fill=0, width=2)
    for row in range(rows):
        words = "   ".join(rng.choice(_WORDS) for _ in range(9))
        pen.text((left + 8, top + row * high + 4), words, font=font, fill=0)
    for column in range(9):
        x = left + column * (right - left) / 8
        pen.line((x, top, x, top + rows * high), fill=0, width=2)
    seal = seals.draw_seal("濮阳县教育局", rng=rng, dpi=_DPI)
    return seals.stamp(page, seal, (rng.uniform(50, 120), rng.uniform(30, 60)), dpi=_DPI)
