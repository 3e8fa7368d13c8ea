"""Read the tables of markup that calls itself Excel: HTML, a web archive (.mht), SpreadsheetML 2003."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from itertools import islice

from lxml import etree, html

from parsers.grid import (
    MAX_CELLS,
    MAX_COLUMNS,
    Grid,
    GridCell,
    Merge,
    Unreadable,
    by_row,
    check_sheets,
    make_cell,
    stacked,
)
from parsers.safe_xml import parse_xml

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_SHORTENED = re.compile(r"#+|[\d.]{1,20}E\+\d{1,2}")
"""What Excel shows of a number that does not fit its column; the number itself stands in an attribute."""
_UNSEEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLOCKS = frozenset((
    "address", "article", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt", "fieldset",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section",
    "table", "tbody", "td", "th", "tr", "ul",
))  # fmt: skip
"""Elements that begin and end a line of text."""
_NO_TEXT = frozenset(("head", "script", "style", "title", "xml", "noscript", "template", "select", "textarea"))


def read_html(text: str) -> tuple[Grid, ...]:
    """Each table that holds no other one, and the text before it, as grids that stand above each other on one page. Text
    behind the last table, and tables of it, are lines below that.

    Unreadable without a table.
    """
    parser = html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"damaged HTML: {error}"[:300]) from error
    tables = [table for table in root.iter("table") if table.find(".//table") is None]
    if not tables:
        raise Unreadable("HTML without a table")
    check_sheets(len(tables))
    notes: set[etree._Element] = set()
    while len(tables) > 1 and _is_text(tables[-1]):
        notes.add(tables.pop())
    page = _Page()
    _walk(root, notes | {outer for table in tables for outer in table.iterancestors()}, page)
    page.end()
    return (*(replace(grid, above=True) for grid in page.grids[:-1]), page.grids[-1])


def _is_text(table: etree._Element) -> bool:
    """No row of it has more than one cell with something in it."""
    return all(
        sum(_html_cell(cell) is not None for cell in row.iterchildren("td", "th")) < 2 for row in table.iter("tr")
    )


class _Page:
    """Gathers the grids of a document in its order: lines of text, and tables."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self._lines: list[list[GridCell | None]] = []
        self._text: list[str] = []
        self._room = MAX_CELLS

    def add_text(self, text: str | None) -> None:
        if text:
            self._text.append(_shown(text))

    def add_line(self, *cells: GridCell | None) -> None:
        """The text so far is a line; then `cells`, if they are one."""
        if not (cells or self._text):
            return
        for line in ([make_cell("".join(self._text))], list(cells)):
            if any(line):
                self._lines.append(line)
                self._room -= len(line)
        self._text.clear()
        if self._room < 0:
            raise Unreadable(f"more than {MAX_CELLS} cells and lines of text")

    def add_table(self, table: etree._Element) -> None:
        self.add_line(*(_html_cell(caption) for caption in table.iterchildren("caption")))
        cells = {(row, column): cell for row, line in enumerate(self._lines, 1) for column, cell in enumerate(line, 1)}
        if cells:
            self.grids.append(Grid(name="", rows=by_row({place: cell for place, cell in cells.items() if cell})))
        self._lines.clear()
        grid, taken = _html_grid(table, self._room)
        self.grids.append(grid)
        self._room -= taken

    def end(self) -> None:
        """What stands behind the last table goes below it, each line over the whole width: it is no row of that."""
        self.add_line()
        texts = (" ".join(cell.text for cell in line if cell) for line in self._lines)
        lines = dict(enumerate(filter(None, map(make_cell, texts)), 1))
        if lines:
            cells = {(row, 1): cell for row, cell in lines.items()}
            merges = tuple(Merge(top=row, left=1, bottom=row, right=MAX_COLUMNS) for row in lines)
            self.grids[-1] = stacked((self.grids[-1], Grid(name="", rows=by_row(cells), merges=merges)))


def _walk(root: etree._Element, holding: set[etree._Element], page: _Page) -> None:
    """What stands in `root`, in its order. `holding`: the elements that hold a table; others are text."""
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        if event == "start":
            if element.tag in _BLOCKS:
                page.add_line()
            if element.tag == "table" and element not in holding:
                page.add_table(element)
                walker.skip_subtree()
            elif element.tag == "tr" and element not in holding:  # of a table that lays out the page
                page.add_line(*(_html_cell(cell) for cell in islice(element.iterchildren("td", "th"), MAX_COLUMNS)))
                walker.skip_subtree()
            elif element not in holding and (element.tag in _NO_TEXT or _UNSEEN.search(element.get("style") or "")):
                walker.skip_subtree()
            else:
                page.add_text(element.text)
            continue
        if element.tag in _BLOCKS:
            page.add_line()
        page.add_text(element.tail)


