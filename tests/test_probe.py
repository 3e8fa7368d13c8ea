"""`doctor --probe`: a letter to ourselves proves the mailbox end to end, and leaves no task, answer or clutter behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cli.doctor_mail import look_at_mailboxes
from cli.doctor_probe import clock_finding
from cli.findings import Finding
from config.settings import Settings
from domain.mail import Origin
from ingest.app import App, build
from ingest.loopback import LoopbackMail
from ingest.probe import Probe
from ingest.scheduler import Worker, one_pass
from storage import inbox, tasks, turns, vitals
from tests.builders import RECEIVED
from tests.office import BUREAU, PASSWORD, settings
from tests.servers.account import Account
from tests.servers.dovecot import PASSWORD as DOVECOTS
from tests.servers.dovecot import USERNAME, dovecot
from tests.servers.smtp_fake import FakeSmtp, Taken

WAIT = 60.0


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[LoopbackMail]:
    with LoopbackMail(letters_dir=tmp_path / "l", username=BUREAU, password=PASSWORD) as made:
        yield made


def look(app: App, seconds: float = WAIT) -> dict[str, Finding]:
    app.database.upgrade()
    return {one.what: one for one in look_at_mailboxes(app, records=True, probe_seconds=seconds)}


def recorded(app: App) -> tuple[str | None, int, int]:
    """Disposition of the only mail, open tasks, letters sent."""
    with app.database.read() as tx:
        assert turns.pending(tx, 9) == []
        return inbox.load(tx, 1).disposition, len(tasks.open_(tx)), vitals.totals(tx).letters.get("sent", 0)


def test_a_letter_to_ourselves_comes_back_and_the_next_pass_records_it(provider: LoopbackMail, tmp_path: Path) -> None:
    with build(settings(tmp_path, provider)) as app:
        found = look(app)
        assert (found["probe"].ok, found["probe"].mend, found["clock"].ok) == (True, "", True)
        assert "in INBOX after" in found["probe"].found and "the next one records it" in found["probe"].found
        one_pass(app)
        assert recorded(app) == ("ignored.own", 0, 0)
    assert [letter.recipients for letter in provider.letters] == [(BUREAU,)]


def test_a_worker_at_work_records_it_and_it_is_filed_away(provider: LoopbackMail, tmp_path: Path) -> None:
    made = settings(tmp_path, provider)
    with build(made) as app, app.database.sole_worker():
        app.database.upgrade()
        worker = Worker(app=app, process_seconds=0.1, send_seconds=0.1)
        thread = threading.Thread(target=worker.run)
        thread.start()
        with build(made) as doctors:
            found = look(doctors)
        worker.stop()
        thread.join(60)
        assert (found["probe"].ok, "recorded as our own mail" in found["probe"].found) == (True, True)
        assert recorded(app) == ("ignored.own", 0, 0)
    account = Account(port=provider.imap_port, username=BUREAU, password=PASSWORD)
    assert (len(account.mails("INBOX")), len(account.mails("已处理"))) == (0, 1)


def test_a_letter_that_does_not_come_names_where_to_look(tmp_path: Path) -> None:
    """Sent by another account's server, which delivers it nowhere."""
    with LoopbackMail(letters_dir=tmp_path / "l", username=BUREAU, password=PASSWORD) as provider, FakeSmtp() as other:
        made = settings(tmp_path, provider)
        smtp = {"main": {"url": f"smtp://b%40example.org@127.0.0.1:{other.port}", "sender": BUREAU}}
        with build(Settings.model_validate(made.model_dump() | {"smtp": smtp})) as app:
            found = look(app, 0.0)
    assert (found["probe"].ok, "clock" in found) == (False, False)
    assert "a filter" in found["probe"].mend
    assert len(other.taken) == 1


class Delivering(FakeSmtp):
    """Puts what it takes into a folder of the account, as the provider's own delivery does."""

    def __init__(self, account: Account, folder: str) -> None:
        super().__init__()
        self._account, self._folder = account, folder

    def on_auth(self, user: str, password: str) -> bytes:
        return b"235 ok"

    def on_dot(self, letter: Taken) -> bytes:
        self._account.append(b"Received: by provider\r\n" + letter.data, folder=self._folder)
        return super().on_dot(letter)


def test_on_dovecot_a_letter_found_among_junk_is_told(tmp_path: Path) -> None:
    with dovecot() as (account, _), Delivering(account, "Junk") as smtp:
        user = USERNAME.replace("@", "%40")
        made = Settings.model_validate(
            {
                "mailboxes": {"main": {"url": f"imap://{user}@127.0.0.1:{account.port}", "password": DOVECOTS}},
                "smtp": {"main": {"url": f"smtp://{user}@127.0.0.1:{smtp.port}", "password": "x", "sender": USERNAME}},
                "base": str(tmp_path),
            }
        )
        with build(made) as app:
            found = look(app)
            assert (found["probe"].ok, "in Junk after" in found["probe"].found) == (True, True)
            assert "white list" in found["probe"].mend
            one_pass(app)
            assert recorded(app) == ("ignored.own", 0, 0)


@pytest.mark.parametrize(
    ("told", "ok", "words"),
    [
        (0, True, "agree"),
        (-30, True, "agree"),
        (-3600, False, "3597 s behind ours"),
        (3600, False, "3590 s ahead of ours"),
    ],
)
def test_clocks_that_are_apart_are_told(told: int, ok: bool, words: str) -> None:
    at = RECEIVED + timedelta(seconds=told)
    origin = Origin(account="main", folder="INBOX", uidvalidity=1, uid=1, received_at=at)
    made = Probe(
        to="a@b.cn", sent_at=RECEIVED - timedelta(seconds=2), seen_at=RECEIVED + timedelta(seconds=10), mail=origin
    )
    found = clock_finding(made)
    assert (found.ok, words in found.found) == (ok, True)
