"""What differs between two versions of a return: rows added, removed and changed, as a person would say it.

Neither the order of the rows nor what a person would not see (width, spaces, a phone stored as a number) is a difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from domain.notice import Form
from domain.row_key import key_texts
from domain.sheet import Cell, Row, Sheet
from domain.text import edit_distance, normalise
from domain.workbook_tables import tables_in

_WEIGHED_AT_MOST = 16
"""Pairs of rows that are weighed by likeness where several could be one; past it they are taken in the order of their
values, lest a table of thousands of look-alikes hold up the mail."""
_WEIGHED_LENGTH = 40


@dataclass(frozen=True, kw_only=True)
class NamedRow:
    """A row as a person finds it: its number in the workbook, and what stands in the columns that tell it from others."""

    number: int
    names: tuple[str, ...] = ()
    sheet: str = ""
    """Where it stands on a further sheet of its workbook, the name of that."""


@dataclass(frozen=True, kw_only=True)
class CellChange:
    """One changed cell: its Chinese column, both texts as they stand, and both addresses ("" where there is no such cell)."""

    field: str
    before: str
    after: str
    before_cell: str
    after_cell: str


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """A row that stands in both: as it is named now, its earlier number, and each cell that differs, left to right."""

    row: NamedRow
    before: int
    cells: tuple[CellChange, ...]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What differs from an earlier submission, `receipt` and `version`, whose workbook `sender` sent. Rows are in the
    order of their workbook, those of the form's own table before its sums and those of further tables.

    `withheld`: values of the earlier workbook were taken out, since they are not for the reader.
    """

    receipt: str
    version: int
    sender: str
    added: tuple[NamedRow, ...] = ()
    removed: tuple[NamedRow, ...] = ()
    changed: tuple[RowChange, ...] = ()
    nil_before: bool = False
    nil_after: bool = False
    withheld: bool = False

    @property
    def is_none(self) -> bool:
        """Both report the same."""
        return not (self.added or self.removed or self.changed) and self.nil_before == self.nil_after


def same_rows(one: Sheet, other: Sheet) -> bool:
    """Whether two workbooks report the same, in all their tables, whatever the bytes, however written and in whatever order."""
    tables = {*one.tables, *other.tables}
    rows = [(one.rows, other.rows), (one.totals, other.totals)]
    rows += [(one.tables.get(key, ()), other.tables.get(key, ())) for key in tables]
    return is_nil(one) == is_nil(other) and all(_contents(mine) == _contents(theirs) for mine, theirs in rows)


def is_nil(sheet: Sheet) -> bool:
    """It says that there is nothing to report."""
    return bool(sheet.nil_statement) and not sheet.rows


def _contents(rows: Sequence[Row]) -> Counter[tuple[tuple[str, str], ...]]:
    return Counter(tuple(sorted((key, _value(cell)) for key, cell in row.cells.items())) for row in rows)


def difference(before: Sheet, after: Sheet, form: Form, *, receipt: str, version: int, sender: str) -> Difference:
    """Compares two workbooks, table by table; `receipt`, `version` and `sender` are those of the earlier one."""
    tables = zip(tables_in(before, form), tables_in(after, form), strict=True)
    found = [_of_table(old.rows, new.rows, new.form) for old, new in tables]
    return Difference(
        receipt=receipt,
        version=version,
        sender=sender,
        added=tuple(row for one in found for row in one.added),
        removed=tuple(row for one in found for row in one.removed),
        changed=tuple(row for one in found for row in one.changed),
        nil_before=is_nil(before),
        nil_after=is_nil(after),
    )


@dataclass(frozen=True, kw_only=True)
class _Differing:
    added: tuple[NamedRow, ...]
    removed: tuple[NamedRow, ...]
    changed: tuple[RowChange, ...]


def _of_table(before: Sequence[Row], after: Sequence[Row], form: Form) -> _Differing:
    old, new = _values(before, form), _values(after, form)
    pairs = dict(_pairs(old, new, form))
    came = sorted((other, one) for one, other in pairs.items())
    unpaired = set(range(len(new))).difference(pairs.values())
    return _Differing(
        added=tuple(_named(row, form) for at, row in enumerate(after) if at in unpaired),
        removed=tuple(_named(row, form) for at, row in enumerate(before) if at not in pairs),
        changed=tuple(
            _change(before[one], after[other], _differing(old[one], new[other]), form)
            for other, one in came
            if old[one] != new[other]
        ),
    )


def without_earlier(told: Difference) -> Difference:
    """The difference for a reader who may not see what stood in the earlier workbook: how many rows, and their own values."""
    changed = (
        replace(row, before=0, cells=tuple(replace(cell, before="", before_cell="") for cell in row.cells))
        for row in told.changed
    )
    removed = (NamedRow(number=0) for _ in told.removed)
    return replace(told, sender="", removed=tuple(removed), changed=tuple(changed), withheld=True)


