"""Reads a blank form as a bureau made it: what may be asked of a return on it, before anybody wrote a notice for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.blank_form import BlankColumn, BlankFailure, BlankForm, BlankTable
from domain.sheet import SheetFormat
from parsers.blank_around import Around, look_around
from parsers.blank_heads import SERIAL, Head, Placed, find_head, one_line
from parsers.form_rules import SheetLook, safe_look
from parsers.grid import Book, Grid, Unreadable, address, check_texts
from parsers.package import Package
from parsers.workbook import open_book, package_of

_MAX_COLUMNS = 200
_MAX_SAMPLES = 3
_MAX_ROWS = 6_000
_MAX_SIDE = 200
_NO_FORM = re.compile(r"填[报表写]?说明|示例|样例|样表|范例|代码|字典|数据源|下拉|选项")


def read_blank_form(data: bytes, *, name: str) -> BlankForm | BlankFailure:
    """What the form says, of any format that returns are read in; drop-downs and widths of .xlsx only. Opening it never
    raises, on any bytes."""
    try:
        kind, book = open_book(data, name)
        check_texts(book.grids)
        looks = _looks(data, kind, book)
        return _read(book.grids, looks, name)
    except Unreadable as error:
        if error.code == "sheet.encrypted":
            return BlankFailure(why="it is locked with a password", told="表格有密码，请去掉密码后再用。")
        return BlankFailure(why=str(error), told="这不是可以读的电子表（.xlsx、.xls、.et等），或者文件已经损坏。")
    except (MemoryError, RecursionError) as error:
        return BlankFailure(why=type(error).__name__, told="文件太大，读不下来。请只留下空白表那一张再用。")


def read_rows_of(data: bytes, *, name: str) -> list[list[str]] | BlankFailure:
    """The texts of the first sheet that holds any, row by row: a list of units, in any format that returns are read in."""
    try:
        _, book = open_book(data, name)
        check_texts(book.grids)
    except (Unreadable, MemoryError, RecursionError) as error:
        return BlankFailure(why=str(error), told="这不是可以读的电子表或CSV文件，或者文件已经损坏。")
    grid = next((grid for grid in book.grids if grid.rows and grid.visible), None)
    if grid is None:
        return BlankFailure(why="no sheet holds anything", told="这个文件里没有内容。")
    width = min(max(max(cells) for cells in grid.rows.values()), _MAX_COLUMNS)
    return [_texts(grid, row, width) for row in sorted(grid.rows)[:_MAX_ROWS]]


def _texts(grid: Grid, row: int, width: int) -> list[str]:
    cells = grid.rows[row]
    return [one_line(cells[column].text) if column in cells else "" for column in range(1, width + 1)]


def _looks(data: bytes, kind: SheetFormat, book: Book) -> tuple[SheetLook, ...]:
    found: tuple[SheetLook, ...] = ()
    if kind in (SheetFormat.XLSX, SheetFormat.XLSM):
        found = safe_look(Package(package_of(data)), book.grids)
    return found or tuple(SheetLook() for _ in book.grids)


@dataclass(frozen=True, kw_only=True)
class _Found:
    grid: Grid
    table: BlankTable
    unclear: tuple[str, ...]


def _read(grids: Sequence[Grid], looks: Sequence[SheetLook], name: str) -> BlankForm | BlankFailure:
    lists = frozenset().union(*(look.lists for look in looks))
    pairs = [(grid, look) for grid, look in zip(grids, looks, strict=True) if grid.name not in lists]
    found = [one for grid, look in pairs if (one := _table(grid, look))]
    shown = [one for one in found if one.grid.visible] or found
    if not shown:
        return BlankFailure(why="no row of column names was found", told=_nothing(grids))
    main = next((one for one in shown if not _NO_FORM.search(one.grid.name)), shown[0])
    further = [one for one in shown if one is not main and not _NO_FORM.search(one.grid.name)]
    unclear = [*main.unclear]
    unclear += [f"工作表“{one.grid.name}”是隐藏的，没有采用。" for one in found if one not in shown]
    return BlankForm(
        file=name, main=main.table, further=tuple(one.table for one in further), unclear=tuple(unclear)
    )  # fmt: skip


def _nothing(grids: Sequence[Grid]) -> str:
    if not any(grid.rows for grid in grids):
        return "这个表是空的，没有任何文字。"
    return "没有找到列名（并排的两个以上的栏目名称，下面是要填的行）。请把表头放在同一行，再试一次。"


def _table(grid: Grid, look: SheetLook) -> _Found | None:
    placed = Placed(grid)
    head = find_head(placed)
    if head is None:
        return None
    around = look_around(placed, head)
    unclear = list(around.unclear)
    columns = tuple(_columns(grid, look, head, around, unclear))
    if len(columns) < 2:
        return None
    table = BlankTable(
        sheet=grid.name, title=around.title, period=around.period, fields=around.fields, columns=columns,
        side=_side(placed, head, around), totals=around.totals, notes=around.notes,
        signatures=around.signatures, measure=around.measure,
    )  # fmt: skip
    return _Found(grid=grid, table=table, unclear=tuple(unclear))


def _columns(grid: Grid, look: SheetLook, head: Head, around: Around, unclear: list[str]) -> Iterator[BlankColumn]:
    for column in sorted(head.lines)[:_MAX_COLUMNS]:
        lines = head.lines[column]
        rule = look.rule_at(head.data, column) or look.rule_at(head.data + 1, column)
        if rule and rule.unclear:
            unclear.append(f"“{'-'.join(lines)}”一栏的下拉选项是算出来的（{rule.unclear}），没有读到，请自己填写。")
        yield BlankColumn(
            lines=lines,
            address=address(head.last, column),
            width=look.widths.get(column, 12.0),
            number_format=look.format_at(head.data, column),
            choices=rule.words if rule else (),
            least=rule.least if rule else "",
            most=rule.most if rule else "",
            kind=rule.kind if rule and rule.kind != "list" else "",
            samples=tuple(dict.fromkeys(row[column] for row in around.samples[:_MAX_SAMPLES] if column in row)),
            hidden=column in grid.hidden_columns,
        )


def _side(placed: Placed, head: Head, around: Around) -> tuple[str, ...]:
    """What is printed beside the empty rows, in the first column that holds no running numbers."""
    columns = sorted(head.lines)
    first = next((column for column in columns if not SERIAL.fullmatch(head.lines[column][-1])), columns[0])
    texts = [one_line(placed.own(row, first)) for row in around.empty]
    kept = [text for text in texts if text and not text.isdigit()]
    return tuple(kept[:_MAX_SIDE]) if len(kept) > 1 else ()
