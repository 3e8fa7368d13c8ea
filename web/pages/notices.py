"""Notices: how each stands, its rules in plain words, and its blank forms to hand out."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import HTTPException, Request, Response

from domain.notice import Notice
from ingest import blank_forms
from storage import returns
from web.guard import Pages, visitor_of
from web.render import page
from web.roles import EVERYBODY
from web.rules_in_words import columns, rules
from web.state import Console, console_of
from web.wording import STATES, time_left

pages = Pages()
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/notices", may=EVERYBODY)
def list_(request: Request) -> Response:
    console = console_of(request)
    with console.app.database.read() as tx:
        counted = {notice.id: returns.counts(tx, notice.id) for notice in console.app.notices}
    return page(
        request,
        "notices.html",
        visitor=visitor_of(request),
        notices=console.app.notices,
        counted=counted,
        state_names=STATES,
        left={notice.id: time_left(notice.deadline, console.now()) for notice in console.app.notices},
    )


@pages.get("/notices/{notice_id}", may=EVERYBODY)
def show(request: Request, notice_id: str) -> Response:
    console = console_of(request)
    notice = _notice(console, notice_id)
    return page(
        request,
        "notice.html",
        visitor=visitor_of(request),
        notice=notice,
        left=time_left(notice.deadline, console.now()),
        columns=columns(notice),
        rules=rules(notice, console.app.settings.retention.years),
        forms=blank_forms.offered(notice),
    )


@pages.get("/notices/{notice_id}/forms/{code}", may=EVERYBODY)
def form(request: Request, notice_id: str, code: str) -> Response:
    """The blank form as a file."""
    notice = _notice(console_of(request), notice_id)
    try:
        content = blank_forms.of_code(notice, code)
    except KeyError as error:
        raise HTTPException(404) from error
    name = blank_forms.file_name(code, blank_forms.offered(notice)[code])
    disposition = f"attachment; filename=\"form.xlsx\"; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=_XLSX, headers={"Content-Disposition": disposition})


def _notice(console: Console, wanted: str) -> Notice:
    found = next((notice for notice in console.app.notices if notice.id == wanted), None)
    if found is None:
        raise HTTPException(404)
    return found
