"""Read the print of an upright page: the cells of its table and the lines outside it, in one batch of crops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from domain.cover import Box, PageCell, TextLine, TextReading, around
from parsers.ocr import FLOOR, Line, Recogniser
from parsers.print_lines import Area, character_height, crop, line_areas, peel, segments
from parsers.quality import red_mask
from parsers.ruling import GridCell, Table
from parsers.straighten import Upright, box_as_received
from parsers.unruled import cells_of

Pixels = NDArray[np.uint8]

_STRIP_LINES = 60  # lines outside the table that are read
_UNDER_SEAL = 0.01  # share of a cell's pixels that are red


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """A page ready to be read: `even` grey without red ink in even light, `ink` its mask, `table` if ruled."""

    page: Upright
    even: Pixels
    ink: Pixels
    table: Table | None


@dataclass(frozen=True, kw_only=True)
class Print:
    """The print of a page as read."""

    cells: tuple[PageCell, ...]
    lines: tuple[TextLine, ...]


def read_print(sheet: Prepared, recogniser: Recogniser, names: tuple[str, ...]) -> Print:
    """Cells and lines of the page. `names`: printed names of the form's columns, for a page without ruling."""
    if sheet.table is None:
        return _read_unruled(sheet, recogniser, names)
    inner = [peel(sheet.ink, Area(x0=c.x0, y0=c.y0, x1=c.x1, y1=c.y1)) for c in sheet.table.cells]
    height = character_height(sheet.ink, inner)
    printed = [line_areas(sheet.ink, area, height) if area.width > 3 and area.height > 3 else [] for area in inner]
    strips = _strips(sheet, height)
    crops = [crop(sheet.even, line, height, area) for area, found in zip(inner, printed, strict=True) for line in found]
    crops += [crop(sheet.even, line, height) for line in strips]
    read = recogniser.read_lines(crops)
    cells, at = [], 0
    for grid_cell, found in zip(sheet.table.cells, printed, strict=True):
        cells += _page_cells(sheet, grid_cell, reading(read[at : at + len(found)]))
        at += len(found)
    lines = tuple(_text_line(sheet.page, area, line) for area, line in zip(strips, read[at:], strict=True))
    return Print(cells=tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), lines=lines)


def reading(lines: Sequence[Line]) -> TextReading:
    """One reading of a cell's printed lines, top to bottom."""
    characters = sum(len(line.text) for line in lines)
    total = sum(line.confidence * len(line.text) for line in lines)
    return TextReading(
        text="".join(line.text for line in lines),
        confidence=round(total / characters, 4) if characters else 0.0,
        lines=tuple(line.lattice for line in lines),
        floor=FLOOR,
    )


def _page_cells(sheet: Prepared, cell: GridCell, text: TextReading) -> list[PageCell]:
    """A cell merged over several rows says the same in each of them."""
    area = Area(x0=cell.x0, y0=cell.y0, x1=cell.x1, y1=cell.y1)
    red = red_mask(sheet.page.rgb[cell.y0 : cell.y1, cell.x0 : cell.x1])
    made = PageCell(
        row=cell.row,
        column=cell.column,
        box=_box(sheet.page, area),
        reading=text,
        upright=_upright(sheet.page, area),
        column_span=cell.last_column - cell.column + 1,
        under_seal=bool(red.size and red.mean() > _UNDER_SEAL),
    )
    rest = range(cell.row + 1, cell.last_row + 1)
    return [made, *(replace(made, row=row) for row in rest)]


def _strips(sheet: Prepared, height: float) -> list[Area]:
    """Printed lines above and below the table, cut where a label's value ends and the next label stands far off."""
    table = sheet.table
    if table is None:
        return []
    top = int(min(table.corners.top_left[1], table.corners.top_right[1])) - 3
    bottom = int(max(table.corners.bottom_left[1], table.corners.bottom_right[1])) + 5
    rows, columns = sheet.ink.shape
    margin = max(4, columns // 100)
    found: list[Area] = []
    for y0, y1 in ((margin, top), (bottom, rows - margin)):
        if y1 - y0 > height:
            strip = Area(x0=margin, y0=y0, x1=columns - margin, y1=y1)
            for line in line_areas(sheet.ink, strip, height):
                found += [s for s in segments(sheet.ink, line, 2.2 * height) if _is_print(sheet.ink, s, height)]
    return found[:_STRIP_LINES]


def _is_print(ink: Pixels, area: Area, height: float) -> bool:
    share = float(ink[area.y0 : area.y1, area.x0 : area.x1].mean())
    return 0.5 * height <= area.height <= 5 * height and area.width >= 0.5 * height and share < 0.75


def _read_unruled(sheet: Prepared, recogniser: Recogniser, names: tuple[str, ...]) -> Print:
    found = [Area(x0=a.x0, y0=a.y0, x1=a.x1, y1=a.y1) for a in recogniser.detect(sheet.page.rgb)]
    tight = [area for area in found if area.width > 6 and area.height > 6]
    read = recogniser.read_lines([sheet.even[a.y0 : a.y1, a.x0 : a.x1] for a in tight])
    placed = cells_of(tight, [line.text for line in read], names)
    cells = tuple(
        PageCell(
            row=place.row,
            column=place.column,
            box=_box(sheet.page, tight[place.parts[0]]),
            reading=reading([read[part] for part in place.parts]),
            upright=around(_upright(sheet.page, tight[part]) for part in place.parts),
        )
        for place in placed
    )
    used = {part for place in placed for part in place.parts}
    lines = tuple(
        _text_line(sheet.page, area, line)
        for at, (area, line) in enumerate(zip(tight, read, strict=True))
        if at not in used
    )
    return Print(cells=cells, lines=lines)


def _box(page: Upright, area: Area) -> Box:
    return box_as_received(page, area.x0, area.y0, area.x1, area.y1)


def _upright(page: Upright, area: Area) -> Box:
    height, width = page.rgb.shape[:2]
    return Box(x0=area.x0 / width, y0=area.y0 / height, x1=area.x1 / width, y1=area.y1 / height)


def _text_line(page: Upright, area: Area, line: Line) -> TextLine:
    return TextLine(box=_box(page, area), reading=reading([line]), upright=_upright(page, area))
