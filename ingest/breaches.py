"""What standing returns say against the policy: what was told when they were decided, and what lists that came later add.

Nothing of it is stored apart: it follows from the accepted submissions and the lists. Digest, export and console ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from domain import checks
from domain.checks.lists import APP_KEY, OPERATOR_KEY
from domain.merged import SCHOOL_KEY
from domain.notice import Notice, Reporter
from domain.policy_lists import PolicyLists
from domain.problems import Problem
from domain.sheet import Row, Sheet
from domain.submission import State, Submission
from storage import submissions
from storage.database import Transaction

ATTENTION = "policy.restricted_app"
"""An app with a reminder: listed 关注, never as a breach."""
_POLICY = "policy."


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One policy problem of one row of an accepted submission. `told`: its sender was told of it with the decision.
    `stands`: today's lists still say it; one that was told then and does not stand now is history."""

    receipt: str
    reporter: Reporter | None
    school: str
    app: str
    operator: str
    problem: Problem
    told: bool
    stands: bool

    @property
    def is_attention(self) -> bool:
        """A reminder (关注) and no breach."""
        return self.problem.code == ATTENTION


def breaches(tx: Transaction, notice: Notice, lists: PolicyLists) -> tuple[Breach, ...]:
    """Every breach and reminder of a notice, by reporter in the notice's order, then row by row. `lists`: today's
    (`app.lists.at`)."""
    order = {reporter.code: at for at, reporter in enumerate(notice.reporters)}
    cases = submissions.list_(tx, notice=notice.id, state=State.ACCEPTED)
    ordered = sorted(cases, key=lambda case: (order.get(case.reporter or "", len(order)), case.receipt))
    return tuple(found for case in ordered for found in breaches_of(case, notice, lists))


def breaches_of(case: Submission, notice: Notice, lists: PolicyLists) -> Iterator[Breach]:
    """Those of one submission: by today's lists, then what was told and is not so any more."""
    sheet = case.sheet.reading if case.sheet else None
    if not isinstance(sheet, Sheet):
        return
    rows = {_place(sheet, row, cell.address): row for row in sheet.rows for cell in row.cells.values()}
    told = {_key(sheet, problem): problem for problem in case.problems if problem.code.startswith(_POLICY)}
    cut = {problem.code for problem in told.values() if problem.total}
    day = case.received_at.astimezone(notice.zone).date()
    now = {_key(sheet, problem): problem for problem in _found_now(sheet, notice, lists, day)}
    for key, problem in now.items():
        known = key in told or problem.code in cut
        yield _breach(case, notice, rows.get(key[1:]), problem, told=known, stands=True)
    for key, problem in told.items():
        if key not in now:
            yield _breach(case, notice, rows.get(key[1:]), replace(problem, total=None), told=True, stands=False)


def _found_now(sheet: Sheet, notice: Notice, lists: PolicyLists, day: date) -> Iterable[Problem]:
    return checks.apply_rules(checks.check_policy(sheet, notice, lists), notice, day)


def _breach(case: Submission, notice: Notice, row: Row | None, problem: Problem, *, told: bool, stands: bool) -> Breach:
    return Breach(
        receipt=case.receipt,
        reporter=notice.reporter(case.reporter),
        school=row.text(SCHOOL_KEY) if row else "",
        app=row.text(APP_KEY) if row else "",
        operator=row.text(OPERATOR_KEY) if row else "",
        problem=problem,
        told=told,
        stands=stands,
    )


def _key(sheet: Sheet, problem: Problem) -> tuple[str, str, str]:
    """Code, sheet and cell."""
    return problem.code, problem.sheet or sheet.sheet, problem.cell or ""


def _place(sheet: Sheet, row: Row, address: str) -> tuple[str, str]:
    return row.sheet or sheet.sheet, address