def read_web_archive(data: bytes, decode: Callable[[bytes], str]) -> tuple[Grid, ...]:
    """The tables of every HTML part of an .mht, as which Excel and WPS save a workbook as one page (RFC 2557)."""
    grids: list[Grid] = []
    for part in message_from_bytes(data).walk():
        content = part.get_payload(decode=True) if part.get_content_type() == "text/html" else None
        if isinstance(content, bytes) and b"<table" in content.lower():
            grids += read_html(decode(content))
            check_sheets(len(grids))
    if not grids:
        raise Unreadable("a web archive without a table")
    return tuple(grids)


def _html_grid(table: etree._Element, room: int) -> tuple[Grid, int]:
    """The table, and how many places its cells take, which `room` bounds: a span is made of a few letters."""
    cells: dict[tuple[int, int], GridCell] = {}
    merges: list[Merge] = []
    hidden: set[int] = set()
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(table.iter("tr"), 1):
        if _UNSEEN.search(row.get("style") or ""):
            hidden.add(number)
        column = 1
        for cell in row.iterchildren("td", "th"):
            while (number, column) in taken:
                column += 1
            down, right = _span(cell, "rowspan"), _span(cell, "colspan")
            if column > MAX_COLUMNS or len(taken) > room:
                raise Unreadable("an HTML table beyond reason")
            taken.update((number + i, column + j) for i in range(down) for j in range(right))
            if down > 1 or right > 1:
                merges.append(Merge(top=number, left=column, bottom=number + down - 1, right=column + right - 1))
            made = _html_cell(cell)
            if made is not None:
                cells[(number, column)] = made
            column += right
    return Grid(name="", rows=by_row(cells), merges=tuple(merges), hidden_rows=frozenset(hidden)), len(taken)


def _html_cell(cell: etree._Element) -> GridCell | None:
    """As a browser shows it: white space of the source is one space, <br> and paragraphs break the line."""
    parts: list[str] = []
    for element in cell.iter():
        if element.tag in ("br", "p", "div") and parts:
            parts.append("\n")
        shown = element is cell or isinstance(element.tag, str)
        for text in (element.text if shown else None, element.tail if element is not cell else None):
            parts.append(_shown(text))
    text = re.sub(r" ?\n ?", "\n", "".join(parts)).strip()
    if _SHORTENED.fullmatch(text):
        try:
            return make_cell(float(cell.get("x:num") or ""))
        except ValueError:
            return make_cell(text)
    return make_cell(text)


def _shown(text: str | None) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text or "").replace("\xa0", " ")


def _span(cell: etree._Element, name: str) -> int:
    stated = (cell.get(name) or "1").strip()
    return min(max(int(stated), 1), 200) if stated.isascii() and stated.isdigit() and len(stated) < 6 else 1


def read_spreadsheetml(text: str) -> tuple[Grid, ...]:
    """The worksheets of an "XML table 2003". `text` was decoded already, whatever encoding it declares."""
    root = parse_xml(_DECLARATION.sub("", text, count=1).strip().encode())
    sheets = list(root.iterfind(f"{_SS}Worksheet"))
    if not sheets:
        raise Unreadable("SpreadsheetML without a worksheet")
    check_sheets(len(sheets))
    return tuple(_spreadsheetml_grid(sheet) for sheet in sheets)


def _spreadsheetml_grid(sheet: etree._Element) -> Grid:
    cells: dict[tuple[int, int], GridCell] = {}
    merges: list[Merge] = []
    hidden: set[int] = set()
    number = 0
    for row in sheet.iterfind(f"{_SS}Table/{_SS}Row"):
        number = _index(row, number)
        if row.get(f"{_SS}Hidden") == "1":
            hidden.add(number)
        column = 0
        for cell in row.iterfind(f"{_SS}Cell"):
            column = _index(cell, column)
            across, down = (_count(cell, name) for name in ("MergeAcross", "MergeDown"))
            if across or down:
                merges.append(Merge(top=number, left=column, bottom=number + down, right=column + across))
            made = _spreadsheetml_cell(cell)
            if made is not None and column <= MAX_COLUMNS:
                cells[(number, column)] = made
            column += across
        if len(cells) > MAX_CELLS:
            raise Unreadable(f"more than {MAX_CELLS} filled cells")
        number += _count(row, "Span")
    state = sheet.findtext(f"{_EXCEL}WorksheetOptions/{_EXCEL}Visible") or ""
    return Grid(
        name=sheet.get(f"{_SS}Name", ""), rows=by_row(cells), merges=tuple(merges), hidden_rows=frozenset(hidden),
        visible="Hidden" not in state,
    )  # fmt: skip


def _index(element: etree._Element, before: int) -> int:
    return _count(element, "Index") or before + 1


def _count(element: etree._Element, name: str) -> int:
    stated = element.get(f"{_SS}{name}", "")
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 8 else 0


def _spreadsheetml_cell(cell: etree._Element) -> GridCell | None:
    value = cell.find(f"{_SS}Data")
    if value is None:
        return None
    text, kind = "".join(map(str, value.itertext())), value.get(f"{_SS}Type")
    if kind == "Number":
        try:
            return make_cell(float(text))
        except ValueError:
            return make_cell(text)
    return make_cell(text.partition("T")[0] if kind == "DateTime" else text)
