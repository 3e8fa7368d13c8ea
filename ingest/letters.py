"""Gathers what a letter needs from the outside: a Message-ID of ours, the marked workbook, the blank form, the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from uuid import uuid4

import structlog

from domain.addresses import canonical
from domain.checks import unopened
from domain.cover import Cover
from domain.judge import Decision
from domain.letter import Attachment, AttachmentRole, Collected, Letter, LetterKind
from domain.letters import (
    decision_letter,
    lacking_files,
    missing_role,
    precheck_letter,
    superseded_letter,
    unread_files,
)
from domain.mail import MailFacts, PartKind, only_links
from domain.marks import marks_of
from domain.notice import Notice, Reporter
from domain.pairing import Incoming
from domain.precheck import Prechecked
from domain.sheet import Sheet, SheetFormat
from domain.submission import State, Submission
from ingest import children
from ingest.app import App
from ingest.child import ChildFailed
from ingest.deaths import Death, note_marking
from notifier.blank_form import blank_form
from storage import inbox, outbox, quarantine, state, submissions
from storage.database import Transaction

log = structlog.get_logger(__name__)

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BLANK_NAME = "空白表.xlsx"


def message_id(app: App) -> str:
    """A Message-ID that is ours and cannot be guessed, so that answering it proves having had the letter."""
    return f"<{uuid4().hex}{app.own.message_id_suffix}>"


def reply(
    app: App,
    tx: Transaction,
    decision: Decision,
    incoming: Incoming,
    notice: Notice,
    to: str,
    attachments: Sequence[Attachment],
) -> Letter:
    """The reply to a mail about one decision."""
    facts = incoming.facts
    return decision_letter(
        decision,
        notice,
        to=to,
        message_id=message_id(app),
        subject=facts.subject,
        in_reply_to=facts.message_id,
        references=_references(facts),
        attachments=attachments,
        sender=facts.sender,
        others=_others(tx, decision.submission),
    )


def _others(tx: Transaction, case: Submission) -> tuple[Submission, ...]:
    """What came of the same reporter under other receipts, where any did; of nobody's submissions none is another's version."""
    return submissions.standing(tx, case.notice, case.reporter) if case.reporter and case.version > 1 else ()


def prechecked(
    app: App, checked: Prechecked, incoming: Incoming, notice: Notice, to: str, attachments: Sequence[Attachment]
) -> Letter:
    """The reply to a set of a mail that asked for a pre-check."""
    facts = incoming.facts
    return precheck_letter(
        checked.decision,
        notice,
        to=to,
        message_id=message_id(app),
        subject=facts.subject,
        in_reply_to=facts.message_id,
        references=_references(facts),
        attachments=attachments,
        difference=checked.difference,
        lent_by=checked.lent_by,
        by_hand=checked.by_hand,
    )


def _references(facts: MailFacts) -> tuple[str, ...]:
    """What a reply refers to: the mail, after what that referred to (RFC 5322, 3.6.4)."""
    return (*facts.in_thread, *((facts.message_id,) if facts.message_id else ()))


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whom a later letter goes to: `sender` sent the part, and `answer` is the letter that answered their mail."""

    sender: str
    answer: Letter

    @property
    def to(self) -> str:
        return self.answer.to


def recipients(tx: Transaction, case: Submission) -> tuple[Recipient, ...]:
    """Whom a decision is told that no mail caused: the sender of the workbook, then the sender of the newest part.

    Each where the reply to that mail went, since that was chosen with the mail at hand, by all rules; a mail that could
    not be answered then gives nobody.
    """
    parts = [part for part in (case.sheet, case.cover) if part]
    newest = max(parts, key=lambda part: (part.received_at, part.uid), default=None)
    mails = [(part.sender.mail, part.sender.address) for part in (case.sheet, newest) if part]
    found: dict[str, Recipient] = {}
    for mail, sender in mails or [(case.mails[-1], case.sender)]:
        for answer in _answers(tx, mail, case.reporter):
            found.setdefault(canonical(answer.to), Recipient(sender=sender, answer=answer))
    return tuple(found.values())


def _answers(tx: Transaction, mail: str, reporter: str | None) -> tuple[Letter, ...]:
    """The letters that answered a mail about this reporter; they may stand under an older receipt.

    One mail can bring the sets of several reporters, each answered at addresses of its own: nobody is told what is
    another's. When nobody knew yet whose the part was, only its sender can have been answered.
    """
    row = inbox.by_sha256(tx, mail)
    named: list[Letter] = []
    nameless: list[Letter] = []
    for answer in outbox.of_mail(tx, row.id) if row else ():
        about = submissions.load(tx, answer.receipt) if answer.receipt else None
        if about and about.reporter == reporter:
            named.append(answer.letter)
        elif about and about.reporter is None:
            nameless.append(answer.letter)
    return tuple(named or nameless)


def later(
    app: App,
    tx: Transaction,
    decision: Decision,
    notice: Notice,
    recipient: Recipient,
    attached: Sequence[Attachment],
) -> Letter:
    """The letter of a decision that no mail caused: by staff, or because the grace time ran out. It goes on in the
    recipient's own thread: another's mail of the same case is nothing they know."""
    return decision_letter(
        decision,
        notice,
        to=recipient.to,
        message_id=message_id(app),
        subject=recipient.answer.subject or notice.title,
        in_reply_to=recipient.answer.in_reply_to,
        references=recipient.answer.references,
        attachments=attached,
        sender=recipient.sender,
        others=_others(tx, decision.submission),
    )


def superseded(app: App, case: Submission, notice: Notice, recipient: Recipient) -> Letter:
    return superseded_letter(case, notice, answer=recipient.answer, message_id=message_id(app))


