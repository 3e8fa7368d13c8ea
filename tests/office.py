"""A whole Baosong on one folder, with its servers or stand-ins for them, and a reader that knows what each mail holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from config.settings import Settings
from domain.mail import MailFacts, MailKind, Origin, PartFault
from domain.notice import Notice
from domain.rounds import falls_under
from domain.submission import Submission
from ingest.app import App
from ingest.configured import archive_of, limits_of, own_identity
from ingest.errors import CommandRefused, MailIncomplete, NoTargetFolder
from ingest.loopback import LoopbackMail
from ingest.mailbox import FetchedMail, MailboxSettings
from ingest.passes import PassReport
from ingest.reading import ReadMail
from ingest.scheduler import one_pass
from ingest.sharing import Share
from ingest.troubles import Troubles
from storage import inbox, outbox, submissions, tasks
from storage.database import Database, Transaction
from storage.passwords import Passwords
from storage.schema import mails as mails_table
from storage.schema import outbox as outbox_table
from tests.builders import NOTICE, RECEIVED
from tests.parts import CLERK, Reading, content_of, incoming, is_known
from tests.stores import compiled_once, fresh, storage

BUREAU = "bureau@example.org"
PASSWORD = "demo-password"
QUICK = Passwords(passes=1, memory=8, lanes=1)
"""The product's hashing takes a third of a second of the processor, which was more than half of what the console's tests took."""


def raw_mail(name: str) -> bytes:
    return f"Subject: {name}\r\nMessage-ID: <{name}@example.cn>\r\n\r\nbody\r\n".encode()


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a mail is, for the reader that need not read."""

    readings: tuple[Reading, ...]
    facts: MailFacts
    notice: Notice | None = None
    """None: that of the reader."""
    beside: tuple[tuple[Notice, tuple[Reading, ...]], ...] = ()
    """What the mail brings for other notices."""
    collected: tuple[Notice, ...] = ()
    """All that it may be about, where it does not tell."""


class KnowingReader:
    """Stands in for the sandboxed reader: it was told beforehand what each mail holds. Raises what it is told to."""

    def __init__(self) -> None:
        self.mails: dict[str, Known] = {}
        self.raising: dict[str, list[BaseException]] = {}
        self.beside: dict[str, list[str]] = {}
        """Mail → hashes of files beside its readings: logos, what is not read."""
        self.pictures: dict[str, bytes] = {}
        """What was made of covers, of whichever mail."""
        self.read_count = 0
        self.notice = NOTICE
        self.notices: tuple[Notice, ...] = ()
        """Rounds among which the mail's own is found, as the real reader does."""

    def tell(
        self, name: str, *readings: Reading, sender: str = CLERK, thread: Sequence[str] = (),
        faults: Sequence[PartFault] = (), kind: MailKind = MailKind.HUMAN, notice: Notice | None = None,
        beside: Sequence[tuple[Notice, tuple[Reading, ...]]] = (), collected: Sequence[Notice] = (), **facts: Any,
    ) -> bytes:  # fmt: skip
        """→ the raw mail to deliver."""
        made = MailFacts(
            message_id=facts.pop("message_id", f"<{name}@example.cn>"), subject=facts.pop("subject", name),
            sender=sender, sender_name=facts.pop("sender_name", ""), envelope_sender=sender,
            reply_to=facts.pop("reply_to", None), in_thread=tuple(thread), kind=kind, faults=tuple(faults), **facts,
        )  # fmt: skip
        self.mails[name] = Known(
            readings=readings, facts=made, notice=notice, beside=tuple(beside), collected=tuple(collected)
        )
        return raw_mail(name)

    def serve(self, notices: Sequence[Any]) -> None:
        """It was told which notice each mail falls under."""

    def read(
        self, raw: bytes, *, sha256: str, origin: Origin, header_only: bool = False, under: Notice | None = None
    ) -> ReadMail:
        self.read_count += 1
        name = raw.decode().partition("\r\n")[0].removeprefix("Subject: ")
        if self.raising.get(name):
            raise self.raising[name].pop(0)
        known = self.mails[name]
        hashes = [*(reading.sha256 for reading in known.readings), *self.beside.get(name, ())]
        hashes += [reading.sha256 for _, readings in known.beside for reading in readings]
        hashes += [part.sha256 for part in known.facts.parts if is_known(part.sha256)]
        contents = {sha256: content_of(sha256) for sha256 in hashes}
        made = incoming(known.facts, origin, sha256, known.readings)
        return ReadMail(
            incoming=made,
            notice=under or known.notice or falls_under(self.notices, self.notice, made),
            beside=tuple(
                Share(notice=notice, incoming=incoming(known.facts, origin, sha256, readings))
                for notice, readings in known.beside
            ),
            collected=known.collected,
            contents=contents,
            pictures=self.pictures,
        )


