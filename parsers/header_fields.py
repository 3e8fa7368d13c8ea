"""Read what stands round the table: the title and the labelled values (填报单位：…, 填报时间：…)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from domain.notice import ColumnType, Form, HeaderField
from domain.sheet import HeaderValue
from domain.text import normalise
from parsers.dates import from_serial, read_date
from parsers.grid import GridCell, address
from parsers.table import Table, View

_BRACKET = r"(?:[(（\[【][^()（）\[\]【】]{0,12}[)）\]】])"
_SEAL = re.compile(
    r"[(（\[【]\s*[^()（）\[\]【】]{0,6}章[^()（）\[\]【】]{0,4}[)）\]】]|(?<=\s)(?:加?盖章|公章|签章)(?:处)?\s*$"
)
_NEXT_LABEL = re.compile(r"(?<!\s)\s++[^\W\d][^\s:：\d]{1,7}\s?[:：].*", re.DOTALL)
_ANY_LABEL = re.compile(r"[^\W\d][^\s:：\d]{1,7}\s*[:：]")
_EDGES = " \t\r\n\u3000\xa0:：_＿—"
_MAX_TITLE = 500
_REACH = 12
"""How many columns to the right of a label its value may stand."""


@dataclass(frozen=True, kw_only=True)
class _Label:
    """A label found in a cell: its field, and what follows it in the same cell."""

    field: HeaderField
    rest: str


def read_title(view: View, form: Form, table: Table) -> HeaderValue | None:
    """The first text above the table that the form's title pattern finds; a title over two cells or lines is joined."""
    above = [row for row in view.rows if row < table.first]
    lines = [(row, [(column, view.own(row, column)) for column in view.columns(row)]) for row in above]
    candidates: list[tuple[int, int, str]] = []
    joined: list[tuple[int, int, str]] = []
    for row, cells in lines:
        texts = [(column, cell.text) for column, cell in cells if cell and cell.text]
        candidates += [(row, column, text) for column, text in texts]
        if texts:
            joined.append((row, texts[0][0], "".join(text for _, text in texts)))
    whole = _titles([*candidates, *joined], form)
    # Two lines are joined only if no line is a title: else what stands above (附件) would count as its unit.
    pairs = [(a[0], a[1], a[2] + b[2]) for a, b in pairwise(joined)]
    titles = whole or _titles(pairs, form)
    return next((title for names_unit, title in titles if names_unit), titles[0][1] if titles else None)


def _titles(candidates: list[tuple[int, int, str]], form: Form) -> list[tuple[bool, HeaderValue]]:
    """Those of (row, column, text) that the title pattern finds, and whether each names a unit."""
    found = []
    for row, column, text in candidates:
        if len(text) < _MAX_TITLE:
            match = re.search(form.title_pattern, normalise(text)) or re.search(form.title_pattern, text)
            if match:
                names_unit = bool((match.groupdict().get("unit") or "").strip())
                found.append((names_unit, HeaderValue(address=address(row, column), text=" ".join(text.split()))))
    return found


def read_header(view: View, form: Form, table: Table) -> dict[str, HeaderValue]:
    """Key → value of every labelled field above the table, else below it. A label without a value has text ''."""
    patterns = _patterns(form)
    found: dict[str, HeaderValue] = {}
    above = [row for row in view.rows if row < table.first]
    below = [row for row in view.rows if row > table.last]
    for row in [*above[-200:], *below[-30:]]:
        for column in view.columns(row):
            for mark in _labels(view.own(row, column), patterns, whole_only=row > table.last):
                old = found.get(mark.field.key)
                if old is None or (not old.text and row < table.first):
                    found[mark.field.key] = _value(view, row, column, mark, patterns)
    for field in form.header:
        lone = _lone_date(view, above, field) if field.key not in found and field.type is ColumnType.DATE else None
        if lone:
            found[field.key] = lone
    return found


def _lone_date(view: View, above: list[int], field: HeaderField) -> HeaderValue | None:
    """The one date above the table where its label is gone: who types over 填报时间：  年  月  日 types over both."""
    dates = [
        made
        for row in above
        for column in view.columns(row)
        if (cell := view.own(row, column))
        and (
            made := _made(field, row, column, _clean(cell.text), cell if cell.day else None, view.grid.epoch_1904)
        ).date
    ]
    return dates[0] if len(dates) == 1 else None


