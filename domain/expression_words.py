"""A rule's expression in words for the clerk, and the values that broke it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from domain.days import shown_day
from domain.expression import (
    Aggregate,
    Arithmetic,
    Blank,
    Both,
    Call,
    Comparison,
    Context,
    Either,
    Expression,
    Kind,
    Literal,
    Member,
    Name,
    Not,
    Source,
    Value,
    reckon,
)
from domain.numbers import shown

_SIGNS = {"+": "＋", "-": "－", "*": "×", "/": "÷"}
_COMPARED = {"=": "等于", "≠": "不等于", "<": "小于", "≤": "不大于", ">": "大于", "≥": "不小于"}
_DAYS = {"=": "是", "≠": "不是", "<": "早于", "≤": "不晚于", ">": "晚于", "≥": "不早于"}
_TEXTS = {"=": "是", "≠": "不是"}
_AGGREGATES = {"sum": "合计", "count": "个数", "max": "最大值", "min": "最小值"}
_CALLS = {"abs": "绝对值", "year": "年份", "length": "字数"}


def words(node: Expression) -> str:
    """`在校生数等于男生数＋女生数`, `“学校类别”是小学` and the like."""
    match node:
        case Literal():
            return shown_value(node.value) if not isinstance(node.value, str) else f"“{node.value}”"
        case Name():
            return _name(node)
        case Arithmetic():
            return f"{_part(node.left)}{_SIGNS[node.sign]}{_part(node.right)}"
        case Comparison():
            return f"{words(node.left)}{_compared(node)}{words(node.right)}"
        case Both():
            return "，并且".join(map(words, node.parts))
        case Either():
            return "，或者".join(map(words, node.parts))
        case Not():
            return f"{_name(node.part.part)}已填" if isinstance(node.part, Blank) else f"不是（{words(node.part)}）"
        case Member():
            return f"{words(node.part)}是{'、'.join(map(words, node.options))}之一"
        case Blank():
            return f"{_name(node.part)}空着"
        case Aggregate():
            return _aggregate(node)
        case Call():
            return _call(node)


def _compared(node: Comparison) -> str:
    kinds = {side.kind for side in (node.left, node.right) if isinstance(side, Name | Literal)}
    if Kind.DAY in kinds:
        return _DAYS.get(node.sign, _COMPARED[node.sign])
    return _TEXTS.get(node.sign, "") if Kind.TEXT in kinds else _COMPARED[node.sign]


def _part(node: Expression) -> str:
    return f"（{words(node)}）" if isinstance(node, Arithmetic) and node.sign in "+-" else words(node)


def _name(name: Name) -> str:
    return {Source.COLUMN: "", Source.HEADER: "表头的", Source.PREVIOUS: "上期的"}[name.source] + name.shown


def _aggregate(node: Aggregate) -> str:
    only = [f"{node.match[0].shown}与本行{node.match[1].shown}相同"] if node.match else []
    only += [words(node.where)] if node.where else []
    where = f"（只算{'、'.join(only)}的）" if only else ""
    table = f"“{node.table_shown}”的" if node.table_shown else ""
    if node.part is None:
        return f"{table}行数{where}"
    return f"{table}{words(node.part)}{_AGGREGATES[node.how]}{where}"


def _call(node: Call) -> str:
    more = shown_value(node.more.value) if node.more else ""
    if node.how == "round":
        return f"{_part(node.part)}（保留{more or '0'}位小数）"
    if node.how == "starts":
        return f"{words(node.part)}以“{more}”开头"
    return f"{words(node.part)}的{_CALLS[node.how]}"


def shown_value(value: Value) -> str:
    """A value as the clerk would write it."""
    if isinstance(value, Decimal):
        return shown(value)
    if isinstance(value, date):
        return shown_day(value)
    return "空着" if value in (None, "") else str(value)


def values(node: Expression, context: Context) -> str:
    """`在校生数是120，男生数＋女生数是118`: what stands on both sides of each comparison that does not hold."""
    return "，".join(dict.fromkeys(_values(node, context)))


def _values(node: Expression, context: Context) -> Iterator[str]:
    match node:
        case Both() | Either():
            failing = [part for part in node.parts if reckon(part, context) is not True]
            for part in [each for each in failing if not isinstance(each, Blank)] or failing:
                yield from _values(part, context)
        case Not():
            yield from _values(node.part, context)
        case Comparison():
            for side in (node.left, node.right):
                if not isinstance(side, Literal):
                    yield f"{words(side)}是{shown_value(reckon(side, context))}"
        case Member():
            yield f"{words(node.part)}是{shown_value(reckon(node.part, context))}"
        case Blank():
            yield f"{_name(node.part)}{'空着' if context.is_blank(node.part) else '填了内容'}"
