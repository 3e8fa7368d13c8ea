"""Give a cell a red fill without touching anything else of its look: clone its format in styles.xml (18.8)."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from notifier.ooxml import Parts, insert_before, relationship_types

RED = "FFFFC7CD"
"""One shade beside the red of Excel's own style for bad cells, so that ours is known again."""
_NO_COLOUR = {"indexed": "64"}
_UNFILLED = ("none", "")
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_MINIMAL = (
    '<styleSheet xmlns="{space}"><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/>'
    '</fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf/></cellXfs></styleSheet>'
)

_Colour = dict[str, str] | None
"""As a fill states it: rgb, theme or index."""


class RedStyles:
    """The formats of a workbook, each with its red twin made on demand."""

    def __init__(self, parts: Parts, workbook: str, space: str) -> None:
        self._parts = parts
        name = next((link.target for link in parts.relations(workbook) if link.type == "styles"), "")
        if not name or not parts.has(name):
            name = parts.free_name("xl/styles{}.xml")
            parts.write(name, _MINIMAL.format(space=space).encode())
            parts.declare(name, _STYLES_TYPE)
            parts.relate(workbook, f"{relationship_types(space)}/styles", name)
        self._name = name
        self._root = parts.xml(name)
        self._space = etree.QName(self._root).namespace or ""
        self._twins: dict[int, int] = {}
        self._plain: dict[int, int] = {}
        self._changed = False
        self._fills: dict[tuple[object, ...], int] = {}

    def red(self, style: int) -> int:
        """Index of the format that is like `style`, but red."""
        if style not in self._twins:
            kind, front, _ = self._pattern(style)
            if kind in _UNFILLED:
                fill = self._fill("solid", {"rgb": RED}, _NO_COLOUR)
            elif kind == "solid":
                fill = self._fill("solid", {"rgb": RED}, front or _NO_COLOUR)
            else:
                fill = self._fill(kind, front, {"rgb": RED})  # a hatching stays, on red ground
            self._twins[style] = self._twin(style, fill)
        return self._twins[style]

    @property
    def has_red(self) -> bool:
        """Whether the workbook has our red at all, from an earlier marking."""
        return any(_is_red(_attributes(colour)) for colour in self._root.iter("{*}fgColor", "{*}bgColor"))

    def plain(self, style: int) -> int:
        """Index of the format that was there before `red`; `style` itself if it is not red.

        Programs number formats anew when they save, so the colour from before is kept in the red fill itself: as its
        background, which a solid fill does not show. A hatching keeps its own colour, and its ground becomes plain.
        """
        if style not in self._plain:
            kind, front, back = self._pattern(style)
            if kind == "solid" and _is_red(front):
                fill = self._fill("solid", back, _NO_COLOUR) if back and back != _NO_COLOUR else 0
                self._plain[style] = self._twin(style, fill)
            elif kind not in _UNFILLED and kind != "solid" and _is_red(back):
                self._plain[style] = self._twin(style, self._fill(kind, front, None))
            else:
                self._plain[style] = style
        return self._plain[style]

    def save(self) -> None:
        if self._changed:
            self._parts.write_xml(self._name, self._root)

    def _formats(self) -> etree._Element:
        return self._list("cellXfs", before=("cellStyles", "dxfs", "tableStyles", "colors", "extLst"))

    def _all_fills(self) -> etree._Element:
        return self._list("fills", before=("borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "extLst"))

    def _twin(self, style: int, fill: int) -> int:
        """Index of a new format, like `style` but for its fill."""
        formats = self._formats()
        source = formats[style] if 0 <= style < len(formats) else None
        twin = deepcopy(source) if source is not None else etree.Element(f"{{{self._space}}}xf")
        twin.set("fillId", str(fill))
        twin.set("applyFill", "1" if fill else "0")
        formats.append(twin)
        formats.set("count", str(len(formats)))
        self._changed = True
        return len(formats) - 1

    def _pattern(self, style: int) -> tuple[str, _Colour, _Colour]:
        """The format's fill: its pattern, the colour of that, and of what is under it."""
        formats, fills = self._formats(), self._all_fills()
        number = (formats[style].get("fillId") or "0") if 0 <= style < len(formats) else "0"
        at = int(number) if number.isascii() and number.isdigit() else 0
        pattern = fills[at].find(f"{{{self._space}}}patternFill") if at < len(fills) else None
        if pattern is None:
            return "none", None, None
        front, back = (pattern.find(f"{{{self._space}}}{name}") for name in ("fgColor", "bgColor"))
        return pattern.get("patternType") or "none", _attributes(front), _attributes(back)

    def _fill(self, kind: str, front: _Colour, back: _Colour) -> int:
        """Index of a fill of this pattern and these colours, made once."""
        key = (kind, *sorted((front or {}).items()), ("", ""), *sorted((back or {}).items()))
        if key not in self._fills:
            fills = self._all_fills()
            pattern = etree.SubElement(
                etree.SubElement(fills, f"{{{self._space}}}fill"), f"{{{self._space}}}patternFill"
            )
            pattern.set("patternType", kind)
            for name, colour in (("fgColor", front), ("bgColor", back)):
                if colour is not None:
                    etree.SubElement(pattern, f"{{{self._space}}}{name}", colour)
            fills.set("count", str(len(fills)))
            self._fills[key] = len(fills) - 1
        return self._fills[key]

    def _list(self, name: str, *, before: tuple[str, ...]) -> etree._Element:
        found = self._root.find(f"{{{self._space}}}{name}")
        if found is None:
            found = etree.Element(f"{{{self._space}}}{name}")
            insert_before(self._root, found, before)
        return found


def _attributes(colour: etree._Element | None) -> _Colour:
    return None if colour is None else {str(key): str(value) for key, value in colour.attrib.items()}


def _is_red(colour: _Colour) -> bool:
    return (colour or {}).get("rgb", "").upper() == RED
