"""Checks of the rows, cell by cell. A sample row or a broken formula silences what else could be said of its cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.allowed import CodeList
from domain.answers import NO, YES, answer
from domain.catalogue import problem
from domain.checks.alike import IsRight, places_where
from domain.checks.filing_numbers import Reading, read_filing_number
from domain.checks.header import is_placeholder
from domain.checks.repeated_rows import repeats
from domain.checks.row_cells import is_sign, names_nothing, place_of, refers_above, surely_names
from domain.checks.samples import placeholders_in, sample_rows
from domain.checks.values import TYPED, check_value
from domain.identify import reporter_of, unit_in
from domain.masking import mask_phone_field
from domain.notice import Column, ColumnType, Notice, Reporter
from domain.problems import Place, Problem
from domain.register import Register
from domain.sheet import Cell, CellFault, Phone, PhoneKind, Row, Says, Sheet
from domain.text import normalise

_SCIENTIFIC = re.compile(r"\d(?:\.\d*)?E\+?\d{1,3}", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-z\u3400-\u9fff]")
_LEAST_DIGITS = 7
"""A cell with so many digits holds a number, whatever else stands in it."""


def check_rows(
    sheet: Sheet, notice: Notice, reporter: Reporter | None, day: date, register: Register | None = None
) -> Iterator[Problem]:
    """Every problem of every row, in reading order. `day`: of receipt, in the notice's zone; `register`: the ministry's list, None
    where none was imported."""
    placeholders = placeholders_in(sheet.rows, notice)
    asked = _Asked(notice=notice, owners=_owners(sheet, notice, reporter), day=day, register=register,
                   placeholders=placeholders)  # fmt: skip
    samples = sample_rows(sheet.rows, notice, placeholders)
    repeated = repeats(sheet, samples, notice)
    for at in sorted({*samples, *repeated.problems, *_wrong(sheet, asked)}):
        row = sheet.rows[at]
        if at in samples:
            yield _sample_row(sheet, row, notice)
            continue
        for column in notice.form.columns if at not in repeated.silent else ():
            yield from _cell(sheet, row, column, asked)
        if at in repeated.problems:
            yield repeated.problems[at]


def _wrong(sheet: Sheet, asked: _Asked) -> Iterator[int]:
    """Places of the rows of which any cell has a problem."""
    for column in asked.notice.form.columns:
        beside = column.required_if[:1] if column.required_if else ()
        if isinstance(column.allowed, CodeList) and column.allowed.names:
            beside = (*beside, column.allowed.names)

        def is_wrong(row: Row, column: Column = column) -> bool:
            return any(True for _ in _cell(sheet, row, column, asked))

        yield from places_where(sheet.rows, (column.key, *beside), is_wrong, _quick_look(column, asked.placeholders))


def _quick_look(column: Column, placeholders: frozenset[str]) -> IsRight | None:
    """At cells of which each says something else, names and phones: most are right as they are. It must not be True where `_cell`
    finds anything."""

    def is_phone(said: Says) -> bool:
        text, fault, phone = said
        return phone is not None and phone.kind in _OWN and fault is None and text != "" and text not in placeholders

    def is_name(said: Says) -> bool:
        text, fault, _ = said
        return fault is None and text not in placeholders and surely_names(text)

    return {ColumnType.PHONE: is_phone, ColumnType.TEXT: is_name}.get(column.type)


_OWN = (PhoneKind.MOBILE, PhoneKind.LANDLINE)
"""Phones that people have."""


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """By what the cells of a workbook are judged. `owners`: whose rows they may be; `placeholders`: texts of the workbook that the
    blank form holds to be replaced."""

    notice: Notice
    owners: list[Reporter]
    day: date
    register: Register | None
    placeholders: frozenset[str]


def _sample_row(sheet: Sheet, row: Row, notice: Notice) -> Problem:
    column = next(column for column in notice.form.columns if is_placeholder(row.text(column.key), notice))
    return problem("row.placeholder", place_of(sheet, row, column), variant="row", row=row.number)


def _cell(sheet: Sheet, row: Row, column: Column, asked: _Asked) -> Iterator[Problem]:
    """The problems of one cell: at most one, since one root cause is one problem."""
    notice = asked.notice
    cell = row.cells.get(column.key)
    if cell is None:
        return
    if cell.fault:
        variant = "no_value" if cell.fault is CellFault.NO_STORED_VALUE else ""
        yield problem("row.formula_error", place_of(sheet, row, column), variant=variant)
    elif column.type is ColumnType.FILING_NUMBER:
        yield from _filing_number(sheet, row, cell, column, notice, asked.register)
    elif not cell.text:
        if _required(column, row, notice):
            yield problem("row.required", place_of(sheet, row, column))
    elif cell.text in asked.placeholders:
        yield problem("row.placeholder", place_of(sheet, row, column))
    elif column.type is ColumnType.UNIT:
        yield from _unit(place_of(sheet, row, column), notice, asked.owners)
    elif column.type is ColumnType.PHONE:
        if cell.phone is not None and cell.phone.kind not in _OWN:
            yield _phone(place_of(sheet, row, column), cell, cell.phone, notice)
    elif column.type is ColumnType.YES_NO:
        yield from _answer(sheet, cell, row, column, notice)
    elif column.type in _PLAIN and names_nothing(cell.text):
        if _required(column, row, notice):
            yield _not_named(place_of(sheet, row, column), column, notice)
    elif column.type in TYPED:
        place = place_of(sheet, row, column)
        found = list(check_value(column, place, cell.text, asked.day)) or _code_name(sheet, row, column, notice)
        yield from _with_code(found, row, column)


_PLAIN = frozenset({ColumnType.TEXT, *TYPED})


def _code_name(sheet: Sheet, row: Row, column: Column, notice: Notice) -> list[Problem]:
    """The name beside a code is another than its list has: told at the name."""
    listed = column.allowed
    if not isinstance(listed, CodeList) or not listed.names:
        return []
    called, code = row.text(listed.names), row.text(column.key)
    name = listed.named(code)
    if not called or not name or normalise(called) == normalise(name):
        return []
    place = place_of(sheet, row, notice.form.column(listed.names))
    return [problem("row.code_name", place, known=normalise(code), listed=name)]


def _with_code(found: list[Problem], row: Row, column: Column) -> Iterator[Problem]:
    """Of a code that is none, with the right one, where the name beside it has one."""
    listed = column.allowed
    for each in found:
        if each.code != "row.code_unknown" or not isinstance(listed, CodeList) or not row.text(listed.names):
            yield each
            continue
        called = row.text(listed.names)
        codes = [code for code, name in listed.items.items() if normalise(name) == normalise(called)]
        place = Place(file=each.file, sheet=each.sheet, cell=each.cell, field=each.field, value=each.value)
        if len(codes) != 1:
            yield each
        else:
            yield problem(each.code, place, variant="named", list=listed.name, called=called, known=codes[0])


def _not_named(place: Place, column: Column, notice: Notice) -> Problem:
    if column.key == notice.form.nil_column and not refers_above(place.value or ""):
        return problem("row.required", place, variant="nothing_used")
    return problem("row.required", place, variant="above" if refers_above(place.value or "") else "sign")


def _answer(sheet: Sheet, cell: Cell, row: Row, column: Column, notice: Notice) -> Iterator[Problem]:
    if refers_above(cell.text):
        yield problem("row.filed_invalid", place_of(sheet, row, column), variant="above")
    elif answer(cell.text, column) is None:
        yield _no_answer(place_of(sheet, row, column), row, column, notice)


def _no_answer(place: Place, row: Row, column: Column, notice: Notice) -> Problem:
    """Neither yes nor no; perhaps what belongs into the cell of the number."""
    numbers = [each for each in notice.form.of_type(ColumnType.FILING_NUMBER) if each.key in row.cells]
    if numbers and notice.filing and normalise(notice.filing.prefix) in normalise(place.value or "").upper():
        at = row.cells[numbers[0].key].address
        return problem("row.filed_invalid", place, variant="number", number=numbers[0].name, number_cell=at, yes=YES)
    return problem("row.filed_invalid", place, variant="" if notice.filing else "plain")


def _required(column: Column, row: Row, notice: Notice) -> bool:
    if column.required_if:
        key, value = column.required_if
        return _said(row, key, notice) == normalise(value)
    return column.required


def _said(row: Row, key: str, notice: Notice) -> str:
    """What a row says in a column on which another depends: of a yes-or-no column the answer, else the text compared."""
    text = row.text(key)
    column = notice.form.column(key)
    read = answer(text, column) if column.type is ColumnType.YES_NO else None
    return read or normalise(text)


def _owners(sheet: Sheet, notice: Notice, reporter: Reporter | None) -> list[Reporter]:
    """Whose rows these may be. Where title and 填报单位 disagree, which is a problem of its own, the rows may side with
    either."""
    conflict = reporter_of(sheet, None, notice).conflict
    return [each for each in (reporter, conflict if reporter else None) if each]


def _unit(place: Place, notice: Notice, owners: list[Reporter]) -> Iterator[Problem]:
    text = place.value or ""
    if not owners or any(_is_unit_of(text, owner, notice) for owner in owners):
        return
    reporter = owners[0]
    expected = reporter.row_units[0] if reporter.row_units else reporter.name
    variant = "nothing" if names_nothing(text) else ""
    yield problem("row.unit_mismatch", place, variant=variant, reporter=reporter.name, expected=expected)


def _is_unit_of(text: str, owner: Reporter, notice: Notice) -> bool:
    if text in owner.row_units:
        return True
    if normalise(text) in {normalise(name) for name in owner.row_units}:
        return True
    named = None if owner.bureau_run else unit_in(text, notice)
    return named is not None and named.code == owner.code


def _phone(place: Place, cell: Cell, phone: Phone, notice: Notice) -> Problem:
    """What is said of one that is neither a mobile number nor a landline."""
    if phone.kind is PhoneKind.SERVICE:
        return problem("row.phone_unusual", place)
    variant = ""
    if refers_above(cell.text):
        variant = "above"
    elif phone.kind is PhoneKind.SEVERAL:
        variant = "several"
    elif normalise(cell.text).isdecimal():
        wanted = 11
        variant = "short" if len(phone.digits) < wanted else "long" if len(phone.digits) > wanted else ""
    elif _SCIENTIFIC.fullmatch(normalise(cell.text)):
        variant = "scientific"
    elif len(phone.digits) >= _LEAST_DIGITS and _WORDS.search(normalise(cell.text)):
        variant = "words"
    example = f"{notice.area_code}-1234567"
    shown = " ".join(mask_phone_field(cell.text).split())  # several stand in lines as a rule
    return problem("row.phone_invalid", place, variant=variant, shown=shown, example=example)


def _filing_number(
    sheet: Sheet, row: Row, cell: Cell, column: Column, notice: Notice, register: Register | None
) -> Iterator[Problem]:
    """The number against what 是否备案 says, then against the ministry's list and form."""
    key, value = column.required_if or ("", "")
    condition = row.cells.get(key)
    said = _said(row, key, notice) if condition else ""
    place = place_of(sheet, row, column)
    details: dict[str, Any] = {
        "filed": notice.form.column(key).name if condition else "",
        "filed_cell": condition.address if condition else "",
        "hint": notice.filing.hint if notice.filing else "",
    }
    nothing = _says_nothing(cell.text, notice) and said != normalise(value)
    if not cell.text or nothing:
        if condition and said == normalise(value):
            yield problem("row.filing_number_missing", place, **details)
        elif not cell.text and column.required:
            yield problem("row.required", place)
    elif is_placeholder(cell.text, notice):
        yield problem("row.placeholder", place)
    elif condition and said == NO:
        yield problem("row.filing_number_unexpected", place, **details)
    elif register and (listed := register.with_number(cell.text)):
        yield from _as_listed(place, listed[0].number)
    elif notice.filing:
        yield from _filing_form(place, notice, details, listed=register is not None)


