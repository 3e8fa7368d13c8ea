"""The sets of a mail where the return is a stamped scan alone: one document each, in one file or in several pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from domain.cover import Cover
from domain.notice import Form
from domain.pages import has_title, joined
from domain.pairing import Incoming, PartSet, Spare, Why
from domain.submission import CoverPart, FileRef, Role

_PICTURES = re.compile(r"\.(?:jpe?g|png|tiff?|bmp|gif|heic|jp2|webp)$", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


def pair_documents(incoming: Incoming, form: Form, unit_of: Callable[[CoverPart], str | None]) -> tuple[PartSet, ...]:
    """Splits a mail into documents. `unit_of`: the code of the reporter that a scan speaks of.

    A scan that bears the form's title begins a document; pictures without it are further pages of the picture before them, and
    none of a file that has its own pages. Of several documents of one unit the longest is taken. Where no file bears the title,
    one is judged all the same, so that its sender hears what is wrong with it.
    """
    workbooks = [Spare(file=_other(part.file), why=Why.NO_WORKBOOK) for part in incoming.sheets]
    scans = _each_once(incoming.covers)
    if not scans:
        return (PartSet(spare=tuple(workbooks)),) if workbooks else ()
    documents, left = _documents(scans, form)
    by_unit: dict[str, list[CoverPart]] = {}
    for at, document in enumerate(documents):
        by_unit.setdefault(unit_of(document) or f"?{at}", []).append(document)
    sets: list[PartSet] = []
    for mine in by_unit.values():
        taken = max(mine, key=_pages)
        beside = [file for each in mine if each is not taken for file in each.files]
        sets.append(PartSet(cover=taken, spare=tuple(Spare(file=_other(file), why=Why.OTHER_SCAN) for file in beside)))
    rest = [Spare(file=_other(file), why=Why.OTHER_SCAN) for file in left]
    return (replace(sets[0], spare=(*sets[0].spare, *rest, *workbooks)), *sets[1:])


def _documents(scans: Sequence[CoverPart], form: Form) -> tuple[list[CoverPart], list[FileRef]]:
    """The documents, and the files that are part of none."""
    readable = [part for part in scans if isinstance(part.reading, Cover)]
    if not readable:
        return [scans[0]], [part.file for part in scans[1:]]
    titled = [part for part in readable if _is_titled(part, form)]
    if not titled:
        pictures = _in_order([part for part in readable if _is_picture(part)])
        files = [part for part in readable if not _is_picture(part)]
        taken = max(files, key=_pages) if files else _one(pictures)
        used = {file.sha256 for file in taken.files}
        return [taken], [part.file for part in scans if part.file.sha256 not in used]
    groups: dict[str, list[CoverPart]] = {part.file.sha256: [part] for part in titled}
    here = titled[0].file.sha256
    for part in _in_order(readable):
        if part.file.sha256 in groups:
            here = part.file.sha256
        elif _is_picture(part) and _is_picture(groups[here][0]):
            groups[here].append(part)
    documents = [_one(group) for group in groups.values()]
    used = {file.sha256 for document in documents for file in document.files}
    return documents, [part.file for part in scans if part.file.sha256 not in used]


def _is_titled(part: CoverPart, form: Form) -> bool:
    return isinstance(part.reading, Cover) and any(has_title(page, form) for page in part.reading.pages)


def _is_picture(part: CoverPart) -> bool:
    return bool(_PICTURES.search(part.file.name))


def _each_once(scans: Sequence[CoverPart]) -> list[CoverPart]:
    return list({part.file.sha256: part for part in reversed(scans)}.values())[::-1]


def _in_order(parts: list[CoverPart]) -> list[CoverPart]:
    """As they came; where names differ in their numbers only (报告1.jpg, 报告10.jpg), by these."""
    names = [part.file.name for part in parts]
    if len({_NUMBER.sub("#", name) for name in names}) > 1:
        return parts
    return sorted(parts, key=lambda part: [int(number[:18]) for number in _NUMBER.findall(part.file.name)])


def _one(parts: Sequence[CoverPart]) -> CoverPart:
    """One document of all these, in their order."""
    readings = [part.reading for part in parts if isinstance(part.reading, Cover)]
    if len(parts) == 1:
        return parts[0]
    return replace(parts[0], reading=joined(readings), further=tuple(part.file for part in parts[1:]))


def _pages(part: CoverPart) -> int:
    return part.reading.page_count if isinstance(part.reading, Cover) else 0


def _other(file: FileRef) -> FileRef:
    return replace(file, kind=Role.OTHER)
