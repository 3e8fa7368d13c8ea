"""The harness's side of the zygote: starts a worker, waits for it, kills it."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.faults.zygote import Order

ROOT = Path(__file__).parents[2]
_WARM_SECONDS = 120.0


@dataclass(kw_only=True)
class Run:
    """A worker. `status` is its exit status once it ended, negative for a signal."""

    number: int
    pid: int
    begun: float
    status: int | None = None
    seconds: float = 0.0

    @property
    def killed(self) -> bool:
        return self.status == -signal.SIGKILL

    def kill(self) -> None:
        """SIGKILL. Nothing of the worker runs after the call but what the kernel had begun."""
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGTERM)


class Workers:
    """Context manager around the zygote's process."""

    def __init__(self, log: Path, stores: Sequence[str] = ()) -> None:
        """`log` takes what the zygote and the readers of killed workers say; `stores`: what of the product is to be loaded."""
        self._number = 0
        self._log = log
        self._stores = stores
        self._ended: dict[int, int] = {}

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "bench.faults.zygote", *self._stores]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self._heard = b""
        if self._line(_WARM_SECONDS) != "ready":
            raise RuntimeError(f"the zygote did not start: {self._log.read_text('utf-8', 'replace')[-2000:]}")
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)

    def start(self, order: Order) -> Run:
        assert self._process.stdin
        self._process.stdin.write(order.line().encode())
        self._process.stdin.flush()
        self._number += 1
        while line := self._line(30.0):
            word, pid, *_ = line.split()
            if word == "born":
                return Run(number=self._number, pid=int(pid), begun=time.monotonic())
            self._note(line)
        raise RuntimeError("the zygote made no worker")

    def wait(self, run: Run, seconds: float) -> bool:
        """→ whether the worker has ended."""
        ends = time.monotonic() + seconds
        while run.status is None:
            if run.pid in self._ended:
                run.status, run.seconds = self._ended.pop(run.pid), time.monotonic() - run.begun
            elif line := self._line(max(0.0, ends - time.monotonic())):
                self._note(line)
            else:
                return False
        return True

    def _note(self, line: str) -> None:
        _, pid, status = line.split()
        self._ended[int(pid)] = int(status)

    def end(self, run: Run) -> None:
        """Kills the worker and waits until it is gone."""
        run.kill()
        if not self.wait(run, 30.0):
            raise RuntimeError("a killed worker does not end")

    def readers(self) -> list[int]:
        """Children of the sandbox that are at work now: those of the fork server that the workers share."""
        server = [pid for pid in _children(self._process.pid) if "forkserver" in _command(pid)]
        return [reader for pid in server for reader in _children(pid)]

    @property
    def _out(self) -> int:
        assert self._process.stdout
        return self._process.stdout.fileno()

    def _line(self, seconds: float) -> str | None:
        """The next line of the zygote, None when none comes in time."""
        ends = time.monotonic() + seconds
        while b"\n" not in self._heard:
            if not self._selector.select(max(0.0, ends - time.monotonic())):
                return None
            data = os.read(self._out, 4096)
            if not data:
                raise RuntimeError("the zygote is gone")
            self._heard += data
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode()


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return [int(child) for child in text.split()]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace")
    except OSError:
        return ""
