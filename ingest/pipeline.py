"""What becomes of one mail: gather what stands, judge, and write the outcome in one transaction.

`ingest.jobs` calls `settle` for every mail that was read; nothing here reads a stranger's bytes or talks to a server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from domain import identify
from domain.compare import similarity
from domain.cover import Cover
from domain.judge import Decision, Outcome, Standing, judge, numbered
from domain.letter import Attachment, Letter, LetterKind
from domain.mail import Intent, MailFacts, MailKind, PartFault
from domain.notice import Notice, Reporter
from domain.pairing import Incoming, PartSet, pair
from domain.problems import Severity
from domain.sheet import Sheet
from domain.submission import SheetPart, State, Submission
from ingest import letters
from ingest.addressing import reply_to
from ingest.app import App
from ingest.reading import ReadMail
from storage import inbox, ledger, outbox, submissions, tasks
from storage.canonical import Json
from storage.database import Transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What was done with a mail: its disposition, and the state of every submission it decided."""

    disposition: str
    decided: dict[str, State] = field(default_factory=dict)
    """Receipt → state."""


def settle(app: App, mail_id: int, read: ReadMail) -> Settled:
    """Decides a mail and records everything about it: once, or not at all."""
    incoming = read.incoming
    for content in read.contents.values():
        app.blobs.put(content)
    if incoming.facts.kind is not MailKind.HUMAN:
        return _settle_machine(app, mail_id, incoming)
    sets = sets_of(incoming, read.notice)
    if not sets:
        return _settle_words(app, mail_id, incoming, read.notice)
    return _settle_sets(app, mail_id, read, sets)


def sets_of(incoming: Incoming, notice: Notice) -> tuple[PartSet, ...]:
    """The sets of a mail; an empty one when files came but none could be the return, so that this is told."""

    def likeness(sheet: Sheet, cover: Cover) -> float:
        return max((similarity(sheet, page, notice.form) for page in cover.pages), default=0.0)

    def unit_of(part: SheetPart) -> str | None:
        reading = part.reading if isinstance(part.reading, Sheet) else None
        reporter = identify.reporter_of(reading, None, notice).reporter
        return reporter.code if reporter else None

    sets = pair(incoming, likeness, unit_of)
    if sets or not any(_meant_as_return(fault) for fault in incoming.faults):
        return sets
    return (PartSet(),)


def _meant_as_return(fault: PartFault) -> bool:
    """A locked archive or a .docx stands where the return should; a stray .txt beside a question does not."""
    return fault.candidate_for is not None or fault.code != "attachment.unsupported"


def _settle_machine(app: App, mail_id: int, incoming: Incoming) -> Settled:
    """Automatic mail is recorded, never answered; a bounce of our letter and files in it go to staff."""
    facts, now = incoming.facts, app.clock()
    with app.database.begin() as tx:
        if facts.kind is MailKind.BOUNCE:
            _note_bounce(tx, facts, now)
        elif facts.kind is not MailKind.OWN and any(not part.inline for part in facts.parts):
            tasks.add(
                tx,
                kind="automatic_with_files",
                subject=f"mail:{mail_id}",
                text="自动邮件中带有附件，请看一下是不是报送材料。",
                at=now,
            )
        inbox.finish(
            tx, mail_id, disposition=f"ignored.{facts.kind}", reason=facts.kind_reason, kind=str(facts.kind), at=now
        )
        ledger.append(tx, "mail.ignored", f"mail:{incoming.mail}", {"kind": str(facts.kind)}, at=now)
    return Settled(disposition="ignored")


def _note_bounce(tx: Transaction, facts: MailFacts, now: datetime) -> None:
    """Ties a bounce to the letter it is about: the clerk has to be telephoned."""
    for identifier in facts.in_thread:
        letter = outbox.ours(tx, identifier)
        if letter:
            tasks.add(
                tx,
                kind="bounce",
                subject=letter.receipt or identifier,
                text="回复被退回，对方没有收到，请打电话告知。",
                at=now,
            )
            return


