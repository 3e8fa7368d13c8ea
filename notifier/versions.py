"""What a letter says of the difference from an earlier version: how much, then row by row, for the reader of this letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.letter import Letter, LetterKind
from domain.masking import mask_called, mask_phone_field
from domain.notice import Notice
from domain.versions import CellChange, Difference, NamedRow
from notifier.plain import one_line

LISTED_ROWS = 20
"""So many rows stand in a letter; it says how many there are in all."""

_LENGTH = 40
"""Longest value shown."""
_DIGITS_NAMED = 4
_MEND = "如有误删、误改，请改正后重新打印、盖章、扫描，一并发来。"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row that differs; `tag` is 新增, 删除 or 修改."""

    tag: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Changes:
    """`title` says how much differs and from what; `notes` follow the rows."""

    title: str
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()


def changes(letter: Letter, notice: Notice) -> Changes | None:
    """The section of a letter on what differs; None where it has nothing to compare with."""
    told = letter.difference
    if told is None:
        return None
    lines = list(_lines(told, notice.form.phone_names))
    stands = "已受理的" if letter.kind is LetterKind.PRECHECK else ""
    return Changes(
        title=f"与{stands}第{told.version}版（回执 {told.receipt}）相比：{summary(told)}",
        lines=tuple(lines[:LISTED_ROWS]),
        notes=(*_notes(told, len(lines)), *((_MEND,) if told.removed or told.changed else ())),
    )


def summary(told: Difference) -> str:
    """How much differs: `新增1行，修改2行`, or 无变化."""
    if told.is_none:
        return "无变化"
    counts = (("新增", told.added), ("删除", told.removed), ("修改", told.changed))
    parts = [f"{word}{len(rows)}行" for word, rows in counts if rows]
    if told.nil_before != told.nil_after:
        parts.insert(0, "由填报改为零报告" if told.nil_after else "由零报告改为填报")
    return "，".join(parts)


def _lines(told: Difference, phones: frozenset[str]) -> Iterator[Line]:
    """What may have been lost by mistake first, since the list may be cut."""
    for row in told.removed if not told.withheld else ():
        yield Line(tag="删除", text=f"原第{_row(row)}。")
    for change in told.changed:
        cells = "；".join(_cell(cell, cell.field in phones, withheld=told.withheld) for cell in change.cells)
        yield Line(tag="修改", text=f"第{_row(change.row)}：{cells}。")
    for row in told.added:
        yield Line(tag="新增", text=f"第{_row(row)}。")


def _notes(told: Difference, rows: int) -> Iterator[str]:
    if rows > LISTED_ROWS:
        yield f"这里列出其中{LISTED_ROWS}行，其余{rows - LISTED_ROWS}行从略。"
    if told.withheld and (told.removed or told.changed):
        yield "先前那一版由另一个邮箱报送，其中的内容这里不列出。"


def _row(row: NamedRow) -> str:
    sheet = (f"工作表“{one_line(row.sheet)}”",) if row.sheet else ()
    names = "，".join((*sheet, *(_shown(name) for name in row.names)))
    return f"{row.number}行（{names}）" if names else f"{row.number}行"


def _cell(cell: CellChange, is_phone: bool, *, withheld: bool) -> str:
    """`F9 电话第6位由1改为7（139****5678）`, `E9 联系人由“李晓明”改为“王小红”`."""
    place = f"{cell.after_cell or cell.before_cell} {one_line(cell.field)}".strip()
    after = _value(cell.after, is_phone)
    if withheld:
        return f"{place}改为{after}"
    if is_phone and cell.before and cell.after:
        return place + _phone(cell.before, cell.after)
    return f"{place}由{_value(cell.before, is_phone)}改为{after}"


def _value(text: str, is_phone: bool) -> str:
    if not text:
        return "空"
    return mask_phone_field(one_line(text)) if is_phone else f"“{_shown(text)}”"


def _phone(before: str, after: str) -> str:
    """Which digits changed; where most did, both numbers masked."""
    old, new = (mask_phone_field(one_line(text)) for text in (before, after))
    one, other = _digits(before), _digits(after)
    pairs = enumerate(zip(one, other, strict=False), 1)
    differing = [f"第{place}位由{a}改为{b}" for place, (a, b) in pairs if a != b]
    if len(one) == len(other) and differing and (len(differing) <= _DIGITS_NAMED or old == new):
        return f"{'，'.join(differing)}（{new}）"
    length = f"（由{len(one)}位改为{len(other)}位）" if old == new else ""
    return f"由{old}改为{new}{length}"


def _shown(text: str) -> str:
    """A value on one line, no phone number whole in whatever column it stands."""
    return one_line(mask_called(one_line(text)), _LENGTH)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())
