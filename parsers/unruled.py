"""Put detected lines of print into rows and columns where a page shows no ruling: by the printed column names."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from domain.text import normalise
from parsers.print_lines import Area

_ALIKE = 0.6
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
    start = rows.index(header)
    placed = []
    for number, row in enumerate(rows[start:]):
        columns: dict[int, list[int]] = {}
        for at in row:
            middle = (areas[at].x0 + areas[at].x1) / 2
            columns.setdefault(sum(1 for bound in bounds if middle > bound), []).append(at)
        placed += [
            PlacedCell(row=number, column=column, parts=tuple(parts)) for column, parts in sorted(columns.items())
        ]
    return placed


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
