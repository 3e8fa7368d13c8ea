"""Files that live no longer than a task: in a folder of this process alone, which is taken away when the process ended.

However it ended: the kernel lets go of the lock of a process that was killed, and whoever comes next takes away every folder
that nobody holds. A folder that a living process holds is left alone, whoever's it is.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "baosong-run-"
_FOREIGN_SECONDS = 24 * 3600
"""What lies in a home of ours and is no such folder is left by a version that made none; after a day nobody writes to it."""


class Scratch:
    """The folder of this process in `home`, made when it is first asked for. Thread-safe."""

    def __init__(self, home: Path, *, ours: bool = False) -> None:
        """`ours`: nothing but what is made here lies in `home`."""
        self.home = home
        self._ours = ours
        self._lock = threading.Lock()
        self._held: _Held | None = None

    @property
    def folder(self) -> Path:
        """For files that are then moved elsewhere. Raises FileNotFoundError where `home` is gone: it is not made anew."""
        with self._lock:
            if self._held is None or not self._held.stands():
                self._held = _Held.new(self.home)
            return self._held.path

    @contextmanager
    def task(self) -> Iterator[Path]:
        """A folder for one task, for its owner alone, gone at the end of it. Raises as `folder`."""
        with tempfile.TemporaryDirectory(dir=self.folder, ignore_cleanup_errors=True) as made:
            yield Path(made)

    def sweep(self) -> int:
        """Takes away what ended processes left in `home`. → how many files and folders."""
        return sum(1 for path in _entries(self.home) if self._swept(path))

    def close(self) -> None:
        """Takes the folder away. The next who asks gets a new one."""
        with self._lock:
            held, self._held = self._held, None
        if held:
            held.end()

    def _swept(self, path: Path) -> bool:
        if path.name.startswith(PREFIX):
            return _taken_away(path)
        return self._ours and _old_file(path)


class _Held:
    """A folder with the lock on it, until `end` or until nobody has this object any more."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self.end = weakref.finalize(self, _end, path, descriptor, os.getpid())

    @classmethod
    def new(cls, home: Path) -> _Held:
        """Between its making and the lock another may have taken it for one that nobody holds: then once more."""
        while True:
            path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=home))
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            made = cls(path, descriptor)
            if made.stands():
                return made
            made.end()

    def stands(self) -> bool:
        """Whether the folder is still there, and is the one that is locked."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), self.path.stat())
        except FileNotFoundError:
            return False


def _end(path: Path, descriptor: int, process: int) -> None:
    """A process that was forked off takes nothing of its parent's away."""
    if process == os.getpid():
        shutil.rmtree(path, ignore_errors=True)
    os.close(descriptor)


def _entries(home: Path) -> list[Path]:
    try:
        return sorted(home.iterdir())
    except (FileNotFoundError, PermissionError):
        return []


def _taken_away(path: Path) -> bool:
    """Only what is our own user's, is a folder and no link to one, and what no living process holds."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(path, ignore_errors=True)  # what a reader that outlives the worker still writes goes next time
        return not path.exists()
    finally:
        os.close(descriptor)


def _old_file(path: Path) -> bool:
    try:
        if path.is_dir() or time.time() - path.stat().st_mtime < _FOREIGN_SECONDS:
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    return True
