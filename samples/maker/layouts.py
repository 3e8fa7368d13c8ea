"""What the form says and how it looks: tables, layouts, and the ranges random layouts are drawn from."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from samples.maker.content import COLUMNS, AppRow

Ruling = Literal["thin", "medium", "thick", "hair", "dotted", "none"]


@dataclass(frozen=True, kw_only=True)
class Table:
    """What the form says. `day` is the text of 填报时间; `below` are lines right under the table (零报告)."""

    title: str
    unit: str
    day: str
    rows: tuple[AppRow, ...]
    below: tuple[str, ...] = ()
    columns: tuple[str, ...] = COLUMNS
    numbers_as_text: bool = True


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the form looks. Fonts are names; `print_font` is the installed one that stands for `font` on paper.

    `header` is one of split, one_line, cells, two_rows. Widths are in half-width characters of the text, heights in
    points, margins in inches. `ruling` is the style of all lines: thin, medium, thick, hair, dotted or none.
    `double_head`: column names on two rows, 是否备案 and 备案号 under a common one.
    """

    font: str = "宋体"
    print_font: str = "AR PL UMing CN"
    size: int = 11
    title_size: int = 18
    header: str = "split"
    top: int = 0
    left: int = 0
    width_factor: float = 1.0
    widest: float = 28.0
    row_height: float | None = None
    notes: bool = True
    bold_header: bool = True
    thick_frame: bool = False
    centred: bool = True
    margin: float = 0.5
    repeat_header: bool = True
    sheet: str = "Sheet1"
    ruling: Ruling = "thin"
    portrait: bool = False
    double_head: bool = False
    bold_body: bool = False


@dataclass(frozen=True, kw_only=True)
class LayoutRange:
    """The ranges a random layout is drawn from."""

    fonts: tuple[tuple[str, str], ...] = (
        ("宋体", "AR PL UMing CN"),
        ("等线", "Noto Sans CJK SC"),
        ("楷体", "AR PL UKai CN"),
    )
    headers: tuple[str, ...] = ("split", "one_line", "cells")
    sizes: tuple[int, ...] = (10, 11, 12)
    width: tuple[float, float] = (1.0, 1.2)
    widest: tuple[float, float] = (20.0, 30.0)
    tops: tuple[int, ...] = (0, 0, 1)
    lefts: tuple[int, ...] = (0, 0, 0, 1)
    margin: tuple[float, float] = (0.4, 0.8)
    heights: tuple[float | None, ...] = (None, 24.0, 30.0)
    sheets: tuple[str, ...] = ("Sheet1", "统计备案表")

    def draw(self, rng: random.Random) -> Layout:
        font, print_font = rng.choice(self.fonts)
        size = rng.choice(self.sizes)
        return Layout(
            font=font,
            print_font=print_font,
            size=size,
            title_size=rng.choice((16, 18, 20)),
            header=rng.choice(self.headers),
            top=rng.choice(self.tops),
            left=rng.choice(self.lefts),
            width_factor=rng.uniform(*self.width),
            widest=rng.uniform(*self.widest),
            row_height=rng.choice(self.heights),
            notes=rng.random() < 0.85,
            bold_header=rng.random() < 0.7,
            thick_frame=rng.random() < 0.25,
            centred=rng.random() < 0.75,
            margin=rng.uniform(*self.margin),
            repeat_header=rng.random() < 0.5,
            sheet=rng.choice(self.sheets),
        )
