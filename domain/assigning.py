"""Which cover shows which workbook, where a mail brings several of either: by their content, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.assignment import best_pairs, loss_without
from domain.binding import OF_THE_WORKBOOK, is_form, rows_shown
from domain.cover import Cover
from domain.notice import Form
from domain.sheet import Sheet
from domain.submission import CoverPart, SheetPart

LEAST_SIMILARITY = 0.3
"""Below this a workbook and a page of a mail with several of them are no pair. One of each is a pair anyway (spec)."""

_OF_THE_UNIT = 0.2
"""What it counts that a page names the workbook's own unit: it decides between nil returns, which are alike in all else."""
_CLEARLY = 0.05
"""Least loss of the whole assignment without a pair for the pair to be sure, where the page might be another unit's."""

_MOST_PAIRS = 2_500
"""Workbooks times covers that are weighed, each in a millisecond or so. A real mail has nine of each at most."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """What is asked of the content of parts. `likeness`: how well a scan serves as a workbook's cover, 0–1; `misfits`: how
    much of a compared scan is not as the workbook says, less being better; `unit_of`: the code of the reporter that a part
    speaks of, None when it names nobody."""

    likeness: Callable[[Sheet, Cover], float]
    misfits: Callable[[Sheet, Cover], float]
    unit_of: Callable[[SheetPart | CoverPart], str | None]


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """`covers`: place of the workbook → place of its cover; `unsure`: hashes of covers that may be of several units."""

    covers: dict[int, int]
    unsure: frozenset[str] = frozenset()


def assign(
    sheets: Sequence[SheetPart], covers: Sequence[CoverPart], units: Sequence[str], content: Content, form: Form
) -> Assigned:
    """`units`: the reporter of each workbook, one of its own for each that names nobody."""
    if not covers:
        return Assigned(covers={})
    if len(sheets) == 1 and len(covers) == 1:
        return Assigned(covers={0: 0})
    if len(sheets) * len(covers) > _MOST_PAIRS:
        return Assigned(covers={}, unsure=frozenset(cover.file.sha256 for cover in covers))
    table = _table(sheets, covers, units, content, form)
    pairs = {row: column for row, column in best_pairs(table).items() if table[row][column] > 0}
    if not pairs:
        return Assigned(covers={0: likest(covers)} if len(sheets) == 1 else {})
    unsure = {row for row in pairs if _may_be_anothers(table, pairs, row, units)}
    told = {row: column for row, column in pairs.items() if row not in unsure}
    doubtful = frozenset(covers[pairs[row]].file.sha256 for row in unsure)
    shown = {_shown_by(sheets, units, told, row, covers[at], content): at for row, at in told.items()}
    return Assigned(covers=shown, unsure=doubtful)


def _may_be_anothers(table: Sequence[Sequence[float]], pairs: dict[int, int], row: int, units: Sequence[str]) -> bool:
    """Another unit's workbook fits the cover as well, and all fits as well together when it has it: nobody can tell."""
    column = pairs[row]
    others = [
        at for at, line in enumerate(table) if units[at] != units[row] and line[column] >= table[row][column] - _CLEARLY
    ]
    return bool(others) and loss_without(table, pairs, row) < _CLEARLY


def _shown_by(
    sheets: Sequence[SheetPart],
    units: Sequence[str],
    pairs: dict[int, int],
    row: int,
    cover: CoverPart,
    content: Content,
) -> int:
    """Of the workbooks of one unit the one that the cover shows: likeness forgives what a careful comparison does not. Of
    equals the one whose head is filled in."""
    mine = [at for at, unit in enumerate(units) if unit == units[row] and (at == row or at not in pairs)]
    return min(mine, key=lambda at: (misfits(sheets[at], cover, content), -filled_head(sheets[at]), at != row))


def filled_head(part: SheetPart) -> int:
    """How much of title and header fields a workbook holds, as far as it can be read."""
    if not isinstance(part.reading, Sheet):
        return -1
    values = [*part.reading.header.values(), *([part.reading.title] if part.reading.title else [])]
    return sum(bool(value.text) + (value.date is not None) for value in values)


def misfits(sheet: SheetPart, cover: CoverPart, content: Content) -> float:
    if isinstance(sheet.reading, Sheet) and isinstance(cover.reading, Cover):
        return content.misfits(sheet.reading, cover.reading)
    return 0.0


def _table(
    sheets: Sequence[SheetPart], covers: Sequence[CoverPart], units: Sequence[str], content: Content, form: Form
) -> list[list[float]]:
    """What each workbook has in common with each cover. Nothing with those that surely show rows of others and not its own:
    a second page of one county's table is like enough to the first of another's."""
    table = [[0.0] * len(covers) for _ in sheets]
    for column, cover in enumerate(covers):
        named = content.unit_of(cover) if is_form(cover, form) else None
        shown = [rows_shown(sheet.reading, cover.reading, form) >= OF_THE_WORKBOOK for sheet in sheets]
        for row, sheet in enumerate(sheets):
            if shown[row] or not any(shown):
                table[row][column] = _likeness(sheet, cover, named == units[row], content)
    return table


def _likeness(sheet: SheetPart, cover: CoverPart, named: bool, content: Content) -> float:
    """A page that names the unit is its cover even where no row fits, so that it is told what differs."""
    if not isinstance(sheet.reading, Sheet) or not isinstance(cover.reading, Cover):
        return 0.0
    value = content.likeness(sheet.reading, cover.reading)
    return (value if value >= LEAST_SIMILARITY or named else 0.0) + _OF_THE_UNIT * named


def likest(parts: Sequence[CoverPart]) -> int:
    """Place of the scan that looks most like a cover, the first of equals."""
    readings = [part.reading for part in parts]
    return max(range(len(parts)), key=lambda at: _coverness(one) if isinstance(one := readings[at], Cover) else 0.0)


def _coverness(cover: Cover) -> float:
    """How much a scan looks like a stamped table: a printed table counts most, a seal next."""
    return max((min(len(page.cells), 40) / 40 * 2 + bool(page.seals) for page in cover.pages), default=0.0)
