"""Digests and reminders for golden files, and for tests that hold of every letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.digest import BreachLine, DecisionLine, Digest, Need, Section, StandingLine, without_people
from domain.letter import Letter, LetterKind
from domain.reminder import Reminded, Reminder, ReminderCopy
from domain.standings import Standing
from domain.submission import State
from domain.versions import CellChange, Difference, NamedRow, RowChange
from tests.builders import NOTICE

SHANGHAI = ZoneInfo("Asia/Shanghai")
FORM = "学习类APP统计备案表"
STAFF = "staff@example.cn"


def _at(day: int, hour: int = 9, minute: int = 0, month: int = 2) -> datetime:
    return datetime(2020, month, day, hour, minute, tzinfo=SHANGHAI)


LINES = (
    StandingLine(
        name="濮阳县",
        standing=Standing.ACCEPTED,
        receipt="PY51-PYX-20200227-03",
        version=2,
        at=_at(27, 15, 40),
        row_count=46,
        phone="0393-3220001",
        addresses=1,
        pending=State.REVIEW,
    ),
    StandingLine(
        name="清丰县",
        standing=Standing.ACCEPTED,
        receipt="PY51-QFX-20200226-01",
        version=1,
        at=_at(26, 10, 2),
        row_count=112,
        addresses=1,
    ),
    StandingLine(
        name="南乐县",
        standing=Standing.ACCEPTED,
        receipt="PY51-NLX-20200227-01",
        version=1,
        at=_at(27, 9, 11),
        addresses=1,
    ),
    StandingLine(
        name="范县",
        standing=Standing.REVIEW,
        receipt="PY51-FX-20200227-01",
        version=1,
        at=_at(27, 17, 30),
        row_count=31,
        addresses=1,
    ),
    StandingLine(name="台前县", standing=Standing.MISSING, phone="0393-2210002", addresses=1, reminded=2),
    StandingLine(
        name="华龙区",
        standing=Standing.REJECTED,
        receipt="PY51-HLQ-20200226-02",
        version=1,
        at=_at(26, 16, 5),
        row_count=88,
        phone="0393-4410003",
        addresses=2,
        reminded=1,
    ),
    StandingLine(
        name="濮阳经济技术开发区",
        standing=Standing.INCOMPLETE,
        receipt="PY51-JKQ-20200227-01",
        version=1,
        at=_at(27, 11),
        row_count=9,
        addresses=1,
    ),
    StandingLine(name="濮阳工业园区", standing=Standing.MISSING),
    StandingLine(
        name="濮阳市城乡一体化示范区",
        standing=Standing.ACCEPTED,
        receipt="PY51-SFQ-20200226-01",
        version=1,
        at=_at(26, 8, 55),
        row_count=17,
    ),
)

CHANGED = without_people(
    Difference(
        receipt="PY51-PYX-20200226-01",
        version=1,
        sender="a@example.cn",
        added=(NamedRow(number=46, names=("濮阳县第二小学", "乙课堂")),),
        changed=(
            RowChange(
                row=NamedRow(number=9, names=("濮阳县第一中学", "甲课堂")),
                before=9,
                cells=(
                    CellChange(
                        field="电话", before="13800000001", after="13800000002", before_cell="F9", after_cell="F9"
                    ),
                    CellChange(field="主要功能", before="作业", after="作业、直播", before_cell="G9", after_cell="G9"),
                ),
            ),
        ),
    ),
    NOTICE,
)

DECISIONS = (
    DecisionLine(
        receipt="PY51-HLQ-20200226-02",
        who="华龙区",
        state=State.REJECTED,
        at=_at(26, 16, 6),
        version=1,
        row_count=88,
        titles=("电话不对", "缺备案号"),
    ),
    DecisionLine(
        receipt="PY51-PYX-20200227-03",
        who="濮阳县",
        state=State.ACCEPTED,
        at=_at(27, 15, 41),
        version=2,
        row_count=46,
        difference=CHANGED,
    ),
    DecisionLine(
        receipt="PY51-FX-20200227-01",
        who="范县",
        state=State.REVIEW,
        at=_at(27, 17, 31),
        version=1,
        row_count=31,
        titles=("印章读不清",),
    ),
    DecisionLine(
        receipt="PY51-SFQ-20200226-01",
        who="濮阳市城乡一体化示范区",
        state=State.ACCEPTED,
        at=_at(27, 18),
        version=1,
        row_count=17,
        by="王",
    ),
)

BREACHES = (
    BreachLine(who="清丰县", school="清丰县第一初级中学", app="某题库", rule="使用未备案APP"),
    BreachLine(who="清丰县", school="清丰县第一初级中学", app="某直播", rule="使用未备案APP"),
    BreachLine(who="清丰县", school="清丰县实验小学", app="某课堂", rule="主办者在黑名单"),
    BreachLine(who="濮阳县", school="濮阳县第一中学", app="某阅读", rule="备案名单中查不到"),
)
ATTENTION = (BreachLine(who="濮阳县", school="濮阳县第三小学", app="快手", rule="提醒"),)

NEEDS = (
    Need(subject="PY51-FX-20200227-01", who="范县", what="需要人工核对：印章读不清", since=_at(27, 17, 31)),
    Need(subject="mail:41", who="", what="有一封邮件程序未能处理，已原样保存，请联系维护人员。", since=_at(27, 20, 2)),
)
CALLS = (
    Need(
        subject="PY51-HLQ-20200226-02",
        who="华龙区",
        what="发给该单位的回复被退回，请打电话告知结果。",
        since=_at(26, 16, 9),
        phone="0393-4410003",
    ),
)

SECTION = Section(
    id=NOTICE.id,
    number=NOTICE.number,
    title=FORM,
    timezone="Asia/Shanghai",
    deadline=_at(28, 23, 59),
    deadline_over=False,
    lines=LINES,
    unlisted=(
        StandingLine(
            name="濮阳市第一高级中学", standing=Standing.REVIEW, receipt="PY51-SZ-20200227-01", at=_at(27, 8), version=1
        ),
    ),
    schools_unlisted=True,
    decisions=DECISIONS,
    breaches=BREACHES,
    attention=ATTENTION,
)


def digest(**changes: Any) -> Digest:
    made = Digest(
        day=date(2020, 2, 28),
        timezone="Asia/Shanghai",
        made_at=_at(28, 8, 30),
        since=_at(27, 8, 30),
        polled=_at(28, 8, 29),
        stalled=False,
        received=14,
        calls=CALLS,
        needs=NEEDS,
        sections=(SECTION,),
        console="https://baosong.example.cn",
    )
    return replace(made, **changes)


def _quiet() -> Digest:
    done = tuple(
        replace(line, standing=Standing.ACCEPTED, at=line.at or _at(27), version=1, row_count=20, pending=None)
        for line in LINES
    )
    section = replace(SECTION, lines=done, unlisted=(), schools_unlisted=False, decisions=(), breaches=(), attention=())
    return digest(calls=(), needs=(), received=0, sections=(section,), console="")


def _over() -> Digest:
    section = replace(
        SECTION, deadline_over=True, lines=tuple(replace(line, late=line.name == "南乐县") for line in LINES)
    )
    return digest(
        day=date(2020, 3, 2),
        made_at=_at(2, 8, 30, 3),
        since=_at(1, 8, 30, 3),
        polled=_at(2, 8, 29, 3),
        sections=(section,),
    )


def _letter(kind: LetterKind, **said: Any) -> Letter:
    return Letter(kind=kind, notice=NOTICE.id, to=STAFF, message_id="<d1.baosong@example.cn>", subject=FORM, **said)


def _reminder(standing: Standing, days_left: int, receipt: str | None = None) -> Letter:
    told = Reminder(reporter="台前县", standing=standing, receipt=receipt, days_left=days_left)
    return _letter(LetterKind.REMINDER, reminder=told)


def _rounds() -> Digest:
    """Three collections that come every month: one round that is over and lacks two, rounds that opened, one that is complete, and an
    old one for which something came late."""
    done = tuple(
        replace(line, standing=Standing.ACCEPTED, at=_at(26), version=1, row_count=20, pending=None) for line in LINES
    )
    none = tuple(
        StandingLine(name=line.name, standing=Standing.MISSING, phone=line.phone, addresses=line.addresses)
        for line in LINES
    )
    bare = replace(SECTION, unlisted=(), schools_unlisted=False, decisions=(), breaches=(), attention=())

    def of(number: str, table: str, month: int, **changes: Any) -> Section:
        name = f"2020年{month}月"
        return replace(
            bare,
            id=f"s-2020-{month:02}",
            number=number,
            title=f"{name}{table}",
            called=f"{number}（{name}）",
            **changes,
        )

    late = DecisionLine(
        receipt="XS2001-FX-20200227-01", who="范县", state=State.ACCEPTED, at=_at(27, 19), version=1, row_count=31, late=True,
    )  # fmt: skip
    sections = (
        of(
            "濮教办〔2020〕3号",
            "在校生统计表",
            2,
            lines=LINES,
            deadline=_at(26, 23, 59),
            deadline_over=True,
            decisions=DECISIONS,
        ),
        of("濮教办〔2020〕3号", "在校生统计表", 3, lines=none, deadline=_at(5, 23, 59, 3)),
        of("濮教办〔2020〕7号", "食堂采购统计表", 2, lines=LINES, deadline=_at(5, 23, 59, 3)),
        of("濮教办〔2020〕9号", "校车运行统计表", 2, lines=done, deadline=_at(5, 23, 59, 3)),
        of("濮教办〔2020〕3号", "在校生统计表", 1, lines=(), past=True, deadline_over=True, decisions=(late,)),
    )
    return digest(sections=sections)


def samples() -> dict[str, Letter]:
    """Name of the golden file → letter."""
    other = replace(
        SECTION,
        number="濮教办〔2020〕7号",
        title="教师信息统计表",
        decisions=(),
        breaches=(),
        attention=(),
        unlisted=(),
    )
    copy = ReminderCopy(
        days_left=1,
        reporters=(
            Reminded(reporter="台前县", standing=Standing.MISSING, addresses=1, phone="0393-2210002"),
            Reminded(reporter="华龙区", standing=Standing.REJECTED, addresses=2, phone=""),
            Reminded(reporter="濮阳工业园区", standing=Standing.MISSING, addresses=0, phone="0393-6610009"),
        ),
    )
    return {
        "digest": _letter(LetterKind.STAFF, digest=digest()),
        "digest-quiet": _letter(LetterKind.STAFF, digest=_quiet()),
        "digest-overdue": _letter(LetterKind.STAFF, digest=_over()),
        "digest-stalled": _letter(
            LetterKind.STAFF, digest=digest(stalled=True, polled=_at(28, 8, 30) - timedelta(hours=9))
        ),
        "digest-never-polled": _letter(LetterKind.STAFF, digest=digest(stalled=True, polled=None, since=None)),
        "digest-two-notices": _letter(LetterKind.STAFF, digest=digest(sections=(SECTION, other))),
        "digest-rounds": _letter(LetterKind.STAFF, digest=_rounds()),
        "reminder-missing": _reminder(Standing.MISSING, 3),
        "reminder-rejected": _reminder(Standing.REJECTED, 1, "PY51-TQX-20200226-01"),
        "reminder-incomplete": _reminder(Standing.INCOMPLETE, 0, "PY51-TQX-20200226-02"),
        "reminder-copy": _letter(LetterKind.STAFF, reminders=copy),
    }
