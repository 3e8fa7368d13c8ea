"""Plans of covers for the bench: what stands in the workbook and on paper, its seal, and how it was scanned.

One frozen `CoverPlan` a seed. `SCANS_A_SHEET` seeds in a row share one printed sheet (workbook, layout, row count) and
differ in seal and scan, since printing is slow: 1,000 plans are 250 workbooks with 4 scans each.

*Legible* is decided here, by what was done to the page, and never by what a reader made of it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from samples.maker import alterations, content
from samples.maker.alterations import Alteration
from samples.maker.artefacts import Artefacts
from samples.maker.content import APPS, COUNTIES
from samples.maker.cover_marks import Mark
from samples.maker.cover_ranges import TUNED_FACES, CoverRange
from samples.maker.layouts import Layout, Table
from samples.maker.scanner import Scan

SCANS_A_SHEET = 4
LEAST_DPI, LEAST_QUALITY, MOST_SKEW = 150, 50, 3.0
"""Bounds of a legible scan: resolution, JPEG quality, skew in degrees."""
PHOTOS = ("photo", "screen")

Weights = Mapping[str, int]

SHEET_CLASSES: Weights = MappingProxyType(
    {"plain": 24, "wrapped": 14, "small": 10, "thick": 9, "hair": 9, "dotted": 3, "unruled": 6, "two_rows": 8,
     "double_head": 6, "long": 8}
)  # fmt: skip
SCAN_CLASSES: Weights = MappingProxyType(
    {"clean": 26, "grey": 3, "bw": 3, "low_dpi": 5, "low_jpeg": 5, "skewed": 5, "turned": 7, "photo": 16, "screen": 4,
     "folded": 6, "show_through": 5, "grey_paper": 6}
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SheetPlan:
    """A workbook and the page printed from it. `table` is what the clerk mails, `paper` what the printed page says:
    the same but for `alteration`."""

    number: int
    sheet_class: str
    county: str
    table: Table
    paper: Table
    alteration: Alteration | None
    layout: Layout
    library: str


@dataclass(frozen=True, kw_only=True)
class CoverPlan:
    """One scan of a printed sheet. `media` is pdf, jpg, png or tif; `exif`: a photo that names its camera."""

    seed: int
    sheet: SheetPlan
    scan_class: str
    scan: Scan
    artefacts: Artefacts
    mark: Mark
    media: str
    exif: bool

    @property
    def classes(self) -> tuple[str, ...]:
        """Labels that figures are reported by."""
        known = any(self.sheet.layout.print_font == f and self.sheet.layout.bold_body == b for _, f, b in TUNED_FACES)
        weight = " bold" if self.sheet.layout.bold_body else ""
        return (
            f"scan: {self.scan_class}",
            f"sheet: {self.sheet.sheet_class}",
            f"seal: {self.mark.label}",
            f"font: {self.sheet.layout.print_font}{weight}{'' if not known else ' (tuned)'}",
        )

    @property
    def photo(self) -> bool:
        return self.scan_class in PHOTOS

    @property
    def on_screen(self) -> bool:
        """No sheet was photographed, but a screen."""
        return self.artefacts.screen is not None

    @property
    def legible(self) -> bool:
        """A sheet, at least 150 dpi, JPEG quality 50 and more, skew up to 3°, no faint or smudged seal."""
        scan = self.scan
        sharp = scan.dpi >= LEAST_DPI and (self.media == "png" or scan.quality >= LEAST_QUALITY)
        return not self.on_screen and sharp and abs(scan.skew) <= MOST_SKEW and self.mark.legible

    @property
    def colour(self) -> bool:
        return self.scan.mode == "colour"

    @property
    def acceptable(self) -> bool:
        """A true pair that needs no person: the reporter's own official seal, in colour, on paper."""
        own = self.mark.official and self.mark.owner == self.sheet.county
        return own and self.colour and not self.on_screen


