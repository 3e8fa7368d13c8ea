"""One child process: a job goes in, bytes come out. What a child sends is never unpickled, since it read a stranger's
bytes and may be no longer itself."""

from __future__ import annotations

import errno
import multiprocessing
import os
import resource
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import BinaryIO

from ingest import walls
from ingest.errors import MachineTrouble, Transient
from parsers.limits import MB

Job = Callable[..., bytes]

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["ingest.children"])
_PROCESSES = threading.Lock()
"""Whoever starts a process polls all others, and an exit status can be read only once: two polls at the same time, and
one of them takes 255 for the status. So starts and polls take turns."""
_ANSWER_BYTES = 256 * MB
_FILES_AT_ONCE = 200
"""The kernel hands over 253 open files with one message, and no more."""
_LAST_BREATH = 5.0
"""Seconds that a child which closed its pipe has to end by itself, so that its own exit status is seen."""
_ENVIRONMENT = frozenset(("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "OMP_NUM_THREADS"))
_FIRST_TO_GO = "800"
"""Of 1000: as large as a process that has four fifths of the memory."""
_SERVER_ENDED = 255
_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, _SERVER_ENDED)
"""Exit statuses no file can cause but by way of the machine: the kernel short of memory, a signal to the process group,
the fork server itself ended."""
_OK, _FAILED = b"+", b"-"
_MACHINE = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ENFILE))
"""Errors that are the machine's, whatever file is read: its disk is full, damaged or read only."""


class ChildFailed(Exception):
    """The child died, ran out of memory or time, or raised. `reason` is memory, time, crash or error."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a child may take: MiB of address space, seconds of CPU time in its whole life (None: as long as it lives), and open files."""

    memory_mb: int
    cpu_seconds: int | None = None
    descriptors: int = 256


class Child:
    """A child process that does one job after the other. `end` may be called from any thread, `run` from one."""

    def __init__(self, bounds: Bounds, folder: Path | None = None) -> None:
        """`folder`: the only one whose files it may open; None: none."""
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(theirs, bounds, folder), daemon=True)
        self._late = False
        with _PROCESSES:
            _start_server()
            self._process.start()
        theirs.close()

    def run(self, job: Job, args: tuple[object, ...], seconds: float, files: Sequence[BinaryIO] = ()) -> bytes:
        """The answer of `job(*args)`, or with files of `job(*args, files)`: the child has them open and no name of them.

        Raises ChildFailed, or Transient when the child was ended from outside or met a full disk.
        """
        watch = threading.Timer(seconds, self._too_late)
        watch.daemon = True
        watch.start()
        try:
            self._pipe.send((job, args, len(files)))
            with _as_socket(self._pipe) as way:
                for start in range(0, len(files), _FILES_AT_ONCE):
                    socket.send_fds(way, [b"+"], [file.fileno() for file in files[start : start + _FILES_AT_ONCE]])
            answer = self._pipe.recv_bytes(_ANSWER_BYTES)
        except (EOFError, OSError) as error:
            raise self._fate(job.__name__, seconds) from error
        finally:
            watch.cancel()
            watch.join()
        if answer[:1] == _OK:
            return answer[1:]
        reason, _, detail = answer[1:200].decode("ascii", "replace").partition(":")
        if reason == "machine":
            raise MachineTrouble(f"{job.__name__}: {detail}")
        raise ChildFailed("memory" if reason == "memory" else "error", f"{job.__name__}: {detail}")

    def end(self) -> int:
        """Ends the child, whatever it does. → its exit status, negative for a signal."""
        with _PROCESSES:
            if self._process.exitcode is None:
                self._process.kill()
            self._process.join()
            return int(self._process.exitcode or 0)

    def _too_late(self) -> None:
        self._late = True
        self.end()

    def _fate(self, job: str, seconds: float) -> Exception:
        gone = wait([self._process.sentinel], _LAST_BREATH)
        status = self.end()
        if self._late or status == -signal.SIGXCPU:
            return ChildFailed("time", f"{job} ran longer than {seconds:g} s")
        if not gone:
            return ChildFailed("crash", f"{job} did not answer as agreed")
        if status == _SERVER_ENDED:
            _forget_server()
        if status in _FROM_OUTSIDE:
            return Transient(f"the child that ran {job} was ended from outside (status {status})")
        return ChildFailed("crash", f"{job} ended with status {status}")


