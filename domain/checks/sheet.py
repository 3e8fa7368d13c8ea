"""Checks of the workbook as a whole: could it be read, does it hold anything, is anything odd about the file."""

from __future__ import annotations

from collections.abc import Iterator

from domain.catalogue import problem
from domain.notice import Notice
from domain.problems import Place, Problem
from domain.sheet import Sheet, SheetFailure, SheetFormat, Why

_EXCEL = (SheetFormat.XLSX, SheetFormat.XLSM, SheetFormat.XLS, SheetFormat.XLSB)
_SHOWN_NAMES = {SheetFormat.HTML: "网页（HTML）", SheetFormat.XML: "XML", SheetFormat.CSV: "CSV"}


def failure(sheet: SheetFailure, notice: Notice) -> Iterator[Problem]:
    """The one problem of a file that could not be read as the form. A form that lacks every column is another one."""
    place = Place(file=sheet.file, sheet=sheet.sheet)
    missing = sheet.missing_columns
    if sheet.code == "sheet.wrong_form" and 0 < len(missing) < len(notice.form.columns):
        yield problem(sheet.code, place, variant="columns", columns="、".join(missing))
    else:
        yield problem(sheet.code, place, variant=sheet.cause)


def no_rows(sheet: Sheet, notice: Notice) -> Iterator[Problem]:
    """No data, and nobody said that there is none."""
    if sheet.rows or sheet.nil_statement:
        return
    place = Place(file=sheet.file, sheet=sheet.sheet)
    form = notice.form
    if form.nil_words:
        words = "或".join(f"“{word}”" for word in form.nil_words)
        yield problem("sheet.no_rows", place, variant="nil", column=form.column(form.nil_column).name, words=words)
    else:
        yield problem("sheet.no_rows", place)


def odd_file(sheet: Sheet) -> Iterator[Problem]:
    """The file is no plain Excel workbook, or brings macros."""
    place = Place(file=sheet.file, sheet=sheet.sheet)
    if sheet.format not in _EXCEL:
        shown = _SHOWN_NAMES.get(sheet.format, f".{sheet.format.value}")
        yield problem("sheet.odd_format", place, format=shown)
    if sheet.macros:
        yield problem("sheet.macros", place)


def hidden_rows(sheet: Sheet) -> Iterator[Problem]:
    """One finding for a sheet that is hidden itself, one for the columns, and one a sheet with hidden rows."""
    if sheet.hidden:
        yield problem("sheet.hidden_rows", Place(file=sheet.file, sheet=sheet.sheet), variant="sheet")
    if sheet.hidden_columns:
        names = "、".join(f"“{name}”" for name in sheet.hidden_columns)
        yield problem("sheet.hidden_rows", Place(file=sheet.file, sheet=sheet.sheet), variant="columns", columns=names)
    for name in dict.fromkeys(row.sheet for row in sheet.rows):
        numbers = [row.number for row in sheet.rows if row.hidden and row.sheet == name]
        if numbers:
            place = Place(file=sheet.file, sheet=name or sheet.sheet, cell=f"A{numbers[0]}")
            yield problem("sheet.hidden_rows", place, rows=_ranges(numbers))


_LEFT_OUT = {Why.HIDDEN: "", Why.EXAMPLE: "example", Why.COLUMNS: "columns", Why.HEADLESS: "headless"}


def left_out(sheet: Sheet) -> Iterator[Problem]:
    """Sheets whose rows were not taken, though a person might have meant them."""
    for one in sheet.left_out:
        place = Place(file=sheet.file, sheet=one.sheet)
        columns = "、".join(one.missing)
        yield problem("sheet.left_out", place, variant=_LEFT_OUT[one.why], columns=columns, main=sheet.sheet)


def _ranges(numbers: list[int]) -> str:
    """[7, 8, 9, 12] as 7–9、12; a long list ends in 等."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    shown = [str(first) if first == last else f"{first}–{last}" for first, last in runs[:10]]
    return "、".join(shown) + ("等" if len(runs) > 10 else "")
