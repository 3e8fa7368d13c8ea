"""Dates as people write them in a form: digits with any separator, 年月日, Chinese numerals, Excel serials."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

_CLOCK = (
    r"(?:[T\s]*(?:上午|下午|早上|晚上)?"
    r"(?:\s*\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d{1,6})?)?|[时点](?:\d{1,2}分?(?:\d{1,2}秒)?)?)\s*(?:[AaPp][Mm])?)?)"
)
_TAIL = rf"(?:[\s(]*(?:星期|周|礼拜)[一二三四五六日天]\s*\)?)?{_CLOCK}"
_NUMERAL = "〇零一二三四五六七八九十廿卅元正"
_YEAR = r"(?P<year>\d{4}|\d{2}(?=\s*年)|[〇零一二三四五六七八九ОOo0]{4})"  # typists put a letter or digit for 〇
_MONTH = rf"(?P<month>\d{{1,2}}|[{_NUMERAL}]{{1,3}})"
_DAY = rf"(?P<day>\d{{1,2}}|[{_NUMERAL}]{{1,4}})"
_WRITTEN = re.compile(
    rf"(?:公元)?{_YEAR}\s*(?:年|[./,、-])\s*{_MONTH}\s*(?:月|[./,、-])\s*{_DAY}\s*[日号]?{_TAIL}"
    rf"|(?P<y>\d{{4}}) +(?P<m>\d{{1,2}}) +(?P<d>\d{{1,2}})"
)
_COMPACT = re.compile(r"((?:19|20|21)\d{2})(\d{2})(\d{2})" + _TAIL)
_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_CIRCLES = str.maketrans("○◯⚪", "〇〇〇")  # what input methods give for 〇
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-") | dict.fromkeys("\\。·", "."))
_SERIALS = range(20_000, 80_000)
"""Serial numbers taken as dates: the years 1954 to 2119."""


def read_date(text: str) -> date | None:
    """The day that `text` names and nothing else, None if it names none or one that does not exist. A time behind it is
    none of the form's business."""
    folded = unicodedata.normalize("NFKC", text[:100]).translate(_CIRCLES).translate(_DASHES).strip().rstrip(". ")
    compact = _COMPACT.fullmatch(folded)
    if compact:
        return _day(int(compact[1]), int(compact[2]), int(compact[3]))
    found = _WRITTEN.fullmatch(folded) or _WRITTEN.fullmatch(re.sub(r"\s", "", folded))
    if found is None:
        return None
    parts = found.groupdict()
    year = _year(parts["year"] or parts["y"])
    return _day(year, _numeral(parts["month"] or parts["m"]), _numeral(parts["day"] or parts["d"]))


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


def _year(text: str) -> int:
    year = int("".join(str(_DIGITS.get(character, character)) for character in re.sub("[ОOo]", "0", text)))
    return year if year > 99 else 2000 + year


def _numeral(text: str) -> int:
    """Digits, or 1 to 39 from Chinese numerals (十二, 二十七, 廿七, 三十一, 〇二, 二七, 正), 0 for what is none."""
    if text.isdecimal():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十").replace("元", "一").replace("正", "一")
    if "十" not in text:
        return int("".join(str(_DIGITS[character]) for character in text)) if len(text) <= 2 else 0
    tens, _, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return 0
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