_server_started = False


def _start_server() -> None:
    """Starts the fork server with harmless variables alone: what it is started with, all children have in memory, whatever
    they take out of `os.environ` later. Python's own are among them: it is to find the same modules."""
    global _server_started
    if _server_started:
        return
    kept = {name for name in os.environ if name in _ENVIRONMENT or name.startswith(("PYTHON", "LD_"))}
    taken = {name: os.environ.pop(name) for name in set(os.environ) - kept}
    try:
        forkserver.ensure_running()
    finally:
        os.environ.update(taken)
    _server_started = True


def _forget_server() -> None:
    """It ended, and the next child starts another."""
    global _server_started
    _server_started = False


@contextmanager
def _as_socket(pipe: Connection) -> Iterator[socket.socket]:
    """The pipe, which is one, for a moment. Its descriptor stays the pipe's."""
    made = socket.socket(fileno=os.dup(pipe.fileno()))
    with made:
        yield made


def _serve(pipe: Connection, bounds: Bounds, folder: Path | None) -> None:
    """The life of a child: until the parent closes the pipe or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which finishes the work in hand
    for name in set(os.environ) - _ENVIRONMENT:
        del os.environ[name]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _go_first()
    _restrict(bounds)
    inside = False
    while True:
        try:
            job, args, count = pipe.recv()
        except EOFError:
            return
        if not inside:  # only now: unpickling the job imported its module, which may lie anywhere
            walls.raise_walls(folder)
            inside = True
        with ExitStack() as opened:
            files = [opened.enter_context(os.fdopen(number, "rb")) for number in _taken(pipe, count)]
            answer = _answer(job, (*args, files) if files else args)
        try:
            pipe.send_bytes(answer)
        except BrokenPipeError:
            return


def _taken(pipe: Connection, count: int) -> list[int]:
    """Descriptors of the files that came with the job."""
    taken: list[int] = []
    with _as_socket(pipe) as way:
        while len(taken) < count:
            message, descriptors, _, _ = socket.recv_fds(way, 1, _FILES_AT_ONCE)
            if not message:
                raise EOFError("the parent is gone")
            taken += descriptors
    return taken


def _answer(job: Job, args: tuple[object, ...]) -> bytes:
    try:
        return _OK + job(*args)
    except MemoryError:
        return _FAILED + b"memory:ran out of memory"
    except Exception as error:  # noqa: BLE001 told to the parent, which raises it as ChildFailed
        # Type and place only: the text of a decoder's exception may quote the stranger's bytes.
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)}:{place.lineno}"  # noqa: PTH119 a name from a traceback, no path
        return _FAILED + f"{_reason(error)} at {where}".encode("ascii", "replace")


_NO_MEMORY = ("bad_alloc", "bad allocation", "Failed to allocate", "Insufficient memory")
"""How the C++ of onnxruntime and OpenCV says MemoryError: in the words of errors that have no type for it."""


def _reason(error: Exception) -> str:
    if any(words in str(error) for words in _NO_MEMORY):
        return f"memory:{type(error).__name__}"
    if isinstance(error, OSError) and error.errno in _MACHINE:
        return f"machine:{errno.errorcode[error.errno]}"
    return f"error:{type(error).__name__}"


def _go_first() -> None:
    """A kernel that is short of memory ends this child before the worker, and before a database beside it: the mail is tried again
    (`_FROM_OUTSIDE`). Anybody may make that likelier for himself (proc(5), oom_score_adj)."""
    with suppress(OSError):  # /proc is not there, or is not to be written to
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, "ascii")


def _restrict(bounds: Bounds) -> None:
    """Address space, CPU seconds, file size and descriptors. Past the soft CPU limit comes SIGXCPU, not SIGKILL."""
    memory = bounds.memory_mb * MB
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if bounds.cpu_seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (bounds.cpu_seconds, bounds.cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * MB, 1024 * MB))
    most = min(bounds.descriptors, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
