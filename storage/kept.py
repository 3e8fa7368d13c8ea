"""What is kept and how long already: submissions and mails, with as much of each as tells whether it may be erased."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.database import Transaction
from storage.outbox import OutboxStatus
from storage.retention import covered, tombstones
from storage.schema import mails, outbox
from storage.schema_submissions import submission_mails, submissions


@dataclass(frozen=True, kw_only=True)
class KeptCase:
    """`mails` are SHA-256 of those that belong to it; `letters_wait`: something is still to be sent about it."""

    receipt: str
    notice: str
    reporter: str | None
    state: str
    received_at: datetime
    mails: tuple[str, ...]
    letters_wait: bool


@dataclass(frozen=True, kw_only=True)
class KeptMail:
    """A mail that was not erased; `cases` are the receipts of the submissions it belongs to."""

    id: int
    sha256: str
    status: str
    received_at: datetime
    cases: tuple[str, ...]
    letters_wait: bool


def kept_cases(tx: Transaction) -> Iterator[KeptCase]:
    of: defaultdict[str, list[str]] = defaultdict(list)
    for row in tx.execute(select(submission_mails.c.receipt, submission_mails.c.sha256)):
        of[row.receipt].append(row.sha256)
    waiting = set(tx.execute(select(outbox.c.receipt).where(outbox.c.status == OutboxStatus.WAITING)).scalars())
    c = submissions.c
    for case in tx.execute(select(c.receipt, c.notice, c.reporter, c.state, c.received_at)).mappings():
        yield KeptCase(**case, mails=tuple(of[case["receipt"]]), letters_wait=case["receipt"] in waiting)


def kept_mails(tx: Transaction) -> Iterator[KeptMail]:
    erased = covered(tombstones(tx))
    of: defaultdict[str, list[str]] = defaultdict(list)
    for row in tx.execute(select(submission_mails.c.receipt, submission_mails.c.sha256)):
        of[row.sha256].append(row.receipt)
    waiting = set(tx.execute(select(outbox.c.mail_id).where(outbox.c.status == OutboxStatus.WAITING)).scalars())
    c = mails.c
    for mail in tx.execute(select(c.id, c.sha256, c.status, c.received_at)).mappings():
        if f"mail:{mail['sha256']}" not in erased:
            yield KeptMail(**mail, cases=tuple(of[mail["sha256"]]), letters_wait=mail["id"] in waiting)
