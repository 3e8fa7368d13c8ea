"""Which printed row shows which workbook row, told by their likeness and their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.printed_table import PrintedTable, row_likeness
from domain.sheet import Row

SAME_ROW = 0.45
"""Least likeness of a printed row and a workbook row that are taken for the same one."""


@dataclass(frozen=True, kw_only=True)
class RowPairing:
    """Which printed row shows which workbook row."""

    pairs: tuple[tuple[int, int], ...]
    """(printed, workbook)"""
    extra: tuple[int, ...]
    missing: tuple[int, ...]


def pair_rows(table: PrintedTable, rows: Sequence[Row]) -> RowPairing:
    """Pairs rows in order (dynamic programming), leaving out as little likeness as possible."""
    printed = len(table.rows)
    near = [[row_likeness(table.cells(at), row) for row in rows[: 2 * printed + 20]] for at in range(printed)]
    width = len(near[0]) if near else 0
    best = [[0.0] * (width + 1) for _ in range(printed + 1)]
    for i in range(printed - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            match = near[i][j] - SAME_ROW + best[i + 1][j + 1]
            best[i][j] = max(match, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < printed and j < width:
        if near[i][j] > SAME_ROW and best[i][j] == near[i][j] - SAME_ROW + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return _with_gaps(pairs, printed)


def _with_gaps(pairs: Sequence[tuple[int, int]], printed: int) -> RowPairing:
    """Printed and workbook rows left over between the same two pairs, equally many, are the same rows, however much
    of them was changed."""
    found = list(pairs)
    for before, after in pairwise([(-1, -1), *pairs]):
        gap_printed, gap_rows = range(before[0] + 1, after[0]), range(before[1] + 1, after[1])
        if len(gap_printed) == len(gap_rows):
            found += zip(gap_printed, gap_rows, strict=True)
    found.sort()
    used, shown = {one for one, _ in found}, {row for _, row in found}
    return RowPairing(
        pairs=tuple(found),
        extra=tuple(at for at in range(printed) if at not in used),
        missing=tuple(at for at in range(max(shown, default=-1)) if at not in shown),
    )
