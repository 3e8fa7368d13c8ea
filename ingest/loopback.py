"""A mail provider on this machine: a real IMAP server (pymap) and SMTP server (aiosmtpd) for the demo and tests.

Both run in one daemon thread with its own event loop, on free ports of 127.0.0.1, in memory. Letters handed to the SMTP
server are kept as `.eml` files; those for an account of this provider also arrive in its INBOX.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from argparse import Namespace
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import DictBackend, Identity
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Flag
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import BuiltinHash

HOST = "127.0.0.1"
START_SECONDS = 20.0
CALL_SECONDS = 60.0

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class SentLetter:
    """A letter the SMTP server took: its envelope and the file that holds its bytes."""

    sender: str
    recipients: tuple[str, ...]
    path: Path

    @property
    def raw(self) -> bytes:
        return self.path.read_bytes()


class LoopbackMail:
    """Context manager: the provider lives inside the `with` block.

    `username`/`password` are the bureau's account, for IMAP and (if the client logs in) SMTP. `folders` are created
    beside INBOX. Letters land in `letters_dir` as `0001.eml`, …; with `sent_folder` a copy is put there, as QQ does.
    """

    def __init__(
        self,
        *,
        letters_dir: Path,
        username: str = "bureau@example.org",
        password: str = "demo-password",  # noqa: S107 - a toy account on loopback
        folders: Iterable[str] = ("Junk", "Sent Messages"),
        sent_folder: str | None = "Sent Messages",
    ) -> None:
        self.username = username
        self.password = password
        self.imap_port = 0
        self.smtp_port = 0
        self.letters: list[SentLetter] = []
        self._letters_dir = letters_dir
        self._numbers = itertools.count(1)
        self._folders = tuple(folders)
        self._sent_folder = sent_folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="loopback-mail", daemon=True)
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._stop = asyncio.Event()

    @property
    def imap_url(self) -> str:
        return f"imap://{self.username.replace('@', '%40')}@{HOST}:{self.imap_port}/INBOX"

    @property
    def smtp_url(self) -> str:
        return f"smtp://{self.username.replace('@', '%40')}@{HOST}:{self.smtp_port}"

    def append(
        self,
        raw: bytes,
        *,
        received_at: datetime | None = None,
        folder: str = "INBOX",
        account: str | None = None,
        flags: Iterable[bytes] = (),
    ) -> int:
        """Put a mail into a folder with `received_at` (aware) as its INTERNALDATE; returns its UID."""
        when = received_at or datetime.now(UTC)
        return self._call(self._append(account or self.username, folder, raw, when, frozenset(map(Flag, flags))))

    def add_account(self, username: str, password: str, folders: Iterable[str] = ()) -> None:
        """Another account of this provider, such as a clerk's, who then finds the replies in the INBOX."""
        self._call(self._add_account(username, password, tuple(folders)))

    def create_folder(self, folder: str) -> None:
        self._call(self._create_folder(self.username, folder))

    def __enter__(self) -> Self:
        self._letters_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise TimeoutError("the loopback mail servers did not start")
        if self._failure is not None:
            raise RuntimeError("the loopback mail servers could not start") from self._failure
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(START_SECONDS)

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        # A client that hangs up in the middle of a command is daily life here, not an event worth a traceback.
        self._loop.set_exception_handler(lambda _loop, _context: None)
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as exc:  # noqa: BLE001 - a thread cannot raise into its starter: __enter__ does it
            self._failure = exc
            self._ready.set()
        finally:
            _drain(self._loop)

    async def _serve(self) -> None:
        for name in ("pymap", "mail.log", "mail.debug", "mail.error"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        arguments = _pymap_arguments(self.username, self.password)
        # The password hash protects nothing here; the usual 500,000 rounds would slow every log-in.
        self._backend, self._config = await DictBackend.init(
            arguments, hash_context=BuiltinHash(rounds=1000), invalid_user_sleep=0.0
        )
        self._config.apply_context()  # before the server starts: its connections inherit this context
        for folder in self._folders:
            await self._create_folder(self.username, folder)
        proxy = ProxyProtocolReader(ProxyProtocolVersion.get(None))
        imap_callback = proxy.get_callback(IMAPServer(self._backend.login, self._config))
        async with (
            await asyncio.start_server(imap_callback, HOST, 0) as imap,
            await self._loop.create_server(self._smtp_protocol, HOST, 0) as smtp,
        ):
            self.imap_port = imap.sockets[0].getsockname()[1]
            self.smtp_port = smtp.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stop.wait()

    def _smtp_protocol(self) -> SMTP:
        return SMTP(
            self,
            hostname="loopback",
            loop=self._loop,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=self._authenticate,
            data_size_limit=100_000_000,
        )

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        known = (self.username.encode(), self.password.encode())
        good = isinstance(data, LoginPassword) and (data.login, data.password) == known
        return AuthResult(success=good, handled=False)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """aiosmtpd's hook: keep the letter, deliver it to those recipients that are accounts here."""
        raw = envelope.original_content or b""
        path = self._letters_dir / f"{next(self._numbers):04d}.eml"
        path.touch(mode=0o600)
        path.write_bytes(raw)
        recipients = tuple(envelope.rcpt_tos)
        now = datetime.now(UTC)
        if self._sent_folder is not None:
            await self._append(self.username, self._sent_folder, raw, now, frozenset({Flag(b"\\Seen")}))
        for address in (parseaddr(recipient)[1] for recipient in recipients):
            if address in self._backend.login.users_dict:
                await self._append(address, "INBOX", raw, now, frozenset())
        self.letters.append(SentLetter(sender=envelope.mail_from or "", recipients=recipients, path=path))
        return "250 OK"

    async def _add_account(self, username: str, password: str, folders: tuple[str, ...]) -> None:
        hashed = await Passwords(self._config).hash_password(password)
        identity = Identity(username, self._backend.login, None, frozenset())
        await identity.set(UserMetadata(self._config, username, password=hashed))
        for folder in folders:
            await self._create_folder(username, folder)

    async def _append(self, account: str, folder: str, raw: bytes, when: datetime, flags: frozenset[Flag]) -> int:
        async with Identity(account, self._backend.login, None, frozenset()).new_session() as session:
            result, _ = await session.append_messages(folder, [AppendMessage(raw, when, flags)])
            return int(next(iter(result.uids)))

    async def _create_folder(self, account: str, folder: str) -> None:
        async with Identity(account, self._backend.login, None, frozenset()).new_session() as session:
            await session.create_mailbox(folder)


def _pymap_arguments(username: str, password: str) -> Namespace:
    """What pymap's own command line would have parsed for its in-memory backend."""
    return Namespace(
        host=HOST,
        port=0,
        debug=False,
        cert=None,
        key=None,
        tls=False,
        passlib_cfg=None,
        proxy_protocol=None,
        inherited_sockets=None,
        demo_data=False,
        demo_user=username,
        demo_password=password,
    )


def _drain(loop: asyncio.AbstractEventLoop) -> None:
    """End the connections that are still open, so that nothing is destroyed while pending, and close the loop."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
