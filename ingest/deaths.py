"""Children that died over a file: a problem of the file for its sender (`ingest.reading`), and a note to staff here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.mail import Intent, MailFacts
from storage import tasks
from storage.database import Transaction

_TEXT = "有一封邮件中的文件使读取程序中途停止，已按无法读取告知发件人，其他邮件不受影响。请留意是否有人故意发送有害文件：{files}。"
_REASONS = {"memory": "占用内存过多", "time": "用时过长", "crash": "读取程序崩溃"}
_MOST = 10


@dataclass(frozen=True, kw_only=True)
class Death:
    """`file`: its name, or `domain.mail.WHOLE_MAIL`. `reason`: that of the ChildFailed."""

    file: str
    reason: str


def note_deaths(tx: Transaction, mail_id: int, facts: MailFacts, deaths: Sequence[Death], now: datetime) -> None:
    """One task for a mail, confidential where the mail is. A second call for the same mail changes nothing."""
    files = "、".join(f"“{death.file[:80]}”（{_REASONS[death.reason]}）" for death in deaths[:_MOST])
    more = f"，等{len(deaths)}个文件" if len(deaths) > _MOST else ""
    text = _TEXT.format(files=files + more)
    tasks.add(tx, "reader_ended", f"mail:{mail_id}", text, facts.intent is Intent.COMPLAINT, at=now)
