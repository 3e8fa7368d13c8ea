"""Who sends more in an hour than any office would: all of it is kept, the rest is worked off last and slowly, staff are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ingest import jobs, reminders, senders
from ingest.handing import hand_out
from ingest.lanes import lane_key
from ingest.passes import PassReport
from ingest.processing import process
from storage import inbox, state, tasks, turns
from tests.builders import NOTICE
from tests.office import Office, office
from tests.parts import CLERK, STRANGER, of_unit, scan, workbook

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, limits={"mails_per_sender_per_hour": 3, "mails_per_known_sender_per_hour": 5}) as made:
        yield made


def flood(
    here: Office, count: int, *, sender: str = STRANGER, first: int = 0, header: str = "", apart: timedelta = SECOND
) -> None:
    """So many mails of one writer that say nothing, the first one now."""
    for number in range(first, first + count):
        name = f"{sender}{number}"
        raw = here.reader.tell(name, sender=sender)
        written = raw.replace(b"\r\n", f"\r\n{header}From: {sender}\r\n".encode(), 1)
        here.box.deliver(written, here.now + (number - first) * apart)


def settled(here: Office) -> int:
    with here.app.database.read() as tx:
        return sum(
            inbox.load(tx, number).status is inbox.MailStatus.DONE for number in range(1, here.box.delivered + 1)
        )


def told(here: Office) -> list[str]:
    with here.app.database.read() as tx:
        return [task.subject for task in tasks.open_(tx) if task.kind == "sender_over_limit"]


def poll(here: Office) -> None:
    jobs.poll(here.app, PassReport())


def test_all_is_kept_the_rest_comes_last_and_slowly_and_staff_are_told_once(here: Office) -> None:
    flood(here, 8)
    report = here.run()
    assert (report.received, report.failures) == (8, [])
    assert settled(here) == 4, "three in their turn, and the first of those behind"
    assert told(here) == ["mail:4"]
    for _ in range(3):
        here.run(after=timedelta(minutes=1))
    assert settled(here) == 4
    here.run(after=timedelta(minutes=17))
    assert settled(here) == 5, "three an hour"
    for _ in range(3):
        here.run(after=timedelta(minutes=21))
    assert (settled(here), told(here)) == (8, ["mail:4"])


def test_others_are_worked_off_first(here: Office) -> None:
    flood(here, 8)
    here.mail("return", workbook(), scan(workbook()), at=here.now + HOUR)
    poll(here)
    with here.app.database.read() as tx:
        assert len(turns.pending(tx, 99, now=here.now)) == 4
    here.run()
    assert list(here.cases().values()) == ["accepted"]


def test_what_lay_on_the_server_for_days_is_no_flood(here: Office) -> None:
    flood(here, 12, apart=timedelta(minutes=21))
    here.run(after=timedelta(days=3))
    assert (settled(here), told(here)) == (12, [])


def test_a_known_address_may_send_more(here: Office) -> None:
    flood(here, 5, sender=CLERK)
    senders.confirm(here.app, NOTICE, NOTICE.reporters[0], CLERK, by="staff:zhang")
    here.run()
    assert (settled(here), told(here)) == (5, [])
    here.now += timedelta(minutes=1)
    flood(here, 2, sender=CLERK, first=5)
    poll(here)
    assert told(here) == ["mail:6"]


def test_who_writes_in_anothers_name_does_not_keep_that_other_waiting(here: Office) -> None:
    """What answers a letter that only this address got is surely its own."""
    here.mail("asks", workbook(), sender=STRANGER)
    here.run()
    [letter] = [raw for raw, to in here.letters.taken if to == STRANGER]
    identifier = (
        next(line for line in letter.splitlines() if line.lower().startswith(b"message-id:")).split(b" ", 1)[1].strip()
    )
    flood(here, 9, first=10)
    flood(here, 2, first=50, header=f"In-Reply-To: {identifier.decode()}\r\n")
    flood(here, 1, first=60, header="In-Reply-To: <guessed@example.org>\r\n")
    poll(here)
    with here.app.database.read() as tx:
        waiting = turns.pending(tx, 99, now=here.now)
        assert [mail.lane for mail in waiting].count(lane_key(STRANGER, vouched=True)) == 2
        assert [mail.lane for mail in waiting].count(lane_key(STRANGER, vouched=False)) == 3


def test_a_task_a_day_for_each_sender(here: Office) -> None:
    for day in range(2):
        flood(here, 4, first=day * 100)
        flood(here, 4, sender=CLERK, first=day * 100)
        poll(here)
        flood(here, 1, first=day * 100 + 50)
        poll(here)
        assert len(told(here)) == 2 * (day + 1)
        here.now += timedelta(days=1)


def test_without_a_limit_nobody_is_put_behind_and_who_was_takes_turns_again(tmp_path: Path) -> None:
    with office(tmp_path, limits={"mails_per_sender_per_hour": 2}) as here:
        flood(here, 9)
        poll(here)
        assert told(here)
    with office(tmp_path, limits={"mails_per_sender_per_hour": 0}) as later:
        later.reader.mails, later.box = here.reader.mails, here.box
        for _ in range(2):
            process(later.app, PassReport())
        assert settled(later) == 9


def test_a_clock_that_was_wrong_delays_nothing_for_longer_than_an_hour(here: Office) -> None:
    flood(here, 8)
    poll(here)
    with here.app.database.begin() as tx:
        state.put(tx, "behind:next", {lane_key(STRANGER, vouched=False): (here.now + 30 * HOUR).isoformat()})
    process(here.app, PassReport())
    assert settled(here) == 4


def test_a_grace_time_does_not_end_while_its_senders_mails_wait(here: Office) -> None:
    """The missing part may be among them; the cases of others end."""
    here.mail("sheet", workbook(), sender=CLERK)
    here.mail("other", of_unit("台前县教育局", label="other"), sender="li@example.org")
    here.run()
    assert set(here.cases().values()) == {"incomplete"}
    flood(here, 6, sender=CLERK)
    poll(here)
    here.run(after=timedelta(hours=49))
    states = {receipt.split("-")[1]: state for receipt, state in here.cases().items()}
    assert sorted(states.values()) == ["incomplete", "rejected"]
    for _ in range(3):
        here.run(after=timedelta(minutes=21))
    assert set(here.cases().values()) == {"rejected"}


def test_who_may_have_sent_a_return_among_them_is_not_reminded(here: Office) -> None:
    one, other = NOTICE.reporters[:2]
    for reporter, address in ((one, CLERK), (other, "li@example.org")):
        senders.confirm(here.app, NOTICE, reporter, address, by="staff:zhang")
    flood(here, 9, sender=CLERK)
    here.run()
    assert reminders.remind_now(here.app, here.app.notices[0]) == 1
    assert here.outbox().count("reminder waiting") == 1


class HandedOut:
    """Stands in for the queue of many machines."""

    def __init__(self) -> None:
        self.turns: dict[int, int] = {}

    def handed_out(self) -> set[int]:
        return set(self.turns)

    def hand_out(self, turns: dict[int, int]) -> None:
        self.turns |= turns


def test_they_are_handed_out_one_by_one_and_last(here: Office) -> None:
    flood(here, 8)
    poll(here)
    queue = HandedOut()
    for _ in range(3):
        hand_out(here.app, queue)  # type: ignore[arg-type]
        here.now += timedelta(minutes=30)
    assert list(queue.turns) == [1, 2, 3, 4], "the next only when that one is done"
    assert queue.turns[4] > max(queue.turns[mail] for mail in (1, 2, 3))
