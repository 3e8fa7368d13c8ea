"""The worker as it runs for months: it polls, decides and sends by itself, and SIGTERM loses nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from structlog.testing import capture_logs

from config.logging import configure_logging
from ingest import scheduler
from ingest.errors import Transient
from ingest.loopback import LoopbackMail
from ingest.mailbox import FetchedMail
from ingest.scheduler import Worker, one_pass
from storage import inbox, submissions
from storage.database import Database, Transaction
from storage.errors import Unavailable
from storage.inbox import MailStatus
from tests import stores
from tests.office import BUREAU, PASSWORD, Letters, MemoryMailbox, office
from tests.parts import CLERK, scan, workbook
from tests.shell import SAMPLES, Shell

SCRIPT = (sys.executable, "-c", "from cli.main import main; main()")
MAILS = ("05-locked-workbook", "07-wrong-form", "08-question", "22-complaint")
SHEET = workbook()
PATIENCE = 60.0
"""Seconds after which a test gives up; nothing is measured by it."""


def until(told: Callable[[], bool], worker: threading.Thread) -> None:
    """Waits for something the worker does."""
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        if told() or not worker.is_alive():
            return
        pause.wait(0.05)


def test_the_worker_answers_a_mail_by_itself_and_stops_when_told(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET))
        worker = Worker(app=here.app, process_seconds=0.1, send_seconds=0.1)
        thread = threading.Thread(target=worker.run)
        thread.start()
        until(lambda: bool(here.letters.taken and here.box.filed), thread)
        worker.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert [to for _, to in here.letters.taken] == [CLERK]
        assert here.box.filed == [(1, "done")]


class Shaky(MemoryMailbox):
    """Its first polls fail: as a lost connection does, and as our own fault would."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[Exception] = [Transient("connection lost"), ZeroDivisionError("a fault of ours")]

    def folders(self) -> tuple[str, ...]:
        if self.errors:
            raise self.errors.pop(0)
        return super().folders()


class Leaving(Database):
    """A server that goes away, as one that is restarted."""

    away = False

    def read(self) -> AbstractContextManager[Transaction]:
        return self._there(super().read())

    def begin(self) -> AbstractContextManager[Transaction]:
        return self._there(super().begin())

    def _there(self, opening: AbstractContextManager[Transaction]) -> AbstractContextManager[Transaction]:
        if self.away:
            raise Unavailable("database here: the connection is lost")
        return opening


class Last(MemoryMailbox):
    """The database goes when the last folder has been looked at."""

    def __init__(self, leaving: Leaving) -> None:
        super().__init__()
        self.leaving = leaving

    def new_batches(self, folder: str, seen: Any) -> Iterator[list[FetchedMail]]:
        yield from super().new_batches(folder, seen)
        self.leaving.away = folder == "Junk"


def test_a_pass_whose_database_goes_away_tells_what_it_did_before(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        leaving = here.app.database = Leaving(stores.url_of(tmp_path))
        box = Last(leaving)
        box.deliver(here.reader.tell("m1", SHEET, scan(SHEET)))
        here.app._mailboxes = {"main": box}  # type: ignore[dict-item]
        report = one_pass(here.app)
        assert report.received == 1
        assert [words.split(":")[0].split(",")[0] for words in report.failures] == [
            "mailbox main",
            "the pass ended early",
        ]
        leaving.away = False
        box.leaving = Leaving(stores.url_of(tmp_path))
        assert one_pass(here.app).failures == []
        assert list(here.cases().values()) == ["accepted"]
        leaving.close()


def test_a_poll_that_fails_is_not_the_last(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET))
        shaky = Shaky()
        shaky.mails = here.box.mails
        here.app._mailboxes = {"main": shaky}  # type: ignore[dict-item]
        worker = Worker(app=here.app, process_seconds=0.1, send_seconds=0.1)
        thread = threading.Thread(target=worker.run)
        thread.start()
        until(lambda: bool(here.letters.taken), thread)
        worker.stop()
        thread.join(PATIENCE)
        assert shaky.errors == []
        assert [to for _, to in here.letters.taken] == [CLERK]


