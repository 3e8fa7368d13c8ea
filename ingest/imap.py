"""One IMAP session: the only module that knows IMAPClient. Every failure leaves as `Transient` or `Permanent`.

What the session asks is limited to what every provider answers truly: LIST, SELECT, UID n:*, FETCH, STORE, COPY, MOVE.
Text SEARCH is never used, since QQ's matches everything.
"""

from __future__ import annotations

import logging
import selectors
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, ProtocolError
from imapclient.imap_utf7 import decode as decode_utf7

from ingest.errors import CertificateRefused, CommandRefused, ConnectionLost, LoginRefused, Permanent, Transient
from ingest.folders import Folder
from ingest.imap_responses import Listed, Selected, ascii_text, body_bytes, listed_mail
from ingest.wire import Access, Watchdog
from notifier.wire import is_loopback, server_text

# Both loggers write whole protocol lines at DEBUG: names, subjects, bodies. No setting of ours may let them out.
logging.getLogger("imapclient").setLevel(logging.ERROR)

log = logging.getLogger(__name__)

SLOWEST_BYTES_PER_SECOND = 30_000
"""A line slower than this is taken for a hanging one, when a deadline is set for a fetch of known size."""
NEWEST_SENT = 200
"""More than go out while the lease of a letter runs that is then looked for: 60 in ten minutes, at six a minute."""
IDLE_SLICE_SECONDS = 0.5
"""So often a waiting thread looks whether it should stop."""


class _Client(IMAPClient):  # type: ignore[misc]  # IMAPClient ships no types
    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        # IMAPClient sets it to 5: imaplib then writes every body out as text twice, logged or not.
        self._imap.debug = 0

    def _check_resp(self, expected: str, command: str, typ: str, data: Sequence[object]) -> None:
        """Keeps GBK texts of the server readable, where IMAPClient drops every byte that is not ASCII."""
        if typ != expected:
            raise IMAPClientError(f"{command} refused: {server_text(data[0] if data else b'')}")


