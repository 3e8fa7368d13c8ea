"""One letter of each kind, from domain facts, for golden files and for tests that hold of every letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.alarm import Alarm, Trouble
from domain.catalogue import capped, problem
from domain.checks import check_attachments
from domain.judge import Decision, Outcome
from domain.letter import Attachment, AttachmentRole, FileLine, Letter, LetterKind
from domain.letters import decision_letter, precheck_letter, superseded_letter
from domain.mail import WHOLE_MAIL, FaultCause, PartFault
from domain.problems import Place, Problem
from domain.sheet import SheetFailure
from domain.submission import About, CoverPart, FileRef, Role, Sender, SheetPart, State, Submission
from domain.versions import CellChange, Difference, NamedRow, RowChange
from tests.builders import NOTICE, RECEIVED, cover, findings, page, seal, sheet, verdict

CLERK = "pyxjyj@example.cn"
COLLEAGUE = "office@example.cn"
MAIL_ID = "<tencent_0A1B2C@qq.com>"
OURS = "<7f3a@baosong.example>"
RECEIPT = "PY51-PYX-20200227-03"
SUBJECT = "濮阳县学习类APP统计备案表"
HEAD = (128, "3f9a6e0b41d7c85292fe1a7d30b6c94e85f2107dc3a94be68f015d27ea39b4c2")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET, SCAN = "濮阳县.xlsx", "扫描.pdf"
_OF_SHEET = {"file": SHEET, "sheet": "Sheet1"}


def sheet_part(reading: Any = None, sender: str = CLERK) -> SheetPart:
    file = FileRef(name=SHEET, kind=Role.SHEET, sha256="9f2c" + "0" * 58 + "e1", size=49_152, mail="m1")
    made = reading if reading is not None else replace(sheet(), rows=sheet(*[{}] * 46).rows)
    return SheetPart(file=file, reading=made, sender=who(sender), received_at=RECEIVED, uid=1)


def cover_part(reading: Any = None, sender: str = CLERK) -> CoverPart:
    file = FileRef(name=SCAN, kind=Role.COVER, sha256="04ab" + "0" * 58 + "77", size=831_488, mail="m1")
    return CoverPart(file=file, reading=reading or cover(), sender=who(sender), received_at=RECEIVED, uid=1)


def who(address: str) -> Sender:
    return Sender(address=address, mail="m1", message_id=MAIL_ID)


def case(state: State, *problems: Problem, **changes: Any) -> Submission:
    made = Submission(
        receipt=RECEIPT, notice=NOTICE.id, reporter="PYX", state=state, version=1, received_at=RECEIVED, uid=1,
        opened_at=RECEIVED, late=False, sheet=sheet_part(), cover=cover_part(), problems=capped(problems),
        message_ids=(MAIL_ID,), sender=CLERK, subject=SUBJECT, grace_ends=RECEIVED + timedelta(hours=48),
    )  # fmt: skip
    return replace(made, **changes)


def letter(
    submission: Submission,
    *attached: str,
    role: AttachmentRole = AttachmentRole.MARKED,
    to: str = CLERK,
    outcome: Outcome = Outcome.DECIDED,
    superseded: tuple[Submission, ...] = (),
    unchanged: bool = False,
    subject: str = SUBJECT,
    others: tuple[Submission, ...] = (),
) -> Letter:
    return decision_letter(
        Decision(outcome=outcome, submission=submission, superseded=superseded, unchanged=unchanged),
        NOTICE, to=to, message_id=OURS, subject=subject, in_reply_to=MAIL_ID, references=("<first@qq.com>",),
        attachments=[Attachment(name=name, sha256="a" * 64, media=XLSX, role=role) for name in attached], others=others,
    )  # fmt: skip


SHORT_PHONE = problem(
    "row.phone_invalid", Place(**_OF_SHEET, cell="F9", field="电话", value="1383930"),
    variant="short", shown="1383930", example="0393-1234567",
)  # fmt: skip
NO_NUMBER = problem(
    "row.filing_number_missing", Place(**_OF_SHEET, cell="I12", field="备案号"),
    filed="是否备案", hint="教APP备4100001号", filed_cell="H12",
)  # fmt: skip
OTHER_DIGIT = problem(
    "cover.content_mismatch", Place(file=SCAN, sheet="Sheet1", cell="F7", field="电话", value="13812340011"),
    variant="digits", digits="第11位扫描件是7，电子表是1", shown="138****0011",
)  # fmt: skip
UNKNOWN = problem("mail.unknown_sender", Place(value=CLERK))
LATE = problem("timing.late", Place(), received="2020年3月2日09:30", deadline="2020年2月28日23:59")
TAKEOVER = problem("mail.takeover", Place(value=CLERK))
FOREIGN = problem("mail.foreign_part", Place(file=SHEET))
COPIED = problem(
    "row.duplicate", Place(file=SHEET, sheet="终稿", cell="C5", field="使用APP名称", value="智学网"), variant="copied_sheet",
    count=46, main="Sheet1", earlier=5, what="濮阳县第一中学、智学网", columns="学校或使用APP名称",
)  # fmt: skip
UNCHANGED = problem("mail.unchanged", Place())
UNFILED = problem("policy.unfiled_app", Place(**_OF_SHEET, cell="H12", field="是否备案", value="否"), app="小猿搜题")
RESTRICTED = problem(
    "policy.restricted_app", Place(**_OF_SHEET, cell="C8", field="使用APP名称", value="抖音"),
    reminder="直播课程中严禁打赏",
)  # fmt: skip
OTHERS_SEAL = problem(
    "cover.seal_mismatch", Place(file=SCAN), seal="清丰县教育局", reporter="濮阳县", example="濮阳县教育局"
)
FAINT_SEAL = problem("cover.seal_unreadable", Place(file=SCAN))
BLANK = Attachment(name="空白表.xlsx", sha256="a" * 64, media=XLSX, role=AttachmentRole.BLANK)
UNREAD_FILES = ("说明.txt", "操作演示.mp4", "培训.pptx", "名单.msg")
NO_SHEET, NO_COVER = problem("sheet.missing", Place()), problem("cover.missing", Place())
WRONG_FORM = problem("sheet.wrong_form", Place(file=SHEET), variant="columns", columns="APP主办者、备案号")
LOCKED = problem("sheet.encrypted", Place(file=SHEET))
EMPTY = tuple(problem("row.required", Place(**_OF_SHEET, cell=f"E{number}", field="联系人")) for number in range(5, 78))


_RIVAL_FILE = FileRef(
    name="濮阳县（最终版）.xlsx", kind=Role.SHEET, sha256="7c31" + "0" * 58 + "0d", size=51_200, mail="m1"
)
RIVAL = replace(sheet_part(replace(sheet(), rows=sheet(*[{}] * 47).rows)), file=_RIVAL_FILE)
WHICH = problem("sheet.ambiguous", Place(file=SHEET), files=f"“{SHEET}”、“{_RIVAL_FILE.name}”")


def _failed(code: str) -> SheetPart:
    return sheet_part(SheetFailure(file=SHEET, sha256="9" * 64, code=code))


FORMER = "PY51-PYX-20200226-01"
SAME = Difference(receipt=FORMER, version=1, sender=CLERK)


def _cell(field: str, cell: str, before: str, after: str) -> CellChange:
    return CellChange(field=field, before=before, after=after, before_cell=cell, after_cell=cell)


def _row(number: int, *names: str) -> NamedRow:
    return NamedRow(number=number, names=names or (f"濮阳县第{number}小学", "智学网"))


CHANGED = replace(
    SAME,
    added=(_row(51), _row(52, "濮阳县第三中学", "作业帮")),
    removed=(_row(9, "濮阳县第九小学", "小猿搜题"),),
    changed=(
        RowChange(
            row=_row(7),
            before=8,
            cells=(_cell("联系人", "E7", "李晓明", "王小红"), _cell("电话", "F7", "13812340011", "13812340017")),
        ),
        RowChange(row=_row(8), before=9, cells=(_cell("电话", "F8", "13812340011", "0393-4411234"),)),
        RowChange(row=_row(12), before=12, cells=(_cell("主要功能", "G12", "", "作业"), _cell("备案号", "I12", "教APP备4100001号", ""))),
    ),
)  # fmt: skip
MANY = replace(SAME, added=tuple(_row(number) for number in range(30, 63)), changed=CHANGED.changed)


def prechecked(state: State, *problems: Problem, **changes: Any) -> Letter:
    """The reply to a mail that asked for a pre-check."""
    told = {key: changes.pop(key) for key in ("attachments", "difference", "lent_by") if key in changes}
    return precheck_letter(
        Decision(outcome=Outcome.DECIDED, submission=case(state, *problems, receipt="", version=0, **changes)),
        NOTICE, to=CLERK, message_id=OURS, subject=f"预检：{SUBJECT}", in_reply_to=MAIL_ID, references=(), **told,
    )  # fmt: skip


def _precheck_samples() -> dict[str, Letter]:
    marked = Attachment(name=SHEET, sha256="a" * 64, media=XLSX, role=AttachmentRole.MARKED)
    alone = problem("cover.missing", Place(), variant="precheck")
    place = Place(**_OF_SHEET, cell="H12", field="是否备案", value="否")
    unfiled = problem("policy.unfiled_app", place, variant="precheck", app="小猿搜题")
    faint = cover_part(cover(page(seal(legible=False))))
    return {
        "precheck-accepted": prechecked(State.ACCEPTED, unfiled, UNKNOWN),
        "precheck-difference": prechecked(State.ACCEPTED, difference=CHANGED),
        "precheck-unchanged": prechecked(State.ACCEPTED, difference=SAME),
        "precheck-rejected": prechecked(
            State.REJECTED, SHORT_PHONE, NO_NUMBER, alone, cover=None, attachments=[marked]
        ),
        "precheck-workbook": prechecked(State.INCOMPLETE, alone, cover=None),
        "precheck-cover": prechecked(
            State.INCOMPLETE, problem("sheet.missing", Place(), variant="precheck"), sheet=None
        ),
        "precheck-lent": prechecked(State.ACCEPTED, lent_by=FORMER),
        "precheck-review": prechecked(State.REVIEW, FAINT_SEAL, cover=faint),
        "precheck-locked": _precheck_locked(),
        "precheck-late": prechecked(State.ACCEPTED, problem("timing.late", Place(), variant="precheck"), late=True),
    }


def _precheck_locked() -> Letter:
    """Both parts are in an archive that could not be opened: what a filing says of it, a pre-check says too."""
    filed = _unopened("attachment.unreadable", name="材料.zip", sha256="c" * 64, cause=FaultCause.LOCKED)
    parts = {"sheet": None, "cover": None, "others": filed.others, "faults": filed.faults}
    return prechecked(State.REJECTED, *filed.problems, **parts)


def samples() -> dict[str, Letter]:
    """Name of the golden file → letter."""
    accepted = case(State.ACCEPTED, UNKNOWN)
    rejected = case(State.REJECTED, SHORT_PHONE, NO_NUMBER, OTHER_DIGIT)
    alone = case(State.INCOMPLETE, NO_COVER, UNKNOWN, cover=None)
    staff = {"decided_by": "staff:王", "reason": "已电话核对原件。"}
    faint = cover_part(cover(page(seal(legible=False))))
    return {
        "accepted": letter(accepted),
        "accepted-warnings": letter(case(State.ACCEPTED, UNFILED, RESTRICTED, UNKNOWN)),
        "accepted-late": letter(case(State.ACCEPTED, LATE, late=True, received_at=_day(3, 2, 9, 30))),
        "accepted-unchanged": letter(
            case(State.ACCEPTED, UNCHANGED, version=2, difference=SAME), unchanged=True, superseded=(_older(State.SUPERSEDED),)
        ),
        "accepted-changed": letter(
            case(State.ACCEPTED, version=2, difference=CHANGED), superseded=(_older(State.SUPERSEDED),)
        ),
        "accepted-changed-much": letter(
            case(State.ACCEPTED, version=2, difference=MANY), superseded=(_older(State.SUPERSEDED),)
        ),
        "accepted-changed-anothers": letter(
            case(State.ACCEPTED, version=2, difference=replace(CHANGED, sender=COLLEAGUE)),
            superseded=(_older(State.SUPERSEDED),),
        ),
        "accepted-nil-before": letter(
            case(State.ACCEPTED, version=2, difference=replace(SAME, nil_before=True, added=CHANGED.added)),
            superseded=(_older(State.SUPERSEDED),),
        ),
        "accepted-nil": letter(case(State.ACCEPTED, nil_return=True, sheet=sheet_part(replace(sheet(), rows=())))),
        "accepted-staff": letter(case(State.ACCEPTED, FAINT_SEAL, cover=faint, **staff)),
        "accepted-resent": letter(accepted, outcome=Outcome.RESENT, unchanged=True),
        "rejected": letter(rejected, SHEET),
        "rejected-no-workbook": letter(rejected),
        "rejected-rebuilt": letter(rejected, "濮阳县-标注.xlsx", role=AttachmentRole.REBUILT),
        "rejected-ambiguous": letter(case(State.REJECTED, WHICH, rivals=(RIVAL,))),
        "rejected-doubt": letter(case(State.REJECTED, SHORT_PHONE, FAINT_SEAL, cover=faint), SHEET),
        "rejected-seal": letter(
            case(State.REJECTED, OTHERS_SEAL, UNKNOWN, cover=cover_part(cover(page(seal("清丰县教育局")))))
        ),
        "rejected-mixed-up": letter(_mixed_up()),
        "rejected-mixed-up-errors": letter(_mixed_up(SHORT_PHONE), SHEET),
        "rejected-copied-sheet": letter(case(State.REJECTED, COPIED, sheet=sheet_part(_two_sheets())), SHEET),
        "rejected-wrong-form": letter(
            case(State.REJECTED, WRONG_FORM, sheet=_failed("sheet.wrong_form")), "濮阳县空白表.xlsx", role=AttachmentRole.BLANK
        ),
        "rejected-expired": letter(case(State.REJECTED, NO_COVER, cover=None, expired=True)),
        "rejected-staff": letter(case(State.REJECTED, FAINT_SEAL, cover=faint, **(staff | {"reason": "公章盖在空白处"}))),
        "rejected-many": letter(case(State.REJECTED, *EMPTY), SHEET),
        "rejected-unknown-reporter": letter(
            case(State.REJECTED, LOCKED, UNKNOWN, reporter=None, receipt="PY51-XX-20200227-01", sheet=_failed("sheet.encrypted"))
        ),
        "rejected-cloud-link": letter(_cloud_link()),
        "rejected-late": letter(
            case(State.REJECTED, SHORT_PHONE, LATE, late=True, received_at=_day(3, 2, 9, 30)), SHEET
        ),
        "rejected-too-large": letter(_unopened("attachment.too_large", limit=60 * 1024**2)),
        "rejected-locked": letter(
            _unopened("attachment.unreadable", name="更正.zip", sha256="c" * 64, cause=FaultCause.LOCKED)
        ),
        "rejected-volumes": letter(
            _unopened("attachment.unreadable", name="材料.part1.rar", sha256="c" * 64, cause=FaultCause.VOLUMES)
        ),
        "rejected-format": letter(
            _unopened("attachment.unsupported", name="材料.rar", sha256="c" * 64, cause=FaultCause.FORMAT)
        ),
        "rejected-resent": letter(rejected, outcome=Outcome.RESENT, unchanged=True),
        "incomplete-cover": letter(alone),
        "incomplete-sheet": letter(case(State.INCOMPLETE, NO_SHEET, sheet=None)),
        "incomplete-takeover": letter(case(State.INCOMPLETE, NO_COVER, TAKEOVER, cover=None)),
        "rejected-takeover": letter(case(State.REJECTED, NO_COVER, TAKEOVER, cover=None, expired=True)),
        "incomplete-new-sheet": letter(
            case(
                State.INCOMPLETE,
                problem("cover.missing", Place(), variant="new_sheet_stands", stands=FORMER),
                cover=None,
                version=2,
            ),
            others=(replace(_older(State.ACCEPTED), sender=CLERK),),
        ),
        "incomplete-resent": letter(alone, outcome=Outcome.RESENT, unchanged=True),
        "review": letter(case(State.REVIEW, FAINT_SEAL, cover=faint)),
        "review-takeover": letter(case(State.REVIEW, UNKNOWN, TAKEOVER, version=2)),
        "superseded-on-arrival": letter(case(State.SUPERSEDED, UNKNOWN)),
        "superseded": superseded_letter(
            _older(State.SUPERSEDED), NOTICE, answer=letter(case(State.ACCEPTED), to=COLLEAGUE), message_id=OURS
        ),
        **{f"outcome-{state}": letter(case(state, SHORT_PHONE), SHEET, to=COLLEAGUE) for state in State},
        **{
            f"outcome-scan-{state}": letter(case(state, FOREIGN, cover=cover_part(sender=COLLEAGUE)), to=COLLEAGUE)
            for state in (State.ACCEPTED, State.REJECTED, State.REVIEW)
        },
        **_precheck_samples(),
        "guide": _plain(LetterKind.GUIDE, "请问备案表怎么填", BLANK),
        "guide-files": replace(
            _plain(LetterKind.GUIDE, "备案情况", BLANK),
            files=tuple(FileLine(name=name, role=Role.OTHER, size=9, sha256="b" * 64, note="") for name in UNREAD_FILES),
        ),
        "guide-late": replace(_plain(LetterKind.GUIDE, "请问备案表怎么填", BLANK), late=True),
        "guide-link": replace(_plain(LetterKind.GUIDE, "请问这个文件是不是我们要填的", BLANK), links=True),
        "noted": _plain(LetterKind.NOTED, "请问收到了吗"),
        "noted-incomplete": replace(
            _plain(LetterKind.NOTED, "收到"), state=State.INCOMPLETE, receipt=RECEIPT, missing=Role.COVER, grace_ends=alone.grace_ends
        ),
        "noted-rejected": replace(_plain(LetterKind.NOTED, "收到，谢谢"), state=State.REJECTED, receipt=RECEIPT),
        "complaint": _plain(LetterKind.COMPLAINT, "举报学习APP违规收费"),
        "withdraw": _plain(LetterKind.WITHDRAW, "请撤回昨天的备案表"),
        **{f"alarm-{trouble}": _alarm(trouble) for trouble in Trouble},
        **{f"alarm-{trouble}-over": _alarm(trouble, until=_day(2, 27, 18, 5)) for trouble in Trouble},
        "alarm-of-several": _alarm(Trouble.POLLING, place="second"),
        "staff": replace(_plain(LetterKind.STAFF, "日报"), reason="今天没有新的报送。"),
    }  # fmt: skip


def _two_sheets() -> Any:
    made = sheet(*[{}] * 46)
    return replace(made, rows=(*made.rows, *(replace(row, sheet="终稿") for row in made.rows)))


def _mixed_up(*problems: Problem) -> Submission:
    """The scan of another county: every row differs, and title and seal say whose it is."""
    cells = [
        verdict("differs", f"濮阳县第{at}小学", f"范县第{at}小学", address=f"B{at}", field="学校")
        for at in range(5, 35)
    ]
    title = verdict(
        "differs",
        "濮阳县学习类APP统计备案表",
        "范县学习类APP统计备案表",
        address="A1",
        field="标题",
        about=About.HEADER,
    )
    found = [
        problem(
            "cover.content_mismatch", Place(file=SCAN, sheet="Sheet1", cell=cell.address, field=cell.field, value=cell.expected),
            read=cell.read, shown=cell.expected,
        )
        for cell in (title, *cells)
    ]  # fmt: skip
    seal_problem = problem(
        "cover.seal_mismatch", Place(file=SCAN), seal="范县教育局", reporter="濮阳县", example="濮阳县教育局"
    )
    scan = cover_part(cover(page(seal("范县教育局"))))
    return case(State.REJECTED, *problems, seal_problem, *found, cover=scan, findings=findings(title, *cells))


def _alarm(trouble: Trouble, **changes: Any) -> Letter:
    alarm = Alarm(trouble=trouble, place="main", since=_day(2, 27, 16, 2), waiting=3)
    return Letter(
        kind=LetterKind.STAFF,
        notice=NOTICE.id,
        to=COLLEAGUE,
        message_id=OURS,
        subject="",
        alarm=replace(alarm, **changes),
    )


def _day(month: int, day: int, hour: int, minute: int) -> datetime:
    return RECEIVED.replace(month=month, day=day, hour=hour, minute=minute)


def _older(state: State) -> Submission:
    return case(state, receipt=FORMER, received_at=_day(2, 26, 9, 12), sender=COLLEAGUE)


def _cloud_link() -> Submission:
    link = problem("attachment.cloud_link", Place(file="濮阳县扫描.rar"))
    inside = problem("cover.missing", Place(), variant="inside", inside="濮阳县扫描.rar")
    return case(State.REJECTED, link, inside, cover=None)


def _unopened(code: str, name: str = WHOLE_MAIL, **fault: Any) -> Submission:
    """What came with an archive that could not be opened, or as a mail of which nothing is known."""
    fault_ = PartFault(name=name, code=code, **fault)
    found = [*check_attachments([fault_], has_sheet=False, has_cover=False)]
    if name != WHOLE_MAIL:
        found += [problem(code, Place(), variant="inside", inside=name) for code in ("sheet.missing", "cover.missing")]
    others = (
        (FileRef(name=name, kind=Role.OTHER, sha256=fault["sha256"], size=900, mail="m1"),) if "sha256" in fault else ()
    )
    return case(State.REJECTED, *found, sheet=None, cover=None, others=others, faults=(fault_,))


def _plain(kind: LetterKind, subject: str, *attached: Attachment) -> Letter:
    return Letter(
        kind=kind, notice=NOTICE.id, to=CLERK, message_id=OURS, subject=subject,
        in_reply_to=MAIL_ID, references=(MAIL_ID,), attachments=attached,
    )  # fmt: skip


LETTERS_OF_PRECHECK = tuple(_precheck_samples().values())
