"""What must be known before a set is judged: whose it is, and what stands of that reporter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from domain import identify, rounds
from domain.addresses import same
from domain.cover import Cover
from domain.mail import MailFacts
from domain.notice import Notice, Reporter
from domain.pairing import Incoming, PartSet
from domain.placing import Standing
from domain.previous import NO_PREVIOUS, PreviousRound, previous_round
from domain.sheet import Sheet, SheetFailure
from domain.submission import SheetPart, State, Submission
from storage import outbox, senders, submissions
from storage.database import Transaction


def reporter_of(tx: Transaction, parts: PartSet, incoming: Incoming, notice: Notice) -> Reporter | None:
    """Whose return it is: by its content, else by the thread it answers, else by the sender's waiting case or address, else
    by the code of the form it was printed from."""
    sheet = parts.sheet.reading if parts.sheet else None
    found = content_reporter(parts, notice)
    if found or (isinstance(sheet, Sheet) and sheet.header.get("unit") and sheet.header["unit"].text):
        return found
    answered = [submissions.load(tx, receipt) for receipt in answered_by(tx, incoming.facts)]
    cases = sorted((case for case in answered if case), key=lambda case: case.order, reverse=True)
    if not incoming.facts.dmarc_failed:
        cases += [case for case in submissions.open_incomplete(tx, notice.id) if case.sender == incoming.facts.sender]
    known = next((case.reporter for case in cases if case.reporter and case.notice == notice.id), None)
    return notice.reporter(known) or known_writer(tx, incoming.facts, notice) or hinted_reporter(parts, notice)


def known_writer(tx: Transaction, facts: MailFacts, notice: Notice) -> Reporter | None:
    """The one reporter that this address is known for."""
    codes = writes_for(tx, notice, facts.sender)
    return notice.reporter(next(iter(codes))) if len(codes) == 1 and not facts.dmarc_failed else None


def writes_for(tx: Transaction, notice: Notice, address: str) -> frozenset[str]:
    """Codes of the reporters that an address is known for."""
    listed = {reporter.code for reporter in notice.reporters if address in reporter.addresses}
    confirmed = senders.reporters(tx, notice.series, address)
    return frozenset(listed | {reporter.code for reporter in notice.reporters if reporter.code in confirmed})


def known_addresses(tx: Transaction, notice: Notice, reporter: Reporter | None) -> frozenset[str]:
    """The addresses that may write for a reporter: those the notice lists, and those staff confirmed."""
    if reporter is None:
        return frozenset()
    return frozenset(reporter.addresses) | senders.addresses(tx, notice.series, reporter.code)


def content_reporter(parts: PartSet, notice: Notice) -> Reporter | None:
    """Whose return a set is by what it says: 填报单位, title, rows, printed cover, seal."""
    sheet, cover = _readable(parts)
    return identify.reporter_of(sheet, cover, notice).reporter


def hinted_reporter(parts: PartSet, notice: Notice) -> Reporter | None:
    """For whom the printed form was made out, where nothing else tells whose return it is."""
    sheet, cover = _readable(parts)
    return identify.reporter_by_code(sheet, cover, notice)


def _readable(parts: PartSet) -> tuple[Sheet | SheetFailure | None, Cover | None]:
    cover = parts.cover.reading if parts.cover else None
    return parts.sheet.reading if parts.sheet else None, cover if isinstance(cover, Cover) else None


def is_awaited(tx: Transaction, facts: MailFacts, notice: Notice) -> bool:
    """Whether we may expect a part from this sender: the mail is about a case, or a case of theirs lacks one."""
    if answered_by(tx, facts):
        return True
    waiting = () if facts.dmarc_failed else submissions.open_incomplete(tx, notice.id)
    return any(case.sender == facts.sender for case in waiting)


def answered_by(tx: Transaction, facts: MailFacts) -> frozenset[str]:
    """Receipts of the submissions that this mail's thread is about."""
    found = set()
    for identifier in facts.in_thread:
        letter = outbox.ours(tx, identifier)
        if letter and letter.receipt:
            found.add(letter.receipt)
        found |= {case.receipt for case in submissions.by_message_id(tx, identifier)}
    return frozenset(found)


