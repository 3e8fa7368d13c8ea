"""Read a decoded cover: straighten each page, find its table, read cells, lines and seals. Gives values and pictures."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.cover import Box, Cover, CoverPage, ReadCover, Seal, SealKind
from domain.text import normalise
from parsers import quality, seals
from parsers.cells import Prepared, read_print
from parsers.evidence import PicturedPage, Witness, pictured
from parsers.ocr import Line, Recogniser
from parsers.pages import DecodedCover, PageImage
from parsers.print_lines import Area, crop, peel, without_dust
from parsers.ruling import GridCell, Table, find_pale_table, find_table
from parsers.screen_photo import shows_screen
from parsers.straighten import Upright, box_as_received, deskew, quarter_turn, square_up, upright

Pixels = NDArray[np.uint8]

_SQUARE = 0.004  # slope of the frame's sides (0.23 degrees) above which the frame is squared up
_SHOULDER = 235
"""Level (paper 250) from which the edge of a line is taken for its shoulder. Fine strokes beside it are hardly darker: of three
pages with low rows (150-200 dpi) 226 cells were doubtful with 200, and 136 with 235."""
_PROBES = 6  # cells read to tell which way is up, and
_EDGE_PROBES = 2  # from each edge at which the row of column names may stand
_PROBE_LENGTH = 7  # heights of a line: more of it tells no more, and the reader is paid by length
_WITHOUT_IDEOGRAPHS = 0.6  # what confidence counts in lines of digits and Latin: upside down they are read surely too
_SURE = 0.88  # mean confidence of the probes at which no other turn is tried; upside-down print stays below 0.7


def read_cover(
    decoded: DecodedCover, *, recogniser: Recogniser, column_names: tuple[str, ...], every: bool = False
) -> ReadCover:
    """Everything that can be read of the pages, and their pictures. `column_names`, the printed names of the form's
    columns, tell which way is up and where the table stands on a page without ruling. `every`: repeated print is read
    every time."""
    read = [_read_page(image, recogniser, column_names, every=every) for image in decoded.pages]
    cover = Cover(
        file=decoded.file,
        sha256=decoded.sha256,
        pages=tuple(each.page for each in read),
        page_count=decoded.page_count,
        unread=max(0, decoded.page_count - len(decoded.pages)),
        signed=decoded.signed,
    )
    return ReadCover(cover=cover, pictures={name: data for each in read for name, data in each.pictures.items()})


def _read_page(image: PageImage, recogniser: Recogniser, names: tuple[str, ...], *, every: bool) -> PicturedPage:
    sheet = _turned(_prepared(deskew(upright(image.rgb)), len(names)), recogniser, names)
    printed = read_print(sheet, recogniser, names, photo=image.photo, every=every)
    cells, lines = printed.cells, printed.lines
    dpi = None if image.photo else image.dpi
    witness = Witness(recogniser)
    found = seals.read_seals(sheet.page.rgb, dpi=dpi, page=image.number, recogniser=witness)
    stamped = any(seal.kind is not SealKind.OTHER for seal in found)
    # A copy scanned in colour has a tint, but its seal is grey: of that page, too, nobody can tell ink from print.
    colour = quality.has_colour(image.rgb) and (stamped or not seals.shows_grey_seal(sheet.page.rgb, dpi=dpi))
    confidences = [cell.reading.confidence for cell in cells if cell.reading.text]
    confidences = confidences or [line.reading.confidence for line in lines if line.reading.text]
    page = CoverPage(
        number=image.number,
        kind=image.kind,
        colour=colour,
        quality=quality.page_quality(confidences),
        dpi=image.dpi,
        photo=image.photo,
        turned=sheet.page.turned,
        skew_degrees=round(sheet.page.skew, 2),
        ruled=sheet.table is not None and not sheet.table.pale,
        columns=max((cell.column + cell.column_span for cell in cells), default=0),
        cells=cells,
        lines=lines,
        # Only of photographs: on scans, rows of dots and hairlines make waves as a screen does.
        seals=_placed(found, sheet.page, screen=image.photo and bool(found) and shows_screen(image.rgb)),
    )
    return pictured(page, sheet.page.rgb, witness)


def _placed(found: tuple[Seal, ...], page: Upright, *, screen: bool) -> tuple[Seal, ...]:
    """The seals with their places on both pages. Those on a `screen` are suspect: no paper was shown to bear them."""
    return tuple(
        replace(seal, upright=seal.box, box=_seal_box(page, seal.box), suspect="screen" if screen else seal.suspect)
        for seal in found
    )


def _seal_box(page: Upright, box: Box) -> Box:
    height, width = page.rgb.shape[:2]
    return box_as_received(page, box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)


def _prepared(page: Upright, columns: int) -> Prepared:
    """Even light, ink and table; a crooked frame is squared up once."""
    sheet = _inked(page, columns)
    if sheet.table and sheet.table.crooked > _SQUARE:
        sheet = _inked(square_up(page, sheet.table.corners), columns)
    return sheet


def _inked(page: Upright, columns: int) -> Prepared:
    even = quality.even_light(quality.without_red(page.rgb))
    ink = quality.ink_mask(even)
    red = quality.red_mask(page.rgb).astype(np.uint8)
    table = find_table(ink, red, even)
    if table is None or table.columns < columns:
        table = find_pale_table(even, red, columns) or table
    if table:
        even = _without_ruling(even, table.drawn)
        ink = quality.print_mask(even, _inside(table, even.shape))
    return Prepared(page=page, even=even, ink=without_dust(ink), table=table)


def _inside(table: Table, shape: tuple[int, ...]) -> tuple[slice, slice]:
    corners = table.corners.array()
    (left, top), (right, bottom) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
    return slice(max(0, top), min(shape[0], bottom)), slice(max(0, left), min(shape[1], right))


def _without_ruling(even: Pixels, drawn: Pixels) -> Pixels:
    """The page without its ruling lines. Just beside a line only its pale shoulder goes: a stroke may begin there."""
    core = cv2.erode(drawn, np.ones((5, 5), np.uint8))
    return np.where((core > 0) | ((drawn > 0) & (even > _SHOULDER)), np.uint8(250), even)


def _turned(sheet: Prepared, recogniser: Recogniser, names: tuple[str, ...]) -> Prepared:
    """The sheet with its print upright: probes are read as the page lies, then turned, until they make sense."""
    probes = _probes(sheet, recogniser)
    if not probes:
        return sheet
    lying = sum(1 for probe in probes if probe.shape[1] >= probe.shape[0]) * 2 >= len(probes)
    scores: dict[int, float] = {}
    for degrees in (0, 180, 90, 270) if lying else (90, 270, 0, 180):
        lines = recogniser.read_lines([np.ascontiguousarray(np.rot90(probe, -degrees // 90)) for probe in probes])
        scores[degrees] = _sense(lines, names)
        if scores[degrees] >= _SURE or (len(scores) == 2 and max(scores.values()) > 0.75):
            break
    best = max(scores, key=lambda degrees: scores[degrees])
    return _inked(quarter_turn(sheet.page, best), len(names)) if best else sheet


def _probes(sheet: Prepared, recogniser: Recogniser) -> list[Pixels]:
    """Crops of the most elongated print: one line each, whichever way it runs."""
    table = sheet.table
    chosen = _table_probes(sheet.ink, table) if table else _elongated(recogniser.detect(sheet.page.rgb))[:_PROBES]
    return [np.ascontiguousarray(crop(sheet.even, _shortened(area), 16)) for area in chosen]


def _shortened(area: Area) -> Area:
    longest = _PROBE_LENGTH * min(area.width, area.height)
    return replace(area, x1=min(area.x1, area.x0 + longest), y1=min(area.y1, area.y0 + longest))


def _table_probes(ink: Pixels, table: Table) -> list[Area]:
    """The most elongated print of all cells, and of the cells along each side: one side has the column names."""
    tight: dict[Area, GridCell] = {}
    for cell in table.cells:
        area = peel(ink, Area(x0=cell.x0, y0=cell.y0, x1=cell.x1, y1=cell.y1))
        tight |= dict.fromkeys(_tight(ink, area), cell)
    ranked = _elongated(list(tight))
    sides = (
        [area for area in ranked if tight[area].row == 0],
        [area for area in ranked if tight[area].last_row == table.rows - 1],
        [area for area in ranked if tight[area].column == 0],
        [area for area in ranked if tight[area].last_column == table.columns - 1],
    )
    lying = sum(1 for area in ranked if area.width >= area.height) * 2 >= len(ranked)
    edges = sides[:2] if lying else sides[2:]
    return list(dict.fromkeys([*ranked[:_PROBES], *(area for side in edges for area in side[:_EDGE_PROBES])]))


def _elongated(areas: list[Area]) -> list[Area]:
    """Areas of one line of print, the longest for its height first."""
    lines = [a for a in areas if max(a.width, a.height) >= 2.5 * min(a.width, a.height) >= 20]
    return sorted(lines, key=lambda a: -max(a.width, a.height) / min(a.width, a.height))


def _tight(ink: Pixels, area: Area) -> list[Area]:
    rows, columns = np.nonzero(ink[area.y0 : area.y1, area.x0 : area.x1])
    if len(rows) < 40:
        return []
    return [
        Area(
            x0=area.x0 + int(columns.min()),
            y0=area.y0 + int(rows.min()),
            x1=area.x0 + int(columns.max()) + 1,
            y1=area.y0 + int(rows.max()) + 1,
        )
    ]


def _sense(lines: list[Line], names: tuple[str, ...]) -> float:
    """0–1: mean confidence of the readings, less where there are no ideographs; a column's printed name settles it."""
    known = {normalise(name) for name in names}
    if any(normalise(line.text) in known and len(line.text) > 1 for line in lines):
        return 1.0
    return float(np.mean([_weight(line.text) * line.confidence for line in lines]))


def _weight(text: str) -> float:
    if len(text) < 2:
        return 0.0
    return 1.0 if any("\u4e00" <= character <= "\u9fff" for character in text) else _WITHOUT_IDEOGRAPHS
