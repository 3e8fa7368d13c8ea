"""What an .xlsx says of cells that hold nothing yet: widths, number formats, drop-downs and bounds (ECMA-376 part 1, 18.3.1).

The words of a drop-down stand in the rule, in a range of cells, or in a range that has a name; those that Excel reckons
(INDIRECT) are told as not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from parsers.dates import from_serial
from parsers.grid import MAX_COLUMNS, Grid, Unreadable
from parsers.package import Package
from parsers.safe_xml import parse_xml
from parsers.xlsx import RELATION, part_of, relations_of, workbook_name
from parsers.xlsx_strings import MAIN
from parsers.xlsx_values import Formats

_X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_MAX_RULES = 500
_MAX_WORDS = 500
_MAX_WORD = 60
_FIRST_ROWS = 400
"""Rows whose formats are looked at: a blank form's table begins above them."""
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_WHOLE_COLUMN = re.compile(r"\$?([A-Z]{1,3}):\$?([A-Z]{1,3})")
_REFERENCE = re.compile(
    r"(?:(?:'((?:[^']|'')+)'|([^'!()\[\],]+))!)?(\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?)"
)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?")


@dataclass(frozen=True, kw_only=True)
class CellRule:
    """A data validation: which areas it holds for (top, left, bottom, right), and what it lets in."""

    areas: tuple[tuple[int, int, int, int], ...]
    kind: str
    words: tuple[str, ...] = ()
    least: str = ""
    most: str = ""
    unclear: str = ""
    """Its formula, where it is none of the kinds that are understood."""

    def covers(self, row: int, column: int) -> bool:
        return any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in self.areas)


@dataclass(frozen=True, kw_only=True)
class SheetLook:
    """Of one worksheet: widths and formats by column, formats by (row, column), rules; `lists`: sheets its drop-downs name."""

    widths: Mapping[int, float] = field(default_factory=dict)
    formats: Mapping[int, str] = field(default_factory=dict)
    cell_formats: Mapping[tuple[int, int], str] = field(default_factory=dict)
    rules: tuple[CellRule, ...] = ()
    lists: frozenset[str] = frozenset()

    def format_at(self, row: int, column: int) -> str:
        return self.cell_formats.get((row, column), self.formats.get(column, "General"))

    def rule_at(self, row: int, column: int) -> CellRule | None:
        return next((rule for rule in self.rules if rule.covers(row, column)), None)


def look_at_rules(package: Package, grids: Sequence[Grid]) -> tuple[SheetLook, ...]:
    """A look for each of `grids`, which were read of the same package, in their order. A sheet that says nothing of it, or
    nothing that can be read, has an empty one."""
    workbook = parse_xml(part_of(package, workbook_name(package)))
    relations = relations_of(package, workbook_name(package))
    styles = next((target for kind, target in relations.values() if kind.endswith("/styles")), "")
    formats = Formats(part_of(package, styles) if styles and package.has(styles) else b"")
    names = {each.get("name", ""): each.text or "" for each in workbook.iterfind(f".//{{{MAIN}}}definedName")}
    cells = {grid.name: grid for grid in grids}
    looks = []
    for sheet in workbook.iterfind(f".//{{{MAIN}}}sheet"):
        kind, target = relations.get(sheet.get(f"{{{RELATION}}}id", ""), ("", ""))
        if kind.endswith("/worksheet"):
            looks.append(_look(parse_xml(part_of(package, target)), formats, names, cells, sheet.get("name", "")))
    return tuple(looks)


def _look(
    source: etree._Element, formats: Formats, names: Mapping[str, str], grids: Mapping[str, Grid], own: str
) -> SheetLook:
    widths: dict[int, float] = {}
    by_column: dict[int, str] = {}
    for stated in source.iterfind(f"{{{MAIN}}}cols/{{{MAIN}}}col"):
        first, last = _int(stated.get("min")), min(_int(stated.get("max")), MAX_COLUMNS)
        for column in range(max(first, 1), last + 1):
            if _NUMBER.fullmatch(stated.get("width", "")):
                widths[column] = float(stated.get("width", "12"))
            by_column[column] = formats.code(_int(stated.get("style")))
    lists: set[str] = set()
    rules = tuple(_rules(source, names, grids, own, lists))
    return SheetLook(
        widths=widths,
        formats=by_column,
        cell_formats=dict(_cell_formats(source, formats)),
        rules=rules,
        lists=frozenset(lists - {own}),
    )


