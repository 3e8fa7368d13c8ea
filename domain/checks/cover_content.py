"""What the printed page says against the workbook, cell by cell, in words a clerk can follow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.catalogue import problem
from domain.cover import Cover
from domain.masking import mask_called, mask_phone, mask_phone_field, mask_phones
from domain.notice import ColumnType, Form
from domain.pages import page_name
from domain.problems import Place, Problem
from domain.sheet import Sheet
from domain.submission import About, CellVerdict, CoverFindings

_NUMBER = re.compile(r"[\d\s()+转-]*")
_LISTED_CELLS = 8
_ROWS = {
    About.MISSING_ROW: "row_missing",
    About.DISPLACED_ROW: "row_displaced",
    About.EXTRA_ROW: "row_extra",
}
"""Words for a whole row that speaks against the workbook."""


def content(cover: Cover, findings: CoverFindings | None, sheet: Sheet | None, form: Form) -> Iterator[Problem]:
    """One problem for each cell that differs, one for all that cannot be read surely."""
    if findings is None or sheet is None:
        return
    for cell in findings.cells:
        if cell.verdict == "differs":
            yield difference(cover.file, cell, sheet.sheet, form, page=page_name(cover, cell.page))
    doubtful = [cell for cell in findings.cells if cell.verdict == "doubtful"]
    place = Place(file=cover.file)
    if doubtful:
        shown = "、".join(f"{cell.address}{cell.field}" for cell in doubtful[:_LISTED_CELLS])
        more = "等" if len(doubtful) > _LISTED_CELLS else ""
        yield problem("cover.low_quality", place, variant="cells", count=len(doubtful), cells=shown + more)
    elif not findings.cells:
        yield problem("cover.low_quality", place)


def difference(file: str, cell: CellVerdict, sheet: str | None, form: Form, *, page: str) -> Problem:
    """Both values; of a phone only the digits that differ, and the rest masked. `page`: where it stands, in words.

    A bare number of seven or eight digits is a phone's in a phone column only: elsewhere it is a date, a school year or
    a filing number, and the reader must see it.
    """
    in_phones = cell.field in {column.name for column in form.columns if column.type is ColumnType.PHONE}
    masked = mask_phone_field if in_phones else mask_called
    value = cell.expected or None
    place = Place(
        file=file, sheet=cell.sheet or sheet, cell=cell.address or None, field=cell.field, value=value, page=page
    )
    if cell.about in _ROWS:
        return _row_difference(place, cell)
    if not cell.read:
        return problem("cover.content_mismatch", place, variant="absent", shown=masked(cell.expected))
    if not cell.expected:
        return problem("cover.content_mismatch", place, variant="extra", read=masked(cell.read))
    if _is_number(cell.expected) and _digits(cell.read) and (in_phones or mask_called(cell.expected) != cell.expected):
        return _digit_difference(place, _digits(cell.expected), _digits(cell.read))
    return problem("cover.content_mismatch", place, read=masked(cell.read), shown=masked(cell.expected))


def _digit_difference(place: Place, expected: str, read: str) -> Problem:
    """Of a phone: which digits differ, or how many there are."""
    masked = mask_phone(expected)
    if len(expected) != len(read):
        return problem(
            "cover.content_mismatch",
            place,
            variant="length",
            shown=masked,
            count=len(expected),
            read_count=len(read),
        )
    positions = [index for index, pair in enumerate(zip(expected, read, strict=True)) if pair[0] != pair[1]]
    told = "；".join(f"第{index + 1}位扫描件是{read[index]}，电子表是{expected[index]}" for index in positions[:4])
    more = f"，共{len(positions)}位不同" if len(positions) > 4 else ""
    return problem("cover.content_mismatch", place, variant="digits", digits=told + more, shown=masked)


def _row_difference(place: Place, cell: CellVerdict) -> Problem:
    """A whole row that is missing on the page, stands elsewhere, or is there alone."""
    return problem(
        "cover.content_mismatch",
        place,
        variant=_ROWS[cell.about],
        row=_digits(cell.address),
        shown=mask_phones(cell.expected),
        read=mask_phones(cell.read),
    )


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and len(_digits(text)) >= 7


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())
