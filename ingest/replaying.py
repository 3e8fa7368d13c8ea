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
from domain.submission import State
from ingest import jobs, processing
from ingest.app import App
from ingest.domains import registrable_domain
from ingest.passes import PassReport
from storage import inbox, receiving, submissions, tasks
from storage.advisory import alone
from storage.inbox import MailStatus

_ACCOUNT = "replay"
_BOM = b"\xef\xbb\xbf"
_FIELDS = frozenset(
    ("received", "return-path", "from", "to", "subject", "date", "message-id", "mime-version", "content-type")
)


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What became of one file. `outcome`: `new`, `released` (it was held), `known` (decided before: nothing is done
    again) or `refused` (no mail). `disposition` is that of the mail, or how it stands; `cases` are the submissions it
    belongs to, with their states."""

    path: Path
    outcome: str
    disposition: str = ""
    cases: tuple[tuple[str, State], ...] = ()


def replay(app: App, files: Sequence[Path], received_at: datetime | None, report: PassReport) -> list[Replayed]:
    """Stores the mails that are new, releases held ones, and processes what waits. Replies wait for the next pass."""
    raws = {path: path.read_bytes() for path in files}
    hashes = {path: hashlib.sha256(raw).hexdigest() for path, raw in raws.items()}
    taken = {path: _take(app, raw, hashes[path], received_at, report) for path, raw in raws.items()}
    report.failures += [
        f"{path}: no mail (it does not begin with header fields); nothing was taken from it"
        for path, outcome in taken.items()
        if outcome == "refused"
    ]
    processing.process(app, report)
    jobs.seal(app)
    return [_what_became(app, path, hashes[path], outcome) for path, outcome in taken.items()]


def _what_became(app: App, path: Path, sha256: str, outcome: str) -> Replayed:
    with app.database.read() as tx:
        row = inbox.by_sha256(tx, sha256)
        cases = submissions.states(tx, sha256)
    if row is None:
        return Replayed(path=path, outcome=outcome)
    how = row.disposition or {MailStatus.HELD: "held", MailStatus.NEW: "to be tried again"}.get(row.status, "")
    return Replayed(path=path, outcome=outcome, disposition=how, cases=cases)


def _take(app: App, raw: bytes, sha256: str, received_at: datetime | None, report: PassReport) -> str:
    with app.database.begin() as tx:
        known = inbox.by_sha256(tx, sha256)
        if known and known.status is MailStatus.DONE:
            return "known"
        if known:
            inbox.release(tx, known.id)
            tasks.close_kind(tx, "held", f"mail:{known.id}", at=app.clock())  # held again, it gets a new one
            return "released"
    if not _is_mail(raw):
        return "refused"
    at = received_at or _received(raw, app.own.trusted_authserv_id) or app.clock()
    app.blobs.put(raw)
    with app.database.begin() as tx:
        alone(tx, receiving.RECEIVING)
        uid = inbox.highest_uid(tx, _ACCOUNT, _ACCOUNT, 0) + 1
        origin = Origin(account=_ACCOUNT, folder=_ACCOUNT, uidvalidity=0, uid=uid, received_at=at)
        receiving.receive(tx, raw_sha256=sha256, size=len(raw), origin=origin, at=app.clock())
    report.received += 1
    return "new"


def _is_mail(raw: bytes) -> bool:
    """Whether it begins with header fields (RFC 5322, 2.2): a scan or workbook given by mistake has none, and would be
    archived as a mail for good."""
    names = {name.lower() for name in message_from_bytes(raw[:200_000].removeprefix(_BOM))}
    return len(names & _FIELDS) >= 2


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
