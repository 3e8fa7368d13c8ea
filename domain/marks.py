"""Which cells of a rejected workbook are marked, and what each says: all of them, though a letter lists 50 of a kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain import checks
from domain.cover import Cover
from domain.mixed_up import OF_ANOTHER, unit_on_scan
from domain.notice import Notice
from domain.policy_lists import NO_LISTS, PolicyLists
from domain.problems import Problem, Severity
from domain.sheet import Sheet
from domain.submission import Submission


def marks_of(case: Submission, notice: Notice, lists: PolicyLists = NO_LISTS) -> tuple[tuple[str, str, str], ...]:
    """(sheet, address, comment) of the case's workbook; empty when it was not read or no cell is to be mended. What a scan
    of another unit says is no fault of any cell. `lists`: those that it was judged by."""
    reading = case.sheet.reading if case.sheet else None
    if not isinstance(reading, Sheet):
        return ()
    left_out = OF_ANOTHER if unit_on_scan(case, notice) else frozenset[str]()
    return marks((each for each in _uncut(case, reading, notice, lists) if each.code not in left_out), reading)


def marks(problems: Iterable[Problem], sheet: Sheet) -> tuple[tuple[str, str, str], ...]:
    """(sheet, address, comment) for each cell to be mended, and no other: a reminder in red would be taken for an error.

    Several errors of one cell share its comment.
    """
    texts: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        if problem.cell and problem.severity is Severity.ERROR:
            place = (problem.sheet or sheet.sheet, problem.cell)
            texts.setdefault(place, []).append(f"{problem.message}{problem.advice}")
    return tuple((name, cell, "\n".join(lines)) for (name, cell), lines in texts.items())


def _uncut(case: Submission, sheet: Sheet, notice: Notice, lists: PolicyLists) -> Sequence[Problem]:
    """The case's problems, where the list of one kind was cut all of that kind: found again, since only the list is
    stored. The severity is that of the decision."""
    cut = {(each.code, each.file): each.severity for each in case.problems if each.total}
    if not cut:
        return case.problems
    listed = [each for each in case.problems if (each.code, each.file) not in cut]
    again = (each for each in _found_again(case, sheet, notice, lists) if (each.code, each.file) in cut)
    return [*listed, *(replace(each, severity=cut[each.code, each.file]) for each in again)]


def _found_again(case: Submission, sheet: Sheet, notice: Notice, lists: PolicyLists) -> Iterable[Problem]:
    reporter = notice.reporter(case.reporter)
    yield from checks.check_sheet(sheet, notice, reporter, case.received_at, lists)
    cover = case.cover.reading if case.cover else None
    if isinstance(cover, Cover):
        yield from checks.content(cover, case.findings, sheet, notice.form)
