"""Ties a bounce to the letter of ours that did not arrive, so that staff telephone (spec section 8)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from domain.mail import MailFacts
from storage import outbox, tasks
from storage.database import Transaction
from storage.outbox import OutboxRow

_LATELY = timedelta(days=7)
"""Servers give up after five days at most (RFC 5321, 4.5.4.1)."""
_RECEIPT = re.compile(r"(?<![A-Z0-9-])[A-Z0-9]{1,16}-[A-Z0-9]{1,16}-\d{8}-\d{2,6}(?![\d-])")
_READ = 20_000


def note_bounce(tx: Transaction, mail_id: int, facts: MailFacts, now: datetime) -> bool:
    """Marks the letters that came back, with a task for each. False when none can be told: then staff look themselves."""
    found = _letters(tx, facts, now - _LATELY)
    for row in found:
        outbox.bounced(tx, row.message_id, at=now)
        text = "回复被退回，对方没有收到，请打电话告知。"
        tasks.add(tx, "bounce", row.receipt or row.message_id, text, at=now)
    if not found:
        text = "收到一封退信，认不出是哪一封回复没有送达，请看一下，需要时打电话告知对方。"
        tasks.add(tx, "unmatched_bounce", f"mail:{mail_id}", text, at=now)
    return bool(found)


def _letters(tx: Transaction, facts: MailFacts, since: datetime) -> tuple[OutboxRow, ...]:
    """By Message-ID, which is sure; else by a receipt that it names, or by whom it did not reach, among recent letters."""
    for identifier in facts.in_thread:
        row = outbox.ours(tx, identifier)
        if row:
            return (row,)
    named = _RECEIPT.search(f"{facts.subject}\n{facts.text[:_READ]}")
    if named:
        of_case = outbox.sent_lately(tx, since, receipt=named[0])
        to_them = tuple(row for row in of_case if row.letter.to.lower() in facts.failed_recipients)
        if to_them or len(of_case) == 1:
            return to_them or of_case
    return outbox.sent_lately(tx, since, addresses=facts.failed_recipients) if facts.failed_recipients else ()
