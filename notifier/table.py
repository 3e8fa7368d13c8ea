"""A plain table of text as .xlsx."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

_LONGEST = 32_000
"""Excel takes 32,767 characters in a cell."""


def text_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> bytes:
    """One sheet, its headings fixed. Every cell is text, whatever it begins with; widths are in characters."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_text(sheet, heading, Font(bold=True)) for heading in headings])
    for row in rows:
        sheet.append([_text(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(sheet: Any, value: str, font: Font | None = None) -> Any:
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)[:_LONGEST])
    cell.data_type = "s"  # else openpyxl takes what begins with = for a formula
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if font:
        cell.font = font
    return cell
