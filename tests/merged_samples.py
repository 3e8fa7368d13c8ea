"""Merged tables for tests, from small submissions that stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.merged import Merged, MergedReturn, merged_return, unit_of
from domain.policy_lists import NO_LISTS
from domain.problems import Problem
from domain.standings import Return, standings, unlisted
from domain.submission import CoverFindings, State, Submission
from ingest.export import breaches_of
from tests.builders import NOTICE, RECEIVED, UNFILED
from tests.parts import mail, of_unit, scan, workbook

HEAD = "3f9a" * 16


def case(
    *changes: Mapping[str, str],
    receipt: str = "PY51-PYX-20200227-01",
    reporter: str | None = "PYX",
    state: State = State.ACCEPTED,
    findings: CoverFindings | None = None,
    problems: Sequence[Problem] = (),
    sheet: Any = None,
    hours: float = 0,
) -> Submission:
    """A submission as it stands, one row a change; `hours` after the first."""
    sheet = sheet or workbook(*changes)
    came = mail("mail", sheet, scan(sheet), at=RECEIVED + timedelta(hours=hours))
    return Submission(
        receipt=receipt,
        notice=NOTICE.id,
        reporter=reporter,
        state=state,
        version=1,
        received_at=came.origin.received_at,
        uid=1,
        opened_at=came.origin.received_at,
        late=False,
        sheet=came.sheets[0],
        cover=came.covers[0],
        findings=findings,
        problems=tuple(problems),
    )


def as_return(one: Submission) -> Return:
    names = ("receipt", "reporter", "state", "version", "received_at", "uid", "late", "row_count")
    return Return(**{name: getattr(one, name) for name in names}, decided_at=one.received_at)


def merged(*cases: Submission, masked: bool = False) -> tuple[Merged, list[MergedReturn]]:
    """What the workbook is made of, as `ingest.export` gathers it."""
    stand = [as_return(one) for one in cases]
    strangers = unlisted(NOTICE, stand)
    told = Merged(
        notice=NOTICE,
        made_at=RECEIVED + timedelta(days=2),
        standings=standings(NOTICE, stand),
        strangers=strangers,
        names={one.receipt: unit_of(one) for one in cases},
        head_number=128,
        head_hash=HEAD,
        masked=masked,
    )
    counted = {one.receipt for one in told.counted}
    by_receipt = {one.receipt: one for one in cases}
    found = [by_receipt[one.receipt] for one in told.current]
    return told, [
        merged_return(one, NOTICE, tuple(breaches_of(one, NOTICE, NO_LISTS)), counted=one.receipt in counted)
        for one in found
    ]


def rich() -> tuple[Submission, ...]:
    """Two that count, one that waits beside one that counts, one sent back, and one of a unit on no list."""
    first = case({}, UNFILED | {"app": "“智学网”APP"}, {"app": "抖音", "operator": "北京微播视界科技有限公司"})
    newer = replace(
        case({}, receipt="PY51-PYX-20200227-02", hours=3),
        state=State.REVIEW,
        problems=(_problem("cover.low_quality", "扫描件看不清。"),),
    )
    back = case(
        sheet=of_unit("范县", label="fx"),
        receipt="PY51-FX-20200227-01",
        reporter="FX",
        state=State.REJECTED,
        problems=[_problem("row.phone_invalid", "电话：“13912345678901”位数不对。", "13912345678901")],
    )
    school = case(
        {"unit": "市直", "school": "濮阳市第九中学", "operator": "科大讯飞"},
        receipt="PY51-SZ-20200227-01",
        reporter=None,
        hours=1,
    )
    second = case(sheet=of_unit("清丰县", label="qfx"), receipt="PY51-QFX-20200227-01", reporter="QFX", hours=2)
    return (first, newer, back, school, second)


def _problem(code: str, message: str, value: str | None = None) -> Problem:
    from domain.catalogue import CATALOGUE

    return Problem(
        code=code,
        severity=CATALOGUE[code].severity,
        file="范县.xlsx",
        sheet="Sheet1",
        cell="F5",
        field="电话",
        value=value,
        message=message,
        advice="请改正。",
    )