@pytest.mark.parametrize(("code", "event"), [(EVENT_JOB_MISSED, "job_missed"), (EVENT_JOB_ERROR, "job_failed")])
def test_late_and_failed_runs_are_logged_without_their_words(code: int, event: str) -> None:
    late = JobExecutionEvent(code, "process", "default", datetime.now(UTC), exception=ValueError("13912345678"))
    with capture_logs() as logs:
        scheduler._tell(late)
    assert [(entry["event"], entry["job"]) for entry in logs] == [(event, "process")]
    assert "13912345678" not in str(logs)


def test_what_lasts_is_logged_once_until_it_changes() -> None:
    rounds = [["a"], ["a"], ["a", "b"], [], ["a"]]
    job = scheduler._logged(lambda report: report.failures.extend(rounds.pop(0)))
    with capture_logs() as logs:
        for _ in range(5):
            job()
    assert [entry["what"] for entry in logs] == ["a", "b", "a"]


SECRET = "13912345678"


class Talkative(MemoryMailbox):
    """Its polls fail with words that no log may hold."""

    def __init__(self) -> None:
        super().__init__()
        self.polls = 0

    def folders(self) -> tuple[str, ...]:
        self.polls += 1
        raise ValueError(f"cannot parse {SECRET}")


class NoLetters(Letters):
    """Fails likewise, before any letter is claimed."""

    def __enter__(self) -> Letters:
        raise ValueError(f"cannot parse {SECRET}")


