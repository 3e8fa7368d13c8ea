"""The jobs: poll, process, expire, send. The scheduler, `run --once` and the demo all call these same functions.

Each may be run again at any time: what is done is known by the database, and doing it twice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context

import structlog
from structlog.contextvars import bound_contextvars

from domain.judge import expire
from domain.submission import State
from ingest import behind, outages, patience
from ingest.app import App
from ingest.errors import (
    CommandRefused,
    LoginRefused,
    MailIncomplete,
    Permanent,
    TooEarly,
    Transient,
)
from ingest.health import full_disks, room_words
from ingest.holding import set_aside
from ingest.lanes import lanes_of
from ingest.mailbox import FetchedMail, Mailbox
from ingest.passes import PassReport, Stopped, never
from ingest.troubles import remembered
from ingest.verdicts import decide_later
from storage import inbox, ledger, retention, signing, submissions, tasks, turns
from storage.database import Transaction
from storage.errors import Conflict, Mismatch, Unavailable
from storage.inbox import Filing
from storage.receiving import Arrival, receive_all

log = structlog.get_logger(__name__)

POLLED_AT_ONCE = 4
"""Mailboxes. Of each two groups of mails are in memory, of 8 MB or one large mail."""
REFUSED_AT_MOST = 5
"""So many mails may be refused in one pass of filing before the account is left for the next: a lost connection is as
good as all of them."""


def poll(app: App, report: PassReport, stopped: Stopped = never, *, leaving: Collection[str] = ()) -> None:
    """Takes every new mail of every mailbox but those left alone into the archive and the inbox ledger; nothing on the server
    changes. Several mailboxes are polled side by side: one that does not answer keeps no other waiting."""
    names = [name for name in app.mailboxes if name not in leaving]
    if len(names) == 1:
        poll_one(app, names[0], report, stopped)
        return
    reports = {name: PassReport() for name in names}
    with ThreadPoolExecutor(max_workers=POLLED_AT_ONCE, thread_name_prefix="poll") as threads:
        polls = [threads.submit(copy_context().run, poll_one, app, name, reports[name], stopped) for name in names]
    for one in reports.values():
        report.received += one.received
        report.failures += one.failures
    for done in polls:
        done.result()


def poll_one(app: App, name: str, report: PassReport, stopped: Stopped = never) -> None:
    """One mailbox. While a disk of the records is nearly full nothing is fetched: on the server mails are safe."""
    if _no_room(app, name, report):
        return
    mailbox = app.mailboxes[name]
    with bound_contextvars(mailbox=name):
        try:
            with app.stages.timed("poll"), remembered(app.database, name, mailbox.troubles):
                _poll_mailbox(app, name, mailbox, report, stopped)
        except TooEarly:
            pass  # nothing was tried; what went wrong when something was, has been told
        except LoginRefused as error:
            report.failures.append(f"mailbox {name}: log-in refused ({error}); check the authorization code")
            log.error("login_refused", error=str(error), retry_seconds=round(error.retry_after))
            with app.database.begin() as tx:
                outages.failed(tx, outages.POLL, name, app.clock(), refused=True)
                tasks.add(tx, "mailbox_login", name, "邮箱登录被拒绝，请检查授权码是否过期。", at=app.clock())
        except (
            Transient,
            Permanent,
            Unavailable,
        ) as error:  # the last: nothing was stored, the mails lie where they lay
            report.failures.append(f"mailbox {name}: {error}")
            log.warning("poll_failed", error=str(error))
            with app.database.begin() as tx:
                outages.failed(tx, outages.POLL, name, app.clock())


def _no_room(app: App, name: str, report: PassReport) -> bool:
    full = full_disks(app)
    if full:
        report.failures.append(f"mailbox {name}: not polled: {', '.join(room_words(disk) for disk in full)}")
        with suppress(Unavailable), app.database.begin() as tx:  # which may lie on that very disk
            outages.failed(tx, outages.POLL, name, app.clock())
    return bool(full)


def _poll_mailbox(app: App, name: str, mailbox: Mailbox, report: PassReport, stopped: Stopped) -> None:
    """All folders of one mailbox. Only when every mail of every folder was had is the poll finished, save the few that
    the server has long refused to give."""
    begun, complete, whole = app.clock(), True, list[str]()
    for folder in mailbox.folders():
        try:
            if _poll_folder(app, mailbox, folder, report, stopped):
                whole.append(folder)
            else:
                complete = False
        except MailIncomplete as error:
            log.warning("mails_incomplete", error=str(error))
            with app.database.begin() as tx:
                if not patience.left_out(tx, name, folder, error, now=app.clock(), zone=app.settings.staff.zone):
                    complete = False
                    report.failures.append(f"mailbox {name}: {error}")
    with app.database.begin() as tx:
        tasks.close_kind(tx, "mailbox_login", name)
        outages.worked(tx, outages.POLL, name)
        outages.reached(tx, name, app.clock())
        for folder in whole:
            patience.folder_had(tx, name, folder, app.clock())
        if complete:
            inbox.poll_finished(tx, name, begun)


def _poll_folder(app: App, mailbox: Mailbox, folder: str, report: PassReport, stopped: Stopped) -> bool:
    """One folder: each batch is stored and committed before the next is fetched. → False when stopped half-way."""

    def seen(*, account: str, folder: str, uidvalidity: int, first_uid: int) -> set[int]:
        with app.database.read() as tx:
            return inbox.known_uids(tx, account, folder, uidvalidity, first_uid)

    for batch in mailbox.new_batches(folder, seen):
        report.received += receive(app, batch)
        if stopped() or full_disks(app):
            return False
    return True


def receive(app: App, mails: Iterable[FetchedMail]) -> int:
    """Archives mails durably, then records them in one transaction. → how many were not known before."""
    batch = list(mails)
    app.stages.beat("poll")

    def erased(hashes: Collection[str]) -> set[str]:
        """Those that are still on the server: known, and not to be kept again."""
        with app.database.read() as tx:
            return retention.erased_mails(tx, hashes)

    hashes = app.blobs.take_in((mail.raw for mail in batch), unless=erased)
    with app.database.read() as tx:
        lanes = lanes_of(app, tx, batch)
    arrivals = [
        Arrival(
            sha256=sha256,
            size=mail.size_announced if mail.oversize else len(mail.raw),
            origin=mail.origin,
            lane=lane.key,
            most=lane.most,
        )
        for mail, sha256, lane in zip(batch, hashes, lanes, strict=True)
    ]
    with app.database.begin() as tx:
        patience.arrived(tx, [mail.origin for mail in batch], app.clock())
        for account in {mail.origin.account for mail in batch}:
            outages.reached(tx, account, app.clock())
        received = receive_all(tx, arrivals, at=app.clock())
        behind.tell_staff(app, tx, arrivals, received)
        for mail, got in zip(batch, received, strict=True):
            if got.new_mail and mail.short and not _closed(mail.raw):
                log.error("mail_cut_short", mail=got.mail_id, announced=mail.size_announced, had=len(mail.raw))
                text = "有一封邮件从邮箱取回时总是不完整，已保存所取到的部分，未作办理，请在邮箱中查看。"
                set_aside(app, tx, got.mail_id, "fetched shorter than announced, every time", text)
    return sum(got.new_mail for got in received)


def _closed(raw: bytes) -> bool:
    """A multipart that ends with its closing delimiter (RFC 2046, 5.1.1) is whole: the server announced a wrong size."""
    return raw.rstrip().endswith(b"--")


def expire_grace(app: App, report: PassReport) -> None:
    """Rejects cases whose grace time ended before a poll of all folders that finished later (spec, fine print)."""
    with app.database.read() as tx:
        polled = inbox.last_complete_poll(tx, tuple(app.settings.mailboxes))
        waiting = inbox.oldest_waiting(tx)  # it may be the very part that came in time
        due = submissions.due_grace(tx, min(polled, waiting or polled, app.clock())) if polled else ()
        since = turns.behind_since(tx) if due else {}
    for receipt in due:
        try:
            with app.database.read() as tx:
                case = submissions.load(tx, receipt)
                seen = submissions.case_version(tx, case.notice, case.reporter) if case else 0
            if case and case.state is State.INCOMPLETE and not behind.waits_for(case, since):
                report.decided[receipt] = decide_later(app, expire(case), seen, cause="grace").state
        except Conflict:
            log.info("case_changed_meanwhile", receipt=receipt)  # it is looked at again next time


def seal(app: App) -> None:
    """Chains the waiting ledger entries and writes the head beside the archive; a head that lags, or is gone, anew.

    Raises Mismatch when the head there is not of this database: it is the proof that something was lost.
    """
    found = ledger.find_head(app.blobs.papers)
    with app.database.begin() as tx:
        ledger.seal_alone(tx)
        kept = ledger.check_head(tx, found)
        _sign(app, tx)
        ledger.seal(tx, at=app.clock())
        head = ledger.head(tx)
    if head and head != kept:
        ledger.write_head(app.blobs.papers, head)


def _sign(app: App, tx: Transaction) -> None:
    """Signs the head as it stands at the first sealing of a day of the bureau, where a key is configured. What stands in
    the way of it stops no letter: the operator is told."""
    if app.signing_key is None:
        return
    day = app.clock().astimezone(app.settings.staff.zone).date()
    try:
        if signing.sign_head(tx, app.blobs.papers, app.signing_key, day, app.clock()):
            log.info("head_signed", day=day.isoformat())
    except (Mismatch, Unavailable, OSError) as error:
        log.error("head_not_signed", error=str(error))


def file_mails(app: App, report: PassReport) -> None:
    """Flags and moves submissions on the server, and held mails to the folder for staff; other mail stays in place."""
    with app.database.read() as tx:
        rows = patience.filing_order(tx, inbox.to_file(tx))
    refused: Counter[str] = Counter()
    for row in rows:
        if refused[row.origin.account] >= REFUSED_AT_MOST:
            continue
        mailbox = app.mailboxes.get(row.origin.account)  # none for a replayed mail: it lies on no server
        try:
            found = mailbox.file(row.origin, "failed" if row.held else "done") if mailbox else False
        except (Transient, Permanent) as error:
            log.warning("not_filed", mail=row.mail_id, error=str(error))
            if not _left_unfiled(app, row, error):
                report.failures.append(f"mailbox {row.origin.account}: {error}")
                refused[row.origin.account] += 1 if isinstance(error, CommandRefused) else REFUSED_AT_MOST
            continue
        with app.database.begin() as tx:
            patience.filed(tx, row, "moved" if found else "gone", app.clock())


def _left_unfiled(app: App, row: Filing, error: Exception) -> bool:
    """Whether the mail is now left where it is: the server has long refused this one, and not the others."""
    if not isinstance(error, CommandRefused):
        return False
    with app.database.begin() as tx:
        return patience.not_filed(tx, row, app.clock())
