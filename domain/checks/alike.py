"""Rows that say the same in the columns that matter to a check are looked at once, for all.

A large return repeats itself: forty apps in a hundred thousand rows. What it is found by must not hang on anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat

from domain.many_rows import ManyRows
from domain.sheet import Row, Says

IsRight = Callable[[Says], bool]
"""A quick look at what one cell says: True where nothing of what is asked for can be so. False says nothing."""


def places_where(
    rows: Iterable[Row], keys: Sequence[str], is_so: Callable[[Row], bool], surely_not: IsRight | None = None
) -> Iterator[int]:
    """Places of the rows of which `is_so`, in their order. It must hang on nothing but what a row says in the columns `keys`.
    `surely_not` spares asking about a row among many; it looks at the first of `keys` alone."""
    if isinstance(rows, ManyRows):
        return _in_columns(rows, keys, is_so, surely_not)
    return _row_by_row(rows, keys, is_so)


def _row_by_row(rows: Iterable[Row], keys: Sequence[str], is_so: Callable[[Row], bool]) -> Iterator[int]:
    known: dict[tuple[Says | None, ...], bool] = {}
    for at, row in enumerate(rows):
        said = row.said_in(keys)
        answer = known.get(said)
        if answer is None:
            answer = known[said] = is_so(row)
        if answer:
            yield at


def _in_columns(
    rows: ManyRows, keys: Sequence[str], is_so: Callable[[Row], bool], surely_not: IsRight | None
) -> Iterator[int]:
    first = rows.said(keys[0])
    if surely_not and first and all(map(surely_not, rows.once(rows.columns.places[keys[0]]))):
        return iter(())
    columns = [rows.said(key) or repeat(None, len(rows)) for key in keys]
    told = [map(id, column) for column in columns]
    marks: list[object] = list(told[0] if len(told) == 1 else zip(*told, strict=True))
    one_of_each = dict(zip(marks, range(len(marks)), strict=True))
    if surely_not and first:
        one_of_each = {mark: at for mark, at in one_of_each.items() if not surely_not(first[at])}
    found = {mark for mark, at in one_of_each.items() if is_so(rows[at])}
    return (at for at, mark in enumerate(marks) if mark in found) if found else iter(())
