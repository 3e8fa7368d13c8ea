"""What a connection to a mailbox needs: access, and a deadline."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Access:
    """How to reach a mailbox. `security` is tls, starttls, or plain (refused but for loopback)."""

    host: str
    port: int
    security: str
    username: str
    password: str
    timeout: float = 30.0
    """Seconds without a single byte after which the connection is given up."""
    deadline: float = 120.0
    """Seconds one exchange with the server may last in all; a fetch gets more, by its size."""
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"Access({self.username}@{self.host}:{self.port}, {self.security})"


class Watchdog:
    """Cuts the connection when a block lasts too long: time-outs bound silence only, not a server that trickles."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        try:
            # The plain socket's method: SSLSocket.shutdown would pull the TLS object from under the reading thread.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
        except OSError:
            return  # closed already, which is all that was wanted
