"""Mail addresses as they are compared: by their exact letters. Letters that only look like others make another address."""

from __future__ import annotations

import string
import unicodedata

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""Of ASCII alone: Unicode's lower case of the Kelvin sign is the letter k, which would make two addresses one."""
_EVERYDAY = frozenset(string.ascii_letters + string.digits + "!#$%&'*+/=?^_`{|}~.-@")


def canonical(address: str) -> str:
    """One spelling of each address: ASCII letters in lower case, the domain as DNS has it (IDNA A-labels, RFC 5891).

    The local part keeps every other letter as it is; a domain that is none stays as written.
    """
    local, at, domain = address.strip().rpartition("@")
    return f"{local.translate(_LOWER)}{at}{_in_dns(domain)}"


def same(one: str, other: str) -> bool:
    """Whether two addresses, as written or as recorded long ago, are one."""
    return canonical(one) == canonical(other)


def shown(address: str) -> str:
    """The address with its domain as people write it, where DNS has it in letters of its own (`xn--…`)."""
    local, at, domain = address.rpartition("@")
    try:
        return local + at + domain.encode("ascii").decode("idna")
    except UnicodeError:
        return address


def strange_letters(address: str) -> tuple[str, ...]:
    """Letters that could be taken for others, each once, as `а U+0430 CYRILLIC SMALL LETTER A`.

    A plain form of UTS 39: addresses here are of ASCII, or of Chinese characters; any other letter, digit or invisible
    sign is named, whether it stands among Latin ones or alone.
    """
    found = dict.fromkeys(letter for letter in shown(address) if letter not in _EVERYDAY and not _is_han(letter))
    return tuple(f"{letter} U+{ord(letter):04X} {unicodedata.name(letter, 'without a name')}" for letter in found)


def _is_han(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("CJK UNIFIED IDEOGRAPH")


def _in_dns(domain: str) -> str:
    if domain.isascii():
        return domain.translate(_LOWER)
    try:
        return domain.encode("idna").decode("ascii").translate(_LOWER)
    except UnicodeError:
        return domain.translate(_LOWER)
