"""`check`: the same reading and checks on local files, as if they had come in one mail. Nothing is stored."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from domain.judge import Decision, Standing, judge
from domain.mail import Origin
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
    """Reads and judges the files as one mail received at `received_at`. Raises OSError for a file that is not there."""
    raw = _as_mail(files)
    sha256 = hashlib.sha256(raw).hexdigest()
    origin = Origin(account="check", folder="", uidvalidity=0, uid=0, received_at=received_at)
    read = app.reader.read(raw, sha256=sha256, origin=origin)
    sets = sets_of(read.incoming, read.notice) or (PartSet(),)
    reporter = content_reporter(sets[0], read.notice)
    standing = Standing(known_addresses=frozenset({_SENDER}))
    decision = judge(sets[0], read.incoming, notice=read.notice, reporter=reporter, standing=standing)
    return Checked(decision=decision, notice=read.notice)


def _as_mail(files: Sequence[Path]) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = _SENDER
    message["Subject"] = "check"
    message.set_content("")
    for path in files:
        name = os.fsencode(path.name).decode("utf-8", "replace")  # under LC_ALL=C the name came in as surrogates
        message.add_attachment(path.read_bytes(), maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()
