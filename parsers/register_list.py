"""Read a list of filed apps out of a workbook or CSV: three columns by their names, in any order, on any row of any sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.notice import Column, Form
from domain.register import Entry, Head, HeadColumn, ListFailure, ReadList, Unread, is_number, number_key
from domain.text import normalise
from parsers.grid import Unreadable, address, check_texts
from parsers.table import Table, View, find_table, is_header_again, names_of
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
_COMPARED = names_of(_FORM)
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
        check_texts(book.grids)
        return _read([View(grid) for grid in book.grids])
    except Unreadable as error:
        if error.code == "sheet.encrypted":
            return ListFailure(why="it is locked with a password", told="文件有密码，请去掉密码后再传。")
        return ListFailure(why=f"no workbook or CSV: {error}", told="这不是可以读的电子表或CSV文件，或者文件已经损坏。")
    except (MemoryError, RecursionError) as error:
        why = f"too large or too deep to be read ({type(error).__name__})"
        return ListFailure(why=why, told="文件太大，读不下来。请只留下名单那一张表再传。")


def _read(views: list[View]) -> ReadList | ListFailure:
    tables = [(view, table) for view in views if (table := find_table(view, _FORM))]
    whole = [(view, table) for view, table in tables if not table.missing]
    if not whole:
        return _lacking(tables)
    entries: dict[tuple[str, str, str], Entry] = {}
    unread: list[Unread] = []
    count = 0
    for row in (row for view, table in whole for row in _rows(view, table)):
        count += 1
        if fault := _fault(row):
            why, told = fault
            unread.append(Unread(sheet=row.sheet, row=row.number, why=why, told=told))
            continue
        entry = Entry(number=normalise(row.texts[_NUMBER]), app=row.texts[_APP], operator=row.texts[_OPERATOR])
        entries.setdefault((number_key(entry.number), normalise(entry.app), normalise(entry.operator)), entry)
    if not entries or len(unread) > _MOST_UNREAD * count:
        return _few(unread, count)
    repeated = count - len(unread) - len(entries)
    heads = tuple(_head(view, table) for view, table in whole)
    return ReadList(entries=tuple(entries.values()), unread=tuple(unread), repeated=repeated, heads=heads)


def _few(unread: list[Unread], count: int) -> ListFailure:
    """Too many rows could not be read, or there are none."""
    first = f"; {_place(unread[0])}: {unread[0].why}" if unread else ""
    why = f"{len(unread)} of {count} rows under the column names ({_NAMES}) hold no filed app{first}"
    if not count:
        return ListFailure(why=why, told=f"找到了列名（{_NAMES}），但下面没有内容。")
    told = f"列名（{_NAMES}）下面的{count}行里，有{len(unread)}行读不出备案的APP"
    named = f"，例如工作表“{unread[0].sheet}”第{unread[0].row}行：{unread[0].told}" if unread else ""
    return ListFailure(why=why, told=f"{told}{named}。请检查各列是否对应。")


def _lacking(tables: list[tuple[View, Table]]) -> ListFailure:
    if not tables:
        return ListFailure(
            why=f"no row of column names was found: it needs {_NAMES} (or names like them), in any order",
            told=f"没有找到列名。表里要有{_NAMES}三列（或相近的列名），次序不限。",
        )
    view, table = min(tables, key=lambda found: len(found[1].missing))
    found = "、".join(column.name for column in _FORM.columns if column.key in table.columns)
    where, lacking = f"sheet {view.grid.name!r}, row {table.first}", "、".join(table.missing)
    return ListFailure(
        why=f"a column is missing: {lacking} ({where} has {found})",
        told=f"缺少列：{lacking}。工作表“{view.grid.name}”第{table.first}行有{found}。",
    )


def _head(view: View, table: Table) -> Head:
    """The columns in the order of the file."""
    names = {column.key: column.name for column in _FORM.columns}
    columns = []
    for key, column in sorted(table.columns.items(), key=lambda each: each[1]):
        cells = (view.own(row, column) for row in range(table.first, table.last + 1))
        heading = " ".join(" ".join(cell.text.split()) for cell in cells if cell)
        letter = address(table.first, column).rstrip("0123456789")
        columns.append(HeadColumn(name=names[key], heading=heading, letter=letter))
    return Head(sheet=view.grid.name, row=table.first, columns=tuple(columns))


def _rows(view: View, table: Table) -> Iterator[_Row]:
    """Every row under the column names that says anything in them; what is merged downwards counts for each of its rows."""
    for number in view.rows:
        if number <= table.last or is_header_again(view.grid.rows[number], table, _COMPARED):
            continue
        cells = {key: view.own(number, column) for key, column in table.columns.items()}
        if not any(cells.values()):
            continue
        texts = {}
        for key, column in table.columns.items():
            cell = cells[key] or view.repeated(number, column)
            texts[key] = "" if cell is None or cell.fault else " ".join(cell.text.split())
        yield _Row(sheet=view.grid.name, number=number, texts=texts)


def _fault(row: _Row) -> tuple[str, str] | None:
    """Why a row is no entry, in English and in Chinese; None for one that is."""
    number = row.texts[_NUMBER]
    if not number:
        return "no filing number", "没有备案号"
    if not is_number(number):
        return (
            f"{number[:40]!r} is no filing number like 教APP备1100001号",
            f"“{number[:40]}”不是教APP备1100001号这样的备案号",
        )
    if lacking := "、".join(column.name for column in _FORM.columns if not row.texts[column.key]):
        return f"{lacking} is empty", f"{lacking}是空的"
    if max(map(len, row.texts.values())) > _LONGEST:
        return f"a name of more than {_LONGEST} letters", f"有超过{_LONGEST}字的名称"
    return None


def _place(one: Unread) -> str:
    return f"sheet {one.sheet!r}, row {one.row}"
