"""Kinds of values that stand in a notice file: days, addresses, patterns, codes; each tells in Chinese what it should be."""

from __future__ import annotations

import re
import re._parser as _sre_parser  # type: ignore[import-not-found]  # no public name; CPython 3.11 and later
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

_DAY_OR_MOMENT = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?P<time>[ T]+(?P<hour>\d\d?):(?P<minute>\d\d)(:(?P<second>\d\d))? *(?P<offset>Z|[+-]\d\d:\d\d)?)?"
)
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")


def day_or_moment(value: object) -> date | datetime:
    """A day, or a moment with or without offset. One validator, so that a fault is named once."""
    found = _DAY_OR_MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("day", "应为日期（如 2020-02-28）或时刻（如 2020-02-28 18:00:00）")
    part = found.groupdict()
    try:
        day = date(int(part["year"]), int(part["month"]), int(part["day"]))
        if part["time"] is None:
            return day
        written = f"{int(part['hour']):02}:{part['minute']}:{part['second'] or '00'}{part['offset'] or ''}"
        return datetime.combine(day, time.fromisoformat(written))
    except ValueError as fault:
        raise PydanticCustomError("moment", "没有“{value}”这一天或这个时刻", {"value": value}) from fault


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise PydanticCustomError("address", "应为邮箱地址，如 jyj@163.com")
    return value


def _pattern(value: str) -> str:
    """A regular expression that runs on what strangers send: one whose repeats hold repeats, as (a+)+, may take for ever."""
    try:
        parsed = _sre_parser.parse(value)
    except (re.error, RecursionError, OverflowError) as fault:
        raise PydanticCustomError("pattern", "正则表达式写错了：{reason}", {"reason": str(fault)}) from fault
    if _repeats_a_repeat(parsed, within=False):
        raise PydanticCustomError(
            "pattern", "正则表达式里，没有上限的重复（+、*）套着重复，遇到有的内容会算很久，请改写"
        )
    return value


def _repeats_a_repeat(node: Any, *, within: bool) -> bool:
    """Whether an unbounded repeat stands within another. `node`: what the standard library's own parser made."""
    return any(_is_repeated(str(kind), value, within=within) for kind, value in node)


def _is_repeated(name: str, value: Any, *, within: bool) -> bool:
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        _, most, body = value
        unbounded = most == _sre_parser.MAXREPEAT
        return (unbounded and within) or _repeats_a_repeat(body, within=within or unbounded)
    inner = {"SUBPATTERN": (-1,), "ASSERT": (1,), "ASSERT_NOT": (1,)}.get(name, ())
    bodies = value[1] if name == "BRANCH" else [value[at] for at in inner]
    return any(_repeats_a_repeat(body, within=within) for body in bodies)


def _code(value: str) -> str:
    if not re.fullmatch(r"[A-Z0-9]{1,8}", value):
        raise PydanticCustomError("code", "应为1到8个大写英文字母或数字")
    return value


Text = Annotated[str, Field(min_length=1)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Code = Annotated[str, AfterValidator(_code)]
Address = Annotated[str, AfterValidator(_address)]
DayOrMoment = Annotated[
    date | datetime,
    PlainValidator(day_or_moment),
    WithJsonSchema({"type": "string", "description": "日期，如 2020-02-28；或时刻，如 2020-02-28 18:00:00"}),
]


def _day(value: object) -> date:
    found = day_or_moment(value)
    return found.date() if isinstance(found, datetime) else found


Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]

STRICT = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
"""Of every table of a notice file: a key that is not known is a fault."""
