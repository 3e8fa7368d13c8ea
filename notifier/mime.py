"""Letters as MIME: text and HTML alternatives, attachments, threading, and the headers that prevent mail loops.

Headers are written here, not by `email.policy`: that one decodes encoded words a stranger left in a subject, and folds
mixed text so that spaces are lost.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime, parseaddr
from urllib.parse import quote

from domain.letter import Attachment, Letter, LetterKind
from notifier.letters import Rendered
from notifier.plain import one_line

_MAX_REFERENCES = 20
"""References of a long thread are cut in the middle, keeping the first (RFC 5322 section 3.6.4 sets no limit)."""
_LINE = 76
"""Longest line that holds an encoded word (RFC 2047 section 2), and longest line of base64 (RFC 2045 section 6.8)."""
_NAME_LENGTH = 90
"""Of an attachment's name: as `filename*` of Chinese (9 octets each) still one line of less than 998 octets, since some
mail programs do not join the continuations of RFC 2231."""
_UNSAFE = re.compile(r'[\\/:*?"<>|;]')
_SAFE_ASCII = re.compile(r"[A-Za-z0-9 ._()-]+")


def build_message(
    letter: Letter, text: Rendered, *, sender: str, attachments: Sequence[tuple[Attachment, bytes]], date: datetime
) -> bytes:
    """The letter's bytes with CRLF line ends. `Auto-Submitted` by RFC 3834: replied, or generated for staff mail."""
    headers = list(_headers(letter, text, sender, date))
    alternative = _multipart(
        "alternative", [_text_part("plain", text.text), _text_part("html", text.html)], letter.message_id
    )
    body = alternative
    if attachments:
        files = [_file_part(file, data) for file, data in attachments]
        body = _multipart("mixed", [alternative, *files], letter.message_id)
    return "\r\n".join([*headers, "MIME-Version: 1.0", body]).encode()


def _headers(letter: Letter, text: Rendered, sender: str, date: datetime) -> Iterator[str]:
    yield f"From: {_mailbox('From', sender)}"
    yield f"To: {_mailbox('To', letter.to)}"
    yield f"Subject: {_unstructured('Subject', text.subject)}"
    yield f"Date: {format_datetime(date)}"
    yield f"Message-ID: {letter.message_id}"
    thread = _identifiers(letter.references, letter.in_reply_to)
    if letter.in_reply_to and thread and thread[-1] == _wrapped(letter.in_reply_to):
        yield f"In-Reply-To: {thread[-1]}"
    if thread:
        yield "References: " + "\r\n ".join(thread)
    yield f"Auto-Submitted: {'auto-generated' if letter.kind is LetterKind.STAFF else 'auto-replied'}"
    yield "X-Auto-Response-Suppress: All"
    if text.proof:
        yield f"X-Baosong-Ledger: {one_line(text.proof)}"


def _identifiers(references: Sequence[str], in_reply_to: str | None) -> list[str]:
    """Well-formed Message-IDs, each once, the answered one last. A stranger's id with white space or brackets inside
    would break the header."""
    last = [_wrapped(in_reply_to)] if in_reply_to else []
    earlier = [one for one in map(_wrapped, references) if one not in last]
    sound = [one for one in dict.fromkeys([*earlier, *last]) if _is_sound(one)]
    return sound if len(sound) <= _MAX_REFERENCES else [sound[0], *sound[1 - _MAX_REFERENCES :]]


def _wrapped(identifier: str) -> str:
    bare = identifier.strip()
    return bare if bare.startswith("<") else f"<{bare}>"


def _is_sound(identifier: str) -> bool:
    inner = identifier[1:-1]
    return (
        identifier.endswith(">")
        and 0 < len(inner) < 250
        and inner.isascii()
        and inner.isprintable()
        and not set(inner) & set("<> ")
    )


def _mailbox(header: str, value: str) -> str:
    """`name <address>` or the bare address, on folded lines."""
    name, spec = parseaddr(one_line(value)) if "<" in value else ("", one_line(value))
    if not name:
        return spec
    shown = f'"{name}"' if _SAFE_ASCII.fullmatch(name) else "\r\n ".join(_encoded(name, len(header) + 2))
    return f"{shown}\r\n <{spec}>"


def _unstructured(header: str, value: str) -> str:
    """Plain when short and ASCII, else encoded words. `=?` of a stranger's is encoded too: it must not be decoded."""
    if value.isascii() and value.isprintable() and "=?" not in value and len(value) + len(header) + 2 <= _LINE:
        return value
    return "\r\n ".join(_encoded(one_line(value), len(header) + 2))


def _encoded(text: str, used: int) -> Iterator[str]:
    """RFC 2047 words in UTF-8 and base64, none splitting a character. `used`: columns taken on the first line."""
    room = _octets(used)
    held = b""
    for character in text:
        octets = character.encode()
        if len(held) + len(octets) > room:
            yield f"=?UTF-8?B?{base64.b64encode(held).decode()}?="
            held, room = b"", _octets(1)
        held += octets
    yield f"=?UTF-8?B?{base64.b64encode(held).decode()}?="


def _octets(used: int) -> int:
    """How many octets fit into one encoded word on a line of which `used` columns are taken."""
    return (_LINE - used - len("=?UTF-8?B??=")) // 4 * 3


def _text_part(subtype: str, text: str) -> str:
    data = "\r\n".join(text.splitlines()) + "\r\n"
    return f'Content-Type: text/{subtype}; charset="utf-8"\r\n{_base64(data.encode())}'


def _file_part(attachment: Attachment, data: bytes) -> str:
    """An attachment. Its name stands twice: by RFC 2231, and the way older Outlook and Foxmail read it (RFC 2047 words
    as `name`), as Thunderbird does."""
    name = _file_name(attachment.name)
    if _SAFE_ASCII.fullmatch(name):
        listed, given = f'name="{name}"', f'filename="{name}"'
    else:
        words = "\r\n ".join(_encoded(name, len(' name="') + 1))
        listed, given = f'name="{words}"', f"filename*=UTF-8''{quote(name, safe='')}"
    return (
        f"Content-Type: {attachment.media};\r\n {listed}\r\n"
        f"Content-Disposition: attachment;\r\n {given}\r\n{_base64(data)}"
    )


def _file_name(name: str) -> str:
    """A name that Windows takes, its extension kept."""
    clean = _UNSAFE.sub("_", one_line(name)).strip(". ") or "attachment"
    if len(clean) <= _NAME_LENGTH:
        return clean
    stem, dot, extension = clean.rpartition(".")
    if not dot or len(extension) > 10:
        return clean[:_NAME_LENGTH]
    return f"{stem[: _NAME_LENGTH - len(extension) - 1].rstrip()}.{extension}"


def _base64(data: bytes) -> str:
    lines = base64.encodebytes(data).decode().replace("\n", "\r\n")
    return f"Content-Transfer-Encoding: base64\r\n\r\n{lines}"


def _multipart(subtype: str, parts: Sequence[str], seed: str) -> str:
    """`=_` never occurs in base64, so no part can hold the boundary. The same letter gives the same bytes."""
    boundary = f"=_{subtype[:3]}_{hashlib.sha256(seed.encode()).hexdigest()[:32]}"
    inner = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n{inner}--{boundary}--\r\n'
