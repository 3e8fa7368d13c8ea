"""A lock between processes: held by the one that works on a database, gone with it, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.durable import private_folder
from storage.errors import Busy


class Held:
    """That this process is the only one. A lock file is kept by the kernel, and stands as long as the process does."""

    def stands(self) -> bool:
        """Whether it is sure now; who works asks before each piece of work."""
        return True

    def is_lost(self) -> bool:
        """Whether another has it, so that this process is done."""
        return False


@contextmanager
def sole(path: Path) -> Iterator[Held]:
    """Holds the lock file, made if missing and never removed: who waits for a removed file waits for nobody.

    Raises Busy when another process holds it. It says which one, as that one wrote into it.
    """
    private_folder(path.parent)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
            raise Busy(f"another worker{f' (process {holder})' if holder else ''} holds {path}") from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        yield Held()
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether another process holds the lock now. Asking makes no file and holds nothing for longer than the question."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