def guide(
    app: App, incoming: Incoming, notice: Notice, to: str, kind: LetterKind, writes_for: Reporter | None = None
) -> Letter:
    """A short guide with the blank form, made out for whom the sender is known to write, or one neutral line to a complaint."""
    facts = incoming.facts
    attached = (blank(app, notice, writes_for),) if kind is LetterKind.GUIDE and notice.sheet_required else ()
    return Letter(
        kind=kind,
        notice=notice.id,
        to=to,
        message_id=message_id(app),
        subject=facts.subject,
        in_reply_to=facts.message_id,
        references=_references(facts),
        files=unread_files(facts) if kind in (LetterKind.GUIDE, LetterKind.NOTED) else (),
        links=only_links(facts.faults),
        late=app.clock() > notice.deadline,
        attachments=attached,
    )


def which(app: App, incoming: Incoming, notices: Sequence[Notice], to: str) -> Letter:
    """To a question that names none of several notices: what is collected, and the question which is meant."""
    letter, now = guide(app, incoming, notices[0], to, LetterKind.NOTED), app.clock()
    collected = tuple(
        Collected(title=f"《{each.table_name}》（{each.number}）", deadline=each.deadline, late=now > each.deadline)
        for each in notices
    )
    return replace(letter, kind=LetterKind.GUIDE, collected=collected, late=False)


def noted(app: App, incoming: Incoming, notice: Notice, to: str, waiting: Submission | None) -> Letter:
    """One line to words in the thread of a letter of ours: what the submission `waiting` still waits for, without content."""
    letter = guide(app, incoming, notice, to, LetterKind.NOTED)
    if waiting is None:
        return letter
    ends = waiting.grace_ends.astimezone(notice.zone) if waiting.grace_ends else None
    return replace(
        letter, state=waiting.state, receipt=waiting.receipt, missing=missing_role(waiting),
        lacking=lacking_files(waiting), grace_ends=ends,
    )  # fmt: skip


def may_answer(tx: Transaction, kind: str, address: str, notice: Notice, now: datetime) -> bool:
    """One letter of a kind an address and day, as the bureau counts days. Notes the day when it says yes."""
    return state.once(tx, f"{kind}:{address}:{now.astimezone(notice.zone).date().isoformat()}", at=now)


def attachments(app: App, decision: Decision, notice: Notice) -> tuple[Attachment, ...]:
    """What goes with a rejection: the marked workbook, or the blank form when the form was wrong or missing."""
    case = decision.submission
    if case.state is not State.REJECTED:
        return ()
    if not notice.sheet_required:
        return ()
    reading = case.sheet.reading if case.sheet else None
    if isinstance(reading, Sheet):
        marked = _marked(app, case, reading, notice)
        return (marked,) if marked else ()
    if _wants_form(case):
        return (blank(app, notice, notice.reporter(case.reporter)),)
    return ()


def _wants_form(case: Submission) -> bool:
    """The form was wrong, or nothing is known of a workbook: who has printed it, or packed it away, has filled it in."""
    codes = {problem.code for problem in case.problems}
    if "sheet.wrong_form" in codes:
        return True
    if case.sheet or unopened(case.faults, PartKind.SHEET):
        return False
    printed = case.cover is not None and isinstance(case.cover.reading, Cover)
    return "attachment.unsupported" in codes or ("sheet.missing" in codes and not printed)


def blank(app: App, notice: Notice, reporter: Reporter | None) -> Attachment:
    """The form to fill in, made out for the reporter where it is known."""
    sha256 = app.blobs.put(blank_form(notice, reporter))
    name = f"{reporter.name if reporter else ''}{_BLANK_NAME}"
    return Attachment(name=name, sha256=sha256, media=_XLSX, role=AttachmentRole.BLANK)


def _marked(app: App, case: Submission, sheet: Sheet, notice: Notice) -> Attachment | None:
    """The reporter's own workbook with its bad cells marked; None when there is nothing to mark or it may not go back."""
    with app.database.read() as tx:
        marked = marks_of(case, notice, app.lists.at(tx, notice, case.received_at))
    if not app.settings.replies.return_workbook or sheet.active_content or not marked or case.sheet is None:
        return None
    with app.database.read() as tx:  # it was clean when it came; the scanner may have learnt since
        if quarantine.is_quarantined(tx, sheet.sha256):
            return None
    try:
        with app.task_folder() as folder:
            path = folder / "workbook"
            path.write_bytes(app.blobs.get(sheet.sha256))
            data = app.sandbox.decode(children.mark_job, str(path), sheet, notice.form, marked, folder=folder)
    except ChildFailed as failure:
        # The list in the letter says the same: a workbook that cannot be marked must not hold up the reply.
        log.warning("workbook_not_marked", receipt=case.receipt, reason=failure.reason, detail=failure.detail)
        with app.database.begin() as tx:
            note_marking(tx, sheet.sha256, Death(file=case.sheet.file.name, reason=failure.reason), app.clock())
        return None
    role = AttachmentRole.MARKED if sheet.format is SheetFormat.XLSX else AttachmentRole.REBUILT
    name = _marked_name(case.sheet.file.name, sheet.format)
    return Attachment(name=name, sha256=app.blobs.put(data), media=_XLSX, role=role)


def _marked_name(name: str, fmt: SheetFormat) -> str:
    """The name it came under; what was no .xlsx comes back as a new one."""
    own = PurePosixPath(name.replace("\\", "/")).name
    if fmt is SheetFormat.XLSX:
        return own
    return f"{own.rsplit('.', 1)[0]}-标注.xlsx"
