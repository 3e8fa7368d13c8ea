"""Look at a zip package (.xlsx, .xlsm, .xlsb, .ods) before any library loads it: sizes, kind, what is active in it."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from domain.sheet import SheetFormat
from parsers.grid import Unreadable
from parsers.zip_end import without_tail
from parsers.zip_rescue import rescued

MAX_PARTS = 5_000
MAX_UNPACKED = 200_000_000
MAX_PART = 64_000_000
"""Bytes of one part that is parsed (a sheet of 200,000 cells is about 15 MB)."""
MAX_RATIO = 400
"""Most a part over 1 MB may have been compressed; real sheets of repeated rows come to about 60."""
_EMBEDDED = re.compile(
    r"xl/(embeddings|activeX|externalLinks|macrosheets|dialogsheets)/|xl/connections\.|customUI/", re.IGNORECASE
)
_EXTERNAL = re.compile(rb"<[^>]{0,2000}TargetMode\s*=\s*[\"']External[\"'][^>]{0,2000}>")


_ZIP_FAULTS = (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, struct.error)


def with_contents(data: bytes) -> bytes:
    """The package with a table of contents that others can read: `data` itself, or its whole parts packed anew."""
    try:
        data = without_tail(data)
        zipfile.ZipFile(io.BytesIO(data)).close()
    except _ZIP_FAULTS:
        return rescued(data, max_parts=MAX_PARTS, max_unpacked=MAX_UNPACKED) or data
    return data


_DDE = re.compile(rb"<(?:\w+:)?f(?:\s[^<>]*)?>[^<|]*\|[^<!]*!")
"""A formula such as `cmd|'/C calc'!A0`: what Excel stores as a link to another program stands there as it was typed."""


class Package:
    """An opened zip whose announced sizes are within bounds. `read` never unpacks more than a part may hold.

    Where the table of contents is lost or damaged, the parts that are whole are there, and no others.
    """

    def __init__(self, data: bytes) -> None:
        self.whole = True
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(without_tail(data)))
            infos = self._zip.infolist()
        except _ZIP_FAULTS as error:
            whole = rescued(data, max_parts=MAX_PARTS, max_unpacked=MAX_UNPACKED)
            if whole is None:
                raise Unreadable(f"no zip package: {error}", cause="cut") from error
            self.whole = False
            self._zip = zipfile.ZipFile(io.BytesIO(whole))
            infos = self._zip.infolist()
        if len(infos) > MAX_PARTS:
            raise Unreadable(f"{len(infos)} parts in the package")
        if sum(info.file_size for info in infos) > MAX_UNPACKED:
            raise Unreadable("package too large when unpacked")
        for info in infos:
            if info.file_size > 1_000_000 and info.file_size > MAX_RATIO * max(info.compress_size, 1):
                raise Unreadable(f"compressed beyond reason: {info.file_size} from {info.compress_size} bytes")
        # Some writers use backslashes, or another case than the relationships do.
        self._names = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in infos}
        self.names = tuple(info.filename.replace("\\", "/").lstrip("/") for info in infos)

    def has(self, name: str) -> bool:
        return name.lstrip("/").lower() in self._names

    def read(self, name: str) -> bytes:
        """The bytes of a part; Unreadable if absent, damaged, locked or longer than `MAX_PART`."""
        info = self._names.get(name.lstrip("/").lower())
        if info is None:
            raise Unreadable("a part is missing from the package", cause="cut")
        if info.flag_bits & 0x1:
            raise Unreadable("a part of the package is locked", code="sheet.encrypted")
        try:
            with self._zip.open(info) as stream:
                content = stream.read(MAX_PART + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise Unreadable(f"damaged part: {error}") from error
        if len(content) > MAX_PART:
            raise Unreadable("a part is too large")
        return content


def kind_of(package: Package) -> SheetFormat:
    """Which workbook the package is; Unreadable if it is none."""
    if package.has("mimetype") and b"opendocument.spreadsheet" in package.read("mimetype"):
        manifest = package.read("META-INF/manifest.xml") if package.has("META-INF/manifest.xml") else b""
        if b"encryption-data" in manifest:
            raise Unreadable("the document is encrypted", code="sheet.encrypted")
        return SheetFormat.ODS
    if not package.has("[Content_Types].xml"):
        raise Unreadable(
            "neither an OOXML nor an ODF package", cause="" if package.whole and not _was_workbook(package) else "cut"
        )
    types = package.read("[Content_Types].xml")
    if b"vnd.ms-excel.sheet.binary" in types:
        return SheetFormat.XLSB
    if b"spreadsheet" not in types and b"ms-excel" not in types:
        raise Unreadable("a package, but no workbook")
    return SheetFormat.XLSM if b"macroEnabled" in types else SheetFormat.XLSX


def _was_workbook(package: Package) -> bool:
    return any(name.lower().startswith("xl/") for name in package.names)


def has_macros(package: Package) -> bool:
    return any(re.search(r"vbaProject|macrosheets/|^Basic/|^Scripts/", name, re.IGNORECASE) for name in package.names)


def has_active_content(package: Package) -> bool:
    """Macros, embedded objects, links to other files, DDE, data connections; a plain hyperlink is none of these."""
    if has_macros(package) or any(_EMBEDDED.match(name) or "Object " in name for name in package.names):
        return True
    sheets = (name for name in package.names if name.lower().startswith("xl/worksheets/") and name.endswith(".xml"))
    parts = map(package.read, sheets)
    if any(b"|" in part and _DDE.search(part) for part in parts):  # without the sign it is not even looked for
        return True
    relations = (name for name in package.names if name.lower().endswith(".rels"))
    return any(b"/hyperlink" not in found for name in relations for found in _EXTERNAL.findall(package.read(name)))
