"""Who hears of a decision that no mail caused: nobody of what is another's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from domain.notice import Notice
from ingest import verdicts
from tests.builders import NOTICE
from tests.office import Office, office
from tests.parts import CLERK, STRANGER, of_unit, scan, workbook

SHEET = workbook()
OTHER = of_unit("范县", label="fan")
HOUR = timedelta(hours=1)


def _listing(**addresses: tuple[str, ...]) -> Notice:
    """The notice with addresses known for these reporters."""
    listed = tuple(replace(each, addresses=addresses.get(each.code, each.addresses)) for each in NOTICE.reporters)
    return replace(NOTICE, reporters=listed)


def _code(name: str) -> str:
    return next(each.code for each in NOTICE.reporters if each.name == name)


def _use(here: Office, notice: Notice) -> None:
    here.app.notices = (notice,)
    here.reader.notice = notice


def _receipt(here: Office, code: str) -> str:
    [found] = [receipt for receipt in here.cases() if f"-{code}-" in receipt]
    return found


def test_a_decision_on_one_of_two_sets_of_a_mail_goes_to_that_reporter_alone(tmp_path: Path) -> None:
    fan = _code("范县")
    with office(tmp_path) as here:
        _use(here, _listing(PYX=("pu@a.example",), **{fan: ("fan@b.example",)}))
        here.mail("m1", SHEET, scan(SHEET), OTHER, scan(OTHER, label="fan scan", seal="范县教育局"), dmarc_failed=True)
        here.run()
        assert sorted(to for _, to in here.letters.taken) == ["fan@b.example", "pu@a.example"]
        here.letters.taken.clear()
        verdicts.decide(here.app, _receipt(here, "PYX"), accept=False, reason="印章不符", by="staff:a")
        here.run()
        assert [to for _, to in here.letters.taken] == ["pu@a.example"]


def test_a_replaced_set_of_a_mail_for_two_is_told_to_its_own_reporter(tmp_path: Path) -> None:
    """By another address of the county: the one line goes to where the county was answered, not to the other county."""
    fan = _code("范县")
    with office(tmp_path) as here:
        _use(here, _listing(PYX=("pu@z.example",), **{fan: ("fan@b.example",)}))
        here.mail("m1", OTHER, scan(OTHER, label="fan scan", seal="范县教育局"), SHEET, scan(SHEET), dmarc_failed=True)
        here.run()
        here.letters.taken.clear()
        newer = workbook({"app": "作业帮"}, label="newer")
        here.mail("m2", newer, scan(newer, label="newer scan"), sender=STRANGER, thread=["<m1@example.cn>"])
        here.run(after=HOUR)
        verdicts.decide(here.app, sorted(here.cases())[-1], accept=True, reason="已核实", by="staff:a")
        here.run(after=HOUR)
        assert "fan@b.example" not in {to for _, to in here.letters.taken}


def test_a_workbook_that_was_answered_under_an_older_receipt_still_tells_its_sender(tmp_path: Path) -> None:
    """A cover alone goes with it under a new receipt; the workbook's mail was answered under the first."""
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET, seal="范县教育局"))
        here.run()
        here.mail("m2", scan(SHEET, label="second scan"), sender=STRANGER, thread=["<m1@example.cn>"])
        here.run(after=HOUR)
        here.letters.taken.clear()
        newest = sorted(here.cases())[-1]
        assert len(here.cases()) == 2
        verdicts.decide(here.app, newest, accept=False, reason="请重报", by="staff:a")
        here.run(after=HOUR)
        assert [to for _, to in here.letters.taken] == [CLERK, STRANGER]
