"""Find the ruling lines of a printed table and the cells between them, merged ones too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.ruled_lines import drawn_lines, hairlines, long_runs
from parsers.ruled_sides import (
    EDGE_PRESENT,
    Rule,
    coverage,
    crossing,
    ruled_down,
    through_lines,
    with_hairlines,
    with_missed,
)
from parsers.straighten import Corners

Pixels = NDArray[np.uint8]

_LEAST_SHARE = 0.3  # of the longest line's length: shorter ones are underlines, strokes, merged cells' bits
_LINE_DRAWN = 0.8
_OF_ROWS = 0.2  # of the level lines that an upright one meets at least
_TOO_NEAR, _LESS = 0.2, 0.2  # of the usual row's height, and share of its length by which a line is drawn less
_PALE_DEPTHS = (40.0, 25.0)  # levels below the paper (250)
_FULL_GRID = 0.93  # of rows x columns: cells of a table with a merged title or note


@dataclass(frozen=True, kw_only=True)
class GridCell:
    """A cell between ruling lines: rows and columns are 0-based, `last_*` inclusive; the box in pixels."""

    row: int
    column: int
    last_row: int
    last_column: int
    x0: int
    y0: int
    x1: int
    y1: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A ruled table: lines top to bottom and left to right, its cells in reading order, and the pixels of the lines
    (`drawn`, uint8 HxW, 1 on and just beside a line)."""

    horizontals: tuple[Rule, ...]
    verticals: tuple[Rule, ...]
    cells: tuple[GridCell, ...]
    drawn: Pixels
    pale: bool = False
    """Found in traces paler than print only: some lines may have been missed."""

    @property
    def rows(self) -> int:
        return len(self.horizontals) - 1

    @property
    def columns(self) -> int:
        return len(self.verticals) - 1

    @property
    def corners(self) -> Corners:
        top, bottom, left, right = self.horizontals[0], self.horizontals[-1], self.verticals[0], self.verticals[-1]
        return Corners(
            top_left=crossing(top, left),
            top_right=crossing(top, right),
            bottom_right=crossing(bottom, right),
            bottom_left=crossing(bottom, left),
        )

    @property
    def crooked(self) -> float:
        """The largest slope among the four sides: 0 for a frame that stands square."""
        outer = (self.horizontals[0], self.horizontals[-1], self.verticals[0], self.verticals[-1])
        return max(abs(rule.slope) for rule in outer)


def find_table(
    ink: Pixels, covered: Pixels | None = None, grey: Pixels | None = None, *, plain: bool = False
) -> Table | None:
    """The largest ruled table of a page whose lines are nearly level. `ink` is uint8 HxW, 1 where there is print;
    `covered` is 1 under a seal, where ruling may have been taken off with the red ink; `grey` is the page in even
    light, where hairlines show that are too pale for `ink`. `plain`: lines that do not run from side to side are bold print."""
    across = long_runs(ink)
    upright = long_runs(np.ascontiguousarray(ink.T))
    under = None if covered is None else np.ascontiguousarray(covered.T)
    horizontals, verticals = _grid(across, upright)
    if not _is_table(horizontals, verticals):
        return None
    verticals = _drawn(upright, verticals, horizontals)
    horizontals = _without_feet(across, _drawn(across, horizontals, verticals), verticals) if len(verticals) > 2 else ()
    if not _is_table(horizontals, verticals):
        return None
    if grey is not None:
        if plain:
            horizontals = through_lines(grey, horizontals, verticals[0], verticals[-1])
        if not _is_table(horizontals, verticals):
            return None
        horizontals = with_missed(grey, horizontals, verticals)
    seen_down = sides_down = ruled_down(upright, under, verticals, horizontals)
    seen_across = sides_across = coverage(across, horizontals, verticals) >= EDGE_PRESENT
    drawn = drawn_lines(across, horizontals, covered) | drawn_lines(upright, verticals, under).T
    if grey is not None:
        lying = np.ascontiguousarray(grey.T)
        sides_down = with_hairlines(lying, verticals, horizontals, seen_down)
        sides_across = with_hairlines(grey, horizontals, verticals, seen_across)
        if (sides_across & ~seen_across).any() or (sides_down & ~seen_down).any():
            # Above and below a line there is room; beside an upright one the first stroke of the print begins.
            drawn |= hairlines(grey, across, horizontals, 5) | hairlines(lying, upright, verticals, 3).T
    cells = _cells(horizontals, verticals, sides_across, sides_down)
    return Table(horizontals=horizontals, verticals=verticals, cells=cells, drawn=drawn)


