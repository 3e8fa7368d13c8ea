"""The ledger, newest first, by kind, subject and day; and one entry with what proves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import HTTPException, Request, Response

from domain.accounts import Role
from ingest import access
from ingest.ledger_view import EntryShown, shown
from storage import ledger_reading
from storage.ledger_reading import Found, Wanted
from web.days import DAY_WRONG, between
from web.entry_wording import GROUPS, KINDS, fields, kind_words, subject_link, subject_words, who_words
from web.guard import NotAllowed, Pages, Visitor, visitor_of
from web.render import page
from web.roles import AUDITORS, EVERYBODY, VIEWERS
from web.state import console_of

pages = Pages()
PAGE = 50
_LARGEST = 2**63 - 1
WATCHING = ("access.", "session.", "user.")
"""Kinds that tell who of the staff did or looked at what: for auditors and administrators."""
WORDS: dict[str, Any] = {
    "kind_words": kind_words,
    "subject_words": subject_words,
    "subject_link": subject_link,
    "who_words": who_words,
}


@pages.get("/audit/ledger", may=EVERYBODY)
def browse(
    request: Request,
    kind: str = "",
    subject: str = "",
    since: str = "",
    until: str = "",
    number: str = "",
    below: str = "",
) -> Response:
    """`number`: from that one on downwards. `below`: the id where the page before ended."""
    console, visitor = console_of(request), visitor_of(request)
    zone = console.app.settings.staff.zone
    form = {"kind": kind, "subject": subject.strip(), "since": since, "until": until, "number": number.strip()}
    days = between(since, until, zone)
    first = whole(form["number"])
    wrong = DAY_WRONG if days is None else "存证号请填数字，例如128。" if form["number"] and first is None else ""
    found: tuple[Found, ...] = ()
    if days and not wrong:
        wanted = Wanted(
            kinds=(kind,) if kind in KINDS or kind in GROUPS else (),
            without=() if visitor.role in AUDITORS else WATCHING,
            subject=form["subject"], since=days[0], until=days[1], number=first,
        )  # fmt: skip
        with console.app.database.read() as tx:
            found = ledger_reading.browse(tx, wanted, limit=PAGE + 1, below=whole(below))
    with console.app.database.begin() as tx:
        access.note(tx, "ledger", "page:audit-ledger", visitor.who, at=console.now())
    return page(
        request,
        "audit_ledger.html",
        visitor=visitor,
        status=400 if wrong else 200,
        entries=[_shown(each, visitor) for each in found[:PAGE]],
        more=further("/audit/ledger", form, found, PAGE),
        form=form,
        kinds=_shown_to(KINDS, visitor),
        groups=_shown_to(GROUPS, visitor),
        wrong=wrong,
        zone=zone,
        **WORDS,
    )


@pages.get("/audit/ledger/{entry}", may=EVERYBODY)
def one(request: Request, entry: int) -> Response:
    """By its id: one that is not sealed yet has no number."""
    console, visitor = console_of(request), visitor_of(request)
    if not 0 < entry <= _LARGEST:
        raise HTTPException(404)
    with console.app.database.read() as tx:
        found = ledger_reading.load(tx, entry)
        proof = ledger_reading.proof(tx, entry)
    if found is None:
        raise HTTPException(404)
    seen = _shown(found, visitor)
    if seen.secret or (visitor.role not in AUDITORS and found.kind.startswith(WATCHING)):
        raise NotAllowed
    with console.app.database.begin() as tx:
        access.note(tx, "entry", f"entry:{found.number or entry}", visitor.who, at=console.now())
    return page(
        request,
        "audit_entry.html",
        visitor=visitor,
        seen=seen,
        entry=found,
        fields=fields(seen.facts),
        proof=proof,
        zone=console.app.settings.staff.zone,
        **WORDS,
    )


def whole(text: str) -> int | None:
    """A number as somebody types it; None for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 19 else None


def further(path: str, form: dict[str, str], found: tuple[Found, ...], limit: int) -> str:
    """The address of the next page, "" where there is none."""
    if len(found) <= limit:
        return ""
    said = {name: value for name, value in form.items() if value}
    return f"{path}?{urlencode({**said, 'below': found[limit - 1].id})}"


def _shown(entry: Found, visitor: Visitor) -> EntryShown:
    return shown(entry, VIEWERS[visitor.role], all_secrets=visitor.role is Role.ADMIN)


def _shown_to(kinds: Mapping[str, str], visitor: Visitor) -> dict[str, str]:
    """Those of which the visitor may see entries."""
    return {kind: words for kind, words in kinds.items() if visitor.role in AUDITORS or not kind.startswith(WATCHING)}
