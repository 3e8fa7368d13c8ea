"""Many rows of an .xlsx worksheet at once: rows of the same columns are taken by one pattern and split into columns at its speed.

Whatever is not surely such a row is left in the sheet for `parsers.xlsx_sheet`, which reads it as it reads small ones. What both give
is the same, and the test of that is `tests/test_xlsx_columns.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from operator import lt

from parsers.grid import MAX_COLUMNS, MAX_ROWS, GridCell

NUMBER = rb"[0-9]{1,7}"
ATTRIBUTES = rb'(?: [\w:]{1,30}="[^"<>&]{0,100}")*+'
INSIDE = (
    rb'(?: s="([0-9]{1,6})")?(?: t="([a-z]{1,3}|inlineStr)")?'
    rb'(?:/>|></c>|><v>([^<>&]*+)</v></c>|><is><t(?: xml:space="preserve")?>([^<>&]*+)</t></is></c>)'
)
"""Of a cell behind its address: style, kind, stored value, inline text."""
HIDDEN = re.compile(rb' (?:hidden|zeroHeight)="(?:1|true)"| ht="0"')
_INSIDE = re.compile(INSIDE)
_SHARED = re.compile(rb'(?: s="[0-9]{1,6}")? t="s"><v>([0-9]{1,9})</v></c>')
_LETTERS = re.compile(rb'<c r="([A-Z]{1,3})[0-9]')
_LEARNT_ROWS = 100
"""Rows whose columns are looked for in all others; a row with more is left."""
_MOST_COLUMNS = 60
_BLOCK = 2_000_000
"""Bytes split at once: what comes of it takes some ten times as much for a moment."""

MakeCell = Callable[[bytes, bytes, bytes], GridCell | None]
"""Of kind, style and stored value (`xlsx_values.Values.cell`)."""


def unnamed(pattern: bytes) -> bytes:
    """The pattern without its groups."""
    return re.sub(rb"\((?!\?)", b"(?:", pattern)


@dataclass(kw_only=True)
class Taken:
    """The rows that were taken, ascending, and what is left of the sheet. `cells`: how many hold something."""

    rest: bytes
    numbers: list[int] = field(default_factory=list)
    columns: dict[int, list[GridCell | None]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    cells: int = 0


def take_columns(content: bytes, start: int, end: int, make: MakeCell) -> Taken | None:
    """The rows between these places. None where nothing can be taken, or rows do not ascend. Raises what `make` does."""
    letters = _learnt(content, start, end)
    if not letters:
        return None
    taken = Taken(rest=b"", columns={number: [] for number, _ in letters})
    others = [content[:start]]
    split = _pattern([name for _, name in letters]).split
    cells = _Cells(make)
    width = len(letters) + 3
    for block in _blocks(content, start, end):
        parts = split(block)
        others += parts[::width]
        numbers = list(map(int, parts[1::width]))
        attributes = parts[2::width]
        odd = {each for each in set(attributes) if HIDDEN.search(each)}
        taken.hidden.update(compress(numbers, map(odd.__contains__, attributes)))
        taken.numbers += numbers
        for place, (column, _) in enumerate(letters, 3):
            taken.columns[column] += cells.of(parts[place::width])
    taken.cells = cells.filled
    taken.rest = b"".join((*others, content[end:]))
    numbers = taken.numbers
    if not numbers or numbers[0] < 1 or numbers[-1] > MAX_ROWS or not all(map(lt, numbers, islice(numbers, 1, None))):
        return None
    _drop_empty(taken)
    return taken


def _learnt(content: bytes, start: int, end: int) -> list[tuple[int, bytes]]:
    """Number and letters of the columns of the first rows, left to right; none where there are too many."""
    found: set[bytes] = set()
    for row in content[start : min(end, start + _BLOCK)].split(b"</row>", _LEARNT_ROWS)[:_LEARNT_ROWS]:
        found.update(_LETTERS.findall(row))
    letters = sorted((column_of(each), each) for each in found)
    return letters if len(letters) <= _MOST_COLUMNS and (not letters or letters[-1][0] <= MAX_COLUMNS) else []


def _pattern(letters: Sequence[bytes]) -> re.Pattern[bytes]:
    """Rows with cells in these columns, in their order, of which each may be missing. Groups: number, attributes, and each cell behind
    its address."""
    inside = unnamed(INSIDE)
    cells = b"".join(rb'(?:<c r="' + each + NUMBER + rb'"(' + inside + rb"))?+" for each in letters)
    return re.compile(rb'<row r="(' + NUMBER + rb')"(' + ATTRIBUTES + rb")>" + cells + rb"</row>")


def _blocks(content: bytes, start: int, end: int) -> Iterator[bytes]:
    """Pieces that end where a row begins."""
    while start < end:
        cut = content.find(b"<row ", start + _BLOCK, end)
        cut = end if cut < 0 else cut
        yield content[start:cut]
        start = cut


class _Cells(dict[bytes | None, GridCell | None]):
    """Cells by what stands behind their address: each is made once, however many rows hold it."""

    def __init__(self, make: MakeCell) -> None:
        super().__init__({None: None})
        self.filled = 0
        self._make = make
        self._blank: set[bytes | None] = {None}

    def of(self, column: Sequence[bytes | None]) -> list[GridCell | None]:
        cells = list(map(self.__getitem__, column))
        self.filled += len(column) - (0 if all(cells) else sum(map(self._blank.__contains__, column)))
        return cells

    def __missing__(self, inside: bytes) -> GridCell | None:
        made = self[inside] = self._cell(inside)
        return made

    def _cell(self, inside: bytes) -> GridCell | None:
        shared = _SHARED.fullmatch(inside)
        if shared:  # nearly all
            return self._make(b"s", b"", shared[1])
        match = _INSIDE.fullmatch(inside)
        assert match is not None  # noqa: S101  the pattern of the row says so
        style, kind, stored, inline = match.groups(b"")
        if not (stored or inline):
            self._blank.add(inside)
            return None
        return self._make(b"str", b"", inline) if kind == b"inlineStr" else self._make(kind, style, stored)


def _drop_empty(taken: Taken) -> None:
    """Rows in which no cell holds anything."""
    if any(map(all, taken.columns.values())):
        return
    kept = list(map(any, zip(*taken.columns.values(), strict=True)))
    taken.numbers = list(compress(taken.numbers, kept))
    taken.columns = {number: list(compress(column, kept)) for number, column in taken.columns.items()}


def column_of(letters: bytes) -> int:
    """`AB` → 28."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
