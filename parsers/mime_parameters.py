"""Names of files from the parameters of MIME headers (RFC 2231), also from encoded words and bare percent signs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parsers.charsets import clean, decode_text
from parsers.encoded_words import MAX_HEADER, decode_header

_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_SEGMENT = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")


def file_name(disposition: bytes, content_type: bytes) -> str:
    """The name of a file from its two raw headers, "" when it has none.

    `filename*` goes before `filename`, Content-Disposition before Content-Type's `name`; a damaged one is passed over
    where a whole one stands.
    """
    candidates = [
        name
        for header, key in ((disposition, "filename"), (content_type, "name"))
        for name in _parameter(header, key)
        if name
    ]
    whole = (name for name in candidates if "�" not in name and "\\x" not in name)
    return next(whole, candidates[0] if candidates else "")


def parameter(header: bytes, key: str) -> str:
    """The first plain value of parameter `key` (lower case) of a structured header, as it stands, "" without one."""
    pairs = _parameters(decode_text(header[:MAX_HEADER]))
    return next((value.strip() for name, value in pairs if name == key), "")


def _parameter(header: bytes, key: str) -> Iterator[str]:
    """Every reading of parameter `key` of a structured header: RFC 2231's first, then the plain one."""
    extended: dict[int, str] = {}
    starred: set[int] = set()
    plain: list[str] = []
    for name, value in _parameters(decode_text(header[:MAX_HEADER])):
        match = _SEGMENT.fullmatch(name)
        if not match or match[1] != key:
            continue
        if match[2] is None and match[3] is None:
            plain.append(value)
            continue
        number = int(match[2] or 0)
        if number not in extended:
            extended[number] = value
            if match[3]:
                starred.add(number)
    if extended:
        yield _rfc2231(extended, starred)
    for value in plain:
        yield _plain_value(value)


def _parameters(header: str) -> Iterator[tuple[str, str]]:
    """(lower-case name, unquoted value) of each `; name=value`. Decoded text comes in, since a GBK character may hold
    a backslash byte; only `\\"` and `\\\\` are escapes, so that Windows paths stay."""
    place = header.find(";")
    while 0 <= place < len(header):
        equals = header.find("=", place + 1)
        if equals < 0:
            return
        semicolon = header.find(";", place + 1, equals)
        if semicolon >= 0:
            place = semicolon
            continue
        name = header[place + 1 : equals].strip().lower()
        start = equals + 1
        while start < len(header) and header[start] in " \t\r\n":
            start += 1
        if header[start : start + 1] == '"':
            value, place = _quoted(header, start + 1)
        else:
            end = header.find(";", start)
            place = end if end >= 0 else len(header)
            value = header[start:place].strip()
        yield name, value


def _quoted(header: str, start: int) -> tuple[str, int]:
    """The quoted string from `start`, and the place of the semicolon after it; without a closing quote all the rest."""
    pieces = []
    place = start
    for match in re.compile(r'\\(["\\])|"').finditer(header, start):
        pieces.append(header[place : match.start()])
        place = match.end()
        if match[0] == '"':
            end = header.find(";", place)
            return "".join(pieces), end if end >= 0 else len(header)
        pieces.append(match[1])
    pieces.append(header[place:])
    return "".join(pieces), len(header)


def _rfc2231(segments: dict[int, str], starred: set[int]) -> str:
    """Joins numbered segments in their order (gaps are passed over), undoes `%XX` where marked, decodes once."""
    charset: str | None = None
    first = min(segments)
    if first in starred and segments[first].count("'") >= 2:
        charset, _, segments[first] = segments[first].split("'", 2)
    data = b""
    for number in sorted(segments):
        raw = segments[number].encode("utf-8", "surrogateescape")
        data += _percent_decoded(raw) if number in starred else raw
    text = decode_text(data, charset)
    return _plain_value(text) if "=?" in text else clean(text).strip()


def _plain_value(value: str) -> str:
    """An ordinary value that may hold encoded words, or bare `%XX` of UTF-8, as some web mailers write."""
    if "=?" in value:
        value = decode_header(_unfolded(value).encode("utf-8", "surrogateescape"))
    elif "%" in value:
        try:
            meant = _percent_decoded(value.encode("utf-8", "surrogateescape")).decode("utf-8")
        except UnicodeDecodeError:
            meant = ""
        value = meant if not meant.isascii() else value
    return clean(_unfolded(value)).strip()


def _unfolded(value: str) -> str:
    return value.replace("\r", "").replace("\n", "")


def _percent_decoded(data: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes([int(match[1], 16)]), data)
