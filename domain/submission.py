"""A submission: one set of parts of one reporter under one notice, its state, and what was decided on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.authentication import NOTHING_KNOWN, Authentication
from domain.cover import Box, Cover, CoverFailure, Seal
from domain.mail import PartFault
from domain.problems import Problem
from domain.sheet import Sheet, SheetFailure
from domain.versions import Difference


class State(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    INCOMPLETE = "incomplete"
    REVIEW = "review"
    SUPERSEDED = "superseded"


class Role(StrEnum):
    SHEET = "sheet"
    COVER = "cover"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sent a part, and in which mail (`mail` is the SHA-256 of its bytes). `name` is what From calls them: their own
    claim, for people to read. Old records have neither that nor `authentication`."""

    address: str
    mail: str
    message_id: str | None
    in_thread: tuple[str, ...] = ()
    dmarc_failed: bool = False
    name: str = ""
    authentication: Authentication = NOTHING_KNOWN


@dataclass(frozen=True, kw_only=True)
class FileRef:
    """One file of a submission, as received."""

    name: str
    kind: Role
    sha256: str
    size: int
    mail: str
    """SHA-256 of the mail that brought it."""


@dataclass(frozen=True, kw_only=True)
class SheetPart:
    """The workbook of a set: a reading or a failure, when it came and from whom."""

    file: FileRef
    reading: Sheet | SheetFailure
    sender: Sender
    received_at: datetime
    uid: int


@dataclass(frozen=True, kw_only=True)
class CoverPart:
    """The cover of a set. `further`: files of the same mail with more pages or pictures of it, all in `reading`."""

    file: FileRef
    reading: Cover | CoverFailure
    sender: Sender
    received_at: datetime
    uid: int
    further: tuple[FileRef, ...] = ()

    @property
    def files(self) -> tuple[FileRef, ...]:
        return (self.file, *self.further)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Somebody else sent the very bytes of a file again: whoever holds them completes nothing of another's."""

    sha256: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Attached:
    """A file that the notice asks for beside the return. `key` and `name`: of the notice's rule. It is one of `Submission.others`."""

    key: str
    name: str
    file: FileRef


class About(StrEnum):
    """What a verdict is about."""

    CELL = "cell"
    HEADER = "header"  # the title or a header field
    NIL = "nil"  # the statement that there is nothing to report
    LOST_CELL = "lost_cell"  # a cell that the reader lost in a row that it found
    UNREAD_ROW = "unread_row"  # a row of the workbook that should stand where nothing was read
    MISSING_ROW = "missing_row"  # a row of the workbook that the page has not
    DISPLACED_ROW = "displaced_row"  # one that stands elsewhere on the page
    EXTRA_ROW = "extra_row"  # a row that stands on the page only

    @property
    def is_row(self) -> bool:
        """It is about a row as a whole, or a part of it that was not found: no cell of the page says it."""
        return self not in (About.CELL, About.HEADER, About.NIL)


@dataclass(frozen=True, kw_only=True)
class CellVerdict:
    """One compared value: `expected` from the workbook, `read` from the page, `score` the log-likelihood ratio per
    character (0 = the page says exactly this; the more negative the less likely)."""

    address: str
    field: str
    expected: str
    read: str
    score: float
    verdict: str  # "match" | "differs" | "doubtful"
    page: int
    row: int
    column: int
    """`row` and `column` in the grid of the page; -1 where it has no place in it."""
    about: About = About.CELL
    """Findings from before this was kept read as CELL; only those of a fresh comparison are judged."""
    box: Box | None = None
    """Where it was read, in fractions of the straightened page; None where nothing on the page could be named."""
    sheet: str = ""
    """Sheet of the workbook, where that is another one than the first (`Row.sheet`)."""


