"""The console's pages about submissions, mails and tasks: what each role sees of them, may take home, and may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient

from domain.accounts import Role
from domain.mail import Intent
from ingest import retention
from ingest.evidence import verify
from storage import inbox, ledger, outbox, quarantine, tasks
from tests.console_cases import (
    FILE,
    PHONE,
    PICTURE,
    RECEIPT,
    RIM,
    SEAL,
    SHEET,
    decision,
    post,
    return_to_review,
    worn_scan,
)
from tests.console_desk import Desk, desk
from tests.parts import CLERK, STRANGER, of_unit, scan, sha
from tests.stores import by_hand

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


def test_a_row_has_an_address_of_its_own_that_marks_it_and_its_place_on_the_scan(
    browsers: dict[Role, TestClient],
) -> None:
    page = browsers[S].get(f"/cases/{RECEIPT}?row=5").text
    [row] = re.findall(r'<details class="row [^"]*wanted" open>(.*?)</details>', page, re.DOTALL)
    assert 'id="row-5"' in row
    numbers = set(re.findall(r'data-cell="(\d+)"', row))
    assert numbers and set(re.findall(r'class="box \w+ wanted" href="#c(\d+)"', page)) == numbers
    for step in ('<a href="/mails/1">来信第1号</a>', "濮阳县.xlsx", "工作表“Sheet1”第5行", "扫描.pdf 第1页（左25%"):
        assert step in row
    assert f'href="/cases/{RECEIPT}?row=5#row-5"' in row


def test_a_row_that_is_not_there_is_said_and_log_in_leads_to_the_one_that_is(
    shared: Desk, browsers: dict[Role, TestClient]
) -> None:
    for row in ("99", "2-5", "<b>"):
        page = browsers[S].get(f"/cases/{RECEIPT}", params={"row": row}).text
        assert "没有要找的那一行" in page and "wanted" not in page and "<b>" not in page.partition("没有要找")[2][:99]
    assert "没有要找的那一行" not in browsers[S].get(f"/cases/{RECEIPT}").text
    asked = shared.browser().get(f"/cases/{RECEIPT}?row=5")
    assert asked.headers["location"] == f"/login?next=%2Fcases%2F{RECEIPT}%3Frow%3D5"
    assert "?originals=true&amp;row=5#row-5" in browsers[A].get(f"/cases/{RECEIPT}?row=5").text


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
    browser.get("/mails/1")
    assert accesses(there, f"mail:{first_mail(there)}") == ["access.mail"]
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


def test_what_was_altered_and_what_was_erased_say_so(tmp_path: Path) -> None:
    with desk(tmp_path, retention={"owner": "办公室"}) as there:
        return_to_review(there)
        _altered_and_erased(there)


def _altered_and_erased(there: Desk) -> None:
    browser = there.log_in(S)
    there.here.run()  # the letter goes out
    kept = stored(there, None)
    stored(there, b"not what was written")
    answer = browser.get(f"/cases/{RECEIPT}")
    assert (answer.status_code, "记录已经损坏" in answer.text) == (500, True)
    stored(there, kept)
    decision(browser, "reject", "材料有误。请按电话中说的改好后再报。")
    there.here.run(after=timedelta(days=11 * 366))
    retention.erase(there.here.app, before=None, by="staff:root")
    answer = there.log_in(S).get(f"/cases/{RECEIPT}")
    assert (answer.status_code, "按规定销毁" in answer.text) == (410, True)


def stored(there: Desk, new: bytes | None) -> bytes:
    """The record of the one submission as it stands, and puts `new` in its place."""
    with by_hand(there.here.app.settings.base) as base:
        [[kept]] = base.execute("SELECT document FROM submissions")
        if new is not None:
            base.execute("UPDATE submissions SET document = ?", (new,))
    return bytes(kept)


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
