"""The bureau's blacklist of operators (measures, articles 7 and 8): who is on it, entering and lifting, what is published."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from domain.blacklist import Blacklisted, Standing
from ingest import access, blacklisting
from ingest.blacklisting import rule_of
from ingest.errors import AlreadyListed, NotListed, YearsNotOver
from storage import blacklist
from storage.canonical import Json
from web.downloads import saved
from web.guard import Pages, visitor_of
from web.render import page
from web.roles import DECIDERS, EVERYBODY
from web.security import FRAMED, FRAMING
from web.state import Console, console_of

pages = Pages()
_LONGEST_NAME, _LONGEST_REASON, _MOST_NAMES = 100, 300, 30
_APART = re.compile(r"[、，,；;\n]+")
_BADGES = {
    Standing.LISTED: "rejected", Standing.MAY_APPLY: "review", Standing.LIFTED: "accepted", Standing.REVOKED: "missing",
}  # fmt: skip
_NO_OPERATOR = f"请填写主办者的全称，最多{_LONGEST_NAME}字。"
_NO_REASON = f"请写明原因，最多{_LONGEST_REASON}字。"
_NO_DAY = "列入日期请写成2020-03-01这样，不能晚于今天。"
_MANY = f"其他名称、APP最多各{_MOST_NAMES}个，每个最多{_LONGEST_NAME}字。"
_LISTED = "没有记下：这个主办者已经在黑名单里。"
_NOT_LISTED = "没有记下：这一条已经解除，或由别人撤销。"
_EARLY = "没有记下：列入未满期限，不能解除。如果是列入有误，请选“列入有误，撤销”。"
_KINDS = ("html", "xlsx")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An entry as it stands today. `due`: the first day on which its operator may ask to be taken off."""

    entry: Blacklisted
    standing: Standing
    due: date

    @property
    def badge(self) -> str:
        """The state of a submission whose colour and sign it shares."""
        return _BADGES[self.standing]


@dataclass(frozen=True, kw_only=True)
class _Form:
    """What was typed, to be shown again where it was not taken."""

    operator: str = ""
    aliases: str = ""
    apps: str = ""
    since: str = ""
    reason: str = ""


@pages.get("/blacklist", may=EVERYBODY)
def show(request: Request, done: int = 0) -> Response:
    """`done`: the entry that was made or ended just now."""
    return _page(request, done=done)


@pages.post("/blacklist", may=DECIDERS)
def add(
    request: Request,
    operator: Annotated[str, Form()] = "",
    aliases: Annotated[str, Form()] = "",
    apps: Annotated[str, Form()] = "",
    since: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Its entry in the ledger is `blacklist.added`."""
    console = console_of(request)
    form = _Form(operator=_line(operator), aliases=aliases, apps=apps, since=since, reason=_line(reason))
    entry = _entry(form, blacklisting.today(console.app))
    if isinstance(entry, str):
        return _page(request, wrong=entry, form=form, status=422)
    try:
        added, _ = blacklisting.add(console.app, entry, by=visitor_of(request).who)
    except AlreadyListed:
        return _page(request, wrong=_LISTED, form=form, status=409)
    return RedirectResponse(f"/blacklist?done={added.id}", 303)


@pages.post("/blacklist/{entry}/lift", may=DECIDERS)
def lift(
    request: Request, entry: int, reason: Annotated[str, Form()] = "", mistake: Annotated[bool, Form()] = False
) -> Response:
    """Its entry in the ledger is `blacklist.lifted`."""
    reason = _line(reason)
    if not reason or len(reason) > _LONGEST_REASON:
        return _page(request, wrong=f"没有记下。{_NO_REASON}", status=422)
    app, by = console_of(request).app, visitor_of(request).who
    try:
        blacklisting.lift(app, entry, reason=reason, by=by, mistake=mistake)
    except NotListed:
        return _page(request, wrong=_NOT_LISTED, status=409)
    except YearsNotOver:
        return _page(request, wrong=_EARLY, status=409)
    return RedirectResponse(f"/blacklist?done={entry}", 303)


@pages.get("/blacklist/published", may=EVERYBODY)
def preview(request: Request) -> Response:
    """The page as it would be published, for a frame."""
    _, content = blacklisting.published_file(console_of(request).app, "html")
    return Response(content, media_type="text/html; charset=utf-8", headers=dict(FRAMED))


@pages.get("/blacklist/published/{kind}", may=EVERYBODY)
def published(request: Request, kind: str) -> Response:
    """The same as a file, with an entry `access.published`."""
    console, visitor = console_of(request), visitor_of(request)
    if kind not in _KINDS:
        raise HTTPException(404)
    count, content = blacklisting.published_file(console.app, kind)
    told: dict[str, Json] = {"file": kind, "operators": count, "sha256": hashlib.sha256(content).hexdigest()}
    with console.app.database.begin() as tx:
        access.note(tx, "published", "page:blacklist", visitor.who, at=console.now(), **told)
    return saved(content, f"{rule_of(console.app).title}-{blacklisting.today(console.app):%Y%m%d}.{kind}")


def _line(text: str) -> str:
    return " ".join(text.split())


def _entry(form: _Form, today: date) -> Blacklisted | str:
    """What is to be entered, or what is wrong with it."""
    aliases, apps = _names(form.aliases), _names(form.apps)
    if not form.operator or len(form.operator) > _LONGEST_NAME:
        return _NO_OPERATOR
    if max(len(aliases), len(apps)) > _MOST_NAMES or max(map(len, (*aliases, *apps)), default=0) > _LONGEST_NAME:
        return _MANY
    try:
        since = date.fromisoformat(form.since) if form.since else today
    except ValueError:
        return _NO_DAY
    if since > today:
        return _NO_DAY
    if not form.reason or len(form.reason) > _LONGEST_REASON:
        return _NO_REASON
    return Blacklisted(id=0, operator=form.operator, aliases=aliases, apps=apps, since=since, reason=form.reason)


def _names(text: str) -> tuple[str, ...]:
    """Names parted by 、 and its like, or on lines, each once."""
    return tuple(dict.fromkeys(name for part in _APART.split(text) if (name := _line(part))))


def _page(
    request: Request, *, done: int = 0, wrong: str = "", form: _Form | None = None, status: int = 200
) -> Response:
    console, visitor = console_of(request), visitor_of(request)
    day = blacklisting.today(console.app)
    entries = _shown(console, day)
    response = page(
        request,
        "blacklist.html",
        visitor=visitor,
        status=status,
        standing=[each for each in entries if each.entry.lift is None],
        ended=[each for each in entries if each.entry.lift],
        done=next((each for each in entries if each.entry.id == done), None),
        wrong=wrong,
        form=form or _Form(),
        day=day,
        years=rule_of(console.app).years,
        list_title=rule_of(console.app).title,
        decides=visitor.role in DECIDERS,
    )
    response.headers.update(FRAMING)
    return response


def _shown(console: Console, day: date) -> list[Shown]:
    """The newest first."""
    years = rule_of(console.app).years
    with console.app.database.read() as tx:
        entries = blacklist.all_(tx)
    return [
        Shown(entry=each, standing=each.standing(day, years), due=each.may_apply_from(years)) for each in entries[::-1]
    ]
