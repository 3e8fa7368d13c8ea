"""The console's page of the blacklist: entering, lifting, and what is published."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from httpx import Response

from domain.accounts import Role
from domain.blacklist import Blacklisted
from ingest.evidence import verify
from storage import blacklist
from tests.console_cases import post
from tests.console_desk import Desk, desk
from tests.parts import scan, workbook

S, A = Role.STAFF, Role.AUDITOR
BOAT, WAVE = "杭州小舟智能科技有限公司", "上海听潮文化传播有限公司"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One operator is on it; for tests that change nothing."""
    with desk(tmp_path_factory.mktemp("blacklist")) as made:
        post(made.log_in(S), "/blacklist", operator=BOAT, reason="查证属实")
        yield made


def words(page: Response) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page.text.partition("<main")[2]))


def entries(there: Desk) -> tuple[Blacklisted, ...]:
    with there.here.app.database.read() as tx:
        return blacklist.all_(tx)


def test_an_operator_is_entered_and_what_stands_is_looked_at(there: Desk) -> None:
    sheet = workbook()
    there.here.mail("m1", sheet, scan(sheet))
    there.here.run()
    browser = there.log_in(S)
    answer = post(
        browser, "/blacklist", operator=" 科大讯飞股份有限公司 ", reason="查证属实", since="2020-02-01",
        aliases="讯飞、 科大讯飞,讯飞", apps="智学网\n某某口算",
    )  # fmt: skip
    assert (answer.status_code, answer.headers["location"]) == (303, "/blacklist?done=1")
    [entry] = entries(there)
    assert (entry.operator, entry.aliases, entry.apps) == (
        "科大讯飞股份有限公司",
        ("讯飞", "科大讯飞"),
        ("智学网", "某某口算"),
    )
    assert entry.since == date(2020, 2, 1)
    assert there.entries("blacklist:1") == ["blacklist.added"]
    assert "policy_recheck" in there.here.tasks()
    told = words(browser.get("/blacklist?done=1"))
    assert "在册" in told and "2022-02-01起可以申请解除" in told
    assert verify(there.here.app).ok


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"operator": " ", "reason": "x"}, 422, "请填写主办者的全称"),
        ({"operator": "甲" * 101, "reason": "x"}, 422, "请填写主办者的全称"),
        ({"operator": WAVE, "reason": " "}, 422, "请写明原因"),
        ({"operator": WAVE, "reason": "因" * 301}, 422, "请写明原因"),
        ({"operator": WAVE, "reason": "x", "since": "2999-01-01"}, 422, "不能晚于今天"),
        ({"operator": WAVE, "reason": "x", "since": "3月1日"}, 422, "不能晚于今天"),
        ({"operator": WAVE, "reason": "x", "apps": "、".join(map(str, range(31)))}, 422, "最多各30个"),
        ({"operator": WAVE, "reason": "x", "aliases": "甲" * 101}, 422, "最多各30个"),
        ({"operator": "小舟智能科技（杭州）有限公司", "reason": "<b>x</b>"}, 409, "已经在黑名单里"),
    ],
    ids=["nobody", "long-name", "no-reason", "long-reason", "ahead", "no-day", "many-apps", "long-alias", "listed"],
)
def test_what_cannot_be_entered_is_said_and_what_was_typed_is_kept(
    shared: Desk, fields: dict[str, str], status: int, said: str
) -> None:
    answer = post(shared.log_in(S), "/blacklist", **fields)
    assert answer.status_code == status
    assert said in words(answer)
    assert f'value="{html.escape(fields["reason"].strip())}"' in answer.text
    assert len(entries(shared)) == 1


def test_an_operator_is_lifted_after_its_years_and_for_a_reason_alone(there: Desk) -> None:
    browser = there.log_in(S)
    post(browser, "/blacklist", operator=BOAT, reason="查证属实", since="2018-02-27")
    post(browser, "/blacklist", operator=WAVE, reason="查证属实", since="2018-03-01")
    page = words(browser.get("/blacklist"))
    assert "可申请解除" in page and "在册" in page
    early = post(browser, "/blacklist/2/lift", reason="整改合格")
    assert early.status_code == 409 and "未满期限" in words(early)
    assert post(browser, "/blacklist/1/lift", reason=" ").status_code == 422
    assert [each.lift for each in entries(there)] == [None, None]

    assert post(browser, "/blacklist/1/lift", reason="整改合格").status_code == 303
    assert there.entries("blacklist:1") == ["blacklist.added", "blacklist.lifted"]
    assert post(browser, "/blacklist/2/lift", reason="同名，列入有误", mistake="true").status_code == 303
    told = words(browser.get("/blacklist"))
    assert "已解除" in told and "整改合格" in told and "已撤销" in told
    gone = post(browser, "/blacklist/1/lift", reason="又一次")
    assert gone.status_code == 409 and "已经解除" in words(gone)
    assert post(browser, "/blacklist/9/lift", reason="没有这一条").status_code == 409
    assert verify(there.here.app).ok


def test_an_auditor_sees_the_list_and_enters_nothing(shared: Desk) -> None:
    page = shared.log_in(A).get("/blacklist")
    assert BOAT in words(page)
    assert 'method="post" action="/blacklist' not in page.text


def test_what_is_published_is_a_file_and_entered(there: Desk) -> None:
    browser = there.log_in(S)
    post(browser, "/blacklist", operator="=1+1公司", reason="=查证属实", apps="<b>甲</b>")
    page = browser.get("/blacklist/published/html")
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"].startswith("attachment")
    assert "&lt;b&gt;甲&lt;/b&gt;" in page.text and "<script" not in page.text
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/blacklist/published/xlsx").content))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert "=1+1公司" in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} == {"s"}
    assert there.entries("page:blacklist") == ["access.published", "access.published"]
    assert browser.get("/blacklist/published/pdf").status_code == 404


def test_the_page_in_the_frame_runs_and_loads_nothing(shared: Desk) -> None:
    page = shared.log_in(S).get("/blacklist/published")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("sandbox;") and "frame-ancestors 'self'" in policy
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    assert BOAT in page.text