def _grid(across: Pixels, upright: Pixels) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The lines that cross each other, lying and upright ones, whether they make a table or not. `upright`: the mask of
    upright lines, laid down."""
    side = max(across.shape)
    horizontals = _rules(across, side)
    # A nil return may have a single low row, whose verticals are shorter than a paper's edge or a fold.
    for least, share in ((side // 25, _LEAST_SHARE), (side // 70, 0.0)):
        found = _crossing_only(horizontals, _rules(upright, side, least, share), 0.012 * side)
        if _is_table(*found):
            break
    return found


def find_pale_table(even: Pixels, covered: Pixels, columns: int) -> Table | None:
    """A table of hairlines that scanned paler than print, as `find_table` finds one: with just so many columns, and hardly a
    cell merged. Strokes of print in line seldom make such a grid: on 16 pages without ruling none did."""
    paper = float(np.median(even))
    masks = (np.asarray(even < paper - depth, dtype=np.uint8) for depth in _PALE_DEPTHS)
    tables = [table for mask in masks if (table := find_table(mask, covered, even, plain=True))]
    full = [t for t in tables if t.columns == columns and len(t.cells) >= _FULL_GRID * t.rows * columns]
    return replace(max(full, key=lambda table: len(table.cells)), pale=True) if full else None


def _is_table(horizontals: tuple[Rule, ...], verticals: tuple[Rule, ...]) -> bool:
    """At least two rows or, as in a nil return, one row of several columns."""
    return len(verticals) >= 3 and (len(horizontals) >= 3 or (len(horizontals) == 2 and len(verticals) >= 5))


def _rules(mask: Pixels, side: int, least: int | None = None, share: float | None = None) -> tuple[Rule, ...]:
    """Lines along x in the mask, top to bottom; pieces of one line are joined.

    `least`: length of a piece in pixels; `share`: of the longest line that a line must have to count.
    """
    gap = max(9, side // 80)
    joined = cv2.dilate(mask, np.ones((1, gap), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    pieces: list[tuple[int, NDArray[np.int64], NDArray[np.int64]]] = []
    for label in range(1, count):
        x, y, width, height = (int(value) for value in stats[label][:4])
        if width < (least or side // 25) or height > side // 80 + 0.12 * width:
            continue
        part = (labels[y : y + height, x : x + width] == label) & (mask[y : y + height, x : x + width] > 0)
        rows, columns = np.nonzero(part)
        if len(rows) and _thickness(part) <= max(8, side // 200):
            pieces.append((width, columns + x, rows + y))
    pieces.sort(key=lambda piece: -piece[0])
    return _joined(pieces, max(5.0, side / 400), _LEAST_SHARE if share is None else share)


def _thickness(part: NDArray[np.bool_]) -> float:
    columns = part.sum(axis=0)
    return float(np.median(columns[columns > 0]))


def _joined(
    pieces: Iterable[tuple[int, NDArray[np.int64], NDArray[np.int64]]], tolerance: float, share: float
) -> tuple[Rule, ...]:
    """Lines fitted to the long pieces; a piece on an earlier line only lengthens it."""
    rules: list[Rule] = []
    for _, columns, rows in pieces:
        middle = float(columns.mean())
        height = float(rows.mean())
        start, end = float(columns.min()), float(columns.max())
        near = next((place for place, rule in enumerate(rules) if abs(rule.at(middle) - height) <= tolerance), None)
        if near is None:
            slope, offset = np.polyfit(columns, rows, 1) if end - start > 50 else (0.0, height)
            rules.append(Rule(slope=float(slope), offset=float(offset), start=start, end=end))
        else:
            old = rules[near]
            rules[near] = Rule(slope=old.slope, offset=old.offset, start=min(old.start, start), end=max(old.end, end))
    longest = max((rule.end - rule.start for rule in rules), default=0.0)
    kept = [rule for rule in rules if rule.end - rule.start >= share * longest]
    return tuple(sorted(kept, key=lambda rule: rule.middle))


def _crossing_only(
    horizontals: tuple[Rule, ...], verticals: tuple[Rule, ...], slack: float
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Drop lines that meet fewer than two of the other direction (underlines, folds), and upright ones that meet hardly any: the
    edges of the paper on a desk meet one another."""
    for _ in range(4):
        kept_across = tuple(rule for rule in horizontals if sum(_meet(rule, other, slack) for other in verticals) >= 2)
        least = max(2.0, _OF_ROWS * len(kept_across))
        kept_down = tuple(
            rule for rule in verticals if sum(_meet(rule, other, slack) for other in kept_across) >= least
        )
        if len(kept_across) == len(horizontals) and len(kept_down) == len(verticals):
            break
        horizontals, verticals = kept_across, kept_down
    return horizontals, verticals


