"""Reads address headers from their raw bytes: names in GBK, encoded words with commas in them, anything."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.addresses import canonical
from parsers.charsets import clean, decode_text
from parsers.encoded_words import decode_header

ADDRESS = re.compile(r"[^\s<>\"'(),:;\\\[\]@]{1,200}@[^\s<>\"'(),:;\\@]{1,250}", re.ASCII)
"""An address as found in the wild, quoted local parts left out."""


_LONGEST = 500
"""Characters of an address; RFC 5321 (4.5.3.1) allows 320. What is longer is none, and no index would hold it."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """One mailbox: `address` canonical (`domain.addresses`), "" if there is none; `name` decoded."""

    address: str
    name: str


def people_of(raw: bytes) -> list[Person]:
    """Mailboxes of an address header, from its raw bytes: names in GBK, encoded words with commas in them, anything.

    The address is what stands in angle brackets; without them, what looks like one outside quotes and comments.
    """
    people = []
    for piece in _split_addresses(raw[:100_000].decode("latin-1").replace("\r", "").replace("\n", "")):
        start = piece.rfind("<")
        end = piece.find(">", start) if start >= 0 else -1
        inside = piece[start + 1 : end if end >= 0 else len(piece)] if start >= 0 else _bare(piece)
        match = ADDRESS.search(inside)
        address = match[0] if match else inside.strip()
        name = piece[:start] if start >= 0 else piece.replace(inside, " ", 1)
        name = decode_header(name.encode("latin-1")).strip(" \t\"'()")
        plain = _address(address)
        if plain or name:
            people.append(Person(address=plain, name=name.replace('\\"', '"')))
    return people


def _address(raw: str) -> str:
    """The address itself (bytes as Latin-1). An encoded word in it stays one (RFC 2047, 5): decoded, it would be an address
    that no receiver has judged."""
    data = raw.encode("latin-1")
    try:
        text = data.decode("utf-8")  # what RFC 6532 has; GB18030 would read a Cyrillic letter as a Chinese character
    except UnicodeDecodeError:
        text = decode_text(data)
    return canonical(clean(text)) if len(text) <= _LONGEST else ""


def _split_addresses(line: str) -> list[str]:
    """Pieces between the commas that stand outside quotes, comments and angle brackets."""
    pieces, start, quoted, depth, angle = [], 0, False, 0, False
    skip = False
    for place, character in enumerate(line):
        if skip:
            skip = False
        elif character == "\\" and (quoted or depth):
            skip = True
        elif character == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif character in "()":
            depth = max(0, depth + (1 if character == "(" else -1))
        elif character in "<>":
            angle = character == "<"
        elif character in ",;" and not depth and not angle:
            pieces.append(line[start:place])
            start = place + 1
    pieces.append(line[start:])
    return [piece for piece in pieces if piece.strip()]


def _bare(piece: str) -> str:
    """The address of a piece without angle brackets: `a@b (name)`, `"name" a@b`."""
    outside = re.sub(r'\([^()]{0,1000}\)|"[^"]{0,1000}"(?!@)', " ", piece)
    match = ADDRESS.search(outside)
    return match[0] if match else outside.strip().split(" ")[0]
