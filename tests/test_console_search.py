"""The console's search: what it finds, as whom, and that each is entered."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from domain.accounts import Role
from tests.console_cases import PHONE, RECEIPT, return_to_review
from tests.console_desk import Desk, desk
from tests.parts import of_unit, scan, workbook

S, A = Role.STAFF, Role.AUDITOR


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("search")) as made:
        return_to_review(made)
        other = of_unit("范县", label="other")
        made.here.mail("m2", other, scan(other, label="scan of other", seal="范县教育局"), sender="fx@example.cn")
        made.here.run()
        yield made


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def browsers(shared: Desk) -> dict[Role, TestClient]:
    return {role: shared.log_in(role) for role in Role}


def hits(page: str) -> list[str]:
    """The receipts of the hits, top to bottom."""
    return re.findall(r'<a href="/cases/[^"]*"><span class="receipt">([^<]+)</span>', page)


def words(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page.partition("<main")[2]))


@pytest.mark.parametrize("asked", ["濮阳", "县", RECEIPT, PHONE, PHONE[3:9]])
def test_what_was_received_is_found_and_links_its_page(browsers: dict[Role, TestClient], asked: str) -> None:
    page = browsers[S].get("/search", params={"q": asked})
    assert RECEIPT in hits(page.text)
    assert "<mark>" in page.text


def test_filters_narrow_it_and_the_address_keeps_them(browsers: dict[Role, TestClient]) -> None:
    both = browsers[S].get("/search", params={"q": "中学"}).text
    one = browsers[S].get("/search", params={"q": "中学", "reporter": "FX"}).text
    assert set(hits(one)) < set(hits(both))
    assert 'value="FX" selected' in one
    assert hits(browsers[S].get("/search", params={"q": "中学", "until": "2020-01-01"}).text) == []
    assert "没有找到" in browsers[S].get("/search", params={"q": "绝无此事"}).text


def test_pages_go_on_where_the_one_before_ended(there: Desk) -> None:
    many = workbook(*({"school": f"濮阳县第{number}小学"} for number in range(1, 26)), label="many")
    there.here.mail("many", many, scan(many, label="scan of many"))
    there.here.run()
    browser = there.log_in(S)
    first = browser.get("/search", params={"q": "小学"}).text
    further = re.search(r'href="(/search\?[^"]*after=[^"]*)"', first)
    assert further
    second = browser.get(html.unescape(further[1])).text
    assert "没有找到" not in second
    assert words(second) != words(first)


def test_an_auditor_finds_a_number_and_sees_it_masked(browsers: dict[Role, TestClient]) -> None:
    assert PHONE in words(browsers[S].get("/search", params={"q": PHONE}).text)
    page = browsers[A].get("/search", params={"q": PHONE}).text
    assert RECEIPT in hits(page)
    told = words(page)
    assert PHONE not in told
    assert f"{PHONE[:3]}****{PHONE[-4:]}" in told


def test_each_search_is_entered_without_its_words(shared: Desk, browsers: dict[Role, TestClient]) -> None:
    before = shared.entries("search").count("access.search")
    browsers[S].get("/search")
    assert shared.entries("search").count("access.search") == before
    browsers[S].get("/search", params={"q": "张三"})
    assert shared.entries("search").count("access.search") == before + 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "，。"}, "请输入要找的字词或号码"),
        ({"q": "县", "since": "28.2.2020"}, "日期请写成"),
        ({"q": "县", "after": "zzz"}, "找到"),
        ({"q": "县", "state": "nonsense", "flag": "nonsense"}, "找到"),
    ],
)
def test_what_cannot_be_meant_is_said_or_left_out(
    browsers: dict[Role, TestClient], asked: dict[str, str], said: str
) -> None:
    page = browsers[S].get("/search", params=asked)
    assert page.status_code == 200
    assert said in words(page.text)


def test_no_question_becomes_markup(browsers: dict[Role, TestClient]) -> None:
    page = browsers[S].get("/search", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
