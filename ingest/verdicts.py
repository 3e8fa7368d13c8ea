"""Decisions that no mail causes: by staff, or because the grace time ran out."""

from __future__ import annotations

from dataclasses import dataclass

from domain.judge import Decision, conclude
from domain.placing import restorable
from domain.sheet import Sheet
from domain.submission import State, Submission
from ingest import letters
from ingest.app import App
from ingest.errors import CannotAccept
from ingest.pipeline import nothing_accepted, queue, store_decision, unanswerable
from storage import submissions


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What staff decided. `earlier`: after a wrong acceptance was rejected and nothing of the reporter is accepted any
    more, the receipts it had replaced, newest first; whether one of them shall stand again is for staff to say."""

    submission: Submission
    earlier: tuple[str, ...] = ()


def decide(app: App, receipt: str, *, accept: bool, reason: str, by: str) -> Verdict:
    """A member of staff decides a case. Raises KeyError for an unknown receipt, CannotAccept without a workbook."""
    with app.database.read() as tx:
        case = submissions.load(tx, receipt)
        if case is None:
            raise KeyError(receipt)
        if accept and not (case.sheet and isinstance(case.sheet.reading, Sheet)):
            raise CannotAccept(f"{receipt} cannot be accepted: it holds no readable workbook")
        standing = submissions.standing(tx, case.notice, case.reporter)
        seen = submissions.case_version(tx, case.notice, case.reporter)
    verdict = case.decided(State.ACCEPTED if accept else State.REJECTED, by=by, reason=reason)
    earlier = () if accept else tuple(old.receipt for old in restorable(standing, case))
    saved = decide_later(
        app, conclude(verdict, standing, app.notice(case.notice)), seen, cause="staff", earlier=earlier
    )
    return Verdict(submission=saved, earlier=earlier)


def decide_later(app: App, decision: Decision, seen: int, *, cause: str, earlier: tuple[str, ...] = ()) -> Submission:
    """Stores and answers a decision that no mail caused. Raises Conflict when a mail changed the case meanwhile."""
    case = decision.submission
    notice = app.notice(case.notice)
    attached = letters.attachments(app, decision, notice)
    with app.database.begin() as tx:
        submissions.advance_case(tx, case.notice, case.reporter, seen)
        saved = store_decision(tx, decision, cause=cause, now=app.clock())
        told = [letters.later(app, tx, saved, notice, each, attached) for each in letters.recipients(tx, case)]
        queue(app, tx, saved, told, notice)
        if not told:
            unanswerable(tx, case.receipt, app.clock())
        if earlier:
            nothing_accepted(tx, case, earlier, app.clock())
    return saved.submission
