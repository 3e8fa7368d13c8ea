"""Which standing decisions would differ if they were made today: by today's code, notice, register and blacklist, as of the time
of receipt. Nothing is changed by it: a person decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.catalogue import capped
from domain.checks import apply_rules
from domain.finding import compare_parts, find_problems
from domain.judge import decide, judge
from domain.notice import Notice
from domain.pairing import Incoming, PartSet
from domain.placing import Standing
from domain.policy_lists import PolicyLists
from domain.previous import NO_PREVIOUS, PreviousRound
from domain.problems import Problem
from domain.sets import sets_of
from domain.submission import CoverPart, SheetPart, State, Submission
from ingest import gathering
from ingest.app import App
from ingest.child import ChildFailed
from ingest.errors import Permanent, Transient
from storage import inbox, submissions
from storage.errors import StorageError

_OF_MAILS = "mail."
"""Problems of this kind rest on who was known and what stood when it was decided: they are taken as they were found then."""
_OF_FILES = "attachment."
"""And these, where no mail is opened (`fast`): which other files it brought is not asked again."""
_STANDS = (State.ACCEPTED, State.REVIEW, State.REJECTED)


@dataclass(frozen=True, kw_only=True)
class Rejudged:
    """One case. `before` and `after` are what the machine says of it, then and now; `failed` (English) why it could not be
    judged again. A person may have decided otherwise: that stands in `case`."""

    case: Submission
    before: State
    after: State | None = None
    gained: tuple[Problem, ...] = ()
    lost: tuple[Problem, ...] = ()
    failed: str = ""

    @property
    def differs(self) -> bool:
        return not self.failed and (self.before != self.after or bool(self.gained or self.lost))


@dataclass(frozen=True, kw_only=True)
class _Against:
    """What a case is held against beside its notice."""

    lists: PolicyLists
    previous: PreviousRound


def rejudge(
    app: App,
    notice: Notice,
    *,
    receipt: str | None = None,
    fast: bool = False,
    told: Callable[[str], None] = lambda _: None,
) -> Iterator[Rejudged]:
    """Judges what stands of a notice again, or one receipt, one after the other. `fast`: by the readings that are stored; else
    every mail is opened and read anew, which takes seconds each. `told` hears each receipt before it is looked at."""
    with app.database.read() as tx:
        lists = app.lists.at(tx, notice, app.clock())
        receipts = [receipt] if receipt else _standing(submissions.list_(tx, notice=notice.id))
    for each in receipts:
        told(each)
        with app.database.read() as tx:
            case = submissions.load(tx, each)
            previous = gathering.previous_of_case(tx, app.notices, notice, case) if case else NO_PREVIOUS
        if case is not None:
            yield _again(app, case, notice, _Against(lists=lists, previous=previous), fast=fast)


def _standing(cases: Sequence[Submission]) -> list[str]:
    """Receipts of what counts, oldest first: what was accepted or waits for a person, and a rejection that nothing newer of
    the reporter has mended."""
    newest = {case.reporter: case for case in sorted(cases, key=lambda case: case.order) if case.state in _STANDS}
    kept = [
        case
        for case in cases
        if case.state in (State.ACCEPTED, State.REVIEW)
        or (case.state is State.REJECTED and (case.reporter is None or newest[case.reporter] == case))
    ]
    return [case.receipt for case in sorted(kept, key=lambda case: case.order)]


def _again(app: App, case: Submission, notice: Notice, against: _Against, *, fast: bool) -> Rejudged:
    before = _as_state(decide(case.problems), case)
    try:
        found = _by_readings(case, notice, against) if fast else _by_originals(app, case, notice, against)
    except (ChildFailed, Permanent, Transient, StorageError, LookupError) as error:
        return Rejudged(case=case, before=before, failed=f"{type(error).__name__}: {error}")
    kinds = (_OF_MAILS, _OF_FILES) if fast else (_OF_MAILS,)
    fresh = (each for each in found if not each.code.startswith(kinds))
    kept = (each for each in case.problems if each.code.startswith(kinds))
    ruled = (*capped(apply_rules(fresh, notice, case.received_at.astimezone(notice.zone).date())), *kept)
    gained, lost = _differences(case.problems, ruled)
    return Rejudged(case=case, before=before, after=_as_state(decide(ruled), case), gained=gained, lost=lost)


def _as_state(state: State, case: Submission) -> State:
    """A part that never came is no reason to wait any more."""
    return State.REJECTED if state is State.INCOMPLETE and case.expired else state


def _by_readings(case: Submission, notice: Notice, against: _Against) -> tuple[Problem, ...]:
    """By workbook and cover as they were read then: only comparison, checks, rules and lists are today's."""
    reporter = notice.reporter(case.reporter)
    return find_problems(
        case, compare_parts(case, notice), notice, reporter, lists=against.lists, previous=against.previous
    )


