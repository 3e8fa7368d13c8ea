"""`register import`, and the same from the console: a file of the ministry's list becomes one more version of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.register import ListFailure, ReadList
from ingest import answers, children, jobs, recheck
from ingest.app import App
from ingest.errors import Permanent
from storage import registers
from storage.advisory import alone
from storage.registers import Version


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import brought. `newer`: a version of a later date, which stays in force. `same_as`: the version that this file
    was imported as before; then nothing was done."""

    version: Version
    read: ReadList
    newer: Version | None = None
    same_as: Version | None = None


def import_register(app: App, path: Path, *, dated: date, by: str) -> Imported:
    """Reads a file of the ministry's list and takes it.

    Raises OSError for a file that cannot be read, Permanent for one that is no such list or is too large, ChildFailed.
    """
    if path.stat().st_size > app.limits.file_bytes:
        raise Permanent(f"{path}: larger than limits.file_bytes ({app.limits.file_bytes} bytes)")
    data = path.read_bytes()
    read = read_list(app, data, os.fsencode(path.name).decode("utf-8", "replace"))
    if isinstance(read, ListFailure):
        raise Permanent(f"{path}: {read.why}; nothing was imported")
    return take(app, data, read, dated=dated, by=by)


def read_list(app: App, data: bytes, name: str) -> ReadList | ListFailure:
    """Reads a list in a child. Raises ChildFailed where the reader itself failed."""
    with tempfile.TemporaryDirectory(prefix="baosong-") as folder:
        path = Path(folder) / "list"
        path.write_bytes(data)
        return answers.list_of(app.sandbox.decode(children.list_job, str(path), name, folder=Path(folder)))


def take(app: App, data: bytes, read: ReadList, *, dated: date, by: str) -> Imported:
    """Keeps a file in the archive, and what was read of it as a version; what stands is looked at anew at once."""
    sha256 = app.blobs.put(data)
    with app.database.begin() as tx:
        alone(tx, "register")
        before = registers.versions(tx)
        again = next((each for each in before if (each.sha256, each.dated) == (sha256, dated)), None)
        if again:
            return Imported(version=again, read=read, same_as=again)
        made = registers.add(tx, read.entries, dated=dated, sha256=sha256, by=by, at=app.clock())
    recheck.look(app)
    jobs.seal(app)
    return Imported(version=made, read=read, newer=_newer(before, dated))


def _newer(before: Sequence[Version], dated: date) -> Version | None:
    return next((each for each in before if each.dated > dated), None)
