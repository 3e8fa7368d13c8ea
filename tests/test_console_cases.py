"""The console's pages about submissions, mails and tasks: what each role sees of them, may take home, and may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from domain.accounts import Role
from domain.catalogue import CATALOGUE
from domain.mail import Intent
from domain.problems import Severity
from ingest.evidence import verify
from storage import inbox, ledger, outbox, quarantine, senders, tasks
from tests.builders import NOTICE
from tests.console_cases import FILE, PHONE, PICTURE, RECEIPT, RIM, SEAL, SHEET, return_to_review, worn_scan
from tests.console_desk import Desk, desk, token_on
from tests.parts import CLERK, STRANGER, of_unit, scan, sha
from web import case_wording, reasons
from web.reasons import ready

S, A, M = Role.STAFF, Role.AUDITOR, Role.ADMIN
HOUR = timedelta(hours=1)
PAGES = (f"/cases/{RECEIPT}", "/queue", f"/cases/{RECEIPT}?originals=true", "/queue?originals=true")


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


def post(browser: TestClient, path: str, **fields: str) -> Response:
    return browser.post(path, data={"csrf": token_on(browser.get("/account"))} | fields)


def decision(browser: TestClient, verdict: str, reason: str, **fields: str) -> Response:
    """As the form of the page sends it."""
    found = re.search(r'name="seen" value="(\d+)"', browser.get(f"/cases/{RECEIPT}").text)
    assert found
    return post(browser, f"/cases/{RECEIPT}/decision", verdict=verdict, reason=reason, **{"seen": found[1]} | fields)


def accesses(there: Desk, subject: str) -> list[str]:
    return [kind for kind in there.entries(subject) if kind.startswith("access.")]


def test_the_page_says_what_was_read_found_decided_and_written(browsers: dict[Role, TestClient]) -> None:
    page = browsers[S].get(f"/cases/{RECEIPT}").text
    for words in (
        RECEIPT, "濮阳县", "待核", "公章", "扫描件与电子表一致", "发件验证", "（没有读出）", "把握 0.20", "智学网",
        "现存的记录与存证一致", "作出决定", "办理结果", "Re: 【待核】", f"/cases/{RECEIPT}/pictures/{PICTURE}",
        f"/cases/{RECEIPT}/pictures/{SEAL}", f"/cases/{RECEIPT}/pictures/{RIM}", 'data-cell="1"',
    ):  # fmt: skip
        assert words in page


def test_a_row_and_its_place_on_the_scan_bear_one_number(browsers: dict[Role, TestClient]) -> None:
    page = browsers[S].get(f"/cases/{RECEIPT}").text
    boxes = set(re.findall(r'<a class="box \w+" href="#c(\d+)" data-cell="\1"', page))
    cells = set(re.findall(r'class="cell \w+[^"]*" id="c(\d+)" data-cell="\1"', page))
    assert boxes and boxes <= cells


@pytest.mark.parametrize("path", PAGES)
def test_telephone_numbers_are_for_who_telephones(browsers: dict[Role, TestClient], path: str) -> None:
    number = SHEET.rows[0].text("phone")
    assert number == PHONE
    assert {role: number in browsers[role].get(path).text for role in Role} == {S: True, M: True, A: False}


def test_an_auditor_asks_for_pictures_and_each_is_entered(there: Desk) -> None:
    browser = there.log_in(A)
    address = f"/cases/{RECEIPT}/pictures/{PICTURE}"
    assert address not in browser.get(f"/cases/{RECEIPT}").text
    assert address in browser.get(f"/cases/{RECEIPT}?originals=true").text
    assert browser.get(address).status_code == 200
    assert accesses(there, RECEIPT) == ["access.case", "access.case", "access.picture"]


def test_every_look_at_somebodys_data_is_entered_and_says_nothing_of_it(there: Desk) -> None:
    browser = there.log_in(S)
    for path in (f"/cases/{RECEIPT}", "/queue", f"/cases/{RECEIPT}/files/{FILE}", f"/cases/{RECEIPT}/letters/1"):
        assert browser.get(path).status_code == 200
    browser.get(f"/live/decided/{RECEIPT}")
    assert accesses(there, RECEIPT) == ["access.case", "access.case", "access.file", "access.letter"]
    browser.get("/tasks")
    assert accesses(there, "page:tasks") == ["access.tasks"]
    with there.here.app.database.read() as tx:
        bodies = " ".join(entry.body for entry in ledger.entries_of(tx, RECEIPT) if "access" in entry.kind)
    assert "staff:zhang" in bodies
    assert not [word for word in (PHONE, CLERK, "濮阳", SHEET.rows[0].text("contact")) if word in bodies]
    there.here.run()
    assert not verify(there.here.app).faults, "the audit knows such entries"


@pytest.mark.parametrize(
    "path",
    [
        f"/cases/{RECEIPT}/pictures/{FILE}",
        f"/cases/{RECEIPT}/pictures/{'0' * 64}",
        f"/cases/{RECEIPT}/pictures/%2e%2e%2fHEAD",
        f"/cases/{RECEIPT}/files/{PICTURE}",
        f"/cases/{RECEIPT}/files/{sha('other')}",
        f"/cases/{RECEIPT}/files/HEAD",
        f"/cases/PY51-FX-20200227-01/pictures/{PICTURE}",
        f"/cases/PY51-FX-20200227-01/files/{FILE}",
        "/cases/PY51-FX-20200227-01/letters/1",
        f"/cases/{RECEIPT}/letters/99",
        "/cases/PY51-PYX-20200227-99",
        "/mails/99",
        "/mails/99999999999999999999",
        "/mails/99/original",
    ],
)
def test_what_is_not_of_the_case_is_not_there(browsers: dict[Role, TestClient], path: str) -> None:
    assert [browsers[role].get(path).status_code for role in Role] == [404, 404, 404]


def test_files_are_saved_and_never_opened_as_pages(browsers: dict[Role, TestClient]) -> None:
    answer = browsers[S].get(f"/cases/{RECEIPT}/files/{FILE}")
    assert answer.content == b"workbook"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert unquote(answer.headers["content-disposition"]).endswith("''濮阳县.xlsx")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_pictures_have_the_type_that_their_bytes_are_of(browsers: dict[Role, TestClient]) -> None:
    for sha256, media in ((PICTURE, "image/jpeg"), (SEAL, "image/jpeg"), (RIM, "image/png")):
        answer = browsers[S].get(f"/cases/{RECEIPT}/pictures/{sha256}")
        assert answer.headers["content-type"] == media
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_a_letter_is_shown_in_a_frame_that_can_do_nothing(browsers: dict[Role, TestClient]) -> None:
    page = browsers[S].get(f"/cases/{RECEIPT}")
    assert f'sandbox loading="lazy" src="/cases/{RECEIPT}/letters/1"' in page.text
    assert page.headers["content-security-policy"].endswith("; frame-src 'self'")
    framed = browsers[S].get(f"/cases/{RECEIPT}/letters/1")
    assert framed.headers["content-security-policy"].startswith("sandbox; default-src 'none'; img-src data:;")
    assert "frame-ancestors 'self'" in framed.headers["content-security-policy"]
    assert framed.headers["x-frame-options"] == "SAMEORIGIN"
    assert "<script" not in framed.text and RECEIPT in framed.text


def test_an_infected_file_is_for_administrators_behind_a_warning(there: Desk) -> None:
    with there.here.app.database.begin() as tx:
        quarantine.put(tx, sha("m1"), {FILE: "Eicar-Test"}, at=there.here.now)
    path = f"/cases/{RECEIPT}/files/{FILE}"
    assert [there.log_in(role).get(path).status_code for role in (S, A)] == [403, 403]
    admin = there.log_in(M)
    warning = admin.get(path)
    assert "Eicar-Test" in warning.text and "content-disposition" not in warning.headers
    assert accesses(there, RECEIPT) == []
    assert f'href="{path}"' not in there.log_in(S).get(f"/cases/{RECEIPT}").text
    given = post(admin, path)
    assert unquote(given.headers["content-disposition"]).endswith("''濮阳县.xlsx.virus")
    assert accesses(there, RECEIPT)[-1] == "access.quarantined"


def test_an_infected_mail_is_for_administrators_behind_a_warning(there: Desk) -> None:
    mail = first_mail(there)
    with there.here.app.database.begin() as tx:
        quarantine.put(tx, mail, {mail: "Eicar-Test"}, at=there.here.now)
    assert there.log_in(S).get("/mails/1/original").status_code == 403
    assert there.log_in(S).get(f"/cases/{RECEIPT}/files/{mail}").status_code == 403
    assert "Eicar-Test" in there.log_in(M).get("/mails/1/original").text


def test_what_a_tip_off_says_is_for_administrators_and_no_page_of_the_case(tmp_path: Path) -> None:
    with desk(tmp_path) as there:
        there.here.mail("m1", SHEET, worn_scan(), intent=Intent.COMPLAINT)
        there.here.mail("m2", intent=Intent.COMPLAINT, sender=STRANGER)
        there.here.run()
        staff, admin = there.log_in(S), there.log_in(M)
        for browser in (staff, admin):
            page = browser.get(f"/cases/{RECEIPT}").text
            assert "保密，内容不在这里显示" in page and "/mails/1" not in page
            assert browser.get(f"/cases/{RECEIPT}/files/{first_mail(there)}").status_code == 404
        for path in ("/mails/1", "/mails/2", "/mails/1/original", "/mails/2/original"):
            assert [staff.get(path).status_code, admin.get(path).status_code] == [403, 200]
        assert "另有2件保密事项" in staff.get("/tasks").text
        assert "投诉或举报" in admin.get("/tasks").text and "投诉或举报" not in staff.get("/tasks").text
        with there.here.app.database.read() as tx:
            [first, *_] = tasks.open_(tx, confidential=True)
        assert post(staff, f"/tasks/{first.id}/close").status_code == 404
        assert post(admin, f"/tasks/{first.id}/close", note="已转专人").status_code == 303


def test_a_mail_shows_what_it_says_as_text(tmp_path: Path) -> None:
    with desk(tmp_path) as there:
        there.here.mail("<script>alert(1)</script>", sender=STRANGER, intent=Intent.QUESTION)
        there.here.run()
        page = there.log_in(S).get("/mails/1").text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page and "body" in page and "咨询" in page
        assert accesses(there, f"mail:{first_mail(there)}") == ["access.mail"]


def first_mail(there: Desk) -> str:
    with there.here.app.database.read() as tx:
        return inbox.load(tx, 1).sha256


def test_a_held_mail_says_so_and_its_traceback_to_administrators_alone(tmp_path: Path) -> None:
    with desk(tmp_path) as there:
        there.here.reader.raising["m1"] = [ValueError("unforeseen")]
        there.here.mail("m1", SHEET)
        there.here.run()
        staff, admin = (there.log_in(role).get("/mails/1").text for role in (S, M))
        assert "先放在一边，没有丢" in staff and "unforeseen" not in staff
        assert "unforeseen" in admin


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


def test_a_lost_picture_and_a_lost_letter_are_told(there: Desk) -> None:
    with there.here.app.database.read() as tx:
        letter = outbox.load(tx, 1).sha256
    assert letter
    for name in (PICTURE, letter):
        there.here.app.blobs.file(name).unlink()
    browser = there.log_in(S)
    page = browser.get(f"/cases/{RECEIPT}").text
    assert "图像有的缺失" in page and "回复的原件缺失" in page
    assert browser.get(f"/cases/{RECEIPT}/pictures/{PICTURE}").status_code == 410
    assert browser.get(f"/cases/{RECEIPT}/files/{letter}").status_code == 410


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
