"""Read the rows under a table's header: which are data, which are notes, and what each cell says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import compress

from domain.notice import ColumnType, Form
from domain.row_words import is_numbering
from domain.sheet import HeaderValue, Row
from domain.text import normalise
from parsers.dates import read_date
from parsers.grid import ColumnRows, GridCell, address
from parsers.row_reader import RowReader, rows_alike
from parsers.table import Names, Table, View, is_header_again, label, names_of

_LONG = 20
"""A lone text this long is a remark, not the start of a row."""
_MOST_TITLE = 300
_MARKED = re.compile(
    r"^(?:备?注(?![^\s\d:：、.])|说明|填[表报]说明|附[:：注]|要求|[(（]?[\d一二三四五六七八九十]{1,2}[、.．)）]|[*※])"
)
_NIL_REMARK = (
    r"(?:(?:备?注|说明):?)?(?:[我本全](?:县|区|单位|局)|)"
    r"(?:(?:目前|现|暂|均|都|尚)*(?:(?:未|没有?|无)(?:使用|用|安装|推荐|过|任何|各类|学习类|教育类|教学类|移动|互联网|的"
    r"|APP|应用|程序|软件|平台|情况)+[,.;]*|无[,.;]+))?(?:为|是|系)?(?:%s)[.!]*"
)
"""What may stand round the words: who speaks, for the whole unit, and that nothing is used. Every other word may turn
the sense (不是零报告, 其余附后), be about one school, or tell others what to do."""
_SIGNED = re.compile(
    r"^(?:填表|制表|填报|审核|复核|负责|经办|分管|主管|单位负责|校长|局长)(?:人|领导|单位|日期|时间)?\s*(?:[(（][^()（）]{0,10}[)）])?\s*[:：]"
    r"|^(?:填表|制表|填报|审核|复核|经办)人|^(?:合计|总计|小计|共计)"
)
_TOTAL = re.compile(r"(?:合计|总计|小计|共计|总数)[:.]?")
_COUNT = re.compile(r"共?\d+[个所行款家项条]?")
_PLAIN_VALUE = re.compile(r"(?![填制审复经合总小共])[0-9A-Za-z\u4e00-\u9fff]++")
"""No signature and no sum: the first letters of none of them. Such a text is as `normalise` gives it."""
_SENTENCE = re.compile(r"[，。；！]")
_LABELLED = re.compile(r"^[^:：\d]{1,10}[:：]")


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The data rows, and the nil statement found instead of any."""

    rows: tuple[Row, ...]
    nil_statement: HeaderValue | None
    totals: Row | None = None
    """The last row of sums under the table, where the form has one."""


def read_rows(view: View, form: Form, table: Table, area_code: str) -> Rows:
    """Every data row under the header. Empty rows, repeated headers and remarks are none."""
    rows: list[Row] = []
    remarks: list[HeaderValue] = []
    reader = RowReader(view, form, table, area_code)
    totals: Row | None = None
    names, places = names_of(form), frozenset(table.columns.values())
    values = Values(form, names)
    grid = view.grid.rows
    alike = rows_alike(grid, view, table, values) if isinstance(grid, ColumnRows) else None
    for number in view.rows if alike is None else alike.others:
        cells = view.grid.rows[number]
        if number > table.last + 1 and values.fill(cells, places):
            rows.append(reader.row(number, cells))
            continue
        if number <= table.last or is_header_again(cells, table, names) or _counts_columns(number, cells, table):
            continue
        if form.totals and _sums_up(cells, form.totals.words):
            totals = reader.row(number, cells)
            continue
        remark = _remark(view, number, form, table)
        if remark is not None:
            remarks.append(remark)
        elif not places.isdisjoint(cells):
            rows.append(reader.row(number, cells))
    kept = reader.together(rows, alike)
    nil = _nil_rows(kept, form) if kept else _nil_remark(remarks, form)
    return Rows(rows=() if nil else kept, nil_statement=nil, totals=totals)


class Values:
    """Texts that are values and nothing else, wherever they stand: no name of a column, no sum, no signature, nothing with a label
    before it. A row of such is data; each text is asked about once."""

    def __init__(self, form: Form, names: Names) -> None:
        self._names = names
        self._sums = form.totals.words if form.totals else ()
        self._known: set[str] = set()

    def among(self, texts: Iterable[str]) -> Set[str]:
        """Those of many texts that are, and perhaps others. What is nothing but letters and digits, neither begins like a sum or a
        signature, nor is the name of a column, is a value."""
        asked = list(set(texts) - self._known)
        plain = list(compress(asked, map(_PLAIN_VALUE.fullmatch, asked)))
        names = set(compress(plain, map(self._names.__contains__, map(str.casefold, plain))))
        self._known.update(set(plain) - names - {normalise(word) for word in self._sums})
        self._known.update(text for text in asked if text not in self._known and self._is_value(text))
        return self._known

    def fill(self, cells: Mapping[int, GridCell], places: frozenset[int]) -> bool:
        """Whether a row holds nothing else, and at least two cells of the form's columns. Of others more must be asked."""
        texts = [cell.text for cell in cells.values()]
        if not self._known.issuperset(texts):
            self._known.update(text for text in texts if text not in self._known and self._is_value(text))
            if not self._known.issuperset(texts):
                return False
        return len(cells) > 1 and len(places & cells.keys()) > 1

    def _is_value(self, text: str) -> bool:
        if not text or _SIGNED.match(text) or _LABELLED.match(text) or label(text) in self._names:
            return False
        return not _TOTAL.fullmatch(normalise(text)) and not _is_sum(text, self._sums)


