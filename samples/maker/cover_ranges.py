"""The ranges that plans of covers are drawn from: one to tune the readers by, one to judge them by."""

from __future__ import annotations

from dataclasses import dataclass, field

from samples.maker.artefacts import DESKS
from samples.maker.cover_marks import JUDGED_MARKS, MarkRange
from samples.maker.screens import JUDGED_SCREENS, ScreenRange

Span = tuple[float, float]
Face = tuple[str, str, bool]
"""(name in the workbook as mailed, installed font on paper, bold throughout)"""

TUNED_FACES: tuple[Face, ...] = (
    ("宋体", "AR PL UMing CN", False),
    ("楷体", "AR PL UKai CN", False),
    ("等线", "Noto Sans CJK SC", False),
    ("方正黑体", "Droid Sans Fallback", False),
)
JUDGED_FACES: tuple[Face, ...] = (
    ("仿宋", "Noto Serif CJK SC", False),
    ("宋体", "Noto Serif CJK SC", True),
    ("等线", "Noto Sans CJK SC", True),
    ("黑体", "WenQuanYi Zen Hei", False),
    ("微软雅黑", "WenQuanYi Micro Hei", False),
    ("楷体", "LXGW WenKai", False),
)
"""Faces no constant of the readers was taken from."""


@dataclass(frozen=True, kw_only=True)
class CoverRange:
    """The ranges covers are drawn from. Spans are (least, most); dpi and sizes are lists to choose from.

    `faces` come with weight 3, `known_faces` (for judging: those constants were taken from) with weight 1.
    """

    name: str
    faces: tuple[Face, ...]
    known_faces: tuple[Face, ...] = ()
    dpi: tuple[int, ...] = (150, 200, 300)
    low_dpi: Span = (110, 140)
    skew: float = 2.5
    bad_skew: Span = (3.1, 4.5)
    quality: Span = (52, 86)
    low_quality: Span = (35, 49)
    noise: Span = (1.0, 5.5)
    blur: Span = (0.3, 0.75)
    paper: Span = (232, 254)
    contrast: Span = (0.8, 1.0)
    strength: Span = (0.2, 0.9)
    perspective: Span = (0.004, 0.03)
    desks: tuple[str, ...] = ("wood", "grey")
    sizes: tuple[int, ...] = (9, 10, 11, 12, 14)
    widest: Span = (18.0, 32.0)
    margin: Span = (0.35, 0.9)
    altered: float = 0.25
    """Share of sheets printed from an altered workbook."""
    marks: MarkRange = field(default_factory=MarkRange)
    screens: ScreenRange = field(default_factory=ScreenRange)


TUNING = CoverRange(name="tuning", faces=TUNED_FACES)
JUDGING = CoverRange(
    name="judging",
    faces=JUDGED_FACES,
    known_faces=TUNED_FACES,
    dpi=(150, 165, 180, 200, 240, 300),
    low_dpi=(100, 145),
    skew=2.9,
    bad_skew=(3.1, 5.0),
    quality=(50, 90),
    low_quality=(30, 49),
    noise=(1.0, 6.0),
    blur=(0.25, 0.8),
    paper=(228, 255),
    contrast=(0.78, 1.0),
    strength=(0.2, 1.0),
    perspective=(0.004, 0.035),
    desks=tuple(DESKS),
    sizes=(9, 10, 11, 12, 14),
    widest=(17.0, 34.0),
    margin=(0.3, 1.0),
    marks=JUDGED_MARKS,
    screens=JUDGED_SCREENS,
)
