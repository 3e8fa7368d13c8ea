"""What went wrong with a mail is known to the next process too: `run --once` is a new one every time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from ingest import jobs
from ingest.mailbox import Mailbox, MailboxSettings
from ingest.passes import PassReport
from ingest.patience import PATIENCE
from ingest.troubles import REST_SECONDS, SHORT_TRIES, Troubles
from storage import inbox
from tests.office import Office, office, raw_mail
from tests.servers.imap_fake import PASSWORD, USERNAME, FakeBreakingOne, FakeImap, FakeQQ


def _poll_as_new_process(here: Office, server: FakeImap, *, after: timedelta = timedelta(minutes=10)) -> PassReport:
    here.now += after
    settings = MailboxSettings(
        account="main", host="127.0.0.1", port=server.port, security="plain", username=USERNAME, password=PASSWORD,
        login_seconds=0.0, timeout=5.0,
    )  # fmt: skip
    box = Mailbox(settings, wall=lambda: here.now.timestamp())
    here.app._mailboxes = {"main": box}
    report = PassReport()
    jobs.poll(here.app, report)
    box.close()
    return report


@contextmanager
def _breaking(tmp_path: Path) -> Iterator[tuple[Office, FakeBreakingOne]]:
    with office(tmp_path) as here, FakeBreakingOne() as server:
        for number in range(6):
            server.inbox.add(raw_mail(f"m{number}"))
        server.bad_uid = 1
        yield here, server


def test_one_mail_that_breaks_the_connection_does_not_block_its_batch_in_new_processes(tmp_path: Path) -> None:
    with _breaking(tmp_path) as (here, server):
        received = [_poll_as_new_process(here, server).received for _ in range(3)]
        assert received == [0, 0, 5]
        server.bad_uid = 0
        assert _poll_as_new_process(here, server).received == 1
        assert _poll_as_new_process(here, server) == PassReport()


def test_such_a_mail_rests_lets_polls_end_and_is_told(tmp_path: Path) -> None:
    with _breaking(tmp_path) as (here, server):
        whole = False
        for _ in range(20):
            _poll_as_new_process(here, server)
            with here.app.database.read() as tx:
                whole = whole or inbox.last_complete_poll(tx, ["main"]) is not None
        assert whole
        assert here.tasks() == {"mail_not_had"}
        server.bad_uid = 0
        assert _poll_as_new_process(here, server, after=PATIENCE).received == 1
        assert here.tasks() == set()


def test_a_size_that_is_always_wrong_is_counted_over_processes(tmp_path: Path) -> None:
    with office(tmp_path) as here, FakeQQ() as server:
        server.inbox.add(raw_mail("odd"), missing=2, short_times=100)
        received = [_poll_as_new_process(here, server).received for _ in range(SHORT_TRIES)]
        assert received == [0] * (SHORT_TRIES - 1) + [1]


def test_what_is_no_more_wanted_is_forgotten() -> None:
    troubles = Troubles()
    troubles.broke([("INBOX", 1, 1), ("INBOX", 1, 2), ("Junk", 1, 2)])
    troubles.forget_others("INBOX", 1, [2])
    assert {trouble.key for trouble in troubles.known} == {("INBOX", 1, 2), ("Junk", 1, 2)}
    troubles.forget_others("INBOX", 7, [2])
    assert {trouble.key for trouble in troubles.known} == {("Junk", 1, 2)}


def test_a_clock_that_was_set_back_ends_a_rest() -> None:
    troubles, mail = Troubles(), ("INBOX", 1, 1)
    for _ in range(3):
        troubles.broke_alone(mail, 10_000.0)
    assert troubles.rests(mail, 10_000.0 + REST_SECONDS - 1)
    assert not troubles.rests(mail, 9_000.0)
