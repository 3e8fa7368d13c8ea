"""The console's pages about a notice whose return is a stamped scan alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.accounts import Role
from domain.checks import check_document
from domain.submission import State
from ingest import verdicts
from tests.builders import RECEIVED, seal
from tests.console_desk import Desk, desk
from tests.documents import SAFETY, first_page, paper, plan, report, unread
from tests.parts import file_of
from tests.shell import Shell

PLAN = plan()
DOUBTFUL = file_of(first_page(), paper(), paper(seal(legible=False, text="")), label="doubtful", name="清丰县.pdf")


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("console")) as made:
        here = made.here
        here.app.notices = (*here.app.notices, SAFETY)
        here.mail("a", report(), notice=SAFETY, parts=(PLAN,), faults=(unread(PLAN),))
        here.mail("b", DOUBTFUL, notice=SAFETY, parts=(PLAN,), faults=(unread(PLAN),), sender="b@example.cn")
        here.run()
        yield made


def receipt_in(there: Desk, state: str) -> str:
    return next(receipt for receipt, found in there.here.cases().items() if found == state)


def test_the_page_of_a_case_shows_pages_and_files_and_no_table(there: Desk) -> None:
    page = there.log_in(Role.STAFF).get(f"/cases/{receipt_in(there, 'accepted')}")
    assert page.status_code == 200
    assert "h-rows" not in page.text
    assert "整改方案.docx" in page.text


def test_staff_decide_it_from_the_queue(there: Desk) -> None:
    page = there.log_in(Role.STAFF).get("/queue")
    assert "盖章扫描件，发件人" in page.text
    assert "共0行" not in page.text


def test_the_notices_page_offers_no_blank_form(there: Desk) -> None:
    browser = there.log_in(Role.STAFF)
    page = browser.get(f"/notices/{SAFETY.id}")
    assert "没有空白表" in page.text
    assert "没有要填的栏目" in page.text
    assert "公章盖在最后一页" in page.text
    assert browser.get(f"/notices/{SAFETY.id}/forms/PYX").status_code == 404
    assert browser.get(f"/notices/{SAFETY.id}/merged").status_code == 200


def test_the_overview_tells_no_rows_of_it(there: Desk) -> None:
    page = there.log_in(Role.STAFF).get("/")
    assert SAFETY.number in page.text
    assert "零报告" not in page.text


def test_accepted_by_hand_it_stands(there: Desk) -> None:
    waiting = receipt_in(there, "review")
    made = verdicts.decide(there.here.app, waiting, accept=True, reason="已电话核对", by="staff:王").submission
    assert made.state is State.ACCEPTED
    assert check_document(DOUBTFUL, SAFETY, SAFETY.reporter("PYX"), RECEIVED) != ()


def test_the_command_offers_no_blank_form(baosong: Shell, tmp_path: Path) -> None:
    file = Path(__file__).parent / "resources" / "notices" / "safety-2026.yaml"
    ran = baosong("form", "PYX", tmp_path / "a.xlsx", "--notice", file)
    assert ran.status == 1
    assert "asks for a stamped scan and no workbook" in ran.err
    assert list(tmp_path.glob("a.xlsx")) == []
