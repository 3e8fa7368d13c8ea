"""Reads hostile mails through the real children, for the suite and the bench."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import BinaryIO

from domain.cover import Cover, CoverFailure, ReadCover
from domain.mail import Origin
from domain.sheet import SheetFailure
from ingest.child import Job
from ingest.children import DECODED, OwnIdentity
from ingest.cover_answer import pack
from ingest.reading import Reader, ReadMail
from ingest.sandbox import Sandbox
from parsers.limits import Limits
from tests.builders import NOTICE, RECEIVED

ORIGIN = Origin(account="main", folder="INBOX", uidvalidity=1, uid=1, received_at=RECEIVED)
OWN = OwnIdentity(addresses=frozenset({"bureau@example.org"}), message_id_suffix=".baosong@example.org")


class DecodersAlone(Sandbox):
    """Decoders are children as ever; what they made of a scan is read as a cover without pages, at once."""

    def recognise(self, job: Job, *args: object, files: Sequence[BinaryIO] = ()) -> bytes:
        decoded = args[0]
        assert isinstance(decoded, bytes)
        meta = DECODED.validate_json(decoded)
        assert not isinstance(meta, CoverFailure)
        cover = Cover(file=meta.file, sha256=meta.sha256, pages=(), page_count=meta.page_count)
        return pack(ReadCover(cover=cover, pictures={}))


def reader(sandbox: Sandbox, limits: Limits) -> Reader:
    return Reader(sandbox, (NOTICE,), OWN, limits)


def outcome(read: ReadMail) -> str:
    """What its sender is told and what was read, in one line: `attachment.bomb, other files`; `nothing` where there is neither."""
    came = read.incoming
    readings = [part.reading for part in (*came.sheets, *came.covers)]
    failures = [reading for reading in readings if isinstance(reading, SheetFailure | CoverFailure)]
    codes = {fault.code for fault in came.faults} | {failure.code for failure in failures}
    count = Counter(type(reading).__name__.lower() for reading in readings if reading not in failures)
    told = [*sorted(codes), *(f"{number} {kind}" for kind, number in sorted(count.items()))]
    told += ["other files"] if came.others else []
    told += [f"child: {death.reason}" for death in read.deaths[:1]]
    return ", ".join(told) or "nothing"
