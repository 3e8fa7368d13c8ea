"""`baosong notice new`: from a blank workbook that the program never saw to a notice, a mail under it and its acknowledgment."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import openpyxl
import pytest

from cli.asking import WIDTH, padded, width, wrapped
from config.notices import check_notice, load_notice
from ingest.loopback import LoopbackMail
from samples.maker.printing import page_image, print_pdfs
from samples.maker.scanner import Scan, scan, to_file
from samples.maker.seals import draw_seal, stamp
from tests import stores
from tests.blank_forms import Tab, workbook
from tests.office import BUREAU, PASSWORD, text_of
from tests.shell import Shell

FORM = Tab(
    rows=[
        ["附件1"],
        ["XX县学校食堂情况统计表"],
        ["填报单位（盖章）：", None, None, "填报时间：    年  月  日"],
        ["序号", "学校名称", "就餐人数", None, None, "经营方式", "是否持证", "许可证编号", "联系电话"],
        [None, None, "合计", "学生", "教职工"],
        [1], [2], ["合计"],
        ["注：1.许可证编号，持证的必填。"],
        ["填表人：          审核人："],
    ],
    merges=["A2:I2", "A4:A5", "B4:B5", "C4:E4", "F4:F5", "G4:G5", "H4:H5", "I4:I5", "A9:I9"],
    choices={"F6:F90": '"自营,承包"', "G6:G90": '"是,否"'},
    widths={"B": 24, "H": 18, "I": 15},
)  # fmt: skip
ANSWERS = """
number = "×教〔2026〕9号"
title = "关于报送学校食堂情况的通知"
bureau = "某市教育局"
mailbox = "bureau@example.org"
opens = "2026-11-20"
deadline = "2030-12-05"
reporters = \"\"\"
甲县 jyj@example.cn 0371-66666666
乙区
\"\"\"
prefix = "某市"
area_code = "0371"
unique = ["学校名称"]
conditions = ["“就餐人数-学生”加“就餐人数-教职工”等于“就餐人数-合计”", "如果“是否持证”是“是”，则“许可证编号”必填"]
short = "ST26"
id = "shitang-2026"
[columns."许可证编号"]
example = "JY34101010000001"
type = "pattern"
called = "许可证编号"
"""
ROWS = (
    ("甲县第一小学", "210", "200", "10", "自营", "是", "JY34101010000017", "13812345678"),
    ("甲县第二小学", "105", "100", "5", "承包", "否", "", "0371-66666666"),
)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    file = tmp_path / "食堂空白表.xlsx"
    file.write_bytes(workbook(FORM))
    return file


def made(form: Path, baosong: Shell, answers: str = ANSWERS) -> tuple[int, str, str]:
    file = form.with_name("答案.toml")
    file.write_text(answers, encoding="utf-8")
    ran = baosong("notice", "new", form, "--out", form.parent / "notices", "--answers", file)
    return ran.status, ran.out, ran.err


def test_a_notice_is_made_tried_and_told(form: Path, baosong: Shell) -> None:
    status, out, err = made(form, baosong)
    assert (status, err) == (0, "")
    file = form.parent / "notices" / "shitang-2026.yaml"
    assert check_notice(file) == []
    notice = load_notice(file)
    assert [each.name for each in notice.form.columns] == [
        "学校名称", "就餐人数-合计", "就餐人数-学生", "就餐人数-教职工", "经营方式", "是否持证", "许可证编号", "联系电话",
    ]  # fmt: skip
    assert notice.form.column("c8").required_if == (notice.form.columns[5].key, "是")
    assert sorted(path.name for path in (file.parent / "shitang-2026-空白表").iterdir()) == [
        "JX-甲县.xlsx",
        "YQ-乙区.xlsx",
    ]
    for told in (
        "已受理，共3行",
        "“1383930”位数不够",
        "应符合：“就餐人数-学生”加",
        "不在可选的内容里",
        "盖章扫描件没有试",
    ):
        assert told in out
    assert max(width(line) for line in out.splitlines() if str(form.parent) not in line) <= 80
    assert list(form.parent.glob("notices/.*")) == []


def test_answers_that_cannot_be_taken_are_named_by_their_key(form: Path, baosong: Shell) -> None:
    status, _, err = made(form, baosong, ANSWERS.replace("2030-12-05", "2026-02-30"))
    assert status == 1 and "没有“2026-02-30”这一天" in err
    status, _, err = made(
        form, baosong, ANSWERS.replace('number = "×教〔2026〕9号"', "").replace('deadline = "2030-12-05"', "")
    )
    assert status == 1 and "还缺“number”（通知的文号）" in err and "还缺“deadline”" in err
    assert not (form.parent / "notices" / "shitang-2026.yaml").exists()


def test_what_is_no_form_and_what_exists_already_are_told(form: Path, baosong: Shell) -> None:
    form.with_name("坏.xlsx").write_bytes(b"PK\x03\x04" + bytes(80))
    assert "文件已经损坏" in made(form.with_name("坏.xlsx"), baosong)[2]
    assert made(form, baosong)[0] == 0
    assert "“ST26”已经给了别的通知" in made(form, baosong)[2]
    assert "已经有叫“shitang-2026”的通知" in made(form, baosong, ANSWERS.replace("ST26", "ST27"))[2]


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))


def test_questions_are_asked_again_and_a_sitting_broken_off_goes_on(
    form: Path, baosong: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = form.parent / "notices"
    start = ("×教〔2026〕9号", "", "", "某市教育局", "不是邮箱", "a@example.cn", "", "2025-01-01", "12月31日")
    typed(monkeypatch, *start)
    ran = baosong("notice", "new", form, "--out", folder)
    assert ran.status == 130
    for told in (
        "读到表：（单位）学校食堂情况统计表",
        "应如 12345678@qq.com",
        "截止日期早于开始的日期",
        "停下了。答过的7项留在",
    ):
        assert told in ran.out
    assert len(list(folder.glob(".*.yaml"))) == 1
    (form.parent / "名单.csv").write_text("名称,邮箱\n甲县,jx@example.cn\n乙区,\n", encoding="utf-8-sig")
    reporters = ("没有.csv", "", str(form.parent / "名单.csv"), "", "某市", "无")
    columns = ("2 99", "8", "1", "2", "")  # no such column; then the eighth (许可证编号), text, need not be filled
    rules = ("学校名称", "", "是", "否", "", "无", "1", "010", "", "", "shitang-2026")
    typed(monkeypatch, "", *reporters, *columns, *rules)
    ran = baosong("notice", "new", form, "--out", folder)
    assert ran.status == 0, ran.out + ran.err
    assert "上次答到一半，有7项答案" in ran.out and "请填1到9的列号" in ran.out
    notice = load_notice(folder / "shitang-2026.yaml")
    assert (notice.number, notice.mailbox, notice.cover_required) == ("×教〔2026〕9号", "a@example.cn", False)
    assert notice.form.column("c8").required is False and notice.reminders == ()
    assert "没有“没有.csv”这个文件" in ran.out
    assert [(each.name, each.addresses) for each in notice.reporters] == [("甲县", ("jx@example.cn",)), ("乙区", ())]
    assert notice.form.nil_column and list(folder.glob(".*.yaml")) == []


def test_lines_are_no_wider_than_a_terminal() -> None:
    text = "一二三“四五”六七，八九十 config/notices/some-long-name.yaml 甲乙丙丁" * 3
    lines = list(wrapped(text, indent=4))
    assert all(width(line) <= WIDTH + 2 for line in lines) and "".join(line[4:] for line in lines) == text
    assert not any(line.lstrip().startswith(("，", "”")) or line.endswith("“") for line in lines)
    assert (padded("甲乙丙", 5), padded("甲", 4)) == ("甲…  ", "甲  ")


def filled(blank: Path, rows: Sequence[Sequence[str]]) -> bytes:
    """The blank form as a clerk fills it in."""
    book = openpyxl.load_workbook(blank)
    sheet = book.worksheets[0]
    [(row, column)] = [
        (cell.row, cell.column)
        for line in sheet.iter_rows()
        for cell in line
        if str(cell.value or "").startswith("填报时间")
    ]
    sheet.cell(row, column).value = "填报时间：2026年11月28日"
    for number, values in enumerate(rows, 4):
        for place, value in enumerate(values, 1):
            sheet.cell(number, place).value = value
    [total] = [cell.row for line in sheet.iter_rows() for cell in line if cell.value == "合计"]
    for place in (2, 3, 4):
        sheet.cell(total, place).value = sum(int(values[place - 1]) for values in rows)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def stamped(data: bytes, unit: str, folder: Path) -> bytes:
    """Its first page, printed, stamped and scanned."""
    (folder / "打印.xlsx").write_bytes(data)
    [pdf] = print_pdfs([folder / "打印.xlsx"], folder)
    page = stamp(page_image(pdf), draw_seal(unit, rng=random.Random(1)), (60, 26))
    return to_file([scan(page, Scan(seed=1, dpi=300))], "pdf", dpi=300)


def test_a_form_never_seen_is_a_running_collection_without_code(form: Path, baosong: Shell) -> None:
    folder = form.parent
    assert made(form, baosong)[0] == 0
    data = filled(folder / "notices" / "shitang-2026-空白表" / "JX-甲县.xlsx", ROWS)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = (
        "jyj@example.cn",
        BUREAU,
        "甲县食堂情况",
        "<1@example.cn>",
    )
    mail.set_content("请查收。")
    for name, content, kind in (
        ("甲县.xlsx", data, "octet-stream"),
        ("扫描.pdf", stamped(data, "甲县教育局", folder), "pdf"),
    ):
        mail.add_attachment(content, maintype="application", subtype=kind, filename=name)
    with LoopbackMail(letters_dir=folder / "letters", username=BUREAU, password=PASSWORD) as provider:
        provider.append(bytes(mail))
        toml = folder / "baosong.toml"
        toml.write_text(
            f'[mailbox]\nurl = "{provider.imap_url}"\npassword = "{PASSWORD}"\nlogin_seconds = 0\n'
            f'[smtp]\nurl = "{provider.smtp_url}"\npassword = "{PASSWORD}"\nper_minute = 6000\nsender = "某市教育局 <{BUREAU}>"\n'
            f'[notices]\nactive = ["shitang-2026"]\ndirectory = "notices"\n{stores.toml(folder)}',
            encoding="utf-8",
        )
        ran = baosong("run", "--once", "--json", "--config", toml)
        assert (ran.status, json.loads(ran.out)["accepted"]) == (0, 1), ran.out + ran.err
        [letter] = provider.letters
    assert "【受理】" in text_of(letter.path.read_bytes()) and "ST26-JX-" in text_of(letter.path.read_bytes())
