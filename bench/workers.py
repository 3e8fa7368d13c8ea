"""What do many workers bring, and what does handing out cost? `python -m bench.workers [--count 48] [--rounds 2]`

The same backlog of sample mails, received already, is worked off with the real reader: by one process alone (on SQLite, and on
PostgreSQL), reading one mail at a time and two; and through the queue, by one worker with one place, one with two, and two with
one each. PostgreSQL is Debian's, with fsync on. Recognisers are warm. Everything is held on two cores. What two workers could bring at
most is told by two programs that know nothing of each other, each with half of the backlog in an SQLite of its own. Told are mails a
minute, the best of the rounds, and ratios of the same run. Exit status 1 when two workers are less than 1.8 times one, or the queue takes
more than a twentieth of a mail's time.

Imports little at the top: every child of the sandbox imports the main module again.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.app import App

CORES = 2
_START_SECONDS, _LONGEST_SECONDS = 120.0, 1800.0


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a backlog is worked off. `workers` 0: by one process alone, without the queue. `apart`: so many of them, each with its
    share in a store of its own."""

    name: str
    server: bool
    workers: int
    places: int
    apart: int = 1


WAYS = (
    Way(name="SQLite, alone, 1 at a time", server=False, workers=0, places=1),
    Way(name="SQLite, alone, 2 at a time", server=False, workers=0, places=2),
    Way(name="SQLite, two apart, 1 at a time", server=False, workers=0, places=1, apart=2),
    Way(name="PostgreSQL, alone, 1 at a time", server=True, workers=0, places=1),
    Way(name="PostgreSQL, alone, 2 at a time", server=True, workers=0, places=2),
    Way(name="queue, 1 worker of 1 place", server=True, workers=1, places=1),
    Way(name="queue, 1 worker of 2 places", server=True, workers=1, places=2),
    Way(name="queue, 2 workers of 1 place", server=True, workers=2, places=1),
)


def main() -> int:
    from bench.arguments import positive
    from tests.servers.postgresql import Databases, cluster

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=positive, default=48, help="mails of a backlog (default 48)")
    parser.add_argument("--rounds", type=positive, default=2)
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    print(f"{options.count} mails, {CORES} cores; load of the machine before the run {os.getloadavg()[0]:.2f}")
    best: dict[str, float] = {}
    with cluster(more=("fsync=on",)) as url:
        server = Databases(url)
        for number in range(options.rounds):
            for place, way in enumerate(WAYS):
                name = f"w{number}_{place}"
                server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
                with tempfile.TemporaryDirectory(prefix="baosong-workers-") as folder:
                    seconds = _seconds(way, Path(folder), server.url(name), options.count)
                print(f"round {number + 1}: {way.name}: {seconds:.1f} s", file=sys.stderr)
                best[way.name] = max(best.get(way.name, 0.0), 60 * options.count / seconds)
    return _told(best)


def _told(best: dict[str, float]) -> int:
    for name, pace in best.items():
        print(f"{name:<32} {pace:6.1f} mails a minute")
    queue, alone = best["queue, 1 worker of 2 places"], best["PostgreSQL, alone, 2 at a time"]
    two, one = best["queue, 2 workers of 1 place"], best["queue, 1 worker of 1 place"]
    cost = alone / queue - 1
    most = best["SQLite, two apart, 1 at a time"] / best["SQLite, alone, 1 at a time"]
    print(f"two workers beside one: {two / one:.2f} times; two programs apart beside one: {most:.2f} times")
    print(f"the queue beside one process alone: {cost:+.1%} of a mail's time")
    return int(two / one < 1.8 or cost > 0.05)


