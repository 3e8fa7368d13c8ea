"""What is pressed on a cover: the reporter's seal, well or badly, another's, a special one, a red mark that is none."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from PIL import Image

from samples.maker import copies, red_marks, seals, stamp_plans
from samples.maker.content import COUNTIES, county
from samples.maker.halftones import JUDGED_PRINTERS, Printer, PrinterRange
from samples.maker.red_marks import RedMark
from samples.maker.stamp_plans import StampPlan, StampRange
from samples.maker.stamp_sight import readable
from samples.maker.typefaces import Typeface

Span = tuple[float, float]
_FONTS = Path("/usr/share/fonts")
TUNED_FACES = (
    Typeface(path=_FONTS / "truetype/arphic/uming.ttc"),
    Typeface(path=_FONTS / "truetype/arphic/ukai.ttc"),
    Typeface(path=_FONTS / "opentype/noto/NotoSansCJK-Regular.ttc", index=2),
)
JUDGED_FACES = (
    Typeface(path=_FONTS / "opentype/noto/NotoSerifCJK-Regular.ttc", index=2),
    Typeface(path=_FONTS / "opentype/noto/NotoSerifCJK-Bold.ttc", index=2),
    Typeface(path=_FONTS / "truetype/wqy/wqy-zenhei.ttc"),
)
CLASSES: Mapping[str, int] = MappingProxyType(
    {
        "own": 56,
        "own over table": 10,
        "own hard": 14,
        "another's": 5,
        "special": 5,
        "red mark": 5,
        "none": 3,
        "print": 2,
    }
)
"""How often what is pressed: `own hard` is worn, doubled, faint and so on, `print` a printed picture of the own seal."""
SPECIAL = ("财务专用章", "合同专用章", "发票专用章")
_HARD = tuple(label for label in stamp_plans.CLASSES if label not in ("normal", "off_page", "over_print"))


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One mark on paper. `owner` is the code of the county whose seal it is, `offset` in mm from the middle of （盖章）.

    `stamp` is inked (or, with a `printer`, its picture of ink), `red` something that is no seal at all.
    """

    label: str
    owner: str = ""
    stamp: StampPlan | None = None
    red: RedMark | None = None
    special: bool = False
    printer: Printer | None = None
    offset: Span = (0.0, 0.0)

    @property
    def printed(self) -> bool:
        return self.printer is not None

    @property
    def official(self) -> bool:
        """An official seal in ink, whoever's."""
        return self.stamp is not None and not self.special and not self.printed

    @property
    def legible(self) -> bool:
        """The maker's word that the seal, if any, can be read whole: neither faint nor smudged, nothing over what it says."""
        return self.stamp is None or (readable(self.stamp) and self.stamp.faint == 0 and self.stamp.smudge == 0)


def _weights(hard: tuple[str, ...]) -> Mapping[str, float]:
    return MappingProxyType(dict.fromkeys(hard, 1.0))


@dataclass(frozen=True, kw_only=True)
class MarkRange:
    """The ranges marks are drawn from; a seal is turned by up to `turn` degrees unless its class says otherwise."""

    stamps: StampRange = field(default_factory=lambda: StampRange(typefaces=TUNED_FACES, weights=_weights(_HARD)))
    turn: float = 8.0
    printers: PrinterRange = field(default_factory=PrinterRange)

    def draw(self, rng: random.Random, code: str) -> Mark:
        """A mark for the cover of the county `code`."""
        label = rng.choices(tuple(CLASSES), tuple(CLASSES.values()))[0]
        near = (rng.uniform(-5, 12), rng.uniform(-3, 8))
        if label == "none":
            return Mark(label=label)
        if label == "red mark":
            red = red_marks.draw_mark(rng, self.stamps.typefaces)
            return Mark(label=f"red {red.label}", red=red, offset=(rng.uniform(-10, 120), rng.uniform(-10, 60)))
        owner = rng.choice([each for each in COUNTIES if each.code != code]) if label == "another's" else county(code)
        bottom = rng.choice(SPECIAL) if label == "special" else ""
        wear = None if label == "own hard" else "normal"
        stamp = self.stamps.draw(rng, rng.choice(owner.seals), bottom=bottom, label=wear)
        if stamp.label != "rotated":
            stamp = replace(stamp, rotation=rng.uniform(-self.turn, self.turn))
        over = label == "own over table"
        return Mark(
            label=f"own, {stamp.label}" if wear is None else label,
            owner=owner.code,
            stamp=stamp,
            special=bool(bottom),
            printer=self.printers.draw(rng) if label == "print" else None,
            offset=(rng.uniform(-25, 160), rng.uniform(12, 60)) if over else near,
        )


JUDGED_MARKS = MarkRange(
    stamps=StampRange(
        typefaces=JUDGED_FACES,
        weights=_weights(_HARD),
        reds=((180, 240), (20, 80), (25, 90)),
        gaps=(0.05, 0.45),
        rim=(0.6, 1.5),
    ),
    turn=25.0,
    printers=JUDGED_PRINTERS,
)
"""Faces, inks and turns that no constant of the readers was taken from."""


def press(page: Image.Image, mark: Mark, centre: Span, *, dpi: float) -> Image.Image:
    """The RGB page at `dpi` with the mark; `centre` is the middle of （盖章） in mm from the top left corner."""
    mm = dpi / seals.MM_PER_INCH
    half = (mark.stamp.diameter if mark.stamp else 60.0) / 2 + 2
    x = min(max(centre[0] + mark.offset[0], half), page.width / mm - half)
    y = min(max(centre[1] + mark.offset[1], half), page.height / mm - half)
    if mark.stamp and not mark.stamp.paper.plain:
        return stamp_plans.press(page, mark.stamp, (x, y), dpi=dpi)
    # All marks lie within 70 mm of their middle: pressed on that part of the page, since pressing takes the time of it all.
    left, top = round((x - 70) * mm), round((y - 70) * mm)
    part = page.crop((left, top, left + round(140 * mm), top + round(140 * mm)))
    result = page.copy()
    result.paste(_pressed(part, mark, (x - left / mm, y - top / mm), dpi), (left, top))
    return result


def _pressed(page: Image.Image, mark: Mark, centre: Span, dpi: float) -> Image.Image:
    if mark.red:
        return red_marks.put(page, mark.red, centre, dpi=dpi)
    if not mark.stamp:
        return page
    if not mark.printer:
        return stamp_plans.press(page, mark.stamp, centre, dpi=dpi)
    seal = seals.draw_seal(
        mark.stamp.name, rng=random.Random(mark.stamp.seed), diameter_mm=mark.stamp.diameter, dpi=dpi, number=mark.stamp.number,
        typeface=mark.stamp.typeface, ink=mark.stamp.ink, gaps=mark.stamp.gaps, rotation=mark.stamp.rotation,
    )  # fmt: skip
    return seals.stamp(page, copies.colour_print(seal, mark.printer, dpi=dpi), centre, dpi=dpi)
