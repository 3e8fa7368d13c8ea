"""Masks phone numbers in what people read: 138****5678. Stored values and `--json` stay whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum

_GAP = r"[ \n\u00a0\u3000()（）·.\-－—–―−‐‑_~～]{0,3}"
"""What people write between the digits of one number."""
_COUNTRY = rf"(?:(?:[0０]{{2}})?[8８][6６]{_GAP})?"
_PLAIN = re.compile(r"(?<!\d)(?:(?:00)?86)?[1１][3-9３-９]\d{9}(?!\d)")
_MOBILE = re.compile(rf"(?<!\d){_COUNTRY}[1１][3-9３-９](?:{_GAP}\d){{9,}}(?!\d)")
_AREA = re.compile(rf"(?<!\d)[0０]\d{{2,3}}(?:{_GAP}\d){{7,8}}(?!\d)")
_FILING = r"(?<![\d备])(?<!备[\s:：])(?<!备[:：]\s)(?<!APP.)(?<!APP.[\s:：])"
"""A filing number (教APP备4100001号, or as misread: 教APP各…) is no phone number: the reader must see its digits."""
_YEARS = r"(?!(?:19|20)\d\d[ \-－—](?:19|20)\d\d(?!\d)|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))"
"""Nor is 2020-2021 学年, nor 20200228."""
_LOCAL = re.compile(
    rf"{_FILING}{_YEARS}(?:[2-9]\d{{2,3}}[ \-－—]\d{{4}}|[2-9]\d{{6}}|\d{{8,}})(?!\d|\s?号)", re.IGNORECASE
)
_IDENTITY = re.compile(r"(?<![\dA-Za-z])\d{6}(?:19|20)\d{9}[\dXx](?![\dA-Za-z])")
"""A citizen's identity number (GB 11643): its middle is the day of birth."""
_ADDRESS = re.compile(r"([A-Za-z0-9])[A-Za-z0-9._%+-]*@(?=[A-Za-z0-9])")
_BETWEEN = re.compile(r"([/／|｜、,，;；\n]|或|和|及|转|分机)")
_EXTENSION = ("转", "分机")
_DIGITS = re.compile(r"\d+")
_MOST_EXTENSION = 5


class Viewer(StrEnum):
    """Who looks at an export or a page of the console."""

    OPERATOR = "operator"  # has the files themselves
    STAFF = "staff"  # decides cases, and telephones counties
    AUDITOR = "auditor"
    LEADERSHIP = "leadership"


_UNMASKED = frozenset((Viewer.OPERATOR, Viewer.STAFF))


def masks(viewer: str) -> bool:
    """Whether that viewer sees phone numbers without their middle."""
    return viewer not in _UNMASKED


def mask_for(viewer: str) -> Callable[[str], str]:
    """What to do with the text of a phone column before `viewer` sees it. A role that nobody thought of sees masked numbers."""
    return mask_phone_field if masks(viewer) else _as_it_is


def words_for(viewer: str) -> Callable[[str], str]:
    """`mask_for` for text in which a number may stand."""
    return _as_it_is if viewer in _UNMASKED else mask_phones


def sees_all(viewer: str) -> bool:
    """Whether nothing is masked before `viewer`: what cannot be masked (scans, files) is for them alone to open freely."""
    return viewer in _UNMASKED


def _as_it_is(text: str) -> str:
    return text


def mask_phone(text: str) -> str:
    """One phone number: a mobile keeps its first three and last four digits, a landline its area code and last two.

    Shorter texts, which are no whole number, are left as they are: the reader must see what is wrong with them.
    """
    digits = _digits(text)
    country = re.match(r"(?:00)?86(?=1[3-9]\d{9})", normalised := _plain(digits))
    if country and len(normalised) - country.end() >= 11:
        return _covered(text, digits, country.end() + 3, 4)
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
    """What stands in a phone column, perhaps several numbers, however written: each masked by itself.

    Where a piece is no whole number, the signs between the pieces may stand within one (138，1234，5678): then all of
    it is masked as one number. An extension behind a number may be read.
    """
    pieces = _BETWEEN.split(text)
    masked = [mask_phone(piece) for piece in pieces]
    if any(_is_rest(pieces, masked, at) for at in range(0, len(pieces), 2)):
        return mask_phone(text)
    return "".join(masked)


def _is_rest(pieces: Sequence[str], masked: Sequence[str], at: int) -> bool:
    """The piece shows three digits or more, and is no extension of the number before it."""
    count = len(_digits(pieces[at]))
    if count < 3 or masked[at] != pieces[at]:
        return False
    extends = at > 1 and pieces[at - 1] in _EXTENSION and masked[at - 2] != pieces[at - 2]
    return not (extends and count <= _MOST_EXTENSION)


def mask_mobiles(text: str) -> str:
    """Every mobile number that stands in a longer text, with spaces or dashes between its digits or without."""
    return _masked(text, _PLAIN, _MOBILE)


def mask_called(text: str) -> str:
    """Every number in a longer text that can only be a phone's: mobiles, and landlines with their area code."""
    return _masked(text, _PLAIN, _MOBILE, _AREA)


def mask_phones(text: str) -> str:
    """Every whole phone number in a text where one is to be expected, landlines without area code too. Dates, school
    years and filing numbers stay."""
    return _masked(text, _PLAIN, _MOBILE, _AREA, _LOCAL)


def mask_identity(text: str) -> str:
    """One identity number, or what was meant as one: its first four and last two signs are shown."""
    return text if len(text) <= 8 else f"{text[:4]}{'*' * (len(text) - 6)}{text[-2:]}"


def mask_address(text: str) -> str:
    """Every mail address in a text, with the first sign of its local part: c***@example.cn."""
    return _ADDRESS.sub(r"\1***@", text)


def _masked(text: str, *patterns: re.Pattern[str]) -> str:
    text = _IDENTITY.sub(lambda found: mask_identity(found[0]), text)
    for pattern in patterns:
        text = pattern.sub(lambda found: mask_phone(found[0]), text)
    return text


def _digits(text: str) -> str:
    return "".join(_DIGITS.findall(text))


def _plain(digits: str) -> str:
    """Digits of full width as those of ASCII."""
    return "".join(str(int(digit)) for digit in digits)
