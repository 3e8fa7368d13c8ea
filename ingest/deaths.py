"""Children that died over a file: a problem of the file for its sender (`ingest.reading`), and a note to staff here.

One that died while it marked a workbook is no problem for the sender, whose letter says the same in a list: a note alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.mail import Intent, MailFacts
from storage import tasks
from storage.database import Transaction

_TEXT = "有一封邮件中的文件使读取程序中途停止，已按无法读取告知发件人，其他邮件不受影响。请留意是否有人故意发送有害文件：{files}。"
_MARKING = "退回一份电子表时，标注程序中途停止，回信照常发出，只是没有附标注好的表。请留意该表是否有异常：{files}。"
_REASONS = {
    "memory": "占用内存过多",
    "time": "用时过长",
    "crash": "读取程序崩溃",
    "unbegun": "前面的附件用时过长，没有读",
}
_FAULT = "程序出错，请告知维护人员"
_MOST = 10


@dataclass(frozen=True, kw_only=True)
class Death:
    """`file`: its name, or `domain.mail.WHOLE_MAIL`. `reason`: that of the ChildFailed, or `unbegun` for one left unread."""

    file: str
    reason: str


def note_deaths(tx: Transaction, mail_id: int, facts: MailFacts, deaths: Sequence[Death], now: datetime) -> None:
    """One task for a mail, confidential where the mail is. A second call for the same mail changes nothing."""
    text = _TEXT.format(files=_named(deaths))
    tasks.add(tx, "reader_ended", f"mail:{mail_id}", text, facts.intent is Intent.COMPLAINT, at=now)


def note_marking(tx: Transaction, sha256: str, death: Death, now: datetime) -> None:
    """One task for a workbook, by the SHA-256 of its file."""
    tasks.add(tx, "marker_ended", f"file:{sha256}", _MARKING.format(files=_named([death])), at=now)


def _named(deaths: Sequence[Death]) -> str:
    files = "、".join(f"“{death.file[:80]}”（{_REASONS.get(death.reason, _FAULT)}）" for death in deaths[:_MOST])
    return files + (f"，等{len(deaths)}个文件" if len(deaths) > _MOST else "")