def _says_nothing(text: str, notice: Notice) -> bool:
    """A dash or 无 in a cell that has nothing to say: the same as leaving it empty."""
    return is_sign(text) or normalise(text) in {normalise(word) for word in notice.form.nil_words}


def _as_listed(place: Place, number: str) -> Iterator[Problem]:
    """A number that the ministry's list has is right, whatever its form; written otherwise, it is told how."""
    if place.value != number:
        yield problem("row.filing_number_irregular", place, right=number)


def _filing_form(place: Place, notice: Notice, details: dict[str, Any], *, listed: bool) -> Iterator[Problem]:
    """`listed`: a register was asked and does not have it, which is told as that; its digits then raise no doubt of their
    own."""
    form = notice.filing
    if form is None:
        return
    found = read_filing_number(place.value or "", form)
    counts: dict[str, Any] = {"count": len(found.digits), "digits": form.digits}
    if found.reading is Reading.IRREGULAR:
        yield problem("row.filing_number_irregular", place, right=found.right)
    elif found.reading is Reading.UNUSUAL_DIGITS:
        if not listed:
            yield problem("row.filing_number_irregular", place, variant="digits", **counts)
    elif found.reading is not Reading.EXACT:
        variants = {Reading.BAD_DIGITS: "digits", Reading.BAD_PROVINCE: "province", Reading.OTHER_KIND: "icp"}
        variant = "above" if refers_above(place.value or "") else variants.get(found.reading, "")
        province = found.digits[:2]
        yield problem("row.filing_number_invalid", place, variant=variant, province=province, **counts, **details)
