"""Checks of totals rows, and of the further tables of a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.catalogue import problem
from domain.checks.row_cells import place_of
from domain.checks.rows import check_rows
from domain.checks.samples import is_sample_row
from domain.checks.values import number_of
from domain.notice import Column, Notice, Reporter
from domain.numbers import read_number, shown
from domain.problems import Place, Problem
from domain.sheet import Row, Sheet


def check_totals(sheet: Sheet, notice: Notice) -> Iterator[Problem]:
    """Each sheet's totals row against the rows above it. Rows whose number cannot be read have a problem of their own, and no sum
    is told."""
    totals = notice.form.totals
    if totals is None or sheet.nil_statement is not None or not sheet.rows:
        return
    if totals.required and not sheet.totals:
        columns = "、".join(notice.form.column(key).name for key in totals.columns)
        place = Place(file=sheet.file, sheet=sheet.sheet)
        yield problem("table.totals_missing", place, word=totals.words[0], columns=columns)
    for total in sheet.totals:
        rows = [row for row in sheet.rows if row.sheet == total.sheet and not is_sample_row(row, notice)]
        for key in totals.columns:
            wanted = _sum(rows, notice.form.column(key))
            if key not in total.cells or wanted is None:
                continue
            place, text = place_of(sheet, total, notice.form.column(key)), total.text(key)
            if not text:
                yield problem("table.totals_mismatch", place, variant="empty", sum=shown(wanted))
            elif read_number(text) != wanted:
                yield problem("table.totals_mismatch", place, sum=shown(wanted))


def _sum(rows: list[Row], column: Column) -> Decimal | None:
    numbers = [number_of(column, row.text(column.key)) for row in rows]
    known = [number for number in numbers if number is not None]
    return sum(known, Decimal(0)) if len(known) == len(numbers) else None


def check_tables(sheet: Sheet, notice: Notice, reporter: Reporter | None, day: date) -> Iterator[Problem]:
    """That each further table is there, and its rows as those of the first."""
    for table in notice.form.tables:
        rows = sheet.tables.get(table.key)
        if not rows:
            if table.required:
                columns = "、".join(column.name for column in table.columns)
                variant = "" if rows is None else "empty"
                place = Place(file=sheet.file)
                yield problem("table.missing", place, variant=variant, table=table.name, columns=columns)
            continue
        alone = replace(sheet, rows=rows, header={}, title=None, further=(), totals=(), tables={})
        yield from check_rows(alone, replace(notice, form=notice.form.of_table(table)), reporter, day)
