"""Bytes of a workbook in, the form's values or a failure out: tells the kind by content, reads, finds the form."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass, replace

from domain.notice import Column, Form
from domain.sheet import Row, Sheet, SheetFailure, SheetFormat
from parsers.calamine import read_calamine
from parsers.grid import Book, Grid, Unreadable, address
from parsers.header_fields import read_header, read_title
from parsers.ods import look_at_ods
from parsers.ole import OLE_MAGIC, look_at_ole
from parsers.package import Package, has_active_content, has_macros, kind_of
from parsers.plain import read_plain
from parsers.rows import read_rows
from parsers.table import Table, View, find_table, label
from parsers.xlsx import read_xlsx


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The form as one sheet holds it."""

    grid: Grid
    view: View
    table: Table
    index: int


def read_workbook(data: bytes, *, name: str, sha256: str, form: Form, area_code: str) -> Sheet | SheetFailure:
    """The form's values as the workbook holds them. Opening it never raises, on any bytes; what the reading of an opened
    one raises is a fault of ours, and no damage of the file.

    `name` tells only .et from .xls, which are alike inside. A Sheet has every column of the form; else it is
    `sheet.wrong_form` with the missing ones by name. A Sheet without rows is for the checks to judge.
    """
    try:
        kind, book = _opened(data, name)
        return _read_form(book, kind, name=name, sha256=sha256, form=form, area_code=area_code)
    except Unreadable as error:
        return SheetFailure(file=name, sha256=sha256, code=error.code, detail=str(error))
    except (MemoryError, RecursionError) as error:
        return SheetFailure(file=name, sha256=sha256, code="sheet.unreadable", detail=type(error).__name__)


def _opened(data: bytes, name: str) -> tuple[SheetFormat, Book]:
    try:
        return _open(data, name)
    except (Unreadable, MemoryError, RecursionError):
        raise
    except Exception as error:  # any bytes may come: what a reader did not foresee is a damaged file
        raise Unreadable(f"{type(error).__name__}: {error}"[:300]) from error


def _open(data: bytes, name: str) -> tuple[SheetFormat, Book]:
    if not data:
        raise Unreadable("the file is empty")
    if data.startswith(OLE_MAGIC) or data[:2] == b"\x09\x08" or data[:2] == b"\x09\x04":
        facts = look_at_ole(data)
        kind = SheetFormat.ET if name.lower().endswith((".et", ".ett")) else SheetFormat.XLS
        grids = read_calamine(data, hidden=facts.hidden_rows, epoch_1904=facts.epoch_1904)
        return kind, Book(grids=grids, macros=facts.macros, active_content=facts.active_content)
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06") or (b"PK\x03\x04" in data[:4096] and _ends_as_zip(data)):
        package = Package(data)
        kind = kind_of(package)
        grids = _package_grids(package, data, kind)
        return kind, Book(grids=grids, macros=has_macros(package), active_content=has_active_content(package))
    kind, grids = read_plain(data)
    return kind, Book(grids=grids)


def _ends_as_zip(data: bytes) -> bool:
    """The bytes end like a zip package."""
    return b"PK\x05\x06" in data[-66_000:]


def _package_grids(package: Package, data: bytes, kind: SheetFormat) -> tuple[Grid, ...]:
    if kind is SheetFormat.ODS:
        facts = look_at_ods(package)
        grids = read_calamine(data, hidden={name: sheet.hidden_rows for name, sheet in facts.items()})
        return tuple(replace(grid, merges=facts[grid.name].merges) if grid.name in facts else grid for grid in grids)
    if kind is SheetFormat.XLSB:
        return read_calamine(data)
    try:
        return read_xlsx(package)
    except (TypeError, KeyError, IndexError, ValueError, AttributeError, zipfile.BadZipFile, struct.error) as error:
        # openpyxl refuses some books for their styles alone; calamine reads those.
        try:
            return read_calamine(data)
        except Unreadable:
            raise Unreadable(f"{type(error).__name__}: {error}"[:300]) from error


def _read_form(
    book: Book, kind: SheetFormat, *, name: str, sha256: str, form: Form, area_code: str
) -> Sheet | SheetFailure:
    found = _find(book, form)
    if not found:
        every = tuple(column.name for column in form.columns)
        return SheetFailure(file=name, sha256=sha256, code="sheet.wrong_form", missing_columns=every)
    read = [(one, read_rows(one.view, form, one.table, area_code)) for one in found]
    # The sheet that holds the form best: most columns, then visible, then filled in, then first.
    read.sort(key=lambda pair: (*_rank(pair[0]), -_filled(pair[1].rows, form), pair[0].index))
    best, rows = read[0]
    if best.table.missing:
        return SheetFailure(
            file=name, sha256=sha256, code="sheet.wrong_form", missing_columns=best.table.missing, sheet=best.grid.name
        )
    others = tuple(
        one.grid.name for one, its in read[1:] if not one.table.missing and one.grid.visible and _filled(its.rows, form)
    )
    header_row = best.table.last
    return Sheet(
        file=name, sha256=sha256, sheet=best.grid.name, format=kind,
        title=read_title(best.view, form, best.table), header=read_header(best.view, form, best.table),
        columns={key: _address_of(best, key, header_row) for key in best.table.columns},
        rows=rows.rows, nil_statement=rows.nil_statement, macros=book.macros,
        active_content=book.active_content or book.macros, other_sheets=others,
    )  # fmt: skip


def _find(book: Book, form: Form) -> list[_Found]:
    found = []
    for index, grid in enumerate(book.grids):
        view = View(grid)
        table = find_table(view, form)
        if table is not None:
            found.append(_Found(grid=grid, view=view, table=table, index=index))
    return found


def _rank(found: _Found) -> tuple[int, bool]:
    return (len(found.table.missing), not found.grid.visible)


def _filled(rows: tuple[Row, ...], form: Form) -> bool:
    """At least one row is more than the form's sample."""
    return any(not _is_sample(row, form.columns) for row in rows)


def _is_sample(row: Row, columns: tuple[Column, ...]) -> bool:
    samples = {column.key: {label(sample) for sample in column.samples} for column in columns}
    return all(not cell.text or label(cell.text) in samples.get(key, ()) for key, cell in row.cells.items())


def _address_of(found: _Found, key: str, row: int) -> str:
    """Address of the column's header cell: the lowest filled one of its header lines."""
    column = found.table.columns[key]
    lines = range(found.table.last, found.table.first - 1, -1)
    return next((address(line, column) for line in lines if found.view.own(line, column)), address(row, column))
