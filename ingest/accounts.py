"""Which mailbox a letter belongs to: the one the mail came to that it answers. An alarm answers none, and may take any way out."""

from __future__ import annotations

from email.parser import BytesHeaderParser
from email.utils import parseaddr

from ingest import outages
from ingest.app import App
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


def server_of_alarm(app: App, letter: OutboxRow) -> str | None:
    """The first `[smtp]` that did not fail when it was last tried; None for the first of all. An alarm that is rendered has the
    From of one, and no other server would take it: it waits for that, and a stalled sending makes an alarm of its own."""
    servers = app.settings.smtp
    if letter.sha256:
        named = parseaddr(str(BytesHeaderParser().parsebytes(app.blobs.get(letter.sha256))["From"]))[1]
        return next((name for name, table in servers.items() if parseaddr(table.sender)[1] == named), None)
    with app.database.read() as tx:
        return next((name for name in servers if outages.of(tx, outages.SEND, name) is None), None)
