"""Evidence bundles made for whoever waits elsewhere: in a thread, one at a time, into a file that does not stay."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import structlog

from ingest import bundle as bundles
from ingest.app import App
from ingest.bundle import Bundle
from ingest.evidence import Kept

log = structlog.get_logger(__name__)

LASTS = timedelta(hours=1)
"""So long a bundle that nobody fetches lies there: it holds names and phone numbers."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A bundle in the making, or made. `failed`: it could not be made."""

    id: str
    receipt: str
    by: str
    begun_at: datetime
    done: int = 0
    total: int = 0
    made: Bundle | None = None
    failed: bool = False

    @property
    def runs(self) -> bool:
        return self.made is None and not self.failed


@dataclass
class Bundles:
    """The bundles of one process. Their files lie where those of a task lie, so that a crash leaves none; they are for this
    user alone. Thread-safe."""

    app: App
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _jobs: dict[str, Job] = field(default_factory=dict)
    _files: dict[str, Path] = field(default_factory=dict)
    _thread: threading.Thread | None = None

    def start(self, kept: Kept, *, by: str, with_quarantined: bool = False) -> bool:
        """Begins one, unless one is in the making: then False."""
        with self._lock:
            self._forget_old()
            if any(job.runs for job in self._jobs.values()):
                return False
            job = Job(id=uuid4().hex, receipt=kept.case.receipt, by=by, begun_at=self.app.clock())
            self._jobs[job.id] = job
            arguments = (job, kept, with_quarantined)
            self._thread = threading.Thread(target=self._make, args=arguments, name="bundle", daemon=True)
            self._thread.start()
        return True

    def jobs(self) -> tuple[Job, ...]:
        """Newest first."""
        with self._lock:
            self._forget_old()
            return tuple(reversed(self._jobs.values()))

    def wait(self) -> None:
        """Until none is in the making."""
        thread = self._thread
        if thread:
            thread.join()

    def find(self, id_: str) -> tuple[Job, Path] | None:
        """The bundle and its file; None where there is none, or none any more."""
        with self._lock:
            job, file = self._jobs.get(id_), self._files.get(id_)
        return (job, file) if job and job.made and file and file.is_file() else None

    def forget(self, id_: str) -> None:
        """Takes it away: it was handed out whole."""
        with self._lock:
            self._drop(id_)

    def close(self) -> None:
        """Takes all of them away."""
        self.wait()
        with self._lock:
            for id_ in list(self._jobs):
                self._drop(id_)

    def _make(self, job: Job, kept: Kept, with_quarantined: bool) -> None:
        def progress(done: int, total: int) -> None:
            self._put(replace(job, done=done, total=total))

        try:
            target = self.app.scratch.folder / f"{job.id}.zip"
            with self._lock:
                self._files[job.id] = target
            made = bundles.bundle(
                self.app, kept, target, by=job.by, with_quarantined=with_quarantined, progress=progress
            )
        except Exception as error:  # noqa: BLE001  a full disk, an archive that is away: who waits is told
            log.error("bundle_failed", error=type(error).__name__)
            self._put(replace(job, failed=True))
            self._drop_file(job.id)
        else:
            self._put(replace(job, made=made))

    def _put(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.id] = job

    def _forget_old(self) -> None:
        limit = self.app.clock() - LASTS
        for job in list(self._jobs.values()):
            if job.begun_at < limit and not job.runs:
                self._drop(job.id)

    def _drop(self, id_: str) -> None:
        self._jobs.pop(id_, None)
        self._drop_file(id_)

    def _drop_file(self, id_: str) -> None:
        file = self._files.pop(id_, None)
        if file:
            file.unlink(missing_ok=True)
