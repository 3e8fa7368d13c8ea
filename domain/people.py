"""Which persons a submission names: the ledger tells of them by keyed digests alone."""

from __future__ import annotations

from domain.many_rows import texts_in
from domain.notice import Form
from domain.sheet import Sheet
from domain.submission import Submission
from domain.text import normalise, normalised

_SHORTEST = 7
"""Digits of a landline without its area code: fewer are no number of anybody's."""
_WITH_COUNTRY = 13
"""Digits of a mobile number with 86 before it."""


def people_of(case: Submission, form: Form) -> frozenset[str]:
    """Names, phone and identity numbers in the rows of its workbook, each as people would compare it."""
    reading = case.sheet.reading if case.sheet else None
    if not isinstance(reading, Sheet):
        return frozenset()
    tables = [(form.columns, reading.rows), *((each.columns, reading.tables.get(each.key, ())) for each in form.tables)]
    texts = {
        text for columns, rows in tables for column in columns if column.personal for text in texts_in(rows, column.key)
    }
    return frozenset(map(_spoken_of, normalised([text for text in texts if text.strip()])))


def spoken_of(text: str) -> str:
    """A name or number that somebody asks about, in the form of `people_of`."""
    return _spoken_of(normalise(text))


def _spoken_of(plain: str) -> str:
    digits = plain if plain.isdigit() else "".join(character for character in plain if character.isdigit())
    if len(digits) == _WITH_COUNTRY and digits.startswith("86"):
        digits = digits[2:]
    return digits if len(digits) >= _SHORTEST else plain
