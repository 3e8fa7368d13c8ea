"""Which letters a decision calls for, as facts: who gets what, and what must not be told to whom (spec section 8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.cover import Cover
from domain.judge import Decision
from domain.letter import Attachment, FileLine, Letter, LetterKind
from domain.notice import Notice
from domain.sheet import Sheet
from domain.submission import FileRef, Role, State, Submission


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
) -> Letter:
    """The one reply to a set: in full to the sender of its workbook, in one line to another sender of a part."""
    case = decision.submission
    reporter = notice.reporter(case.reporter) if case.reporter else None
    full = may_see_content(case, to)
    return Letter(
        kind=LetterKind.DECISION if full else LetterKind.OUTCOME,
        notice=notice.id,
        to=to,
        message_id=message_id,
        subject=subject,
        in_reply_to=in_reply_to,
        references=tuple(references),
        state=case.state,
        receipt=case.receipt,
        version=case.version,
        reporter_name=reporter.name if reporter else None,
        received_at=case.received_at.astimezone(notice.zone),
        late=case.late,
        unchanged=decision.unchanged,
        nil_return=case.nil_return,
        row_count=case.row_count if full else 0,
        files=tuple(file_lines(case)) if full else (),
        problems=case.problems if full else (),
        missing=missing_role(case),
        grace_ends=case.grace_ends.astimezone(notice.zone) if case.grace_ends else None,
        decided_by_staff=case.decided_by != "machine",
        reason=case.reason,
        attachments=tuple(attachments) if full else (),
    )


def superseded_letter(old: Submission, notice: Notice, *, to: str, message_id: str, subject: str) -> Letter:
    """One line to the earlier sender, when another address's submission took the place of theirs."""
    return Letter(
        kind=LetterKind.SUPERSEDED,
        notice=notice.id,
        to=to,
        message_id=message_id,
        subject=subject,
        in_reply_to=old.message_ids[-1] if old.message_ids else None,
        references=old.message_ids,
        state=old.state,
        receipt=old.receipt,
        version=old.version,
        received_at=old.received_at.astimezone(notice.zone),
    )


def may_see_content(case: Submission, address: str) -> bool:
    """Workbook, cell values and problems go only to the address that sent that workbook."""
    return case.sheet is None or case.sheet.sender.address == address


def missing_role(case: Submission) -> Role | None:
    """Which part an incomplete case still lacks."""
    if case.state is not State.INCOMPLETE:
        return None
    return Role.SHEET if case.sheet is None else Role.COVER


def file_lines(case: Submission) -> Iterable[FileLine]:
    """Each file with what was made of it."""
    if case.sheet:
        yield _line(case.sheet.file, _sheet_note(case))
    if case.cover:
        yield _line(case.cover.file, _cover_note(case))
    for other in case.others:
        yield _line(other, "未作为报送材料读取")


def _line(file: FileRef, note: str) -> FileLine:
    return FileLine(name=file.name, role=file.kind, size=file.size, sha256=file.sha256, note=note)


def _sheet_note(case: Submission) -> str:
    reading = case.sheet.reading if case.sheet else None
    if not isinstance(reading, Sheet):
        return "未能读取"
    return "零报告" if case.nil_return else f"读到{len(reading.rows)}行"


def _cover_note(case: Submission) -> str:
    reading = case.cover.reading if case.cover else None
    if not isinstance(reading, Cover):
        return "未能读取"
    seals = [seal for page in reading.pages for seal in page.seals]
    if not seals:
        return "未见印章"
    best = max(seals, key=lambda seal: seal.confidence)
    if not best.legible or not best.text:
        return "印章：有，但文字看不清"
    return f"印章：{best.text}{best.bottom}（清晰）"
