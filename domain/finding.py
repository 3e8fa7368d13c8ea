"""What is wrong with a set: every check that its notice asks for, in the order that a person looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain import checks
from domain.attaching import KIND_NAMES, lacking
from domain.catalogue import problem, variant_for
from domain.compare import compare
from domain.cover import Cover
from domain.mail import WHOLE_MAIL, PartKind
from domain.many_rows import no_circles
from domain.notice import Notice, Reporter
from domain.pairing import Spare
from domain.policy_lists import NO_LISTS, PolicyLists
from domain.previous import NO_PREVIOUS, PreviousRound
from domain.problems import Place, Problem
from domain.sheet import Sheet
from domain.submission import CoverFindings, State, Submission


def compare_parts(case: Submission, notice: Notice) -> CoverFindings | None:
    """Compares the cover with the workbook when both were read."""
    sheet = case.sheet.reading if case.sheet else None
    cover = case.cover.reading if case.cover else None
    if isinstance(sheet, Sheet) and isinstance(cover, Cover):
        return compare(sheet, cover, notice.form)
    return None


@no_circles()
def find_problems(
    case: Submission,
    findings: CoverFindings | None,
    notice: Notice,
    reporter: Reporter | None,
    *,
    spare: Sequence[Spare] = (),
    earlier: Sequence[Submission] = (),
    lists: PolicyLists = NO_LISTS,
    previous: PreviousRound = NO_PREVIOUS,
) -> tuple[Problem, ...]:
    """Every finding about the content of a set: workbook, cover, attachments, time, policy. `earlier`: what stands of
    the reporter and may be spoken of to this sender."""
    if not notice.sheet_required:
        return tuple(_of_document(case, notice, reporter, spare, earlier))
    sheet = case.sheet.reading if case.sheet else None
    cover = case.cover.reading if case.cover else None
    found: list[Problem] = []
    covered = cover is not None or not notice.cover_required
    found += checks.check_attachments(case.faults, has_sheet=sheet is not None, has_cover=covered)
    found += checks.check_spare(spare)
    found += checks.check_rivals(case.sheet, case.rivals, notice.form) if case.sheet else ()
    unknown = _unknown(case)
    if sheet is not None:
        found += checks.check_sheet(sheet, notice, reporter, case.received_at, lists, previous)
    elif not unknown:
        inside = checks.unopened(case.faults, PartKind.SHEET)
        found.append(problem("sheet.missing", Place(), variant="inside" if inside else "", inside=inside))
    if cover is not None:
        found += checks.check_cover(cover, findings, notice, reporter, sheet if isinstance(sheet, Sheet) else None)
        found += checks.check_page_count(cover, notice) if isinstance(cover, Cover) else ()
    elif notice.cover_required and not unknown:
        found.append(_no_cover(case, earlier))
    found += () if unknown else _no_attachments(case, notice)
    found += checks.check_timing(case.received_at, notice)
    if isinstance(sheet, Sheet):
        found += checks.first_of_each(checks.check_policy(sheet, notice, lists))
        found += checks.first_of_each(checks.check_previous(sheet, notice, previous))
    return tuple(found)


def _of_document(
    case: Submission,
    notice: Notice,
    reporter: Reporter | None,
    spare: Sequence[Spare],
    earlier: Sequence[Submission],
) -> Iterator[Problem]:
    """Of a return that is a stamped scan alone."""
    cover = case.cover.reading if case.cover else None
    yield from checks.check_attachments(case.faults, has_sheet=True, has_cover=cover is not None, document=True)
    yield from checks.check_spare(spare, alone=cover is None)
    if cover is not None:
        yield from checks.check_document(cover, notice, reporter, case.received_at)
    elif not _unknown(case):
        inside = checks.unopened(case.faults, PartKind.COVER) or checks.unopened(case.faults, PartKind.SHEET)
        variant = variant_for("cover.missing", "inside" if inside else "", document=True)
        yield problem("cover.missing", Place(), variant=variant, inside=inside)
    if not _unknown(case):
        yield from _no_attachments(case, notice)
    yield from checks.check_timing(case.received_at, notice)


def _unknown(case: Submission) -> bool:
    """What seems missing may be in the mail, which could not be looked into."""
    return any(fault.name == WHOLE_MAIL for fault in case.faults)


def _no_attachments(case: Submission, notice: Notice) -> Iterator[Problem]:
    """Every other file that must come and has not."""
    for rule in lacking(case.attached, notice):
        kinds = "或".join(dict.fromkeys(KIND_NAMES[kind] for kind in rule.kinds))
        words = f"，文件名里写上{'或'.join(f'“{word}”' for word in rule.words)}" if rule.words else ""
        yield problem("attachment.missing", Place(field=rule.name), name=rule.name, kinds=kinds, words=words)


def _no_cover(case: Submission, earlier: Sequence[Submission]) -> Problem:
    """The missing cover, by where it may be: in a file that was not opened, or left out as the earlier workbook had one."""
    inside = checks.unopened(case.faults, PartKind.COVER)
    stands = next((each.receipt for each in earlier if each.state is State.ACCEPTED), "")
    variant = ""
    if inside:
        variant = "inside"
    elif case.sheet and any(each.cover for each in earlier):
        variant = "new_sheet_stands" if stands else "new_sheet"
    return problem("cover.missing", Place(), variant=variant, inside=inside, stands=stands)
