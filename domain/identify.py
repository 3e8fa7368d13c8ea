"""Which reporter a text, a workbook or a cover speaks of. Names come from the notice; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from domain.cover import Cover
from domain.notice import Notice, Reporter
from domain.sheet import Sheet
from domain.text import normalise

_SEAL_REMARK = re.compile(
    r"[(\[][^()\[\]]{0,8}章[^()\[\]]{0,4}[)\]]|[(\[](?:公|签)?章[)\]]|(?:加?盖章|盖公章|公章|签章)(?:处)?$"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_LEFT = re.compile(r"(?:省|年|单位|关于)$")
"""What may stand right before a name without making it part of a longer one (…省甲县 is the county, 乙市开发区 is not our 开发区)."""
_ALL_SCHOOLS = re.compile(r"^(?:[各全][县区市]?)*(?:中小)?学校?(?![\u3400-\u9fff])|^(?:全[县区市]|辖区)")
"""A bare unit may be followed by its schools in general; followed by a name of its own it is that school."""
_MOST_TEXT = 300


class Source(StrEnum):
    """Where the unit was read."""

    HEADER = "header"
    TITLE = "title"
    ROWS = "rows"
    COVER_LINE = "cover_line"
    SEAL = "seal"


@dataclass(frozen=True, kw_only=True)
class Identified:
    """Whose return it is, by the first source that says so; `conflict` names who the title speaks of instead."""

    reporter: Reporter | None
    source: Source | None = None
    conflict: Reporter | None = None


@dataclass(frozen=True, kw_only=True)
class _Name:
    text: str
    full: bool
    reporter: Reporter


def bare_unit(text: str) -> str:
    """The unit as compared: normalised, without （盖章） and the like."""
    return _SEAL_REMARK.sub("", normalise(text)[:_MOST_TEXT]).strip(":,._ ")


def unit_in(text: str, notice: Notice) -> Reporter | None:
    """The reporter that `text` names. None for nobody, for a school within a county, and for several at once."""
    compared = bare_unit(text)
    if not compared:
        return None
    names = _names(notice)
    exact = names.get(compared)
    if exact:
        return exact.reporter
    found = list(_longest(_occurrences(compared, names.values())))
    if len({name.reporter.code for _, name in found}) != 1:
        return None
    return next((name.reporter for start, name in found if _stands_alone(compared, start, name)), None)


@lru_cache(maxsize=8)
def _names(notice: Notice) -> dict[str, _Name]:
    found: dict[str, _Name] = {}
    for reporter in notice.reporters:
        full = {normalise(name) for name in reporter.seal_names}
        for name in map(normalise, (*reporter.names, *reporter.seal_names)):
            found.setdefault(name, _Name(text=name, full=name in full, reporter=reporter))
    return found


def _occurrences(text: str, names: Iterable[_Name]) -> Iterator[tuple[int, _Name]]:
    for name in names:
        start = text.find(name.text)
        while start >= 0:
            yield start, name
            start = text.find(name.text, start + 1)


def _longest(occurrences: Iterable[tuple[int, _Name]]) -> Iterator[tuple[int, _Name]]:
    """Occurrences that lie in no longer one: 开发区 inside 甲经济技术开发区 is not another unit."""
    ends = 0
    for start, name in sorted(occurrences, key=lambda pair: (pair[0], -len(pair[1].text))):
        if start + len(name.text) > ends:
            ends = start + len(name.text)
            yield start, name


def _stands_alone(text: str, start: int, name: _Name) -> bool:
    before, after = text[:start], text[start + len(name.text) :]
    if before and _HAN.match(before[-1]) and not _LEFT.search(before):
        return False
    return name.full or not after or not _HAN.match(after[0]) or bool(_ALL_SCHOOLS.match(after))


def title_unit(title: str, notice: Notice) -> str:
    """The unit as the title words it, '' when the title is not the form's."""
    found = re.search(notice.form.title_pattern, normalise(title)[:_MOST_TEXT])
    return (found["unit"] or "").strip() if found else ""


def reporter_of(sheet: Sheet | None, cover: Cover | None, notice: Notice) -> Identified:
    """Whose return a set is: 填报单位 first, then title, rows, the cover's printed lines, its seals."""
    readings = list(_readings(sheet, cover, notice))
    if not readings:
        return Identified(reporter=None)
    source, reporter = readings[0]
    title = next((other for where, other in readings if where is Source.TITLE), None)
    conflict = title if source is Source.HEADER and title and title.code != reporter.code else None
    return Identified(reporter=reporter, source=source, conflict=conflict)


def _readings(sheet: Sheet | None, cover: Cover | None, notice: Notice) -> Iterator[tuple[Source, Reporter]]:
    for source, texts in _texts(sheet, cover, notice):
        named = {reporter.code: reporter for text in texts if (reporter := unit_in(text, notice))}
        if len(named) == 1:
            yield source, next(iter(named.values()))


def _texts(sheet: Sheet | None, cover: Cover | None, notice: Notice) -> Iterator[tuple[Source, list[str]]]:
    if sheet:
        unit = sheet.header.get("unit")
        yield Source.HEADER, [unit.text] if unit else []
        yield Source.TITLE, [title_unit(sheet.title.text, notice)] if sheet.title else []
        yield Source.ROWS, [row.text("unit") for row in sheet.rows]
    if cover:
        texts = [normalise(line.reading.text) for page in cover.pages for line in page.lines]
        yield Source.COVER_LINE, list(_printed_units(texts, notice))
        yield Source.COVER_LINE, [title_unit(text, notice) for text in texts]
        yield Source.SEAL, [seal.text for page in cover.pages for seal in page.seals if seal.legible]


def _printed_units(lines: Iterable[str], notice: Notice) -> Iterator[str]:
    """What stands after 填报单位 on the cover; other print may name anyone. `lines` are normalised."""
    labels = [
        normalise(label)
        for field in notice.form.header
        if field.key == "unit"
        for label in (field.name, *field.aliases)
    ]
    labels.sort(key=len, reverse=True)
    others = [normalise(field.name) for field in notice.form.header if field.key != "unit"]
    for text in lines:
        label = next((label for label in labels if label in text), None)
        if label:
            value = text.split(label, 1)[1]
            for other in others:
                value = value.split(other, 1)[0]
            yield value
