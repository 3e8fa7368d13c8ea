"""Write a new .xlsx of a form, or of a plain table, the same bytes for the same content: the only user of openpyxl in this
folder."""

from __future__ import annotations

import io
import math
import re
import zipfile
from copy import copy
from datetime import datetime
from typing import Any

import openpyxl
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.utils.units import points_to_pixels
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from domain.notice import Column, ColumnType, Form
from notifier import form_layout as layout
from notifier.xlsx_content import FORMATS, FormContent, Prompt, TableContent, listed

_FIXED = datetime(2020, 1, 1)  # noqa: DTZ001  # the file format knows no zones
_ZIP_TIME = (2020, 1, 1, 0, 0, 0)
_LINE = Side(style="thin")
_THIN = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_EMU = 12_700
"""English metric units of a point (ECMA-376 part 1, 20.1.10.16)."""
_ROOM = 500
"""Lines beyond the form's own that are still checked: people write past its end."""
FIRST_ROW = 4
"""Row of the first data row; 1 is the title, 2 the labelled fields, 3 the column names."""


def write_form(form: Form, content: FormContent, *, sheet_name: str = "Sheet1") -> bytes:
    """The form as .xlsx: ruled, for landscape A4, phones and filing numbers as text, a list for yes or no."""
    book = _new_book()
    sheet = book.worksheets[0]
    sheet.title = sheet_name
    last = FIRST_ROW + max(content.lines, len(content.rows)) - 1
    _write_top(sheet, form, content)
    _write_table(sheet, form, content, last)
    _write_choices(sheet, form, content, last)
    _write_notes(sheet, form, last + 1)
    if form.totals and not content.rows:
        _put(sheet.cell(last, 1), form.totals.words[0])
    if content.picture:
        _put_picture(sheet, form, content.picture)
    _set_up_page(sheet, form, last)
    for table in form.tables:
        _write_further(book, form.of_table(table), table.name, content)
    book.properties.creator, book.properties.created, book.properties.modified = "", _FIXED, _FIXED
    return _fixed_times(book)


def _write_further(book: Any, form: Form, name: str, content: FormContent) -> None:
    """A further table of the form, on a sheet of its own."""
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "", name)[:31])
    rows = content.tables.get(name, ())
    its = FormContent(title=name, header={}, rows=rows, lines=max(content.lines, len(rows)))
    last = FIRST_ROW + its.lines - 1
    _write_top(sheet, form, its)
    _write_table(sheet, form, its, last)
    _write_choices(sheet, form, its, last)
    _set_up_page(sheet, form, last)