class MemoryMailbox:
    """A mailbox that keeps its mails in a list: INBOX and Junk."""

    def __init__(self) -> None:
        self.settings = MailboxSettings(
            account="main", host="", port=0, security="plain", username="", password="", poll_seconds=0.05
        )
        self.troubles = Troubles()
        self.mails: list[FetchedMail] = []
        self.delivered = 0
        self.filed: list[tuple[int, str]] = []
        self.withheld: set[int] = set()
        """UIDs that the server lists and does not give."""
        self.unmovable: set[int] = set()
        self.no_folder = False
        self.sent: set[str] = set()

    def deliver(self, raw: bytes, at: datetime = RECEIVED, folder: str = "INBOX", **fetched: Any) -> None:
        self.delivered += 1
        origin = Origin(account="main", folder=folder, uidvalidity=1, uid=self.delivered, received_at=at)
        fetched.setdefault("size_announced", len(raw))
        self.mails.append(FetchedMail(origin=origin, raw=raw, **fetched))

    def folders(self) -> tuple[str, ...]:
        return ("INBOX", "Junk")

    def new_batches(self, folder: str, seen: Any) -> Iterator[list[FetchedMail]]:
        known: set[int] = seen(account="main", folder=folder, uidvalidity=1, first_uid=1)
        here = [mail for mail in self.mails if mail.origin.folder == folder]
        fresh = [mail for mail in here if mail.origin.uid not in known | self.withheld]
        if fresh:
            yield fresh
        if self.withheld and folder == "INBOX":
            raise MailIncomplete("not had whole", uidvalidity=1, uids=tuple(sorted(self.withheld)))

    def file(self, origin: Origin, destination: str) -> bool:
        if self.no_folder:
            raise NoTargetFolder("a folder for filed mails cannot be created")
        if origin.uid in self.unmovable:
            raise CommandRefused("move: no")
        self.filed.append((origin.uid, destination))
        return True

    def find_sent(self, message_id: str) -> bool:
        return message_id in self.sent

    def wait(self, seconds: float, stop: Any) -> bool:
        stop.wait(seconds)
        return False

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Letters:
    """Stands in for the SMTP sender: keeps what it is given, or raises what it is told to, one error a letter."""

    raising: list[Exception] = field(default_factory=list)
    taken: list[tuple[bytes, str]] = field(default_factory=list)

    interval = 0.0

    def pause(self) -> float:
        return 0.0

    def send(self, raw: bytes, to: str) -> None:
        if self.raising:
            raise self.raising.pop(0)
        self.taken.append((raw, to))

    def __enter__(self) -> Letters:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""


def settings(folder: Path, provider: LoopbackMail | None = None, *, smtp_port: int = 25, **tables: Any) -> Settings:
    imap = provider.imap_url if provider else "imap://bureau%40example.org@127.0.0.1:143/INBOX"
    smtp = provider.smtp_url if provider else f"smtp://bureau%40example.org@127.0.0.1:{smtp_port}"
    return Settings.model_validate(
        {
            "mailboxes": {"main": {"url": imap, "password": PASSWORD, "login_seconds": 0, "poll_seconds": 0.1}},
            "smtp": {"main": {"url": smtp, "password": PASSWORD, "sender": f"濮阳市教育信息中心 <{BUREAU}>"}},
            "replies": {"return_workbook": False},
            "base": str(folder),
        }
        | storage(folder)
        | tables
    )


