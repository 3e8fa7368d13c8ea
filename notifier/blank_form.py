"""The bureau's form to fill in: blank for a wrong form, or rebuilt with a reporter's values and marks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.notice import ColumnType, Form
from domain.sheet import Row, Sheet, SheetFormat
from notifier.marking import Mark, mark_workbook
from notifier.references import letters
from notifier.xlsx_write import FIRST_ROW, FormContent, write_form

_SHEET = "Sheet1"


def blank_form(form: Form, *, unit: str | None = None, code: str | None = None) -> bytes:
    """The form as .xlsx, title and unit filled in when known. The same arguments give the same bytes.

    `code` is the reporter's code; it names the sheet, so that a returned form can be told apart.
    """
    header = {entry.key: f"{unit or '          '}（盖章）" for entry in form.header if entry.type is ColumnType.UNIT}
    header |= {entry.key: "      年   月   日" for entry in form.header if entry.type is ColumnType.DATE}
    title = form.title_template.format(unit=unit or "")
    return write_form(form, FormContent(title=title, header=header), sheet_name=_sheet_name(code))


def _sheet_name(code: str | None) -> str:
    """What Excel takes as a sheet's name: no []:*?/\\, at most 31 characters."""
    return re.sub(r"[\[\]:*?/\\]", "", code or "")[:31] or _SHEET


def rebuild_marked(sheet: Sheet, form: Form, marks: Sequence[Mark]) -> bytes:
    """A new .xlsx of the form with the values of a workbook that is no .xlsx, its marks moved to where they stand now.

    A mark on a cell that the form does not hold goes to the title.
    """
    header = {key: value.text for key, value in sheet.header.items()}
    title = sheet.title.text if sheet.title else form.title_template.format(unit=header.get("unit", ""))
    rows = [{key: cell.text for key, cell in row.cells.items()} for row in sheet.rows]
    lines = max(len(rows), 1)
    data = write_form(form, FormContent(title=title, header=header, rows=rows, lines=lines), sheet_name=_SHEET)
    places = _places(sheet, form)
    moved = [Mark(sheet=_SHEET, address=places.get((mark.sheet, mark.address), "A1"), text=mark.text) for mark in marks]
    return mark_workbook(data, moved, fmt=SheetFormat.XLSX)


def _places(sheet: Sheet, form: Form) -> dict[tuple[str, str], str]:
    """(sheet, address) in the reporter's workbook → address in the rebuilt one."""
    width = max(len(form.columns) // max(len(form.header), 1), 1)
    places = {
        (sheet.sheet, sheet.header[entry.key].address): f"{letters(index * width + 1)}2"
        for index, entry in enumerate(form.header)
        if entry.key in sheet.header
    }
    places |= {(sheet.sheet, sheet.columns[column.key]): f"{letters(index)}{FIRST_ROW - 1}"
               for index, column in enumerate(form.columns, 1) if column.key in sheet.columns}  # fmt: skip
    for number, row in enumerate(sheet.rows, FIRST_ROW):
        places |= _row_places(row, number, form, row.sheet or sheet.sheet)
    return places


def _row_places(row: Row, number: int, form: Form, name: str) -> dict[tuple[str, str], str]:
    return {
        (name, row.cells[column.key].address): f"{letters(index)}{number}"
        for index, column in enumerate(form.columns, 1)
        if column.key in row.cells
    }