def _patterns(form: Form) -> tuple[tuple[re.Pattern[str], HeaderField], ...]:
    """A pattern a name, longest first: spaces may stand between its characters, a bracketed remark after it."""
    names = [(name, field) for field in form.header for name in (field.name, *field.aliases)]
    names.sort(key=lambda pair: -len(pair[0]))
    made = []
    for name, field in names:
        spaced = r"\s*".join(re.escape(character) for character in re.sub(r"\s", "", name))
        made.append(
            (re.compile(rf"(?<![\w]){spaced}\s*{_BRACKET}?\s*(?:[:：]|$|(?<=\s)(?=\S)|(?=[^\s:：]{{2,30}}$))"), field)
        )
    return tuple(made)


def _labels(
    cell: GridCell | None, patterns: tuple[tuple[re.Pattern[str], HeaderField], ...], *, whole_only: bool
) -> Iterator[_Label]:
    """Every label in the cell with the text up to the next one. Below the table only one that begins its cell."""
    if cell is None or not cell.text or len(cell.text) > 500:
        return
    text, taken, hits = cell.text, set[int](), []
    for pattern, field in patterns:
        for match in pattern.finditer(text):
            if taken.isdisjoint(range(match.start(), match.end())) and not (match.start() and whole_only):
                taken.update(range(match.start(), match.end()))
                hits.append((match.start(), match.end(), field))
    hits.sort(key=lambda hit: hit[0])
    for index, (_, end, field) in enumerate(hits):
        stop = hits[index + 1][0] if index + 1 < len(hits) else len(text)
        yield _Label(field=field, rest=text[end:stop])


def _value(
    view: View, row: int, column: int, mark: _Label, patterns: tuple[tuple[re.Pattern[str], HeaderField], ...]
) -> HeaderValue:
    text = _clean(mark.rest)
    if text:
        return _made(mark.field, row, column, text, None, view.grid.epoch_1904)
    cells = _to_the_right(view, row, column, patterns)
    if mark.field.type is ColumnType.DATE and len(cells) > 1:
        joined = "".join(_clean(cell.text) for _, cell in cells)  # 2020年 | 2月 | 27日
        if read_date(joined):
            return _made(mark.field, row, cells[0][0], joined, None, view.grid.epoch_1904)
    if cells:
        place, cell = cells[0]
        return _made(mark.field, row, place, _clean(cell.text), cell, view.grid.epoch_1904)
    return HeaderValue(address=address(row, column), text="")


def _to_the_right(
    view: View, row: int, column: int, patterns: tuple[tuple[re.Pattern[str], HeaderField], ...]
) -> list[tuple[int, GridCell]]:
    """The cells with a value right of a label, up to the next label."""
    merge = view.merge_at(row, column)
    start = merge.right + 1 if merge else column + 1
    found: list[tuple[int, GridCell]] = []
    for other in view.columns(row):
        cell = view.own(row, other)
        if cell is None or not start <= other < start + _REACH:
            continue
        if any(_labels(cell, patterns, whole_only=False)) or _ANY_LABEL.match(cell.text):
            break
        if _clean(cell.text):
            found.append((other, cell))
    return found


def _made(field: HeaderField, row: int, column: int, text: str, cell: GridCell | None, epoch_1904: bool) -> HeaderValue:
    day: date | None = None
    if field.type is ColumnType.DATE:
        # The form's own "  年  月  日" left as it was printed is no value.
        text = "" if set(text) <= set("年月日 _") else text
        day = cell.day if cell else None
        day = day or read_date(text)
        if day is None and cell is not None and cell.number is not None:
            day = from_serial(cell.number, epoch_1904=epoch_1904)
            text = day.isoformat() if day else text
    return HeaderValue(address=address(row, column), text=text, date=day)


def _clean(text: str) -> str:
    return " ".join(_SEAL.sub(" ", _NEXT_LABEL.sub("", text)).strip(_EDGES).split())
