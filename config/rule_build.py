"""Types, code lists and rules of a notice file: what contradicts itself in them, and the values that the checks work with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from config.expressions import ExpressionFault, Names, read_expression, unknown
from config.notice_schema import ColumnModel, HeaderFieldModel, NoticeModel
from config.notice_yaml import Fault, KeyPath
from config.rule_schema import CheckModel, RowCountsModel, ValueModel
from domain.allowed import Allowed, Choice, Choices, DayRange, NumberRange, Pattern, code_list
from domain.expression import Expression, Kind, Name, Source, own_names
from domain.notice import VALUE_KINDS, Column, ColumnType, FurtherTable, Totals
from domain.own_rules import OwnRule, RowCount
from domain.problems import Severity
from domain.text import normalise

_BELONGS = {
    ColumnType.NUMBER: ("integer", "decimals", "least", "most"),
    ColumnType.DATE: ("earliest", "latest"),
    ColumnType.CHOICE: ("choices",),
    ColumnType.CODE: ("code_list", "names"),
    ColumnType.PATTERN: ("pattern", "called", "example"),
}
_NEEDED = {ColumnType.CHOICE: "choices", ColumnType.CODE: "code_list", ColumnType.PATTERN: "pattern"}
_WRITTEN = {"least": "min", "most": "max", "code_list": "list"}
_HEADER, _PREVIOUS = ("表头.", "header."), ("上期.", "previous.")
_BRACED = re.compile(r"\{([^{}]*)\}")
_WAYS = {"rows": "rows", "whole": "table", "sorted_by": "sorted", "unique": "unique", "row_count": "row_count"}

Lists = Mapping[str, Sequence[tuple[str, str]]]
"""Name of a code list → its codes and names."""


def value_faults(model: ValueModel, path: KeyPath, lists: Lists, keys: Sequence[str]) -> Iterator[Fault]:
    """What a column or header field says that its type has no use for, or lacks. `keys`: those of its neighbours."""
    mine = _BELONGS.get(model.type, ())
    for owner, names in _BELONGS.items():
        for name in names:
            if name not in mine and name in model.model_fields_set:
                written = _WRITTEN.get(name, name)
                yield Fault(
                    path=(*path, written), message=f"这个键只用于 type: {owner.value}，这里是 {model.type.value}"
                )
    needed = _NEEDED.get(model.type)
    if needed and not getattr(model, needed):
        yield Fault(path=path, message=f"type: {model.type.value} 还要写 {_WRITTEN.get(needed, needed)}")
    if model.code_list and model.code_list not in lists:
        yield Fault(path=(*path, "list"), message=f"lists 里没有“{model.code_list}”")
    if model.names and model.names not in keys:
        yield Fault(path=(*path, "names"), message=f"没有“{model.names}”这一列")
    yield from _range_faults(model, path)


def _range_faults(model: ValueModel, path: KeyPath) -> Iterator[Fault]:
    if model.least is not None and model.most is not None and model.least > model.most:
        yield Fault(path=(*path, "max"), message="max 比 min 小")
    if model.integer and model.decimals:
        yield Fault(path=(*path, "decimals"), message="integer: true 就没有小数")
    if model.earliest and isinstance(model.latest, date) and model.earliest > model.latest:
        yield Fault(path=(*path, "latest"), message="latest 比 earliest 早")
    if model.pattern and not (model.example and model.called):
        yield Fault(path=path, message="type: pattern 还要写 called（叫什么）和 example（例子），回信里要用")
    if model.pattern and model.example and not re.fullmatch(model.pattern, normalise(model.example)):
        yield Fault(path=(*path, "example"), message="这个例子不符合上面的格式")


def allowed_of(model: ValueModel, lists: Lists) -> Allowed | None:
    """What a well-formed column or field may hold beyond its type."""
    match model.type:
        case ColumnType.NUMBER:
            return NumberRange(integer=model.integer, decimals=model.decimals, least=model.least, most=model.most)
        case ColumnType.DATE if model.earliest or model.latest:
            received = model.latest == "received"
            latest = None if model.latest == "received" else model.latest
            return DayRange(earliest=model.earliest, latest=latest, until_received=received)
        case ColumnType.CHOICE:
            return Choices(choices=tuple(Choice(name=one.name, aliases=tuple(one.aliases)) for one in model.choices))
        case ColumnType.CODE if model.code_list:
            return code_list(model.code_list, lists[model.code_list], model.names or "")
        case ColumnType.PATTERN:
            return Pattern(pattern=model.pattern or "", called=model.called or "", example=model.example or "")
    return None


@dataclass(frozen=True, kw_only=True)
class _Table:
    """A table as rules name it: the form's own, or a further one."""

    key: str
    name: str
    columns: Sequence[ColumnModel]

    def key_of(self, written: str) -> str | None:
        """The key of the column that is called so: by its key, or as it is printed."""
        for column in self.columns:
            if written == column.key or normalise(written) == normalise(column.name):
                return column.key
        return None


