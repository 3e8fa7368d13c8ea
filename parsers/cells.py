"""Read the print of an upright page: the cells of its table and the lines outside it, in one batch of crops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.cover import Box, PageCell, TextLine, TextReading, around
from domain.text import normalise
from parsers.ocr import FLOOR, Line, LineReader, Recogniser
from parsers.prepare import Prepared
from parsers.print_lines import Area, character_height, crop, line_areas, peel, pieces, segments
from parsers.quality import red_mask
from parsers.repeats import first_shown
from parsers.ruling import GridCell, Table
from parsers.show_through import shines_through, usual_darkness
from parsers.straighten import Upright, box_as_received
from parsers.unruled import cells_of, empty_places, parted, unknown

Pixels = NDArray[np.uint8]

_STRIP_LINES = 60  # lines outside the table that are read
_EDGE_HIGH, _EDGE_WIDE = 5, 40  # heights of print: a blot higher or wider is the paper's edge, the desk, a fold
_BESIDE = 0.015  # of the table's width: how far the lines above it stand out; the paper's margin is three times as wide
_TWO_LINES = 1.75  # heights of print: so high a line may be two that touch, and whatever is read of it is not sure
_UNSURE = 0.8
_FILLED, _TWICE = 5, 0.8  # cells of a row, and the share of them that has two lines where two rows were taken for one
_STACKED, _PRINTED = 1.7, 0.4  # of the usual height of a detected line: higher ones are several, lower ones specks
_MARGIN = 2  # pixels of paper beside print that was cut tight to its ink
_UNDER_SEAL = 0.01  # share of a cell's pixels (without ruling, of its lines') that are red
PRINT_STRETCH = 0.75
"""Print is read at three quarters of its width: of 847 different cells (150-300 dpi, a third of them blurred and pale) 92.3 %
were read to the letter then and 92.1 % at full width, of those of digits 97.8 and 97.4 %, for 27 % less time."""
_SURE = 0.9  # least probability of every character from which a reading also counts for what shows the same print


@dataclass(frozen=True, kw_only=True)
class Print:
    """The print of a page as read."""

    cells: tuple[PageCell, ...]
    lines: tuple[TextLine, ...]


def read_print(
    sheet: Prepared, recogniser: Recogniser, names: tuple[str, ...], *, photo: bool = False, every: bool = False
) -> Print:
    """Cells and lines of the page. `names`: printed names of the form's columns, for a page without ruling. `photo`: what
    lies beside the table may be a desk. `every`: read every crop, also where the same print was read before."""
    if sheet.table is None:
        return _read_unruled(sheet, recogniser, names)
    printed = _read_ruled(sheet, sheet.table, recogniser, photo=photo, every=every)
    if names and sheet.table.pale and lines_were_missed(printed.cells, names):
        guessed = _read_unruled(sheet, recogniser, names)
        return guessed if guessed.cells else printed
    return printed


def names_columns(cells: Sequence[PageCell], names: tuple[str, ...]) -> bool:
    """Whether a cell says the printed name of a column of the form."""
    known = {normalise(name) for name in names}
    return any(normalise(cell.reading.text) in known for cell in cells)


def lines_were_missed(cells: Sequence[PageCell], names: tuple[str, ...]) -> bool:
    """Whether a table lacks its row of column names, or holds two rows in one: nearly every filled cell has two lines of print
    there, also those that never wrap (是)."""
    if not names_columns(cells, names):
        return True
    counts: dict[int, list[int]] = {}
    for cell in cells:
        if cell.reading.lines:
            counts.setdefault(cell.row, []).append(len(cell.reading.lines))
    return any(len(row) >= _FILLED and sum(count > 1 for count in row) >= _TWICE * len(row) for row in counts.values())


def _read_ruled(sheet: Prepared, table: Table, recogniser: Recogniser, *, photo: bool, every: bool) -> Print:
    inner = [peel(sheet.ink, Area(x0=c.x0, y0=c.y0, x1=c.x1, y1=c.y1)) for c in table.cells]
    height = character_height(sheet.ink, inner)
    printed = [line_areas(sheet.ink, area, height) if area.width > 3 and area.height > 3 else [] for area in inner]
    strips = _strips(sheet, height, photo=photo)
    crops = [crop(sheet.even, line, height, area) for area, found in zip(inner, printed, strict=True) for line in found]
    columns = [None if every else cell.column for cell, found in zip(table.cells, printed, strict=True) for _ in found]
    crops += [crop(sheet.even, line, height) for line in strips]
    read = read_once(crops, [*columns, *(None for _ in strips)], height, recogniser)
    cells, at = [], 0
    for grid_cell, found in zip(table.cells, printed, strict=True):
        own = zip(found, read[at : at + len(found)], strict=True)
        cells += _page_cells(sheet, grid_cell, reading([_doubted(area, line, height) for area, line in own]))
        at += len(found)
    lines = tuple(_text_line(sheet.page, area, line) for area, line in zip(strips, read[at:], strict=True))
    return Print(cells=tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), lines=lines)


def read_once(
    crops: Sequence[Pixels], keys: Sequence[int | None], character: float, recogniser: LineReader
) -> list[Line]:
    """Reads the crops, those of one key that show the same print once, unless that reading has an unsure character."""
    first = first_shown(crops, keys, character)
    shown = [at for at, place in enumerate(first) if place == at]
    read = dict(zip(shown, recogniser.read_lines([crops[at] for at in shown], stretch=PRINT_STRETCH), strict=True))
    unsure = [at for at, place in enumerate(first) if place != at and read[place].least < _SURE]
    read |= zip(unsure, recogniser.read_lines([crops[at] for at in unsure], stretch=PRINT_STRETCH), strict=True)
    return [read.get(at, read[place]) for at, place in enumerate(first)]


def _doubted(area: Area, line: Line, height: float) -> Line:
    if area.height <= _TWO_LINES * height:
        return line
    return replace(line, confidence=min(line.confidence, _UNSURE))


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
    made = PageCell(
        row=cell.row,
        column=cell.column,
        box=_box(sheet.page, area),
        reading=text,
        upright=_upright(sheet.page, area),
        column_span=cell.last_column - cell.column + 1,
        under_seal=_is_under_seal(sheet.page, area),
    )
    rest = range(cell.row + 1, cell.last_row + 1)
    return [made, *(replace(made, row=row) for row in rest)]


def _is_under_seal(page: Upright, area: Area) -> bool:
    red = red_mask(page.rgb[area.y0 : area.y1, area.x0 : area.x1])
    return bool(red.size and red.mean() > _UNDER_SEAL)


def _strips(sheet: Prepared, height: float, *, photo: bool) -> list[Area]:
    """Printed lines above and below the table, cut where a label's value ends and the next label stands far off."""
    table = sheet.table
    if table is None:
        return []
    top = int(min(table.corners.top_left[1], table.corners.top_right[1])) - 3
    bottom = int(max(table.corners.bottom_left[1], table.corners.bottom_right[1])) + 5
    rows, columns = sheet.ink.shape
    margin = max(4, columns // 100)
    left, right = (margin, columns - margin) if not photo else _beside(table, columns)
    found: list[Area] = []
    for y0, y1 in ((margin, top), (bottom, rows - margin)):
        if y1 - y0 > height:
            ink = _without_edges(sheet.ink[y0:y1], height)
            strip = Area(x0=left, y0=0, x1=right, y1=y1 - y0)
            for line in line_areas(ink, strip, height):
                pieces = [piece for piece in segments(ink, line, 2.2 * height) if _is_print(ink, piece, height)]
                found += [replace(piece, y0=piece.y0 + y0, y1=piece.y1 + y0) for piece in pieces]
    return found[:_STRIP_LINES]


def _beside(table: Table, columns: int) -> tuple[int, int]:
    """From where to where the print above and below a table reaches, with little of what lies beside the paper."""
    corners = table.corners
    left, right = min(corners.top_left[0], corners.bottom_left[0]), max(corners.top_right[0], corners.bottom_right[0])
    slack = _BESIDE * (right - left)
    return max(0, round(left - slack)), min(columns, round(right + slack))


def _without_edges(ink: Pixels, height: float) -> Pixels:
    """The ink without what runs through all lines of print: the paper's edges on a photographed desk."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    large = (stats[:, cv2.CC_STAT_HEIGHT] > _EDGE_HIGH * height) | (stats[:, cv2.CC_STAT_WIDTH] > _EDGE_WIDE * height)
    large[0] = False
    return np.where(large[labels], np.uint8(0), ink) if large.any() else ink


def _is_print(ink: Pixels, area: Area, height: float) -> bool:
    share = float(ink[area.y0 : area.y1, area.x0 : area.x1].mean())
    return 0.5 * height <= area.height <= 5 * height and area.width >= 0.5 * height and share < 0.75


def _read_unruled(sheet: Prepared, recogniser: Recogniser, names: tuple[str, ...]) -> Print:
    colourless = np.asarray(cv2.cvtColor(sheet.even, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    detected = _single([area for area in recogniser.detect(colourless) if area.width > 6 and area.height > 6])
    crops = [sheet.even[a.y0 : a.y1, a.x0 : a.x1] for a in detected]
    read = recogniser.read_lines(crops)
    usual = usual_darkness(crops, read)
    read = [_of_this_side(crop, line, usual) for crop, line in zip(crops, read, strict=True)]
    tight = [_tight(sheet.ink, area) for area in detected]
    tight, read = _parted(sheet, tight, read, recogniser, names)
    more = _overlooked(sheet, tight, read, names)
    crops = [crop(sheet.even, area, area.height) for area in more]
    found = [_of_this_side(crop, line, usual) for crop, line in zip(crops, recogniser.read_lines(crops), strict=True)]
    tight, read = [*tight, *more], [*read, *found]
    placed = cells_of(tight, [line.text for line in read], names, partial(pieces, sheet.ink))
    cells = tuple(
        PageCell(
            row=place.row,
            column=place.column,
            box=_box(sheet.page, tight[place.parts[0]]),
            reading=reading([read[part] for part in place.parts]),
            upright=around(_upright(sheet.page, tight[part]) for part in place.parts),
            under_seal=any(_is_under_seal(sheet.page, tight[part]) for part in place.parts),
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


def _of_this_side(crop: Pixels, line: Line, usual: float) -> Line:
    """The line; one that shines through says nothing, and yet its place is not known to be blank."""
    return replace(line, text="", confidence=0.0) if shines_through(crop, line, usual) else line


def _tight(ink: Pixels, area: Area) -> Area:
    """A detected line from its first to its last print: what was detected reaches beyond it, and into the next column."""
    found = pieces(ink, area)
    return replace(area, x0=found[0].x0, x1=found[-1].x1) if found else area


def _single(areas: list[Area]) -> list[Area]:
    """The areas but those of characters one above the other, which are no line: 是 in every row."""
    usual = float(np.median([area.height for area in areas])) if areas else 0.0
    return [area for area in areas if area.height < _STACKED * usual or area.width > area.height]


def _overlooked(sheet: Prepared, areas: list[Area], read: list[Line], names: tuple[str, ...]) -> list[Area]:
    """Print in rows of the table that was not detected as a line."""
    usual = float(np.median([area.height for area in areas])) if areas else 0.0
    places = empty_places(areas, [line.text for line in read], names, partial(pieces, sheet.ink))
    found = [line for place in places for line in line_areas(sheet.ink, place, usual)]
    return unknown([line for line in found if line.height >= _PRINTED * usual], areas)


def _parted(
    sheet: Prepared, areas: list[Area], read: list[Line], recogniser: Recogniser, names: tuple[str, ...]
) -> tuple[list[Area], list[Line]]:
    """Areas and readings with the lines read in pieces that hold print of two columns."""
    found = parted(areas, [line.text for line in read], names, partial(pieces, sheet.ink))
    known = dict(zip(areas, read, strict=True))
    cut = [each for each in found if each not in known]
    again = recogniser.read_lines([sheet.even[a.y0 : a.y1, max(0, a.x0 - _MARGIN) : a.x1 + _MARGIN] for a in cut])
    known |= zip(cut, again, strict=True)
    return found, [known[each] for each in found]


def _box(page: Upright, area: Area) -> Box:
    return box_as_received(page, area.x0, area.y0, area.x1, area.y1)


def _upright(page: Upright, area: Area) -> Box:
    height, width = page.rgb.shape[:2]
    return Box(x0=area.x0 / width, y0=area.y0 / height, x1=area.x1 / width, y1=area.y1 / height)


def _text_line(page: Upright, area: Area, line: Line) -> TextLine:
    return TextLine(box=_box(page, area), reading=reading([line]), upright=_upright(page, area))
