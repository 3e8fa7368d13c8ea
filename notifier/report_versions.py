"""What a report shows of the difference from the version before: a line for each row or cell, unmasked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.versions import Difference, NamedRow
from notifier.plain import one_line
from notifier.versions import summary

_GONE = "（没有）"


@dataclass(frozen=True, kw_only=True)
class ChangeView:
    """A row that came or went, or a cell that changed; `kind` is removed, changed or added."""

    kind: str
    word: str
    row: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class DifferenceView:
    """`sender`: who sent the earlier workbook; "" where that is not told."""

    receipt: str
    version: int
    sender: str
    summary: str
    changes: tuple[ChangeView, ...]


def difference_of(told: Difference) -> DifferenceView:
    """Rows that went first, as they may be missed, then the others in the order of the workbook."""
    return DifferenceView(
        receipt=told.receipt,
        version=told.version,
        sender=one_line(told.sender),
        summary=summary(told),
        changes=tuple(_changes(told)),
    )


def _changes(told: Difference) -> Iterator[ChangeView]:
    for row in told.removed:
        yield ChangeView(
            kind="removed", word="删除", row=f"原{_place(row)}", field="整行", before=_names(row), after=_GONE
        )
    for change in told.changed:
        moved = f"（原第{change.before}行）" if change.before not in (0, change.row.number) else ""
        for cell in change.cells:
            yield ChangeView(
                kind="changed",
                word="修改",
                row=f"{_place(change.row)}{moved}　{_names(change.row)}",
                field=f"{cell.after_cell or cell.before_cell} {one_line(cell.field)}".strip(),
                before=one_line(cell.before) or "（空）",
                after=one_line(cell.after) or "（空）",
            )
    for row in told.added:
        yield ChangeView(kind="added", word="新增", row=_place(row), field="整行", before=_GONE, after=_names(row))


def _place(row: NamedRow) -> str:
    return f"工作表“{one_line(row.sheet)}”第{row.number}行" if row.sheet else f"第{row.number}行"


def _names(row: NamedRow) -> str:
    return "，".join(one_line(name) for name in row.names) or "（未写名称）"
