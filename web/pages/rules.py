"""All rules on one page, so that the browser's own search finds them; each has an anchor, `/rules#row.phone_invalid`."""

from __future__ import annotations

from fastapi import Request, Response

from web.guard import Pages, visitor_of
from web.render import page
from web.roles import EVERYBODY
from web.rule_words import general, own
from web.state import console_of

pages = Pages()


@pages.get("/rules", may=EVERYBODY)
def show(request: Request) -> Response:
    notices = console_of(request).app.notices
    return page(
        request,
        "rules.html",
        visitor=visitor_of(request),
        groups=general(),
        notices=[(notice, own(notice)) for notice in notices],
    )
