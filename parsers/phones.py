"""Phone numbers: what the text of a phone cell amounts to, told by libphonenumber's table for the mainland."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, cast

import phonenumbers
from phonenumbers import PhoneMetadata

from domain.sheet import Phone, PhoneKind


def _mobile_pattern() -> str:
    """libphonenumber's, for national numbers of the mainland."""
    return str(cast("Any", PhoneMetadata.metadata_for_region("CN")).mobile.national_number_pattern)


_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣~_", "-") | dict.fromkeys("\u200b\u200c\u200d\ufeff\u2060", None))
_SEPARATORS = re.compile(r"[/、,;|\n\r\\&]|或者|或|和|及")
_EXTENSION = re.compile(r"(?:转|分机号?|ext\.?|x|#)\s*[:：.]?\s*(\d{1,6})$", re.IGNORECASE)
_NUMBER = re.compile(r"[\d\s()+.·-]+")
_SERVICE = re.compile(r"(?:400|800)\d{7}|95\d{3,6}")
_COUNTRY = re.compile(r"^(?:\+\s*86|0086|86(?=[\s-]*1\d{10}$))[\s-]*")
_MAX_TEXT = 200
_PLAIN_MOBILE = re.compile(f"(?=\\d{{11}}$)(?:{_mobile_pattern()})", re.ASCII)
"""Nearly every phone cell holds just that: the library's own pattern of mobile numbers, without the parsing round it."""


@lru_cache(maxsize=16_384)
def read_phone(text: str, area_code: str) -> Phone:
    """One phone cell. A landline without area code is meant in `area_code` (`0393`).

    Several whole numbers in one cell are SEVERAL; whatever is no mainland number is INVALID with the digits it has.
    """
    plain = plain_mobile(text)
    if plain is not None:
        return plain
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    if len(folded) > _MAX_TEXT:
        return _invalid(folded[:_MAX_TEXT])
    whole = _one(folded, area_code)
    if whole is not None:
        return whole
    if _holds_several(folded, area_code):
        return Phone(kind=PhoneKind.SEVERAL, digits=_digits(folded))
    return _invalid(folded)


def plain_mobile(text: str) -> Phone | None:
    """The phone of a cell that holds a mobile number and nothing else; None says nothing."""
    return Phone(kind=PhoneKind.MOBILE, digits=text) if _PLAIN_MOBILE.fullmatch(text) else None


def _one(text: str, area_code: str) -> Phone | None:
    """The phone if `text` is exactly one number."""
    text = _COUNTRY.sub("", text)
    extension = ""
    found = _EXTENSION.search(text)
    if found:
        text, extension = text[: found.start()].rstrip(" -,("), found[1]
    if not _NUMBER.fullmatch(text) or "+" in text:
        return None
    digits = _digits(text)
    if _SERVICE.fullmatch(digits):
        return Phone(kind=PhoneKind.SERVICE, digits=_extended(digits, extension))
    return _mainland(digits, area_code, extension) or _dashed_extension(text, area_code, extension)


def _dashed_extension(text: str, area_code: str, extension: str) -> Phone | None:
    """`0393-1234567-801`: the last short group is the extension, when what stands before it is a landline."""
    base, dash, tail = text.rpartition("-")
    tail = tail.strip()
    if not dash or extension or not re.fullmatch(r"\d{1,6}", tail):
        return None
    phone = _mainland(_digits(base), area_code, tail)
    return phone if phone and phone.kind is PhoneKind.LANDLINE else None


def _mainland(digits: str, area_code: str, extension: str) -> Phone | None:
    local = len(digits) in (7, 8)
    # No local number begins with 0 or 1: seven digits that do are the rest of a mobile number cut short.
    if local and digits[0] in "01":
        return None
    parsed = _parsed(area_code + digits if local else digits)
    if parsed is None:
        return None
    national = str(parsed.national_number)
    if phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE:
        return Phone(kind=PhoneKind.MOBILE, digits=_extended(national, extension))
    area = phonenumbers.length_of_geographical_area_code(parsed)
    if not area:
        return None
    return Phone(kind=PhoneKind.LANDLINE, digits=_extended(f"0{national[:area]}-{national[area:]}", extension))


def _parsed(digits: str) -> phonenumbers.PhoneNumber | None:
    if not 10 <= len(digits) <= 12:
        return None
    try:
        parsed = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number_for_region(parsed, "CN") else None


def _holds_several(text: str, area_code: str) -> bool:
    """At least two numbers stand in the cell: split at signs, then at spaces, then at dashes."""
    for pieces in (_SEPARATORS.split(text), re.split(r"[\s()]+", text), text.split("-")):
        whole = [piece for piece in pieces if piece.strip()]
        if sum(_one(piece.strip(), area_code) is not None for piece in whole) > 1:
            return True
    return sum(_one(found, area_code) is not None for found in re.findall(r"[\d-]{7,20}", text)) > 1


def _extended(digits: str, extension: str) -> str:
    return f"{digits}转{extension}" if extension else digits


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")


def _invalid(text: str) -> Phone:
    return Phone(kind=PhoneKind.INVALID, digits=_digits(text))
