"""The text of RTF bodies as Outlook wraps them: decompressed (MS-OXRTFCP), then read as far as words go."""

from __future__ import annotations

import re
import struct

from parsers.charsets import decode_text

_COMPRESSED, _STORED = b"LZFu", b"MELA"
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
"""What the window holds at the start (MS-OXRTFCP 2.1.3.1)."""
_WINDOW = 4096
MAX_RTF = 2_000_000
_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^A-Za-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_SKIPPED = frozenset(b"fonttbl colortbl stylesheet info pict object header footer themedata mmathPr".split())
_ESCAPED = (b"\\", b"{", b"}")
_BREAKS = {b"par": b"\n", b"line": b"\n", b"tab": b"\t", b"cell": b"\t", b"row": b"\n"}


def decompressed(data: bytes) -> bytes:
    """The RTF of a PR_RTF_COMPRESSED value, at most MAX_RTF bytes; b"" when it is none. Damage ends it early."""
    if len(data) < 16:
        return b""
    _, raw_size, kind = struct.unpack_from("<II4s", data)
    if kind == _STORED:
        return data[16 : 16 + min(raw_size, MAX_RTF)]
    if kind != _COMPRESSED:
        return b""
    window = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
    write, out, place = len(_DICTIONARY), bytearray(), 16
    while place < len(data) and len(out) < min(raw_size, MAX_RTF):
        control = data[place]
        place += 1
        for bit in range(8):
            if place >= len(data):
                return bytes(out)
            if not control >> bit & 1:
                piece = data[place : place + 1]
                place += 1
            else:
                token = int.from_bytes(data[place : place + 2], "big")
                place += 2
                start, length = token >> 4, (token & 15) + 2
                if start == write:  # the end is told by a reference to where nothing stands yet
                    return bytes(out)
                piece = b""
                for step in range(length):
                    byte = window[(start + step) % _WINDOW]
                    window[(write + step) % _WINDOW] = byte
                    piece += bytes((byte,))
                write = (write + length) % _WINDOW
                out += piece
                continue
            window[write] = piece[0]
            write = (write + 1) % _WINDOW
            out += piece
    return bytes(out)


def text_of(rtf: bytes) -> str:
    """The words of an RTF text, roughly: groups of no words are left out, characters decoded by its code page."""
    out: list[str] = []
    raw = bytearray()
    charset = _charset(rtf)
    skip_from, depth, hidden, to_skip = 0, 0, False, 0

    def flush() -> None:
        if raw:
            out.append(decode_text(bytes(raw), charset))
            raw.clear()

    for token in _TOKEN.finditer(rtf[:MAX_RTF]):
        word, number, octet, symbol, brace, plain = token.groups()
        if brace == b"{":
            depth += 1
        elif brace == b"}":
            skip_from = 0 if skip_from == depth else skip_from
            depth -= 1
        elif skip_from or (hidden and word != b"htmlrtf"):
            continue
        elif word in _SKIPPED or symbol == b"*":
            skip_from = depth
        elif word == b"htmlrtf":
            hidden = number != b"0"
        elif word in _BREAKS:
            raw += _BREAKS[word]
        elif word == b"u" and number:
            flush()
            out.append(chr(int(number) % 0x10000))
            to_skip = 1
        elif to_skip and (octet or plain):
            raw += (plain or b"")[1:]
            to_skip = 0
        elif octet:
            raw.append(int(octet, 16))
        else:
            raw += plain or (symbol if symbol in _ESCAPED else b"")
    flush()
    return "".join(out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _charset(rtf: bytes) -> str | None:
    code_page = re.search(rb"\\ansicpg(\d{1,5})", rtf[:2_000])
    return f"cp{code_page[1].decode()}" if code_page else None
