"""Filing on the server: a mail that cannot be moved holds up no other."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from domain.mail import PartFault
from ingest import jobs
from storage import tasks
from tests.office import Office, office
from tests.parts import of_unit, scan, workbook

SHEET = workbook()
SCAN = scan(SHEET)
HOUR = timedelta(hours=1)
LOCKED = PartFault(name="a.zip", code="attachment.unreadable")


def _eight(here: Office) -> set[int]:
    """Eight submissions arrive; → their UIDs."""
    for number in range(8):
        here.mail(f"m{number}", faults=[LOCKED])
    return set(range(1, 9))


def test_a_mail_that_cannot_be_filed_holds_up_no_other_and_is_left_at_last(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        other = of_unit("范县", label="fan")
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", other, scan(other, label="fan scan", seal="范县教育局"))
        here.box.unmovable = {1}
        report = here.run()
        assert (here.box.filed, len(report.failures)) == ([(2, "done")], 1)
        assert here.tasks() == set()
        assert here.run(after=HOUR).failures == []
        assert here.tasks() == {"not_filed"}
        assert here.run(after=HOUR).failures == []


def test_a_server_that_refuses_all_filing_is_not_asked_for_every_mail(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.box.unmovable = _eight(here)
        assert len(here.run().failures) == jobs.REFUSED_AT_MOST
        here.box.unmovable = set()
        here.run()
        assert len(here.box.filed) == 8


def test_mails_that_a_server_refused_for_hours_are_filed_when_it_recovers(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.box.unmovable = _eight(here)
        for _ in range(3):
            assert len(here.run(after=5 * HOUR).failures) == jobs.REFUSED_AT_MOST
        assert "not_filed" not in here.tasks()
        here.box.unmovable = set()
        here.run()
        assert len(here.box.filed) == 8


def test_without_a_folder_to_file_into_no_mail_is_to_blame(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        _eight(here)
        here.box.no_folder = True
        for _ in range(3):
            assert len(here.run(after=5 * HOUR).failures) == 1
        here.box.no_folder = False
        here.run()
        assert (len(here.box.filed), "not_filed" in here.tasks()) == (8, False)


def test_mails_refused_before_do_not_keep_newer_ones_from_being_tried(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.box.unmovable = _eight(here)
        here.run()
        here.mail("later", faults=[LOCKED])
        here.run(after=2 * HOUR)
        assert here.box.filed == [(9, "done")]
        here.run()
        with here.app.database.read() as tx:
            left = [task.subject for task in tasks.open_(tx) if task.kind == "not_filed"]
        assert len(left) == jobs.REFUSED_AT_MOST
