"""Numbers as people write them in a form: digits, a point, commas between thousands; what else stands there is none."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from domain.text import normalise, remembered

_PLAIN = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,30})(?:\.\d{1,25})?", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?[eE][+-]?\d{1,2}", re.ASCII)
_BINARY = 15
"""Decimal digits that a binary double surely keeps (IEEE 754): what Excel shows behind them is noise (118.00000000000001)."""


@remembered(16_384)
def read_number(text: str) -> Decimal | None:
    """The number that the text is, None where it is none. Digits beyond the fifteenth of a fraction are rounded off: Excel stores
    0.1 + 0.2 as 0.30000000000000004."""
    plain = normalise(text)
    if not (_PLAIN.fullmatch(plain) or _SCIENTIFIC.fullmatch(plain)):
        return None
    try:
        value = Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None
    digits = value.as_tuple().digits
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < 0 and len(digits) > _BINARY:
        value = round(value, max(0, _BINARY - (len(digits) + exponent)))
    return value.normalize() if value else Decimal(0)


def shown(value: Decimal) -> str:
    """The number as a person writes it: no exponent, no zeros behind the last digit."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
