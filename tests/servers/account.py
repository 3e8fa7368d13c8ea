"""An IMAP account under test, filled and changed over plain imaplib, as another program of its owner would."""

from __future__ import annotations

import imaplib
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from imapclient.imap_utf7 import encode


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where and how to log in (plain, loopback); `prefix` is that of the personal namespace. `password_file`: where the
    server looks the password up, if it does so at every log-in."""

    port: int
    username: str
    password: str
    host: str = "127.0.0.1"
    tls_port: int = 0
    prefix: str = ""
    password_file: Path | None = None

    def change_password(self, password: str) -> None:
        """On the server, as a provider does when an authorization code is made anew. Sessions that are open stay so."""
        assert self.password_file is not None
        fresh = self.password_file.with_suffix(".new")
        fresh.write_text(f"{self.username}:{{PLAIN}}{password}\n", encoding="ascii")
        fresh.replace(self.password_file)

    def append(
        self, raw: bytes, *, folder: str = "INBOX", received_at: datetime | None = None, flags: str = ""
    ) -> None:
        with self.client() as client:
            when = imaplib.Time2Internaldate(received_at or datetime.now(UTC))
            _ok(client.append(_quoted(folder), flags, when, raw))

    def create(self, folder: str) -> None:
        with self.client() as client:
            _ok(client.create(_quoted(folder)))

    def recreate(self, folder: str) -> None:
        """Delete a folder and make it again: its UIDVALIDITY changes."""
        with self.client() as client:
            _ok(client.delete(_quoted(folder)))
            _ok(client.create(_quoted(folder)))

    def remove(self, folder: str, uid: int) -> None:
        with self.client() as client:
            _ok(client.select(_quoted(folder)))
            _ok(client.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Deleted)"))
            _ok(client.expunge())

    def mails(self, folder: str) -> list[tuple[bytes, bytes]]:
        """(flags line, raw) of every mail in a folder."""
        with self.client() as client:
            status, count = client.select(_quoted(folder), readonly=True)
            if status != "OK" or count == [b"0"]:
                return []
            _, answer = client.fetch("1:*", "(FLAGS BODY.PEEK[])")
            return [(part[0], part[1]) for part in answer if isinstance(part, tuple)]

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4(self.host, self.port, timeout=20) as client:
            # Without it every APPEND waits 40 ms for the kernel to join two small writes.
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.login(self.username, self.password)
            yield client


def _quoted(folder: str) -> str:
    return f'"{encode(folder).decode("ascii")}"'


def _ok(answer: tuple[str, Sequence[object]]) -> None:
    assert answer[0] == "OK", answer
