"""Which workbook belongs to which cover within one mail: by content, never by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from domain.binding import OF_THE_WORKBOOK, bind, leaves, rows_shown
from domain.cover import Cover
from domain.mail import MailFacts, Origin, PartFault
from domain.notice import Form
from domain.sheet import Sheet
from domain.submission import CoverPart, FileRef, SheetPart

LEAST_SIMILARITY = 0.3
"""Below this a workbook and a page of a mail with several of them are no pair. One of each is a pair anyway (spec)."""

_EXHAUSTIVE = 6
"""Up to this many workbooks or covers every assignment is tried; past it the best pairs are taken one by one."""

Similarity = Callable[[Sheet, Cover], float]
UnitOf = Callable[[SheetPart | CoverPart], str | None]


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """What one mail brought, read: the parts in the order of the mail."""

    mail: str
    """SHA-256 of the mail's bytes."""
    facts: MailFacts
    origin: Origin
    sheets: tuple[SheetPart, ...] = ()
    covers: tuple[CoverPart, ...] = ()
    others: tuple[FileRef, ...] = ()
    faults: tuple[PartFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PartSet:
    """What is taken as one submission. `rivals`: other workbooks of the same reporter, when no cover tells which."""

    sheet: SheetPart | None = None
    cover: CoverPart | None = None
    rivals: tuple[SheetPart, ...] = ()
    spare: tuple[FileRef, ...] = ()
    """Files of the mail that belong to no set: kept, told, not read as the return."""


def pair(incoming: Incoming, form: Form, similarity: Similarity, unit_of: UnitOf) -> tuple[PartSet, ...]:
    """Splits a mail into sets, each one submission. `unit_of` names the reporter a workbook or scan speaks of."""
    sheets, spare_sheets = _usable_sheets(incoming.sheets)
    scans, spare_covers = _usable_covers(incoming.covers)
    if not sheets and not scans:
        return ()
    parts = leaves(scans, form) if len(sheets) > 1 else scans
    main = _assign(sheets, parts, similarity, form) if sheets else {0: _likest(parts)}
    kin = () if sheets else _of_one_unit(parts, main[0], unit_of)
    bound = bind(parts, main, [sheet.reading for sheet in sheets], form, kin=kin)
    sets = _sets(sheets, bound.covers, unit_of) if sheets else [PartSet(cover=bound.covers[0])]
    return _without_repeats(sets, (*spare_sheets, *spare_covers, *bound.left))


def _of_one_unit(parts: Sequence[CoverPart], main: int, unit_of: UnitOf) -> list[int]:
    """Places of the scans that speak of nobody else than the main one: pages of one table, as long as no workbook tells."""
    units = [unit_of(part) for part in parts]
    return [at for at, unit in enumerate(units) if unit is None or unit == units[main]]


def _without_repeats(sets: Sequence[PartSet], left: Iterable[FileRef]) -> tuple[PartSet, ...]:
    """The sets, the first with what no set took; what holds a cover of any set is spare in none."""
    told = {file.sha256 for one in sets if one.cover for file in one.cover.files}
    found: list[PartSet] = []
    for at, one in enumerate(sets):
        spare = [file for file in (*one.spare, *(left if at == 0 else ())) if file.sha256 not in told]
        told |= {file.sha256 for file in spare}
        found.append(replace(one, spare=tuple(spare)))
    return tuple(found)


def _usable_sheets(parts: Sequence[SheetPart]) -> tuple[list[SheetPart], list[FileRef]]:
    """The workbooks that can be the return: those that hold the form, or one that fails, so that it is told."""
    unique = {part.file.sha256: part for part in reversed(parts)}
    ordered = [part for part in parts if unique[part.file.sha256] is part]
    readable = [part for part in ordered if isinstance(part.reading, Sheet)]
    if readable:
        return readable, [part.file for part in ordered if part not in readable]
    return ordered[:1], [part.file for part in ordered[1:]]


def _usable_covers(parts: Sequence[CoverPart]) -> tuple[list[CoverPart], list[FileRef]]:
    """The scans in the order of the mail; failures only when nothing else came."""
    unique = {part.file.sha256: part for part in reversed(parts)}
    ordered = [part for part in parts if unique[part.file.sha256] is part]
    readable = [part for part in ordered if isinstance(part.reading, Cover)]
    if readable:
        return readable, [part.file for part in ordered if part not in readable]
    return ordered[:1], [part.file for part in ordered[1:]]


def _likest(parts: Sequence[CoverPart]) -> int:
    """Place of the scan that looks most like a cover, the first of equals."""
    readings = [part.reading for part in parts]
    return max(range(len(parts)), key=lambda at: _coverness(one) if isinstance(one := readings[at], Cover) else 0.0)


def _coverness(cover: Cover) -> float:
    """How much a scan looks like a stamped table: a printed table counts most, a seal next."""
    return max((min(len(page.cells), 40) / 40 * 2 + bool(page.seals) for page in cover.pages), default=0.0)


def _assign(
    sheets: Sequence[SheetPart], covers: Sequence[CoverPart], similarity: Similarity, form: Form
) -> dict[int, int]:
    """Index of the workbook → index of its cover, with the greatest sum of similarities."""
    if not sheets or not covers:
        return {}
    if len(sheets) == 1 and len(covers) == 1:
        return {0: 0}
    columns = [_column(sheets, cover, similarity, form) for cover in covers]
    table = [[column[row] for column in columns] for row in range(len(sheets))]
    pairs = _greedy(table) if max(len(sheets), len(covers)) > _EXHAUSTIVE else _exhaustive(table)
    good = {row: column for row, column in pairs.items() if table[row][column] >= LEAST_SIMILARITY}
    return good or ({0: _likest(covers)} if len(sheets) == 1 else {})


def _column(sheets: Sequence[SheetPart], cover: CoverPart, similarity: Similarity, form: Form) -> list[float]:
    """The cover's similarity to each workbook; none to others where it surely shows rows of some: a second page of one
    county's table is like enough to the first of another's."""
    shown = [rows_shown(sheet.reading, cover.reading, form) >= OF_THE_WORKBOOK for sheet in sheets]
    return [
        _similarity(sheet, cover, similarity) if mine or not any(shown) else 0.0
        for sheet, mine in zip(sheets, shown, strict=True)
    ]


def _similarity(sheet: SheetPart, cover: CoverPart, similarity: Similarity) -> float:
    if isinstance(sheet.reading, Sheet) and isinstance(cover.reading, Cover):
        return similarity(sheet.reading, cover.reading)
    return 0.0


def _exhaustive(table: Sequence[Sequence[float]]) -> dict[int, int]:
    rows, columns = len(table), len(table[0])
    if rows <= columns:
        candidates = [dict(enumerate(order)) for order in permutations(range(columns), rows)]
    else:
        candidates = [{row: column for column, row in enumerate(order)} for order in permutations(range(rows), columns)]
    return max(candidates, key=lambda pairs: sum(table[row][column] for row, column in pairs.items()))


def _greedy(table: Sequence[Sequence[float]]) -> dict[int, int]:
    ranked = sorted(
        ((value, row, column) for row, line in enumerate(table) for column, value in enumerate(line)), reverse=True
    )
    pairs: dict[int, int] = {}
    for _, row, column in ranked:
        if row not in pairs and column not in pairs.values():
            pairs[row] = column
    return pairs


def _sets(sheets: Sequence[SheetPart], covers: dict[int, CoverPart], unit_of: UnitOf) -> list[PartSet]:
    """One set a reporter: a workbook with a cover wins over its reporter's others; without covers they are rivals."""
    by_unit: dict[str, list[int]] = {}
    for index, sheet in enumerate(sheets):
        by_unit.setdefault(unit_of(sheet) or f"?{index}", []).append(index)
    sets: list[PartSet] = []
    for indices in by_unit.values():
        covered = [index for index in indices if index in covers]
        first = covered[0] if covered else indices[0]
        rest = [index for index in indices if index != first]
        decided = len(covered) == 1 or not rest
        sets.append(
            PartSet(
                sheet=sheets[first],
                cover=covers.get(first),
                rivals=() if decided else tuple(sheets[index] for index in rest),
                spare=(
                    *(sheets[index].file for index in rest if decided),
                    *(file for index in rest if index in covers for file in covers[index].files),
                ),
            )
        )
    return sets
