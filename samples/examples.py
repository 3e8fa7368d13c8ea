"""Make the mails of the example notices: `python -m samples.examples` writes samples/examples/*.eml and expected.json.

A monthly table with a stamped first page, a roster without one, and a report that is a stamped scan alone; clerks fill in the blank
forms that the product makes.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.notices import load_notice, load_notices
from domain.registered_numbers import credit_check, identity_check
from samples.example_papers import Row, filled, ledger, report, scanned
from samples.maker import mails, printing
from samples.maker.mails import Client, Draft, File
from samples.maker.mix import BEIJING

FOLDER = Path(__file__).parent / "examples"
LABELS_FILE = FOLDER / "expected.json"
MAILBOX = "shouji@example.cn"
"""One mailbox for all three: they are told apart by what comes."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONTHLY = {notice.round.key: notice for notice in load_notices("students-monthly") if notice.round}
ROSTER, REPORT = load_notice("staff-roster"), load_notice("safety-inspection")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One mail and what must become of it. `cover`: the workbook that was printed and stamped, None for none."""

    name: str
    notice: str
    code: str
    at: str
    says: tuple[str, str]
    state: str | None
    codes: tuple[str, ...] = ()
    rows: int = 0
    sender: str = ""
    subject: str = ""
    text: str = "您好！现将材料报上，请查收。"
    book: bytes | None = None
    cover: bytes | None = None
    files: tuple[File, ...] = ()
    disposition: str = "submission"


_OCTOBER: tuple[Row, ...] = (
    ("4101000101", "甲县第一小学", "小学", 612, 588, 1200, 0, 0, ""),
    ("4101000102", "甲县第二小学", "小学", 430, 401, 831, 0, 0, ""),
    ("4101000103", "甲县实验中学", "初级中学", 905, 877, 1782, 640, 1, "1人随父母转到外省"),
)
_SUMS = (1947, 1866, 3813, 640, 1)
_NOVEMBER: tuple[Row, ...] = (
    _OCTOBER[0],
    ("4101000102", "甲县第二小学", "小学", 630, 601, 1231, 0, 0, "并入一所学校"),
    _OCTOBER[2],
)
_SLIPS: tuple[Row, ...] = (
    ("4101000101", "甲县第一小学", "小学", 612, 588, 1210, 0, 0, ""),
    _NOVEMBER[1],
    ("4101000103", "甲县实验中学", "高中", 905, 877, 1782, "640人", 1, ""),
)
_OTHERS: tuple[Row, ...] = (
    ("4101000201", "乙县第一小学", "小学", 350, 342, 692, 0, 0, ""),
    ("4101000202", "乙县第一中学", "初中", 760, 733, 1493, 810, 0, ""),
)


def _person(born: str, serial: str) -> str:
    front = f"410101{born}{serial}"
    return front + identity_check(front)


def _credit(front: str) -> str:
    return front + credit_check(front)


_SCHOOL = ("甲县第一小学", _credit("12410101416048001"))
_STAFF: tuple[Row, ...] = (
    (
        *_SCHOOL,
        "李明",
        "男",
        _person("19870307", "123"),
        "2010年9月1日",
        "专业技术",
        "是",
        "20104100012345678",
        "13912345678",
    ),
    (
        *_SCHOOL,
        "王芳",
        "女",
        _person("19910612", "246"),
        "2014年9月1日",
        "专业技术",
        "是",
        "20144100012345679",
        "13912345679",
    ),
    (*_SCHOOL, "赵强", "男", _person("19721120", "357"), "1995年7月1日", "工勤技能", "否", "", "0371-66778899"),
)
_WRONG_STAFF: tuple[Row, ...] = (
    (
        "乙县第一中学",
        _credit("12410102416048002"),
        "孙丽",
        "女",
        "410101198505121111",
        "2008年9月1日",
        "专业技术",
        "是",
        "",
        "13812345678",
    ),
    (
        "乙县第一中学",
        "12410102416048002X",
        "钱进",
        "男性",
        _person("19790101", "579"),
        "2031年9月1日",
        "管理",
        "否",
        "",
        "138123456",
    ),
)


def _samples() -> list[Sample]:
    return [*_monthly(), *_roster(), *_reports()]


def _monthly() -> list[Sample]:
    october, november = MONTHLY["2026-10"], MONTHLY["2026-11"]
    good = filled(october, "JX", "2026年10月28日", _OCTOBER, _SUMS)
    slips = filled(november, "JX", "2026年11月26日", _SLIPS, (2147, 2066, 4213, 640, 1))
    mended = filled(november, "JX", "2026年11月27日", _NOVEMBER, (2147, 2066, 4213, 640, 1))
    late = filled(october, "YX", "2026年11月27日", _OTHERS, (1110, 1075, 2185, 810, 0))
    return [
        Sample(
            name="monthly-october",
            notice=october.id,
            code="JX",
            at="2026-10-28 09:20",
            state="accepted",
            rows=3,
            book=good,
            cover=good,
            says=("October's table, all in order", "10月的月报，材料齐全，受理"),
        ),
        Sample(
            name="monthly-slips",
            notice=november.id,
            code="JX",
            at="2026-11-26 10:02",
            state="rejected",
            rows=3,
            book=slips,
            cover=slips,
            codes=("rule.sum", "row.choice_invalid", "row.number_invalid", "table.totals_mismatch", "round.jump"),
            says=(
                "Sums that do not add up, a choice and a number that are none",
                "分项与合计对不上，类别和寄宿生填得不对",
            ),
        ),
        Sample(
            name="monthly-mended",
            notice=november.id,
            code="JX",
            at="2026-11-27 08:47",
            state="accepted",
            rows=3,
            book=mended,
            cover=mended,
            codes=("round.jump",),
            says=(
                "Mended; one school jumped against October, which is told",
                "改正后重报；一所学校比上月多了很多，提示核对",
            ),
        ),
        Sample(
            name="monthly-late-october",
            notice=october.id,
            code="YX",
            at="2026-11-27 11:31",
            state="accepted",
            rows=2,
            book=late,
            cover=late,
            codes=("timing.late", "round.not_current"),
            says=("October's table in November: its title says so", "11月才报10月的月报，按标题归入10月，记迟报"),
        ),
    ]


def _roster() -> list[Sample]:
    good = filled(ROSTER, "JX", "2026年10月20日", _STAFF)
    wrong = filled(ROSTER, "YX", "2026年10月21日", _WRONG_STAFF)
    strange = filled(ROSTER, "BQ", "2026年10月22日", [("丙区实验学校", _SCHOOL[1], *row[2:]) for row in _STAFF[:2]])
    return [
        Sample(
            name="roster",
            notice=ROSTER.id,
            code="JX",
            at="2026-10-20 15:10",
            state="accepted",
            rows=3,
            book=good,
            sender="renshi-jx@example.cn",
            says=("A roster from a known address", "已知邮箱报来的名册，受理"),
        ),
        Sample(
            name="roster-wrong",
            notice=ROSTER.id,
            code="YX",
            at="2026-10-21 09:05",
            state="rejected",
            rows=2,
            book=wrong,
            sender="renshi-yx@example.cn",
            codes=(
                "row.identity_invalid",
                "row.required",
                "row.credit_code_invalid",
                "row.choice_invalid",
                "row.date_range",
                "row.phone_invalid",
            ),
            says=(
                "Identity number, credit code, day, choice and phone that are wrong",
                "身份证号、信用代码、日期、性别、电话填得不对",
            ),
        ),
        Sample(
            name="roster-stranger",
            notice=ROSTER.id,
            code="BQ",
            at="2026-10-22 16:44",
            state="review",
            rows=2,
            book=strange,
            codes=("mail.unknown_sender",),
            says=("Right, but from an address nobody knows", "内容都对，但邮箱不认识，转人工核实"),
        ),
    ]


def _reports() -> list[Sample]:
    def scan(unit: str, **how: int) -> tuple[File, ...]:
        return (File(name=f"{unit}自查报告.pdf", data=report(unit, **how), media="application/pdf"),)

    table = File(name="整改台账.xlsx", data=ledger(), media=_XLSX)
    return [
        Sample(
            name="report",
            notice=REPORT.id,
            code="JX",
            at="2026-11-06 10:15",
            state="accepted",
            files=(*scan("甲县", pages=3, stamped_on=3), table),
            says=("A report of three pages, stamped on the last", "三页自查报告，末页盖章，附台账，受理"),
        ),
        Sample(
            name="report-short",
            notice=REPORT.id,
            code="YX",
            at="2026-11-06 11:40",
            state="rejected",
            codes=("cover.too_few_pages",),
            files=scan("乙县", pages=2, stamped_on=2),
            says=("Two pages where three are asked for", "只扫描了两页"),
        ),
        Sample(
            name="report-first-page",
            notice=REPORT.id,
            code="BQ",
            at="2026-11-09 09:00",
            state="rejected",
            codes=("cover.unstamped",),
            files=scan("丙区", pages=3, stamped_on=1),
            says=("Stamped on the first page, not on the last", "章盖在首页，不在最后一页"),
        ),
        Sample(
            name="report-question",
            notice=REPORT.id,
            code="YX",
            at="2026-11-09 14:20",
            state=None,
            disposition="question",
            subject="咨询校园安全自查报告",
            text="请问校园安全自查报告的截止时间是哪天？谢谢！",
            says=("A question about one of the notices", "咨询其中一份通知"),
        ),
    ]


def _covers(samples: Sequence[Sample], folder: Path) -> dict[str, bytes]:
    """The printed, stamped and scanned first pages by sample. LibreOffice starts once."""
    papers = {}
    for one in samples:
        if one.cover:
            papers[one.name] = folder / f"{one.name}.xlsx"
            papers[one.name].write_bytes(one.cover)
    pdfs = printing.print_pdfs(list(papers.values()), folder)
    names = {one.name: _name_of(one) for one in samples}
    return {name: scanned(pdf, names[name]) for name, pdf in zip(papers, pdfs, strict=True)}


def _name_of(one: Sample) -> str:
    return {"JX": "甲县", "YX": "乙县", "BQ": "丙区"}[one.code]


def _mail(one: Sample, at: int, covers: Mapping[str, bytes]) -> bytes:
    unit = _name_of(one)
    files = [File(name=f"{unit}.xlsx", data=one.book, media=_XLSX)] if one.book else []
    if one.name in covers:
        files.append(File(name="盖章扫描件.pdf", data=covers[one.name], media="application/pdf"))
    return mails.build(Draft(
        client=list(Client)[at % len(Client)], sender=one.sender or f"jyj-{one.code.lower()}@example.cn",
        sender_name=f"{unit}教育局", subject=one.subject or f"{unit}报送材料", text=one.text,
        received_at=received(one.at), files=(*files, *one.files), seed=at, to=MAILBOX,
    ))  # fmt: skip


def received(at: str) -> datetime:
    return datetime.fromisoformat(at).replace(tzinfo=BEIJING)


def main(tell: Callable[[str], None] = print) -> None:
    """Write the mails in order of receipt, and their labels."""
    samples = sorted(_samples(), key=lambda one: one.at)
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.eml"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        covers = _covers(samples, Path(folder))
    labels = []
    for number, one in enumerate(samples, 1):
        path = FOLDER / f"{number:02d}-{one.name}.eml"
        path.write_bytes(_mail(one, number, covers))
        english, chinese = one.says
        labels.append({
            "file": path.name, "notice": one.notice, "received_at": received(one.at).isoformat(), "disposition": one.disposition,
            "state": one.state, "codes": sorted(one.codes), "reporter": one.code, "row_count": one.rows,
            "english": english, "chinese": chinese,
        })  # fmt: skip
    text = json.dumps({"mails": labels}, ensure_ascii=False, indent=1)
    LABELS_FILE.write_text(text + "\n", encoding="utf-8")
    tell(f"{len(labels)} mails, {sum(path.stat().st_size for path in FOLDER.glob('*.eml')) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