def _cell_formats(source: etree._Element, formats: Formats) -> Iterator[tuple[tuple[int, int], str]]:
    for number, row in enumerate(source.iterfind(f"{{{MAIN}}}sheetData/{{{MAIN}}}row")):
        if number >= _FIRST_ROWS:
            return
        for cell in row.iterfind(f"{{{MAIN}}}c"):
            area = _AREA.fullmatch(cell.get("r", ""))
            if area and _column(area[1]) <= MAX_COLUMNS:
                yield (int(area[2]), _column(area[1])), formats.code(_int(cell.get("s")))


def _rules(
    source: etree._Element, names: Mapping[str, str], grids: Mapping[str, Grid], own: str, lists: set[str]
) -> Iterator[CellRule]:
    found = [*source.iterfind(f".//{{{MAIN}}}dataValidation"), *source.iterfind(f".//{{{_X14}}}dataValidation")]
    for one in found[:_MAX_RULES]:
        areas = tuple(_areas(one.get("sqref") or one.findtext("{*}sqref") or ""))
        first, second = _formula(one, "1"), _formula(one, "2")
        kind = one.get("type", "none")
        if kind == "list":
            words = _words(first, names, grids, own, lists)
            yield CellRule(areas=areas, kind=kind, words=words, unclear="" if words else first[:_MAX_WORD])
        elif kind in ("whole", "decimal", "date"):
            least, most = _bounds(one.get("operator", "between"), first, second)
            yield CellRule(areas=areas, kind=kind, least=_value(least, kind), most=_value(most, kind))


def _formula(rule: etree._Element, number: str) -> str:
    found = rule.find(f"{{*}}formula{number}")
    return "" if found is None else "".join(str(text) for text in found.itertext()).strip()


def _bounds(operator: str, first: str, second: str) -> tuple[str, str]:
    """Least and most; of `greaterThan` and `lessThan` the bound itself, since nobody asks for 0.0001 more."""
    if operator == "between":
        return first, second
    if operator == "equal":
        return first, first
    return ("", first) if operator.startswith("less") else (first, "") if operator.startswith("greater") else ("", "")


def _value(text: str, kind: str) -> str:
    """A number as it stands, a serial number as a day; what is reckoned is no bound."""
    if not _NUMBER.fullmatch(text):
        return ""
    if kind == "date":
        day = from_serial(float(text), epoch_1904=False)
        return day.isoformat() if day else ""
    return text


def _words(
    formula: str, names: Mapping[str, str], grids: Mapping[str, Grid], own: str, lists: set[str]
) -> tuple[str, ...]:
    if formula.startswith('"') and formula.endswith('"'):
        return _tidy(formula[1:-1].replace('""', '"').replace("，", ",").split(","))
    reference = _REFERENCE.fullmatch(names.get(formula.lstrip("="), formula).lstrip("=").strip())
    if reference is None:
        return ()
    name = (reference[1] or "").replace("''", "'") or reference[2] or own
    grid = grids.get(name)
    if grid is None:
        return ()
    lists.add(name)
    return _tidy(
        grid.rows[row][column].text
        for top, left, bottom, right in _areas(reference[3].replace("$", ""))
        for row in sorted(grid.rows)
        if top <= row <= bottom
        for column in sorted(grid.rows[row])
        if left <= column <= right
    )


def _tidy(words: Iterable[str]) -> tuple[str, ...]:
    kept = dict.fromkeys(" ".join(word.split()) for word in words)
    return tuple(word for word in kept if word and len(word) <= _MAX_WORD)[:_MAX_WORDS]


def _areas(stated: str) -> Iterator[tuple[int, int, int, int]]:
    for text in stated.split()[:_MAX_RULES]:
        if area := _AREA.fullmatch(text):
            left, top = _column(area[1]), int(area[2])
            yield top, left, int(area[4] or top), _column(area[3] or area[1])
        elif whole := _WHOLE_COLUMN.fullmatch(text):
            yield 1, _column(whole[1]), 1_048_576, _column(whole[2])


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _int(text: str | None) -> int:
    if text and text.isascii() and text.isdigit() and len(text) < 8:
        return int(text)
    return 0


def safe_look(package: Package, grids: Sequence[Grid]) -> tuple[SheetLook, ...]:
    """The same; of a package in which it cannot be read, nothing: the cells are what counts."""
    try:
        looks = look_at_rules(package, grids)
    except (Unreadable, ValueError, OverflowError):
        return ()
    return looks if len(looks) == len(grids) else ()
