"""Mark the bad cells of a reporter's own workbook: red fill and a comment; nothing else a person can see changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from domain.sheet import SheetFormat
from notifier.mark_comments import add_comments
from notifier.mark_removal import remove_marks
from notifier.mark_styles import RedStyles
from notifier.ooxml import Parts
from notifier.references import letters, place

AUTHOR = "报送邮箱自动审核"
"""Begins every line of ours in a comment: nobody in a county writes so, as they do write 审核意见."""
_ACTIVE = re.compile(
    r"vbaProject|(?:^|/)xl/(?:embeddings|activeX|externalLinks|macrosheets|dialogsheets)/|xl/connections\.|customUI/",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One remark: `address` (`C7`) on the sheet named `sheet`; `text` is Chinese, shown as the cell's comment."""

    sheet: str
    address: str
    text: str


def can_return(data: bytes) -> bool:
    """The workbook may be sent back: an .xlsx package without macros, embedded objects, external links or DDE."""
    try:
        parts = Parts(data)
        if not parts.has("[Content_Types].xml") or b"macroEnabled" in parts.read("[Content_Types].xml"):
            return False
        if any(_ACTIVE.search(name) for name in parts.names):
            return False
        sources = [name[: -len(".rels")].replace("_rels/", "") for name in parts.names if name.endswith(".rels")]
        return not any(link.external and link.type != "hyperlink" for name in sources for link in parts.relations(name))
    except ValueError:
        return False


def mark_workbook(data: bytes, marks: Sequence[Mark], *, fmt: SheetFormat) -> bytes:
    """The same workbook with its bad cells filled and commented, and no earlier marks of ours. Marks of one cell share
    one comment.

    Only .xlsx can be edited so: ValueError for any other `fmt`, for a damaged package, and for a mark that names no
    cell of the workbook. Parts that need no change keep their very bytes.
    """
    if fmt is not SheetFormat.XLSX:
        raise ValueError(f"{fmt} is rebuilt, not marked")
    parts = Parts(data)
    workbook = next((link.target for link in parts.relations("") if link.type == "officeDocument"), "xl/workbook.xml")
    book = parts.xml(workbook)
    styles = RedStyles(parts, workbook, etree.QName(book).namespace or "")
    names = _sheet_parts(parts, workbook, book)
    for name in names.values():
        remove_marks(parts, name, styles, author=AUTHOR)
    for sheet in dict.fromkeys(mark.sheet for mark in marks):
        if sheet not in names:
            raise ValueError("a mark names a sheet that is not there")
        _mark_sheet(parts, names[sheet], styles, [mark for mark in marks if mark.sheet == sheet])
    styles.save()
    return parts.save()


def _sheet_parts(parts: Parts, workbook: str, book: etree._Element) -> dict[str, str]:
    """Sheet name → part."""
    links = {link.id: link.target for link in parts.relations(workbook)}
    found = {}
    for sheet in book.iter("{*}sheet"):
        identifier = next((value for key, value in sheet.attrib.items() if str(key).endswith("relationships}id")), "")
        if links.get(str(identifier)):
            found[sheet.get("name") or ""] = links[str(identifier)]
    return found


def _mark_sheet(parts: Parts, name: str, styles: RedStyles, marks: Iterable[Mark]) -> None:
    root = parts.xml(name)
    texts: dict[tuple[int, int], str] = {}
    for mark in marks:
        shown = _shown_at(root, mark.address)
        old = texts.get(shown)
        texts[shown] = mark.text if old is None else f"{old}\n{mark.text}"
    for row, column in texts:
        cell, style = _cell(root, row, column)
        cell.set("s", str(styles.red(style)))
    add_comments(parts, name, root, texts, author=AUTHOR)
    parts.write_xml(name, root)


def _shown_at(root: etree._Element, address: str) -> tuple[int, int]:
    """Row and column of the cell; under a merge those of its upper left cell, whose fill and comment alone are shown."""
    marked = place(address)
    if marked is None:
        raise ValueError("a mark names no cell")
    for merge in root.iter("{*}mergeCell"):
        first, _, last = (merge.get("ref") or "").replace("$", "").partition(":")
        top, bottom = place(first), place(last)
        if top and bottom and top[0] <= marked[0] <= bottom[0] and top[1] <= marked[1] <= bottom[1]:
            return top
    return marked


def _cell(root: etree._Element, row: int, column: int) -> tuple[etree._Element, int]:
    """The cell's element and format; made in its right place if the sheet has none, with the format it showed."""
    space = etree.QName(root).namespace or ""
    line = _row(root, space, row)
    before, number = None, 0
    for cell in line.iterfind(f"{{{space}}}c"):
        stated = place(cell.get("r") or "")
        number = stated[1] if stated else number + 1
        if number == column:
            return cell, _index(cell.get("s"))
        if number > column:
            break
        before = cell
    made = etree.Element(f"{{{space}}}c", r=f"{letters(column)}{row}")
    if before is None:
        line.insert(0, made)
    else:
        before.addnext(made)
    shown = line.get("s") if line.get("customFormat") in ("1", "true") else _column_style(root, space, column)
    return made, _index(shown)


def _row(root: etree._Element, space: str, row: int) -> etree._Element:
    data = root.find(f"{{{space}}}sheetData")
    if data is None:
        raise ValueError("a mark is on a sheet without cells")
    before, number = None, 0
    for line in data.iterfind(f"{{{space}}}row"):
        stated = line.get("r") or ""
        number = int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 8 else number + 1
        if number == row:
            return line
        if number > row:
            break
        before = line
    made = etree.Element(f"{{{space}}}row", r=str(row))
    if before is None:
        data.insert(0, made)
    else:
        before.addnext(made)
    return made


def _column_style(root: etree._Element, space: str, column: int) -> str | None:
    for entry in root.iterfind(f"{{{space}}}cols/{{{space}}}col"):
        if _index(entry.get("min")) <= column <= _index(entry.get("max")):
            return entry.get("style")
    return None


def _index(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0
