"""The composition root: the one place where settings become objects. Tests build the same `App` from other parts."""

from __future__ import annotations

import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from config.notices import load_notices
from config.settings import Settings, SettingsError
from domain import rounds
from domain.mail import Origin
from domain.notice import Notice
from ingest.children import OwnIdentity
from ingest.clamd import Clamd
from ingest.configured import (
    archive_of,
    database_password,
    inbox_of,
    limits_of,
    mailbox_settings,
    own_identity,
    smtp_name,
    smtp_settings,
)
from ingest.dns_keys import KeyFinder
from ingest.editions import Published
from ingest.errors import Permanent
from ingest.folders import is_inbox
from ingest.mailbox import Mailbox
from ingest.policy_lists import ListKeeper
from ingest.reading import Reader
from ingest.sandbox import Sandbox
from ingest.stages import Stages
from ingest.threads import notice_answered
from notifier.smtp import SmtpSender
from parsers.limits import Limits
from storage.archive import Archive
from storage.database import Database
from storage.errors import Unusable
from storage.passwords import Passwords
from storage.people import read_key
from storage.scratch import Scratch
from storage.signing import SigningKey, load_signing_key

if TYPE_CHECKING:
    from ingest.queue import Queue

Clock = Callable[[], datetime]
"""Now, aware."""


