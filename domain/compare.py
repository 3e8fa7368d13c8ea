"""Compares a printed page with the workbook it should show: which rows stand on it, and does each cell say the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.compare_cells import SURE, Expected, is_guess, judge_cell, not_found
from domain.compare_header import header_verdicts
from domain.continuation import continuation
from domain.cover import Cover, CoverPage, PageKind, SealKind, around
from domain.notice import Column, Form
from domain.pages import Shows, has_label, has_title, shows
from domain.printed_table import PrintedTable, first_rows_likeness, printed_table, row_likeness
from domain.row_pairing import RowPairing, pair_rows
from domain.sheet import HeaderValue, Row, Sheet
from domain.submission import CellVerdict, CoverFindings
from domain.text import normalise

_UNSTAMPED, _EXPORTED = 0.95, 0.85
"""What the likeness of such pages counts. A second page of the table is 0.44 like the workbook's first rows, and the first
page 1.0 (drawn tables of two and three pages), so neither factor puts another page before the first."""
_LEAST_NOTES, _OF_NOTES = 12, 0.6
"""Pairs of letters of a row, and the share of them that stands in the form's notes too: of two jumbled notes 0.89, of 192
rows of generated returns 0.13 at most."""
DISPLACED_ROW = 0.75
"""Least likeness of a row that was found, but in another place."""


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
        found = list(_cell_verdicts(table, rows, pairing, form))
        if is_guess(table, found):
            found = [_unsure(each) for each in found]
        verdicts += map(_doubted, found) if _first_page_unread(table, cover, form) else found
    return verdicts if table.page.ruled else [_unsure(each) for each in verdicts]


def _unsure(verdict: CellVerdict) -> CellVerdict:
    return replace(verdict, verdict="doubtful") if verdict.verdict == "differs" else verdict


def _doubted(verdict: CellVerdict) -> CellVerdict:
    """The verdict where whole rows that are not found contradict nothing."""
    return _unsure(verdict) if verdict.column < 0 else verdict


def _first_page_unread(table: PrintedTable, cover: Cover, form: Form) -> bool:
    """The table found may be the second page's, and another page the first, too poor to show its table."""
    if has_label(table.page, form) or has_title(table.page, form):
        return False
    return any(shows(page, form) in (Shows.PART, Shows.UNCLEAR) for page in cover.pages if page is not table.page)


def similarity(sheet: Sheet, page: CoverPage, form: Form) -> float:
    """How well a page serves as a workbook's cover, 0–1, for pairing several of both."""
    table = printed_table(page, form)
    return first_rows_likeness(sheet, table) * _aptness(page) if table else 0.0


def _aptness(page: CoverPage) -> float:
    """Of pages that show the same, as the export beside the scan or a draft beside the stamped copy, which is the cover."""
    if page.kind is not PageKind.SCAN:
        return _EXPORTED
    return 1.0 if any(seal.kind is not SealKind.OTHER for seal in page.seals) else _UNSTAMPED


def _cell_verdicts(table: PrintedTable, rows: Sequence[Row], pairing: RowPairing, form: Form) -> Iterator[CellVerdict]:
    for printed, at in pairing.pairs:
        cells = table.cells(printed)
        for column in form.columns:
            cell = cells.get(column.key)
            expected = rows[at].text(column.key)
            if not expected and (cell is None or not cell.reading.text.strip()):
                continue
            sheet_cell = rows[at].cells.get(column.key)
            address = sheet_cell.address if sheet_cell else ""
            wanted = Expected(address=address, field=column.name, text=expected, type=column.type)
            if cell is None:
                yield not_found(wanted, table.page.number, printed)
                continue
            if not table.page.colour:  # grey seal ink cannot be taken off the print: what it adds proves nothing
                cell = replace(cell, under_seal=True)
            yield judge_cell(wanted, cell, table.page.number)
    yield from _row_verdicts(table, rows, pairing, form)
    last = max((at for _, at in pairing.pairs), default=-1)
    if last + 1 < len(rows) and (last < 0 or table.blank_below):
        yield _unread_row(rows[last + 1], table, form)


def _nil_verdict(statement: HeaderValue, table: PrintedTable, form: Form) -> CellVerdict:
    """A nil return: the page says so too, and lists nothing."""
    words = [normalise(word) for word in form.nil_words]
    apps = [cells[form.nil_column] for at in range(len(table.rows)) if form.nil_column in (cells := table.cells(at))]
    listed = [cell for cell in apps if (text := normalise(cell.reading.text)) and not any(w in text for w in words)]
    texts = [*(cell.reading.text for cell in table.page.cells), *(line.reading.text for line in table.page.lines)]
    said = any(word in normalise(text) for text in texts for word in words)
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
        box=listed[0].upright if listed else None,
    )


def _is_of_notes(text: str, form: Form) -> bool:
    """The row is the form's notes, which without ruling may be put into columns in whatever order."""
    notes, read = normalise("".join(form.notes)), normalise(text)
    pairs = [read[at : at + 2] for at in range(len(read) - 1)]
    return len(pairs) >= _LEAST_NOTES and sum(pair in notes for pair in pairs) >= _OF_NOTES * len(pairs)


def _unread_row(row: Row, table: PrintedTable, form: Form) -> CellVerdict:
    """A row of the workbook that should stand where the page has rows in which nothing was read."""
    return not_found(_whole_row(row, form), table.page.number, -1)


def _naming(form: Form) -> Column:
    """The column that stands for a whole row where one is told."""
    return form.columns[min(1, len(form.columns) - 1)]


def _whole_row(row: Row, form: Form) -> Expected:
    column = _naming(form)
    cell = row.cells.get(column.key)
    address = cell.address if cell else f"A{row.number}"
    return Expected(address=address, field=column.name, text=row.text(column.key), type=column.type)


def _row_verdicts(table: PrintedTable, rows: Sequence[Row], pairing: RowPairing, form: Form) -> Iterator[CellVerdict]:
    """One verdict a row that is missing on the page, stands elsewhere, or stands on the page only."""
    extra = list(pairing.extra)
    for at in pairing.missing:
        wanted = _whole_row(rows[at], form)
        elsewhere = next((one for one in extra if row_likeness(table.cells(one), rows[at]) >= DISPLACED_ROW), None)
        if elsewhere is not None:
            extra.remove(elsewhere)
        yield CellVerdict(
            address=wanted.address,
            field=wanted.field,
            expected=wanted.text,
            read="",
            score=-99.0,
            verdict="doubtful" if table.blank_between and elsewhere is None else "differs",
            page=table.page.number,
            row=-1 if elsewhere is None else elsewhere,
            column=-1,
            box=None if elsewhere is None else around(cell.upright for cell in table.rows[elsewhere]),
        )
    for one in extra:
        cells = table.cells(one)
        texts = [cells[key].reading.text for key in (column.key for column in form.columns) if key in cells]
        if _is_of_notes("".join(texts), form):
            continue
        sure = sum(cell.reading.confidence for cell in cells.values()) / max(1, len(cells)) > 0.8
        yield CellVerdict(
            address="",
            field=_naming(form).name,
            expected="",
            read=" ".join(text for text in texts if text)[:60],
            score=-99.0,
            verdict="differs" if sure else "doubtful",
            page=table.page.number,
            row=one,
            column=-1,
            box=around(cell.upright for cell in table.rows[one]),
        )
