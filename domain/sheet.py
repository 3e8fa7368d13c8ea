"""A workbook as read: header values and rows that keep their cell addresses."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class PhoneKind(StrEnum):
    MOBILE = "mobile"
    LANDLINE = "landline"
    SERVICE = "service"  # 400, 800, 95…
    SEVERAL = "several"  # more than one number in the cell
    INVALID = "invalid"


@dataclass(frozen=True, kw_only=True, slots=True)
class Phone:
    """What the text of a phone cell amounts to. `digits` is canonical (`13912345678`, `0393-1234567`, `…转801`)."""

    kind: PhoneKind
    digits: str


class CellFault(StrEnum):
    ERROR_VALUE = "error_value"  # #REF! and the like
    NO_STORED_VALUE = "no_stored_value"  # a formula that was never calculated


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell: `address` as in the workbook (`C7`), `text` as a person sees it, outer white space removed.

    A phone stored as a number reads as its digits, a date as `2020-02-27`. `phone` is set in phone columns with text.
    """

    address: str
    text: str
    fault: CellFault | None = None
    phone: Phone | None = None


Says = tuple[str, CellFault | None, Phone | None]
"""What a cell says, wherever it stands: text, fault, phone."""


class Columns:
    """The columns of a table of many rows, left to right as its rows have them: key and letters of each."""

    __slots__ = ("keys", "letters", "places")

    def __init__(self, columns: Sequence[tuple[str, str]]) -> None:
        self.keys = tuple(key for key, _ in columns)
        self.letters = tuple(letters for _, letters in columns)
        self.places = {key: place for place, key in enumerate(self.keys)}


class TableCells(Mapping[str, Cell]):
    """The cells of a row among many. What they say is shared with all rows that say the same, and a cell is made when somebody
    asks for it: nearly all are only looked at by their texts."""

    __slots__ = ("columns", "number", "says")

    def __init__(self, number: int, columns: Columns, says: tuple[Says, ...]) -> None:
        """`says`: for each of `columns`, in their order."""
        self.number = number
        self.columns = columns
        self.says = says

    def __getitem__(self, key: str) -> Cell:
        place = self.columns.places[key]
        text, fault, phone = self.says[place]
        return Cell(address=f"{self.columns.letters[place]}{self.number}", text=text, fault=fault, phone=phone)

    def __contains__(self, key: object) -> bool:
        return key in self.columns.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns.keys)

    def __len__(self) -> int:
        return len(self.says)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One data row: `number` is the row in the workbook, `cells` has one entry a form column that was found."""

    number: int
    cells: Mapping[str, Cell]
    hidden: bool = False
    sheet: str = ""
    """Name of the sheet it stands on, where that is another one than `Sheet.sheet`."""

    def text(self, key: str) -> str:
        cells = self.cells
        if isinstance(cells, TableCells):
            place = cells.columns.places.get(key)
            return "" if place is None else cells.says[place][0]
        cell = cells.get(key)
        return cell.text if cell else ""

    def said_in(self, keys: Sequence[str]) -> tuple[Says | None, ...]:
        """What its cells in these columns say; None where it has no such cell."""
        cells = self.cells
        if isinstance(cells, TableCells):
            places, says = cells.columns.places, cells.says
            return tuple([says[places[key]] if key in places else None for key in keys])
        found = [cells.get(key) for key in keys]
        return tuple([(cell.text, cell.fault, cell.phone) if cell else None for cell in found])

    @property
    def texts(self) -> Sequence[str]:
        """The texts of its cells, in the order of `cells`."""
        if isinstance(self.cells, TableCells):
            return [text for text, _, _ in self.cells.says]
        return [cell.text for cell in self.cells.values()]


def row_names(rows: Sequence[Row]) -> tuple[str, ...]:
    """A short name for each row of a workbook, none twice, for addresses: `9` for the ninth line; of further sheets with the
    sheet's place among them, `2-9`."""
    sheets = list(dict.fromkeys(("", *(row.sheet for row in rows))))
    return tuple(f"{sheets.index(row.sheet) + 1}-{row.number}" if row.sheet else str(row.number) for row in rows)


@dataclass(frozen=True, kw_only=True)
class HeaderValue:
    """A labelled value above the table, or the title. `address` is the cell that holds it (or its label)."""

    address: str
    text: str
    date: datetime.date | None = None
    """For a date field that names an existing day."""


class SheetFormat(StrEnum):
    XLSX = "xlsx"
    XLSM = "xlsm"
    XLS = "xls"
    ODS = "ods"
    ET = "et"
    XLSB = "xlsb"
    CSV = "csv"
    HTML = "html"
    XML = "xml"


class Why(StrEnum):
    """Why the rows of a sheet were not taken."""

    HIDDEN = "hidden"  # the sheet is hidden
    EXAMPLE = "example"  # its name says that it is an example
    COLUMNS = "columns"  # it has most of the form's columns, but not all
    HEADLESS = "headless"  # rows like those of the form without its column names


@dataclass(frozen=True, kw_only=True)
class SheetHead:
    """What stands above the rows of a further sheet."""

    sheet: str
    title: HeaderValue | None
    header: dict[str, HeaderValue] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A sheet whose rows were not taken; `missing` are the printed names of columns that it lacks."""

    sheet: str
    why: Why
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A workbook that holds the form. `title`/`header` miss what was not found; a nil statement is no row.

    `sheet` is the one that title, header and first rows stand on. Rows of further sheets follow, each with its own
    sheet's name.
    """

    file: str
    sha256: str
    sheet: str
    format: SheetFormat
    title: HeaderValue | None
    header: dict[str, HeaderValue] = field(default_factory=dict)
    """Key of the header field → value; a label found without a value has text ''."""
    columns: dict[str, str] = field(default_factory=dict)
    """Key of the column → address of its header cell."""
    rows: tuple[Row, ...] = ()
    nil_statement: HeaderValue | None = None
    """A nil word in the app column of the only row, or under the table."""
    nil_date: datetime.date | None = None
    macros: bool = False
    active_content: bool = False
    """Macros, embedded objects, external links or DDE: never sent back."""
    hidden_columns: tuple[str, ...] = ()
    """Printed names of the form's columns that are hidden on `sheet` and hold something: no print shows them."""
    hidden: bool = False
    """The sheet `sheet` itself is hidden: no visible one holds the form."""
    totals: tuple[Row, ...] = ()
    """Rows of sums under the table, of each sheet at most one; they are no data."""
    tables: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    """Key of a further table of the form that was found → its rows, each with its sheet's name."""
    further: tuple[SheetHead, ...] = ()
    """Of the further sheets whose rows are in `rows`."""
    left_out: tuple[LeftOut, ...] = ()
    """Other sheets with something that looks like a return and is not in `rows`."""


@dataclass(frozen=True, kw_only=True)
class SheetFailure:
    """A file that should be the workbook but cannot be used: `code` is a problem code (`sheet.encrypted`, …)."""

    file: str
    sha256: str
    code: str
    missing_columns: tuple[str, ...] = ()
    """Printed names of the form's columns that no sheet has, for `sheet.wrong_form`."""
    sheet: str | None = None
    title: HeaderValue | None = None
    header: dict[str, HeaderValue] = field(default_factory=dict)
    """Of `sheet.wrong_form`, what stands above a table that lacks columns: whose return it is can be told by it."""
    cause: str = ""
    """Of `sheet.unreadable`, which words tell it: `empty`, `cut` (short), `foreign` (of another program), `sheets` (too many),
    `unbegun` (left unread), else ""."""
    detail: str = ""
    """English, for the log and the operator."""
