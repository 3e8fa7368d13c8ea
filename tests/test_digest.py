"""The morning's digest: once a day, quiet days too, and every number in it is of the records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from domain.cover import Cover
from domain.digest import Digest
from domain.sheet import Sheet
from domain.standings import Standing
from domain.submission import State
from ingest import digest
from ingest.verdicts import decide
from storage import ledger, outbox, tasks
from tests.builders import NOTICE, RECEIVED, seal
from tests.office import Office, addresses, office, only_case, subjects, text_of
from tests.parts import file_of, of_unit, printed, scan, workbook

STAFF = ["值班 <duty@example.org>", "chief@example.org"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHEET = workbook()
MORNING = RECEIVED.astimezone(NOTICE.zone).replace(hour=8, minute=31)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, staff={"digest_to": STAFF, "digest_at": "08:30"}) as made:
        made.now = MORNING
        yield made


def _faint(sheet: Sheet) -> Cover:
    """A scan whose seal nobody can read."""
    return file_of(printed(sheet, seal(legible=False)), label="faint scan")


def gathered(here: Office, day: date | None = None) -> Digest:
    with here.app.database.read() as tx:
        return digest.gather(here.app, tx, here.now, day=day)


def digests(here: Office) -> list[str]:
    return [subject for subject in subjects(here) if subject.startswith("【日报】")]


def test_it_goes_out_once_a_day_to_each_of_staff_and_on_quiet_days_too(here: Office) -> None:
    here.now = MORNING - 2 * HOUR
    here.run()
    assert digests(here) == []
    here.now = MORNING
    for _ in range(3):
        here.run(after=HOUR)
    assert digests(here) == ["【日报】2月27日：已受理0/9，未报9"] * 2
    assert addresses(here) == ["duty@example.org", "chief@example.org"]
    here.run(after=DAY)
    assert len(digests(here)) == 4


def test_a_worker_that_was_down_at_the_hour_sends_it_when_it_is_back(here: Office) -> None:
    here.now = MORNING + 9 * HOUR
    here.run()
    assert len(digests(here)) == 2


def test_without_addresses_none_is_made(tmp_path: Path) -> None:
    with office(tmp_path) as made:
        made.run()
        assert subjects(made) == []


def test_it_tells_what_stands_and_what_was_decided_since(here: Office) -> None:
    here.run()
    here.mail("good", SHEET, scan(SHEET))
    faint = of_unit("范县", label="faint")
    here.mail("doubt", faint, _faint(faint))
    here.run(after=HOUR)
    told = gathered(here)
    (section,) = told.sections
    stands = {line.name: line.standing for line in section.lines}
    assert (stands["濮阳县"], stands["范县"], stands["台前县"]) == (
        Standing.ACCEPTED,
        Standing.REVIEW,
        Standing.MISSING,
    )
    assert sorted((one.who, one.state) for one in section.decisions) == [
        ("濮阳县", State.ACCEPTED),
        ("范县", State.REVIEW),
    ]
    assert [(one.who, one.what) for one in told.needs] == [("范县", "需要人工核对：公章看不清")]
    assert told.received == 2
    assert not told.stalled


def test_breaches_of_accepted_returns_are_listed_and_reminders_apart(here: Office) -> None:
    sheet = workbook({"filed": "否", "filing_number": ""}, {"app": "快手", "school": "濮阳县第二小学"}, label="breaks")
    here.mail("breaks", sheet, scan(sheet))
    here.run()
    (section,) = gathered(here).sections
    assert [(one.who, one.rule) for one in section.breaches] == [("濮阳县", "使用未备案APP")]
    assert [(one.school, one.app) for one in section.attention] == [("濮阳县第二小学", "快手")]


def test_what_was_told_yesterday_is_not_told_again_but_what_stands_is(here: Office) -> None:
    here.mail("good", SHEET, scan(SHEET))
    here.run()
    here.run(after=DAY)
    told = gathered(here)
    assert told.sections[0].decisions == ()
    assert told.sections[0].count(Standing.ACCEPTED) == 1


def test_a_decision_of_staff_is_told_with_their_name(here: Office) -> None:
    faint = of_unit("范县", label="faint")
    here.mail("doubt", faint, _faint(faint))
    here.run()
    here.now += HOUR
    decide(here.app, only_case(here).receipt, accept=True, by="staff:王", reason="原件已核对")
    told = gathered(here)
    assert [(one.who, one.state, one.by) for one in told.sections[0].decisions] == [("范县", State.ACCEPTED, "王")]
    assert told.needs == ()


def test_a_poll_that_is_long_ago_is_said_first(here: Office) -> None:
    here.run()
    here.now += HOUR
    assert gathered(here).stalled
    raw = outbox_text(here)
    assert "最近一次成功收信是2月27日8:31，之后一直没有收成" in raw


def outbox_text(here: Office) -> str:
    from notifier.letters import render

    made = digest.letter(here.app, gathered(here), to="a@example.org")
    return render(made, NOTICE, head_number=None, head_hash=None).text


def test_what_is_confidential_stands_in_no_digest(here: Office) -> None:
    with here.app.database.begin() as tx:
        tasks.add(tx, "complaint", "mail:1", "有人举报。", confidential=True)
        tasks.add(tx, "bounce", "PY51-PYX-20200227-01", "回复被退回，请打电话。")
    told = gathered(here)
    assert (len(told.calls), told.needs) == (1, ())
    assert "举报" not in outbox_text(here)


def test_it_carries_a_head_that_covers_its_own_entry(here: Office) -> None:
    here.run()
    raw = here.letters.taken[-1][0]
    number = int(str(message_from_bytes(raw, policy=default)["X-Baosong-Ledger"]).partition(":")[0])
    with here.app.database.read() as tx:
        entries = ledger.entries_of(tx, "digest:2020-02-27")
    assert [entry.kind for entry in entries] == [digest.MADE]
    assert entries[0].number is not None
    assert number >= entries[0].number


def test_no_name_or_number_of_a_clerk_is_in_it(here: Office) -> None:
    before = workbook({"contact": "王小明", "phone": "13912340001"}, label="one")
    after = workbook({"contact": "李大伟", "phone": "13912340002"}, label="two")
    here.mail("one", before, scan(before))
    here.run()
    here.mail("two", after, scan(after))
    here.run(after=HOUR)
    said = outbox_text(here)
    assert "修改 第" in said
    for personal in ("王小明", "李大伟", "13912340001", "13912340002", "1391234"):
        assert personal not in said


def test_of_an_earlier_day_it_tells_what_was_received_until_its_end(here: Office) -> None:
    here.mail("good", SHEET, scan(SHEET))
    here.run()
    other = of_unit("范县", label="later")
    here.mail("later", other, scan(other, seal="范县教育局"), at=here.now + DAY)
    here.run(after=DAY)
    assert gathered(here).sections[0].count(Standing.ACCEPTED) == 2
    earlier = gathered(here, MORNING.date())
    assert earlier.sections[0].count(Standing.ACCEPTED) == 1
    assert [one.who for one in earlier.sections[0].decisions] == ["濮阳县"]


def test_sent_by_hand_it_goes_out_again_and_the_days_own_stays_one(here: Office) -> None:
    here.run()
    assert digest.put(here.app, again=True)
    assert not digest.put(here.app)
    here.run()
    assert len(digests(here)) == 4


def test_it_is_no_reply_and_no_budget_counts_it(here: Office) -> None:
    assert here.run().replies_sent == 0
    with here.app.database.read() as tx:
        assert outbox.sent_since(tx, MORNING - HOUR, exempt=False) == 0
    assert text_of(here.letters.taken[0][0]).startswith("截至2月27日8:31：已受理0/9，未报9。今天没有需要您办理的事。")
