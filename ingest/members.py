"""One of several machines over one PostgreSQL: each processes mails, one of them leads, and another takes its place within a
minute when it is gone.

To lead is to poll, to hand mails out, to send, to seal, and what else the clock asks for: the work of `ingest.scheduler`.
Should two lead for some seconds, as when a cable was pulled, nothing is done twice: each step is known by the database.
"""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass, field
from types import FrameType

import structlog

from ingest import handing
from ingest.app import App
from ingest.queue import Queue
from ingest.scheduler import Worker
from ingest.service import Service, Watchdog
from storage.errors import Busy, Unavailable
from storage.lock import Held

log = structlog.get_logger(__name__)

_HAND_OUT_SECONDS = 1.0
_STEP_SECONDS = 1.0


@dataclass(kw_only=True)
class Member:
    """`may_lead` False: it only processes what is handed out. `stop` may come from a signal: work in hand is finished."""

    app: App
    queue: Queue
    may_lead: bool = True
    try_seconds: float = 10.0
    """So often it asks whether it may lead: with the half minute after which a server gives up a client, another takes over
    within a minute."""
    stopping: threading.Event = field(default_factory=threading.Event)
    service: Service = field(default_factory=Service)
    _leader: Worker | None = None
    _watchdog: Watchdog = field(init=False)
    _standing_by: bool = False

    def __post_init__(self) -> None:
        self._watchdog = Watchdog(service=self.service, stages=self.app.stages)

    def run(self) -> None:
        """Runs until `stop`. Installs handlers for SIGTERM and SIGINT when in the main thread. Raises Unavailable where the
        server does not serve at the start; Busy while somebody erases, who must be alone."""
        self.queue.prepare(self.app.database)
        with self.app.database.member() as held:
            self._run(held)
        if held.is_lost():
            raise Busy("cut off, and another process needs to be alone now")

    def _run(self, held: Held) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._on_signal)
        working = threading.Thread(target=self._work, name="work")
        working.start()
        self.service.ready()
        log.info("member_started", places=self.app.places, may_lead=self.may_lead)
        try:
            while not self.stopping.is_set():
                if self.may_lead:
                    self._lead()
                self._rest()
                if held.is_lost():
                    self.stop()
        finally:  # whatever ends it, what is in hand is finished
            self.stop()
            self.service.stopping()
            while working.is_alive():
                working.join(_STEP_SECONDS)
                self._watchdog.look()
            self.queue.close()
        log.info("member_stopped")

    def stop(self) -> None:
        self.stopping.set()
        if self._leader:
            self._leader.stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop()

    def _work(self) -> None:
        handing.work(self.app, self.queue, self.stopping)

    def _lead(self) -> None:
        """As long as nobody else does, and this machine can."""
        try:
            with self.app.database.sole_worker() as held:
                self._standing_by = False
                self._leader = Worker(
                    app=self.app,
                    service=self.service,
                    held=held,
                    queue=self.queue,
                    alone=False,
                    process_seconds=_HAND_OUT_SECONDS,
                )
                if not self.stopping.is_set():  # else a signal came before there was anybody to tell
                    self._leader.run()
        except (Busy, Unavailable) as error:
            if not self._standing_by:
                log.info("standing_by", why=str(error))
            self._standing_by = True
        finally:
            self._leader = None

    def _rest(self) -> None:
        """In steps, so that a signal wakes it and systemd hears of it."""
        left = self.try_seconds
        while left > 0 and not self.stopping.wait(min(left, _STEP_SECONDS)):
            left -= _STEP_SECONDS
            self._watchdog.look()
