"""Restore: a back-up (`ingest.backup`) checked, laid beside the places it is for, audited there, and only then put into them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest import evidence
from ingest.app import App
from ingest.backup import AUDIT, app_on, generations
from storage import ledger
from storage.bag import DECLARATION, bag_faults, copy_file, info_of
from storage.blobs import PROBE, BlobStore
from storage.durable import private_folder, sync
from storage.errors import Mismatch, Unusable
from storage.ledger import Head
from storage.verify import Verification


@dataclass(frozen=True, kw_only=True)
class Restored:
    """`head`: where the ledger of the copy ends. `newer`: heads known outside that it does not reach."""

    source: Path
    audit: Verification
    head: Head | None
    newer: tuple[Head, ...]


def restore(app: App, source: Path, heads: Sequence[Head] = ()) -> Restored:
    """Puts a back-up (of a folder of them, the newest) where the configuration says. All of it is checked before and
    after; what stands there is never written over. Raises Unusable or Mismatch, and then nothing has changed."""
    folder = _generation(source)
    _refuse_to_overwrite(app, folder)
    faults = [*bag_faults(folder)]
    if faults:
        raise Unusable(f"{folder}: {'; '.join(faults[:5])}{'; …' if faults[5:] else ''}: take another back-up")
    archive, database = app.settings.archive, Path(app.database.place)
    aside, copy = (path.with_name(f"{path.name}.restoring") for path in (archive, database))
    with app.database.sole_worker():
        shutil.rmtree(aside, ignore_errors=True)
        copy.unlink(missing_ok=True)
        try:
            _lay(folder / "data", aside, copy)
            audit, last, newer = _check(app, folder, aside, copy, heads)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            copy.unlink(missing_ok=True)
            raise
        shutil.rmtree(archive, ignore_errors=True)  # nothing of anybody's lies in it
        aside.rename(archive)
        sync(archive.parent)
        copy.rename(database)
        sync(database.parent)
    return Restored(source=folder, audit=audit, head=last, newer=tuple(newer))


def _generation(source: Path) -> Path:
    if (source / DECLARATION).is_file():
        return source
    whole = generations(source) if source.is_dir() else []
    if not whole:
        raise Unusable(f"{source}: no whole back-up lies there")
    return whole[-1]


def _refuse_to_overwrite(app: App, folder: Path) -> None:
    archive = app.settings.archive
    there = [*app.database.files()]
    there += [path for path in archive.rglob("*") if path.is_file() and path.name != PROBE] if archive.exists() else []
    if there:
        raise Mismatch(f"{there[0]}: is there already, and nothing is written over: move it away first, and keep it")
    if any(path.resolve().is_relative_to(folder.resolve()) for path in (archive, Path(app.database.place))):
        raise Mismatch(
            f"{folder}: the configuration names places inside the back-up itself: use a copy of it elsewhere"
        )


def _lay(data: Path, archive: Path, database: Path) -> None:
    """The copy's files, durable, beside the places they are for."""
    stored = BlobStore(data / "archive")
    private_folder(archive.parent)
    archive.mkdir(mode=0o700)
    with closing(BlobStore(archive)) as new:
        new.take(stored.names(), stored)
    for path in sorted((data / "archive").iterdir()):
        if path.is_file():
            copy_file(path, archive / path.name)
    for path in sorted((data / "archive" / "heads").glob("*")):
        copy_file(path, archive / "heads" / path.name)
    for folder in (archive, archive / "heads"):
        if folder.exists():
            sync(folder)
    copy_file(data / "baosong.db", database)


def _check(
    app: App, folder: Path, archive: Path, database: Path, heads: Iterable[Head]
) -> tuple[Verification, Head | None, list[Head]]:
    """Raises Unusable where the audit finds what it did not find when the back-up was written."""
    known = {(fault["object"], fault["fault"]) for fault in json.loads((folder / AUDIT).read_text("utf-8"))["faults"]}
    with app_on(app, database, archive) as copy:
        copy.database.upgrade()
        with copy.database.read() as tx:
            last = ledger.head(tx)
        newer = [head for head in heads if head.number > (last.number if last else 0)]
        audit = evidence.verify(copy, [head for head in heads if head not in newer])
    fresh = [fault for fault in audit.faults if (fault.object, fault.fault) not in known]
    if fresh:
        told = "; ".join(f"{fault.object}: {fault.fault}" for fault in fresh[:5])
        raise Unusable(f"{folder}: {told}{'; …' if fresh[5:] else ''}: take another back-up")
    for path in database.parent.glob(f"{database.name}-*"):
        path.unlink()
    return audit, last, newer


def taken_at(folder: Path) -> str:
    """When a back-up was taken, as it says."""
    return info_of(folder).get("Bagging-Time", "")
