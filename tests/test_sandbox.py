"""What a child does is told for what it is: the file's fault, or the machine's; and the next job is served."""

from __future__ import annotations

import errno
import json
import os
import pickle
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.child import ChildFailed, Job
from ingest.errors import MachineTrouble, Transient
from ingest.sandbox import Sandbox
from parsers.limits import Limits
from tests import sandbox_jobs as jobs


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(parse_seconds=20, parse_memory_mb=1500), workers=4) as made:
        yield made


@pytest.fixture(scope="module")
def hasty() -> Iterator[Sandbox]:
    with Sandbox(Limits(parse_seconds=1, parse_memory_mb=1500)) as made:
        yield made


def test_bytes_come_back_as_they_are(sandbox: Sandbox) -> None:
    large = os.urandom(3 * 1024 * 1024)
    assert sandbox.decode(jobs.echo, large) == large
    assert sandbox.decode(jobs.echo, b"") == b""


def test_an_answer_is_never_unpickled(sandbox: Sandbox) -> None:
    trap = pickle.dumps(OSError("trap"))
    assert sandbox.decode(jobs.echo, trap) == trap


@pytest.mark.parametrize(
    ("job", "args", "reason"),
    [
        (jobs.fail, ("张三 13912345678",), "error"),
        (jobs.text, (), "error"),
        (jobs.full_disk, (errno.EMFILE,), "error"),
        (jobs.leave, (0,), "crash"),
        (jobs.leave, (3,), "crash"),
        (jobs.take_signal, (signal.SIGSEGV,), "crash"),
        (jobs.take_signal, (signal.SIGABRT,), "crash"),
        (jobs.take_signal, (signal.SIGXCPU,), "time"),
        (jobs.hoard, (), "memory"),
        (jobs.too_much, (), "crash"),
    ],
)
def test_what_a_file_does_is_its_fault(sandbox: Sandbox, job: Job, args: tuple[object, ...], reason: str) -> None:
    with pytest.raises(ChildFailed) as caught:
        sandbox.decode(job, *args)
    assert caught.value.reason == reason
    assert "139" not in str(caught.value)
    assert sandbox.decode(jobs.echo, b"next") == b"next"


@pytest.mark.parametrize("job", [jobs.sleep, jobs.half_a_message, jobs.ignore_the_end])
def test_no_child_is_waited_for_longer_than_its_time(hasty: Sandbox, job: Job) -> None:
    with pytest.raises(ChildFailed) as caught:
        hasty.decode(job)
    assert caught.value.reason == "time"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_comes_from_outside_is_no_fault_of_the_file(sandbox: Sandbox, number: int) -> None:
    with pytest.raises(Transient):
        sandbox.decode(jobs.take_signal, number)
    with pytest.raises(Transient):
        sandbox.recognise(jobs.take_signal, number)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=["full", "broken"])
def test_a_full_disk_is_no_fault_of_the_file(sandbox: Sandbox, number: int) -> None:
    with pytest.raises(MachineTrouble) as caught:
        sandbox.decode(jobs.full_disk, number)
    assert errno.errorcode[number] in str(caught.value)
    assert "139" not in str(caught.value)


def test_a_child_sees_no_secret_of_the_environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAOSONG_MAILBOX__MAIN__PASSWORD", "secret")  # for the fork server, should it start now
    seen = json.loads(sandbox.decode(jobs.environment))
    assert "PATH" in seen
    assert not [name for name in seen if name.startswith("BAOSONG")]


def test_decoders_are_fresh_and_recognisers_stay(sandbox: Sandbox) -> None:
    assert sandbox.decode(jobs.pid) != sandbox.decode(jobs.pid)
    first = sandbox.recognise(jobs.pid)
    assert sandbox.recognise(jobs.pid) == first
    with pytest.raises(ChildFailed):
        sandbox.recognise(jobs.leave, 3)
    assert sandbox.recognise(jobs.pid) != first


@pytest.mark.parametrize(
    "job", [jobs.hoard, jobs.large_picture, jobs.large_run], ids=["python", "opencv", "onnxruntime"]
)
def test_a_recogniser_has_a_bound_of_memory_and_the_next_task_is_done(sandbox: Sandbox, job: Job) -> None:
    """In whatever words its libraries tell it."""
    with pytest.raises(ChildFailed) as caught:
        sandbox.recognise(job)
    assert caught.value.reason == "memory"
    assert sandbox.recognise(jobs.echo, b"next") == b"next"


def test_what_an_old_recogniser_dies_over_is_done_once_more_in_a_fresh_one(tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.write_bytes(b"a page")
    with Sandbox(Limits(), ocr_workers=1) as made, page.open("rb") as file:
        children = [made.recognise(jobs.die_at_the_second_task, files=[file]) for _ in range(3)]
        assert len(set(children)) == 3
        with pytest.raises(ChildFailed):
            made.recognise(jobs.leave, 3)


def test_many_at_once_each_learn_their_own_fate(sandbox: Sandbox) -> None:
    """An exit status may be asked for once only: children that end at the same time must not take each other's."""

    def told(number: int) -> str:
        try:
            return (sandbox.decode if number % 3 else sandbox.recognise)(jobs.leave, number).decode()
        except ChildFailed as failure:
            return failure.detail

    with ThreadPoolExecutor(max_workers=6) as threads:
        numbers = range(1, 61)
        assert list(threads.map(told, numbers)) == [f"leave ended with status {number}" for number in numbers]


def test_closing_ends_what_runs_and_takes_nothing_new() -> None:
    sandbox = Sandbox(Limits())
    ended: list[BaseException] = []

    def wait() -> None:
        try:
            sandbox.decode(jobs.sleep)
        except Transient as error:
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while not sandbox._children:
        threading.Event().wait(0.01)
    sandbox.close()
    thread.join(30)
    assert len(ended) == 1
    with pytest.raises(Transient):
        sandbox.decode(jobs.echo, b"late")
