"""Looking for anything that was received: one box, filters, a link that can be kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi import Query as Asked

from domain.masking import words_for
from domain.submission import State
from ingest import access
from ingest.app import App
from ingest.hits_table import MOST, reporter_name, where, whole_table
from storage import search
from storage.search import Found, Hit, Place, Query
from web.days import DAY_WRONG, between
from web.downloads import saved
from web.guard import Pages, Visitor, visitor_of
from web.render import page
from web.roles import EVERYBODY, VIEWERS
from web.state import console_of
from web.wording import STATES

pages = Pages()
_LIMIT = 20
_LONGEST = 200
_SIGNS = "请输入要找的字词或号码。只有标点时无法查找。"
_FLAGS = {"late": "迟报", "breach": "有违规", "reviewed": "转过人工"}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A hit as the page shows it. `pieces`: the snippet, cut where its words begin and end; every second one is a word."""

    link: str
    receipt: str
    who: str
    state: str
    at: datetime
    where: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Form:
    """What was asked, as the address has it: an address is a search that can be kept."""

    q: str = ""
    notice: str = ""
    reporter: str = ""
    state: str = ""
    since: str = ""
    until: str = ""
    flags: tuple[str, ...] = ()

    def address(self, path: str = "/search", **more: object) -> str:
        said = {name: getattr(self, name) for name in ("q", "notice", "reporter", "state", "since", "until")}
        pairs = [(name, value) for name, value in said.items() if value] + [("flag", flag) for flag in self.flags]
        return f"{path}?" + urlencode([*pairs, *((name, str(value)) for name, value in more.items())])


def _asked(
    q: Annotated[str, Asked(max_length=_LONGEST)] = "",
    notice: str = "",
    reporter: str = "",
    state: str = "",
    since: str = "",
    until: str = "",
    flag: Annotated[list[str] | None, Asked()] = None,
) -> _Form:
    return _Form(
        q=q.strip(), notice=notice, reporter=reporter, state=state if state in set(State) else "",
        since=since, until=until, flags=tuple(name for name in _FLAGS if name in (flag or ())),
    )  # fmt: skip


@pages.get("/search", may=EVERYBODY)
def show(request: Request, form: Annotated[_Form, Depends(_asked)], after: str = "") -> Response:
    """The page of a search; each search is entered in the ledger, without its words."""
    app, visitor = console_of(request).app, visitor_of(request)
    query, fault = _query(app, form)
    found, due = None, False
    if query is not None:
        found, due, fault = _found(app, query, visitor, after)
    return _page(request, form, found=found, fault=fault, due=due)


@pages.get("/search/table", may=EVERYBODY)
def table(request: Request, form: Annotated[_Form, Depends(_asked)]) -> Response:
    """All that the search finds, as a workbook, masked as the page is and entered like it; the page where nothing was asked."""
    console, visitor = console_of(request), visitor_of(request)
    query, fault = _query(console.app, form)
    if query is None:
        return _page(request, form, fault=fault)
    try:
        count, content = whole_table(console.app, query, VIEWERS[visitor.role])
    except ValueError:
        return _page(request, form, fault=_SIGNS)
    access.searched(console.app, query, by=visitor.who, total=count, exported=True)
    return saved(content, f"检索结果-{console.now().astimezone(console.app.settings.staff.zone):%Y%m%d-%H%M}.xlsx")


def _page(request: Request, form: _Form, *, found: Found | None = None, fault: str = "", due: bool = False) -> Response:
    app, visitor = console_of(request).app, visitor_of(request)
    return page(
        request,
        "search.html",
        visitor=visitor,
        form=form,
        hits=tuple(_shown(app, hit, visitor) for hit in found.hits) if found else (),
        found=found,
        fault=fault,
        due=due,
        more=_further(form, found),
        table=form.address("/search/table"),
        most=MOST,
        notices=_notices(app, form.notice),
        reporters={one.code: one.name for each in app.notices for one in each.reporters},
        states={str(one): STATES[one] for one in State},
        flags=_FLAGS,
        zone=app.settings.staff.zone,
    )


def _notices(app: App, chosen: str) -> dict[str, str]:
    """What may be chosen, by id: notices, series, and of a series the rounds that are going on and the one that is chosen."""
    shown = {each.id for each in app.current_notices} | {chosen}
    found: dict[str, str] = {}
    for notice in app.notices:
        if notice.round:
            found.setdefault(notice.series, f"{notice.number}（各期）")
        if notice.id in shown:
            found[notice.id] = f"{notice.number}（{notice.round.name}）" if notice.round else notice.number
    return found


def _query(app: App, form: _Form) -> tuple[Query | None, str]:
    """→ None where nothing was asked, or not so that it could be; what is wrong with the question."""
    if not form.q:
        return None, ""
    span = between(form.since, form.until, app.settings.staff.zone)
    if span is None:
        return None, DAY_WRONG
    since, after = span
    query = Query(
        text=form.q,
        notice=_chosen(app, form.notice),
        reporter=form.reporter or None,
        state=form.state or None,
        since=since,
        until=after - timedelta(seconds=1) if after else None,
        **dict.fromkeys(form.flags, True),
    )
    return query, ""


def _chosen(app: App, notice: str) -> str | tuple[str, ...] | None:
    """Of a series all its rounds."""
    rounds = tuple(each.id for each in app.notices if each.round and each.series == notice)
    return rounds or notice or None


def _found(app: App, query: Query, visitor: Visitor, after: str) -> tuple[Found | None, bool, str]:
    """→ what was found; whether the index lacks records; what is wrong with the question."""
    try:
        with app.database.read() as tx:
            found = search.find(tx, query, limit=_LIMIT, after=_place(after))
            due = search.is_due(tx)
    except ValueError:
        return None, False, _SIGNS
    access.searched(app, query, by=visitor.who, total=found.total, exported=False)
    return found, due, ""


def _place(after: str) -> Place | None:
    """`x17` after an exact hit, `n17` after another; anything else is the first page."""
    kind, number = after[:1], after[1:]
    return (
        Place(exact=kind == "x", number=int(number))
        if kind in ("x", "n") and number.isdecimal() and len(number) < 30
        else None
    )


def _further(form: _Form, found: Found | None) -> str:
    """The address of the next page, "" where there is none."""
    if found is None or len(found.hits) < _LIMIT:
        return ""
    last = found.hits[-1].place
    return form.address(after=f"{'x' if last.exact else 'n'}{last.number}")


def _shown(app: App, hit: Hit, visitor: Visitor) -> Shown:
    mail = hit.receipt.removeprefix("mail:") if hit.receipt.startswith("mail:") else ""
    return Shown(
        link=f"/mails/{mail}" if mail else f"/cases/{hit.receipt}",
        receipt=f"来信第{mail}号" if mail else hit.receipt,
        who=reporter_name(app, hit),
        state=STATES[State(hit.state)] if hit.state in set(State) else "",
        at=hit.received_at,
        where=where(hit),
        pieces=tuple(_pieces(hit, visitor)),
    )


def _pieces(hit: Hit, visitor: Visitor) -> Iterator[str]:
    """The snippet by its marks. Masking keeps every sign's place, so the marks stay right."""
    text = hit.snippet.masked(words_for(VIEWERS[visitor.role]))
    at = 0
    for start, end in hit.snippet.marks:
        yield text[at:start]
        yield text[start:end]
        at = end
    yield text[at:]
