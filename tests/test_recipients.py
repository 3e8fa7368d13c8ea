"""Who hears of a decision, and how much of it: nobody of what is another's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from domain.notice import Notice
from domain.submission import Copy
from ingest import verdicts
from notifier.errors import TemporaryRefusal
from tests.builders import NOTICE, RECEIVED
from tests.office import Office, addresses, office, only_case, text_of
from tests.parts import CLERK, STRANGER, codes, of_unit, scan, workbook

SHEET = workbook()
SCAN = scan(SHEET)
OTHER = of_unit("范县", label="fan")
HOUR = timedelta(hours=1)
RECEIPT = "PY51-PYX-20200227-01"


def _listing(**known: tuple[str, ...]) -> Notice:
    """The notice with addresses known for these reporters."""
    listed = tuple(replace(each, addresses=known.get(each.code, each.addresses)) for each in NOTICE.reporters)
    return replace(NOTICE, reporters=listed)


def _code(name: str) -> str:
    return next(each.code for each in NOTICE.reporters if each.name == name)


def _use(here: Office, notice: Notice) -> None:
    notice = replace(notice, reminders=())  # what comes by the clock has its own tests
    here.app.notices = (notice,)
    here.reader.notice = notice


def _receipt(here: Office, code: str) -> str:
    [found] = [receipt for receipt in here.cases() if f"-{code}-" in receipt]
    return found


def test_another_sender_of_a_part_gets_the_outcome_without_content(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.mail("m2", SCAN, sender=STRANGER, at=RECEIVED + HOUR)
        here.run()
        [(raw, to)] = here.letters.taken
        assert to == STRANGER
        body = text_of(raw)
        assert "13912345678" not in body
        assert "濮阳县.xlsx" not in body
        assert here.cases() == {"PY51-PYX-20200227-01": "review"}
        assert "review" in here.tasks()


def test_a_later_decision_reaches_the_workbooks_sender_too(tmp_path: Path) -> None:
    """The stranger's cover was answered last, and yet the workbook is the clerk's."""
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.mail("m2", SCAN, sender=STRANGER, at=RECEIVED + HOUR)
        here.run()
        here.letters.taken.clear()
        verdicts.decide(here.app, "PY51-PYX-20200227-01", accept=True, reason="已电话核实", by="staff:a")
        here.run()
        [(clerks, first), (strangers, second)] = here.letters.taken
        assert (first, second) == (CLERK, STRANGER)
        assert "濮阳县.xlsx" in text_of(clerks)
        assert "已电话核实" in text_of(clerks)
        assert "濮阳县.xlsx" not in text_of(strangers)
        assert "已电话核实" not in text_of(strangers)
        threads = [message_from_bytes(raw, policy=default) for raw in (clerks, strangers)]
        assert [thread["In-Reply-To"] for thread in threads] == ["<m1@example.cn>", "<m2@example.cn>"]
        assert ["m1" in thread["Subject"] for thread in threads] == [True, False]


def test_a_later_decision_is_told_in_full_at_an_honoured_reply_to(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        office_address = CLERK.replace(CLERK.partition("@")[0], "office")
        here.mail("m1", SHEET, scan(SHEET, seal="范县教育局"), reply_to=office_address)
        here.run()
        [receipt] = here.cases()
        here.letters.taken.clear()
        verdicts.decide(here.app, receipt, accept=False, reason="印章不符", by="staff:a")
        here.run()
        [(raw, to)] = here.letters.taken
        assert to == office_address
        assert "濮阳县.xlsx" in text_of(raw)


def test_a_resend_by_another_address_takes_no_unsent_decision_from_its_reader(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET, seal="范县教育局"))
        here.letters.raising = [TemporaryRefusal(451, "later")]
        here.run()
        here.mail("m2", SHEET, scan(SHEET, seal="范县教育局"), sender=STRANGER)
        here.run(after=timedelta(seconds=1))
        here.run(after=HOUR)
        assert sorted(addresses(here)) == [CLERK, STRANGER]
        [full] = [text_of(raw) for raw, to in here.letters.taken if to == CLERK]
        assert "濮阳县.xlsx" in full


def test_a_decision_of_staff_takes_back_only_letters_to_those_it_tells(tmp_path: Path) -> None:
    """A colleague's resend has a letter waiting when staff decide: it stays, for the decision goes to others."""
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.mail("m2", SHEET, SCAN, sender=STRANGER)
        here.letters.raising = [TemporaryRefusal(451, "later")]
        here.run(after=HOUR)
        verdicts.decide(here.app, RECEIPT, accept=False, reason="印章不符", by="staff:a")
        here.run(after=HOUR)
        assert sorted(addresses(here)[1:]) == [CLERK, STRANGER]


