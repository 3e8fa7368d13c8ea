"""Holds every part of a workbook against the schemas of ECMA-376 (transitional) and of its package."""

from __future__ import annotations

import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

from lxml import etree

SCHEMAS = Path(__file__).parent / "resources" / "ecma376"
_BY_NAMESPACE = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "sml",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "dml-chart",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "dml-main",
    "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing": "dml-spreadsheetDrawing",
    "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties": "shared-documentPropertiesExtended",
    "http://schemas.openxmlformats.org/package/2006/content-types": "opc-contentTypes",
    "http://schemas.openxmlformats.org/package/2006/metadata/core-properties": "opc-coreProperties",
    "http://schemas.openxmlformats.org/package/2006/relationships": "opc-relationships",
}


@cache
def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / f"{name}.xsd")))


def faults(data: bytes) -> dict[str, list[str]]:
    """Part of the package → what is wrong with it. A part of an unknown kind is a fault."""
    found: dict[str, list[str]] = {}
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in package.namelist():
            try:
                root = etree.fromstring(package.read(name))
            except etree.XMLSyntaxError as error:
                found[name] = [str(error)]
                continue
            kind = _BY_NAMESPACE.get(etree.QName(root).namespace or "")
            if kind is None:
                found[name] = [f"nothing is known of {root.tag}"]
            elif not (held := schema(kind)).validate(root):
                found[name] = [str(entry) for entry in held.error_log]  # type: ignore[attr-defined]
    return found


def parts(data: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return package.namelist()
