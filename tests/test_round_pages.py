"""What the console shows of collections that come again: what goes on in full, what is over by links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.accounts import Role
from tests.console_desk import Desk, desk
from tests.rounds import at, collect, statistics

CLERK = "clerk@example.cn"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        collect(made.here)
        made.here.now = at(10, 26)
        made.here.mail("十月", statistics(title="甲县2026年10月在校生统计表"), sender=CLERK)
        made.here.run()
        made.here.now = at(11, 27)
        yield made


def test_the_overview_shows_the_round_that_goes_on(there: Desk) -> None:
    text = there.log_in(Role.STAFF).get("/").text
    assert "关于报送在校生统计表的通知（2026年11月）" in text
    assert "2026年10月" not in text and "正在报送的" not in text


def test_many_collections_are_summed_up_first(there: Desk) -> None:
    collect(there.here, "meals", "buses")
    text = there.log_in(Role.STAFF).get("/").text
    assert "正在报送的3项" in text
    assert text.count('href="#h-') == 3
    assert set(re.findall(r'href="#(h-[a-z0-9-]+)"', text)) <= set(re.findall(r'id="(h-[a-z0-9-]+)"', text))
    assert text.count("运行情况") == 1 and text.count("待办事项</a>") == 1


def test_rounds_that_are_over_are_reached_by_links(there: Desk) -> None:
    browser = there.log_in(Role.STAFF)
    text = browser.get("/notices").text
    assert "往期（2期）" in text and "还有8期没有开始" in text
    links = re.findall(r'href="(/notices/students-[0-9-]+)"', text)
    assert links == ["/notices/students-2026-11", "/notices/students-2026-10", "/notices/students-2026-09"]
    assert all(browser.get(link).status_code == 200 for link in links)


def test_the_page_of_a_round_tells_who_reported_and_is_noted(there: Desk) -> None:
    browser = there.log_in(Role.AUDITOR)
    text = browser.get("/notices/students-2026-10").text
    assert "XS2610-AX-20261026-01" in text and "标题写“单位名2026年10月在校生统计表”" in text
    assert (
        "按学校代码与本单位上一期已受理的材料比较：上期有、本期没有的会提示；在校生数相差超过20%、且不少于10的会提示"
        in text
    )
    assert "access.overview" in there.entries("notice:students-2026-10")
    assert browser.get("/notices/students").status_code == 404


def test_the_search_offers_the_series_and_what_goes_on(there: Desk) -> None:
    collect(there.here, "meals")
    browser = there.log_in(Role.STAFF)
    offered = re.findall(r'<option value="((?:students|meals)[0-9-]*)"( selected)?>', browser.get("/search").text)
    assert [name for name, _ in offered] == ["students", "students-2026-11", "meals", "meals-2026-11"]
    found = browser.get("/search", params={"q": "甲县第一小学", "notice": "students"}).text
    assert "XS2610-AX-20261026-01" in found and '<option value="students" selected>' in found
    assert "XS2610" not in browser.get("/search", params={"q": "甲县第一小学", "notice": "students-2026-11"}).text
    assert "（2026年9月）" in browser.get("/search", params={"q": "甲", "notice": "students-2026-09"}).text
