"""Where a set of parts belongs among what stands: a resend, the missing part of a case, or a new submission."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.cover import Cover
from domain.identify import bare_unit
from domain.mail import PartFault, PartKind
from domain.pairing import PartSet
from domain.sheet import Sheet
from domain.submission import CoverPart, SheetPart, State, Submission, files_of

Misfits = Callable[[Sheet, Cover], float]
"""How much of a scan is not as a workbook says, less being better."""

MISSING_CODES = frozenset({"sheet.missing", "cover.missing", "attachment.missing"})
_NO_ERROR_BESIDE = frozenset({"attachment.unsupported"})
"""Faults that are no error where both parts are there."""
_WHO_WROTE_IT = frozenset({"mail.takeover", "mail.unknown_sender", "mail.sender_unverified"})


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is known of a reporter when a mail is judged."""

    submissions: tuple[Submission, ...] = ()
    """Newest first."""
    known_addresses: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()
    """Receipts of the letters of ours that this mail answers."""


class Move(StrEnum):
    NEW = "new"
    JOIN = "join"  # completes a case under its own receipt
    BORROW = "borrow"  # a cover alone with the reporter's newest workbook: a new receipt
    RESEND = "resend"  # the very same files as the current submission


@dataclass(frozen=True, kw_only=True)
class Placement:
    """What becomes of a set. `base` is the submission it joins, borrows from or repeats."""

    move: Move
    base: Submission | None
    sheet: SheetPart | None
    cover: CoverPart | None


def place(
    parts: PartSet,
    standing: Sequence[Submission],
    faults: Sequence[PartFault] = (),
    misfits: Misfits | None = None,
) -> Placement:
    """Finds the place of `parts` among the reporter's submissions, newest first (spec sections 4 and 5, fine print).

    `faults` are the files of the mail that could not be read: what stands must not be taken in their stead. `misfits`
    tells whether a scan is of its sender's own workbook, where another's would come first.
    """
    found = _place(parts, standing, faults)
    alone = parts.cover is not None and parts.sheet is None and not any(map(_may_be_workbook, faults))
    return _own_instead(found, parts, standing, misfits) if misfits and alone else found


def _place(parts: PartSet, standing: Sequence[Submission], faults: Sequence[PartFault]) -> Placement:
    own = [case for case in standing if not unconfirmed(case) or _is_by_hand_of(case, parts)]
    current = current_of(own)
    if current and _repeats(parts, faults, current):
        return Placement(move=Move.RESEND, base=current, sheet=current.sheet, cover=current.cover)
    if parts.attached and not parts.sheet and not parts.cover:
        return _attachments_alone(parts, own)
    if parts.rivals or bool(parts.sheet) == bool(parts.cover):
        return Placement(move=Move.NEW, base=None, sheet=parts.sheet, cover=parts.cover)
    joined = _joined(parts, own) or _joined(parts, standing)
    if joined:
        return joined
    newest = (_newest_workbook(own) or _newest_workbook(standing)) if parts.cover else None
    if newest and not any(_may_be_workbook(fault) for fault in faults):
        return Placement(move=Move.BORROW, base=newest, sheet=newest.sheet, cover=parts.cover)
    return Placement(move=Move.NEW, base=None, sheet=parts.sheet, cover=parts.cover)


def _attachments_alone(parts: PartSet, standing: Sequence[Submission]) -> Placement:
    """Files that a case still lacks, without anything that is a return by itself: they complete it."""
    waiting = next((case for case in standing if _lacks_attachments(case)), None)
    if waiting is None:
        return Placement(move=Move.NEW, base=None, sheet=None, cover=None)
    return Placement(move=Move.JOIN, base=waiting, sheet=waiting.sheet, cover=waiting.cover)


def _lacks_attachments(case: Submission) -> bool:
    lacks = any(problem.code == "attachment.missing" for problem in case.problems)
    return lacks and (case.state is State.INCOMPLETE or _ran_out(case))


