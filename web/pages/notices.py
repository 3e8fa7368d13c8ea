"""Notices: how each stands, its rules in plain words, and its blank forms to hand out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import HTTPException, Request, Response

from domain.notice import Notice
from domain.rounds import of_series
from domain.rules_in_words import columns, rules
from domain.standings import STANDINGS_NAMED
from ingest import access, blank_forms, export
from storage import returns
from storage.errors import Unusable
from storage.notices import Edition, editions
from web.case_wording import who
from web.downloads import named
from web.figures import NoticeFigures, of_notice
from web.guard import Pages, visitor_of
from web.render import page
from web.roles import DECIDERS, EVERYBODY, VIEWERS
from web.state import Console, console_of
from web.wording import STATES, time_left

pages = Pages()
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/notices", may=EVERYBODY)
def list_(request: Request) -> Response:
    console = console_of(request)
    app, shown = console.app, console.app.current_notices
    with app.database.read() as tx:
        counted = {notice.id: returns.counts(tx, notice.id) for notice in shown}
    return page(
        request,
        "notices.html",
        visitor=visitor_of(request),
        notices=shown,
        others=_others(app.notices, shown, console.now()),
        counted=counted,
        state_names=STATES,
        left={notice.id: time_left(notice.deadline, console.now()) for notice in shown},
        closed=tuple(notice for notice in app.notices if notice.closed),
        drafts=visitor_of(request).role in DECIDERS,
    )


@pages.get("/notices/{notice_id}", may=EVERYBODY)
def show(request: Request, notice_id: str) -> Response:
    console, visitor = console_of(request), visitor_of(request)
    notice = _notice(console, notice_id)
    one = _standings(console, notice, visitor.who) if notice.round else None
    return page(
        request,
        "notice.html",
        visitor=visitor,
        notice=notice,
        one=one,
        rounds=tuple(reversed(of_series(console.app.notices, notice.series))) if notice.round else (),
        standing_names=STANDINGS_NAMED,
        standing_hints={},
        case_pages="/cases/{receipt}" in console.pages,
        left=time_left(notice.deadline, console.now()),
        columns=columns(notice),
        rules=rules(notice, console.app.settings.retention.years),
        forms=blank_forms.offered(notice),
        versions=_versions(console, notice),
        drafts=visitor.role in DECIDERS,
        who=who,
        staff_zone=console.app.settings.staff.zone,
    )


def _versions(console: Console, notice: Notice) -> tuple[Edition, ...]:
    """Those that were published in the console; none of a notice that a file has."""
    if notice.series not in {each.series for each in console.app.published.notices}:
        return ()
    with console.app.database.read() as tx:
        return editions(tx, notice.series)


@pages.get("/notices/{notice_id}/forms/{code}", may=EVERYBODY)
def form(request: Request, notice_id: str, code: str) -> Response:
    """The blank form as a file."""
    notice = _notice(console_of(request), notice_id)
    try:
        content = blank_forms.of_code(notice, code)
    except KeyError as error:
        raise HTTPException(404) from error
    name = blank_forms.file_name(code, blank_forms.offered(notice)[code])
    return Response(content, media_type=_XLSX, headers=named(name, plain="form.xlsx"))


@pages.get("/notices/{notice_id}/merged", may=EVERYBODY)
def merged(request: Request, notice_id: str) -> Response:
    """All rows that are accepted now, for who asks: what is noted in the ledger is the file that was handed out."""
    console, visitor = console_of(request), visitor_of(request)
    notice = _notice(console, notice_id)
    try:
        made = export.export(console.app, notice, VIEWERS[visitor.role], most=console.most_rows)
    except Unusable:
        told = {"title": "汇总表太大", "words": "行数很多，不能在页面上下载。请联系运维人员导出。"}
        return page(request, "refused.html", visitor=visitor, status=413, **told)
    with console.app.database.begin() as tx:
        export.enter(console.app, tx, made, by=visitor.who)
    of = notice.round.name if notice.round else ""
    name = f"{notice.number}{of}汇总表{console.now().astimezone(notice.zone):%m%d-%H%M}.xlsx"
    return Response(made.data, media_type=_XLSX, headers=named(name, plain="table.xlsx"))


@dataclass(frozen=True, kw_only=True)
class _Others:
    """Rounds of a series that are not going on: those that are over, newest first, and how many are still to come."""

    past: tuple[Notice, ...]
    coming: int


def _others(notices: Sequence[Notice], shown: Sequence[Notice], now: datetime) -> dict[str, _Others]:
    """By the id of the newest round that is shown."""
    found: dict[str, _Others] = {}
    for last in {notice.series: notice for notice in shown if notice.round}.values():
        left = [each for each in of_series(notices, last.series) if each not in shown]
        past = tuple(each for each in reversed(left) if each.opens <= now)
        found[last.id] = _Others(past=past, coming=len(left) - len(past))
    return found


def _standings(console: Console, notice: Notice, who: str) -> NoticeFigures:
    """How a round stands, which is looked at as the overview is."""
    with console.app.database.begin() as tx:
        access.note(tx, "overview", f"notice:{notice.id}", who, at=console.now())
        return of_notice(tx, notice, console.now())


def _notice(console: Console, wanted: str) -> Notice:
    found = next((notice for notice in console.app.notices if notice.id == wanted), None)
    if found is None:
        raise HTTPException(404)
    return found
