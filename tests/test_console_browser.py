"""The console in Debian's Chromium, over what the demo's mails became: logging in, roles, refreshing, keyboard, phone, axe."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from domain.accounts import Role
from ingest import demo, users
from ingest.app import App, build
from ingest.health import note_beat
from ingest.loopback import LoopbackMail
from ingest.scheduler import one_pass
from storage import ledger, tasks
from tests.console_desk import NAMES, PASSWORD
from tests.office import QUICK, settings
from tests.stores import by_hand
from tests.whole_demo import whole_demo
from web.server import serving_console

AXE = (Path(__file__).parent / "resources" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
LISTS = Path(__file__).parent / "resources" / "register"
OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""Axe's rules that look at colours."""
CHROMIUM = shutil.which("chromium")
SEALED, WAITING = "PY51-QFX-20200226-01", "PY51-QFX-20200228-01"
"""Of the demo's returns one with a seal, and the one that waits for a person."""
PAGES = {
    Role.STAFF: (
        "/",
        "/notices",
        "/notices/puyang-2020-51",
        "/rules",
        "/account",
        "/queue",
        f"/cases/{SEALED}",
        "/tasks",
        "/search?q=小学",
        "/search",
        "/mails/8",
        "/register",
        "/register/changes",
        "/blacklist",
    ),
    Role.AUDITOR: (
        "/",
        "/accounts",
        "/queue",
        "/register",
        "/blacklist",
        "/audit",
        "/audit/ledger",
        "/audit/ledger/5",
        "/audit/access",
        "/audit/bundles",
        f"/cases/{SEALED}?row=6&originals=true",
    ),
    Role.ADMIN: ("/accounts",),
}
pytestmark = [
    pytest.mark.sqlite,  # the demo's
    pytest.mark.timeout(900),
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="Debian's chromium is not installed"),
]


