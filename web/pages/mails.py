"""One mail: what it says, what became of it, and why it is held."""

from __future__ import annotations

from fastapi import HTTPException, Request, Response

from domain.accounts import Role
from domain.mail import Intent
from domain.masking import words_for
from ingest import access, confidential, downloads
from ingest.opening import Opened, opened
from storage import inbox, quarantine, submissions
from storage.errors import NotFound
from storage.inbox import MailRow
from web.case_wording import mail_words
from web.downloads import hand_out
from web.guard import NotAllowed, Pages, visitor_of
from web.render import page
from web.roles import ADMINS, EVERYBODY, VIEWERS
from web.state import console_of

pages = Pages()


@pages.get("/mails/{mail}", may=EVERYBODY)
def show(request: Request, mail: int) -> Response:
    console, visitor = console_of(request), visitor_of(request)
    row, found = _opened(request, mail)
    with console.app.database.begin() as tx:
        access.note(tx, "mail", f"mail:{row.sha256}", visitor.who, at=console.now())
        cases = submissions.by_mail(tx, row.sha256)
        infected = quarantine.among(
            tx, [row.sha256, *(part.sha256 for part in found.facts.parts)] if found.facts else []
        )
    return page(
        request,
        "mail.html",
        visitor=visitor,
        mail=row,
        facts=found.facts,
        lost=found.lost,
        cases=cases,
        infected={one.sha256: one.signature for one in infected},
        became=mail_words(row),
        words=words_for(VIEWERS[visitor.role]),
        zone=console.app.settings.staff.zone,
    )


@pages.get("/mails/{mail}/original", may=EVERYBODY)
def original(request: Request, mail: int) -> Response:
    return _handed(request, mail, warned=False)


@pages.post("/mails/{mail}/original", may=ADMINS)
def infected_original(request: Request, mail: int) -> Response:
    """For who has read the warning."""
    return _handed(request, mail, warned=True)


def _handed(request: Request, mail: int, *, warned: bool) -> Response:
    row, _ = _opened(request, mail)
    return hand_out(request, downloads.of_mail(console_of(request).app, mail), f"mail:{row.sha256}", warned=warned)


def _opened(request: Request, mail: int) -> tuple[MailRow, Opened]:
    """The mail and what it says. One that is for few is for administrators alone, also where nobody has read it yet."""
    app, visitor = console_of(request).app, visitor_of(request)
    try:
        with app.database.read() as tx:
            row = inbox.load(tx, mail)
            secret = confidential.is_secret(tx, row)
    except (NotFound, OverflowError) as error:
        raise HTTPException(404) from error
    if secret and visitor.role is not Role.ADMIN:
        raise NotAllowed
    found = opened(app, row)
    if found.facts and found.facts.intent is Intent.COMPLAINT and visitor.role is not Role.ADMIN:
        raise NotAllowed
    return row, found
