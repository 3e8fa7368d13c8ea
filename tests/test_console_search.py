"""The console's search: what it finds, as whom, and that each is entered."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient
from httpx import Response

from domain.accounts import Role
from storage import ledger, search, state
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


@pytest.mark.parametrize("asked", ["县", "濮阳县第", "智学网"])
def test_an_auditor_sees_no_number_that_a_snippet_cuts_off(browsers: dict[Role, TestClient], asked: str) -> None:
    told = words(browsers[A].get("/search", params={"q": asked}).text)
    assert "139****" in told, "a piece of the row with the number is shown"
    assert [PHONE[at : at + 5] for at in range(7) if PHONE[at : at + 5] in told] == []


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


def table_of(answer: Response) -> list[list[str]]:
    """Texts of the workbook, line by line, from the line of headings on."""
    assert answer.headers["content-type"] == "application/octet-stream"
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [[cell for cell in line if cell.value is not None] for line in book.worksheets[0].iter_rows(min_row=2)]
    assert {cell.data_type for line in cells for cell in line} == {"s"}, "nothing is a formula"
    return [[str(cell.value) for cell in line] for line in cells]


def test_the_whole_result_is_exported_by_the_same_filters(there: Desk) -> None:
    many = workbook(*({"school": f"濮阳县第{number}小学"} for number in range(1, 26)), label="many")
    there.here.mail("many", many, scan(many, label="scan of many"))
    there.here.run()
    browser = there.log_in(S)
    page = browser.get("/search", params={"q": "小学", "reporter": "PYX", "flag": "breach"}).text
    link = re.search(r'href="(/search/table[^"]*)"', page)
    assert link is None, "nothing was found, so nothing is to be exported"
    page = browser.get("/search", params={"q": "小学", "reporter": "PYX"}).text
    link = re.search(r'href="(/search/table\?[^"]*)"', page)
    assert link and "reporter=PYX" in link[1]
    head, *lines, note = table_of(browser.get(html.unescape(link[1])))
    assert head == ["回执", "单位", "状态", "收到时间", "位置", "内容"]
    assert len(lines) >= 25 > 20
    assert note == [f"共{len(lines)}处。"]
    none = {"q": "小学", "until": "2020-01-01"}
    assert table_of(browser.get("/search/table", params=none))[1:] == [["共0处。"]]
    with there.here.app.database.begin() as tx:
        state.put(tx, search.DUE, True, at=there.here.now)
    assert table_of(browser.get("/search/table", params=none))[2:] == [["索引还没有建全，以前收到的材料可能不在内。"]]


def test_an_export_is_masked_as_the_page_is(browsers: dict[Role, TestClient]) -> None:
    whole = str(table_of(browsers[S].get("/search/table", params={"q": PHONE})))
    masked = str(table_of(browsers[A].get("/search/table", params={"q": PHONE})))
    assert PHONE in whole
    assert PHONE not in masked and f"{PHONE[:3]}****{PHONE[-4:]}" in masked


def test_an_export_is_entered_as_that_and_one_of_nothing_is_none(
    shared: Desk, browsers: dict[Role, TestClient]
) -> None:
    def exports() -> list[bool]:
        with shared.here.app.database.read() as tx:
            return [json.loads(entry.body)["exported"] for entry in ledger.entries_of(tx, "search")]

    before = exports()
    for nothing in ({}, {"q": "，。"}, {"q": "县", "since": "gestern"}):
        page = browsers[S].get("/search/table", params=nothing)
        assert page.headers["content-type"].startswith("text/html")
    assert exports() == before
    browsers[S].get("/search/table", params={"q": "县"})
    assert exports() == [*before, True]
