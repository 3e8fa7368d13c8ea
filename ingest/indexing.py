"""What goes into the search index, and when: with a decision, or soon after it, with a mail that became no submission, and all of it
anew."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from domain.documents import (
    OF_MAILS,
    Document,
    Kind,
    files_of_mail,
    is_breach,
    of_mail,
    of_reasons,
    of_submission,
    was_reviewed,
)
from domain.mail import MailFacts
from domain.many_rows import MANY
from domain.notice import Notice
from domain.pairing import Incoming
from domain.submission import Submission
from ingest import answers, children
from ingest.app import App
from ingest.child import ChildFailed
from ingest.passes import Stopped, never
from storage import inbox, quarantine, search, search_waiting, search_writing, state, submissions
from storage.codec import is_light
from storage.database import Transaction
from storage.inbox import MailStatus
from storage.kept import KeptMail, kept_mails
from storage.search_writing import Subject

log = structlog.get_logger(__name__)

_OF_RECORDS = frozenset(Kind) - OF_MAILS


def index_decision(tx: Transaction, case: Submission, notice: Notice, beside: Sequence[Document] = ()) -> None:
    """Puts in what a submission holds now, and its mail's words. What it held before stays, as earlier. One of many rows waits for
    `index_waiting`, and so does what is decided on it after that; the words are put in at once, since no record holds them."""
    if case.row_count > MANY or search_waiting.of(tx, case.receipt):
        search_waiting.note(tx, case.receipt, case.row_version)
        if beside:
            search_writing.put(tx, _subject(case), beside)
    else:
        _index(tx, case, notice, beside)


def index_waiting(app: App, stopped: Stopped = never) -> int:
    """Puts in what waits, each submission in a transaction of its own. → how many there were."""
    with app.database.read() as tx:
        receipts = search_waiting.receipts(tx)
    for done, receipt in enumerate(receipts):
        if stopped():
            return done
        with app.database.begin() as tx:
            for number in search_waiting.take(tx, receipt):
                case = submissions.as_decided(tx, receipt, number)
                _index(tx, case, app.notice(case.notice))
    return len(receipts)


def _subject(case: Submission) -> Subject:
    return Subject(
        name=case.receipt, notice=case.notice, reporter=case.reporter, state=str(case.state), received_at=case.received_at,
        uid=case.uid, late=case.late, breach=is_breach(case), reviewed=was_reviewed(case),
    )  # fmt: skip


def _index(tx: Transaction, case: Submission, notice: Notice, beside: Sequence[Document] = ()) -> None:
    replaces = _OF_RECORDS - ({Kind.PAGE} if is_light(case) else set())
    documents = (*of_submission(case, notice), *of_reasons(case), *beside)
    search_writing.put(tx, _subject(case), documents, replaces=replaces)


def words_of(tx: Transaction, facts: MailFacts, sha256: str) -> tuple[Document, ...]:
    """What a mail says; nothing of one in which a virus was found."""
    return () if quarantine.is_quarantined(tx, sha256) else of_mail(facts, sha256)


def index_mail(tx: Transaction, incoming: Incoming, disposition: str) -> None:
    """Puts in a mail that became no submission, with the names of its files."""
    origin = incoming.origin
    subject = Subject(
        name=f"mail:{incoming.mail}", notice=None, reporter=None, state=disposition, received_at=origin.received_at,
        uid=origin.uid,
    )  # fmt: skip
    if documents := words_of(tx, incoming.facts, incoming.mail):
        search_writing.put(tx, subject, (*documents, *files_of_mail(incoming.facts)))


def rebuild(app: App, progress: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Makes the index anew from records and archived mails; the worker may go on meanwhile. → how many subjects it has.

    Mails are opened in the sandbox again, since no record holds their words. One that cannot be opened is left out.
    """
    with app.database.begin() as tx:
        search_writing.clear(tx)
        state.put(tx, search.DUE, True, at=app.clock())
    with app.database.read() as tx:
        receipts = [case.receipt for case in reversed(submissions.list_(tx))]
        mails = [mail for mail in kept_mails(tx) if mail.status == MailStatus.DONE]
    for done, receipt in enumerate(receipts, 1):
        with app.database.begin() as tx:
            _again(app, tx, receipt)
        progress(done, len(receipts) + len(mails))
    for done, mail in enumerate(mails, 1):
        _mail_again(app, mail)
        progress(len(receipts) + done, len(receipts) + len(mails))
    with app.database.begin() as tx:
        state.remove(tx, search.DUE)
    return len(receipts) + len(mails)


def _again(app: App, tx: Transaction, receipt: str) -> None:
    """Every decision on a submission, oldest first, as they were put in."""
    search_waiting.take(tx, receipt)
    for number in range(1, len(submissions.history(tx, receipt)) + 1):
        case = submissions.as_decided(tx, receipt, number)
        _index(tx, case, app.notice(case.notice))


def _mail_again(app: App, mail: KeptMail) -> None:
    if not app.blobs.has(mail.sha256):
        return
    with app.database.read() as tx:
        row = inbox.load(tx, mail.id)
    try:
        facts = _opened(app, app.blobs.get(mail.sha256), row.origin.account)
    except ChildFailed as failure:
        log.warning("mail_not_indexed", mail=mail.id, reason=failure.reason)
        return
    with app.database.begin() as tx:
        for receipt in mail.cases:
            search_writing.add(tx, receipt, words_of(tx, facts, mail.sha256))
        if not mail.cases:
            index_mail(tx, Incoming(mail=mail.sha256, facts=facts, origin=row.origin), row.disposition or "")


def _opened(app: App, raw: bytes, account: str) -> MailFacts:
    """The mail alone, not its files. Raises ChildFailed."""
    with tempfile.TemporaryDirectory(prefix="baosong-") as folder:
        path = Path(folder) / "mail.eml"
        path.write_bytes(raw)
        answer = app.sandbox.decode(
            children.open_job, str(path), folder, app.own.at(account), app.limits, folder=Path(folder)
        )
        return replace(answers.mail_of(answer), faults=())
