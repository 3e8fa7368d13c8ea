"""Ties a bounce to the letter of ours that did not arrive, so that staff telephone (spec section 8)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.mail import MailFacts
from domain.pairing import Incoming
from ingest.app import App
from storage import correspondents, outbox, state, tasks
from storage.database import Transaction
from storage.outbox import OutboxRow

_LATELY = timedelta(days=7)
"""Servers give up after five days at most (RFC 5321, 4.5.4.1)."""
_RECEIPT = re.compile(r"(?<![A-Z0-9-])[A-Z0-9]{1,16}-[A-Z0-9]{1,16}-\d{8}-\d{2,6}(?![\d-])")
_READ = 20_000
_MAILS_SHOWN = 5
_RECEIPTS_NAMED = 3
"""So many stand in the subject of a task, by which a second bounce of the kind is known; its text names all."""


def note_bounce(
    tx: Transaction, mail_id: int, facts: MailFacts, own: Collection[str], now: datetime, day: date
) -> bool:
    """Marks the letters that came back, with a task for each. False when none can be told: then staff look themselves.

    `own`: addresses of the bureau, which bounces name too. `day` is today, as the bureau counts days.
    """
    back = _letters(tx, facts, own, now - _LATELY)
    for row in back.sure:
        outbox.bounced(tx, row.message_id, at=now)
        text = "回复被退回，对方没有收到，请打电话告知。"
        tasks.add(tx, "bounce", row.receipt or row.message_id, text, at=now)
        if back.quoted and row.sent_at:
            correspondents.bounced(tx, row.letter.to, row.sent_at)
    if back.one_of:
        receipts = list(dict.fromkeys(row.receipt for row in back.one_of if row.receipt)) or ["（无回执）"]
        text = f"回复被退回，退信没有说明是哪一封，可能是以下回执的回复：{'、'.join(receipts)}。请打电话核实对方收到了哪些。"
        tasks.add(tx, "bounce", " ".join(receipts[-_RECEIPTS_NAMED:]), text, at=now)
    if not back.sure and not back.one_of:
        _note_unmatched(tx, mail_id, now, day)
        return False
    return True


def note_heard(app: App, incoming: Incoming) -> None:
    """A person wrote: their address is in use, and letters that waited for it may go. A From that failed DMARC says nothing."""
    facts = incoming.facts
    if not facts.sender or facts.dmarc_failed:
        return
    with app.database.begin() as tx:
        if correspondents.heard(tx, facts.sender, incoming.origin.received_at):
            outbox.hasten(tx, facts.sender, app.clock())


@dataclass(frozen=True, kw_only=True)
class _Back:
    """`sure`: letters that did not arrive. `one_of`: letters of which at least one did not. `quoted`: the bounce quotes our
    Message-ID, which nobody can guess: only then does the address count as one that cannot be reached, or a stranger could
    have us write to nobody by forged bounces."""

    sure: tuple[OutboxRow, ...] = ()
    quoted: bool = False
    one_of: tuple[OutboxRow, ...] = ()


def _letters(tx: Transaction, facts: MailFacts, own: Collection[str], since: datetime) -> _Back:
    """By Message-ID, which is sure; else by a receipt that it names, or by whom it did not reach, among recent letters."""
    for identifier in facts.in_thread:
        row = outbox.ours(tx, identifier)
        if row:
            return _Back(sure=(row,), quoted=True)
    failed = frozenset(facts.failed_recipients).difference(own)
    named = _RECEIPT.search(f"{facts.subject}\n{facts.text[:_READ]}")
    if named:
        of_case = outbox.newest_of_case(tx, named[0], since)
        to_them = tuple(row for row in of_case if row.letter.to.lower() in failed)
        if to_them or (len(of_case) == 1 and not failed):
            return _Back(sure=to_them or of_case)
    return _by_recipient(outbox.sent_to(tx, failed, since) if failed else ())


def _by_recipient(rows: Iterable[OutboxRow]) -> _Back:
    """An address that had one letter lately did not have that; of several nobody can say which."""
    by_address: dict[str, list[OutboxRow]] = {}
    for row in rows:
        by_address.setdefault(row.letter.to.lower(), []).append(row)
    return _Back(
        sure=tuple(had[0] for had in by_address.values() if len(had) == 1),
        one_of=tuple(row for had in by_address.values() if len(had) > 1 for row in had),
    )


def _note_unmatched(tx: Transaction, mail_id: int, now: datetime, day: date) -> None:
    """One task a day, with how many there were: strangers who write under our address bring such by the thousand."""
    counted, noted = f"unmatched_bounces:{day.isoformat()}", f"unmatched_bounces_first:{day.isoformat()}"
    count, first = state.count(tx, counted, at=now), state.get(tx, noted)
    numbers = [*(str(first).split("、") if first else []), str(mail_id)][:_MAILS_SHOWN]
    state.put(tx, noted, "、".join(numbers), at=now)
    shown = "、".join(numbers) + ("等" if count > _MAILS_SHOWN else "")
    text = (
        f"{day.month}月{day.day}日收到{count}封退信（邮件编号{shown}），认不出是哪一封回复没有送达，"
        "请看一下，需要时打电话告知对方。"
    )
    tasks.put(tx, "unmatched_bounce", day.isoformat(), text, at=now)
