"""A disk that can be filled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FILLER = "filler"


@contextmanager
def small_disk(folder: Path, megabytes: int, *, uid: int = 0, gid: int = 0) -> Iterator[bool]:
    """A small file system of its own at `folder`, in memory; whether there is one, since that takes root."""
    options = f"size={megabytes}m,mode=0700,uid={uid},gid={gid}"
    command = ["mount", "-t", "tmpfs", "-o", options, "baosong-faults", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, leave: int) -> None:
    """Leaves so many bytes of it."""
    room = os.statvfs(disk)
    size = room.f_bavail * room.f_frsize - leave
    with (disk / _FILLER).open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, size))


def empty(disk: Path) -> None:
    (disk / _FILLER).unlink(missing_ok=True)
