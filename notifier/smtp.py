"""Hands finished letters to the provider over SMTP, one connection a batch, no faster than the provider likes.

The commands are given one by one rather than through `sendmail`, because after a break it matters on which side of the
final dot it came: before it the letter is surely not sent (RFC 5321 4.1.1.4), after it nobody knows.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from notifier.errors import (
    LoginRefusal,
    OutcomeUnknown,
    PermanentRefusal,
    SendError,
    ServerRefusal,
    SetupRefusal,
    TemporaryRefusal,
)
from notifier.wire import is_loopback, server_text

CHUNK = 64 * 1024
"""Bytes per write: Python's time-out covers a whole `sendall`, so a large letter on a slow line needs several."""
_WORDS = 300
"""Characters of a server's answer that are kept."""
_ADDRESS = re.compile(r"[^\s<>\x00-\x1f\x7f@]+@[^\s<>\x00-\x1f\x7f@]+")
_BARE_NEWLINE = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
FIRST_REST, LONGEST_REST = 120.0, 1800.0
"""Seconds without a further try after a refused log-in; they double. Wrong codes in quick succession lock an account."""
_FREQUENCY = re.compile(r"frequen|too many|rate limit|频率|过于频繁", re.IGNORECASE)
"""QQ and NetEase answer 550 or 535 to a client that is only too fast."""


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """`security` is tls, starttls, or plain (loopback only); `per_minute` None means unpaced; `timeout` in seconds."""

    host: str
    port: int
    security: str
    username: str = ""
    password: str = field(default="", repr=False)
    per_minute: float | None = 6.0
    sender: str
    """The From of letters; used by whoever renders them."""
    envelope_sender: str
    timeout: float = 60.0
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"SmtpSettings({self.username}@{self.host}:{self.port}, {self.security})"


class SmtpSender:
    """Sends letters; also a context manager that closes its connection at the end of a batch.

    Keep one for the life of the process: it remembers when the last letter went. `clock` is monotonic seconds.
    Not for several threads at once.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._sleep = sleep
        self._smtp: smtplib.SMTP | None = None
        self._next_send = float("-inf")
        self._next_log_in = float("-inf")
        self._refused = 0

    def send(self, raw: bytes, to: str) -> None:
        """Hand over one letter as it stands. Raises TemporaryRefusal (ServerRefusal: no letter goes now),
        PermanentRefusal or OutcomeUnknown."""
        recipient = _wire_address(to)
        try:
            # The null sender is for servers that take it.
            sender = self.settings.envelope_sender and _wire_address(self.settings.envelope_sender)
        except PermanentRefusal as exc:
            raise SetupRefusal(0, "envelope_sender is no address") from exc
        self._pace()
        smtp = self._connected()
        try:
            self._envelope(smtp, sender, recipient, raw)
            self._data(smtp, raw)
        except SendError as exc:
            self._recover(exc)
            raise
        except (smtplib.SMTPException, OSError) as exc:
            self.close()
            raise ServerRefusal(0, f"connection lost before the letter was handed over ({_name(exc)})") from exc

    def check(self) -> None:
        """Connect and log in, for `doctor`; sends nothing. Raises ServerRefusal (SetupRefusal: mend settings)."""
        self._connected()

    def close(self) -> None:
        """End the connection, politely if the server still listens."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def interval(self) -> float:
        """Seconds between two letters; 0 where nothing is set."""
        return 60.0 / self.settings.per_minute if self.settings.per_minute else 0.0

    def pause(self) -> float:
        """Seconds that `send` would wait before the next letter."""
        return max(0.0, self._next_send - self._clock()) if self.interval else 0.0

    def _pace(self) -> None:
        wait = self.pause()
        if wait > 0:
            self._sleep(wait)
        self._next_send = self._clock() + self.interval

    def _connected(self) -> smtplib.SMTP:
        """The open connection if it still answers, else a new one, logged in."""
        if self._smtp is not None:
            try:
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            except (smtplib.SMTPException, OSError):
                self._smtp.close()  # a server hangs up on the idle; that is no failure
            self._smtp = None
        left = self._next_log_in - self._clock()
        if left > 0:
            raise SetupRefusal(0, f"the log-in was refused; tried again in {left:.0f} s")
        try:
            self._smtp = _open(self.settings)
        except LoginRefusal:
            self._next_log_in = self._clock() + min(LONGEST_REST, FIRST_REST * 2.0 ** min(self._refused, 20))
            self._refused += 1
            raise
        except ssl.SSLCertVerificationError as exc:
            raise SetupRefusal(0, f"certificate of {self.settings.host} refused: {exc.verify_message}") from exc
        except smtplib.SMTPResponseException as exc:
            raise ServerRefusal(exc.smtp_code, _text(exc.smtp_error)) from exc
        except (smtplib.SMTPException, OSError) as exc:
            raise ServerRefusal(0, f"cannot reach {self.settings.host}:{self.settings.port} ({_name(exc)})") from exc
        return self._smtp

    def _envelope(self, smtp: smtplib.SMTP, sender: str, recipient: str, raw: bytes) -> None:
        limit = smtp.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < len(raw):
            raise PermanentRefusal(552, f"the letter has {len(raw)} bytes, the server takes {limit}")
        options = []
        if not raw.isascii() and smtp.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")
        if not (sender + recipient).isascii():
            if not smtp.has_extn("smtputf8"):
                raise PermanentRefusal(553, "the address needs SMTPUTF8, which the server lacks")
            options.append("SMTPUTF8")
        code, text = smtp.mail(sender, options)
        if code >= 500 and not _too_fast(text):
            # Not this letter's fault: QQ says 501 and NetEase 553 to any sender but the log-in.
            raise SetupRefusal(code, _text(text))
        if code != 250:
            raise ServerRefusal(max(code, 0), _text(text))
        code, text = smtp.rcpt(recipient)
        _require(code, text, 250, 251)

    def _data(self, smtp: smtplib.SMTP, raw: bytes) -> None:
        code, text = smtp.docmd("DATA")
        _require(code, text, 354)
        body = _on_the_wire(raw)
        for start in range(0, len(body), CHUNK):
            smtp.send(body[start : start + CHUNK])
        try:
            smtp.send(b".\r\n")
            code, text = smtp.getreply()
        except (smtplib.SMTPException, OSError) as exc:
            raise OutcomeUnknown(0, f"connection lost after the letter was handed over ({_name(exc)})") from exc
        if not 200 <= code <= 599:
            raise OutcomeUnknown(0, "unreadable answer after the letter was handed over")
        _require(code, text, 250)

    def _recover(self, error: SendError) -> None:
        """Make the connection fit for the next letter after a refusal, or drop it."""
        if isinstance(error, OutcomeUnknown) or error.code == 421 or self._smtp is None:
            self.close()
            return
        try:
            self._smtp.rset()
        except (smtplib.SMTPException, OSError):
            self.close()


