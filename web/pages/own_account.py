"""One's own account: another password, and where one is logged in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from ingest import users
from ingest.users import Attempt, Denied, WeakPassword
from storage import sessions
from web.guard import BROWSER, Pages, visitor_of
from web.pages.login import let_in
from web.render import page
from web.roles import EVERYBODY
from web.state import console_of
from web.wording import PASSWORDS

pages = Pages()


@pages.get("/account", may=EVERYBODY)
def show(request: Request, done: str = "") -> Response:
    return _page(request, said="密码已经更换，其他地方的登录都已退出。" if done == "password" else "")


@pages.post("/account/password", may=EVERYBODY)
def change(
    request: Request,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Asks for the old one: an open session alone is not enough to take an account over."""
    console, visitor = console_of(request), visitor_of(request)
    if new != again:
        return _page(request, wrong="两次输入的新密码不一样。")
    address = request.client.host if request.client else ""
    attempt = Attempt(
        name=visitor.account.name, password=old, address=address, browser=console.cookies.get(request, BROWSER)
    )
    answer = users.change_password(console.app, attempt, new, console.life)
    if isinstance(answer, Denied):
        return _page(request, wrong=f"请过{answer.seconds}秒再试。" if answer.wait else "现在的密码不对。")
    if isinstance(answer, WeakPassword):
        return _page(request, wrong=PASSWORDS[answer.fault])
    return let_in(request, answer, "/account?done=password")


@pages.post("/account/elsewhere", may=EVERYBODY)
def leave_elsewhere(request: Request) -> Response:
    """Ends all sessions but this one."""
    console, visitor = console_of(request), visitor_of(request)
    with console.app.database.begin() as tx:
        sessions.close_all(tx, visitor.account.name, at=console.now(), but=visitor.token)
    return RedirectResponse("/account", 303)


def _page(request: Request, *, said: str = "", wrong: str = "") -> Response:
    console, visitor = console_of(request), visitor_of(request)
    with console.app.database.read() as tx:
        opened = sessions.of_user(tx, visitor.account.name)
    return page(
        request,
        "account.html",
        visitor=visitor,
        status=400 if wrong else 200,
        said=said,
        wrong=wrong,
        opened=[each for each in opened if each.seen_at > console.now() - console.life.idle],
        zone=console.app.settings.staff.zone,
    )
