"""Splits the bytes of a message into header fields and parts (RFC 5322, RFC 2046), whatever is wrong with them.

The standard parser ends a header at the first line that is none, believes a boundary that does not occur, and loses
parts behind a boundary used twice. Here every part that stands whole in the bytes comes out, and its bytes as they came.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from parsers.mime_parameters import parameter

MAX_HEAD = 4_000_000
"""Bytes of one header that are looked at."""
MAX_FIELDS = 20_000
MAX_PARTS = 20_000
"""Parts of one multipart that are told apart; the rest stays with the last."""
_LINE = re.compile(rb"[^\r\n]*(?:\r{0,3}\n|\r|\Z)")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]{0,50}:")
_KNOWN = re.compile(
    rb"(?:content-[a-z-]{2,30}|mime-version|from|to|cc|subject|date|message-id|received|return-path|reply-to|sender"
    rb"|references|in-reply-to|x-[a-z-]{1,40})[ \t]{0,50}:",
    re.IGNORECASE,
)
_ENVELOPE = re.compile(rb">?From [^\r\n]{0,500}(?:\r{0,3}\n|\r)")
_RUBBISH = re.compile(rb"(?:\xef\xbb\xbf|[ \t]{0,99}(?:\r{0,3}\n|\r)){0,999}")
_BLANK = re.compile(rb"\r{0,3}\n\r{0,3}\n|\r\r")
_OF_PARTS = re.compile(rb"content-[a-z-]{2,30}[ \t]{0,50}:", re.IGNORECASE)
_PARAMETER = re.compile(rb"[\w*-]{1,40}[ \t]*=")
_DELIMITER = re.compile(rb"(?:\A|(?<=[\r\n]))--([^\r\n]{1,200}?)[ \t]{0,20}[\r\n]{1,3}content-", re.IGNORECASE)
"""A line that looks like a boundary's, as what follows it are a part's fields."""


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A message or a part of one. `fields`: lower-case name and raw value (folds included) in order; `body` as it came."""

    fields: tuple[tuple[str, bytes], ...]
    body: bytes
    default: str = "text/plain"
    """The type where none is told: message/rfc822 in a digest."""

    @cached_property
    def media(self) -> str:
        """The lower-case type, without its parameters."""
        return _media(self.type_field) or self.default

    @cached_property
    def type_field(self) -> bytes:
        """The Content-Type: of several that contradict each other the one that is a multipart, else the first."""
        values = raw_headers(self, "content-type")
        return next((value for value in values if _media(value).startswith("multipart/")), values[0] if values else b"")

    def parameter(self, name: str) -> str:
        """A parameter of the Content-Type, "" if there is none."""
        return parameter(self.type_field, name)


def raw_headers(entity: Entity, name: str) -> tuple[bytes, ...]:
    """The field's values, topmost first, as the bytes on the wire (folds included)."""
    return tuple(each_header(entity, (name.lower(),)))


def each_header(entity: Entity, names: Collection[str]) -> Iterator[bytes]:
    """As `raw_headers`, of several names (lower case), for who need not see all."""
    return (value for name, value in entity.fields if name in names)


def raw_header(entity: Entity, name: str) -> bytes:
    return next(each_header(entity, (name.lower(),)), b"")


def parse(raw: bytes) -> Entity:
    """A whole message. A BOM, blank lines, and mbox's `From ` line before the first field are passed over."""
    return _entity(raw, _start(raw, _KNOWN), "text/plain")


def parts_of(entity: Entity) -> list[Entity]:
    """The parts of a multipart, in order; empty when it has none that can be found.

    Where the boundary is missing or does not occur, the first line that looks like one counts. After a closing one the
    next goes on: a multipart in a multipart with the same boundary must not end both.
    """
    boundary = entity.parameter("boundary").encode("utf-8", "replace")
    pieces, closed = _pieces(entity.body, boundary) if boundary else ([], True)
    if not pieces and (found := _DELIMITER.search(entity.body)):
        boundary = found[1]
        pieces, closed = _pieces(entity.body, boundary)
    default = "message/rfc822" if entity.media == "multipart/digest" else "text/plain"
    # A part without fields starts with a blank line; what stands behind that is its text, be it `From: …`.
    parts = [_entity(piece, _start(piece, _OF_PARTS), default) for piece in pieces]
    if not closed and not parts[-1].media.startswith(("multipart/", "message/")):
        parts[-1] = replace(parts[-1], body=_without_cut_end(parts[-1].body, boundary))
    return parts


def is_headless_multipart(entity: Entity) -> bool:
    """No type is told, and the body starts as the parts of a multipart do: its header was lost."""
    return not entity.type_field and _DELIMITER.match(entity.body.lstrip()) is not None


