"""Words of mail headers in ASCII: subjects, mailboxes and file names, whatever a stranger wrote in them.

Not left to `email.policy`: that one decodes encoded words which a stranger put into a subject, and loses spaces where it
folds Chinese beside ASCII.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from email.utils import parseaddr
from urllib.parse import quote

from notifier.plain import one_line

_LINE = 76
"""Longest line that holds an encoded word (RFC 2047 section 2)."""
_NAME_LENGTH = 90
"""Of a file name: as `filename*` of Chinese (9 octets each) still one line of less than 998 octets, since some mail
programs do not join the continuations of RFC 2231."""
_UNSAFE = re.compile(r'[\\/:*?"<>|;]')
_ASCII_NAME = re.compile(r"[A-Za-z0-9 ._()-]+")


def unstructured(header: str, value: str) -> str:
    """Plain when short and ASCII, else encoded words. A stranger's `=?` is encoded too: it must not be decoded."""
    line = one_line(value)
    if line.isascii() and "=?" not in line and len(line) + len(header) + 2 <= _LINE:
        return line
    return "\r\n ".join(_encoded(line, len(header) + 2))


def mailbox(header: str, value: str) -> str:
    """`name <address>`, or the bare address, on folded lines."""
    name, spec = parseaddr(one_line(value)) if "<" in value else ("", one_line(value))
    if not name:
        return spec
    shown = f'"{name}"' if _ASCII_NAME.fullmatch(name) else "\r\n ".join(_encoded(name, len(header) + 2))
    return f"{shown}\r\n <{spec}>"


def file_name_parameters(name: str) -> tuple[str, str]:
    """The parameters of Content-Type and of Content-Disposition.

    The name stands twice: by RFC 2231, and as RFC 2047 words in `name`, the way older Outlook and Foxmail read it; so
    Thunderbird writes it.
    """
    safe = _file_name(name)
    if _ASCII_NAME.fullmatch(safe):
        return f'name="{safe}"', f'filename="{safe}"'
    words = "\r\n ".join(_encoded(safe, len(' name="') + 1))
    return f'name="{words}"', f"filename*=UTF-8''{quote(safe, safe='')}"


def _file_name(name: str) -> str:
    """A name that Windows takes, its extension kept."""
    clean = _UNSAFE.sub("_", name).strip(". ") or "attachment"
    if len(clean) <= _NAME_LENGTH:
        return clean
    stem, dot, extension = clean.rpartition(".")
    if not dot or len(extension) > 10:
        return clean[:_NAME_LENGTH]
    return f"{stem[: _NAME_LENGTH - len(extension) - 1].rstrip()}.{extension}"


def _encoded(text: str, used: int) -> Iterator[str]:
    """RFC 2047 words in UTF-8 and base64, none splitting a character. `used`: columns taken on the first line."""
    room = _octets(used)
    held = b""
    for character in text:
        octets = character.encode()
        if len(held) + len(octets) > room:
            yield _word(held)
            held, room = b"", _octets(1)
        held += octets
    yield _word(held)


def _word(octets: bytes) -> str:
    return f"=?UTF-8?B?{base64.b64encode(octets).decode()}?="


def _octets(used: int) -> int:
    """How many octets fit into one encoded word on a line of which `used` columns are taken."""
    return (_LINE - used - len(_word(b""))) // 4 * 3
