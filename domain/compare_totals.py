"""The printed row of sums against the workbook's: it is no data row, and must not be told as one that the workbook lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.compare_rows import cell_verdicts
from domain.notice import Form, Totals
from domain.printed_table import PrintedTable
from domain.row_pairing import RowPairing
from domain.sheet import Row
from domain.submission import CellVerdict
from domain.text import normalise


def totals_verdicts(
    table: PrintedTable, pairing: RowPairing, totals: Sequence[Row], form: Form
) -> tuple[list[CellVerdict], RowPairing]:
    """A verdict on each sum of the printed row, and the pairing without that row. `totals`: those of the workbook, that of its
    first sheet first."""
    if form.totals is None:
        return [], pairing
    at = next((one for one in pairing.extra if _sums_up(table, one, form.totals)), None)
    if at is None:
        return [], pairing
    rest = replace(pairing, extra=tuple(one for one in pairing.extra if one != at))
    summed = replace(form, columns=tuple(form.column(key) for key in form.totals.columns))
    own = [row for row in totals if not row.sheet]
    return (list(cell_verdicts(table, [(at, 0)], own, summed)) if own else []), rest


def _sums_up(table: PrintedTable, printed: int, totals: Totals) -> bool:
    """One of the words stands in a cell of the row."""
    words = {normalise(word) for word in totals.words}
    texts = [normalise(cell.reading.text) for cell in table.rows[printed]]
    return any(text.strip(":.") in words for text in texts)
