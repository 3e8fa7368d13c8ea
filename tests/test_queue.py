"""The queue over a real PostgreSQL: what is handed out is processed, in its turn, whoever dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.queue import Queue
from storage import queue_tables
from storage.database import Database
from storage.errors import Unavailable
from tests.servers.postgresql import FEW, Databases, cluster
from tests.waiting import PATIENCE, wait


@pytest.fixture(scope="module")
def server() -> Iterator[Databases]:
    with cluster(more=FEW) as url:
        yield Databases(url)


@pytest.fixture
def base(server: Databases, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty one."""
    name = f"q{abs(hash(request.node.name)):x}"
    server.execute(f"CREATE DATABASE {name}")
    made = Database(server.url(name))
    yield made
    made.close()


@pytest.fixture
def place(base: Database) -> str:
    assert base.server
    return base.server


@pytest.fixture
def queue(base: Database, place: str) -> Iterator[Queue]:
    made = Queue(place, heartbeat=0.5, stalled=2.0)
    made.prepare(base)
    yield made
    made.close()


@contextmanager
def working(queue: Queue, process: Callable[[int], None], *, places: int = 1) -> Iterator[threading.Event]:
    """A worker in a thread, ended at the end."""
    stopping = threading.Event()
    thread = threading.Thread(target=queue.work, args=(process, stopping), kwargs={"places": places})
    thread.start()
    try:
        yield stopping
    finally:
        stopping.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_what_is_handed_out_is_processed_and_forgotten(queue: Queue) -> None:
    done: list[int] = []
    queue.hand_out({5: 0, 6: 0})
    assert queue.handed_out() == {5, 6}
    with working(queue, done.append):
        wait(lambda: not queue.handed_out())
    assert done == [5, 6]


def test_an_earlier_turn_goes_first_however_late_it_comes(queue: Queue) -> None:
    done: list[int] = []
    queue.hand_out({number: number // 10 for number in range(30)})
    queue.hand_out({99: 0})
    with working(queue, done.append):
        wait(lambda: len(done) == 31)
    assert done == [*range(10), 99, *range(10, 30)]


def test_what_waits_already_is_not_handed_out_twice(queue: Queue) -> None:
    done: list[int] = []
    for _ in range(3):
        queue.hand_out({7: 0})
    with working(queue, done.append):
        wait(lambda: not queue.handed_out())
    assert done == [7]


def test_a_mail_that_fails_stops_no_other_and_may_come_again(queue: Queue) -> None:
    tried: list[int] = []

    def process(mail: int) -> None:
        tried.append(mail)
        if mail == 1 and tried.count(1) == 1:
            raise ValueError("unforeseen")

    queue.hand_out({1: 0, 2: 0})
    with working(queue, process):
        wait(lambda: not queue.handed_out())
        queue.hand_out({1: 0})
        wait(lambda: not queue.handed_out())
    assert tried == [1, 2, 1]


def test_what_is_in_hand_is_finished_at_the_end_and_no_more_is_taken(queue: Queue) -> None:
    begun, going_on = threading.Event(), threading.Event()
    done: list[int] = []

    def process(mail: int) -> None:
        begun.set()
        assert going_on.wait(PATIENCE)
        done.append(mail)

    queue.hand_out({1: 0, 2: 0})
    with working(queue, process) as stopping:
        assert begun.wait(PATIENCE)
        stopping.set()
        going_on.set()
    assert (done, queue.handed_out()) == ([1], {2})


def test_several_places_work_at_once(queue: Queue) -> None:
    together = threading.Barrier(3, timeout=PATIENCE)
    queue.hand_out({1: 0, 2: 0, 3: 0})
    with working(queue, lambda _: _passed(together), places=3):
        wait(lambda: not queue.handed_out())


def _passed(barrier: threading.Barrier) -> None:
    barrier.wait()


def _die_holding(place: str, begun: str) -> None:
    """A worker that is killed in the midst: it takes a mail and is heard of no more."""

    def process(mail: int) -> None:
        Path(begun).write_text(str(mail), "ascii")
        os.kill(os.getpid(), signal.SIGKILL)

    Queue(place, heartbeat=0.5, stalled=2.0).work(process, threading.Event(), places=1)


def test_what_a_killed_worker_held_is_taken_back(queue: Queue, place: str, tmp_path: Path) -> None:
    queue.hand_out({4: 0})
    begun = tmp_path / "begun"
    process = multiprocessing.get_context("spawn").Process(target=_die_holding, args=(place, str(begun)))
    process.start()
    process.join(PATIENCE)
    assert (begun.read_text("ascii"), process.exitcode) == ("4", -signal.SIGKILL)
    assert queue.handed_out() == {4}
    done: list[int] = []
    with working(queue, done.append):
        wait(lambda: not queue.handed_out())
    assert done == [4]


def test_a_worker_outlives_its_connections(queue: Queue, place: str, server: Databases) -> None:
    done: list[int] = []
    with working(queue, done.append):
        queue.hand_out({1: 0})
        wait(lambda: done == [1])
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'baosong queue'"
        )
        wait(lambda: _handed(queue, 2))
        wait(lambda: done == [1, 2])


def _handed(queue: Queue, mail: int) -> bool:
    """Whether it could be handed out: the first try may meet the connection that was ended."""
    try:
        queue.hand_out({mail: 0})
    except Unavailable:
        return False
    return True


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="queue: "):
        Queue(f"postgresql://nobody@/none?host={tmp_path}", patience=1.0).handed_out()


def test_tables_are_made_once_and_kept(queue: Queue, base: Database) -> None:
    queue.hand_out({8: 0})
    queue.prepare(base)
    assert queue.handed_out() == {8}


def test_tables_are_made_once_by_two_that_begin_together(base: Database, place: str) -> None:
    queues = [Queue(place) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda queue: queue.prepare(base), queues))
    assert queues[0].handed_out() == set()
    queues[0].close()


def test_a_newer_version_of_the_library_brings_its_own_steps(base: Database) -> None:
    whole, steps = "CREATE TABLE one (id int)", {"01.sql": "SELECT 'never: 100%'", "02.sql": "SELECT 2"}
    queue_tables.prepare(base, whole, steps)
    queue_tables.prepare(base, "no SQL at all", steps)
    later = "CREATE TABLE two (id int); INSERT INTO two SELECT 7 % 4"
    queue_tables.prepare(base, "no SQL at all", steps | {"03.sql": later})
    with base.read() as tx:
        assert tx.exec_driver_sql("SELECT id FROM procrastinate.two").scalar() == 3
