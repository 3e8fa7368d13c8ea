"""Which reporter a text, a workbook or a cover speaks of. Names come from the notice; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

from domain.cover import Cover
from domain.form_code import reporter_of_code
from domain.many_rows import texts_in
from domain.notice import Notice, Reporter
from domain.printed_head import printed_header
from domain.sheet import Sheet, SheetFailure
from domain.text import edit_distance, normalise

_SEAL_REMARK = re.compile(
    r"[(\[][^()\[\]]{0,8}章[^()\[\]]{0,4}[)\]]|[(\[](?:公|签)?章[)\]]|(?:加?盖章|盖公章|公章|签章)(?:处)?$"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_LEFT = re.compile(r"(?:省|年|单位|关于)$")
"""What may stand right before a name without making it part of a longer one (…省甲县 is the county, 乙市开发区 is not our 开发区)."""
_ALL_SCHOOLS = re.compile(r"^(?:[各全][县区市]?)*(?:中小)?学校?(?![\u3400-\u9fff])|^(?:全[县区市]|辖区)")
"""A bare unit may be followed by its schools in general; followed by a name of its own it is that school."""
_MOST_TEXT = 300
_MISREAD = 3
"""Of so many characters of a reporter's own name one may be misread: 东旧县教育局 may be 东阳县教育局, 滑县教育局 is neither that nor
林县教育局."""


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


@lru_cache(maxsize=128)  # rounds are notices of their own
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


def reporter_of(sheet: Sheet | SheetFailure | None, cover: Cover | None, notice: Notice) -> Identified:
    """Whose return a set is: 填报单位 first, then title, rows, the cover's printed lines, its seals.

    A workbook that cannot be used still says whose it is, where title and header could be read.
    """
    readings = list(_readings(sheet, cover, notice))
    if not readings:
        return Identified(reporter=None)
    source, reporter = readings[0]
    title = next((other for where, other in readings if where is Source.TITLE), None)
    conflict = title if source is Source.HEADER and title and title.code != reporter.code else None
    return Identified(reporter=reporter, source=source, conflict=conflict)


def reporter_called(name: str, notice: Notice) -> Reporter | None:
    """The reporter of that code, in any case, or of exactly that name or alias."""
    compared = normalise(name)
    by_code = next((each for each in notice.reporters if each.code == compared.upper()), None)
    found = _names(notice).get(compared)
    return by_code or (found.reporter if found else None)


def nearest_names(name: str, notice: Notice, *, count: int = 3) -> tuple[str, ...]:
    """Names and codes of the notice that are most like what was called, each reporter once; the nearest first."""
    compared = normalise(name)
    ranked = sorted(
        (-_likeness(compared, normalise(known)), place, f"{reporter.name} ({reporter.code})")
        for place, reporter in enumerate(notice.reporters)
        for known in (reporter.code.casefold(), *reporter.names)
    )
    return tuple(dict.fromkeys(shown for likeness, _, shown in ranked if likeness < 0))[:count]


def _likeness(text: str, name: str) -> float:
    """0–1 by what both have in common, from either end of the shorter on: 经开 is like 甲市经开区."""
    matcher = SequenceMatcher(None, text.casefold(), name, autojunk=False)
    shared = sum(block.size for block in matcher.get_matching_blocks())
    return shared / max(min(len(text), len(name)), 1) * 0.6 + matcher.ratio() * 0.4


def reporter_by_code(sheet: Sheet | SheetFailure | None, cover: Cover | None, notice: Notice) -> Reporter | None:
    """The reporter for whom the form on the cover was made out, where nothing on it or in the workbook speaks against that.

    A hint for a page that cannot be read well, and no more: whoever fills in another's form has their own name on it, in
    the workbook, in print and in the seal. What was read there is passed over only if it is like the reporter's own name,
    misread.
    """
    unit = sheet.header.get("unit") if sheet else None
    if unit and unit.text:
        return None
    codes = {page.form_code for page in cover.pages if page.form_code} if cover else set()
    named = [reporter_of_code(code, notice) for code in codes]
    if len(named) != 1 or named[0] is None:
        return None
    reporter = named[0]
    said = [bare_unit(text) for _, texts in _texts(sheet, cover, notice) for text in texts]
    return reporter if all(_may_be_misread(text, reporter) for text in said if text) else None


def _may_be_misread(text: str, reporter: Reporter) -> bool:
    names = {normalise(name) for name in (*reporter.names, *reporter.seal_names, *reporter.row_units)}
    return min(edit_distance(text, name) for name in names) <= len(reporter.name) // _MISREAD


def _readings(
    sheet: Sheet | SheetFailure | None, cover: Cover | None, notice: Notice
) -> Iterator[tuple[Source, Reporter]]:
    for source, texts in _texts(sheet, cover, notice):
        named = {reporter.code: reporter for text in texts if (reporter := unit_in(text, notice))}
        if len(named) == 1:
            yield source, next(iter(named.values()))


def _texts(
    sheet: Sheet | SheetFailure | None, cover: Cover | None, notice: Notice
) -> Iterator[tuple[Source, list[str]]]:
    if sheet:
        unit = sheet.header.get("unit")
        yield Source.HEADER, [unit.text] if unit else []
        yield Source.TITLE, [title_unit(sheet.title.text, notice)] if sheet.title else []
        rows = sheet.rows if isinstance(sheet, Sheet) else ()
        yield Source.ROWS, texts_in(rows, "unit")
    if cover:
        texts = [normalise(line.reading.text) for page in cover.pages for line in page.lines]
        yield Source.COVER_LINE, list(_printed_units(texts, notice))
        if not notice.sheet_required:  # the unit may stand in a table of the document
            printed = printed_header(cover, notice.form).get("unit")
            yield Source.COVER_LINE, [printed.value.text] if printed else []
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
