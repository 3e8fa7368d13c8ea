"""Give a cell a red fill without touching anything else of its look: clone its format in styles.xml (18.8)."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from notifier.ooxml import Parts

RED = "FFFFC7CE"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_MINIMAL = (
    '<styleSheet xmlns="{space}"><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/>'
    '</fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf/></cellXfs></styleSheet>'
)


class RedStyles:
    """The formats of a workbook, each with its red twin made on demand."""

    def __init__(self, parts: Parts, workbook: str, space: str) -> None:
        self._parts = parts
        name = next((link.target for link in parts.relations(workbook) if link.type == "styles"), "")
        if not name or not parts.has(name):
            name = parts.free_name("xl/styles{}.xml")
            parts.write(name, _MINIMAL.format(space=space).encode())
            parts.declare(name, _STYLES_TYPE)
            host = (
                "purl.oclc.org/ooxml/officeDocument"
                if "purl" in space
                else "schemas.openxmlformats.org/officeDocument/2006"
            )
            parts.relate(workbook, f"http://{host}/relationships/styles", name)
        self._name = name
        self._root = parts.xml(name)
        self._space = etree.QName(self._root).namespace or ""
        self._twins: dict[int, int] = {}
        self._fill: int | None = None

    def red(self, style: int) -> int:
        """Index of the format that is like `style`, but red."""
        if style not in self._twins:
            formats = self._list("cellXfs", before=("cellStyles", "dxfs", "tableStyles", "colors", "extLst"))
            source = formats[style] if 0 <= style < len(formats) else None
            twin = deepcopy(source) if source is not None else etree.Element(f"{{{self._space}}}xf")
            twin.set("fillId", str(self._red_fill()))
            twin.set("applyFill", "1")
            formats.append(twin)
            formats.set("count", str(len(formats)))
            self._twins[style] = len(formats) - 1
        return self._twins[style]

    def save(self) -> None:
        if self._twins:
            self._parts.write_xml(self._name, self._root)

    def _red_fill(self) -> int:
        if self._fill is None:
            fills = self._list("fills", before=("borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "extLst"))
            fill = etree.SubElement(fills, f"{{{self._space}}}fill")
            pattern = etree.SubElement(fill, f"{{{self._space}}}patternFill", patternType="solid")
            etree.SubElement(pattern, f"{{{self._space}}}fgColor", rgb=RED)
            etree.SubElement(pattern, f"{{{self._space}}}bgColor", indexed="64")
            fills.set("count", str(len(fills)))
            self._fill = len(fills) - 1
        return self._fill

    def _list(self, name: str, *, before: tuple[str, ...]) -> etree._Element:
        found = self._root.find(f"{{{self._space}}}{name}")
        if found is None:
            found = etree.Element(f"{{{self._space}}}{name}")
            follower = next((child for child in self._root if etree.QName(child).localname in before), None)
            if follower is None:
                self._root.append(found)
            else:
                follower.addprevious(found)
        return found
