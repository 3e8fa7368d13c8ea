"""The review queue: the oldest case that waits for a person, one a screen, decided by a key or two."""

from __future__ import annotations

from fastapi import Request, Response

from domain.problems import Severity
from domain.submission import State, Submission
from ingest import access
from storage import outbox, submissions
from storage.errors import NotFound
from web import reasons
from web.case_wording import letter_bad, letter_status
from web.guard import Pages, visitor_of
from web.pages.cases import found_case, values
from web.render import html, live, page
from web.roles import DECIDERS, EVERYBODY
from web.state import console_of
from web.wording import STATES

pages = Pages()
_SEALS = frozenset(
    f"cover.{name}" for name in ("seal_unreadable", "seal_suspect", "colourless", "electronic_seal", "low_quality")
)
_CELLS = frozenset({"cover.low_quality"})
_SENDER = frozenset(f"mail.{name}" for name in ("takeover", "foreign_part", "unknown_sender", "sender_unverified"))


@pages.get("/queue", may=EVERYBODY)
def queue(request: Request, notice: str = "", after: str = "", done: str = "", originals: bool = False) -> Response:
    """The case behind `after`, else the oldest. `done`: which was decided just now."""
    console, visitor = console_of(request), visitor_of(request)
    waiting = _waiting(request, notice)
    told = _done(request, done) if done else None
    if not waiting:
        return page(request, "queue_empty.html", visitor=visitor, notice=notice, told=told)
    at = _place(waiting, after)
    receipt = waiting[at].receipt
    found = found_case(request, receipt)
    with console.app.database.begin() as tx:
        access.note(tx, "case", receipt, visitor.who, at=console.now(), page="queue")
    codes = {problem.code for problem in found.case.problems if problem.severity is Severity.REVIEW}
    return page(
        request,
        "queue.html",
        visitor=visitor,
        **values(request, found),
        number=at + 1,
        count=len(waiting),
        next=receipt,
        notice_id=notice,
        told=told,
        pictures=originals or not found.masked,
        decides=visitor.role in DECIDERS,
        ready=reasons.ready(
            (problem.code for problem in found.case.problems if problem.code in codes),
            sheet_required=found.notice.sheet_required,
        ),
        shows={
            "seals": bool(codes & _SEALS),
            "cells": bool(codes & _CELLS),
            "sender": bool(codes & _SENDER),
        },
        back="queue",
        wrong="",
    )


@pages.get("/live/decided/{receipt}", may=EVERYBODY, live=True)
def decided(request: Request, receipt: str) -> Response:
    """How far the letters of the last decision are."""
    told = _done(request, receipt)
    return live(request, html(request, "decided_live.html", visitor=visitor_of(request), told=told) if told else "")


def _waiting(request: Request, notice: str) -> list[Submission]:
    """Cases in review, oldest first."""
    with console_of(request).app.database.read() as tx:
        found = submissions.list_(tx, state=State.REVIEW, notice=notice or None)
    return list(reversed(found))


def _place(waiting: list[Submission], after: str) -> int:
    """Which one is next; from the last on the first again."""
    receipts = [case.receipt for case in waiting]
    return (receipts.index(after) + 1) % len(receipts) if after in receipts else 0


def _done(request: Request, receipt: str) -> dict[str, object] | None:
    """What was decided on the case, and what became of the letters about that; None where there is none such."""
    with console_of(request).app.database.read() as tx:
        try:
            submissions.digests(tx, receipt)
        except NotFound:
            return None
        *_, last = submissions.history(tx, receipt)
        told = outbox.of_receipt(tx, receipt)
    letters = [row for row in told if (row.letter.ledger_number or 0) >= (last.ledger_number or 0)]
    return {
        "receipt": receipt,
        "state": str(last.state),
        "state_name": STATES[last.state],
        "letters": [(letter_status(row), letter_bad(row)) for row in letters],
    }
