"""A person decides: by the queue or the page of a case, seen as it stands, with a reason; and sees to tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from domain.accounts import Role
from domain.catalogue import CATALOGUE
from domain.problems import Severity
from ingest.evidence import verify
from storage import senders, tasks
from tests.builders import NOTICE
from tests.console_cases import (
    RECEIPT,
    decision,
    post,
    return_to_review,
    worn_scan,
)
from tests.console_desk import Desk, desk
from tests.parts import CLERK, of_unit, scan
from web import case_wording, reasons
from web.reasons import ready

S, A, M = Role.STAFF, Role.AUDITOR, Role.ADMIN
HOUR = timedelta(hours=1)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        return_to_review(made)
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """For tests that decide nothing."""
    with desk(tmp_path_factory.mktemp("cases")) as made:
        return_to_review(made)
        other = of_unit("范县", label="other")
        made.here.mail("m2", other, scan(other, label="scan of other", seal="范县教育局"), sender="fx@example.cn")
        made.here.run()
        yield made


@pytest.fixture(scope="module")
def browsers(shared: Desk) -> dict[Role, TestClient]:
    return {role: shared.log_in(role) for role in Role}


def test_staff_accept_a_case_and_the_reply_goes_out(there: Desk) -> None:
    browser = there.log_in(S)
    answer = decision(browser, "accept", "已人工辨认，\n公章是本单位的。", back="queue")
    assert answer.headers["location"] == f"/queue?done={RECEIPT}"
    assert there.here.cases() == {RECEIPT: "accepted"}
    page = browser.get(answer.headers["location"]).text
    assert "没有要核对的材料" in page and "已受理。回复等待发出" in page
    there.here.run()
    assert "回复已发出" in browser.get(f"/live/decided/{RECEIPT}").text
    _, to = there.here.letters.taken[-1]
    assert to == CLERK
    page = browser.get(f"/cases/{RECEIPT}").text
    assert "zhang：已人工辨认， 公章是本单位的。" in page and "重新决定" in page
    assert not verify(there.here.app).faults


def test_a_decided_case_can_be_decided_anew_from_its_page(there: Desk) -> None:
    browser = there.log_in(M)
    decision(browser, "accept", "已人工核对，材料无误。")
    answer = decision(browser, "reject", "公章看不清。请重新盖章，用彩色扫描后再报。")
    assert answer.headers["location"] == f"/cases/{RECEIPT}"
    assert there.here.cases() == {RECEIPT: "rejected"}


def test_nobody_decides_what_they_have_not_seen(there: Desk) -> None:
    browser = there.log_in(S)
    seen = re.search(r'name="seen" value="(\d+)"', browser.get("/queue").text)
    assert seen
    decision(there.log_in(M), "reject", "材料有误。请按电话中说的改好后再报。")
    answer = decision(browser, "accept", "已人工核对，材料无误。", seen=seen[1], back="queue")
    assert answer.status_code == 409
    assert "决定没有记下" in answer.text and "有了变化" in answer.text
    assert there.here.cases() == {RECEIPT: "rejected"}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"verdict": "accept", "reason": " \n "}, 422),
        ({"verdict": "accept", "reason": "长" * 301}, 422),
        ({"verdict": "accept"}, 422),
        ({"verdict": "keep", "reason": "x"}, 400),
        ({"verdict": "accept", "reason": "x", "seen": "x"}, 422),
    ],
)
def test_a_decision_needs_a_verdict_and_a_reason(
    browsers: dict[Role, TestClient], shared: Desk, fields: dict[str, str], status: int
) -> None:
    answer = post(browsers[S], f"/cases/{RECEIPT}/decision", **{"seen": "1"} | fields)
    assert answer.status_code == status
    assert shared.here.cases()[RECEIPT] == "review"


def test_there_is_no_deciding_on_what_there_is_not(browsers: dict[Role, TestClient]) -> None:
    path = "/cases/PY51-PYX-20200227-99/decision"
    assert post(browsers[S], path, seen="1", verdict="accept", reason="x").status_code == 404


def test_who_vouches_for_the_address_says_so_with_the_decision(there: Desk) -> None:
    decision(there.log_in(S), "accept", "已电话核实，材料无误。", learn="true")
    with there.here.app.database.read() as tx:
        [known] = senders.all_known(tx, NOTICE.id)
    assert (known.address, known.confirmed_by, known.receipt) == (CLERK, "staff:zhang", RECEIPT)


def test_the_queue_shows_the_oldest_first_and_the_next_behind_it(there: Desk) -> None:
    for number, name in ((2, "清丰县"), (3, "范县")):
        there.here.now += HOUR
        sheet = of_unit(name, label=name)
        there.here.mail(f"m{number}", sheet, worn_scan(sheet, f"scan {number}"), sender=f"c{number}@example.cn")
        there.here.run()
    assert [*there.here.cases().values()] == ["review"] * 3
    browser = there.log_in(S)
    seen = []
    path = "/queue"
    for _ in range(4):
        page = browser.get(path).text
        shown = re.search(r'action="/cases/([\w-]+)/decision"', page)
        assert shown
        seen.append(shown[1])
        path = f"/queue?after={shown[1]}"
    assert seen == [RECEIPT, "PY51-QFX-20200227-01", "PY51-FX-20200227-01", RECEIPT]
    assert "没有要核对的材料" in browser.get("/queue?notice=another").text


def test_an_auditor_sees_the_queue_and_no_form(browsers: dict[Role, TestClient]) -> None:
    page = browsers[A].get("/queue").text
    assert RECEIPT in page and "不能作决定" in page
    assert "/decision" not in page and "/decision" not in browsers[A].get(f"/cases/{RECEIPT}").text


def test_a_task_is_closed_with_a_note_by_who_did_it(there: Desk) -> None:
    with there.here.app.database.begin() as tx:
        number = tasks.add(tx, "question", "mail:1", "请看一下", at=there.here.now)
    browser = there.log_in(S)
    assert 'href="/mails/1"' in browser.get("/tasks").text
    post(browser, f"/tasks/{number}/close", note="已电话\n答复")
    with there.here.app.database.read() as tx:
        task = tasks.load(tx, number)
    assert (task.closed_by, task.note) == ("staff:zhang", "已电话 答复")
    assert there.entries(f"task:{number}") == ["task.opened", "task.closed"]
    assert post(browser, "/tasks/999/close").status_code == 404


@pytest.mark.parametrize(
    "code", sorted(entry.code for entry in CATALOGUE.values() if entry.severity is Severity.REVIEW)
)
def test_whatever_asks_for_a_person_has_a_ready_reason_for_both_decisions(code: str) -> None:
    found = ready([code])
    assert found[0].accept and found[0].text != ready([])[0].text
    assert (
        next(each for each in found if not each.accept).text != next(each for each in ready([]) if not each.accept).text
    )
    assert [each.key for each in found] == [str(number) for number in range(1, len(found) + 1)]


def test_ready_reasons_are_few_and_fit_the_field() -> None:
    every = ready(reasons._ACCEPT)
    assert len(every) == 6 and all(len(each.text) <= 60 for each in every)


def test_who_acts_is_named_plainly() -> None:
    assert [case_wording.who(by) for by in ("machine", "staff:zhang")] == ["程序", "zhang"]
