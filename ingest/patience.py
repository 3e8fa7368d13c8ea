"""How long a server's refusal about one mail is waited for, before it stops holding up others and staff look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.mail import Origin
from ingest.errors import MailIncomplete
from storage import inbox, state, tasks
from storage.database import Transaction

PATIENCE = timedelta(hours=1)
FEW = 5
"""More mails refused at once are trouble of the server's, not of one mail: then no grace time may end on its word."""


def left_out(tx: Transaction, account: str, folder: str, refused: MailIncomplete, now: datetime) -> bool:
    """Whether the poll of the folder counts as whole without these mails. Those refused for long become tasks; they
    are asked for again all the same."""
    overdue = [_overdue(tx, _subject(account, folder, refused.uidvalidity, uid), now) for uid in refused.uids]
    if len(overdue) > FEW:
        return False
    for uid, late in zip(refused.uids, overdue, strict=True):
        if late:
            text = "邮箱中有一封邮件程序一直取不下来，尚未办理，请在邮箱中查看。"
            tasks.add(tx, "mail_not_had", _subject(account, folder, refused.uidvalidity, uid), text, at=now)
    return all(overdue)


def arrived(tx: Transaction, origins: Iterable[Origin], now: datetime) -> None:
    """Closes the tasks of mails that the server gave at last."""
    waiting = tasks.open_subjects(tx, "mail_not_had")
    for origin in origins if waiting else ():
        subject = _subject(origin.account, origin.folder, origin.uidvalidity, origin.uid)
        if subject in waiting:
            tasks.close_kind(tx, "mail_not_had", subject, at=now)


def not_filed(tx: Transaction, filing: inbox.Filing, now: datetime) -> bool:
    """The server refused to flag or move the mail. True when it has done so for long: then it is left where it is."""
    if not _overdue(tx, f"location:{filing.location_id}", now):
        return False
    inbox.filed(tx, filing.location_id, "left", at=now)
    text = "邮箱服务器一直不让移动一封邮件，邮件仍留在原来的文件夹中，办理不受影响。"
    tasks.add(tx, "not_filed", f"mail:{filing.mail_id}", text, at=now)
    return True


def _subject(account: str, folder: str, uidvalidity: int, uid: int) -> str:
    return f"{account}/{folder}/{uidvalidity}/{uid}"


def _overdue(tx: Transaction, what: str, now: datetime) -> bool:
    """Whether this was refused first a while ago. Kept in the database: `run --once` is a new process every time."""
    first = state.get_time(tx, f"refused:{what}")
    if first is None:
        state.put_time(tx, f"refused:{what}", now)
        return False
    return now - first >= PATIENCE
