"""What a filing number cell amounts to: as printed on the ministry's list, readable only one way, or none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.notice import FilingNumbers
from domain.text import normalise


class Reading(StrEnum):
    EXACT = "exact"
    IRREGULAR = "irregular"  # one way to read it: `right` is how it is printed on the list
    UNUSUAL_DIGITS = "unusual_digits"  # 6 or 8 digits: such are in use
    BAD_DIGITS = "bad_digits"
    BAD_PROVINCE = "bad_province"
    OTHER_KIND = "other_kind"  # an ICP number or a licence
    UNREADABLE = "unreadable"


@dataclass(frozen=True, kw_only=True)
class FilingNumber:
    """`right` is the number as printed on the list (for IRREGULAR); `digits` are those found in it."""

    reading: Reading
    digits: str = ""
    right: str = ""


_OTHER_KINDS = re.compile(r"ICP|公网安备|增值|许可|文网")
_FILLERS = "[案字第:.,]{0,3}"
"""Words people put between prefix and digits; they change nothing about which number is meant."""


def read_filing_number(text: str, form: FilingNumbers) -> FilingNumber:
    """Judges a non-empty cell against the notice's form of number. Full width, spaces, letter case, a missing or
    doubled suffix leave one way to read it; a missing prefix does not tell whose number it is."""
    if re.fullmatch(form.pattern, text):
        return FilingNumber(reading=Reading.EXACT)
    compared = normalise(text)[:100].upper()
    prefix, suffix = normalise(form.prefix).upper(), normalise(form.suffix).upper()
    found = re.fullmatch(
        rf"[\[(\"]?{re.escape(prefix)}{_FILLERS}(?P<digits>[0-9]{{1,20}})(?:{re.escape(suffix)}){{0,2}}[.,\])\"]?",
        compared,
    )
    if not found:
        other = _OTHER_KINDS.search(compared)
        return FilingNumber(reading=Reading.OTHER_KIND if other else Reading.UNREADABLE)
    digits = found["digits"]
    if len(digits) != form.digits and len(digits) not in form.tolerated_digits:
        return FilingNumber(reading=Reading.BAD_DIGITS, digits=digits)
    if digits[:2] not in form.provinces:
        return FilingNumber(reading=Reading.BAD_PROVINCE, digits=digits)
    right = f"{form.prefix}{digits}{form.suffix}"
    unusual = len(digits) != form.digits and text == right
    return FilingNumber(reading=Reading.UNUSUAL_DIGITS if unusual else Reading.IRREGULAR, digits=digits, right=right)
