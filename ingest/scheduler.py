"""The clock of `baosong run`: APScheduler calls the jobs, each alone, late runs folded into one, misfires logged."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime
from traceback import format_tb
from types import FrameType
from typing import TYPE_CHECKING

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from ingest import alarms, digest, jobs, outages, processing, recheck, reminders, retention, sending
from ingest.app import App
from ingest.handing import hand_out
from ingest.health import BEAT_SECONDS, note_beat
from ingest.indexing import index_waiting
from ingest.passes import PassReport, Stopped, never
from ingest.published import refresh
from ingest.resting import resting
from ingest.service import Service, Watchdog
from ingest.stages import LOOPS
from storage.errors import Busy, Unavailable
from storage.lock import Held

if TYPE_CHECKING:
    from ingest.queue import Queue

log = structlog.get_logger(__name__)

_WAKE_SECONDS = 1.0
_MISFIRE_SECONDS = 3600
"""A run that starts late, because the one before it took long, is still wanted: APScheduler's default drops it."""


def one_pass(app: App, stopped: Stopped = never) -> PassReport:
    """`run --once`: poll, process, expire, write what comes by the clock, send, file; what is due now, once, or until
    `stopped`. Where database or archive go away, the report says what was done before and what ended it. Raises SettingsError
    before any of it."""
    _prepare(app)
    with suppress(Unavailable):  # polling will say so itself
        refresh(app)
    report = PassReport()
    try:
        _pass(app, report, stopped)
    except Unavailable as error:
        report.failures.append(f"the pass ended early, the next goes on where it was left: {error}")
    return report


def _pass(app: App, report: PassReport, stopped: Stopped) -> None:
    jobs.poll(app, report, stopped, leaving=_leaving(app, outages.POLL, "mailbox", report))
    processing.process(app, report, stopped)
    if not stopped():  # what was not processed may be the part that came in time
        jobs.expire_grace(app, report)
    alarms.watch(app)
    _daily(app)
    _tell_staff(app)
    sending.send(app, report, stopped, leaving=_leaving(app, outages.SEND, "smtp", report))
    jobs.file_mails(app, report)
    try:
        jobs.seal(app)
    except Unavailable as error:
        report.failures.append(f"the ledger waits to be sealed: {error}")
    index_waiting(app, stopped)


def _tell_staff(app: App) -> None:
    """The letters that come by the clock: the morning's digest, and reminders to who has not reported."""
    digest.send_if_due(app)
    reminders.remind_if_due(app)


def _leaving(app: App, stage: str, what: str, report: PassReport) -> set[str]:
    """What refused the log-in in an earlier pass and is left alone in this one: still for the operator to mend."""
    found = resting(app, stage)
    for name, left in found.items():
        report.failures.append(
            f"{what} {name}: log-in refused earlier, tried again in {left.seconds // 60 + 1} min;"
            " check the authorization code (a new one in its file is tried at once)"
        )
    return set(found)


def _daily(app: App) -> None:
    """What is looked at once a day; each knows by the database whether it was."""
    retention.remind(app)
    recheck.nightly(app)


def _prepare(app: App) -> None:
    app.prepare()
    _sweep(app)


def _sweep(app: App) -> None:
    """What a worker that was killed left holds mails of counties: it goes at the next start, or an hour later where one of
    its children still wrote to it."""
    if left := app.blobs.scratch.sweep():
        log.info("left_over_removed", count=left)


