"""Width and height of a JPEG, read from its frame header (ITU-T T.81, B.2.2)."""

from __future__ import annotations

_SEGMENT = 2
_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers SOF0 to SOF15; between them stand DHT, JPG and DAC."""


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels; None for what is no JPEG, or is cut short before its frame."""
    if not data.startswith(b"\xff\xd8"):
        return None
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker in _FRAME:
            height, width = (int.from_bytes(data[place + at : place + at + 2], "big") for at in (5, 7))
            return (width, height) if width and height else None
        place += _SEGMENT + length
    return None
