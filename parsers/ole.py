"""Look at an OLE file (.xls, .et) before any library loads it: password, macros, embedded objects, hidden rows.

Record numbers are those of [MS-XLS]. Walks the records of the workbook stream and reads a few of them.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import olefile

from parsers.grid import MAX_CELLS, MAX_COLUMNS, GridCell, SheetFacts, TextBox, Unreadable, error_cell

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FILE_PASS, _BOUND_SHEET, _ROW, _DATE_1904, _SUP_BOOK, _BOF, _EOF = 0x2F, 0x85, 0x208, 0x22, 0x1AE, 0x809, 0x0A
_COLUMNS, _BOOL_OR_ERROR, _FORMULA = 0x7D, 0x205, 0x06
_BIFF5 = b"\x00\x05"
"""Version in the BOF of Excel 5 and 95."""
_MSO_DRAWING, _OBJECT, _TEXT_OBJECT, _CONTINUE = 0xEC, 0x5D, 0x1B6, 0x3C
_DRAWN = (_MSO_DRAWING, _OBJECT, _TEXT_OBJECT, _CONTINUE)
_ANCHOR = b"\x10\xf0\x12\x00\x00\x00"
"""Type and length of an OfficeArtClientAnchorSheet."""
_NOTE = b"\x19\x00"
"""Object type of a cell's comment."""
_MAX_BOXES = 50
_MAX_RECORDS = 3_000_000
_MAX_STREAM = 100_000_000


@dataclass(frozen=True, kw_only=True)
class OleFacts:
    """What the look gave. `sheets`: by name."""

    macros: bool = False
    active_content: bool = False
    epoch_1904: bool = False
    sheets: Mapping[str, SheetFacts] = field(default_factory=dict)


def look_at_ole(data: bytes) -> OleFacts:
    """Facts of a workbook in OLE, or of a bare record stream. Unreadable if it is none or has a password."""
    if not data.startswith(OLE_MAGIC):
        return _walk(data, macros=False, embedded=False)
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            streams = {"/".join(path).lower() for path in ole.listdir(streams=True, storages=True)}
            name = next((one for one in ("Workbook", "Book") if one.lower() in streams), "")
            content = ole.openstream(name).read(_MAX_STREAM) if name else b""
    except Exception as error:  # olefile raises many kinds on damaged files; all mean the same here
        raise Unreadable(f"damaged OLE file: {type(error).__name__}: {error}"[:300]) from error
    if "encryptedpackage" in streams:
        raise Unreadable("the workbook has a password", code="sheet.encrypted")
    if not name:
        raise Unreadable("an OLE file, but no workbook")
    macros = any("_vba_project" in name or name.startswith("macros") for name in streams)
    embedded = any(name.startswith("mbd") or name.endswith("\x01ole10native") for name in streams)
    return _walk(content, macros=macros, embedded=embedded)


