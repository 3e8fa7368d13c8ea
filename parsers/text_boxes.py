"""Text that floats over the cells of an .xlsx: people put title and 填报单位 there (DrawingML, ECMA-376 part 1, 20.5)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from parsers.grid import TextBox

_MAX_BOXES = 50
_MAX_TEXT = 1_000


def boxes_of(drawing: etree._Element) -> tuple[TextBox, ...]:
    """The text boxes and shapes with text of a drawing part, whichever of the two namespaces it has."""
    found: list[TextBox] = []
    for anchor in drawing:
        for body in anchor.iter("{*}txBody"):
            text = "\n".join(_paragraphs(body))[:_MAX_TEXT].strip()
            row, column = _corner(anchor)
            if text and len(found) < _MAX_BOXES:
                found.append(TextBox(row=row, column=column, text=text))
    return tuple(found)


def _paragraphs(body: etree._Element) -> Iterator[str]:
    for paragraph in body.iterchildren("{*}p"):
        yield "".join("\n" if part.tag.endswith("}br") else part.text or "" for part in paragraph.iter("{*}t", "{*}br"))


def _corner(anchor: etree._Element) -> tuple[int, int]:
    """Row and column from 1 of an anchor to cells; of one without (an absolute place), the first cell."""
    stated = [anchor.findtext(f"{{*}}from/{{*}}{name}") or "0" for name in ("row", "col")]
    row, column = (int(text) + 1 if text.isascii() and text.isdigit() and len(text) < 8 else 1 for text in stated)
    return row, column