@dataclass(kw_only=True)
class Worker:
    """The scheduled worker. `stop` may come from a signal: work in hand is finished, the rest stays for next time."""

    app: App
    stopping: threading.Event = field(default_factory=threading.Event)
    process_seconds: float = 5.0
    send_seconds: float = 5.0
    expire_seconds: float = 60.0
    watch_seconds: float = BEAT_SECONDS
    remind_seconds: float = 3600.0
    digest_seconds: float = 30.0
    index_seconds: float = 15.0
    sweep_seconds: float = 3600.0
    service: Service = field(default_factory=Service)
    held: Held = field(default_factory=Held)
    """That no other worker is at work."""
    queue: Queue | None = None
    """Through which mails are handed out, to be processed by whoever takes them; None: they are processed here."""
    alone: bool = True
    """Whether this is all that the process does: it then hears signals, and tells systemd of its beginning and end."""
    _started: datetime | None = None
    _polling: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(jobs.POLLED_AT_ONCE))

    def run(self) -> None:
        """Runs until `stop`. Installs handlers for SIGTERM and SIGINT when in the main thread.

        Raises SettingsError before anything starts: a job that met it would fail unseen for ever; Busy at the end, where another
        worker has taken over.
        """
        _prepare(self.app)
        self._started = self.app.clock()
        note_beat(self.app, self._started)
        if self.alone and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._on_signal)
        watchdog = Watchdog(service=self.service, stages=self.app.stages)
        scheduler = self.scheduler()
        scheduler.start()
        log.info("worker_started", mailboxes=sorted(self.app.settings.mailboxes))
        if self.alone:
            self.service.ready()
        # The kernel may hand a signal to any thread, and Python runs its handler in this one, once it wakes: a wait without
        # end could sleep through it.
        while not self.stopping.wait(_WAKE_SECONDS):
            watchdog.look()
            if self.held.is_lost():
                self.stop()
        if self.alone:
            self.service.stopping()
        ending = threading.Thread(target=scheduler.shutdown, name="shutdown")  # waits for the work in hand
        ending.start()
        while ending.is_alive():
            ending.join(_WAKE_SECONDS)
            watchdog.look()
        log.info("worker_stopped")
        if self.held.is_lost():
            raise Busy("another worker has taken over")

    def scheduler(self) -> BackgroundScheduler:
        """The jobs, not started yet."""
        made = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _MISFIRE_SECONDS},
        )
        made.add_listener(_tell, EVENT_JOB_MISSED | EVENT_JOB_ERROR)
        for name, seconds, job in self._jobs():
            made.add_job(self._while_held(_logged(job)), "interval", seconds=seconds, id=name)
        made.add_job(self._poll_for_ever, id="poll")
        return made

    def _while_held(self, job: Callable[[], None]) -> Callable[[], None]:
        """The job, left out while it is not sure that this worker is the only one: the server cannot be asked, and will give its
        place to another."""

        def run() -> None:
            if self.held.stands():
                with suppress(Unavailable):  # the job will say so itself
                    refresh(self.app)
                job()
            else:
                for loop in set(LOOPS.values()):  # none of them hangs
                    self.app.stages.beat(loop)

        return run

    def stop(self) -> None:
        self.stopping.set()

    def _must_end(self) -> bool:
        """Between two pieces of work."""
        return self.stopping.is_set() or not self.held.stands()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop()

    def _jobs(self) -> list[tuple[str, float, Callable[[PassReport], None]]]:
        app = self.app
        return [
            ("process", self.process_seconds, self._process),
            ("send", self.send_seconds, self._send),
            ("expire", self.expire_seconds, lambda report: jobs.expire_grace(app, report)),
            ("watch", self.watch_seconds, self._watch),
            ("remind", self.remind_seconds, lambda report: _daily(app)),
            ("digest", self.digest_seconds, lambda report: _tell_staff(app)),
            ("index", self.index_seconds, self._index),
            ("sweep", self.sweep_seconds, lambda report: _sweep(app)),
        ]

    def _watch(self, report: PassReport) -> None:
        note_beat(self.app, self._started or self.app.clock())
        alarms.watch(self.app, started=self._started)

    def _index(self, report: PassReport) -> None:
        index_waiting(self.app, self._must_end)

    def _send(self, report: PassReport) -> None:
        self.app.stages.beat("send")
        sending.send(self.app, report, self._must_end)

    def _process(self, report: PassReport) -> None:
        self.app.stages.beat("process")
        if self.queue is None:
            processing.process(self.app, report, self._must_end)
        else:
            try:
                hand_out(self.app, self.queue, self._must_end)
            except Unavailable as error:  # of the database or the archive: told once, and tried again in a second
                report.failures.append(str(error))
        jobs.file_mails(self.app, report)

    def _poll_for_ever(self) -> None:
        """Each mailbox in a loop of its own: one that does not answer keeps no other waiting."""
        names = list(self.app.mailboxes)
        with ThreadPoolExecutor(max_workers=len(names), thread_name_prefix="poll") as threads:
            for name in names:
                threads.submit(copy_context().run, self._poll_one_for_ever, name)

    def _poll_one_for_ever(self, name: str) -> None:
        """Polls on the open session; IDLE, where offered, only shortens the wait."""
        pause = self.app.settings.mailboxes[name].poll_seconds
        poll = self._while_held(_logged(lambda report: self._poll(name, report)))
        while not self.stopping.is_set():
            try:
                poll()
                self.app.mailboxes[name].wait(pause, self.stopping)
            except Exception as error:  # noqa: BLE001 polling must outlive any one round; it is told and tried again
                trace = "".join(format_tb(error.__traceback__))
                log.error("poll_round_failed", mailbox=name, error=type(error).__name__, trace=trace)
                self.stopping.wait(pause)

    def _poll(self, name: str, report: PassReport) -> None:
        """When its turn comes: a few at once."""
        while not self._polling.acquire(timeout=_WAKE_SECONDS):
            if self._must_end():
                return
        try:
            jobs.poll_one(self.app, name, report, self._must_end)
        finally:
            self._polling.release()


def _logged(job: Callable[[PassReport], None]) -> Callable[[], None]:
    """What needs mending is logged once, not every few seconds, until it is mended."""
    told: list[str] = []

    def run() -> None:
        report = PassReport()
        job(report)
        for failure in report.failures:
            if failure not in told:
                log.warning("needs_mending", what=failure)
        told[:] = report.failures

    return run


def _tell(event: JobExecutionEvent) -> None:
    if event.code == EVENT_JOB_MISSED:
        log.warning("job_missed", job=event.job_id, scheduled=str(event.scheduled_run_time))
    else:
        log.error("job_failed", job=event.job_id, error=type(event.exception).__name__, trace=event.traceback)
