"""Plans of stamps, drawn at random by class: what is pressed on a page, how badly, and whether a person could read it.

A plan is a value: pressed twice it gives the same ink. Real seals are harder than a drawn one that is pressed well: in
75 photographed ones a red mask with a search for rings found 32. What defeated it (faint ink, seals touching each other or
the print, broken rims, coloured or photographed paper, ovals) are classes of their own, and `as_real` mixes them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from PIL import Image

from samples.maker.papers import Paper, on_paper
from samples.maker.seal_ink import MM_PER_INCH, Rgb
from samples.maker.seals import draw_seal, stamp
from samples.maker.typefaces import Typeface

Span = tuple[float, float]

_FAINT, _SMUDGE, _BLEED, _GAPS, _LEAN = 0.1, 0.05, 0.07, 0.55, 0.7
_TOGETHER = 1.5
"""A clean stamp is neither faint nor smudged; what the ink ran, has gaps and leans, up to these shares. The last three were
looked at on sheets of 150 dpi scans. `_TOGETHER` bounds the sum of the first three, each as a share of its own bound."""


@dataclass(frozen=True, kw_only=True)
class StampPlan:
    """One stamp. Lengths in mm, angles in degrees clockwise; shares 0–1 as in `draw_seal`.

    `offset` is where it lies from the place it is pressed at. `others` are pressed beside it, each at its own offset.
    `paper` is what the page it stands on is made of.
    """

    label: str
    name: str
    seed: int
    bottom: str = ""
    number: str = ""
    centre: str = "star"
    """`star`, `emblem` or `none`."""
    diameter: float = 42.0
    rim: float = 1.1
    inner_rim: float = 0.0
    rim_cuts: tuple[Span, ...] = ()
    tall: float = 0.31
    typeface: Typeface | None = None
    ink: Rgb = (214, 36, 42)
    gaps: float = 0.3
    faint: float = 0.0
    smudge: float = 0.0
    lean: float = 0.25
    bleed: float = 0.0
    rotation: float = 0.0
    axis_ratio: float = 1.0
    tilt: float = 0.0
    offset: Span = (0.0, 0.0)
    others: tuple[StampPlan, ...] = ()
    paper: Paper = field(default_factory=Paper)

    @property
    def clean(self) -> bool:
        """Worn so little that a person can read it (what lies over it: see `stamp_sight.readable`)."""
        wear = (self.faint / _FAINT, self.smudge / _SMUDGE, self.bleed / _BLEED, self.gaps / _GAPS, self.lean / _LEAN)
        return max(wear) <= 1.0 and sum(wear[:3]) <= _TOGETHER


@dataclass(frozen=True, kw_only=True)
class StampRange:
    """The ranges that stamps are drawn from. `weights` say how often each class of `CLASSES` comes.

    `reds` are the spans of the three ink channels; `faint`, `smudge` and `bare` how bad the bad classes get, the last for
    `gaps` of a print with ink gaps.
    """

    typefaces: tuple[Typeface, ...]
    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType(dict.fromkeys(CLASSES, 1.0)))
    diameters: tuple[float, ...] = (38.0, 40.0, 42.0, 42.0, 45.0)
    rim: Span = (0.7, 1.4)
    tall: Span = (0.27, 0.33)
    reds: tuple[Span, Span, Span] = ((190, 235), (25, 70), (30, 80))
    gaps: Span = (0.1, 0.4)
    lean: Span = (0.1, 0.4)
    faint: Span = (0.3, 0.9)
    smudge: Span = (0.15, 0.9)
    bare: Span = (0.4, 0.75)
    axis_ratio: Span = (0.8, 0.94)
    strangers: tuple[str, ...] = ("濮阳市第一高级中学", "濮阳市人力资源和社会保障局", "河南万象网络科技有限公司")
    """Names on the seals that lie over another one."""

    def draw(self, rng: random.Random, name: str, *, bottom: str = "", label: str | None = None) -> StampPlan:
        """A stamp of this name; its class at random unless told."""
        chosen = label or rng.choices(tuple(self.weights), tuple(self.weights.values()))[0]
        return CLASSES[chosen](self.plain(rng, name, bottom=bottom, label=chosen), rng, self)

    def plain(self, rng: random.Random, name: str, *, bottom: str = "", label: str = "normal") -> StampPlan:
        """A stamp that was pressed well."""
        return StampPlan(
            label=label,
            name=name,
            seed=rng.getrandbits(48),
            bottom=bottom,
            number="" if rng.random() < 0.5 else _digits(rng),
            centre=rng.choice(("star", "star", "none")) if bottom else "star",
            diameter=rng.choice(self.diameters),
            rim=rng.uniform(*self.rim),
            inner_rim=rng.choice((0.0, 0.0, 0.0, 0.945)),
            tall=rng.uniform(*self.tall),
            typeface=rng.choice(self.typefaces),
            ink=(_level(rng, self.reds[0]), _level(rng, self.reds[1]), _level(rng, self.reds[2])),
            gaps=rng.uniform(*self.gaps),
            lean=rng.uniform(*self.lean),
            bleed=rng.uniform(0.0, 0.03),
            rotation=rng.uniform(-25, 25),
        )


def press(page: Image.Image, plan: StampPlan, centre: Span, *, dpi: float = 300.0) -> Image.Image:
    """The RGB page at `dpi` on the plan's paper, with its stamp and the others; `centre` in mm from the top left."""
    pressed = on_paper(page, plan.paper, dpi=dpi)
    for each in (plan, *plan.others):
        place = (centre[0] + each.offset[0], centre[1] + each.offset[1])
        pressed = stamp(pressed, _print_of(each, dpi), place, dpi=dpi)
    return pressed


