"""Headers with encoded words (RFC 2047) as text, losing no byte.

Chinese mail programs write them in every way the RFC forbids: GBK labelled gb2312, raw bytes, words cut inside a
character or inside a base64 quantum, words in quotes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.charsets import clean, codec_of, decode_text

_ENCODED_WORD = re.compile(r"=\?([\w.:+-]{1,60})(?:\*[\w-]{0,40})?\?([bBqQ])\?")
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


def decode_header(raw: bytes) -> str:
    """A header's value as one line of text. Tolerates every misuse of encoded words named in the module's docstring."""
    line = raw[:MAX_HEADER].replace(b"\r", b"").replace(b"\n", b"")
    words = _joined(_words(line.decode("latin-1")))
    text = "".join(decode_text(word.data, word.charset) for word in words)
    return clean(text).strip()


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
