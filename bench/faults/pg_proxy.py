"""A proxy before a PostgreSQL server that knows where a transaction is committed, and does with it what the rule book says.

Both ends are sockets in folders, as libpq names them. What is told apart is a connection that is made and a COMMIT, which psycopg
sends as a message of its own: between its way there and the answer's way back nobody but the server knows what counts.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.faults.imap_proxy import CONNECT, close
from bench.faults.rules import Action, Rule, RuleBook

COMMIT = "COMMIT"
_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
_SOCKET = ".s.PGSQL.5432"


class PgProxy:
    """Listens in `folder` and passes on to the server that listens in `target`."""

    def __init__(self, folder: Path, target: Path, book: RuleBook) -> None:
        self._target, self._book = str(target / _SOCKET), book
        folder.mkdir()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / _SOCKET))
        self._listener.listen(100)

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
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self._target)
        except OSError:  # the server is away
            rule = Rule(verb=CONNECT, action=Action.CUT_BEFORE)
        if rule and rule.action is not Action.PASS:
            close(client)
            close(server)
        else:
            _Conversation(client, server, self._book).run()


class _Conversation:
    """One connection. An answer to a COMMIT is held back where the rule says so."""

    def __init__(self, client: socket.socket, server: socket.socket, book: RuleBook) -> None:
        self._client, self._server, self._book = client, server, book
        self._withheld: Rule | None = None

    def run(self) -> None:
        threading.Thread(target=self._answers, daemon=True).start()
        with contextlib.suppress(OSError):
            while data := self._client.recv(65536):
                if data.endswith(_COMMIT) and not self._commit():
                    break
                self._server.sendall(data)
        if not self._withheld:
            self._end()

    def _commit(self) -> bool:
        """→ whether the server is to hear of it."""
        rule = self._book.look_up(COMMIT)
        if rule and rule.action is Action.CUT_AFTER:
            self._withheld = rule
        return not (rule and rule.action is Action.CUT_BEFORE)

    def _answers(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._server.recv(65536):
                if self._withheld:
                    if self._withheld.after:
                        self._withheld.after()
                    break
                self._client.sendall(data)
        self._end()

    def _end(self) -> None:
        close(self._client)
        close(self._server)
