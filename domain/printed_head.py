"""What a printed page says above its text: the form's title, another paper's title, and header fields with their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from domain.cover import Cover, CoverPage, TextLine
from domain.notice import ColumnType, Form, HeaderField
from domain.pages import is_title, page_texts
from domain.sheet import HeaderValue
from domain.text import edit_distance, normalise

SURE = 0.9
"""Mean confidence from which a line is read surely."""
_LEAST_TITLE = 4
_LARGER = 1.15
"""Times the usual height of a line: so high is one that is printed larger."""
_REMARK = re.compile(r"^[(\[][^()\[\]]{0,8}章[^()\[\]]{0,4}[)\]]")
_DATE = re.compile(r"(\d{4})[年./\-](\d{1,2})[月./\-](\d{1,2})(?:日|号)?")
_HAN_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]"
)
_DIGITS = {**{letter: at for at, letter in enumerate("〇一二三四五六七八九")}, "零": 0, "○": 0}


@dataclass(frozen=True, kw_only=True)
class PrintedField:
    """A header field on paper. `confidence`: of the print it was read from, 0–1."""

    value: HeaderValue
    confidence: float
    page: int


def title_texts(page: CoverPage) -> Iterator[str]:
    """What of a page may be a title: every line and cell, and two lines that follow each other, as long titles are broken."""
    yield from page_texts(page)
    yield from (normalise(one.reading.text + other.reading.text) for one, other in pairwise(page.lines))


def form_title(cover: Cover, form: Form) -> HeaderValue | None:
    """The form's title as it is printed."""
    texts = (text for page in cover.pages for text in title_texts(page))
    found = next((text for text in texts if is_title(text, form)), None)
    return HeaderValue(address="", text=found) if found else None


def bears_title(cover: Cover, form: Form) -> bool:
    return form_title(cover, form) is not None


def nearly_titled(cover: Cover, form: Form) -> bool:
    """A line ends like the form's title, but for letters that may have been misread: a few of a line that was read surely,
    half of one that was not."""
    name = normalise(form.title_template.replace("{unit}", ""))
    for page in cover.pages:
        for text, confidence in _lines(page):
            most = len(name) // (5 if confidence >= SURE else 2)
            end = text[-len(name) :]
            if len(text) >= len(name) - most and min(edit_distance(end, name), edit_distance(text, name)) <= most:
                return True
    return False


def other_title(page: CoverPage) -> str:
    """What the page bears as its title: the line that is printed largest, else its first; "" for none read surely."""
    lines = [line for line in page.lines if len(normalise(line.reading.text)) >= _LEAST_TITLE]
    lines = [line for line in lines if line.reading.confidence >= SURE]
    if not lines:
        return ""
    heights = sorted(_height(line) for line in lines)
    usual, largest = heights[len(heights) // 2], heights[-1]
    if largest < _LARGER * usual:
        return normalise(lines[0].reading.text)
    at = next(at for at, line in enumerate(lines) if _height(line) == largest)
    more = [line for line in lines[at + 1 : at + 2] if _height(line) >= largest / _LARGER]
    return "".join(normalise(line.reading.text) for line in (lines[at], *more))


def printed_header(cover: Cover, form: Form) -> dict[str, PrintedField]:
    """The header fields by their keys, each where its label stands first. A label without a value has text ''."""
    found: dict[str, PrintedField] = {}
    for page in cover.pages:
        for field in form.header:
            if field.key not in found or not found[field.key].value.text:
                found.update((field.key, one) for one in _of_field(page, field, form))
    return found


def _of_field(page: CoverPage, field: HeaderField, form: Form) -> Iterator[PrintedField]:
    """At most one: the first with a value, else the first."""
    values = [(_after(text, field, form), confidence) for text, confidence in (*_lines(page), *_rows(page))]
    written = [(value, confidence) for value, confidence in values if value is not None]
    for value, confidence in [*(each for each in written if each[0]), *written][:1]:
        day = _day(value) if field.type is ColumnType.DATE else None
        yield PrintedField(value=HeaderValue(address="", text=value, date=day), confidence=confidence, page=page.number)


def _lines(page: CoverPage) -> Iterator[tuple[str, float]]:
    for line in page.lines:
        yield normalise(line.reading.text), line.reading.confidence


def _rows(page: CoverPage) -> Iterator[tuple[str, float]]:
    """The rows of a table, each as one line: 填报单位 stands in one cell, its value in the next."""
    rows: dict[int, list[tuple[int, str, float]]] = {}
    for cell in page.cells:
        if cell.reading.text:
            rows.setdefault(cell.row, []).append((cell.column, normalise(cell.reading.text), cell.reading.confidence))
    for cells in rows.values():
        cells.sort()
        for (_, label, _), (_, value, confidence) in pairwise(cells):
            yield f"{label}:{value}", confidence


def _after(text: str, field: HeaderField, form: Form) -> str | None:
    """What stands behind the field's label and before another's; None where the line has no such label."""
    for label in _labels([field]):
        start = text.find(label)
        rest = _REMARK.sub("", text[start + len(label) :]) if start >= 0 else ""
        if start < 0 or not (start == 0 or rest.startswith(":")):
            continue
        for other in _labels(each for each in form.header if each.key != field.key):
            rest = rest.split(other, 1)[0]
        return rest.strip(":_ ,.-")
    return None


def _labels(fields: Iterable[HeaderField]) -> Sequence[str]:
    names = {normalise(name) for field in fields for name in (field.name, *field.aliases)}
    return sorted(names, key=len, reverse=True)


def _day(text: str) -> date | None:
    """The day that the text names, None for none that exists."""
    found = _DATE.search(text)
    numbers = [int(group) for group in found.groups()] if found else _han_day(text)
    try:
        return date(*numbers) if len(numbers) == 3 else None
    except ValueError:
        return None


def _han_day(text: str) -> list[int]:
    """二〇二六年十一月五日 in numbers."""
    found = _HAN_DATE.search(text)
    if not found:
        return []
    year = int("".join(str(_DIGITS[letter]) for letter in found[1]))
    return [year, _han_number(found[2]), _han_number(found[3])]


def _han_number(text: str) -> int:
    """1–99: 五, 十, 十一, 二十, 三十一."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text, 0)
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def _height(line: TextLine) -> float:
    box = line.upright or line.box
    return box.y1 - box.y0
