"""`/healthz` and `/metrics` on the console's port: they hold no personal data, and are for whoever reaches it."""

from __future__ import annotations

from fastapi import Request, Response

from web.guard import Pages
from web.health import healthz, metrics
from web.metrics import Page
from web.state import console_of

pages = Pages()


@pages.get("/healthz", may=None)
def health(request: Request) -> Response:
    return _sent(*healthz(console_of(request).app))


@pages.get("/metrics", may=None)
def numbers(request: Request) -> Response:
    return _sent(*metrics(console_of(request).app, request.headers.get("Accept", "")))


def _sent(status: str, page: Page) -> Response:
    return Response(page.body, int(status.split()[0]), media_type=page.media)
