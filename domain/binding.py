"""Which files and pages of a mail make the cover of which workbook: one PDF may hold several covers, one cover may come
in several pictures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.continuation import fit
from domain.cover import Cover, CoverFailure, PageKind
from domain.notice import Form
from domain.pages import Shows, joined, shows, split
from domain.sheet import Sheet, SheetFailure
from domain.submission import CoverPart, FileRef

OF_THE_WORKBOOK = 0.5
"""Least share of a page's rows that surely are the workbook's for the page to be one of its cover: see
`domain.continuation`, where it was measured."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """The covers by the place of their workbook, and the files that are part of none."""

    covers: dict[int, CoverPart]
    left: tuple[FileRef, ...]


def leaves(scans: Iterable[CoverPart], form: Form) -> list[CoverPart]:
    """The scans taken apart into what may be covers of different workbooks."""
    return [
        replace(scan, reading=reading)
        for scan in scans
        for reading in (split(scan.reading, form) if isinstance(scan.reading, Cover) else (scan.reading,))
    ]


def bind(
    parts: Sequence[CoverPart],
    main: Mapping[int, int],
    sheets: Sequence[Sheet | SheetFailure],
    form: Form,
    *,
    kin: Collection[int] = (),
    others: Collection[int] = (),
) -> Bound:
    """`parts`, in the order of the mail; `main`: place of the workbook → place of the part that shows its first page.

    A part that shows rows of a workbook goes with it. One that shows no form goes with what stands before it in its
    file or mail, as pages follow each other, if it may be a picture of that; another form, or another paper, is left.
    `kin`: places of parts that may be more pages of the same table although they show the form, as where no workbook is
    there to tell. `others`: places of those that are surely somebody else's, even in the same file.
    """
    homes = {part: sheet for sheet, part in main.items()}
    free = [at for at in range(len(parts)) if at not in homes and at not in others]
    for at in free if homes else ():
        home = _by_rows(parts[at], main, sheets, form) if _scanned(parts[at]) else None
        if home is not None:
            homes[at] = home
    settled = dict(homes)
    files = {parts[at].file.sha256 for at in settled}
    for at in (at for at in free if at not in settled):
        part = parts[at]
        if part.file.sha256 in files or (settled and _may_belong(part, form, kin=at in kin)):
            homes[at] = settled[_nearest(at, parts, settled)]
    covers = {sheet: _put_together(first, sheet, parts, homes) for sheet, first in main.items()}
    used = {file.sha256 for cover in covers.values() for file in cover.files}
    left = {part.file.sha256: part.file for part in parts if part.file.sha256 not in used}
    return Bound(covers=covers, left=tuple(left.values()))


def _by_rows(
    part: CoverPart, main: Mapping[int, int], sheets: Sequence[Sheet | SheetFailure], form: Form
) -> int | None:
    """The workbook whose rows the part shows; None where two fit alike, or none is there."""
    if not sheets:
        return None
    found = sorted(((rows_shown(sheets[place], part.reading, form), place) for place in main), reverse=True)
    if found[0][0] < OF_THE_WORKBOOK or (len(found) > 1 and found[1][0] == found[0][0]):
        return None
    return found[0][1]


def rows_shown(sheet: Sheet | SheetFailure, cover: Cover | CoverFailure, form: Form) -> float:
    """The greatest share of a page's rows that surely are the workbook's, 0–1."""
    if isinstance(sheet, SheetFailure) or isinstance(cover, CoverFailure):
        return 0.0
    return max((fit(sheet, page, form) for page in cover.pages), default=0.0)


def _may_belong(part: CoverPart, form: Form, *, kin: bool) -> bool:
    """A page is neither blank nor legibly another paper, and none shows the whole form, unless it is `kin`."""
    if isinstance(part.reading, CoverFailure) or not _scanned(part):
        return False
    shown = {shows(page, form) for page in part.reading.pages}
    if Shows.TABLE in shown:
        return kin
    return bool(shown & {Shows.PART, Shows.UNCLEAR})


def is_form(part: CoverPart, form: Form) -> bool:
    """A scan of the form with its table: whose it is can be told, and it is a return's."""
    if isinstance(part.reading, CoverFailure) or not _scanned(part):
        return False
    return any(shows(page, form) is Shows.TABLE for page in part.reading.pages)


def _scanned(part: CoverPart) -> bool:
    """Whether a page is a scan: the workbook's export beside it is no part of the cover."""
    return isinstance(part.reading, Cover) and any(page.kind is PageKind.SCAN for page in part.reading.pages)


def _nearest(at: int, parts: Sequence[CoverPart], settled: Iterable[int]) -> int:
    """The settled part before this one, else after it; first within its own file."""
    file = parts[at].file.sha256
    return min(settled, key=lambda other: (parts[other].file.sha256 != file, other > at, abs(other - at)))


def _put_together(first: int, sheet: int, parts: Sequence[CoverPart], homes: Mapping[int, int]) -> CoverPart:
    """One cover of all parts of a workbook, the one with the first page in front."""
    main = parts[first]
    mine = [main, *(part for at, part in enumerate(parts) if at != first and homes.get(at) == sheet)]
    readings = [part.reading for part in mine if isinstance(part.reading, Cover)]
    if isinstance(main.reading, CoverFailure) or len(mine) == 1:
        return main
    further = {part.file.sha256: part.file for part in mine if part.file.sha256 != main.file.sha256}
    return replace(main, reading=joined(readings), further=tuple(further.values()))
