"""How long a server's refusal about one mail is waited for, before it stops holding up others and staff look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from domain.mail import Origin
from ingest.errors import MailIncomplete
from storage import inbox, state, tasks
from storage.database import Transaction

PATIENCE = timedelta(hours=1)
FEW = 5
"""More mails that become overdue together are trouble of the server's, not of one mail."""
LONG_PATIENCE = timedelta(days=1)
"""So long such trouble may hold up the grace times: what lasts longer does not mend itself, however many they are."""


def left_out(
    tx: Transaction, account: str, folder: str, refused: MailIncomplete, *, now: datetime, zone: tzinfo
) -> bool:
    """Whether the poll of the folder counts as whole without these mails. Those refused for long become tasks, one
    each or, of many together, one in all; they are asked for again all the same."""
    subjects = [_subject(account, folder, refused.uidvalidity, uid) for uid in refused.uids]
    begun = {subject: _first_refused(tx, subject, now) for subject in subjects}
    overdue = {subject: first for subject, first in begun.items() if now - first >= PATIENCE}
    told = tasks.open_subjects(tx, "mail_not_had")
    untold = {subject: first for subject, first in overdue.items() if subject not in told}
    fresh = {subject: first for subject, first in untold.items() if now - first < LONG_PATIENCE}
    few = len(fresh) <= FEW
    singly = untold if len(untold) <= FEW else fresh if few else {}
    for subject, first in singly.items():
        tasks.add(tx, "mail_not_had", subject, _one_text(folder, first.astimezone(zone)), at=now)
    together = [first for subject, first in untold.items() if subject not in singly]
    if together:
        text = _many_text(folder, len(together), min(together).astimezone(zone))
        tasks.add(tx, "mails_not_had", _place(account, folder), text, at=now)
    else:
        folder_had(tx, account, folder, now)
    return few and len(overdue) == len(subjects)


def folder_had(tx: Transaction, account: str, folder: str, now: datetime) -> None:
    """No mail of the folder is refused that staff do not know one by one: the task about many is closed."""
    tasks.close_kind(tx, "mails_not_had", _place(account, folder), at=now)


def arrived(tx: Transaction, origins: Iterable[Origin], now: datetime) -> None:
    """Closes the tasks of mails that the server gave at last."""
    waiting = tasks.open_subjects(tx, "mail_not_had")
    for origin in origins if waiting else ():
        subject = _subject(origin.account, origin.folder, origin.uidvalidity, origin.uid)
        if subject in waiting:
            tasks.close_kind(tx, "mail_not_had", subject, at=now)


def filing_order(tx: Transaction, rows: Sequence[inbox.Filing]) -> list[inbox.Filing]:
    """Mails that were never refused come first: the few that are tried before a server is given up for this pass must
    not be the same bad ones every time."""
    refused = state.keys(tx, "refused:location:") if rows else frozenset()
    return sorted(rows, key=lambda row: f"refused:{_location(row)}" in refused)


def filed(tx: Transaction, filing: inbox.Filing, how: str, now: datetime) -> None:
    """The server side of a mail is done: `moved`, or `gone` before we came."""
    inbox.filed(tx, filing.location_id, how, at=now)
    state.remove(tx, f"refused:{_location(filing)}")
    if how == "moved":
        state.put_time(tx, f"filed:{filing.origin.account}", now)


def not_filed(tx: Transaction, filing: inbox.Filing, now: datetime) -> bool:
    """The server refused to flag or move the mail. True when it is now left where it is: the refusals have lasted, and
    other mails of the account were filed meanwhile, so that it is this mail's trouble and not the server's."""
    first = _first_refused(tx, _location(filing), now)
    others = state.get_time(tx, f"filed:{filing.origin.account}")
    if now - first < PATIENCE or others is None or others < first:
        return False
    filed(tx, filing, "left", now)
    text = "邮箱服务器一直不让移动一封邮件，邮件仍留在原来的文件夹中，办理不受影响。"
    tasks.add(tx, "not_filed", f"mail:{filing.mail_id}", text, at=now)
    return True


def _location(filing: inbox.Filing) -> str:
    return f"location:{filing.location_id}"


def _one_text(folder: str, first: datetime) -> str:
    return (
        f"邮箱文件夹“{folder}”中有一封邮件，程序自{_when(first)}起一直取不下来，尚未办理。"
        "请登录邮箱，在该文件夹中查看这一时间前后收到的邮件。"
    )


def _many_text(folder: str, count: int, first: datetime) -> str:
    return (
        f"邮箱文件夹“{folder}”中有{count}封邮件，程序自{_when(first)}起一直取不下来，尚未办理，待补材料到期也暂不处理。"
        "请登录邮箱查看，并联系维护人员。"
    )


def _when(time: datetime) -> str:
    return f"{time.month}月{time.day}日{time:%H:%M}"


def _subject(account: str, folder: str, uidvalidity: int, uid: int) -> str:
    return f"{_place(account, folder)}/{uidvalidity}/{uid}"


def _place(account: str, folder: str) -> str:
    return f"{account}/{folder}"


def _first_refused(tx: Transaction, what: str, now: datetime) -> datetime:
    """When this was refused first. Kept in the database: `run --once` is a new process every time."""
    return state.first_time(tx, f"refused:{what}", now)
