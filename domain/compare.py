"""Compares a printed page with the workbook it should show: which rows stand on it, and does each cell say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from domain.compare_cells import SURE, Expected, judge_cell
from domain.compare_header import header_verdicts
from domain.cover import Cover, CoverPage, PageCell, around
from domain.notice import Form
from domain.sheet import HeaderValue, Row, Sheet
from domain.submission import CellVerdict, CoverFindings
from domain.text import normalise

SAME_ROW = 0.45
"""Least likeness of a printed row and a workbook row that are taken for the same one."""
DISPLACED_ROW = 0.75
"""Least likeness of a row that was found, but in another place."""
_HEADER_SHARE = 0.4
"""Least share of the form's columns that a row must name to be the table's header."""


@dataclass(frozen=True, kw_only=True)
class PrintedTable:
    """The table of a page: grid column → form column key, and its data rows in order."""

    page: CoverPage
    columns: dict[int, str]
    rows: tuple[tuple[PageCell, ...], ...]

    def cells(self, row: int) -> dict[str, PageCell]:
        return {self.columns[cell.column]: cell for cell in self.rows[row] if cell.column in self.columns}


@dataclass(frozen=True, kw_only=True)
class _Pairing:
    """Which printed row shows which workbook row."""

    pairs: tuple[tuple[int, int], ...]
    """(printed, workbook)"""
    extra: tuple[int, ...]
    missing: tuple[int, ...]


def compare(sheet: Sheet, cover: Cover, form: Form) -> CoverFindings | None:
    """Compares the page that fits best; None when no page shows the form's table.

    Only the first page of the workbook is printed, so workbook rows after the last printed one are not looked for.
    """
    tables = [table for page in cover.pages if (table := printed_table(page, form))]
    if not tables:
        return None
    table = max(tables, key=lambda table: _likeness(sheet, table))
    rows = [row for row in sheet.rows if not row.hidden]
    pairing = _pair_rows(table, rows, form)
    verdicts = [*header_verdicts(sheet, table.page, form)]
    if sheet.nil_statement is None:
        verdicts += _cell_verdicts(table, rows, pairing, form)
    else:
        verdicts.append(_nil_verdict(sheet.nil_statement, table, form))
    if not table.page.ruled:
        verdicts = [replace(each, verdict="doubtful") if each.verdict == "differs" else each for each in verdicts]
    return CoverFindings(
        page=table.page.number,
        seals=tuple(seal for page in cover.pages for seal in page.seals),
        cells=tuple(verdicts),
        rows_on_page=len(table.rows),
    )


def similarity(sheet: Sheet, page: CoverPage, form: Form) -> float:
    """How well a page fits a workbook, 0–1, for pairing several of both."""
    table = printed_table(page, form)
    return _likeness(sheet, table) if table else 0.0


def printed_table(page: CoverPage, form: Form) -> PrintedTable | None:
    """Finds the header row and with it the meaning of the columns; None when the page shows no such table."""
    by_row: dict[int, list[PageCell]] = {}
    for cell in page.cells:
        by_row.setdefault(cell.row, []).append(cell)
    best: dict[int, str] = {}
    header = -1
    for number, cells in sorted(by_row.items()):
        named = _named_columns(cells, form)
        if len(named) > len(best):
            best, header = named, number
    if len(best) < max(2, _HEADER_SHARE * len(form.columns)):
        return None
    columns = _fill_in(best, page, form)
    rows = tuple(
        tuple(sorted(cells, key=lambda cell: cell.column))
        for number, cells in sorted(by_row.items())
        if number > header and _is_data(cells, columns)
    )
    return PrintedTable(page=page, columns=columns, rows=rows)


def _named_columns(cells: Sequence[PageCell], form: Form) -> dict[int, str]:
    """Grid column → key, for the cells of a row that say a column's name."""
    found: dict[int, str] = {}
    for cell in cells:
        text = normalise(cell.reading.text)
        scored = [
            (likeness(text, normalise(name)), column.key)
            for column in form.columns
            for name in (column.name, *column.aliases)
        ]
        score, key = max(scored, default=(0.0, ""))
        if score >= 0.6 and key not in found.values():
            found[cell.column] = key
    return found


def _fill_in(named: dict[int, str], page: CoverPage, form: Form) -> dict[int, str]:
    """Columns whose printed name could not be read, by their order, when the page has as many columns as the form."""
    order = [column.key for column in form.columns]
    grid = sorted({cell.column for cell in page.cells if cell.column_span == 1})
    if len(grid) != len(order):
        return named
    by_order = dict(zip(grid, order, strict=True))
    agrees = all(by_order.get(column) == key for column, key in named.items())
    return by_order if agrees else named


def _is_data(cells: Sequence[PageCell], columns: dict[int, str]) -> bool:
    """A row with print in at least two of its columns; notes in one merged cell are no data."""
    return (
        sum(1 for cell in cells if cell.column in columns and cell.column_span == 1 and cell.reading.text.strip()) >= 2
    )


