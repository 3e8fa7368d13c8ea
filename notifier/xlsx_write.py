"""Write a new .xlsx of a form, the same bytes for the same content: the only user of openpyxl in this folder."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from domain.notice import ColumnType, Form

_FIXED = datetime(2020, 1, 1)  # noqa: DTZ001  # the file format knows no zones
_ZIP_TIME = (2020, 1, 1, 0, 0, 0)
_LINE = Side(style="thin")
_THIN = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_TEXT_TYPES = (ColumnType.PHONE, ColumnType.FILING_NUMBER)
FIRST_ROW = 4
"""Row of the first data row; 1 is the title, 2 the labelled fields, 3 the column names."""


@dataclass(frozen=True, kw_only=True)
class FormContent:
    """What to write: title, label → value, and rows as key → text. `lines` rows are ruled even if empty."""

    title: str
    header: Mapping[str, str]
    rows: Sequence[Mapping[str, str]] = ()
    lines: int = 15


def write_form(form: Form, content: FormContent, *, sheet_name: str = "Sheet1") -> bytes:
    """The form as .xlsx: ruled, for landscape A4, phones and filing numbers as text, a list for yes or no."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = sheet_name
    last = FIRST_ROW + max(content.lines, len(content.rows)) - 1
    _write_top(sheet, form, content)
    _write_table(sheet, form, content, last)
    _write_notes(sheet, form, last + 1)
    _set_up_page(sheet, form, last)
    book.properties.creator, book.properties.created, book.properties.modified = "", _FIXED, _FIXED
    return _fixed_times(book)


def _write_top(sheet: Any, form: Form, content: FormContent) -> None:
    count = len(form.columns)
    _put(sheet.cell(1, 1), content.title)
    sheet.cell(1, 1).font = Font(name="宋体", size=18, bold=True)
    sheet.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=count)
    sheet.row_dimensions[1].height = 36
    sheet.row_dimensions[2].height = 24
    # The labelled fields share the row evenly, each in one merged cell.
    width = max(count // max(len(form.header), 1), 1)
    for index, entry in enumerate(form.header):
        start = index * width + 1
        end = count if index == len(form.header) - 1 else start + width - 1
        _put(sheet.cell(2, start), f"{entry.name}：{content.header.get(entry.key, '')}")
        sheet.cell(2, start).font = Font(name="宋体", size=12)
        sheet.cell(2, start).alignment = Alignment(vertical="center")
        if end > start:
            sheet.merge_cells(start_row=2, start_column=start, end_row=2, end_column=end)


def _write_table(sheet: Any, form: Form, content: FormContent, last: int) -> None:
    for index, column in enumerate(form.columns, 1):
        head = sheet.cell(FIRST_ROW - 1, index)
        _put(head, column.name)
        head.font = Font(name="宋体", size=11, bold=True)
        for row in range(FIRST_ROW - 1, last + 1):
            cell = sheet.cell(row, index)
            cell.border = _THIN
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            if row >= FIRST_ROW:
                cell.font = Font(name="宋体", size=11)
                cell.number_format = "@" if column.type in _TEXT_TYPES else "General"
        sheet.column_dimensions[get_column_letter(index)].width = column.width
        if column.type is ColumnType.YES_NO:
            choice = DataValidation(type="list", formula1='"是,否"', allow_blank=True, showErrorMessage=True)
            choice.errorTitle, choice.error = column.name, "请填“是”或“否”。"
            letter = get_column_letter(index)
            choice.add(f"{letter}{FIRST_ROW}:{letter}{max(last, FIRST_ROW + 500)}")
            sheet.add_data_validation(choice)
    for number, row_values in enumerate(content.rows, FIRST_ROW):
        for index, column in enumerate(form.columns, 1):
            if row_values.get(column.key):
                _put(sheet.cell(number, index), row_values[column.key])


def _write_notes(sheet: Any, form: Form, row: int) -> None:
    for offset, note in enumerate(form.notes):
        cell = sheet.cell(row + offset, 1)
        _put(cell, note)
        cell.font = Font(name="宋体", size=10)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.merge_cells(start_row=row + offset, start_column=1, end_row=row + offset, end_column=len(form.columns))


def _set_up_page(sheet: Any, form: Form, last: int) -> None:
    # The default, not each row's own height: rows still grow with a wrapped text.
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = 24, True
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # 9 = A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{FIRST_ROW - 1}:{FIRST_ROW - 1}"
    sheet.print_area = f"A1:{get_column_letter(len(form.columns))}{last + len(form.notes)}"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4


def _put(cell: Any, text: str) -> None:
    """Text stays text: what begins with = is no formula (openpyxl would make it one), nor becomes one when edited."""
    cell.value = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    if text[:1] in ("=", "+", "-", "@"):
        cell.quotePrefix = True


def _fixed_times(book: openpyxl.Workbook) -> bytes:
    """Saved, then packed anew with one time stamp and no other trace of when."""
    saved = io.BytesIO()
    book.save(saved)
    packed = io.BytesIO()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _without_save_time(content)
            target.writestr(info, content)
    return packed.getvalue()


def _without_save_time(core: bytes) -> bytes:
    """openpyxl stamps `modified` while saving, whatever it was given."""
    start, end = core.find(b"<dcterms:modified"), core.find(b"</dcterms:modified>")
    if start < 0 or end < 0:
        return core
    return core[: core.find(b">", start) + 1] + b"2020-01-01T00:00:00Z" + core[end:]
