"""The dead man's alarm: one mail to staff an outage and one when it is over, whatever has stalled, and never a pile."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ingest import alarms
from ingest.errors import ConnectionLost, LoginRefused, TooEarly
from ingest.service import Service, Watchdog
from notifier.errors import ServerRefusal
from tests.office import Letters, MemoryMailbox, Office, office, subjects, text_of
from tests.parts import scan, workbook

SHEET = workbook()
MINUTE = timedelta(minutes=1)
STAFF = ["值班 <duty@example.org>", "chief@example.org"]
LOGIN, LOGIN_OVER = "【报警】报送邮箱登录不上，收不到新邮件", "【恢复】报送邮箱已能登录"
POLLING, POLLING_OVER = "【报警】报送邮箱收不到新邮件", "【恢复】报送邮箱收信正常"
SENDING, SENDING_OVER = "【报警】回信发不出去", "【恢复】回信发送正常"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, staff={"digest_to": STAFF[:1]}) as made:
        yield made


class Failing(MemoryMailbox):
    """Its polls fail with one error after the other, the last one for ever; `None` lets a poll through."""

    def __init__(self, *errors: Exception | None) -> None:
        super().__init__()
        self.errors = list(errors)

    def folders(self) -> tuple[str, ...]:
        error = self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
        if error:
            raise error
        return super().folders()


def polls(here: Office, *errors: Exception | None) -> None:
    here.app._mailboxes = {"main": Failing(*errors)}  # type: ignore[dict-item]


def passes(here: Office, count: int, every: timedelta = 5 * MINUTE) -> None:
    for _ in range(count):
        here.run(after=every)


def test_a_lost_connection_is_told_once_after_a_quarter_of_an_hour_and_once_when_it_is_over(here: Office) -> None:
    here.run()
    polls(here, ConnectionLost("down"))
    passes(here, 3)
    assert subjects(here) == []
    passes(here, 5)
    assert subjects(here) == [POLLING]
    assert here.tasks() == {"polling_stalled"}
    polls(here, None)
    passes(here, 3)
    assert subjects(here) == [POLLING, POLLING_OVER]
    assert here.tasks() == set()


def test_the_second_refused_log_in_is_told_at_once_and_who_does_what(here: Office) -> None:
    here.run()
    polls(here, LoginRefused("no"), TooEarly("next log-in in 110 s"), LoginRefused("no"))
    passes(here, 2, MINUTE)
    assert subjects(here) == []
    passes(here, 3, 2 * MINUTE)
    assert subjects(here) == [LOGIN]
    [(raw, to)] = here.letters.taken
    letter = message_from_bytes(raw, policy=default)
    assert (to, letter["Auto-Submitted"], letter["In-Reply-To"]) == ("duty@example.org", "auto-generated", None)
    assert [word for word in ("授权码", "不用通知各县重发", "baosong doctor") if word not in text_of(raw)] == []
    assert here.tasks() == {"mailbox_login"}
    polls(here, None)
    passes(here, 2)
    assert subjects(here) == [LOGIN, LOGIN_OVER]
    assert here.tasks() == set()


def test_one_refusal_now_and_then_alarms_nobody(here: Office) -> None:
    """QQ refuses a correct code now and then."""
    polls(here, *[LoginRefused("no"), None] * 10)
    passes(here, 20, 20 * MINUTE)
    assert subjects(here) == []


def test_a_cause_that_becomes_known_later_is_told_and_the_all_clear_comes_once(here: Office) -> None:
    here.run()
    polls(here, ConnectionLost("down"))
    passes(here, 5)
    polls(here, LoginRefused("no"))
    passes(here, 3)
    assert subjects(here) == [POLLING, LOGIN]
    polls(here, ConnectionLost("down"))
    passes(here, 3)
    polls(here, None)
    passes(here, 2)
    assert subjects(here) == [POLLING, LOGIN, LOGIN_OVER]


def test_when_sending_has_stalled_the_alarm_goes_as_soon_as_it_can_and_says_so(here: Office) -> None:
    here.mail("m1", SHEET, scan(SHEET))
    here.letters.raising = [ServerRefusal(0, "down")] * 100
    passes(here, 8)
    assert here.tasks() == {"sending_stalled"}
    assert here.letters.taken == []
    here.letters.raising = []
    passes(here, 4, 6 * MINUTE)
    told = subjects(here)
    assert (told.count(SENDING), told.count(SENDING_OVER), len(told)) == (1, 1, 3)
    [late] = [
        raw for raw, _ in here.letters.taken if SENDING in str(message_from_bytes(raw, policy=default)["Subject"])
    ]
    assert "恢复发信以后才发出的" in text_of(late)
    assert here.tasks() == set()


def test_an_outage_outlives_the_process_and_is_told_once_all_the_same(tmp_path: Path) -> None:
    """`run --once` is a new process every time."""
    told = []
    for minutes in range(0, 60, 10):
        with office(tmp_path, staff={"digest_to": STAFF}) as here:
            here.now += minutes * MINUTE
            polls(here, ConnectionLost("down"))
            here.run()
            told += [to for _, to in here.letters.taken]
    assert sorted(told) == ["chief@example.org", "duty@example.org"]


def test_a_worker_that_was_stopped_for_long_alarms_nobody_when_it_starts(here: Office) -> None:
    here.run()
    polls(here, ConnectionLost("down"))
    here.run()
    here.now += 600 * MINUTE
    started = here.now
    alarms.watch(here.app, started=started)
    here.now += 10 * MINUTE
    alarms.watch(here.app, started=started)
    assert here.outbox() == []
    here.now += 6 * MINUTE
    alarms.watch(here.app, started=started)
    assert here.outbox() == ["staff waiting"]


def test_a_poll_loop_that_hangs_is_told_though_nothing_failed(here: Office) -> None:
    started = here.now
    for _ in range(5):
        here.now += 4 * MINUTE
        alarms.watch(here.app, started=started)
    assert here.outbox() == ["staff waiting"]


def test_a_mailbox_that_is_polled_once_an_hour_is_given_its_time(tmp_path: Path) -> None:
    box = {"url": "imap://b%40example.org@127.0.0.1:143/INBOX", "password": "p", "poll_seconds": 3600}
    with office(tmp_path, mailboxes={"main": box}, staff={"digest_to": STAFF[:1]}) as here:
        started = here.now
        for _ in range(5):
            here.run(after=60 * MINUTE)
            alarms.watch(here.app, started=started)
        assert here.outbox() == []
        here.now += 185 * MINUTE
        alarms.watch(here.app, started=started)
        assert here.outbox() == ["staff waiting"]


def test_without_an_address_the_log_says_that_nobody_is_told(tmp_path: Path) -> None:
    with office(tmp_path) as here, capture_logs() as logs:
        polls(here, LoginRefused("no"))
        passes(here, 3)
        assert here.letters.taken == []
    assert [entry["event"] for entry in logs if entry["event"].startswith("alarm")] == [
        "alarm",
        "alarm_without_address",
    ]


def test_a_mailbox_taken_out_of_the_configuration_concerns_nobody(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        polls(here, LoginRefused("no"))
        here.run()
    box = {"url": "imap://b%40example.org@127.0.0.1:143/INBOX", "password": "p"}
    with office(tmp_path, mailboxes={"other": box}, staff={"digest_to": STAFF}) as here:
        here.now += 60 * MINUTE
        here.app._mailboxes = {"other": here.box}  # type: ignore[dict-item]
        here.run()
        assert here.outbox() == []


def listening(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.bind(str(path))
    made.settimeout(20)
    return made


def test_systemd_is_told_twice_as_often_as_it_asks(tmp_path: Path) -> None:
    now = [0.0]
    with listening(tmp_path / "notify") as systemd:
        service = Service(
            {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "120000000"}, clock=lambda: now[0]
        )
        service.ready()
        for _ in range(130):
            service.alive()
            now[0] += 1
        service.stopping()
        heard = [systemd.recv(100) for _ in range(5)]
    assert heard == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_an_abstract_socket_is_reached_and_one_that_is_gone_harms_nothing() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("")  # Linux picks an abstract name
        systemd.settimeout(20)
        name = systemd.getsockname().decode().replace("\0", "@")
        Service({"NOTIFY_SOCKET": name}).ready()
        assert systemd.recv(100) == b"READY=1"
    Service({"NOTIFY_SOCKET": name}).stopping()
    silent = Service({"WATCHDOG_USEC": "1"})
    silent.alive()


def test_a_watchdog_of_another_process_is_not_ours(tmp_path: Path) -> None:
    with listening(tmp_path / "notify") as systemd:
        service = Service({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2", "WATCHDOG_PID": "1"})
        service.alive()
        service.ready()
        assert systemd.recv(100) == b"READY=1"


def test_the_watchdog_hears_nothing_more_when_a_loop_hangs(tmp_path: Path) -> None:
    now = [0.0]
    with office(tmp_path) as here, listening(tmp_path / "notify") as systemd, capture_logs() as logs:
        here.app.stages._clock = lambda: now[0]
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "120000000"}
        service = Service(environment, clock=lambda: now[0])
        watchdog = Watchdog(service=service, stages=here.app.stages)
        here.app.stages.beat("poll")
        watchdog.look()
        assert systemd.recv(100) == b"WATCHDOG=1"
        now[0] += 46 * 60
        watchdog.look()
        watchdog.look()
        here.app.stages.beat("poll")
        service.stopping()
        assert systemd.recv(100) == b"STOPPING=1"
    assert [entry["loops"] for entry in logs if entry["event"] == "loop_hangs"] == [("poll",)]


def test_letters_of_alarm_count_as_no_reply(here: Office) -> None:
    polls(here, LoginRefused("no"))
    here.letters = Letters()
    reports = [here.run(after=5 * MINUTE) for _ in range(3)]
    assert sum(report.replies_sent for report in reports) == 0
