"""Accounts, for administrators: who there is, adding one, another role, a new password, and letting nobody in any more."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from domain.accounts import Role
from ingest import users
from ingest.users import WeakPassword
from storage import accounts
from storage.errors import Conflict, NotFound
from storage.passwords import generated
from web.guard import Pages, visitor_of
from web.render import page
from web.roles import ADMINS
from web.state import console_of

pages = Pages()


@pages.get("/accounts", may=ADMINS)
def list_(request: Request) -> Response:
    return _page(request)


@pages.post("/accounts", may=ADMINS)
def add(
    request: Request, name: Annotated[str, Form()], role: Annotated[Role, Form()], shown: Annotated[str, Form()] = ""
) -> Response:
    """With a password that is shown once, to be handed over and changed."""
    password = generated()
    try:
        users.add(console_of(request).app, name, shown.strip()[:40], role, password, by=visitor_of(request).who)
    except (ValueError, WeakPassword):
        return _page(request, wrong="账号要用2到40个小写字母、数字、点、横线或下划线，以字母或数字开头。")
    except Conflict:
        return _page(request, wrong=f"已经有账号{name}。")
    return _page(request, name=name, password=password)


@pages.post("/accounts/{name}/password", may=ADMINS)
def reset(request: Request, name: str) -> Response:
    password = generated()
    with _there():
        users.set_password(console_of(request).app, name, password, by=visitor_of(request).who)
    return _page(request, name=name, password=password)


@pages.post("/accounts/{name}/role", may=ADMINS)
def set_role(request: Request, name: str, role: Annotated[Role, Form()]) -> Response:
    console = console_of(request)
    _not_oneself(request, name)
    with _there(), console.app.database.begin() as tx:
        accounts.set_role(tx, name, role, by=visitor_of(request).who, at=console.now())
    return RedirectResponse("/accounts", 303)


@pages.post("/accounts/{name}/disable", may=ADMINS)
def disable(request: Request, name: str) -> Response:
    console = console_of(request)
    _not_oneself(request, name)
    with _there(), console.app.database.begin() as tx:
        accounts.disable(tx, name, by=visitor_of(request).who, at=console.now())
    return RedirectResponse("/accounts", 303)


@pages.post("/accounts/{name}/enable", may=ADMINS)
def enable(request: Request, name: str) -> Response:
    console = console_of(request)
    with _there(), console.app.database.begin() as tx:
        accounts.enable(tx, name, by=visitor_of(request).who, at=console.now())
    return RedirectResponse("/accounts", 303)


class _there:  # noqa: N801  reads as a word: with _there()
    """404 for an account that is none."""

    def __enter__(self) -> None:
        """Nothing is to be done before."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, NotFound):
            raise HTTPException(404) from error


def _not_oneself(request: Request, name: str) -> None:
    """The last administrator must not lock out everybody."""
    if name == visitor_of(request).account.name:
        raise HTTPException(400)


def _page(request: Request, *, name: str = "", password: str = "", wrong: str = "") -> Response:
    console = console_of(request)
    with console.app.database.read() as tx:
        found = accounts.all_(tx)
    return page(
        request,
        "accounts.html",
        visitor=visitor_of(request),
        status=400 if wrong else 200,
        accounts=found,
        name=name,
        password=password,
        wrong=wrong,
        zone=console.app.settings.staff.zone,
    )
