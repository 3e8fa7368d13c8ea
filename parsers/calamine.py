"""Read .xls, .et, .xlsb and .ods with python-calamine."""

from __future__ import annotations

import io
from collections.abc import Mapping

import python_calamine
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from parsers.grid import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_MERGES,
    Grid,
    GridCell,
    Merge,
    SheetFacts,
    Unreadable,
    characters,
    check_sheets,
    check_text,
    make_cell,
    with_facts,
)


def read_calamine(
    data: bytes, *, facts: Mapping[str, SheetFacts] | None = None, epoch_1904: bool = False
) -> tuple[Grid, ...]:
    """Every worksheet as a grid. `facts`: sheet name → what calamine does not tell.

    Raises Unreadable only. A crafted file can abort the process (exit 134): callers run this in a child.
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        metadata = [meta for meta in book.sheets_metadata if meta.typ is SheetTypeEnum.WorkSheet]
        check_sheets(len(metadata))
        grids: list[Grid] = []
        for meta in metadata:
            room = MAX_CELLS - sum(len(row) for grid in grids for row in grid.rows.values())
            sheet = book.get_sheet_by_name(meta.name)
            visible = meta.visible is SheetVisibleEnum.Visible
            grids.append(with_facts(_grid(sheet, room, visible, epoch_1904), (facts or {}).get(meta.name)))
    except (KeyboardInterrupt, SystemExit, Unreadable):
        raise
    except python_calamine.PasswordError as error:
        raise Unreadable("the workbook has a password", code="sheet.encrypted") from error
    except BaseException as error:  # calamine's PanicException is no Exception
        raise Unreadable(f"{type(error).__name__}: {error}"[:300]) from error
    if not grids:
        raise Unreadable("no worksheet in the workbook")
    return tuple(grids)


def _grid(sheet: CalamineSheet, room: int, visible: bool, epoch_1904: bool) -> Grid:
    rows: dict[int, dict[int, GridCell]] = {}
    cells = long = 0
    left = sheet.start[1] if sheet.start else 0
    top = sheet.start[0] if sheet.start else 0
    for number, row in enumerate(sheet.to_python(), top + 1):
        values = enumerate(row[:MAX_COLUMNS], left + 1)
        made = {column: cell for column, value in values if value != "" and (cell := make_cell(value))}
        cells += len(made)
        long += characters(made)
        check_text(long)
        if cells > room:
            raise Unreadable(f"more than {MAX_CELLS} filled cells")
        if made:
            rows[number] = made
    return Grid(name=sheet.name, rows=rows, merges=_merges(sheet), visible=visible, epoch_1904=epoch_1904)


def _merges(sheet: CalamineSheet) -> tuple[Merge, ...]:
    ranges = (sheet.merged_cell_ranges or [])[:MAX_MERGES]
    return tuple(
        Merge(top=top + 1, left=left + 1, bottom=bottom + 1, right=right + 1) for (top, left), (bottom, right) in ranges
    )
