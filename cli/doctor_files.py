"""What `doctor` says of files and folders: whoever else has an account on the machine shall read no secret and no return."""

from __future__ import annotations

import shlex
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cli.findings import Finding
from config.secrets import has_password
from storage.papers import PEOPLE_KEY

if TYPE_CHECKING:
    from config.settings import Settings
    from ingest.app import App


def look_at_files(app: App, config: Path) -> Finding:
    """Modes of secrets, database and archive. Within a folder that is closed nothing need be looked at.

    Ours are made closed, so an open one was opened by somebody: it is to be mended. A secret that others can read is a note: a
    group may be meant to, and mail must not stop for it.
    """
    stores, secrets = [
        [*filter(_is_open, found)] for found in (_stores(app), dict.fromkeys(_secrets(app.settings, config)))
    ]
    if not stores and not secrets:
        return Finding(what="files", ok=True, found="secrets, database and archive are readable for their owner alone")
    open_ = [*secrets, *stores]
    names = ", ".join(map(str, open_))
    return Finding(
        what="files", ok=not stores, found=f"others can read or write: {names}", mend="; ".join(map(_mend, open_))
    )


def _secrets(settings: Settings, config: Path) -> Iterator[Path]:
    for table in (*settings.mailboxes.values(), *settings.smtp.values(), settings.storage):
        if table.password_file:
            yield table.password_file
    if _holds_password(config):
        yield config
    if settings.s3.credentials:
        yield settings.base / settings.s3.credentials
    if settings.ledger.signing_key:
        yield settings.base / settings.ledger.signing_key


def _holds_password(file: Path) -> bool:
    """Whether one is written into the configuration itself; one from the environment does not stand there."""
    try:
        found: list[object] = [tomllib.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError):
        return False
    while found:
        table = found.pop()
        if isinstance(table, dict):
            if table.get("password") or has_password(str(table.get("database", ""))):
                return True
            found += table.values()
    return False


def _stores(app: App) -> Iterator[Path]:
    base, (_, folder) = app.database.file, app.blobs.disk
    if base:
        yield from (base.with_name(base.name + ending) for ending in ("", "-wal", "-shm", ".lock"))
    yield folder
    yield folder / PEOPLE_KEY


def _is_open(path: Path) -> bool:
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:  # not there, or not ours to look at: other checks say what is wrong with that
        return False


def _mend(path: Path) -> str:
    return f"chmod {'700' if path.is_dir() else '600'} {shlex.quote(str(path))}"
