"""Looking for anything that was received: one box, filters, a link that can be kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Query as Asked
from fastapi import Request, Response

from domain.masking import mask_phones, sees_all
from domain.submission import State
from ingest import access
from ingest.app import App
from storage import search
from storage.search import Found, Hit, Place, Query
from web.guard import Pages, Visitor, visitor_of
from web.render import page
from web.roles import EVERYBODY, VIEWERS
from web.state import console_of
from web.wording import STATES

pages = Pages()
_LIMIT = 20
_LONGEST = 200
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

    def address(self, **more: object) -> str:
        said = {name: getattr(self, name) for name in ("q", "notice", "reporter", "state", "since", "until")}
        pairs = [(name, value) for name, value in said.items() if value] + [("flag", flag) for flag in self.flags]
        return "/search?" + urlencode([*pairs, *((name, str(value)) for name, value in more.items())])


@pages.get("/search", may=EVERYBODY)
def show(
    request: Request,
    q: Annotated[str, Asked(max_length=_LONGEST)] = "",
    notice: str = "",
    reporter: str = "",
    state: str = "",
    since: str = "",
    until: str = "",
    flag: Annotated[list[str] | None, Asked()] = None,
    after: str = "",
) -> Response:
    """The page of a search; each search is entered in the ledger, without its words."""
    console, visitor = console_of(request), visitor_of(request)
    app = console.app
    form = _Form(
        q=q.strip(), notice=notice, reporter=reporter, state=state if state in set(State) else "",
        since=since, until=until, flags=tuple(name for name in _FLAGS if name in (flag or ())),
    )  # fmt: skip
    zone = ZoneInfo(app.settings.staff.timezone)
    found, fault, due = _found(app, form, zone, visitor, after)
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
        notices=app.notices,
        reporters={one.code: one.name for each in app.notices for one in each.reporters},
        states={str(one): STATES[one] for one in State},
        flags=_FLAGS,
        zone=zone,
    )


def _found(app: App, form: _Form, zone: ZoneInfo, visitor: Visitor, after: str) -> tuple[Found | None, str, bool]:
    """→ what was found, None where nothing was asked; what is wrong with the question; whether the index lacks records."""
    if not form.q:
        return None, "", False
    since, until = _day(form.since), _day(form.until)
    if (form.since and since is None) or (form.until and until is None):
        return None, "日期请写成2020-02-28这样。", False
    query = Query(
        text=form.q,
        notice=form.notice or None,
        reporter=form.reporter or None,
        state=form.state or None,
        since=datetime.combine(since, time.min, zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time.min, zone) - timedelta(seconds=1) if until else None,
        **dict.fromkeys(form.flags, True),
    )
    try:
        with app.database.read() as tx:
            found = search.find(tx, query, limit=_LIMIT, after=_place(after))
            due = search.is_due(tx)
    except ValueError:
        return None, "请输入要找的字词或号码。只有标点时无法查找。", False
    access.searched(app, query, by=visitor.who, total=found.total, exported=False)
    return found, "", due


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


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
    notice = next((one for one in app.notices if one.id == hit.notice), None)
    reporter = notice.reporter(hit.reporter) if notice else None
    mail = hit.receipt.removeprefix("mail:") if hit.receipt.startswith("mail:") else ""
    return Shown(
        link=f"/mails/{mail}" if mail else f"/cases/{hit.receipt}",
        receipt=f"来信第{mail}号" if mail else hit.receipt,
        who=reporter.name if reporter else "",
        state=STATES[State(hit.state)] if hit.state in set(State) else "",
        at=hit.received_at,
        where=hit.where + ("（先前）" if hit.earlier else ""),
        pieces=tuple(_pieces(hit, visitor)),
    )


def _pieces(hit: Hit, visitor: Visitor) -> Iterator[str]:
    """The snippet by its marks. Masking keeps every sign's place, so the marks stay right."""
    viewer = VIEWERS[visitor.role]
    text = hit.snippet.text if sees_all(viewer) else mask_phones(hit.snippet.text)
    at = 0
    for start, end in hit.snippet.marks:
        yield text[at:start]
        yield text[start:end]
        at = end
    yield text[at:]
