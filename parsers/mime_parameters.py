"""Names of files from the parameters of MIME headers (RFC 2231), also from encoded words and bare percent signs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.charsets import clean, decode_text
from parsers.encoded_words import MAX_HEADER, decode_header

_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_BYTES = re.compile(rb"(?:%[89A-Fa-f][0-9A-Fa-f]){2}|%[89A-Fa-f][0-9A-Fa-f][@-~]")
"""Two bytes of a Chinese character, written as `%XX`."""
_CHARSET = re.compile(rb"([A-Za-z0-9_.:+-]{0,40})'(?:[A-Za-z0-9-]{0,20}')?")
_ENTITY = re.compile(r"&#(?:x[0-9a-fA-F]{3,5}|[0-9]{3,6});")
_QUOTE = re.compile(r'\\(["\\])|"')
_NEXT_STRING = re.compile(r'\s{0,20}"(?=[^\s;"])')
_NO_SEMICOLON = re.compile(r"^(\s{0,9}[\w/.+-]{1,99})[\s,]{1,9}(?=(?:file)?name\*?\s{0,9}=)", re.IGNORECASE)
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
    header = header[:MAX_HEADER]
    segments = _segments(header, key)
    if segments:
        yield _rfc2231(segments)
    for name, value in _parameters(_told_apart(decode_text(header))):
        if name == key:
            yield _plain_value(value)


@dataclass(frozen=True, kw_only=True)
class _Segment:
    """A piece of a value; `starred`: `%XX` stand for bytes in it."""

    data: bytes
    starred: bool


def _segments(header: bytes, key: str) -> dict[int, _Segment]:
    """The pieces of `key*`, `key*0`, `key*1*` by number, of a number the first. As bytes: raw ones are cut anywhere."""
    found: dict[int, _Segment] = {}
    for name, value in _parameters(header.decode("latin-1")):
        match = _SEGMENT.fullmatch(name)
        if match and match[1] == key and (match[2] or match[3]):
            segment = _Segment(data=value.encode("latin-1"), starred=bool(match[3]))
            found.setdefault(int(match[2] or 0), segment)
    return found


def _told_apart(header: str) -> str:
    """The header with the semicolon put in that is missing, or is a comma, before the name."""
    return _NO_SEMICOLON.sub(r"\1; ", header, count=1)


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
    """The quoted string from `start`, and the place of the semicolon after it; without a closing quote all the rest.
    Strings that follow each other without a semicolon are one."""
    pieces = []
    place = start
    for match in _QUOTE.finditer(header, start):
        if match.start() < place:
            continue
        pieces.append(header[place : match.start()])
        place = match.end()
        if match[0] == '"':
            if again := _NEXT_STRING.match(header, place):
                pieces.append(" ")
                place = again.end()
                continue
            end = header.find(";", place)
            return "".join(pieces), end if end >= 0 else len(header)
        pieces.append(match[1])
    pieces.append(header[place:])
    return "".join(pieces), len(header)


def _rfc2231(segments: dict[int, _Segment]) -> str:
    """Joins numbered segments in their order (gaps are passed over), undoes `%XX` where marked, decodes once."""
    charset: str | None = None
    data = b""
    marked = False
    for place, number in enumerate(sorted(segments)):
        raw = segments[number].data
        marked = marked or segments[number].starred
        if segments[number].starred and (prefix := _CHARSET.match(raw)) and _names_charset(prefix[1], charset, place):
            charset, raw = charset or prefix[1].decode("ascii"), raw[prefix.end() :]
        # Some mark the first piece only, and write all of them in %XX.
        data += _percent_decoded(raw) if segments[number].starred or (marked and _BYTES.search(raw)) else raw
    text = decode_text(data, charset)
    return _plain_value(text) if "=?" in text else clean(text).strip()


def _names_charset(word: bytes, charset: str | None, place: int) -> bool:
    """Whether what stands before the quotes is a charset: told once as a rule, by some in every piece."""
    return place == 0 or (charset is not None and word.decode("ascii").lower() == charset.lower())


def _plain_value(value: str) -> str:
    """An ordinary value that may hold encoded words, or bare `%XX` of UTF-8 or GBK or `&#28654;`, as web mailers write."""
    if "=?" in value:
        value = decode_header(_unfolded(value).encode("utf-8", "surrogateescape"))
    elif "%" in value:
        value = _bare_percent(value)
    elif _ENTITY.search(value):
        value = html.unescape(value)
    if len(value) > 2 and value[0] == value[-1] == "'":
        value = value[1:-1]
    return clean(_unfolded(value)).strip()


def _bare_percent(value: str) -> str:
    """A value whose `%XX` make Chinese characters, decoded; another as it is."""
    data = _percent_decoded(value.encode("utf-8", "surrogateescape"))
    for charset in ("utf-8", "gb18030") if _BYTES.search(value.encode("utf-8", "replace")) else ("utf-8",):
        try:
            meant = data.decode(charset)
        except UnicodeDecodeError:
            continue
        return value if meant.isascii() else meant
    return value


def _unfolded(value: str) -> str:
    return value.replace("\r", "").replace("\n", "")


def _percent_decoded(data: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes([int(match[1], 16)]), data)
