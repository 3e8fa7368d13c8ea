"""What of a submission or mail can be searched for: one document for each thing that is found by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.cover import Cover
from domain.mail import Intent, MailFacts
from domain.notice import Notice
from domain.problems import Severity
from domain.segment import PART, hash_identifier, message_identifier
from domain.sheet import Row, Sheet
from domain.submission import HistoryEntry, State, Submission

LONGEST = 4_000
"""Characters of one document. Beyond them stand quoted originals and pages of prose; of a printed table none is longer."""
MOST_ROWS = 10_000
"""Rows of one workbook that are found by what they say: they are put in while others wait for the database. A county has hundreds."""
_POLICY = "policy."
_REMINDER = "policy.restricted_app"  # the app is allowed, and listed as 关注


class Kind(StrEnum):
    """What a document is. Those of mails stay with the receipt whatever is decided later."""

    RECEIPT = "receipt"
    HEADER = "header"
    ROW = "row"
    PROBLEM = "problem"
    SEAL = "seal"
    PAGE = "page"
    FILE = "file"
    REASON = "reason"
    SUBJECT = "subject"
    SENDER = "sender"
    BODY = "body"


OF_MAILS = frozenset({Kind.SUBJECT, Kind.SENDER, Kind.BODY})


@dataclass(frozen=True, kw_only=True)
class Document:
    """`place` is told to people. Parts of `text` are parted by PART. `identifiers` are hashes and Message-IDs that name it; numbers
    in the text need not be listed."""

    kind: Kind
    place: str
    text: str
    identifiers: frozenset[str] = frozenset()


def is_breach(case: Submission) -> bool:
    """Whether it reports what breaks the notice or the measures."""
    return any(p.code.startswith(_POLICY) and p.code != _REMINDER for p in case.problems)


def was_reviewed(case: Submission) -> bool:
    """Whether a person had, or has, to look at it or decided it."""
    asked = any(problem.severity is Severity.REVIEW for problem in case.problems)
    return asked or case.state is State.REVIEW or case.decided_by != "machine"


def of_submission(case: Submission, notice: Notice) -> tuple[Document, ...]:
    """All that stands in a submission now. A light one has no print of pages."""
    return tuple(
        _bounded(one)
        for one in (*_receipt(case, notice), *_sheet(case, notice), *_problems(case), *_cover(case), *_files(case))
        if one.text.strip()
    )


def of_reasons(case: Submission) -> tuple[Document, ...]:
    """Why a person, or the end of the grace time, decided as it did."""
    if not case.reason:
        return ()
    return (_bounded(Document(kind=Kind.REASON, place="办理意见", text=_parts(case.reason, case.decided_by))),)


def of_decision(entry: HistoryEntry) -> tuple[Document, ...]:
    """The same of an earlier decision."""
    if not entry.reason:
        return ()
    return (_bounded(Document(kind=Kind.REASON, place="办理意见", text=_parts(entry.reason, entry.by))),)


def of_mail(facts: MailFacts, sha256: str) -> tuple[Document, ...]:
    """Subject, sender and words of a mail; nothing of a tip-off, which is for few eyes."""
    if facts.intent is Intent.COMPLAINT:
        return ()
    named = {hash_identifier(sha256)} | ({message_identifier(facts.message_id)} if facts.message_id else set())
    found = (
        Document(kind=Kind.SUBJECT, place="邮件主题", text=facts.subject or "（无主题）", identifiers=frozenset(named)),
        Document(kind=Kind.SENDER, place="发件人", text=_parts(facts.sender, facts.sender_name)),
        Document(kind=Kind.BODY, place="邮件正文", text=facts.text),
    )
    return tuple(_bounded(one) for one in found if one.text.strip())


def files_of_mail(facts: MailFacts) -> tuple[Document, ...]:
    """The files of a mail that became no submission."""
    if facts.intent is Intent.COMPLAINT:
        return ()
    return tuple(_file(part.name, part.sha256) for part in facts.parts if not part.inline)


def _receipt(case: Submission, notice: Notice) -> Iterator[Document]:
    reporter = notice.reporter(case.reporter)
    yield Document(kind=Kind.RECEIPT, place="回执", text=_parts(case.receipt, reporter.name if reporter else ""))


def _sheet(case: Submission, notice: Notice) -> Iterator[Document]:
    labels = {field.key: field.name for field in notice.form.header}
    for reading in (part.reading for part in (case.sheet, *case.rivals) if part):
        if reading.title:
            yield Document(kind=Kind.HEADER, place="电子表 标题", text=_line(reading.title.text))
        for key, value in reading.header.items():
            yield Document(kind=Kind.HEADER, place=f"电子表 {labels.get(key, key)}", text=_line(value.text))
        if isinstance(reading, Sheet):
            further = (row for rows in (reading.totals, *reading.tables.values()) for row in rows)
            yield from (_row(row) for row in (*reading.rows, *further)[:MOST_ROWS])


def _row(row: Row) -> Document:
    sheet = f"（{row.sheet}）" if row.sheet else ""
    said = row.said_in(tuple(row.cells))
    numbers = (phone.digits for one in said if one and (phone := one[2]))
    cells = row.texts
    further = [digits for digits in numbers if digits not in cells]  # as it is dialled, where it was written otherwise
    return Document(kind=Kind.ROW, place=f"电子表 第{row.number}行{sheet}", text=_parts(*cells, *further))


def _problems(case: Submission) -> Iterator[Document]:
    for problem in case.problems:
        where = f"问题 {problem.cell}" if problem.cell else "问题"
        text = _parts(problem.code, problem.field or "", problem.message, problem.value or "")
        yield Document(kind=Kind.PROBLEM, place=where, text=text)


def _cover(case: Submission) -> Iterator[Document]:
    reading = case.cover.reading if case.cover else None
    if not isinstance(reading, Cover):
        return
    for seal in reading.seals:
        yield Document(kind=Kind.SEAL, place=f"扫描件第{seal.page}页 印章", text=_parts(seal.text, seal.bottom))
    for page in reading.pages:
        lines, cells = ([item.reading.text for item in page.lines], [item.reading.text for item in page.cells])
        yield Document(kind=Kind.PAGE, place=f"扫描件第{page.number}页 文字", text=_parts(*lines, *cells))


def _files(case: Submission) -> Iterator[Document]:
    yield from (_file(file.name, file.sha256) for file in case.files)


def _file(name: str, sha256: str) -> Document:
    return _bounded(
        Document(kind=Kind.FILE, place="文件名", text=_line(name), identifiers=frozenset({hash_identifier(sha256)}))
    )


def _bounded(document: Document) -> Document:
    if len(document.text) <= LONGEST:
        return document
    return Document(
        kind=document.kind, place=document.place, text=document.text[:LONGEST], identifiers=document.identifiers
    )


def _parts(*texts: str) -> str:
    return PART.join(line for line in map(_line, texts) if line)


def _line(text: str) -> str:
    """A value on one line: a name that wraps in its cell is one name."""
    return " ".join(text.split())
