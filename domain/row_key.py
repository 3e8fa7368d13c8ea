"""What tells a row from the others: the columns that the form names for it (`duplicate_key`)."""

from __future__ import annotations

from domain.notice import Form
from domain.sheet import Row
from domain.text import normalise


def key_texts(row: Row, form: Form) -> tuple[str, ...]:
    """What stands in those columns, as it stands; () where the form names none."""
    return tuple(row.text(key) for key in form.duplicate_key)


def row_key(row: Row, form: Form) -> tuple[str, ...]:
    """The same for two rows that a person would call the same: neither width, spaces nor capitals make another one."""
    return tuple(normalise(text).casefold() for text in key_texts(row, form))
