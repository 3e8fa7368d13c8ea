"""A mail that asks for a pre-check: checked and answered in full, and nothing filed, taken or changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from domain.letter import AttachmentRole, LetterKind
from domain.mail import Intent, PartFault
from domain.submission import State
from storage import inbox, outbox, tasks
from storage.verify import verify
from tests.builders import NOTICE, RECEIVED
from tests.office import BUREAU, Office, office, subjects, text_of
from tests.parts import CLERK, STRANGER, Reading, broken, scan, workbook
from tests.shell import Shell, attachments
from tests.stores import by_hand

SHEET = workbook()
SCAN = scan(SHEET)
BAD = workbook({"phone": ""}, label="bad")
NEW = workbook({"contact": "王五"}, {}, label="new")
HOUR = timedelta(hours=1)
FIRST = "PY51-PYX-20200227-01"
ASKED = "预检：濮阳县学习类APP统计备案表"


def text(here: Office, number: int = -1) -> str:
    return text_of(here.letters.taken[number][0])


def first_line(here: Office) -> str:
    return text(here).splitlines()[0]


def letter_of(here: Office, number: int) -> Any:
    with here.app.database.read() as tx:
        return outbox.load(tx, number).letter


def test_a_good_set_is_checked_answered_and_not_filed(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN, subject=ASKED)
        report = here.run()
        assert (report.received, report.ignored, report.replies_sent, report.decided) == (1, 1, 1, {})
        assert (here.cases(), here.tasks(), here.box.filed) == ({}, set(), [])
        assert subjects(here) == ["Re: 【预检】通过：濮阳县学习类APP统计备案表"]
        assert first_line(here) == (
            "【预检】通过：没有发现错误，共1行。这次只是预检，没有登记；"
            "请直接回复本邮件，把电子表和盖章的扫描件一并发来，即为正式报送。"
        )
        assert "回执 PY51" not in text(here)
        assert "印章：濮阳县教育局（清晰）" in text(here)
        with here.app.database.read() as tx:
            row = inbox.load(tx, 1)
            assert (row.disposition, row.reason) == ("precheck", "accepted")
            assert not outbox.load(tx, 1).exempt
        assert here.run().received == 0


def test_no_receipt_number_is_taken(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN, subject=ASKED)
        here.mail("m2", SHEET, SCAN, at=RECEIVED + HOUR)
        here.run()
        assert here.cases() == {FIRST: "accepted"}
        assert "（第1版）" in text(here)


def test_the_answer_to_our_letter_is_the_formal_return_unless_it_asks_again(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", BAD, scan(BAD), subject=ASKED)
        here.run()
        [ours] = subjects(here)
        assert ours == "Re: 【预检】未通过：濮阳县学习类APP统计备案表"
        here.mail("m2", BAD, scan(BAD), subject=f"回复：{ours}（再预检）")
        here.run(after=HOUR)
        assert here.cases() == {}
        here.mail("m3", SHEET, SCAN, subject=f"[外部邮件] 回复： {ours}", thread=[sent_id(here, 0)])
        here.run(after=HOUR)
        assert here.cases() == {FIRST: "accepted"}


def sent_id(here: Office, number: int) -> str:
    return str(message_from_bytes(here.letters.taken[number][0])["Message-ID"])


def test_answering_a_pre_check_gives_no_right_to_replace_anothers_return(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", NEW, scan(NEW, label="s2"), subject=ASKED, sender=STRANGER, at=RECEIVED + HOUR)
        here.run()
        here.mail("m3", NEW, scan(NEW, label="s2"), sender=STRANGER, thread=[sent_id(here, 1)])
        here.run(after=2 * HOUR)
        assert sorted(here.cases().values()) == ["accepted", "review"]


def test_a_workbook_alone_says_what_is_still_to_come_and_waits_for_nothing(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, subject=ASKED)
        here.run()
        assert first_line(here).startswith(
            "【预检】缺件：电子表没有发现错误，共1行；没有附盖章扫描件。这次只是预检，没有登记；"
        )
        assert "正式报送时请打印电子表首页" in text(here)
        here.mail("m2", SCAN)
        here.run(after=HOUR)
        assert list(here.cases().values()) == ["incomplete"]
        here.run(after=NOTICE.grace * 2)
        assert list(here.cases().values()) == ["rejected"]


def test_bad_cells_come_back_marked_and_the_missing_part_is_no_place_to_mend(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", BAD, subject=ASKED)
        here.run()
        assert first_line(here).startswith(
            "【预检】未通过：有1处需要修改，没有附盖章扫描件。这次只是预检，没有登记；改好后"
        )
        assert "请按上面写的单元格，在您自己的电子表里修改。如想再预检一次" in text(here)


def test_a_wrong_form_gets_the_blank_one(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", broken(code="sheet.wrong_form"), subject=ASKED)
        here.run()
        assert [file.role for file in letter_of(here, 1).attachments] == [AttachmentRole.BLANK]
        with here.app.database.read() as tx:
            assert verify(tx, here.app.blobs, now=datetime.now(UTC) + 99 * HOUR).faults == ()


def test_what_a_person_would_have_to_look_at_is_not_looked_at_yet(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET, label="grey", colour=False), subject=ASKED)
        here.run()
        assert here.tasks() == set()
        assert first_line(here).startswith("【预检】存疑：没有发现错误，共1行，但有的地方程序看不准")
        assert "将由人工" not in text(here)
        assert "等候" not in text(here)
        assert "正式报送后会由人工核对" in text(here)


def test_nothing_that_stands_is_touched_and_the_sender_is_told_what_would_change(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        before = here.cases()
        here.mail("m2", NEW, scan(NEW, label="s2"), subject=ASKED)
        here.run(after=HOUR)
        assert here.cases() == before
        assert f"与已受理的第1版（回执 {FIRST}）相比：新增1行，修改1行" in text(here)
        assert "由“李晓明”改为“王五”" in text(here)
        assert "替代" not in text(here)


def test_the_same_as_what_stands_need_not_come_again(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", SHEET, SCAN, subject=ASKED, at=RECEIVED + HOUR)
        here.run()
        assert "内容与已受理的相同（无变化），不必再报" in first_line(here)
        assert "完全相同" not in text(here)
        assert "mail.unchanged" not in {problem.code for problem in letter_of(here, 2).problems}


@pytest.mark.parametrize("facts", [{"sender": STRANGER}, {"dmarc_failed": True}])
def test_others_learn_nothing_of_what_stands(tmp_path: Path, facts: dict[str, Any]) -> None:
    with office(tmp_path) as here:
        here.reader.notice = _knowing("other@example.cn")
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", NEW, scan(NEW, label="s2"), subject=ASKED, at=RECEIVED + HOUR, **facts)
        here.run()
        assert first_line(here).startswith("【预检】通过：")
        assert "相比" not in text(here)
        assert "mail.takeover" not in {problem.code for problem in letter_of(here, 2).problems}
        # What filing would give is told without a word on why; of a forged sender the county's own address is told nothing.
        by_hand = first_line(here).endswith("即为正式报送。用这个邮箱正式报送的，会先由人工核对，再决定是否受理。")
        assert by_hand is ("sender" in facts)


@pytest.mark.parametrize(
    ("filed", "asked", "sender", "by_hand"),
    [
        ((), (SHEET, SCAN), STRANGER, False),
        ((SHEET, SCAN), (BAD,), STRANGER, True),
        ((SHEET, SCAN), (SHEET, SCAN), STRANGER, False),  # filed, it would be a resend
        ((SHEET, SCAN), (NEW,), CLERK, False),
        ((SHEET, SCAN), (NEW,), "other@example.cn", False),  # on the list of the notice
        ((SHEET,), (SCAN,), STRANGER, True),
    ],
)
def test_what_would_wait_for_a_person_says_so(
    tmp_path: Path, filed: tuple[Reading, ...], asked: tuple[Reading, ...], sender: str, by_hand: bool
) -> None:
    with office(tmp_path) as here:
        here.reader.notice = _knowing("other@example.cn")
        if filed:
            here.mail("m1", *filed)
        here.mail("m2", *asked, subject=ASKED, at=RECEIVED + HOUR, sender=sender)
        here.run()
        assert ("会先由人工核对" in first_line(here)) is by_hand


def _knowing(*addresses: str) -> Any:
    known = tuple(replace(one, addresses=addresses) if one.code == "PYX" else one for one in NOTICE.reporters)
    return replace(NOTICE, reporters=known)


def test_a_known_address_is_told_how_much_differs_and_no_value_of_anothers(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.reader.notice = _knowing("other@example.cn")
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", NEW, scan(NEW, label="s2"), subject=ASKED, at=RECEIVED + HOUR, sender="other@example.cn")
        here.run()
        assert "相比：新增1行，修改1行" in text(here)
        assert "李晓明" not in text(here)


def test_a_cover_alone_is_held_against_the_senders_own_workbook(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.mail("m2", scan(NEW, label="other"), subject=ASKED, at=RECEIVED + HOUR)
        here.mail("m3", SCAN, subject=ASKED, at=RECEIVED + 2 * HOUR)
        here.run()
        assert list(here.cases().values()) == ["incomplete"]
        assert [one.split("：")[0] for one in subjects(here)[1:]] == ["Re: 【预检】未通过", "Re: 【预检】通过"]
        assert f"扫描件是与您先前报送的电子表（回执 {FIRST}）核对的" in text(here)
        assert "与电子表不一致" in text(here, 1)


def test_a_cover_alone_says_nothing_of_anothers_workbook(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.mail("m2", scan(NEW, label="other"), subject=ASKED, sender=STRANGER, at=RECEIVED + HOUR)
        here.run()
        assert first_line(here).startswith("【预检】缺件：没有附电子表，扫描件没有核对。")
        assert "智学网" not in text(here)


def test_after_the_deadline_it_says_so_and_registers_nothing(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.now = NOTICE.deadline + HOUR
        here.mail("m1", SHEET, SCAN, subject=ASKED)
        here.run()
        assert "截止时间已过，正式报送会按迟报登记。" in text(here)


def test_what_breaks_the_rules_is_told_and_not_called_received(tmp_path: Path) -> None:
    made = workbook({"filed": "否", "filing_number": ""}, label="unfiled")
    with office(tmp_path) as here:
        here.mail("m1", made, scan(made), subject=ASKED)
        here.run()
        assert "“智学网”未经教育部备案。如实填报即可。通知要求" in text(here)
        assert "另有1条提醒" in first_line(here)


def test_several_sets_get_a_letter_each_and_an_unread_archive_is_told(tmp_path: Path) -> None:
    other = workbook({"unit": "范县", "school": "范县一中"}, label="fan", unit="范县教育局", title=None)
    with office(tmp_path) as here:
        here.mail("m1", SHEET, other, subject=ASKED)
        here.mail("m2", subject=ASKED, faults=[PartFault(name="a.zip", code="attachment.unreadable")])
        here.run()
        assert [letter_of(here, number).kind for number in (1, 2, 3)] == [LetterKind.PRECHECK] * 3
        assert (here.cases(), here.tasks()) == ({}, set())


@pytest.mark.parametrize("code", ["attachment.unreadable", "attachment.cloud_link"])
def test_what_may_be_in_a_file_that_was_not_opened_is_not_called_absent(tmp_path: Path, code: str) -> None:
    with office(tmp_path) as here:
        here.mail("m1", subject=ASKED, faults=[PartFault(name="材料.zip", code=code)])
        here.run()
        assert first_line(here).startswith(
            "【预检】未通过：有1处需要修改；没有单独收到电子表和盖章扫描件，可能就在没有打开的附件里。这次只是预检"
        )
        assert "没有附" not in text(here)
        assert text(here).count("可能就在“材料.zip”里") == 2


def test_words_of_a_pre_check_that_passed_make_a_formal_return(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN, subject="预检通过，现正式报送")
        here.run()
        assert here.cases() == {FIRST: "accepted"}


def test_a_question_about_pre_checks_gets_the_guide_and_a_complaint_stays_one(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", subject="请问怎么预检", intent=Intent.QUESTION)
        here.mail("m2", SHEET, SCAN, subject=ASKED, intent=Intent.COMPLAINT, sender=STRANGER)
        here.run()
        assert here.tasks() == {"question", "complaint"}
        with here.app.database.read() as tx:
            assert {task.confidential for task in tasks.open_(tx) if task.kind == "complaint"} == {True}
        assert here.cases() == {}


def test_everything_is_vouched_for_and_nothing_personal_is_in_the_ledger(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.reader.beside = {"m1": [SHEET.sha256]}
        here.mail("m1", BAD, scan(BAD), subject=ASKED)
        here.run()
        with here.app.database.read() as tx:
            assert verify(tx, here.app.blobs, now=datetime.now(UTC) + 99 * HOUR).faults == ()
        with by_hand(tmp_path) as base:
            entries = dict(base.execute("SELECT kind, body FROM ledger_entries"))
        [outcome] = json.loads(entries["mail.settled"])["outcomes"]
        assert (outcome["reporter"], outcome["state"]) == ("PYX", State.REJECTED)
        assert not [told for told in (CLERK, "李晓明", "13912345678") if told in "".join(entries.values())]
        assert "存证：第" in text(here)


def test_check_on_the_command_line_finds_the_same(tmp_path: Path, toml: Path, baosong: Shell) -> None:
    """With the real reader."""
    [sheet] = [file for file in attachments("09-bad-cells.eml", tmp_path) if file.suffix == ".xlsx"]
    checked = baosong("check", sheet, "--received-at", RECEIVED.isoformat(), "--json", "--config", toml).document
    with office(tmp_path) as here:
        here.app._reader = None
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"], message["Message-ID"] = (
            CLERK,
            BUREAU,
            ASKED,
            "<m1@example.cn>",
        )
        message.set_content("请先看一下。")
        message.add_attachment(sheet.read_bytes(), maintype="application", subtype="octet-stream", filename=sheet.name)
        here.box.deliver(message.as_bytes())
        assert here.run().failures == []
        told = [one for one in letter_of(here, 1).problems if one.code != "mail.unknown_sender"]
    assert len(told) > 3
    assert [(one.code, one.cell) for one in told] == [(one["code"], one["cell"]) for one in checked["problems"]]
    assert [one.message for one in told if one.cell] == [one["message"] for one in checked["problems"] if one["cell"]]
