"""Decisions that no mail causes: by staff, or because the grace time ran out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from domain.judge import Decision, conclude
from domain.notice import Notice
from domain.placing import can_stand, restorable
from domain.submission import State, Submission
from ingest import gathering, letters
from ingest.app import App
from ingest.errors import CannotAccept
from ingest.pipeline import nothing_accepted, queue, store_decision, unanswerable
from ingest.senders import learn, learnable
from storage import submissions
from storage.database import Transaction
from storage.errors import Conflict


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What staff decided. `earlier`: after a wrong acceptance was rejected and nothing of the reporter is accepted any
    more, the receipts it had replaced, newest first; whether one of them shall stand again is for staff to say."""

    submission: Submission
    earlier: tuple[str, ...] = ()
    learnt: str | None = None
    """The address that staff vouched for with it, if it was not known."""


def decide(
    app: App,
    receipt: str,
    *,
    accept: bool,
    reason: str,
    by: str,
    learn_sender: bool = False,
    as_seen: int | None = None,
) -> Verdict:
    """A member of staff decides a case; `learn_sender`: and vouches for the address that sent it. `as_seen`: the
    `row_version` they had before their eyes, None for whatever stands now.

    Raises KeyError for an unknown receipt, CannotAccept without a readable return, CannotLearn, Conflict where the case is not as
    it was seen.
    """
    with app.database.read() as tx:
        case = submissions.load(tx, receipt)
        if case is None:
            raise KeyError(receipt)
        if as_seen is not None and case.row_version != as_seen:
            raise Conflict(f"{receipt}: changed since it was seen")
        notice = app.notice(case.notice)
        if accept and not can_stand(case, sheet_required=notice.sheet_required):
            wanted = "workbook" if notice.sheet_required else "scan"
            raise CannotAccept(f"{receipt} cannot be accepted: it holds no readable {wanted}")
        new = _to_learn(tx, case, notice) if learn_sender else None
        standing = submissions.standing(tx, case.notice, case.reporter)
        seen = submissions.case_version(tx, case.notice, case.reporter)
    verdict = case.decided(State.ACCEPTED if accept else State.REJECTED, by=by, reason=reason)
    earlier = (
        () if accept else tuple(old.receipt for old in restorable(standing, case, sheet_required=notice.sheet_required))
    )
    vouching = (
        partial(learn, app, notice=notice, reporter=case.reporter or "", address=new, by=by, receipt=case.receipt)
        if new
        else None
    )
    decision = conclude(verdict, standing, notice)
    saved = decide_later(app, decision, seen, cause="staff", earlier=earlier, also=vouching)
    return Verdict(submission=saved, earlier=earlier, learnt=new)


def _to_learn(tx: Transaction, case: Submission, notice: Notice) -> str | None:
    """The address to vouch for, None where it is known. Raises CannotLearn."""
    address = learnable(case)
    return None if address in gathering.known_addresses(tx, notice, notice.reporter(case.reporter)) else address


def decide_later(
    app: App,
    decision: Decision,
    seen: int,
    *,
    cause: str,
    earlier: tuple[str, ...] = (),
    also: Callable[[Transaction], object] | None = None,
) -> Submission:
    """Stores and answers a decision that no mail caused, and does what is `also` to be done with it or not at all. Raises
    Conflict when a mail changed the case meanwhile."""
    case = decision.submission
    notice = app.notice(case.notice)
    attached = letters.attachments(app, decision, notice)
    with app.database.begin() as tx:
        if also:
            also(tx)
        submissions.advance_case(tx, case.notice, case.reporter, seen)
        saved = store_decision(app, tx, decision, cause=cause)
        told = [letters.later(app, tx, saved, notice, each, attached) for each in letters.recipients(tx, case)]
        queue(app, tx, saved, told, notice)
        if not told:
            unanswerable(tx, case.receipt, app.clock())
        if earlier:
            nothing_accepted(tx, case, earlier, app.clock())
    return saved.submission