def _entity(raw: bytes, start: int, default: str) -> Entity:
    lines, end = _head(raw, start)
    return Entity(fields=tuple(_fields(lines)), body=raw[end:], default=default)


def _pieces(body: bytes, boundary: bytes) -> tuple[list[bytes], bool]:
    """What stands behind each opening delimiter line, up to the next of any kind or the end; and whether the last of
    them is closed by one."""
    dashes = rb"--" + re.escape(boundary)
    # Where a line starts is asked behind it: a pattern that begins with a literal is looked for ten times as quickly.
    line = re.compile(dashes + rb"(?<![^\r\n]" + dashes + rb")(--)?[ \t]{0,20}(?:\r{0,3}\n|\r|\Z)")
    marks = list(islice(line.finditer(body), MAX_PARTS + 1))
    ends = [_end_of_part(body, mark.start()) for mark in marks[1:]] + [len(body)]
    pieces = [body[mark.end() : max(mark.end(), end)] for mark, end in zip(marks, ends, strict=False) if not mark[1]]
    return pieces, not marks or bool(marks[-1][1])


def _without_cut_end(body: bytes, boundary: bytes) -> bytes:
    """A last leaf that no delimiter ends, without the beginning of one and the line end before that: where a mail was
    cut off, they are the delimiter's."""
    start = max(body.rfind(b"\n"), body.rfind(b"\r")) + 1
    return body[: _end_of_part(body, start)] if (b"--" + boundary + b"--").startswith(body[start:]) else body


def _end_of_part(body: bytes, delimiter: int) -> int:
    """The line end before a delimiter is the delimiter's (RFC 2046, 5.1.1)."""
    if body[delimiter - 2 : delimiter] == b"\r\n":
        return delimiter - 2
    return delimiter - 1 if body[delimiter - 1 : delimiter] in (b"\r", b"\n") else delimiter


def _start(raw: bytes, first: re.Pattern[bytes]) -> int:
    """Where the first field stands: what mail programs and copies put before it is passed over if `first` follows."""
    place = 0
    if _FIELD.match(raw):
        return 0
    for pattern in (_RUBBISH, _ENVELOPE, _RUBBISH):
        match = pattern.match(raw, place)
        place = match.end() if match else place
    return place if first.match(raw, place) else 0


def _head(raw: bytes, start: int) -> tuple[list[bytes], int]:
    """The header's lines, and where the body starts. Lines that are no field are passed over as long as a known field
    follows them before the blank line; else the header ends there, as it does at a delimiter."""
    lines, end, body = _block(raw, start)
    known = max((number for number, line in enumerate(lines) if _KNOWN.match(line)), default=-1)
    place = start
    for number, line in enumerate(lines):
        if number > known and not _belongs(line, lines[number - 1] if number else b""):
            return lines[:number], place
        place += len(line)
    return lines, body if place == end else place


def _block(raw: bytes, start: int) -> tuple[list[bytes], int, int]:
    """The lines up to the first blank one or delimiter, where they end, and where the body starts."""
    lines: list[bytes] = []
    place = start
    while place < len(raw):
        if place - start > MAX_HEAD or len(lines) >= MAX_FIELDS:
            blank = _BLANK.search(raw, place)
            return lines, place, blank.end() if blank else len(raw)
        match = _LINE.match(raw, place)
        line = match[0] if match else raw[place:]
        if not line.strip(b"\r\n"):
            return lines, place, place + len(line)
        if line.startswith(b"--"):
            break
        lines.append(line)
        place += len(line)
    return lines, place, place


def _belongs(line: bytes, before: bytes) -> bool:
    """A field, its continuation, or a parameter that lost the space before it."""
    if _FIELD.match(line):
        return True
    if not before:
        return False
    return line[:1] in b" \t" or (before.rstrip().endswith(b";") and _PARAMETER.match(line) is not None)


def _fields(lines: list[bytes]) -> Iterator[tuple[str, bytes]]:
    name, value = "", b""
    for line in lines:
        match = _FIELD.match(line)
        if match:
            if name:
                yield name, value.rstrip(b"\r\n")
            name, value = match[1].decode("ascii").lower(), line[match.end() :].lstrip(b" \t")
        elif name and (line[:1] in b" \t" or _PARAMETER.match(line)):
            value += line
    if name:
        yield name, value.rstrip(b"\r\n")


def _media(value: bytes) -> str:
    match = re.match(rb"\s*[\"']?([\w.+-]{1,80}/[\w.+-]{1,80})", value)
    return match[1].decode("ascii", "replace").lower() if match else ""
