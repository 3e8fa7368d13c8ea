"""`/healthz` and `/metrics`, for monitoring systems: as a WSGI application beside the worker, and for the console."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from traceback import format_tb
from typing import Any

import structlog

from ingest.app import App
from ingest.health import Health, Reason, look
from storage.errors import StorageError
from web.metrics import Page, metrics_page

log = structlog.get_logger(__name__)

_TEXT = "text/plain; charset=utf-8"
_HEADERS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Server", "baosong"))
"""`Server` in place of the library's own, which tells whoever looks for a known hole the version of Python."""


def health_application(app: App) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """GET and HEAD alone; nothing is read of a request but its method, path and Accept."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            status, page = _answer(app, environ)
        except Exception as error:  # noqa: BLE001 who asks must hear that it is not well, whatever the fault
            log.error("health_page_failed", error=type(error).__name__, trace="".join(format_tb(error.__traceback__)))
            status, page = "500 Internal Server Error", _text("the page could not be made; see the log")
        headers = [("Content-Type", page.media), ("Content-Length", str(len(page.body))), *_HEADERS]
        start_response(status, headers + ([("Allow", "GET, HEAD")] if status.startswith("405") else []))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [page.body]

    return serve


def _answer(app: App, environ: dict[str, Any]) -> tuple[str, Page]:
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return "405 Method Not Allowed", _text("GET or HEAD only")
    if environ.get("PATH_INFO") == "/healthz":
        return healthz(app)
    if environ.get("PATH_INFO") == "/metrics":
        return metrics(app, environ.get("HTTP_ACCEPT", ""))
    return "404 Not Found", _text("there are /healthz and /metrics; `baosong web` serves the console here")


def healthz(app: App) -> tuple[str, Page]:
    """Status line and page: 503 in an outage."""
    health = look(app)
    return "200 OK" if health.ok else "503 Service Unavailable", _healthz(health)


def metrics(app: App, accept: str) -> tuple[str, Page]:
    """Status line and page, in the format that is accepted."""
    try:
        return "200 OK", metrics_page(app, accept)
    except (StorageError, OSError) as error:
        return "503 Service Unavailable", _text(f"the database cannot be read: {type(error).__name__}")


def _healthz(health: Health) -> Page:
    document = {
        "status": "ok" if health.ok else "outage",
        "at": health.at.isoformat(timespec="seconds"),
        "outages": [_reason(one) for one in health.outages],
        "attention": [_reason(one) for one in health.attention],
    }
    return Page(media="application/json", body=json.dumps(document, indent=2).encode() + b"\n")


def _reason(reason: Reason) -> dict[str, str]:
    return {"code": reason.code, "text": reason.text}


def _text(words: str) -> Page:
    return Page(media=_TEXT, body=f"{words}\n".encode())
