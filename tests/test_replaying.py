"""Saved mails through the pipeline: which time of receipt counts, and what is not done twice."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.mail import MailKind
from ingest.passes import PassReport
from ingest.replaying import replay
from storage import inbox, outbox, submissions, tasks
from tests.builders import RECEIVED
from tests.office import Office, office, raw_mail
from tests.parts import CLERK, scan, workbook

SHEET = workbook()
SCAN = scan(SHEET)
QQ = "Received: from x.example.cn (x [192.0.2.1])\r\n\tby newxmmxszc6.qq.com (NewMX) with SMTP id 1; Wed, 26 Feb 2020 10:00:00 +0800\r\n"
OLDER = "Received: from a by b.example.cn; Tue, 25 Feb 2020 10:00:00 +0800\r\n"
DATE = "Date: Mon, 24 Feb 2020 10:00:00 +0800\r\n"


def replayed(here: Office, folder: Path, headers: str, at: datetime | None = None) -> datetime:
    """The time of receipt a saved mail with these headers is given."""
    here.reader.tell("m1", SHEET, SCAN)
    path = folder / "m1.eml"
    path.write_bytes(raw_mail("m1").replace(b"\r\n\r\n", b"\r\n" + headers.encode() + b"\r\n", 1))
    [done] = replay(here.app, [path], at, PassReport())
    assert done.outcome == "new"
    with here.app.database.read() as tx:
        return inbox.load(tx, 1).origin.received_at


@pytest.mark.parametrize(
    ("headers", "trusted", "told", "expected"),
    [
        (QQ + OLDER + DATE, "", None, datetime(2020, 2, 26, 2, tzinfo=UTC)),
        (QQ + OLDER + DATE, "mx.qq.com", None, datetime(2020, 2, 26, 2, tzinfo=UTC)),
        (OLDER + QQ + DATE, "mx.qq.com", None, RECEIVED),  # who wrote below the topmost line, nobody knows
        (QQ + DATE, "", datetime(2020, 2, 20, tzinfo=UTC), datetime(2020, 2, 20, tzinfo=UTC)),
        (DATE, "", None, RECEIVED),
        ("Received: by\r\n", "", None, RECEIVED),
        ("Received: from a by b; the day before yesterday\r\n", "", None, RECEIVED),
        ("Received: from a by b; Wed, 26 Feb 2020 10:00:00 -0000\r\n", "", None, RECEIVED),
        ("Received: from a by b; Wed, 26 Feb 99999999999 10:00:00 +9999\r\n", "", None, RECEIVED),
    ],
)
def test_which_time_counts(
    tmp_path: Path, headers: str, trusted: str, told: datetime | None, expected: datetime
) -> None:
    with office(tmp_path) as here:
        here.app.own = type(here.app.own)(
            addresses=here.app.own.addresses, message_id_suffix=here.app.own.message_id_suffix,
            trusted_authserv_id=trusted,
        )  # fmt: skip
        assert replayed(here, tmp_path, headers, told) == expected


def test_a_mail_of_the_mailbox_keeps_its_time_and_is_not_done_again(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        path = tmp_path / "m1.eml"
        path.write_bytes(raw_mail("m1"))
        report = PassReport()
        [done] = replay(here.app, [path], datetime(2020, 1, 1, tzinfo=UTC), report)
        assert (done.outcome, report.received, report.decided) == ("known", 0, {})
        with here.app.database.read() as tx:
            [case] = submissions.list_(tx)
        assert case.received_at == RECEIVED


def test_no_password_is_needed_for_what_lies_in_no_mailbox(tmp_path: Path) -> None:
    absent = {"password": "", "password_file": tmp_path / "absent"}
    with office(tmp_path) as here:
        table = here.app.settings.mailboxes["main"].model_copy(update=absent)
        here.app.settings = here.app.settings.model_copy(update={"mailboxes": {"main": table}})
        here.app._mailboxes = None
        assert replayed(here, tmp_path, "") == RECEIVED
        assert (list(here.cases().values()), here.tasks()) == (["accepted"], set())


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4\n1 0 obj\n", b"PK\x03\x04" + bytes(99), b"", b"Note: all is well\n\nSubject: x\n"]
)
def test_a_file_that_is_no_mail_is_refused_and_the_others_are_taken(tmp_path: Path, content: bytes) -> None:
    with office(tmp_path) as here:
        here.reader.tell("m1", SHEET, SCAN)
        mail, other = tmp_path / "m1.eml", tmp_path / "scan.pdf"
        mail.write_bytes(raw_mail("m1"))
        other.write_bytes(content)
        report = PassReport()
        refused, taken = replay(here.app, [other, mail], None, report)
        assert (refused.outcome, refused.disposition, refused.cases) == ("refused", "", ())
        assert (taken.outcome, taken.disposition) == ("new", "submission")
        assert [(receipt, str(state)) for receipt, state in taken.cases] == list(here.cases().items())
        assert [str(other) in failure for failure in report.failures] == [True]
        assert report.received == 1
        assert not here.app.blobs.has(hashlib.sha256(content).hexdigest())


def test_a_held_file_is_started_again_and_told_with_what_became_of_it(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.reader.raising["m1"] = [ZeroDivisionError()]
        here.mail("m1", SHEET, SCAN)
        here.run()
        path = tmp_path / "m1.eml"
        path.write_bytes(raw_mail("m1"))
        here.reader.raising["m1"] = [ZeroDivisionError()]
        assert [(one.outcome, one.disposition) for one in replay(here.app, [path], None, PassReport())] == [
            ("released", "held")
        ]
        [again] = replay(here.app, [path], None, PassReport())
        assert (again.outcome, [str(state) for _, state in again.cases]) == ("released", ["accepted"])


def test_replies_of_replayed_mails_go_out_with_the_next_pass(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        replayed(here, tmp_path, "")
        assert here.letters.taken == []
        report = here.run()
        assert [to for _, to in here.letters.taken] == [CLERK]
        assert report.failures == []
        assert here.box.filed == []


def test_a_bounce_that_only_quotes_our_letter_is_tied_to_it(tmp_path: Path) -> None:
    """With the real reader: few bounces name the letter in a header of their own."""
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        with here.app.database.read() as tx:
            ours = outbox.load(tx, 1).message_id
        here.app._reader = None
        here.box.deliver(
            b"Return-Path: <>\r\nFrom: <mailer-daemon@example.cn>\r\nSubject: Undelivered Mail Returned to Sender\r\n"
            b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n"
            b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: " + ours.encode() + b"\r\n--b--\r\n"
        )
        here.run()
        with here.app.database.read() as tx:
            assert inbox.load(tx, 2).kind == MailKind.BOUNCE
            assert [(task.kind, task.subject) for task in tasks.open_(tx)] == [("bounce", "PY51-PYX-20200227-01")]
