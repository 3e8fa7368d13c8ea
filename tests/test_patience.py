"""Mails that the server lists and does not give: told to staff, and no end of the grace times for ever."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from domain.mail import Intent
from domain.submission import State
from ingest.patience import FEW, LONG_PATIENCE
from storage import tasks
from tests.builders import NOTICE
from tests.office import Office, office
from tests.parts import workbook

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def _texts(here: Office, kind: str) -> list[str]:
    with here.app.database.read() as tx:
        return [task.text for task in tasks.open_(tx) if task.kind == kind]


def test_the_task_says_where_and_since_when(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", intent=Intent.QUESTION)
        here.box.withheld = {1}
        here.run()
        here.run(after=2 * HOUR)
        [text] = _texts(here, "mail_not_had")
        assert "“INBOX”" in text
        assert "2月27日15:40" in text


def test_many_mails_refused_at_once_hold_up_the_grace_times_for_a_day_and_staff_are_told(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", workbook())
        here.run(after=-LONG_PATIENCE)
        here.box.withheld = set(range(2, 9))
        assert (len(here.run(after=NOTICE.grace).failures), here.tasks()) == (1, set())
        assert (len(here.run(after=HOUR).failures), here.tasks()) == (1, {"mails_not_had"})
        assert "7封" in _texts(here, "mails_not_had")[0]
        assert list(here.cases().values()) == ["incomplete"]
        report = here.run(after=LONG_PATIENCE)
        assert (report.failures, list(report.decided.values())) == ([], [State.REJECTED])
        assert here.tasks() == {"mails_not_had"}


def test_more_mails_refused_one_after_the_other_do_not_stop_the_grace_times(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", workbook())
        here.run()
        for uid in range(2, FEW + 5):
            here.box.withheld.add(uid)
            here.run(after=2 * HOUR)
        here.run(after=2 * HOUR)
        report = here.run(after=NOTICE.grace)
        assert (report.failures, list(report.decided.values())) == ([], [State.REJECTED])
        assert len(_texts(here, "mail_not_had")) == FEW + 3


def test_the_task_about_many_is_closed_when_the_server_gives_them(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", intent=Intent.QUESTION)
        here.box.withheld = set(range(2, 9))
        here.run()
        here.run(after=HOUR)
        assert "mails_not_had" in here.tasks()
        here.box.withheld = set()
        here.run(after=MINUTE)
        assert "mails_not_had" not in here.tasks()


def test_a_mail_that_joins_many_refused_long_ago_is_waited_for_an_hour(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.box.withheld = set(range(2, 9))
        here.run()
        here.run(after=LONG_PATIENCE)
        here.box.withheld.add(9)
        assert len(here.run(after=MINUTE).failures) == 1
        assert here.run(after=HOUR).failures == []
        assert here.tasks() == {"mails_not_had", "mail_not_had"}
