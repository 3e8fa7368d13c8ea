"""Logging in by OpenID Connect, where a provider is configured: there, and back with a session."""

from __future__ import annotations

from datetime import timedelta

import structlog
from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from ingest.users import enter_by_subject
from web.guard import Pages
from web.openid import OpenIdRefused, Provider, journey_to, unpacked
from web.pages.login import let_in
from web.render import page
from web.security import own_path
from web.state import console_of

log = structlog.get_logger(__name__)
pages = Pages()
_JOURNEY = "openid"
_LASTS = timedelta(minutes=10)


@pages.get("/login/openid", may=None)
def leave(request: Request, next: str = "/") -> Response:
    """To the provider."""
    journey = journey_to(own_path(next))
    try:
        response = RedirectResponse(_provider(request).way_there(journey), 303)
    except OpenIdRefused as error:
        return _refused(request, error)
    console_of(request).cookies.put(response, _JOURNEY, journey.packed(), lasts=_LASTS)
    return response


@pages.get("/login/openid/back", may=None)
def come_back(request: Request, state: str = "", code: str = "") -> Response:
    """From the provider, with a code for who it is."""
    console, provider = console_of(request), _provider(request)
    try:
        journey = unpacked(console.cookies.get(request, _JOURNEY))
        subject = provider.subject(journey, state=state, code=code, now=console.now())
    except OpenIdRefused as error:
        return _refused(request, error)
    opened = enter_by_subject(console.app, subject, console.life)
    if opened is None:
        return _told(request, "没有开通账号", "登录已经核实，但这里没有您的账号。请联系管理员开通。")
    response = let_in(request, opened, own_path(journey.path))
    console.cookies.drop(response, _JOURNEY)
    return response


def _provider(request: Request) -> Provider:
    provider = console_of(request).openid
    if provider is None:
        raise HTTPException(404)
    return provider


def _refused(request: Request, error: OpenIdRefused) -> Response:
    log.warning("openid_refused", why=str(error))
    return _told(request, "登录没有成功", "没有核实您的身份，请返回重新登录。如果一直不成功，请联系管理员。")


def _told(request: Request, title: str, words: str) -> Response:
    return page(request, "refused.html", status=403, title=title, words=words)
