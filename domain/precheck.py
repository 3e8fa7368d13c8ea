"""A pre-check: the whole judgement of a set that is not filed. Nothing is joined, borrowed, repeated or replaced by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from domain.addresses import same
from domain.catalogue import CATALOGUE, variant_for
from domain.checks.attachments import is_inside
from domain.judge import Decision, compare_versions, judge, place_by_content
from domain.letters import readable
from domain.mail import MailFacts
from domain.notice import Notice, Reporter, SenderPolicy
from domain.pairing import Incoming, PartSet
from domain.placing import Move, Placement, Standing, same_reporter
from domain.policy_lists import NO_LISTS, PolicyLists
from domain.previous import NO_PREVIOUS, PreviousRound
from domain.problems import Problem, Severity
from domain.sender_trust import sender_problems, takeover
from domain.submission import State, Submission
from domain.versions import Difference

_WORDS = "precheck"
"""Name of the words of a problem that are said in a pre-check."""


@dataclass(frozen=True, kw_only=True)
class Prechecked:
    """What would be decided. `difference`: from what stands accepted, as the sender may see it; None where nothing stands, or
    that is nothing to them. `lent_by`: the receipt whose workbook a cover that came alone was compared with. `by_hand`: a filing
    from this address would wait for a person."""

    decision: Decision
    difference: Difference | None = None
    lent_by: str | None = None
    by_hand: bool = False

    @property
    def case(self) -> Submission:
        return self.decision.submission


def judge_unfiled(
    parts: PartSet,
    incoming: Incoming,
    *,
    notice: Notice,
    reporter: Reporter | None,
    known: Iterable[str] = (),
    lists: PolicyLists = NO_LISTS,
    previous: PreviousRound = NO_PREVIOUS,
) -> Decision:
    """What would be decided on a set by itself, whoever files it. `known`: addresses that count as the reporter's own."""
    standing = Standing(known_addresses=frozenset(known))
    notice = replace(notice, sender_policy=SenderPolicy.OPEN)
    return judge(parts, incoming, notice=notice, reporter=reporter, standing=standing, lists=lists, previous=previous)


def precheck(
    parts: PartSet,
    incoming: Incoming,
    *,
    notice: Notice,
    reporter: Reporter | None,
    standing: Standing,
    lists: PolicyLists = NO_LISTS,
    previous: PreviousRound = NO_PREVIOUS,
) -> Prechecked:
    """Judges a set beside what stands, which is looked at and left as it is."""
    facts = incoming.facts
    placement = place_by_content(parts, incoming, standing, notice)
    lender = _lender(parts, placement, incoming)
    if lender:
        parts = replace(parts, sheet=lender.sheet)
    decision = judge_unfiled(
        parts,
        incoming,
        notice=notice,
        reporter=reporter,
        known=standing.known_addresses,
        lists=lists,
        previous=previous,
    )
    case = decision.submission
    worded = replace(case, problems=tuple(_worded(problem, notice) for problem in case.problems))
    return Prechecked(
        decision=replace(decision, submission=worded),
        difference=_difference(case, facts, standing, notice),
        lent_by=lender.receipt if lender else None,
        by_hand=_waits_for_a_person(case, placement, incoming, standing, reporter, notice.sender_policy),
    )


def _waits_for_a_person(
    case: Submission,
    placement: Placement,
    incoming: Incoming,
    standing: Standing,
    reporter: Reporter | None,
    policy: SenderPolicy,
) -> bool:
    """Whether what is filed from this address would be in review, because another sent what it replaces or completes, or the
    notice asks for a known or proven sender.
    A mail that failed DMARC is answered at the reporter's known addresses, of which that is not so."""
    if placement.move is Move.RESEND or incoming.facts.dmarc_failed:
        return False
    found = (
        *sender_problems(placement, standing, incoming, reporter, policy),
        *takeover(case, standing, incoming.facts, reporter),
    )
    return any(each.severity is Severity.REVIEW for each in found)


def _lender(parts: PartSet, found: Placement, incoming: Incoming) -> Submission | None:
    """The case with whose workbook a cover that came alone would be read if it were filed; none where another address
    sent that workbook, whose values are not for this sender."""
    if parts.sheet or not parts.cover:
        return None
    lent = found.sheet.sender.address if found.sheet else ""
    own = same(lent, incoming.facts.sender) and not incoming.facts.dmarc_failed
    return found.base if found.sheet and own else None


def _difference(case: Submission, facts: MailFacts, standing: Standing, notice: Notice) -> Difference | None:
    """From what stands accepted: for whoever sent that, and in numbers for the reporter's known addresses. Others would
    learn from it what another reported."""
    base = _accepted(case, standing.submissions)
    if base is None or base.sheet is None or case.state is State.REJECTED or facts.dmarc_failed:
        return None
    whole = compare_versions(base, case, notice)
    theirs = same(base.sheet.sender.address, facts.sender)
    if not theirs and facts.sender not in standing.known_addresses:
        return None
    return readable(whole, case, sender=facts.sender, to=facts.sender)


def _accepted(case: Submission, standing: Sequence[Submission]) -> Submission | None:
    found = (other for other in standing if other.state is State.ACCEPTED and same_reporter(other, case))
    return next(found, None)


def _worded(problem: Problem, notice: Notice) -> Problem:
    """In words for what is not filed, where the usual ones speak of filing: a message that is the same stands already. What
    may be in a file that was not opened is told as of a filing: to say that it was not sent would be wrong."""
    entry = CATALOGUE.get(problem.code)  # none of a rule of the notice's own
    variant = variant_for(problem.code, _WORDS, document=not notice.sheet_required)
    words = entry.variants.get(variant) if entry else None
    if entry is None or words is None or is_inside(problem):
        return problem
    message = problem.message if words.message == entry.words.message else words.message
    return replace(problem, message=message, advice=words.advice)
