"""A mail from the archive opened for a person to look at, by the sandbox as every stranger's bytes."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog

from domain.mail import MailFacts
from ingest import answers, children
from ingest.app import App
from ingest.authenticity import aligned
from ingest.child import ChildFailed
from storage.errors import BlobCorrupt, BlobMissing
from storage.inbox import MailRow

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """`facts` is None where the mail cannot be opened; `lost`: since its bytes are not there as they were kept."""

    facts: MailFacts | None
    lost: bool = False


def opened(app: App, mail: MailRow) -> Opened:
    """Who wrote it, when, what, with which files; no file of it is read."""
    try:
        raw = app.blobs.get(mail.sha256)
    except (BlobMissing, BlobCorrupt):
        return Opened(facts=None, lost=True)
    with tempfile.TemporaryDirectory(prefix="baosong-") as name:
        folder = Path(name)
        path = folder / "mail.eml"
        path.write_bytes(raw)
        own = app.own.at(mail.origin.account)
        try:
            answer = app.sandbox.decode(children.open_job, str(path), str(folder), own, app.limits, folder=folder)
        except ChildFailed as failure:
            log.warning("mail_not_opened", mail=mail.id, reason=failure.reason, detail=failure.detail)
            return Opened(facts=None)
    return Opened(facts=aligned(answers.mail_of(answer)))
