"""The mailbox that is watched: what is new in it, and where a mail goes once it is dealt with.

Polling is the truth, IDLE a hint. The session stays open between polls, since providers suffer cheap polls gladly and
fresh log-ins badly (QQ). "Known" is decided by the caller's ledger through `Seen`; nothing is flagged before that.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from domain.mail import Origin
from ingest import folders as names
from ingest.ahead import one_ahead
from ingest.errors import ConnectionLost, MailIncomplete, Transient
from ingest.fetching import FetchedMail, Fetcher, selected_in
from ingest.filing import Filing
from ingest.imap import ImapSession
from ingest.imap_responses import Listed, Selected
from ingest.pacing import Pacing
from ingest.troubles import Troubles
from ingest.wire import Access

__all__ = ["FetchedMail", "Mailbox", "MailboxSettings", "Seen"]

log = logging.getLogger(__name__)

IDLE_REST_SECONDS = 3600.0
"""After an IDLE that broke, only polling for this long: each break costs a log-in."""


@dataclass(frozen=True, kw_only=True)
class MailboxSettings:
    """One mailbox. `security` is tls, starttls, or plain (loopback only). Seconds are real ones, bytes are bytes."""

    account: str
    host: str
    port: int
    security: str
    username: str
    password: str = field(repr=False)
    inbox: str = "INBOX"
    junk_folder: str = "Junk"
    done_folder: str = "已处理"
    failed_folder: str = "待人工"
    sent_folder: str = "Sent Messages"
    poll_seconds: float = 20.0
    login_seconds: float = 120.0
    timeout: float = 30.0
    deadline: float = 120.0
    message_bytes: int = 60 * 1024 * 1024
    ca_file: Path | None = None

    @property
    def access(self) -> Access:
        return Access(
            host=self.host,
            port=self.port,
            security=self.security,
            username=self.username,
            password=self.password,
            timeout=self.timeout,
            deadline=self.deadline,
            ca_file=self.ca_file,
        )

    def __repr__(self) -> str:
        return f"MailboxSettings({self.account}: {self.username}@{self.host}:{self.port}, {self.security})"


class Seen(Protocol):
    """The caller's ledger of mails. Called at the start of a poll of a folder."""

    def __call__(self, *, account: str, folder: str, uidvalidity: int, first_uid: int) -> Collection[int]:
        """UIDs from `first_uid` on that are stored already. Empty for a UIDVALIDITY never met: all comes again."""


