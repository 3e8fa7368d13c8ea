"""The backlog of `bench.fairness`: one who sends thousands, and others behind."""

from __future__ import annotations

import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from bench.workbooks import write_form
from bench.workers import app_on, warm
from domain.mail import Origin
from ingest import jobs, processing
from ingest.app import App
from ingest.demo import sample_folder
from ingest.mailbox import FetchedMail
from ingest.passes import PassReport
from storage import inbox, vitals
from storage.inbox import MailStatus

_BEGIN = datetime(2020, 2, 27, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Waited:
    """Seconds until each of the others was decided, and how many of the flood were meanwhile."""

    seconds: tuple[float, ...]
    flood: int


def waited(flood: int, others: int, *, mails_an_hour: int) -> Waited:
    with (
        tempfile.TemporaryDirectory(prefix="baosong-fairness-") as name,
        app_on(Path(name), f"sqlite:///{name}/baosong.db", mails_an_hour=mails_an_hour) as app,
    ):
        app.database.upgrade()
        app.blobs.begin()
        mails = [*_flood(flood), *_others(others, flood)]
        for start in range(0, len(mails), 500):
            jobs.receive(app, mails[start : start + 500])
        app.blobs.unspool()
        warm(app, 2)
        return _worked_off(app, flood, others)


def _worked_off(app: App, flood: int, others: int) -> Waited:
    """Until the last of the others is settled; looks ten times a second, at these alone, so that a time is right to a tenth."""
    with app.database.read() as tx:  # numbered as they were received
        ids = range(flood + 1, flood + others + 1)
        assert [inbox.load(tx, mail).origin.uid for mail in ids] == list(ids)
    done = threading.Event()
    worker = threading.Thread(target=processing.process, args=(app, PassReport(), done.is_set))
    begun = time.perf_counter()
    worker.start()
    settled: dict[int, float] = {}
    while len(settled) < others:
        time.sleep(0.1)
        with app.database.read() as tx:
            status = {mail: inbox.load(tx, mail).status for mail in ids if mail not in settled}
        now = time.perf_counter() - begun
        settled |= {mail: now for mail, each in status.items() if each is not MailStatus.NEW}
        assert worker.is_alive() or len(settled) == others
    done.set()
    worker.join()
    with app.database.read() as tx:
        assert not inbox.held(tx), "mails are held"
        left = vitals.backlog(tx)
    return Waited(seconds=tuple(settled.values()), flood=flood - left.new - left.behind)


def _flood(count: int) -> list[FetchedMail]:
    with tempfile.TemporaryDirectory() as name:
        book = Path(name) / "濮阳县.xlsx"
        write_form(book, 18)
        content = book.read_bytes()
    made = []
    for number in range(count):
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = "one@example.org", "77222415@example.org", f"濮阳县报送{number}"
        mail["Message-ID"], mail["Date"] = f"<{number}@example.org>", "Thu, 27 Feb 2020 09:00:00 +0800"
        mail.set_content("请查收。")
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename="濮阳县.xlsx")
        made.append(_fetched(bytes(mail), number + 1, _BEGIN))
    return made


def _others(count: int, before: int) -> list[FetchedMail]:
    """The complete return of the samples, as of one school's address each."""
    samples = sample_folder()
    assert samples is not None
    whole = next(mail for mail in samples.mails if mail.path.name == "02-accepted.eml").path.read_bytes()
    head, _, body = whole.partition(b"\n\n") if b"\r\n\r\n" not in whole else whole.partition(b"\r\n\r\n")
    kept = [line for line in head.splitlines() if not line.lower().startswith((b"from:", b"message-id:"))]
    made = []
    for number in range(count):
        lines = [*kept, b"From: other%d@example.net" % number, b"Message-ID: <%d@example.net>" % number]
        raw = b"\r\n".join(lines) + b"\r\n\r\n" + body
        made.append(_fetched(raw, before + number + 1, _BEGIN + timedelta(minutes=1)))
    return made


def _fetched(raw: bytes, uid: int, at: datetime) -> FetchedMail:
    origin = Origin(account="main", folder="INBOX", uidvalidity=1, uid=uid, received_at=at)
    return FetchedMail(origin=origin, raw=raw, size_announced=len(raw))
