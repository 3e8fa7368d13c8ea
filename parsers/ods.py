"""What calamine does not tell of an .ods: hidden and filtered rows, merged cells, errors, text boxes; and whether it is safe to load.

OpenDocument 1.3 part 3, sections 9.1 and 19: rows and cells carry repeat counts, which a crafted file can multiply.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from domain.sheet import CellFault
from parsers.grid import MAX_CELLS, MAX_COLUMNS, MAX_MERGES, MAX_ROWS, GridCell, Merge, SheetFacts, TextBox, Unreadable
from parsers.package import Package
from parsers.safe_xml import parse_xml

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_MAX_BOXES, _MAX_TEXT = 50, 1_000
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


def look_at_ods(package: Package) -> dict[str, SheetFacts]:
    """Sheet name → facts. Unreadable if its repeats come to more cells than a workbook may hold."""
    root = parse_xml(package.read("content.xml"))
    tables = root.iterfind(f"{_OFFICE}body/{_OFFICE}spreadsheet/{_TABLE}table")
    return {table.get(f"{_TABLE}name") or "": _facts(table) for table in tables}


def _facts(table: etree._Element) -> SheetFacts:
    hidden: set[int] = set()
    merges: list[Merge] = []
    faults: dict[tuple[int, int], GridCell] = {}
    boxes = [box for shapes in table.iterchildren(f"{_TABLE}shapes") for box in _boxes(shapes, 1, 1)]
    number, filled = 1, 0
    for row in table.iter(f"{_TABLE}table-row"):
        rows = _count(row, "number-rows-repeated")
        one = _row_facts(row, number)
        filled += one.filled * rows
        if filled > MAX_CELLS:
            raise Unreadable(f"more than {MAX_CELLS} filled cells")
        if one.filled and row.get(f"{_TABLE}visibility") in ("collapse", "filter"):
            hidden.update(range(number, number + rows))
        merges += one.merges[: MAX_MERGES - len(merges)]
        faults.update(one.faults)
        boxes += one.boxes
        number = min(number + rows, MAX_ROWS)
    return SheetFacts(
        hidden_columns=_hidden_columns(table),
        hidden_rows=frozenset(hidden),
        merges=tuple(merges),
        faults=faults,
        boxes=tuple(boxes[:_MAX_BOXES]),
    )


def _hidden_columns(table: etree._Element) -> frozenset[int]:
    hidden: set[int] = set()
    number = 1
    for column in table.iter(f"{_TABLE}table-column"):
        repeated = min(_count(column, "number-columns-repeated"), MAX_COLUMNS)
        if column.get(f"{_TABLE}visibility") in ("collapse", "filter") and number <= MAX_COLUMNS:
            hidden.update(range(number, number + repeated))
        number += repeated
    return frozenset(hidden)


@dataclass(frozen=True, kw_only=True)
class _RowFacts:
    """Of one row: how many cells are filled, and what begins in them."""

    filled: int
    merges: list[Merge]
    faults: dict[tuple[int, int], GridCell]
    boxes: list[TextBox]


def _row_facts(row: etree._Element, number: int) -> _RowFacts:
    filled, column = 0, 1
    merges: list[Merge] = []
    faults: dict[tuple[int, int], GridCell] = {}
    boxes: list[TextBox] = []
    for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
        repeated = _count(cell, "number-columns-repeated")
        if len(cell) or cell.get(f"{_OFFICE}value-type"):
            filled += repeated
        right, down = _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
        if right > 1 or down > 1:
            merges.append(Merge(top=number, left=column, bottom=number + down - 1, right=column + right - 1))
        if cell.get(f"{_CALC}value-type") == "error":
            shown = "".join(map(str, cell.itertext())).strip()
            faults[(number, column)] = GridCell(text=shown, fault=CellFault.ERROR_VALUE)
        elif cell.get(f"{_TABLE}formula") and not cell.get(f"{_OFFICE}value-type") and not len(cell):
            faults[(number, column)] = GridCell(text="", fault=CellFault.NO_STORED_VALUE)
        boxes += _boxes(cell, number, column)
        column += repeated
    return _RowFacts(filled=filled, merges=merges, faults=faults, boxes=boxes)


def _boxes(parent: etree._Element, row: int, column: int) -> Iterator[TextBox]:
    """The text of frames and shapes that stand in `parent`; a cell's own text and its comment are none."""
    for shape in parent.iterchildren():
        if isinstance(shape.tag, str) and shape.tag.startswith(_DRAW):
            lines = ("".join(map(str, line.itertext())) for line in shape.iter(f"{_TEXT}p"))
            text = "\n".join(lines)[:_MAX_TEXT].strip()
            if text:
                yield TextBox(row=row, column=column, text=text)


def _count(element: etree._Element, name: str) -> int:
    stated = element.get(f"{_TABLE}{name}") or "1"
    return max(int(stated), 1) if stated.isascii() and stated.isdigit() and len(stated) < 9 else 1
