"""The rows of one table, where they are many, by row and by column: who asks about a whole column need not go through the rows.

A large return repeats itself, forty apps in a hundred thousand rows, and what cells say alike is one object (`Says`), which is told
apart by its `id`: to compare the values of a million cells takes a second.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from domain.sheet import Columns, Row, Says, TableCells

MANY = 1000
"""Rows up to which each cell of a row is an object of its own; of more, cells are made when they are asked for (`TableCells`)."""


class ManyRows(tuple[Row, ...]):
    """Rows of one sheet with the same columns. `says`: what the cells of each of `columns` say, in the order of the rows."""

    columns: Columns
    says: tuple[Sequence[Says], ...]
    _once: dict[int, tuple[Says, ...]]

    @classmethod
    def of(
        cls, columns: Columns, numbers: Iterable[int], says: Sequence[Sequence[Says]], *, hidden: Collection[int], sheet: str = ""
    ) -> ManyRows:  # fmt: skip
        """`numbers` of the rows in the workbook, `hidden` those of them that are. Each of `says` is as long as `numbers`."""
        with no_circles():
            made = cls(
                Row(number=number, cells=TableCells(number, columns, said), hidden=number in hidden, sheet=sheet)
                for number, said in zip(numbers, zip(*says, strict=True), strict=True)
            )
        made.columns, made.says, made._once = columns, tuple(says), {}
        return made

    def said(self, key: str) -> Sequence[Says]:
        """What the cells of a column say; () where there is no such column."""
        place = self.columns.places.get(key)
        return () if place is None else self.says[place]

    def once(self, place: int) -> tuple[Says, ...]:
        """What the cells of a column of `says` say, each once, in the order in which they come first."""
        if place not in self._once:
            said = self.says[place]
            self._once[place] = tuple(dict(zip(map(id, said), said, strict=True)).values())
        return self._once[place]


def texts_in(rows: Sequence[Row], key: str) -> list[str]:
    """The texts of a column, each once, in the order in which they come first; '' for a row without such a cell."""
    if isinstance(rows, ManyRows) and key in rows.columns.places:
        return list(dict.fromkeys([text for text, _, _ in rows.once(rows.columns.places[key])]))
    return list(dict.fromkeys(row.text(key) for row in rows))


def all_texts(rows: Iterable[Row]) -> set[str]:
    """All texts of their cells, each once."""
    if isinstance(rows, ManyRows):
        return {text for place in range(len(rows.says)) for text, _, _ in rows.once(place)}
    found: set[str] = set()
    for row in rows:
        found.update(row.texts)
    return found


@contextmanager
def no_circles() -> Iterator[None]:
    """Rows refer to nothing that refers to them: to look for circles among a hundred thousand takes longer than to make them, or to go
    through them."""
    sought = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if sought:
            gc.enable()
