"""What a letter has to say. Rendered once by `notifier`, after the ledger entries of its decision are sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.alarm import Alarm
from domain.digest import Digest
from domain.problems import Problem
from domain.reminder import Reminder, ReminderCopy
from domain.submission import Role, State
from domain.versions import Difference


class LetterKind(StrEnum):
    DECISION = "decision"  # the full reply: state says which of the four
    PRECHECK = "precheck"  # a full check of what is not filed: no receipt
    OUTCOME = "outcome"  # one line without content, for another sender of a part
    SUPERSEDED = "superseded"  # one line to the earlier sender
    GUIDE = "guide"  # to a plain question
    NOTED = "noted"  # one line to words in the thread of a letter of ours; state and receipt where that waits for the reader
    WITHDRAW = "withdraw"  # one line: a person will see to it
    COMPLAINT = "complaint"  # one neutral line
    STAFF = "staff"  # auto-generated, to the bureau's staff
    REMINDER = "reminder"  # auto-generated, to a reporter that has not reported


GENERATED = frozenset({LetterKind.STAFF, LetterKind.REMINDER})
"""Letters that answer no mail: they are in no count of replies."""


@dataclass(frozen=True, kw_only=True)
class FileLine:
    """One file as a letter lists it. `note` is Chinese (读到46行; 印章：甲县教育局（清晰）)."""

    name: str
    role: Role
    size: int
    sha256: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Collected:
    """A notice that is being collected, as a letter lists it."""

    title: str
    deadline: datetime
    late: bool = False
    """The deadline is past."""


class AttachmentRole(StrEnum):
    MARKED = "marked"  # the reporter's own workbook, its bad cells marked
    REBUILT = "rebuilt"  # its values in a new .xlsx, marked
    BLANK = "blank"  # the form to fill in
    TABLE = "table"  # the merged table, in a digest


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A blob to attach under a name, which tells nothing: a clerk may fill in our 空白表.xlsx under that very name."""

    name: str
    sha256: str
    media: str
    role: AttachmentRole


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Everything a letter says, in facts. `message_id` is fixed for the decision, so a repeat is recognisable."""

    kind: LetterKind
    notice: str
    to: str
    message_id: str
    subject: str
    """Of the mail that is answered, as received (before earlier marks are taken off)."""
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    state: State | None = None
    receipt: str | None = None
    version: int | None = 1
    """None for a reader who is not known for the reporter and sent no earlier version: that one stands is not theirs to
    know."""
    reporter_name: str | None = None
    beside_anothers: bool = False
    """Of one line without content: its reader sent the scan, and another address the workbook that it went with."""
    received_at: datetime | None = None
    late: bool = False
    """Of a return: it came after the deadline. Of a guide: the deadline is past."""
    unchanged: bool = False
    """The same files or rows stand already."""
    resent: bool = False
    """The very same files came again: the letter tells of the submission that stands."""
    replaces: tuple[str, ...] = ()
    """Receipts of the earlier submissions whose place it took."""
    difference: Difference | None = None
    """From the earlier version, without what its reader may not see of that."""
    lent_by: str | None = None
    """Of a pre-checked cover that came alone: the receipt whose workbook it was compared with."""
    by_hand: bool = False
    """Of a pre-check: what is filed from this address is looked at by a person first."""
    scan_of: str | None = None
    """Name of the other unit that the scan surely is of: what differs from the workbook is told as one mistake."""
    nil_return: bool = False
    row_count: int = 0
    several_sheets: bool = False
    """Rows stand on more than one sheet of the workbook: an address needs its sheet's name beside it."""
    files: tuple[FileLine, ...] = ()
    collected: tuple[Collected, ...] = ()
    """Of a guide to a question that names none of several notices: all of them."""
    lacking: tuple[str, ...] = ()
    """Names of the other files that the notice asks for and that did not come."""
    pages: int = 0
    """Of a return that is a scan alone: how many pages it has."""
    links: bool = False
    """Of the answer to words: the mail brought links in place of files."""
    problems: tuple[Problem, ...] = ()
    missing: Role | None = None
    grace_ends: datetime | None = None
    decided_by_staff: bool = False
    reason: str = ""
    """Of a staff decision, or the line of a staff letter."""
    alarm: Alarm | None = None
    """Of a staff letter that tells of something that does not work."""
    digest: Digest | None = None
    """Of a staff letter that is the morning's."""
    reminder: Reminder | None = None
    reminders: ReminderCopy | None = None
    """The staff's copy of all reminders of one round."""
    attachments: tuple[Attachment, ...] = ()
    ledger_number: int | None = None
    """The highest ledger entry of the decision: the letter carries a head that covers it."""
