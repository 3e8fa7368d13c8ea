"""Database and archive belong together: whoever would write to one looks first whether the other fits it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from config.settings import SettingsError
from domain.people import spoken_of
from domain.submission import HistoryEntry, Submission
from ingest.app import App
from notifier.report import Evidence, Proof, Vouched
from storage import ledger, people, submissions
from storage.archive import PROBE
from storage.checkpoint import Checkpoint
from storage.database import Transaction, any_text
from storage.errors import BlobCorrupt, BlobMissing, Mismatch, Unusable
from storage.fault import Fault
from storage.ledger import Head
from storage.papers import HEAD
from storage.progress import Progress, unheard
from storage.signing import PublicKey, check_signed_heads
from storage.verify import Verification, with_archive
from storage.verify import verify as recompute
from storage.verify_archive import ArchiveFaults, verify_archive
from storage.vouching import cells_sha256, contradicts, unlike, vouched

_NAMES_A_BLOB = re.compile("[0-9a-f]{64}")


def refuse_new_database(app: App) -> None:
    """Raises Mismatch where the database is gone and its archive is there: a new one beside it would take the old
    head of the ledger for its own, answer old mails again, and nobody would see that anything was lost."""
    if app.database.exists() and app.database.revision() is not None:
        return
    _refuse_half_laid(app)
    if app.blobs.papers.read(HEAD) is not None or any(name != PROBE for name in app.blobs.names()):
        raise Mismatch(
            f"the database {app.database.place} is missing or empty, but the archive {app.blobs.place} holds files: restore "
            "the copy of the database that belongs to it, or name the right file in [storage] database"
        )


def _refuse_half_laid(app: App) -> None:
    if app.blobs.half_laid():
        raise Mismatch(
            f"a restore into {app.blobs.place} was broken off, and what lies there is no archive yet: give `baosong restore` "
            "again, or take it away"
        )


def check_fit(app: App) -> None:
    """Raises Mismatch also where the archive's HEAD is of another or a newer database than this one, or Unavailable
    where the archive is away. From here on the archive must stand, if there are records that speak of it; before the first
    record it is made, for that may come with no file (an operator on the blacklist), and the archive would seem gone."""
    refuse_new_database(app)
    _refuse_half_laid(app)
    if app.database.exists() and app.database.current():
        with app.database.read() as tx:
            app.blobs.must_stand = ledger.begun(tx)
        app.blobs.check()
        found = ledger.find_head(app.blobs.papers)
        with app.database.read() as tx:  # a view that is opened after the head was read: one may be sealed meanwhile
            ledger.check_head(tx, found)
        app.blobs.begin()


def verify(
    app: App,
    heads: Iterable[Head] = (),
    keys: Sequence[PublicKey] = (),
    *,
    progress: Progress = unheard,
    resume: Path | None = None,
) -> Verification:
    """The audit of database, archive, HEAD and signed heads, and whether the ledger has the `heads` that others keep. It
    makes no database: one that is not there is the first fault.

    `keys` are those that signed heads may be signed with; without any it is the configured one. `resume`: a file that says how far an
    earlier audit of the archive came, and then how far this one comes; gone when it has come to its end.
    """
    if not app.database.exists() or app.database.revision() is None:
        return Verification(
            checked=0, faults=(Fault(object="database", fault=f"missing or empty: {app.database.place}"),)
        )
    app.database.upgrade()
    kept, faults = _kept_head(app)
    with app.database.read() as tx:
        checkpoint = _checkpoint(app, resume, ledger.head(tx)) if resume else None
        outside = [*([kept] if kept else []), *heads, *([checkpoint.head] if checkpoint and checkpoint.head else [])]
        found = recompute(tx, outside=outside, progress=progress)
        if not (kept or faults) and ledger.head(tx):
            faults = (
                Fault(object="HEAD", fault="missing: the database is sealed, but nothing outside vouches for it"),
            )
        with any_text(tx):
            signed = check_signed_heads(tx, app.blobs.papers, keys or _own_key(app), strict=bool(keys))
    archive = _archive(app, found, checkpoint, progress)
    found = with_archive(found, archive)
    return replace(found, faults=(*faults, *found.faults, *signed.faults), unchecked=signed.unchecked)


def _checkpoint(app: App, file: Path, head: Head | None) -> Checkpoint:
    return Checkpoint(file, place=app.blobs.place, head=head, now=app.clock())


def _archive(app: App, found: Verification, checkpoint: Checkpoint | None, progress: Progress) -> ArchiveFaults:
    """After the records, and out of their view: a database that is looked at for a day could not be tidied meanwhile."""
    if checkpoint is None:
        return verify_archive(app.blobs, found.wanted, progress=progress)
    try:
        archive = verify_archive(app.blobs, found.wanted, progress=progress, checkpoint=checkpoint)
    except BaseException:
        checkpoint.keep()
        raise
    checkpoint.done()
    return archive


def _own_key(app: App) -> tuple[PublicKey, ...]:
    """Of the configured key; none where whoever audits may not read it."""
    with suppress(SettingsError):
        return (app.signing_key.public,) if app.signing_key else ()
    return ()


def names(app: App, receipt: str, person: str) -> bool | None:
    """Whether the ledger's entry of the last decision on a submission has that name or phone number; None where that cannot be
    told. Raises LookupError where there is no such submission."""
    with app.database.read() as tx:
        case, history = submissions.load(tx, receipt), submissions.history(tx, receipt)
        if case is None:
            raise LookupError(receipt)
        body = ledger.vouching(tx, receipt, history[-1].ledger_number if history else None)
    return people.names(body, app.people_key, case.salt, spoken_of(person))


def rehead(app: App, *, reason: str, by: str) -> Head:
    """Writes HEAD anew, when no copy is left, from what the database has; the ledger keeps the reason and what stood
    there before, so that this can never be done unseen."""
    before = (app.blobs.papers.read(HEAD) or b"").decode("utf-8", errors="replace").strip()[:200]
    with app.database.begin() as tx:
        ledger.append(tx, "head.rewritten", "HEAD", {"before": before, "by": by, "reason": reason}, at=app.clock())
        head = ledger.seal(tx, at=app.clock())
    if head is None:
        raise LookupError("an entry was appended and nothing sealed")
    ledger.write_head(app.blobs.papers, head, whatever=True)
    return head


def _kept_head(app: App) -> tuple[Head | None, tuple[Fault, ...]]:
    """The head beside the archive, or what is wrong with it."""
    try:
        head = ledger.head_in(ledger.find_head(app.blobs.papers))
        return (replace(head, source="archive/HEAD") if head else None), ()
    except ValueError:
        return None, (Fault(object="HEAD", fault="altered: not NUMBER:SHA256"),)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A submission as it stands, every decision on it, and what vouches for the last one."""

    case: Submission
    history: tuple[HistoryEntry, ...]
    proof: Proof


