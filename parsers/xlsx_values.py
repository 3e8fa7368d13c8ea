"""What a stored value of an .xlsx says: shared strings, and the number formats that tell a date from a number.

openpyxl knows the formats, the calendar of serial numbers and the built-in codes; a value is made once, however many cells hold it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import Stylesheet
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel
from openpyxl.utils.datetime import from_ISO8601 as _from_iso
from openpyxl.xml.functions import fromstring

from parsers.grid import GridCell, Unreadable, make_cell, text_cell
from parsers.xlsx_strings import shared_strings

_STYLES: Callable[[Any], Any] = Stylesheet.from_tree
_ISO: Callable[[str], object] = _from_iso
REFUSALS = (TypeError, KeyError, IndexError, ValueError, AttributeError, SyntaxError)
"""What comes of values, and of styles, that nobody understands; SyntaxError is of the XML."""


class Values:
    """Makes the cells of one workbook."""

    def __init__(self, strings: Callable[[], bytes | None], styles: bytes, *, epoch_1904: bool) -> None:
        """`strings` reads the part with the shared ones, asked once a cell refers to it; None where the package has none.
        `styles`: that part, empty where it has none."""
        self._read_strings = strings
        self._strings: list[str] | None = None
        self._formats = Formats(styles)
        self._epoch = MAC_EPOCH if epoch_1904 else WINDOWS_EPOCH
        self._made: dict[tuple[bytes, bytes, bytes], GridCell | None] = {}
        self.of_strings: dict[bytes, GridCell | None] = {}
        """The cells made so far of shared strings, by the place of each as it is stored."""

    def cell(self, kind: bytes, style: bytes, stored: bytes) -> GridCell | None:
        """The cell of a stored value: `kind` is its attribute t, `style` its s, each empty where it has none
        (ECMA-376 part 1, 18.3.1.4). Raises one of REFUSALS for what is no value of its kind."""
        if kind == b"s":
            if stored not in self.of_strings:
                self.of_strings[stored] = text_cell(self._shared(int(stored)))
            return self.of_strings[stored]
        key = (kind, style, stored)
        if key not in self._made:
            self._made[key] = self._make(kind.decode(), int(style or 0), stored.decode())
        return self._made[key]

    def _make(self, kind: str, style: int, stored: str) -> GridCell | None:
        if kind in ("", "n"):
            number = float(stored) if set(stored) & set(".eE") else int(stored)
            if style in self._formats.dates:
                return make_cell(self._moment(number, style))
            return make_cell(number, self._formats.code(style))
        if kind == "b":
            return make_cell(bool(int(stored)))
        return make_cell(_ISO(stored) if kind == "d" else stored)

    def _shared(self, place: int) -> str:
        """Raises Unreadable where the table is missing or damaged: the texts would be lost silently."""
        if self._strings is None:
            content = self._read_strings()
            if content is None:
                raise Unreadable("the texts of the cells are missing from the package", cause="cut")
            self._strings = shared_strings(content)
        return self._strings[place]

    def _moment(self, number: float, style: int) -> object:
        """The day, time or duration of a serial number; one beyond the calendar is shown as ##### and is an error."""
        try:
            return from_excel(number, self._epoch, timedelta=style in self._formats.durations)
        except (OverflowError, ValueError):
            return "#VALUE!"


class Formats:
    """Number formats by style. Styles that openpyxl does not understand tell nothing: then every number is a number."""

    def __init__(self, styles: bytes) -> None:
        self.dates: set[int] = set()
        self.durations: set[int] = set()
        self._ids: list[int] = []
        self._codes: list[str] = []
        if not styles:
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what it replaces by its own; only formats are read here
                read = _STYLES(fromstring(styles))
            self._ids = [style.numFmtId for style in read.cell_styles]
        except REFUSALS:
            return
        self.dates, self.durations, self._codes = read.date_formats, read.timedelta_formats, list(read.number_formats)

    def code(self, style: int) -> str:
        """As Excel writes it: `0000-0000000`, General."""
        number = self._ids[style] if style < len(self._ids) else 0
        if number < BUILTIN_FORMATS_MAX_SIZE:
            return str(BUILTIN_FORMATS.get(number, "General"))
        place = number - BUILTIN_FORMATS_MAX_SIZE
        return self._codes[place] if place < len(self._codes) else "General"
