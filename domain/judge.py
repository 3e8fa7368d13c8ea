"""From what came and what stands to a decision: pure, no I/O and no clock (design section 2, step 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain import checks
from domain.attaching import attached, without
from domain.catalogue import capped, problem
from domain.compare import compare, unlike
from domain.cover import Cover
from domain.finding import compare_parts, find_problems
from domain.notice import Notice, Reporter
from domain.pairing import Incoming, PartSet
from domain.placing import (
    MISSING_CODES,
    Move,
    Placement,
    Standing,
    completed,
    newer_accepted,
    place,
    same_reporter,
    superseded,
)
from domain.policy_lists import NO_LISTS, PolicyLists
from domain.previous import NO_PREVIOUS, PreviousRound
from domain.problems import Place, Problem, Severity
from domain.sender_trust import is_known, sender_problems, takeover
from domain.sheet import Sheet
from domain.submission import Attached, Copy, FileRef, SheetPart, State, Submission, files_of
from domain.versions import Difference, difference, is_nil, same_rows


class Outcome(StrEnum):
    DECIDED = "decided"
    RESENT = "resent"  # the very same files: nothing new


UNNUMBERED = ""
"""Receipt of a new submission until the transaction that stores it takes a number (`numbered`)."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The submission as it stands after the mail, and the earlier ones it supersedes."""

    outcome: Outcome
    submission: Submission
    superseded: tuple[Submission, ...] = ()
    unchanged: bool = False


def judge(
    parts: PartSet,
    incoming: Incoming,
    *,
    notice: Notice,
    reporter: Reporter | None,
    standing: Standing,
    lists: PolicyLists = NO_LISTS,
    previous: PreviousRound = NO_PREVIOUS,
) -> Decision:
    """Decides one set of a mail. A new submission has no number yet: `numbered` gives it one. `lists`: those in force when
    the mail was received; `previous`: what the reporter had in the round before."""
    incoming = without(incoming, attached(incoming, notice))
    placement = place_by_content(parts, incoming, standing, notice)
    if placement.move is Move.RESEND and placement.base:
        again = _with_mail(placement.base, parts, incoming)
        return Decision(outcome=Outcome.RESENT, submission=again, unchanged=True)
    draft = _draft(placement, parts, incoming, notice, reporter)
    findings = compare_parts(draft, notice)
    earlier = _earlier(draft, standing, incoming)
    problems = find_problems(
        draft, findings, notice, reporter, spare=parts.spare, earlier=earlier, lists=lists, previous=previous
    )
    problems += tuple(sender_problems(placement, standing, incoming, reporter, notice.sender_policy))
    if decide(problems) is not State.REJECTED:
        problems += tuple(takeover(draft, standing, incoming.facts, reporter))
    known = is_known(incoming.facts, standing, reporter)
    return settle(replace(draft, findings=findings, sender_known=known), problems, notice, standing.submissions)


def place_by_content(parts: PartSet, incoming: Incoming, standing: Standing, notice: Notice) -> Placement:
    """Where a set belongs, told by what its scan shows where that is not told by who sent what."""

    def misfits(sheet: Sheet, cover: Cover) -> float:
        return unlike(compare(sheet, cover, notice.form))

    return place(parts, standing.submissions, incoming.faults, misfits)


def settle(draft: Submission, problems: Iterable[Problem], notice: Notice, standing: Sequence[Submission]) -> Decision:
    """Puts problems and state on a draft and works out what it supersedes."""
    ruled = checks.apply_rules(tuple(problems), notice, draft.received_at.astimezone(notice.zone).date())
    state = decide(ruled)
    accepted = (case for case in standing if case.state is State.ACCEPTED and same_reporter(case, draft))
    current = next((case for case in accepted if case.receipt != draft.receipt), None)
    if state is State.ACCEPTED and current and _same(current, draft):
        ruled = (*ruled, problem("mail.unchanged", Place()))
    return conclude(replace(draft, state=state, problems=capped(ruled)), standing, notice)


