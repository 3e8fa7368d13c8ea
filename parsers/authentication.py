"""Tells whether the trusted receiver found that DMARC failed (RFC 8601), from Authentication-Results headers."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DMARC = re.compile(r"\s*dmarc\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)


def dmarc_failed(results: Sequence[str], trusted_authserv_id: str) -> bool:
    """True when the topmost Authentication-Results of `trusted_authserv_id` says `dmarc=fail`.

    `results` are the header's values, topmost first. Anyone can write such headers, so those of others count for
    nothing, and so do lower ones: the receiver puts its own on top. Without a trusted id all are ignored.
    """
    trusted = trusted_authserv_id.strip().lower()
    if not trusted:
        return False
    for value in results:
        statements = _without_comments(value).split(";")
        words = statements[0].split()
        if words and words[0].lower() == trusted:
            matches = (_DMARC.match(statement) for statement in statements[1:])
            return any(match is not None and match[1].lower() == "fail" for match in matches)
    return False


def _without_comments(value: str) -> str:
    """`value` without comments and with quoted strings emptied: neither can carry a result."""
    kept: list[str] = []
    depth = 0
    quoted = escaped = False
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\" and (depth or quoted):
            escaped = True
        elif quoted:
            quoted = character != '"'
        elif character == '"' and not depth:
            quoted = True
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(character)
    return "".join(kept)
