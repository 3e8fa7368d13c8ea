"""Bounces: which letter of ours did not arrive, and what staff are told when nobody can say."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from domain.mail import Intent, MailKind
from storage import outbox, tasks
from tests.mail_making import opened
from tests.office import BUREAU, Office, office
from tests.parts import CLERK, STRANGER, of_unit, scan, workbook

SHEET = workbook()
SCAN = scan(SHEET)
HOUR = timedelta(hours=1)
RECEIPT = "PY51-PYX-20200227-01"
UNMATCHED = ("unmatched_bounce", "2020-02-27")


def _tasks(here: Office) -> list[tuple[str, str]]:
    with here.app.database.read() as tx:
        return [(task.kind, task.subject) for task in tasks.open_(tx)]


def test_a_bounce_of_our_letter_is_a_task_and_marks_the_letter(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        ours = str(message_from_bytes(here.letters.taken[0][0])["Message-ID"])
        here.mail("b1", kind=MailKind.BOUNCE, sender="mailer-daemon@example.cn", thread=[ours])
        here.mail("b2", kind=MailKind.BOUNCE, sender="mailer-daemon@example.cn", thread=["<nobody@x>"])
        here.run()
        with here.app.database.read() as tx:
            found = [(task.kind, task.subject) for task in tasks.open_(tx)]
            assert found == [("bounce", "PY51-PYX-20200227-01"), ("unmatched_bounce", "2020-02-27")]
            row = outbox.ours(tx, ours)
        assert row is not None
        assert row.bounced_at == here.now


@pytest.mark.parametrize(
    ("bounce", "task"),
    [
        ({"failed_recipients": (CLERK,)}, ("bounce", RECEIPT)),
        ({"failed_recipients": (BUREAU, CLERK)}, ("bounce", RECEIPT)),
        ({"text": f"您的邮件“Re: 【受理】报送（回执 {RECEIPT}）”未能送达"}, ("bounce", RECEIPT)),
        ({"failed_recipients": (STRANGER,)}, UNMATCHED),
        ({"text": "收件人邮箱已满"}, UNMATCHED),
        ({"failed_recipients": (BUREAU,), "text": f"回执 {RECEIPT}"}, ("bounce", RECEIPT)),
        ({"failed_recipients": (STRANGER,), "text": f"回执 {RECEIPT}"}, UNMATCHED),
    ],
)
def test_a_bounce_that_quotes_no_letter_is_tied_by_receipt_or_recipient(
    tmp_path: Path, bounce: dict[str, Any], task: tuple[str, str]
) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.now += HOUR
        here.mail("b1", kind=MailKind.BOUNCE, sender="postmaster@example.cn", **bounce)
        here.run()
        with here.app.database.read() as tx:
            assert [(each.kind, each.subject) for each in tasks.open_(tx)] == [task]
            assert (outbox.load(tx, 1).bounced_at is None) == (task[0] != "bounce")


def test_a_bounce_is_not_tied_to_a_letter_of_long_ago(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.now += timedelta(days=8)
        here.mail("b1", kind=MailKind.BOUNCE, sender="postmaster@example.cn", failed_recipients=(CLERK,))
        here.run()
        assert here.tasks() == {"unmatched_bounce"}


def test_a_bounce_that_names_a_clerk_of_two_counties_alone_marks_neither_letter(tmp_path: Path) -> None:
    """Nobody can say which of the two letters it is: one task names both receipts."""
    with office(tmp_path) as here:
        other = of_unit("范县", label="fan")
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", other, scan(other, label="fan scan", seal="范县教育局"))
        here.run()
        for name in ("b1", "b2"):
            here.mail(name, kind=MailKind.BOUNCE, sender="postmaster@x.cn", failed_recipients=(CLERK,))
            here.run(after=HOUR)
        with here.app.database.read() as tx:
            [task] = tasks.open_(tx)
            assert [outbox.load(tx, number).bounced_at for number in (1, 2)] == [None, None]
        assert task.kind == "bounce"
        assert all(receipt in task.text for receipt in here.cases())


def test_a_bounce_of_one_of_two_counties_letters_that_names_its_receipt_marks_that(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        other = of_unit("范县", label="fan")
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", other, scan(other, label="fan scan", seal="范县教育局"))
        here.run()
        bounce = {"failed_recipients": (CLERK,), "text": f"回执 {RECEIPT}"}
        here.mail("b1", kind=MailKind.BOUNCE, sender="postmaster@x.cn", **bounce)
        here.run(after=HOUR)
        with here.app.database.read() as tx:
            letters = {row.receipt: row.bounced_at for row in (outbox.load(tx, 1), outbox.load(tx, 2))}
        assert [receipt for receipt, at in letters.items() if at] == [RECEIPT]


def test_a_flood_of_bounces_of_others_letters_is_one_task_a_day(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        for number in range(7):
            here.mail(f"b{number}", kind=MailKind.BOUNCE, sender="postmaster@x.cn", failed_recipients=("x@y.cn",))
        here.run()
        assert _tasks(here) == [UNMATCHED]
        with here.app.database.read() as tx:
            [task] = tasks.open_(tx)
        assert "收到7封退信（邮件编号1、2、3、4、5等）" in task.text
        here.now += timedelta(days=1)
        here.mail("b8", kind=MailKind.BOUNCE, sender="postmaster@x.cn")
        here.run()
        assert _tasks(here) == [UNMATCHED, ("unmatched_bounce", "2020-02-28")]


def _report(*actions: str, subject: str = "Delivery Status Notification") -> bytes:
    """A delivery status notification (RFC 3464) with one recipient an action."""
    blocks = "".join(
        f"Final-Recipient: rfc822; clerk{at}@example.cn\r\nAction: {action}\r\nStatus: 4.0.0\r\n\r\n"
        for at, action in enumerate(actions)
    )
    return (
        f"From: Mail System <mailer-daemon@example.cn>\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSee below.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.cn\r\n\r\n{blocks}--b--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (_report("failed"), MailKind.BOUNCE),
        (_report("delayed"), MailKind.DELIVERY_NOTICE),
        (_report("Delivered", "relayed"), MailKind.DELIVERY_NOTICE),
        (_report("delayed", "failed"), MailKind.BOUNCE),
        (_report("whatever"), MailKind.BOUNCE),
        (_report("delayed (will be tried again)"), MailKind.DELIVERY_NOTICE),
        (_report("delayed", "failed (no such user)"), MailKind.BOUNCE),
        (_report("failed").replace(b"rfc822; clerk", b"rfc822;\r\n Clerk"), MailKind.BOUNCE),
        (
            b"From: postmaster@qq.com\r\nSubject: =?utf-8?b?6YKu5Lu25bu26L+f5oqV6YCS6YCa55+l?=\r\n\r\n",
            MailKind.DELIVERY_NOTICE,
        ),
        (b"From: postmaster@qq.com\r\nSubject: Undelivered Mail\r\n\r\nx", MailKind.BOUNCE),
    ],
)
def test_what_is_only_delayed_or_delivered_is_no_bounce(raw: bytes, kind: MailKind) -> None:
    found = opened(raw).facts
    assert found.kind is kind
    assert bool(found.failed_recipients) == (b"Action" in raw and kind is MailKind.BOUNCE)


def test_a_notice_of_delay_in_the_thread_of_a_letter_marks_nothing(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        ours = str(message_from_bytes(here.letters.taken[0][0])["Message-ID"])
        here.mail("d1", kind=MailKind.DELIVERY_NOTICE, sender="mailer-daemon@example.cn", thread=[ours])
        here.run(after=HOUR)
        assert here.tasks() == set()
        with here.app.database.read() as tx:
            row = outbox.ours(tx, ours)
        assert row is not None and row.bounced_at is None


@pytest.mark.parametrize("action", ["delayed", "failed"])
@pytest.mark.parametrize(
    "media",
    ["text/rfc822-headers", "message/rfc822-headers", "message/global-headers", "message/global-delivery-status"],
)
def test_the_parts_of_a_report_are_no_files(action: str, media: str) -> None:
    header = f"--b\r\nContent-Type: {media}\r\n\r\nMessage-ID: <ours@example.org>\r\nFrom: bureau@example.org\r\n\r\n"
    raw = _report(action).replace(b"--b--", header.encode() + b"--b--")
    assert raw.count(b"--b\r\n") == 3
    facts = opened(raw).facts
    assert (facts.parts, facts.faults) == ((), ())


def test_a_notice_of_delay_that_carries_our_whole_letter_is_no_task(tmp_path: Path) -> None:
    """With the real reader: the files in it are those that we sent."""
    with office(tmp_path) as here:
        here.mail("q1", intent=Intent.QUESTION)  # its answer carries the blank form
        here.run()
        ours = here.letters.taken[0][0]
        here.app._reader = None
        for quoted, told in ((ours, False), (ours.replace(b"Message-ID: <", b"Message-ID: <x"), True)):
            part = b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + quoted
            here.box.deliver(_report("delayed").replace(b"--b--", part + b"\r\n--b--"))
            here.run(after=HOUR)
            assert ("automatic_with_files" in here.tasks()) is told