def _records(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Offset, number and body of each record."""
    offset = 0
    for _ in range(_MAX_RECORDS):
        if offset + 4 > len(content):
            return
        number, length = struct.unpack_from("<HH", content, offset)
        yield offset, number, content[offset + 4 : offset + 4 + length]
        offset += 4 + length


def _walk(content: bytes, *, macros: bool, embedded: bool) -> OleFacts:
    names: dict[int, str] = {}
    sheets: dict[str, _SheetLook] = {}
    sheet, links, late, wide = "", False, False, True
    for offset, number, body in _records(content):
        if number == _FILE_PASS:
            raise Unreadable("the workbook has a password", code="sheet.encrypted")
        if number == _BOUND_SHEET and len(body) > 8:
            names[struct.unpack_from("<I", body)[0]] = _sheet_name(body, wide=wide)
        elif number == _BOF:
            sheet = names.get(offset, sheet)
            wide = wide and body[:2] != _BIFF5
        elif number == _DATE_1904 and body[:1] == b"\x01":
            late = True
        # SupBook: 0x0401 marks the workbook itself, 0x3A01 add-in functions; anything else is another file or DDE.
        elif number == _SUP_BOOK and body[2:4] not in (b"\x01\x04", b"\x01\x3a"):
            links = True
        elif sheet:
            sheets.setdefault(sheet, _SheetLook()).take(number, body)
    return OleFacts(
        macros=macros, active_content=macros or embedded or links, epoch_1904=late,
        sheets={name: look.facts() for name, look in sheets.items()},
    )  # fmt: skip


class _SheetLook:
    """Gathers from the records of one sheet what its reader does not tell ([MS-XLS] 2.4.221 Row, 2.4.53 ColInfo,
    2.4.24 BoolErr, 2.4.127 Formula)."""

    def __init__(self) -> None:
        self._rows: set[int] = set()
        self._columns: set[int] = set()
        self._faults: dict[tuple[int, int], GridCell] = {}
        self._boxes = _Boxes()

    def take(self, number: int, body: bytes) -> None:
        if number == _ROW and len(body) >= 14:
            row, flags = struct.unpack_from("<H", body)[0], struct.unpack_from("<H", body, 12)[0]
            if flags & 0x20:
                self._rows.add(row + 1)
        elif number == _COLUMNS and len(body) >= 10:
            first, last, flags = *struct.unpack_from("<HH", body), struct.unpack_from("<H", body, 8)[0]
            if flags & 1 and first <= last < MAX_COLUMNS:
                self._columns.update(range(first + 1, last + 2))
        elif number == _BOOL_OR_ERROR and len(body) >= 8 and body[7] == 1:
            self._fault(body, body[6])
        elif number == _FORMULA and len(body) >= 14 and body[6] == 2 and body[12:14] == b"\xff\xff":
            self._fault(body, body[8])
        elif number in _DRAWN:
            self._boxes.take(number, body)

    def _fault(self, body: bytes, code: int) -> None:
        row, column = struct.unpack_from("<HH", body)
        if len(self._faults) < MAX_CELLS:
            self._faults[(row + 1, column + 1)] = error_cell(code)

    def facts(self) -> SheetFacts:
        return SheetFacts(
            hidden_rows=frozenset(self._rows), hidden_columns=frozenset(self._columns), faults=self._faults,
            boxes=tuple(self._boxes.found),
        )  # fmt: skip


class _Boxes:
    """Gathers text boxes from the records of their drawing: place, then what it is, then its text, which a further
    record holds ([MS-XLS] 2.4.170 MsoDrawing, 2.4.181 Obj, 2.4.329 TxO)."""

    def __init__(self) -> None:
        self.found: list[TextBox] = []
        self._corner = (1, 1)
        self._is_box = False
        self._length = 0

    def take(self, number: int, body: bytes) -> None:
        length, self._length = self._length, 0
        if number == _MSO_DRAWING:
            at = body.find(_ANCHOR)
            if 0 <= at <= len(body) - 16:
                column, row = struct.unpack_from("<H2xH", body, at + len(_ANCHOR) + 2)
                self._corner = (row + 1, column + 1)
        elif number == _OBJECT:
            self._is_box = body[:4] == b"\x15\x00\x12\x00" and body[4:6] != _NOTE
        elif number == _TEXT_OBJECT and len(body) >= 12 and self._is_box:
            (self._length,) = struct.unpack_from("<H", body, 10)
        elif number == _CONTINUE and length and len(body) > 1:
            wide = body[0] & 1
            text = body[1 : 1 + length * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1", "replace")
            row, column = self._corner
            if text.strip() and len(self.found) < _MAX_BOXES:
                self.found.append(TextBox(row=row, column=column, text=text))


def _sheet_name(body: bytes, *, wide: bool) -> str:
    """BoundSheet8's name: length, then a flag for 8 or 16 bit characters; before BIFF8 plain bytes, in China GBK."""
    length = body[6]
    if not wide:
        return body[7 : 7 + length].decode("gb18030", "replace")
    double = body[7] & 1
    return body[8 : 8 + length * (2 if double else 1)].decode("utf-16-le" if double else "latin-1", "replace")