Values = tuple[str, ...]
"""The cells of a row in the order of the form's columns, as a person would read them."""


def pair_rows(before: Sequence[Row], after: Sequence[Row], form: Form) -> tuple[tuple[int, int], ...]:
    """Which row of `before` is which of `after`, by place: first those that are alike in all, then those with the same
    key (`duplicate_key`), then those of whose key one cell differs and of the rest one at most."""
    return tuple(sorted(_pairs(_values(before, form), _values(after, form), form)))


def _pairs(old: Sequence[Values], new: Sequence[Values], form: Form) -> tuple[tuple[int, int], ...]:
    free_old, free_new = set(range(len(old))), set(range(len(new)))
    pairs: list[tuple[int, int]] = []
    for left_out in _allowances(form):
        groups = _groups(old, free_old, left_out), _groups(new, free_new, left_out)
        for kept in groups[0].keys() & groups[1].keys():
            found = _nearest(old, new, groups[0][kept], groups[1][kept])
            pairs += found
            free_old -= {one for one, _ in found}
            free_new -= {other for _, other in found}
    return tuple(pairs)


def _allowances(form: Form) -> Iterator[frozenset[int]]:
    """Places of the columns that may differ, the strictest allowance first."""
    key = [at for at, column in enumerate(form.columns) if column.key in form.duplicate_key]
    rest = [at for at in range(len(form.columns)) if at not in key]
    yield frozenset()
    if key:
        yield frozenset(rest)
    for one in key or rest:
        yield frozenset({one})
    for one in key:
        for other in rest:
            yield frozenset({one, other})


def _groups(values: Sequence[Values], free: Iterable[int], left_out: frozenset[int]) -> dict[Values, list[int]]:
    """The free rows by what stands in all columns but those left out."""
    groups: dict[Values, list[int]] = {}
    for at in free:
        kept = tuple(value for place, value in enumerate(values[at]) if place not in left_out)
        groups.setdefault(kept, []).append(at)
    return groups


def _nearest(
    old: Sequence[Values], new: Sequence[Values], olds: Sequence[int], news: Sequence[int]
) -> list[tuple[int, int]]:
    """Pairs as many as there are, the likest first. Where the rows stand decides between equal ones only, so that the
    order of a table makes no difference."""
    if len(olds) * len(news) > _WEIGHED_AT_MOST:
        ordered = sorted(olds, key=lambda at: (old[at], at)), sorted(news, key=lambda at: (new[at], at))
        return list(zip(*ordered, strict=False))
    ranked = sorted(
        (_distance(old[one], new[other]), old[one], new[other], one, other) for one in olds for other in news
    )
    found: dict[int, int] = {}
    for *_, one, other in ranked:
        if one not in found and other not in found.values():
            found[one] = other
    return list(found.items())


def _distance(one: Values, other: Values) -> int:
    """Letters to be changed in all cells that differ, seen from where they begin to."""
    total = 0
    for a, b in zip(one, other, strict=True):
        if a != b:
            same = next((at for at, pair in enumerate(zip(a, b, strict=False)) if pair[0] != pair[1]), 0)
            total += edit_distance(a[same : same + _WEIGHED_LENGTH], b[same : same + _WEIGHED_LENGTH])
    return total


def _differing(one: Values, other: Values) -> frozenset[int]:
    """Places of the columns that differ."""
    return frozenset(at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)


def _change(before: Row, after: Row, differing: frozenset[int], form: Form) -> RowChange:
    cells = []
    for column in (column for at, column in enumerate(form.columns) if at in differing):
        old, new = before.cells.get(column.key), after.cells.get(column.key)
        cells.append(
            CellChange(
                field=column.name,
                before=old.text if old else "",
                after=new.text if new else "",
                before_cell=old.address if old else "",
                after_cell=new.address if new else "",
            )
        )
    return RowChange(row=_named(after, form), before=before.number, cells=tuple(cells))


def _named(row: Row, form: Form) -> NamedRow:
    """By its key; where the form has none, by the first cells that are filled in (where the key is empty, by none of a person)."""
    texts = key_texts(row, form)
    if not any(texts):
        others = (column for column in form.columns if not (texts and column.personal))
        texts = tuple(text for column in others if (text := row.text(column.key)))[:2]
    return NamedRow(number=row.number, names=tuple(text for text in texts if text), sheet=row.sheet)


def _values(rows: Sequence[Row], form: Form) -> list[Values]:
    return [tuple(_value(row.cells.get(column.key)) for column in form.columns) for row in rows]


def _value(cell: Cell | None) -> str:
    """A cell as a person would read it."""
    if cell is None:
        return ""
    return cell.phone.digits if cell.phone else normalise(cell.text)
