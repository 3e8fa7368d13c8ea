"""What calamine does not tell of an .ods: hidden and filtered rows, merged cells; and whether it is safe to load.

OpenDocument 1.3 part 3, sections 9.1 and 19: rows and cells carry repeat counts, which a crafted file can multiply.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from parsers.grid import MAX_CELLS, MAX_MERGES, MAX_ROWS, Merge, Unreadable
from parsers.package import Package

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


@dataclass(frozen=True, kw_only=True)
class OdsFacts:
    """Of one sheet. Rows from 1."""

    hidden_rows: frozenset[int]
    merges: tuple[Merge, ...]


def look_at_ods(package: Package) -> dict[str, OdsFacts]:
    """Sheet name → facts. Unreadable if its repeats come to more cells than a workbook may hold."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(package.read("content.xml"), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"damaged XML: {error.msg}") from error
    tables = root.iterfind(f"{_OFFICE}body/{_OFFICE}spreadsheet/{_TABLE}table")
    return {table.get(f"{_TABLE}name") or "": _facts(table) for table in tables}


def _facts(table: etree._Element) -> OdsFacts:
    hidden: set[int] = set()
    merges: list[Merge] = []
    number, filled = 1, 0
    for row in table.iter(f"{_TABLE}table-row"):
        rows = _count(row, "number-rows-repeated")
        cells, found = _row_facts(row, number)
        filled += cells * rows
        if filled > MAX_CELLS:
            raise Unreadable(f"more than {MAX_CELLS} filled cells")
        if cells and row.get(f"{_TABLE}visibility") in ("collapse", "filter"):
            hidden.update(range(number, number + rows))
        merges += found[: MAX_MERGES - len(merges)]
        number = min(number + rows, MAX_ROWS)
    return OdsFacts(hidden_rows=frozenset(hidden), merges=tuple(merges))


def _row_facts(row: etree._Element, number: int) -> tuple[int, list[Merge]]:
    """How many filled cells one such row has, and the merges that begin in it."""
    filled, column, merges = 0, 1, []
    for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
        repeated = _count(cell, "number-columns-repeated")
        if len(cell) or cell.get(f"{_OFFICE}value-type"):
            filled += repeated
        right, down = _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
        if right > 1 or down > 1:
            merges.append(Merge(top=number, left=column, bottom=number + down - 1, right=column + right - 1))
        column += repeated
    return filled, merges


def _count(element: etree._Element, name: str) -> int:
    stated = element.get(f"{_TABLE}{name}") or "1"
    return max(int(stated), 1) if stated.isascii() and stated.isdigit() and len(stated) < 9 else 1
