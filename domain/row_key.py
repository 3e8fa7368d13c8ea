"""What tells a row from the others: the columns that the form names for it (`duplicate_key`)."""

from __future__ import annotations

from domain.notice import Column, Form
from domain.sheet import Row
from domain.text import normalise


def naming_columns(form: Form) -> tuple[Column, ...]:
    """The columns that a row may be named by: its key, and where the form has none, whichever are filled in first."""
    return tuple(column for column in form.columns if column.key in form.duplicate_key) or form.columns


def key_texts(row: Row, form: Form) -> tuple[str, ...]:
    """What stands in those columns, as it stands; () where the form names none."""
    return tuple(row.text(key) for key in form.duplicate_key)


def row_key(row: Row, form: Form) -> tuple[str, ...]:
    """The same for two rows that a person would call the same: neither width, spaces nor capitals make another one."""
    return tuple(map(compared, key_texts(row, form)))


def compared(text: str) -> str:
    """One of them, so that what a person would call the same is."""
    return normalise(text).casefold()
