"""Checks of what stands above the table: the title, the reporting unit, the date."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from functools import lru_cache
from itertools import compress

from domain.catalogue import problem, variant_for
from domain.checks.values import check_value
from domain.days import shown_day
from domain.identify import title_unit, unit_in
from domain.many_rows import texts_in
from domain.notice import ColumnType, HeaderField, Notice, Reporter
from domain.problems import Place, Problem, Severity
from domain.sheet import HeaderValue, Sheet, SheetHead
from domain.text import normalise, normalised, remembered

TITLE_FIELD = "标题"


def check_header(sheet: Sheet, notice: Notice, reporter: Reporter | None, received_at: datetime) -> Iterator[Problem]:
    """Every problem of title and header fields."""
    yield from _title(sheet, notice, reporter)
    for field in notice.form.header:
        value = sheet.header.get(field.key)
        if field.type is ColumnType.UNIT:
            yield from _unit(sheet, field, value, notice, reporter)
            yield from _further(sheet, field, notice, reporter)
        elif field.type is ColumnType.DATE and field.allowed is None:
            yield from _date(sheet, field, value, notice, received_at)
        else:
            yield from _value(sheet, field, value, notice, received_at)
    for head in sheet.further:
        yield from _another_time(sheet, head, notice)


def _value(
    sheet: Sheet, field: HeaderField, value: HeaderValue | None, notice: Notice, received_at: datetime
) -> Iterator[Problem]:
    """A field that the notice names besides unit and date."""
    place = _place(sheet, value, field.name)
    if value is None or not value.text:
        if field.required:
            yield problem("header.value_missing", place, variant="" if value else "no_label")
        return
    if is_placeholder(value.text, notice):
        yield problem("header.placeholder", place, example="实际内容")
        return
    text = value.date.isoformat() if value.date else value.text
    for found in check_value(field, place, text, received_at.astimezone(notice.zone).date()):
        yield problem("header.value_invalid", place, told=found.message.rstrip("。"), mend=found.advice.rstrip("。"))


def is_placeholder(text: str, notice: Notice) -> bool:
    """Whether `text` is what the blank form holds to be replaced (XX县, 2020年X月X日)."""
    return _is_placeholder(text, notice.form.placeholder_patterns)


def placeholders_among(texts: Collection[str], notice: Notice) -> frozenset[str]:
    """Those of many texts that are. Nothing is remembered of them."""
    compared = list(map(_cut, normalised(texts)))
    searches = (pattern.search for pattern in _compiled(notice.form.placeholder_patterns))
    return frozenset(text for search in searches for text in compress(texts, map(search, compared)))


@remembered(65_536)
def _is_placeholder(text: str, patterns: tuple[str, ...]) -> bool:
    compared = _cut(normalise(text))
    return any(pattern.search(compared) for pattern in _compiled(patterns))


def _cut(text: str) -> str:
    return text[:200].upper()


@lru_cache(maxsize=64)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, patterns))


def all_bureau_rows(sheet: Sheet, notice: Notice) -> bool:
    """Every row says that the bureau runs the school; a nil return has no row that could say otherwise."""
    if notice.bureau_run is None:
        return False
    if not sheet.rows:
        return sheet.nil_statement is not None
    wanted = normalise(notice.bureau_run.row_unit)
    return all(normalise(text) == wanted for text in texts_in(sheet.rows, "unit"))


def _example(notice: Notice, reporter: Reporter | None) -> str:
    if reporter is None and not notice.reporters:
        return ""
    known = reporter or notice.reporters[0]
    return known.seal_names[0] if known.seal_names else known.name


def _place(sheet: Sheet, value: HeaderValue | None, field: str) -> Place:
    cell, text = (value.address, value.text or None) if value else (None, None)
    return Place(file=sheet.file, sheet=sheet.sheet, cell=cell, field=field, value=text)


def _title(sheet: Sheet, notice: Notice, reporter: Reporter | None) -> Iterator[Problem]:
    """The title still holds the form's sample unit."""
    if sheet.title is None:
        return
    if is_placeholder(title_unit(sheet.title.text, notice), notice):
        name = reporter.name if reporter else notice.reporters[0].name if notice.reporters else ""
        yield _sample_left(_place(sheet, sheet.title, TITLE_FIELD), notice, notice.title_of(name))


