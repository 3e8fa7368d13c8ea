"""Put detected lines of print into rows and columns where a page shows no ruling: by the printed column names."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from domain.text import normalise
from parsers.print_lines import Area

_ALIKE = 0.6
_WRAPPED = 1.3  # of a line's height: how far the lines of a wrapped cell stand from the middle of their row
_HALF_A_ROW = 0.6  # of a line's height: lines whose middles are nearer stand in one row


@dataclass(frozen=True, kw_only=True)
class PlacedCell:
    """A cell of the guessed table; `parts` are places in the list of lines."""

    row: int
    column: int
    parts: tuple[int, ...]


def cells_of(areas: Sequence[Area], texts: Sequence[str], names: tuple[str, ...]) -> list[PlacedCell]:
    """Cells from the row of column names downwards; none when fewer than half of the names stand in one row."""
    rows = _rows(areas)
    header = max(rows, key=lambda row: len(_named(row, texts, names)), default=[])
    named = _named(header, texts, names)
    if len(named) * 2 < len(names) or len(named) < 2:
        return []
    middles = sorted((areas[at].x0 + areas[at].x1) / 2 for at in named)
    bounds = [(left + right) / 2 for left, right in itertools.pairwise(middles)]

    def by_middle(at: int) -> int:
        middle = (areas[at].x0 + areas[at].x1) / 2
        return sum(1 for bound in bounds if middle > bound)

    table = rows[rows.index(header) :]
    reach = _reach([at for row in table if 2 * len(row) >= len(named) for at in row], areas, by_middle)
    placed = []
    for number, row in enumerate(_wrapped(table, areas, len(named))):
        columns: dict[int, list[int]] = {}
        for at in row:
            within = [
                column for column, (left, right) in reach.items() if left <= areas[at].x0 and areas[at].x1 <= right
            ]
            # The rest of a wrapped text may stand at the far left of a wide column: there its column's lines reach too.
            columns.setdefault(within[0] if len(within) == 1 else by_middle(at), []).append(at)
        placed += [
            PlacedCell(
                row=number, column=column, parts=tuple(sorted(parts, key=lambda at: (areas[at].y0, areas[at].x0)))
            )
            for column, parts in sorted(columns.items())
        ]
    return placed


def _reach(
    lines: Sequence[int], areas: Sequence[Area], column_of: Callable[[int], int]
) -> dict[int, tuple[float, float]]:
    """Column → from where to where its lines reach, with some slack."""
    reach: dict[int, tuple[float, float]] = {}
    for at in lines:
        area, column = areas[at], column_of(at)
        slack = area.height / 4
        left, right = reach.get(column, (math.inf, -math.inf))
        reach[column] = (min(left, area.x0 - slack), max(right, area.x1 + slack))
    return reach


def _wrapped(rows: Sequence[list[int]], areas: Sequence[Area], columns: int) -> list[list[int]]:
    """Rows with the lines of wrapped cells in them: a line that stands nearly alone belongs to the full row next to it."""

    def middle(row: list[int]) -> float:
        return sum(areas[at].y0 + areas[at].y1 for at in row) / (2 * len(row))

    full = [list(row) for row in rows if 2 * len(row) >= columns]
    middles = [middle(row) for row in full]
    width = max(areas[at].x1 for at in rows[0]) - min(areas[at].x0 for at in rows[0])
    for row in rows:
        if 2 * len(row) >= columns or not full or any(areas[at].width > width / 3 for at in row):  # a note is wider
            continue
        height = max(areas[at].height for at in row)
        distance, at = min((abs(middle(row) - one), at) for at, one in enumerate(middles))
        if distance <= _WRAPPED * height:
            full[at] += row
    return full


def _rows(areas: Sequence[Area]) -> list[list[int]]:
    rows: list[list[int]] = []
    for at in sorted(range(len(areas)), key=lambda at: areas[at].y0 + areas[at].y1):
        middle = (areas[at].y0 + areas[at].y1) / 2
        last = areas[rows[-1][0]] if rows else None
        if last and abs(middle - (last.y0 + last.y1) / 2) <= _HALF_A_ROW * min(last.height, areas[at].height):
            rows[-1].append(at)
        else:
            rows.append([at])
    return [sorted(row, key=lambda at: areas[at].x0) for row in rows]


def _named(row: Sequence[int], texts: Sequence[str], names: tuple[str, ...]) -> list[int]:
    """Lines of the row that read like a column's name."""
    known = [normalise(name) for name in names]
    return [
        at
        for at in row
        if any(SequenceMatcher(None, normalise(texts[at]), name, autojunk=False).ratio() >= _ALIKE for name in known)
    ]
