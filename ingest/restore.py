"""Restore: a back-up (`ingest.backup`) checked, laid beside the places it is for, audited there, and only then put into them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest import evidence
from ingest.app import App
from ingest.backup import AUDIT, app_on, generations
from storage import ledger
from storage.archive import Archive, copy_all
from storage.bag import DECLARATION, bag_faults, copy_file, info_of
from storage.blobs import BlobStore
from storage.durable import sync
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
    database = Path(app.database.place)
    copy = database.with_name(f"{database.name}.restoring")
    with app.database.sole_worker():
        copy.unlink(missing_ok=True)
        laid = app.blobs.beside()
        try:
            _lay(folder / "data", laid, copy)
            audit, last, newer = _check(app, folder, laid.place, copy, heads)
        except BaseException:
            laid.clear()
            copy.unlink(missing_ok=True)
            raise
        laid.close()
        app.blobs.settle(laid)
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
    database, (_, local) = Path(app.database.place), app.blobs.disk
    there = next(map(str, app.database.files()), None) or app.blobs.occupied()
    if there:
        raise Mismatch(f"{there}: is there already, and nothing is written over: move it away first, and keep it")
    if any(path.resolve().is_relative_to(folder.resolve()) for path in (local, database)):
        raise Mismatch(
            f"{folder}: the configuration names places inside the back-up itself: use a copy of it elsewhere"
        )


def _lay(data: Path, archive: Archive, database: Path) -> None:
    """The copy's files, durable, beside the places they are for."""
    with closing(BlobStore(data / "archive")) as stored:
        copy_all(stored, archive)
    copy_file(data / "baosong.db", database)


def _check(
    app: App, folder: Path, archive: str, database: Path, heads: Iterable[Head]
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
