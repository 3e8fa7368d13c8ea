"""`check`: the same reading and checks on local files, as if they had come in one mail. Nothing is stored."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from domain.judge import Decision
from domain.mail import Origin, PartFault
from domain.notice import Notice
from domain.pairing import PartSet
from domain.policy_lists import NO_LISTS, PolicyLists
from domain.precheck import judge_unfiled
from domain.sets import sets_of
from ingest.app import App
from ingest.gathering import content_reporter, hinted_reporter
from ingest.reading import Reader, ReadMail
from storage.errors import Unavailable, Unusable

_SENDER = "local@check.invalid"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What would be decided, under which notice; the pictures of its cover by SHA-256, which are stored nowhere."""

    decision: Decision
    notice: Notice
    lists: PolicyLists | None = None
    """The lists that it was checked against; None where no database was at hand."""
    pictures: Mapping[str, bytes] = field(default_factory=dict)


def check_files(app: App, files: Sequence[Path], received_at: datetime) -> Checked:
    """Reads and judges the files as one mail received at `received_at`. Raises OSError for a file that is not there.

    One larger than `limits.file_bytes` is told as such and not put into the mail, which would then be too large whole.
    """
    large = [path for path in files if path.stat().st_size > app.limits.file_bytes]
    brought = [(_name(path), path.read_bytes()) for path in files if path not in large]
    read = read_as_mail(app.reader, brought, sender=_SENDER, received_at=received_at)
    limit = app.limits.file_bytes
    told = tuple(PartFault(name=_name(path), code="attachment.too_large", limit=limit) for path in large)
    incoming = replace(read.incoming, faults=(*read.incoming.faults, *told))
    sets = sets_of(incoming, read.notice) or (PartSet(),)
    reporter = content_reporter(sets[0], read.notice) or hinted_reporter(sets[0], read.notice)
    lists = _lists(app, read.notice, received_at)
    decision = judge_unfiled(
        sets[0], incoming, notice=read.notice, reporter=reporter, known={_SENDER}, lists=lists or NO_LISTS
    )
    return Checked(decision=decision, notice=read.notice, lists=lists, pictures=read.pictures)


def _lists(app: App, notice: Notice, at: datetime) -> PolicyLists | None:
    """Those in force at that time, where there is a database to ask. None is made for it, nor brought up to date, and one
    that this user may not read is no reason not to check."""
    try:
        if not app.database.exists() or not app.database.current():
            return None
        with app.database.read() as tx:
            return app.lists.at(tx, notice, at)
    except (Unavailable, Unusable):
        return None


def read_as_mail(reader: Reader, files: Iterable[tuple[str, bytes]], *, sender: str, received_at: datetime) -> ReadMail:
    """Reads files (name, content) as one mail that lies on no server. Raises ChildFailed where a reader itself failed."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["Subject"] = "check"
    message.set_content("")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    raw = message.as_bytes()
    origin = Origin(account="", folder="", uidvalidity=0, uid=0, received_at=received_at)
    return reader.read(raw, sha256=hashlib.sha256(raw).hexdigest(), origin=origin)


def _name(path: Path) -> str:
    """The file's name; under LC_ALL=C it came in as surrogates."""
    return os.fsencode(path.name).decode("utf-8", "replace")
