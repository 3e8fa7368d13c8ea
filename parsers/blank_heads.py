"""Find the head of a table in a form that nobody knows yet: the rows of column names, one to four of them, merged or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.row_words import is_numbering
from domain.text import normalise
from parsers.dates import read_date
from parsers.grid import Grid, Merge

_SEARCHED = 80
"""Rows in which a head begins: above it stand title, labels and, in some forms, a page of explanations."""
_MOST_LINES = 4
_LONGEST = 60
"""Characters of a column name, with what stands in its brackets."""
_FULL = 0.6
"""Part of the fullest row's columns that a head has at least."""
_LABEL = re.compile(r"[^\s:：]{1,14}\s*(?:[(（][^()（）]{0,10}[)）])?\s*[:：]")
SERIAL = re.compile(r"(?:序号|编号|序|行次|行号|No\.?)", re.IGNORECASE)
"""Names of a column that counts the rows."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """Rows `first`…`last` of column names. `lines`: column → its names from above. `numbered`: the row below has 甲 乙 1 2 3."""

    first: int
    last: int
    lines: Mapping[int, tuple[str, ...]]
    numbered: bool = False

    @property
    def data(self) -> int:
        """The first row that is filled in."""
        return self.last + (2 if self.numbered else 1)


def one_line(text: str) -> str:
    """A name as it is written on one line: line breaks and the spaces that stretch it (姓    名) are none of it."""
    words = text.split()
    if any(ord(letter) > 0x2E80 for letter in text):
        return re.sub(r"(?<=[^\x00-\x7f]) +(?=\S)|(?<=\S) +(?=[^\x00-\x7f])", "", " ".join(words))
    return " ".join(words)


class Placed:
    """What stands where: a merged area says its text at each of its places."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.rows = sorted(grid.rows)
        self._merges: dict[int, list[Merge]] = {}
        for merge in grid.merges:
            for row in range(merge.top, min(merge.bottom, merge.top + _SEARCHED) + 1):
                self._merges.setdefault(row, []).append(merge)

    def merge(self, row: int, column: int) -> Merge | None:
        """The merged area that this place is in."""
        within = (each for each in self._merges.get(row, ()) if each.left <= column <= each.right)
        return next(within, None)

    def own(self, row: int, column: int) -> str:
        cell = self.grid.rows.get(row, {}).get(column)
        return cell.text.strip() if cell else ""

    def text(self, row: int, column: int) -> str:
        merge = self.merge(row, column)
        return self.own(merge.top, merge.left) if merge else self.own(row, column)

    def spanned(self, row: int) -> dict[int, str]:
        """Column → text of the cells that stand in this row or reach over it, at each column that they cover."""
        found = {column: self.own(row, column) for column in self.grid.rows.get(row, ()) if self.own(row, column)}
        for merge in self._merges.get(row, ()):
            text = self.own(merge.top, merge.left)
            if text:
                found |= dict.fromkeys(range(merge.left, merge.right + 1), text)
        return found

    def cells(self, row: int) -> list[tuple[int, str]]:
        """(column, text) of the row's own cells, left to right."""
        cells = self.grid.rows.get(row, {})
        return [(column, cells[column].text.strip()) for column in sorted(cells) if cells[column].text.strip()]


def find_head(placed: Placed) -> Head | None:
    """The head of the sheet's table; None where no row looks like one."""
    rows = [row for row in placed.rows[:_SEARCHED] if _may_begin(placed, row)]
    widths = {row: len(_columns(placed, row)) for row in rows}
    widest = max(widths.values(), default=0)
    for row in rows:
        if widths[row] >= max(2, _FULL * widest) and len(set(_columns(placed, row).values())) >= 2:
            head = _head(placed, row)
            if len(head.lines) >= 2:
                return head
    return None


def _columns(placed: Placed, row: int) -> dict[int, str]:
    """Those of the row, with what the row below says where it is a second line."""
    below = placed.spanned(row + 1) if _goes_on(placed, row, row) else {}
    return below | placed.spanned(row)


def _may_begin(placed: Placed, row: int) -> bool:
    """At least two different texts, all of them names: not labels with a colon, sentences, numbers or days."""
    cells = placed.cells(row)
    return len({text for _, text in cells}) >= 2 and all(is_name(text) for _, text in cells)


def is_name(text: str) -> bool:
    compared = normalise(text)
    return (
        0 < len(compared) <= _LONGEST
        and not re.fullmatch(r"[\d.,%()\-/]+", compared)
        and not _LABEL.match(text)
        and read_date(text) is None
        and not re.search(r"[。；]", text)
        and not re.match(r"[X×]{2,}|张三|李四|示?例$", compared)
    )


def _head(placed: Placed, first: int) -> Head:
    last = first
    while last - first + 1 < _MOST_LINES and _goes_on(placed, first, last):
        last += 1
    columns = sorted({column for row in range(first, last + 1) for column in placed.spanned(row)})
    lines: dict[int, tuple[str, ...]] = {}
    for column in columns:
        texts = (one_line(placed.text(row, column)) for row in range(first, last + 1))
        names = tuple(dict.fromkeys(text for text in texts if text))
        if names:
            lines[column] = names
    groups = _groups_without_merges(placed, first, last, lines)
    return Head(first=first, last=last, lines=lines | groups, numbered=_is_numbering(placed, last + 1, lines))


def _goes_on(placed: Placed, first: int, last: int) -> bool:
    """Whether the row below `last` is a further line of the head that began at `first`."""
    reach = [merge.bottom for column, _ in placed.cells(last) if (merge := placed.merge(last, column))]
    reach += [merge.bottom for column, _ in placed.cells(first) if (merge := placed.merge(first, column))]
    below = placed.cells(last + 1)
    if not below or not all(is_name(text) for _, text in below):
        return False
    if max(reach, default=last) > last:
        return True
    here = {column for row in range(first, last + 1) for column, _ in placed.cells(row)}
    grouped = {
        column
        for column, _ in placed.cells(last)
        if (merge := placed.merge(last, column)) and merge.right > merge.left and merge.bottom == last
    }
    under = {column for column, _ in below}
    spanned = {column for column in under if (merge := placed.merge(last, column)) and merge.left in grouped}
    gaps = {column for column in under - here - spanned if min(here) < column}
    return bool(under) and under <= spanned | gaps | _leftmost(gaps, here)


def _leftmost(gaps: set[int], here: set[int]) -> set[int]:
    """Where names are not merged over their columns, the first of them stands right above the first name below."""
    return {max(column for column in here if column < gap) for gap in gaps if any(column < gap for column in here)}


def _groups_without_merges(
    placed: Placed, first: int, last: int, lines: Mapping[int, tuple[str, ...]]
) -> dict[int, tuple[str, ...]]:
    """A name typed over the first of several columns, and not merged over them, is the name of all until the next."""
    found: dict[int, tuple[str, ...]] = {}
    if last == first:
        return found
    group = ""
    for column in sorted(lines):
        above, own = one_line(placed.text(first, column)), one_line(placed.text(last, column))
        if above:
            merge = placed.merge(first, column)
            apart = merge is None and own and own != above
            group = above if apart else ""
        elif group and own:
            found[column] = (group, own)
    return found


def _is_numbering(placed: Placed, row: int, lines: Mapping[int, tuple[str, ...]]) -> bool:
    """甲 乙 1 2 3 under the names, as statistics have them."""
    return is_numbering([text for _, text in placed.cells(row)]) and len(placed.cells(row)) * 2 > len(lines)


def below(placed: Placed, head: Head) -> Iterator[int]:
    return (row for row in placed.rows if row >= head.data)
