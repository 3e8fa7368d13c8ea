"""The bureau's form to fill in: blank for a reporter, or rebuilt with a reporter's values and marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from domain.form_code import form_code
from domain.notice import Column, ColumnType, Form, Notice, Reporter
from domain.sheet import Row, Sheet, SheetFormat
from domain.value_words import value_words
from notifier import form_layout as layout
from notifier.marking import Mark, mark_workbook
from notifier.qr import qr_png
from notifier.references import letters
from notifier.xlsx_content import FormContent, Prompt
from notifier.xlsx_write import FIRST_ROW, write_form

_SHEET = "Sheet1"
_UNFILLED = " " * 24
_MORE_LINES = "表格行数不够时，请在表内插入整行，不要写到表格下面。"


@dataclass(frozen=True, kw_only=True)
class _MadeFor:
    """Whose form it is: `unit` goes into title and header, `row_unit` into every row; both "" for whoever it may be.
    `code` names the sheet, `printed` is read again from the scan."""

    unit: str = ""
    row_unit: str = ""
    code: str = ""
    printed: str = ""


def blank_form(notice: Notice, reporter: Reporter | None) -> bytes:
    """The form as .xlsx, with as many lines as fit the first page. The same arguments give the same bytes.

    For a known reporter title and unit are filled in, its code names the sheet, and a small printed code tells the page
    again. Nothing asks for that code: a form without it is as good.
    """
    if reporter is None:
        return _written(notice, _MadeFor())
    row_unit = reporter.row_units[0] if reporter.bureau_run and reporter.row_units else reporter.name
    code = form_code(notice, reporter)
    return _written(notice, _MadeFor(unit=reporter.name, row_unit=row_unit, code=reporter.code, printed=code))


def blank_form_of_school(notice: Notice, school: str = "") -> bytes:
    """The form of a school that the bureau runs and no list of the notice names: with its name where that is given, and
    the word for every row. No printed code: there is no reporter that it could name."""
    run = notice.bureau_run
    if run is None:
        raise ValueError(f"{notice.id} knows no schools run by the bureau")
    return _written(notice, _MadeFor(unit=school, row_unit=run.row_unit, code=run.code))


@lru_cache(maxsize=64)
def _written(notice: Notice, made_for: _MadeFor) -> bytes:
    """Kept for the next letter: the guide for whoever it may be goes out with every answer to a question."""
    form = _with_room(notice.form, made_for.row_unit)
    header = {
        entry.key: f"{made_for.unit or _UNFILLED}{'（盖章）' if notice.cover_required else ''}"
        for entry in form.header
        if entry.type is ColumnType.UNIT
    }
    header |= {entry.key: "      年   月   日" for entry in form.header if entry.type is ColumnType.DATE}
    content = FormContent(
        title=notice.title_of(made_for.unit),
        header=header,
        lines=layout.lines_on_first_page(form),
        prompts=tuple(_prompts(notice, made_for.row_unit)),
        picture=qr_png(made_for.printed) if made_for.printed else None,
    )
    return write_form(form, content, sheet_name=_sheet_name(made_for.code))


def _with_room(form: Form, row_unit: str) -> Form:
    """The form with its column of units wide enough for what is written there on one line."""
    tables = (replace(table, columns=tuple(_wide(each, "") for each in table.columns)) for table in form.tables)
    return replace(form, columns=tuple(_wide(each, row_unit) for each in form.columns), tables=tuple(tables))


_LEAST_WIDTHS = {ColumnType.IDENTITY_NUMBER: 21.0, ColumnType.CREDIT_CODE: 21.0, ColumnType.DATE: 13.0}


def _wide(column: Column, row_unit: str) -> Column:
    held = layout.units(row_unit) if column.type is ColumnType.UNIT else _LEAST_WIDTHS.get(column.type, 0.0)
    return replace(column, width=max(column.width, held))


def _prompts(notice: Notice, row_unit: str) -> Iterator[Prompt]:
    """What Excel shows beside a cell that is being filled in, and what to do when the lines run out."""
    plain = None
    for column in notice.form.columns:
        text = _prompt(column, notice, row_unit)
        if text:
            yield Prompt(key=column.key, text=text)
        else:
            plain = plain or column
    if plain:
        yield Prompt(key=plain.key, text=_MORE_LINES, last_line=True)


def _prompt(column: Column, notice: Notice, row_unit: str) -> str:
    match column.type:
        case ColumnType.UNIT:
            return f"每一行都填“{row_unit}”。" if row_unit else ""
        case ColumnType.PHONE:
            area = f"，如{notice.area_code}-1234567" if notice.area_code else ""
            return f"请填11位手机号，或固定电话{area}。一格只填一个号码。"
        case ColumnType.YES_NO:
            return "请填“是”或“否”。"
        case ColumnType.FILING_NUMBER:
            return f"请填备案号，如{notice.filing.hint}；没有备案的不填。" if notice.filing else ""
        case _:
            told = value_words(column)
            return f"请填{told}。" if told else ""


def _sheet_name(code: str) -> str:
    """What Excel takes as a sheet's name: no []:*?/\\, at most 31 characters."""
    return re.sub(r"[\[\]:*?/\\]", "", code)[:31] or _SHEET


def rebuild_marked(sheet: Sheet, form: Form, marks: Sequence[Mark]) -> bytes:
    """A new .xlsx of the form with the values of a workbook that is no .xlsx, its marks moved to where they stand now.

    A mark on a cell that the form does not hold goes to the title.
    """
    header = {key: value.text for key, value in sheet.header.items()}
    title = sheet.title.text if sheet.title else form.title_of(header.get("unit", ""))
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
