"""Read what only calls itself Excel: an HTML table, SpreadsheetML 2003, or text with separators."""

from __future__ import annotations

import csv
import io

from lxml import etree, html

from domain.sheet import SheetFormat
from parsers.grid import MAX_CELLS, MAX_COLUMNS, Grid, GridCell, Merge, Unreadable, make_cell

_MAX_BYTES = 20_000_000
_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_ENCODINGS = ("utf-8-sig", "gb18030")


def read_plain(data: bytes) -> tuple[SheetFormat, tuple[Grid, ...]]:
    """Kind and grids of a text file. Unreadable if it is no text or holds no table."""
    if len(data) > _MAX_BYTES:
        raise Unreadable("a text file beyond any table's size")
    text = _decode(data)
    head = text[:3000].lstrip().lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in head and "<table" not in head.split("<workbook")[0]:
        return SheetFormat.XML, _read_spreadsheetml(data)
    if head.startswith("<") and ("<table" in text.lower() or "<html" in head):
        return SheetFormat.HTML, _read_html(text)
    if head.startswith(("<", "%pdf", "{\\rtf")):
        raise Unreadable("markup without a table")
    return SheetFormat.CSV, (_read_csv(text),)


def _decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if sum(character < " " and character not in "\t\r\n\f" for character in text[:4000]):
            break
        return text
    raise Unreadable("neither a known workbook format nor text")


def _read_csv(text: str) -> Grid:
    sample = text[:5000]
    delimiter = max("\t,;", key=sample.count)
    cells: dict[tuple[int, int], GridCell] = {}
    csv.field_size_limit(100_000)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            for column, value in enumerate(row[:MAX_COLUMNS], 1):
                # Excel's own guard against turning digits into a number: ="0393…", or a leading apostrophe or tab.
                stripped = value[2:-1] if value.startswith('="') and value.endswith('"') else value.strip().lstrip("'")
                made = make_cell(stripped)
                if made is not None:
                    cells[(number, column)] = made
            if len(cells) > MAX_CELLS:
                raise Unreadable(f"more than {MAX_CELLS} filled cells")
    except csv.Error as error:
        raise Unreadable(f"damaged CSV: {error}") from error
    return Grid(name="Sheet1", cells=cells)


def _read_html(text: str) -> tuple[Grid, ...]:
    try:
        root = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"damaged HTML: {error}"[:300]) from error
    tables = [table for table in root.iter("table") if table.find(".//table") is None]
    if not tables:
        raise Unreadable("HTML without a table")
    return tuple(_html_grid(table, f"Sheet{number}") for number, table in enumerate(tables[:20], 1))


def _html_grid(table: etree._Element, name: str) -> Grid:
    cells: dict[tuple[int, int], GridCell] = {}
    merges: list[Merge] = []
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(table.iter("tr"), 1):
        column = 1
        for cell in row.iterchildren("td", "th"):
            while (number, column) in taken:
                column += 1
            down, right = _span(cell, "rowspan"), _span(cell, "colspan")
            if column > MAX_COLUMNS or len(taken) > MAX_CELLS:
                raise Unreadable("an HTML table beyond reason")
            taken.update((number + i, column + j) for i in range(down) for j in range(right))
            if down > 1 or right > 1:
                merges.append(Merge(top=number, left=column, bottom=number + down - 1, right=column + right - 1))
            made = make_cell("".join(map(str, cell.itertext())).replace("\xa0", " "))
            if made is not None:
                cells[(number, column)] = made
            column += right
    return Grid(name=name, cells=cells, merges=tuple(merges))


def _span(cell: etree._Element, name: str) -> int:
    stated = (cell.get(name) or "1").strip()
    return min(max(int(stated), 1), 200) if stated.isascii() and stated.isdigit() and len(stated) < 6 else 1


def _read_spreadsheetml(data: bytes) -> tuple[Grid, ...]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data.lstrip(), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"damaged XML: {error.msg}") from error
    sheets = list(root.iterfind(f"{_SS}Worksheet"))
    if not sheets:
        raise Unreadable("SpreadsheetML without a worksheet")
    return tuple(_spreadsheetml_grid(sheet) for sheet in sheets[:20])


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
    return Grid(name=sheet.get(f"{_SS}Name", ""), cells=cells, merges=tuple(merges), hidden_rows=frozenset(hidden))


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