def _own_instead(found: Placement, parts: PartSet, standing: Sequence[Submission], misfits: Misfits) -> Placement:
    """A scan alone that would go with another's workbook goes with its sender's own newest one, if it shows that better:
    whoever sent a workbook of theirs in between must not catch the scan that mends it."""
    cover, other = parts.cover, found.sheet
    if cover is None or other is None or found.move is Move.RESEND:
        return found
    sender = cover.sender.address
    mine = _newest_workbook(case for case in standing if case.sheet and case.sheet.sender.address == sender)
    if other.sender.address == sender or mine is None or mine.sheet is None or cover.sender.dmarc_failed:
        return found
    if not isinstance(cover.reading, Cover) or not isinstance(other.reading, Sheet):
        return found
    own = mine.sheet.reading
    if not isinstance(own, Sheet) or misfits(own, cover.reading) >= misfits(other.reading, cover.reading):
        return found
    move = Move.JOIN if _waits_for(mine, parts) else Move.BORROW
    return Placement(move=move, base=mine, sheet=mine.sheet, cover=cover)


def _joined(parts: PartSet, standing: Sequence[Submission]) -> Placement | None:
    """The place of a part that completes the newest case that waits for it."""
    newest = _newest_workbook(standing) if parts.cover else None
    waiting = next((case for case in standing if _waits_for(case, parts)), None)
    if waiting is None or _overtaken(waiting, newest, standing):
        return None
    return Placement(
        move=Move.JOIN, base=waiting, sheet=parts.sheet or waiting.sheet, cover=parts.cover or waiting.cover
    )


def unconfirmed(case: Submission) -> bool:
    """Whether nobody confirmed yet who wrote it, and a person is asked: until then what came is neither the reporter's
    current version nor anybody's to be taken over."""
    asked = {problem.code for problem in case.problems if problem.severity == "review"}
    return case.state is not State.ACCEPTED and not asked.isdisjoint(_WHO_WROTE_IT)


def _is_by_hand_of(case: Submission, parts: PartSet) -> bool:
    """Whether the case came from an address that sent these parts."""
    given = {part.sender.address for part in (case.sheet, case.cover) if part} | {case.sender}
    return any(part.sender.address in given for part in (parts.sheet, parts.cover) if part)


def current_of(standing: Iterable[Submission]) -> Submission | None:
    """The newest submission that was not superseded, by receipt then UID."""
    return max((case for case in standing if case.state is not State.SUPERSEDED), key=lambda c: c.order, default=None)


def _repeats(parts: PartSet, faults: Sequence[PartFault], current: Submission) -> bool:
    """Whether all that came is in `current` already. A file beside the parts must have come with them before too, even
    unread: to call a mail identical and drop its new file would lose a correction. What has no hash is never known."""
    came = _hashes(parts.sheet, parts.cover, *parts.rivals) | {each.file.sha256 for each in parts.attached}
    held = _hashes(current.sheet, current.cover, *current.rivals) | {each.file.sha256 for each in current.attached}
    beside = {each.file.sha256 for each in parts.spare} | {fault.sha256 for fault in faults}
    seen = held | {file.sha256 for file in current.others} | {fault.sha256 for fault in current.faults if fault.sha256}
    return bool(came) and came <= held and beside <= seen and not _cured(faults, current)


def _cured(faults: Sequence[PartFault], current: Submission) -> bool:
    """Whether what `current` was rejected for did not come again. To leave out an infected or locked file, or to send good
    files anew in a clean mail, is what its letter advised: it must not be told once more that it is rejected."""
    came = {(fault.code, fault.sha256 or fault.name) for fault in faults}
    had = {(fault.code, fault.sha256 or fault.name) for fault in current.faults if fault.code not in _NO_ERROR_BESIDE}
    return current.state is State.REJECTED and not had <= came


def _may_be_workbook(fault: PartFault) -> bool:
    """Whether the new workbook may be in this unread file (a .docx, a locked archive): then the cover did not come
    alone, and must not be read beside an old workbook."""
    unknown = fault.candidate_for is None and fault.code != "attachment.unsupported"
    return unknown or fault.candidate_for is PartKind.SHEET


def _waits_for(case: Submission, parts: PartSet) -> bool:
    """Whether the case lacks just the part that came: it is incomplete, or its grace time ran out over that part."""
    lacks = (case.cover is None and case.sheet is not None) if parts.cover else (case.sheet is None)
    if not lacks:
        return False
    if case.state is State.INCOMPLETE:
        return True
    return _ran_out(case)


def _ran_out(case: Submission) -> bool:
    """It was rejected for nothing but that a part did not come in time."""
    only_missing = all(p.code in MISSING_CODES for p in case.problems if p.severity == "error")
    return case.state is State.REJECTED and case.expired and only_missing


