"""What is written into a workbook: the content of a form or of a plain table, and what Excel is told of a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.allowed import Choices
from domain.notice import Column, ColumnType

FORMATS = {
    **dict.fromkeys(
        (
            ColumnType.PHONE, ColumnType.FILING_NUMBER, ColumnType.IDENTITY_NUMBER, ColumnType.CREDIT_CODE,
            ColumnType.CODE, ColumnType.PATTERN,
        ),
        "@",
    ),
    ColumnType.DATE: "yyyy-mm-dd",
}  # fmt: skip
"""Number format of a column's cells; Excel takes a long number for one of fifteen digits unless the cell is text."""


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What is shown beside the cells of a column as they are filled in; `last_line`: of its last line only."""

    key: str
    text: str
    last_line: bool = False


@dataclass(frozen=True, kw_only=True)
class FormContent:
    """What to write: title, label → value, and rows as key → text. `lines` rows are ruled even if empty. `picture`: a square
    PNG for the upper right corner."""

    title: str
    header: Mapping[str, str]
    rows: Sequence[Mapping[str, str]] = ()
    lines: int = 15
    prompts: Sequence[Prompt] = ()
    picture: bytes | None = None
    tables: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    """Name of a further table → its rows."""


@dataclass(frozen=True, kw_only=True)
class TableContent:
    """A plain table of text: title, column names with their widths in characters, rows, notes below."""

    title: str
    names: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


def listed(column: Column) -> str:
    """The words of a choice as Excel takes them in a formula: 255 characters at most, no comma nor quote within; else ""."""
    words = [choice.name for choice in column.allowed.choices] if isinstance(column.allowed, Choices) else []
    listed = ",".join(words)
    return f'"{listed}"' if words and len(listed) <= 255 and not any(set(word) & set(',"') for word in words) else ""
