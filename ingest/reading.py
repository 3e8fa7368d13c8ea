"""From the raw bytes of a mail to what it brought: open, read workbooks, read covers, each in the sandbox."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog

from domain.mail import WHOLE_MAIL, MailFacts, MailKind, Origin, Part, PartFault, PartKind
from domain.notice import Notice
from domain.pairing import Incoming
from domain.submission import CoverPart, FileRef, Role, Sender, SheetPart
from ingest import answers, children
from ingest.authenticity import SignatureCheck, aligned
from ingest.child import ChildFailed
from ingest.children import OwnIdentity
from ingest.deaths import Death
from ingest.dns_keys import KeyFinder
from ingest.file_reading import books_of, pictures_of, scans_of
from ingest.part_reading import PartReader
from ingest.sandbox import Sandbox
from ingest.screening import Infected, Scanner, Screened, screen
from ingest.sharing import Chooser, Share, shares
from ingest.stopwatch import Stopwatch
from parsers.limits import Limits
from storage.scratch import Scratch

log = structlog.get_logger(__name__)

_RAW = "mail.eml"
_ROLES = {PartKind.SHEET: Role.SHEET, PartKind.COVER: Role.COVER}


@dataclass(frozen=True, kw_only=True)
class ReadMail:
    """A mail as read: what it brought, under which notice it falls, and the bytes of its files by SHA-256. `incoming` lacks
    what is `beside`."""

    incoming: Incoming
    notice: Notice
    beside: tuple[Share, ...] = ()
    """What it brought for other notices."""
    contents: Mapping[str, bytes]
    collected: tuple[Notice, ...] = ()
    """Of a mail that does not tell which notice it is about: all that it may be about."""
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """What was made of its covers: the pictures they name, by SHA-256."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Wall time of each stage: scan, open, signature, sheet, decode, cover."""
    scanned: bool = False
    """Whether a virus scanner saw the mail and all its files."""
    infected: tuple[Infected, ...] = ()
    """What it found: no bytes of these files are among `contents`."""
    deaths: tuple[Death, ...] = ()
    """Its files that children died over, and those that were not begun for it."""

    @property
    def shares(self) -> tuple[Share, ...]:
        """What it brought for each notice, the mail's own first."""
        return (Share(notice=self.notice, incoming=self.incoming), *self.beside)