def test_the_earlier_sender_is_told_in_one_line_when_another_replaces_it(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.now += HOUR
        new = workbook({"contact": "王五"}, label="new")
        here.mail("m2", new, scan(new, label="new scan"), sender=STRANGER, thread=["<m1@example.cn>"])
        here.run()
        assert sorted(addresses(here)[1:]) == [CLERK, STRANGER]
        assert sorted(here.cases().values()) == ["accepted", "superseded"]


def test_when_dmarc_failed_only_a_known_address_is_written_to(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN, dmarc_failed=True)
        here.run()
        assert here.letters.taken == []
        assert "unanswerable" in here.tasks()
        assert "mail.sender_unverified" in codes(only_case(here))


def test_when_dmarc_failed_every_known_address_is_written_to_and_hears_of_later_decisions(tmp_path: Path) -> None:
    known = ("a@pyx.example", "b@pyx.example")
    with office(tmp_path) as here:
        _use(here, _listing(PYX=known))
        here.mail("m1", SHEET, dmarc_failed=True)
        here.run()
        assert sorted(addresses(here)) == sorted(known)
        here.letters.taken.clear()
        here.run(after=NOTICE.grace + HOUR)
        assert sorted(addresses(here)) == sorted(known)


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


def test_that_an_earlier_version_stands_is_told_to_its_sender_and_to_nobody_else(tmp_path: Path) -> None:
    """A stranger learns it neither while a person looks, nor when a person sends it back, nor from the words for that."""
    other = workbook({"contact": "王五"}, label="other")
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", other, scan(other, label="other scan"), sender=STRANGER, at=here.now + HOUR)
        here.run(after=2 * HOUR)
        [theirs] = [receipt for receipt, state in here.cases().items() if state == "review"]
        verdicts.decide(here.app, theirs, accept=False, reason="请由原邮箱报送", by="staff:a")
        here.run()
        told = [text_of(raw) for raw, to in here.letters.taken if to == STRANGER]
        assert len(told) == 2
        for text in told:
            assert f"回执 {theirs}" in text and "（第" not in text
            assert "另一个邮箱" not in text
        third = workbook({"contact": "赵六"}, label="third")
        here.mail("m3", third, scan(third, label="third scan"))
        here.run(after=HOUR)
        assert "（第3版）" in text_of(here.letters.taken[-1][0])


def test_who_sends_a_scan_hears_that_the_workbook_came_from_another_address(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, sender=STRANGER)
        here.mail("m2", SCAN, at=here.now + HOUR)
        here.run(after=2 * HOUR)
        assert list(here.cases().values()) == ["review"]
        raw, to = here.letters.taken[-1]
        assert to == CLERK
        assert "与另一个邮箱发来的本单位电子表合为一份" in text_of(raw)
        assert "李晓明" not in text_of(raw)


def test_who_sent_the_same_workbook_again_is_kept_with_the_submission(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.mail("m2", SHEET, sender=STRANGER, at=here.now + HOUR)
        here.run(after=2 * HOUR)
        assert only_case(here).copies == (Copy(sha256=SHEET.sha256, address=STRANGER),)
        here.mail("m3", SCAN, sender=STRANGER)
        here.run(after=HOUR)
        assert list(here.cases().values()) == ["accepted"]
