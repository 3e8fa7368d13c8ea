"""A mail as opened: who wrote, to what, of which kind, with which files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.authentication import NOTHING_KNOWN, Authentication, Claim


class PartKind(StrEnum):
    """What a file is by its content, never by its name."""

    SHEET = "sheet"  # any spreadsheet, readable or not
    COVER = "cover"  # PDF, JPG, PNG, TIFF, …, OFD
    ARCHIVE = "archive"  # an archive that could not be opened
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A file of the mail. `name` is as the sender gave it, with the way through archives (`a.zip/b.xlsx`).

    `media` is the type told by content (`application/pdf`). `candidate_for` names the missing role an unread kind was
    likely meant for (a .docx for the sheet). `position` is the order in the mail.
    """

    name: str
    kind: PartKind
    media: str
    sha256: str
    size: int
    position: int
    inline: bool = False
    candidate_for: PartKind | None = None


WHOLE_MAIL = "（整封邮件）"
"""Name of what a fault of the mail as a whole is said of: what it brought is not known."""


class FaultCause(StrEnum):
    """Why an archive or a mail gave nothing, or not all: each has its own way out for the sender."""

    LOCKED = "locked"  # with a password
    DAMAGED = "damaged"
    VOLUMES = "volumes"  # one volume of several, or not all of them
    EMPTY = "empty"  # no file in it
    FORMAT = "format"  # a kind of archive, or a way of packing, that is not read on this machine
    ENCRYPTED = "mail_encrypted"  # the whole mail
    SPLIT = "mail_split"  # by the sender's program into several mails


@dataclass(frozen=True, kw_only=True)
class PartFault:
    """A file, or a link that stands for one, that could not be opened: `code` is an `attachment.*` problem code.

    `name` may be WHOLE_MAIL. `detail` is for staff and logs, never for the sender.
    """

    name: str
    code: str
    sha256: str | None = None
    detail: str = ""
    candidate_for: PartKind | None = None
    limit: int | None = None
    """The bytes that something too large may have."""
    cause: FaultCause | None = None


def only_links(faults: Sequence[PartFault]) -> bool:
    """Whether links to files elsewhere are all there is."""
    return bool(faults) and all(fault.code == "attachment.cloud_link" for fault in faults)


class MailKind(StrEnum):
    HUMAN = "human"
    BOUNCE = "bounce"
    DELIVERY_NOTICE = "delivery_notice"  # a letter was delayed, relayed or delivered: it is not lost
    AUTO_REPLY = "auto_reply"
    BULK = "bulk"  # lists, newsletters
    OWN = "own"  # our own address or our own Message-ID


class Intent(StrEnum):
    """What a human mail without files wants."""

    NONE = "none"
    QUESTION = "question"
    COMPLAINT = "complaint"
    WITHDRAW = "withdraw"
    ADVERTISE = "advertise"


@dataclass(frozen=True, kw_only=True)
class MailFacts:
    """A mail as opened. Addresses are canonical; `in_thread` lists Message-IDs of In-Reply-To and References."""

    message_id: str | None
    subject: str
    sender: str
    sender_name: str
    reply_to: str | None
    envelope_sender: str | None
    """From Return-Path; "" is the null sender, None unknown."""
    to: tuple[str, ...] = ()
    date: datetime | None = None
    in_thread: tuple[str, ...] = ()
    kind: MailKind
    kind_reason: str = ""
    intent: Intent = Intent.NONE
    dmarc_failed: bool = False
    """By the trusted receiver's word: what the judgement goes by. `authentication` is the whole of it."""
    authentication: Authentication = NOTHING_KNOWN
    signatures: tuple[Claim, ...] = ()
    """The DKIM signatures it bears, as long as nobody has looked at them."""
    text: str = ""
    """Body as plain text, quoted originals included, at most 20,000 characters."""
    parts: tuple[Part, ...] = ()
    faults: tuple[PartFault, ...] = ()
    failed_recipients: tuple[str, ...] = ()
    """Of a bounce: the addresses it names as not reached, or all it names where it says no more."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where and when the server took a mail: order of versions is (`received_at`, `uid`)."""

    account: str
    folder: str
    uidvalidity: int
    uid: int
    received_at: datetime
    """INTERNALDATE, aware."""
