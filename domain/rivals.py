"""Several workbooks of one reporter in one mail: the same once more, two versions, or two halves of one return."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from domain.notice import Form
from domain.row_key import row_key
from domain.sheet import Sheet
from domain.versions import same_rows


class Relation(StrEnum):
    SAME = "same"  # the same rows, whatever the bytes and however written
    VERSION = "version"  # rows in common, some of them changed
    PART = "part"  # not a row in common: filled in apart, as by two offices


@dataclass(frozen=True, kw_only=True)
class Kinship:
    """How `other` stands to the workbook that is taken. `beyond`: its rows whose school and app the other lacks."""

    relation: Relation
    beyond: int = 0


def kinship(taken: Sheet, other: Sheet, form: Form) -> Kinship:
    """Told by the columns of which the form says that they make a row the same one (`duplicate_key`)."""
    if same_rows(taken, other):
        return Kinship(relation=Relation.SAME)
    mine, theirs = _keys(taken, form), _keys(other, form)
    beyond = (theirs - mine).total()
    apart = bool(mine and theirs) and not mine & theirs
    return Kinship(relation=Relation.PART if apart else Relation.VERSION, beyond=beyond)


def _keys(sheet: Sheet, form: Form) -> Counter[tuple[str, ...]]:
    return Counter(row_key(row, form) for row in sheet.rows)