def _open(settings: SmtpSettings) -> smtplib.SMTP:
    if settings.security == "plain" and not is_loopback(settings.host):
        raise SetupRefusal(0, "plain SMTP is allowed on loopback only")
    where = (settings.host, settings.port)
    # An address literal, so that no look-up of our own name can hang and none is told to the provider.
    ours = "[127.0.0.1]"
    smtp: smtplib.SMTP
    if settings.security == "tls":
        smtp = smtplib.SMTP_SSL(*where, local_hostname=ours, timeout=settings.timeout, context=_trust(settings))
    else:
        smtp = smtplib.SMTP(*where, local_hostname=ours, timeout=settings.timeout)
    try:
        # The final dot goes in a write of its own: without this the kernel holds it back for 40 ms a letter.
        assert smtp.sock is not None  # noqa: S101 - for the type: the constructor connected it
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            smtp.starttls(context=_trust(settings))  # raises when the server does not offer it: never on in the clear
            smtp.ehlo_or_helo_if_needed()
        _log_in(smtp, settings)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _trust(settings: SmtpSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)


def _log_in(smtp: smtplib.SMTP, settings: SmtpSettings) -> None:
    if not settings.password or not smtp.has_extn("auth"):
        return
    if not (settings.username.isascii() and settings.password.isascii()):
        raise SetupRefusal(0, "user name and password must be ASCII (an authorization code is)")
    try:
        smtp.login(settings.username, settings.password)
    except smtplib.SMTPAuthenticationError as exc:
        words = _text(exc.smtp_error).replace(settings.password, "***")
        # `from None`: nothing of the exchange, which held the password, goes along.
        raise LoginRefusal(exc.smtp_code, f"log-in refused: {words}") from None


def _require(code: int, text: bytes, *good: int) -> None:
    """From RCPT on a refusal is about this letter and its recipient, save where it speaks of the connection."""
    if code in good:
        return
    if code < 400 or code == 421 or _too_fast(text):  # out of step, shutting down, or weary of us
        raise ServerRefusal(max(code, 0), _text(text))
    raise (PermanentRefusal if code >= 500 else TemporaryRefusal)(code, _text(text))


def _too_fast(text: bytes) -> bool:
    return _FREQUENCY.search(_text(text)) is not None


def _wire_address(address: str) -> str:
    """The address as SMTP writes it: a Chinese domain in its ASCII form (RFC 5891), so that few need SMTPUTF8."""
    if not _ADDRESS.fullmatch(address):
        raise PermanentRefusal(553, "malformed address")
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as exc:
        raise PermanentRefusal(553, "malformed domain in the address") from exc


def _on_the_wire(raw: bytes) -> bytes:
    """CRLF line ends, leading dots doubled (RFC 5321 4.5.2), the last line ended."""
    body = _BARE_NEWLINE.sub(b"\r\n", raw)
    if not body.endswith(b"\r\n"):
        body += b"\r\n"
    return _LEADING_DOT.sub(b"..", body)


def _text(reply: bytes | str) -> str:
    return server_text(reply, _WORDS)


def _name(exc: BaseException) -> str:
    return type(exc).__name__