def _sums_up(cells: Mapping[int, GridCell], words: tuple[str, ...]) -> bool:
    """A row of sums: one of the words stands in its first cells, perhaps with letters spread (合  计) or a colon behind."""
    return any(_is_sum(cells[column].text, words) for column in sorted(cells)[:3] if cells[column].text)


def _is_sum(text: str, words: tuple[str, ...]) -> bool:
    return bool(words) and normalise(text).rstrip(":.") in {normalise(word) for word in words}


def _counts_columns(number: int, cells: Mapping[int, GridCell], table: Table) -> bool:
    """甲 乙 1 2 3 right under the names, as statistics have it."""
    return number == table.last + 1 and is_numbering([cells[column].text for column in sorted(cells)])


def _remark(view: View, row: int, form: Form, table: Table) -> HeaderValue | None:
    """The row's text if it is a remark under the table (a note of the form, a signature line, a total), else None."""
    own = view.grid.rows[row]
    cells = [(column, cell.text) for column in sorted(own) if (cell := own[column]).text]
    # A running number beside a note does not make it a row.
    places = frozenset(table.columns.values())
    cells = [pair for pair in cells if not pair[1].isdigit() or pair[0] in places] or cells
    if not cells:
        return None
    column, first = cells[0]
    value = HeaderValue(address=address(row, column), text=first)
    if (
        _SIGNED.match(first)
        or _is_total([text for _, text in cells])
        or all(_LABELLED.match(text) for _, text in cells)
    ):
        return value
    if len(cells) > 1 or any(cell.fault for cell in own.values()):
        return None
    merge = view.merge_at(row, column)
    wide = merge is not None and (merge.right - merge.left + 1) * 2 > len(table.columns)
    marked = _MARKED.match(first) and not first.isascii()
    # Further right a long text is a value whose row was not filled in.
    spoken = column <= min(table.columns.values()) and (len(first) >= _LONG or _SENTENCE.search(first))
    again = re.search(form.title_pattern, normalise(first)[:_MOST_TITLE])  # a table of its own for each school
    signed = read_date(first) and not any(
        table.columns.get(each.key) == column for each in form.of_type(ColumnType.DATE)
    )
    if wide or marked or spoken or again or signed or _is_note(first, form) or _is_nil(first, form):
        return value
    return value if column not in places else None


def _is_total(texts: list[str]) -> bool:
    """甲县 | 合计 | 46: a word for the sum behind the unit at most, and nothing but numbers behind it."""
    at = next((at for at, text in enumerate(texts[:2]) if _TOTAL.fullmatch(normalise(text))), None)
    return at is not None and all(_COUNT.fullmatch(normalise(text)) for text in texts[at + 1 :])


def _is_note(text: str, form: Form) -> bool:
    compared = normalise(text)
    return len(compared) > 5 and any(compared in normalise(note) or normalise(note) in compared for note in form.notes)


def _is_nil(text: str, form: Form) -> bool:
    return normalise(text).strip(".,!()") in {normalise(word) for word in form.nil_words}


def _nil_rows(rows: Sequence[Row], form: Form) -> HeaderValue | None:
    """The nil word of the app column, when no row names an app."""
    if not all(form.nil_column in row.cells and _is_nil(row.text(form.nil_column), form) for row in rows):
        return None
    first = rows[0].cells[form.nil_column]
    return HeaderValue(address=first.address, text=first.text)


def _nil_remark(remarks: list[HeaderValue], form: Form) -> HeaderValue | None:
    """The words under the table, alone or said of the whole unit. 无 beside other words may be about anything."""
    sure = "|".join(re.escape(normalise(word)) for word in form.nil_words if len(word) > 1)
    said = re.compile(_NIL_REMARK % sure, re.IGNORECASE) if sure else None
    for remark in remarks:
        if _is_nil(remark.text, form):
            return remark
        if said and said.fullmatch(normalise(remark.text).strip("()")) and not _is_note(remark.text, form):
            return remark
    return None
