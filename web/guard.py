"""Who is there, and may they? Every route of the console is made here, and names the roles it is for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, cast

from fastapi import Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect

from domain.accounts import Account, Role
from ingest.published import refresh
from storage import accounts, sessions
from web.roles import Roles
from web.security import form_token, is_forged
from web.state import Console, console_of

SESSION, FORM, BROWSER = "session", "form", "browser"
"""Cookies: of who is logged in, of a log-in form, of a browser somebody logged in with before."""
_TOUCH_EVERY = timedelta(minutes=1)
"""A write for every request would be most of what is written."""
_FIELDS, _FIELD_BYTES = 8, 16 * 1024
"""Of a form that sends a file."""


class NotLoggedIn(Exception):
    """Nobody is there, or time has ended their session."""


class NotAllowed(Exception):
    """The role may not."""


class Forged(Exception):
    """No page of ours made this request, or one that is too old."""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who is logged in. `token` is that of the session."""

    account: Account
    token: str

    @property
    def who(self) -> str:
        return self.account.who

    @property
    def role(self) -> Role:
        return self.account.role

    @property
    def form_token(self) -> str:
        return form_token(self.token)


def visitor_of(request: Request) -> Visitor:
    """Who makes the request; for routes that `Pages` made with `may`."""
    return cast(Visitor, request.state.visitor)


Endpoint = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A route and who may: None for whoever comes. `live`: a page refreshes itself by it, so that it keeps no session awake.
    `upload`: a file may be sent to it, which is read only when its sender has been let in."""

    method: str
    path: str
    may: Roles | None
    endpoint: Endpoint
    live: bool = False
    upload: bool = False
    fields: int = _FIELDS
    field_bytes: int = _FIELD_BYTES
    """Most fields beside the file, and bytes of one."""


class Pages:
    """The routes of a module. Each says who may; no route of the console is made otherwise."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def get(self, path: str, *, may: Roles | None, live: bool = False) -> Callable[[Endpoint], Endpoint]:
        return self._add("GET", path, may, live=live)

    def post(self, path: str, *, may: Roles | None) -> Callable[[Endpoint], Endpoint]:
        return self._add("POST", path, may)

    def upload(
        self, path: str, *, may: Roles, fields: int = _FIELDS, field_bytes: int = _FIELD_BYTES
    ) -> Callable[[Endpoint], Endpoint]:
        """A form with a file; the route asks for it by `sent_file`, and takes no `Form` or `File`, which would be read before
        anybody is asked who they are. `fields`: so many at most beside it, of `field_bytes`."""
        return self._add("POST", path, may, upload=True, fields=fields, field_bytes=field_bytes)

    def _add(self, method: str, path: str, may: Roles | None, **more: Any) -> Callable[[Endpoint], Endpoint]:
        def add(endpoint: Endpoint) -> Endpoint:
            self._rules.append(Rule(method=method, path=path, may=may, endpoint=endpoint, **more))
            return endpoint

        return add


def route(rule: Rule) -> APIRoute:
    """What serves a rule, and guards it."""
    guards = [_reading(rule)] if rule.method == "GET" else [_writing(rule)]
    if rule.upload:
        guards = [_reading(rule), _sending(rule)]
    return APIRoute(
        rule.path,
        rule.endpoint,
        methods=[rule.method],
        dependencies=[Depends(guard) for guard in guards],
        response_model=None,
        response_class=HTMLResponse,
    )


def _reading(rule: Rule) -> Callable[..., Any]:
    def guard(request: Request) -> None:
        if rule.may is not None:
            _admit(request, rule.may, touch=not rule.live)

    return guard


def _writing(rule: Rule) -> Callable[..., Any]:
    def guard(request: Request, csrf: Annotated[str, Form()] = "") -> None:
        cookies = console_of(request).cookies
        if rule.may is not None:
            _admit(request, rule.may, touch=True)
        secret = cookies.get(request, FORM) if rule.may is None else visitor_of(request).token
        if is_forged(request, secret, csrf):
            raise Forged

    return guard


def _sending(rule: Rule) -> Callable[..., Any]:
    async def guard(request: Request) -> AsyncIterator[None]:
        """Reads a form with a file of who was let in, and closes it when they have their answer."""
        try:
            form = await request.form(max_files=1, max_fields=rule.fields, max_part_size=rule.field_bytes)
        except ClientDisconnect as error:
            raise HTTPException(400) from error
        try:
            if is_forged(request, visitor_of(request).token, _text(form, "csrf")):
                raise Forged
            request.state.form = form
            yield
        finally:
            await form.close()

    return guard


def sent_file(request: Request, name: str) -> tuple[str, bytes]:
    """Of a route made by `Pages.upload`: the file's name as its sender has it, and its bytes; ("", b"") where none was chosen."""
    file = request.state.form.get(name)
    return (file.filename or "", file.file.read()) if isinstance(file, UploadFile) else ("", b"")


def sent_text(request: Request, name: str) -> str:
    """Of a route made by `Pages.upload`: a field."""
    return _text(request.state.form, name)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _admit(request: Request, may: Roles, *, touch: bool) -> None:
    """Raises NotLoggedIn or NotAllowed."""
    console = console_of(request)
    refresh(console.app)
    visitor = logged_in(request, console, touch=touch)
    if visitor is None:
        raise NotLoggedIn
    request.state.visitor = visitor
    if visitor.role not in may:
        raise NotAllowed


def logged_in(request: Request, console: Console, *, touch: bool = False) -> Visitor | None:
    """Who is there by the session's cookie."""
    token = console.cookies.get(request, SESSION)
    if not token:
        return None
    now = console.now()
    with console.app.database.read() as tx:
        session = sessions.find(tx, token, console.life, now)
        account = accounts.find(tx, session.user) if session else None
    if session is None or account is None:
        return None
    if touch and now - session.seen_at >= _TOUCH_EVERY:
        with console.app.database.begin() as tx:
            sessions.touch(tx, token, now)
    return Visitor(account=account, token=token)