def cover_plan(seed: int, ranges: CoverRange) -> CoverPlan:
    """The same seed and ranges give the same plan."""
    sheet = sheet_plan(seed // SCANS_A_SHEET, ranges)
    rng = random.Random(f"{ranges.name} scan {seed}")
    scan_class = _weighted(rng, SCAN_CLASSES)
    scan, artefacts = _scan(rng, scan_class, ranges), _artefacts(rng, scan_class, ranges)
    lossy = (14, 4, 0, 1) if scan_class == "low_jpeg" else (14, 4, 1, 1)
    media = "jpg" if scan_class in PHOTOS else rng.choices(("pdf", "jpg", "png", "tif"), lossy)[0]
    mark = ranges.marks.draw(rng, sheet.county)
    return CoverPlan(
        seed=seed, sheet=sheet, scan_class=scan_class, scan=scan, artefacts=artefacts, mark=mark, media=media,
        exif=rng.random() < 0.5,
    )  # fmt: skip


def sheet_plan(number: int, ranges: CoverRange) -> SheetPlan:
    """The workbook and layout that `SCANS_A_SHEET` covers share."""
    rng = random.Random(f"{ranges.name} sheet {number}")
    sheet_class = _weighted(rng, SHEET_CLASSES)
    county = rng.choice(COUNTIES)
    count = round(rng.triangular(24, 30, 28) if sheet_class == "long" else rng.triangular(8, 24, 18))
    apps = rng.sample(APPS, rng.randint(4, 6)) if rng.random() < 0.6 else APPS
    day = rng.choice(("{y}年{m}月{d}日", "{y}-{m:02d}-{d:02d}", "{y}.{m}.{d}")).format(
        y=2020, m=2, d=rng.randint(25, 28)
    )
    table = Table(
        title=f"{county.name}学习类APP统计备案表",
        unit=county.name,
        day=day,
        rows=content.rows(rng, county, count, apps),
        numbers_as_text=rng.random() < 0.6,
    )
    alteration = None
    if rng.random() < ranges.altered:  # the first rows stand on the first page for sure
        again = rng.random() < 0.5 or None
        alteration = alterations.draw(rng, table.rows[:10], repeated=again)
    rows = alterations.applied(table.rows, alteration) if alteration else table.rows
    layout = _layout(rng, sheet_class, ranges)
    return SheetPlan(
        number=number, sheet_class=sheet_class, county=county.code, table=table, paper=replace(table, rows=rows),
        alteration=alteration, layout=layout,
        library="xlsxwriter" if rng.random() < 0.4 and not layout.thick_frame else "openpyxl",
    )  # fmt: skip


def _weighted(rng: random.Random, weights: Weights) -> str:
    return rng.choices(tuple(weights), tuple(weights.values()))[0]


def _layout(rng: random.Random, sheet_class: str, ranges: CoverRange) -> Layout:
    known = bool(ranges.known_faces) and rng.random() < 0.25
    font, print_font, bold = rng.choice(ranges.known_faces if known else ranges.faces)
    layout = Layout(
        font=font, print_font=print_font, bold_body=bold, size=rng.choice(ranges.sizes),
        title_size=rng.choice((16, 18, 20)), header=rng.choice(("split", "split", "one_line", "cells")),
        top=rng.choice((0, 0, 1)), left=rng.choice((0, 0, 0, 1)), width_factor=rng.uniform(1.0, 1.25),
        widest=rng.uniform(*ranges.widest), row_height=rng.choice((None, 20.0, 24.0)), notes=rng.random() < 0.85,
        bold_header=rng.random() < 0.7, thick_frame=rng.random() < 0.2, centred=rng.random() < 0.75,
        margin=rng.uniform(*ranges.margin), repeat_header=rng.random() < 0.5,
    )  # fmt: skip
    changes: dict[str, object] = {
        "wrapped": {"widest": rng.uniform(11, 15), "row_height": None},
        "small": {"portrait": True, "size": 10},
        "thick": {"ruling": rng.choice(("medium", "medium", "thick")), "thick_frame": False},
        "hair": {"ruling": "hair", "thick_frame": False},
        "dotted": {"ruling": "dotted", "thick_frame": False},
        "unruled": {"ruling": "none", "thick_frame": False},
        "two_rows": {"header": "two_rows"},
        "double_head": {"double_head": True},
        "long": {"row_height": rng.choice((24.0, 30.0))},
    }.get(sheet_class, {})  # type: ignore[assignment]
    return replace(layout, **changes)  # type: ignore[arg-type]


def _scan(rng: random.Random, scan_class: str, ranges: CoverRange) -> Scan:
    grey = round(rng.uniform(*ranges.paper))
    photo = scan_class in PHOTOS
    scan = Scan(
        dpi=rng.choice(ranges.dpi),
        skew=0.0 if photo else rng.uniform(-ranges.skew, ranges.skew),
        noise=rng.uniform(*ranges.noise),
        tint=(grey, grey - rng.randint(0, 3), grey - rng.randint(0, 9)),
        contrast=rng.uniform(*ranges.contrast),
        blur=rng.uniform(*ranges.blur),
        quality=round(rng.uniform(*ranges.quality)),
        offset=(0.0, 0.0) if photo else (rng.uniform(-2, 2), rng.uniform(-2, 2)),
        print_scale=1.0 if photo else rng.uniform(0.93, 1.0),
        dust=rng.randint(0, 12),
        seed=rng.randrange(2**31),
    )
    sign = rng.choice((-1, 1))
    changes: dict[str, object] = {
        "grey": {"mode": "grey"},
        "bw": {"mode": "bw", "tint": (252, 251, 247)},
        "low_dpi": {"dpi": round(rng.uniform(*ranges.low_dpi))},
        "low_jpeg": {"quality": round(rng.uniform(*ranges.low_quality))},
        "skewed": {"skew": sign * rng.uniform(*ranges.bad_skew)},
        "turned": {"turn": rng.choice((90, 180, 270))},
        "photo": {"photo": True},
        "screen": {"photo": True},
    }.get(scan_class, {})  # type: ignore[assignment]
    return replace(scan, **changes)  # type: ignore[arg-type]


def _artefacts(rng: random.Random, scan_class: str, ranges: CoverRange) -> Artefacts:
    strength = rng.uniform(*ranges.strength)
    plain = Artefacts(seed=rng.randrange(2**31))
    lean = rng.uniform(*ranges.perspective)
    changes: dict[str, object] = {
        "photo": {
            "perspective": lean,
            "desk": rng.choice(ranges.desks),
            "shadow": strength * rng.choice((0.0, 1.0, 1.0)),
        },
        "screen": {"screen": ranges.screens.draw(rng)},
        "folded": {"folds": rng.randint(1, 3), "fold": strength},
        "show_through": {"show_through": strength},
        "grey_paper": {"grey": strength},
    }.get(scan_class, {})  # type: ignore[assignment]
    return replace(plain, **changes)  # type: ignore[arg-type]
