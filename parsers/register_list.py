"""Read a list of filed apps out of a workbook or CSV: three columns by their names, in any order, on any row of any sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.notice import Column, Form
from domain.register import Entry, ListFailure, ReadList, Unread, is_number, number_key
from domain.text import normalise
from parsers.grid import Unreadable, check_text
from parsers.table import Table, View, find_table, is_header_again
from parsers.workbook import open_book

_NUMBER, _APP, _OPERATOR = "number", "app", "operator"


def _column(key: str, name: str, aliases: str) -> Column:
    return Column(key=key, name=name, aliases=tuple(aliases.split("、")))


_FORM = Form(
    title_template="",
    title_pattern="",
    header=(),
    columns=(
        _column(_NUMBER, "备案号", "备案编号、备案号码、教育部备案号、教育备案号、APP备案号、教育APP备案号、备案证号"),
        _column(
            _APP,
            "APP名称",
            "APP、教育APP名称、教育APP、应用名称、教育应用名称、移动应用名称、教育移动应用名称、应用程序名称、移动应用程序名称、软件名称、产品名称、"
            "使用APP名称、名称、应用",
        ),
        _column(
            _OPERATOR,
            "主办者",
            "APP主办者、主办单位、主办者名称、主办单位名称、主办方、备案单位、备案单位名称、备案主体、企业名称、单位名称、公司名称、开发者、开发者名称、"
            "开发单位、运营者、运营单位、提供者、提供者名称、单位、企业",
        ),
    ),
)
_NAMES = "、".join(column.name for column in _FORM.columns)
_LONGEST = 200
"""Letters of a name or number: longer ones are remarks."""
_MOST_UNREAD = 0.2
"""A larger part of rows that could not be read: the columns are not what they were taken for."""


@dataclass(frozen=True, kw_only=True)
class _Row:
    sheet: str
    number: int
    texts: dict[str, str]


def read_register_list(data: bytes, *, name: str) -> ReadList | ListFailure:
    """The entries of a file in any format that returns are read in. Opening it never raises, on any bytes."""
    try:
        _, book = open_book(data, name)
        check_text(sum(len(cell.text) for grid in book.grids for cell in grid.cells.values()))
        return _read([View(grid) for grid in book.grids])
    except Unreadable as error:
        locked = error.code == "sheet.encrypted"
        return ListFailure(why="it is locked with a password" if locked else f"no workbook or CSV: {error}")
    except (MemoryError, RecursionError) as error:
        return ListFailure(why=f"too large or too deep to be read ({type(error).__name__})")


def _read(views: list[View]) -> ReadList | ListFailure:
    tables = [(view, table) for view in views if (table := find_table(view, _FORM))]
    whole = [(view, table) for view, table in tables if not table.missing]
    if not whole:
        return ListFailure(why=_lacking(tables))
    entries: dict[tuple[str, str, str], Entry] = {}
    unread: list[Unread] = []
    count = 0
    for row in (row for view, table in whole for row in _rows(view, table)):
        count += 1
        if why := _unread(row):
            unread.append(Unread(sheet=row.sheet, row=row.number, why=why))
            continue
        entry = Entry(number=normalise(row.texts[_NUMBER]), app=row.texts[_APP], operator=row.texts[_OPERATOR])
        entries.setdefault((number_key(entry.number), normalise(entry.app), normalise(entry.operator)), entry)
    if not entries or len(unread) > _MOST_UNREAD * count:
        first = f"; {_place(unread[0])}: {unread[0].why}" if unread else ""
        return ListFailure(
            why=f"{len(unread)} of {count} rows under the column names ({_NAMES}) hold no filed app{first}"
        )
    repeated = count - len(unread) - len(entries)
    return ReadList(entries=tuple(entries.values()), unread=tuple(unread), repeated=repeated)


def _lacking(tables: list[tuple[View, Table]]) -> str:
    if not tables:
        return f"no row of column names was found: it needs {_NAMES} (or names like them), in any order"
    view, table = min(tables, key=lambda found: len(found[1].missing))
    found = "、".join(column.name for column in _FORM.columns if column.key in table.columns)
    where = f"sheet {view.grid.name!r}, row {table.first}"
    return f"a column is missing: {'、'.join(table.missing)} ({where} has {found})"


def _rows(view: View, table: Table) -> Iterator[_Row]:
    """Every row under the column names that says anything in them; what is merged downwards counts for each of its rows."""
    for number in view.rows:
        if number <= table.last or is_header_again(view, number, table, _FORM):
            continue
        cells = {key: view.own(number, column) for key, column in table.columns.items()}
        if not any(cells.values()):
            continue
        texts = {}
        for key, column in table.columns.items():
            cell = cells[key] or view.repeated(number, column)
            texts[key] = "" if cell is None or cell.fault else " ".join(cell.text.split())
        yield _Row(sheet=view.grid.name, number=number, texts=texts)


def _unread(row: _Row) -> str:
    """Why a row is no entry; "" for one that is."""
    if not row.texts[_NUMBER]:
        return "no filing number"
    if not is_number(row.texts[_NUMBER]):
        return f"{row.texts[_NUMBER][:40]!r} is no filing number like 教APP备1100001号"
    lacking = [column.name for column in _FORM.columns if not row.texts[column.key]]
    if lacking:
        return f"{'、'.join(lacking)} is empty"
    return "a name of more than 200 letters" if max(map(len, row.texts.values())) > _LONGEST else ""


def _place(one: Unread) -> str:
    return f"sheet {one.sheet!r}, row {one.row}"
