"""The overview: who has reported, by when, and what a person has to do. It refreshes itself."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from domain.standings import STANDINGS_NAMED, Standing
from ingest import access
from web.figures import overview
from web.guard import Pages, visitor_of
from web.render import html, live, page
from web.roles import DECIDERS, EVERYBODY
from web.state import console_of
from web.wording import task_link

pages = Pages()
_HINTS = {
    Standing.REVIEW: "请人工核对",
    Standing.INCOMPLETE: "等对方补齐",
    Standing.REJECTED: "等对方改好重报",
    Standing.MISSING: "还没有来信",
}


@pages.get("/", may=EVERYBODY)
def show(request: Request) -> Response:
    visitor = visitor_of(request)
    values = _values(request)
    console = console_of(request)
    with console.app.database.begin() as tx:
        access.note(tx, "overview", "page:overview", visitor.who, at=console.now())
    return page(request, "overview.html", visitor=visitor, **values)


@pages.get("/live/overview", may=EVERYBODY, live=True)
def refresh(request: Request) -> Response:
    return live(request, html(request, "overview_live.html", visitor=visitor_of(request), **_values(request)))


def _values(request: Request) -> dict[str, Any]:
    console = console_of(request)
    return {
        "figures": overview(console.app, visitor_of(request).role),
        "standing_names": STANDINGS_NAMED,
        "standing_hints": _HINTS,
        "zone": console.app.settings.staff.zone,
        "task_link": task_link,
        "case_pages": "/cases/{receipt}" in console.pages,
        "begun": bool(console.app.notices),
        "may_draft": visitor_of(request).role in DECIDERS,
    }
