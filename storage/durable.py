"""Files that are durable: written whole and synced before anybody relies on them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_new(path: Path, data: bytes) -> Path:
    """A new file, readable by its owner alone; synced. → `path`.

    Its name is durable only when the folder is synced too. Raises FileExistsError, and OSError when the disk is full.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]
        os.fsync(file.fileno())
    return path


def private_folder(path: Path) -> None:
    """A folder, with those above it that are missing, for its owner alone: `mkdir(parents=True)` gives its mode to the last one
    only, and the umask of a service may be 0."""
    for folder in reversed((path, *path.parents)):
        if not folder.exists():
            folder.mkdir(exist_ok=True, mode=0o700)


@contextmanager
def named(place: Path) -> Iterator[None]:
    """Within, an error of the disk that names no file, as that of a full one, names this place."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(place)) from error


def sync(path: Path) -> None:
    """Make a file's bytes, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
