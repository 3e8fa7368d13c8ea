"""What a typed cell must hold, in words: for rules on a page, prompts in the blank form, and letters."""

from __future__ import annotations

from domain.allowed import Choices, CodeList, DayRange, NumberRange, Pattern
from domain.checks.values import day_range, number_range
from domain.notice import Column, ColumnType, HeaderField

_TYPES = {
    ColumnType.IDENTITY_NUMBER: "18位身份证号",
    ColumnType.CREDIT_CODE: "18位统一社会信用代码",
    ColumnType.DATE: "日期，写明年、月、日",
    ColumnType.NUMBER: "数字，不带单位",
}
_MOST_CHOICES = 12


def value_words(field: Column | HeaderField) -> str:
    """`整数，在0到9999之间` and the like; "" for what is plain text or has words of its own elsewhere."""
    allowed = field.allowed
    match allowed:
        case NumberRange():
            return _number(allowed)
        case DayRange():
            return "，".join(part for part in ("日期", day_range(allowed)) if part)
        case Choices():
            names = [choice.name for choice in allowed.choices]
            more = f"等{len(names)}项" if len(names) > _MOST_CHOICES else ""
            return f"{'、'.join(names[:_MOST_CHOICES])}{more}之一"
        case CodeList():
            return f"“{allowed.name}”里的代码"
        case Pattern():
            return f"{allowed.called}，如{allowed.example}"
    return _TYPES.get(field.type, "")


def _number(allowed: NumberRange) -> str:
    kind = "整数" if allowed.integer else "数字"
    if allowed.decimals:
        kind += f"，最多{allowed.decimals}位小数"
    return "，".join(part for part in (kind, number_range(allowed)) if part)
