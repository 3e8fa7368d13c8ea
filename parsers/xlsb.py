"""What calamine does not tell of an .xlsb: hidden rows and columns, merged cells, errors. Record numbers are those of [MS-XLSB]."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from parsers.grid import MAX_CELLS, MAX_COLUMNS, MAX_MERGES, GridCell, Merge, SheetFacts, error_cell
from parsers.package import Package
from parsers.safe_xml import parse_xml

_BUNDLE_SHEET, _ROW_HEADER, _MERGE, _COLUMNS = 156, 0, 176, 60
_ERRORS = (3, 11)
"""BrtCellError, and BrtFmlaError of a formula."""
_HIDDEN = 0x10
"""fDyZero of BrtRowHdr (2.4.739), in its twelfth byte."""
_MAX_RECORDS = 3_000_000
_BOOK = "xl/workbook.bin"


def look_at_xlsb(package: Package) -> dict[str, SheetFacts]:
    """Sheet name → facts; of a book that is laid out in another way nothing."""
    relations = "xl/_rels/workbook.bin.rels"
    if not package.has(_BOOK) or not package.has(relations):
        return {}
    links = parse_xml(package.read(relations))
    targets = {link.get("Id") or "": f"xl/{link.get('Target') or ''}" for link in links.iterfind("{*}Relationship")}
    found: dict[str, SheetFacts] = {}
    for number, body in _records(package.read(_BOOK)):
        if number == _BUNDLE_SHEET:
            identifier, end = _text(body, 8)
            name, _ = _text(body, end)
            if package.has(targets.get(identifier, "")):
                found[name] = _facts(package.read(targets[identifier]))
    return found


def _facts(sheet: bytes) -> SheetFacts:
    hidden: set[int] = set()
    columns: set[int] = set()
    merges: list[Merge] = []
    faults: dict[tuple[int, int], GridCell] = {}
    row = 0
    for number, body in _records(sheet):
        if number == _ROW_HEADER and len(body) >= 12:
            row = struct.unpack_from("<I", body)[0] + 1
            hidden.update({row} if body[11] & _HIDDEN else ())
        elif number in _ERRORS and len(body) >= 9 and len(faults) < MAX_CELLS:
            faults[(row, struct.unpack_from("<I", body)[0] + 1)] = error_cell(body[8])
        elif number == _COLUMNS and len(body) >= 18 and body[16] & 1:
            first, last = struct.unpack_from("<II", body)
            columns.update(range(first + 1, min(last, MAX_COLUMNS) + 2))
        elif number == _MERGE and len(body) >= 16 and len(merges) < MAX_MERGES:
            top, bottom, left, right = struct.unpack_from("<IIII", body)
            merges.append(Merge(top=top + 1, left=left + 1, bottom=bottom + 1, right=right + 1))
    return SheetFacts(
        hidden_rows=frozenset(hidden), hidden_columns=frozenset(columns), merges=tuple(merges), faults=faults
    )


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and body of each record (2.1.4): both its number and its length are written seven bits a byte."""
    at = 0
    for _ in range(_MAX_RECORDS):
        if at + 2 > len(content):
            return
        number, at = _seven_bits(content, at, 2)
        length, at = _seven_bits(content, at, 4)
        yield number, content[at : at + length]
        at += length


def _seven_bits(content: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(content[at : at + most]):
        # The record number of two bytes keeps its marking bit out of the value too.
        value |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            return value, at + place + 1
    return value, at + most


def _text(body: bytes, at: int) -> tuple[str, int]:
    """A wide string (2.5.169) and where it ends."""
    if at + 4 > len(body):
        return "", len(body)
    (length,) = struct.unpack_from("<I", body, at)
    if length == 0xFFFFFFFF:  # none
        return "", at + 4
    end = at + 4 + 2 * length
    return body[at + 4 : end].decode("utf-16-le", "replace"), end
