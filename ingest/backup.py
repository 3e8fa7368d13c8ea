"""Back-up: whole copies of database, archive and configuration, each a bag, none taken for whole before it is.

HEAD is read first, then the database is copied as of one moment, then the archive: so the copy's HEAD never runs ahead of its
database, and every file that the database refers to was in the archive before.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from config.notices import notice_file
from config.secrets import without_secrets
from config.storage_tables import StorageTable
from ingest import evidence
from ingest.app import App, build
from storage import ledger
from storage.archive import PROBE
from storage.bag import DECLARATION, copy_file, sha256_of, write_bag
from storage.blobs import BlobStore
from storage.claims import referred_to
from storage.copies import snapshot
from storage.database import Database
from storage.durable import named, private_folder, sync, write_new
from storage.errors import Unusable
from storage.fault import Fault
from storage.ledger import Head
from storage.lock import sole
from storage.papers import HEAD, HEADS, PEOPLE_KEY, FolderPapers
from storage.signing import signed_files
from storage.verify import FRESH, Verification

_UNFINISHED = ".unfinished-"
AUDIT = "audit.json"
"""What the audit of the copy found when it was written."""
_HEAD_INFO = "Ledger-Head"


@dataclass(frozen=True, kw_only=True)
class BackUp:
    """A generation that was written: what the audit of it found, and what is missing in it beside that, in words."""

    path: Path
    audit: Verification
    notes: tuple[str, ...] = ()
    removed: tuple[Path, ...] = ()


def back_up(app: App, target: Path, *, config: Path | None = None, keep: int | None = None) -> BackUp:
    """Writes one more generation into `target`: a folder named by its time (UTC). With `keep`, no more than so many stay,
    if the new one is well. Raises Unusable where there is nothing to copy, OSError when it cannot be written."""
    evidence.refuse_new_database(app)
    if not app.database.exists() or app.database.revision() is None:
        raise Unusable(f"database {app.database.place}: is missing or empty: nothing to back up")
    if target.resolve().is_relative_to(app.blobs.disk[1].resolve()):
        raise Unusable(f"{target}: lies in the archive, and would be lost with it: name another folder")
    private_folder(target)
    with sole(target / ".lock"):
        for left in target.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left)
        path = _free_name(target)
        aside = target / f"{_UNFINISHED}{path.name}"
        try:
            with named(target):
                notes, audit = _write(app, aside, _earlier(target), config)
        except BaseException:  # a full disk may be others' too
            shutil.rmtree(aside, ignore_errors=True)
            raise
        aside.rename(path)
        sync(target)
        removed = _remove_old(target, keep) if keep and audit.ok else ()
    return BackUp(path=path, audit=audit, notes=tuple(notes), removed=removed)


def generations(target: Path) -> list[Path]:
    """The whole back-ups in a folder, oldest first."""
    return sorted(path for path in target.iterdir() if path.name[:1] != "." and (path / DECLARATION).is_file())


def _write(app: App, folder: Path, earlier: Path | None, config: Path | None) -> tuple[list[str], Verification]:
    data = folder / "data"
    for each in (folder, data, data / "archive"):
        each.mkdir(mode=0o700)
    head = app.blobs.papers.read(HEAD)
    snapshot(app.database, data / "baosong.db")
    readable = _readable(data / "baosong.db", folder / "scratch.db")
    notes = _copy_archive(app, data, readable, earlier / "data" / "archive" if earlier else None)
    if head is not None:
        write_new(data / "archive" / HEAD, head)
    notes += _copy_settings(app, data, config)
    shutil.rmtree(data / "archive" / "tmp", ignore_errors=True)
    audit, last = _audit(app, readable, data / "archive")
    (folder / "scratch.db").unlink(missing_ok=True)
    write_new(folder / AUDIT, _as_json(audit.faults, audit.checked).encode())
    payload = {str(path.relative_to(folder)): _sum(path) for path in sorted(data.rglob("*")) if path.is_file()}
    info = {
        "Bag-Software-Agent": f"Baosong {version('baosong')}",
        "Bagging-Date": f"{datetime.now(UTC):%Y-%m-%d}",
        "Bagging-Time": f"{datetime.now(UTC).isoformat(timespec='seconds')}",
    }
    write_bag(folder, payload, info | ({_HEAD_INFO: f"{last.number}:{last.hash}"} if last else {}))
    return notes, audit


def _sum(path: Path) -> str:
    """A file of the archive was hashed when it was written, or linked, and by the audit."""
    return path.name if path.parent.parent.name == "blobs" else sha256_of(path)


def _readable(database: Path, scratch: Path) -> Path:
    """The copied database, or, where its schema is an older one, a copy of it that is brought up to date."""
    base = Database(f"sqlite:///{database.resolve()}")
    current = base.current()
    base.close()
    if current:
        return database
    shutil.copyfile(database, scratch)
    scratch.chmod(0o600)
    base = Database(f"sqlite:///{scratch.resolve()}")
    base.upgrade()
    base.close()
    return scratch


def _copy_archive(app: App, data: Path, database: Path, earlier: Path | None) -> list[str]:
    """What the copied database refers to, and what nobody refers to for a day: a younger file may be of a mail that came
    since, and would look planted in this copy for ever."""
    copy = Database(f"sqlite:///{database.resolve()}")
    try:
        with copy.read() as tx:
            names, signed = referred_to(tx), signed_files(tx)
    finally:
        copy.close()
    now = datetime.now(UTC)
    stray = (each for each in app.blobs.listed() if each.name not in names and each.name != PROBE)
    names |= {each.name for each in stray if each.written_at and abs(now - each.written_at) > FRESH}
    with closing(BlobStore(data / "archive")) as copied:
        lacking = copied.take(sorted(names), app.blobs, BlobStore(earlier) if earlier else None)
    papers = FolderPapers(data / "archive")
    # Beside the mails the key guards nothing more (docs/decisions/retention.md). A signed head that is lost the audit of the copy misses.
    for name in (PEOPLE_KEY, *(f"{HEADS}/{each}" for each in signed)):
        if (paper := app.blobs.papers.read(name)) is not None:
            papers.replace(name, paper)
    return [f"archive file {name}: missing or damaged, here and in the back-up before" for name in lacking]


def _copy_settings(app: App, data: Path, config: Path | None) -> list[str]:
    """Notices, and the configuration without its passwords; what could not be had."""
    folder = app.settings.notice_directory
    files = {path: path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} if folder else {}
    for name in app.settings.notices.active:
        path = notice_file(name, folder)
        files.setdefault(path, Path(path.name))
    for path, inside in files.items():
        copy_file(path, data / "notices" / inside)
    if config is None or not config.is_file():
        return []
    text = without_secrets(config.read_text(encoding="utf-8"))
    if text is None:
        return [f"{config}: its passwords could not be taken out, so it is not in the back-up: keep a copy yourself"]
    write_new(data / config.name, text.encode())
    return []


def _audit(app: App, database: Path, archive: Path) -> tuple[Verification, Head | None]:
    """The same audit as that of the live store."""
    with app_on(app, database, str(archive.resolve())) as copy:
        found = evidence.verify(copy)
        with copy.database.read() as tx:
            last = ledger.head(tx)
    return found, last


@contextmanager
def app_on(app: App, database: Path, archive: str) -> Iterator[App]:
    """`archive` as the configuration names one."""
    place = StorageTable(database=f"sqlite:///{database.resolve()}", archive=archive)
    with build(app.settings.model_copy(update={"storage": place}), clock=app.clock) as copy:
        yield copy


def _free_name(target: Path) -> Path:
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (target / f"{stamp}{end}" for end in ("", *(f"-{number}" for number in range(2, 100))))
    return next(path for path in names if not path.exists())


def _earlier(target: Path) -> Path | None:
    return next(reversed(generations(target)), None)


def _remove_old(target: Path, keep: int) -> tuple[Path, ...]:
    old = generations(target)[:-keep]
    for path in old:
        # Under another name first: what is half removed must not pass for whole.
        shutil.rmtree(path.rename(target / f"{_UNFINISHED}{path.name}"))
    return tuple(old)


def _as_json(faults: Iterable[Fault], checked: int) -> str:
    listed = [{"object": fault.object, "fault": fault.fault} for fault in faults]
    return json.dumps({"ok": not listed, "checked": checked, "faults": listed}, ensure_ascii=False, indent=2) + "\n"
