"""The probe: a letter from the mailbox to itself goes out by SMTP, comes in by IMAP, and is recorded as our own mail."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.mail import Origin
from ingest.app import App
from ingest.configured import smtp_name
from ingest.letters import message_id
from ingest.mailbox import FetchedMail, Mailbox
from notifier.probe import probe_message
from storage import inbox

WAIT_SECONDS = 120.0
"""A minute is what a mail to oneself takes at worst, and a poll of the worker comes within another."""
_PAUSE = 2.0


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What became of the letter. Times are of our clock, but for that of `mail`, which is the server's.

    `mail` is None when it did not come; `disposition` is None as long as no worker has recorded it.
    """

    to: str
    sent_at: datetime
    seen_at: datetime
    mail: Origin | None = None
    in_junk: bool = False
    disposition: str | None = None

    @property
    def took(self) -> timedelta:
        return self.seen_at - self.sent_at

    @property
    def clock_error(self) -> timedelta:
        """How far the server's clock is ahead of ours (behind: negative), as far as it shows; INTERNALDATE has no parts
        of seconds."""
        if self.mail is None:
            return timedelta()
        told = self.mail.received_at
        if told > self.seen_at:
            return told - self.seen_at
        return min(timedelta(), told + timedelta(seconds=1) - self.sent_at)


def probe(
    app: App,
    mailbox: Mailbox,
    *,
    wait_seconds: float = WAIT_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> Probe:
    """Sends it and waits until it is there and, where a worker is at work, recorded. Then it is filed like what is dealt
    with; without a worker it is left for the next.

    Raises SendError when it cannot be sent, Transient or Permanent when the mailbox cannot be read.
    """
    account = mailbox.settings.account
    identifier, to, sent_at = message_id(app), _address(app, account), app.clock()
    sender = app.sender_of(account)
    raw = probe_message(sender=sender, to=to, message_id=identifier, date=sent_at)
    with app.smtp_of(account) as smtp:
        smtp.send(raw, to)
    ends = clock() + wait_seconds
    mail = mailbox.find_new(identifier)
    while mail is None and clock() < ends:
        sleep(_PAUSE)
        mail = mailbox.find_new(identifier)
    seen_at = app.clock()
    if mail is None:
        return Probe(to=to, sent_at=sent_at, seen_at=seen_at)
    disposition = None
    if app.database.worker_holds():
        disposition = _disposition(app, mail)
        while disposition is None and clock() < ends:
            sleep(_PAUSE)
            disposition = _disposition(app, mail)
        if disposition:
            mailbox.file(mail.origin, "done")
    return Probe(
        to=to,
        sent_at=sent_at,
        seen_at=seen_at,
        mail=mail.origin,
        in_junk=app.is_junk(mail.origin),
        disposition=disposition,
    )


def _address(app: App, account: str) -> str:
    """The mailbox's own: its log-in, where that is an address, else what we send as."""
    log_in = app.settings.mailboxes[account].endpoint.username
    return log_in if "@" in log_in else app.settings.smtp[smtp_name(app.settings, account)].envelope


def _disposition(app: App, mail: FetchedMail) -> str | None:
    with app.database.read() as tx:
        row = inbox.by_sha256(tx, hashlib.sha256(mail.raw).hexdigest())
    return row.disposition if row else None
