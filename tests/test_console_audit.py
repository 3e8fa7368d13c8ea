"""The console's audit: verifying, the ledger, who looked at what, bundles, each by its roles."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from domain.accounts import Role
from domain.mail import Intent
from ingest import access
from ingest.auditing import Auditor
from storage import ledger, ledger_reading, quarantine, retention, tasks
from storage.ledger_reading import Found, Wanted
from tests.console_cases import FILE, PHONE, RECEIPT, post, return_to_review
from tests.console_desk import Desk, desk
from tests.stores import by_hand
from tests.test_auditing import Waiting
from tests.test_bundle import faults, unpack

S, A, M = Role.STAFF, Role.AUDITOR, Role.ADMIN


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        return_to_review(made)
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """For tests that alter nothing."""
    with desk(tmp_path_factory.mktemp("audit")) as made:
        return_to_review(made)
        yield made


@pytest.fixture(scope="module")
def auditor(shared: Desk) -> TestClient:
    return shared.log_in(A)


def words(page: str) -> str:
    """What a reader of the page reads."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])))


def console(there: Desk) -> Any:
    return there.console.state.console


def verified(there: Desk, browser: TestClient, **form: str) -> str:
    """The page after a verification that was asked for by its form."""
    assert post(browser, "/audit/verification", **form).headers["location"] == "/audit"
    console(there).auditor.wait()
    return browser.get("/audit").text


def newest(there: Desk, kind: str) -> Found:
    with there.here.app.database.read() as tx:
        return ledger_reading.browse(tx, Wanted(kinds=(kind,)), limit=1)[0]


def head(there: Desk) -> ledger.Head:
    with there.here.app.database.read() as tx:
        found = ledger.head(tx)
    assert found
    return found


def alter(tmp_path: Path, statement: str) -> None:
    with by_hand(tmp_path) as base:
        base.execute(statement)


def test_whoever_may_verifies_and_everybody_sees_the_outcome(there: Desk) -> None:
    browser = there.log_in(A)
    assert "还没有在这里核对过" in browser.get("/audit").text
    page = words(verified(there, browser))
    assert "全部相符" in page and "由 li 发起" in page
    assert "没有与别处保存的存证号对照" in page
    staff = there.log_in(S).get("/audit").text
    assert "全部相符" in staff and "<textarea" not in staff
    told = json.loads(newest(there, "audit.ended").body)
    assert (told["by"], told["ok"], told["faults"]) == ("staff:li", True, 0)


def test_what_somebody_altered_is_named_in_words_and_by_the_exact_line(there: Desk, tmp_path: Path) -> None:
    alter(tmp_path, "UPDATE submissions SET row_count = 99")
    there.here.app.blobs.file(FILE).unlink()
    page = verified(there, there.log_in(A))
    assert "有2处不符" in words(page)
    for line in (f"submission:{RECEIPT}: not as its last decision left it", f"blob:{FILE}: missing"):
        assert f'<code class="line">{line}</code>' in page
    assert "与最后一次决定之后的样子不同。" in page
    assert f'<a href="/cases/{RECEIPT}">材料 {RECEIPT}</a>' in page


def test_what_was_put_into_a_record_is_no_markup(there: Desk, tmp_path: Path) -> None:
    alter(tmp_path, "INSERT INTO receipt_counters VALUES ('<b>x', '\"><i>', '<u>', 3)")
    page = verified(there, there.log_in(A))
    assert "&lt;b&gt;x" in page and "<b>x" not in page and "<i>" not in page


@pytest.mark.parametrize(
    "given",
    ["{number}:{hash}", "{number}：{short}", "存证：第{number}号 {short}…\n", "你好\n\n存证：第 {number} 号 {hash}"],
    ids=["whole", "as shown", "a letter's line", "a letter's words"],
)
def test_a_head_that_somebody_kept_is_compared(shared: Desk, auditor: TestClient, given: str) -> None:
    found = head(shared)
    told = given.format(number=found.number, hash=found.hash, short=found.hash[:16])
    assert "相符" in words(verified(shared, auditor, head=told)).partition("对照")[2]
    wrong = given.format(number=found.number, hash="0" * 64, short="0" * 16)
    page = words(verified(shared, auditor, head=wrong))
    assert "有1处不符" in page and "现在的存证不是原来那一份" in page
    later = given.format(number=999_999, hash="0" * 64, short="0" * 16)
    assert "后面的被截去" in words(verified(shared, auditor, head=later))