@dataclass
class Office:
    """An App and what surrounds it. `now` is its clock."""

    app: App
    reader: KnowingReader
    box: MemoryMailbox
    letters: Letters
    now: datetime = RECEIVED

    def clock(self) -> datetime:
        return self.now

    def mail(
        self, name: str, *readings: Reading, at: datetime | None = None, folder: str = "INBOX", **facts: Any
    ) -> None:
        """A mail arrives."""
        self.box.deliver(self.reader.tell(name, *readings, **facts), at or self.now, folder)

    def run(self, *, after: timedelta = timedelta(0)) -> PassReport:
        self.now += after
        return one_pass(self.app)

    def cases(self) -> dict[str, str]:
        with self.app.database.read() as tx:
            return {case.receipt: str(case.state) for case in submissions.list_(tx)}

    def tasks(self) -> set[str]:
        with self.app.database.read() as tx:
            return {task.kind for task in tasks.open_(tx)}

    def status(self, name: str) -> str:
        with self.app.database.read() as tx:
            rows = mails(tx)
        return next(str(row.status) for row in rows if self.app.blobs.get(row.sha256) == raw_mail(name))

    def outbox(self) -> list[str]:
        """Kind and status of every letter."""
        with self.app.database.read() as tx:
            rows = [outbox.load(tx, number) for number in _numbers(tx, outbox_table)]
        return [f"{row.letter.kind} {row.status}" for row in rows]


def mails(tx: Transaction) -> list[inbox.MailRow]:
    """All that were received, in that order. Their numbers may have gaps: on PostgreSQL one that is given is never given again."""
    return [inbox.load(tx, number) for number in _numbers(tx, mails_table)]


def _numbers(tx: Transaction, table: Table) -> list[int]:
    return list(tx.execute(select(table.c.id).order_by(table.c.id)).scalars())


def _as_most_want_it(tables: dict[str, Any]) -> dict[str, Any]:
    """What comes by the clock is asked for by the tests of it: elsewhere no letter shall come that nobody caused. And mails that name
    nobody in From, as these, would all be one sender's."""
    by_default: dict[str, Any] = {"limits": {"mails_per_sender_per_hour": 0}}
    return by_default | tables | {"staff": {"digest_at": "23:59:59"} | tables.get("staff", {})}


@contextmanager
def office(folder: Path, **tables: Any) -> Iterator[Office]:
    """Stand-ins for both servers and the reader; the rest is real."""
    reader, box, letters = KnowingReader(), MemoryMailbox(), Letters()
    made = settings(folder, **_as_most_want_it(tables))
    base = Database(made.database_url)
    app = App(
        settings=made,
        notices=(replace(NOTICE, reminders=()),),
        database=compiled_once(base) if base.exists() else fresh(base),
        blobs=archive_of(made),
        own=own_identity(made),
        limits=limits_of(made),
        pace_sending=False,
        passwords=QUICK,
        _reader=reader,  # type: ignore[arg-type]
        _mailboxes={"main": box},  # type: ignore[dict-item]
        _smtp=letters,  # type: ignore[arg-type]
    )
    with app:
        here = Office(app=app, reader=reader, box=box, letters=letters)
        app.clock = here.clock
        yield here


def subjects(here: Office) -> list[str]:
    return [str(message_from_bytes(raw, policy=default)["Subject"]) for raw, _ in here.letters.taken]


def addresses(here: Office) -> list[str]:
    return [to for _, to in here.letters.taken]


def only_case(here: Office) -> Submission:
    [receipt] = here.cases()
    with here.app.database.read() as tx:
        case = submissions.load(tx, receipt)
    assert case is not None
    return case


def text_of(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