def _sample_left(place: Place, notice: Notice, example: str) -> Problem:
    variant = variant_for("header.placeholder", "", document=not notice.sheet_required)
    return problem("header.placeholder", place, variant=variant, example=example)


def _unit(
    sheet: Sheet, field: HeaderField, value: HeaderValue | None, notice: Notice, reporter: Reporter | None
) -> Iterator[Problem]:
    place = _place(sheet, value, field.name)
    example = _example(notice, reporter)
    if value is None or not value.text:
        variant = variant_for("header.unit_missing", "" if value else "no_label", document=not notice.sheet_required)
        yield problem("header.unit_missing", place, variant=variant, example=example)
        return
    if is_placeholder(value.text, notice):
        yield _sample_left(place, notice, example)
        return
    named = unit_in(value.text, notice)
    in_title = unit_in(title_unit(sheet.title.text, notice), notice) if sheet.title else None
    if named is None and not all_bureau_rows(sheet, notice):
        yield problem("header.unit_unknown", place, example=example)
    elif in_title and (named is None or in_title.code != named.code):
        title = title_unit(sheet.title.text, notice) if sheet.title else ""
        yield problem("header.conflict", place, title=title, example=(named or in_title).name)
    elif named is None and notice.bureau_run:
        yield problem("header.unit_unlisted", place, row_unit=notice.bureau_run.row_unit)


def _further(sheet: Sheet, field: HeaderField, notice: Notice, reporter: Reporter | None) -> Iterator[Problem]:
    """A further sheet of the workbook speaks of another reporter than the first."""
    for head in sheet.further if reporter else ():
        told = [(head.header.get(field.key), field.name), (head.title, TITLE_FIELD)]
        for value, name in told:
            text = (title_unit(value.text, notice) if name == TITLE_FIELD else value.text) if value else ""
            named = unit_in(text, notice)
            if value and reporter and named and named.code != reporter.code:
                place = Place(file=sheet.file, sheet=head.sheet, cell=value.address, field=name, value=text)
                yield problem(
                    "header.conflict", place, variant="sheet", main=sheet.sheet, title=reporter.name,
                    example=reporter.name,
                )  # fmt: skip
                break


def _another_time(sheet: Sheet, head: SheetHead, notice: Notice) -> Iterator[Problem]:
    """A further sheet is of another day than the first, or was never made out: last year's, say, that stayed in the
    file. Its rows count, and whoever sent them is told so; at most one finding a sheet."""
    rows = sum(row.sheet == head.sheet for row in sheet.rows)
    for field in notice.form.header:
        value, first = head.header.get(field.key), sheet.header.get(field.key)
        if value and first and value.date and first.date and value.date != first.date:
            place = Place(file=sheet.file, sheet=head.sheet, cell=value.address, field=field.name, value=value.text)
            yield problem(
                "header.conflict", place, severity=Severity.WARNING, variant="sheet_date", main=sheet.sheet,
                title=first.text, rows=rows,
            )  # fmt: skip
            return
    told = [(head.title, TITLE_FIELD), *((head.header.get(field.key), field.name) for field in notice.form.header)]
    for value, name in told:
        text = (title_unit(value.text, notice) if name == TITLE_FIELD else value.text) if value else ""
        if value and is_placeholder(text, notice):
            place = Place(file=sheet.file, sheet=head.sheet, cell=value.address, field=name, value=value.text)
            yield problem("header.conflict", place, severity=Severity.WARNING, variant="sheet_blank", rows=rows)
            return


def _date(
    sheet: Sheet, field: HeaderField, value: HeaderValue | None, notice: Notice, received_at: datetime
) -> Iterator[Problem]:
    place = _place(sheet, value, field.name)
    received = received_at.astimezone(notice.zone).date()
    example = shown_day(received)
    if value is None or not value.text:
        variant = variant_for("header.date_missing", "" if value else "no_label", document=not notice.sheet_required)
        yield problem("header.date_missing", place, variant=variant, example=example)
    elif is_placeholder(value.text, notice):
        yield _sample_left(place, notice, example)
    elif value.date is None:
        yield problem("header.date_invalid", place, example=example)
    elif value.date > received:
        yield problem("header.date_invalid", place, variant="future", received=example, example=example)
