"""The wizard in Debian's Chromium: a collection started by keyboard and mouse, on a desk and on a phone, with and without script."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from domain.accounts import Role
from tests.console_desk import NAMES, PASSWORD, Desk, desk
from tests.test_console_drafting import FORM
from web.server import serving_console

AXE = (Path(__file__).parent / "resources" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
CHROMIUM = shutil.which("chromium")
PICTURES = os.environ.get("BAOSONG_TEST_PICTURES", "")
"""A folder for pictures of the pages, to be looked at."""
pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="Debian's chromium is not installed"),
]


@dataclass(frozen=True, kw_only=True)
class Served:
    desk: Desk
    address: str
    browser: Browser

    def page(self, *, script: bool, width: int = 1280) -> Page:
        """Of whoever of staff logged in."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, locale="zh-CN", java_script_enabled=script, bypass_csp=script
        )
        page = context.new_page()
        page.goto(f"{self.address}/login")
        page.fill("#name", NAMES[Role.STAFF])
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{self.address}/")
        return page


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with desk(tmp_path, web={"port": 0}) as made, sync_playwright() as driver, serving_console(made.here.app) as port:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Served(desk=made, address=f"http://127.0.0.1:{port}", browser=browser)
        browser.close()


def look(page: Page, name: str, *, axe: bool) -> None:
    """Nothing sticks out on a phone or a desk, and axe finds no fault by day and by night."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
        if axe:
            assert (name, page.evaluate("document.documentElement.scrollWidth")) <= (name, width)
            page.add_script_tag(content=AXE)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
                faults = [f"{one['impact']} {one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]
                assert (name, width, scheme, faults) == (name, width, scheme, [])
            page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_collection_is_started_changed_and_ended(served: Served, tmp_path: Path, script: bool) -> None:
    (tmp_path / "食堂空白表.xlsx").write_bytes(FORM)
    page = served.page(script=script)
    page.get_by_role("navigation").get_by_role("link", name="通知").click()
    page.get_by_role("link", name="新建收集").click()
    look(page, "start", axe=script)
    page.get_by_label("空白表文件").set_input_files(tmp_path / "食堂空白表.xlsx")
    page.get_by_role("button", name="下一步").click()

    page.get_by_label("通知的文号").fill("×教〔2020〕9号")
    page.get_by_label("截止到哪天").fill("1月1日起")
    page.get_by_label("应报送的单位").fill("甲县 jyj@example.cn\n乙区")
    page.get_by_label("本地的电话区号").fill("0371")
    page.get_by_label("许可证编号填什么").select_option("固定格式的编号")
    look(page, "form", axe=script)
    page.get_by_role("button", name="下一步：预览").click()
    page.get_by_text("“1月1日起”不是日期").wait_for()
    assert page.get_by_text("请举一个正确的例子").is_visible()
    look(page, "faults", axe=script)

    page.get_by_label("截止到哪天").fill("3月31日")
    page.get_by_label("许可证编号的范围或选项").fill("JY-1234")
    page.get_by_label("通知文件的名字").fill("canteens")
    page.get_by_role("button", name="下一步：预览").click()
    page.get_by_role("heading", name="填对的表，会这样回信").wait_for()
    assert page.get_by_text("已受理，共3行").is_visible()
    look(page, "preview", axe=script)
    page.get_by_role("button", name="返回修改").click()
    assert page.get_by_label("许可证编号的范围或选项").input_value() == "JY-1234"
    page.get_by_role("button", name="下一步：预览").click()
    page.get_by_label("为什么发布").fill("按文件收集")
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(f"{served.address}/notices/canteens")
    look(page, "published", axe=script)

    page.get_by_role("link", name="改文字").click()
    look(page, "text", axe=script)
    page.go_back()
    page.get_by_role("link", name="修改").click()
    page.get_by_label("截止到哪天").fill("2020-04-15")
    page.get_by_role("button", name="下一步：预览").click()
    page.get_by_role("heading", name="对已收材料的影响").wait_for()
    look(page, "change", axe=script)
    page.get_by_label("为什么发布").fill("推迟")
    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_text("第2版").wait_for()
    page.get_by_text("结束这次收集").click()
    page.get_by_label("为什么结束").fill("收齐了")
    page.get_by_role("button", name="结束", exact=True).click()
    page.get_by_role("heading", name="已结束").wait_for()
    assert served.desk.here.app.notice("canteens").closed
