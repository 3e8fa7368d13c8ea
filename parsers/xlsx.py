"""Read .xlsx and .xlsm. The package is first cut down to what is read, so that no ghost cell and no chart is loaded.

openpyxl then resolves shared strings, number formats and dates on the small copy.
"""

from __future__ import annotations

import io
import posixpath
import struct
import warnings
import zipfile
from typing import Any

import openpyxl

from domain.sheet import CellFault
from parsers.grid import MAX_CELLS, Grid, GridCell, TextBox, Unreadable, check_sheets, check_text, make_cell
from parsers.package import Package
from parsers.safe_xml import parse_xml
from parsers.text_boxes import boxes_of
from parsers.xlsx_slim import MAIN, Slim, slim_sheet

_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT = "http://schemas.openxmlformats.org/package/2006/content-types"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."
# Strict OOXML (ISO/IEC 29500) differs for our purpose in its namespaces only.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", MAIN.encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", _RELATION.encode()),
)
_REFUSALS = (
    TypeError, KeyError, IndexError, ValueError, AttributeError, SyntaxError, zipfile.BadZipFile, struct.error,
)  # fmt: skip
"""What openpyxl raises on a book that it does not understand; SyntaxError is of the XML."""


def read_xlsx(package: Package) -> tuple[Grid, ...]:
    """Every worksheet as a grid. Raises Unreadable, or one of _REFUSALS on a book that openpyxl does not understand."""
    workbook = parse_xml(_part(package, _workbook_name(package)))
    relations = _relations(package, _workbook_name(package))
    slims: list[Slim] = []
    for sheet in workbook.iterfind(f".//{{{MAIN}}}sheet"):
        kind, target = relations.get(sheet.get(f"{{{_RELATION}}}id", ""), ("", ""))
        if kind.endswith("/worksheet") and not package.has(target):
            raise Unreadable("a worksheet is missing from the package", cause="cut")  # its rows would be lost silently
        if kind.endswith("/worksheet"):
            check_sheets(len(slims) + 1)
            left = MAX_CELLS - sum(slim.cells for slim in slims)
            slims.append(slim_sheet(sheet, _part(package, target), left, _boxes(package, target)))
    if not slims:
        raise Unreadable("no worksheet in the workbook")
    properties = workbook.find(f"{{{MAIN}}}workbookPr")
    late = properties is not None and properties.get("date1904") in ("1", "true")
    strings = _strings_part(package, relations, slims)
    styles = next((target for kind, target in relations.values() if kind.endswith("/styles")), "")
    try:
        return _loaded(_write_small(package, slims, strings=strings, styles=styles, epoch_1904=late), slims, late)
    except _REFUSALS:
        # openpyxl refuses some books for their styles alone, which only tell a date from a number.
        return _loaded(_write_small(package, slims, strings=strings, styles="", epoch_1904=late), slims, late)