class Mailbox:
    """One mailbox. Safe to use from several threads: each exchange with the server holds the lock.

    `troubles` is for the caller to keep between processes. `wall` is the time of day, in seconds since the epoch.
    """

    def __init__(
        self,
        settings: MailboxSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        open_session: Callable[[Access], ImapSession] = ImapSession,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._wall = wall
        self._open_session = open_session
        self._pacing = Pacing(login_seconds=settings.login_seconds, clock=clock)
        self._session: ImapSession | None = None
        self._lock = threading.RLock()
        self._next_uid: dict[tuple[str, int], int] = {}
        self.troubles = Troubles()
        self._fetcher = Fetcher(settings, self.troubles, self._connected, wall)
        self._filing = Filing()
        self._wanted = threading.Event()
        self._idle_from = float("-inf")

    def folders(self) -> tuple[str, ...]:
        """Real names of the folders to poll: INBOX and Junk."""
        with self._connected() as session:
            return names.to_poll(session.folders(), self.settings.inbox, self.settings.junk_folder)

    def new_batches(self, folder: str, seen: Seen) -> Iterator[list[FetchedMail]]:
        """Mails of `folder` that `seen` does not know, in groups of some megabytes, each to be stored as a whole.

        The caller stores each before it asks for the next, which is fetched meanwhile: two groups are in memory. By UID,
        but mails that made trouble before come last.
        Raises MailIncomplete at the end when some could not be had whole and must be asked for again; any other
        Transient when the poll broke off. Everything yielded before that stands.
        """
        yield from one_ahead(self._batches(folder, seen))

    def _batches(self, folder: str, seen: Seen) -> Generator[list[FetchedMail], None, None]:
        selected, fresh = self._unseen(folder, seen)
        self.troubles.forget_others(folder, selected.uidvalidity, fresh)
        now = self._wall()
        missing = [uid for uid in fresh if self.troubles.rests((folder, selected.uidvalidity, uid), now)]
        for batch in self._fetcher.batches(selected, [uid for uid in fresh if uid not in set(missing)]):
            found = self._fetcher.fetch(selected, batch)
            lost = [mail for mail in found if isinstance(mail, Listed)]
            for mail in lost:
                log.warning("mail not had whole: account=%s uid=%d size=%d", self.settings.account, mail.uid, mail.size)
            missing += [mail.uid for mail in lost]
            whole = [mail for mail in found if isinstance(mail, FetchedMail)]
            if whole:
                yield whole
        if missing:
            raise MailIncomplete(
                f"{len(missing)} mail(s) not had whole",
                uidvalidity=selected.uidvalidity,
                uids=tuple(missing),
                retry_after=self.settings.poll_seconds,
            )

    def file(self, origin: Origin, destination: Literal["done", "failed"]) -> bool:
        """Flag as read and move. False when the mail is no longer there, no error: people work here too."""
        wanted = self.settings.done_folder if destination == "done" else self.settings.failed_folder
        with self._connected() as session:
            if not _is_there(session, origin):
                return False
            target = self._filing.folder(session, wanted)
            session.add_flag(origin.uid, "\\Seen")
            self._filing.move(session, origin, target)
            return True

    def filing_folders(self) -> tuple[str, str]:
        """Real names of the folders for decided and for held mails, made where they are missing."""
        with self._connected() as session:
            wanted = (self.settings.done_folder, self.settings.failed_folder)
            return self._filing.folder(session, wanted[0]), self._filing.folder(session, wanted[1])

    def sent_folder(self) -> str | None:
        """Real name of the folder the provider keeps sent mail in; None when there is none."""
        with self._connected() as session:
            return self._sent_folder(session)

    def find_sent(self, message_id: str) -> bool:
        """Is a letter with this Message-ID among the newest of the Sent folder?"""
        with self._connected() as session:
            sent = self._sent_folder(session)
            if sent is None:
                return False
            session.select(sent)  # afresh: the number of mails must be that of now
            return message_id.strip() in session.newest_message_ids()

    def find_new(self, message_id: str) -> FetchedMail | None:
        """The mail with this Message-ID, if it is among the newest of a folder that is polled."""
        for folder in self.folders():
            with self._connected() as session:
                selected = session.select(folder)
                uid = session.newest_message_ids().get(message_id.strip())
                listed = session.listed([uid]) if uid else []
                bodies = session.bodies(listed)
            for mail in listed:
                if raw := bodies.get(mail.uid):
                    origin = Origin(
                        account=self.settings.account,
                        folder=folder,
                        uidvalidity=selected.uidvalidity,
                        uid=mail.uid,
                        received_at=mail.received_at,
                    )
                    return FetchedMail(origin=origin, raw=raw, size_announced=mail.size)
        return None

    def _sent_folder(self, session: ImapSession) -> str | None:
        listed = session.folders()
        return names.find(listed, self.settings.sent_folder) or names.special(listed, "\\Sent")

    def wait(self, seconds: float, stop: threading.Event | None = None) -> bool:
        """Let `seconds` pass, or less when the server hints at news (True: poll now) or `stop` is set."""
        stop = stop or threading.Event()
        begun = self._clock()
        told = False
        if self._session is not None and begun >= self._idle_from:
            try:
                told = self._idle(seconds, stop)
            except Transient as exc:
                # Out of step or cut off: only a poll can tell what happened. And since every break costs a log-in,
                # there is no IDLE again for a while.
                log.info("IDLE broke, polling only for %.0f s: %s", IDLE_REST_SECONDS, exc)
                self.close()
                self._idle_from = self._clock() + IDLE_REST_SECONDS
                return not stop.is_set()
        if not told:
            stop.wait(max(0.0, seconds - (self._clock() - begun)))
        return told

    def close(self) -> None:
        """Log out; the next call opens a new session, when pacing allows it."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None

    def _idle(self, seconds: float, stop: threading.Event) -> bool:
        with self._connected() as session:
            if not session.offers("IDLE"):
                return False
            selected_in(session, self.settings.inbox)
            return session.idle(seconds, lambda: stop.is_set() or self._wanted.is_set())

    @contextmanager
    def _connected(self) -> Iterator[ImapSession]:
        """The live session, under the lock; a lost one is forgotten."""
        self._wanted.set()  # whoever waits in IDLE lets go
        with self._lock:
            self._wanted.clear()
            session = self._alive()
            try:
                yield session
            except ConnectionLost:
                self.close()
                raise

    def _alive(self) -> ImapSession:
        """The open session if it still answers, else a new one. Raises Transient when it is too early for that."""
        if self._session is not None:
            try:
                self._session.noop()
            except Transient:
                self.close()
            else:
                return self._session
        self._pacing.check()
        try:
            self._session = self._open_session(self.settings.access)
        except Transient as exc:
            exc.retry_after = self._pacing.failed(exc)
            raise
        self._pacing.succeeded()
        # Looked at from the first mail on once a session: QQ hides and shows old mails as its settings say.
        self._next_uid.clear()
        self._filing.forget_folders()
        return self._session

    def _unseen(self, folder: str, seen: Seen) -> tuple[Selected, list[int]]:
        """Select afresh and list what is not known. The next list starts at the lowest mail that was not known now."""
        account = self.settings.account
        with self._connected() as session:
            selected = session.select(folder)
            key = (folder, selected.uidvalidity)
            first = self._next_uid.get(key, 1)
            uids = session.uids_from(first)
        known = seen(account=account, folder=folder, uidvalidity=selected.uidvalidity, first_uid=first)
        fresh = sorted(set(uids).difference(known))
        self._next_uid[key] = fresh[0] if fresh else max(uids, default=first - 1) + 1
        return selected, fresh


def _is_there(session: ImapSession, origin: Origin) -> bool:
    """Of a mail that seems gone it is asked once more, in the folder as selected anew: a server may say OK and tell nothing, and a
    mail noted as gone is never looked for again."""
    if selected_in(session, origin.folder).uidvalidity != origin.uidvalidity:
        return False
    if session.exists(origin.uid):
        return True
    return session.select(origin.folder).uidvalidity == origin.uidvalidity and session.exists(origin.uid)
