"""Compares a printed page with the workbook it should show: which rows stand on it, and does each cell say the same."""

from __future__ import annotations

from dataclasses import replace

from domain.compare_cells import SURE, is_guess
from domain.compare_header import header_verdicts
from domain.compare_rows import cell_verdicts, row_verdicts
from domain.compare_totals import totals_verdicts
from domain.continuation import continuation
from domain.cover import LEGIBLE_QUALITY, Cover, CoverPage, PageCell, PageKind, SealKind, TextLine
from domain.notice import Form
from domain.pages import Shows, has_label, has_title, shows
from domain.printed_table import PrintedTable, first_rows_likeness, printed_table
from domain.row_pairing import RowPairing, pair_rows
from domain.sheet import HeaderValue, Sheet
from domain.submission import About, CellVerdict, CoverFindings
from domain.text import normalise

_UNSTAMPED, _EXPORTED = 0.95, 0.85
"""What the likeness of such pages counts. A second page of the table is 0.44 like the workbook's first rows, and the first
page 1.0 (drawn tables of two and three pages), so neither factor puts another page before the first."""


def compare(sheet: Sheet, cover: Cover, form: Form) -> CoverFindings | None:
    """Compares the page that fits best; None when no page shows the form's table.

    Only the first page of the workbook is printed, so workbook rows after the last printed one are not looked for.
    Further pages of the same table add what they say surely.
    """
    tables = [table for page in cover.pages if (table := printed_table(page, form))]
    if not tables:
        return None
    table = max(tables, key=lambda table: first_rows_likeness(sheet, table) * _aptness(table.page))
    rows = [row for row in sheet.rows if not row.hidden]
    pairing = pair_rows(table, rows)
    further = continuation(sheet, table, [row for _, row in pairing.pairs], cover, form)
    pages = (table.page.number, *further.pages)
    return CoverFindings(
        page=table.page.number,
        seals=tuple(seal for page in cover.pages if page.number in pages for seal in page.seals),
        cells=(*_verdicts(sheet, table, pairing, cover, form), *further.cells),
        rows_on_page=len(table.rows),
        pages=pages,
        apart=further.apart,
    )


def _verdicts(sheet: Sheet, table: PrintedTable, pairing: RowPairing, cover: Cover, form: Form) -> list[CellVerdict]:
    """What the compared page says, header and rows."""
    rows = [row for row in sheet.rows if not row.hidden]
    verdicts = [*header_verdicts(sheet, table.page, form)]
    if sheet.nil_statement is not None:
        verdicts.append(_nil_verdict(sheet.nil_statement, table, form))
    else:
        sums, pairing = totals_verdicts(table, pairing, sheet.totals, form)
        found = [*cell_verdicts(table, pairing.pairs, rows, form), *row_verdicts(table, rows, pairing, form), *sums]
        if is_guess(table, found):
            found = [_unsure(each) for each in found]
        verdicts += map(_doubted, found) if _first_page_unread(table, cover, form) else found
    guessed = not table.page.ruled or table.page.quality < LEGIBLE_QUALITY
    return [_unsure(each) for each in verdicts] if guessed else verdicts


def _unsure(verdict: CellVerdict) -> CellVerdict:
    return replace(verdict, verdict="doubtful") if verdict.verdict == "differs" else verdict


def _doubted(verdict: CellVerdict) -> CellVerdict:
    """The verdict where whole rows that are not found contradict nothing."""
    return _unsure(verdict) if verdict.about.is_row else verdict


def _first_page_unread(table: PrintedTable, cover: Cover, form: Form) -> bool:
    """The table found may be the second page's, and another page the first, too poor to show its table."""
    if has_label(table.page, form) or has_title(table.page, form):
        return False
    return any(shows(page, form) in (Shows.PART, Shows.UNCLEAR) for page in cover.pages if page is not table.page)


def similarity(sheet: Sheet, page: CoverPage, form: Form) -> float:
    """How well a page serves as a workbook's cover, 0–1, for pairing several of both."""
    table = printed_table(page, form)
    return first_rows_likeness(sheet, table) * _aptness(page) if table else 0.0


def unlike(findings: CoverFindings | None) -> float:
    """How much of a compared cover is not as the workbook says: what differs counts whole, what is doubtful half."""
    if findings is None:
        return float("inf")
    verdicts = [cell.verdict for cell in findings.cells]
    return verdicts.count("differs") + verdicts.count("doubtful") / 2


def _aptness(page: CoverPage) -> float:
    """Of pages that show the same, as the export beside the scan or a draft beside the stamped copy, which is the cover."""
    if page.kind is not PageKind.SCAN:
        return _EXPORTED
    return 1.0 if any(seal.kind is not SealKind.OTHER for seal in page.seals) else _UNSTAMPED


def _nil_verdict(statement: HeaderValue, table: PrintedTable, form: Form) -> CellVerdict:
    """A nil return: the page says so too, and lists nothing."""
    words = [normalise(word) for word in form.nil_words]
    apps = [cells[form.nil_column] for at in range(len(table.rows)) if form.nil_column in (cells := table.cells(at))]
    listed = [cell for cell in apps if (text := normalise(cell.reading.text)) and not any(w in text for w in words)]
    printed: list[PageCell | TextLine] = [*table.page.cells, *table.page.lines]
    said = [each for each in printed if any(word in normalise(each.reading.text) for word in words)]
    verdict, read = ("match", statement.text) if said else ("doubtful", "")
    if listed:
        sure = listed[0].reading.confidence >= SURE and not listed[0].under_seal
        verdict, read = ("differs" if sure else "doubtful"), listed[0].reading.text
    name = form.column(form.nil_column).name
    return CellVerdict(
        address=statement.address,
        field=name,
        expected=statement.text,
        read=read,
        score=0.0 if verdict == "match" else -99.0,
        verdict=verdict,
        page=table.page.number,
        row=-1,
        column=-1,
        about=About.NIL,
        box=next((each.upright for each in (*listed, *said)), None),
    )