def conclude(case: Submission, standing: Sequence[Submission], notice: Notice) -> Decision:
    """The last step of any decision: an accepted case supersedes older ones, or is superseded by a newer one. What it
    changes is kept with it, and with one that waits for a person too, who must know what it would replace."""
    newer = newer_accepted(standing, case) if case.state is State.ACCEPTED else None
    if newer:
        case = replace(case, state=State.SUPERSEDED, superseded_by=newer.receipt)
        return Decision(outcome=Outcome.DECIDED, submission=case, unchanged=_same(newer, case))
    before = next((other for other in standing if other.receipt == case.receipt), None)
    stands = before is not None and before.state is State.ACCEPTED
    if case.state in (State.ACCEPTED, State.REVIEW) and not stands:
        case = replace(case, difference=_difference(case, before, standing, notice))
    if case.state is not State.ACCEPTED:
        return Decision(outcome=Outcome.DECIDED, submission=case)
    unchanged = case.difference is not None and case.difference.is_none
    return Decision(
        outcome=Outcome.DECIDED, submission=case, superseded=superseded(standing, case), unchanged=unchanged
    )


def _difference(
    case: Submission, before: Submission | None, standing: Sequence[Submission], notice: Notice
) -> Difference | None:
    """Against the accepted one whose place it takes; where it stood once (`before`) and was replaced, against what had
    replaced it."""
    mine = [other for other in standing if other.receipt != case.receipt and same_reporter(other, case)]
    accepted = (other for other in mine if other.state is State.ACCEPTED and other.order < case.order)
    replaced_by = before.superseded_by if before else None
    base = next(accepted, None) or next((other for other in mine if other.receipt == replaced_by), None)
    return compare_versions(base, case, notice) if base else None


def compare_versions(base: Submission, case: Submission, notice: Notice) -> Difference | None:
    """What the rows of `case` differ in from those of `base`; None where either workbook was not read."""
    if not base.sheet or not case.sheet:
        return None
    before, after = base.sheet.reading, case.sheet.reading
    if not isinstance(before, Sheet) or not isinstance(after, Sheet):
        return None
    sender = base.sheet.sender.address
    return difference(before, after, notice.form, receipt=base.receipt, version=base.version, sender=sender)


def _same(one: Submission, other: Submission) -> bool:
    """Whether two submissions report the same rows."""
    readings = [case.sheet.reading if case.sheet else None for case in (one, other)]
    before, after = readings
    return isinstance(before, Sheet) and isinstance(after, Sheet) and same_rows(before, after)


def decide(problems: Sequence[Problem]) -> State:
    """Error, then missing part, then review, then accepted (spec section 4)."""
    errors = {problem.code for problem in problems if problem.severity is Severity.ERROR}
    if errors - MISSING_CODES:
        return State.REJECTED
    if errors:
        return State.INCOMPLETE
    if any(problem.severity is Severity.REVIEW for problem in problems):
        return State.REVIEW
    return State.ACCEPTED


def expire(case: Submission) -> Decision:
    """The grace time of an incomplete case ran out: it is rejected."""
    return Decision(outcome=Outcome.DECIDED, submission=replace(case, state=State.REJECTED, expired=True))


def numbered(decision: Decision, receipt: str, version: int) -> Decision:
    """The decision under the receipt and version it was given."""
    return replace(
        decision,
        submission=replace(decision.submission, receipt=receipt, version=version),
        superseded=tuple(replace(case, superseded_by=receipt) for case in decision.superseded),
    )


def _earlier(draft: Submission, standing: Standing, incoming: Incoming) -> tuple[Submission, ...]:
    """What stands of the same reporter, as far as this sender may be told of it: they sent it, or are known."""
    facts = incoming.facts
    if facts.dmarc_failed:
        return ()
    known = facts.sender in standing.known_addresses
    mine = (case for case in standing.submissions if same_reporter(case, draft) and case.receipt != draft.receipt)
    return tuple(case for case in mine if known or facts.sender in _senders(case))


def _senders(case: Submission) -> set[str]:
    return {part.sender.address for part in (case.sheet, case.cover) if part}


