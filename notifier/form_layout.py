"""Measures of the printed form: its page, the heights of its rows, and how many lines fit the first page.

Heights and widths are in points as on the sheet; the page is printed to one page's width, which shrinks them by `scale`.
"""

from __future__ import annotations

import math
import unicodedata

from domain.notice import Form

POINTS_PER_MM = 72 / 25.4
PAPER_MM = (297.0, 210.0)
"""A4, landscape."""
SIDE_MM, TOP_MM, BOTTOM_MM, FOOTER_MM = 12.0, 12.0, 14.0, 7.0
CODE_MM = 17.0
"""Side of the code on paper, its white rim included: 3.5 pixels a module at 150 dpi."""
FIELDS, NAMES, LINE = 30.0, 26.0, 21.0
"""Heights of the labelled fields, of the column names, and of a line to fill in."""
NOTE_SIZE = 10.0
_TITLE = 40.0
_NOTE = 16.0
_ROOM = 1.5
"""Points between the code and what is round it."""
_DIGIT = 5.5
"""Width of a unit of column width: a digit of the workbook's default font (ECMA-376 part 1, 18.3.1.13), 宋体 at 11 points. On
coarse screens Excel rounds it up to 6, which prints the sheet smaller; so what fits at 5.5 fits on every machine."""
_PADDING = 2.0
"""Units of width that a cell leaves free beside its text."""
_SPARE = 0.02
"""Share of the page left free: no two programs print a line at quite the same height."""
_FEWEST, _MOST = 8, 40


def width(form: Form) -> float:
    """Of all columns."""
    return sum(column.width for column in form.columns) * _DIGIT


def column_width(units: float) -> float:
    return units * _DIGIT


def units(text: str) -> float:
    """Units of width that a column needs for this text on one line, at the size of the default font."""
    return half_widths(text) + _PADDING


def half_widths(text: str) -> int:
    """As many as a line of digits of that length has."""
    return sum(2 if unicodedata.east_asian_width(each) in "WFA" else 1 for each in text)


def scale(form: Form) -> float:
    """What fitting to one page's width does to the sheet, at most 1."""
    return min(1.0, (PAPER_MM[0] - 2 * SIDE_MM) * POINTS_PER_MM / width(form))


def code_side(form: Form) -> float:
    return CODE_MM * POINTS_PER_MM / scale(form)


def title_height(form: Form, *, code: bool) -> float:
    return max(_TITLE, code_side(form) + 2 * _ROOM) if code else _TITLE


def note_height(form: Form, note: str) -> float:
    """Of a note in one merged cell, which does not grow by itself."""
    across = half_widths(note) * NOTE_SIZE / 2
    return _NOTE * max(1, math.ceil(across / (width(form) - NOTE_SIZE)))


def lines_on_first_page(form: Form) -> int:
    """How many lines to fill in stand on the first page together with title, fields, column names and notes."""
    page = (PAPER_MM[1] - TOP_MM - BOTTOM_MM) * POINTS_PER_MM / scale(form) * (1 - _SPARE)
    rest = page - title_height(form, code=True) - FIELDS - NAMES - sum(note_height(form, note) for note in form.notes)
    return min(_MOST, max(_FEWEST, int(rest / LINE)))
