"""Where a set of parts belongs among what stands: a resend, the missing part of a case, or a new submission."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.pairing import PartSet
from domain.sheet import Sheet
from domain.submission import CoverPart, SheetPart, State, Submission

MISSING_CODES = frozenset({"sheet.missing", "cover.missing"})


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


def place(parts: PartSet, standing: Sequence[Submission]) -> Placement:
    """Finds the place of `parts` among the reporter's submissions, newest first (spec sections 4 and 5, fine print)."""
    current = current_of(standing)
    if current and _hashes(parts.sheet, parts.cover) <= _hashes(current.sheet, current.cover):
        return Placement(move=Move.RESEND, base=current, sheet=current.sheet, cover=current.cover)
    if parts.rivals or (parts.sheet and parts.cover):
        return Placement(move=Move.NEW, base=None, sheet=parts.sheet, cover=parts.cover)
    waiting = next((case for case in standing if _waits_for(case, parts)), None)
    if waiting:
        return Placement(
            move=Move.JOIN, base=waiting, sheet=parts.sheet or waiting.sheet, cover=parts.cover or waiting.cover
        )
    if parts.cover:
        lender = next((case for case in standing if case.sheet and isinstance(case.sheet.reading, Sheet)), None)
        if lender:
            return Placement(move=Move.BORROW, base=lender, sheet=lender.sheet, cover=parts.cover)
    return Placement(move=Move.NEW, base=None, sheet=parts.sheet, cover=parts.cover)


def current_of(standing: Iterable[Submission]) -> Submission | None:
    """The newest submission that was not superseded, by receipt then UID."""
    return max((case for case in standing if case.state is not State.SUPERSEDED), key=lambda c: c.order, default=None)


def _waits_for(case: Submission, parts: PartSet) -> bool:
    """Whether the case lacks just the part that came: it is incomplete, or its grace time ran out over that part."""
    lacks = (case.cover is None and case.sheet is not None) if parts.cover else (case.sheet is None)
    if not lacks:
        return False
    if case.state is State.INCOMPLETE:
        return True
    only_missing = all(p.code in MISSING_CODES for p in case.problems if p.severity == "error")
    return case.state is State.REJECTED and case.expired and only_missing


def _hashes(sheet: SheetPart | None, cover: CoverPart | None) -> frozenset[str]:
    return frozenset(part.file.sha256 for part in (sheet, cover) if part)


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
        and case.order < winner.order
        and case.state in (State.ACCEPTED, State.INCOMPLETE, State.REVIEW)
    )


def newer_accepted(others: Iterable[Submission], case: Submission) -> Submission | None:
    """An accepted submission that is newer than `case`, which then cannot stand any more."""
    return next(
        (o for o in others if o.receipt != case.receipt and o.state is State.ACCEPTED and o.order > case.order), None
    )
