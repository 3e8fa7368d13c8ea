"""What the reader of mails asks of its children, and what it takes of their answers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from domain.cover import PageKind, ReadCover
from domain.mail import WHOLE_MAIL, MailFacts, MailKind, Origin, Part, PartKind
from ingest import children
from ingest.child import ChildFailed
from ingest.children import OwnIdentity
from ingest.cover_answer import pack
from ingest.errors import NotScanned, ScannerDown
from ingest.reading import Reader, ReadMail
from ingest.screening import Infected
from parsers.limits import Limits
from tests import builders
from tests.builders import NOTICE, RECEIVED

_HASH = hashlib.sha256(b"scan").hexdigest()
SCAN = Part(name="扫描件.pdf", kind=PartKind.COVER, media="application/pdf", sha256=_HASH, size=4, position=0)


RAW = b"Subject: x\r\n\r\n"


class Children:
    """Stands in for the sandbox: opens every mail to one scan, and notes what the recogniser's child is told."""

    def __init__(self, answer: bytes) -> None:
        self.jobs: list[Any] = []
        self.told: list[Any] = []
        self._answer = answer

    def decode(self, job: Any, *args: Any, folder: Path) -> bytes:
        self.jobs.append(job)
        if job is children.open_job:
            (folder / SCAN.sha256).write_bytes(b"scan")
            facts = MailFacts(
                message_id="<1@x>", subject="", sender="a@example.cn", sender_name="", envelope_sender=None,
                reply_to=None, in_thread=(), kind=MailKind.HUMAN, parts=(SCAN,),
            )  # fmt: skip
            return children.FACTS.dump_json(facts)
        (folder / children.pixels_name(SCAN.sha256, 1)).write_bytes(b"pixels")
        page = children.PageFile(number=1, dpi=200.0, kind=PageKind.SCAN, photo=False)
        decoded = children.DecodedFile(file=SCAN.name, sha256=SCAN.sha256, signed=False, page_count=1, pages=(page,))
        return children.DECODED.dump_json(decoded)

    def recognise(self, job: Any, *args: Any, files: Any) -> bytes:
        assert job is children.cover_job
        assert [file.read() for file in files] == [b"pixels"]
        self.told.append(args[1:])
        return self._answer


@dataclass
class Scans:
    """Stands in for the virus scanner: says what it is told to, in order, and notes what it was given."""

    answers: list[str | Exception | None]
    given: list[bytes] = field(default_factory=list)

    def scan(self, data: bytes) -> str | None:
        self.given.append(data)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def read(sandbox: Children, scanner: Scans | None = None, **reader: Any) -> ReadMail:
    own = OwnIdentity(addresses=frozenset(), message_id_suffix="")
    origin = Origin(account="main", folder="INBOX", uidvalidity=1, uid=1, received_at=RECEIVED)
    made = Reader(sandbox, (NOTICE,), own, Limits(), scanner=scanner, **reader)  # type: ignore[arg-type]
    return made.read(RAW, sha256="a" * 64, origin=origin)


def answer() -> ReadCover:
    picture = b"\xff\xd8\xff a page"
    page = builders.page(picture=hashlib.sha256(picture).hexdigest())
    cover = replace(builders.cover(page), file=SCAN.name, sha256=SCAN.sha256)
    return ReadCover(cover=cover, pictures={page.picture or "": picture})


def test_the_recogniser_is_told_the_names_of_the_forms_columns() -> None:
    sandbox = Children(pack(answer()))
    read(sandbox)
    assert sandbox.told == [(tuple(column.name for column in NOTICE.form.columns),)]


def test_a_mail_brings_the_pictures_of_its_covers_beside_its_files() -> None:
    mail = read(Children(pack(answer())))
    assert mail.incoming.covers[0].reading == answer().cover
    assert mail.pictures == answer().pictures
    assert set(mail.contents) == {SCAN.sha256}


def test_an_answer_that_is_not_as_agreed_is_a_fault_of_ours_not_of_the_scan() -> None:
    with pytest.raises(ChildFailed, match="pictures are not those") as failure:
        read(Children(pack(replace(answer(), pictures={}))))
    assert failure.value.reason == "error"


def test_the_mail_is_scanned_before_it_is_opened_and_each_file_before_it_is_read() -> None:
    for answers, jobs in (([ScannerDown("x")], []), ([None, ScannerDown("x")], [children.open_job])):
        sandbox = Children(pack(answer()))
        with pytest.raises(ScannerDown):
            read(sandbox, Scans([*answers]))
        assert sandbox.jobs == jobs
    sandbox, scanner = Children(pack(answer())), Scans([None, None])
    assert read(sandbox, scanner).scanned
    assert scanner.given == [RAW, b"scan"]


def test_an_infected_file_is_no_part_of_its_mail() -> None:
    sandbox = Children(pack(answer()))
    mail = read(sandbox, Scans(["In.Mail", "In.File"]))
    assert (sandbox.jobs, sandbox.told) == ([children.open_job], [])
    assert (mail.contents, mail.incoming.covers, mail.incoming.facts.parts) == ({}, (), ())
    [fault] = mail.incoming.faults
    assert (fault.name, fault.code, fault.candidate_for) == (SCAN.name, "attachment.malware", PartKind.COVER)
    assert set(mail.infected) == {
        Infected(sha256="a" * 64, signature="In.Mail"),
        Infected(sha256=SCAN.sha256, signature="In.File"),
    }


def test_what_no_file_has_is_of_the_mail() -> None:
    mail = read(Children(pack(answer())), Scans(["In.Mail", None]))
    assert [(fault.name, fault.code) for fault in mail.incoming.faults] == [(WHOLE_MAIL, "attachment.malware")]
    assert len(mail.incoming.covers) == 1


def test_what_is_left_when_the_time_of_the_mail_is_used_up_does_not_pass_unscanned() -> None:
    times = iter([0.0] * 5 + [10_000.0] * 50)
    sandbox = Children(pack(answer()))
    with pytest.raises(NotScanned):
        read(sandbox, Scans([None, None]), clock=lambda: next(times))
    assert sandbox.jobs == [children.open_job]
