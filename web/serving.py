"""Serves the pages for monitoring systems beside the worker, in threads of its own, until the console serves them."""

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
_SECONDS = 5.0
"""For one read or write, lest whoever sends nothing holds a thread for ever."""


@contextmanager
def serving_health(app: App) -> Iterator[int | None]:
    """Within, `/healthz` and `/metrics` answer on `[web]` host and port. → the port.

    None where it cannot be had: a worker that reads the mail and tells nobody is better than none.
    """
    host, port = app.settings.web.host, app.settings.web.port
    try:
        server = _Server(host, port)
    except OSError as error:
        log.error("health_not_served", host=host, port=port, error=error.strerror or type(error).__name__)
        yield None
        return
    server.set_app(health_application(app))
    thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    log.info("health_served", host=host, port=server.server_port)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


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