@dataclass(frozen=True, kw_only=True)
class Served:
    """The console over a store that the demo filled, with a browser."""

    app: App
    address: str
    browser: Browser
    provider: LoopbackMail
    sessions: dict[Role, Any] = field(default_factory=dict)
    """Cookies of who logged in already: to do so by the form for every page was a fifth of the time."""

    @contextmanager
    def page(self, role: Role | None, path: str = "/", *, width: int = 1280, **context: Any) -> Iterator[Page]:
        """A page of whoever is logged in; whatever its console complains of fails the test."""
        session = self.sessions.get(role) if role else None
        size = {"width": width, "height": 800}
        made = self.browser.new_context(viewport=size, locale="zh-CN", storage_state=session, **context)
        page = made.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{self.address}{path if session else '/login'}")
        if role is not None and "/login" in page.url:  # the first time, or after somebody logged out
            page.goto(f"{self.address}/login")
            page.fill("#name", NAMES[role])
            page.fill("#password", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{self.address}/")
            self.sessions[role] = made.storage_state()
            if path != "/":
                page.goto(f"{self.address}{path}")
        yield page
        made.close()
        refused = ("403 (Forbidden)", "400 (Bad Request)")  # of pages that say so, which a browser notes
        assert [each for each in complaints if not any(words in each for words in refused)] == []


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A copy of the demo's store. The clock stands still soon after the last mail."""
    folder, samples = tmp_path_factory.mktemp("served") / "demo", demo.sample_folder()
    assert samples is not None
    shutil.copytree(whole_demo(tmp_path_factory).folder, folder)
    now = max(mail.received_at for mail in samples.mails) + timedelta(minutes=9)
    with (
        LoopbackMail(letters_dir=folder / "later") as provider,
        build(settings(folder, provider, web={"port": 0}), clock=lambda: now, pace_sending=False) as app,
    ):
        note_beat(app, now)
        app.passwords = QUICK
        for role, name in NAMES.items():
            users.add(app, name, name, role, PASSWORD, by="staff:root")
        with sync_playwright() as driver, serving_console(app, banner="演示") as port:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            yield Served(app=app, address=f"http://127.0.0.1:{port}", browser=browser, provider=provider)
            browser.close()


def test_a_clerk_logs_in_by_keyboard_and_sees_who_has_reported(served: Served) -> None:
    with served.page(None) as page:
        page.keyboard.type(NAMES[Role.STAFF])  # the first field has the focus
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{served.address}/")
        assert page.get_by_role("table", name="各单位报送情况").get_by_role("row").count() == 2 + 9
        assert page.get_by_role("row", name="范县").get_by_text("迟报").is_visible()
        assert page.get_by_text("已截止").is_visible()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "跳到正文"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_what_the_role_may_not_see_is_not_linked_and_refused(served: Served) -> None:
    with served.page(Role.AUDITOR) as page:
        names = page.get_by_role("navigation").get_by_role("link").all_inner_texts()
        assert names == ["总览", "待核", "检索", "通知", "备案名单", "黑名单", "审计"]
        page.goto(f"{served.address}/accounts")
        assert page.get_by_role("heading", name="没有权限").is_visible()


def test_the_page_shows_what_is_new_without_losing_what_somebody_was_at(served: Served) -> None:
    with served.page(Role.STAFF) as page:
        focused = page.locator("summary").first
        focused.focus()
        focused.press("Enter")  # folds it
        asked = "document.activeElement.textContent + document.activeElement.parentElement.open"
        before = page.evaluate(asked)
        with served.app.database.begin() as tx:
            tasks.add(tx, "junk", "2020-03-02", "新来的一件事", at=served.app.clock())
        page.get_by_text("新来的一件事").wait_for(state="attached", timeout=30_000)
        assert page.evaluate(asked) == before
        with page.expect_response("**/live/overview", timeout=30_000) as answer:
            pass
        assert answer.value.status == 304


def test_a_form_is_downloaded(served: Served) -> None:
    with served.page(Role.STAFF, "/notices/puyang-2020-51") as page:
        with page.expect_download() as got:
            page.get_by_role("link", name="清丰县").click()
        assert got.value.suggested_filename == "QFX-清丰县.xlsx"


def test_an_account_is_added_and_its_password_shown_once(served: Served) -> None:
    with served.page(Role.ADMIN, "/accounts") as page:
        page.get_by_label("账号", exact=True).fill("chen")
        page.get_by_label("显示名").fill("陈静")
        page.get_by_role("button", name="添加").click()
        assert page.locator(".secret").inner_text().count("-") == 3
        page.goto(f"{served.address}/accounts")
        assert page.locator(".secret").count() == 0
        page.get_by_role("button", name="停用：chen").click()
        assert page.get_by_text("已停用").is_visible()


def test_a_list_is_sent_looked_at_and_taken_and_an_operator_entered(served: Served) -> None:
    """Before the pages are looked at one by one: they have something to show by then."""
    with served.page(Role.STAFF) as page:
        for name, day in (("list.xlsx", "2020-02-20"), ("list.csv", "2020-02-25")):
            page.get_by_role("navigation").get_by_role("link", name="备案名单").click()
            page.get_by_label("名单文件").set_input_files(LISTS / name)
            page.get_by_label("名单的日期").fill(day)
            page.get_by_role("button", name="上传并查看").click()
            page.get_by_role("heading", name="核对新名单").wait_for()
            page.get_by_role("button", name="确认收下").click()
            page.get_by_text("已收下，共7条").wait_for()
        page.go_back()
        assert page.get_by_text("没有等待确认的名单").is_visible()
        page.get_by_role("link", name="看差别").click()
        page.get_by_role("heading", name="名单的差别").wait_for()

        page.get_by_role("navigation").get_by_role("link", name="黑名单").click()
        page.get_by_label("主办者").fill("杭州小舟智能科技有限公司")
        page.get_by_label("原因", exact=True).fill("查证属实")
        page.get_by_role("button", name="列入").click()
        page.get_by_text("在册", exact=True).first.wait_for()
        page.get_by_text("看网页的样子").click()
        assert page.frame_locator("iframe").get_by_text("杭州小舟智能科技有限公司").is_visible()
        with page.expect_download() as got:
            page.get_by_role("link", name="下载Excel").click()
        assert got.value.suggested_filename == "濮阳市校园学习类APP黑名单-20200302.xlsx"
        page.goto(f"{served.address}/search?q=小学")
        with page.expect_download() as got:
            page.get_by_role("link", name="导出Excel").click()
        assert got.value.suggested_filename.startswith("检索结果-202003")


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in PAGES.items() for path in paths])
def test_axe_finds_no_fault_and_nothing_sticks_out(served: Served, role: Role, path: str) -> None:
    """On a phone and on a desk, by day and by night. One load for all: no script of ours asks how wide the page is, and what
    the night changes is colours."""
    with served.page(role, path, width=360, bypass_csp=True) as page:
        page.add_script_tag(content=AXE)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            for scheme, rules in (("light", None), ("dark", OF_COLOURS)):
                page.emulate_media(color_scheme=scheme)
                found = page.evaluate("rules => axe.run(document, {resultTypes: ['violations'], ...rules})", rules)
                faults = [f"{one['impact']} {one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]
                assert (width, scheme, faults) == (width, scheme, [])
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_script_everything_is_there_still(served: Served) -> None:
    with served.page(Role.STAFF, java_script_enabled=False) as page:
        assert page.get_by_text("各单位报送情况").is_visible()
        page.get_by_role("button", name="退出").click()
        page.wait_for_url(f"{served.address}/login")


def test_a_row_and_its_place_on_the_scan_light_each_other_up(served: Served) -> None:
    with served.page(Role.STAFF, f"/cases/{SEALED}") as page:
        cell = page.locator(".cell[data-cell]").first
        box = page.locator(f".box[data-cell='{cell.get_attribute('data-cell')}']")
        cell.hover()
        assert "lit" in (box.get_attribute("class") or "")
        page.locator(".row").last.scroll_into_view_if_needed()
        scan = page.locator(".scan").first.bounding_box()
        assert scan and -40 <= scan["y"] < 400, f"the scan stays in sight beside the rows: {scan}"
        page.mouse.move(0, 0)
        assert "lit" not in (box.get_attribute("class") or "")
        box.focus()
        assert "lit" in (cell.get_attribute("class") or "")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == cell.get_attribute("id")
        before = page.locator(".scan").first.bounding_box()
        page.get_by_role("button", name="放大").first.click()
        after = page.locator(".scan").first.bounding_box()
        assert before and after and after["width"] > before["width"] * 1.4
        page.get_by_text("办理结果").first.click()
        page.get_by_text("对方看到的样子").first.click()
        assert page.frame_locator("iframe").first.get_by_text("退回").first.is_visible()


def verify_by_keyboard(page: Page) -> None:
    """From the top of the audit's page to its outcome, without a mouse."""
    page.get_by_label("别处保存的存证号").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "立即核对"
    page.keyboard.press("Enter")
    page.wait_for_load_state("load")
    page.locator(".outcome .badge:not(.incomplete)").wait_for(timeout=60_000)


def test_an_auditor_verifies_and_what_somebody_altered_is_named(served: Served) -> None:
    with by_hand(served.app.settings.base) as database, served.page(Role.AUDITOR, bypass_csp=True) as page:
        page.get_by_role("navigation", name="主导航").get_by_role("link", name="审计").click()
        verify_by_keyboard(page)
        assert page.get_by_text("全部相符").first.is_visible()
        database.execute("UPDATE submissions SET row_count = row_count + 1 WHERE receipt = ?", (SEALED,))
        database.execute("UPDATE outbox SET sent_at = sent_at + 1 WHERE id = 1")
        verify_by_keyboard(page)
        database.execute("UPDATE submissions SET row_count = row_count - 1 WHERE receipt = ?", (SEALED,))
        database.execute("UPDATE outbox SET sent_at = sent_at - 1 WHERE id = 1")
        assert page.get_by_text("有2处不符").first.is_visible()
        assert page.get_by_text(f"submission:{SEALED}: not as its last decision left it").is_visible()
        page.add_script_tag(content=AXE)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [one["id"] for one in found["violations"]] == []
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_label("别处保存的存证号").fill("没有号")
        page.get_by_role("button", name="立即核对").click()
        assert page.get_by_text("没有认出存证号").is_visible()


def test_without_script_an_auditor_verifies_too(served: Served) -> None:
    with served.page(Role.AUDITOR, "/audit", java_script_enabled=False) as page:
        page.get_by_role("button", name="立即核对").click()
        page.locator(".outcome .badge:not(.incomplete)").wait_for(timeout=60_000)  # the page comes anew by itself
        assert page.get_by_text("全部相符").first.is_visible()


def test_a_bundle_is_made_downloaded_and_found_good_by_the_program_in_it(served: Served, tmp_path: Path) -> None:
    with served.page(Role.AUDITOR, f"/cases/{SEALED}") as page:
        page.get_by_role("link", name="制作证据包").click()
        assert page.get_by_label("回执号").input_value() == SEALED
        page.get_by_role("button", name="制作证据包").click()
        button = page.get_by_role("button", name=f"下载{SEALED}的证据包")
        button.wait_for(timeout=60_000)
        with page.expect_download() as got:
            button.click()
        got.value.save_as(tmp_path / "bundle.zip")
        shutil.unpack_archive(tmp_path / "bundle.zip", tmp_path)
        page.goto(f"{served.address}/audit")
        head = page.locator("section:has(#h-head) code").inner_text()
        number = page.locator("section:has(#h-head) p").first.inner_text().split("号")[0].removeprefix("第")
        page.goto(f"{served.address}/audit/bundles")
        assert page.get_by_text("做好了").count() == 0
    command = [sys.executable, "verify.py", "--head", f"{number}:{head}"]
    checked = subprocess.run(command, cwd=tmp_path / SEALED, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_an_entry_is_opened_and_copied_and_the_log_tells_of_it(served: Served) -> None:
    with served.page(
        Role.AUDITOR, "/audit/ledger?kind=submission.decided", permissions=["clipboard-read", "clipboard-write"]
    ) as page:
        page.locator("tbody a[href^='/audit/ledger/']").first.click()
        assert page.get_by_text("得到的正是封存时的散列").is_visible()
        page.get_by_role("button", name="复制").click()
        page.get_by_text("已复制").wait_for()
        assert '"kind": "submission.decided"' in page.evaluate("navigator.clipboard.readText()")
        page.goto(f"{served.address}/audit/access?account=li")
        assert page.get_by_role("row", name="查看一条存证").first.is_visible()


def test_what_is_for_auditors_is_refused_to_staff(served: Served) -> None:
    with served.page(Role.STAFF, "/audit") as page:
        assert page.get_by_role("button", name="立即核对").count() == 0
        assert page.get_by_role("navigation", name="审计").get_by_role("link").all_inner_texts() == ["核对", "存证"]
        for path in ("/audit/access", "/audit/bundles"):
            page.goto(f"{served.address}{path}")
            assert page.get_by_role("heading", name="没有权限").is_visible()


def test_a_row_of_the_merged_table_leads_to_its_place_on_the_scan_also_over_the_log_in(served: Served) -> None:
    with served.page(None) as page:
        page.goto(f"{served.address}/cases/{SEALED}?row=16#row-16")
        page.fill("#name", NAMES[Role.STAFF])
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{served.address}/cases/{SEALED}?row=16")
        row = page.locator("details.row.wanted")
        assert "第16行" in row.inner_text() and "出处" in row.inner_text()
        place = row.bounding_box()
        assert place and 0 <= place["y"] < 800, "it is in sight"
        assert page.locator(".box.wanted").count() == row.locator(".cell[data-cell]").count() > 0
        page.evaluate("location.hash = '#row-7'")
        page.locator("details.row.wanted", has_text="第7行").wait_for()
        assert page.locator("details.row.wanted").count() == 1
        assert page.locator(".box.wanted").count() == page.locator(".row.wanted .cell[data-cell]").count()


def test_what_only_staff_may_is_refused_to_an_auditor(served: Served) -> None:
    with served.page(Role.AUDITOR, "/queue") as page:
        assert page.locator("#decide").count() == 0
        page.keyboard.press("a")
        assert page.get_by_text("不能作决定").is_visible()
        page.goto(f"{served.address}/tasks")
        assert page.get_by_role("heading", name="没有权限").is_visible()


def test_a_case_is_decided_by_two_keys_and_the_reply_is_seen_to_go_out(served: Served) -> None:
    """The last one: it empties the queue."""
    with served.page(Role.STAFF) as page:
        page.get_by_role("navigation").get_by_role("link", name="待核").click()
        page.wait_for_url("**/queue")
        page.get_by_text(WAITING).first.wait_for()
        page.keyboard.press("a")
        assert page.get_by_text("请先选一条理由").is_visible()
        page.keyboard.press("/")
        page.keyboard.type("ar4?")  # while somebody writes, letters are letters
        assert page.locator("#reason").input_value() == "ar4?"
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        assert page.get_by_role("dialog").is_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("4")  # a reason for sending it back
        page.keyboard.press("a")
        assert page.get_by_text("这条理由是退回用的").is_visible()

        keys = ["1", "a"]
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_url("**/queue?done=*")
        assert len(keys) <= 3
        assert page.get_by_text("已受理。回复等待发出").is_visible()
        assert page.get_by_role("heading", name="没有要核对的材料").is_visible()
        before = len(served.provider.letters)
        one_pass(served.app)
        assert len(served.provider.letters) == before + 1
        page.get_by_text("回复已发出").wait_for(timeout=30_000)
        with served.app.database.read() as tx:
            kinds = [entry.kind for entry in ledger.entries_of(tx, WAITING)]
        assert kinds[-1] == "submission.decided" and "access.case" in kinds
