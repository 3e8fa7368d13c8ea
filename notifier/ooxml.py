"""Edit an OOXML package part by part: what is not asked for keeps its very bytes (ECMA-376 part 2)."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from lxml import etree

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_TRANSITIONAL = "schemas.openxmlformats.org/officeDocument/2006"
_TYPES_PART = "[Content_Types].xml"
_FIXED = (1980, 1, 1, 0, 0, 0)
_MAX_UNPACKED = 200_000_000


@dataclass(frozen=True, kw_only=True)
class Relation:
    """One relationship: `type` is its last word (`comments`), `target` the part's name in the package."""

    id: str
    type: str
    target: str
    external: bool


class Parts:
    """The parts of a package, to be read, replaced or added. Raises ValueError on bytes that are no package."""

    def __init__(self, data: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as source:
                self._infos = source.infolist()
                if sum(info.file_size for info in self._infos) > _MAX_UNPACKED:
                    raise ValueError("package too large when unpacked")
                self._original = {info.filename: source.read(info) for info in self._infos}
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise ValueError(f"no package: {error}") from error
        self._changed: dict[str, bytes] = {}
        self._lower = {name.replace("\\", "/").lstrip("/").lower(): name for name in self._original}

    @property
    def names(self) -> tuple[str, ...]:
        return (*self._original, *(name for name in self._changed if name not in self._original))

    def has(self, name: str) -> bool:
        return self._stored(name) in self._original or name in self._changed

    def read(self, name: str) -> bytes:
        stored = self._stored(name)
        if stored in self._changed:
            return self._changed[stored]
        if stored not in self._original:
            raise ValueError(f"the package has no part {name}")
        return self._original[stored]

    def write(self, name: str, content: bytes) -> None:
        self._changed[self._stored(name)] = content

    def xml(self, name: str) -> etree._Element:
        """The part parsed; ValueError if it is damaged."""
        try:
            return parse(self.read(name))
        except etree.XMLSyntaxError as error:
            raise ValueError(f"damaged part {name}: {error.msg}") from error

    def write_xml(self, name: str, root: etree._Element) -> None:
        content = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
        self.write(name, content)

    def free_name(self, pattern: str) -> str:
        """The first part name of `pattern` (with {}) that is not taken."""
        return next(name for number in range(1, 10_000) if not self.has(name := pattern.format(number)))

    def save(self) -> bytes:
        """The package with its changes; parts keep their order and time stamps."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
            for info in self._infos:
                kept = zipfile.ZipInfo(info.filename, info.date_time)
                kept.external_attr, kept.compress_type = info.external_attr, zipfile.ZIP_DEFLATED
                target.writestr(kept, self._changed.get(info.filename, self._original[info.filename]))
            for name in self._changed.keys() - self._original.keys():
                new = zipfile.ZipInfo(name, _FIXED)
                new.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(new, self._changed[name])
        return buffer.getvalue()

    def relations(self, source: str) -> tuple[Relation, ...]:
        """Relationships of a part ("" = the package); none if it has no relationships part."""
        path = _relations_path(source)
        if not self.has(path):
            return ()
        return tuple(
            Relation(
                id=element.get("Id") or "", type=(element.get("Type") or "").rpartition("/")[2],
                target=_resolved(source, element.get("Target") or ""), external=element.get("TargetMode") == "External",
            )
            for element in self.xml(path).iterfind(f"{{{_RELATIONS}}}Relationship")
        )  # fmt: skip

    def relate(self, source: str, type_uri: str, target: str) -> str:
        """Add a relationship from one part to another; returns its id."""
        path = _relations_path(source)
        root = (
            self.xml(path)
            if self.has(path)
            else etree.Element(f"{{{_RELATIONS}}}Relationships", nsmap=default_namespace(_RELATIONS))
        )
        taken = {element.get("Id") for element in root}
        identifier = next(f"rId{number}" for number in range(1, 100_000) if f"rId{number}" not in taken)
        relative = posixpath.relpath(target, posixpath.dirname(source) or ".")
        etree.SubElement(root, f"{{{_RELATIONS}}}Relationship", Id=identifier, Type=type_uri, Target=relative)
        self.write_xml(path, root)
        return identifier

    def declare(self, name: str, content_type: str) -> None:
        """Name the content type of a new part."""
        root = self.xml(_TYPES_PART)
        etree.SubElement(root, f"{{{_TYPES}}}Override", PartName=f"/{name}", ContentType=content_type)
        self.write_xml(_TYPES_PART, root)

    def _stored(self, name: str) -> str:
        return self._lower.get(name.lstrip("/").lower(), name)


def parse(content: bytes) -> etree._Element:
    """XML without entities, network or DTD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(content, parser)


def default_namespace(uri: str) -> Any:
    """The map that makes `uri` the namespace without prefix (lxml's stubs know no None key)."""
    return {None: uri}


def relationship_types(space: str) -> str:
    """Where the types of relationships begin: of the strict form of OOXML or the transitional one, as the namespace
    of the workbook says (ECMA-376 part 4)."""
    strict = "purl" in space
    return f"http://{'purl.oclc.org/ooxml/officeDocument' if strict else _TRANSITIONAL}/relationships"


def insert_before(parent: etree._Element, element: etree._Element, followers: Collection[str]) -> None:
    """Puts the element where the schema wants it: before the first child that has one of these names, else last."""
    follower = next((child for child in parent if etree.QName(child).localname in followers), None)
    if follower is None:
        parent.append(element)
    else:
        follower.addprevious(element)


def clean(text: str) -> str:
    """`text` without the characters that XML 1.0 forbids."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def _relations_path(source: str) -> str:
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _resolved(source: str, target: str) -> str:
    target = target.replace("\\", "/")
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