def _by_originals(app: App, case: Submission, notice: Notice, against: _Against) -> tuple[Problem, ...]:
    """By the mails in the archive, opened and read anew. Raises LookupError where the set is not found in them any more."""
    read = {sha256: _read(app, sha256, case, notice) for sha256 in _mails_of(case)}
    parts, incoming = _set_of(case, read, notice)
    with app.database.read() as tx:
        reporter = gathering.content_reporter(parts, notice) or notice.reporter(case.reporter)
        known = gathering.known_addresses(tx, notice, reporter)
    decision = judge(
        parts, incoming, notice=replace(notice, rules=()), reporter=reporter,
        standing=Standing(known_addresses=known), lists=against.lists, previous=against.previous,
    )  # fmt: skip
    return decision.submission.problems


def _mails_of(case: Submission) -> list[str]:
    """SHA-256 of the mails that brought its parts; of a case without parts those that belong to it."""
    parts = [part.file.mail for part in (case.sheet, case.cover) if part]
    parts += [each.file.mail for each in case.attached]
    return list(dict.fromkeys(parts)) or list(case.mails)


def _read(app: App, sha256: str, case: Submission, notice: Notice) -> Incoming:
    """The mail as it is read today, as far as it falls under the notice; all of it, where today it would fall under another. Who
    vouched for its sender is taken as it was found then: keys of signatures are gone after a while."""
    with app.database.read() as tx:
        row = inbox.by_sha256(tx, sha256)
    if row is None:
        raise LookupError(f"the mail {sha256[:12]}… is not in the records")
    raw = app.blobs.get(sha256)
    cut = row.size > len(raw)
    read = app.reader.read(raw, sha256=sha256, origin=row.origin, header_only=cut)
    incoming = next((share.incoming for share in read.shares if share.notice.id == notice.id), None)
    if incoming is None:
        incoming = app.reader.read(raw, sha256=sha256, origin=row.origin, header_only=cut, under=notice).incoming
    sender = next((p.sender for p in (case.sheet, case.cover) if p and p.sender.mail == sha256), None)
    return (
        replace(incoming, facts=replace(incoming.facts, authentication=sender.authentication)) if sender else incoming
    )


def _set_of(case: Submission, read: Mapping[str, Incoming], notice: Notice) -> tuple[PartSet, Incoming]:
    """The set that holds the workbook of the case, completed by its cover where another mail brought that; or that of the
    cover alone."""
    sets = {sha256: sets_of(incoming, notice) for sha256, incoming in read.items()}
    sheet, cover = _wanted(case.sheet), _wanted(case.cover)
    found = [(parts, sha256) for sha256, some in sets.items() for parts in some]
    of_sheet = next(((p, m) for p, m in found if sheet and _wanted(p.sheet) == sheet), None)
    of_cover = next(((p, m) for p, m in found if cover and _wanted(p.cover) == cover), None)
    chosen = of_sheet or of_cover or (found[0] if found and not (sheet or cover) else None)
    if chosen is None:
        raise LookupError("its mails hold no such set any more, as they are read today")
    parts, mail = chosen
    if of_sheet and of_cover and of_sheet[0] is not of_cover[0] and parts.cover is None:
        parts, mail = replace(parts, cover=of_cover[0].cover), of_cover[1]
    return _with_attached(parts, case, found), read[mail]


def _with_attached(parts: PartSet, case: Submission, found: Sequence[tuple[PartSet, str]]) -> PartSet:
    """With the other files of the case that came in another mail."""
    files = {each.file.sha256 for each in case.attached}
    have = {each.key for each in parts.attached}
    more = {
        each.file.sha256: each
        for some, _ in found
        for each in some.attached
        if each.file.sha256 in files and each.key not in have
    }
    return replace(parts, attached=(*parts.attached, *more.values()))


def _wanted(part: SheetPart | CoverPart | None) -> str | None:
    return part.file.sha256 if part else None


def _differences(
    before: Sequence[Problem], after: Sequence[Problem]
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Problems that came and that went. A problem is the same by code, severity and place, whatever its words."""
    return _beyond(after, before), _beyond(before, after)


def _beyond(some: Sequence[Problem], others: Sequence[Problem]) -> tuple[Problem, ...]:
    left = Counter(map(_key, others))
    found = []
    for problem in some:
        if left[_key(problem)]:
            left[_key(problem)] -= 1
        else:
            found.append(problem)
    return tuple(found)


def _key(problem: Problem) -> tuple[str, ...]:
    return (problem.code, str(problem.severity), problem.file or "", problem.sheet or "", problem.cell or "")
