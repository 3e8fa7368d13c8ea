"""What a page of a scan shows of a form, and scans taken apart and put together by their pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

from domain.cover import Cover, CoverPage, PageOrigin
from domain.notice import Form
from domain.printed_table import printed_table
from domain.text import normalise

_LETTER = 40
"""Least print, in characters read surely, of a page that is surely another paper: the label of a close-up and the stray
lines of a cut-off picture have less, the shortest covering letter (addressee, one sentence, signature, date) more."""
_SURE = 0.9
"""Mean confidence from which a line is read surely. A page's quality will not do: the seal lies over a letter's
signature, and its few lines under it bring that down (0.0 and 0.44 on two drawn letters of nine lines)."""
_SAME_NOTE = 0.8
_LEAST_NOTE = 10
_NO_TITLE = re.compile(r"[《“\"]|关于|报送|上报|现将")
"""What a line that speaks of the form has before its name, and the title itself has not."""


class Shows(StrEnum):
    """What a page shows, told by itself alone."""

    TABLE = "table"  # the form's table, by the names of its columns
    PART = "part"  # print of the form without such a table: title, header fields, notes, a table of as many columns
    OTHER = "other"  # another paper, legibly
    BLANK = "blank"
    UNCLEAR = "unclear"  # a close-up, a poor picture: what paper it is cannot be told


def shows(page: CoverPage, form: Form) -> Shows:
    """What the page shows of the form."""
    if printed_table(page, form):
        return Shows.TABLE
    texts = page_texts(page)
    if not texts and not page.seals:
        return Shows.BLANK
    if page.columns == len(form.columns) and page.ruled and page.cells:
        return Shows.PART
    if any(_is_label(text, form) or is_title(text, form) or _is_note(text, form) for text in texts):
        return Shows.PART
    sure = (line.reading.text for line in page.lines if line.reading.confidence >= _SURE)
    surely = not page.photo and sum(len(normalise(text)) for text in sure) >= _LETTER
    return Shows.OTHER if surely else Shows.UNCLEAR


def page_texts(page: CoverPage) -> list[str]:
    """The print of the page, normalised, without empty cells."""
    readings = [line.reading for line in page.lines] + [cell.reading for cell in page.cells]
    return [text for reading in readings if (text := normalise(reading.text))]


def is_title(text: str, form: Form) -> bool:
    """The line is the form's title; a line of a letter that speaks of the form is not. What the title itself says (关于校园安全
    自查情况的报告) speaks against nothing."""
    line = normalise(text)
    found = re.search(form.title_pattern, line)
    if found is None or len(line) - found.end() > 1:
        return False
    return not _NO_TITLE.search(line[: max(found.end("unit"), found.start())] + line[found.end() :])


def has_title(page: CoverPage, form: Form) -> bool:
    return any(is_title(text, form) for text in page_texts(page))


def has_label(page: CoverPage, form: Form) -> bool:
    """A line of the page begins with the name of a header field, as on the form."""
    return any(_is_label(text, form) for text in page_texts(page))


def has_note(page: CoverPage, form: Form) -> bool:
    """A line of the page is one of the notes under the form's table."""
    return any(_is_note(text, form) for text in page_texts(page))


def speaks_of_more(page: CoverPage, form: Form) -> bool:
    """Beside the form's own lines there is as much print as in a letter: 填报单位 may stand at a letter's end as well."""
    texts = (line.reading.text for line in page.lines if line.reading.confidence >= _SURE)
    others = [text for text in texts if not (_is_label(normalise(text), form) or is_title(text, form))]
    return sum(len(normalise(text)) for text in others if not _is_note(normalise(text), form)) >= _LETTER


def _is_label(text: str, form: Form) -> bool:
    names = (normalise(name) for field in form.header for name in (field.name, *field.aliases))
    return any(text.startswith(name) for name in names)


def _is_note(text: str, form: Form) -> bool:
    """The line is the beginning of a note that the form prints under its table."""
    if len(text) < _LEAST_NOTE:
        return False
    notes = (normalise(note)[: len(text)] for note in form.notes)
    return any(SequenceMatcher(None, text, note, autojunk=False).ratio() >= _SAME_NOTE for note in notes)


def split(cover: Cover, form: Form) -> tuple[Cover, ...]:
    """The scan taken apart where the form's table begins anew: what stands before the first table goes with it, pages
    without one go with the table before them. One file may hold the covers of several workbooks."""
    starts = [at for at, page in enumerate(cover.pages) if printed_table(page, form)]
    if len(starts) < 2:
        return (cover,)
    edges = [0, *starts[1:], len(cover.pages)]
    return tuple(replace(cover, pages=cover.pages[start:end]) for start, end in pairwise(edges))


def joined(covers: Sequence[Cover]) -> Cover:
    """Pages of one or several files as one cover, named after the first. Pages of its file keep their numbers, those of
    further files go on from there."""
    first = covers[0]
    pages = sorted((page for one in covers if one.sha256 == first.sha256 for page in one.pages), key=lambda p: p.number)
    count, unread = first.page_count, first.unread
    for cover in _whole(cover for cover in covers if cover.sha256 != first.sha256):
        pages += [_moved(page, cover, count) for page in cover.pages]
        count, unread = count + cover.page_count, unread + cover.unread
    signed = any(cover.signed for cover in covers)
    return replace(first, pages=tuple(pages), page_count=count, unread=unread, signed=signed)


def _whole(covers: Iterable[Cover]) -> Iterator[Cover]:
    """The parts of each file put together, in the order of their first parts."""
    by_file: dict[str, list[Cover]] = {}
    for cover in covers:
        by_file.setdefault(cover.sha256, []).append(cover)
    for parts in by_file.values():
        pages = sorted((page for part in parts for page in part.pages), key=lambda page: page.number)
        yield replace(parts[0], pages=tuple(pages))


def _moved(page: CoverPage, cover: Cover, offset: int) -> CoverPage:
    number = offset + page.number
    return replace(
        page,
        number=number,
        seals=tuple(replace(seal, page=number) for seal in page.seals),
        origin=PageOrigin(file=cover.file, sha256=cover.sha256, number=page.number),
    )


def page_name(cover: Cover, number: int) -> str:
    """How a letter calls a page: 第2页, or a further file by its name; nothing where the cover has one page only."""
    page = next((page for page in cover.pages if page.number == number), None)
    if page and page.origin:
        return f"“{page.origin.file}”"
    return f"第{number}页" if cover.page_count > 1 else ""
