"""Masks phone numbers in what people read: 138****5678. Stored values and `--json` stay whole."""

from __future__ import annotations

import re

_LONG = re.compile(r"(?<!\d)(?:0\d{2,3}-)?\d{7,}(?!\d)")
_DIGITS = re.compile(r"\d+")


def mask_phone(text: str) -> str:
    """One phone number: a mobile keeps its first three and last four digits, a landline its area code and last two.

    Shorter texts, which are no whole number, are left as they are: the reader must see what is wrong with them.
    """
    digits = "".join(_DIGITS.findall(text))
    if len(digits) >= 11 and digits.startswith("1"):
        return _covered(text, digits, 3, 4)
    if digits.startswith("0") and len(digits) >= 10:
        return _covered(text, digits, 3 if digits[1] in "12" else 4, 2)
    if len(digits) >= 8:
        return _covered(text, digits, 2, 2)
    return text


def _covered(text: str, digits: str, head: int, tail: int) -> str:
    """`text` with the digits between the first `head` and the last `tail` made stars, its other signs kept."""
    seen = 0
    shown = []
    for character in text:
        if character.isdecimal():
            seen += 1
            shown.append(character if seen <= head or seen > len(digits) - tail else "*")
        else:
            shown.append(character)
    return "".join(shown)


def mask_phones(text: str) -> str:
    """Every whole phone number that stands in a longer text."""
    return _LONG.sub(lambda found: mask_phone(found[0]), text)
