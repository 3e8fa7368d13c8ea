"""An SMTP server that remembers every letter it said yes to, and fails as the rule book says."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from types import TracebackType
from typing import Self

from bench.faults.imap_proxy import CONNECT, close
from bench.faults.rules import Action, Rule, RuleBook

BODY, DOT = "body", "dot"
"""Not commands, but places where it matters: in the middle of the letter, and after its final dot."""
_GARBAGE = b"\x00\xff\xfe no such thing \x80\r\n"


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A letter that the server took responsibility for (RFC 5321, 4.2.5). `run` is the worker that sent it; `kept` says
    whether the provider put a copy into its folder of sent mail."""

    message_id: str
    recipient: str
    data: bytes
    run: int
    kept: bool


class Sink:
    """Context manager; `accepted` in order. `keep` gets each letter too: the provider's folder of sent mail."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.accepted: list[Accepted] = []
        self.refused: set[str] = set()
        """Recipients of letters that were refused for good."""
        self.keep: Callable[[bytes], None] | None = None
        self.run = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._book.arm(None)
        close(self._listener)

    def take(self, recipient: str, data: bytes) -> None:
        identifier = str(message_from_bytes(data)["Message-ID"]).strip()
        keep = self.keep
        if keep:
            keep(data)
        self.accepted.append(
            Accepted(message_id=identifier, recipient=recipient, data=data, run=self.run, kept=keep is not None)
        )

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=_Session(self, client, self._book).run, daemon=True).start()


class _Session:
    """One connection."""

    def __init__(self, sink: Sink, client: socket.socket, book: RuleBook) -> None:
        self._sink, self._client, self._book = sink, client, book
        self._recipient = ""

    def run(self) -> None:
        with contextlib.suppress(OSError):
            self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._talk()
        close(self._client)

    def _talk(self) -> None:
        with self._client.makefile("rb") as lines:
            self._lines = lines
            if not self._step(CONNECT, b"220 ready"):
                return
            while line := lines.readline():
                verb = line.split(b" ", 1)[0].strip().decode("ascii", "replace").upper()
                if verb == "RCPT":
                    self._recipient = line[line.index(b"<") + 1 : line.index(b">")].decode("utf-8")
                good = {"QUIT": b"221 bye", "EHLO": b"250-sink\r\n250 8BITMIME", "DATA": b"354 go on"}
                if not self._step(verb, good.get(verb, b"250 ok")) or verb == "QUIT":
                    return

    def _step(self, verb: str, good: bytes) -> bool:
        """→ whether the conversation goes on."""
        rule = self._book.look_up(verb)
        if rule and rule.action not in (Action.PASS, Action.CUT_AFTER):
            return self._fail(rule, verb)
        if verb == "DATA":
            self._client.sendall(good + b"\r\n")
            return self._letter()
        if rule and rule.action is Action.CUT_AFTER:
            return False
        self._client.sendall(good + b"\r\n")
        return True

    def _fail(self, rule: Rule, verb: str) -> bool:
        if rule.action is Action.SILENCE:
            self._book.calm.wait()
            return False
        if rule.action is Action.ANSWER:
            if rule.reply[:1] == b"5" and verb in ("RCPT", "DATA", DOT):
                self._sink.refused.add(self._recipient)
            self._client.sendall(rule.reply + b"\r\n")
            return not rule.reply.startswith(b"421")
        if rule.action is Action.GARBAGE:
            self._client.sendall(_GARBAGE)
            return True
        return False

    def _letter(self) -> bool:
        within = self._book.look_up(BODY)
        if within and within.action is not Action.PASS:
            return self._fail(within, BODY)
        kept: list[bytes] = []
        while (line := self._lines.readline()) != b".\r\n":
            if not line:
                return False
            kept.append(line[1:] if line.startswith(b".") else line)
        return self._dot(b"".join(kept))

    def _dot(self, data: bytes) -> bool:
        """After the final dot: whether the letter is taken, and whether the client hears of it, are two things."""
        rule = self._book.look_up(DOT)
        action = rule.action if rule else Action.PASS
        if rule and action in (Action.CUT_BEFORE, Action.ANSWER, Action.BYE):
            return self._fail(rule, DOT)
        self._sink.take(self._recipient, data)
        if rule and rule.after:
            rule.after()
        if rule and action in (Action.CUT_AFTER, Action.CUT_WITHIN):
            return False
        if rule and action in (Action.SILENCE, Action.GARBAGE):
            return self._fail(rule, DOT)
        self._client.sendall(b"250 queued\r\n")
        return True
