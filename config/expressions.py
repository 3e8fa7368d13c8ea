"""From what a bureau writes (`在校生数 = 男生数 + 女生数`) to a `domain.expression` tree, or a fault that says what is wrong and where.

The grammar's parser is lark's. Names are those of the notice, so that no word of the language is taken out of a column's
name: 非在编人数 is one name, 非 before it a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from domain.expression import (
    Aggregate,
    Arithmetic,
    Blank,
    Both,
    Call,
    Comparison,
    Either,
    Expression,
    Kind,
    Literal,
    Member,
    Name,
    Not,
    Source,
    own_names,
)
from domain.text import normalise

_GRAMMAR = r"""
?start: either
?either: both (_OR both)*
?both: negation (_AND negation)*
?negation: _NOT negation -> denied | comparison
?comparison: sum | sum SIGN sum -> compared | sum _IN "(" literal (_COMMA literal)* ")" -> member
?sum: product | sum PLUS product -> reckoned
?product: unit | product TIMES unit -> reckoned
?unit: literal | NAME -> named | FUNCTION "(" [either (_COMMA either)*] ")" -> called | "(" either ")" | MINUS_ONE unit -> negative
literal: NUMBER -> number | DAY -> day | TEXT -> text
_OR.6: /或者|或|or\b/
_AND.6: /并且|且|and\b/
_NOT.6: /非|not\b/
_IN.6: /属于|in\b/
_COMMA: /[,，、]/
SIGN: /<=|>=|!=|<>|==|[=≠<≤>≥]/
PLUS: /[+\-]/
MINUS_ONE: /-(?=[\d(])/
TIMES: /[*\/×÷]/
DAY.9: /\d{4}-\d{2}-\d{2}/
NUMBER.8: /\d+(\.\d+)?/
TEXT.8: /"[^"]*"|'[^']*'/
FUNCTION.30: /(FUNCTIONS)(?=\s*\()/
NAME.20: /NAMES/
%ignore /\s+/
"""
_FUNCTIONS = {
    "空": "blank", "empty": "blank", "已填": "filled", "filled": "filled",
    "合计": "sum", "sum": "sum", "计数": "count", "count": "count", "最大": "max", "max": "max", "最小": "min", "min": "min",
    "取整": "round", "round": "round", "绝对值": "abs", "abs": "abs", "年": "year", "year": "year",
    "字数": "length", "length": "length", "开头": "starts", "starts": "starts",
}  # fmt: skip
_SIGNS = {"==": "=", "!=": "≠", "<>": "≠", "<=": "≤", ">=": "≥"}
_TIMES = {"×": "*", "÷": "/"}
_WIDE = str.maketrans("＝＋－＊／（）＜＞　“”‘’＂", '=+-*/()<> ""\'\'"')
_NUMBERS, _TRUTHS = (Kind.NUMBER,), (Kind.TRUTH,)
_KINDS = {Kind.NUMBER: "数", Kind.TEXT: "文字", Kind.DAY: "日期", Kind.TRUTH: "是否成立"}


class ExpressionFault(Exception):
    """What is wrong with a rule, in Chinese."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """What may be named: as written → what it is; and the further tables: as written → key."""

    known: Mapping[str, Name]
    tables: Mapping[str, str] = field(default_factory=dict)
    own: str = ""
    """Key of the table that the rule speaks of."""


def read_expression(text: str, names: Names) -> Expression:
    """The tree. Raises ExpressionFault."""
    written = _levelled(text)
    try:
        tree = _parser(names).parse(written)
        made = _Maker(names).transform(tree)
    except VisitError as error:
        raise ExpressionFault(str(error.orig_exc)) from error
    except UnexpectedInput as error:
        raise ExpressionFault(_told(error, written, names)) from error
    node: Expression | None = made if not isinstance(made, Token) else None
    if node is None or kind_of(node) is not Kind.TRUTH:
        raise ExpressionFault("规则应是一个成立或不成立的条件，如 在校生数 = 男生数 + 女生数")
    _not_across(node, names)
    return node


def _levelled(text: str) -> str:
    """Wide signs made narrow, but not within brackets, where a name stands as it is printed."""
    parts = re.split(r"(\[[^\]]*\])", text)
    return "".join(part if part.startswith("[") else part.translate(_WIDE) for part in parts)


def _parser(names: Names) -> Lark:
    every = sorted({*names.known, *names.tables}, key=len, reverse=True)
    plain = [name for name in every if re.fullmatch(r"[\w.]+", name)]
    known = "|".join(
        [r"\[[^\]]*\]", *(re.escape(name) + (r"(?![A-Za-z0-9_])" if name.isascii() else "") for name in plain)]
    )
    functions = "|".join(sorted(_FUNCTIONS, key=len, reverse=True))
    grammar = _GRAMMAR.replace("FUNCTIONS", functions).replace("/NAMES/", f"/{known.replace('/', chr(92) + '/')}/")
    return _made(grammar)


@lru_cache(maxsize=16)
def _made(grammar: str) -> Lark:
    """Once for all rules of a table: making it takes some hundredths of a second."""
    return Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=False)


def _told(error: UnexpectedInput, text: str, names: Names) -> str:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return "写到一半就完了"
    at = text[max(error.column - 1, 0) :] if error.column > 0 else text
    if isinstance(error, UnexpectedCharacters):
        word = re.match(r"[\w.]+", at)
        return unknown(word[0], names) if word else f"看不懂“{at[:10]}”"
    return f"“{at[:10]}”不应在这里"


def unknown(name: str, names: Names) -> str:
    """Which names there are, the likest first."""
    from difflib import get_close_matches

    close = get_close_matches(name, [*names.known, *names.tables], n=1, cutoff=0.5)
    listed = "、".join(list(dict.fromkeys(each.shown for each in names.known.values()))[:8])
    return f"没有“{name}”这一栏" + (f"。是不是想写“{close[0]}”？" if close else f"。可以写：{listed}等")


def kind_of(node: Expression) -> Kind:
    """Of which kind an expression's value is."""
    match node:
        case Literal() | Name():
            return node.kind
        case Arithmetic() | Aggregate():
            return Kind.NUMBER
        case Call():
            return Kind.TRUTH if node.how == "starts" else Kind.NUMBER
        case _:
            return Kind.TRUTH


def _wanted(node: Expression, kinds: Iterable[Kind], where: str) -> None:
    if kind_of(node) not in kinds:
        wanted = "或".join(_KINDS[kind] for kind in kinds)
        raise ExpressionFault(f"{where}应是{wanted}，这里是{_KINDS[kind_of(node)]}")


def _not_across(node: Expression, names: Names) -> None:
    """A column of another table stands within 合计 and the like only: which of its rows would be meant elsewhere?"""
    for name in own_names(node):
        if name.table != names.own:
            raise ExpressionFault(f"“{name.shown}”在另一张表里，要写成 合计(…)、计数(…) 等")


def _matched(where: Expression | None, table: str, own: str) -> tuple[tuple[Name, Name] | None, Expression | None]:
    """The one equality of a condition that ties a row of another table to the row the rule speaks of (名册.学校 = 学校名称), and the
    rest of the condition."""
    if where is None or table == own:
        return None, where
    parts = where.parts if isinstance(where, Both) else (where,)
    for at, part in enumerate(parts):
        if isinstance(part, Comparison) and part.sign == "=":
            sides = [
                side for side in (part.left, part.right) if isinstance(side, Name) and side.source is Source.COLUMN
            ]
            tables = {side.table: side for side in sides}
            if len(sides) == 2 and set(tables) == {table, own}:
                rest = (*parts[:at], *parts[at + 1 :])
                left = None if not rest else rest[0] if len(rest) == 1 else Both(parts=rest)
                return (tables[table], tables[own]), left
    return None, where


@v_args(inline=True)
class _Maker(Transformer[Token, Any]):
    """Makes the nodes, bottom up, and refuses what compares unlike things."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self._names = names
        self._called = {key: called for called, key in names.tables.items()}
        """Printed names follow keys, so that of both the printed one is told."""

    def number(self, token: Token) -> Literal:
        return Literal(value=Decimal(str(token)), kind=Kind.NUMBER)

    def day(self, token: Token) -> Literal:
        try:
            return Literal(value=date.fromisoformat(str(token)), kind=Kind.DAY)
        except ValueError as fault:
            raise ExpressionFault(f"没有“{token}”这一天") from fault

    def text(self, token: Token) -> Literal:
        return Literal(value=normalise(str(token)[1:-1]), kind=Kind.TEXT)

    def named(self, token: Token) -> Name | Token:
        written = str(token).strip("[]")
        found = self._names.known.get(written) or self._names.known.get(normalise(written))
        if found is None and written in self._names.tables:
            return Token("TABLE", written)
        if found is None:
            raise ExpressionFault(unknown(written, self._names))
        return found

    def negative(self, _sign: Token, part: Expression) -> Expression:
        if isinstance(part, Literal) and isinstance(part.value, Decimal):
            return Literal(value=-part.value, kind=Kind.NUMBER)
        return self.reckoned(Literal(value=Decimal(0), kind=Kind.NUMBER), "-", part)

    def reckoned(self, left: Expression, sign: str, right: Expression) -> Arithmetic:
        sign = _TIMES.get(str(sign), str(sign))
        days = kind_of(left) is kind_of(right) is Kind.DAY and sign == "-"
        for side in () if days else (left, right):
            _wanted(side, _NUMBERS, f"“{sign}”两边")
        return Arithmetic(sign=sign, left=left, right=right)

    def compared(self, left: Expression, sign: Token, right: Expression) -> Comparison:
        told = _SIGNS.get(str(sign), str(sign))
        if kind_of(left) is not kind_of(right):
            raise ExpressionFault(
                f"“{told}”两边不能比较：一边是{_KINDS[kind_of(left)]}，一边是{_KINDS[kind_of(right)]}"
            )
        if told not in "=≠" and kind_of(left) not in (Kind.NUMBER, Kind.DAY):
            raise ExpressionFault(f"“{told}”只能比较数或日期")
        return Comparison(sign=told, left=left, right=right)

    def member(self, part: Expression, *options: Literal) -> Member:
        for option in options:
            _wanted(option, (kind_of(part),), "“属于”后面")
        return Member(part=part, options=options)

    def denied(self, part: Expression) -> Not:
        _wanted(part, _TRUTHS, "“非”后面")
        return Not(part=part)

    def both(self, *parts: Expression) -> Both:
        for part in parts:
            _wanted(part, _TRUTHS, "“且”两边")
        return Both(parts=parts)

    def either(self, *parts: Expression) -> Either:
        for part in parts:
            _wanted(part, _TRUTHS, "“或”两边")
        return Either(parts=parts)

    def called(self, function: Token, *parts: Any) -> Expression:
        how = _FUNCTIONS[str(function)]
        if how in ("sum", "count", "max", "min"):
            return self._aggregate(str(function), how, parts)
        if how in ("blank", "filled"):
            if len(parts) != 1 or not isinstance(parts[0], Name):
                raise ExpressionFault(f"“{function}”的括号里写一个栏目名")
            blank = Blank(part=parts[0])
            return blank if how == "blank" else Not(part=blank)
        most = 2 if how in ("round", "starts") else 1
        if not parts or len(parts) > most or (how == "starts" and len(parts) != 2):
            raise ExpressionFault(f"“{function}”的括号里应有{most}项")
        kinds = {"year": (Kind.DAY,), "length": (Kind.TEXT,), "starts": (Kind.TEXT,)}.get(how, _NUMBERS)
        _wanted(parts[0], kinds, f"“{function}”的括号里")
        more = parts[1] if len(parts) > 1 else None
        if more is not None and not isinstance(more, Literal):
            raise ExpressionFault(f"“{function}”的第二项应直接写明")
        return Call(how=how, part=parts[0], more=more)

    def _aggregate(self, function: str, how: str, parts: tuple[Any, ...]) -> Aggregate:
        if not 1 <= len(parts) <= 2:
            raise ExpressionFault(f"“{function}”的括号里写一个栏目名，后面还可以写一个条件")
        where = parts[1] if len(parts) > 1 else None
        if where is not None:
            _wanted(where, _TRUTHS, f"“{function}”的第二项")
        part: Expression | None = None
        if isinstance(parts[0], Token):
            if how != "count":
                raise ExpressionFault(f"“{function}”的括号里写一个栏目名")
            table = self._names.tables[str(parts[0])]
        else:
            part = parts[0]
            if how != "count":
                _wanted(part, _NUMBERS, f"“{function}”的括号里")
            table = self._table_of(function, part)
        match, where = _matched(where, table, self._names.own)
        if where is not None and any(name.table != table for name in own_names(where)):
            raise ExpressionFault(
                f"“{function}”的条件里只能写同一张表的栏目；要与本行对上的，写成 附表.栏目 = 本表的栏目"
            )
        called = "" if table == self._names.own else self._called.get(table, "")
        return Aggregate(how=how, table=table, table_shown=called, part=part, where=where, match=match)

    def _table_of(self, function: str, *parts: Expression) -> str:
        tables = {name.table for part in parts for name in own_names(part)}
        if len(tables) > 1:
            raise ExpressionFault(f"“{function}”的括号里只能写同一张表的栏目")
        return next(iter(tables), self._names.own)
