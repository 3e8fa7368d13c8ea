"""What is pressed on a cover: the reporter's seal, well or badly, another's, a special one, or none."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from PIL import Image

from samples.maker import seals
from samples.maker.content import COUNTIES, county

_FONTS = Path("/usr/share/fonts")
TUNED_FACES = (
    seals.Typeface(path=_FONTS / "truetype/arphic/uming.ttc"),
    seals.Typeface(path=_FONTS / "truetype/arphic/ukai.ttc"),
    seals.Typeface(path=_FONTS / "opentype/noto/NotoSansCJK-Regular.ttc", index=2),
)
JUDGED_FACES = (
    seals.Typeface(path=_FONTS / "opentype/noto/NotoSerifCJK-Regular.ttc", index=2),
    seals.Typeface(path=_FONTS / "opentype/noto/NotoSerifCJK-Bold.ttc", index=2),
    seals.Typeface(path=_FONTS / "truetype/wqy/wqy-zenhei.ttc"),
)
CLASSES: Mapping[str, int] = MappingProxyType(
    {"own": 60, "own over table": 12, "own faint": 4, "own smudged": 4, "another's": 4, "special": 5, "none": 6}
)
SPECIAL = ("财务专用章", "合同专用章", "发票专用章")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One mark on paper. `owner` is the code of the county whose seal it is; `offset` in mm from the middle of （盖章）."""

    label: str
    owner: str = ""
    name: str = ""
    bottom: str = ""
    number: str = ""
    offset: tuple[float, float] = (0.0, 0.0)
    rotation: float = 0.0
    faint: float = 0.0
    smudge: float = 0.0
    gaps: float = 0.3
    diameter_mm: float = 42.0
    typeface: seals.Typeface = TUNED_FACES[0]
    seed: int = 0

    @property
    def official(self) -> bool:
        """An official seal, whoever's."""
        return bool(self.name) and not self.bottom

    @property
    def legible(self) -> bool:
        return self.faint == 0 and self.smudge == 0


@dataclass(frozen=True, kw_only=True)
class MarkRange:
    """The ranges marks are drawn from: how far a seal is turned, how often it bears a number."""

    turn: float = 8.0
    numbers: float = 0.3
    judging: bool = False

    def draw(self, rng: random.Random, code: str) -> Mark:
        """A mark for the cover of the county `code`."""
        label = rng.choices(tuple(CLASSES), tuple(CLASSES.values()))[0]
        owner = rng.choice([each for each in COUNTIES if each.code != code]) if label == "another's" else county(code)
        if label == "none":
            return Mark(label=label)
        over = label == "own over table"
        digits = "4109" + "".join(rng.choice("0123456789") for _ in range(9))
        return Mark(
            label=label,
            owner=owner.code,
            name=rng.choice(owner.seals),
            bottom=rng.choice(SPECIAL) if label == "special" else "",
            number=digits if rng.random() < self.numbers and label != "special" else "",
            offset=(rng.uniform(-25, 160), rng.uniform(12, 60)) if over else (rng.uniform(-5, 12), rng.uniform(-3, 8)),
            rotation=rng.uniform(-self.turn, self.turn),
            faint=rng.uniform(0.3, 0.85) if label == "own faint" else 0.0,
            smudge=rng.uniform(0.2, 0.9) if label == "own smudged" else 0.0,
            gaps=rng.uniform(0.1, 0.4),
            diameter_mm=rng.choice((38.0, 40.0, 42.0, 42.0, 45.0)),
            typeface=rng.choice(JUDGED_FACES if self.judging else TUNED_FACES),
            seed=rng.randrange(2**31),
        )


def press(page: Image.Image, mark: Mark, centre: tuple[float, float], *, dpi: float) -> Image.Image:
    """The RGB page at `dpi` with the mark; `centre` is the middle of （盖章） in mm from the top left corner."""
    if not mark.name:
        return page
    seal = seals.draw_seal(
        mark.name,
        rng=random.Random(mark.seed),
        diameter_mm=mark.diameter_mm,
        dpi=dpi,
        bottom=mark.bottom,
        number=mark.number,
        typeface=mark.typeface,
        gaps=mark.gaps,
        faint=mark.faint,
        smudge=mark.smudge,
        rotation=mark.rotation,
    )
    half = mark.diameter_mm / 2 + 2
    width, height = page.width / dpi * 25.4, page.height / dpi * 25.4
    x = min(max(centre[0] + mark.offset[0], half), width - half)
    y = min(max(centre[1] + mark.offset[1], half), height - half)
    return _stamped(page, seal, (x / 25.4 * dpi, y / 25.4 * dpi))


def _stamped(page: Image.Image, seal: Image.Image, centre: tuple[float, float]) -> Image.Image:
    """`seals.stamp` on the part of the page that the seal covers; `centre` in pixels."""
    left, top = round(centre[0] - seal.width / 2), round(centre[1] - seal.height / 2)
    part = page.crop((left, top, left + seal.width, top + seal.height))
    middle = (seal.width / 2, seal.height / 2)
    result = page.copy()
    result.paste(seals.stamp(part, seal, middle, dpi=seals.MM_PER_INCH), (left, top))
    return result
