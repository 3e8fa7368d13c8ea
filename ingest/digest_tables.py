"""The merged tables that go with the morning's digest, where the settings ask for it: masked, for they travel by mail, and without
names of persons, for a digest is kept when the returns have been erased by rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.letter import Attachment, AttachmentRole
from domain.masking import Viewer
from domain.notice import Notice
from ingest import access, export
from ingest.app import App
from storage import state
from storage.database import Transaction

LARGEST = 20 * 1024**2
"""Bytes of all tables together; base64 makes them a third more, and many servers take no larger mail than 30 MB."""
_KEY = "digest:table:"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, kw_only=True)
class Tables:
    """`too_large`: they were left out for their size."""

    attachments: tuple[Attachment, ...] = ()
    notices: tuple[Notice, ...] = ()
    """Of which they are."""
    too_large: bool = False


def made(app: App, day: date, *, largest: int = LARGEST) -> Tables:
    """The tables of all notices and rounds that are going on, in the archive. `enter` must follow in the transaction that puts the
    letter into the outbox.

    What a crash left between the two is taken up again: another file of a minute later would leave the first in the archive
    with nothing that refers to it.
    """
    files = [(notice, _kept(app, day, notice)) for notice in app.current_notices]
    exports = {
        notice.id: export.export(app, notice, Viewer.LEADERSHIP, nameless=True)
        for notice, kept in files
        if kept is None
    }
    if sum(len(each.data) for each in exports.values()) > largest:
        return Tables(too_large=True)
    attachments = []
    for notice, kept in files:
        sha256 = kept or exports[notice.id].sha256
        if kept is None:
            with app.database.begin() as tx:
                state.put(tx, _key(day, notice), sha256, at=app.clock())
            app.blobs.put(exports[notice.id].data)
        name = f"{notice.short}-{notice.table_name}汇总-{day:%Y%m%d}.xlsx"
        attachments.append(Attachment(name=name, sha256=sha256, media=_XLSX, role=AttachmentRole.TABLE))
    return Tables(attachments=tuple(attachments), notices=tuple(notice for notice, _ in files))


def enter(app: App, tx: Transaction, day: date, tables: Tables) -> None:
    """They are on their way: the ledger is told, and what was noted for a crash is forgotten."""
    for notice, file in zip(tables.notices, tables.attachments, strict=True):
        viewer = str(Viewer.LEADERSHIP)
        access.note(tx, "export", f"notice:{notice.id}", "digest", at=app.clock(), viewer=viewer, sha256=file.sha256)
        state.remove(tx, _key(day, notice))


def _kept(app: App, day: date, notice: Notice) -> str | None:
    with app.database.read() as tx:
        sha256 = state.get(tx, _key(day, notice))
    return sha256 if isinstance(sha256, str) and app.blobs.has(sha256) else None


def _key(day: date, notice: Notice) -> str:
    return f"{_KEY}{day.isoformat()}:{notice.id}"
