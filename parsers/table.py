"""Find the form's table in a grid: the header line by its column names, wherever and however it was laid out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.notice import Form
from domain.text import normalise
from parsers.grid import Grid, GridCell, Merge, Unreadable

_MAX_HEADER_LINES = 3
_SEARCHED_ROWS = 1_000
_MAX_NAME = 60
_MAX_STEPS = 2_000_000
_BRACKETED = re.compile(r"[(\[][^()\[\]]*[)\]]")
_TRIM = re.compile(r"^[*:,.\s]+|[*:,.\s]+$")


@dataclass(frozen=True, kw_only=True)
class Table:
    """Where the table stands: rows `first`…`last` of its header, and key of each column → its grid column."""

    first: int
    last: int
    columns: dict[str, int]
    missing: tuple[str, ...]
    """Printed names of the form's columns that the header lacks."""


class View:
    """A grid with its merges resolved: what stands at a place, and what a vertical merge repeats there."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.rows = sorted(grid.rows)
        self._tops = _tops(grid.merges, self.rows)
        self._starts = {(merge.top, merge.left): merge for merge in grid.merges}

    def columns(self, row: int) -> list[int]:
        """Columns of the row's own filled cells, left to right."""
        return sorted(self.grid.rows.get(row, ()))

    def own(self, row: int, column: int) -> GridCell | None:
        cells = self.grid.rows.get(row)
        return cells.get(column) if cells else None

    def merge_at(self, row: int, column: int) -> Merge | None:
        """The merge that begins at this place."""
        return self._starts.get((row, column))

    def repeated(self, row: int, column: int) -> GridCell | None:
        """The value of the merge that covers this place from above, in its own column."""
        top = self._tops.get((row, column))
        return None if top is None else self.own(top, column)

    def rows_repeated(self) -> set[int]:
        """Rows in which `repeated` may find something."""
        return {row for row, _ in self._tops}


def _tops(merges: Iterable[Merge], rows: list[int]) -> dict[tuple[int, int], int]:
    """(row, column) under a merge's upper left cell → the merge's first row; only for rows that hold something."""
    tops: dict[tuple[int, int], int] = {}
    steps = 0
    for merge in merges:
        for row in rows[bisect_right(rows, merge.top) : bisect_right(rows, merge.bottom)]:
            tops[(row, merge.left)] = merge.top
            steps += 1
        if steps > _MAX_STEPS:
            raise Unreadable("merged ranges beyond reason")
    return tops


@lru_cache(maxsize=4096)
def label(text: str) -> str:
    """A column name as it is compared: one width, no spaces, no case, no marks at its ends."""
    return _TRIM.sub("", normalise(text)).casefold()


def find_table(view: View, form: Form) -> Table | None:
    """The place in the grid that has most of the form's columns; None if no row has even two of them."""
    names = names_of(form)
    best: Table | None = None
    score = (1, 0)
    for row in view.rows[:_SEARCHED_ROWS]:
        if best and not best.missing and score[1] == -1:
            break
        for lines in range(1, _MAX_HEADER_LINES + 1):
            if lines > 1 and not view.columns(row + lines - 1):
                break
            columns = _match(view, row, lines, names, form)
            # Of equal finds the one of fewest lines is the header; the others begin with the title above it.
            if len(columns) > 1 and (len(columns), -lines) > score:
                score = (len(columns), -lines)
                missing = tuple(column.name for column in form.columns if column.key not in columns)
                best = Table(first=row, last=_bottom(view, row, lines, columns), columns=columns, missing=missing)
    return best


Names = Mapping[str, tuple[str, int]]


def is_header_again(cells: Mapping[int, GridCell], table: Table, names: Names) -> bool:
    """The header repeated further down, as people do for each printed page. `names`: as `names_of` gives them."""
    other = 0
    for key, column in table.columns.items():
        cell = cells.get(column)
        if cell is None or names.get(label(cell.text), ("", 0))[0] != key:
            other += 1
            if other * 2 >= len(table.columns):
                return False
    return True


def names_of(form: Form) -> Names:
    """Compared name → (column key, rank): a printed name outranks an alias."""
    names: dict[str, tuple[str, int]] = {}
    for column in form.columns:
        for alias in column.aliases:
            names.setdefault(label(alias), (column.key, 1))
    return names | {label(column.name): (column.key, 0) for column in form.columns}


def _match(view: View, row: int, lines: int, names: Names, form: Form) -> dict[str, int]:
    """Key → column for a header of `lines` rows that begins at `row`. The best name wins, then the leftmost."""
    found: dict[str, tuple[int, int]] = {}
    for column in sorted({column for line in range(row, row + lines) for column in view.columns(line)}):
        for text, rank in _readings(view, row, lines, column):
            key, alias = names.get(text, ("", 0))
            if key and (key not in found or rank + alias < found[key][0]):
                found[key] = (rank + alias, column)
                break
    taken: dict[int, str] = {}
    for key, (_, column) in sorted(found.items(), key=lambda item: item[1]):
        taken.setdefault(column, key)
    places = {key: column for column, key in taken.items()}
    return {column.key: places[column.key] for column in form.columns if column.key in places}


def _readings(view: View, row: int, lines: int, column: int) -> Iterable[tuple[str, int]]:
    """Ways to read a header cell, the surest first: with the names that stand over several columns, its lines joined, its lowest
    line, without what is in brackets."""
    cells = [view.own(line, column) for line in range(row, row + lines)]
    texts = [cell.text for cell in cells if cell and len(cell.text) < _MAX_NAME]
    if not texts:
        return
    if lines > 1 and (over := _over(view, row, column, cells)):
        yield label(over + texts[-1]), 0
    joined = "".join(texts)
    yield label(joined), 0
    yield label(texts[-1]), 0
    yield label(_BRACKETED.sub("", normalise(joined))), 2
    yield label(_BRACKETED.sub("", normalise(texts[-1]))), 2


def _over(view: View, row: int, column: int, cells: Sequence[GridCell | None]) -> str:
    """What stands above the lowest name of a column: its own, else that of the next filled cell to the left, which a merge
    or the eye carries over it (学生数 above 男 and 女)."""
    lowest = max(line for line, cell in enumerate(cells) if cell)
    texts = []
    for line, cell in enumerate(cells[:lowest], row):
        places = view.columns(line)
        left = bisect_right(places, column) - 1
        beside = cell or (view.own(line, places[left]) if left >= 0 else None)
        texts.append(beside.text if beside and len(beside.text) < _MAX_NAME else "")
    return "".join(texts)


def _bottom(view: View, row: int, lines: int, columns: dict[str, int]) -> int:
    """The header's last row: a name merged over two rows reaches further down than its first."""
    merges = (view.merge_at(line, column) for column in columns.values() for line in range(row, row + lines))
    reach = [merge.bottom for merge in merges if merge and merge.bottom < row + _MAX_HEADER_LINES]
    return max([row + lines - 1, *reach])
