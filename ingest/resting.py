"""Which log-ins `run --once` leaves alone: a process that lives for one pass would else try a refused code at every call, and
a server that sees wrong codes every minute locks the account.

The long-lived worker has its pauses in `ingest.pacing` and `notifier.smtp`; these are as long, counted from the notes of failure.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from config.tables import MailboxTable, SmtpTable
from ingest import outages
from ingest.app import App
from ingest.pacing import FIRST_REFUSED, LONGEST_REFUSED
from notifier.smtp import FIRST_REST, LONGEST_REST

_PAUSES = {outages.POLL: (FIRST_REFUSED, LONGEST_REFUSED), outages.SEND: (FIRST_REST, LONGEST_REST)}


def resting(app: App, stage: str) -> dict[str, timedelta]:
    """Mailboxes (`poll`) or SMTP servers (`send`) that refused the log-in a while ago → how long they are still to be left
    alone. A code that was put into its file since is tried at once; so is all after the clock was set back."""
    tables: dict[str, MailboxTable] | dict[str, SmtpTable]
    tables = app.settings.mailboxes if stage == outages.POLL else app.settings.smtp
    first, longest = _PAUSES[stage]
    found: dict[str, timedelta] = {}
    for name, table in tables.items():
        with app.database.read() as tx:
            note = outages.of(tx, stage, name)
        if note is None or note.refused_at is None or _renewed(table, note.refused_at):
            continue
        pause = timedelta(seconds=min(longest, first * 2.0 ** min(note.refused - 1, 20)))
        gone = app.clock() - note.refused_at
        if timedelta() <= gone < pause:
            found[name] = pause - gone
    return found


def _renewed(table: MailboxTable | SmtpTable, since: datetime) -> bool:
    if table.password_file is None:
        return False
    try:
        return datetime.fromtimestamp(table.password_file.stat().st_mtime, UTC) > since
    except OSError:
        return False  # whoever logs in will say so
