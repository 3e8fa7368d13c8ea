"""The send job: seal the ledger, render each letter once, hand it to SMTP, and know whether it arrived."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from traceback import format_tb

import structlog
from structlog.contextvars import bound_contextvars

from domain.letter import GENERATED, Letter, LetterKind
from ingest import budgets, jobs, outages
from ingest.accounts import account_of, server_of_alarm
from ingest.app import App
from ingest.configured import smtp_name
from ingest.domains import budget_domain
from ingest.errors import Permanent, Transient
from ingest.passes import PassReport, Stopped, never
from ingest.sending_pace import Pace
from notifier.errors import LoginRefusal, OutcomeUnknown, PermanentRefusal, ServerRefusal, TemporaryRefusal
from notifier.letters import render
from notifier.mime import build_message
from storage import correspondents, ledger, outbox, tasks
from storage.errors import Unavailable
from storage.ledger import Head
from storage.outbox import Claimed

log = structlog.get_logger(__name__)

ROOM = 8 * 1024 * 1024
"""Bytes the disk must have left: a letter that went out and cannot be noted as sent would go out again."""
_LEASE_SECONDS = 600
_GIVE_UP = timedelta(days=3)
_GIVE_UP_TRIES = 12
_GIVE_UP_TRIES_OF_OURS = 430
"""Three days are some thirty tries, or 860 of a server of our own that takes none, since those come every five minutes. After half
as many or fewer it is the clock that has jumped, and the letter is not given up."""
_LOOKED_FOR = 5
"""So many tries a letter that may have gone waits for the Sent folder to be read, some hours, before it is repeated."""
_DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1), timedelta(hours=3))
_UNREACHABLE = timedelta(hours=1)
_NOTED_AGAIN = (0.0, 1.0, 4.0)
"""Seconds: a server that ended our connections, or was restarted, has come back by then."""
_LOOK_AGAIN = 1.0
"""Seconds: while accounts pause, letters over others may have come."""
_SERVERS_DELAYS = 2
_SERVER_DOWN = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """`down` names the `[smtp]` that take no letter in this batch: what is to go over one of them waits."""

    down: set[str]
    pace: Pace


def send(
    app: App,
    report: PassReport,
    stopped: Stopped = never,
    *,
    leaving: Collection[str] = (),
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Sends every letter that is due, but over servers left alone, each account at its pace. A refusal is for later or for staff; it
    never stops the others. While database or archive cannot serve, all wait."""
    try:
        _send_due(app, report, stopped, leaving, sleep)
    except Unavailable as error:
        report.failures.append(f"letters wait: {error}")


def _send_due(
    app: App, report: PassReport, stopped: Stopped, leaving: Collection[str], sleep: Callable[[float], object]
) -> None:
    jobs.seal(app)
    batch = _Batch(down=set(leaving), pace=Pace(app=app))
    with ExitStack() as connections:
        for sender in app.senders:
            connections.enter_context(sender)  # opened by the first letter, closed at the end of the batch
        while not stopped():
            if app.database.room() < ROOM:
                report.failures.append(
                    f"disk full: less than {ROOM >> 20} MB left; no letter is sent until there is room"
                )
                return
            with app.database.begin() as tx:
                claimed = outbox.claim(tx, app.clock(), _LEASE_SECONDS)
            if claimed:
                _send_or_set_aside(app, claimed, report, batch)
            elif rest := batch.pace.rest(app.clock()):
                sleep(min(rest, _LOOK_AGAIN))
            else:
                return


def _send_or_set_aside(app: App, claimed: Claimed, report: PassReport, batch: _Batch) -> None:
    """A letter that cannot even be rendered must not hold up the others: it waits, and the operator is told."""
    with bound_contextvars(letter=claimed.id):
        try:
            _send_one(app, claimed, report, batch)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 the worker must outlive any one letter, as any one mail
            log.error("letter_set_aside", error=type(error).__name__, trace="".join(format_tb(error.__traceback__)))
            _later(app, claimed, error, report, told=type(error).__name__, unsure=claimed.unsure)


def _send_one(app: App, claimed: Claimed, report: PassReport, batch: _Batch) -> None:
    now, account = app.clock(), _account(app, claimed)
    server = smtp_name(app.settings, account)
    if not claimed.unsure and _unreachable(app, claimed, now):
        return
    wait = _SERVER_DOWN if server in batch.down else budgets.wait(app, claimed.row, now) or batch.pace.wait(server, now)
    if wait:
        with app.database.begin() as tx:
            outbox.postpone(tx, claimed, now + wait)
        return
    sha256 = rendered(app, claimed)
    try:
        if not (claimed.unsure and _was_sent(app, claimed)):
            with app.stages.timed("send"):
                app.smtp_of(account).send(app.blobs.get(sha256), claimed.letter.to)
    except (Transient, Permanent) as error:
        _later(app, claimed, error, report, told="the Sent folder cannot be read", unsure=True)
    except PermanentRefusal as error:
        log.warning("letter_refused", code=error.code)
        with app.database.begin() as tx:
            outbox.failed(tx, claimed.id, f"对方邮件服务器拒收（{error.code}），请打电话告知。", at=now)
    except (TemporaryRefusal, OutcomeUnknown) as error:
        told = f"{type(error).__name__} {error.code}"
        ours = error.code == 0 or isinstance(error, ServerRefusal)
        _note_server(app, server, error if ours else None)
        if ours:
            batch.down.add(server)
        _later(app, claimed, error, report if ours else None, told=told, unsure=isinstance(error, OutcomeUnknown))
    else:
        _sent(app, claimed, report)
        _note_server(app, server, None)


