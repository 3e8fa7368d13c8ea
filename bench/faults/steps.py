"""Named step boundaries of the worker, found and not listed: every transaction by the function that makes it, and every
file that is made or named. At one of them the process kills itself, if it was told to.

The product has no hook for this. Transactions are met in a `Database` that counts, files by CPython's own audit events
(PEP 578), which come before the deed, objects in a `Bucket` that counts.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from storage.database import Database, Transaction

if TYPE_CHECKING:
    from ingest.app import App

_WRITES = os.O_WRONLY | os.O_RDWR


class Steps:
    """Counts boundaries; `die_at` is `name#n`, the n-th time it is met. With `survey` all are written there at the end."""

    def __init__(self, die_at: str | None, survey: Path | None) -> None:
        self._name, _, number = (die_at or "").partition("#")
        self._number = int(number or 1)
        self._survey = survey
        self._lock = threading.Lock()
        self.met: Counter[str] = Counter()

    def __call__(self, name: str) -> None:
        with self._lock:
            self.met[name] += 1
            if name == self._name and self.met[name] == self._number:
                os.kill(os.getpid(), signal.SIGKILL)

    def tell(self) -> None:
        if self._survey:
            self._survey.write_text("".join(f"{name}#{count}\n" for name, count in sorted(self.met.items())), "utf-8")


def read_steps(told: Path) -> Counter[str]:
    """What a survey wrote, name → how often, once."""
    met: Counter[str] = Counter()
    if told.exists():
        for line in told.read_text("utf-8").splitlines():
            name, _, count = line.rpartition("#")
            met[name] = int(count)
        told.unlink()
    return met


class SteppedDatabase(Database):
    """Before a transaction that writes, before its commit, after it."""

    def __init__(self, url: str, steps: Steps) -> None:
        super().__init__(url)
        self._steps = steps

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        name = _caller()
        self._steps(f"{name}: before")
        with super().begin() as tx:
            yield tx
            self._steps(f"{name}: to be committed")
        self._steps(f"{name}: committed")


def watch_files(steps: Steps, folder: Path) -> None:
    """Makes boundaries of the files below the folder: each one that is opened to be written, renamed or removed."""
    root = str(folder)
    quiet = threading.local()

    def heard(event: str, args: tuple[object, ...]) -> None:
        if event not in ("open", "os.rename", "os.remove") or getattr(quiet, "on", False):
            return
        path = str(args[1] if event == "os.rename" else args[0])
        if not path.startswith(root) or (event == "open" and not int(str(args[2] or 0)) & _WRITES):
            return
        quiet.on = True
        try:
            steps(f"{event.removeprefix('os.')} {_kind(path, root)}")
        finally:
            quiet.on = False

    sys.addaudithook(heard)


def watch_objects(steps: Steps, app: App) -> None:
    """Makes boundaries of what is written into a bucket: before it is asked for, and when the store has said yes."""
    if not app.settings.storage.bucket:
        return
    from storage.objects import ObjectArchive
    from storage.s3 import Bucket

    class SteppedBucket(Bucket):
        def put(self, key: str, data: bytes, *, only_new: bool = False, over: str | None = None) -> bool | None:
            name = f"put {'blobs' if '/blobs/' in key else key.rpartition('/')[2]}"
            steps(f"{name}: before")
            written = super().put(key, data, only_new=only_new, over=over)
            steps(f"{name}: done")
            return written

    made = app.blobs
    assert isinstance(made, ObjectArchive)
    app.blobs = ObjectArchive(SteppedBucket(made._bucket.settings), made._prefix, made._folder)


def _kind(path: str, root: str) -> str:
    """What sort of file it is; hashes and random names are all one."""
    parts = Path(path).relative_to(root).parts
    if "blobs" in parts or "tmp" in parts:
        return "/".join(parts[: 2 if parts[0] == "archive" else 1])
    return "HEAD" if "HEAD" in parts[-1] else parts[-1]


def _caller() -> str:
    """`jobs.receive`: the first function outside this module and contextlib."""
    frame = sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__") in (__name__, "contextlib"):
        frame = frame.f_back
    return f"{str(frame.f_globals.get('__name__', '')).rpartition('.')[2]}.{frame.f_code.co_name.strip('_')}"