def _draft(
    placement: Placement,
    parts: PartSet,
    incoming: Incoming,
    notice: Notice,
    reporter: Reporter | None,
) -> Submission:
    """The submission before its problems: a new one, or the case it joins with the part that was missing."""
    ordered = completed(placement)
    last = ordered[-1] if ordered and (parts.sheet or parts.cover) else None  # else an attachment alone completed it
    received_at, uid = (last.received_at, last.uid) if last else (incoming.origin.received_at, incoming.origin.uid)
    joined = placement.base if placement.move is Move.JOIN else None
    first = [] if placement.move is Move.BORROW else [part.received_at for part in ordered]
    opened_at = min([*first, incoming.origin.received_at])
    sources = placement.base if placement.move in (Move.JOIN, Move.BORROW) else None
    mails = _mails(placement, sources, incoming)
    return Submission(
        receipt=joined.receipt if joined else UNNUMBERED,
        notice=notice.id,
        reporter=reporter.code if reporter else None,
        state=State.INCOMPLETE,
        version=joined.version if joined else 0,
        received_at=received_at,
        uid=uid,
        opened_at=opened_at,
        late=received_at > notice.deadline,
        sheet=placement.sheet,
        cover=placement.cover,
        rivals=parts.rivals,
        others=_others(joined, parts, incoming),
        attached=_attached(joined, parts),
        faults=incoming.faults,
        mails=tuple(sha for sha, _ in mails),
        message_ids=tuple(identifier for _, identifier in mails if identifier),
        sender=incoming.facts.sender,
        subject=incoming.facts.subject,
        grace_ends=opened_at + notice.grace,
        nil_return=_is_nil(placement.sheet),
        copies=sources.copies if sources else (),
        row_version=joined.row_version if joined else 0,
    )


def _others(joined: Submission | None, parts: PartSet, incoming: Incoming) -> tuple[FileRef, ...]:
    """The files of the case and of the mail that are neither its workbook nor its cover, each once."""
    earlier = joined.others if joined else ()
    asked_for = (each.file for each in parts.attached)
    return tuple(dict.fromkeys((*earlier, *asked_for, *incoming.others, *(spare.file for spare in parts.spare))))


def _attached(joined: Submission | None, parts: PartSet) -> tuple[Attached, ...]:
    """Those of the case, each replaced by one that came anew."""
    anew = {each.key for each in parts.attached}
    earlier = joined.attached if joined else ()
    return (*(each for each in earlier if each.key not in anew), *parts.attached)


def _mails(placement: Placement, base: Submission | None, incoming: Incoming) -> list[tuple[str, str | None]]:
    """(SHA-256, Message-ID) of the mails behind a set, oldest first, each once."""
    found: dict[str, str | None] = {}
    if base and placement.move is Move.BORROW and placement.sheet:
        found[placement.sheet.sender.mail] = placement.sheet.sender.message_id
    elif base:
        identifiers = [*base.message_ids, *[None] * (len(base.mails) - len(base.message_ids))]
        found.update(zip(base.mails, identifiers, strict=False))
    found[incoming.mail] = incoming.facts.message_id
    return list(found.items())


def _is_nil(sheet: SheetPart | None) -> bool:
    return bool(sheet and isinstance(sheet.reading, Sheet) and is_nil(sheet.reading))


def _with_mail(case: Submission, parts: PartSet, incoming: Incoming) -> Submission:
    """An identical resend is added to what stands, with who holds the same files, and changes nothing else."""
    if incoming.mail in case.mails:
        return case
    sender = incoming.facts.sender
    if sender and not incoming.facts.dmarc_failed:
        came = {file.sha256 for file in files_of(parts.sheet, parts.cover, *parts.rivals)} - case.sent_by(sender)
        case = replace(case, copies=(*case.copies, *(Copy(sha256=each, address=sender) for each in sorted(came))))
    identifier = incoming.facts.message_id
    known = case.message_ids if not identifier or identifier in case.message_ids else (*case.message_ids, identifier)
    return replace(case, mails=(*case.mails, incoming.mail), message_ids=known)
