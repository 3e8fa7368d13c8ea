"""Reads MAPI property lists as they stand in winmail.dat (MS-OXTNEF 2.1.3.4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from parsers.charsets import decode_text

NAME_TAGS = (0x3707, 0x3704, 0x3001)
"""Where an attachment's name stands: long, short (8.3), shown."""

_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
"""Bytes of the types of fixed size, as padded."""
_TEXT, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_MULTIPLE = 0x1000
_NAMED = 0x8000
_MAX_PROPERTIES = 10_000


@dataclass(frozen=True, kw_only=True)
class Properties:
    """Property tag → (type, first value)."""

    values: dict[int, tuple[int, bytes]] = field(default_factory=dict)

    def text(self, tag: int, charset: str | None) -> str:
        """A string, "" when it is not there. `charset` is that of the old 8-bit type."""
        kind, raw = self.values.get(tag, (0, b""))
        if kind == _UNICODE:
            return raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").rstrip("\0")
        return decode_text(raw.rstrip(b"\0"), charset) if kind in (_TEXT, _BINARY) else ""

    def data(self, tag: int) -> bytes:
        """Bytes of a binary, an object or a string, b"" when it is not there."""
        kind, raw = self.values.get(tag, (0, b""))
        if kind == _UNICODE:
            return raw.decode("utf-16-le", "replace").encode("utf-8", "replace")
        return raw if kind in (_TEXT, _OBJECT, _BINARY) else b""

    def number(self, tag: int) -> int:
        kind, raw = self.values.get(tag, (0, b""))
        return int.from_bytes(raw[:4], "little") if kind == 0x03 else 0


class _Reader:
    """Walks a buffer; past its end it raises EOFError. Mutable, and alive only within `properties_of`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def number(self, size: int = 4) -> int:
        return int.from_bytes(self.take(size), "little")

    def take(self, size: int) -> bytes:
        if size > len(self._data) - self._place:
            raise EOFError
        self._place += size
        return self._data[self._place - size : self._place]

    def padded(self) -> bytes:
        """A value with its length before it and padding to four bytes behind it."""
        size = self.number()
        value = self.take(size)
        self._place += -size % 4
        return value


def properties_of(data: bytes) -> Properties:
    """The properties up to the first that is damaged. Never raises."""
    reader = _Reader(data)
    values: dict[int, tuple[int, bytes]] = {}
    try:
        for _ in range(min(reader.number(), _MAX_PROPERTIES)):
            kind, tag = reader.number(2), reader.number(2)
            if tag >= _NAMED:
                _skip_name(reader)
            found = _value(reader, kind)
            if tag < _NAMED:
                values.setdefault(tag, (kind & ~_MULTIPLE, found))
    except (EOFError, struct.error):
        pass  # cut short or crafted: what was read before it stands
    return Properties(values=values)


def _skip_name(reader: _Reader) -> None:
    reader.take(16)
    if reader.number():
        reader.padded()
    else:
        reader.number()


def _value(reader: _Reader, kind: int) -> bytes:
    """The value, the first of several. Raises EOFError for a type of unknown size: what follows cannot be found."""
    single = kind & ~_MULTIPLE
    size = _FIXED.get(single)
    if size is None and single not in (_TEXT, _UNICODE, _OBJECT, _BINARY):
        raise EOFError
    if size is not None and not kind & _MULTIPLE:
        return reader.take(size)
    if size is not None:
        size = 2 if single == 0x02 else size
        count = reader.number()
        raw = reader.take(size * count)
        reader.take(-len(raw) % 4)
        return raw[:size]
    values = [reader.padded() for _ in range(min(reader.number(), _MAX_PROPERTIES))]
    return values[0] if values else b""
