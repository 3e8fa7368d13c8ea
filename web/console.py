"""The console: FastAPI, pages made on the server. `make_console` is all that others need of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from traceback import format_tb

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings import SettingsError
from ingest.app import App
from ingest.auditing import Auditor
from ingest.bundling import Bundles
from storage.errors import StorageError, Unavailable, Unusable
from web.guard import Forged, NotAllowed, NotLoggedIn, Visitor, logged_in, route
from web.openid import Provider
from web.pages import (
    all_accounts,
    audit,
    audit_access,
    audit_bundles,
    audit_ledger,
    blacklist,
    cases,
    drafting,
    login,
    mails,
    monitoring,
    notices,
    openid,
    overview,
    own_account,
    queue,
    register,
    rules,
    search,
    tasks,
)
from web.render import STATIC, page, templates
from web.security import Cookies, Headers, is_too_large
from web.state import Console, console_of, lifetime

log = structlog.get_logger(__name__)

RULES = (
    *login.pages,
    *openid.pages,
    *overview.pages,
    *cases.pages,
    *queue.pages,
    *tasks.pages,
    *search.pages,
    *register.pages,
    *blacklist.pages,
    *mails.pages,
    *drafting.pages,
    *notices.pages,
    *rules.pages,
    *audit.pages,
    *audit_ledger.pages,
    *audit_access.pages,
    *audit_bundles.pages,
    *own_account.pages,
    *all_accounts.pages,
    *monitoring.pages,
)
"""Every route of the console but its static files, and who may."""
_KEPT = "public, max-age=31536000, immutable"
"""Of files whose address holds a mark of what is in them."""
_REFUSALS = {
    400: ("这个请求看不懂", "请返回上一页重试。"),
    403: ("没有权限", "您的账号不能查看这个页面。如有需要，请联系管理员。"),
    404: ("没有这个页面", "网址可能不完整，或者页面已经移走。"),
    409: ("已经有变化", "这份材料在您打开之后有了变化，您的决定没有记下。请返回，重新看过再决定。"),
    410: ("原件不在", "存档里没有这个文件，或者它已被改动。请联系管理员核对存证。"),
    405: ("没有这个页面", "网址可能不完整，或者页面已经移走。"),
    413: ("提交的内容太大", "文件不能超过10 MB。请返回上一页，换一个小些的文件。"),
    422: ("填写的内容不完整", "请返回上一页，检查后重新提交。"),
    500: ("页面打不开", "程序出了差错，已经记入日志。请稍后再试，或联系管理员。"),
    503: ("暂时打不开", "数据库正忙，请过一会儿再试。来信照常接收，不会丢失。"),
}


def make_console(app: App, *, banner: str = "") -> FastAPI:
    """The console over an App, whose database is at its present schema. `banner` stands above every page."""
    web = app.settings.web
    secure = web.url != ""
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=_while_served)
    made.state.console = Console(
        app=app,
        cookies=Cookies(secure=secure, lax=bool(app.settings.openid.issuer)),
        life=lifetime(app),
        templates=templates(),
        auditor=Auditor(app),
        bundles=Bundles(app),
        openid=_openid(app),
        pages={rule.path: rule.may for rule in RULES if rule.method == "GET" and rule.may is not None},
        banner=banner,
    )
    made.routes.extend(_routes())
    made.mount("/static", _Static(directory=STATIC))
    _refusals(made)
    made.add_middleware(_Faults)
    made.add_middleware(Headers, secure=secure, uploads=frozenset(rule.path for rule in RULES if rule.upload))
    return made


@cache
def _routes() -> tuple[APIRoute, ...]:
    """They know no App, and take a fifth of a second: whoever makes many consoles, as the tests do, makes them once."""
    return tuple(route(rule) for rule in RULES)


@asynccontextmanager
async def _while_served(made: FastAPI) -> AsyncIterator[None]:
    """What threads of the console do ends with it."""
    yield
    console: Console = made.state.console
    console.auditor.stop()
    console.bundles.close()


def _openid(app: App) -> Provider | None:
    """Raises SettingsError where the secret cannot be read."""
    table, web = app.settings.openid, app.settings.web
    if not table.issuer:
        return None
    try:
        table.secret()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"openid.password_file: {table.password_file} cannot be read"]) from error
    return Provider(table=table, back=f"{web.url.rstrip('/') or f'http://{web.host}:{web.port}'}/login/openid/back")


class _Static(StaticFiles):
    """Its files hold nothing of anybody."""

    def file_response(self, *args: object, **named: object) -> Response:
        response = super().file_response(*args, **named)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = _KEPT
        return response


def _refusals(made: FastAPI) -> None:
    """A page for everything that is not answered otherwise; none repeats what was asked."""

    def of(status: int) -> Callable[[Request, Exception], Response]:
        return lambda request, error: _refused(request, status)

    made.add_exception_handler(NotLoggedIn, _to_login)
    made.add_exception_handler(NotAllowed, of(403))
    made.add_exception_handler(Forged, _forged)
    made.add_exception_handler(Unavailable, of(503))
    made.add_exception_handler(Unusable, _altered)
    made.add_exception_handler(HTTPException, _by_status)
    made.add_exception_handler(RequestValidationError, of(422))


def _to_login(request: Request, _: Exception) -> Response:
    """A page that refreshes itself is led to the log-in as a whole."""
    if "HX-Request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    query = f"?{request.url.query}" if request.url.query else ""
    wanted = f"{request.url.path}{query}" if request.method == "GET" else "/"
    target = request.url.replace(path="/login", query="", fragment="").include_query_params(next=wanted)
    return RedirectResponse(f"{target.path}?{target.query}" if wanted != "/" else "/login", 303)


def _forged(request: Request, _: Exception) -> Response:
    log.warning("form_refused", path=_path(request))
    told = ("页面已经过期", "请返回上一页，刷新后重新提交。")
    return _told(request, _somebody(request), 403, *told)


def _altered(request: Request, error: Exception) -> Response:
    """A record that cannot be read any more, whoever altered it."""
    log.error("record_unreadable", path=_path(request))
    told = ("记录读不出来", "这份材料的记录已经损坏，或被改动过。请联系管理员核对存证。")
    return _told(request, _somebody(request), 500, *told)


def _by_status(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if is_too_large(request):
        status = 413
    return _refused(request, status if status in _REFUSALS else 400)


class _Faults:
    """ASGI middleware: a page for what nobody foresaw. The log has where it happened, not what it was about."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001  who asks must hear that it is out of order, whatever the fault
            request = Request(scope)
            trace = "".join(format_tb(error.__traceback__))
            log.error("page_failed", path=_path(request), error=type(error).__name__, trace=trace)
            if not begun:
                await _told(request, None, 500, *_REFUSALS[500])(scope, receive, send)


def _path(request: Request) -> str:
    """The path as a route has it: what stands in its place may be a name."""
    route = request.scope.get("route")
    return str(getattr(route, "path", ""))


def _refused(request: Request, status: int) -> Response:
    return _told(request, _somebody(request), status, *_REFUSALS[status])


def _somebody(request: Request) -> Visitor | None:
    """Who is logged in, for the layout; nobody where the database is what is out of order."""
    try:
        return logged_in(request, console_of(request))
    except StorageError:
        return None


def _told(request: Request, visitor: Visitor | None, status: int, title: str, words: str) -> Response:
    return page(request, "refused.html", visitor=visitor, status=status, title=title, words=words)
