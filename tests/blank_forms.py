"""Blank forms as bureaus make them, for tests: a table of cells with what is merged, chosen from and hidden."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import openpyxl
from openpyxl.worksheet.datavalidation import DataValidation


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One sheet. `rows`: from row 1, None leaves a cell out. `choices`: area → formula of a list; `bounds`: area → (type, least,
    most)."""

    rows: Sequence[Sequence[object]]
    name: str = "Sheet1"
    merges: Sequence[str] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    bounds: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    widths: Mapping[str, float] = field(default_factory=dict)
    hidden_columns: Sequence[str] = ()
    state: str = "visible"


def workbook(*tabs: Tab, names: Mapping[str, str] | None = None) -> bytes:
    """An .xlsx of these sheets. `names`: named ranges."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for tab in tabs:
        _fill(book, tab)
    for name, area in (names or {}).items():
        book.defined_names[name] = openpyxl.workbook.defined_name.DefinedName(name, attr_text=area)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _fill(book: openpyxl.Workbook, tab: Tab) -> None:
    sheet = book.create_sheet(tab.name)
    sheet.sheet_state = tab.state
    for number, row in enumerate(tab.rows, 1):
        for column, value in enumerate(row, 1):
            if value is not None:
                sheet.cell(number, column, value)
    for area in tab.merges:
        sheet.merge_cells(area)
    for area, formula in tab.choices.items():
        rule = DataValidation(type="list", formula1=formula)
        rule.add(area)
        sheet.add_data_validation(rule)
    for area, (kind, least, most) in tab.bounds.items():
        rule = DataValidation(type=kind, operator="between", formula1=least, formula2=most)
        rule.add(area)
        sheet.add_data_validation(rule)
    for area, code in tab.formats.items():
        sheet[area].number_format = code
    for letter, width in tab.widths.items():
        sheet.column_dimensions[letter].width = width
    for letter in tab.hidden_columns:
        sheet.column_dimensions[letter].hidden = True
