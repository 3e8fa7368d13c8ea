"""An authorization code that expires while the worker runs, on real Dovecot: never hammered, told, and taken up again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest import jobs
from ingest.errors import LoginRefused
from ingest.imap import ImapSession
from ingest.mailbox import Mailbox, MailboxSettings
from ingest.pacing import FIRST_REFUSED, LONGEST_REFUSED
from ingest.passes import PassReport
from ingest.wire import Access
from notifier.errors import LoginRefusal, SetupRefusal
from notifier.smtp import FIRST_REST, LONGEST_REST, SmtpSender, SmtpSettings
from storage import inbox
from tests.office import Letters, MemoryMailbox, Office, office, subjects
from tests.parts import scan, workbook
from tests.servers.account import Account
from tests.servers.dovecot import dovecot
from tests.servers.smtp_fake import PASSWORD, USERNAME, FakeRefusing


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with dovecot(changeable=True) as (made, _):
        yield made


class Paced:
    """The office's mailbox over Dovecot, on a clock that the test moves. Counts what it asks of the server."""

    def __init__(self, here: Office, account: Account) -> None:
        self.here, self.seconds, self.log_ins = here, 0.0, 0
        self.box = Mailbox(
            MailboxSettings(
                account="main", host=account.host, port=account.port, security="plain", username=account.username,
                password=account.password, login_seconds=120.0, timeout=10.0,
            ),
            clock=lambda: self.seconds,
            open_session=self._open,
        )  # fmt: skip
        here.app._mailboxes = {"main": self.box}

    def _open(self, access: Access) -> ImapSession:
        self.log_ins += 1
        return ImapSession(access)

    def run(self, minutes: float) -> None:
        """A pass every 20 s, as the worker polls."""
        for _ in range(int(minutes * 3)):
            self.seconds += 20
            self.here.now += timedelta(seconds=20)
            jobs.poll(self.here.app, PassReport())
        self.here.run()


def test_a_code_that_expires_is_tried_ever_less_often_and_taken_up_when_it_is_put_right(
    account: Account, tmp_path: Path
) -> None:
    with office(tmp_path, staff={"digest_to": ["duty@example.org"]}) as here:
        worker = Paced(here, account)
        worker.run(3)
        assert (worker.log_ins, here.tasks()) == (1, set())
        account.change_password("made-anew")
        time.sleep(2)  # Dovecot looks at the file once a second
        worker.run(3)
        assert worker.log_ins == 1, "an open session goes on"
        worker.box.close()
        worker.run(1)
        assert (worker.log_ins, here.tasks(), subjects(here)) == (2, {"mailbox_login"}, [])
        worker.run(3)
        assert (worker.log_ins, len(subjects(here))) == (3, 1)
        worker.run(6 * 60)
        assert worker.log_ins <= 12, "2, 4, 8, 16, 32 min, then every hour"
        assert len(subjects(here)) == 1
        replace(account, password="made-anew").append(b"Message-ID: <late@test>\r\nFrom: a@example.cn\r\n\r\nx\r\n")
        account.change_password(account.password)
        time.sleep(2)  # Dovecot looks at the file once a second, and here an hour takes less
        worker.run(125)
        assert here.tasks() & {"mailbox_login", "polling_stalled"} == set()
        assert [told.split("】")[0] for told in subjects(here)[:2]] == ["【报警", "【恢复"]
        with here.app.database.read() as tx:
            assert inbox.last_complete_poll(tx, ["main"]) is not None
            assert inbox.load(tx, 1).origin.account == "main"
        worker.box.close()


class Counting(MemoryMailbox):
    """Refuses every log-in, and counts them."""

    asked = 0

    def folders(self) -> tuple[str, ...]:
        self.asked += 1
        raise LoginRefused("no")


def calls(folder: Path, minutes: int, box: Counting, letters: Letters, start: int, **tables: Any) -> list[PassReport]:
    """`run --once` from cron, every minute a process of its own."""
    reports = []
    for minute in range(start, start + minutes):
        with office(folder, **tables) as here:
            here.app._mailboxes, here.app._smtp = {"main": box}, letters  # type: ignore[dict-item, assignment]
            reports.append(here.run(after=timedelta(minutes=minute)))
    return reports


def test_calls_from_cron_try_a_refused_code_as_seldom_as_the_worker_does(tmp_path: Path) -> None:
    box, letters = Counting(), Letters()
    reports = calls(tmp_path, 60, box, letters, 0)
    assert box.asked == 5, "at 0, 2, 6, 14 and 30 minutes; the next would be at 62"
    assert all(len(report.failures) == 1 and "log-in refused" in report.failures[0] for report in reports)


def test_a_new_code_in_its_file_is_tried_at_the_next_call(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.write_text("made-anew", encoding="utf-8")
    os.utime(code, (0, 0))
    url = "imap://bureau%40example.org@127.0.0.1:143/INBOX"
    tables = {"mailboxes": {"main": {"url": url, "password_file": str(code), "login_seconds": 0}}}
    box = Counting()
    calls(tmp_path, 2, box, Letters(), 0, **tables)
    assert box.asked == 1
    code.touch()
    calls(tmp_path, 1, box, Letters(), 2, **tables)
    assert box.asked == 2


def test_letters_are_left_alone_likewise_and_go_when_the_code_is_right(tmp_path: Path) -> None:
    sheet, letters = workbook(), Letters()
    with office(tmp_path) as here:
        here.mail("m1", sheet, scan(sheet))
        here.letters.raising = [LoginRefusal(535, "no")]
        here.run()
        assert here.outbox() == ["decision waiting"]
    box = MemoryMailbox()
    [report] = calls(tmp_path, 1, box, letters, 1)  # type: ignore[arg-type]
    assert letters.taken == []
    assert "smtp main: log-in refused earlier" in report.failures[0]
    calls(tmp_path, 3, box, letters, 2)  # type: ignore[arg-type]
    assert len(letters.taken) == 1


def test_the_pauses_after_refusals() -> None:
    assert (FIRST_REFUSED, LONGEST_REFUSED) == (120.0, 3600.0)


def test_a_refused_log_in_to_send_is_not_repeated_for_every_letter() -> None:
    now = [0.0]
    with FakeRefusing({"auth": b"535 Login Fail"}, times=6) as server:
        sender = SmtpSender(
            SmtpSettings(
                host="127.0.0.1", port=server.port, security="plain", username=USERNAME, password=PASSWORD,
                per_minute=None, sender=USERNAME, envelope_sender=USERNAME,
            ),
            clock=lambda: now[0],
        )  # fmt: skip
        with pytest.raises(LoginRefusal):
            sender.send(b"Subject: a\r\n\r\na\r\n", "a@example.cn")
        for _ in range(5):
            with pytest.raises(SetupRefusal, match="tried again in"):
                sender.send(b"Subject: a\r\n\r\na\r\n", "a@example.cn")
        assert server.connections == 1
        for pause in (FIRST_REST, 2 * FIRST_REST):
            now[0] += pause
            with pytest.raises(LoginRefusal):
                sender.send(b"Subject: a\r\n\r\na\r\n", "a@example.cn")
        now[0] += LONGEST_REST
        sender.send(b"Subject: a\r\n\r\na\r\n", "a@example.cn")
        sender.close()
        assert (server.connections, len(server.taken)) == (4, 1)
