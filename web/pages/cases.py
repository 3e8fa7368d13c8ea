"""One submission: its scan beside its rows, what was found and decided, letters and mails, and deciding it anew."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, HTTPException, Request, Response

from domain.merged import row_address
from ingest import access, downloads
from ingest.case_letters import shown as letter_shown
from ingest.case_view import CaseShown, show
from storage import outbox
from storage.errors import BlobCorrupt, BlobMissing, NotFound
from storage.retention import tombstone
from web import case_wording, reasons, rule_words
from web.deciding import decide
from web.downloads import hand_out
from web.downloads import picture as sent_picture
from web.guard import Pages, visitor_of
from web.render import day, page
from web.roles import ADMINS, DECIDERS, EVERYBODY, VIEWERS
from web.security import FRAMED, FRAMING
from web.state import console_of
from web.wording import STATES, task_words

pages = Pages()
WORDS = {
    "state_names": STATES,
    "letter_names": case_wording.LETTERS,
    "letter_status": case_wording.letter_status,
    "letter_bad": case_wording.letter_bad,
    "entry_words": case_wording.entry_words,
    "mail_words": case_wording.mail_words,
    "problem_name": case_wording.problem_name,
    "rule_link": rule_words.link,
    "who": case_wording.who,
    "task_words": task_words,
}


@pages.get("/cases/{receipt}", may=EVERYBODY)
def case(request: Request, receipt: str, originals: bool = False, row: str = "") -> Response:
    """`originals`: with the pictures, for a role that is not shown phone numbers: they are noted one by one. `row`: the one that
    somebody came for, as the merged table names it; it is shown open and marked, and so is its place on the scan."""
    visitor, console = visitor_of(request), console_of(request)
    if erased := _erased(request, receipt):
        return erased
    found = found_case(request, receipt)
    with console.app.database.begin() as tx:
        access.note(tx, "case", receipt, visitor.who, at=console.now())
    response = page(
        request,
        "case.html",
        visitor=visitor,
        **values(request, found, row),
        pictures=originals or not found.masked,
        decides=visitor.role in DECIDERS,
        ready=reasons.ready(problem.code for problem in found.case.problems),
        back="case",
        wrong="",
    )
    response.headers.update(FRAMING)
    return response


@pages.get("/cases/{receipt}/pictures/{picture}", may=EVERYBODY)
def picture(request: Request, receipt: str, picture: str) -> Response:
    """A page, a seal or a rim. The page they stand on is noted when it is opened; for whom phone numbers are masked, who has
    to ask for them, each is."""
    console, visitor = console_of(request), visitor_of(request)
    try:
        found = downloads.picture(console.app, receipt, picture)
    except (BlobMissing, BlobCorrupt) as error:
        raise HTTPException(410) from error
    if found is None:
        raise HTTPException(404)
    if visitor.role not in DECIDERS:
        with console.app.database.begin() as tx:
            access.note(tx, "picture", receipt, visitor.who, at=console.now(), sha256=picture)
    return sent_picture(*found)


@pages.get("/cases/{receipt}/files/{file}", may=EVERYBODY)
def file(request: Request, receipt: str, file: str) -> Response:
    return _file(request, receipt, file, warned=False)


@pages.post("/cases/{receipt}/files/{file}", may=ADMINS)
def infected_file(request: Request, receipt: str, file: str) -> Response:
    """For who has read the warning."""
    return _file(request, receipt, file, warned=True)


def _file(request: Request, receipt: str, file: str, *, warned: bool) -> Response:
    found = downloads.of_case(console_of(request).app, receipt, file)
    if found is None:
        raise HTTPException(404)
    return hand_out(request, found, receipt, warned=warned)


@pages.get("/cases/{receipt}/letters/{letter}", may=EVERYBODY)
def letter(request: Request, receipt: str, letter: int) -> Response:
    """A letter as its reader sees it, for a frame."""
    console, visitor = console_of(request), visitor_of(request)
    with console.app.database.begin() as tx:
        try:
            row = outbox.load(tx, letter)
        except NotFound as error:
            raise HTTPException(404) from error
        if row.receipt != receipt:
            raise HTTPException(404)
        access.note(tx, "letter", receipt, visitor.who, at=console.now(), letter=row.message_id)
    found = letter_shown(console.app, row, console.app.notice(row.letter.notice))
    return Response(found.html, media_type="text/html; charset=utf-8", headers=dict(FRAMED))


@pages.post("/cases/{receipt}/decision", may=DECIDERS)
def decision(
    request: Request,
    receipt: str,
    verdict: Annotated[str, Form()],
    seen: Annotated[int, Form()],
    reason: Annotated[str, Form()] = "",
    learn: Annotated[bool, Form()] = False,
    back: Annotated[str, Form()] = "case",
    notice: Annotated[str, Form()] = "",
) -> Response:
    return decide(request, receipt, verdict, reason, seen=seen, learn=learn, back=back, notice=notice)


def found_case(request: Request, receipt: str) -> CaseShown:
    """As the visitor may see it; 404 where there is none."""
    found = show(console_of(request).app, receipt, VIEWERS[visitor_of(request).role])
    if found is None:
        raise HTTPException(404)
    return found


def _numbers(found: CaseShown, name: str) -> frozenset[int]:
    """The compared cells of a row."""
    rows = (row for row in found.rows if row.source.name == name)
    return frozenset(cell.view.number for row in rows for cell in row.cells if cell.view)


def _erased(request: Request, receipt: str) -> Response | None:
    """What is told of a submission that was erased by rule."""
    console = console_of(request)
    with console.app.database.read() as tx:
        stone = tombstone(tx, receipt)
    if stone is None:
        return None
    day_ = day(stone.at, console.app.settings.staff.zone)
    words = f"{receipt}已在{day_}按规定销毁，存证里有记录。"
    return page(request, "refused.html", visitor=visitor_of(request), status=410, title="已按规定销毁", words=words)


def values(request: Request, found: CaseShown, row: str = "") -> dict[str, Any]:
    """What the templates about a submission have in common. `row`: the one that somebody came for."""
    zone = console_of(request).app.settings.staff.zone
    came_for = {"wanted": row, "lit": _numbers(found, row), "row_address": row_address}
    return {**found.values, **WORDS, **came_for, "shown": found, "zone": zone}
