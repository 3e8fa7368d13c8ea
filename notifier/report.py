"""One submission with its evidence as one HTML page: for staff in the morning, and for an auditor. Needs no network."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.checks.cover import judged_seals
from domain.checks.cover_stamp import JudgedSeal
from domain.cover import Cover
from domain.letters import missing_role
from domain.notice import Notice, Reporter
from domain.problems import Problem, Severity
from domain.sheet import Sheet
from domain.submission import Role, State, Submission
from notifier.outcomes import count
from notifier.plain import one_line
from notifier.report_authorship import authorship_view
from notifier.report_cover import VERDICTS, CellView, PageView, SealView, cells_of, cut, pages_of, seals_of
from notifier.report_versions import difference_of
from notifier.subjects import MARKS
from notifier.templating import templates

_TAGS = {Severity.ERROR: "须改正", Severity.REVIEW: "待人工核对", Severity.WARNING: "提醒"}
_ROLES = {Role.SHEET: "电子表", Role.COVER: "盖章扫描件", Role.OTHER: "其他"}
_DONE = {
    State.ACCEPTED: "已受理",
    State.REJECTED: "已退回",
    State.INCOMPLETE: "尚未报全",
    State.REVIEW: "待人工核对",
    State.SUPERSEDED: "已由新版本替代",
}
_WOULD = {
    State.ACCEPTED: "照此报送将予受理",
    State.REJECTED: "照此报送将被退回",
    State.INCOMPLETE: "照此报送尚不齐全",
    State.REVIEW: "照此报送须人工核对",
}


_PARTS = {
    "document": "决定的记录（事实、电子表读数、问题）",
    "cover": "扫描件读数（识别结果、页面和印章）",
    "findings": "比对结果",
    "pictures": "图像",
    "seals": "印章读数",
    "cells": "比对表",
}
"""What is called what of all that a ledger entry may vouch for."""


class Vouched(StrEnum):
    """For how much of a decision its ledger entry vouches."""

    NOTHING = "nothing"
    """The entry is gone, is another's, or was altered; or there never was a decision."""
    PARTS = "parts"
    """The entry is from before the ledger had the whole record."""
    WHOLE = "whole"


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What vouches for a decision: its ledger entry, the head that covers it (absent until sealed), and the cell table's hash.

    `record`: SHA-256 of the parts of the record as they are stored now; `differs`: what is not as the entry has it.
    """

    vouched: Vouched = Vouched.NOTHING
    head_number: int | None = None
    head_hash: str | None = None
    cells_sha256: str | None = None
    record: Mapping[str, str | None] = field(default_factory=dict)
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What lies beside a submission: bytes of its pictures by SHA-256; those named and not here are lost or altered."""

    pictures: Mapping[str, bytes]
    proof: Proof = field(default_factory=Proof)


def render_report(case: Submission, notice: Notice, evidence: Evidence, *, made_at: datetime, stored: bool) -> str:
    """The page. `stored` False: files that were only checked, under no receipt. Values are unmasked."""
    values = report_values(case, notice, evidence, made_at=made_at, stored=stored)
    return templates().get_template("report.html").render(values)


def report_values(
    case: Submission, notice: Notice, evidence: Evidence, *, made_at: datetime, stored: bool
) -> dict[str, Any]:
    """What the page says, for its template and for the console's. Values are unmasked."""
    reading = case.cover.reading if case.cover else None
    cover = reading if isinstance(reading, Cover) else None
    reporter = notice.reporter(case.reporter)
    seals = seals_of(cover, _judged(case, cover, notice, reporter), reporter, evidence.pictures) if cover else ()
    cells = cells_of(case.findings, cover) if case.findings and cover else ()
    pages = pages_of(cover, case.findings, cells, seals, evidence.pictures) if cover else ()
    return {
        "case": case,
        "notice": notice,
        "reporter": reporter,
        "stored": stored,
        "mark": MARKS[case.state],
        "outcome": _outcome(case, stored=stored),
        "received": moment(case.received_at, notice),
        "made": moment(made_at, notice),
        "until": moment(case.grace_ends, notice) if case.grace_ends and case.state is State.INCOMPLETE else "",
        "by_staff": case.decided_by != "machine",
        "roles": _ROLES,
        "problems": [
            (_TAGS[each.severity], _place(each), each, number)
            for each, number in _numbered(_sorted(case.problems), cells)
        ],
        "difference": difference_of(case.difference) if case.difference else None,
        "cells": cells,
        "groups": _groups(cells),
        "pages": pages,
        "page_count": cover.page_count if cover else 0,
        "seals": seals,
        "sizes": {page.number: page.size for page in pages if page.picture and page.picture.source},
        "cut": cut,
        "lost": _lost(case, pages, seals),
        "proof": evidence.proof,
        "authorship": authorship_view(case) if stored else None,
        "parts": _PARTS,
    }


