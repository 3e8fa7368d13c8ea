"""A made-up return that a notice takes, and one that breaks each of its rules once, as rows of text: to try a notice before anybody
reports on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.allowed import Choices
from domain.checks.own_rules import value_of
from domain.expression import (
    Both,
    Comparison,
    Context,
    Expression,
    Kind,
    Literal,
    Name,
    Source,
    Value,
    own_names,
    reckon,
)
from domain.notice import ColumnType, Notice, Reporter
from domain.numbers import shown
from domain.own_rules import OwnRule
from domain.right_values import right_row, wrongs

ROWS = 3
_PASSES = 4
"""How often the rules are gone through: one mended may break another."""

Row = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class MadeUp:
    """Rows by key, and what each of the wrong ones breaks. `untried`: rules for which no wrong row was found."""

    right: tuple[Row, ...]
    wrong: tuple[Row, ...]
    broken: tuple[str, ...]
    untried: tuple[str, ...]


def made_up(notice: Notice, reporter: Reporter | None, day: date, *, plain: bool = False) -> MadeUp:
    """`day`: of receipt. `plain`: with the smallest numbers, for rules that larger ones break."""
    right = tuple(_right(notice, reporter, number, day, plain=plain) for number in range(1, ROWS + 1))
    wrong: list[Row] = []
    broken: list[str] = []
    untried: list[str] = []

    def base() -> Row:
        return _right(notice, reporter, ROWS + len(wrong) + 1, day, plain=plain)

    for one in wrongs(notice):
        wrong.append({**base(), one.key: one.text})
        broken.append(one.rule)
    for rule in notice.own_rules:
        row = broken_by(rule, notice, base()) if not rule.table else None
        if row is None:
            untried.append(rule.name)
        else:
            wrong.append(row)
            broken.append(f"规则“{rule.name}”")
    if notice.form.duplicate_key and wrong:
        again = base()
        wrong.append({**again, **{key: wrong[-1].get(key, "") for key in notice.form.duplicate_key}})
        broken.append("与上一行重复")
    return MadeUp(right=right, wrong=tuple(wrong), broken=tuple(broken), untried=tuple(untried))


def _right(notice: Notice, reporter: Reporter | None, number: int, day: date, *, plain: bool) -> Row:
    row = right_row(notice, reporter, number, day, plain=plain)
    for _ in range(_PASSES):
        for rule in notice.own_rules:
            if rule.rows is not None and not rule.table and not _holds(rule, notice, row):
                row = _mended(rule.rows, notice, row)
    return row


@dataclass(frozen=True, kw_only=True)
class _Made:
    """A made-up row as rules see it: there is no header, no round before, and no other row."""

    notice: Notice
    row: Mapping[str, str]

    def value(self, name: Name) -> Value:
        if name.source is not Source.COLUMN or name.table:
            return None
        return value_of(self.notice.form.column(name.key), self.row.get(name.key, ""))

    def is_blank(self, name: Name) -> bool:
        return not self.row.get(name.key, "")

    def rows(self, table: str) -> Sequence[Context]:
        return ()

    def matching(self, table: str, name: Name) -> None:
        return None

    def once(self, node: object, reckon: object) -> Value:
        return None


def _holds(rule: OwnRule, notice: Notice, row: Row) -> bool:
    """Not known counts as holding, as in the check itself."""
    context = _Made(notice=notice, row=row)
    if rule.rows is None or (rule.when is not None and reckon(rule.when, context) is not True):
        return True
    return reckon(rule.rows, context) is not False


def _mended(node: Expression, notice: Notice, row: Row) -> Row:
    """The row with one side of a comparison set to what the other side says, where one side is a column."""
    if isinstance(node, Both):
        for part in node.parts:
            row = _mended(part, notice, row)
        return row
    if not isinstance(node, Comparison):
        return row
    context = _Made(notice=notice, row=row)
    for side, other in ((node.left, node.right), (node.right, node.left)):
        value = reckon(other, context)
        if isinstance(side, Name) and side.source is Source.COLUMN and not side.table and value is not None:
            return {
                **row,
                side.key: _text(value, strict=node.sign in ("<", ">"), up=(side is node.right) == (node.sign == "<")),
            }
    return row


def _text(value: Value, *, strict: bool = False, up: bool = False) -> str:
    if isinstance(value, Decimal):
        return shown(value + (1 if up else -1) if strict else value)
    return value.isoformat() if isinstance(value, date) else str(value)


def broken_by(rule: OwnRule, notice: Notice, row: Row) -> Row | None:
    """The row changed in one cell so that the rule does not hold; None where no change was found, or the rule speaks of more than
    one row."""
    if rule.rows is None:
        return None
    if rule.when is not None:
        row = _with(rule.when, row)
    for name in own_names(rule.rows):
        for text in _others(name, notice, row):
            changed = {**row, name.key: text}
            if not _holds(rule, notice, changed):
                return changed
    return None


def _with(when: Expression, row: Row) -> Row:
    """The row in which a simple condition (a column is a word) holds."""
    parts = when.parts if isinstance(when, Both) else (when,)
    for part in parts:
        if (
            isinstance(part, Comparison)
            and part.sign == "="
            and isinstance(part.left, Name)
            and isinstance(part.right, Literal)
        ):
            row = {**row, part.left.key: _text(part.right.value)}
    return row


def _others(name: Name, notice: Notice, row: Row) -> Iterator[str]:
    column = notice.form.column(name.key)
    if name.kind is Kind.NUMBER:
        value = value_of(column, row.get(name.key, ""))
        known = value if isinstance(value, Decimal) else Decimal(0)
        yield from (shown(each) for each in (known + 1, known - 1, known * 2 + 7, Decimal(0)) if each >= 0)
    elif column.type is ColumnType.YES_NO:
        yield from ("是", "否")
    elif isinstance(column.allowed, Choices):
        yield from (choice.name for choice in column.allowed.choices)
    yield ""
