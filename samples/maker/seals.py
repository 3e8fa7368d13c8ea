"""Draw an inked official seal and press it onto a page, so that samples and tests need no real seal.

The form follows 国发〔1999〕25号: round, star (or emblem) in the middle, the name round it from left to right.
What makes it look inked is uneven pressure, grain, gaps and a soft edge; all of it comes from the given
`random.Random`, so a seed is a picture.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from PIL import Image

from samples.maker.seal_ink import MM_PER_INCH, Rgb, inked
from samples.maker.seal_plate import OVERSAMPLE, Plate
from samples.maker.typefaces import TYPEFACES, Typeface, installed_typefaces

__all__ = ["MM_PER_INCH", "TYPEFACES", "Rgb", "Typeface", "draw_seal", "installed_typefaces", "name_arc", "stamp"]

RED_INK: Rgb = (214, 36, 42)
MARGIN_MM = 2


def name_arc(name: str, bottom: str) -> float:
    """The arc in degrees that a name fills unless it is told: longer names more, with a line under the star less."""
    widest = 240.0 if bottom else 292.0  # letters of one plate never touch: the line under the star needs its room
    return min(widest, 118.0 + 15.5 * len(name))


def draw_seal(
    name: str,
    *,
    rng: random.Random,
    diameter_mm: float = 42.0,
    dpi: float = 300.0,
    bottom: str = "",
    number: str = "",
    star: bool = True,
    emblem: bool = False,
    rim_px: float | None = None,
    inner_rim: float = 0.0,
    rim_cuts: Sequence[tuple[float, float]] = (),
    arc_degrees: float | None = None,
    tall: float = 0.31,
    typeface: Typeface | None = None,
    ink: Rgb = RED_INK,
    gaps: float = 0.3,
    faint: float = 0.0,
    smudge: float = 0.0,
    lean: float = 0.25,
    bleed_mm: float = 0.0,
    rotation: float = 0.0,
    axis_ratio: float = 1.0,
    tilt: float = 0.0,
) -> Image.Image:
    """An RGBA picture of an inked seal, as large as the seal and a small margin; alpha is the amount of ink.

    `bottom` is the line under the star (财务专用章), `number` the 13 digits at the lower rim. `star` False leaves the
    middle empty (as special seals often are), `emblem` puts the state emblem there. `rim_px` is the rim's thickness at
    that dpi (default 1.1 mm), `inner_rim` the radius share of a second thin circle (0 none), `rim_cuts` the arcs
    (degrees clockwise from the right of the upright seal) where the rim is worn off, `arc_degrees` the arc the name
    fills, `tall` the letters' height as a share of the radius.

    `gaps`, `faint`, `smudge` go from 0 (none) to 1 (hardly readable), `lean` is how much less one side was pressed
    (0–1), `bleed_mm` how far ink ran. `rotation` is clockwise in degrees; `axis_ratio` and `tilt` make it oval.
    """
    face = typeface or installed_typefaces()[0]
    scale = dpi / MM_PER_INCH * OVERSAMPLE
    rim = 1.1 * scale if rim_px is None else rim_px * OVERSAMPLE
    plate = Plate(diameter=diameter_mm * scale, margin=MARGIN_MM * scale, face=face)
    plate.ring(rim)
    for begin, end in rim_cuts:
        plate.cut_rim(rim, begin, end)
    if inner_rim:
        plate.ring(0.25 * scale, share=inner_rim)
    plate.name(name, rim, arc_degrees or name_arc(name, bottom), tall=tall)
    if emblem:
        plate.emblem()
    elif star:
        plate.star()
    if bottom:
        plate.bottom(bottom, under_star=star or emblem)
    if number:
        plate.number(number, rim)
    coverage = plate.finished(rotation, axis_ratio=axis_ratio, tilt=tilt)
    return inked(
        coverage, rng=rng, dpi=dpi, ink=ink, gaps=gaps, faint=faint, smudge=smudge, lean=lean, bleed_mm=bleed_mm
    )


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
