"""Which workbook belongs to which cover within one mail: by content, never by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from domain.assigning import Content, assign, filled_head, likest, misfits
from domain.binding import bind, is_form, leaves
from domain.cover import Cover, CoverFailure
from domain.mail import MailFacts, Origin, PartFault
from domain.notice import Form
from domain.rivals import Relation, kinship
from domain.sheet import Sheet, SheetFailure
from domain.submission import Attached, CoverPart, FileRef, SheetPart
from domain.text import normalise

_Part = TypeVar("_Part", SheetPart, CoverPart)


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


class Why(StrEnum):
    """Why a file of the mail is in no set."""

    SAME_ROWS = "same_rows"  # a workbook that reports just what the taken one does
    VERSION = "version"  # another version of the taken workbook, which is the one that the cover shows
    MORE_ROWS = "more_rows"  # the same, with rows that the taken one lacks
    NOT_READ = "not_read"  # it cannot be read, and another could
    NOT_SHOWN = "not_shown"  # a scan that shows none of the workbooks
    UNSURE = "unsure"  # a scan that may be of several units
    BESIDE = "beside"  # another scan of a unit whose cover is there
    OTHER_SCAN = "other_scan"  # where the scan is the return: a further one that is not
    NO_WORKBOOK = "no_workbook"  # where the scan is the return: a workbook


@dataclass(frozen=True, kw_only=True)
class Spare:
    """A file that belongs to no set: kept, told, not read as the return. `taken`: the workbook that is, `rows`: how many
    rows of this one are not in it."""

    file: FileRef
    why: Why
    taken: str = ""
    rows: int = 0


@dataclass(frozen=True, kw_only=True)
class PartSet:
    """What is taken as one submission. `rivals`: other workbooks of the same reporter, when no cover tells which."""

    sheet: SheetPart | None = None
    cover: CoverPart | None = None
    rivals: tuple[SheetPart, ...] = ()
    spare: tuple[Spare, ...] = ()
    attached: tuple[Attached, ...] = ()
    """The other files that the notice asks for."""


def pair(incoming: Incoming, form: Form, content: Content) -> tuple[PartSet, ...]:
    """Splits a mail into sets, each one submission."""
    sheets, unread_sheets = _usable(incoming.sheets)
    scans, unread_scans = _usable(incoming.covers)
    unread = [Spare(file=file, why=Why.NOT_READ) for file in _files(unread_sheets, unread_scans)]
    if not sheets:
        sets = _covers_alone(scans, form, content) if scans else []
        return _without_repeats(sets, unread)
    units = [content.unit_of(sheet) or f"?{place}" for place, sheet in enumerate(sheets)]
    parts = _parts(scans, units, content, form)
    found = assign(sheets, parts, units, content, form)
    others = [at for at in _of_others(parts, units, content, form) if at not in found.covers.values()]
    bound = bind(parts, found.covers, [sheet.reading for sheet in sheets], form, others=others)
    sets = _sets(sheets, units, bound.covers, content, form)
    sets += _covers_alone([parts[at] for at in others], form, content) if others else []
    rest = [Spare(file=file, why=Why.UNSURE if file.sha256 in found.unsure else Why.NOT_SHOWN) for file in bound.left]
    return _without_repeats(sets, (*unread, *rest))


def _parts(scans: Sequence[CoverPart], units: Sequence[str], content: Content, form: Form) -> Sequence[CoverPart]:
    """The scans, taken apart where one may hold the covers of several units. One workbook keeps a file whole that shows the
    form of nobody else, or of somebody else only: one and one are a pair, however ill they fit (spec)."""
    parts = leaves(scans, form)
    if len(units) > 1:
        return parts
    shown = {content.unit_of(part) for part in parts if is_form(part, form)}
    return parts if units[0] in shown and len(shown - {None}) > 1 else scans


def _of_others(parts: Sequence[CoverPart], units: Sequence[str], content: Content, form: Form) -> list[int]:
    """Places of the scans that show the form of a unit of which no workbook came."""
    named = [content.unit_of(part) if is_form(part, form) else None for part in parts]
    return [at for at, unit in enumerate(named) if unit is not None and unit not in units]


def _usable(parts: Sequence[_Part]) -> tuple[list[_Part], list[_Part]]:
    """The parts that can be the return, and the others: those that were read, else the one whose failure tells most."""
    first = {part.file.sha256: part for part in reversed(parts)}
    ordered = [part for part in parts if first[part.file.sha256] is part]
    readable = [part for part in ordered if isinstance(part.reading, Sheet | Cover)]
    if not readable and ordered:
        readable = [min(ordered, key=_telling)]
    return readable, [part for part in ordered if part not in readable]


def _telling(part: SheetPart | CoverPart) -> tuple[bool, bool, int]:
    """Less for what says more: a form that lacks a column or a password can be mended, what cannot be read may be any file."""
    reading = part.reading
    missing = len(reading.missing_columns) if isinstance(reading, SheetFailure) else 0
    code = reading.code if isinstance(reading, SheetFailure | CoverFailure) else ""
    return (code.endswith("unreadable"), code.endswith("encrypted"), missing)


def _files(*groups: Iterable[SheetPart | CoverPart]) -> list[FileRef]:
    return [part.file for group in groups for part in group]


def _covers_alone(scans: Sequence[CoverPart], form: Form, content: Content) -> list[PartSet]:
    """Scans without a workbook: one set a unit whose form they show. Others are pages of what stands before them."""
    parts = leaves(scans, form)
    units = [content.unit_of(part) for part in parts]
    shown = {unit for part, unit in zip(parts, units, strict=True) if unit and is_form(part, form)}
    if len(shown) < 2:
        return [_one_cover(scans, [content.unit_of(part) for part in scans], form)]
    groups: dict[str, list[CoverPart]] = {unit: [] for unit in units if unit in shown}
    here = next(iter(groups))
    for part, unit in zip(parts, units, strict=True):
        here = unit if unit in shown else here
        groups[here].append(part)
    return [_one_cover(mine, [unit] * len(mine), form) for unit, mine in groups.items()]


def _one_cover(parts: Sequence[CoverPart], units: Sequence[str | None], form: Form) -> PartSet:
    """One set of the scans that speak of nobody else than the likest one: pages of one table, for all anybody knows."""
    first = likest(parts)
    kin = [at for at, unit in enumerate(units) if unit is None or unit == units[first]]
    bound = bind(parts, {0: first}, [], form, kin=kin)
    return PartSet(cover=bound.covers[0], spare=tuple(Spare(file=file, why=Why.BESIDE) for file in bound.left))


def _sets(
    sheets: Sequence[SheetPart], units: Sequence[str], covers: dict[int, CoverPart], content: Content, form: Form
) -> list[PartSet]:
    """One set a reporter: the workbook that a cover shows wins over its reporter's others; else they are rivals."""
    by_unit: dict[str, list[int]] = {}
    for index, unit in enumerate(units):
        by_unit.setdefault(unit, []).append(index)
    sets: list[PartSet] = []
    for indices in by_unit.values():
        covered = [index for index in indices if index in covers]
        first = covered[0] if covered else max(indices, key=lambda index: filled_head(sheets[index]))
        rest = [sheets[index] for index in indices if index != first]
        other = [part for part in rest if not _reports_the_same(sheets[first], part, form)]
        cover = covers.get(first)
        decided = not other or (
            len(covered) == 1 and all(_fits_worse(part, sheets[first], cover, content) for part in other)
        )
        spare = [_spare(part, sheets[first], form) for part in rest if decided or part not in other]
        spare += [Spare(file=file, why=Why.BESIDE) for index in covered[1:] for file in covers[index].files]
        rivals = () if decided else tuple(other)
        sets.append(PartSet(sheet=sheets[first], cover=cover, rivals=rivals, spare=tuple(spare)))
    return sets


