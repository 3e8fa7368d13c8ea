"""Heads of the ledger that others hold: as they type them, or out of a letter of ours, also a returned or forwarded one."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.message import Message
from html import unescape
from pathlib import Path

from storage.ledger import Head

_TYPED = re.compile(r"(\d{1,18})\s*[:：]\s*([0-9a-fA-F]{16,64})(?:…|\.\.\.)?")
_HEADER = "X-Baosong-Ledger"
_HEADER_LINE = re.compile(rb"^x-baosong-ledger:\s*(\d{1,18}):([0-9a-f]{64})\s*$", re.IGNORECASE | re.MULTILINE)
_SHOWN = re.compile(r"存证[：:]\s*第\s*(\d{1,18})\s*号\s*([0-9a-f]{16,64})")
"""The line that a letter shows for the eye (`notifier.letters`): the beginning of the hash."""
_TAG = re.compile(r"<[^>]*>")
_DEPTH = 4
"""Forwards in forwards; a mail that holds itself deeper is nobody's honest one."""


class NoHead(ValueError):
    """Neither NUMBER:HASH nor a letter of ours."""


def outside_heads(given: str) -> tuple[Head, ...]:
    """`NUMBER:HASH`, of the hash at least the 16 digits that a letter shows, or the path of a mail in which letters of
    ours lie. Raises NoHead, also for a mail that holds none, and OSError."""
    if typed := _TYPED.fullmatch(given.strip()):
        return (Head(number=int(typed[1]), hash=typed[2].lower(), source=given.strip()),)
    path = Path(given)
    if not path.is_file():
        raise NoHead(f"{given}: neither NUMBER:HASH (at least 16 digits of the hash) nor a file")
    found = dict.fromkeys(_in_mail(path.read_bytes(), _DEPTH))
    if not found:
        raise NoHead(f"{given}: no letter of ours: it has neither the header {_HEADER} nor a line 存证：第…号")
    return tuple(Head(number=number, hash=hash_, source=path.name) for number, hash_ in _fullest(found))


def _fullest(found: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Header and line of one letter say the same, the header in full."""
    every = list(found)
    whole = [(number, hash_) for number, hash_ in every if len(hash_) == 64]
    short = [one for one in every if not any(one[0] == number and hash_.startswith(one[1]) for number, hash_ in whole)]
    return [*whole, *short]


def heads_in_text(text: str) -> tuple[Head, ...]:
    """`NUMBER:HASH`, one or more, or the words of a letter that somebody copied out of it, with its line 存证 or its whole
    source. Never the name of a file. Raises NoHead."""
    lines = [typed for line in text.splitlines() if (typed := _TYPED.fullmatch(line.strip()))]
    found = dict.fromkeys((int(typed[1]), typed[2].lower()) for typed in lines)
    found |= dict.fromkeys((int(number), hash_) for number, hash_ in _SHOWN.findall(text))
    found |= dict.fromkeys(_in_mail(text.strip().encode("utf-8", "replace"), _DEPTH))
    if not found:
        raise NoHead("neither NUMBER:HASH (at least 16 digits of the hash) nor a line 存证：第…号")
    return tuple(Head(number=number, hash=hash_, source=f"{number}:{hash_}") for number, hash_ in _fullest(found))


def _in_mail(raw: bytes, depth: int) -> Iterator[tuple[int, str]]:
    """Number and hash of every head in a mail: of its own header, of mails and headers in it, of its words."""
    if depth == 0:
        return
    for number, hash_ in _HEADER_LINE.findall(raw):
        yield int(number), hash_.decode("ascii").lower()
    for part in message_from_bytes(raw).walk():
        if not part.is_multipart():
            yield from _in_part(part, depth)


def _in_part(part: Message, depth: int) -> Iterator[tuple[int, str]]:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return
    if part.get_content_maintype() == "text":
        for number, hash_ in _SHOWN.findall(_words(data, part)):
            yield int(number), hash_
    if not part.keys():  # of a mail that lies in another in base64, the standard library gives the letters of that
        data = _from_base64(data) or data
    if part.get_content_type() != "text/plain" or not part.keys():
        yield from _in_mail(data, depth - 1)


def _words(data: bytes, part: Message) -> str:
    try:
        text = data.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeDecodeError):
        text = data.decode("gb18030", errors="replace")
    return unescape(_TAG.sub("", text)) if part.get_content_subtype() == "html" else text


def _from_base64(data: bytes) -> bytes | None:
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        return None
