"""The merged workbook of a notice as the records stand: for staff, auditors and leadership, or with the morning's digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.catalogue import called
from domain.masking import Viewer, masks
from domain.merged import Breach, Merged, MergedReturn, merged_return, unit_of
from domain.notice import Notice
from domain.policy_lists import PolicyLists
from domain.sheet import Sheet
from domain.standings import standings, unlisted
from domain.submission import State, Submission
from ingest import access, breaches
from ingest.app import App
from notifier.merged import write_merged
from storage import ledger, returns, submissions
from storage.database import Transaction
from storage.errors import Unusable

MOST_ROWS = 500_000
"""A sheet of Excel holds 1,048,576 lines, and a row may break two rules."""


@dataclass(frozen=True, kw_only=True)
class Export:
    """The file, and what its ledger entry tells of it."""

    data: bytes
    notice: str
    viewer: Viewer
    rows: int
    reporters: int
    accepted: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def export(app: App, notice: Notice, viewer: Viewer, *, nameless: bool = False, most: int = MOST_ROWS) -> Export:
    """All of it from one transaction. `nameless`: without the names of persons. Raises Unusable for more rows than
    `most`."""
    with app.database.read() as tx:
        merged = replace(gather(app, tx, notice, viewer), nameless=nameless)
        if merged.row_count > most:
            raise Unusable(f"{notice.id}: {merged.row_count} rows are more than one sheet holds ({most})")
        data = write_merged(merged, _returns(app, tx, merged))
    return Export(
        data=data,
        notice=notice.id,
        viewer=viewer,
        rows=merged.row_count,
        reporters=len(merged.standings),
        accepted=sum(1 for one in merged.standings if one.counted),
    )


def enter(app: App, tx: Transaction, made: Export, *, by: str) -> None:
    """Notes in the ledger that it was made, for whom and by whom."""
    access.note(
        tx, "export", f"notice:{made.notice}", by, at=app.clock(),
        viewer=str(made.viewer), rows=made.rows, sha256=made.sha256,
    )  # fmt: skip


def gather(app: App, tx: Transaction, notice: Notice, viewer: Viewer) -> Merged:
    newest = returns.newest_by_state(tx, notice.id)
    strangers = unlisted(notice, {one.receipt: one for one in (*newest, *returns.accepted(tx, notice.id))}.values())
    head = ledger.head(tx)
    cases = submissions.light(tx, [one.receipt for one in strangers])
    return Merged(
        notice=notice,
        made_at=app.clock(),
        standings=standings(notice, newest),
        strangers=strangers,
        names={receipt: unit_of(case) for receipt, case in cases.items()},
        head_number=head.number if head else None,
        head_hash=head.hash if head else None,
        masked=masks(viewer),
        console=app.settings.web.url.rstrip("/"),
    )


def _returns(app: App, tx: Transaction, merged: Merged) -> Iterator[MergedReturn]:
    """One after the other: their rows are many, their covers are never read in."""
    notice, lists = merged.notice, app.lists.at(tx, merged.notice, app.clock())
    counted = {one.receipt for one in merged.counted}
    for case in submissions.compared(tx, [one.receipt for one in merged.current]):
        found = tuple(breaches_of(case, notice, lists)) if case.state is State.ACCEPTED else ()
        yield merged_return(case, notice, found, counted=case.receipt in counted)


def breaches_of(case: Submission, notice: Notice, lists: PolicyLists) -> Iterator[Breach]:
    """What the rows of a submission say against the policy by today's lists, row by row; never cut at fifty."""
    for found in breaches.breaches_of(case, notice, lists):
        if found.stands:
            yield _breach(found, case)


def _breach(one: breaches.Breach, case: Submission) -> Breach:
    sheet = case.sheet.reading if case.sheet else None
    return Breach(
        school=one.school,
        app=one.app,
        operator=one.operator,
        rule=called(one.problem.code),
        told=one.problem.message,
        attention=one.is_attention,
        sheet=one.problem.sheet or (sheet.sheet if isinstance(sheet, Sheet) else ""),
        cell=one.problem.cell or "",
    )
