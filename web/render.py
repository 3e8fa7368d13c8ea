"""Pages out of templates: values are escaped, times are those of a notice's zone, and nothing is there that a template misspells."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from web import navigation, roles
from web.guard import Visitor
from web.state import Console, console_of
from web.wording import about

STATIC = Path(__file__).parent / "static"


@cache
def templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"moment": moment, "day": day, "clock": clock, "second": second, "about": about}
    environment.globals |= {"static": static, "role_names": roles.NAMES}
    return environment


def page(
    request: Request, template: str, *, visitor: Visitor | None = None, status: int = 200, **values: Any
) -> HTMLResponse:
    """A whole page; `visitor` None: nobody is logged in."""
    return HTMLResponse(html(request, template, visitor=visitor, **values), status)


def html(request: Request, template: str, *, visitor: Visitor | None = None, **values: Any) -> str:
    console = console_of(request)
    common = {
        "visitor": visitor,
        "banner": console.banner,
        "bureau": bureau(console),
        "links": navigation.links(console.pages, visitor.role, filings=_asks_for_filings(console)) if visitor else (),
        "path": request.url.path,
    }
    return console.templates.get_template(template).render(common | values)


def live(request: Request, body: str) -> Response:
    """A part that a page refreshes: nothing but 304 while it is as the page has it. It may be kept for that by the page alone."""
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers={"ETag": tag})
    return HTMLResponse(body, headers={"ETag": tag})


def _asks_for_filings(console: Console) -> bool:
    return any(notice.filing for notice in console.app.notices)


def bureau(console: Console) -> str:
    """Whose console it is."""
    return next((notice.wording.bureau for notice in console.app.notices), "")


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`2月27日 15:40`; with the year where that is not plain from the day."""
    local = at.astimezone(zone)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def day(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.year}年{local.month}月{local.day}日"


def clock(at: datetime, zone: ZoneInfo) -> str:
    """` 18:00`; nothing at the last second of a day."""
    local = at.astimezone(zone)
    return "" if (local.hour, local.minute) == (23, 59) else f" {local:%H:%M}"


def second(at: datetime, zone: ZoneInfo) -> str:
    """`15:40:07`"""
    return f"{at.astimezone(zone):%H:%M:%S}"


@cache
def static(name: str) -> str:
    """The address of a file under `static`, with a mark of what is in it, so that browsers may keep it for ever."""
    return f"/static/{name}?{hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"
