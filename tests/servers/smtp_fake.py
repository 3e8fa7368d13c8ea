"""A small SMTP server in threads, and providers that refuse or break as real ones do: one class per way of behaving."""

from __future__ import annotations

import base64
import socketserver
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

USERNAME, PASSWORD = "bureau@example.org", "authorization-code"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A letter the server said 250 to, or swallowed before it broke."""

    sender: str
    recipient: str
    data: bytes


class FakeSmtp:
    """Base: takes everything after log-in. Context manager; keeps what it took and every line it heard."""

    extensions: tuple[str, ...] = ("AUTH PLAIN LOGIN", "8BITMIME", "SIZE 1000000")

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.commands: list[str] = []
        self.connections = 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self.port = int(self._server.server_address[1])

    def heard(self, word: str) -> list[str]:
        return [line for line in self.commands if line.upper().startswith(word)]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    # What subclasses bend: the reply to each step; b"" hangs up.
    def on_connect(self) -> bytes:
        return b"220 ready"

    def on_auth(self, user: str, password: str) -> bytes:
        return b"235 ok" if (user, password) == (USERNAME, PASSWORD) else b"535 Error: authentication failed"

    def on_mail(self, sender: str) -> bytes:
        return b"250 ok"

    def on_rcpt(self, recipient: str) -> bytes:
        return b"250 ok"

    def on_data(self) -> bytes:
        return b"354 go on"

    def on_dot(self, letter: Taken) -> bytes:
        self.taken.append(letter)
        return b"250 queued"


class FakeQQSmtp(FakeSmtp):
    """501 to a null sender or any address but the log-in; words in GBK."""

    def on_mail(self, sender: str) -> bytes:
        if sender == USERNAME:
            return b"250 ok"
        return "501 发信人地址与登录帐号不一致".encode("gb18030")


class FakeNetEaseSmtp(FakeSmtp):
    """553 to a foreign sender."""

    def on_mail(self, sender: str) -> bytes:
        return b"250 ok" if sender == USERNAME else b"553 authentication is required"


class FakeRefusing(FakeSmtp):
    """Answers the named steps (`connect`, `auth`, `mail`, `rcpt`, `data`, `dot`) with a set reply, `times` times."""

    def __init__(self, replies: dict[str, bytes], *, times: int = 1_000) -> None:
        super().__init__()
        self._replies = replies
        self._times = times

    def on_connect(self) -> bytes:
        return self._reply("connect", super().on_connect())

    def on_auth(self, user: str, password: str) -> bytes:
        return self._reply("auth", super().on_auth(user, password))

    def on_mail(self, sender: str) -> bytes:
        return self._reply("mail", super().on_mail(sender))

    def on_rcpt(self, recipient: str) -> bytes:
        return self._reply("rcpt", super().on_rcpt(recipient))

    def on_data(self) -> bytes:
        return self._reply("data", super().on_data())

    def on_dot(self, letter: Taken) -> bytes:
        good = super().on_dot(letter)
        return self._reply("dot", good)

    def _reply(self, step: str, good: bytes) -> bytes:
        if step not in self._replies or self._times <= 0:
            return good
        self._times -= 1
        return self._replies[step]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    fake: FakeSmtp

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.fake = self.server.fake
        self.fake.connections += 1
        self.sender = self.recipient = ""
        if not self._say(self.fake.on_connect()):
            return
        while line := self.rfile.readline():
            text = line.decode("utf-8", errors="replace").strip()
            self.fake.commands.append(text)
            if not self._say(self._answer(text)) or text.upper() == "QUIT":
                return

    def _say(self, reply: bytes) -> bool:
        if reply:
            self.wfile.write(reply + b"\r\n")
        return bool(reply)

    def _answer(self, line: str) -> bytes:
        verb = line.upper().partition(" ")[0]
        if verb == "EHLO":
            lines = ["fake", *self.fake.extensions]
            return "\r\n".join(f"250{'-' if more else ' '}{word}" for word, more in _marked(lines)).encode()
        if verb == "AUTH":
            return self._auth(line)
        if verb == "MAIL":
            self.sender = _address(line)
            return self.fake.on_mail(self.sender)
        if verb == "RCPT":
            self.recipient = _address(line)
            return self.fake.on_rcpt(self.recipient)
        if verb == "DATA":
            return self._data()
        return b"221 bye" if verb == "QUIT" else b"250 ok"

    def _auth(self, line: str) -> bytes:
        words = line.split(" ")
        if words[1].upper() == "PLAIN":
            _, user, password = base64.b64decode(words[2]).decode().split("\0")
        else:
            user = base64.b64decode(words[2]).decode()
            self._say(b"334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.rfile.readline()).decode()
        return self.fake.on_auth(user, password)

    def _data(self) -> bytes:
        reply = self.fake.on_data()
        if not reply.startswith(b"354"):
            return reply
        self._say(reply)
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return b""
            lines.append(line.removeprefix(b"."))
        return self.fake.on_dot(Taken(sender=self.sender, recipient=self.recipient, data=b"".join(lines)))


def _marked(lines: list[str]) -> list[tuple[str, bool]]:
    """Each line with whether more follow."""
    return [(line, position < len(lines) - 1) for position, line in enumerate(lines)]


def _address(line: str) -> str:
    return line[line.index("<") + 1 : line.index(">")]
