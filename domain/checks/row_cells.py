"""What all checks of rows ask of a cell: where it stands, and whether it says anything at all."""

from __future__ import annotations

import re

from domain.notice import Column
from domain.problems import Place
from domain.sheet import Row, Sheet
from domain.text import is_plain, normalise, remembered

_DITTO = re.compile(r"(?:[同如][上前](?:面|行|一?格|一?栏|述)?|上同|ditto|〃|\"|'')+", re.IGNORECASE)
"""The cell above is meant: 同上, 〃, \"."""


def place_of(sheet: Sheet, row: Row, column: Column) -> Place:
    """Where a cell of a row stands."""
    cell = row.cells[column.key]
    name = row.sheet or sheet.sheet
    return Place(file=sheet.file, sheet=name, cell=cell.address, field=column.name, value=cell.text or None)


_MAY_BE_DITTO = tuple("同如上dD")


def surely_names(text: str) -> bool:
    """A quick look at what nearly all cells hold, letters and digits: True where `names_nothing` is not so. False says nothing."""
    return is_plain(text) and not text.startswith(_MAY_BE_DITTO)


@remembered(4096)
def names_nothing(text: str) -> bool:
    """A cell that holds no data: empty, a sign alone (/, —, √), or a word for the cell above (同上, 〃)."""
    return is_sign(text) or refers_above(text)


def is_sign(text: str) -> bool:
    """Nothing, or signs without a letter or a digit, which say no more; those for the cell above are others."""
    return not any(character.isalnum() for character in normalise(text)) and not refers_above(text)


def refers_above(text: str) -> bool:
    """同上 and the like. Read by itself, or sorted and put together with others, nobody knows what was above."""
    return bool(_DITTO.fullmatch(normalise(text).strip("()[]{}.,:;!")))
