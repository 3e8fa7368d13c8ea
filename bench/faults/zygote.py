"""The mother of all workers: a process that has imported everything once, and forks a worker for every order.

Importing the product takes seconds, and a bench kills hundreds of workers. It has no thread and no open connection, so
that a fork of it is as good as a fresh start; what runs in the fork is what `baosong run` runs (`work`).
It imports little at the top: the children of the sandbox import this module again.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.faults.steps import Steps
    from ingest.app import App

UNFORESEEN = 99
"""Exit status of a worker that ended with an exception nobody foresaw."""
HEARTBEAT, STALLED, TRY_SECONDS = 0.5, 3.0, 1.0
"""Of the queue and of who waits to lead: the product's, but some six times as quick."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A worker to be made: `once` one pass, else what `baosong run` does until it is told to stop, or `hand`: what `baosong worker`
    does. `clock` names a file that holds how many seconds it is ahead of the machine's clock."""

    config: str
    clock: str
    log: str
    once: bool = True
    hand: bool = False
    cold: bool = False
    die_at: str | None = None
    survey: str | None = None
    temporary: str | None = None
    file_limit: int | None = None

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


def main() -> int:
    """One order a line on stdin, answered by `born PID`; `ended PID STATUS` comes when it does. At the end of stdin whoever lives is
    killed."""
    warm()
    print("ready", flush=True)
    alive: dict[int, int] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        heard = b""
        while True:
            for key, _ in selector.select():
                if key.fd in alive:
                    selector.unregister(key.fd)
                    _buried(key.fd, alive.pop(key.fd))
                    continue
                data = os.read(key.fd, 65536)
                if not data:
                    _kill(alive.values())
                    return 0
                *orders, heard = (heard + data).split(b"\n")
                for order in orders:
                    pid = _born(Order(**json.loads(order)))
                    death = os.pidfd_open(pid)
                    alive[death] = pid
                    selector.register(death, selectors.EVENT_READ)


def _born(order: Order) -> int:
    forkserver.ensure_running()  # a worker that is killed in the midst of asking for a reader takes it along
    pid = os.fork()
    if pid == 0:
        _be_worker(order)
    print(f"born {pid}", flush=True)
    return pid


def _buried(death: int, pid: int) -> None:
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(death)
    print(f"ended {pid} {status}", flush=True)


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def warm() -> None:
    import cli.worker
    import ingest.app
    import ingest.evidence
    import ingest.scheduler
    import storage.database

    assert cli.worker and ingest.app and ingest.evidence and ingest.scheduler and storage.database
    if "postgresql" in sys.argv:
        import ingest.members
        import ingest.queue

        assert ingest.members and ingest.queue
    if "s3" in sys.argv:
        from storage.s3 import Bucket, BucketSettings

        assert Bucket(BucketSettings(bucket="none"))._client  # reads the library's models; nothing connects
    forkserver.ensure_running()
    _open_once()


def _open_once() -> None:
    """What is loaded at the first use only: migrations, notices, dialects. Nothing of it stays open."""
    import tempfile

    from config.settings import Settings
    from ingest.app import build

    with tempfile.TemporaryDirectory() as folder, build(Settings.model_validate({"base": folder})) as app:
        app.database.upgrade()


def _decoders(*, cold: bool) -> None:
    """The fork server of the sandbox takes seconds of imports too: workers share one, as their children are nobody's
    but their own. A `cold` worker starts its own, as one does that was started by hand."""
    server: Any = forkserver._forkserver
    if cold:
        preload = server._preload_modules
        server.__init__()
        server.set_forkserver_preload(preload)
    else:
        server.ensure_running = lambda: None  # it would wait for a process that is no child of the worker
        forkserver.ensure_running = server.ensure_running


def _be_worker(order: Order) -> None:
    status = UNFORESEEN
    try:
        log = os.open(order.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if order.temporary:
            os.environ["TMPDIR"] = order.temporary
        _decoders(cold=order.cold)
        from cli.errors import explained

        with explained():  # as the command does: what the operator can mend is a line, anything else a traceback
            status = work(order)
    except SystemExit as ended:
        status = int(ended.code or 0)
    except BaseException:  # noqa: BLE001 whatever it was, the zygote must not go on in a second process
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)


def work(order: Order) -> int:
    """What `baosong run` does (`cli/worker.py`, `cli/common.open_app`), with a clock that can be set and counted steps."""
    import resource

    from bench.faults.steps import Steps
    from config.logging import configure_logging
    from ingest.evidence import check_fit, refuse_new_database
    from ingest.published import refresh

    configure_logging(json_lines=True)
    steps = Steps(order.die_at, Path(order.survey) if order.survey else None)
    app = _app(order, steps)
    if order.file_limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.file_limit, order.file_limit))
    with app:
        refuse_new_database(app)
        app.database.upgrade()
        refresh(app)
        check_fit(app)
        failures = _serve(app, order)
    for failure in dict.fromkeys(failures):
        print(f"failure: {failure}", file=sys.stderr)
    steps.tell()
    return int(bool(failures))


def _app(order: Order, steps: Steps) -> App:
    from datetime import UTC, datetime, timedelta

    from bench.faults.steps import SteppedDatabase, watch_files, watch_objects
    from config.settings import load_settings
    from ingest.app import build

    clock = Path(order.clock)

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(clock.read_text("ascii")))

    settings = load_settings(Path(order.config), {})
    app = build(settings, clock=now)
    app.database = SteppedDatabase(settings.database_url, steps)
    watch_files(steps, Path(order.config).parent / "data")
    watch_objects(steps, app)
    return app


def _serve(app: App, order: Order) -> list[str]:
    """→ what the operator would have to mend, after one pass."""
    from ingest.scheduler import Worker, one_pass

    if order.once:
        with app.database.sole_worker():
            return one_pass(app).failures
    server = app.database.server
    if server is None:
        with app.database.sole_worker():
            Worker(app=app).run()
        return []
    from ingest.members import Member
    from ingest.queue import Queue

    app._queue = Queue(server, heartbeat=HEARTBEAT, stalled=STALLED)
    Member(app=app, queue=app._queue, may_lead=not order.hand, try_seconds=TRY_SECONDS).run()
    return []


if __name__ == "__main__":
    sys.exit(main())
