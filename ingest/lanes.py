"""Whose turn a mail takes when many wait. It proves nothing: who writes other addresses into From is served as many would be."""

from __future__ import annotations

import hashlib
import re

_HEADER = 64 << 10
"""Bytes of a header that are looked at; what is longer shares a lane."""
_FROM = re.compile(rb"^from[ \t]*:(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"[^\s<>,;:\"()@]{1,64}@[^\s<>,;:\"()@]{1,255}")


def lane_of(raw: bytes) -> str:
    """A digest of the last address in From (16 hex digits), as it stands there; "" where there is none. The bytes are a
    stranger's, and nothing but these two patterns looks at them here: mails are opened in the sandbox."""
    head = re.split(rb"\r?\n\r?\n", raw[:_HEADER], maxsplit=1)[0]
    line = _FROM.search(head)
    found = _ADDRESS.findall(line[1]) if line else []
    return hashlib.sha256(found[-1].lower()).hexdigest()[:16] if found else ""
