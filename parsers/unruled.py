"""Put detected lines of print into rows and columns where a page shows no ruling: by the printed column names."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from domain.text import normalise
from parsers.print_lines import Area

_ALIKE = 0.6
_OVER = 0.6  # of a line's height: how far print reaches on both sides of a gap that it was not meant to cross
_FEW = 0.15  # of the lines in the fullest column: so few run over the gap between two columns by mistake, and
_GAP = 0.25  # of a line's height: so wide it is at least
_WRAPPED = 1.3  # of a line's height: how far the lines of a wrapped cell stand from the middle of their row
_HALF_A_ROW = 0.6  # of a line's height: lines whose middles are nearer stand in one row


PrintOf = Callable[[Area], Sequence[Area]]
"""The print of a detected line in pieces, parted where it leaves room: print of two columns may have been detected as one line."""


def whole(area: Area) -> Sequence[Area]:
    """A line as detected."""
    return (area,)


@dataclass(frozen=True, kw_only=True)
class PlacedCell:
    """A cell of the guessed table; `parts` are places in the list of lines."""

    row: int
    column: int
    parts: tuple[int, ...]


def parted(
    areas: Sequence[Area], texts: Sequence[str], names: tuple[str, ...], print_of: PrintOf = whole
) -> list[Area]:
    """The areas with those cut that reach over the gap between two columns: print of two cells, detected as one line."""
    table = _table(areas, texts, names, print_of)
    if table is None:
        return list(areas)
    pieces: list[Area] = []
    inside = {at for row in table.rows for at in row}
    for at, area in enumerate(areas):
        bounds = [bound for bound in table.bounds if min(bound - area.x0, area.x1 - bound) > _OVER * area.height]
        if at not in inside or not bounds or area.width > table.width / 3:
            pieces.append(area)
            continue
        edges = [area.x0, *(round(bound) for bound in bounds), area.x1]
        pieces += [replace(area, x0=left, x1=right) for left, right in itertools.pairwise(edges) if left < right]
    return pieces


def cells_of(
    areas: Sequence[Area], texts: Sequence[str], names: tuple[str, ...], print_of: PrintOf = whole
) -> list[PlacedCell]:
    """Cells from the row of column names downwards; none when fewer than half of the names stand in one row."""
    table = _table(areas, texts, names, print_of)
    if table is None:
        return []
    placed = []
    for number, row in enumerate(_wrapped(table.rows, areas, table.named)):
        columns: dict[int, list[int]] = {}
        for at in row:
            middle = (areas[at].x0 + areas[at].x1) / 2
            columns.setdefault(sum(1 for bound in table.bounds if middle > bound), []).append(at)
        placed += [
            PlacedCell(
                row=number, column=column, parts=tuple(sorted(parts, key=lambda at: (areas[at].y0, areas[at].x0)))
            )
            for column, parts in sorted(columns.items())
        ]
    return placed


def empty_places(
    areas: Sequence[Area], texts: Sequence[str], names: tuple[str, ...], print_of: PrintOf = whole
) -> list[Area]:
    """Where below the column names no line was detected, though others stand in its row: a lone 是 is easily overlooked."""
    table = _table(areas, texts, names, print_of)
    if table is None:
        return []
    full = [row for row in table.rows[1:] if 2 * len(row) >= table.named]
    inside = [areas[at] for row in full for at in row]
    if not inside:
        return []
    edges = [min(area.x0 for area in inside), *table.bounds, max(area.x1 for area in inside)]
    found = []
    for row in full:
        top, bottom = min(areas[at].y0 for at in row), max(areas[at].y1 for at in row)
        for left, right in itertools.pairwise(edges):
            if not any(left < (areas[at].x0 + areas[at].x1) / 2 <= right for at in row):
                found.append(Area(x0=math.ceil(left), y0=top, x1=int(right), y1=bottom))
    return [place for place in found if place.width > 0]


def unknown(found: Sequence[Area], areas: Sequence[Area]) -> list[Area]:
    """Of print found in empty places what no detected line holds: of rows that lie askew a line may count to the next one."""
    return [line for line in found if not any(_holds(area, line) for area in areas)]


def _holds(area: Area, line: Area) -> bool:
    """The middle of the line lies within the area."""
    x, y = (line.x0 + line.x1) / 2, (line.y0 + line.y1) / 2
    return area.x0 <= x < area.x1 and area.y0 <= y < area.y1


@dataclass(frozen=True, kw_only=True)
class _Guess:
    """The table as far as it shows: rows of lines from the column names down, and where columns meet (x)."""

    rows: list[list[int]]
    bounds: list[float]
    named: int
    width: int


def _table(
    areas: Sequence[Area], texts: Sequence[str], names: tuple[str, ...], print_of: PrintOf = whole
) -> _Guess | None:
    rows = _rows(areas)
    header = max(rows, key=lambda row: len(_named(row, texts, names)), default=[])
    named = sorted(_named(header, texts, names), key=lambda at: areas[at].x0 + areas[at].x1)
    if len(named) * 2 < len(names) or len(named) < 2:
        return None
    table = rows[rows.index(header) :]
    full = [at for row in table if 2 * len(row) >= len(named) for at in row]
    width = max(areas[at].x1 for at in full) - min(areas[at].x0 for at in full)
    own = _wrapped(table, areas, len(named))  # without the notes below
    narrow = [areas[at] for row in own for at in row if areas[at].width <= width / 3]
    lines = [piece for area in narrow for piece in print_of(area)]
    bounds = _gaps([line for line in lines if line.y0 > max(areas[at].y1 for at in named)])
    if len(bounds) + 1 != len(names):
        bounds = sorted({_gap(areas[left], areas[right], lines) for left, right in itertools.pairwise(named)})
    return _Guess(rows=table, bounds=bounds, named=len(bounds) + 1, width=width)


def _gaps(lines: Sequence[Area]) -> list[float]:
    """The middles of all gaps that hardly a line of print runs over, where the fewest do: a name under the seal may not have been
    read, and one long text reaches far into the blank of a column of short ones."""
    if not lines:
        return []
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    height = sorted(line.height for line in lines)[len(lines) // 2]
    crossed = _crossed(lines, left, right)
    few = _FEW * max(crossed)
    runs = [list(run) for low, run in itertools.groupby(range(len(crossed)), lambda x: crossed[x] <= few) if low]
    return [left + _freest(crossed, run) for run in runs if len(run) >= _GAP * height]


def _freest(crossed: Sequence[int], run: Sequence[int]) -> float:
    """The middle of the widest part of a run that the fewest lines cross."""
    least = min(crossed[x] for x in run)
    parts = [list(part) for free, part in itertools.groupby(run, lambda x: crossed[x] == least) if free]
    widest = max(parts, key=len)
    return (widest[0] + widest[-1] + 1) / 2


def _crossed(lines: Sequence[Area], first: int, last: int) -> list[int]:
    """For each x from `first` to `last`, how many lines of print run across."""
    crossed = [0] * (last - first + 1)
    for line in lines:
        for x in range(max(line.x0, first), min(line.x1, last + 1)):
            crossed[x - first] += 1
    return crossed


def _gap(left: Area, right: Area, lines: Sequence[Area]) -> float:
    """Where between two column names the fewest lines of print run across; of several such places the widest's middle.

    Halfway between the names would cut the texts of a wide column that begin at its left."""
    first, last = (left.x0 + left.x1) // 2, (right.x0 + right.x1) // 2
    if last <= first:  # names detected one over the other
        return float(first)
    crossed = _crossed(lines, first, last)
    return first + _freest(crossed, range(len(crossed)))


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
