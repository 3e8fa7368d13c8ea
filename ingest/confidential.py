"""Which mails are for few: whoever reports a wrong must not be read by all who look after returns."""

from __future__ import annotations

from domain.mail import Intent
from storage import tasks
from storage.database import Transaction
from storage.inbox import MailRow


def is_secret(tx: Transaction, mail: MailRow) -> bool:
    """Whether it is a complaint or tip-off, or a task says so, open or closed."""
    if Intent.COMPLAINT in (mail.disposition, mail.reason):
        return True
    return any(task.confidential for task in tasks.about(tx, f"mail:{mail.id}"))
