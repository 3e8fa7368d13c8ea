"""Which way is up: a few lines of print are read as the page lies, then turned, until they make sense."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from domain.text import normalise
from parsers.ocr import Line, Recogniser
from parsers.prepare import Prepared, Sought, inked
from parsers.print_lines import Area, crop, peel
from parsers.ruling import GridCell, Table
from parsers.straighten import quarter_turn

Pixels = NDArray[np.uint8]

_PROBES = 6  # cells read to tell which way is up, and
_EDGE_PROBES = 2  # from each edge at which the row of column names may stand
_PROBE_LENGTH = 7  # heights of a line: more of it tells no more, and the reader is paid by length
_WITHOUT_IDEOGRAPHS = 0.6  # what confidence counts in lines of digits and Latin: upside down they are read surely too
_SURE = 0.88  # mean confidence of the probes at which no other turn is tried; upside-down print stays below 0.7


def turned(sheet: Prepared, recogniser: Recogniser, names: tuple[str, ...], sought: Sought) -> Prepared:
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
    return inked(quarter_turn(sheet.page, best), sought) if best else sheet


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
