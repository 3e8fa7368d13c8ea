"""What becomes of a mail that asks for a pre-check: the whole check and its reply, and nothing filed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.letter import Letter
from domain.precheck import Prechecked, precheck
from ingest import gathering, letters
from ingest.addressing import reply_to
from ingest.app import App
from ingest.dues import Due
from ingest.indexing import index_mail
from ingest.reading import ReadMail
from ingest.words import note_complaint, note_withdrawal
from storage import inbox, outbox
from storage.canonical import Json

PRECHECK = "precheck"
"""Its disposition: staff see how many there were, and no more."""


def settle_precheck(app: App, mail_id: int, read: ReadMail, sets: Sequence[Due]) -> None:
    """Checks every set of a mail and answers; no submission, no receipt, and the mail stays where it is."""
    incoming, notice = read.incoming, read.notice
    checked = [_check(app, one, alone=len(sets) == 1) for one in sets]
    told = [letter for one, by in zip(checked, sets, strict=True) for letter in _letters(app, one, by)]
    states = " ".join(str(one.case.state) for one in checked)
    now = app.clock()
    with app.database.begin() as tx:
        body = _body(checked, (*read.contents, *(file.sha256 for letter in told for file in letter.attachments)))
        entry = inbox.finish(tx, mail_id, PRECHECK, reason=states, kind="human", told=body, at=now)
        for letter in told:
            outbox.put(tx, replace(letter, ledger_number=entry), mail_id=mail_id, exempt=False, at=now)
        index_mail(tx, incoming, PRECHECK)
        note_complaint(tx, mail_id, incoming.facts, now)
        note_withdrawal(tx, mail_id, incoming.facts, notice, now)


def _check(app: App, due: Due, *, alone: bool) -> Prechecked:
    parts, incoming, notice = due.parts, due.incoming, due.notice
    with app.database.read() as tx:
        reporter = gathering.reporter_of(tx, parts, incoming, notice)
        standing = gathering.standing_of(tx, incoming, notice, reporter, alone=alone)
        lists = app.lists.at(tx, notice, incoming.origin.received_at)
        previous = gathering.previous_of(tx, app.notices, notice, reporter, incoming)
    return precheck(
        parts, incoming, notice=notice, reporter=reporter, standing=standing, lists=lists, previous=previous
    )


def _letters(app: App, checked: Prechecked, due: Due) -> list[Letter]:
    """One to each address that may be answered; with none there is nothing to tell anybody, for nothing was filed."""
    incoming, notice = due.incoming, due.notice
    reporter = notice.reporter(checked.case.reporter)
    with app.database.read() as tx:
        known = gathering.known_addresses(tx, notice, reporter)
    addresses = reply_to(incoming.facts, known, app.own.addresses)
    attached = letters.attachments(app, checked.decision, notice) if addresses else ()
    return [letters.prechecked(app, checked, incoming, notice, address, attached) for address in addresses]


def _body(checked: Sequence[Prechecked], blobs: Sequence[str]) -> dict[str, Json]:
    """What the ledger is told: hashes, codes and states, nothing about persons."""
    outcomes: list[Json] = [
        {
            "reporter": one.case.reporter,
            "state": str(one.case.state),
            "problems": sorted(f"{problem.code} {problem.cell or ''}".strip() for problem in one.case.problems),
        }
        for one in checked
    ]
    return {"outcomes": outcomes, "blobs": list(dict.fromkeys(blobs))}