def _tables(model: NoticeModel) -> dict[str, _Table]:
    """Key, and printed name, → table; "" is the form's own."""
    found = {"": _Table(key="", name="", columns=model.form.columns)}
    for each in model.form.tables:
        table = _Table(key=each.key, name=each.name, columns=each.columns)
        found |= {each.key: table, each.name: table}
    return found


def _names(model: NoticeModel, own: str) -> Names:
    """Everything that a rule on the table `own` may name."""
    known: dict[str, Name] = {}
    tables = _tables(model)
    for prefixes, fields, source in (
        (_HEADER, model.form.header, Source.HEADER),
        (_PREVIOUS if not own else (), model.form.columns, Source.PREVIOUS),
    ):
        for prefix in prefixes:
            for field in fields:
                known |= _written(field, prefix, source, "")
    for name, table in tables.items():
        prefix = "" if table.key == own else f"{name}." if name else "主表."
        for column in table.columns:
            known |= _written(column, prefix, Source.COLUMN, table.key)
    named = {name: table.key for name, table in tables.items() if name} | ({"主表": ""} if own else {})
    return Names(known=known, tables=named, own=own)


def _written(field: ColumnModel | HeaderFieldModel, prefix: str, source: Source, table: str) -> dict[str, Name]:
    kind = VALUE_KINDS.get(field.type, Kind.TEXT)
    name = Name(key=field.key, shown=field.name, kind=kind, source=source, table=table)
    return {f"{prefix}{written}": name for written in (field.key, field.name, normalise(field.name))}


def rule_faults(model: NoticeModel, lists: Lists) -> Iterator[Fault]:
    """What is wrong with types, totals, further tables and rules of its own."""
    groups: list[tuple[KeyPath, Sequence[ColumnModel | HeaderFieldModel]]] = [
        (("form", "columns"), model.form.columns), (("form", "header"), model.form.header),
        *((("form", "tables", at, "columns"), table.columns) for at, table in enumerate(model.form.tables)),
    ]  # fmt: skip
    for path, fields in groups:
        for at, field in enumerate(fields):
            yield from value_faults(field, (*path, at), lists, [each.key for each in fields])
    yield from _table_faults(model)
    seen: set[str] = set()
    for at, check in enumerate(model.checks):
        if check.id in seen:
            yield Fault(path=("checks", at, "id"), message=f"“{check.id}”写了两次")
        seen.add(check.id)
        yield from _Rule(model, check).faults(("checks", at))


def _table_faults(model: NoticeModel) -> Iterator[Fault]:
    main = _tables(model)[""]
    for at, written in enumerate(model.form.totals.columns if model.form.totals else ()):
        column = next((each for each in main.columns if each.key == main.key_of(written)), None)
        if column is None or column.type is not ColumnType.NUMBER:
            message = f"没有“{written}”这一列" if column is None else f"“{written}”不是 type: number，不能合计"
            yield Fault(path=("form", "totals", "columns", at), message=message)
    taken = {name for column in main.columns for name in (column.key, column.name)}
    for at, table in enumerate(model.form.tables):
        keys = [column.key for column in table.columns]
        if {table.key, table.name} & taken:
            yield Fault(path=("form", "tables", at), message=f"“{table.name}”或“{table.key}”已经用过了")
        taken |= {table.key, table.name}
        for place, key in enumerate(table.duplicate_key):
            if key not in keys:
                yield Fault(path=("form", "tables", at, "duplicate_key", place), message=f"没有“{key}”这一列")
        for place, key in enumerate(keys):
            if key in keys[:place]:
                yield Fault(path=("form", "tables", at, "columns", place, "key"), message=f"“{key}”写了两次")