def _note_server(app: App, server: str, error: Exception | None) -> None:
    """For the alarm: whether the server of that `[smtp]` took a letter, or at least heard whom it was for."""
    with app.database.begin() as tx:
        if error:
            outages.failed(tx, outages.SEND, server, app.clock(), refused=isinstance(error, LoginRefusal))
        else:
            outages.worked(tx, outages.SEND, server)


def rendered(app: App, claimed: Claimed) -> str:
    """SHA-256 of the letter's bytes: rendered once, with the sealed head that covers its decision.

    They follow from what is stored, its date being when it was put into the outbox: after a crash between the archive
    and the database the same bytes are made again, and no other letter is left in the archive that nobody sent.
    """
    if claimed.row.sha256:
        return claimed.row.sha256
    letter = claimed.letter
    head = _covering_head(app, letter)
    text = render(
        letter,
        app.notice(letter.notice),
        head_number=head.number if head else None,
        head_hash=head.hash if head else None,
        rules_url=app.settings.replies.rules_url,
    )
    files = [(file, app.blobs.get(file.sha256)) for file in letter.attachments]
    sender, date = app.sender_of(_account(app, claimed)), claimed.row.created_at
    raw = build_message(letter, text, sender=sender, attachments=files, date=date)
    with app.database.begin() as tx:
        return outbox.rendered(tx, claimed.id, app.blobs.put(raw), at=app.clock())


def _account(app: App, claimed: Claimed) -> str | None:
    if claimed.letter.alarm:
        return server_of_alarm(app, claimed.row)
    with app.database.read() as tx:
        return account_of(tx, claimed.row)


def _covering_head(app: App, letter: Letter) -> Head | None:
    """The head the letter shall carry. A decision that came after this round's sealing is sealed now."""
    for _ in range(2):
        with app.database.read() as tx:
            head = ledger.covers(tx, letter.ledger_number) if letter.ledger_number else ledger.head(tx)
        if head or not letter.ledger_number:
            return head
        jobs.seal(app)
    raise LookupError(f"ledger entry {letter.ledger_number} cannot be sealed")


def _unreachable(app: App, claimed: Claimed, now: datetime) -> bool:
    """Whether the address cannot be reached: a letter came back, and nobody wrote from there since. What is to go there
    waits until somebody does, or a person says that it can be reached; staff telephone meanwhile."""
    with app.database.read() as tx:
        if claimed.letter.kind is LetterKind.STAFF or not correspondents.is_unreachable(tx, claimed.letter.to):
            return False
    with app.database.begin() as tx:
        subject = outbox.subject_of(claimed.id, claimed.letter.receipt)
        if now - claimed.row.created_at > _GIVE_UP:
            outbox.failed(
                tx, claimed.id, "先前的回复被退回，三天内没有再收到对方来信，这封没有发出，请打电话告知。", at=now
            )
        else:
            text = "发往这个邮箱的回复先前被退回，新的回复暂不发出，等对方再次来信或人工确认后再发，请打电话告知。"
            tasks.add(tx, "unreachable", subject, text, at=now)
            outbox.postpone(tx, claimed, now + _UNREACHABLE)
    log.info("letter_waits_for_its_address")
    return True


def _was_sent(app: App, claimed: Claimed) -> bool:
    """Looks for a letter whose sending ended with no word among the newest of the Sent folders.

    Raises Transient or Permanent where one cannot be read now: the letter waits for that, though not for ever.
    """
    unread: Transient | Permanent | None = None
    for mailbox in app.mailboxes.values():
        try:
            if mailbox.find_sent(claimed.letter.message_id):
                return True
        except (Transient, Permanent) as error:
            log.warning("sent_folder_not_read", error=str(error))
            unread = error
    if unread and claimed.row.attempts <= _LOOKED_FOR:
        raise unread
    return False


def _later(
    app: App, claimed: Claimed, error: Exception, report: PassReport | None, *, told: str, unsure: bool = False
) -> None:
    """`told` goes to the log: the provider's own words may name the recipient, so they stay in the database. `report`
    is None where the fault is the recipient's (a full mailbox): that is nothing for the operator to mend."""
    now, attempts = app.clock(), claimed.row.attempts
    log.warning("letter_postponed", attempt=attempts, error=told)
    if report:
        report.failures.append(f"letter {claimed.id} not sent yet: {told}")
    enough = _GIVE_UP_TRIES_OF_OURS if isinstance(error, ServerRefusal) else _GIVE_UP_TRIES
    with app.database.begin() as tx:
        if now - claimed.row.created_at > _GIVE_UP and attempts >= enough:
            outbox.failed(tx, claimed.id, "三天内未能发出回复，请打电话告知。", at=now)
        else:
            # Our own server is asked for all letters at once: that each waits ever longer spares it nothing, and would
            # keep them for hours when it serves again.
            delays = _DELAYS[:_SERVERS_DELAYS] if isinstance(error, ServerRefusal) else _DELAYS
            outbox.retry(tx, claimed.id, now + delays[min(attempts, len(delays)) - 1], str(error), unsure=unsure)


def _sent(app: App, claimed: Claimed, report: PassReport) -> None:
    """Notes it, however often it takes while the database goes away and comes back: what went and is not noted goes again."""
    for pause in (*_NOTED_AGAIN, None):
        try:
            with app.database.begin() as tx:
                outbox.sent(tx, claimed.id, app.clock(), domain=budget_domain(claimed.letter.to))
            break
        except Unavailable as error:
            if pause is None:
                raise
            log.warning("letter_not_noted", error=str(error), again_seconds=pause)
            time.sleep(pause)
    if claimed.letter.kind not in GENERATED:
        report.replies_sent += 1
