"""Crops of scanned pages with one stamp (or none) whose truth is known: what `bench.seals` judges the reader by."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from domain.notice import Notice, Reporter
from samples.maker import scanner
from samples.maker.copies import PRINT_DPI, colour_print, grey_copy
from samples.maker.halftones import JUDGED_PRINTERS, PrinterRange
from samples.maker.papers import Paper, on_paper
from samples.maker.red_marks import draw_mark, put
from samples.maker.seals import draw_seal, stamp
from samples.maker.stamp_plans import CLASSES, StampPlan, StampRange, press
from samples.maker.stamp_sight import on_page, readable
from samples.maker.typefaces import Typeface

SIDE_MM = 126.0
"""Side of a crop: the reader takes a page with a shorter side below 120 mm for one without scale."""
DRAWN_DPI = 300
_FONTS = Path("/usr/share/fonts")
_STRANGE = (
    "濮阳市教育局", "安阳市教育局", "滑县教育局", "长垣县教育体育局", "内黄县教体局", "清河县教育局", "南召县教育体育局",
    "濮阳市第一高级中学", "范县财政局", "南乐县人民政府", "濮阳市台前县第一高级中学", "清丰县卫生健康委员会",
    "濮阳市华龙区实验小学", "新乡经济技术开发区教育局", "郑州市金水区教育体育局", "河南省教育厅",
)  # fmt: skip
"""Names of no reporter: other places' bureaus, the bureau's own, and other offices of the same county."""
_SLIPS = "安滑内封长新辉卫鹤浚淇林汤获延原温武孟博沁修济清河市县区镇州丘城阳阴平宁永西南北东上下召庄台前范乐丰"
"""Letters of places round Puyang, which stand in a name that differs from an allowed one in one letter."""
SPECIAL = ("财务专用章", "合同专用章", "发票专用章")
KINDS: Mapping[str, float] = {
    "own": 24,
    "another's": 18,
    "strange": 10,
    "near": 10,
    "special": 14,
    "absent": 23,
    "print": 1,
}
"""Kinds of case and how often they come. `near` differs from an allowed name in one letter; `print` is a printed picture."""
_WEIGHTS: Mapping[str, float] = {label: 3.0 if label in ("normal", "as_real") else 1.0 for label in CLASSES}


@dataclass(frozen=True, kw_only=True)
class Set:
    """What cases are drawn from: stamps, typefaces of the print, and passes of a scanner."""

    stamps: StampRange
    print_faces: tuple[Typeface, ...]
    scans: scanner.ScanRange
    printers: PrinterRange = field(default_factory=PrinterRange)


def _face(path: str, index: int = 0) -> Typeface:
    return Typeface(path=_FONTS / path, index=index)


_TUNING_FACES = (
    _face("truetype/arphic/uming.ttc"),
    _face("truetype/arphic/uming.ttc"),
    _face("truetype/arphic/ukai.ttc"),
    _face("opentype/noto/NotoSansCJK-Regular.ttc", 2),
    _face("truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf"),
)
_JUDGING_FACES = (
    _face("opentype/noto/NotoSerifCJK-Regular.ttc", 2),
    _face("opentype/noto/NotoSerifCJK-Bold.ttc", 2),
    _face("truetype/wqy/wqy-zenhei.ttc"),
    _face("truetype/droid/DroidSansFallbackFull.ttf"),
)
TUNING = Set(
    stamps=StampRange(typefaces=_TUNING_FACES, weights=_WEIGHTS),
    print_faces=_TUNING_FACES,
    scans=scanner.ScanRange(
        dpi=(150, 170, 200, 200, 240, 300), skew=2.0, noise=(1.0, 6.0), blur=(0.3, 0.8), quality=(52, 88),
        paper=(228, 255), contrast=(0.75, 1.0),
    ),
)  # fmt: skip
JUDGING = Set(
    stamps=StampRange(
        typefaces=_JUDGING_FACES,
        weights=_WEIGHTS,
        diameters=(38.0, 39.0, 41.0, 42.0, 42.0, 44.0, 45.0),
        rim=(0.6, 1.35),
        tall=(0.26, 0.34),
        reds=((180, 240), (20, 75), (25, 90)),
        gaps=(0.05, 0.42),
        lean=(0.05, 0.45),
        axis_ratio=(0.8, 0.96),
        strangers=("濮阳市第二高级中学", "濮阳市财政局", "河南省某某建设工程有限公司"),
    ),
    print_faces=_JUDGING_FACES,
    scans=scanner.ScanRange(
        dpi=(150, 160, 200, 200, 250, 300), skew=2.5, noise=(1.0, 6.5), blur=(0.25, 0.85), quality=(50, 90),
        paper=(225, 255), contrast=(0.75, 1.0),
    ),
    printers=JUDGED_PRINTERS,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Case:
    """A scanned crop as JPEG bytes, what is stamped on it, for whom, and where (mm from the crop's top left).

    `label` is the class of the stamp or of the red mark. `legible` is the maker's word that the whole name can be read.
    """

    kind: str
    label: str
    jpeg: bytes
    dpi: int
    reporter: Reporter
    name: str
    legible: bool
    centre: tuple[float, float] = (0.0, 0.0)
    side_mm: float = SIDE_MM

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """H×W×3."""
        return np.asarray(Image.open(io.BytesIO(self.jpeg)).convert("RGB"))


def make(seed: int, notice: Notice, of: Set) -> Case:
    """The same seed gives the same crop."""
    rng = random.Random(seed)
    sealed = [each for each in notice.reporters if each.seal_names]
    reporter = rng.choice(sealed)
    kind = rng.choices(tuple(KINDS), tuple(KINDS.values()))[0]
    page, printed = _paper(rng, reporter.name, rng.choice(of.print_faces))
    if kind in ("absent", "print"):
        name = rng.choice(reporter.seal_names)
        label, page = _unstamped(rng, page, name, of, printed=kind == "print")
        return _scanned(rng, of, page, kind=kind, label=label, reporter=reporter, name=name, legible=True)
    name = _name(rng, kind, reporter, sealed)
    plan = of.stamps.draw(rng, name, bottom=rng.choice(SPECIAL) if kind == "special" else "")
    if plan.label == "over_print" and not printed:
        page, _ = _paper(rng, reporter.name, rng.choice(of.print_faces), printed=True)
    centre = _place(rng, plan)
    page = press(page, plan, centre, dpi=DRAWN_DPI)
    legible = readable(plan) and on_page(plan, centre, (SIDE_MM, SIDE_MM))
    case = _scanned(rng, of, page, kind=kind, label=plan.label, reporter=reporter, name=name, legible=legible)
    return replace(case, centre=centre)


def near_name(rng: random.Random, names: tuple[str, ...], all_names: frozenset[str]) -> str:
    """A name that differs in one letter from one of `names` and is none of `all_names`."""
    while True:
        name = rng.choice(names)
        place = rng.randrange(max(len(name) - 3, 1))
        other = name[:place] + rng.choice(_SLIPS) + name[place + 1 :]
        if other not in all_names:
            return other


def _name(rng: random.Random, kind: str, reporter: Reporter, sealed: list[Reporter]) -> str:
    if kind == "strange":
        return rng.choice(_STRANGE)
    if kind == "near":
        return near_name(rng, reporter.seal_names, frozenset(name for each in sealed for name in each.seal_names))
    if kind == "another's":
        reporter = rng.choice([each for each in sealed if each.code != reporter.code])
    return rng.choice(reporter.seal_names)


def _unstamped(rng: random.Random, page: Image.Image, name: str, of: Set, *, printed: bool) -> tuple[str, Image.Image]:
    """The class of red mark and the page with it; a grey copy has lost the colour of a stamp or never had one."""
    centre = (SIDE_MM / 2 + rng.uniform(-12, 12), SIDE_MM / 2 + rng.uniform(-12, 12))
    if printed:
        plan = of.stamps.plain(rng, name)
        seal = draw_seal(
            name, rng=rng, dpi=PRINT_DPI, gaps=0.1, typeface=plan.typeface, rotation=plan.rotation, number=plan.number
        )
        finer = page.resize((page.width * PRINT_DPI // DRAWN_DPI, page.height * PRINT_DPI // DRAWN_DPI))
        printer = of.printers.draw(rng)
        return printer.screen, stamp(finer, colour_print(seal, printer, dpi=PRINT_DPI), centre, dpi=PRINT_DPI)
    if rng.random() < 0.12:
        return "grey_copy", grey_copy(press(page, of.stamps.plain(rng, name), centre, dpi=DRAWN_DPI), rng=rng)
    mark = draw_mark(rng, of.stamps.typefaces)
    if rng.random() < 0.25:
        shade = Paper(tint=(238, 226, 200), shade=rng.uniform(0, 0.4), seed=rng.getrandbits(32))
        page = on_paper(page, shade, dpi=DRAWN_DPI)
    return mark.label, put(page, mark, centre, dpi=DRAWN_DPI)


def _place(rng: random.Random, plan: StampPlan) -> tuple[float, float]:
    across, down = (SIDE_MM / 2 + rng.uniform(-9, 9) for _ in range(2))
    if plan.label != "off_page":
        return across, down
    inside = rng.uniform(-0.1, 0.45) * plan.diameter  # how far the centre lies from the edge
    return rng.choice(((inside, down), (SIDE_MM - inside, down), (across, inside), (across, SIDE_MM - inside)))


def _paper(rng: random.Random, unit: str, face: Typeface, *, printed: bool | None = None) -> tuple[Image.Image, bool]:
    """White paper, mostly with 填报单位 and the upper rows of a ruled table at 300 dpi; and whether it has print."""
    side = round(SIDE_MM / 25.4 * DRAWN_DPI)
    page = Image.new("RGB", (side, side), "white")
    chosen = rng.random() < 0.75 if printed is None else printed
    if not chosen:
        return page, False
    pen, font = ImageDraw.Draw(page), face.sized(rng.choice((36, 42, 50)))
    top = rng.randint(150, 700)
    pen.text((130, top), f"填报单位：{unit}（盖章）", font=font, fill=0)
    for row in range(12):
        y = top + 90 + row * 80
        pen.line((60, y, side, y), fill=0, width=3)
        words = "   ".join(rng.sample(("中心小学", "第一初级中学", "钉钉", "13839301234", "教APP备4100001号"), 3))
        pen.text((80 + rng.randint(0, 60), y + 15), words, font=font, fill=0)
    return page, True


def _scanned(
    rng: random.Random,
    of: Set,
    page: Image.Image,
    *,
    kind: str,
    label: str,
    reporter: Reporter,
    name: str,
    legible: bool,
) -> Case:
    settings = of.scans.draw(rng)
    buffer = io.BytesIO()
    drawn = round(page.width / SIDE_MM * 25.4)
    picture = scanner.scan(page, replace(settings, offset=(0.0, 0.0)), dpi=drawn)
    if label == "grey_copy":
        picture = picture.convert("L").convert("RGB")
    picture.save(buffer, "JPEG", quality=settings.quality)
    return Case(
        kind=kind,
        label=label,
        jpeg=buffer.getvalue(),
        dpi=settings.dpi,
        reporter=reporter,
        name=name,
        legible=legible,
    )


def cases(seed: int, count: int, notice: Notice, of: Set) -> Iterator[Case]:
    """`count` cases from consecutive seeds."""
    return (make(each, notice, of) for each in range(seed, seed + count))
