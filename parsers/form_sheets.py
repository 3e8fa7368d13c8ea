"""Find the form in a workbook's sheets and read it: title and header of the first, the rows of all that hold it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from domain.notice import ColumnType, Form
from domain.sheet import LeftOut, PhoneKind, Row, Sheet, SheetFailure, SheetFormat, SheetHead, Why
from domain.text import normalise
from parsers.grid import Book, Grid, address, make_cell, stacked
from parsers.header_fields import read_header, read_title
from parsers.phones import read_phone
from parsers.rows import Rows, read_rows
from parsers.table import Table, View, find_table, label

_EXAMPLE = re.compile(r"示例|样例|样表|范例|例表|示范")
_LEAST_CELLS = 4
"""Filled cells besides a valid phone that make a row without column names one of the form."""
_SEARCHED_ROWS = 1_000
_NAME_LENGTH = 80


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The form as one sheet holds it. `filled`: at least one row is more than the form's sample."""

    grid: Grid
    view: View
    table: Table
    rows: Rows
    index: int
    filled: bool

    @property
    def whole(self) -> bool:
        return not self.table.missing

    @property
    def near(self) -> bool:
        """It has most of the form's columns."""
        return len(self.table.missing) <= len(self.table.columns)

    @property
    def rows_of_its_sheet(self) -> tuple[Row, ...]:
        """The rows under the sheet's name."""
        return tuple(replace(row, sheet=self.grid.name) for row in self.rows.rows)

    @property
    def example(self) -> bool:
        return bool(_EXAMPLE.search(self.grid.name))


def read_form(
    book: Book, kind: SheetFormat, *, name: str, sha256: str, form: Form, area_code: str
) -> Sheet | SheetFailure:
    """The form's values as the sheets of `book` hold them; `sheet.wrong_form` when none has every column."""
    grids = tuple(_named_apart(_joined(book.grids, form)))
    found = _ranked(_find(grids, form, area_code))
    if not found:
        every = tuple(column.name for column in form.columns)
        return SheetFailure(file=name, sha256=sha256, code="sheet.wrong_form", missing_columns=every)
    main = found[0]
    head = _head(main, form)
    if not main.whole:
        return SheetFailure(
            file=name, sha256=sha256, code="sheet.wrong_form", missing_columns=main.table.missing,
            sheet=main.grid.name, title=head.title, header=head.header,
        )  # fmt: skip
    further = _further(main, found)
    tables = dict(_tables(grids, main, form, area_code))
    rows = main.rows.rows
    if further:
        rows = (*rows, *(replace(row, sheet=one.grid.name) for one in further for row in one.rows.rows))
    return Sheet(
        file=name, sha256=sha256, sheet=main.grid.name, format=kind,
        title=head.title, header=head.header,
        columns={key: _address_of(main, key) for key in main.table.columns},
        rows=rows, nil_statement=main.rows.nil_statement, macros=book.macros,
        active_content=book.active_content or book.macros,
        hidden_columns=tuple(_hidden_columns(main, form)), hidden=not main.grid.visible,
        further=tuple(_head(one, form) for one in further),
        totals=tuple(_totals(main, further)),
        tables={key: one.rows_of_its_sheet for key, one in tables.items()},
        left_out=tuple(_left_out(_without(grids, tables.values()), found, rows, form, area_code)),
    )  # fmt: skip


def _joined(grids: Iterable[Grid], form: Form) -> Iterator[Grid]:
    """Lines of text and small tables that stand above a table of markup belong to it: title, 填报单位, 填报时间."""
    held: list[Grid] = []
    for grid in grids:
        held.append(grid)
        if not (grid.above and _holds_no_rows(grid, form)):
            yield stacked(held)
            held = []


def _holds_no_rows(grid: Grid, form: Form) -> bool:
    """No column names, and no row so full that it could be one of the form."""
    fullest = max(map(len, grid.rows.values()), default=0)
    return fullest <= _LEAST_CELLS and find_table(View(grid), form) is None


def _named_apart(grids: Iterable[Grid]) -> Iterator[Grid]:
    """Each sheet under a name of its own, as a damaged or crafted file need not give it."""
    taken: set[str] = set()
    for number, grid in enumerate(grids, 1):
        name = grid.name[:_NAME_LENGTH] if grid.name.strip() else f"Sheet{number}"
        while name in taken:
            name = f"{name}({number})"
        taken.add(name)
        yield grid if name == grid.name else replace(grid, name=name)


def _find(grids: Iterable[Grid], form: Form, area_code: str) -> Iterator[_Found]:
    for index, grid in enumerate(grids):
        view = View(grid)
        table = find_table(view, form)
        if table is not None:
            rows = read_rows(view, form, table, area_code)
            samples = {column.key: {label(sample) for sample in column.samples} for column in form.columns}
            filled = any(not _is_sample(row, samples) for row in rows.rows)
            yield _Found(grid=grid, view=view, table=table, rows=rows, index=index, filled=filled)


def _ranked(found: Iterable[_Found]) -> list[_Found]:
    """The best first. Where a visible sheet holds a filled form, be it short of some columns, a hidden one is no return:
    nobody who looks at the workbook sees it."""
    ranked = sorted(found, key=_rank)
    if any(one.grid.visible and one.filled and one.near and not one.example for one in ranked):
        ranked.sort(key=lambda one: not one.grid.visible)
    return ranked


def _rank(found: _Found) -> tuple[int, bool, bool, bool, bool, int]:
    """The sheet that holds the form best: most columns, then visible, no example, filled in, said to be nil, first."""
    nil = found.rows.nil_statement is not None
    return len(found.table.missing), not found.grid.visible, found.example, not found.filled, not nil, found.index