def _settle_words(app: App, mail_id: int, incoming: Incoming, notice: Notice) -> Settled:
    """A human mail without files: a guide, one neutral line, or a task, and never a submission."""
    facts = incoming.facts
    complaint = facts.intent is Intent.COMPLAINT
    kind = "complaint" if complaint else ("withdraw" if facts.intent is Intent.WITHDRAW else "question")
    texts = {
        "complaint": "收到投诉或举报，请专人处理。",
        "withdraw": "来信要求撤回报送材料，请人工处理。",
        "question": "来信没有附件，请看一下是否需要人工答复。",
    }
    now = app.clock()
    with app.database.begin() as tx:
        tasks.add(tx, kind=kind, subject=f"mail:{mail_id}", text=texts[kind], confidential=complaint, at=now)
        address = reply_to(facts, (), app.own.addresses)
        if address and letters.may_guide(tx, address, now):
            letter_kind = LetterKind.COMPLAINT if complaint else LetterKind.GUIDE
            outbox.put(
                tx, letters.guide(app, incoming, notice, address, letter_kind), mail_id=mail_id, exempt=False, at=now
            )
        inbox.finish(tx, mail_id, disposition=kind, reason=str(facts.intent), kind=str(facts.kind), at=now)
        ledger.append(
            tx, "mail.words", f"mail:{incoming.mail}", {"kind": "complaint" if complaint else "words"}, at=now
        )
    return Settled(disposition="words")


def _settle_sets(app: App, mail_id: int, read: ReadMail, sets: Sequence[PartSet]) -> Settled:
    """Judges every set of a mail in turn: each is decided on what stands after the one before it.

    Raises Conflict when another decision on the same case came between: the mail is then judged again.
    """
    incoming, notice = read.incoming, read.notice
    drafts: list[_Draft] = []
    for parts in sets:
        draft = _judge(app, parts, incoming, notice)
        drafts.append(replace(draft, attachments=letters.attachments(app, draft.decision, notice)))
    decided: dict[str, State] = {}
    with app.database.begin() as tx:
        for code, seen in {draft.reporter: draft.seen for draft in drafts if draft.reporter}.items():
            submissions.advance_case(tx, notice.id, code, seen)
        for draft in drafts:
            decision = _store(tx, draft.decision, incoming, notice, app.clock())
            case = decision.submission
            if decision.outcome is Outcome.DECIDED:
                decided[case.receipt] = case.state
            _answer(app, tx, decision, incoming, notice, mail_id, draft.attachments)
        inbox.finish(
            tx,
            mail_id,
            disposition=inbox.SUBMISSION,
            reason=" ".join(decided) or "resent",
            kind="human",
            at=app.clock(),
        )
    return Settled(disposition="submission" if decided else "resent", decided=decided)


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """A decision not yet stored. `seen` is the version of the case it was judged on."""

    decision: Decision
    reporter: str | None
    seen: int
    attachments: tuple[Attachment, ...] = ()


def _judge(app: App, parts: PartSet, incoming: Incoming, notice: Notice) -> _Draft:
    with app.database.read() as tx:
        reporter = _reporter(tx, parts, incoming, notice)
        standing = _standing(tx, incoming, notice, reporter)
        code = reporter.code if reporter else None
        seen = submissions.case_version(tx, notice.id, code)
    decision = judge(parts, incoming, notice=notice, reporter=reporter, standing=standing)
    return _Draft(decision=decision, reporter=code, seen=seen)


def _reporter(tx: Transaction, parts: PartSet, incoming: Incoming, notice: Notice) -> Reporter | None:
    """Whose return it is: by its content, else by the thread it answers, else by the sender's waiting case."""
    sheet = parts.sheet.reading if parts.sheet else None
    found = content_reporter(parts, notice)
    if found or (isinstance(sheet, Sheet) and sheet.header.get("unit") and sheet.header["unit"].text):
        return found
    for receipt in _answered(tx, incoming.facts):
        case = submissions.load(tx, receipt)
        if case and case.reporter:
            return notice.reporter(case.reporter)
    for case in submissions.open_incomplete(tx, notice.id):
        if case.sender == incoming.facts.sender and case.reporter:
            return notice.reporter(case.reporter)
    return None


def content_reporter(parts: PartSet, notice: Notice) -> Reporter | None:
    """Whose return a set is by what it says: 填报单位, title, rows, printed cover, seal."""
    sheet = parts.sheet.reading if parts.sheet else None
    cover = parts.cover.reading if parts.cover else None
    return identify.reporter_of(
        sheet if isinstance(sheet, Sheet) else None, cover if isinstance(cover, Cover) else None, notice
    ).reporter


def _answered(tx: Transaction, facts: MailFacts) -> frozenset[str]:
    """Receipts of the submissions that this mail's thread is about."""
    found = set()
    for identifier in facts.in_thread:
        letter = outbox.ours(tx, identifier)
        if letter and letter.receipt:
            found.add(letter.receipt)
        found |= {case.receipt for case in submissions.by_message_id(tx, identifier)}
    return frozenset(found)


