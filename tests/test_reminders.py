"""Reminders: at the notice's times, to known addresses, never twice, never while a return may lie unread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from domain.notice import Notice, RemindAt
from domain.reminder import due
from ingest import reminders
from ingest.errors import ConnectionLost
from ingest.senders import confirm
from storage import ledger
from tests.builders import NOTICE
from tests.office import Office, addresses, office, subjects, text_of
from tests.parts import CLERK, scan, workbook
from tests.test_alarms import Failing

SHEET = workbook()
STAFF = "duty@example.org"
FANXIAN = "fanxian@example.cn"
ROUNDS = (RemindAt(days_before=1, at=time(9)), RemindAt(days_before=0, at=time(8, 30)))
NAMED = replace(NOTICE, reminders=ROUNDS)
DEADLINE = NOTICE.deadline
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def local(day: int, hour: int, minute: int = 0, month: int = 2) -> datetime:
    return datetime(2020, month, day, hour, minute, tzinfo=NOTICE.zone)


@pytest.mark.parametrize(
    ("now", "round_"),
    [
        (local(26, 23), None),
        (local(27, 8, 59), None),
        (local(27, 9), ROUNDS[0]),
        (local(27, 23, 59), ROUNDS[0]),
        (local(28, 0, 10), None),
        (local(28, 8, 30), ROUNDS[1]),
        (local(28, 23, 59), ROUNDS[1]),
        (local(29, 9), None),
    ],
)
def test_a_round_belongs_to_its_day(now: datetime, round_: RemindAt | None) -> None:
    assert due(NAMED, now) == round_


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, staff={"digest_to": [STAFF], "digest_at": "23:58"}) as made:
        made.app.notices = (NAMED,)
        made.now = local(27, 8)
        for reporter, address in (("FX", FANXIAN), ("PYX", CLERK)):
            confirm(made.app, NAMED, _reporter(NAMED, reporter), address, by="staff:王")
        yield made


def _reporter(notice: Notice, code: str):  # type: ignore[no-untyped-def]
    found = notice.reporter(code)
    assert found
    return found


def test_who_has_not_reported_is_written_to_once_a_round_and_staff_have_a_copy(here: Office) -> None:
    here.mail("good", SHEET, scan(SHEET))
    here.run()
    here.letters.taken.clear()
    for _ in range(4):
        here.run(after=HOUR)
    assert addresses(here) == [FANXIAN, STAFF]
    assert subjects(here) == [
        "【催报】学习类APP统计备案表：还有1天截止，请尽快报送",
        "【催报】学习类APP统计备案表：还有1天截止，已发邮件催报1个单位，另有7个请打电话",
    ]
    here.now = local(28, 8, 31)
    here.run()
    assert addresses(here) == [FANXIAN, STAFF, FANXIAN, STAFF]
    with here.app.database.read() as tx:
        assert reminders.sent(tx, NAMED) == {"FX": 2}
        assert [entry.kind for entry in ledger.entries_of(tx, f"reminder:{NAMED.id}:FX")] == [reminders.SENT] * 2


def test_nobody_is_reminded_while_the_mailbox_cannot_be_read(here: Office) -> None:
    here.run()
    box = here.app.mailboxes["main"]
    here.app._mailboxes = {"main": Failing(ConnectionLost("down"))}  # type: ignore[dict-item]
    here.now = local(27, 9, 5)
    here.run()
    assert addresses(here) == []
    here.app._mailboxes = {"main": box}
    here.run(after=HOUR)
    assert sorted(addresses(here)) == sorted([FANXIAN, CLERK, STAFF])


def test_a_return_that_came_in_the_same_minute_is_read_first(here: Office) -> None:
    here.now = local(27, 9)
    here.mail("good", SHEET, scan(SHEET))
    here.run()
    assert [to for to, subject in zip(addresses(here), subjects(here), strict=True) if "催报" in subject] == [
        FANXIAN,
        STAFF,
    ]


def test_who_was_sent_back_is_reminded_of_that(here: Office) -> None:
    wrong = workbook({"phone": "1383930"}, label="wrong")
    here.mail("wrong", wrong, scan(wrong))
    here.run()
    here.letters.taken.clear()
    here.run(after=2 * HOUR)
    words = {to: text_of(raw) for raw, to in here.letters.taken}
    assert "已退回，还没有收到改好的" in words[CLERK]
    assert "还没有收到您单位报送的材料" in words[FANXIAN]


def test_after_the_deadline_nobody_is_reminded(here: Office) -> None:
    here.now = DEADLINE + HOUR
    here.run()
    assert addresses(here) == []


def test_by_hand_once_a_day(here: Office) -> None:
    here.now = local(26, 15)
    here.run()
    assert reminders.remind_now(here.app, NAMED) == 2
    assert reminders.remind_now(here.app, NAMED) == 0
    here.now += DAY
    with pytest.raises(reminders.NotFresh):
        reminders.remind_now(here.app, NAMED)
    here.run()
    assert reminders.remind_now(here.app, NAMED) == 2


def test_a_reminder_brings_the_form_and_is_no_reply(here: Office) -> None:
    here.now = local(27, 9)
    assert here.run().replies_sent == 0
    (raw,) = (raw for raw, to in here.letters.taken if to == FANXIAN)
    assert "auto-generated" in raw.decode()
    assert "范县空白表".encode() in raw or "UTF-8" in raw.decode().upper()
