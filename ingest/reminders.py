"""Reminds those that have not reported, at the times that the notice sets: each once, never while a return may be on its way
unread, and staff have a copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

import structlog

from domain import reminder, rounds
from domain.letter import Attachment, Letter, LetterKind
from domain.notice import Notice, Reporter
from domain.reminder import Reminded, Reminder, ReminderCopy
from domain.standings import ReporterStanding, Standing, standings
from ingest import gathering
from ingest.app import App
from ingest.lanes import lanes_of_address
from ingest.letters import blank, message_id
from storage import correspondents, inbox, ledger, outbox, returns, state, turns
from storage.database import Transaction

log = structlog.get_logger(__name__)

SENT = "reminder.sent"
"""Kind of its ledger entries; the subject is `reminder:<notice>:<reporter>`."""
_FRESH = timedelta(minutes=10)
_OWING = (Standing.MISSING, Standing.REJECTED, Standing.INCOMPLETE)


@dataclass(frozen=True, kw_only=True)
class Owing:
    """A reporter that has not reported. `addresses`: where it can be written to."""

    reporter: Reporter
    standing: Standing
    receipt: str | None
    addresses: tuple[str, ...]
    reminded: int


def remind_if_due(app: App) -> int:
    """Puts the reminders of every notice that are due now into the outbox. → how many reporters are written to."""
    now = app.clock()
    return sum(
        _remind(app, notice, f"{when.days_before}d{when.at:%H%M}", now)
        for notice in rounds.current(app.notices, now)
        if (when := reminder.due(notice, now)) is not None
    )


def remind_now(app: App, notice: Notice) -> int:
    """The same at a person's word: at most once a day and reporter. Raises NotFresh."""
    now = app.clock()
    if not is_fresh(app, now):
        raise NotFresh("no poll of the mailbox has succeeded in the last ten minutes, or mails wait to be processed")
    return _remind(app, notice, f"by-hand {now.astimezone(notice.zone).date().isoformat()}", now)


class NotFresh(Exception):
    """Who seems to owe a return may have sent it: nobody is reminded before all mail is read."""


def is_fresh(app: App, now: datetime) -> bool:
    """Everything the mailboxes held ten minutes ago has been taken in, and nothing waits to be read in its turn."""
    with app.database.read() as tx:
        polled = inbox.last_complete_poll(tx, tuple(app.settings.mailboxes))
        return polled is not None and now - polled <= _FRESH and inbox.oldest_waiting(tx) is None


def owing(app: App, tx: Transaction, notice: Notice) -> tuple[Owing, ...]:
    """Who has not reported, in the order of the notice."""
    told = sent(tx, notice)
    return tuple(
        Owing(
            reporter=one.reporter,
            standing=one.standing,
            receipt=one.newest.receipt if one.newest else None,
            addresses=_addresses(app, tx, notice, one),
            reminded=told.get(one.reporter.code, 0),
        )
        for one in standings(notice, returns.newest_by_state(tx, notice.id))
        if one.standing in _OWING
    )


def sent(tx: Transaction, notice: Notice) -> Mapping[str, int]:
    """How many rounds of reminders went to each reporter, by its code."""
    keys = state.keys(tx, _key(notice, "", ""))
    return Counter(key.rsplit(":", 2)[-2] for key in keys)


def _addresses(app: App, tx: Transaction, notice: Notice, one: ReporterStanding) -> tuple[str, ...]:
    known = sorted(gathering.known_addresses(tx, notice, one.reporter))
    return tuple(
        address
        for address in known
        if address not in app.own.addresses and not correspondents.is_unreachable(tx, address)
    )


def _remind(app: App, notice: Notice, round_: str, now: datetime) -> int:
    """One round: all its letters, the notes that they were written and the staff's copy are one transaction."""
    if not is_fresh(app, now):
        return 0
    with app.database.begin() as tx:
        behind = set(turns.behind_since(tx))
        due = [
            one
            for one in owing(app, tx, notice)
            if not state.get(tx, _key(notice, one.reporter.code, round_)) and not _may_wait(one, behind)
        ]
        first = state.once(tx, f"reminder-copy:{notice.id}:{round_}", at=now)
        if not due or not first:
            return 0
        written = [one for one in due if one.addresses]
        for one in written:
            _write(app, tx, notice, one, round_, now)
        _copy(app, tx, notice, due, now)
    log.info("reminders_made", notice=notice.id, reporters=len(written), to_call=len(due) - len(written))
    return len(written)


def _may_wait(one: Owing, behind: set[str]) -> bool:
    """Whether the return may be among what its sender sent beyond all measure, which is not read yet."""
    return any(behind & lanes_of_address(address) for address in one.addresses)


def _write(app: App, tx: Transaction, notice: Notice, one: Owing, round_: str, now: datetime) -> None:
    state.put(tx, _key(notice, one.reporter.code, round_), now.isoformat(), at=now)
    subject = f"reminder:{notice.id}:{one.reporter.code}"
    entry = ledger.append(tx, SENT, subject, {"round": round_, "letters": len(one.addresses)}, at=now)
    told = Reminder(
        reporter=one.reporter.name,
        standing=one.standing,
        receipt=one.receipt,
        days_left=reminder.days_left(notice, now),
    )
    form = (blank(app, notice, one.reporter),) if one.standing is Standing.MISSING else ()
    for address in one.addresses:
        made = _letter(app, notice, LetterKind.REMINDER, address, reminder=told, entry=entry, attachments=form)
        outbox.put(tx, made, at=now)


def _copy(app: App, tx: Transaction, notice: Notice, due: Sequence[Owing], now: datetime) -> None:
    copy = ReminderCopy(
        days_left=reminder.days_left(notice, now),
        reporters=tuple(
            Reminded(
                reporter=one.reporter.name,
                standing=one.standing,
                addresses=len(one.addresses),
                phone=one.reporter.phone or "",
            )
            for one in due
        ),
    )
    for named in app.settings.staff.digest_to:
        outbox.put(tx, _letter(app, notice, LetterKind.STAFF, parseaddr(named)[1], reminders=copy), at=now)


def _letter(
    app: App,
    notice: Notice,
    kind: LetterKind,
    to: str,
    *,
    reminder: Reminder | None = None,
    reminders: ReminderCopy | None = None,
    entry: int | None = None,
    attachments: Sequence[Attachment] = (),
) -> Letter:
    return Letter(
        kind=kind,
        notice=notice.id,
        to=to,
        message_id=message_id(app),
        subject=notice.table_name,
        reminder=reminder,
        reminders=reminders,
        ledger_number=entry,
        attachments=tuple(attachments),
    )


def _key(notice: Notice, reporter: str, round_: str) -> str:
    """`reminder:<notice>:<reporter>:<round>`, or the beginning of all of a notice."""
    return f"reminder:{notice.id}:" + (f"{reporter}:{round_}" if reporter else "")