def _further(main: _Found, found: Sequence[_Found]) -> list[_Found]:
    """Further visible sheets with rows of their own, in the order of the workbook. A mere copy adds nothing."""
    if len(found) == 1:
        return []
    told = {_content(row) for row in main.rows.rows}
    taken: list[_Found] = []
    for one in sorted(found, key=lambda each: each.index):
        own = {_content(row) for row in one.rows.rows}
        if one is main or not (one.whole and one.filled and one.grid.visible and main.grid.visible) or one.example:
            continue
        if not own <= told:
            taken.append(one)
            told |= own
    return taken


def _totals(main: _Found, further: Iterable[_Found]) -> Iterator[Row]:
    """Rows of sums, those of further sheets under their names."""
    if main.rows.totals:
        yield main.rows.totals
    for one in further:
        if one.rows.totals:
            yield replace(one.rows.totals, sheet=one.grid.name)


def _tables(grids: Sequence[Grid], main: _Found, form: Form, area_code: str) -> Iterator[tuple[str, _Found]]:
    """Where each further table of the form stands: on another visible sheet, which has all its columns."""
    taken = {main.index}
    for table in form.tables:
        found = _ranked(_find(grids, form.of_table(table), area_code))
        best = next((one for one in found if one.index not in taken and one.whole and one.grid.visible), None)
        if best is not None:
            taken.add(best.index)
            yield table.key, best


def _without(grids: Sequence[Grid], tables: Iterable[_Found]) -> Sequence[Grid]:
    """The sheets, those that hold a further table emptied: their places must stay."""
    taken = {one.index for one in tables}
    return [replace(grid, rows={}) if index in taken else grid for index, grid in enumerate(grids)]


def _content(row: Row) -> tuple[str, ...]:
    return tuple(normalise(row.text(key)) for key in sorted(row.cells))


def _left_out(
    grids: Sequence[Grid], found: Sequence[_Found], rows: Sequence[Row], form: Form, area_code: str
) -> Iterator[LeftOut]:
    """Sheets that hold something like a return and were not taken. What is read already needs no telling."""
    main = found[0]
    if len(grids) == 1:
        return
    told = {_content(row) for row in rows}
    held = {one.index: one for one in found}
    for index, grid in enumerate(grids):
        one = held.get(index)
        if index == main.index or (one is not None and {_content(row) for row in one.rows.rows} <= told):
            continue
        if one is None or not one.near:
            if grid.visible and _has_rows_of(main, grid, form, area_code):
                yield LeftOut(sheet=grid.name, why=Why.HEADLESS)
        elif one.filled and not grid.visible:
            yield LeftOut(sheet=grid.name, why=Why.HIDDEN)
        elif one.filled and one.example:
            yield LeftOut(sheet=grid.name, why=Why.EXAMPLE)
        elif one.filled and not one.whole:
            yield LeftOut(sheet=grid.name, why=Why.COLUMNS, missing=one.table.missing)


def _has_rows_of(main: _Found, grid: Grid, form: Form, area_code: str) -> bool:
    """Rows that go on without column names: filled as the form is, with a phone where its phone stands."""
    phones = {main.table.columns[column.key] for column in form.of_type(ColumnType.PHONE)}
    places = set(main.table.columns.values())
    for row in sorted(grid.rows)[:_SEARCHED_ROWS]:
        cells = {column: cell for column in places if (cell := grid.rows[row].get(column)) and cell.text}
        sure = (read_phone(cells[place].text, area_code).kind for place in phones & set(cells))
        if len(cells) > _LEAST_CELLS and any(kind in (PhoneKind.MOBILE, PhoneKind.LANDLINE) for kind in sure):
            return True
    return False


def _hidden_columns(found: _Found, form: Form) -> Iterator[str]:
    for column in form.columns:
        hidden = found.table.columns[column.key] in found.grid.hidden_columns
        if hidden and any(row.text(column.key) for row in found.rows.rows):
            yield column.name


def _head(found: _Found, form: Form) -> SheetHead:
    """Title and labelled values: of the cells, else of text boxes."""
    title, header = read_title(found.view, form, found.table), read_header(found.view, form, found.table)
    if found.grid.boxes and (title is None or any(not header.get(each.key) for each in form.header)):
        floating = View(_with_boxes(found.grid, found.table))
        title = title or read_title(floating, form, found.table)
        header = read_header(floating, form, found.table) | {key: value for key, value in header.items() if value.text}
    return SheetHead(sheet=found.grid.name, title=title, header=header)


def _with_boxes(grid: Grid, table: Table) -> Grid:
    """The sheet with each text box in a free cell at its corner or to the right of it; one over the column names was
    meant to stand above them."""
    rows = {row: dict(cells) for row, cells in grid.rows.items()}
    for box in grid.boxes:
        row = table.first - 1 if 1 < table.first <= box.row <= table.last else box.row
        column = next(column for column in count(box.column) if column not in rows.get(row, ()))
        made = make_cell(box.text)
        if made is not None:
            rows.setdefault(row, {})[column] = made
    return replace(grid, rows=rows)


def _is_sample(row: Row, samples: Mapping[str, set[str]]) -> bool:
    """`samples`: what stands in the form's own sample row, by column."""
    return all(not text or label(text) in samples.get(key, ()) for key, text in zip(row.cells, row.texts, strict=True))


def _address_of(found: _Found, key: str) -> str:
    """Address of the column's header cell: the lowest filled one of its header lines."""
    column, last = found.table.columns[key], found.table.last
    lines = range(last, found.table.first - 1, -1)
    return next((address(line, column) for line in lines if found.view.own(line, column)), address(last, column))
