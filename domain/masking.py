"""Masks phone numbers in what people read: 138****5678. Stored values and `--json` stay whole."""

from __future__ import annotations

import re

_GAP = r"[ \u00a0\u3000()（）·.\-－—–‐‑]{0,2}"
"""What people write between the digits of one number."""
_PLAIN = re.compile(r"(?<!\d)[1１][3-9３-９]\d{9}(?!\d)")
_MOBILE = re.compile(rf"(?<!\d)[1１][3-9３-９](?:{_GAP}\d){{9,}}(?!\d)")
_AREA = re.compile(rf"(?<!\d)[0０]\d{{2,3}}(?:{_GAP}\d){{7,8}}(?!\d)")
_LOCAL = re.compile(r"(?<![\d备])(?<!备\s)(?:[2-9]\d{2,3}[ \-－—]\d{4}|[2-9]\d{6}|\d{8,})(?!\d|\s?号)")
"""A filing number (教APP备4100001号) is no phone number: the reader must see its digits."""
_BETWEEN = re.compile(r"([/／|｜、,，;；\n]|或|和|及|转|分机)")
_DIGITS = re.compile(r"\d+")


def mask_phone(text: str) -> str:
    """One phone number: a mobile keeps its first three and last four digits, a landline its area code and last two.

    Shorter texts, which are no whole number, are left as they are: the reader must see what is wrong with them.
    """
    digits = "".join(_DIGITS.findall(text))
    if len(digits) >= 11 and digits.startswith(("1", "１")):
        return _covered(text, digits, 3, 4)
    if digits.startswith(("0", "０")) and len(digits) >= 10:
        return _covered(text, digits, 3 if digits[1] in "12１２" else 4, 2)
    if len(digits) >= 8:
        return _covered(text, digits, 2, 2)
    if len(digits) == 7 and digits[0] not in "01０１":  # a landline of this area
        return _covered(text, digits, 0, 2)
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


def mask_phone_field(text: str) -> str:
    """What stands in a phone column, perhaps several numbers, however written: each masked by itself."""
    return "".join(mask_phone(piece) for piece in _BETWEEN.split(text))


def mask_mobiles(text: str) -> str:
    """Every mobile number that stands in a longer text, with spaces or dashes between its digits or without."""
    return _masked(text, _PLAIN, _MOBILE)


def mask_phones(text: str) -> str:
    """Every whole phone number that stands in a longer text. Dates and filing numbers stay."""
    return _masked(text, _PLAIN, _MOBILE, _AREA, _LOCAL)


def _masked(text: str, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        text = pattern.sub(lambda found: mask_phone(found[0]), text)
    return text
