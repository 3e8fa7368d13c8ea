"""An authorization code that expires while the worker runs, on real Dovecot: never hammered, told, and taken up again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest import jobs
from ingest.imap import ImapSession
from ingest.jobs import PassReport
from ingest.mailbox import Mailbox, MailboxSettings
from ingest.pacing import FIRST_REFUSED, LONGEST_REFUSED
from ingest.wire import Access
from notifier.errors import LoginRefusal, SetupRefusal
from notifier.smtp import FIRST_REST, LONGEST_REST, SmtpSender, SmtpSettings
from storage import inbox
from tests.office import Office, office, subjects
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