def cases_of(tx: Transaction, facts: MailFacts, notice: Notice) -> frozenset[str]:
    """Receipts that a writer may speak of: those of the thread, else those of their own mails that still stand."""
    answered = answered_by(tx, facts)
    if answered or facts.dmarc_failed:
        return answered
    cases = submissions.list_(tx, notice=notice.id)
    mine = (case for case in cases if case.sender == facts.sender and case.state is not State.SUPERSEDED)
    return frozenset(case.receipt for case in mine)


def is_vouched_for(tx: Transaction, facts: MailFacts, notice: Notice) -> bool:
    """Whether a mail is of our own circle by more than its words: it is about a case, or its writer has sent a return
    before or is known for a reporter."""
    known = bool(writes_for(tx, notice, facts.sender)) and not facts.dmarc_failed
    return known or bool(cases_of(tx, facts, notice))


def standing_of(
    tx: Transaction, incoming: Incoming, notice: Notice, reporter: Reporter | None, *, alone: bool
) -> Standing:
    """What stands of the reporter, and what this sender sent before anybody could tell whose it was. The latter only
    for the one set of a mail (`alone`): two sets must not both take the same waiting part."""
    answered = answered_by(tx, incoming.facts)
    nameless = [
        case
        for case in submissions.standing(tx, notice.id, None)
        if alone
        and (case.receipt in answered or (case.sender == incoming.facts.sender and not incoming.facts.dmarc_failed))
    ]
    named = submissions.standing(tx, notice.id, reporter.code) if reporter else ()
    return Standing(
        submissions=tuple(sorted((*named, *nameless), key=lambda case: case.order, reverse=True)),
        known_addresses=known_addresses(tx, notice, reporter),
        answered=answered,
    )


def previous_of(
    tx: Transaction, notices: Sequence[Notice], notice: Notice, reporter: Reporter | None, incoming: Incoming
) -> PreviousRound:
    """What the reporter had accepted in the round before, and how far this sender may be told of it: who sent that, or is known."""
    facts = incoming.facts
    known = facts.sender in known_addresses(tx, notice, reporter)

    def may_see(sheet: SheetPart) -> bool:
        return not facts.dmarc_failed and (known or same(sheet.sender.address, facts.sender))

    running = _running(notices, notice, incoming.origin.received_at)
    return _previous(tx, notices, notice, reporter, may_see, running)


def previous_of_case(tx: Transaction, notices: Sequence[Notice], notice: Notice, case: Submission) -> PreviousRound:
    """The same for a submission that stands, for staff."""
    running = _running(notices, notice, case.received_at)
    return _previous(tx, notices, notice, notice.reporter(case.reporter), lambda _: True, running)


def _previous(
    tx: Transaction,
    notices: Sequence[Notice],
    notice: Notice,
    reporter: Reporter | None,
    may_see: Callable[[SheetPart], bool],
    running: str,
) -> PreviousRound:
    earlier = rounds.before(notices, notice)
    if notice.round is None:
        return NO_PREVIOUS
    if earlier is None or earlier.round is None or reporter is None:
        return PreviousRound(running=running)
    accepted = submissions.list_(tx, notice=earlier.id, reporter=reporter.code, state=State.ACCEPTED, limit=1)
    part = accepted[0].sheet if accepted else None
    if part is None or not isinstance(part.reading, Sheet):
        return PreviousRound(running=running)
    told = may_see(part)
    return previous_round(earlier.round.name, part.reading.rows, notice.round.comparison, told=told, running=running)


def _running(notices: Sequence[Notice], notice: Notice, at: datetime) -> str:
    """The round that the moment falls in, where that is another one."""
    among = rounds.of_series(notices, notice.series)
    found = rounds.round_at(among, at) if among else notice
    return found.round.name if found.round and found.id != notice.id else ""