def _judged(case: Submission, cover: Cover, notice: Notice, reporter: Reporter | None) -> tuple[JudgedSeal, ...]:
    """What a decision would take the seals for today, by this version and the notice as it is now: what was decided are
    the recorded problems."""
    sheet = case.sheet.reading if case.sheet else None
    return judged_seals(cover, case.findings, notice, reporter, sheet if isinstance(sheet, Sheet) else None)


def moment(at: datetime, notice: Notice) -> str:
    """`2020年2月27日 15:40:05` in the notice's zone."""
    local = at.astimezone(notice.zone)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M:%S}"


def _outcome(case: Submission, *, stored: bool) -> str:
    """What came of it, in a line for staff."""
    said = _DONE[case.state] if stored else _WOULD[case.state]
    errors = [each for each in case.problems if each.severity is Severity.ERROR]
    missing = missing_role(case)
    if missing:
        return f"{said}，还缺{_ROLES[missing]}"
    if case.state is State.REJECTED and errors:
        return f"{said}，有{count(errors)}处须改正"
    content = "零报告" if case.nil_return else f"共{case.row_count}行" if case.sheet else "盖章扫描件"
    return f"{said}，{content}"


def _sorted(problems: tuple[Problem, ...]) -> list[Problem]:
    order = list(_TAGS)
    return sorted(problems, key=lambda each: order.index(each.severity))


def _place(problem: Problem) -> str:
    parts = (problem.file, problem.cell, problem.field)
    return "　".join(one_line(part) for part in parts if part)


def _numbered(problems: list[Problem], cells: tuple[CellView, ...]) -> list[tuple[Problem, int | None]]:
    """The problems with the numbers of the boxes that show what they are about; None where none does.

    Rows that stand on the page alone have no address: those of one place follow one another as their problems do.
    """
    waiting: dict[tuple[str, str, str], deque[CellView]] = defaultdict(deque)
    for cell in cells:
        if cell.verdict == "differs":
            waiting[cell.cell.rpartition("!")[2], cell.field, cell.expected].append(cell)

    def number(problem: Problem) -> int | None:
        place = (one_line(problem.cell or ""), one_line(problem.field or ""), one_line(problem.value or ""))
        if problem.code != "cover.content_mismatch" or not waiting[place]:
            return None
        cell = waiting[place].popleft()
        return cell.number if cell.style else None

    return [(problem, number(problem)) for problem in problems]


def _groups(cells: tuple[CellView, ...]) -> list[tuple[str, str, list[CellView]]]:
    """(verdict, its word, cells) of the verdicts that occur, those that need eyes first."""
    found = []
    for verdict, word in VERDICTS.items():
        members = [cell for cell in cells if cell.verdict == verdict]
        if members:
            found.append((verdict, word, members))
    return found


def _lost(case: Submission, pages: tuple[PageView, ...], seals: tuple[SealView, ...]) -> bool:
    """Whether a picture that the record names is not there as it was kept."""
    shown = [*(page.picture for page in pages), *(one for seal in seals for one in (seal.picture, seal.rim))]
    return bool(case.pictures) and any(picture and not picture.source for picture in shown)