def write_table(content: TableContent, *, sheet_name: str) -> bytes:
    """The table as .xlsx: ruled, for landscape A4, its head repeated on each page, every cell as text."""
    book = _new_book()
    sheet = book.worksheets[0]
    sheet.title = sheet_name
    count = len(content.names)
    lines = [([content.title], 18, True), (content.names, 11, True), *((row, 11, False) for row in content.rows)]
    lines += [([note], 10, False) for note in content.notes]
    whole = {1, *range(3 + len(content.rows), len(lines) + 1)}  # title and notes go over all columns
    looks: dict[Any, Any] = {}
    for number, (texts, size, bold) in enumerate(lines, 1):
        for index, text in enumerate(texts, 1):
            cell = sheet.cell(number, index)
            _dress(cell, (size, bold, bold or index == 1 < len(texts), number not in whole), looks)
            _put(cell, text)
        widths = [sum(content.widths)] if number in whole else content.widths
        deep = max(math.ceil(layout.units(text) * size / 11 / width) for text, width in zip(texts, widths, strict=True))
        sheet.row_dimensions[number].height = size * 1.5 * max(deep, 1) + 4
        if number in whole:
            sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=count)
    for index, width in enumerate(content.widths, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    _set_up_table(sheet)
    book.properties.creator, book.properties.created, book.properties.modified = "", _FIXED, _FIXED
    return _fixed_times(book)


def _dress(cell: Any, look: tuple[int, bool, bool, bool], made: dict[Any, Any]) -> None:
    """A look is made once, then handed on: openpyxl compares the fonts of every cell, four fifths of a long table's time."""
    if look not in made:
        size, bold, centred, ruled = look
        cell.font = Font(name="宋体", size=size, bold=bold)
        cell.alignment = Alignment(horizontal="center" if centred else "left", vertical="center", wrap_text=True)
        if ruled:
            cell.border = _THIN
        made[look] = copy(cell._style)
    cell._style = copy(made[look])


def _set_up_table(sheet: Any) -> None:
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # 9 = A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "2:2"
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text, sheet.oddFooter.center.size = "第 &P 页，共 &N 页", 9


def _new_book() -> Any:
    """An empty one whose default font every Chinese machine has, so that columns are alike on all."""
    book: Any = openpyxl.Workbook()
    font = Font(name="宋体", size=11)
    book._fonts = IndexedList([font])  # the first font of the file, by which its columns are measured
    book._named_styles["Normal"].font = font
    return book


def _write_top(sheet: Any, form: Form, content: FormContent) -> None:
    count = len(form.columns)
    _put(sheet.cell(1, 1), content.title)
    sheet.cell(1, 1).font = Font(name="宋体", size=20, bold=True)
    sheet.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=count)
    sheet.row_dimensions[1].height = layout.title_height(form, code=content.picture is not None)
    sheet.row_dimensions[2].height = layout.FIELDS
    # The labelled fields share the row evenly, each in one merged cell; the last ends where the table ends.
    width = max(count // max(len(form.header), 1), 1)
    for index, entry in enumerate(form.header):
        start, final = index * width + 1, 0 < index == len(form.header) - 1
        end = count if index == len(form.header) - 1 else start + width - 1
        _put(sheet.cell(2, start), f"{entry.name}：{content.header.get(entry.key, '')}")
        sheet.cell(2, start).font = Font(name="宋体", size=12)
        sheet.cell(2, start).alignment = Alignment(horizontal="right" if final else None, vertical="center")
        if end > start:
            sheet.merge_cells(start_row=2, start_column=start, end_row=2, end_column=end)


def _write_table(sheet: Any, form: Form, content: FormContent, last: int) -> None:
    sheet.row_dimensions[FIRST_ROW - 1].height = layout.NAMES
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
                cell.number_format = FORMATS.get(column.type, "General")
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    for number, row_values in enumerate(content.rows, FIRST_ROW):
        for index, column in enumerate(form.columns, 1):
            if row_values.get(column.key):
                _put(sheet.cell(number, index), row_values[column.key])


def _write_choices(sheet: Any, form: Form, content: FormContent, last: int) -> None:
    """Lists and prompts. Only what is neither 是 nor 否 is refused: whether a number is right, the bureau judges."""
    lines = {prompt.key: prompt for prompt in content.prompts if not prompt.last_line}
    for index, column in enumerate(form.columns, 1):
        rule, letter = _rule(column, lines.get(column.key)), get_column_letter(index)
        if rule:  # a prompt without a rule must not be shown with the notes below
            final = max(last, FIRST_ROW + _ROOM) if rule.type else last
            rule.add(f"{letter}{FIRST_ROW}:{letter}{final}")
            sheet.add_data_validation(rule)
        for prompt in content.prompts:
            if prompt.last_line and prompt.key == column.key and rule is None:
                hint = _prompting(DataValidation(type=None), column, prompt)
                hint.add(f"{letter}{last}")
                sheet.add_data_validation(hint)


def _rule(column: Column, prompt: Prompt | None) -> DataValidation | None:
    if column.type is ColumnType.YES_NO:
        rule = DataValidation(type="list", formula1='"是,否"', allow_blank=True, showErrorMessage=True)
        rule.errorTitle, rule.error = column.name[:32], "请填“是”或“否”。"
    elif words := listed(column):
        rule = DataValidation(type="list", formula1=words, allow_blank=True, showErrorMessage=True)
        rule.errorTitle, rule.error = column.name[:32], "请从下拉列表里选一个。"
    elif prompt:
        rule = DataValidation(type=None)
    else:
        return None
    return _prompting(rule, column, prompt) if prompt else rule


def _prompting(rule: DataValidation, column: Column, prompt: Prompt) -> DataValidation:
    """Excel takes a title of 32 and a text of 255 characters at most."""
    rule.showInputMessage, rule.promptTitle, rule.prompt = True, column.name[:32], prompt.text[:255]
    return rule


def _write_notes(sheet: Any, form: Form, row: int) -> None:
    for offset, note in enumerate(form.notes):
        cell = sheet.cell(row + offset, 1)
        _put(cell, note)
        cell.font = Font(name="宋体", size=layout.NOTE_SIZE)
        cell.alignment = Alignment(vertical="bottom", wrap_text=True)
        sheet.row_dimensions[row + offset].height = layout.note_height(form, note)
        sheet.merge_cells(start_row=row + offset, start_column=1, end_row=row + offset, end_column=len(form.columns))


def _put_picture(sheet: Any, form: Form, png: bytes) -> None:
    """Into the title's row, its right side at the right side of the table: away from the unit, where the seal goes."""
    side = layout.code_side(form)
    left, index = layout.width(form) - side, 0
    while index < len(form.columns) - 1 and left >= layout.column_width(form.columns[index].width):
        left -= layout.column_width(form.columns[index].width)
        index += 1
    top = (layout.title_height(form, code=True) - side) / 2
    picture = Image(io.BytesIO(png))
    picture.width = picture.height = points_to_pixels(side)
    picture.anchor = OneCellAnchor(
        _from=AnchorMarker(col=index, colOff=round(left * _EMU), row=0, rowOff=round(top * _EMU)),
        ext=XDRPositiveSize2D(cx=round(side * _EMU), cy=round(side * _EMU)),
    )
    sheet.add_image(picture)


def _set_up_page(sheet: Any, form: Form, last: int) -> None:
    # The default, not each row's own height: rows still grow with a wrapped text.
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = layout.LINE, True
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # 9 = A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{FIRST_ROW - 1}:{FIRST_ROW - 1}"
    sheet.print_area = f"A1:{get_column_letter(len(form.columns))}{last + len(form.notes)}"
    sheet.print_options.horizontalCentered = True
    margins, inch = sheet.page_margins, 25.4
    margins.left = margins.right = layout.SIDE_MM / inch
    margins.top, margins.bottom = layout.TOP_MM / inch, layout.BOTTOM_MM / inch
    margins.header = margins.footer = layout.FOOTER_MM / inch
    sheet.oddFooter.center.text, sheet.oddFooter.center.size = "第 &P 页，共 &N 页", 9


_LONGEST = 32_000
"""Excel takes 32,767 characters in a cell."""


def _put(cell: Any, text: str) -> None:
    """Text stays text: what begins with = is no formula (openpyxl would make it one), nor becomes one when edited."""
    cell.value = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST]
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
