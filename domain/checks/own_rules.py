"""The notice's own rules (`checks:` in its file): of every row, of a whole table, of order, repetition and number of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.allowed import Choices
from domain.answers import answer
from domain.checks.row_cells import place_of
from domain.checks.samples import sample_rows
from domain.checks.values import number_of
from domain.expression import Aggregate, Context, Expression, Kind, Name, Source, Value, names_in, reckon
from domain.expression_words import values, words
from domain.masking import mask_called
from domain.notice import VALUE_KINDS, Column, ColumnType, Form, HeaderField, Notice, Reporter
from domain.own_rules import OwnRule
from domain.previous import NO_PREVIOUS, PreviousRound
from domain.problems import Place, Problem
from domain.sheet import Row, Sheet
from domain.text import normalise


def check_own_rules(
    sheet: Sheet, notice: Notice, reporter: Reporter | None, day: date, previous: PreviousRound = NO_PREVIOUS
) -> Iterator[Problem]:
    """Every problem that the rules find, rule by rule. `day`: of receipt, in the notice's zone."""
    whole = Whole(sheet=sheet, notice=notice, previous=previous)
    for rule in notice.own_rules:
        if rule.row_count is not None:
            yield from _row_count(rule, whole, reporter, day)
        elif rule.whole is not None:
            yield from _of_whole(rule, whole, day)
        elif rule.rows is not None:
            yield from _of_rows(rule, rule.rows, whole, day)
        elif rule.sorted_by:
            yield from _sorted(rule, whole, day)
        else:
            yield from _unique(rule, whole, day)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A workbook as rules see it: its tables without sample rows."""

    sheet: Sheet
    notice: Notice
    previous: PreviousRound = NO_PREVIOUS
    _kept: dict[Aggregate, Value] = field(default_factory=dict)
    _tables: dict[str, tuple[OneRow, ...]] = field(default_factory=dict)
    _matching: dict[Name, dict[Value, list[OneRow]]] = field(default_factory=dict)

    def value(self, name: Name) -> Value:
        if name.source is not Source.HEADER:
            return None
        found = self.sheet.header.get(name.key)
        field = next((each for each in self.notice.form.header if each.key == name.key), None)
        if found is None or field is None:
            return None
        return found.date if field.type is ColumnType.DATE else value_of(field, found.text)

    def is_blank(self, name: Name) -> bool:
        found = self.sheet.header.get(name.key)
        return found is None or not found.text

    def rows(self, table: str) -> Sequence[OneRow]:
        if table not in self._tables:
            made = self.sheet.rows if not table else self.sheet.tables.get(table, ())
            form = self.form(table)
            samples = sample_rows(made, self.notice)
            kept = (row for at, row in enumerate(made) if at not in samples)
            self._tables[table] = tuple(OneRow(row=row, whole=self, form=form) for row in kept)
        return self._tables[table]

    def matching(self, table: str, name: Name) -> Mapping[Value, Sequence[OneRow]]:
        if name not in self._matching:
            found: dict[Value, list[OneRow]] = {}
            for row in self.rows(table):
                found.setdefault(row.value(name), []).append(row)
            self._matching[name] = found
        return self._matching[name]

    def form(self, table: str) -> Form:
        form = self.notice.form
        return next((form.of_table(each) for each in form.tables if each.key == table), form)

    def once(self, node: object, reckon: Callable[[], Value]) -> Value:
        assert isinstance(node, Aggregate)  # noqa: S101
        if node not in self._kept:
            self._kept[node] = reckon()
        return self._kept[node]


@dataclass(frozen=True, kw_only=True, eq=False)
class OneRow:
    """One row as rules see it."""

    row: Row
    whole: Whole
    form: Form

    def value(self, name: Name) -> Value:
        if name.source is Source.HEADER:
            return self.whole.value(name)
        row = self._row_of(name)
        cell = row.cells.get(name.key) if row else None
        if cell is None or cell.fault:
            return None
        return value_of(self.form.column(name.key), cell.text)

    def is_blank(self, name: Name) -> bool:
        if name.source is Source.HEADER:
            return self.whole.is_blank(name)
        row = self._row_of(name)
        return row is None or not row.text(name.key)

    def _row_of(self, name: Name) -> Row | None:
        if name.source is Source.PREVIOUS:
            return self.whole.previous.row_before(self.row)
        return self.row

    def rows(self, table: str) -> Sequence[OneRow]:
        return self.whole.rows(table)

    def matching(self, table: str, name: Name) -> Mapping[Value, Sequence[OneRow]]:
        return self.whole.matching(table, name)

    def once(self, node: object, reckon: Callable[[], Value]) -> Value:
        return self.whole.once(node, reckon)


def value_of(field: Column | HeaderField, text: str) -> Value:
    """What a cell says, as its type reads it; None where it says nothing sure. An empty number that need not be filled is 0."""
    match field.type:
        case ColumnType.NUMBER:
            return number_of(field, text)
        case ColumnType.DATE:
            try:
                return date.fromisoformat(text)
            except ValueError:
                return None
        case ColumnType.YES_NO if isinstance(field, Column):
            return answer(text, field) if text else ""
        case ColumnType.CHOICE if isinstance(field.allowed, Choices) and text:
            return field.allowed.chosen(text)
    return normalise(text)


def _holds(rule: OwnRule, context: Context) -> bool:
    return rule.when is None or reckon(rule.when, context) is True


def _of_rows(rule: OwnRule, node: Expression, whole: Whole, day: date) -> Iterator[Problem]:
    for row in whole.rows(rule.table):
        if _holds(rule, row) and reckon(node, row) is False:
            yield _problem(rule, _place(rule, row), day, *_told(rule, node, row, whole), row=row)


def _told(rule: OwnRule, node: Expression, context: Context, whole: Whole) -> tuple[str, str]:
    """What is wrong and how to mend it, in words made of the rule. What stood in the round before is told only to those who may
    see it."""
    where = f"{words(rule.when)}时，" if rule.when else ""
    before = any(name.source is Source.PREVIOUS for name in names_in(node))
    found = mask_called(values(node, context)) if whole.previous.told or not before else ""
    return f"{where}应当{words(node)}" + (f"；现在{found}。" if found else "。"), "请核对这几项，改到相符。"


def _of_whole(rule: OwnRule, whole: Whole, day: date) -> Iterator[Problem]:
    node = rule.whole
    if node is not None and _holds(rule, whole) and reckon(node, whole) is False:
        yield _problem(rule, _at_table(rule, whole), day, *_told(rule, node, whole, whole))


def _row_count(rule: OwnRule, whole: Whole, reporter: Reporter | None, day: date) -> Iterator[Problem]:
    if rule.row_count is None or whole.sheet.nil_statement is not None:
        return
    wanted, count = rule.row_count.for_reporter(reporter.code if reporter else None), len(whole.rows(rule.table))
    if wanted.least is not None and count < wanted.least:
        yield _problem(
            rule, _at_table(rule, whole), day, f"读到{count}行，应至少{wanted.least}行。", "请补全缺少的行。"
        )
    elif wanted.most is not None and count > wanted.most:
        yield _problem(rule, _at_table(rule, whole), day, f"读到{count}行，应最多{wanted.most}行。", "请删去多余的行。")


def _sorted(rule: OwnRule, whole: Whole, day: date) -> Iterator[Problem]:
    last: tuple[OneRow, list[Value]] | None = None
    for row in whole.rows(rule.table):
        key = [row.value(_name(row.form.column(each))) for each in rule.sorted_by]
        if any(value is None or value == "" for value in key):
            continue
        if last and _before(key, last[1]):
            columns = "、".join(row.form.column(each).name for each in rule.sorted_by)
            told = f"排在第{last[0].row.number}行后面，次序不对。"
            yield _problem(rule, _place(rule, row), day, told, f"请按{columns}从小到大排列。", row=row)
        else:
            last = (row, key)


def _before(one: Sequence[Value], other: Sequence[Value]) -> bool:
    for left, right in zip(one, other, strict=True):
        if left != right:
            return type(left) is type(right) and left < right  # type: ignore[operator]
    return False


def _unique(rule: OwnRule, whole: Whole, day: date) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], OneRow] = {}
    for row in whole.rows(rule.table):
        texts = [row.row.text(each) for each in rule.unique]
        if not all(texts):
            continue
        first = seen.setdefault(tuple(normalise(text).casefold() for text in texts), row)
        if first is not row:
            columns = "、".join(row.form.column(each).name for each in rule.unique)
            told = f"{columns}与第{first.row.number}行相同。"
            yield _problem(rule, _place(rule, row), day, told, "重复的请删除一行；不是同一个的，请改正。", row=row)


def _name(column: Column) -> Name:
    kind = VALUE_KINDS.get(column.type, Kind.TEXT)
    return Name(key=column.key, shown=column.name, kind=kind)


def _place(rule: OwnRule, row: OneRow) -> Place:
    key = rule.at if rule.at in row.row.cells else next(iter(row.row.cells))
    return place_of(row.whole.sheet, row.row, row.form.column(key))


def _at_table(rule: OwnRule, whole: Whole) -> Place:
    rows = whole.rows(rule.table)
    return Place(file=whole.sheet.file, sheet=(rows[0].row.sheet if rows else "") or whole.sheet.sheet)


_BRACED = re.compile(r"\{([^{}]*)\}")


def _problem(
    rule: OwnRule, place: Place, day: date, message: str, advice: str, *, row: OneRow | None = None
) -> Problem:
    """With the notice's own words where it has them."""

    def filled(text: str) -> str:
        return _BRACED.sub(lambda found: row.row.text(rule.shown.get(found[1], "")) if row else "", text)

    return Problem(
        code=rule.code, severity=rule.severity_on(day), file=place.file, sheet=place.sheet, cell=place.cell,
        field=place.field or rule.name, value=place.value,
        message=filled(rule.message) or message, advice=filled(rule.advice) or advice,
    )  # fmt: skip