def test_a_letter_is_pasted_as_it_was_sent(shared: Desk, auditor: TestClient) -> None:
    raw, _ = shared.here.letters.taken[0]
    page = words(verified(shared, auditor, head=raw.decode()[:18_000]))
    assert "全部相符" in page and "与别处保存的存证号对照" in page


@pytest.mark.parametrize(
    "given", ["128", "/etc/passwd", "128:3f9a", "存证", "x" * 20_001], ids=["number", "path", "short", "word", "long"]
)
def test_what_is_no_head_is_said_and_begins_nothing(shared: Desk, auditor: TestClient, given: str) -> None:
    def begun() -> int:
        with shared.here.app.database.read() as tx:
            return len(ledger_reading.newest(tx, "audit", 1000))

    before = begun()
    answer = post(auditor, "/audit/verification", head=given)
    assert answer.status_code == 400
    assert "没有认出存证号" in answer.text
    assert begun() == before


def test_while_it_runs_the_page_says_how_far_it_is_and_then_comes_anew(there: Desk) -> None:
    slow = Waiting()
    there.console.state.console = replace(console(there), auditor=Auditor(there.here.app, verify=slow))
    browser = there.log_in(A)
    post(browser, "/audit/verification")
    assert slow.begun.wait(60)
    page = browser.get("/audit").text
    assert "正在核对" in page and "3 / 9" in page and "disabled" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    address = re.search(r'data-hx-get="(/live/audit\?run=[0-9a-f]{32})"', page)
    assert address
    live = browser.get(address[1])
    assert "核对每项决定" in live.text and live.headers["etag"]
    assert browser.get(address[1], headers={"If-None-Match": live.headers["etag"]}).status_code == 304
    post(browser, "/audit/verification")  # a second one waits for the first
    assert there.entries("audit") == ["audit.begun"]
    slow.go_on.set()
    console(there).auditor.wait()
    assert browser.get(address[1]).headers["hx-refresh"] == "true"
    page = browser.get("/audit").text
    assert "全部相符" in page and "refresh" not in page


def test_one_that_the_end_of_the_console_broke_off_says_so(there: Desk) -> None:
    slow = Waiting()
    auditor = Auditor(there.here.app, verify=slow)
    there.console.state.console = replace(console(there), auditor=auditor)
    browser = there.log_in(A)
    post(browser, "/audit/verification")
    assert slow.begun.wait(60)
    auditor.stop()
    there.console.state.console = replace(console(there), auditor=Auditor(there.here.app))
    assert "没有做完，中途停了" in browser.get("/audit").text
    assert "以前的核对" in words(verified(there, browser))


def entries_on(page: str) -> list[str]:
    return re.findall(r'href="/audit/ledger/(\d+)"', page)


def test_the_ledger_is_read_newest_first_page_by_page(there: Desk) -> None:
    with there.here.app.database.begin() as tx:
        for number in range(120):
            access.note(tx, "case", f"R-{number}", "staff:zhang", at=there.here.now)
    browser = there.log_in(A)
    seen: list[str] = []
    address = "/audit/ledger"
    while address:
        page = browser.get(address).text
        seen += entries_on(page)
        more = re.search(r'class="button" href="([^"]+)"', page)
        address = html.unescape(more[1]) if more else ""
    assert seen == [str(number) for number in range(int(seen[0]), 0, -1)]
    assert len(seen) > 120


def test_filters_of_the_ledger(shared: Desk, auditor: TestClient) -> None:
    assert "作出决定" in words(auditor.get("/audit/ledger?kind=submission.decided").text).partition("经办")[2]
    assert len(entries_on(auditor.get("/audit/ledger?kind=letter.").text)) == 3
    assert len(entries_on(auditor.get(f"/audit/ledger?subject={RECEIPT}").text)) >= 1
    assert entries_on(auditor.get("/audit/ledger?number=3").text) == ["3", "2", "1"]
    assert entries_on(auditor.get("/audit/ledger?until=2020-02-26").text) == []
    assert "没有符合条件的存证" in auditor.get("/audit/ledger?since=2021-01-01").text


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/audit/ledger", "since=28.2.2020"),
        ("/audit/ledger", "until=9999-12-31"),
        ("/audit/ledger", "number=x"),
        ("/audit/ledger", "number=" + "9" * 30),
        ("/audit/access", "since=yesterday"),
        ("/audit/access", "until=0001-01-01"),
    ],
)
def test_what_cannot_be_meant_is_said(auditor: TestClient, path: str, query: str) -> None:
    answer = auditor.get(f"{path}?{query}")
    assert answer.status_code == 400 and 'role="alert"' in answer.text


