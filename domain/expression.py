"""What a rule of a notice says, as a tree of values that reckons itself: no text is run. `config.expressions` makes the tree.

A value is a Decimal, a text (normalised), a day, a truth, or None: *not known*, since a cell is empty or holds what it must not. What
rests on something not known is not known itself (three-valued, as in SQL), and a rule of which nobody knows whether it holds says nothing:
that cell has a problem of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, DivisionByZero, InvalidOperation, Overflow
from enum import StrEnum
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Protocol

Value = Decimal | str | bool | date | None


class Kind(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    DAY = "day"
    TRUTH = "truth"


class Source(StrEnum):
    """Where the value of a name is looked up."""

    COLUMN = "column"
    HEADER = "header"
    PREVIOUS = "previous"  # the same row, in the round before


@dataclass(frozen=True, kw_only=True)
class Name:
    """A column or header field. `shown`: as people call it."""

    key: str
    shown: str
    kind: Kind
    source: Source = Source.COLUMN
    table: str = ""
    """Key of the further table whose column it is; "" for the form's own."""


class Context(Protocol):
    """Of what a rule speaks: one row with the whole around it, or the whole alone."""

    def value(self, name: Name) -> Value: ...

    def is_blank(self, name: Name) -> bool: ...

    def rows(self, table: str) -> Sequence[Context]:
        """Every row of a table; "" is the form's own."""
        ...

    def matching(self, table: str, name: Name) -> Mapping[Value, Sequence[Context]] | None:
        """The rows of a table by what they say in one column; None where its rows are not known."""
        ...

    def once(self, node: object, reckon: Callable[[], Value]) -> Value:
        """What is the same for all rows is reckoned once."""
        ...


@dataclass(frozen=True, kw_only=True)
class Literal:
    value: Decimal | str | date
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class Arithmetic:
    sign: str
    """One of + - * /."""
    left: Expression
    right: Expression


@dataclass(frozen=True, kw_only=True)
class Comparison:
    sign: str
    """One of = ≠ < ≤ > ≥."""
    left: Expression
    right: Expression


@dataclass(frozen=True, kw_only=True)
class Both:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, kw_only=True)
class Either:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, kw_only=True)
class Not:
    part: Expression


@dataclass(frozen=True, kw_only=True)
class Member:
    part: Expression
    options: tuple[Literal, ...]


@dataclass(frozen=True, kw_only=True)
class Blank:
    part: Name


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """Over the rows of a table, those only for which `where` is known to hold. `match`: a column of that table, and one of the row
    that the rule speaks of, which must say the same (名册.学校 = 学校名称)."""

    how: str
    """One of sum, count, max, min; count without `part` counts rows."""
    table: str = ""
    table_shown: str = ""
    part: Expression | None = None
    where: Expression | None = None
    match: tuple[Name, Name] | None = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """round (with digits), abs, year, length, starts (with a text)."""

    how: str
    part: Expression
    more: Literal | None = None


Expression = Literal | Name | Arithmetic | Comparison | Both | Either | Not | Member | Blank | Aggregate | Call

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "≠": ne, "<": lt, "≤": le, ">": gt, "≥": ge}


def reckon(node: Expression, context: Context) -> Value:
    """The value of an expression for a row or the whole; None where it is not known."""
    match node:
        case Literal():
            return node.value
        case Name():
            return context.value(node)
        case Arithmetic():
            return _arithmetic(node.sign, reckon(node.left, context), reckon(node.right, context))
        case Comparison():
            left, right = reckon(node.left, context), reckon(node.right, context)
            return None if left is None or right is None else _COMPARED[node.sign](left, right)
        case Both():
            return _both(reckon(part, context) for part in node.parts)
        case Either():
            return _negated(_both(_negated(reckon(part, context)) for part in node.parts))
        case Not():
            return _negated(reckon(node.part, context))
        case Member():
            value = reckon(node.part, context)
            return None if value is None else any(value == option.value for option in node.options)
        case Blank():
            return context.is_blank(node.part)
        case Aggregate(match=(theirs, ours)):
            wanted, rows = context.value(ours), context.matching(node.table, theirs)
            return None if wanted is None or rows is None else _aggregate(node, rows.get(wanted, ()))
        case Aggregate():
            return context.once(node, lambda: _aggregate(node, context.rows(node.table)))
        case Call():
            return _called(node, reckon(node.part, context))


def _both(parts: Iterable[Value]) -> bool | None:
    """False as soon as one is false, whatever is not known."""
    known = True
    for part in parts:
        if part is False:
            return False
        known = known and part is not None
    return True if known else None


def _negated(value: Value) -> bool | None:
    return None if value is None else not value


def _arithmetic(sign: str, left: Value, right: Value) -> Value:
    if isinstance(left, date) and isinstance(right, date):
        return Decimal((left - right).days)
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    try:
        match sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case _:
                return left / right
    except (DivisionByZero, InvalidOperation, Overflow):
        return None


def _aggregate(node: Aggregate, rows: Sequence[Context]) -> Value:
    where = node.where
    chosen = rows if where is None else [row for row in rows if reckon(where, row) is True]
    if node.part is None:
        return Decimal(len(chosen))
    if node.how == "count":
        return Decimal(sum(not _blank(node.part, row) for row in chosen))
    values = [reckon(node.part, row) for row in chosen]
    numbers = [value for value in values if isinstance(value, Decimal)]
    if len(numbers) < len(values) or (not numbers and node.how != "sum"):
        return None
    if node.how == "sum":
        return sum(numbers, Decimal(0))
    return max(numbers) if node.how == "max" else min(numbers)


def _blank(part: Expression, row: Context) -> bool:
    return row.is_blank(part) if isinstance(part, Name) else reckon(part, row) is None


def _called(node: Call, value: Value) -> Value:
    more = node.more.value if node.more else None
    match node.how, value:
        case "round", Decimal():
            return value.quantize(Decimal(1).scaleb(-int(more if isinstance(more, Decimal) else 0)), ROUND_HALF_UP)
        case "abs", Decimal():
            return abs(value)
        case "year", date():
            return Decimal(value.year)
        case "length", str():
            return Decimal(len(value))
        case "starts", str():
            return value.startswith(str(more))
    return None


def names_in(node: Expression) -> Iterator[Name]:
    """Every name that stands in an expression, in order, those within aggregates too."""
    if isinstance(node, Name):
        yield node
        return
    for field in fields(node):
        value = getattr(node, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, _NODES):
                yield from names_in(part)


_NODES = (Literal, Name, Arithmetic, Comparison, Both, Either, Not, Member, Blank, Aggregate, Call)


def own_names(node: Expression) -> Iterator[Name]:
    """Those that speak of the row itself: not within aggregates, nor of header or round before."""
    if isinstance(node, Name):
        if node.source is Source.COLUMN:
            yield node
        return
    if isinstance(node, Aggregate):
        if node.match:
            yield node.match[1]
        return
    for field in fields(node):
        value = getattr(node, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, _NODES):
                yield from own_names(part)
