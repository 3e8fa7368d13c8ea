"""`check`: the same reading and checks on local files, as if they had come in one mail. Nothing is stored."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from domain.judge import Decision, Standing, judge
from domain.mail import Origin, PartFault
from domain.notice import Notice
from domain.pairing import PartSet
from ingest.app import App
from ingest.gathering import content_reporter
from ingest.pipeline import sets_of

_SENDER = "local@check.invalid"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What would be decided, under which notice."""

    decision: Decision
    notice: Notice


def check_files(app: App, files: Sequence[Path], received_at: datetime) -> Checked:
    """Reads and judges the files as one mail received at `received_at`. Raises OSError for a file that is not there.

    One larger than `limits.file_bytes` is told as such and not put into the mail, which would then be too large whole.
    """
    large = [path for path in files if path.stat().st_size > app.limits.file_bytes]
    raw = _as_mail([path for path in files if path not in large])
    sha256 = hashlib.sha256(raw).hexdigest()
    origin = Origin(account="check", folder="", uidvalidity=0, uid=0, received_at=received_at)
    read = app.reader.read(raw, sha256=sha256, origin=origin)
    limit = app.limits.file_bytes
    told = tuple(PartFault(name=_name(path), code="attachment.too_large", limit=limit) for path in large)
    incoming = replace(read.incoming, faults=(*read.incoming.faults, *told))
    sets = sets_of(incoming, read.notice) or (PartSet(),)
    reporter = content_reporter(sets[0], read.notice)
    standing = Standing(known_addresses=frozenset({_SENDER}))
    decision = judge(sets[0], incoming, notice=read.notice, reporter=reporter, standing=standing)
    return Checked(decision=decision, notice=read.notice)


def _as_mail(files: Sequence[Path]) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = _SENDER
    message["Subject"] = "check"
    message.set_content("")
    for path in files:
        message.add_attachment(path.read_bytes(), maintype="application", subtype="octet-stream", filename=_name(path))
    return message.as_bytes()


def _name(path: Path) -> str:
    """The file's name; under LC_ALL=C it came in as surrogates."""
    return os.fsencode(path.name).decode("utf-8", "replace")
