"""Dates as people write them in a form: digits with any separator, 年月日, Chinese numerals, Excel serials."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

_TAIL = r"(?:[\s(]*(?:星期|周)[一二三四五六日天]\s*\)?)?(?:[T\s]+\d{1,2}:\d{2}(?::\d{2})?)?"
_WRITTEN = re.compile(r"(\d{4}|\d{2}(?=\s*年))\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*[日号]?" + _TAIL)
_COMPACT = re.compile(r"((?:19|20|21)\d{2})(\d{2})(\d{2})")
_CHINESE = re.compile(
    r"([〇零一二三四五六七八九]{4})年([一二三四五六七八九十元正]{1,3})月([一二三四五六七八九十廿卅]{1,4})[日号]?"
)
_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_CIRCLES = str.maketrans("○◯ОOo", "〇〇〇〇〇")  # what input methods and typists give for 〇
_SERIALS = range(20_000, 80_000)
"""Serial numbers taken as dates: the years 1954 to 2119."""


def read_date(text: str) -> date | None:
    """The day that `text` names and nothing else, None if it names none or one that does not exist."""
    folded = unicodedata.normalize("NFKC", text[:100]).strip().rstrip("。.")
    match = _WRITTEN.fullmatch(folded) or _COMPACT.fullmatch(folded)
    if match:
        year = int(match[1])
        return _day(year if year > 99 else 2000 + year, int(match[2]), int(match[3]))
    match = _CHINESE.fullmatch(re.sub(r"\s", "", folded).translate(_CIRCLES))
    if match:
        return _day(int("".join(str(_DIGITS[c]) for c in match[1])), _numeral(match[2]), _numeral(match[3]))
    return None


def from_serial(number: float, *, epoch_1904: bool = False) -> date | None:
    """The day of an Excel serial number (ECMA-376 part 1, 18.17.4.1), None outside the years of a form."""
    if not _SERIALS.start <= number < _SERIALS.stop:
        return None
    return (date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30)) + timedelta(days=int(number))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _numeral(text: str) -> int:
    """1 to 39 from Chinese numerals (十二, 二十七, 廿七, 三十一, 正), 0 for what is none."""
    text = text.replace("廿", "二十").replace("卅", "三十").replace("元", "一").replace("正", "一")
    tens, ten, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return 0
    if not ten:
        return _DIGITS[tens]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
