"""Checks of one value by its type: numbers, days, choices, registered numbers, codes, patterns. At most one problem a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache

from domain.allowed import Choices, CodeList, DayRange, NumberRange, Pattern
from domain.catalogue import problem
from domain.days import shown_day
from domain.masking import mask_identity
from domain.notice import Column, ColumnType, HeaderField
from domain.numbers import read_number, shown
from domain.problems import Place, Problem
from domain.registered_numbers import compared, credit_code_slip, identity_slip
from domain.text import normalise

_WITH_WORDS = re.compile(r"[+-]?[\d,]+(?:\.\d+)?[^\d]{1,4}", re.ASCII)
_SHOWN_CHOICES = 20

Field = Column | HeaderField


def check_value(field: Field, place: Place, text: str, day: date) -> Iterator[Problem]:
    """What is wrong with a filled value. `day`: on which the return was received, in the notice's zone. Types that another module
    checks have nothing wrong here."""
    check = _CHECKS.get(field.type)
    if check is not None:
        yield from check(field, place, text, day)


def _number(field: Field, place: Place, text: str, _day: date) -> Iterator[Problem]:
    allowed = field.allowed if isinstance(field.allowed, NumberRange) else NumberRange()
    value = read_number(text)
    example = shown(allowed.least if allowed.least is not None and allowed.least > 0 else Decimal(120))
    if value is None:
        yield problem(
            "row.number_invalid",
            place,
            variant="unit" if _WITH_WORDS.fullmatch(normalise(text)) else "",
            example=example,
        )
    elif allowed.integer and value != value.to_integral_value():
        yield problem("row.number_invalid", place, variant="integer", example=example)
    elif allowed.decimals is not None and value != round(value, allowed.decimals):
        yield problem("row.number_invalid", place, variant="decimals", decimals=allowed.decimals)
    elif (allowed.least is not None and value < allowed.least) or (allowed.most is not None and value > allowed.most):
        yield problem("row.number_range", place, range=number_range(allowed))


def number_of(field: Field, text: str) -> Decimal | None:
    """The number for rules and sums: None where it is not known or not right, which is a problem of its own; 0 for an empty cell that
    need not be filled."""
    if not text:
        return None if field.required else Decimal(0)
    value = read_number(text)
    if value is None or any(_number(field, Place(value=text), text, date.min)):
        return None
    return value


def number_range(allowed: NumberRange) -> str:
    """`在0到9999之间`, `不小于0`, `不大于100`; "" where nothing bounds it."""
    if allowed.least is not None and allowed.most is not None:
        return f"在{shown(allowed.least)}到{shown(allowed.most)}之间"
    if allowed.least is not None:
        return f"不小于{shown(allowed.least)}"
    return f"不大于{shown(allowed.most)}" if allowed.most is not None else ""


def _day_of(text: str) -> date | None:
    """Readers write a day that they could read as 2020-02-27."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _date(field: Field, place: Place, text: str, day: date) -> Iterator[Problem]:
    value = _day_of(text)
    if value is None:
        yield problem("row.date_invalid", place, example=shown_day(day))
        return
    allowed = field.allowed if isinstance(field.allowed, DayRange) else DayRange()
    late = (allowed.latest is not None and value > allowed.latest) or (allowed.until_received and value > day)
    if late or (allowed.earliest is not None and value < allowed.earliest):
        yield problem("row.date_range", place, range=day_range(allowed))


def day_range(allowed: DayRange) -> str:
    """`不早于2020年1月1日，不晚于收到的那一天`; "" where nothing bounds it."""
    told = [f"不早于{shown_day(allowed.earliest)}"] if allowed.earliest else []
    if allowed.latest:
        told.append(f"不晚于{shown_day(allowed.latest)}")
    if allowed.until_received:
        told.append("不晚于报送的那一天")
    return "，".join(told)


def _choice(field: Field, place: Place, text: str, _day: date) -> Iterator[Problem]:
    if not isinstance(field.allowed, Choices) or field.allowed.chosen(text):
        return
    names = [choice.name for choice in field.allowed.choices]
    near = get_close_matches(normalise(text), names, n=1, cutoff=0.5)
    listed = "、".join(names[:_SHOWN_CHOICES]) + (f"等{len(names)}项" if len(names) > _SHOWN_CHOICES else "")
    yield problem(
        "row.choice_invalid", place, variant="near" if near else "", near=near[0] if near else "", choices=listed
    )


def _identity(_field: Field, place: Place, text: str, day: date) -> Iterator[Problem]:
    slip = identity_slip(text, day)
    if slip is not None:
        variant = "" if slip == "length" else str(slip)
        yield problem("row.identity_invalid", place, variant=variant, shown=mask_identity(compared(text)))


def _credit_code(_field: Field, place: Place, text: str, _day: date) -> Iterator[Problem]:
    slip = credit_code_slip(text)
    if slip is not None:
        yield problem("row.credit_code_invalid", place, variant="" if slip == "length" else str(slip))


def _code(field: Field, place: Place, text: str, _day: date) -> Iterator[Problem]:
    if isinstance(field.allowed, CodeList) and field.allowed.named(text) is None:
        yield problem("row.code_unknown", place, list=field.allowed.name)


def _pattern(field: Field, place: Place, text: str, _day: date) -> Iterator[Problem]:
    allowed = field.allowed
    if isinstance(allowed, Pattern) and not _compiled(allowed.pattern).fullmatch(normalise(text)):
        yield problem("row.pattern_invalid", place, called=allowed.called, example=allowed.example)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_CHECKS: dict[ColumnType, Callable[[Field, Place, str, date], Iterator[Problem]]] = {
    ColumnType.NUMBER: _number,
    ColumnType.DATE: _date,
    ColumnType.CHOICE: _choice,
    ColumnType.IDENTITY_NUMBER: _identity,
    ColumnType.CREDIT_CODE: _credit_code,
    ColumnType.CODE: _code,
    ColumnType.PATTERN: _pattern,
}
TYPED = frozenset(_CHECKS)
"""Types that are checked here."""
