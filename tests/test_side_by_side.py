"""Several mailboxes: one whose server does not answer keeps no other waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from domain.mail import Origin
from ingest import jobs
from ingest.errors import ConnectionLost
from ingest.mailbox import FetchedMail
from ingest.passes import PassReport
from ingest.scheduler import Worker
from storage import inbox, vitals
from tests.office import MemoryMailbox, Office, office, raw_mail
from tests.waiting import PATIENCE, wait

BOX = {"password": "x", "login_seconds": 0, "poll_seconds": 0.1}
NAMES = ("main", "second", "third")


class Box(MemoryMailbox):
    """Of one account. While `answers` is not set its server gives no answer."""

    def __init__(self, account: str) -> None:
        super().__init__()
        self.account = account
        self.answers = threading.Event()
        self.answers.set()
        self.asked = threading.Event()
        self.error: Exception | None = None

    def folders(self) -> tuple[str, ...]:
        self.asked.set()
        assert self.answers.wait(PATIENCE)
        structlog.get_logger().info("asked")
        if self.error:
            raise self.error
        return ("INBOX",)

    def deliver_here(self, here: Office, name: str) -> None:
        place = Origin(
            account=self.account, folder="INBOX", uidvalidity=1, uid=len(self.mails) + 1, received_at=here.now
        )
        here.reader.tell(name)
        raw = raw_mail(name)
        self.mails.append(FetchedMail(origin=place, raw=raw, size_announced=len(raw)))

    def new_batches(self, folder: str, seen: Any) -> Iterator[list[FetchedMail]]:
        known = seen(account=self.account, folder=folder, uidvalidity=1, first_uid=1)
        for mail in self.mails:
            if mail.origin.uid not in known:
                yield [mail]


@pytest.fixture
def boxes() -> dict[str, Box]:
    return {name: Box(name) for name in NAMES}


@pytest.fixture
def here(tmp_path: Path, boxes: dict[str, Box]) -> Iterator[Office]:
    tables = {name: {"url": f"imap://{name}%40example.org@127.0.0.1:143"} | BOX for name in NAMES}
    with office(tmp_path, mailboxes=tables) as made:
        made.app._mailboxes = boxes  # type: ignore[assignment]
        yield made


def received(here: Office) -> int:
    with here.app.database.read() as tx:
        return int(vitals.totals(tx).mails.get("new", 0) + vitals.totals(tx).mails.get("done", 0))


def polled(here: Office, account: str) -> bool:
    with here.app.database.read() as tx:
        return inbox.last_complete_poll(tx, [account]) is not None


@contextmanager
def going_on(target: Any) -> Iterator[None]:
    thread = threading.Thread(target=target)
    thread.start()
    try:
        yield
    finally:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_pass_takes_in_what_the_others_have(here: Office, boxes: dict[str, Box]) -> None:
    boxes["main"].answers.clear()
    for name in ("second", "third"):
        boxes[name].deliver_here(here, name)
    report = PassReport()
    with going_on(lambda: jobs.poll(here.app, report)):
        wait(lambda: polled(here, "second") and polled(here, "third"))
        assert (received(here), polled(here, "main")) == (2, False)
        boxes["main"].deliver_here(here, "late")
        boxes["main"].answers.set()
    assert (report.received, report.failures, polled(here, "main")) == (3, [], True)


def test_the_worker_polls_the_others_again_and_again(here: Office, boxes: dict[str, Box]) -> None:
    boxes["main"].answers.clear()
    worker = Worker(app=here.app, process_seconds=0.1, send_seconds=0.1)
    with going_on(worker.run):
        for number in range(2):
            boxes["second"].deliver_here(here, f"m{number}")
            wait(lambda number=number: received(here) == number + 1)  # type: ignore[misc]
        assert boxes["main"].asked.is_set() and not polled(here, "main")
        boxes["main"].answers.set()
        worker.stop()


def test_no_more_than_a_few_at_once(here: Office, boxes: dict[str, Box]) -> None:
    worker = Worker(app=here.app, process_seconds=0.1, send_seconds=0.1, _polling=threading.Semaphore(1))
    boxes["main"].answers.clear()
    with going_on(worker.run):
        assert boxes["main"].asked.wait(PATIENCE)
        worker.stop()  # those that wait for their turn end without it
        boxes["main"].answers.set()
    assert polled(here, "main")


def test_what_goes_wrong_is_told_of_each_in_the_order_of_the_settings(here: Office, boxes: dict[str, Box]) -> None:
    for name in ("third", "main"):
        boxes[name].error = ConnectionLost(f"{name} is gone")
    boxes["second"].deliver_here(here, "m")
    report = PassReport()
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        jobs.poll(here.app, report)
    assert report.received == 1
    assert [failure.partition(":")[0] for failure in report.failures] == ["mailbox main", "mailbox third"]
    assert {entry["mailbox"] for entry in logs if entry["event"] == "asked"} == set(NAMES)
    assert {entry["mailbox"] for entry in logs if entry["event"] == "poll_failed"} == {"main", "third"}


def test_one_that_is_left_alone_is_not_asked(here: Office, boxes: dict[str, Box]) -> None:
    jobs.poll(here.app, PassReport(), leaving={"main", "third"})
    assert [name for name in NAMES if boxes[name].asked.is_set()] == ["second"]
    with here.app.database.read() as tx:
        assert inbox.last_complete_poll(tx, NAMES) is None


def test_a_fault_of_ours_in_one_ends_no_other(here: Office, boxes: dict[str, Box]) -> None:
    """And is not swallowed."""
    boxes["main"].error = ValueError("unforeseen")
    boxes["second"].deliver_here(here, "m")
    with pytest.raises(ValueError, match="unforeseen"):
        jobs.poll(here.app, PassReport())
    assert received(here) == 1
