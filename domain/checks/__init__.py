"""The checks: pure generators of problems. This module is their entry; each other module has one subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from domain.checks.attachments import check_attachments, unopened
from domain.checks.beside import check_rivals, check_spare
from domain.checks.cover import check_cover
from domain.checks.cover_content import content
from domain.checks.document import check_document, check_page_count
from domain.checks.header import check_header
from domain.checks.own_rules import check_own_rules
from domain.checks.policy import check_policy
from domain.checks.previous import check_previous
from domain.checks.rows import check_rows
from domain.checks.several_apps import check_several_apps
from domain.checks.sheet import failure, hidden_rows, left_out, no_rows, odd_file
from domain.checks.tables import check_tables, check_totals
from domain.checks.timing import check_timing
from domain.notice import Notice, Reporter, Rule
from domain.policy_lists import NO_LISTS, PolicyLists
from domain.previous import NO_PREVIOUS, PreviousRound
from domain.problems import Problem, Severity
from domain.sheet import Sheet, SheetFailure

__all__ = [
    "apply_rules",
    "check_attachments",
    "check_cover",
    "check_document",
    "check_page_count",
    "check_policy",
    "check_previous",
    "check_rivals",
    "check_sheet",
    "check_spare",
    "check_timing",
    "content",
    "first_of_each",
    "unopened",
]

MOST_OF_A_CODE = 5_000


def check_sheet(
    sheet: Sheet | SheetFailure,
    notice: Notice,
    reporter: Reporter | None,
    received_at: datetime,
    lists: PolicyLists = NO_LISTS,
    previous: PreviousRound = NO_PREVIOUS,
) -> tuple[Problem, ...]:
    """Every `sheet.*`, `header.*`, `row.*` and `rule.*` problem of a workbook, in reading order. What is wrong in a cell by itself is
    all that is said of it: what it breaks besides may be the same slip."""
    if isinstance(sheet, SheetFailure):
        return tuple(failure(sheet, notice))
    day = received_at.astimezone(notice.zone).date()
    found = (
        *odd_file(sheet),
        *check_header(sheet, notice, reporter, received_at),
        *no_rows(sheet, notice),
        *hidden_rows(sheet),
        *left_out(sheet),
        *first_of_each(check_rows(sheet, notice, reporter, day, lists.register)),
        *first_of_each(check_tables(sheet, notice, reporter, day)),
        *check_totals(sheet, notice),
        *first_of_each(check_several_apps(sheet, notice)),
    )
    wrong = {(each.sheet, each.cell) for each in found if each.cell and each.severity is Severity.ERROR}
    own = check_own_rules(sheet, notice, reporter, day, previous)
    return (*found, *first_of_each(each for each in own if (each.sheet, each.cell) not in wrong))


def first_of_each(problems: Iterable[Problem]) -> Iterator[Problem]:
    """No more than MOST_OF_A_CODE of any code: nobody reads on, and a workbook may hold a million cells, all of them wrong."""
    told: Counter[str] = Counter()
    for found in problems:
        told[found.code] += 1
        if told[found.code] <= MOST_OF_A_CODE:
            yield found


def apply_rules(problems: Iterable[Problem], notice: Notice, on: date) -> tuple[Problem, ...]:
    """Problems as the notice counts them on the day of receipt: the latest rule that holds changes or drops them."""
    return tuple(ruled for found in problems if (ruled := _ruled(found, notice.rules, on)))


def _ruled(found: Problem, rules: Iterable[Rule], on: date) -> Problem | None:
    holding = [rule for rule in rules if rule.code == found.code and (rule.since is None or rule.since <= on)]
    if not holding:
        return found
    latest = max(holding, key=lambda rule: rule.since or date.min)
    return replace(found, severity=latest.severity) if latest.severity else None