def _meet(one: Rule, other: Rule, slack: float) -> bool:
    along, across = crossing(one, other)
    return one.start - slack <= along <= one.end + slack and other.start - slack <= across <= other.end + slack


def _drawn(mask: Pixels, rules: tuple[Rule, ...], others: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Drop what only looks ruled: strokes of characters that stand in line, row below row, with gaps between."""
    drawn = coverage(mask, rules, others)
    kept = []
    for rule, shares in zip(rules, drawn, strict=True):
        present = shares[shares >= EDGE_PRESENT]
        if len(present) >= 0.3 * len(shares) and float(np.mean(present)) >= _LINE_DRAWN:
            kept.append(rule)
    return tuple(kept)


def _without_feet(mask: Pixels, rules: tuple[Rule, ...], others: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Drop a line too near to a fuller one for print to stand between: feet or heads of bold print beside the line itself."""
    usual = float(np.median(np.diff([rule.middle for rule in rules]))) if len(rules) > 2 else 0.0
    drawn = coverage(mask, rules, others).mean(axis=1)
    return tuple(
        rule
        for rule, share in zip(rules, drawn, strict=True)
        if not any(
            abs(rule.middle - other.middle) < _TOO_NEAR * usual and share < full - _LESS
            for other, full in zip(rules, drawn, strict=True)
        )
    )


def _cells(
    horizontals: tuple[Rule, ...],
    verticals: tuple[Rule, ...],
    ruled_across: NDArray[np.bool_],
    ruled_down: NDArray[np.bool_],
) -> tuple[GridCell, ...]:
    rows, columns = len(horizontals) - 1, len(verticals) - 1
    taken = np.zeros((rows, columns), dtype=bool)
    cells = []
    for row in range(rows):
        for column in range(columns):
            if taken[row, column]:
                continue
            last_column = column
            while (
                last_column + 1 < columns and not ruled_down[last_column + 1, row] and not taken[row, last_column + 1]
            ):
                last_column += 1
            last_row = row
            while last_row + 1 < rows and not ruled_across[last_row + 1, column : last_column + 1].any():
                inner = ruled_down[column + 1 : last_column + 1, last_row + 1]
                if inner.any():
                    break
                last_row += 1
            taken[row : last_row + 1, column : last_column + 1] = True
            cells.append(_cell(horizontals, verticals, row, column, last_row, last_column))
    return tuple(cells)


def _cell(
    horizontals: tuple[Rule, ...], verticals: tuple[Rule, ...], row: int, column: int, last_row: int, last_column: int
) -> GridCell:
    top, bottom = horizontals[row], horizontals[last_row + 1]
    left, right = verticals[column], verticals[last_column + 1]
    corners = [crossing(level, upright) for level in (top, bottom) for upright in (left, right)]
    return GridCell(
        row=row,
        column=column,
        last_row=last_row,
        last_column=last_column,
        x0=max(0, round(max(corners[0][0], corners[2][0]))),
        y0=max(0, round(max(corners[0][1], corners[1][1]))),
        x1=max(0, round(min(corners[1][0], corners[3][0]))),
        y1=max(0, round(min(corners[2][1], corners[3][1]))),
    )
