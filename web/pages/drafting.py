"""A new collection, or a change of one that runs: the bureau's blank form, one page to fill in, a preview, and publishing."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated
from zoneinfo import ZoneInfo

import structlog
from fastapi import Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from config.notice_reading import draft_of_text
from config.notice_writing import notice_text
from config.notices import NoticeError
from domain.blank_form import BlankFailure
from domain.draft import Draft, WrongAnswer
from domain.draft_columns import REQUIRED, TYPES
from domain.draft_json import as_json, of_json
from domain.drafting import Known
from domain.proposals import proposed, with_names
from domain.rules_in_words import columns, rules
from ingest import published
from ingest.child import ChildFailed
from ingest.drafting import read_form, read_rows
from ingest.effects import Effect, effect_of
from ingest.initials import initials
from ingest.rehearsal import rehearse
from storage import notices
from storage.errors import Conflict, NotFound
from web.draft_forms import Taken, rows, sections, taken
from web.guard import Pages, sent_file, sent_text, visitor_of
from web.render import page
from web.roles import DECIDERS
from web.security import LARGEST_FILE
from web.state import Console, console_of
from web.wording import STATES

log = structlog.get_logger(__name__)
pages = Pages()
_FIELDS, _FIELD_BYTES = 2_000, 400_000
"""A form of two hundred columns, and the whole draft beside it."""
_NAME = 100
_NO_FILE = "请选择空白表，或者把列名写在下面。"
_TOO_LARGE = f"文件太大，最多{LARGEST_FILE // 1024 // 1024} MB。请只留下空白表那一张再传。"
_NOT_READ = "这个文件读不下去。请用WPS或Excel另存为.xlsx再传。"
_NO_REASON = "请写一句为什么发布，记入存证。"


@pages.get("/notices/new", may=DECIDERS)
def start(request: Request) -> Response:
    return _start(request)


def _start(request: Request, *, wrong: str = "") -> Response:
    return page(
        request, "draft_start.html", visitor=visitor_of(request), wrong=wrong, most_mb=LARGEST_FILE // 1024 // 1024,
        status=422 if wrong else 200,
    )  # fmt: skip


@pages.upload("/notices/new/form", may=DECIDERS)
def begin(request: Request) -> Response:
    """Reads the blank form in the sandbox; without one, takes the names of the columns as they were typed."""
    given, data = sent_file(request, "form")
    if len(data) > LARGEST_FILE:
        return _start(request, wrong=_TOO_LARGE)
    if not data:
        names = [name.strip()[:60] for name in sent_text(request, "names").splitlines() if name.strip()]
        if len(names) < 2:
            return _start(request, wrong=_NO_FILE)
        return _fill_in(request, Taken(draft=with_names(sent_text(request, "title").strip()[:100], names)), after=0)
    name = PurePath(given.replace("\\", "/")).name[:_NAME]
    try:
        read = read_form(console_of(request).app.sandbox, data, name)
    except ChildFailed as failure:
        log.warning("list_not_read", reason=failure.reason)
        return _start(request, wrong=_NOT_READ)
    if isinstance(read, BlankFailure):
        return _start(request, wrong=f"“{name}”：{read.told}")
    return _fill_in(request, Taken(draft=proposed(read)), after=0, unclear=read.unclear)


def _known(console: Console, draft: Draft, *, after: int) -> Known:
    app = console.app
    own = {draft.id, draft.short} if after else set()
    taken_names = {each.series for each in app.notices} | {each.short for each in app.notices}
    today = console.now().astimezone(ZoneInfo(draft.timezone)).date()
    first = app.notices[0] if app.notices else None
    return Known(
        today=today, initials=initials, mailbox=first.mailbox if first else "",
        bureau=first.wording.bureau if first else "", taken=frozenset(taken_names - own),
    )  # fmt: skip


def _fill_in(request: Request, made: Taken, *, after: int, unclear: tuple[str, ...] = ()) -> Response:
    """The page with everything on it. `after`: the version that is changed, 0 for a new notice."""
    console = console_of(request)
    known = _known(console, made.draft, after=after)
    return page(
        request, "draft_form.html", visitor=visitor_of(request), status=422 if made.faults else 200,
        draft=made.draft, packed=as_json(made.draft), after=after, unclear=unclear, faults=made.faults,
        sections=sections(made.draft, known, published=after > 0), rows=rows(made.draft, made.faults), types=TYPES,
        required=REQUIRED,
    )  # fmt: skip


@pages.upload("/notices/draft", may=DECIDERS, fields=_FIELDS, field_bytes=_FIELD_BYTES)
def draft(request: Request) -> Response:
    """What was filled in: the preview where all of it can be taken, else the page again with what is wrong. `back`: from the preview."""
    console = console_of(request)
    standing, after = _standing(request)
    if sent_text(request, "back"):
        return _fill_in(request, Taken(draft=standing), after=after)
    pasted, fault = _reporters(request)
    known = _known(console, standing, after=after)
    made = taken(standing, lambda name: sent_text(request, name), known, pasted, published=after > 0)
    if fault:
        made.faults["q.reporters"] = fault
    if made.faults:
        return _fill_in(request, made, after=after)
    text = notice_text(made.draft)
    try:
        return _preview(request, text, after=after, packed=as_json(made.draft))
    except NoticeError as error:
        made.faults["notice"] = "；".join(error.faults)
    except published.NotAllowed as error:
        made.faults["notice"] = str(error)
    return _fill_in(request, made, after=after)


def _standing(request: Request) -> tuple[Draft, int]:
    """The draft that the page was made of. 400 for what no page sends."""
    try:
        return of_json(sent_text(request, "draft")), _version(sent_text(request, "after"))
    except ValueError as error:
        raise HTTPException(400) from error


def _version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _reporters(request: Request) -> tuple[str, str]:
    """Rows of the file of reporters, as lines of cells, and what is wrong with it."""
    given, data = sent_file(request, "reporters_file")
    if not data:
        return "", ""
    try:
        found = read_rows(console_of(request).app.sandbox, data, PurePath(given).name[:_NAME])
    except WrongAnswer as wrong:
        return "", str(wrong)
    except ChildFailed as failure:
        log.warning("list_not_read", reason=failure.reason)
        return "", _NOT_READ
    return "\n".join("\t".join(row) for row in found), ""


def _preview(
    request: Request, text: str, *, after: int, packed: str = "", wrong: str = "", status: int = 200
) -> Response:
    """Rules, letters, forms and text of what would be published. Raises NoticeError or NotAllowed where it could not be."""
    console = console_of(request)
    made = published.checked(console.app, text, after=after)
    notice = made[0]
    effect = effect_of(console.app, made) if after else Effect()
    return page(
        request, "draft_preview.html", visitor=visitor_of(request), status=status, notice=notice, rounds=made if notice.round else (),
        text=text, packed=packed, after=after, wrong=wrong, columns=columns(notice), effect=effect, state_names=STATES,
        rules=rules(notice, console.app.settings.retention.years),
        tried=rehearse(console.app, notice) if notice.form.columns else None,
    )  # fmt: skip


@pages.upload("/notices/publish", may=DECIDERS, fields=16, field_bytes=_FIELD_BYTES)
def publish(request: Request) -> Response:
    """Puts it in force. Its entry in the ledger is `notice.published`, with who, why and the hash of the text."""
    console, visitor = console_of(request), visitor_of(request)
    text, after = _sent(sent_text(request, "text")), _version(sent_text(request, "after"))
    reason = sent_text(request, "reason").strip()[:500]
    try:
        if not reason:
            return _preview(
                request, text, after=after, packed=sent_text(request, "draft"), wrong=_NO_REASON, status=422
            )
        edition = published.publish(console.app, text, after=after, reason=reason, by=visitor.who)
    except (published.Outdated, Conflict) as error:
        raise HTTPException(409) from error
    except published.NotAllowed as error:
        return _as_text(request, text, after=after, faults=(str(error),))
    except NoticeError as error:
        return _as_text(request, text, after=after, faults=error.faults)
    return RedirectResponse(f"/notices/{_page_of(console, edition.notice)}", 303)


def _page_of(console: Console, series: str) -> str:
    """The id of the page to show of a series: the round that goes on."""
    going_on = next((each.id for each in console.app.current_notices if each.series == series), None)
    return going_on or next((each.id for each in console.app.notices if each.series == series), series)


def _sent(text: str) -> str:
    """A text field comes with the line ends of a browser."""
    return text.replace("\r\n", "\n")


@pages.get("/notices/{series}/edit", may=DECIDERS)
def edit(request: Request, series: str) -> Response:
    edition = _edition(request, series)
    return _fill_in(request, Taken(draft=draft_of_text(edition.text)), after=edition.version)


@pages.get("/notices/{series}/text", may=DECIDERS)
def text(request: Request, series: str) -> Response:
    edition = _edition(request, series)
    return _as_text(request, edition.text, after=edition.version)


def _edition(request: Request, series: str) -> notices.Edition:
    """The newest version. 404 where the console published none such, or a file goes before it."""
    console = console_of(request)
    if series not in {each.series for each in console.app.published.notices}:
        raise HTTPException(404)
    with console.app.database.read() as tx:
        return notices.editions(tx, series)[0]


def _as_text(request: Request, text: str, *, after: int, faults: tuple[str, ...] = ()) -> Response:
    return page(
        request, "draft_text.html", visitor=visitor_of(request), status=422 if faults else 200, text=text, after=after,
        faults=faults,
    )  # fmt: skip


@pages.upload("/notices/text", may=DECIDERS, fields=8, field_bytes=_FIELD_BYTES)
def from_text(request: Request) -> Response:
    """The preview of a text that was typed, or its faults by line."""
    text, after = _sent(sent_text(request, "text")), _version(sent_text(request, "after"))
    if sent_text(request, "back"):
        return _as_text(request, text, after=after)
    try:
        return _preview(request, text, after=after)
    except NoticeError as error:
        return _as_text(request, text, after=after, faults=error.faults)
    except published.NotAllowed as error:
        return _as_text(request, text, after=after, faults=(str(error),))


@pages.post("/notices/{series}/close", may=DECIDERS)
def close(request: Request, series: str, reason: Annotated[str, Form()] = "") -> Response:
    """Ends a collection: nobody is reminded any more, and what still comes is taken as late. Its entry is `notice.closed`."""
    console, visitor = console_of(request), visitor_of(request)
    _edition(request, series)
    if not reason.strip():
        raise HTTPException(422)
    try:
        published.close(console.app, series, reason=reason.strip()[:500], by=visitor.who)
    except NotFound as error:
        raise HTTPException(409) from error
    return RedirectResponse("/notices", 303)