@dataclass(frozen=True, kw_only=True)
class CoverFindings:
    """What the comparison of a cover with its workbook gave: evidence, from which the checks make problems."""

    page: int
    seals: tuple[Seal, ...]
    cells: tuple[CellVerdict, ...]
    rows_on_page: int
    pages: tuple[int, ...] = ()
    """Pages that surely show this workbook: the compared one, and others of the same table. `seals` are theirs."""
    apart: tuple[int, ...] = ()
    """Pages of which that cannot be told, as a close-up of a seal."""

    @property
    def compared(self) -> int:
        return len(self.cells)

    @property
    def matched(self) -> int:
        return sum(1 for cell in self.cells if cell.verdict == "match")


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A submission as it stands. Immutable: a decision makes a new value, storage keeps every one in history.

    `received_at`/`uid` are those of the part that completed it; `opened_at` of its first part. `row_version` is for
    the optimistic lock: 0 before it was ever stored.
    """

    receipt: str
    notice: str
    reporter: str | None
    state: State
    version: int
    received_at: datetime
    uid: int
    opened_at: datetime
    late: bool
    sheet: SheetPart | None
    cover: CoverPart | None
    rivals: tuple[SheetPart, ...] = ()
    """Other workbooks of the same reporter in the same mail, when no cover told which is meant."""
    others: tuple[FileRef, ...] = ()
    attached: tuple[Attached, ...] = ()
    """Which of `others` the notice asks for. Old records have none."""
    faults: tuple[PartFault, ...] = ()
    findings: CoverFindings | None = None
    problems: tuple[Problem, ...] = ()
    mails: tuple[str, ...] = ()
    """SHA-256 of every mail that belongs to it, in order."""
    message_ids: tuple[str, ...] = ()
    sender: str = ""
    """Address of its newest mail."""
    sender_known: bool | None = None
    """Whether that was known for the reporter when the machine judged; None in old records."""
    subject: str = ""
    """Subject of its newest mail, for letters that come later."""
    grace_ends: datetime | None = None
    expired: bool = False
    """The grace time ran out before it was complete."""
    nil_return: bool = False
    decided_by: str = "machine"
    reason: str = ""
    superseded_by: str | None = None
    copies: tuple[Copy, ...] = ()
    """Files of it that other addresses than the part's own sent as well."""
    difference: Difference | None = None
    """What its rows differ in from those of the accepted one whose place it took, or, of one in review, would take. Old
    records have none."""
    row_version: int = 0
    salt: str = ""
    """Random, given when it is stored first and erased with it: what hashes of it remain then can be guessed back by nobody.
    Old records have none."""

    @property
    def order(self) -> tuple[datetime, int]:
        """Newer is by receipt, then UID, never by order of processing."""
        return (self.received_at, self.uid)

    def sent_by(self, address: str) -> frozenset[str]:
        """SHA-256 of the files of its parts that this address sent, first or again."""
        parts = [part for part in (self.sheet, self.cover, *self.rivals) if part]
        own = {
            file.sha256
            for part in parts
            if part.sender.address == address and not part.sender.dmarc_failed
            for file in files_of(part)
        }
        return frozenset(own | {copy.sha256 for copy in self.copies if copy.address == address})

    def decided(self, state: State, *, by: str, reason: str) -> Submission:
        """The case as a person decided it."""
        return replace(self, state=state, decided_by=by, reason=reason, superseded_by=None)

    @property
    def pictures(self) -> tuple[str, ...]:
        """SHA-256 of every picture kept of its cover."""
        reading = self.cover.reading if self.cover else None
        return reading.pictures if isinstance(reading, Cover) else ()

    @property
    def row_count(self) -> int:
        reading = self.sheet.reading if self.sheet else None
        return len(reading.rows) if isinstance(reading, Sheet) else 0

    @property
    def files(self) -> tuple[FileRef, ...]:
        sheet = [self.sheet.file] if self.sheet else []
        cover = self.cover.files if self.cover else ()
        return (*sheet, *cover, *(part.file for part in self.rivals), *self.others)


def files_of(*parts: SheetPart | CoverPart | None) -> tuple[FileRef, ...]:
    """The files of these parts."""
    return tuple(
        file for part in parts if part for file in (part.files if isinstance(part, CoverPart) else (part.file,))
    )


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """One decision on a submission."""

    at: datetime
    state: State
    by: str
    reason: str
    codes: tuple[str, ...]
    ledger_number: int | None