def _standing(tx: Transaction, incoming: Incoming, notice: Notice, reporter: Reporter | None) -> Standing:
    answered = _answered(tx, incoming.facts)
    if reporter is None:
        return Standing(answered=answered)
    return Standing(
        submissions=submissions.standing(tx, notice.id, reporter.code),
        known_addresses=frozenset(reporter.addresses),
        answered=answered,
    )


def _store(tx: Transaction, decision: Decision, incoming: Incoming, notice: Notice, now: datetime) -> Decision:
    """Numbers and saves a decision with what it supersedes, and enters it into the ledger."""
    case = decision.submission
    if not case.receipt:
        day = case.opened_at.astimezone(notice.zone).date()
        receipt = submissions.next_receipt(tx, short=notice.short, code=case.reporter or "XX", day=day)
        decision = numbered(decision, receipt, submissions.next_version(tx, notice.id, case.reporter))
    return store_decision(tx, decision, cause=incoming.mail, now=now)


def store_decision(tx: Transaction, decision: Decision, *, cause: str, now: datetime) -> Decision:
    """Saves the submission and those it supersedes; one ledger entry each. `cause`: mail hash, staff or grace."""
    saved = [
        submissions.save(tx, case, at=now, ledger_entry=_enter(tx, case, decision.outcome, cause, now))
        for case in (decision.submission, *decision.superseded)
    ]
    return replace(decision, submission=saved[0], superseded=tuple(saved[1:]))


def _enter(tx: Transaction, case: Submission, outcome: Outcome, cause: str, now: datetime) -> int:
    """The ledger entry of a decision: hashes, codes and states, nothing about persons."""
    body: dict[str, Json] = {
        "receipt": case.receipt,
        "notice": case.notice,
        "reporter": case.reporter,
        "state": str(case.state),
        "outcome": str(outcome),
        "version": case.version,
        "by": case.decided_by,
        "cause": cause,
        "mails": list(case.mails),
        "files": [{"kind": str(file.kind), "sha256": file.sha256, "size": file.size} for file in case.files],
        "problems": sorted(f"{p.code} {p.cell or ''}".strip() for p in case.problems),
        "superseded_by": case.superseded_by,
        "blobs": [*case.mails, *(file.sha256 for file in case.files)],
    }
    return ledger.append(tx, "submission.decided", case.receipt, body, at=now)


def _answer(
    app: App,
    tx: Transaction,
    decision: Decision,
    incoming: Incoming,
    notice: Notice,
    mail_id: int,
    attached: Sequence[Attachment],
) -> None:
    """The reply of a decision, or a task for staff where nobody may be written to."""
    case = decision.submission
    reporter = notice.reporter(case.reporter) if case.reporter else None
    address = reply_to(incoming.facts, reporter.addresses if reporter else (), app.own.addresses)
    if case.state is State.REVIEW and decision.outcome is Outcome.DECIDED:
        codes = "、".join(sorted({p.code for p in case.problems if p.severity is Severity.REVIEW}))
        tasks.add(tx, kind="review", subject=case.receipt, text=f"需要人工核对：{codes}", at=app.clock())
    if address is None:
        tasks.add(
            tx, kind="unanswerable", subject=case.receipt, text="没有可以回复的地址，请打电话告知结果。", at=app.clock()
        )
        return
    letter = letters.reply(app, decision, incoming, notice, address, attached)
    queue(app, tx, decision, letter, notice, mail_id=mail_id)


def queue(
    app: App, tx: Transaction, decision: Decision, letter: Letter, notice: Notice, *, mail_id: int | None = None
) -> None:
    """Puts the letter of a decision into the outbox, in place of an unsent one of the same case, and one line to each
    earlier sender whose submission was replaced by another address's."""
    receipt = decision.submission.receipt
    outbox.withdraw_unsent(tx, receipt)
    entries = ledger.entries_of(tx, receipt)
    letter = replace(letter, ledger_number=entries[-1].id if entries else None)
    outbox.put(tx, letter, mail_id=mail_id, exempt=True, at=app.clock())
    for case in decision.superseded:
        if case.sender and case.sender != letter.to and case.sender not in app.own.addresses:
            outbox.put(tx, letters.superseded(app, case, notice), exempt=False, at=app.clock())