class Reader:
    """Reads mails through the sandbox. Thread-safe."""

    def __init__(
        self,
        sandbox: Sandbox,
        notices: Sequence[Notice],
        own: OwnIdentity,
        limits: Limits,
        clock: Callable[[], float] = time.perf_counter,
        scanner: Scanner | None = None,
        keys: KeyFinder | None = None,
        task: Callable[[], AbstractContextManager[Path]] | None = None,
        threads: Callable[[MailFacts], str | None] | None = None,
    ) -> None:
        """`clock`: seconds from any start; `task` makes the folder for the files of one mail (None: among the system's
        temporary files); `scanner` None: nothing is scanned for viruses; `keys` None: no DKIM signature is
        looked at; `threads` tells the id of the notice that a mail's thread is about (None: nobody looks)."""
        self._sandbox = sandbox
        self._notices = tuple(notices)
        self._own = own
        self._limits = limits
        self._clock = clock
        self._scanner = scanner
        self._task = task or Scratch(Path(tempfile.gettempdir())).task
        self._threads = threads
        self._signatures = SignatureCheck(sandbox, keys) if keys else None

    def serve(self, notices: Sequence[Notice]) -> None:
        """From the next mail on, these."""
        self._notices = tuple(notices)

    def read(
        self, raw: bytes, *, sha256: str, origin: Origin, header_only: bool = False, under: Notice | None = None
    ) -> ReadMail:
        """Reads one mail. A child that dies, or takes too long, becomes a problem of its file; so do the files that are
        left when those before them took too long together, or took long and could not be read.

        Raises ChildFailed where the reader itself failed (`error`): that is a fault of ours, and the sender must not
        hear that a good file is damaged. The mail is then held for a person, as for any other unforeseen fault.
        Raises ScannerDown or NotScanned where it could not be scanned for viruses, with a scanner: nothing of it is read.
        `header_only`: the mail was larger than we take, and `raw` is no more than its header. `under`: the notice that it is
        read for, whatever it says.
        """
        watch = Stopwatch(clock=self._clock, unit=self._limits.parse_seconds)
        with self._task() as folder:
            screened = self._opened(raw, sha256, origin, folder, watch)
            facts = screened.facts
            if header_only:
                facts = _with_fault(facts, "attachment.too_large", limit=self._limits.message_bytes)
            if facts.kind in (MailKind.BOUNCE, MailKind.DELIVERY_NOTICE):
                facts = replace(facts, in_thread=(*facts.in_thread, *_quoted_ids(raw, self._own.message_id_suffix)))
            if facts.kind is MailKind.HUMAN:
                if self._signatures and not header_only:
                    with watch.stage("signature"):
                        facts = replace(facts, authentication=self._signatures.of(facts, folder / _RAW))
                chooser = self._chooser(facts, origin, under)
                read = self._read_parts(facts, sha256, origin, chooser, folder, watch)
            else:
                incoming = Incoming(mail=sha256, facts=facts, origin=origin)
                contents = _contents(folder, facts.parts)
                read = ReadMail(incoming=incoming, notice=self._notices[0], contents=contents, seconds=watch.seconds)
        return replace(read, scanned=self._scanner is not None, infected=screened.infected, deaths=tuple(watch.deaths))

    def _opened(self, raw: bytes, sha256: str, origin: Origin, folder: Path, watch: Stopwatch) -> Screened:
        """The mail opened, infected files taken out of it; scanned as it came before anything looks into it."""
        signature = None
        if self._scanner:
            with watch.stage("scan"):
                signature = self._scanner.scan(raw)
        with watch.stage("open"):
            facts = aligned(self._open(raw, folder, self._own.at(origin.account), watch))
        if self._scanner is None:
            return Screened(facts=facts)
        whole = Infected(sha256=sha256, signature=signature) if signature else None
        with watch.stage("scan"):
            return screen(self._scanner, facts, folder, whole, watch.scan)

    def _open(self, raw: bytes, folder: Path, own: OwnIdentity, watch: Stopwatch) -> MailFacts:
        path = folder / _RAW
        path.write_bytes(raw)
        try:
            answer = self._sandbox.decode(children.open_job, str(path), str(folder), own, self._limits, folder=folder)
        except ChildFailed as failure:
            log.warning("mail_not_opened", reason=failure.reason, detail=failure.detail)
            watch.died(WHOLE_MAIL, failure)
            return self._envelope_only(raw, folder, own, failure)
        return answers.mail_of(answer)

    def _envelope_only(self, raw: bytes, folder: Path, own: OwnIdentity, failure: ChildFailed) -> MailFacts:
        """The body took the opener down: read the header alone, so that the sender is still answered."""
        head = raw.split(b"\r\n\r\n", 1)[0].split(b"\n\n", 1)[0][:100_000] + b"\r\n\r\n"
        path = folder / "header.eml"
        path.write_bytes(head)
        answer = self._sandbox.decode(children.open_job, str(path), str(folder), own, self._limits, folder=folder)
        facts = answers.mail_of(answer)
        return _with_fault(facts, "attachment.unreadable", str(failure))

    def _read_parts(
        self, facts: MailFacts, sha256: str, origin: Origin, chooser: Chooser, folder: Path, watch: Stopwatch
    ) -> ReadMail:
        sender = Sender(
            address=facts.sender,
            mail=sha256,
            message_id=facts.message_id,
            in_thread=facts.in_thread,
            dmarc_failed=facts.dmarc_failed,
            name=facts.sender_name,
            authentication=facts.authentication,
        )
        common: Any = {"sender": sender, "received_at": origin.received_at, "uid": origin.uid}
        files = {part.position: _file_ref(part, sha256) for part in facts.parts}
        reader = PartReader(self._sandbox, self._limits, folder, watch)
        with watch.stage("sheet"):
            books = books_of(facts.parts, reader, chooser)
        scans = scans_of(facts.parts, reader, chooser, books)
        main = chooser.main(books, [scan.reading for scan in scans])
        by_file = {book.part.sha256: chooser.of_book(book, main) for book in books}
        by_file |= {scan.part.sha256: chooser.of_cover(scan.reading, main) for scan in scans}
        sheets = [(book.part.position, book.by(by_file[book.part.sha256])) for book in books]
        whole = Incoming(
            mail=sha256,
            facts=facts,
            origin=origin,
            sheets=tuple(SheetPart(file=files[at], reading=reading, **common) for at, reading in sheets),
            covers=tuple(CoverPart(file=files[scan.part.position], reading=scan.reading, **common) for scan in scans),
            others=tuple(files[part.position] for part in facts.parts if _ROLES.get(part.kind) is None),
            faults=facts.faults,
        )
        by_round = chooser.rounds_by_file(by_file, whole)
        if main.id not in {each.id for each in by_round.values()}:  # none of the mail is of the round of its day
            main = next((each for each in by_round.values() if each.series == main.series), main)
        first, *beside = map(chooser.in_its_round, shares(whole, by_round, main))
        contents, pictures = _contents(folder, facts.parts), pictures_of(scans)
        return ReadMail(
            incoming=first.incoming,
            notice=first.notice,
            beside=tuple(beside),
            collected=chooser.open(books),
            contents=contents,
            pictures=pictures,
            seconds=watch.seconds,
        )

    def _chooser(self, facts: MailFacts, origin: Origin, under: Notice | None) -> Chooser:
        notices = (under,) if under else self._notices
        thread = self._threads(facts) if self._threads and len(notices) > 1 else None
        return Chooser(notices=notices, facts=facts, received_at=origin.received_at, thread=thread)


def _with_fault(facts: MailFacts, code: str, detail: str = "", limit: int | None = None) -> MailFacts:
    """The mail with a fault of the whole of it."""
    fault = PartFault(name=WHOLE_MAIL, code=code, detail=detail, limit=limit)
    return replace(facts, faults=(*facts.faults, fault))


def _quoted_ids(raw: bytes, suffix: str) -> tuple[str, ...]:
    """Message-IDs of ours anywhere in a bounce: few bounces name their letter in a header, most quote its header."""
    found = re.findall(rb"<[0-9a-f]{32}" + re.escape(suffix.encode()) + rb">", raw) if suffix else []
    return tuple(dict.fromkeys(identifier.decode("ascii") for identifier in found))


def _file_ref(part: Part, mail: str) -> FileRef:
    role = _ROLES.get(part.kind, Role.OTHER)
    return FileRef(name=part.name, kind=role, sha256=part.sha256, size=part.size, mail=mail)


def _contents(folder: Path, parts: Sequence[Part]) -> dict[str, bytes]:
    return {part.sha256: answers.content(folder, part) for part in parts}
