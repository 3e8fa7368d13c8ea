"""`replay`: feeds saved mails through the pipeline, for recovery and tests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from pathlib import Path

from domain.mail import Origin
from ingest import jobs
from ingest.addressing import registrable_domain
from ingest.app import App
from ingest.jobs import PassReport
from storage import inbox, tasks
from storage.inbox import MailStatus

_ACCOUNT = "replay"


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What became of one file: `new`, `released` (it was held) or `known` (decided before: nothing is done again)."""

    path: Path
    outcome: str


def replay(app: App, files: Sequence[Path], received_at: datetime | None, report: PassReport) -> list[Replayed]:
    """Stores the mails that are new, releases held ones, and processes what waits. Replies wait for the next pass."""
    done = [Replayed(path=path, outcome=_take(app, path, received_at, report)) for path in files]
    jobs.process(app, report)
    jobs.seal(app)
    return done


def _take(app: App, path: Path, received_at: datetime | None, report: PassReport) -> str:
    raw = path.read_bytes()
    sha256 = hashlib.sha256(raw).hexdigest()
    with app.database.begin() as tx:
        known = inbox.by_sha256(tx, sha256)
        if known and known.status is MailStatus.DONE:
            return "known"
        if known:
            inbox.release(tx, known.id)
            tasks.close_kind(tx, "held", f"mail:{known.id}", at=app.clock())  # held again, it gets a new one
            return "released"
    at = received_at or _received(raw, app.own.trusted_authserv_id) or app.clock()
    app.blobs.put(raw)
    with app.database.begin() as tx:
        uid = inbox.highest_uid(tx, _ACCOUNT, _ACCOUNT, 0) + 1
        origin = Origin(account=_ACCOUNT, folder=_ACCOUNT, uidvalidity=0, uid=uid, received_at=at)
        inbox.receive(tx, raw_sha256=sha256, size=len(raw), origin=origin, at=app.clock())
    report.received += 1
    return "new"


def _received(raw: bytes, trusted: str) -> datetime | None:
    """The time of the newest trusted Received (RFC 5321 section 4.4): the topmost, if our provider wrote it.

    With `trusted_authserv_id` set, its `by` host must be of that provider; the Date header is never believed.
    """
    lines = message_from_bytes(raw[:200_000]).get_all("Received") or []
    if not lines:
        return None
    newest = str(lines[0])
    words = newest.split()
    host = words[words.index("by") + 1].rstrip(";") if "by" in words[:-1] else ""
    if trusted and registrable_domain(f"x@{host}") != registrable_domain(f"x@{trusted}"):
        return None
    try:
        at = parsedate_to_datetime(newest.rpartition(";")[2].strip())
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else None
