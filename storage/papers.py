"""Papers: the few small files beside an archive that an auditor or another machine needs, by name (`HEAD`, `heads/2026-11-28.json`).

Unlike the files of the archive they have names of their own, and one of them, HEAD, is written over. `BucketPapers` is in
`storage.objects`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from storage.durable import private_folder, sync, write_new

HEAD = "HEAD"
HEADS = "heads"
"""The folder of the signed heads."""
PEOPLE_KEY = "people.key"


class Papers(Protocol):
    """Names are relative, with at most one folder. Every method may raise `Unavailable`."""

    def read(self, name: str) -> bytes | None:
        """None where there is no such paper."""

    def replace(self, name: str, data: bytes, unless: Callable[[bytes], bool] = lambda _: False) -> None:
        """Write it, durably and at once whole, unless what stands there shall stay."""

    def create(self, name: str, data: bytes) -> bytes:
        """Write it where there is none. → what stands there then: of two who create it one wins, and both have his."""

    def listed(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """Names within a folder, and when each was written."""

    def locate(self, name: str) -> str:
        """Where it lies, for people."""


class FolderPapers:
    """Papers as files, readable for their owner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, name: str) -> bytes | None:
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            return None

    def replace(self, name: str, data: bytes, unless: Callable[[bytes], bool] = lambda _: False) -> None:
        standing = self.read(name)
        if standing is not None and unless(standing):
            return
        path = self._folder_of(name)
        write_new(path.with_name(f".{path.name}.{uuid4().hex}"), data).replace(path)
        sync(path.parent)

    def create(self, name: str, data: bytes) -> bytes:
        """Written aside and linked, so that whoever reads it reads it whole."""
        standing = self.read(name)
        if standing is not None:
            return standing
        path = self._folder_of(name)
        aside = write_new(path.with_name(f".{path.name}.{uuid4().hex}"), data)
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
        sync(path.parent)
        return path.read_bytes()

    def listed(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """One that begins with a dot a crash left while it was written."""
        place = self._path / folder
        for path in sorted(place.glob("[!.]*")) if place.is_dir() else ():
            yield path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def locate(self, name: str) -> str:
        return str(self._path / name)

    def _folder_of(self, name: str) -> Path:
        """The archive's own folder may have to be made: something may be entered before any mail was archived. One within it never
        makes that anew: it may be on a disk that is not mounted just now."""
        path = self._path / name
        if path.parent == self._path:
            private_folder(self._path)
        else:
            path.parent.mkdir(exist_ok=True, mode=0o700)
        return path
