"""One child process: a job goes in, bytes come out. What a child sends is never unpickled, since it read a stranger's
bytes and may be no longer itself."""

from __future__ import annotations

import errno
import multiprocessing
import os
import resource
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait

from ingest.errors import Transient
from parsers.limits import MB, Limits

Job = Callable[..., bytes]

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["ingest.children"])
_PROCESSES = threading.Lock()
"""Whoever starts a process polls all others, and an exit status can be read only once: two polls at the same time, and
one of them takes 255 for the status. So starts and polls take turns."""
_ANSWER_BYTES = 256 * MB
_LAST_BREATH = 5.0
"""Seconds that a child which closed its pipe has to end by itself, so that its own exit status is seen."""
_ENVIRONMENT = frozenset(("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "OMP_NUM_THREADS"))
_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, 255)
"""Exit statuses no file can cause but by way of the machine: the kernel short of memory, a signal to the process group,
the fork server itself ended (255)."""
_OK, _FAILED = b"+", b"-"
_MACHINE = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ENFILE))
"""Errors that are the machine's, whatever file is read: its disk is full, damaged or read only."""


class ChildFailed(Exception):
    """The child died, ran out of memory or time, or raised. `reason` is memory, time, crash or error."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Child:
    """A child process that does one job after the other. `end` may be called from any thread, `run` from one."""

    def __init__(self, limits: Limits | None) -> None:
        """`limits`: bounds of memory and CPU time, or None for a child that only sees what we made ourselves."""
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(theirs, limits), daemon=True)
        self._late = False
        with _PROCESSES:
            self._process.start()
        theirs.close()

    def run(self, job: Job, args: tuple[object, ...], seconds: float) -> bytes:
        """The answer of `job(*args)`. Raises ChildFailed, or Transient when the child was ended from outside or met a
        full disk."""
        watch = threading.Timer(seconds, self._too_late)
        watch.daemon = True
        watch.start()
        try:
            self._pipe.send((job, args))
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
            raise Transient(f"{job.__name__}: {detail}")
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
        if status in _FROM_OUTSIDE:
            return Transient(f"the child that ran {job} was ended from outside (status {status})")
        return ChildFailed("crash", f"{job} ended with status {status}")


def _serve(pipe: Connection, limits: Limits | None) -> None:
    """The life of a child: until the parent closes the pipe or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which finishes the work in hand
    for name in set(os.environ) - _ENVIRONMENT:
        del os.environ[name]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits:
        _restrict(limits)
    while True:
        try:
            job, args = pipe.recv()
        except EOFError:
            return
        answer = _answer(job, args)
        try:
            pipe.send_bytes(answer)
        except BrokenPipeError:
            return


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


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in _MACHINE:
        return f"machine:{errno.errorcode[error.errno]}"
    return f"error:{type(error).__name__}"


def _restrict(limits: Limits) -> None:
    """Address space, CPU seconds, file size and descriptors. Past the soft CPU limit comes SIGXCPU, not SIGKILL."""
    memory = limits.parse_memory_mb * MB
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.parse_seconds + 5, limits.parse_seconds + 10))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * MB, 1024 * MB))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