def kept(tx: Transaction, receipt: str) -> Kept | None:
    """All of it from one transaction: what is read apart may be of two decisions, and then accuses an honest record.
    Raises Unusable where something was altered beyond reading."""
    with any_text(tx):
        try:
            case, history = submissions.load(tx, receipt), submissions.history(tx, receipt)
        except (ValueError, TypeError, OverflowError, zlib.error) as error:
            first, *_ = str(error).split("\n")
            raise _unreadable(receipt, f"{type(error).__name__}: {first}") from error
        if case is None:
            return None
        if not all(map(_NAMES_A_BLOB.fullmatch, case.pictures)):
            raise _unreadable(receipt, "a picture's name is no SHA-256")
        proof = _proof(tx, case, history[-1].ledger_number if history else None)
    return Kept(case=case, history=history, proof=proof)


def _unreadable(receipt: str, why: str) -> Unusable:
    return Unusable(f"{receipt}: its record cannot be read ({why}); `baosong audit verify` names what is altered")


def kept_evidence(app: App, kept: Kept) -> Evidence:
    """The pictures of a submission as the archive holds them, beside what vouches for it."""
    pictures: dict[str, bytes] = {}
    for name in kept.case.pictures:
        with suppress(BlobMissing, BlobCorrupt):
            pictures[name] = app.blobs.get(name)
    return Evidence(pictures=pictures, proof=kept.proof)


def _proof(tx: Transaction, case: Submission, entry: int | None) -> Proof:
    """What the ledger entry of the last decision on the case says, against what is stored."""
    record = submissions.digests(tx, case.receipt)
    proof = Proof(cells_sha256=cells_sha256(case.findings), record=record)
    body = ledger.vouching(tx, case.receipt, entry)
    if entry is None or not body:
        return proof
    older = body.get("record") is None
    name, found = ("evidence", vouched(case)) if older else ("record", record)
    differs = {"document"} if contradicts(body, case) else set()
    if body.get(name) is not None:
        differs |= unlike(body[name], found)
    head = ledger.covers(tx, entry)
    return replace(
        proof,
        vouched=Vouched.PARTS if older else Vouched.WHOLE,
        head_number=head.number if head else None,
        head_hash=head.hash if head else None,
        differs=tuple(part for part in (*record, *vouched(case)) if part in differs),
    )
