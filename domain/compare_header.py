"""Title, 填报单位 and 填报时间 of the page against the workbook. They stand outside the table, often under the seal.

A field is compared where its label stands, never elsewhere on the page: the title holds the unit's name too, and a note
may hold any date.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import digits

from domain.alignment import deficit, letters
from domain.beside_print import SPECKS
from domain.compare_cells import is_rare
from domain.cover import Box, CoverPage, Lattice, TextReading, around
from domain.look_alikes import NUMERALS
from domain.notice import ColumnType, Form, HeaderField
from domain.sheet import HeaderValue, Sheet
from domain.submission import About, CellVerdict
from domain.text import normalise

MATCH = 9.0
"""Up to this deficit a line holds the value: one character misread costs about that. Where a character was read surely
otherwise it does not: 第二中学 and 第三中学 are two units."""
SLIP = 5.0
"""Up to this deficit it does so all the same, unless a numeral differs: a look-alike (合 for 台) may be read surely, 4.1 nats away,
and of 149 other units none came as near as 9."""
MISREAD_LABEL = 24.0
"""Up to this deficit a line that says the value surely also bears the label: two of its characters misread."""
MATCH_DATE = 1.5
"""As MATCH for a date, where one digit is the whole difference."""
SURE = 0.9
_RARE_SHARE = 0.34
"""Most of a title that may be read as characters outside GB/T 2312: 楷体 is now and then read as traditional script."""
_DATE = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})")
_BRACKETED = re.compile(r"[(\[][^()\[\]]{0,8}[)\]]?|(?:加盖|盖|公|签)章[)\]]?|盖.?[)\]]")
"""What is no part of a value: the seal's place, of which the seal may hide a bracket and a character."""
_SEAL_PLACE = re.compile(r"[(\[](?:请?加?盖|公|签)?公?章[)\]]")
"""Where the form asks for the seal: behind a value, so that nothing after it belongs to the value."""
_WORST = 99.0


@dataclass(frozen=True, kw_only=True)
class _Printed:
    """A line of print outside the table's columns."""

    reading: TextReading
    box: Box
    upright: Box

    @property
    def text(self) -> str:
        return normalise(self.reading.text)


@dataclass(frozen=True, kw_only=True)
class _Finding:
    verdict: str
    read: str
    score: float
    lines: tuple[_Printed, ...] = ()
    """Where it was read, so that a seal over it can be seen, and the place shown."""


def header_verdicts(sheet: Sheet, page: CoverPage, form: Form) -> Iterator[CellVerdict]:
    """One verdict for the title and each header field of the workbook. Where no print is found beside the table, all are
    doubtful: it may be there, and say otherwise."""
    printed = [_Printed(reading=line.reading, box=line.box, upright=line.upright or line.box) for line in page.lines]
    printed += [
        _Printed(reading=cell.reading, box=cell.box, upright=cell.upright or cell.box)
        for cell in page.cells
        if cell.column_span > 1
    ]
    if sheet.title and sheet.title.text:
        yield _verdict("标题", sheet.title, _title(sheet.title.text, printed), page)
    for header in form.header:
        value = sheet.header.get(header.key)
        if value and value.text:
            yield _verdict(header.name, value, _field(value, header, form, printed), page)


def _verdict(name: str, value: HeaderValue, found: _Finding, page: CoverPage) -> CellVerdict:
    under_seal = any(_overlap(line.box, seal.box) for line in found.lines for seal in page.seals)
    verdict = "doubtful" if found.verdict == "differs" and (under_seal or not page.colour) else found.verdict
    return CellVerdict(
        address=value.address,
        field=name,
        expected=value.text,
        read=found.read,
        score=found.score,
        verdict=verdict,
        page=page.number,
        row=-1,
        column=-1,
        about=About.HEADER,
        box=around(line.upright for line in found.lines),
    )


def _title(expected: str, printed: Sequence[_Printed]) -> _Finding:
    wanted = normalise(expected)
    said = tuple(line for line in printed if wanted in line.text or _reads_as(line.text, wanted))
    if said:
        return _Finding(verdict="match", read=expected, score=0.0, lines=said[:1])
    cost = _cheapest(printed, expected)
    line = _likest(printed, wanted)
    if cost <= MATCH:
        return _Finding(verdict="match", read=expected, score=-cost, lines=(line,) if line else ())
    if line is None:
        return _Finding(verdict="doubtful", read="", score=-cost)
    sure = line.reading.confidence >= SURE and not any(map(is_rare, line.text))
    return _Finding(verdict="differs" if sure else "doubtful", read=line.reading.text, score=-cost, lines=(line,))


