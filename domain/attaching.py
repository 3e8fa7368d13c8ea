"""The other files that a notice asks for (整改方案): which file of a mail is which, by content and by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from pathlib import PurePosixPath

from domain.cover import Cover
from domain.mail import Part, PartFault, PartKind
from domain.notice import AttachmentRule, FileKind, Form, Notice
from domain.pages import has_title
from domain.pairing import Incoming
from domain.printed_table import printed_table
from domain.sheet import Sheet
from domain.submission import Attached, CoverPart, FileRef, Role, SheetPart
from domain.text import normalise

_MEDIA = {
    "application/pdf": FileKind.PDF,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": FileKind.DOCX,
    "application/msword": FileKind.DOC,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": FileKind.XLSX,
    "application/vnd.ms-excel.sheet.macroEnabled.12": FileKind.XLSX,
    "application/vnd.ms-excel": FileKind.XLS,
}
KIND_NAMES = {
    FileKind.PDF: "PDF",
    FileKind.IMAGE: "图片",
    FileKind.DOCX: "Word文档（.docx）",
    FileKind.DOC: "Word文档（.doc）",
    FileKind.XLSX: "Excel工作簿（.xlsx）",
    FileKind.XLS: "Excel工作簿（.xls）",
}


def kind_of(part: Part) -> FileKind | None:
    """Which of the kinds that may be asked for the file is."""
    return FileKind.IMAGE if part.media.startswith("image/") else _MEDIA.get(part.media)


def attached(incoming: Incoming, notice: Notice) -> tuple[Attached, ...]:
    """The files of the mail that the notice asks for beside the return. The return itself, as far as its content shows that
    it is, is none of them.

    A file that bears no word of the rule's name is taken for it only where it can be nothing else: a PDF under another name is
    more likely the scan.
    """
    returns = {part.file.sha256 for part in _returns(incoming, notice)}
    found: list[Attached] = []
    for rule in notice.attachments:
        taken = returns | {each.file.sha256 for each in found}
        free = [part for part in incoming.facts.parts if kind_of(part) in rule.kinds and part.sha256 not in taken]
        asked = _asked_for(free, rule, notice)
        found += [Attached(key=rule.key, name=rule.name, file=_file(incoming, part)) for part in asked]
    return tuple(found)


def without(incoming: Incoming, brought: Sequence[Attached]) -> Incoming:
    """What is left of a mail when these files are taken for what they are; to be asked for is no fault."""
    if not brought:
        return incoming
    hashes = {each.file.sha256 for each in brought}
    return replace(
        incoming,
        sheets=tuple(part for part in incoming.sheets if part.file.sha256 not in hashes),
        covers=tuple(part for part in incoming.covers if part.file.sha256 not in hashes),
        others=tuple(file for file in incoming.others if file.sha256 not in hashes),
        faults=tuple(fault for fault in incoming.faults if not _is_of(fault, hashes)),
    )


def lacking(brought: Iterable[Attached], notice: Notice) -> tuple[AttachmentRule, ...]:
    """What must still come."""
    keys = {each.key for each in brought}
    return tuple(rule for rule in notice.attachments if rule.required and rule.key not in keys)


def _is_of(fault: PartFault, hashes: Set[str]) -> bool:
    return fault.code == "attachment.unsupported" and fault.sha256 is not None and fault.sha256 in hashes


def _asked_for(parts: Sequence[Part], rule: AttachmentRule, notice: Notice) -> Sequence[Part]:
    """All whose name says it (现场照片1.jpg, 现场照片2.jpg); else, where any name will do, one that is certainly no part of the
    return."""
    words = [normalise(word) for word in rule.words or (rule.name,)]
    named = [part for part in parts if any(word in _name(part) for word in words)]
    if named or rule.words:
        return named
    return [part for part in parts if not part.inline and _cannot_be_return(part, notice)][:1]


def _name(part: Part) -> str:
    """Of the file itself, not of the archive that it came in."""
    return normalise(PurePosixPath(part.name.replace("\\", "/")).name)


def _cannot_be_return(part: Part, notice: Notice) -> bool:
    return part.kind is PartKind.OTHER or (part.kind is PartKind.SHEET and not notice.sheet_required)


def _returns(incoming: Incoming, notice: Notice) -> Iterator[SheetPart | CoverPart]:
    yield from (part for part in incoming.sheets if isinstance(part.reading, Sheet) and notice.sheet_required)
    for part in incoming.covers:
        if isinstance(part.reading, Cover) and shows_form(part.reading, notice.form):
            yield part


def shows_form(cover: Cover, form: Form) -> bool:
    """A page bears the form's title, or its table."""
    return any(has_title(page, form) or printed_table(page, form) for page in cover.pages)


def _file(incoming: Incoming, part: Part) -> FileRef:
    """As an attachment: whatever it was read as."""
    return FileRef(name=part.name, kind=Role.OTHER, sha256=part.sha256, size=part.size, mail=incoming.mail)
