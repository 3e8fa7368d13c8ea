"""Sheets of the merged workbook: safe cells, head and print set-up alike on all. The only user of XlsxWriter in this folder.

Rows go to a file as they are written, so that a hundred thousand of them need no memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from math import ceil
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from notifier.form_layout import half_widths
from notifier.plain import one_line

FONT = "宋体"
LONGEST = 16_000
"""Characters of a cell; Excel takes 32,767 of UTF-16, of which a rare sign takes two."""
_FORMULA = tuple("=+-@＝＋－＠")
"""What begins so is made a formula when a person edits the cell, unless it is marked as text."""
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no place for."""
_A4, _MARGIN = 9, 0.5
_REPEATED = 2
_LONGEST_NAME = 31
_SHORT = 64
"""Characters of a text whose safe form is remembered."""
_LINE, _MOST_LINES = 14.0, 29
"""Height of a line in points, and of how many a row is high at most."""
_PADDING = 1.5
"""Units of width that a cell leaves free beside its text."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """A column: its name and its width in Excel's units. `across`: text that is read in the middle, as short words are."""

    name: str
    width: float
    across: bool = False


@dataclass(frozen=True, kw_only=True)
class Link:
    """An address of ours that leads somewhere. Never made of what strangers wrote."""

    address: str


Value = str | int | datetime | Link | None
MOST_LINKS = 10_000
"""Those beyond are text, to be copied: Excel opens no sheet with more than 65,530, and openpyxl takes minutes over so many."""


class Book:
    """A new workbook. `made_at` is the only time in it: the same values give the same bytes."""

    def __init__(self, book: Any, title: str, made_at: datetime) -> None:
        self._book = book
        plain = made_at.replace(tzinfo=None, microsecond=0)
        book.set_properties({"title": title, "author": "", "created": plain})
        base = {"font_name": FONT, "font_size": 10, "valign": "vcenter", "text_wrap": True}
        ruled = base | {"border": 1, "num_format": "@"}
        self.styles = {
            "title": book.add_format(base | {"font_size": 18, "bold": True, "align": "center"}),
            "note": book.add_format(base | {"align": "left"}),
            "head": book.add_format(ruled | {"bold": True, "align": "center", "bg_color": "#E7EEF7"}),
            "number": book.add_format(ruled | {"num_format": "0", "align": "center"}),
            "link": book.add_format(ruled | {"text_wrap": False, "font_color": "#1A568F", "underline": 1}),
            "time": book.add_format(ruled | {"num_format": "yyyy-mm-dd hh:mm", "align": "center"}),
        }
        texts: dict[str, dict[str, Any]] = {
            "text": {"align": "left"},
            "across": {"align": "center"},
            "aside": {"align": "left", "text_wrap": False},
        }
        self.styles |= {name: book.add_format(ruled | look) for name, look in texts.items()}
        self.quoted = {name: book.add_format(ruled | look | {"quote_prefix": True}) for name, look in texts.items()}

    def sheet(self, name: str, columns: Sequence[Head], printed: int) -> MergedSheet:
        """`printed`: so many columns are printed; the others make no row higher."""
        return MergedSheet(self, self._book.add_worksheet(name), name, columns, printed)

    def chart(self, kind: str) -> Any:
        return self._book.add_chart({"type": kind})


@contextmanager
def new_book(target: BytesIO, title: str, made_at: datetime) -> Iterator[Book]:
    """Written into `target` at the end. What is on the disk meanwhile is this user's alone, and goes with it."""
    with TemporaryDirectory(prefix="baosong-") as folder:
        options = {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": FONT, "font_size": 10},
        }
        with xlsxwriter.Workbook(target, options) as book:
            yield Book(book, title, made_at)


