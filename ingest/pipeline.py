"""What becomes of one mail: gather what stands, judge, and write the outcome in one transaction.

`ingest.jobs` calls `settle` for every mail that was read; nothing here reads a stranger's bytes or talks to a server.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import structlog

from domain.catalogue import called
from domain.checks.cover import is_stamped_form
from domain.cover import Cover
from domain.documents import Document
from domain.judge import Decision, Outcome, judge, numbered
from domain.letter import Attachment, Letter
from domain.mail import Intent, MailKind
from domain.notice import Notice
from domain.pairing import Incoming
from domain.people import people_of
from domain.problems import Severity
from domain.sheet import Sheet
from domain.submission import SheetPart, State, Submission
from ingest import gathering, letters, scanning
from ingest.addressing import reply_to
from ingest.app import App
from ingest.bounces import note_heard
from ingest.deaths import note_deaths
from ingest.dues import Due, due
from ingest.indexing import index_decision, words_of
from ingest.precheck import PRECHECK, settle_precheck
from ingest.reading import ReadMail
from ingest.words import note_complaint, note_withdrawal, settle_junk, settle_machine, settle_words
from notifier.subjects import asks_precheck
from storage import inbox, ledger, outbox, people, submissions, tasks
from storage.canonical import Json
from storage.codec import Record
from storage.database import Transaction
from storage.vouching import recorded, vouched

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
    scanning.note(app, mail_id, read)
    app.blobs.put_many(read.contents.values())
    if read.deaths:
        with app.database.begin() as tx:
            note_deaths(tx, mail_id, incoming.facts, read.deaths, app.clock())
    if incoming.facts.kind is not MailKind.HUMAN:
        return Settled(disposition=settle_machine(app, mail_id, incoming))
    unwanted = app.is_junk(incoming.origin) or incoming.facts.intent is Intent.ADVERTISE
    if unwanted and not _is_of_ours(app, read):
        return Settled(disposition=settle_junk(app, mail_id, incoming))
    note_heard(app, incoming)
    if incoming.facts.intent is Intent.COMPLAINT and not _reports_too(app, read):
        return Settled(disposition=settle_words(app, mail_id, read))
    sets = due(read)
    if not sets:
        return Settled(disposition=settle_words(app, mail_id, read))
    if asks_precheck(incoming.facts.subject):
        settle_precheck(app, mail_id, read, sets)
        return Settled(disposition=PRECHECK)
    return _settle_sets(app, mail_id, read, sets)


def _is_of_ours(app: App, read: ReadMail) -> bool:
    """Whether a mail among junk, or one like an advertisement, is a return, or from somebody known."""
    with app.database.read() as tx:
        vouched_for = any(gathering.is_vouched_for(tx, read.incoming.facts, notice) for notice in app.notices)
    return vouched_for or _reports_too(app, read)


def _reports_too(app: App, read: ReadMail) -> bool:
    """Whether a mail that speaks of a complaint is a return all the same. Else its files are evidence: a tip-off must
    not be answered with a receipt and a list of faults."""
    if any(_holds_return(share.incoming, share.notice) for share in read.shares):
        return True
    with app.database.read() as tx:
        return any(gathering.is_awaited(tx, read.incoming.facts, notice) for notice in app.notices)


def _holds_return(incoming: Incoming, notice: Notice) -> bool:
    scans = (part.reading for part in incoming.covers)
    stamped = any(isinstance(scan, Cover) and is_stamped_form(scan, notice) for scan in scans)
    return stamped or any(_like_the_form(part, notice) for part in incoming.sheets)


def _like_the_form(part: SheetPart, notice: Notice) -> bool:
    """The workbook holds the form, or at least half of its columns."""
    if isinstance(part.reading, Sheet):
        return True
    missing = len(part.reading.missing_columns)
    return part.reading.code == "sheet.wrong_form" and 0 < missing * 2 <= len(notice.form.columns)


def _settle_sets(app: App, mail_id: int, read: ReadMail, sets: Sequence[Due]) -> Settled:
    """Judges every set of a mail, each of another reporter or notice, and stores them together.

    Raises Conflict when another decision on the same case came between: the mail is then judged again.
    """
    with app.database.alone("case", _cases(app, sets)):  # else of many workers all but one would have judged in vain
        return _judge_sets(app, mail_id, read, sets)


def _cases(app: App, sets: Sequence[Due]) -> Iterator[str]:
    """Names of the cases that are judged. Nothing is looked up where nobody asks, as on SQLite."""
    with app.database.read() as tx:
        reporters = [(one.notice, gathering.reporter_of(tx, one.parts, one.incoming, one.notice)) for one in sets]
    yield from sorted({f"{notice.id}/{reporter.code if reporter else ''}" for notice, reporter in reporters})


def _judge_sets(app: App, mail_id: int, read: ReadMail, sets: Sequence[Due]) -> Settled:
    facts = read.incoming.facts
    drafts: list[_Draft] = []
    for one in sets:
        draft = _judge(app, one, alone=len(sets) == 1)
        drafts.append(replace(draft, attachments=letters.attachments(app, draft.decision, one.notice)))
    # Of scans that are no submission's the file is kept, but nothing that was made of it.
    shown = {name for draft in drafts for name in draft.decision.submission.pictures}
    app.blobs.put_many(picture for name, picture in read.pictures.items() if name in shown)
    decided: dict[str, State] = {}
    with app.database.begin() as tx:
        for (notice, code), seen in {(draft.due.notice.id, draft.reporter): draft.seen for draft in drafts}.items():
            submissions.advance_case(tx, notice, code, seen)
        for draft in drafts:
            decision = _store(app, tx, draft, read)
            case = decision.submission
            if decision.outcome is Outcome.DECIDED:
                decided[case.receipt] = case.state
            _answer(app, tx, decision, draft, mail_id)
        note_complaint(tx, mail_id, facts, app.clock())
        if State.ACCEPTED not in decided.values():
            note_withdrawal(tx, mail_id, facts, read.notice, app.clock())
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

    due: Due
    decision: Decision
    reporter: str | None
    seen: int
    attachments: tuple[Attachment, ...] = ()


def _judge(app: App, due: Due, *, alone: bool) -> _Draft:
    parts, incoming, notice = due.parts, due.incoming, due.notice
    with app.database.read() as tx:
        reporter = gathering.reporter_of(tx, parts, incoming, notice)
        standing = gathering.standing_of(tx, incoming, notice, reporter, alone=alone)
        code = reporter.code if reporter else None
        seen = submissions.case_version(tx, notice.id, code)
        lists = app.lists.at(tx, notice, incoming.origin.received_at)
        previous = gathering.previous_of(tx, app.notices, notice, reporter, incoming)
    decision = judge(
        parts, incoming, notice=notice, reporter=reporter, standing=standing, lists=lists, previous=previous
    )
    return _Draft(due=due, decision=decision, reporter=code, seen=seen)


def _store(app: App, tx: Transaction, draft: _Draft, read: ReadMail) -> Decision:
    """Numbers and saves a decision with what it supersedes, and enters it into the ledger."""
    decision, notice = draft.decision, draft.due.notice
    case = decision.submission
    if not case.receipt:
        day = case.opened_at.astimezone(notice.zone).date()
        receipt = submissions.next_receipt(tx, short=notice.short, code=case.reporter or "XX", day=day)
        decision = numbered(decision, receipt, submissions.next_version(tx, notice.id, case.reporter))
    words = words_of(tx, read.incoming.facts, read.incoming.mail)
    return store_decision(app, tx, decision, cause=read.incoming.mail, brought=tuple(read.contents), words=words)


def store_decision(
    app: App, tx: Transaction, decision: Decision, *, cause: str, brought: Sequence[str] = (),
    words: Sequence[Document] = (),
) -> Decision:  # fmt: skip
    """Saves the submission and those it supersedes; one ledger entry each. `cause`: mail hash, staff or grace;
    `brought`: hashes of all files of that mail, whether they are the submission's or not; `words`: what it can be found by.

    Of what is in review no more nobody need look: its task is closed.
    """
    now = app.clock()
    saved = [
        submissions.save(tx, case, at=now, enter=partial(_enter, app, tx, case, decision.outcome, cause, now, brought))
        for case in (decision.submission, *decision.superseded)
    ]
    for case in saved:
        index_decision(tx, case, app.notice(case.notice), words if case is saved[0] else ())
        if case.state is not State.REVIEW:
            tasks.close_kind(tx, "review", case.receipt, at=now)
        if case.state is State.ACCEPTED:
            tasks.close_kind(tx, "nothing_accepted", _whose(case), at=now)
    return replace(decision, submission=saved[0], superseded=tuple(saved[1:]))


def _enter(
    app: App,
    tx: Transaction,
    case: Submission,
    outcome: Outcome,
    cause: str,
    now: datetime,
    brought: Sequence[str],
    record: Record,
) -> int:
    """The ledger entry of a decision: hashes, codes and states; of persons keyed digests alone."""
    persons = people_of(case, app.notice(case.notice).form)
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
        "evidence": vouched(case),
        "record": recorded(record),
        "people": people.digests(app.people_key, record.salt, persons),
        "blobs": list(dict.fromkeys((*case.mails, *(file.sha256 for file in case.files), *brought, *case.pictures))),
    }
    return ledger.append(tx, ledger.DECIDED, case.receipt, body, at=now)


def _answer(
    app: App,
    tx: Transaction,
    decision: Decision,
    draft: _Draft,
    mail_id: int,
) -> None:
    """The reply of a decision, or a task for staff where nobody may be written to."""
    case, incoming, notice = decision.submission, draft.due.incoming, draft.due.notice
    reporter = notice.reporter(case.reporter)
    known = gathering.known_addresses(tx, notice, reporter)
    addresses = reply_to(incoming.facts, known, app.own.addresses)
    if case.state is State.REVIEW and decision.outcome is Outcome.DECIDED:
        codes = sorted({p.code for p in case.problems if p.severity is Severity.REVIEW})
        names = "、".join(called(code, notice.own_rules) for code in codes)
        tasks.add(tx, kind="review", subject=case.receipt, text=f"需要人工核对：{names}", at=app.clock())
    if not addresses:
        unanswerable(tx, case.receipt, app.clock())
        return
    told = [letters.reply(app, tx, decision, incoming, notice, address, draft.attachments) for address in addresses]
    queue(app, tx, decision, told, notice, mail_id=mail_id)


def unanswerable(tx: Transaction, receipt: str, now: datetime) -> None:
    """A task for staff in place of a reply."""
    tasks.add(tx, kind="unanswerable", subject=receipt, text="没有可以回复的地址，请打电话告知结果。", at=now)


def nothing_accepted(tx: Transaction, case: Submission, earlier: Sequence[str], now: datetime) -> None:
    """A task for staff: what they rejected had replaced an accepted submission, which does not come back by itself."""
    text = f"已退回{case.receipt}，该单位现在没有已受理的材料。{case.receipt}先前替代了{'、'.join(earlier)}，是否恢复受理，请人工决定。"
    tasks.add(tx, kind="nothing_accepted", subject=_whose(case), text=text, at=now)


def _whose(case: Submission) -> str:
    return f"{case.notice}/{case.reporter or case.receipt}"


def queue(
    app: App,
    tx: Transaction,
    decision: Decision,
    told: Sequence[Letter],
    notice: Notice,
    *,
    mail_id: int | None = None,
) -> None:
    """Puts the letters of a decision into the outbox, in place of unsent ones of the same case, and one line to each
    earlier sender whose submission was replaced by another address's.

    A part that completes a case has the one reply of that pass, to its sender (spec, fine print). A resend, or a
    decision that no mail caused, takes back only what its own recipients are now told anew.
    """
    receipt = decision.submission.receipt

    def resting(letter: Letter, on: str) -> Letter:
        """With the entry of the decision it tells of."""
        entries = ledger.entries_of(tx, on)
        return replace(letter, ledger_number=entries[-1].id if entries else None)

    by_part = mail_id is not None and decision.outcome is Outcome.DECIDED
    to = None if by_part else [letter.to for letter in told]
    outbox.withdraw_unsent(tx, receipt, to=to, at=app.clock())
    for letter in told:
        exempt = decision.outcome is Outcome.DECIDED
        outbox.put(tx, resting(letter, receipt), mail_id=mail_id, exempt=exempt, at=app.clock())
    addresses = {letter.to for letter in told}
    for case in decision.superseded:
        earlier = next(iter(letters.recipients(tx, case)), None)
        if earlier and earlier.to not in addresses:
            letter = letters.superseded(app, case, notice, earlier)
            outbox.put(tx, resting(letter, case.receipt), exempt=False, at=app.clock())
