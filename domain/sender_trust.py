"""Who wrote a mail, and may they replace or complete what others sent? An address in From proves little by itself."""

from __future__ import annotations

from collections.abc import Iterable

from domain.catalogue import problem
from domain.mail import MailFacts
from domain.notice import Reporter, SenderPolicy
from domain.pairing import Incoming
from domain.placing import Placement, Standing, unconfirmed
from domain.problems import Place, Problem, Severity
from domain.submission import CoverPart, SheetPart, State, Submission, files_of

_REPLACEABLE = (State.ACCEPTED, State.INCOMPLETE, State.REVIEW)


def sender_problems(
    placement: Placement,
    standing: Standing,
    incoming: Incoming,
    reporter: Reporter | None,
    policy: SenderPolicy = SenderPolicy.OPEN,
) -> Iterable[Problem]:
    """Who wrote it: an unknown address, an unverified one, or one that completes another address's set."""
    facts = incoming.facts
    yield from _by_policy(facts, policy, known=is_known(facts, standing, reporter))
    earlier = [part for part in (placement.sheet, placement.cover) if part and part.sender.mail != incoming.mail]
    held = placement.base.sent_by(facts.sender) if placement.base and not facts.dmarc_failed else frozenset()
    foreign = [part for part in earlier if not _same_hand(part, facts) and not _holds(held, part)]
    in_thread = bool(placement.base and placement.base.receipt in standing.answered)
    if foreign and not in_thread and not _trusted(facts, standing, reporter):
        yield problem(
            "mail.foreign_part", Place(file=foreign[0].file.name), variant=_why_untrusted(facts, standing, reporter)
        )


def _by_policy(facts: MailFacts, policy: SenderPolicy, *, known: bool) -> Iterable[Problem]:
    """What is told of any sender; under a policy that asks for more than anybody's mail, a person is asked. Of an unknown
    address it is nothing more that it was not proven: whoever is asked telephones."""
    place = Place(value=facts.sender)
    told, words = (None, "") if policy is SenderPolicy.OPEN else (Severity.REVIEW, "review")
    if not known:
        yield problem("mail.unknown_sender", place, severity=told, variant=words)
    if facts.dmarc_failed:
        yield problem("mail.sender_unverified", place, severity=told, variant=words)
    elif policy is SenderPolicy.VERIFIED and known and not facts.authentication.proven:
        yield problem("mail.sender_unverified", place, severity=told, variant="unproven")


def takeover(case: Submission, standing: Standing, facts: MailFacts, reporter: Reporter | None) -> Iterable[Problem]:
    """Would supersede what another address sent, without being known, that sender, or in its thread.

    What waits for its own confirmation stands in nobody's way. Who answers the accepted version, or sent it, replaces
    what else came since, unless a known address sent that. Who sends every byte of it too takes nothing from anybody.
    """
    if _trusted(facts, standing, reporter):
        return
    older = [
        other
        for other in standing.submissions
        if other.state in _REPLACEABLE and other.receipt != case.receipt and other.order < case.order
    ]
    accepted = next((other for other in older if other.state is State.ACCEPTED), None)
    mine = case.sent_by(facts.sender) if not facts.dmarc_failed else frozenset()
    continues = accepted is not None and _answers(accepted, facts, standing)
    for other in older:
        counts = not unconfirmed(other) and not (continues and other.sender not in _known(standing, reporter))
        counts = counts and not _holds(mine, other.sheet, other.cover, *other.rivals)
        if counts and not _answers(other, facts, standing):
            yield problem("mail.takeover", Place(value=facts.sender), variant=_why_untrusted(facts, standing, reporter))
            return


def _known(standing: Standing, reporter: Reporter | None) -> frozenset[str]:
    return standing.known_addresses | frozenset(reporter.addresses if reporter else ())


def is_known(facts: MailFacts, standing: Standing, reporter: Reporter | None) -> bool:
    """Whether the address is known for the reporter, whoever wrote under it."""
    return facts.sender in _known(standing, reporter)


def _trusted(facts: MailFacts, standing: Standing, reporter: Reporter | None) -> bool:
    return is_known(facts, standing, reporter) and not facts.dmarc_failed


def _why_untrusted(facts: MailFacts, standing: Standing, reporter: Reporter | None) -> str:
    """The words for a sender who is not trusted: a known address whose mail failed DMARC is no unknown one."""
    return "unverified" if is_known(facts, standing, reporter) else ""


def _same_hand(part: SheetPart | CoverPart, facts: MailFacts) -> bool:
    """The part came from this sender, or this mail answers the mail that brought it."""
    return _writes_as(facts, part.sender.address) or part.sender.message_id in facts.in_thread


def _holds(files: frozenset[str], *parts: SheetPart | CoverPart | None) -> bool:
    """The very bytes of these parts are among `files`, which the sender of a mail sent too."""
    hashes = {file.sha256 for file in files_of(*parts)}
    return bool(hashes) and hashes <= files


def _answers(other: Submission, facts: MailFacts, standing: Standing) -> bool:
    """The earlier sender writes again, or the mail is in the earlier submission's thread."""
    in_thread = other.receipt in standing.answered or bool(set(other.message_ids) & set(facts.in_thread))
    senders = {other.sender} | {part.sender.address for part in (other.sheet, other.cover) if part}
    return in_thread or any(_writes_as(facts, address) for address in senders)


def _writes_as(facts: MailFacts, address: str) -> bool:
    """The mail is from that address, as far as one can tell: a From that failed DMARC proves nothing."""
    return facts.sender == address and not facts.dmarc_failed
