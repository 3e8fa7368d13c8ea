"""The ways a value may be printed: the workbook stores 1200 and 2020-02-27, the page shows 1,200.00 and 2020年2月27日."""

from __future__ import annotations

import re
from datetime import date

from domain.notice import ColumnType
from domain.numbers import read_number, shown
from domain.text import normalise

_DAY = re.compile(r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?|(\d{4})(\d{2})(\d{2})", re.ASCII)
_PLACES = (0, 1, 2)
"""Digits behind the point that cells are commonly formatted to show."""
_DAYS = (
    "{0.year}年{0.month}月{0.day}日", "{0.year}年{0.month:02}月{0.day:02}日", "{0.year}-{0.month}-{0.day}",
    "{0.year}/{0.month}/{0.day}", "{0.year}/{0.month:02}/{0.day:02}", "{0.year}.{0.month}.{0.day}",
    "{0.year}.{0.month:02}.{0.day:02}", "{0.year}{0.month:02}{0.day:02}", "{0}",
)  # fmt: skip


def plain(kind: ColumnType, text: str) -> str:
    """A number or day in one way of writing, whichever was read; anything else normalised."""
    compared = normalise(text)
    if kind is ColumnType.NUMBER:
        number = read_number(compared)
        return compared if number is None else shown(number)
    if kind is ColumnType.DATE:
        day = _day(compared)
        return day.isoformat() if day else compared
    return compared


def ways(kind: ColumnType, text: str) -> frozenset[str]:
    """How the print may say it, none for what is printed as it stands."""
    if kind is ColumnType.NUMBER and (number := read_number(text)) is not None:
        fixed = [count for count in _PLACES if round(number, count) == number]
        return frozenset({shown(number), *(f"{number:{sign}.{count}f}" for sign in ("", ",") for count in fixed)})
    if kind is ColumnType.DATE and (day := _day(normalise(text))):
        return frozenset(each.format(day) for each in _DAYS)
    return frozenset()


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        return None