class _Rule:
    """One entry of `checks`, with the table it speaks of."""

    def __init__(self, model: NoticeModel, check: CheckModel) -> None:
        self._model, self._check = model, check
        self._table = _tables(model).get(check.of or "")
        self._names = _names(model, self._table.key) if self._table else None

    def faults(self, path: KeyPath) -> Iterator[Fault]:
        check, table = self._check, self._table
        if table is None:
            yield Fault(path=(*path, "of"), message=f"form.tables 里没有“{check.of}”")
            return
        ways = [written for name, written in _WAYS.items() if getattr(check, name)]
        if len(ways) != 1:
            yield Fault(path=path, message=f"{'、'.join(_WAYS.values())} 里要写一项，只能写一项")
        for key in ("rows", "whole", "when"):
            if text := getattr(check, key):
                try:
                    node = self._read(text)
                except ExpressionFault as fault:
                    yield Fault(path=(*path, _WAYS.get(key, key)), message=str(fault))
                else:
                    if check.whole and any(own_names(node)):
                        message = "table: 说的是整张表，栏目要写在 合计(…)、计数(…) 等里面；说每一行的写 rows:"
                        yield Fault(path=(*path, _WAYS.get(key, key)), message=message)
        for key in ("sorted_by", "unique"):
            for at, written in enumerate(getattr(check, key)):
                if table.key_of(written) is None:
                    yield Fault(path=(*path, _WAYS[key], at), message=self._no_column(written))
        if check.at and table.key_of(check.at) is None:
            yield Fault(path=(*path, "at"), message=self._no_column(check.at))
        for key in ("message", "advice"):
            for written in _BRACED.findall(getattr(check, key)):
                if table.key_of(written) is None:
                    yield Fault(path=(*path, key), message=self._no_column(written))
        yield from self._count_faults(path)

    def _no_column(self, written: str) -> str:
        return unknown(written, self._names) if self._names else f"没有“{written}”这一列"

    def _count_faults(self, path: KeyPath) -> Iterator[Fault]:
        counts = self._check.row_count
        if counts is None:
            return
        codes = {reporter.code for reporter in self._model.reporters}
        for code in counts.of:
            if code not in codes:
                yield Fault(path=(*path, "row_count", "of", code), message=f"reporters 里没有“{code}”")
        for one in (counts, *counts.of.values()):
            if one.least is not None and one.most is not None and one.least > one.most:
                yield Fault(path=(*path, "row_count"), message="max 比 min 小")

    def _read(self, text: str) -> Expression:
        assert self._names is not None  # asked after `faults` has told that there is no such table  # noqa: S101
        return read_expression(text, self._names)

    def made(self) -> OwnRule:
        """The rule; the notice has no faults."""
        check, table = self._check, self._table
        if table is None:
            raise ValueError(f"{check.of}: no such table")
        rows, whole, when = (self._read(text) if text else None for text in (check.rows, check.whole, check.when))
        keys = {written: table.key_of(written) or "" for written in (*check.sorted_by, *check.unique)}
        named = [name.key for node in (rows, when) if node for name in own_names(node)]
        at = table.key_of(check.at) if check.at else next(iter([*named, *keys.values()]), "")
        return OwnRule(
            id=check.id, name=check.name, rows=rows, whole=whole, when=when,
            sorted_by=tuple(keys[each] for each in check.sorted_by), unique=tuple(keys[each] for each in check.unique),
            row_count=_row_count(check.row_count) if check.row_count else None, at=at or "", table=table.key,
            severity=Severity(check.severity), since=check.since, message=check.message, advice=check.advice,
            why=check.why, right=check.right, wrong=check.wrong, written=check.rows or check.whole or "",
            shown={written: column.key for column in table.columns for written in (column.key, column.name)},
        )  # fmt: skip


def _row_count(model: RowCountsModel) -> RowCount:
    of = tuple((code, RowCount(least=one.least, most=one.most)) for code, one in model.of.items())
    return RowCount(least=model.least, most=model.most, of=of)


def own_rules(model: NoticeModel) -> tuple[OwnRule, ...]:
    """The rules of a file without faults."""
    return tuple(_Rule(model, check).made() for check in model.checks)


def totals_of(model: NoticeModel) -> Totals | None:
    totals = model.form.totals
    if totals is None:
        return None
    table = _tables(model)[""]
    columns = tuple(key for written in totals.columns if (key := table.key_of(written)))
    return Totals(words=tuple(totals.words), columns=columns, required=totals.required)


def tables_of(model: NoticeModel, column: Callable[[ColumnModel], Column]) -> Iterator[FurtherTable]:
    """`column` makes a column of its model."""
    for table in model.form.tables:
        yield FurtherTable(
            key=table.key, name=table.name, columns=tuple(map(column, table.columns)),
            duplicate_key=tuple(table.duplicate_key), required=table.required,
        )  # fmt: skip


def rule_codes(model: NoticeModel) -> Iterable[str]:
    """Codes of the problems that its own rules find."""
    return (f"rule.{check.id}" for check in model.checks)