def _newest_workbook(standing: Iterable[Submission]) -> Submission | None:
    """The case that holds the reporter's newest readable workbook: a cover that comes alone speaks of it."""
    holders = [case for case in standing if case.sheet and isinstance(case.sheet.reading, Sheet)]
    return max(holders, key=_sheet_order, default=None)


def _sheet_order(case: Submission) -> tuple[datetime, int]:
    return (case.sheet.received_at, case.sheet.uid) if case.sheet else case.order


def _overtaken(waiting: Submission, lender: Submission | None, standing: Iterable[Submission]) -> bool:
    """Whether the reporter has moved on since: a newer workbook came, or a newer set stands. A case whose grace time
    ran out long ago must not take the place of what was accepted meanwhile."""
    if waiting.sheet and lender and _sheet_order(lender) > _sheet_order(waiting):
        return True
    stands = (State.ACCEPTED, State.REVIEW)
    return waiting.expired and any(case.state in stands and case.order > waiting.order for case in standing)


def same_reporter(one: Submission, other: Submission) -> bool:
    """Whether two submissions are of one unit. Of units nobody listed only those that give the same name are."""
    if one.reporter or other.reporter:
        return one.reporter == other.reporter
    return bool(_unit_given(one)) and _unit_given(one) == _unit_given(other)


def _unit_given(case: Submission) -> str:
    reading = case.sheet.reading if case.sheet else None
    value = reading.header.get("unit") if isinstance(reading, Sheet) else None
    return bare_unit(value.text) if value else ""


def _hashes(*parts: SheetPart | CoverPart | None) -> frozenset[str]:
    return frozenset(file.sha256 for file in files_of(*parts))


def completed(placement: Placement) -> tuple[SheetPart | CoverPart, ...]:
    """The parts in order of receipt; the last one completed the set."""
    parts = [part for part in (placement.sheet, placement.cover) if part]
    return tuple(sorted(parts, key=lambda part: (part.received_at, part.uid)))


def superseded(others: Iterable[Submission], winner: Submission) -> tuple[Submission, ...]:
    """The submissions a newly accepted one takes the place of, as they stand afterwards."""
    return tuple(
        replace(case, state=State.SUPERSEDED, superseded_by=winner.receipt)
        for case in others
        if case.receipt != winner.receipt
        and same_reporter(case, winner)
        and case.order < winner.order
        and case.state in (State.ACCEPTED, State.INCOMPLETE, State.REVIEW)
    )


def restorable(
    standing: Iterable[Submission], rejected: Submission, *, sheet_required: bool = True
) -> tuple[Submission, ...]:
    """What an accepted submission had replaced and could stand again when that is rejected, newest first; nothing while
    another of the reporter is accepted. `sheet_required`: the return is a workbook, not a scan alone."""
    mine = [case for case in standing if case.receipt != rejected.receipt and same_reporter(case, rejected)]
    if rejected.state is not State.ACCEPTED or any(case.state is State.ACCEPTED for case in mine):
        return ()
    replaced = (case for case in mine if case.state is State.SUPERSEDED and case.superseded_by == rejected.receipt)
    readable = (case for case in replaced if can_stand(case, sheet_required=sheet_required))
    return tuple(sorted(readable, key=lambda case: case.order, reverse=True))


def can_stand(case: Submission, *, sheet_required: bool) -> bool:
    """Whether it holds a return that could be read: without one nobody can accept it."""
    if not sheet_required:
        return case.cover is not None and isinstance(case.cover.reading, Cover)
    return case.sheet is not None and isinstance(case.sheet.reading, Sheet)


def newer_accepted(others: Iterable[Submission], case: Submission) -> Submission | None:
    """An accepted submission that is newer than `case`, which then cannot stand any more."""
    newer = (other for other in others if other.state is State.ACCEPTED and other.order > case.order)
    return next((other for other in newer if other.receipt != case.receipt and same_reporter(other, case)), None)


def decided_already(case: Submission, verdict: State, standing: Iterable[Submission]) -> bool:
    """Whether a person gave just this verdict and it still holds, also where an accepted case was superseded by a newer
    one: to give it again would change nothing, and send another letter."""
    if case.decided_by == "machine":
        return False
    overtaken = case.state is State.SUPERSEDED and newer_accepted(standing, case) is not None
    return case.state is verdict or (verdict is State.ACCEPTED and overtaken)
