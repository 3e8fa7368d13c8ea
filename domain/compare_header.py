"""Title, 填报单位 and 填报时间 of the page against the workbook. They stand outside the table, often under the seal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from domain.alignment import deficit
from domain.cover import Box, CoverPage, TextReading
from domain.notice import ColumnType, Form, HeaderField
from domain.sheet import HeaderValue, Sheet
from domain.submission import CellVerdict
from domain.text import normalise

MATCH = 6.0
"""Up to this deficit a line holds the value: it is sought inside longer lines, where the seal may lie over it."""
SURE = 0.9
_NUMBERS = re.compile(r"\d+")
_DATE = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})")


def header_verdicts(sheet: Sheet, page: CoverPage, form: Form) -> Iterator[CellVerdict]:
    """One verdict for the title and each header field of the workbook that the page may show."""
    readings = [(line.reading, line.box) for line in page.lines]
    readings += [(cell.reading, cell.box) for cell in page.cells if cell.column_span > 1]
    if not readings:
        return
    if sheet.title:
        yield _verdict("标题", sheet.title, sheet.title.text, readings, page, None)
    for header in form.header:
        value = sheet.header.get(header.key)
        if value and value.text:
            yield _verdict(header.name, value, value.text, readings, page, header)


def _verdict(
    name: str,
    value: HeaderValue,
    expected: str,
    readings: Sequence[tuple[TextReading, Box]],
    page: CoverPage,
    header: HeaderField | None,
) -> CellVerdict:
    if header and header.type is ColumnType.DATE and value.date:
        verdict, read, score = _date(value, readings, header)
    else:
        verdict, read, score = _text(expected, readings, header)
    if verdict == "differs" and _under_seal(read, readings, page):
        verdict = "doubtful"
    return CellVerdict(
        address=value.address,
        field=name,
        expected=expected,
        read=read,
        score=score,
        verdict=verdict,
        page=page.number,
        row=-1,
        column=-1,
    )


def _text(
    expected: str, readings: Sequence[tuple[TextReading, Box]], header: HeaderField | None
) -> tuple[str, str, float]:
    """Is the value anywhere in the print? If not, what stands in its place?"""
    wanted = normalise(expected)
    if any(wanted in normalise(reading.text) for reading, _ in readings):
        return "match", expected, 0.0
    costs = [(deficit(reading.lines, reading.floor, expected, anywhere=True), reading) for reading, _ in readings]
    cost, _ = min(costs, key=lambda pair: pair[0])
    if cost <= MATCH:
        return "match", expected, -cost
    place = _in_place(readings, header) if header else _likest(readings, wanted)
    if place is None or place.confidence < SURE:
        return "doubtful", place.text if place else "", -min(cost, 99.0)
    return "differs", place.text, -min(cost, 99.0)


def _date(
    value: HeaderValue, readings: Sequence[tuple[TextReading, Box]], header: HeaderField
) -> tuple[str, str, float]:
    """A date is the same however it is written."""
    assert value.date is not None  # noqa: S101 the caller asks only with a date
    day = (value.date.year, value.date.month, value.date.day)
    found = [
        (tuple(int(number) for number in match.groups()), reading)
        for reading, _ in readings
        for match in _DATE.finditer(reading.text)
    ]
    if any(numbers == day for numbers, _ in found):
        return "match", value.text, 0.0
    written = f"{day[0]}年{day[1]}月{day[2]}日"
    cost = min(deficit(reading.lines, reading.floor, written, anywhere=True) for reading, _ in readings)
    if cost <= 1.5:
        return "match", value.text, -cost
    named = [reading for _, reading in found if normalise(header.name)[-2:] in normalise(reading.text)]
    if named and named[0].confidence >= SURE:
        return "differs", named[0].text, -min(cost, 99.0)
    return "doubtful", named[0].text if named else "", -min(cost, 99.0)


def _in_place(readings: Sequence[tuple[TextReading, Box]], header: HeaderField) -> TextReading | None:
    """The line that carries the field's label."""
    names = [normalise(name) for name in (header.name, *header.aliases)]
    return next((reading for reading, _ in readings if any(name in normalise(reading.text) for name in names)), None)


def _likest(readings: Sequence[tuple[TextReading, Box]], wanted: str) -> TextReading | None:
    """The line that shares most characters with the title; None when none shares half."""
    scored = [
        (len(set(normalise(reading.text)) & set(wanted)) / max(1, len(set(wanted))), reading) for reading, _ in readings
    ]
    share, reading = max(scored, key=lambda pair: pair[0])
    return reading if share >= 0.5 else None


def _under_seal(read: str, readings: Sequence[tuple[TextReading, Box]], page: CoverPage) -> bool:
    """Whether the line that was read lies under a seal: then print that misfits proves nothing."""
    boxes = [box for reading, box in readings if reading.text == read]
    return any(_overlap(box, seal.box) for box in boxes for seal in page.seals)


def _overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1
