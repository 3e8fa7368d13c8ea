"""Which letters a decision calls for, as facts: who gets what, and what must not be told to whom (spec section 8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.addresses import same
from domain.cover import Cover, Seal, SealKind
from domain.judge import Decision, Outcome
from domain.letter import Attachment, FileLine, Letter, LetterKind
from domain.mail import FaultCause, MailFacts
from domain.mixed_up import OF_ANOTHER, unit_on_scan
from domain.notice import Notice, Reporter
from domain.sheet import Sheet
from domain.submission import FileRef, Role, SheetPart, State, Submission
from domain.text import edit_distance
from domain.versions import Difference, without_earlier

_UNREAD = "未作为报送材料读取"

_FURTHER = "扫描件的另一部分"

_NAMED_SHEETS = 5

_CLOSED = frozenset({"attachment.unreadable", "attachment.bomb", "attachment.malware"})
"""Faults of files that were not opened at all."""


def decision_letter(
    decision: Decision,
    notice: Notice,
    *,
    to: str,
    message_id: str,
    subject: str,
    in_reply_to: str | None,
    references: Sequence[str],
    attachments: Sequence[Attachment] = (),
    sender: str | None = None,
    others: Sequence[Submission] = (),
) -> Letter:
    """The one reply to a set: in full to the sender of its workbook, in one line to another sender of a part.

    `sender` is the author of the answered mail where the reply goes to another address of theirs (an honoured Reply-To);
    `others`: what else there is of the reporter.
    """
    letter = replace(
        _outcome(decision, notice, to=to, message_id=message_id),
        subject=subject,
        in_reply_to=in_reply_to,
        references=tuple(references),
    )
    case, reader = decision.submission, sender or to
    if not may_see_content(case, reader):
        own_scan = case.cover is not None and same(case.cover.sender.address, reader)
        return replace(letter, beside_anothers=own_scan)
    if not (decision.superseded or knows_earlier(case, reader, others, notice)):
        letter = replace(letter, version=None)
    return replace(_in_full(letter, decision, notice, attachments), difference=_changes(decision, reader, to))


def _outcome(decision: Decision, notice: Notice, *, to: str, message_id: str) -> Letter:
    """What anybody who sent a part may know."""
    case = decision.submission
    reporter = notice.reporter(case.reporter)
    return Letter(
        kind=LetterKind.OUTCOME,
        notice=notice.id,
        to=to,
        message_id=message_id,
        subject="",
        state=case.state,
        receipt=case.receipt,
        version=case.version,
        reporter_name=reporter.name if reporter else None,
        received_at=case.received_at.astimezone(notice.zone),
        late=case.late,
        unchanged=decision.unchanged,
        resent=decision.outcome is Outcome.RESENT,
        nil_return=case.nil_return,
        missing=missing_role(case),
        lacking=lacking_files(case),
        pages=_pages(case),
        grace_ends=case.grace_ends.astimezone(notice.zone) if case.grace_ends else None,
        decided_by_staff=case.decided_by != "machine",
    )


def _in_full(letter: Letter, decision: Decision, notice: Notice, attachments: Sequence[Attachment]) -> Letter:
    """With the content, for the sender of the workbook."""
    case = decision.submission
    reporter = notice.reporter(case.reporter)
    other = unit_on_scan(case, notice) if any(each.code in OF_ANOTHER for each in case.problems) else None
    return replace(
        letter,
        kind=LetterKind.DECISION,
        scan_of=other.name if other else None,
        replaces=tuple(old.receipt for old in decision.superseded),
        row_count=case.row_count,
        several_sheets=len(_sheets_of(case.sheet)) > 1,
        files=tuple(file_lines(case, reporter)),
        problems=case.problems,
        reason=case.reason,
        attachments=tuple(attachments),
    )


def precheck_letter(
    decision: Decision,
    notice: Notice,
    *,
    to: str,
    message_id: str,
    subject: str,
    in_reply_to: str | None,
    references: Sequence[str],
    attachments: Sequence[Attachment] = (),
    difference: Difference | None = None,
    lent_by: str | None = None,
    by_hand: bool = False,
) -> Letter:
    """The full reply to a set that is not filed: no receipt, no version, and to nobody but the sender of its workbook."""
    letter = _in_full(_outcome(decision, notice, to=to, message_id=message_id), decision, notice, attachments)
    return replace(
        letter,
        kind=LetterKind.PRECHECK,
        subject=subject,
        in_reply_to=in_reply_to,
        references=tuple(references),
        receipt=None,
        grace_ends=None,
        unchanged=difference is not None and difference.is_none,
        difference=difference,
        lent_by=lent_by,
        by_hand=by_hand,
    )


def _changes(decision: Decision, sender: str, to: str) -> Difference | None:
    """What an acknowledgment says of the difference from the version it took the place of."""
    case = decision.submission
    if case.state is not State.ACCEPTED or decision.outcome is not Outcome.DECIDED:
        return None
    return readable(case.difference, case, sender=sender, to=to)


def readable(difference: Difference | None, case: Submission, *, sender: str, to: str) -> Difference | None:
    """The difference as its reader may see it: the values of the earlier workbook go only to the address that sent that,
    and a sender whose address was not proven (DMARC) is nobody but whoever the letter goes to."""
    if difference is None:
        return None
    reader = to if case.sheet and case.sheet.sender.dmarc_failed else sender
    return difference if same(difference.sender, reader) else without_earlier(difference)


def superseded_letter(old: Submission, notice: Notice, *, answer: Letter, message_id: str) -> Letter:
    """One line to the earlier sender, when another address's submission took the place of theirs. `answer` is the
    letter that answered their mail: this one goes on in its thread."""
    return Letter(
        kind=LetterKind.SUPERSEDED,
        notice=notice.id,
        to=answer.to,
        message_id=message_id,
        subject=answer.subject or notice.title,
        in_reply_to=answer.in_reply_to,
        references=answer.references,
        state=old.state,
        receipt=old.receipt,
        version=old.version,
        received_at=old.received_at.astimezone(notice.zone),
    )


def may_see_content(case: Submission, address: str) -> bool:
    """Workbook, cell values and problems go only to the address that sent that workbook; where the scan is all there is, to
    the one that sent that."""
    part = case.sheet or case.cover
    return part is None or same(part.sender.address, address)


def _pages(case: Submission) -> int:
    """How many pages the scan has."""
    reading = case.cover.reading if case.cover else None
    return reading.page_count if isinstance(reading, Cover) else 0


def knows_earlier(case: Submission, reader: str, others: Iterable[Submission], notice: Notice) -> bool:
    """Whether a reader may be told how many versions came before: an address known for the reporter, or one that sent an
    earlier one."""
    reporter = notice.reporter(case.reporter)
    if case.version <= 1 or (reporter and any(same(known, reader) for known in reporter.addresses)):
        return True
    senders = (
        address
        for other in others
        if other.receipt != case.receipt
        for address in (other.sender, *(part.sender.address for part in (other.sheet, other.cover) if part))
    )
    return any(same(address, reader) for address in senders)


def missing_role(case: Submission) -> Role | None:
    """Which part an incomplete case still lacks."""
    if case.state is not State.INCOMPLETE:
        return None
    codes = {problem.code for problem in case.problems}
    if "attachment.missing" in codes and not codes & {"sheet.missing", "cover.missing"}:
        return None
    return Role.COVER if "cover.missing" in codes or case.sheet else Role.SHEET


def lacking_files(case: Submission) -> tuple[str, ...]:
    """Names of the other files that an incomplete case still lacks."""
    if case.state is not State.INCOMPLETE:
        return ()
    return tuple(problem.field or "" for problem in case.problems if problem.code == "attachment.missing")


def file_lines(case: Submission, reporter: Reporter | None = None) -> Iterable[FileLine]:
    """Each file with what was made of it."""
    doubt = "，不知以哪份为准" if case.rivals else ""
    asked = {each.file.sha256: each.name for each in case.attached}
    closed = {each.sha256 for each in case.faults if each.code in _CLOSED or each.cause is FaultCause.FORMAT}
    if case.sheet:
        yield _line(case.sheet.file, _sheet_note(case.sheet, nil_return=case.nil_return) + doubt)
    for rival in case.rivals:
        yield _line(rival.file, _sheet_note(rival) + doubt)
    if case.cover:
        yield _line(case.cover.file, _cover_note(case, reporter))
        for further in case.cover.further:
            yield _line(further, _FURTHER)
    for other in case.others:
        if other.sha256 in asked:
            yield _line(other, f"{asked[other.sha256]}，已收存")
        else:
            yield _line(other, "未能打开" if other.sha256 in closed else _UNREAD)


def unread_files(facts: MailFacts) -> tuple[FileLine, ...]:
    """The files of a mail that are of no kind we read, and no trimming of mail programs."""
    unread = {fault.name for fault in facts.faults}
    return tuple(
        FileLine(name=part.name, role=Role.OTHER, size=part.size, sha256=part.sha256, note=_UNREAD)
        for part in facts.parts
        if part.name in unread
    )


def _line(file: FileRef, note: str) -> FileLine:
    return FileLine(name=file.name, role=file.kind, size=file.size, sha256=file.sha256, note=note)


def _sheet_note(part: SheetPart, *, nil_return: bool = False) -> str:
    if not isinstance(part.reading, Sheet):
        return "不是规定的表格" if part.reading.code == "sheet.wrong_form" else "未能读取"
    sheets = _sheets_of(part)
    where = f"（{len(sheets)}张工作表：{'、'.join(sheets[:_NAMED_SHEETS])}{'等' * (len(sheets) > _NAMED_SHEETS)}）"
    return "零报告" if nil_return else f"读到{len(part.reading.rows)}行{where if len(sheets) > 1 else ''}"


def _sheets_of(part: SheetPart | None) -> tuple[str, ...]:
    """Names of the sheets that the rows stand on."""
    reading = part.reading if part else None
    if not isinstance(reading, Sheet):
        return ()
    return tuple(dict.fromkeys(row.sheet or reading.sheet for row in reading.rows))


def _cover_note(case: Submission, reporter: Reporter | None) -> str:
    """What seal was read. Where the checks took it for the reporter's, its name is told, not a misread letter of it."""
    reading = case.cover.reading if case.cover else None
    if not isinstance(reading, Cover):
        return "未能读取"
    codes = {problem.code for problem in case.problems}
    if "cover.not_a_scan" in codes:
        return "不是纸面扫描件"
    own = case.findings.pages if case.findings else ()
    seals = [seal for page in reading.pages if page.number in own or not own for seal in page.seals]
    elsewhere = "cover.unstamped" in codes and any(seal.kind is not SealKind.OTHER for seal in seals)
    if not seals or elsewhere:
        return "未见印章" if "cover.unstamped" in codes else "印章看不清"
    legible = [seal for seal in seals if seal.legible and seal.text]
    if not legible or "cover.seal_unreadable" in codes:
        return "有印章，文字看不清"
    doubted = any(code.startswith(("cover.seal_", "cover.unstamped", "cover.colourless")) for code in codes)
    if reporter is None or doubted:
        best = max(legible, key=lambda seal: seal.confidence)
        return f"印章：{best.text}{best.bottom}（清晰）"
    return f"印章：{_nearest(legible, reporter)}（清晰）"


def _nearest(seals: Sequence[Seal], reporter: Reporter) -> str:
    """The allowed name that a seal's reading is nearest to."""
    pairs = ((edit_distance(seal.text, name), name, seal.text) for seal in seals for name in reporter.seal_names)
    _, name, text = min(pairs, default=(0, "", seals[0].text))
    return name or text
