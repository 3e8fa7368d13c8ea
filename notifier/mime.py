"""Letters as MIME: text and HTML alternatives, attachments, threading, and the headers that prevent mail loops."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime

from domain.letter import GENERATED, Attachment, Letter
from notifier.letters import Rendered
from notifier.mime_words import file_name_parameters, mailbox, unstructured
from notifier.plain import one_line

_MAX_REFERENCES = 20
"""References of a long thread are cut in the middle, keeping the first (RFC 5322 section 3.6.4 sets no limit)."""


def build_message(
    letter: Letter, text: Rendered, *, sender: str, attachments: Sequence[tuple[Attachment, bytes]], date: datetime
) -> bytes:
    """The letter's bytes with CRLF line ends; the same arguments give the same bytes."""
    body = _multipart("alternative", [_text_part("plain", text.text), _text_part("html", text.html)], letter.message_id)
    if attachments:
        files = [_file_part(file, data) for file, data in attachments]
        body = _multipart("mixed", [body, *files], letter.message_id)
    return "\r\n".join([*_headers(letter, text, sender, date), "MIME-Version: 1.0", body]).encode()


def _headers(letter: Letter, text: Rendered, sender: str, date: datetime) -> Iterator[str]:
    """`Auto-Submitted` by RFC 3834: replied, or generated for staff mail."""
    yield f"From: {mailbox('From', sender)}"
    yield f"To: {mailbox('To', letter.to)}"
    yield f"Subject: {unstructured('Subject', text.subject)}"
    yield f"Date: {format_datetime(date)}"
    yield f"Message-ID: {letter.message_id}"
    answered = _wrapped(letter.in_reply_to) if letter.in_reply_to else None
    thread = _identifiers(letter.references, answered)
    if answered in thread:
        yield f"In-Reply-To: {answered}"
    if thread:
        yield "References: " + "\r\n ".join(thread)
    yield f"Auto-Submitted: {'auto-generated' if letter.kind in GENERATED else 'auto-replied'}"
    yield "X-Auto-Response-Suppress: All"
    if text.proof:
        yield f"X-Baosong-Ledger: {text.proof}"


def _identifiers(references: Sequence[str], answered: str | None) -> list[str]:
    """Well-formed Message-IDs, each once, the answered one last."""
    earlier = [one for one in map(_wrapped, references) if one != answered]
    wanted = dict.fromkeys([*earlier, answered] if answered else earlier)
    sound = [one for one in wanted if _is_sound(one)]
    return sound if len(sound) <= _MAX_REFERENCES else [sound[0], *sound[1 - _MAX_REFERENCES :]]


def _wrapped(identifier: str) -> str:
    bare = identifier.strip()
    return bare if bare.startswith("<") else f"<{bare}>"


def _is_sound(identifier: str) -> bool:
    """A stranger's id with white space or brackets inside would break the header."""
    inner = identifier[1:-1]
    return (
        identifier.endswith(">")
        and 0 < len(inner) < 250
        and inner.isascii()
        and inner.isprintable()
        and not set(inner) & set("<> ")
    )


def _text_part(subtype: str, text: str) -> str:
    data = "\r\n".join(text.splitlines()) + "\r\n"
    return f'Content-Type: text/{subtype}; charset="utf-8"\r\n{_base64(data.encode())}'


def _file_part(attachment: Attachment, data: bytes) -> str:
    listed, given = file_name_parameters(one_line(attachment.name))
    return (
        f"Content-Type: {attachment.media};\r\n {listed}\r\n"
        f"Content-Disposition: attachment;\r\n {given}\r\n{_base64(data)}"
    )


def _base64(data: bytes) -> str:
    """Lines of 76 characters (RFC 2045 section 6.8)."""
    lines = base64.encodebytes(data).decode().replace("\n", "\r\n")
    return f"Content-Transfer-Encoding: base64\r\n\r\n{lines}"


def _multipart(subtype: str, parts: Sequence[str], seed: str) -> str:
    """`=_` never occurs in base64, so no part can hold the boundary."""
    boundary = f"=_{subtype[:3]}_{hashlib.sha256(seed.encode()).hexdigest()[:32]}"
    inner = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n{inner}--{boundary}--\r\n'