def _likeness(sheet: Sheet, table: PrintedTable) -> float:
    """Mean likeness of the printed rows with the first workbook rows."""
    rows = [row for row in sheet.rows if not row.hidden][: len(table.rows)]
    if not rows:
        return 0.1 if not table.rows else 0.0
    scores = [_row_likeness(table.cells(at), row) for at, row in enumerate(rows)]
    return sum(scores) / max(len(table.rows), len(rows))


def _row_likeness(printed: dict[str, PageCell], row: Row) -> float:
    """Mean likeness over the columns that hold anything on either side."""
    scores = []
    for key, cell in printed.items():
        read, expected = normalise(cell.reading.text), normalise(row.text(key))
        if read or expected:
            scores.append(likeness(read, expected))
    return sum(scores) / len(scores) if scores else 0.0


def likeness(one: str, other: str) -> float:
    """Share of common characters, 0–1: quick, and forgiving about order."""
    if one == other:
        return 1.0
    common = sum((Counter(one) & Counter(other)).values())
    return 2 * common / (len(one) + len(other))


def _pair_rows(table: PrintedTable, rows: Sequence[Row], form: Form) -> _Pairing:
    """Pairs rows in order (dynamic programming), leaving out as little likeness as possible."""
    printed = len(table.rows)
    near = [[_row_likeness(table.cells(at), row) for row in rows[: 2 * printed + 20]] for at in range(printed)]
    width = len(near[0]) if near else 0
    best = [[0.0] * (width + 1) for _ in range(printed + 1)]
    for i in range(printed - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            match = near[i][j] - SAME_ROW + best[i + 1][j + 1]
            best[i][j] = max(match, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < printed and j < width:
        if near[i][j] > SAME_ROW and best[i][j] == near[i][j] - SAME_ROW + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return _with_gaps(pairs, printed)


def _with_gaps(pairs: Sequence[tuple[int, int]], printed: int) -> _Pairing:
    """Printed and workbook rows left over between the same two pairs, equally many, are the same rows, however much
    of them was changed."""
    found = list(pairs)
    for before, after in pairwise([(-1, -1), *pairs]):
        gap_printed, gap_rows = range(before[0] + 1, after[0]), range(before[1] + 1, after[1])
        if len(gap_printed) == len(gap_rows):
            found += zip(gap_printed, gap_rows, strict=True)
    found.sort()
    used, shown = {one for one, _ in found}, {row for _, row in found}
    return _Pairing(
        pairs=tuple(found),
        extra=tuple(at for at in range(printed) if at not in used),
        missing=tuple(at for at in range(max(shown, default=-1)) if at not in shown),
    )


def _cell_verdicts(table: PrintedTable, rows: Sequence[Row], pairing: _Pairing, form: Form) -> Iterator[CellVerdict]:
    for printed, at in pairing.pairs:
        cells = table.cells(printed)
        for column in form.columns:
            cell = cells.get(column.key)
            expected = rows[at].text(column.key)
            if cell is None or not (expected or cell.reading.text.strip()):
                continue
            if not table.page.colour:  # grey seal ink cannot be taken off the print: what it adds proves nothing
                cell = replace(cell, under_seal=True)
            sheet_cell = rows[at].cells.get(column.key)
            address = sheet_cell.address if sheet_cell else ""
            wanted = Expected(address=address, field=column.name, text=expected, type=column.type)
            yield judge_cell(wanted, cell, table.page.number)
    yield from _row_verdicts(table, rows, pairing, form)


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


def _row_verdicts(table: PrintedTable, rows: Sequence[Row], pairing: _Pairing, form: Form) -> Iterator[CellVerdict]:
    """One verdict a row that is missing on the page, stands elsewhere, or stands on the page only."""
    column = form.columns[min(1, len(form.columns) - 1)]
    extra = list(pairing.extra)
    for at in pairing.missing:
        cell = rows[at].cells.get(column.key)
        elsewhere = next((one for one in extra if _row_likeness(table.cells(one), rows[at]) >= DISPLACED_ROW), None)
        if elsewhere is not None:
            extra.remove(elsewhere)
        yield CellVerdict(
            address=cell.address if cell else f"A{rows[at].number}",
            field=column.name,
            expected=rows[at].text(column.key),
            read="",
            score=-99.0,
            verdict="differs",
            page=table.page.number,
            row=-1 if elsewhere is None else elsewhere,
            column=-1,
            box=None if elsewhere is None else around(cell.upright for cell in table.rows[elsewhere]),
        )
    for one in extra:
        cells = table.cells(one)
        texts = [cells[key].reading.text for key in (column.key for column in form.columns) if key in cells]
        sure = sum(cell.reading.confidence for cell in cells.values()) / max(1, len(cells)) > 0.8
        yield CellVerdict(
            address="",
            field=column.name,
            expected="",
            read=" ".join(text for text in texts if text)[:60],
            score=-99.0,
            verdict="differs" if sure else "doubtful",
            page=table.page.number,
            row=one,
            column=-1,
            box=around(cell.upright for cell in table.rows[one]),
        )