@pytest.mark.parametrize("path", ["0", "-1", "999999", "99999999999999999999999", "x"])
def test_an_entry_that_is_not_there(auditor: TestClient, path: str) -> None:
    assert auditor.get(f"/audit/ledger/{path}").status_code in (404, 422)


def test_an_entry_is_told_in_words_with_its_proof_and_its_text(shared: Desk, auditor: TestClient) -> None:
    decided = newest(shared, "submission.decided")
    page = auditor.get(f"/audit/ledger/{decided.id}").text
    told = words(page)
    for each in ("作出决定", "起因", "所存记录的散列", "怎样证明这一条", "相符", "从叶到根"):
        assert each in told
    text = re.search(r'<pre class="json"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert text
    assert json.loads(html.unescape(text[1]))["body"] == decided.body


def test_an_altered_entry_is_called_so_on_both_pages(there: Desk, tmp_path: Path) -> None:
    alter(tmp_path, 'UPDATE ledger_entries SET body = \'{"by":"<b>"}\' WHERE id = 5')
    browser = there.log_in(A)
    assert "被改动" in browser.get("/audit/ledger").text
    page = browser.get("/audit/ledger/5").text
    assert "这一条与封存时的不同" in page and "不符" in words(page)
    assert "<b>" not in page and "&lt;b&gt;" in page


def test_staff_see_the_ledger_without_who_looked_at_what(there: Desk) -> None:
    staff = there.log_in(S)
    page = staff.get("/audit/ledger").text
    assert "作出决定" in words(page) and "登录、账号和查阅的记录，由审计人员查看" in page
    for kind in ("access.case", "session.opened", "user.added"):
        staff.get(f"/cases/{RECEIPT}")
        hidden = newest(there, kind)
        assert str(hidden.id) not in entries_on(staff.get("/audit/ledger").text)
        assert entries_on(staff.get(f"/audit/ledger?kind={kind}").text) == []
        assert staff.get(f"/audit/ledger/{hidden.id}").status_code == 403
        assert there.log_in(A).get(f"/audit/ledger/{hidden.id}").status_code == 200


def test_that_a_mail_is_a_tip_off_is_for_administrators(there: Desk) -> None:
    there.here.mail("m9", intent=Intent.COMPLAINT, sender="someone@example.cn")
    there.here.run()
    secret = {newest(there, "mail.settled").id, newest(there, "task.opened").id}
    for role in (S, A):
        browser = there.log_in(role)
        page = browser.get("/audit/ledger").text
        assert page.count("保密事项，由管理员查看") == 2
        assert not {str(each) for each in secret} & set(entries_on(page))
        assert {browser.get(f"/audit/ledger/{each}").status_code for each in secret} == {403}
    admin = there.log_in(M)
    assert "保密事项" not in admin.get("/audit/ledger").text
    assert {admin.get(f"/audit/ledger/{each}").status_code for each in secret} == {200}


def test_what_staff_wrote_is_masked_for_auditors_and_said_to_be(there: Desk) -> None:
    with there.here.app.database.begin() as tx:
        reason = f"请电 {PHONE}，或写信 zhang@example.cn"
        retention.hold(tx, RECEIPT, by="staff:zhang", reason=reason, at=there.here.now)
    entry = newest(there, "retention.held").id
    auditor, staff = (there.log_in(role).get(f"/audit/ledger/{entry}").text for role in (A, S))
    assert not any(written in auditor for written in (PHONE, PHONE[:7], "zhang@example"))
    assert "139****5678" in auditor and "散列与存证的不同" in auditor
    assert PHONE in staff and "散列与存证的不同" not in staff


def test_the_access_log_tells_who_looked_at_what(there: Desk) -> None:
    there.log_in(S).get(f"/cases/{RECEIPT}")
    there.log_in(M).get("/search", params={"q": "张三"})
    browser = there.log_in(A)
    told = words(browser.get("/audit/access").text)
    assert "zhang 打开材料" in told and "wang 检索 检索页" in told
    assert "张三" not in told
    assert "zhang 打开材料" not in words(browser.get("/audit/access?account=wang").text)
    assert "wang 检索" not in words(browser.get(f"/audit/access?subject={RECEIPT}").text)
    assert "zhang 打开材料" in words(browser.get("/audit/access?account=zhang&kind=access.case&since=2020-02-27").text)
    assert "没有符合条件的记录" in browser.get("/audit/access?account=zhan").text
    assert "没有符合条件的记录" in browser.get("/audit/access?until=2020-02-01").text
    assert "li 查看查阅记录" in words(browser.get("/audit/access?account=li").text)


def bundle_of(browser: TestClient, page: str) -> Any:
    found = re.search(r'action="(/audit/bundles/[0-9a-f]{32}/file)"', page)
    assert found
    return post(browser, found[1])


def test_a_bundle_is_made_fetched_once_and_verified_by_the_program_inside(there: Desk, tmp_path: Path) -> None:
    browser = there.log_in(A)
    assert post(browser, "/audit/bundles", receipt=RECEIPT.lower()).headers["location"] == "/audit/bundles"
    console(there).bundles.wait()
    page = browser.get("/audit/bundles").text
    assert "做好了" in page and "disabled" not in page
    assert browser.get("/live/bundles").headers["hx-refresh"] == "true"
    answer = bundle_of(browser, page)
    assert answer.headers["content-disposition"] == f'attachment; filename="{RECEIPT}.zip"'
    assert answer.headers["content-type"] == "application/zip"
    file = tmp_path / "bundle.zip"
    file.write_bytes(answer.content)
    folder = unpack(file, tmp_path / "out")
    assert faults(folder, f"{head(there).number}:{head(there).hash}") == 0
    assert "做好了" not in browser.get("/audit/bundles").text
    found = re.search(r'action="(/audit/bundles/[0-9a-f]{32}/file)"', page)
    assert found and post(browser, found[1]).status_code == 404
    assert there.entries(RECEIPT)[-2:] == ["access.bundle", "access.bundle_taken"]
    sha256 = json.loads(newest(there, "access.bundle").body)["sha256"]
    assert json.loads(newest(there, "access.bundle_taken").body) == {"by": "staff:li", "sha256": sha256}


@pytest.mark.parametrize("receipt", ["", "PY51-PYX-20200227-99", "../../etc/passwd", "<b>"])
def test_a_bundle_of_nothing_is_refused(auditor: TestClient, receipt: str) -> None:
    answer = post(auditor, "/audit/bundles", receipt=receipt)
    assert answer.status_code == 400
    assert "没有这个回执号" in answer.text and 'value="<b>"' not in answer.text


def test_a_bundle_with_a_mail_that_is_for_few_is_for_administrators(there: Desk) -> None:
    with there.here.app.database.begin() as tx:
        tasks.add(tx, "complaint", "mail:1", "请专人看", confidential=True, at=there.here.now)
    assert post(there.log_in(A), "/audit/bundles", receipt=RECEIPT).status_code == 403
    admin = there.log_in(M)
    assert post(admin, "/audit/bundles", receipt=RECEIPT).status_code == 303
    console(there).bundles.wait()
    page = there.log_in(A).get("/audit/bundles").text
    assert bundle_of(there.log_in(A), page).status_code == 403
    assert bundle_of(admin, page).status_code == 200


def test_what_a_virus_was_found_in_goes_to_administrators_alone(there: Desk) -> None:
    with there.here.app.database.begin() as tx:
        mail = newest(there, "mail.received").subject.removeprefix("mail:")
        quarantine.put(tx, mail, {FILE: "Eicar-Test"}, at=there.here.now)
    assert post(there.log_in(A), "/audit/bundles", receipt=RECEIPT, with_quarantined="true").status_code == 403
    admin = there.log_in(M)
    for wanted, inside in (("", False), ("true", True)):
        post(admin, "/audit/bundles", receipt=RECEIPT, with_quarantined=wanted or "false")
        console(there).bundles.wait()
        packed = bundle_of(admin, admin.get("/audit/bundles").text).content
        names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
        assert any(name.endswith(".xlsx") for name in names) == inside


def test_the_console_takes_its_bundles_with_it(there: Desk) -> None:
    with TestClient(there.console, base_url="http://127.0.0.1:8000") as served:
        assert served.get("/healthz").status_code in (200, 503)
        post(there.log_in(A), "/audit/bundles", receipt=RECEIPT)
        console(there).bundles.wait()
        [file] = there.here.app.scratch.folder.glob("*.zip")
    assert not file.exists()


def test_every_entry_of_the_ledger_opens(there: Desk) -> None:
    browser = there.log_in(M)
    with there.here.app.database.read() as tx:
        every = ledger_reading.browse(tx, Wanted(), limit=1000)
    assert {browser.get(f"/audit/ledger/{each.id}").status_code for each in every} == {200}
