"""Read .xlsx and .xlsm: the sheets of the package, each with the cells that hold something."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from parsers.grid import MAX_CELLS, Grid, TextBox, Unreadable, check_sheets
from parsers.package import Package
from parsers.safe_xml import parse_xml
from parsers.text_boxes import boxes_of
from parsers.xlsx_sheet import read_sheet
from parsers.xlsx_strings import MAIN
from parsers.xlsx_values import Values

RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
# Strict OOXML (ISO/IEC 29500) differs for our purpose in its namespaces only.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", MAIN.encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", RELATION.encode()),
)


def read_xlsx(package: Package) -> tuple[Grid, ...]:
    """Every worksheet as a grid. Raises Unreadable, or one of `xlsx_values.REFUSALS` on a value that is none."""
    workbook = parse_xml(part_of(package, workbook_name(package)))
    relations = relations_of(package, workbook_name(package))
    properties = workbook.find(f"{{{MAIN}}}workbookPr")
    late = properties is not None and properties.get("date1904") in ("1", "true")
    values = _values(package, relations, late)
    grids: list[Grid] = []
    cells = 0
    for sheet in workbook.iterfind(f".//{{{MAIN}}}sheet"):
        kind, target = relations.get(sheet.get(f"{{{RELATION}}}id", ""), ("", ""))
        if not kind.endswith("/worksheet"):
            continue
        if not package.has(target):
            raise Unreadable("a worksheet is missing from the package", cause="cut")  # its rows would be lost silently
        check_sheets(len(grids) + 1)
        read = read_sheet(part_of(package, target), values, MAX_CELLS - cells)
        cells += read.cells
        grids.append(
            Grid(
                name=sheet.get("name", ""), rows=read.rows, merges=read.merges, hidden_rows=read.hidden,
                hidden_columns=read.hidden_columns, visible=sheet.get("state", "visible") == "visible",
                epoch_1904=late, boxes=_boxes(package, target),
            )
        )  # fmt: skip
    if not grids:
        raise Unreadable("no worksheet in the workbook")
    return tuple(grids)


def _values(package: Package, relations: Mapping[str, tuple[str, str]], late: bool) -> Values:
    """What the values of the cells are resolved by. A table of strings that is written and not listed counts."""
    strings, styles = (
        next((target for kind, target in relations.values() if kind.endswith(f"/{part}")), "")
        for part in ("sharedStrings", "styles")
    )
    strings = strings if package.has(strings) else "xl/sharedStrings.xml"
    return Values(
        lambda: part_of(package, strings) if package.has(strings) else None,
        part_of(package, styles) if package.has(styles) else b"",
        epoch_1904=late,
    )


def part_of(package: Package, name: str) -> bytes:
    """The XML of a part, in the namespaces of transitional OOXML. Raises Unreadable."""
    content = package.read(name)
    if b"<!DOCTYPE" in content:  # no writer of OOXML makes one; entities in it are an attack
        raise Unreadable("a document type declaration in the package")
    for strict, transitional in _STRICT:
        content = content.replace(strict, transitional)
    return content


def workbook_name(package: Package) -> str:
    """The part that lists the sheets."""
    if package.has("_rels/.rels"):
        for relation in parse_xml(part_of(package, "_rels/.rels")).iterfind(f"{{{_PACKAGE}}}Relationship"):
            if relation.get("Type", "").endswith("/officeDocument"):
                return str(relation.get("Target", "")).replace("\\", "/").lstrip("/")
    return "xl/workbook.xml"


def relations_of(package: Package, source: str) -> dict[str, tuple[str, str]]:
    """Relationship id → (type, part name) of a part's own relationships."""
    folder, name = posixpath.split(source)
    path = f"{folder}/_rels/{name}.rels"
    if not package.has(path):
        raise Unreadable("the workbook names no sheets")
    found = {}
    for relation in parse_xml(part_of(package, path)).iterfind(f"{{{_PACKAGE}}}Relationship"):
        target = relation.get("Target", "").replace("\\", "/")
        joined = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[relation.get("Id", "")] = (relation.get("Type", ""), joined)
    return found


def _boxes(package: Package, sheet: str) -> tuple[TextBox, ...]:
    """The text boxes over a sheet. A drawing that cannot be read holds none: the cells are what counts."""
    folder, name = posixpath.split(sheet)
    if not package.has(f"{folder}/_rels/{name}.rels"):
        return ()
    try:
        links = relations_of(package, sheet).values()
        return tuple(box for kind, target in links if kind.endswith("/drawing") and package.has(target)
                     for box in boxes_of(parse_xml(part_of(package, target))))  # fmt: skip
    except Unreadable:
        return ()