def _reads_as(read: str, wanted: str) -> bool:
    """The same but for a few characters read as ones that no official form is printed in."""
    if len(read) != len(wanted):
        return False
    differing = [one for one, other in zip(read, wanted, strict=True) if one != other]
    return all(map(is_rare, differing)) and len(differing) <= _RARE_SHARE * len(wanted)


def _field(value: HeaderValue, header: HeaderField, form: Form, printed: Sequence[_Printed]) -> _Finding:
    """What stands behind the field's label, against the workbook's value."""
    names = tuple(normalise(name) for name in (header.name, *header.aliases))
    others = [normalise(name) for other in form.header for name in (other.name, *other.aliases) if other is not header]
    label = next((line for line in printed if any(name in line.text for name in names)), None)
    if label is None:
        return _misread_label(value, names, printed, others) or _unlabelled(value, header, printed, others)
    lines = (label, *_beside(label, printed, others))
    text = _behind("".join(line.text for line in lines), names, others)
    if header.type is ColumnType.DATE and value.date:
        return _date(value.date, value.text, text, lines, names)
    return _text(value.text, text, lines, names)


def _text(expected: str, text: str, lines: tuple[_Printed, ...], names: Sequence[str]) -> _Finding:
    wanted = _bare(normalise(expected))
    if text == wanted:
        return _Finding(verdict="match", read=expected, score=0.0, lines=lines)
    lattices = [lattice for line in lines for lattice in line.reading.lines]
    floor = lines[0].reading.floor
    written = [f"{name}{sign}{wanted}" for name in names for sign in (":", "")]
    cost = min(min(deficit(lattices, floor, one, anywhere=True) for one in written), _WORST)
    said = cost <= MATCH and len(text) <= len(wanted) + 1  # 甲县城关镇 holds 甲县, and is another unit
    if said and (not _surely_other(lattices, wanted, text) or _slipped(cost, wanted, text)):
        return _Finding(verdict="match", read=expected, score=-cost, lines=lines)
    sure = bool(text) and all(line.reading.confidence >= SURE for line in lines) and not any(map(is_rare, text))
    return _Finding(verdict="differs" if sure else "doubtful", read=text, score=-cost, lines=lines)


def _surely_other(lattices: Sequence[Lattice], wanted: str, text: str) -> bool:
    """A character of the value was read surely as one that the workbook's has not."""
    strange = set(text) - set(wanted)
    return any(sure >= SURE and normalise(letter) in strange for letter, sure in letters(lattices))


def _slipped(cost: float, wanted: str, text: str) -> bool:
    """A look-alike of what the workbook has, and no numeral."""
    return cost <= SLIP and not set(NUMERALS + digits) & (set(text) ^ set(wanted))


def _date(day: datetime.date, expected: str, text: str, lines: tuple[_Printed, ...], names: Sequence[str]) -> _Finding:
    """A date is the same however it is written."""
    found = _DATE.search(text)
    if found and tuple(map(int, found.groups())) == (day.year, day.month, day.day):
        return _Finding(verdict="match", read=expected, score=0.0, lines=lines)
    cost = min(_cheapest(lines, f"{day.year}年{day.month}月{day.day}日"), _whole_date(day, lines, names))
    if cost <= MATCH_DATE:
        return _Finding(verdict="match", read=expected, score=-cost, lines=lines)
    sure = found is not None and all(line.reading.confidence >= SURE for line in lines)
    return _Finding(verdict="differs" if sure else "doubtful", read=text, score=-cost, lines=lines)


def _whole_date(day: datetime.date, lines: tuple[_Printed, ...], names: Sequence[str]) -> float:
    """Deficit of the label and the date written with signs, as all that the lines say: 2020.2.2 stands in 2020.2.26 too."""
    lattices = [lattice for line in lines for lattice in line.reading.lines]
    wide = [f"{day.year}{sign}{day.month:02d}{sign}{day.day:02d}" for sign in "-./"]
    short = [f"{day.year}{sign}{day.month}{sign}{day.day}" for sign in "-./"]
    written = [f"{name}:{form}" for name in names for form in (*wide, *short)]
    return min([*(deficit(lattices, lines[0].reading.floor, one) for one in written), _WORST])


