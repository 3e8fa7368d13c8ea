"""Database and archive belong together: whoever would write to one looks first whether the other fits it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from domain.submission import HistoryEntry, Submission
from ingest.app import App
from notifier.report import Evidence, Proof
from storage import ledger, submissions
from storage.blobs import PROBE
from storage.errors import BlobCorrupt, BlobMissing, Mismatch
from storage.fault import Fault
from storage.ledger import Head
from storage.verify import Verification
from storage.verify import verify as recompute
from storage.vouching import cells_sha256


def refuse_new_database(app: App) -> None:
    """Raises Mismatch where the database is gone and its archive is there: a new one beside it would take the old
    head of the ledger for its own, answer old mails again, and nobody would see that anything was lost."""
    if app.database.exists() and app.database.revision() is not None:
        return
    if app.head_file.exists() or any(name != PROBE for name in app.blobs.names()):
        archive = app.settings.archive
        raise Mismatch(
            f"the database {app.database.place} is missing or empty, but the archive {archive} holds files: restore "
            "the copy of the database that belongs to it, or name the right file in [storage] database"
        )


def check_fit(app: App) -> None:
    """Raises Mismatch also where the archive's HEAD is of another or a newer database than this one."""
    refuse_new_database(app)
    if app.database.exists() and app.database.current():
        with app.database.read() as tx:
            ledger.check_head(tx, app.head_file)


def verify(app: App) -> Verification:
    """The audit of database, archive and HEAD. It makes no database: one that is not there is the first fault."""
    if not app.database.exists() or app.database.revision() is None:
        return Verification(
            checked=0, faults=(Fault(object="database", fault=f"missing or empty: {app.database.place}"),)
        )
    app.database.upgrade()
    kept, faults = _kept_head(app)
    with app.database.read() as tx:
        found = recompute(tx, app.blobs, outside=[kept] if kept else [])
        if not (kept or faults) and ledger.head(tx):
            faults = (
                Fault(object="HEAD", fault="missing: the database is sealed, but nothing outside vouches for it"),
            )
    return replace(found, faults=(*faults, *found.faults))


def rehead(app: App, *, reason: str, by: str) -> Head:
    """Writes HEAD anew, when no copy is left, from what the database has; the ledger keeps the reason and what stood
    there before, so that this can never be done unseen."""
    try:
        before = app.head_file.read_text(encoding="utf-8", errors="replace").strip()[:200]
    except FileNotFoundError:
        before = ""
    with app.database.begin() as tx:
        ledger.append(tx, "head.rewritten", "HEAD", {"before": before, "by": by, "reason": reason}, at=app.clock())
        head = ledger.seal(tx, at=app.clock())
    if head is None:
        raise LookupError("an entry was appended and nothing sealed")
    ledger.write_head(app.head_file, head)
    return head


def _kept_head(app: App) -> tuple[Head | None, tuple[Fault, ...]]:
    """The head beside the archive, or what is wrong with it."""
    try:
        return ledger.read_head(app.head_file), ()
    except ValueError:
        return None, (Fault(object="HEAD", fault="altered: not NUMBER:SHA256"),)


def kept_evidence(app: App, case: Submission, history: Sequence[HistoryEntry]) -> Evidence:
    """The pictures of a submission as the archive holds them, and what vouches for its last decision."""
    pictures: dict[str, bytes] = {}
    for name in case.pictures:
        with suppress(BlobMissing, BlobCorrupt):
            pictures[name] = app.blobs.get(name)
    last = history[-1].ledger_number if history else None
    with app.database.read() as tx:
        entry = next((each for each in ledger.entries_of(tx, case.receipt) if each.id == last), None)
        head = ledger.covers(tx, entry.id) if entry else None
        record = submissions.digests(tx, case.receipt)
    proof = Proof(
        head_number=head.number if head else None,
        head_hash=head.hash if head else None,
        cells_sha256=cells_sha256(case.findings),
        record=record,
        entered=ledger.told(entry.body).get("record", {}) if entry else {},
    )
    return Evidence(pictures=pictures, proof=proof)
