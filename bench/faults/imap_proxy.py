"""A proxy before a real IMAP server that knows where commands begin, and does with them what the rule book says."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from types import TracebackType
from typing import Self

from bench.faults.rules import Action, Rule, RuleBook

CONNECT = "CONNECT"
_WITHIN = 700
"""So many bytes of an answer pass before it is cut: in the middle of the first mail of a fetch."""
_UNTRUE = b'* 1 FETCH (UID 99999999 RFC822.SIZE x INTERNALDATE "never" FLAGS (\\Seen) BODY[] {5}\r\nab)\r\n'


class ImapProxy:
    """Listens on `port` and passes on to `target`."""

    def __init__(self, target: int, book: RuleBook) -> None:
        self._target, self._book = target, book
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._book.arm(None)
        close(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        rule = self._book.look_up(CONNECT)
        if rule and rule.action is not Action.PASS:
            _refuse_greeting(client, rule, self._book)
            return
        server = socket.create_connection(("127.0.0.1", self._target))
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _Conversation(client, server, self._book).run()


class _Conversation:
    """One connection. What the server says is passed on, unless `_gate` holds it back."""

    def __init__(self, client: socket.socket, server: socket.socket, book: RuleBook) -> None:
        self._client, self._server, self._book = client, server, book
        self._withheld: Rule | None = None
        self._tag = b""
        self._left = 0
        self._heard = b""

    def run(self) -> None:
        threading.Thread(target=self._answers, daemon=True).start()
        with contextlib.suppress(OSError), self._client.makefile("rb") as lines:
            while line := lines.readline():
                if not self._command(line):
                    break
        self._end()

    def _end(self) -> None:
        close(self._client)
        close(self._server)

    def _command(self, line: bytes) -> bool:
        """→ whether the conversation goes on."""
        rule = self._book.look_up(verb_of(line))
        if rule is None or rule.action is Action.PASS:
            self._server.sendall(line)
            return True
        tag = line.split(b" ", 1)[0].strip()
        if rule.action is Action.CUT_BEFORE:
            return False
        if rule.action in (Action.CUT_AFTER, Action.CUT_WITHIN):
            self._withheld, self._tag, self._left, self._heard = rule, tag, _WITHIN, b""
            self._server.sendall(line)
            return True
        if rule.action is Action.SILENCE:
            self._book.calm.wait()
            return False
        self._client.sendall(_in_place(rule, tag))
        return rule.action is not Action.BYE

    def _answers(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._server.recv(65536):
                if not self._gate(data):
                    break
        self._end()

    def _gate(self, data: bytes) -> bool:
        """Passes the data on, or holds it back and cuts once the command is done. → whether it goes on."""
        rule = self._withheld
        if rule is None:
            self._client.sendall(data)
            return True
        if rule.action is Action.CUT_WITHIN:
            self._client.sendall(data[: self._left])
            self._left -= len(data)
            done = self._left <= 0 or _tagged(data, self._tag)
        else:
            self._heard += data
            done = _tagged(self._heard, self._tag)
        if done and rule.after:
            rule.after()
        return not done


def verb_of(line: bytes) -> str:
    """The command of a line, with what tells its uses apart: `FETCH body`, `FETCH sizes`."""
    words = line.split()
    if len(words) < 2:
        return words[0].decode("ascii", "replace").upper() if words else ""
    verb = words[1].decode("ascii", "replace").upper()
    if verb == "UID" and len(words) > 2:
        verb = words[2].decode("ascii", "replace").upper()
    if verb != "FETCH":
        return verb
    kinds = ((b"BODY.PEEK[]", "body"), (b"RFC822.SIZE", "sizes"), (b"MESSAGE-ID", "ids"), (b"HEADER", "header"))
    return "FETCH " + next((name for mark, name in kinds if mark in line), "flags")


def _in_place(rule: Rule, tag: bytes) -> bytes:
    if rule.action is Action.ANSWER:
        return tag + b" " + rule.reply + b"\r\n"
    if rule.action is Action.BYE:
        return b"* BYE going down\r\n"
    if rule.action is Action.EMPTY:
        return tag + b" OK done\r\n"
    if rule.action is Action.UNTRUE:
        return _UNTRUE + tag + b" OK done\r\n"
    return random.Random(len(tag)).randbytes(200) + b"\r\n* \xff{9\r\n" + tag + b" WHAT\r\n"


def _refuse_greeting(client: socket.socket, rule: Rule, book: RuleBook) -> None:
    with contextlib.suppress(OSError):
        if rule.action is Action.SILENCE:
            book.calm.wait()
        elif rule.action in (Action.BYE, Action.ANSWER):
            client.sendall(b"* BYE too many connections\r\n")
        elif rule.action is not Action.CUT_BEFORE:
            client.sendall(b"SSH-2.0-Nonsense\r\n\xff\xfe\r\n")
    close(client)


def _tagged(data: bytes, tag: bytes) -> bool:
    return data.startswith(tag + b" ") or b"\r\n" + tag + b" " in data


def close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