def _print_of(plan: StampPlan, dpi: float) -> Image.Image:
    return draw_seal(
        plan.name,
        rng=random.Random(plan.seed),
        diameter_mm=plan.diameter,
        dpi=dpi,
        bottom=plan.bottom,
        number=plan.number,
        star=plan.centre == "star",
        emblem=plan.centre == "emblem",
        rim_px=max(plan.rim / MM_PER_INCH * dpi, 1.0),
        inner_rim=plan.inner_rim,
        rim_cuts=plan.rim_cuts,
        tall=plan.tall,
        typeface=plan.typeface,
        ink=plan.ink,
        gaps=plan.gaps,
        faint=plan.faint,
        smudge=plan.smudge,
        lean=plan.lean,
        bleed_mm=plan.bleed,
        rotation=plan.rotation,
        axis_ratio=plan.axis_ratio,
        tilt=plan.tilt,
    )


def _digits(rng: random.Random) -> str:
    return "4109" + "".join(rng.choice("0123456789") for _ in range(9))


def _level(rng: random.Random, span: Span) -> int:
    return round(rng.uniform(*span))


def _normal(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    return plan


def _thin_rim(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    return replace(plan, rim=rng.uniform(0.12, 0.35), inner_rim=0.0)


def _thick_rim(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    return replace(plan, rim=rng.uniform(1.4, 1.9), inner_rim=0.0, tall=min(plan.tall, 0.29))


def _emblem(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    return replace(plan, centre="emblem", tall=min(plan.tall, 0.29))


def _numbered(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    return replace(plan, number=_digits(rng))


def _two_lines(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    """Which of several equal seals it is, under the star."""
    return replace(plan, bottom=plan.bottom or rng.choice(("（1）", "（2）", "(3)", "01", "02")))


def _double_stamped(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    far, way = rng.uniform(0.8, 30.0), rng.uniform(0, 2 * math.pi)
    again = replace(
        plan,
        seed=rng.getrandbits(48),
        offset=(far * math.cos(way), far * math.sin(way)),
        rotation=plan.rotation + rng.uniform(-20, 20),
        faint=rng.uniform(0.0, 0.4),
    )
    return replace(plan, others=(again,))


def _overlapping(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    far, way = rng.uniform(14.0, 36.0), rng.uniform(0, 2 * math.pi)
    other = spans.plain(rng, rng.choice(spans.strangers), bottom=rng.choice(("", "财务专用章")))
    other = replace(other, offset=(far * math.cos(way), far * math.sin(way)))
    return replace(plan, others=(other,))


def _off_page(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    """Who presses it puts it at the page's edge; here only the seal turns."""
    return replace(plan, rotation=rng.uniform(-180, 180))


def _over_print(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    """Who presses it puts it over print."""
    return plan


def _faint(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    faint = rng.uniform(*spans.faint)
    return replace(plan, faint=faint)


def _smudged(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    smudge, bleed = rng.uniform(*spans.smudge), rng.uniform(0.0, 0.12)
    return replace(plan, smudge=smudge, bleed=bleed)


def _ink_gaps(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    gaps, lean = rng.uniform(*spans.bare), rng.uniform(0.2, 1.0)
    return replace(plan, gaps=gaps, lean=lean)


def _broken_rim(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    cuts = []
    for _ in range(rng.randint(2, 9)):
        begin = rng.uniform(0, 360)
        cuts.append((begin, begin + rng.uniform(10, 70)))
    return replace(plan, rim_cuts=tuple(cuts), inner_rim=0.0)


def _rotated(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    return replace(plan, rotation=rng.uniform(-180, 180))


def _oval(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    return replace(plan, axis_ratio=rng.uniform(*spans.axis_ratio), tilt=rng.uniform(0, 180))


def _coloured_paper(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    """Coloured, crumpled or photographed under one lamp."""
    tint = rng.choice(((246, 232, 190), (238, 205, 205), (205, 222, 236), (214, 228, 205), (200, 196, 186)))
    paper = Paper(tint=tint, shade=rng.uniform(0.0, 0.5), cast=rng.uniform(-0.12, 0.12), seed=rng.getrandbits(32))
    return replace(plan, paper=paper)


def _as_real(plan: StampPlan, rng: random.Random, spans: StampRange) -> StampPlan:
    """Two or three hardships at once, with seals turned as they come."""
    for each in rng.sample(_HARDSHIPS, rng.choice((2, 2, 3))):
        plan = each(plan, rng, spans)
    return plan


_Hardship = Callable[[StampPlan, random.Random, StampRange], StampPlan]
_HARDSHIPS: Sequence[_Hardship] = (
    _faint, _overlapping, _double_stamped, _broken_rim, _ink_gaps, _coloured_paper, _oval, _smudged, _thin_rim,
)  # fmt: skip
CLASSES: Mapping[str, _Hardship] = MappingProxyType(
    {
        "normal": _normal,
        "thin_rim": _thin_rim,
        "thick_rim": _thick_rim,
        "emblem": _emblem,
        "numbered": _numbered,
        "two_lines": _two_lines,
        "double_stamped": _double_stamped,
        "overlapping": _overlapping,
        "off_page": _off_page,
        "over_print": _over_print,
        "faint": _faint,
        "smudged": _smudged,
        "ink_gaps": _ink_gaps,
        "broken_rim": _broken_rim,
        "rotated": _rotated,
        "oval": _oval,
        "coloured_paper": _coloured_paper,
        "as_real": _as_real,
    }
)
