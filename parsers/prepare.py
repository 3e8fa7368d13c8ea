"""Make a page ready to be read: its light even, the red ink off its print, its ruling found and taken off, its rows level."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers import quality
from parsers.level_rows import askew
from parsers.ocr import Recogniser
from parsers.print_lines import without_dust
from parsers.ruling import Table, find_pale_table, find_table
from parsers.straighten import Upright, square_up

Pixels = NDArray[np.uint8]

PAPER = 250
"""Level of the paper where the light is even."""
_SQUARE = 0.004  # slope of the frame's sides (0.23 degrees) above which the frame is squared up
_SHOULDER = 235
"""Level (paper 250) from which the edge of a line is taken for its shoulder. Fine strokes beside it are hardly darker: of three
pages with low rows (150-200 dpi) 226 cells were doubtful with 200, and 136 with 235."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """A page ready to be read: `even` grey without red ink in even light, `ink` its mask, `table` if ruled. `form_code`: what
    the code said that was taken off it (`parsers.form_code`)."""

    page: Upright
    even: Pixels
    ink: Pixels
    table: Table | None
    form_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sought:
    """The table that is looked for. `columns`: how many the form has, which tells hairlines from print; `ruled`: whether any is."""

    columns: int
    ruled: bool = True


def prepared(page: Upright, sought: Sought) -> Prepared:
    """Even light, ink and table; a crooked frame is squared up once."""
    sheet = inked(page, sought)
    if sheet.table is None or sheet.table.crooked <= _SQUARE:
        return sheet
    squared = inked(square_up(page, sheet.table.corners), sought)
    # Where nothing is left of the frame it was none, but the grain of grey paper and its shadows: squared by it, the page is torn.
    return squared if squared.table else inked(page, replace(sought, ruled=False))


def levelled(sheet: Prepared, recogniser: Recogniser, sought: Sought) -> Prepared:
    """A page without ruling with its rows level."""
    corners = askew(recogniser.detect(sheet.page.rgb))
    return inked(square_up(sheet.page, corners), sought) if corners else sheet


def inked(page: Upright, sought: Sought) -> Prepared:
    """The page as it lies: red ink taken off its print, its light made even, and its ruling, if found, taken off as well."""
    even = quality.even_light(quality.without_red(page.rgb))
    ink = quality.ink_mask(even)
    table = _table(page.rgb, even, ink, sought) if sought.ruled else None
    if table:
        even = _without_ruling(even, table.drawn)
        ink = quality.print_mask(even, _inside(table, even.shape))
    return Prepared(page=page, even=even, ink=without_dust(ink), table=table)


def _table(rgb: Pixels, even: Pixels, ink: Pixels, sought: Sought) -> Table | None:
    red = quality.red_mask(rgb).astype(np.uint8)
    table = find_table(ink, red, even)
    if table is not None and table.columns >= sought.columns:
        return table
    return find_pale_table(even, red, sought.columns) or table


def _inside(table: Table, shape: tuple[int, ...]) -> tuple[slice, slice]:
    corners = table.corners.array()
    (left, top), (right, bottom) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
    return slice(max(0, top), min(shape[0], bottom)), slice(max(0, left), min(shape[1], right))


def _without_ruling(even: Pixels, drawn: Pixels) -> Pixels:
    """The page without its ruling lines. Just beside a line only its pale shoulder goes: a stroke may begin there."""
    core = cv2.erode(drawn, np.ones((5, 5), np.uint8))
    return np.where((core > 0) | ((drawn > 0) & (even > _SHOULDER)), np.uint8(PAPER), even)
