"""Bytes of a workbook in, the form's values or a failure out: tells the kind by content, reads, finds the form."""

from __future__ import annotations

from domain.notice import Form
from domain.sheet import Sheet, SheetFailure, SheetFormat
from parsers.calamine import read_calamine
from parsers.default_password import opened_without_asking
from parsers.form_sheets import read_form
from parsers.grid import Book, Grid, Unreadable, check_texts
from parsers.ods import look_at_ods
from parsers.ole import OLE_MAGIC, look_at_ole
from parsers.package import Package, has_active_content, has_macros, kind_of, with_contents
from parsers.plain import read_plain
from parsers.xlsb import look_at_xlsb
from parsers.xlsx import read_xlsx


def read_workbook(data: bytes, *, name: str, sha256: str, form: Form, area_code: str) -> Sheet | SheetFailure:
    """The form's values as the workbook holds them. Opening it never raises, on any bytes; what the reading of an opened
    one raises is a fault of ours, and no damage of the file.

    `name` tells only .et from .xls, which are alike inside. A Sheet has every column of the form; else it is
    `sheet.wrong_form` with the missing ones by name. A Sheet without rows is for the checks to judge.
    """
    try:
        kind, book = open_book(data, name)
        check_texts(book.grids)
        return read_form(book, kind, name=name, sha256=sha256, form=form, area_code=area_code)
    except Unreadable as error:
        return SheetFailure(file=name, sha256=sha256, code=error.code, cause=_cause(error, name), detail=str(error))
    except (MemoryError, RecursionError) as error:
        return SheetFailure(file=name, sha256=sha256, code="sheet.unreadable", detail=type(error).__name__)


def package_of(data: bytes) -> bytes:
    """The package that an .xlsx holds, for whoever edits it: without Excel's own password, with its contents listed."""
    plain = opened_without_asking(data) if data.startswith(OLE_MAGIC) else data
    return with_contents(plain)


def _cause(error: Unreadable, name: str) -> str:
    """A file that only WPS could make and that nothing here reads must be saved by WPS as what others read."""
    if error.code == "sheet.unreadable" and not error.cause and name.lower().endswith((".et", ".ett")):
        return "foreign"
    return error.cause


def open_book(data: bytes, name: str) -> tuple[SheetFormat, Book]:
    """Kind and sheets of a workbook, whatever form it holds. Raises Unreadable, on any bytes, MemoryError or RecursionError."""
    try:
        return _open(data, name)
    except (Unreadable, MemoryError, RecursionError):
        raise
    except Exception as error:  # any bytes may come: what a reader did not foresee is a damaged file
        raise Unreadable(f"{type(error).__name__}: {error}"[:300]) from error


def _open(data: bytes, name: str) -> tuple[SheetFormat, Book]:
    if not data.strip(b"\0\t\r\n "):
        raise Unreadable("the file is empty", cause="empty")
    if data.startswith(OLE_MAGIC) or data[:2] == b"\x09\x08" or data[:2] == b"\x09\x04":
        try:
            facts = look_at_ole(data)
        except Unreadable as error:
            if error.code != "sheet.encrypted" or not data.startswith(OLE_MAGIC):
                raise
            return _open_plain(opened_without_asking(data), name)
        kind = SheetFormat.ET if name.lower().endswith((".et", ".ett")) else SheetFormat.XLS
        grids = read_calamine(data, facts=facts.sheets, epoch_1904=facts.epoch_1904)
        return kind, Book(grids=grids, macros=facts.macros, active_content=facts.active_content)
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06") or (b"PK\x03\x04" in data[:4096] and _ends_as_zip(data)):
        package = Package(data)
        kind = kind_of(package)
        grids = _package_grids(package, data, kind)
        return kind, Book(grids=grids, macros=has_macros(package), active_content=has_active_content(package))
    kind, grids = read_plain(data)
    return kind, Book(grids=grids)


def _open_plain(data: bytes, name: str) -> tuple[SheetFormat, Book]:
    """What lay under Excel's own password; one that is locked still is not asked again."""
    if data.startswith(OLE_MAGIC):
        look_at_ole(data)
    return _open(data, name)


def _ends_as_zip(data: bytes) -> bool:
    """The bytes end like a zip package."""
    return b"PK\x05\x06" in data[-66_000:]


def _package_grids(package: Package, data: bytes, kind: SheetFormat) -> tuple[Grid, ...]:
    if kind is SheetFormat.ODS:
        return read_calamine(data, facts=look_at_ods(package))
    if kind is SheetFormat.XLSB:
        return read_calamine(data, facts=look_at_xlsb(package))
    return read_xlsx(package)
