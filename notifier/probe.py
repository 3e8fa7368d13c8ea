"""The letter that a mailbox sends to itself, to see whether it arrives."""

from __future__ import annotations

import base64
from datetime import datetime
from email.utils import format_datetime

from notifier.mime_words import mailbox, unstructured

_SUBJECT = "报送系统自检，请忽略"
_TEXT = "这是报送系统发给本邮箱自己的一封邮件，用来检查收信和发信是否正常。请忽略，不用回复。\r\n"


def probe_message(*, sender: str, to: str, message_id: str, date: datetime) -> bytes:
    """With the headers that keep machines from answering (RFC 3834)."""
    return "\r\n".join(
        (
            f"From: {mailbox('From', sender)}",
            f"To: {mailbox('To', to)}",
            f"Subject: {unstructured('Subject', _SUBJECT)}",
            f"Date: {format_datetime(date)}",
            f"Message-ID: {message_id}",
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            "MIME-Version: 1.0",
            'Content-Type: text/plain; charset="utf-8"',
            "Content-Transfer-Encoding: base64",
            "",
            base64.encodebytes(_TEXT.encode()).decode().replace("\n", "\r\n"),
        )
    ).encode()
