"""Letters as MIME: text and HTML alternatives, attachments, threading, and the headers that prevent mail loops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from domain.letter import Attachment, Letter, LetterKind
from notifier.letters import Rendered

_MAX_REFERENCES = 20
"""References of a long thread are cut in the middle, keeping the first (RFC 5322 section 3.6.4 sets no limit)."""


def build_message(
    letter: Letter, text: Rendered, *, sender: str, attachments: Sequence[tuple[Attachment, bytes]], date: datetime
) -> bytes:
    """The letter's bytes with CRLF line ends. `Auto-Submitted` by RFC 3834: replied, or generated for staff mail."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(sender)
    message["To"] = _address(letter.to)
    message["Subject"] = text.subject
    message["Date"] = format_datetime(date)
    message["Message-ID"] = letter.message_id
    if letter.in_reply_to and (thread := _identifiers([*letter.references, letter.in_reply_to])):
        message["In-Reply-To"] = thread[-1]
        message["References"] = " ".join(thread)
    generated = letter.kind in (LetterKind.STAFF, LetterKind.SUPERSEDED)
    message["Auto-Submitted"] = "auto-generated" if generated else "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text.text, cte="base64")
    message.add_alternative(text.html, subtype="html", cte="base64")
    for attachment, data in attachments:
        main, _, sub = attachment.media.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=attachment.name)
    return message.as_bytes()


def _identifiers(references: Sequence[str]) -> list[str]:
    """Well-formed Message-IDs, each once. A stranger's id with white space or brackets inside would break the header."""
    wrapped = [reference if reference.startswith("<") else f"<{reference}>" for reference in references]
    sound = [one for one in dict.fromkeys(wrapped) if _is_sound(one)]
    return sound if len(sound) <= _MAX_REFERENCES else [sound[0], *sound[1 - _MAX_REFERENCES :]]


def _is_sound(identifier: str) -> bool:
    inner = identifier[1:-1]
    return (
        identifier.endswith(">")
        and 0 < len(inner) < 250
        and inner.isascii()
        and inner.isprintable()
        and not set(inner) & set("<> \t")
    )


def _address(value: str) -> Address:
    name, spec = parseaddr(value)
    return Address(display_name=name, addr_spec=spec)
