"""The form's own sample row, left in among the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.checks.header import is_placeholder, placeholders_among
from domain.many_rows import MANY, all_texts
from domain.notice import Column, Notice
from domain.sheet import Row
from domain.text import normalise


def placeholders_in(rows: Iterable[Row], notice: Notice) -> frozenset[str]:
    """The texts of the rows that the blank form holds to be replaced."""
    texts = all_texts(rows) - {""}
    if len(texts) > MANY:
        return placeholders_among(texts, notice)
    return frozenset(text for text in texts if is_placeholder(text, notice))


def sample_rows(rows: Sequence[Row], notice: Notice, placeholders: frozenset[str] | None = None) -> frozenset[int]:
    """Places of the rows that are the form's sample; `placeholders` where they are known."""
    known = placeholders_in(rows, notice) if placeholders is None else placeholders
    return frozenset(
        at
        for at, row in enumerate(rows if known else ())
        if not known.isdisjoint(row.texts) and is_sample_row(row, notice)
    )


def is_sample_row(row: Row, notice: Notice) -> bool:
    """The form's sample row left in: two or more cells hold what can only be the sample, or all that it holds is."""
    sure = sum(is_placeholder(text, notice) for text in row.texts if text)
    return sure >= 2 or bool(
        sure and all(_is_sample(row.text(each.key), each) for each in notice.form.columns if row.text(each.key))
    )


def _is_sample(text: str, column: Column) -> bool:
    return normalise(text) in {normalise(sample) for sample in column.samples}
