"""Decodes what mail headers say (subjects, names of people and files) from their raw bytes, losing none.

Chinese mail programs write headers in every way RFC 2047 and RFC 2231 forbid: GBK labelled gb2312, raw bytes, encoded
words cut inside a character or inside a base64 quantum, encoded words in quotes, percent signs without a charset.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

_CHINESE = frozenset(
    {"gb2312", "gb-2312", "gb2312-80", "gb-2312-80", "euc-cn", "euccn", "x-euc-cn", "gbk", "x-gbk", "cp936", "936"}
    | {"ms936", "windows-936", "chinese", "csgb2312", "iso-ir-58", "gb18030", "gb-18030", "gb18030-2000"}
)
"""Labels that in practice all mean GB18030, the superset (GBK characters under a gb2312 label are the rule)."""

_NOT_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
"""Python codecs that are no charsets of mail, and slow or surprising on strangers' bytes."""

_ENCODED_WORD = re.compile(r"=\?([\w.:+-]{1,60})(?:\*[\w-]{0,40})?\?([bBqQ])\?")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_SEGMENT = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")
_CONTROLS: dict[int, int | str] = {
    **{code: 0x2400 + code for code in range(32)},
    **dict.fromkeys((9, 10, 13), " "),
    0x7F: 0x2421,
}
MAX_HEADER = 200_000
"""Bytes of one header that are decoded: longer ones are an attack, and decoding is not quite linear."""


@dataclass(frozen=True, kw_only=True)
class _Word:
    """One run of a header: an encoded word's `data` with its `charset`, or plain bytes (`charset` None)."""

    data: bytes
    charset: str | None
    letters: str = ""
    """All letters of a base64 word."""
    cut: str = ""
    """Its last letters that make no whole quantum, not in `data`: the next word may go on with them."""


def decode_text(data: bytes, charset: str | None = None) -> str:
    """`data` as text: by its label where that fits, else UTF-8, else GB18030; what fits nowhere stays as `\\xNN`.

    Text labelled as Chinese (or not at all) is UTF-8 all the same when it is well formed with characters of three
    bytes: GB text almost never is. Two bytes tell nothing (一 is D2 BB in GBK, and U+04BB in UTF-8).
    """
    codec = codec_of(charset)
    if codec in (None, "gb18030", "ascii", "iso8859-1"):
        order = ["utf-8"] if _is_utf8(data) else []
        order += [codec] if codec == "iso8859-1" and not data.isascii() and not order and _is_latin(data) else []
        order += ["gb18030", "utf-8"]
    else:
        order = [codec or "utf-8", "utf-8", "gb18030"]
    for candidate in order:
        try:
            return _without_surrogates(data.decode(candidate))
        except (UnicodeError, ValueError):
            continue
    fallback = codec if codec not in (None, "ascii", "iso8859-1", "utf-7") else "gb18030"
    try:
        return _without_surrogates(data.decode(fallback or "gb18030", "backslashreplace"))
    except (UnicodeError, ValueError):  # some codecs refuse the handler
        return data.decode("ascii", "backslashreplace")