def test_no_words_of_an_exception_reach_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Through the real scheduler and the real set-up of the logs: its own executor logs exceptions too."""
    configure_logging(json_lines=True)
    try:
        with office(tmp_path) as here:
            box = Talkative()
            here.app._mailboxes = {"main": box}  # type: ignore[dict-item]
            here.app._smtp = NoLetters()  # type: ignore[assignment]
            worker = Worker(app=here.app, process_seconds=0.1, send_seconds=0.1)
            thread = threading.Thread(target=worker.run)
            thread.start()
            logged = ""

            def told() -> bool:
                nonlocal logged
                logged += capsys.readouterr().err
                return "job_failed" in logged and box.polls > 1

            until(told, thread)
            worker.stop()
            thread.join(PATIENCE)
    finally:
        structlog.reset_defaults()
    logged += capsys.readouterr().err
    events = [json.loads(line) for line in logged.splitlines()]
    assert {"poll_round_failed", "job_failed"} <= {entry["event"] for entry in events}
    assert all(entry["trace"] for entry in events if entry["event"] in ("poll_round_failed", "job_failed"))
    assert SECRET not in logged


def test_every_job_is_alone_and_a_late_run_is_still_wanted(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        made = Worker(app=here.app).scheduler()
        jobs = made.get_jobs()
        assert {job.id for job in jobs} == {
            "poll",
            "process",
            "send",
            "expire",
            "watch",
            "remind",
            "digest",
            "sweep",
            "index",
        }
        made.start(paused=True)
        for job in made.get_jobs():
            assert (job.max_instances, job.coalesce) == (1, True)
            assert job.misfire_grace_time is None or job.misfire_grace_time >= 3600
        made.shutdown()


def configuration(folder: Path, provider: LoopbackMail) -> Path:
    toml = folder / "baosong.toml"
    toml.write_text(
        f'[mailbox]\nurl = "{provider.imap_url}"\npassword = "{PASSWORD}"\nlogin_seconds = 0\npoll_seconds = 0.5\n'
        f'[smtp]\nurl = "{provider.smtp_url}"\npassword = "{PASSWORD}"\nper_minute = 6000\n'
        f'sender = "濮阳市教育信息中心 <{BUREAU}>"\n[web]\nport = 0\n{stores.toml(folder)}',
        encoding="utf-8",
    )
    return toml


@contextmanager
def supplied(folder: Path) -> Iterator[tuple[LoopbackMail, Path]]:
    """A provider whose mailbox holds MAILS, and a configuration for it."""
    with LoopbackMail(letters_dir=folder / "letters", username=BUREAU, password=PASSWORD) as provider:
        for name in MAILS:
            provider.append((SAMPLES / f"{name}.eml").read_bytes())
        yield provider, configuration(folder, provider)


def test_sigterm_in_the_middle_of_work_loses_nothing(tmp_path: Path) -> None:
    with supplied(tmp_path) as (provider, toml):
        worker = subprocess.Popen([*SCRIPT, "run", "--config", toml], stderr=subprocess.PIPE, text=True)
        assert worker.stderr is not None
        events = []
        for line in worker.stderr:
            events.append(json.loads(line)["event"])
            if events[-1] == "mail_settled":
                worker.send_signal(signal.SIGTERM)
                break
        events += [json.loads(line)["event"] for line in worker.stderr.read().splitlines()]
        assert worker.wait(PATIENCE) == 0
        named = "member" if stores.POSTGRESQL else "worker"
        assert (events[:2], events[-1]) == (["health_served", f"{named}_started"], f"{named}_stopped")
        done = subprocess.run([*SCRIPT, "run", "--once", "--config", toml], timeout=PATIENCE, check=False)
        assert done.returncode == 0
        base = Database(stores.url_of(tmp_path))
        with base.read() as tx:
            rows = [inbox.load(tx, number) for number in range(1, len(MAILS) + 1)]
            assert [row.status for row in rows] == [MailStatus.DONE] * len(MAILS)
            assert inbox.to_file(tx) == []
            cases = submissions.list_(tx)
            assert len(cases) == 2
            assert all(len(submissions.history(tx, case.receipt)) == 1 for case in cases)
        base.close()
        assert len(provider.letters) == len(MAILS)


def test_of_two_workers_on_one_database_the_second_is_refused(tmp_path: Path, baosong: Shell) -> None:
    base = Database(stores.url_of(tmp_path))
    with LoopbackMail(letters_dir=tmp_path / "letters", username=BUREAU, password=PASSWORD) as provider:
        toml = configuration(tmp_path, provider)
        with base.sole_worker():
            # On a server a second `run` stands by, and helps (tests/test_members.py).
            for arguments in (["run", "--once"],) if stores.POSTGRESQL else (["run"], ["run", "--once"]):
                ran = baosong(*arguments, "--config", toml)
                assert ran.status == 1
                assert f"(process {os.getpid()})" in ran.err
                assert len(ran.err.splitlines()) == 1
        assert baosong("run", "--once", "--config", toml).status == 0
        if not stores.POSTGRESQL:
            assert (tmp_path / "data" / "baosong.db.lock").stat().st_mode & 0o777 == 0o600


def test_a_pass_that_is_stopped_finishes_the_mail_in_hand_and_the_next_does_the_rest(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        for number in range(6):
            here.mail(f"m{number}", SHEET, scan(SHEET))
        told = iter([False] * 4)
        one_pass(here.app, lambda: next(told, True))
        done = sum(here.status(f"m{number}") == "done" for number in range(6))
        assert 0 < done < 6
        here.run()
        assert [here.status(f"m{number}") for number in range(6)] == ["done"] * 6


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.sqlite)])
def test_a_signal_to_one_pass_is_answered_at_once_and_loses_nothing(tmp_path: Path, number: int) -> None:
    with supplied(tmp_path) as (provider, toml):
        worker = subprocess.Popen([*SCRIPT, "run", "--once", "--config", toml], stderr=subprocess.PIPE, text=True)
        assert worker.stderr is not None
        for line in worker.stderr:
            if "mail_settled" in line:
                worker.send_signal(number)
                break
        rest = worker.stderr.read()
        assert worker.wait(PATIENCE) == 1
        assert "stopping when the work in hand is done" in rest
        assert "stopped before the pass was through" in rest
        assert "Traceback" not in rest
        assert (
            subprocess.run([*SCRIPT, "run", "--once", "--config", toml], timeout=PATIENCE, check=False).returncode == 0
        )
        assert len(provider.letters) == len(MAILS)
