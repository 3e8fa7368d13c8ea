"""Logging in by name and password, and leaving."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from ingest.users import Attempt, Denied, Opened, log_in
from storage import sessions
from web.guard import BROWSER, FORM, SESSION, Pages, logged_in, visitor_of
from web.render import page
from web.roles import EVERYBODY
from web.security import form_token, own_path
from web.state import console_of

pages = Pages()


@pages.get("/login", may=None)
def show(request: Request, next: str = "/") -> Response:
    """The form; who is logged in goes on."""
    if logged_in(request, console_of(request)):
        return RedirectResponse(own_path(next), 303)
    return _form(request, next=next)


@pages.post("/login", may=None)
def enter(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    console = console_of(request)
    attempt = Attempt(
        name=name,
        password=password,
        address=request.client.host if request.client else "",
        browser=console.cookies.get(request, BROWSER),
    )
    answer = log_in(console.app, attempt, console.life)
    if isinstance(answer, Denied):
        return _form(request, next=next, denied=answer)
    return let_in(request, answer, own_path(next))


@pages.post("/logout", may=EVERYBODY)
def leave(request: Request) -> Response:
    console = console_of(request)
    with console.app.database.begin() as tx:
        sessions.close(tx, visitor_of(request).token, at=console.now())
    response = RedirectResponse("/login", 303)
    console.cookies.drop(response, SESSION)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def let_in(request: Request, opened: Opened, path: str) -> Response:
    """With the cookies of a new session; an older one of this browser is over."""
    console = console_of(request)
    if before := console.cookies.get(request, SESSION):
        with console.app.database.begin() as tx:
            sessions.close(tx, before, at=console.now())
    response = RedirectResponse(path, 303)
    console.cookies.put(response, SESSION, opened.session)
    console.cookies.put(response, BROWSER, opened.browser, lasts=sessions.BROWSER_DAYS)
    console.cookies.drop(response, FORM)
    return response


def _form(request: Request, *, next: str, denied: Denied | None = None) -> Response:
    console = console_of(request)
    secret = console.cookies.get(request, FORM) or sessions.new_token()
    seconds = denied.seconds if denied else 0
    response = page(
        request,
        "login.html",
        status=429 if seconds else 401 if denied else 200,
        form_token=form_token(secret),
        next=own_path(next),
        denied=denied is not None,
        seconds=seconds,
        openid=console.openid.label if console.openid else "",
    )
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    console.cookies.put(response, FORM, secret)
    return response
