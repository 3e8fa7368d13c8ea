"""Which mailbox a letter belongs to: the one the mail came to that it answers."""

from __future__ import annotations

from storage import inbox, submissions
from storage.database import Transaction
from storage.outbox import OutboxRow


def account_of(tx: Transaction, letter: OutboxRow) -> str | None:
    """The mailbox of the mail that caused the letter, else of the first mail of its case; None for neither.

    Of the first, since more mails may join the case between two tries, and From must stay what was rendered.
    """
    if letter.mail_id is not None:
        return inbox.load(tx, letter.mail_id).origin.account
    case = submissions.load(tx, letter.receipt) if letter.receipt else None
    mail = inbox.by_sha256(tx, case.mails[0]) if case and case.mails else None
    return mail.origin.account if mail else None
