"""Put comments on cells inside a package: the comments part and the VML drawing that shows them (ECMA-376, 18.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from notifier.ooxml import Parts, clean, default_namespace, insert_before, relationship_types
from notifier.references import letters

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
# Followers of legacyDrawing in CT_Worksheet: it must stand before them.
_AFTER = (
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)
_SPACES = {
    b"v": b' xmlns:v="urn:schemas-microsoft-com:vml"',
    b"o": b' xmlns:o="urn:schemas-microsoft-com:office:office"',
    b"x": b' xmlns:x="urn:schemas-microsoft-com:office:excel"',
}
_VML_HEAD = '<xml{spaces}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{block}"/></o:shapelayout></xml>'
_SHAPE_TYPE = (
    '<v:shapetype{spaces} id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape{spaces} id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;visibility:hidden;z-index:{order}" '
    'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
    '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_CHARACTERS_A_LINE = 16


def add_comments(
    parts: Parts, sheet: str, root: etree._Element, texts: Mapping[tuple[int, int], str], *, author: str
) -> None:
    """Comment cells of the sheet part `sheet`, whose parsed `root` the caller writes. `texts`: (row, column) → text.

    The author's name stands before every line, so that ours are told from what the county writes under them. A cell
    that has a comment keeps it, and the text is added under it.
    """
    texts = {
        place: "\n".join(f"{author}：{line}" for line in re.split(r"[\r\n]+", text)) for place, text in texts.items()
    }
    space = etree.QName(root).namespace or ""
    base = relationship_types(space)
    new = _write_comments(parts, sheet, space, base, texts, author)
    if new:
        _write_shapes(parts, sheet, root, base, {place: texts[place] for place in new})


def _write_comments(
    parts: Parts, sheet: str, space: str, base: str, texts: Mapping[tuple[int, int], str], author: str
) -> list[tuple[int, int]]:
    """Returns the places that had no comment before."""
    name = next((link.target for link in parts.relations(sheet) if link.type == "comments"), "")
    if name and parts.has(name):
        root = parts.xml(name)
    else:
        name = parts.free_name("xl/comments{}.xml")
        root = etree.Element(f"{{{space}}}comments", nsmap=default_namespace(space))
        etree.SubElement(root, f"{{{space}}}authors")
        etree.SubElement(root, f"{{{space}}}commentList")
        parts.declare(name, _COMMENTS_TYPE)
        parts.relate(sheet, f"{base}/comments", name)
    authors, listed = root.find(f"{{{space}}}authors"), root.find(f"{{{space}}}commentList")
    if authors is None or listed is None:
        raise ValueError("damaged comments part")
    number = _author_id(authors, space, author)
    known = {comment.get("ref"): comment for comment in listed}
    fresh: list[tuple[int, int]] = []
    for (row, column), text in sorted(texts.items()):
        reference = f"{letters(column)}{row}"
        comment = known.get(reference)
        if comment is None:
            fresh.append((row, column))
            comment = etree.SubElement(listed, f"{{{space}}}comment", ref=reference, authorId=str(number))
            etree.SubElement(comment, f"{{{space}}}text")
            _append_text(comment, space, text)
        else:
            _append_text(comment, space, f"\n{text}")
    parts.write_xml(name, root)
    return fresh


def _author_id(authors: etree._Element, space: str, author: str) -> int:
    """The author's place in the list, added if need be."""
    names = [(each.text or "").strip() for each in authors]
    if author not in names:
        etree.SubElement(authors, f"{{{space}}}author").text = author
        return len(authors) - 1
    return names.index(author)


def _append_text(comment: etree._Element, space: str, text: str) -> None:
    """Add a run; plain text that stood there becomes a run before it."""
    body = comment.find(f"{{{space}}}text")
    if body is None:
        body = etree.SubElement(comment, f"{{{space}}}text")
    for plain in body.findall(f"{{{space}}}t"):
        run = etree.SubElement(body, f"{{{space}}}r")
        run.append(plain)
    run = etree.SubElement(body, f"{{{space}}}r")
    properties = etree.SubElement(run, f"{{{space}}}rPr")
    etree.SubElement(properties, f"{{{space}}}sz", val="10")
    etree.SubElement(properties, f"{{{space}}}rFont", val="宋体")
    content = etree.SubElement(run, f"{{{space}}}t")
    content.text = clean(text)
    content.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _write_shapes(
    parts: Parts, sheet: str, root: etree._Element, base: str, texts: Mapping[tuple[int, int], str]
) -> None:
    """The boxes. VML as Excel writes it need not be XML (<br> stays open), so it is extended as text."""
    space = etree.QName(root).namespace or ""
    element = root.find(f"{{{space}}}legacyDrawing")
    links = {link.id: link.target for link in parts.relations(sheet)}
    name = links.get(element.get(f"{{{base}}}id") or "", "") if element is not None else ""
    if not name or not parts.has(name):
        name = parts.free_name("xl/drawings/vmlDrawing{}.vml")
        number = int(re.sub(r"\D", "", name) or 1)
        parts.write(name, _VML_HEAD.format(block=number, spaces=b"".join(_SPACES.values()).decode()).encode())
        parts.declare(name, _VML_TYPE)
        _place_legacy_drawing(root, space, base, parts.relate(sheet, f"{base}/vmlDrawing", name), element)
    drawing = parts.read(name)
    end = drawing.rfind(b"</xml>")
    if end < 0:
        raise ValueError("damaged VML drawing")
    block = re.search(rb'<o:idmap[^>]{0,200}data="(\d{1,5})', drawing)
    taken = [int(found) for found in re.findall(rb"_x0000_s(\d{1,9})", drawing)]
    first = max([*taken, (int(block[1]) if block else 1) * 1024]) + 1
    root_tag = re.search(rb"<xml[^>]{0,2000}>", drawing)
    declared = root_tag[0] if root_tag else b""
    spaces = b"".join(text for text in _SPACES.values() if text.strip() not in declared).decode()
    shapes = "" if b"_x0000_t202" in drawing else _SHAPE_TYPE.format(spaces=spaces)
    for offset, ((row, column), text) in enumerate(sorted(texts.items())):
        shapes += _SHAPE.format(
            id=first + offset,
            spaces=spaces,
            order=offset + 1,
            anchor=_anchor(row, column, text),
            row=row - 1,
            column=column - 1,
        )
    parts.write(name, drawing[:end] + shapes.encode() + drawing[end:])


def _place_legacy_drawing(
    root: etree._Element, space: str, base: str, identifier: str, element: etree._Element | None
) -> None:
    if element is None:
        element = etree.Element(f"{{{space}}}legacyDrawing")
        insert_before(root, element, _AFTER)
    element.set(f"{{{base}}}id", identifier)


def _anchor(row: int, column: int, text: str) -> str:
    """Box to the right of the cell: column, offset, row, offset of its two corners (0-based, pixels)."""
    lines = sum(1 + len(line) // _CHARACTERS_A_LINE for line in text.splitlines())
    return f"{column}, 12, {max(row - 2, 0)}, 6, {column + 3}, 30, {max(row - 2, 0) + lines + 2}, 6"