def _loaded(small: bytes, slims: list[Slim], late: bool) -> tuple[Grid, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of styles it replaces by its own; only values are read here
        book = openpyxl.load_workbook(io.BytesIO(small), read_only=True, data_only=True, keep_links=False)
        return tuple(_grid(slim, book[f"s{index}"], late) for index, slim in enumerate(slims))


def _strings_part(package: Package, relations: dict[str, tuple[str, str]], slims: list[Slim]) -> str:
    """The part with the shared strings, "" if the book has none. Cells that refer to strings that are not there hold
    nothing that could be read."""
    name = next((target for kind, target in relations.values() if kind.endswith("/sharedStrings")), "")
    if package.has(name) or not any(slim.shared for slim in slims):
        return name
    if package.has("xl/sharedStrings.xml"):
        return "xl/sharedStrings.xml"  # written, and not listed
    raise Unreadable("the texts of the cells are missing from the package", cause="cut")


def _part(package: Package, name: str) -> bytes:
    content = package.read(name)
    if b"<!DOCTYPE" in content:  # no writer of OOXML makes one; entities in it are an attack
        raise Unreadable("a document type declaration in the package")
    for strict, transitional in _STRICT:
        content = content.replace(strict, transitional)
    return content


def _workbook_name(package: Package) -> str:
    if package.has("_rels/.rels"):
        for relation in parse_xml(_part(package, "_rels/.rels")).iterfind(f"{{{_PACKAGE}}}Relationship"):
            if relation.get("Type", "").endswith("/officeDocument"):
                return str(relation.get("Target", "")).replace("\\", "/").lstrip("/")
    return "xl/workbook.xml"


def _relations(package: Package, source: str) -> dict[str, tuple[str, str]]:
    """Relationship id → (type, part name) of a part's own relationships."""
    folder, name = posixpath.split(source)
    path = f"{folder}/_rels/{name}.rels"
    if not package.has(path):
        raise Unreadable("the workbook names no sheets")
    found = {}
    for relation in parse_xml(_part(package, path)).iterfind(f"{{{_PACKAGE}}}Relationship"):
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
        links = _relations(package, sheet).values()
        return tuple(box for kind, target in links if kind.endswith("/drawing") and package.has(target)
                     for box in boxes_of(parse_xml(_part(package, target))))  # fmt: skip
    except Unreadable:
        return ()


def _write_small(package: Package, slims: list[Slim], *, strings: str, styles: str, epoch_1904: bool) -> bytes:
    """A package of the sheets, strings and styles alone. Sheets are called s0, s1, …: names may be anything."""
    extra = [("sharedStrings", strings), ("styles", styles)]
    extra = [(kind, name) for kind, name in extra if name and package.has(name)]
    numbers = range(len(slims))
    parts = [f'<Override PartName="/xl/s{n}.xml" ContentType="{_TYPES}worksheet+xml"/>' for n in numbers]
    parts += [f'<Override PartName="/xl/{kind}.xml" ContentType="{_TYPES}{kind}+xml"/>' for kind, _ in extra]
    links = [f'<Relationship Id="s{n}" Type="{_RELATION}/worksheet" Target="s{n}.xml"/>' for n in numbers]
    links += [f'<Relationship Id="{kind}" Type="{_RELATION}/{kind}" Target="{kind}.xml"/>' for kind, _ in extra]
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n + 1}" r:id="s{n}"/>' for n in numbers)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        target.writestr("[Content_Types].xml", (
            f'<Types xmlns="{_CONTENT}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
            f'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPES}sheet.main+xml"/>'
            f'{"".join(parts)}</Types>'))  # fmt: skip
        target.writestr("_rels/.rels", (
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="w" Type="{_RELATION}/officeDocument" '
            f'Target="xl/workbook.xml"/></Relationships>'))  # fmt: skip
        target.writestr("xl/workbook.xml", (
            f'<workbook xmlns="{MAIN}" xmlns:r="{_RELATION}"><workbookPr date1904="{int(epoch_1904)}"/>'
            f"<sheets>{sheets}</sheets></workbook>"))  # fmt: skip
        target.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKAGE}">{"".join(links)}</Relationships>'
        )
        for index, slim in enumerate(slims):
            target.writestr(f"xl/s{index}.xml", slim.xml)
        for kind, name in extra:
            target.writestr(f"xl/{kind}.xml", _part(package, name))
    return buffer.getvalue()


def _grid(slim: Slim, sheet: Any, epoch_1904: bool) -> Grid:
    cells: dict[tuple[int, int], GridCell] = {}
    characters = 0
    for places, row in zip(slim.places, sheet.iter_rows(), strict=False):
        for place, cell in zip(places, row, strict=False):
            made = make_cell(cell.value, cell.number_format)
            if made is not None:
                cells[place] = made
                characters += len(made.text)
        check_text(characters)
    for place in slim.uncalculated:
        cells[place] = GridCell(text="", fault=CellFault.NO_STORED_VALUE)
    return Grid(
        name=slim.name, cells=cells, merges=slim.merges, hidden_rows=slim.hidden_rows,
        hidden_columns=slim.hidden_columns, visible=slim.visible,
        epoch_1904=epoch_1904, boxes=slim.boxes,
    )  # fmt: skip
