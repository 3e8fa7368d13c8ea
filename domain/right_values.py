"""Made-up values that a notice takes, and for each of its rules one that it does not: to try a notice before anybody reports on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from domain.allowed import Choices, CodeList, DayRange, NumberRange, Pattern
from domain.notice import Column, ColumnType, Notice, Reporter
from domain.numbers import shown
from domain.registered_numbers import credit_check, identity_check

_NAMES = ("张明", "李华", "王芳", "刘强", "陈静", "杨洋", "赵磊", "黄敏", "周涛", "吴丽")


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One value that breaks one rule: of which column, what is written there, and which rule that is."""

    key: str
    text: str
    rule: str


def right_row(
    notice: Notice, reporter: Reporter | None, number: int, day: date, *, plain: bool = False
) -> dict[str, str]:
    """A row with a value in each column, by key; the rows of different `number`s repeat nothing. `plain`: numbers as small as may
    be, 否 where there is a choice: what the rules of a notice agree with more often."""
    return {
        column.key: right_value(column, notice, reporter, number, day, plain=plain) for column in notice.form.columns
    }


def right_value(
    column: Column, notice: Notice, reporter: Reporter | None, number: int, day: date, *, plain: bool = False
) -> str:
    """`day`: on which it would be received."""
    match column.type:
        case ColumnType.UNIT:
            return reporter.row_units[0] if reporter and reporter.row_units else reporter.name if reporter else ""
        case ColumnType.PHONE:
            return f"138{10000000 + number * 137:08}"
        case ColumnType.YES_NO:
            return "否" if plain else "是"
        case ColumnType.NUMBER:
            return _number(column.allowed, 0 if plain else number)
        case ColumnType.DATE:
            return _day(column.allowed, day).isoformat()
        case ColumnType.IDENTITY_NUMBER:
            front = f"11010119900{1 + number % 9:d}07{number % 1000:03}"[:17]
            return front + identity_check(front)
        case ColumnType.CREDIT_CODE:
            front = f"12110000{400000000 + number * 13:09d}"[:17]
            return front + credit_check(front)
        case ColumnType.FILING_NUMBER:
            return notice.filing.hint if notice.filing else ""
        case _:
            return _of_words(column, reporter, number, plain=plain)


def _of_words(column: Column, reporter: Reporter | None, number: int, *, plain: bool) -> str:
    allowed = column.allowed
    if isinstance(allowed, Choices):
        return allowed.choices[-1 if plain else (number - 1) % len(allowed.choices)].name
    if isinstance(allowed, CodeList):
        codes = list(allowed.items)
        return codes[(number - 1) % len(codes)] if codes else ""
    if isinstance(allowed, Pattern):
        return allowed.example
    if column.person or "姓名" in column.name:
        return f"{_NAMES[number % len(_NAMES)]}{'一二三四五六七八九'[number // len(_NAMES) % 9] if number >= len(_NAMES) else ''}"
    if "学校" in column.name:
        return f"{reporter.name if reporter else ''}第{number}小学"
    return f"{column.name.rpartition('-')[2][:8]}甲{number}"


def _number(allowed: object, number: int) -> str:
    """Above the least by some steps, never above the most."""
    bounds = allowed if isinstance(allowed, NumberRange) else NumberRange()
    least = bounds.least if bounds.least is not None else Decimal(0)
    value = least + number * 10
    if bounds.most is not None and value > bounds.most:
        value = bounds.most
    return shown(value)


def _day(allowed: object, day: date) -> date:
    bounds = allowed if isinstance(allowed, DayRange) else DayRange()
    value = day - timedelta(days=1)
    if bounds.latest is not None:
        value = min(value, bounds.latest)
    return max(value, bounds.earliest) if bounds.earliest is not None else value


def wrongs(notice: Notice) -> Iterator[Wrong]:
    """For each column what is wrong in it: left empty, of the wrong kind, out of its range."""
    for column in notice.form.columns:
        if column.required and column.type is not ColumnType.UNIT:
            yield Wrong(key=column.key, text="", rule=f"“{column.name}”没有填")
        text = _wrong(column)
        if text:
            yield Wrong(key=column.key, text=text, rule=f"“{column.name}”填成“{text}”")
        yield from _beyond(column)


def _wrong(column: Column) -> str:
    match column.type:
        case ColumnType.UNIT:
            return "别的单位"
        case ColumnType.PHONE:
            return "1383930"
        case ColumnType.YES_NO:
            return "不清楚"
        case ColumnType.NUMBER:
            return "约120"
        case ColumnType.DATE:
            return "2026年13月1日"
        case ColumnType.IDENTITY_NUMBER:
            return "110101199001010011"
        case ColumnType.CREDIT_CODE:
            return "121100004000000000"
        case ColumnType.FILING_NUMBER:
            return "12345"
        case ColumnType.CHOICE:
            return "其他写法"
        case ColumnType.CODE:
            return "ZZZ999"
        case ColumnType.PATTERN:
            return "不知道"
        case _:
            return ""


def _beyond(column: Column) -> Iterator[Wrong]:
    bounds = column.allowed
    if isinstance(bounds, NumberRange):
        for edge, step in ((bounds.most, 1), (bounds.least, -1)):
            if edge is not None:
                text = shown(edge + step)
                yield Wrong(key=column.key, text=text, rule=f"“{column.name}”填成{text}")
    elif isinstance(bounds, DayRange) and bounds.earliest:
        text = (bounds.earliest - timedelta(days=1)).isoformat()
        yield Wrong(key=column.key, text=text, rule=f"“{column.name}”填成{text}")