class ImapSession:
    """An open, logged-in connection. Not for several threads at once. After `ConnectionLost` it is of no more use."""

    def __init__(self, access: Access) -> None:
        """Connects and logs in. Raises LoginRefused, ConnectionLost, CertificateRefused."""
        self._access = access
        self._client = _connect(access)
        self.selected: Selected | None = None
        try:
            with self._exchange("log-in"):
                self._login()
            self._identify()
        except Transient:
            self.close()
            raise

    def close(self) -> None:
        """Hang up, politely if the server still listens."""
        try:
            with Watchdog(self._client.socket(), self._access.timeout):
                self._client.logout()
        except (IMAPClientError, OSError, ValueError):
            _hang_up(self._client)

    def offers(self, capability: str) -> bool:
        with self._exchange("capability"):
            return bool(self._client.has_capability(capability))

    def folders(self) -> tuple[Folder, ...]:
        """Every row of LIST whose name can be read: one ill-formed name must not hide the others."""
        with self._exchange("list"):
            self._client.folder_encode = False
            try:
                rows = self._client.list_folders()
            finally:
                self._client.folder_encode = True
        listed = (_folder(flags, delimiter, name) for flags, delimiter, name in rows)
        return tuple(folder for folder in listed if folder is not None)

    def personal_prefix(self) -> str:
        """What the names of own folders must begin with (NAMESPACE, RFC 2342); empty where the server does not say."""
        if not self.offers("NAMESPACE"):
            return ""
        with self._exchange("namespace"):
            personal = self._client.namespace().personal
        return str(personal[0][0]) if personal else ""

    def create(self, folder: str) -> None:
        with self._exchange("create"):
            self._client.create_folder(folder)

    def select(self, folder: str) -> Selected:
        self.selected = None  # a SELECT that fails leaves nothing selected (RFC 3501 6.3.1)
        with self._exchange("select"):
            answer = self._client.select_folder(folder)
            validity, exists = answer.get(b"UIDVALIDITY"), answer.get(b"EXISTS", 0)
        if not isinstance(validity, int):
            raise CommandRefused("the server told no UIDVALIDITY at SELECT")
        self.selected = Selected(folder=folder, uidvalidity=validity, exists=int(exists))
        return self.selected

    def noop(self) -> None:
        with self._exchange("noop"):
            self._client.noop()

    def uids_from(self, first: int) -> list[int]:
        """UIDs from `first` on, ascending. `n:*` gives the last mail even past the end (RFC 3501): dropped."""
        with self._exchange("uid list"):
            found = self._client.search(["UID", f"{first}:*"])
        return sorted({int(uid) for uid in found if int(uid) >= first})

    def listed(self, uids: Sequence[int]) -> list[Listed]:
        """Size, time of receipt and flags of those mails that are still there."""
        with self._exchange("fetch sizes"):
            answer = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE", "FLAGS"])
        return [listed_mail(uid, answer[uid]) for uid in uids if b"RFC822.SIZE" in answer.get(uid, {})]

    def bodies(self, mails: Sequence[Listed]) -> dict[int, bytes]:
        """Whole mails by UID, without setting \\Seen."""
        return self._fetch_bytes([mail.uid for mail in mails], "BODY.PEEK[]", sum(mail.size for mail in mails))

    def header(self, uid: int) -> bytes | None:
        return self._fetch_bytes([uid], "BODY.PEEK[HEADER]", 0).get(uid)

    def exists(self, uid: int) -> bool:
        with self._exchange("fetch flags"):
            return uid in self._client.fetch([uid], ["FLAGS"])

    def newest_message_ids(self) -> dict[str, int]:
        """Message-ID → UID of the newest mails of the selected folder, by position, since no search can be trusted."""
        if self.selected is None or not self.selected.exists:
            return {}
        newest = list(range(max(1, self.selected.exists - NEWEST_SENT + 1), self.selected.exists + 1))
        with self._exchange("fetch message-ids"):
            self._client.use_uid = False
            try:
                answer = self._client.fetch(newest, ["UID", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"])
            finally:
                self._client.use_uid = True
        fields = ((int(mail.get(b"UID", 0)), body_bytes(mail)) for mail in answer.values())
        return {server_text(field.partition(b":")[2]): uid for uid, field in fields if field}

    def add_flag(self, uid: int, flag: str) -> None:
        with self._exchange("store"):
            self._client.add_flags([uid], [flag], silent=True)

    def move(self, uid: int, folder: str) -> None:
        with self._exchange("move"):
            self._client.move([uid], folder)

    def copy(self, uid: int, folder: str) -> None:
        with self._exchange("copy"):
            self._client.copy([uid], folder)

    def uid_expunge(self, uid: int) -> None:
        with self._exchange("uid expunge"):
            self._client.uid_expunge([uid])

    def deleted(self) -> set[int]:
        """UIDs of the selected folder flagged \\Deleted, read from the flags: SEARCH DELETED may lie."""
        uids = self.uids_from(1)
        with self._exchange("fetch flags"):
            answer = self._client.fetch(uids, ["FLAGS"])
        return {uid for uid, data in answer.items() if b"\\Deleted" in data.get(b"FLAGS", ())}

    def expunge(self) -> None:
        with self._exchange("expunge"):
            self._client.expunge()

    def idle(self, seconds: float, stopped: Callable[[], bool]) -> bool:
        """Wait in IDLE (RFC 2177) until the server says anything (True), `stopped()`, or `seconds`.

        The socket is only watched, and read after DONE: the library's `idle_check` reads without blocking, and half a
        line in its buffer (pymap writes that way) costs it the connection.
        """
        with self._exchange("idle", extra=seconds), selectors.DefaultSelector() as selector:
            selector.register(self._client.socket(), selectors.EVENT_READ)
            self._client.idle()
            ends = time.monotonic() + seconds
            told = False
            while not told and not stopped() and (left := ends - time.monotonic()) > 0:
                told = bool(selector.select(min(left, IDLE_SLICE_SECONDS)))
            self._client.idle_done()
            return told

    def _login(self) -> None:
        access = self._access
        if not (access.username.isascii() and access.password.isascii()):
            raise LoginRefused("user name and password must be ASCII (an authorization code is)")
        try:
            self._client.login(access.username, access.password)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as exc:
            words = _raw_words(exc).replace(access.password, "***") if access.password else _raw_words(exc)
            # `from None`: the library's exception may repeat the command line, and so the password.
            raise LoginRefused(f"log-in refused by {access.host}: {words}") from None

    def _identify(self) -> None:
        """ID (RFC 2971) before the first SELECT: NetEase answers "Unsafe Login" without it."""
        if not self.offers("ID"):
            return
        try:
            with self._exchange("id"):
                self._client.id_({"name": "baosong", "version": "1", "vendor": "baosong"})
        except CommandRefused:
            log.info("the server offers ID and refused it")

    def _fetch_bytes(self, uids: Sequence[int], item: str, size: int) -> dict[int, bytes]:
        with self._exchange("fetch", extra=size / SLOWEST_BYTES_PER_SECOND):
            answer = self._client.fetch(uids, [item])
        found = ((uid, body_bytes(data)) for uid, data in answer.items())
        return {uid: body for uid, body in found if body is not None}

    @contextmanager
    def _exchange(self, what: str, extra: float = 0.0) -> Iterator[None]:
        """Every word with the server goes through here: one deadline, and the library's errors in our two kinds."""
        try:
            with Watchdog(self._client.socket(), self._access.deadline + extra):
                yield
        except (IMAPClientAbortError, ProtocolError, OSError) as exc:
            raise ConnectionLost(f"{what}: connection lost ({type(exc).__name__})") from exc
        except IMAPClientError as exc:
            raise CommandRefused(f"{what}: {server_text(exc)}") from exc
        except (ValueError, LookupError, TypeError, AttributeError) as exc:
            # The library's parser stumbled: what the server says and what we read are out of step from here on.
            raise ConnectionLost(f"{what}: unreadable answer ({type(exc).__name__})") from exc


def _connect(access: Access) -> _Client:
    if access.security == "plain" and not is_loopback(access.host):
        raise Permanent("plain IMAP is allowed on loopback only")
    tls = access.security == "tls"
    context = None
    if access.security != "plain":  # reading the system's certificates takes 25 ms
        context = ssl.create_default_context(cafile=str(access.ca_file) if access.ca_file else None)
    try:
        client = _Client(
            access.host,
            access.port,
            ssl=tls,
            ssl_context=context if tls else None,
            timeout=SocketTimeout(access.timeout, access.timeout),
        )
        client.normalise_times = False  # INTERNALDATE keeps its own offset
        if access.security == "starttls":
            _start_tls(client, context, access.deadline)
    except ssl.SSLCertVerificationError as exc:
        raise CertificateRefused(f"certificate of {access.host} refused: {exc.verify_message}") from exc
    except (IMAPClientError, OSError, ValueError) as exc:
        raise ConnectionLost(f"cannot reach {access.host}:{access.port} ({type(exc).__name__})") from exc
    return client


def _start_tls(client: _Client, context: ssl.SSLContext | None, seconds: float) -> None:
    try:
        with Watchdog(client.socket(), seconds):
            client.starttls(context)  # raises where the server does not offer it: never on in the clear
    except (IMAPClientError, OSError, ValueError):
        _hang_up(client)
        raise


def _hang_up(client: _Client) -> None:
    try:
        client.shutdown()
    except (IMAPClientError, OSError):
        return  # gone already


def _raw_words(exc: BaseException) -> str:
    """The server's words of a refused log-in: imaplib raises with the bytes, IMAPClient with their repr."""
    cause: BaseException | None = exc
    while cause is not None:
        if cause.args and isinstance(cause.args[0], bytes):
            return server_text(cause.args[0])
        cause = cause.__context__
    return server_text(exc)


def _folder(flags: Iterable[object], delimiter: object, name: bytes | str) -> Folder | None:
    try:
        readable = decode_utf7(name.encode("ascii") if isinstance(name, str) else name)
    except UnicodeError:
        log.warning("a folder name of the server is no modified UTF-7: left out")
        return None
    lower = frozenset(ascii_text(flag).lower() for flag in flags)
    return Folder(name=readable, delimiter=ascii_text(delimiter), flags=lower)
