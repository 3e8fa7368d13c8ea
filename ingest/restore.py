"""Restore: a back-up (`ingest.backup`) checked, laid beside the places it is for, audited there, and only then put into them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
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
from storage.copies import occupied, put_in_place
from storage.database import Transaction
from storage.durable import named
from storage.errors import Mismatch, Unavailable, Unusable
from storage.fault import Fault
from storage.ledger import Head
from storage.verify import Verification
from storage.verify import verify as recompute


@dataclass(frozen=True, kw_only=True)
class Restored:
    """`head`: where the ledger of the copy ends. `newer`: heads known outside that it does not reach."""

    source: Path
    audit: Verification
    head: Head | None
    newer: tuple[Head, ...]


def restore(app: App, source: Path, heads: Sequence[Head] = ()) -> Restored:
    """Puts a back-up (of a folder of them, the newest) where the configuration says. All of it is checked before and
    after; what stands there is never written over. Raises Unusable, Mismatch or Unavailable, and then there is no store."""
    folder = _generation(source)
    _refuse_to_overwrite(app, folder)
    faults = [*bag_faults(folder)]
    if faults:
        raise Unusable(f"{folder}: {'; '.join(faults[:5])}{'; …' if faults[5:] else ''}: take another back-up")
    copy = _aside(app)
    with app.database.nobody_at_work():
        _refuse_to_overwrite(app, folder)  # whoever was at work until now may have begun a store
        _remove(copy)
        laid = app.blobs.beside()
        try:
            with named(copy.parent):
                _lay(folder / "data", laid, copy)
            audit, last, newer = _check(app, folder, laid.place, copy, heads)
        except BaseException:
            laid.clear()
            _remove(copy)
            raise
        try:
            _put(app, laid, copy, audit, [head for head in heads if head not in newer])
        finally:
            _remove(copy)
    return Restored(source=folder, audit=audit, head=last, newer=tuple(newer))


def _put(app: App, laid: Archive, copy: Path, audit: Verification, heads: Iterable[Head]) -> None:
    """Both in their places, the database last: until it is there every command refuses the archive. Raises Unusable, and
    Unavailable, which says what to do where nobody can know whether a server has taken the copy."""
    known = {(fault.object, fault.fault) for fault in audit.faults}
    settled = False

    def check(tx: Transaction) -> None:
        _refuse_fresh(app.database.place, recompute(tx, outside=heads).faults, known)

    try:
        with put_in_place(copy, app.database, check):
            laid.close()
            app.blobs.settle(laid)
            settled = True
    except BaseException as error:
        if not settled:
            laid.clear()
        elif isinstance(error, Unavailable):
            raise Unavailable(
                f"{error}: perhaps it has the copy all the same: `baosong audit verify` tells; if it finds no database, take "
                f"{app.blobs.place} away and restore again"
            ) from error
        raise


def _refuse_fresh(place: object, found: Iterable[Fault], known: Collection[tuple[str, str]]) -> None:
    """Raises Unusable where an audit finds what it did not find before."""
    fresh = [f"{fault.object}: {fault.fault}" for fault in found if (fault.object, fault.fault) not in known]
    if fresh:
        raise Unusable(f"{place}: {'; '.join(fresh[:5])}{'; …' if fresh[5:] else ''}: take another back-up")


def _aside(app: App) -> Path:
    """Where the copy's database lies until it is put in its place: beside it, or, for a server's, on the disk of the archive."""
    place = app.database.file or app.blobs.disk[1].with_name("baosong.db")
    return place.with_name(f"{place.name}.restoring")


def _remove(copy: Path) -> None:
    for path in (copy, *copy.parent.glob(f"{copy.name}-*")):
        path.unlink(missing_ok=True)


def _generation(source: Path) -> Path:
    if (source / DECLARATION).is_file():
        return source
    whole = generations(source) if source.is_dir() else []
    if not whole:
        raise Unusable(f"{source}: no whole back-up lies there")
    return whole[-1]


def _refuse_to_overwrite(app: App, folder: Path) -> None:
    there = occupied(app.database) or app.blobs.occupied()
    if there:
        raise Mismatch(
            f"{there}: is there already, and nothing is written over: move it away, and keep it, or name an empty place"
        )
    local = (path for path in (app.database.file, app.blobs.disk[1]) if path)
    if any(path.resolve().is_relative_to(folder.resolve()) for path in local):
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
    _refuse_fresh(folder, audit.faults, known)
    for path in database.parent.glob(f"{database.name}-*"):
        path.unlink()
    return audit, last, newer


def taken_at(folder: Path) -> str:
    """When a back-up was taken, as it says."""
    return info_of(folder).get("Bagging-Time", "")
