"""Mails that are no submission: questions, complaints, tip-offs, and what machines send."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from domain.cover import Cover
from domain.letter import AttachmentRole, LetterKind
from domain.mail import Intent, MailKind, Part, PartFault, PartKind
from storage import outbox, tasks
from storage.verify import verify
from tests import builders
from tests.office import BUREAU, Office, office, text_of
from tests.parts import CLERK, STRANGER, Reading, broken, scan, workbook

SHEET = workbook()
SCAN = scan(SHEET)
HOUR = timedelta(hours=1)
RECEIPT = "PY51-PYX-20200227-01"
FILE = Part(name="a.xlsx", kind=PartKind.SHEET, media="", sha256="a" * 64, size=9, position=0)
LOCKED = PartFault(name="a.zip", code="attachment.unreadable")


def test_a_question_gets_one_guide_a_day(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        for number in range(3):
            here.mail(f"q{number}", intent=Intent.QUESTION)
        report = here.run()
        assert (report.ignored, report.replies_sent, here.cases()) == (3, 1, {})
        here.now += timedelta(days=1)
        here.mail("q9")
        assert here.run().replies_sent == 1
        assert here.box.filed == []
        assert here.tasks() == {"question"}


def attached(here: Office, number: int = 1) -> tuple[str, str]:
    """Name of the only file of a letter, and what its first cell says."""
    with here.app.database.read() as tx:
        [file] = outbox.load(tx, number).letter.attachments
    assert file.role is AttachmentRole.BLANK
    sheet = openpyxl.load_workbook(io.BytesIO(here.app.blobs.get(file.sha256))).worksheets[0]
    return file.name, str(sheet["A1"].value)


def test_the_guide_carries_the_form_made_out_for_a_sender_whose_address_is_known(tmp_path: Path) -> None:
    listed = [replace(each, addresses=(CLERK,)) if each.code == "FX" else each for each in builders.NOTICE.reporters]
    with office(tmp_path) as here:
        here.reader.notice = replace(builders.NOTICE, reporters=tuple(listed))
        here.mail("q1", intent=Intent.QUESTION)
        here.mail("q2", intent=Intent.QUESTION, sender=STRANGER)
        assert here.run().replies_sent == 2
        assert attached(here) == ("范县空白表.xlsx", "范县学习类APP统计备案表")
        assert attached(here, 2) == ("空白表.xlsx", "学习类APP统计备案表")


def test_a_file_of_a_kind_nobody_asked_for_is_named_and_not_called_no_attachment(tmp_path: Path) -> None:
    text = replace(FILE, name="说明.txt", kind=PartKind.OTHER)
    with office(tmp_path) as here:
        here.mail("q1", parts=(text,), faults=[PartFault(name="说明.txt", code="attachment.unsupported")])
        here.run()
        told = text_of(here.letters.taken[0][0]).splitlines()[0]
        assert "附件“说明.txt”不是电子表" in told
        assert "没有附件" not in told


LINK = PartFault(name="超大附件", code="attachment.cloud_link")


def test_a_question_that_quotes_a_link_is_a_question(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("q1", faults=[LINK], intent=Intent.QUESTION)
        here.run()
        assert (here.cases(), here.tasks()) == ({}, {"question"})
        assert "超大附件或网盘链接我们不会打开" in told(here)
        assert len(attached(here)) == 2


@pytest.mark.parametrize(
    "brought",
    [
        {"faults": [LINK]},
        {"faults": [LINK, LOCKED], "intent": Intent.QUESTION},
        {"faults": [LINK], "parts": (FILE,), "intent": Intent.QUESTION},
    ],
)
def test_a_link_that_stands_for_the_return_is_still_one(tmp_path: Path, brought: dict[str, Any]) -> None:
    with office(tmp_path) as here:
        here.mail("m1", **brought)
        here.run()
        assert list(here.cases().values()) == ["rejected"]


def test_a_guide_after_the_deadline_says_that_late_returns_are_taken(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("q1", intent=Intent.QUESTION)
        here.run()
        assert "截止时间已过" not in text_of(here.letters.taken[-1][0])
        here.mail("q2", intent=Intent.QUESTION, at=here.now + 48 * HOUR)
        here.run(after=48 * HOUR)
        assert "现在截止时间已过。迟报的材料仍然受理" in text_of(here.letters.taken[-1][0])


def test_the_task_of_a_doubtful_case_names_the_doubt_in_chinese(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        second = workbook({"phone": "13700000000"}, label="second")
        here.mail("m2", second, scan(second, label="second scan"), sender=STRANGER, at=here.now + HOUR)
        here.run(after=2 * HOUR)
        with here.app.database.read() as tx:
            texts = [task.text for task in tasks.open_(tx) if task.kind == "review"]
        assert texts == ["需要人工核对：换了邮箱重报"]


def test_a_complaint_gets_one_neutral_line_and_a_confidential_task_pictures_or_not(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("c1", replace(builders.cover(), sha256=SCAN.sha256), intent=Intent.COMPLAINT)
        here.mail("c2", intent=Intent.COMPLAINT)
        report = here.run()
        assert (here.cases(), report.replies_sent) == ({}, 1)
        with here.app.database.read() as tx:
            assert {(task.kind, task.confidential) for task in tasks.open_(tx)} == {("complaint", True)}
            assert outbox.load(tx, 1).letter.kind is LetterKind.COMPLAINT
            assert verify(tx, here.app.blobs).ok


def test_a_tip_off_with_a_spreadsheet_as_evidence_is_no_submission(tmp_path: Path) -> None:
    evidence = replace(broken(code="sheet.wrong_form"), missing_columns=("电话",) * 7)
    with office(tmp_path) as here:
        here.mail("c1", evidence, intent=Intent.COMPLAINT)
        here.mail("c2", intent=Intent.COMPLAINT, faults=[LOCKED], sender=STRANGER)
        here.run()
        assert here.cases() == {}
        assert [raw.count(b"attachment;") for raw, _ in here.letters.taken] == [0, 0]
        with here.app.database.read() as tx:
            assert [(task.kind, task.confidential) for task in tasks.open_(tx)] == [("complaint", True)] * 2


@pytest.mark.parametrize("answers", [True, False])
def test_a_scan_with_words_of_a_complaint_joins_the_case_that_waits_for_it(tmp_path: Path, answers: bool) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        ours = str(message_from_bytes(here.letters.taken[0][0])["Message-ID"])
        here.now += HOUR
        sender, thread = (STRANGER, [ours]) if answers else (CLERK, [])
        here.mail("m2", SCAN, intent=Intent.COMPLAINT, sender=sender, thread=thread)
        here.mail("m3", SCAN, intent=Intent.COMPLAINT, sender="third@example.org")
        here.run()
        assert here.cases() == {RECEIPT: "accepted"}
        with here.app.database.read() as tx:
            found = [(task.kind, task.subject, task.confidential) for task in tasks.open_(tx)]
        assert found == [("complaint", "mail:2", True), ("complaint", "mail:3", True)]


def test_a_stamped_scan_alone_with_words_of_a_complaint_waits_for_its_workbook(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SCAN, intent=Intent.COMPLAINT)
        here.run()
        assert (list(here.cases().values()), here.tasks()) == (["incomplete"], {"complaint"})
        here.mail("m2", SHEET)
        here.run(after=HOUR)
        assert here.cases() == {RECEIPT: "accepted"}


@pytest.mark.parametrize(
    "evidence",
    [builders.cover(), *(builders.cover(replace(SCAN.pages[0], **lacks)) for lacks in ({"seals": ()}, {"cells": ()}))],
)
def test_a_scan_that_is_no_stamped_form_is_evidence_of_a_tip_off(tmp_path: Path, evidence: Cover) -> None:
    with office(tmp_path) as here:
        here.mail("m1", replace(evidence, sha256=SCAN.sha256), intent=Intent.COMPLAINT)
        here.run()
        assert (here.cases(), here.tasks()) == ({}, {"complaint"})


@pytest.mark.parametrize("reading", [SHEET, replace(broken(code="sheet.wrong_form"), missing_columns=("电话",))])
def test_a_return_that_speaks_of_a_complaint_is_a_submission_and_shown_to_staff(
    tmp_path: Path, reading: Reading
) -> None:
    with office(tmp_path) as here:
        here.mail("m1", reading, SCAN, intent=Intent.COMPLAINT)
        here.run()
        assert len(here.cases()) == 1
        assert "complaint" in here.tasks()


def ours_of(here: Office, number: int = -1) -> str:
    """Message-ID of a letter that went out."""
    return str(message_from_bytes(here.letters.taken[number][0])["Message-ID"])


def told(here: Office) -> str:
    """First line of the newest letter."""
    return text_of(here.letters.taken[-1][0]).splitlines()[0]


def test_thanks_for_an_acknowledgment_get_no_letter_and_a_task_that_names_the_receipt(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.mail("t1", thread=[ours_of(here)])
        assert here.run(after=HOUR).replies_sent == 0
        with here.app.database.read() as tx:
            [task] = tasks.open_(tx)
        assert (task.kind, f"对回执{RECEIPT}（受理）的回复" in task.text) == ("question", True)


def test_a_question_in_the_thread_of_an_acknowledgment_gets_one_line_and_no_guide(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.mail("q1", thread=[ours_of(here)], intent=Intent.QUESTION)
        assert here.run(after=HOUR).replies_sent == 1
        assert told(here) == "您的来信已收到。工作人员会另行答复。"
        assert b"attachment;" not in here.letters.taken[-1][0]


def test_a_question_with_a_link_about_a_set_that_waits_is_told_that_links_are_not_opened(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        here.mail("q1", thread=[ours_of(here)], faults=[LINK], intent=Intent.QUESTION)
        here.run(after=HOUR)
        assert "超大附件或网盘链接我们不会打开。回执 PY51-PYX-20200227-01 还缺盖章扫描件" in told(here)


def test_words_about_what_still_waits_are_told_which_receipt_waits_for_what(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        here.mail("t1", thread=[ours_of(here)])
        here.run(after=HOUR)
        assert told(here).startswith(
            f"【待补】您的来信已收到。回执 {RECEIPT} 还缺盖章扫描件，请在2月29日15:40前直接回复"
        )


def test_words_about_a_rejection_are_told_to_send_again_unless_something_newer_came(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", workbook({"phone": "1"}, label="first"), SCAN)
        here.run()
        rejection = ours_of(here)
        here.mail("t1", thread=[rejection])
        here.run(after=HOUR)
        assert told(here).startswith(f"【退回】您的来信已收到。回执 {RECEIPT} 未能受理，请")
        here.mail("m2", SHEET, SCAN)
        here.run(after=24 * HOUR)
        here.mail("t2", thread=[rejection])
        assert here.run(after=HOUR).replies_sent == 0


def test_a_question_on_the_day_of_a_wish_to_withdraw_gets_its_guide(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("w1", intent=Intent.WITHDRAW)
        here.mail("q1", intent=Intent.QUESTION)
        here.mail("w2", intent=Intent.WITHDRAW)
        assert here.run().replies_sent == 2
        assert "报送办法" in text_of(here.letters.taken[-1][0])


def test_a_wish_to_withdraw_is_a_task_that_names_what_it_may_mean(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("w0", intent=Intent.WITHDRAW, sender=STRANGER)
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.mail("w1", intent=Intent.WITHDRAW)
        here.run(after=HOUR)
        with here.app.database.read() as tx:
            assert [(task.kind, task.text) for task in tasks.open_(tx)] == [
                ("withdraw", "来信要求撤回报送材料（未找到所指的回执），请人工处理。"),
                ("withdraw", f"来信要求撤回报送材料（可能是回执{RECEIPT}），请人工处理。"),
            ]
        assert here.cases() == {RECEIPT: "accepted"}
        assert "工作人员办理后会答复您" in text_of(here.letters.taken[-1][0])
        assert b"attachment;" not in here.letters.taken[-1][0]


FORM = replace(broken(code="sheet.wrong_form"), missing_columns=("电话",))
OTHER_BOOK = replace(broken(code="sheet.wrong_form"), missing_columns=("电话",) * 9)


@pytest.mark.parametrize(
    ("readings", "facts", "state"),
    [
        ((SHEET,), {}, "incomplete"),
        ((SCAN,), {}, "rejected"),  # beside the workbook that stands
        ((FORM,), {}, "rejected"),
        ((), {"thread": ["<m1@example.cn>"]}, None),
        ((OTHER_BOOK,), {"sender": CLERK}, "rejected"),
    ],
)
def test_a_return_or_a_known_writer_is_served_from_the_folder_for_junk_too(
    tmp_path: Path, readings: tuple[Reading, ...], facts: dict[str, Any], state: str | None
) -> None:
    with office(tmp_path) as here:
        here.mail("m1", workbook({"phone": "1"}, label="first"))
        here.run()
        before = len(here.letters.taken)
        here.mail("j1", *readings, folder="Junk", **({"sender": STRANGER} | facts))
        here.run(after=HOUR)
        assert len(here.letters.taken) == before + 1
        assert list(here.cases().values()) == [*([state] if state else []), "rejected"]  # newest first


@pytest.mark.parametrize(
    ("readings", "facts"),
    [
        ((), {"intent": Intent.QUESTION}),
        ((OTHER_BOOK,), {}),
        ((replace(builders.cover(), sha256=SCAN.sha256),), {}),
        ((), {"faults": [LOCKED]}),
        ((), {"sender": CLERK, "dmarc_failed": True}),
    ],
)
def test_other_mail_among_junk_is_never_answered_and_one_line_a_day_for_staff(
    tmp_path: Path, readings: tuple[Reading, ...], facts: dict[str, Any]
) -> None:
    with office(tmp_path) as here:
        for name in ("j1", "j2"):
            here.mail(name, *readings, folder="Junk", **({"sender": STRANGER} | facts))
        report = here.run()
        assert (report.ignored, report.replies_sent, here.cases()) == (2, 0, {})
        with here.app.database.read() as tx:
            [task] = tasks.open_(tx)
            assert verify(tx, here.app.blobs).ok
        assert (task.kind, "有2封来信" in task.text) == ("junk", True)


def test_a_tip_off_among_junk_is_a_confidential_task_and_gets_no_line(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("j1", intent=Intent.COMPLAINT, folder="Junk", sender=STRANGER)
        assert here.run().replies_sent == 0
        with here.app.database.read() as tx:
            assert [(task.kind, task.confidential) for task in tasks.open_(tx)] == [("complaint", True)]


def test_an_advertisement_in_the_inbox_gets_no_letter_and_is_one_line_a_day(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("a1", intent=Intent.ADVERTISE, sender=STRANGER)
        here.mail("a2", OTHER_BOOK, intent=Intent.ADVERTISE, sender=STRANGER)
        here.mail("j1", sender=STRANGER, folder="Junk")
        report = here.run()
        assert (report.ignored, report.replies_sent, here.cases(), here.box.filed) == (3, 0, {}, [])
        with here.app.database.read() as tx:
            told = {task.text for task in tasks.open_(tx)}
        assert told == {
            "2月27日收件箱中有2封来信像是广告，没有办理也没有回复，请抽空看一下。",
            "2月27日垃圾邮件夹中有1封来信，看不出是报送材料，没有办理也没有回复，请抽空看一下。",
        }


@pytest.mark.parametrize("brought", [(SHEET,), (FORM,), ()])
def test_words_of_an_advertisement_keep_no_return_and_no_known_writer_from_an_answer(
    tmp_path: Path, brought: tuple[Reading, ...]
) -> None:
    with office(tmp_path) as here:
        if not brought:
            here.mail("m0", SHEET, SCAN)
        here.mail("m1", *brought, intent=Intent.ADVERTISE, at=here.now + HOUR)
        here.run(after=2 * HOUR)
        assert len(here.letters.taken) == (1 if brought else 2)


MACHINES = [MailKind.OWN, MailKind.BULK, MailKind.AUTO_REPLY, MailKind.BOUNCE, MailKind.DELIVERY_NOTICE]


@pytest.mark.parametrize("kind", MACHINES)
def test_mail_of_machines_and_our_own_is_recorded_and_never_answered(tmp_path: Path, kind: MailKind) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN, kind=kind, sender=BUREAU if kind is MailKind.OWN else STRANGER)
        report = here.run()
        assert (report.ignored, report.replies_sent, here.cases()) == (1, 0, {})
        assert here.status("m1") == "done"
        assert here.letters.taken == []


@pytest.mark.parametrize("kind", MACHINES)
@pytest.mark.parametrize("brought", [{"parts": (FILE,)}, {"faults": [LOCKED]}])
def test_files_in_mail_of_machines_and_our_own_are_shown_to_staff(
    tmp_path: Path, kind: MailKind, brought: dict[str, Any]
) -> None:
    with office(tmp_path) as here:
        here.mail("m1", kind=kind, sender=STRANGER, **brought)
        here.run()
        assert "automatic_with_files" in here.tasks()
        assert here.letters.taken == []


def test_letters_of_ours_that_come_in_and_their_bounces_are_no_files_for_staff(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        ours = str(message_from_bytes(here.letters.taken[0][0])["Message-ID"])
        here.mail("o1", kind=MailKind.OWN, sender=BUREAU, parts=(FILE,), message_id=ours)
        here.mail("b1", kind=MailKind.BOUNCE, sender="mailer-daemon@example.cn", thread=[ours], parts=(FILE,))
        here.run()
        assert here.tasks() == {"bounce"}
