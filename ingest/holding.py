"""A mail that cannot be settled now: it is tried again later, or set aside for a person with what went wrong."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from datetime import timedelta

import structlog

from ingest import scanning
from ingest.app import App
from ingest.errors import NotScanned, ScannerDown
from ingest.passes import PassReport
from storage import inbox, ledger, tasks
from storage.canonical import Json
from storage.database import Transaction
from storage.inbox import MailRow

log = structlog.get_logger(__name__)

_RETRY = (timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30))


def hold(app: App, row: MailRow, error: Exception, report: PassReport, brought: Iterable[str]) -> None:
    """`brought`: hashes of its files and of the pictures made of them. Those that were archived already are vouched for
    while the mail waits."""
    log.error("mail_held", error=type(error).__name__)
    unscanned = isinstance(error, NotScanned | ScannerDown)
    why = str(error) if unscanned else type(error).__name__  # other words may quote the mail
    report.failures.append(f"mail {row.id} is held: {why}; see `baosong show mail:{row.id}`")
    with app.database.begin() as tx:
        text = scanning.UNSCANNED if unscanned else "有一封邮件程序未能处理，已原样保存，请联系维护人员。"
        set_aside(app, tx, row.id, "".join(traceback.format_exception(error)), text)
        body: dict[str, Json] = {
            "error": type(error).__name__,
            "blobs": [sha256 for sha256 in brought if app.blobs.has(sha256)],
        }
        ledger.append(tx, "mail.held", f"mail:{row.sha256}", body, at=app.clock())


def set_aside(app: App, tx: Transaction, mail_id: int, why: str, text: str) -> None:
    """The mail is judged no more until `replay`; staff are told with `text`."""
    inbox.hold(tx, mail_id, why)
    tasks.add(tx, kind="held", subject=f"mail:{mail_id}", text=text, at=app.clock())


def try_later(
    app: App, row: MailRow, error: Exception, report: PassReport, brought: Iterable[str], *, attempts: int
) -> None:
    """Or holds it, after so many attempts."""
    if row.attempts + 1 >= attempts:
        hold(app, row, error, report, brought)
        return
    log.warning("mail_postponed", attempt=row.attempts + 1, error=str(error))
    delay = _RETRY[min(row.attempts, len(_RETRY) - 1)]
    with app.database.begin() as tx:
        inbox.postpone(tx, row.id, app.clock() + delay, str(error))
