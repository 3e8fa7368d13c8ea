"""Rows that say again what an earlier one says: one by one, or as one copied sheet.

Who copies a sheet and changes one cell of it has made one mistake, not forty: it is told once, with both sheets named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.catalogue import problem
from domain.checks.row_cells import names_nothing, place_of
from domain.many_rows import ManyRows
from domain.notice import Column, Form, Notice
from domain.problems import Problem
from domain.row_key import compared, row_key
from domain.sheet import Row, Says, Sheet
from domain.text import normalise

_LEAST_ROWS = 3
"""So many repeated rows at least, and half of the sheet's, make it a copy."""


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """`problems`: place of a row → what is said of it; `silent`: rows of a copied sheet of which all was said where they
    stand first."""

    problems: Mapping[int, Problem] = field(default_factory=dict)
    silent: frozenset[int] = frozenset()


def repeats(sheet: Sheet, samples: Collection[int], notice: Notice) -> Repeats:
    """`samples`: places of the rows that are no data."""
    keys, rows = notice.form.duplicate_key, sheet.rows
    firsts = _firsts(rows, samples, notice.form) if keys else {}
    columns = [notice.form.column(key) for key in keys]
    problems: dict[int, Problem] = {}
    copied: dict[str, list[int]] = {}
    for at, first in firsts.items():
        if rows[at].sheet != rows[first].sheet:
            copied.setdefault(rows[at].sheet, []).append(at)
    sizes = Counter(row.sheet for at, row in enumerate(rows if copied else ()) if at not in samples)
    copied = {name: each for name, each in copied.items() if len(each) >= max(_LEAST_ROWS, sizes[name] / 2)}
    silent = frozenset(
        at for each in copied.values() for at in each if _content(rows[at]) == _content(rows[firsts[at]])
    )
    of_copies = {at for each in copied.values() for at in each}
    for at, first in firsts.items():
        if at not in of_copies:
            problems[at] = _repeated(sheet, rows[at], rows[first], columns)
    for each in copied.values():
        [(main, _)] = Counter(rows[firsts[at]].sheet for at in each).most_common(1)
        at = next(at for at in each if rows[firsts[at]].sheet == main)
        problems[at] = _copied(sheet, rows[at], rows[firsts[at]], columns, count=len(each))
    return Repeats(problems=problems, silent=silent)


def _firsts(rows: Sequence[Row], samples: Collection[int], form: Form) -> dict[int, int]:
    """Place of a row → place of the earlier one that says the same in the columns that together may stand only once."""
    seen: dict[tuple[str | None, ...], int] = {}
    found: dict[int, int] = {}
    keys = list(_keys(rows, form))
    if len(set(keys)) == len(keys):  # as it should be
        return found
    for at, key in enumerate(keys):
        if key is None or at in samples:
            continue
        first = seen.setdefault(key, at)
        if first != at:
            found[at] = first
    return found


def _keys(rows: Sequence[Row], form: Form) -> Iterator[tuple[str | None, ...] | None]:
    """What each row says in those columns; None where it does not: what is not said cannot be said again."""
    if not isinstance(rows, ManyRows) or not rows.columns.places.keys() >= set(form.duplicate_key):
        for row in rows:
            yield None if any(map(_unsaid, row.said_in(form.duplicate_key))) else row_key(row, form)
        return
    told = []
    for key in form.duplicate_key:
        place = rows.columns.places[key]
        known = {id(one): None if _unsaid(one) else compared(one[0]) for one in rows.once(place)}
        told.append(map(known.__getitem__, map(id, rows.says[place])))
    yield from (None if None in key else key for key in zip(*told, strict=True))


def _unsaid(one: Says | None) -> bool:
    return one is None or bool(one[1]) or names_nothing(one[0])


def _content(row: Row) -> tuple[str, ...]:
    return tuple(normalise(row.text(key)) for key in sorted(row.cells))


def _repeated(sheet: Sheet, row: Row, first: Row, columns: list[Column]) -> Problem:
    earlier = (
        f"第{first.number}行" if first.sheet == row.sheet else f"工作表“{_sheet_of(first, sheet)}”第{first.number}行"
    )
    place = place_of(sheet, row, columns[-1])
    return problem("row.duplicate", place, earlier=earlier, what=_what(row, columns), columns=_either(columns))


def _copied(sheet: Sheet, row: Row, first: Row, columns: list[Column], *, count: int) -> Problem:
    return problem(
        "row.duplicate", place_of(sheet, row, columns[-1]), variant="copied_sheet", count=count, main=_sheet_of(first, sheet),
        earlier=first.number, what=_what(row, columns), columns=_either(columns),
    )  # fmt: skip


def _sheet_of(row: Row, sheet: Sheet) -> str:
    return row.sheet or sheet.sheet


def _what(row: Row, columns: Iterable[Column]) -> str:
    return "、".join(row.text(column.key) for column in columns)


def _either(columns: Iterable[Column]) -> str:
    return "或".join(column.name for column in columns)
