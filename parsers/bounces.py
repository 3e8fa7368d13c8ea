"""Whom a bounce is about, where it does not quote the letter that came back."""

from __future__ import annotations

import re

MAX_RECIPIENTS = 50
_ADDRESS = re.compile(r"[a-z0-9._%+=-]{1,64}@[a-z0-9.-]{1,250}\.[a-z]{2,24}", re.IGNORECASE)
"""ASCII alone: in Chinese words no space stands before or after an address."""
_REPORTED = re.compile(
    rb"^(?:(?:final|original)-recipient[ \t]{0,5}:[ \t]{0,5}rfc822[ \t]{0,5};|x-failed-recipients[ \t]{0,5}:)([^\r\n]{1,2000})",
    re.IGNORECASE | re.MULTILINE,
)


def failed_recipients(raw: bytes, text: str) -> tuple[str, ...]:
    """Addresses that had no letter, lower case: as the delivery status or a header says (RFC 3464), else as the words do.

    Chinese 系统退信 often have the words alone. They also name the bureau: what is no recipient of ours matches nothing.
    """
    told = b" ".join(match[1] for match in _REPORTED.finditer(raw)).decode("latin-1")
    found = dict.fromkeys(match[0].lower() for match in _ADDRESS.finditer(told or text))
    return tuple(found)[:MAX_RECIPIENTS]
