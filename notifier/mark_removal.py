"""Take our earlier marks off a workbook that comes back corrected: comments, their boxes, and the red of their cells."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lxml import etree

from notifier.mark_styles import RedStyles
from notifier.ooxml import Parts
from notifier.references import place

_SHAPE = re.compile(rb"<(/?)(?:\w{1,8}:)?shape(?=[\s>])[^>]{0,10000}>")
_ROW, _COLUMN = (re.compile(rb"<(?:\w{1,8}:)?" + name + rb">\s{0,9}(\d{1,7})\s{0,9}<") for name in (b"Row", b"Column"))
_NOTE = re.compile(rb"ObjectType\s{0,9}=\s{0,9}[\"']Note[\"']")


def remove_marks(parts: Parts, sheet: str, styles: RedStyles, *, author: str) -> None:
    """Undo what `mark_comments.add_comments` and `RedStyles.red` did in the sheet part. What others wrote stays.

    A program may have saved the file since, so marks are known by what such programs keep: the author's name before
    each of our lines in a comment, and the fill, whose red nobody else uses.
    """
    _remove_comments(parts, sheet, author)
    if not styles.has_red:
        return
    root, changed = parts.xml(sheet), False
    for cell in root.iter("{*}c"):
        stated = cell.get("s") or ""
        style = int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 8 else 0
        plain = styles.plain(style)
        if plain != style:
            cell.set("s", str(plain))
            changed = True
    if changed:
        parts.write_xml(sheet, root)


def _remove_comments(parts: Parts, sheet: str, author: str) -> None:
    links = parts.relations(sheet)
    name = next((link.target for link in links if link.type == "comments"), "")
    if not name or not parts.has(name):
        return
    root = parts.xml(name)
    dropped, shortened = _strip_comments(root, author)
    if dropped or shortened:
        parts.write_xml(name, root)
    places = {_place(each) for each in dropped}
    for link in links:
        if places and link.type == "vmlDrawing" and parts.has(link.target):
            parts.write(link.target, _without_boxes(parts.read(link.target), places))


def _strip_comments(root: etree._Element, author: str) -> tuple[set[str], bool]:
    """Cells whose comments were removed, being ours alone, and whether our lines were taken out of any others."""
    dropped, shortened = set(), False
    ours = re.compile(rf"(?:^[\r\n]*|[\r\n]+){re.escape(author)}[：:][^\r\n]*")
    for comment in root.findall("{*}commentList/{*}comment"):
        if not _cut(comment, ours):
            continue
        if any((text.text or "").strip() for text in comment.iter("{*}t")):
            shortened = True
        else:
            _remove(comment)
            dropped.add(comment.get("ref") or "")
    return dropped, shortened


def _cut(comment: etree._Element, ours: re.Pattern[str]) -> bool:
    """Takes our lines out of a comment, whatever runs of text they stand in; whether there were any. What the county
    wrote before, between or under them stays."""
    texts = list(comment.iter("{*}t"))
    whole = "".join(text.text or "" for text in texts)
    spans = [found.span() for found in ours.finditer(whole)]
    end = 0
    for text in texts if spans else ():
        start, end = end, end + len(text.text or "")
        text.text = "".join(whole[at] for at in range(start, end) if not any(a <= at < b for a, b in spans))
        run = text.getparent()
        if not text.text and run is not None and etree.QName(run).localname == "r":
            _remove(run)
    return bool(spans)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _without_boxes(drawing: bytes, places: Collection[tuple[int, int]]) -> bytes:
    """The VML drawing, which need not be XML, without the boxes of these cells."""
    kept, end = [], 0
    for start, stop in _shapes(drawing):
        row, column = _ROW.search(drawing, start, stop), _COLUMN.search(drawing, start, stop)
        if _NOTE.search(drawing, start, stop) and row and column and (int(row[1]), int(column[1])) in places:
            kept.append(drawing[end:start])
            end = stop
    return b"".join([*kept, drawing[end:]])


def _shapes(drawing: bytes) -> Iterator[tuple[int, int]]:
    """Where each shape begins and ends."""
    start = -1
    for tag in _SHAPE.finditer(drawing):
        if not tag[1]:
            start = tag.start()
        elif start >= 0:
            yield start, tag.end()
            start = -1


def _place(reference: str) -> tuple[int, int]:
    """`C7` → (6, 2), as VML counts; a place that no box has for what is no reference."""
    row, column = place(reference) or (0, 0)
    return row - 1, column - 1
