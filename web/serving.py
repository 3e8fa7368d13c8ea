"""Serves the pages for monitoring systems beside the worker, in threads of its own, while no console serves them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog

from ingest.app import App
from web.health import health_application

log = structlog.get_logger(__name__)

_AT_ONCE = 8
"""Requests that are answered at the same time; who comes beyond is hung up on, and asks again."""
_LOOK_SECONDS = 1.0
"""Between looks whether a console has started or ended."""
_SECONDS = 5.0
"""For one read or write, lest whoever sends nothing holds a thread for ever."""


@contextmanager
def serving_health(app: App) -> Iterator[int | None]:
    """Within, `/healthz` and `/metrics` answer on `[web]` host and port, by the console while one runs. → the port.

    None where it cannot be had now: a worker that reads the mail and tells nobody is better than none.
    """
    turns, stop = Turns(app), threading.Event()
    turns.look()

    def watch() -> None:
        while not stop.wait(_LOOK_SECONDS):
            turns.look()

    thread = threading.Thread(target=watch, name="health-turns", daemon=True)
    thread.start()
    try:
        yield turns.port
    finally:
        stop.set()
        thread.join()
        turns.close()


class Turns:
    """The worker's part of a port that it shares with the console: it gives way when one starts, and takes over when that
    ends, so that whoever watches asks at one address."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._refused = ""

    @property
    def port(self) -> int | None:
        """Where the worker serves now; None while it does not."""
        return self._server.server_port if self._server else None

    def look(self) -> None:
        """Serves, or leaves it to the console."""
        if self._app.database.console_runs():
            self.close()
        elif self._server is None:
            self._open()

    def close(self) -> None:
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    def _open(self) -> None:
        host, port = self._app.settings.web.host, self._app.settings.web.port
        try:
            server = _Server(host, port)
        except OSError as error:
            why = error.strerror or type(error).__name__
            if why != self._refused:
                log.error("health_not_served", host=host, port=port, error=why)
            self._refused = why
            return
        self._refused = ""
        server.set_app(health_application(self._app))
        self._server, self._thread = server, threading.Thread(target=server.serve_forever, name="health", daemon=True)
        self._thread.start()
        log.info("health_served", host=host, port=server.server_port)


class _Handler(WSGIRequestHandler):
    timeout = _SECONDS

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A request that is none gets its number, and nothing of what it said: the library's page repeats it, in HTML."""
        self.close_connection = True
        self.wfile.write(f"HTTP/1.0 {int(code)} Bad request\r\nConnection: close\r\n\r\n".encode("ascii"))

    def log_message(self, *_: Any) -> None:
        """A line a request would be most of the log."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def __init__(self, host: str, port: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Without the standard library's look-up of our own name, which may hang."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is no news."""
