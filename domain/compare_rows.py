"""Printed rows against the workbook's: a verdict on each cell of rows that are the same, one on each row that has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from domain.compare_cells import Expected, judge_cell, not_found
from domain.cover import around
from domain.notice import Column, Form
from domain.printed_table import PrintedTable, row_likeness
from domain.row_pairing import RowPairing
from domain.row_words import is_numbering, is_total
from domain.sheet import Row
from domain.submission import About, CellVerdict
from domain.text import normalise

_LEAST_NOTES, _OF_NOTES = 12, 0.6
"""Pairs of letters of a row, and the share of them that stands in the form's notes too: of two jumbled notes 0.89, of 192
rows of generated returns 0.13 at most."""
DISPLACED_ROW = 0.75
"""Least likeness of a row that was found, but in another place."""


def cell_verdicts(
    table: PrintedTable, pairs: Iterable[tuple[int, int]], rows: Sequence[Row], form: Form
) -> Iterator[CellVerdict]:
    """A verdict on each value of the paired rows (printed, workbook), also where its cell was lost; none where both are
    empty."""
    for printed, at in pairs:
        cells = table.cells(printed)
        for column in form.columns:
            cell = cells.get(column.key)
            expected = rows[at].text(column.key)
            if not expected and (cell is None or not cell.reading.text.strip()):
                continue
            sheet_cell = rows[at].cells.get(column.key)
            address = sheet_cell.address if sheet_cell else ""
            wanted = Expected(address=address, field=column.name, text=expected, type=column.type, sheet=rows[at].sheet)
            if cell is None:
                yield not_found(wanted, table.page.number, printed)
                continue
            if not table.page.colour:  # grey seal ink cannot be taken off the print: what it adds proves nothing
                cell = replace(cell, under_seal=True)
            yield judge_cell(wanted, cell, table.page.number)


def row_verdicts(table: PrintedTable, rows: Sequence[Row], pairing: RowPairing, form: Form) -> Iterator[CellVerdict]:
    """One verdict a row that is missing on the page, stands elsewhere, stands on the page only, or could not be read."""
    extra = list(pairing.extra)
    for at in pairing.missing:
        elsewhere = next((one for one in extra if row_likeness(table.cells(one), rows[at]) >= DISPLACED_ROW), None)
        if elsewhere is not None:
            extra.remove(elsewhere)
        yield _missing(rows[at], elsewhere, table, form)
    for one in extra:
        yield from _extra(one, table, form)
    last = max((at for _, at in pairing.pairs), default=-1)
    # The rows of another sheet are printed on pages of their own.
    goes_on = last + 1 < len(rows) and (last < 0 or rows[last + 1].sheet == rows[last].sheet)
    if goes_on and (last < 0 or table.blank_below):
        unread = not_found(_whole(rows[last + 1], form), table.page.number, -1)
        yield replace(unread, about=About.UNREAD_ROW)


def _missing(row: Row, elsewhere: int | None, table: PrintedTable, form: Form) -> CellVerdict:
    """A row of the workbook that is not where it should be; `elsewhere`: the printed row in which it stands."""
    found = not_found(_whole(row, form), table.page.number, -1 if elsewhere is None else elsewhere)
    if elsewhere is None:
        return replace(found, verdict="doubtful" if table.blank_between else "differs", about=About.MISSING_ROW)
    box = around(cell.upright for cell in table.rows[elsewhere])
    return replace(found, verdict="differs", about=About.DISPLACED_ROW, box=box)


def _extra(printed: int, table: PrintedTable, form: Form) -> Iterator[CellVerdict]:
    """A row that stands on the page only, unless it is the form's notes, its sums or the numbers of its columns."""
    cells = table.cells(printed)
    texts = [cells[key].reading.text for key in (column.key for column in form.columns) if key in cells]
    sums = form.totals.words if form.totals else ()
    if _is_of_notes("".join(texts), form) or is_total(texts, sums) or is_numbering(texts):
        return
    sure = sum(cell.reading.confidence for cell in cells.values()) / max(1, len(cells)) > 0.8
    yield CellVerdict(
        address="",
        field=_naming(form).name,
        expected="",
        read=" ".join(text for text in texts if text)[:60],
        score=-99.0,
        verdict="differs" if sure else "doubtful",
        page=table.page.number,
        row=printed,
        column=-1,
        about=About.EXTRA_ROW,
        box=around(cell.upright for cell in table.rows[printed]),
    )


def _is_of_notes(text: str, form: Form) -> bool:
    """The row is the form's notes, which without ruling may be put into columns in whatever order."""
    notes, read = normalise("".join(form.notes)), normalise(text)
    pairs = [read[at : at + 2] for at in range(len(read) - 1)]
    return len(pairs) >= _LEAST_NOTES and sum(pair in notes for pair in pairs) >= _OF_NOTES * len(pairs)


def _naming(form: Form) -> Column:
    """The column that stands for a whole row where one is told."""
    return form.columns[min(1, len(form.columns) - 1)]


def _whole(row: Row, form: Form) -> Expected:
    column = _naming(form)
    cell = row.cells.get(column.key)
    address = cell.address if cell else f"A{row.number}"
    return Expected(address=address, field=column.name, text=row.text(column.key), type=column.type, sheet=row.sheet)
