"""What the reader of mails asks of its children: a cover is read by the names of its form's columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from domain.cover import Cover, PageKind, ReadCover
from domain.mail import MailFacts, MailKind, Origin, Part, PartKind
from ingest import children
from ingest.children import OwnIdentity
from ingest.cover_answer import pack
from ingest.reading import Reader
from parsers.limits import Limits
from tests.builders import NOTICE, RECEIVED

SCAN = Part(name="扫描件.pdf", kind=PartKind.COVER, media="application/pdf", sha256="c" * 64, size=4, position=0)


class Children:
    """Stands in for the sandbox: opens every mail to one scan, and notes what the recogniser's child is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def decode(self, job: Any, *args: Any) -> bytes:
        if job is children.open_job:
            (Path(args[1]) / SCAN.sha256).write_bytes(b"scan")
            facts = MailFacts(
                message_id="<1@x>", subject="", sender="a@example.cn", sender_name="", envelope_sender=None,
                reply_to=None, in_thread=(), kind=MailKind.HUMAN, parts=(SCAN,),
            )  # fmt: skip
            return children.FACTS.dump_json(facts)
        page = children.PageFile(path="p.npy", number=1, dpi=200.0, kind=PageKind.SCAN, photo=False)
        decoded = children.DecodedFile(file=SCAN.name, sha256=SCAN.sha256, signed=False, page_count=1, pages=(page,))
        return children.DECODED.dump_json(decoded)

    def recognise(self, job: Any, *args: Any) -> bytes:
        assert job is children.cover_job
        self.told.append(args[1:])
        return pack(ReadCover(cover=Cover(file=SCAN.name, sha256=SCAN.sha256, pages=(), page_count=1), pictures={}))


def test_the_recogniser_is_told_the_names_of_the_forms_columns() -> None:
    sandbox = Children()
    own = OwnIdentity(addresses=frozenset(), message_id_suffix="")
    origin = Origin(account="main", folder="INBOX", uidvalidity=1, uid=1, received_at=RECEIVED)
    reader = Reader(sandbox, (NOTICE,), own, Limits())  # type: ignore[arg-type]
    reader.read(b"Subject: x\r\n\r\n", sha256="a" * 64, origin=origin)
    assert sandbox.told == [(tuple(column.name for column in NOTICE.form.columns),)]