def _misread_label(
    value: HeaderValue, names: Sequence[str], printed: Sequence[_Printed], others: Sequence[str]
) -> _Finding | None:
    """A label with a character misread, as for a hole or a rim over it: the line must say value and label and no more.

    Only ever a match: what stands behind a label that could not be read contradicts nothing.
    """
    wanted = _bare(normalise(value.text))
    longest = max(map(len, names)) + 2
    for line in printed:
        label, said, rest = line.text.partition(wanted) if wanted else ("", "", "")
        if (
            not label or not said or label[-1].isalnum() or _bare(wanted + rest) != wanted
        ):  # its colon may be read as a bracket
            continue
        if len(label) > longest + 1 or any(other in line.text for other in others):
            continue
        reading = line.reading
        cost = min(deficit(reading.lines, reading.floor, f"{name}:{wanted}", anywhere=True) for name in names)
        if cost <= MISREAD_LABEL:
            return _Finding(verdict="match", read=value.text, score=-cost, lines=(line,))
    return None


def _unlabelled(
    value: HeaderValue, header: HeaderField, printed: Sequence[_Printed], others: Sequence[str]
) -> _Finding:
    """The label cannot be read, perhaps for the seal over it: only a line that says the value and no more will do."""
    rest = [line for line in printed if not any(name in line.text for name in others)]
    if header.type is ColumnType.DATE and value.date:
        day = (value.date.year, value.date.month, value.date.day)
        dates = [(tuple(map(int, found.groups())), line) for line in rest for found in _DATE.finditer(line.text)]
        if dates and all(date == day for date, _ in dates):
            return _Finding(verdict="match", read=value.text, score=0.0, lines=(dates[0][1],))
    else:
        wanted = _bare(normalise(value.text))
        bare = [(_bare(line.text), line) for line in rest]
        said = tuple(line for text, line in bare if text.endswith(wanted) and len(text) <= len(wanted) + 6)
        if said:
            return _Finding(verdict="match", read=value.text, score=0.0, lines=said[:1])
    return _Finding(verdict="doubtful", read="", score=-_WORST)


def _beside(label: _Printed, printed: Sequence[_Printed], others: Sequence[str]) -> tuple[_Printed, ...]:
    """Print further right on the label's row, up to the next label: value and label may be set far apart."""
    at = label.upright
    middle = (at.x0 + at.x1) / 2  # lines that were detected without ruling may overlap a little
    row = [line for line in printed if line.upright.x0 >= middle and _on_one_row(line.upright, at)]
    found: list[_Printed] = []
    for line in sorted(row, key=lambda line: line.upright.x0):
        if any(name in line.text for name in others):
            break
        found.append(line)
    return tuple(found)


def _on_one_row(one: Box, other: Box) -> bool:
    """The middle of either lies within the other: a title is higher than a label, and its middle stands elsewhere."""
    middles = ((one.y0 + one.y1) / 2, (other.y0 + other.y1) / 2)
    return one.y0 <= middles[1] <= one.y1 and other.y0 <= middles[0] <= other.y1


def _behind(text: str, names: Sequence[str], others: Sequence[str]) -> str:
    """The value behind a label, without what the form prints after it."""
    start = max((text.find(name) + len(name) for name in names if name in text), default=0)
    rest = text[start:]
    ends = [place for name in others if (place := rest.find(name)) >= 0]
    value = rest[: min(ends)] if ends else rest
    asked = _SEAL_PLACE.search(value)
    # 填报单位（盖章）：甲县 has it before the value.
    return _bare(value[: asked.start()] if asked and _bare(value[: asked.start()]) else value)


def _bare(text: str) -> str:
    """Without （盖章） and the signs round a value, as which a colon or a speck may be read."""
    return _BRACKETED.sub("", text).strip(SPECKS + " ")


def _cheapest(printed: Sequence[_Printed], text: str) -> float:
    costs = [deficit(line.reading.lines, line.reading.floor, text, anywhere=True) for line in printed]
    return min([*costs, _WORST])


def _likest(printed: Sequence[_Printed], wanted: str) -> _Printed | None:
    """The line that shares most characters with the title; None when none shares half."""
    scored = [(len(set(line.text) & set(wanted)) / max(1, len(set(wanted))), at) for at, line in enumerate(printed)]
    share, at = max(scored, default=(0.0, 0))
    return printed[at] if share >= 0.5 else None


def _overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1
