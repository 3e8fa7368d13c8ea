"""Cuts a worksheet of an .xlsx down to the cells that hold something, and notes what the small one no longer tells."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from parsers.grid import MAX_CELLS, MAX_COLUMNS, MAX_MERGES, MAX_ROWS, Merge, TextBox, Unreadable, address
from parsers.safe_xml import parse_xml

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6}):\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")


@dataclass(frozen=True, kw_only=True)
class Slim:
    """A sheet cut down: its XML, and what openpyxl would not tell."""

    name: str
    visible: bool
    xml: bytes
    cells: int
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    merges: tuple[Merge, ...]
    uncalculated: frozenset[tuple[int, int]]
    boxes: tuple[TextBox, ...]
    shared: bool
    """Some cell refers to the shared strings."""
    places: tuple[tuple[tuple[int, int], ...], ...]
    """Where the cells of the small sheet's rows stood: it is packed to the upper left, so that gaps cost nothing."""


def slim_sheet(sheet: etree._Element, content: bytes, room: int, boxes: tuple[TextBox, ...]) -> Slim:
    """Keep the cells that hold something; `room` bounds them."""
    source = parse_xml(content)
    target = etree.Element(f"{{{MAIN}}}worksheet")
    data = etree.SubElement(target, f"{{{MAIN}}}sheetData")
    hidden: set[int] = set()
    uncalculated: set[tuple[int, int]] = set()
    places: list[tuple[tuple[int, int], ...]] = []
    cells = number = 0
    for row in source.iterfind(f"{{{MAIN}}}sheetData/{{{MAIN}}}row"):
        number = _row_number(row, number)
        if row.get("hidden") in ("1", "true") or row.get("zeroHeight") in ("1", "true") or row.get("ht") == "0":
            hidden.add(number)
        kept, columns, bare = _kept_cells(row, number, packed=len(places) + 1)
        cells += len(kept)
        uncalculated |= bare
        if cells > room:
            raise Unreadable(f"more than {MAX_CELLS} filled cells")
        if kept:
            etree.SubElement(data, f"{{{MAIN}}}row", r=str(len(places) + 1)).extend(kept)
            places.append(tuple((number, column) for column in columns))
    return Slim(
        name=sheet.get("name", ""), visible=sheet.get("state", "visible") == "visible", cells=cells,
        xml=etree.tostring(target, xml_declaration=True, encoding="UTF-8"), hidden_rows=frozenset(hidden),
        hidden_columns=_hidden_columns(source), merges=_merges(source), uncalculated=frozenset(uncalculated), places=tuple(places),
        boxes=boxes, shared=any(cell.get("t") == "s" for cell in data.iterfind(f"{{{MAIN}}}row/{{{MAIN}}}c")),
    )  # fmt: skip


def _hidden_columns(source: etree._Element) -> frozenset[int]:
    hidden: set[int] = set()
    for stated in source.iterfind(f"{{{MAIN}}}cols/{{{MAIN}}}col"):
        if stated.get("hidden") in ("1", "true") or stated.get("width") == "0":
            first, last = (stated.get(name, "") for name in ("min", "max"))
            if first.isascii() and first.isdigit() and last.isascii() and last.isdigit():
                hidden.update(range(int(first[:6]), min(int(last[:6]), MAX_COLUMNS) + 1))
    return frozenset(hidden)


def _row_number(row: etree._Element, before: int) -> int:
    stated = row.get("r", "")
    number = int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 8 else before + 1
    if number > MAX_ROWS:
        raise Unreadable("a row beyond the last row of a sheet")
    return number


def _kept_cells(
    row: etree._Element, number: int, *, packed: int
) -> tuple[list[etree._Element], list[int], set[tuple[int, int]]]:
    """The row's filled cells moved to row `packed`, their true columns, and where a formula has no stored value."""
    kept, columns, bare, column = [], [], set(), 0
    for cell in row.iterfind(f"{{{MAIN}}}c"):
        stated = _ADDRESS.fullmatch(cell.get("r", ""))
        column = _column(stated[1]) if stated else column + 1
        if column > MAX_COLUMNS:
            continue
        formula, value = cell.find(f"{{{MAIN}}}f"), cell.find(f"{{{MAIN}}}v")
        stored = value is not None and (value.text or "") != ""
        if formula is not None and not stored and cell.get("t") != "str":
            bare.add((number, column))
        if formula is not None:
            cell.remove(formula)
        if stored or cell.find(f"{{{MAIN}}}is") is not None:
            columns.append(column)
            cell.set("r", address(packed, len(columns)))
            kept.append(cell)
    return kept, columns, bare


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _merges(source: etree._Element) -> tuple[Merge, ...]:
    """The merged areas; a broken range, or one of whole rows or columns, merges nothing."""
    found = []
    for merge in source.iterfind(f"{{{MAIN}}}mergeCells/{{{MAIN}}}mergeCell"):
        if area := _AREA.fullmatch(merge.get("ref", "").upper()):
            left, top, right, bottom = area.groups()
            found.append(Merge(top=int(top), left=_column(left), bottom=int(bottom), right=_column(right)))
        if len(found) >= MAX_MERGES:
            break
    return tuple(found)