class MergedSheet:
    """A table under a title. Rows are written from top to bottom, and none twice."""

    def __init__(self, book: Book, sheet: Any, name: str, columns: Sequence[Head], printed: int) -> None:
        self._book, self.sheet, self.name, self.columns, self._printed = book, sheet, name, columns, printed
        self.row = 0
        self._links = 0
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=_MARGIN, right=_MARGIN, top=_MARGIN, bottom=_MARGIN + 0.2)
        sheet.set_footer("&C第 &P 页，共 &N 页", {"margin": 0.3})
        sheet.fit_to_pages(1, 0)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column.width)

    def band(self, text: str, style: str, height: float) -> None:
        """A line over the printed columns."""
        last, shown = self._printed - 1, self._book.styles[style]
        self.sheet.set_row(self.row, height)
        if last:
            self.sheet.merge_range(self.row, 0, self.row, last, "", shown)
        self._text(0, text, shown)
        self.row += 1

    def groups(self, spans: Sequence[tuple[str, int]]) -> None:
        """Names over groups of columns, each with how many it spans."""
        start = 0
        style = self._book.styles["head"]
        for name, count in spans:
            if count > 1:
                self.sheet.merge_range(self.row, start, self.row, start + count - 1, "", style)
            self._text(start, name, style)
            start += count
        self.row += 1

    def head(self, names: Sequence[str] | None = None) -> None:
        """The names of the columns."""
        self.sheet.set_row(self.row, 28)
        for at, name in enumerate(names or [column.name for column in self.columns]):
            self._text(at, name, self._book.styles["head"])
        self.row += 1

    def line(self, values: Sequence[Value]) -> None:
        """One row of the table: texts as texts, whole numbers as numbers, times (without zone) as times."""
        lines = max(
            _lines(value, column.width) for value, column in zip(values[: self._printed], self.columns, strict=False)
        )
        if lines > 1:  # no program makes room by itself for what it was not asked to wrap
            self.sheet.set_row(self.row, lines * _LINE)
        for at, value in enumerate(values):
            if isinstance(value, datetime):
                self.sheet.write_datetime(self.row, at, value, self._book.styles["time"])
            elif isinstance(value, int):
                self.sheet.write_number(self.row, at, value, self._book.styles["number"])
            elif isinstance(value, Link):
                self._link(at, value.address)
            else:
                self._own(at, value or "")
        self.row += 1

    def finish(self, first: int) -> None:
        """After the last row. `first` is the first row below the head, from 0: what stands above it from the third row on is
        repeated on paper."""
        last = max(self.row - 1, first - 1)
        self.sheet.freeze_panes(first, 0)
        self.sheet.autofilter(first - 1, 0, last, len(self.columns) - 1)
        self.sheet.repeat_rows(_REPEATED, first - 1)
        self.sheet.print_area(0, 0, last, self._printed - 1)
        self.sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})

    def _own(self, at: int, text: str) -> None:
        name = "across" if self.columns[at].across else "text" if at < self._printed else "aside"
        shown = safe(text)
        styles = self._book.quoted if shown.startswith(_FORMULA) else self._book.styles
        self._put(at, shown, styles[name])

    def _link(self, at: int, address: str) -> None:
        self._links += 1
        if self._links > MOST_LINKS:
            self._own(at, address)
        else:
            self.sheet.write_url(self.row, at, address, self._book.styles["link"], address)

    def _text(self, at: int, text: str, style: Any) -> None:
        self._put(at, safe(text), style)

    def _put(self, at: int, shown: str, style: Any) -> None:
        if shown:
            self.sheet.write_string(self.row, at, shown, style)
        else:
            self.sheet.write_blank(self.row, at, None, style)


def sheet_names(wanted: Iterable[str], *, taken: Iterable[str]) -> list[str]:
    """As Excel takes them: at most 31 characters, none of `[]:*?/\\`, no quote at an end, none twice whatever the case."""
    used, names = {name.casefold() for name in taken}, []
    for want in wanted:
        plain = re.sub(r"[\[\]:*?/\\]", "－", one_line(_ILLEGAL.sub("", want))).strip("' ") or "附表"
        name, number = _cut(plain, ""), 1
        while name.casefold() in used:
            number += 1
            name = _cut(plain, f"（{number}）")
        used.add(name.casefold())
        names.append(name)
    return names


def _cut(name: str, end: str) -> str:
    return name[: _LONGEST_NAME - len(end)].strip("' ") + end


def _lines(value: Value, width: float) -> int:
    """How many lines a text takes in a column. Excel shows no row higher than 409 points."""
    if not isinstance(value, str) or len(value) * 2 < width:
        return 1
    return min(_MOST_LINES, ceil(half_widths(value) / (width - _PADDING)))


def safe(text: str) -> str:
    """One line that any program reads as text: without what XML cannot hold. What looks like `<r>…</r>` XlsxWriter would pass on
    unescaped, as runs of its own making: its first sign is made full width."""
    return _kept(text) if len(text) <= _SHORT else _made_safe(text)


@lru_cache(maxsize=16_384)
def _kept(text: str) -> str:
    """Most cells say what others said: an app, an operator, a receipt."""
    return _made_safe(text)


def _made_safe(text: str) -> str:
    shown = one_line(_ILLEGAL.sub("", text), LONGEST)
    return f"＜{shown[1:]}" if shown.startswith("<r>") else shown
