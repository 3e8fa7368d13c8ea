"""Letters in words: facts in, subject, text and HTML out. Text and HTML say the same (spec section 8)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from domain.letter import FileLine, Letter, LetterKind
from domain.notice import Notice
from domain.problems import Problem, Severity
from domain.submission import Role, State

MARKS = {
    State.ACCEPTED: "受理",
    State.REJECTED: "退回",
    State.INCOMPLETE: "待补",
    State.REVIEW: "待核",
    State.SUPERSEDED: "已替代",
}
_NUMERALS = "一二三四五六七八九十"
_PREFIX = re.compile(
    r"^\s*(?:(?:re|fw|fwd|回复|答复|转发|轉發|回覆)\s*(?:\[\d+\])?\s*[:：]|【(?:受理|退回|待补|待核|已替代)】)\s*", re.I
)
_RECEIPT = re.compile(r"\s*[（(]回执\s*[A-Z0-9]+(?:-[A-Z0-9]+){3}[）)]\s*$")
_SUBJECT_LENGTH = 120


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A letter in words. `html` has its styles inline, as mail programs want."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, kw_only=True)
class Point:
    """One numbered problem as it stands in a letter."""

    number: int
    tag: str
    """提醒 or 待核 before what is no error."""
    place: str
    words: str
    severity: Severity


@dataclass(frozen=True, kw_only=True)
class Group:
    """The problems of one file, or those of none."""

    title: str
    points: tuple[Point, ...]


def render(letter: Letter, notice: Notice, *, head_number: int | None, head_hash: str | None) -> Rendered:
    """Renders a letter. The head of the ledger covers its decision; both None only for letters without one."""
    values = {
        "letter": letter,
        "notice": notice,
        "outcome": outcome(letter),
        "mark": MARKS.get(letter.state) if letter.state else None,
        "files": letter.files,
        "groups": groups(letter),
        "attachment_note": _attachment_note(letter),
        "head_number": head_number,
        "head_hash": head_hash,
    }
    name = "full" if letter.kind is LetterKind.DECISION else "short"
    html = css_inline.inline(_templates().get_template(f"{name}.html").render(values))
    text = _templates().get_template(f"{name}.txt").render(values)
    return Rendered(subject=subject(letter), text=_tidy(text), html=html)


def subject(letter: Letter) -> str:
    """`Re: 【受理】<original>（回执 R）`, earlier prefixes, marks and receipts taken off (spec section 8)."""
    original = bare_subject(letter.subject)
    mark = f"【{MARKS[letter.state]}】" if letter.state else ""
    receipt = f"（回执 {letter.receipt}）" if letter.receipt else ""
    return f"Re: {mark}{original}{receipt}"


def bare_subject(original: str) -> str:
    """The subject as first written, on one line and of bounded length."""
    bare = " ".join(original.split())
    while (shorter := _RECEIPT.sub("", _PREFIX.sub("", bare))) != bare:
        bare = shorter
    return bare[:_SUBJECT_LENGTH] or "报送材料"


def outcome(letter: Letter) -> str:
    """The first line: what came of it, and what is to be done, if anything."""
    if letter.kind is LetterKind.GUIDE:
        return "您的来信已收到，信中没有附件。如需报送材料，请按下面的说明办理；其他事项工作人员会另行答复。"
    if letter.kind is LetterKind.COMPLAINT:
        return "您的来信已收到，已转交专人处理。"
    if letter.kind is LetterKind.STAFF or letter.state is None:
        return letter.reason
    mark = f"【{MARKS[letter.state]}】"
    if letter.kind is LetterKind.SUPERSEDED:
        return f"{mark}您{_when(letter)}报送的材料（回执 {letter.receipt}）已由本单位之后报送的新版本替代，您不用再做什么。"
    if letter.kind is LetterKind.OUTCOME:
        return f"{mark}{_OUTCOMES[letter.state].format(receipt=letter.receipt)}"
    return mark + _SENTENCES[letter.state](letter)


_OUTCOMES = {
    State.ACCEPTED: "您补报的材料已收到，回执 {receipt} 已受理。",
    State.REJECTED: "您补报的材料已收到，回执 {receipt} 未能受理，请与本单位发送电子表的同事联系修改。",
    State.INCOMPLETE: "您报送的材料已收到，回执 {receipt} 尚未齐全。",
    State.REVIEW: "您报送的材料已收到，回执 {receipt} 正在人工核对。",
    State.SUPERSEDED: "您报送的材料已收到，回执 {receipt} 已由之后报送的版本替代。",
}


def _accepted(letter: Letter) -> str:
    who = letter.reporter_name or "您"
    staff = "经工作人员核对，" if letter.decided_by_staff else ""
    content = "零报告" if letter.nil_return else f"共{letter.row_count}行"
    late = "（逾期报送）" if letter.late else ""
    same = "，内容与已受理的版本相同（无变化）" if letter.unchanged else ""
    warnings = sum(1 for problem in letter.problems if problem.severity is Severity.WARNING)
    hint = f"另有{warnings}条提醒，请看下文。" if warnings else "您不用再做什么。"
    return f"{staff}{who}{_when(letter)}报送的材料已受理{late}，{content}{same}。{hint}"


def _rejected(letter: Letter) -> str:
    if letter.decided_by_staff:
        return f"经工作人员核对，您{_when(letter)}报送的材料未能受理：{letter.reason.rstrip('。')}。请改好后重新报送。"
    count = _errors(letter.problems)
    return (
        f"您{_when(letter)}报送的材料有{count}处需要修改。改好后请直接回复本邮件，把电子表和重新盖章的扫描件一并发来。"
    )


def _incomplete(letter: Letter) -> str:
    came, missing = ("盖章扫描件", "电子表") if letter.missing is Role.SHEET else ("电子表", "盖章扫描件")
    until = _moment(letter.grace_ends) if letter.grace_ends else "规定时间"
    return f"您{_when(letter)}报送的{came}已收到，还缺{missing}。请在{until}前直接回复本邮件补发{missing}，{came}不用重发。"


def _review(letter: Letter) -> str:
    return f"您{_when(letter)}报送的材料已收到，正在人工核对，结果会再发邮件告诉您，现在不用重发。"


def _superseded(letter: Letter) -> str:
    return f"您{_when(letter)}报送的材料已收到，但之后报送的版本已经受理，以之后的版本为准。"


_SENTENCES = {
    State.ACCEPTED: _accepted,
    State.REJECTED: _rejected,
    State.INCOMPLETE: _incomplete,
    State.REVIEW: _review,
    State.SUPERSEDED: _superseded,
}


def groups(letter: Letter) -> tuple[Group, ...]:
    """Problems by file, workbook first, errors before the rest, numbered through."""
    order: list[tuple[str, str]] = [(file.name, _group_title(file)) for file in letter.files]
    named = [name for name, _ in order]
    order += [(name, f"附件“{name}”") for name in _other_files(letter.problems, named)]
    order.append(("", "其他"))
    found: list[Group] = []
    number = 0
    for name, title in order:
        problems = [problem for problem in letter.problems if (problem.file or "") == name]
        problems.sort(key=lambda problem: _RANK[problem.severity])
        points = tuple(_point(number + place, problem) for place, problem in enumerate(problems, 1))
        number += len(points)
        if points:
            found.append(Group(title=f"{_NUMERALS[min(len(found), 9)]}、{title}", points=points))
    return tuple(found)


_RANK = {Severity.ERROR: 0, Severity.REVIEW: 1, Severity.WARNING: 2}
_TAGS = {Severity.ERROR: "", Severity.REVIEW: "待核", Severity.WARNING: "提醒"}


def _point(number: int, problem: Problem) -> Point:
    place = " ".join(part for part in (problem.cell, problem.field) if part)
    total = f"（同类问题共{problem.total}处，以上列出前一部分）" if problem.total else ""
    return Point(
        number=number,
        tag=_TAGS[problem.severity],
        place=place,
        words=f"{problem.message}{problem.advice}{total}",
        severity=problem.severity,
    )


def _other_files(problems: Sequence[Problem], named: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(p.file for p in problems if p.file and p.file not in named))


def _group_title(file: FileLine) -> str:
    what = {Role.SHEET: "电子表", Role.COVER: "盖章扫描件"}.get(file.role, "附件")
    return f"{what}“{file.name}”"


def _errors(problems: Sequence[Problem]) -> int:
    """How many places are wrong; a code listed in part counts by its total."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    totals = {problem.code: problem.total for problem in errors if problem.total}
    return sum(1 for problem in errors if problem.code not in totals) + sum(totals.values())


def _attachment_note(letter: Letter) -> str:
    if not letter.attachments:
        return ""
    if letter.kind is LetterKind.GUIDE or any("空白表" in file.name for file in letter.attachments):
        return "附：空白表，请用它填报。"
    return "附：您的电子表，有问题的单元格已标红并加了批注。"


def _when(letter: Letter) -> str:
    return _moment(letter.received_at) if letter.received_at else ""


def _moment(at: datetime) -> str:
    return f"{at.month}月{at.day}日{at.hour}:{at.minute:02d}"


def human_size(size: int) -> str:
    """`48 KB`, `1.2 MB`: as a mail program shows it."""
    if size < 1024:
        return f"{size} 字节"
    return f"{size / 1024:.0f} KB" if size < 1024**2 else f"{size / 1024**2:.1f} MB"


def short_hash(sha256: str) -> str:
    """`9f2c…e1`: enough to compare by eye; the whole stands in the record."""
    return f"{sha256[:4]}…{sha256[-2:]}"


def _tidy(text: str) -> str:
    """One empty line at most, no trailing white space."""
    lines = [line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("notifier"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"size": human_size, "short_hash": short_hash}
    return environment