def system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True)
class App:
    """Everything the jobs need. `close` ends the sandbox's children and connections."""

    settings: Settings
    notices: tuple[Notice, ...]
    database: Database
    blobs: Archive
    own: OwnIdentity
    limits: Limits
    clock: Clock = system_clock
    pace_sending: bool = True
    places: int = 2
    """Mails that are read at the same time, each in children of its own (`ingest.memory`)."""
    apart: bool = False
    """Nothing is to be written where the records lie, as by `check`, which may be anybody's."""
    stages: Stages = field(default_factory=Stages)
    lists: ListKeeper = field(default_factory=ListKeeper)
    passwords: Passwords = field(default_factory=Passwords)
    published: Published = field(default_factory=Published)
    """Those of `notices` that the database has (`ingest.published.refresh`)."""
    _elsewhere: Scratch = field(default_factory=lambda: Scratch(Path(tempfile.gettempdir())))
    _sandbox: Sandbox | None = None
    _reader: Reader | None = None
    _scanner: Clamd | None = None
    _mailboxes: dict[str, Mailbox] | None = None
    _smtp: SmtpSender | None = None
    _signing_key: SigningKey | None = None
    _further_smtp: dict[str, SmtpSender] = field(default_factory=dict)
    _people_key: bytes | None = None
    _queue: Queue | None = None
    _making: threading.RLock = field(default_factory=threading.RLock)
    """Mails are read in several threads, and all of them must use one sandbox."""

    @property
    def sandbox(self) -> Sandbox:
        """Started on first use: commands that read nothing start no children."""
        with self._making:
            if self._sandbox is None:
                self._sandbox = Sandbox(self.limits, workers=self.places, ocr_workers=self.places)
            return self._sandbox

    @property
    def reader(self) -> Reader:
        with self._making:
            if self._reader is None:
                self._reader = Reader(
                    self.sandbox,
                    self.notices,
                    self.own,
                    self.limits,
                    task=self.task_folder,
                    scanner=self.scanner,
                    keys=self._keys(),
                    threads=partial(notice_answered, self.database),
                )
            return self._reader

    def serve(self, published: Published) -> None:
        """Takes these in the place of those that came from the database before; those of files stand first."""
        with self._making:
            before = {id(notice) for notice in self.published.notices}
            files = tuple(notice for notice in self.notices if id(notice) not in before)
            self.notices = (*files, *published.beside(files))
            self.published = published
            if self._reader is not None:
                self._reader.serve(self.notices)

    @property
    def queue(self) -> Queue | None:
        """Through which mails are handed to workers; None where the one process that has the database does everything."""
        with self._making:
            if self._queue is None and (server := self.database.server) is not None:
                # Here, since it takes a fifth of a second, which other commands need not wait.
                from ingest.queue import Queue

                self._queue = Queue(server)
            return self._queue

    @property
    def scratch(self) -> Scratch:
        """Where the files of a task lie while it is done: where the archive has a place for them, else among the system's
        temporary files."""
        return (None if self.apart else self.blobs.workspace) or self._elsewhere

    def task_folder(self) -> AbstractContextManager[Path]:
        """A folder for the files of one task, gone at its end."""
        return self.scratch.task()

    def _keys(self) -> KeyFinder | None:
        """Where keys of DKIM signatures are asked for; None when nobody wants them looked at."""
        table = self.settings.dkim
        return KeyFinder(table.nameserver, table.seconds) if table.verify else None

    @property
    def scanner(self) -> Clamd | None:
        """The virus scanner, kept for the life of the process; None where none is configured."""
        with self._making:
            if self._scanner is None and self.settings.clamd:
                self._scanner = Clamd(self.settings.clamd)
            return self._scanner

    @property
    def mailboxes(self) -> dict[str, Mailbox]:
        """One object a mailbox for the life of the process: the session between polls stays open."""
        if self._mailboxes is None:
            self._mailboxes = {
                name: Mailbox(mailbox_settings(self.settings, name), wall=lambda: self.clock().timestamp())
                for name in self.settings.mailboxes
            }
        return self._mailboxes

    @property
    def smtp(self) -> SmtpSender:
        """The sender over the first `[smtp]`, kept for the life of the process, since it remembers the pace."""
        if self._smtp is None:
            self._smtp = SmtpSender(smtp_settings(self.settings, pace=self.pace_sending))
        return self._smtp

    def smtp_of(self, account: str | None) -> SmtpSender:
        """The sender for letters about mails of that mailbox: over the `[smtp]` of its name, else over the first."""
        name = smtp_name(self.settings, account)
        if name == smtp_name(self.settings, None):
            return self.smtp
        if name not in self._further_smtp:
            self._further_smtp[name] = SmtpSender(smtp_settings(self.settings, name, pace=self.pace_sending))
        return self._further_smtp[name]

    @property
    def senders(self) -> tuple[SmtpSender, ...]:
        """Of every `[smtp]`. Raises SettingsError when there is none."""
        return tuple(self.smtp_of(name) for name in self.settings.smtp) or (self.smtp,)

    def prepare(self) -> None:
        """Makes the mailboxes and the sender, as whoever starts to work must: a fault of the configuration shows at
        once, not in the middle of a job. Nothing connects. Raises SettingsError."""
        if not self.settings.mailboxes:
            raise SettingsError(["mailbox: a [mailbox] table is needed; `baosong init DIR` writes one to fill in"])
        _ = self.mailboxes, self.senders, self.signing_key

    @property
    def current_notices(self) -> tuple[Notice, ...]:
        """What lists and pages show: of a collection that comes again the rounds that are going on."""
        return rounds.current(self.notices, self.clock())

    def notice(self, identifier: str) -> Notice:
        """The active notice, or round, of that id. Raises SettingsError when it is not active any more, though its records stand."""
        for notice in self.notices:
            if notice.id == identifier:
                return notice
        if series := next((each.series for each in self.notices if identifier.startswith(f"{each.series}-")), None):
            key = identifier.removeprefix(f"{series}-")
            raise SettingsError([f"notice {series}: must have round {key!r} as long as submissions of it are kept"])
        raise SettingsError([f"notices.active: must hold {identifier!r} as long as submissions of it are kept"])

    @property
    def any_notice(self) -> str:
        """The id of one, for letters and tasks that are of none: whoever writes them needs a bureau's words. Raises Permanent where
        there is none yet."""
        if not self.notices:
            raise Permanent("no notice is active yet: publish one in the console, or name one in notices.active")
        return self.notices[0].id

    def sender_of(self, account: str | None) -> str:
        """From of letters about mails of that mailbox, with its name."""
        return self.settings.smtp[smtp_name(self.settings, account)].sender

    def is_junk(self, origin: Origin) -> bool:
        """Whether the mail lay in a folder for junk. A replayed one lies in none, and needs no password to tell."""
        table = self.settings.mailboxes.get(origin.account)
        return table is not None and not is_inbox(origin.folder, inbox_of(table))

    @property
    def people_key(self) -> bytes:
        """Under which the ledger has digests of names and phone numbers; made with the first decision."""
        with self._making:
            if self._people_key is None:
                self._people_key = read_key(self.blobs.papers)
            return self._people_key

    @property
    def signing_key(self) -> SigningKey | None:
        """The key that signs heads, None where none shall. Raises SettingsError where it cannot be used."""
        if self._signing_key is None and self.settings.signing_key:
            try:
                self._signing_key = load_signing_key(self.settings.signing_key)
            except Unusable as error:
                raise SettingsError([f"ledger.signing_key: {error}"]) from error
        return self._signing_key

    def close(self) -> None:
        if self._sandbox:
            self._sandbox.close()
        for mailbox in (self._mailboxes or {}).values():
            mailbox.close()
        if self._queue:
            self._queue.close()
        self._elsewhere.close()
        self.blobs.close()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def build(settings: Settings, *, clock: Clock = system_clock, pace_sending: bool = True, apart: bool = False) -> App:
    """Makes the App. Nothing connects, no child starts. Raises SettingsError or NoticeError."""
    notices = tuple(
        notice for name in settings.notices.active for notice in load_notices(name, settings.notice_directory)
    )
    for called, names in (
        ("id", Counter(each.id for each in notices)),
        ("short", Counter(each.short for each in notices)),
    ):
        if twice := [name for name, count in names.items() if count > 1]:
            raise SettingsError([f"notices.active: several have the {called} {twice[0]!r}"])
    return App(
        settings=settings,
        notices=notices,
        database=_database(settings),
        blobs=archive_of(settings),
        own=own_identity(settings),
        limits=limits_of(settings),
        clock=clock,
        pace_sending=pace_sending,
        apart=apart,
    )


def _database(settings: Settings) -> Database:
    """Raises SettingsError for what names no database that this version can open."""
    try:
        return Database(settings.database_url, database_password(settings))
    except ValueError as error:
        raise SettingsError([f"storage.database: {error}"]) from error
