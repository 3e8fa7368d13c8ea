"""Which other pages of a scan surely show the same workbook as the compared one, and what those say against it.

The notice asks for the first page only. Further pages may confirm, and contradict where that is sure; what cannot be read
on them, or stands there alone, is no fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.compare_cells import is_guess
from domain.compare_header import header_verdicts
from domain.compare_rows import cell_verdicts
from domain.cover import LEGIBLE_QUALITY, Cover, CoverPage, PageCell, PageKind
from domain.notice import Form
from domain.pages import Shows, has_label, has_note, shows, speaks_of_more
from domain.printed_table import PrintedTable, is_data, printed_table
from domain.sheet import Row, Sheet
from domain.submission import CellVerdict
from domain.text import normalise

_SAME_CELLS = 0.7
"""Least share of a printed row's cells that must say just what a workbook row says for the two to be the same. The row of
another unit with the same app shares app, operator, filing number and 是 at most: four of eight."""
_SAME_ROWS = 0.5
"""Least share of a page's rows that must be the workbook's for the page to be. On 23 pages read of scans and photos (15 of
the samples, 8 of drawn tables of one to three pages) it was 0.92 and more, and 0 against every other unit's workbook."""
_COMMON = 0.5
"""A text in more than this share of the workbook's rows (the unit, 是) tells no row from another."""
_CANDIDATES = 3


@dataclass(frozen=True, kw_only=True)
class Continuation:
    """What the pages beside the compared one are."""

    pages: tuple[int, ...] = ()
    """Numbers of those that surely show the same workbook."""
    apart: tuple[int, ...] = ()
    """Those of which it cannot be told: a close-up, a poor picture, a table that may be another print."""
    cells: tuple[CellVerdict, ...] = ()
    """What the former surely say, for or against the workbook."""


def continuation(sheet: Sheet, first: PrintedTable, shown: Sequence[int], cover: Cover, form: Form) -> Continuation:
    """`first`: the compared table; `shown`: places in the workbook's visible rows that it shows."""
    rows = [row for row in sheet.rows if not row.hidden]
    index = _index(rows)
    pages: list[int] = []
    apart: list[int] = []
    verdicts: list[CellVerdict] = []
    for page in cover.pages:
        if page.number == first.page.number or page.kind is not PageKind.SCAN:  # a seal pasted into an export is none
            continue
        table = _table(page, first, form)
        same = _same_rows(table, rows, index) if table else {}
        new = {printed: place for printed, place in same.items() if place not in shown}
        if table and 2 * len(new) > len(same) >= _SAME_ROWS * len(table.rows):
            pages.append(page.number)
            verdicts += _sure(table, new, rows, form)
        elif _is_picture(table, same, rows, form) if table and table.rows else _shows_a_part(page, sheet, form):
            pages.append(page.number)
        elif shows(page, form) not in (Shows.OTHER, Shows.BLANK) and not _contradicts(page, sheet, form):
            apart.append(page.number)
    return Continuation(pages=tuple(pages), apart=tuple(apart), cells=tuple(verdicts))


def _is_picture(table: PrintedTable, same: Mapping[int, int], rows: Sequence[Row], form: Form) -> bool:
    """Another picture of the compared page: all of it is the workbook's. A page that differs in a row, or cannot be read in
    a cell, may be an older print, and its seal is that print's."""
    if not same or len(same) < len(table.rows):
        return False
    return all(verdict.verdict == "match" for verdict in cell_verdicts(table, same.items(), rows, form))


def fit(sheet: Sheet, page: CoverPage, form: Form) -> float:
    """Share of the page's rows that surely are rows of the workbook, wherever they stand in it; 0 without a table."""
    table = printed_table(page, form) or _by_order(page, {at: column.key for at, column in enumerate(form.columns)})
    if table is None or not table.rows:
        return 0.0
    rows = [row for row in sheet.rows if not row.hidden]
    return len(_same_rows(table, rows, _index(rows))) / len(table.rows)


def _table(page: CoverPage, first: PrintedTable, form: Form) -> PrintedTable | None:
    """The page's table; one that goes on without column names has those of the compared page."""
    return printed_table(page, form) or (_by_order(page, first.columns) if page.columns == first.page.columns else None)


def _by_order(page: CoverPage, columns: Mapping[int, str]) -> PrintedTable | None:
    if not page.ruled or page.columns != max(columns, default=-1) + 1:
        return None
    by_row: dict[int, list[PageCell]] = {}
    for cell in page.cells:
        by_row.setdefault(cell.row, []).append(cell)
    rows = tuple(tuple(cells) for _, cells in sorted(by_row.items()) if is_data(cells, columns))
    return PrintedTable(page=page, columns=dict(columns), rows=rows) if rows else None


_Index = Mapping[tuple[str, str], Sequence[int]]


def _index(rows: Sequence[Row]) -> _Index:
    """(column key, text) → places of the rows that say so, without what most rows say."""
    places: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(rows):
        for key in row.cells:
            if text := normalise(row.text(key)):
                places.setdefault((key, text), []).append(place)
    most = max(1.0, _COMMON * len(rows))
    return {key: found for key, found in places.items() if len(found) <= most}


def _same_rows(table: PrintedTable, rows: Sequence[Row], index: _Index) -> dict[int, int]:
    """Printed row → the one workbook row that surely is the same."""
    found: dict[int, int] = {}
    for printed in range(len(table.rows)):
        texts = {key: text for key, cell in table.cells(printed).items() if (text := normalise(cell.reading.text))}
        votes = Counter(place for pair in texts.items() for place in index.get(pair, ()))
        ranked = sorted(((_equal(texts, rows[at]), at) for at, _ in votes.most_common(_CANDIDATES)), reverse=True)
        if ranked and ranked[0][0] >= _SAME_CELLS and ranked[0][0] > max((share for share, _ in ranked[1:]), default=0):
            found[printed] = ranked[0][1]
    return found


def _equal(texts: Mapping[str, str], row: Row) -> float:
    return sum(normalise(row.text(key)) == text for key, text in texts.items()) / len(texts)


def _sure(table: PrintedTable, same: Mapping[int, int], rows: Sequence[Row], form: Form) -> Iterator[CellVerdict]:
    """Verdicts on the cells of surely paired rows, without the doubtful ones."""
    found = list(cell_verdicts(table, same.items(), rows, form))
    page = table.page
    trusted = page.ruled and page.colour and page.quality >= LEGIBLE_QUALITY and not is_guess(table, found)
    for verdict in found:
        if verdict.verdict == "match" or (verdict.verdict == "differs" and trusted):
            yield verdict


def _shows_a_part(page: CoverPage, sheet: Sheet, form: Form) -> bool:
    """A picture or a last page without rows of the table: the form's notes, or 填报单位 with the workbook's value."""
    if shows(page, form) not in (Shows.PART, Shows.TABLE) or _contradicts(page, sheet, form):
        return False
    if speaks_of_more(page, form):
        return False
    told = {verdict.field: verdict.verdict for verdict in header_verdicts(sheet, page, form)}
    units = [field.name for field in form.header if field.key == "unit"]
    if has_label(page, form):
        return any(told.get(name) == "match" for name in units)
    return has_note(page, form)


def _contradicts(page: CoverPage, sheet: Sheet, form: Form) -> bool:
    """Title or header fields of the page are surely those of another return."""
    told = (verdict.verdict == "differs" for verdict in header_verdicts(sheet, page, form))
    return page.quality >= LEGIBLE_QUALITY and any(told)