def _fits_worse(part: SheetPart, taken: SheetPart, cover: CoverPart | None, content: Content) -> bool:
    return cover is not None and misfits(part, cover, content) > misfits(taken, cover, content)


def _reports_the_same(taken: SheetPart, part: SheetPart, form: Form) -> bool:
    """The same rows, under the same head or one that is less filled in."""
    if not isinstance(taken.reading, Sheet) or not isinstance(part.reading, Sheet):
        return False
    heads = [{key: normalise(value.text) for key, value in one.reading.header.items()} for one in (taken, part)]
    alike = heads[0] == heads[1] or filled_head(part) < filled_head(taken)
    return alike and _spare(part, taken, form).why is Why.SAME_ROWS


def _spare(part: SheetPart, taken: SheetPart, form: Form) -> Spare:
    """A workbook beside the one that is taken."""
    if not isinstance(part.reading, Sheet) or not isinstance(taken.reading, Sheet):
        return Spare(file=part.file, why=Why.NOT_READ)
    kin = kinship(taken.reading, part.reading, form)
    why = Why.SAME_ROWS if kin.relation is Relation.SAME else Why.MORE_ROWS if kin.beyond else Why.VERSION
    return Spare(file=part.file, why=why, taken=taken.file.name, rows=kin.beyond)


def _without_repeats(sets: Sequence[PartSet], left: Iterable[Spare]) -> tuple[PartSet, ...]:
    """The sets, the first with what no set took; what holds a cover of any set is spare in none."""
    told = {file.sha256 for one in sets if one.cover for file in one.cover.files}
    found: list[PartSet] = []
    for at, one in enumerate(sets):
        spare = [each for each in (*one.spare, *(left if at == 0 else ())) if each.file.sha256 not in told]
        told |= {each.file.sha256 for each in spare}
        found.append(replace(one, spare=tuple(spare)))
    return tuple(found)
