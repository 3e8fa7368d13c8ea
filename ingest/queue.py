"""The queue of many machines: Procrastinate hands mails out to workers, over the same PostgreSQL that has the records.

The records stay the truth: a job is the id of a mail and no more. What the queue lost, or never had, is handed out again by who
looks at the inbox (`ingest/handing.py`); what it hands out twice is done once, since a mail has one disposition.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from psycopg_pool import ConnectionPool, PoolTimeout

from storage import queue_tables
from storage.database import Database
from storage.errors import Unavailable

log = structlog.get_logger(__name__)

_QUEUE, _TASK = "mails", "process_mail"
_CONNECTION: dict[str, Any] = {
    "options": f"-c search_path={queue_tables.SCHEMA}",
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
    "application_name": "baosong queue",
}
"""A server that is gone without a word (cable, power) is known to be so within half a minute."""
_HEARTBEAT, _STALLED = 5.0, 20.0
_PATIENCE = 10.0
"""Seconds that who hands out waits for a connection."""
_LOOK = 0.2
_AGAIN = 5.0
"""Seconds until a server that was gone is tried again."""


class Queue:
    """`conninfo` is libpq's (a URL or keywords). A worker says that it lives every `heartbeat` seconds; what one had that was
    silent for `stalled` is handed to another. Nothing connects before it is used. Every method but `work` raises Unavailable
    while the server does not serve."""

    def __init__(
        self, conninfo: str, *, heartbeat: float = _HEARTBEAT, stalled: float = _STALLED, patience: float = _PATIENCE
    ) -> None:
        self._conninfo = conninfo
        self._heartbeat = heartbeat
        self._stalled = stalled
        self._patience = patience
        self._giving: App | None = None
        self._pool: ConnectionPool | None = None
        self._making = threading.Lock()

    def prepare(self, database: Database) -> None:
        """Brings the queue's tables, in the database that it is in, to the installed version's; harmless when they are."""
        scripts = resources.files("procrastinate.sql")
        steps = scripts.joinpath("migrations").iterdir()
        queue_tables.prepare(
            database,
            scripts.joinpath("schema.sql").read_text("utf-8"),
            {each.name: each.read_text("utf-8") for each in steps if each.name.endswith(".sql")},
        )

    def handed_out(self) -> set[int]:
        """Ids of the mails that wait in the queue or are being processed."""
        with _told():
            jobs = self._sync().job_manager.list_jobs(queue=_QUEUE)
        return {
            int(str(job.task_kwargs["mail"])) for job in jobs if job.status in (Status.TODO.value, Status.DOING.value)
        }

    def hand_out(self, turns: Mapping[int, int]) -> None:
        """Mails, each with its turn: those of an earlier turn go first, however late they come. One that waits already is
        passed over."""
        with _told():
            for mail, turn in turns.items():
                task = self._sync().tasks[_TASK].configure(priority=-turn, queueing_lock=f"mail:{mail}")
                with suppress(AlreadyEnqueued):
                    task.defer(mail=mail)

    def work(
        self,
        process: Callable[[int], None],
        stopping: threading.Event,
        *,
        places: int = 2,
        resting: Callable[[], None] = lambda: None,
    ) -> None:
        """Processes what is handed out, `places` mails at once, each in a thread, until told to stop; what is in hand is then
        finished. `resting` is called now and then while nothing is in hand. A server that is gone is waited for."""
        while not stopping.is_set():
            try:
                asyncio.run(self._work(_Hands(process, resting, stopping), stopping, places))
            except Exception as error:  # noqa: BLE001  it must outlive any failure of the server, whatever shape that has
                log.warning("queue_unavailable", error=type(error).__name__)
                stopping.wait(_AGAIN)

    async def _work(self, hands: _Hands, stopping: threading.Event, places: int) -> None:
        connector = PsycopgConnector(conninfo=self._conninfo, kwargs=_CONNECTION, min_size=1, max_size=4)
        app = _app(connector, hands.process)
        async with app.open_async():
            working = asyncio.create_task(
                app.run_worker_async(
                    queues=[_QUEUE],
                    concurrency=places,
                    install_signal_handlers=False,
                    delete_jobs="always",
                    update_heartbeat_interval=self._heartbeat,
                    stalled_worker_timeout=self._stalled,
                )
            )
            looked = 0.0
            while not stopping.is_set() and not working.done():
                await asyncio.sleep(_LOOK)
                looked += _LOOK
                if looked >= self._heartbeat:
                    looked = 0.0
                    hands.rest()
                    await _take_back(app, self._stalled)
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working

    def close(self) -> None:
        with self._making:
            if self._pool is not None:
                self._pool.close()
                self._giving = self._pool = None

    def _sync(self) -> App:
        with self._making:
            if self._giving is None:
                check = ConnectionPool.check_connection
                pool = ConnectionPool(
                    self._conninfo,
                    kwargs=_CONNECTION,
                    min_size=1,
                    max_size=2,
                    timeout=self._patience,
                    open=False,
                    check=check,
                )
                try:
                    pool.open(wait=True, timeout=self._patience)
                except BaseException:
                    pool.close()
                    raise
                self._pool = pool
                self._giving = _app(SyncPsycopgConnector(), _elsewhere)
                self._giving.open(pool)
            return self._giving


class _PutBack(Exception):
    """The worker ends: the mail stays in the queue."""


class _PuttingBack(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return RetryDecision(retry_at=datetime.now(UTC)) if isinstance(exception, _PutBack) else None


class _Hands:
    """What a worker does with the mails it takes, and how many it has."""

    def __init__(self, process: Callable[[int], None], resting: Callable[[], None], stopping: threading.Event) -> None:
        self._process = process
        self._resting = resting
        self._stopping = stopping
        self._lock = threading.Lock()
        self._full = 0

    def process(self, mail: int) -> None:
        if self._stopping.is_set():
            raise _PutBack
        with self._lock:
            self._full += 1
        try:
            self._process(mail)
        except Exception as error:  # noqa: BLE001  its words may quote a mail, which still waits and is handed out again
            log.error("mail_not_processed", mail=mail, error=type(error).__name__)
        finally:
            with self._lock:
                self._full -= 1

    def rest(self) -> None:
        if not self._full:
            self._resting()


def _app(connector: PsycopgConnector | SyncPsycopgConnector, process: Callable[[int], None]) -> App:
    app = App(connector=connector)

    @app.task(name=_TASK, queue=_QUEUE, retry=_PuttingBack())
    def process_mail(mail: int) -> None:
        process(mail)

    return app


def _elsewhere(mail: int) -> None:
    """Who hands out processes nothing."""
    raise AssertionError("this process hands mails out")


async def _take_back(app: App, stalled_after: float) -> None:
    """What a worker held that died, or is cut off, is handed out again."""
    stalled: list[Job] = list(
        await app.job_manager.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=stalled_after)
    )
    for job in stalled:
        with suppress(ConnectorException):  # another worker was quicker
            await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
            log.warning("mail_taken_back", mail=job.task_kwargs.get("mail"))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (ConnectorException, PoolTimeout) as error:
        raise Unavailable(f"queue: {type(error.__cause__ or error).__name__}") from error
