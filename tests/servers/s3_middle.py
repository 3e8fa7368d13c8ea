"""Between an archive and its object store: every way of failing that a network or a busy store has, one a request.

Requests are handed on byte for byte, the Host too, over which they are signed. A fault is taken from the plan for each request whose
method it is for; without one, or when the plan is used up, the request is served.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.servers.certificate import Certificate

Fault = Callable[["_Handler", bytes], None]


@dataclass(kw_only=True)
class Middle:
    """`seen`: method and path of every request. `methods`: which requests the plan is for."""

    endpoint: str
    seen: list[tuple[str, str]] = field(default_factory=list)
    plan: list[Fault] = field(default_factory=list)
    methods: tuple[str, ...] = ("PUT", "GET")
    ended: threading.Event = field(default_factory=threading.Event)

    def fails(self, *faults: Fault, methods: tuple[str, ...] = ("PUT", "GET")) -> None:
        self.seen.clear()
        self.plan[:], self.methods = faults, methods

    def count(self, method: str) -> int:
        return sum(1 for name, _ in self.seen if name == method)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    middle: Middle
    behind: int

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.middle.seen.append((self.command, self.path))
        fault = self.middle.plan.pop(0) if self.middle.plan and self.command in self.middle.methods else served
        try:
            fault(self, body)
        except (ConnectionError, http.client.HTTPException):  # the client has gone, or the store is away
            self.cut()

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _serve  # noqa: N815  as the library looks for them

    def asked(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """What the store answers."""
        behind = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=30)
        try:
            behind.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("expect", "connection"):
                    behind.putheader(name, value)
            behind.endheaders(body or None)
            answer = behind.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            behind.close()

    def answer(self, status: int, headers: list[tuple[str, str]], data: bytes, *, drip: bool = False) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection"):
                self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if not drip:
            self.wfile.write(data)
            return
        for at in range(len(data)):
            self.wfile.write(data[at : at + 1])
            if self.middle.ended.wait(0.02):
                return

    def cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no fault of ours to tell; any other is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def served(handler: _Handler, body: bytes) -> None:
    handler.answer(*handler.asked(body))


def refused(status: int, code: str) -> Fault:
    """By the store, without having done it."""

    def fault(handler: _Handler, body: bytes) -> None:
        text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>so it is</Message></Error>".encode()
        handler.answer(status, [("Content-Type", "application/xml")], text)

    return fault


def cut_short(handler: _Handler, body: bytes) -> None:
    """The connection breaks, and the store has nothing."""
    handler.cut()


def answer_lost(handler: _Handler, body: bytes) -> None:
    """It is done, and nobody hears of it."""
    handler.asked(body)
    handler.cut()


def damaged_on_the_way(handler: _Handler, body: bytes) -> None:
    """A byte of what the store gives, or of what it is given, is another."""
    if body:
        handler.answer(*handler.asked(bytes([body[0] ^ 1]) + body[1:]))
        return
    status, headers, data = handler.asked(body)
    handler.answer(status, headers, data[:-1] + bytes([data[-1] ^ 1]))


def broken_off(handler: _Handler, body: bytes) -> None:
    """Half of the answer, then nothing more."""
    status, headers, data = handler.asked(body)
    handler.answer(status, headers, data[: len(data) // 2])
    handler.cut()


def dripping(handler: _Handler, body: bytes) -> None:
    """Bytes come, so that no time-out of a socket ever runs out, and it takes for ever."""
    handler.answer(*handler.asked(body), drip=True)


def delayed(seconds: float) -> Fault:
    """Served, late."""

    def fault(handler: _Handler, body: bytes) -> None:
        handler.middle.ended.wait(seconds)
        served(handler, body)

    return fault


def silent(handler: _Handler, body: bytes) -> None:
    """No answer, and the connection stands."""
    handler.middle.ended.wait(60)


@contextmanager
def middle(port: int, tls: Certificate | None = None) -> Iterator[Middle]:
    """Before the store on that port of loopback; over TLS with a certificate."""

    class Handler(_Handler):
        behind = port

    server = _Server(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate, tls.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    Handler.middle = made = Middle(endpoint=f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.ended.set()
        server.shutdown()
        server.server_close()
