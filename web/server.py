"""Serves the console over HTTP: the only module that knows uvicorn."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from config.settings import SettingsError
from config.web_tables import WebTable
from ingest.app import App
from web.console import make_console

log = structlog.get_logger(__name__)

_WAIT_SECONDS = 10.0
"""For the worker to give way, which looks every second."""
_AT_ONCE = 200
"""Connections; who comes beyond is told 503."""


def serve_console(app: App) -> None:
    """Serves until SIGTERM or SIGINT. Raises SettingsError where it may not be reached as configured, or has no port; Busy
    where there is one already."""
    check_reach(app.settings.web)
    with app.database.console():
        listening = _listen(app.settings.web, _WAIT_SECONDS)
        log.info("console_served", host=app.settings.web.host, port=listening.getsockname()[1])
        _server(app).run(sockets=[listening])


@contextmanager
def serving_console(app: App, *, banner: str = "") -> Iterator[int]:
    """Within, the console is served from a thread. → its port."""
    with app.database.console():
        listening = _listen(app.settings.web, 0)
        server = _server(app, banner=banner)
        thread = threading.Thread(target=server.run, args=([listening],), name="console", daemon=True)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def check_reach(web: WebTable) -> None:
    """Passwords go over the wire: in the clear on this machine alone. Raises SettingsError."""
    if not web.on_loopback and not web.url:
        raise SettingsError(
            [
                f"web.host: {web.host} can be reached from elsewhere, and passwords would go there in the clear; put a reverse "
                'proxy with TLS before it and set [web] url = "https://…", or keep host = "127.0.0.1"'
            ]
        )


def _server(app: App, *, banner: str = "") -> uvicorn.Server:
    """Whose address it is that a proxy names is believed of the proxies alone, and of nobody where there is none."""
    web = app.settings.web
    return uvicorn.Server(
        uvicorn.Config(
            make_console(app, banner=banner),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(web.url),
            forwarded_allow_ips=web.proxies,
            limit_concurrency=_AT_ONCE,
            timeout_graceful_shutdown=5,
        )
    )


def _listen(web: WebTable, wait: float) -> socket.socket:
    """The listening socket; tried for so many seconds, as the worker may still serve its pages there."""
    until = time.monotonic() + wait
    while True:
        try:
            return socket.create_server(
                (web.host, web.port), family=socket.AF_INET6 if ":" in web.host else socket.AF_INET
            )
        except OSError as error:
            if time.monotonic() >= until:
                why = error.strerror or type(error).__name__
                raise SettingsError([f"web.port: {web.host}:{web.port} cannot be had: {why}"]) from error
            time.sleep(0.2)