def _is_utf8(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return text.isascii() or any(ord(character) >= 0x800 for character in text)


def _is_latin(data: bytes) -> bool:
    """Lone high bytes between ASCII letters: European text. Chinese bytes under this label come in runs."""
    return not re.search(rb"[\x80-\xff]{2}", data)


def codec_of(charset: str | None) -> str | None:
    """The Python codec for a charset label of a mail, None when it names no charset we know."""
    if not charset:
        return None
    label = charset.strip(" \t\r\n\"'").lower().replace("_", "-")
    if label in _CHINESE:
        return "gb18030"
    if label in _NOT_CHARSETS:
        return None
    try:
        info = codecs.lookup(label)
        "".encode(info.name)  # raises LookupError for codecs that are no text encodings (rot13, base64)
    except (LookupError, ValueError, UnicodeError):
        return None
    return info.name


def decode_header(raw: bytes) -> str:
    """A header's value as one line of text. Tolerates every misuse of encoded words named in the module's docstring."""
    line = raw[:MAX_HEADER].replace(b"\r", b"").replace(b"\n", b"")
    words = _joined(_words(line.decode("latin-1")))
    text = "".join(decode_text(word.data, word.charset) for word in words)
    return clean(text).strip()


def clean(text: str) -> str:
    """`text` on one line: white space controls become spaces, others their visible pictures (␀), nothing is dropped."""
    return _without_surrogates(text).translate(_CONTROLS)


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


def _without_surrogates(text: str) -> str:
    """Lone surrogates cannot be stored as UTF-8."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if _has_surrogate(text) else text


def _has_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _words(line: str) -> Iterator[_Word]:
    """Splits a header (bytes as Latin-1) into plain runs and encoded words; one without its end reaches to the end."""
    place = 0
    while match := _ENCODED_WORD.search(line, place):
        between = line[place : match.start()]
        if between:
            yield _Word(data=between.encode("latin-1"), charset=None)
        end = line.find("?=", match.end())
        body = line[match.end() : end if end >= 0 else len(line)]
        yield _encoded(match[1], match[2], body)
        place = end + 2 if end >= 0 else len(line)
    if place < len(line):
        yield _Word(data=line[place:].encode("latin-1"), charset=None)


def _encoded(charset: str, encoding: str, body: str) -> _Word:
    if encoding in "bB":
        letters = "".join(re.findall(r"[A-Za-z0-9+/=_-]+", body)).replace("-", "+").replace("_", "/")
        return _base64_word(letters, charset)
    return _Word(data=_quoted_printable(body.replace("_", " ")), charset=charset)


def _base64_word(letters: str, charset: str) -> _Word:
    whole = len(letters) if "=" in letters else len(letters) // 4 * 4
    return _Word(data=_base64(letters[:whole]), charset=charset, letters=letters, cut=letters[whole:])


def _quoted_printable(body: str) -> bytes:
    data = body.encode("latin-1")
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), data)


def _base64(letters: str) -> bytes:
    """Base64 with wrong or missing padding, also with padding in the middle."""
    quanta = [piece for piece in letters.split("=") if piece]
    data = b""
    for piece in quanta:
        usable = piece if len(piece) % 4 != 1 else piece[:-1]
        try:
            data += base64.b64decode(usable + "=" * (-len(usable) % 4))
        except binascii.Error:  # not reachable with this alphabet; kept so that no header can stop a mail
            data += usable.encode("ascii")
    return data


def _joined(words: Iterator[_Word]) -> list[_Word]:
    """Drops white space between encoded words, and joins neighbours of one charset before they are decoded."""
    joined: list[_Word] = []
    gap: _Word | None = None
    for word in words:
        if word.charset is None and not word.data.strip() and joined and joined[-1].charset:
            gap = word
            continue
        last = joined[-1] if joined else None
        if last and last.charset and word.charset:
            if codec_of(last.charset) == codec_of(word.charset):
                joined[-1] = _continued(last, word)
            else:
                joined[-1] = _finished(last)
                joined.append(word)
        else:
            if last:
                joined[-1] = _finished(last)
            if gap:
                joined.append(gap)
            joined.append(word)
        gap = None
    return [_finished(word) for word in joined]


def _continued(last: _Word, word: _Word) -> _Word:
    """Two words as one. A base64 quantum cut between them is put together again; where the second word is whole by
    itself, the first only lacks its padding."""
    if last.cut and len(word.letters.rstrip("=")) % 4 and (len(last.cut) + len(word.letters)) % 4 == 0:
        again = _base64_word(last.cut + word.letters, word.charset or "")
        return _Word(data=last.data + again.data, charset=last.charset, cut=again.cut)
    return _Word(data=_finished(last).data + word.data, charset=last.charset, cut=word.cut)


def _finished(word: _Word) -> _Word:
    return _Word(data=word.data + _base64(word.cut), charset=word.charset) if word.cut else word


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
        data += _PERCENT.sub(lambda match: bytes([int(match[1], 16)]), raw) if number in starred else raw
    text = decode_text(data, charset)
    return _plain_value(text) if "=?" in text else clean(text).strip()


def _plain_value(value: str) -> str:
    """An ordinary value that may hold encoded words, or bare `%XX` of UTF-8, as some web mailers write."""
    if "=?" in value:
        value = decode_header(_unfolded(value).encode("utf-8", "surrogateescape"))
    elif "%" in value:
        data = _PERCENT.sub(lambda match: bytes([int(match[1], 16)]), value.encode("utf-8", "surrogateescape"))
        try:
            meant = data.decode("utf-8")
        except UnicodeDecodeError:
            meant = ""
        value = meant if not meant.isascii() else value
    return clean(_unfolded(value)).strip()


def _unfolded(value: str) -> str:
    return value.replace("\r", "").replace("\n", "")
