"""From the raw bytes of a mail to what it brought: open, read workbooks, read covers, each in the sandbox."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from domain.cover import Cover, CoverFailure, ReadCover
from domain.mail import WHOLE_MAIL, MailFacts, MailKind, Origin, Part, PartFault, PartKind
from domain.notice import Notice
from domain.pairing import Incoming
from domain.rounds import falls_under
from domain.sheet import Sheet, SheetFailure
from domain.submission import CoverPart, FileRef, Role, Sender, SheetPart
from ingest import answers, children
from ingest.authenticity import SignatureCheck, aligned
from ingest.child import ChildFailed
from ingest.children import OwnIdentity
from ingest.cover_answer import NotAsAgreed, unpack
from ingest.deaths import Death
from ingest.dns_keys import KeyFinder
from ingest.sandbox import Sandbox
from ingest.screening import Infected, Scanner, Screened, screen
from ingest.stopwatch import UNBEGUN, Stopwatch
from parsers.limits import Limits
from storage.scratch import Scratch

log = structlog.get_logger(__name__)

_OFD = "application/ofd"
_RAW = "mail.eml"
_ROLES = {PartKind.SHEET: Role.SHEET, PartKind.COVER: Role.COVER}


@dataclass(frozen=True, kw_only=True)
class ReadMail:
    """A mail as read: what it brought, under which notice it falls, and the bytes of its files by SHA-256."""

    incoming: Incoming
    notice: Notice
    contents: Mapping[str, bytes]
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
    ) -> None:
        """`clock`: seconds from any start; `task` makes the folder for the files of one mail (None: among the system's
        temporary files); `scanner` None: nothing is scanned for viruses; `keys` None: no DKIM signature is
        looked at."""
        self._sandbox = sandbox
        self._notices = tuple(notices)
        self._own = own
        self._limits = limits
        self._clock = clock
        self._scanner = scanner
        self._task = task or Scratch(Path(tempfile.gettempdir())).task
        self._signatures = SignatureCheck(sandbox, keys) if keys else None

    def read(self, raw: bytes, *, sha256: str, origin: Origin, header_only: bool = False) -> ReadMail:
        """Reads one mail. A child that dies, or takes too long, becomes a problem of its file; so do the files that are
        left when those before them took too long together, or took long and could not be read.

        Raises ChildFailed where the reader itself failed (`error`): that is a fault of ours, and the sender must not
        hear that a good file is damaged. The mail is then held for a person, as for any other unforeseen fault.
        Raises ScannerDown or NotScanned where it could not be scanned for viruses, with a scanner: nothing of it is read.
        `header_only`: the mail was larger than we take, and `raw` is no more than its header.
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
                read = self._read_parts(facts, sha256, origin, folder, watch)
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

    def _read_parts(self, facts: MailFacts, sha256: str, origin: Origin, folder: Path, watch: Stopwatch) -> ReadMail:
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
        with watch.stage("sheet"):
            notice, readings = self._read_sheets(facts.parts, folder, watch)
        covers = []
        pictures: dict[str, bytes] = {}
        for part in (part for part in facts.parts if part.kind is PartKind.COVER):
            read = watch.tried(partial(self._read_cover, part, folder, notice, watch))
            pictures |= read.pictures if isinstance(read, ReadCover) else {}
            reading = read.cover if isinstance(read, ReadCover) else read
            covers.append(CoverPart(file=files[part.position], reading=reading, **common))
        incoming = Incoming(
            mail=sha256,
            facts=facts,
            origin=origin,
            sheets=tuple(SheetPart(file=files[at], reading=reading, **common) for at, reading in readings),
            covers=tuple(covers),
            others=tuple(files[part.position] for part in facts.parts if _ROLES.get(part.kind) is None),
            faults=facts.faults,
        )
        contents = _contents(folder, facts.parts)
        notice = falls_under(self._notices, notice, incoming)
        return ReadMail(incoming=incoming, notice=notice, contents=contents, pictures=pictures, seconds=watch.seconds)

    def _read_sheets(
        self, parts: Sequence[Part], folder: Path, watch: Stopwatch
    ) -> tuple[Notice, list[tuple[int, Sheet | SheetFailure]]]:
        """Reads the workbooks by the form of each active notice, until one fits."""
        candidates = [part for part in parts if part.kind is PartKind.SHEET]
        first: list[tuple[int, Sheet | SheetFailure]] = []
        for notice in _one_of_each_form(self._notices):
            alike: dict[tuple[str, str], Sheet | SheetFailure] = {}  # a mail may hold one file a thousand times
            for part in candidates:
                if (part.sha256, part.name) not in alike:
                    alike[part.sha256, part.name] = watch.tried(partial(self._read_sheet, part, folder, notice, watch))
            readings = [(part.position, alike[part.sha256, part.name]) for part in candidates]
            if any(isinstance(reading, Sheet) for _, reading in readings):
                return notice, readings
            first = first or readings
        return self._notices[0], first

    def _read_sheet(self, part: Part, folder: Path, notice: Notice, watch: Stopwatch) -> Sheet | SheetFailure:
        path = folder / part.sha256
        if not watch.may_begin(part.name, sheets=True):
            return SheetFailure(file=part.name, sha256=part.sha256, code="sheet.unreadable", cause=UNBEGUN)
        try:
            answer = self._sandbox.decode(
                children.sheet_job, str(path), part.name, part.sha256, notice.form, notice.area_code, folder=folder
            )
        except ChildFailed as failure:
            log.warning("sheet_not_read", sha256=part.sha256, reason=failure.reason, detail=failure.detail)
            watch.died(part.name, failure)
            return SheetFailure(file=part.name, sha256=part.sha256, code="sheet.unreadable", detail=str(failure))
        return answers.sheet_of(answer, part)

    def _read_cover(self, part: Part, folder: Path, notice: Notice, watch: Stopwatch) -> ReadCover | CoverFailure:
        if part.media == _OFD:
            unread = Cover(file=part.name, sha256=part.sha256, pages=(), page_count=0, signed=True)
            return ReadCover(cover=unread, pictures={})
        path = folder / part.sha256
        if not watch.may_begin(part.name):
            return CoverFailure(file=part.name, sha256=part.sha256, code="cover.unreadable", cause=UNBEGUN)
        try:
            with watch.stage("decode"):
                answer = self._sandbox.decode(
                    children.decode_job, str(path), part.media, part.name, part.sha256, self._limits, folder=folder
                )
            decoded = answers.decoded_of(answer, part)
            if isinstance(decoded, CoverFailure):
                return decoded
            with watch.stage("cover"), ExitStack() as opened:
                names = tuple(column.name for column in notice.form.columns)
                pages = [children.pixels_name(part.sha256, page.number) for page in decoded.pages]
                files = [opened.enter_context(answers.opened(folder / page)) for page in pages]
                answer = self._sandbox.recognise(children.cover_job, answer, names, files=files)
            return unpack(answer)
        except NotAsAgreed as fault:
            raise ChildFailed("error", f"cover_job: {fault}") from fault
        except ChildFailed as failure:
            log.warning("cover_not_read", sha256=part.sha256, reason=failure.reason, detail=failure.detail)
            watch.died(part.name, failure)
            return CoverFailure(file=part.name, sha256=part.sha256, code="cover.unreadable", detail=str(failure))


def _one_of_each_form(notices: Iterable[Notice]) -> Iterator[Notice]:
    """Rounds of one series share a form, which is read once."""
    forms = []
    for notice in notices:
        if notice.form not in forms:
            forms.append(notice.form)
            yield notice


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