def _seconds(way: Way, folder: Path, url: str, count: int) -> float:
    """The time from the first mail to the last, of a backlog in a store of its own."""
    context = multiprocessing.get_context("spawn")
    shares = [folder / str(number) for number in range(way.apart)]
    stores = [(share, url if way.server else f"sqlite:///{share}/baosong.db") for share in shares]
    for share, database in stores:
        share.mkdir()
        maker = context.Process(target=_fill, args=(share, database, count // way.apart))
        maker.start()
        maker.join(_START_SECONDS)
        assert maker.exitcode == 0
    stopping, ready = context.Event(), context.Semaphore(0)
    go, done = context.Event(), context.Queue()
    target = _alone if way.workers == 0 else _works
    processes = [
        context.Process(target=target, args=(share, database, way.places, ready, go, stopping, done))
        for share, database in stores
        for _ in range(max(1, way.workers))
    ]
    for process in processes:
        process.start()
    for _ in processes:
        assert ready.acquire(timeout=_START_SECONDS)
    go.set()
    try:
        if way.workers == 0:
            took: list[float] = [done.get(timeout=_LONGEST_SECONDS) for _ in processes]
            return max(took)
        return _handing(*stores[0])
    finally:
        stopping.set()
        for process in processes:
            process.join(_START_SECONDS)


def app_on(folder: Path, database: str, *, mails_an_hour: int = 0) -> App:
    """`mails_an_hour` of one sender take their turn; 0: all, since the samples, over and over, are of few."""
    from config.logging import configure_logging
    from config.settings import Settings
    from ingest.app import build

    configure_logging(json_lines=False, level=logging.CRITICAL)
    account = {"url": "imap://bureau%40example.org@127.0.0.1:1/INBOX", "password": "none"}
    sending = {"url": "smtp://bureau%40example.org@127.0.0.1:1", "password": "none", "sender": "bureau@example.org"}
    return build(
        Settings.model_validate(
            {
                "mailboxes": {"main": account},
                "smtp": {"main": sending},
                "storage": {"database": database},
                "limits": {"mails_per_sender_per_hour": mails_an_hour},
                "base": str(folder),
            }
        )
    )


def _fill(folder: Path, database: str, count: int) -> None:
    """The shipped samples, over and over; a copy has a header line more, so that it is another mail."""
    from domain.mail import Origin
    from ingest import jobs
    from ingest.demo import sample_folder
    from ingest.mailbox import FetchedMail

    samples = sample_folder()
    assert samples is not None
    with app_on(folder, database) as app:
        app.database.upgrade()
        app.blobs.begin()
        mails = []
        for number in range(count):
            mail = samples.mails[number % len(samples.mails)]
            raw = b"X-Copy: %d\r\n" % number + mail.path.read_bytes()
            origin = Origin(account="main", folder="INBOX", uidvalidity=1, uid=number + 1, received_at=mail.received_at)
            mails.append(FetchedMail(origin=origin, raw=raw, size_announced=len(raw)))
        jobs.receive(app, mails)
        app.blobs.unspool()
        if app.queue:
            app.queue.prepare(app.database)


def warm(app: App, places: int) -> None:
    """The fork server runs, and as many recognisers have their models as will be wanted."""
    from concurrent.futures import ThreadPoolExecutor

    from domain.mail import Origin
    from ingest.demo import sample_folder

    samples = sample_folder()
    assert samples is not None
    app.places = places
    mail = next(mail for mail in samples.mails if mail.path.name == "02-accepted.eml")
    origin = Origin(account="warm", folder="INBOX", uidvalidity=1, uid=1, received_at=mail.received_at)
    raw = mail.path.read_bytes()
    with ThreadPoolExecutor(max_workers=places) as threads:
        list(threads.map(lambda name: app.reader.read(raw, sha256=name, origin=origin), "ab"[:places]))


def _alone(folder: Path, database: str, places: int, ready: Any, go: Any, stopping: Any, done: Any) -> None:
    from ingest import processing
    from ingest.passes import PassReport

    with app_on(folder, database) as app:
        warm(app, places)
        ready.release()
        go.wait()
        begun = time.perf_counter()
        processing.process(app, PassReport())
        done.put(time.perf_counter() - begun)


def _works(folder: Path, database: str, places: int, ready: Any, go: Any, stopping: Any, done: Any) -> None:
    from ingest import handing

    with app_on(folder, database) as app:
        assert app.queue is not None
        warm(app, places)
        ready.release()
        go.wait()
        handing.work(app, app.queue, stopping)


def _handing(folder: Path, database: str) -> float:
    """Hands out as the leader does, until nothing waits."""
    from ingest import handing
    from storage import inbox

    with app_on(folder, database) as app:
        assert app.queue is not None
        begun = time.perf_counter()
        while True:
            handing.hand_out(app, app.queue)
            time.sleep(0.1)
            with app.database.read() as tx:
                if inbox.oldest_waiting(tx) is None:
                    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
