"""Whoever holds the line between a client and a server: passes on, bends what is said in the clear, or ends TLS himself."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Middle:
    """Listens on `host`, passes on to `target` on 127.0.0.1. `heard`: every byte clients sent, as it was on the line.

    bend: makes of what the server says in the clear what the client gets.
    answer: said to STARTTLS in the server's place, `{tag}` filled in; the server never hears of it.
    context: after `answer`, or at once without one, the client is spoken to in TLS with this certificate and version.
    """

    def __init__(
        self,
        target: int,
        *,
        host: str = "127.0.0.1",
        bend: Callable[[bytes], bytes] = bytes,
        answer: str = "",
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._target, self._bend, self._answer, self._context = target, bend, answer, context
        self._listener = socket.create_server((host, 0))
        self.port = int(self._listener.getsockname()[1])
        self.heard = bytearray()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """One connection in one thread: two may not use one TLS socket at the same time."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as server, client:
            client = client if self._answer else self._in_tls(client)
            with client:
                while ready := _ready(client, server):
                    if server in ready:
                        client.sendall(self._bend(_some(server)))
                    if client in ready:
                        said = _some(client)
                        self.heard += said
                        words = said.split()
                        if self._answer and b"STARTTLS" in words[:2]:
                            client.sendall(self._answer.format(tag=words[0].decode("ascii")).encode("ascii"))
                            client = self._in_tls(client)
                        else:
                            server.sendall(said)

    def _in_tls(self, client: socket.socket) -> socket.socket:
        return self._context.wrap_socket(client, server_side=True) if self._context else client


def _ready(client: socket.socket, server: socket.socket) -> list[socket.socket]:
    if isinstance(client, ssl.SSLSocket) and client.pending():
        return [client]
    return select.select([client, server], [], [])[0]


def _some(end: socket.socket) -> bytes:
    data = end.recv(65536)
    if not data:
        raise ConnectionResetError("hung up")
    return data
