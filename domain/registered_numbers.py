"""Numbers that carry their own check: the citizen's identity number (GB 11643-1999) and the unified social credit code
(GB 32100-2015). What is wrong with one is told apart, since each slip is mended otherwise."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

from domain.text import normalise

_IDENTITY = re.compile(r"\d{17}[\dX]", re.ASCII)
_OLD_IDENTITY = re.compile(r"\d{15}", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
"""ISO 7064 MOD 11-2, as GB 11643 writes it: check character by the weighted sum modulo 11."""
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100, table 2: no I, O, S, V, Z."""
_CREDIT = re.compile(f"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}", re.ASCII)
_PROVINCES = frozenset(
    {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83}
)
"""First two digits (GB/T 2260); 81 to 83 stand on residence permits of people from Hong Kong, Macau and Taiwan. A 9 in front is a
foreigner's permanent residence card of 2023, built alike."""
_OLDEST = 1900


class Slip(StrEnum):
    """What is wrong with a number."""

    LENGTH = "length"
    OLD = "old"  # an identity number of the first generation, 15 digits
    SIGNS = "signs"  # characters that such a number cannot have
    ROUNDED = "rounded"  # Excel kept fifteen digits of it
    REGION = "region"
    DAY = "day"  # no such day of birth, or one to come
    CHECK = "check"  # one or more characters are wrong


def compared(text: str) -> str:
    """The number without spaces and width, capitals alone."""
    return normalise(text).upper().lstrip("'")


def identity_slip(text: str, on: date) -> Slip | None:
    """What is wrong with an identity number on that day; None where nothing is."""
    number = compared(text)
    if len(number) != 18:
        return Slip.OLD if _OLD_IDENTITY.fullmatch(number) else _length(number)
    if not _IDENTITY.fullmatch(number):
        return Slip.SIGNS
    if number.endswith("000") and _check(number) != number[-1]:
        return Slip.ROUNDED
    if int(number[:2]) not in _PROVINCES and number[0] != "9":
        return Slip.REGION
    born = born_on(number)
    if born is None or not born.year >= _OLDEST or born > on:
        return Slip.DAY
    return None if _check(number) == number[-1] else Slip.CHECK


def _length(number: str) -> Slip:
    return Slip.ROUNDED if re.fullmatch(r"\d\.\d+E\+?1[67]", number) else Slip.LENGTH


def _check(number: str) -> str:
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True)) % 11]


def born_on(number: str) -> date | None:
    """The day of birth in an identity number of 18 characters; None where there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def credit_code_slip(text: str) -> Slip | None:
    """What is wrong with a unified social credit code; None where nothing is."""
    code = compared(text)
    if len(code) != 18:
        return _length(code)
    if not _CREDIT.fullmatch(code):
        return Slip.SIGNS
    if code.endswith("000") and code.isdecimal() and credit_check(code[:17]) != code[-1]:
        return Slip.ROUNDED
    return None if credit_check(code[:17]) == code[-1] else Slip.CHECK


def credit_check(front: str) -> str:
    """The check character for the first seventeen: weights are the powers of 3 modulo 31."""
    total = sum(_ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(front))
    return _ALPHABET[-total % 31]


def identity_check(front: str) -> str:
    """The check character for the first seventeen digits."""
    return _check(front + "0")
