"""The console's page of the ministry's list: what is sent, what is shown of it before it is taken, and who may."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from domain.accounts import Role
from ingest.evidence import verify
from storage import registers
from storage.registers import Version
from tests.console_cases import post
from tests.console_desk import Desk, desk, token_on
from tests.parts import scan, workbook
from web.security import LARGEST_BODY, LARGEST_FILE

S, A, M = Role.STAFF, Role.AUDITOR, Role.ADMIN
LISTS = Path(__file__).parent / "resources" / "register"
DAY = "2020-02-20"
SMALL = "主办单位,备案编号,应用名称\n甲公司,教APP备3400001号,甲学\n乙公司,教APP备3400002号,乙学\n"
LATER = "主办单位,备案编号,应用名称\n甲公司,教ＡＰＰ备3400001号,甲学\n丙公司,教APP备3400002号,乙学\n丁公司,教APP备3400003号,丁学\n"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """For tests that take nothing."""
    with desk(tmp_path_factory.mktemp("register")) as made:
        yield made


def send(browser: TestClient, data: bytes, name: str = "名单.csv", dated: str = DAY) -> Response:
    """→ the page that a browser shows next."""
    form = {"csrf": token_on(browser.get("/account")), "dated": dated}
    answer = browser.post("/register/upload", data=form, files={"list": (name, data)})
    return browser.get(answer.headers["location"]) if answer.status_code == 303 else answer


def key_on(page: Response) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page.text)
    assert found, page.status_code
    return found[1]


def words(page: Response) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page.text.partition("<main")[2]))


def versions(there: Desk) -> tuple[Version, ...]:
    with there.here.app.database.read() as tx:
        return registers.versions(tx)


def bring(browser: TestClient, text: str, dated: str = DAY) -> Response:
    """Sends a list and says yes."""
    return post(browser, "/register/take", key=key_on(send(browser, text.encode(), dated=dated)))


def test_what_was_understood_is_shown_and_nothing_is_taken_before_somebody_says_yes(there: Desk) -> None:
    browser = there.log_in(S)
    page = send(browser, (LISTS / "list.xlsx").read_bytes(), "list.xlsx")
    told = words(page)
    assert page.status_code == 200
    assert "还没有收下" in told and "教APP备3400001号" in told and "读出7条" in told.replace("\n", "").replace(" ", "")
    assert "第13行没有备案号" in told.replace("\n", "").replace(" ", "")
    assert re.search(r"[A-Z]列</th><td>[^<]+</td><td>备案号</td>", page.text)
    assert versions(there) == ()
    assert there.entries("register:1") == []

    answer = post(browser, "/register/take", key=key_on(page))
    assert (answer.status_code, answer.headers["location"]) == (303, "/register?done=1")
    [version] = versions(there)
    assert (version.count, version.dated.isoformat(), version.imported_by) == (7, DAY, "staff:zhang")
    assert there.entries("register:1") == ["register.imported"]
    assert there.here.app.blobs.get(version.sha256) == (LISTS / "list.xlsx").read_bytes()
    shown = words(browser.get("/register?done=1"))
    assert "第1版（2020-02-20）已收下，共7条" in shown and "现行" in shown
    assert verify(there.here.app).ok


def test_it_counts_for_what_stands_at_once(there: Desk) -> None:
    sheet = workbook()
    there.here.mail("m1", sheet, scan(sheet))
    there.here.run()
    bring(there.log_in(S), SMALL)
    assert "policy_recheck" in there.here.tasks()


def test_a_yes_counts_once_for_its_sender_and_for_half_an_hour(there: Desk) -> None:
    browser, other = there.log_in(S), there.log_in(M)
    key = key_on(send(browser, SMALL.encode()))
    assert "没有等待确认的名单" in words(other.get("/register/sent", params={"key": key}))
    assert key_on(browser.get("/register/sent", params={"key": key})) == key
    assert post(other, "/register/take", key=key).status_code == 409
    assert post(browser, "/register/take", key=key).status_code == 303
    again = post(browser, "/register/take", key=key)
    assert again.status_code == 409 and "它已经收下" in words(again)
    assert "它已经收下" in words(browser.get("/register/sent", params={"key": key}))
    replaced = key_on(send(browser, LATER.encode()))
    late = key_on(send(browser, SMALL.encode(), dated="2020-02-21"))
    assert post(browser, "/register/take", key=replaced).status_code == 409
    for _ in range(3):
        there.here.now += timedelta(minutes=10)
        browser.get("/account")
    assert post(browser, "/register/take", key=late).status_code == 409
    assert post(browser, "/register/take").status_code == 409
    assert len(versions(there)) == 1


def test_the_same_file_of_the_same_day_is_not_taken_again(there: Desk) -> None:
    browser = there.log_in(S)
    bring(browser, SMALL)
    page = send(browser, SMALL.encode())
    assert "以前已经收下" in words(page)
    assert 'name="key"' not in page.text


@pytest.mark.parametrize(
    ("name", "data", "dated", "said"),
    [
        ("a.csv", b"", DAY, "请选择名单文件"),
        ("a.csv", SMALL.encode(), "", "请填写名单的日期"),
        ("a.csv", SMALL.encode(), "20.2.2020", "请填写名单的日期"),
        ("a.csv", SMALL.encode(), "2999-01-01", "不能晚于今天"),
        ("other.csv", (LISTS / "other.csv").read_bytes(), DAY, "缺少列：备案号"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, DAY, "不是可以读的电子表"),
        ("<b>a.csv", "备案号,APP名称,主办者\n1,甲,乙\n".encode(), DAY, "“1”不是教APP备1100001号这样的备案号"),
        ("a.csv", "备案号,APP名称,主办者\n".encode(), DAY, "下面没有内容"),
        ("a.txt", "一段话\n".encode(), DAY, "没有收下"),
    ],
    ids=["none", "no-day", "no-such-day", "ahead", "lacks-a-column", "picture", "no-numbers", "no-rows", "text"],
)
def test_what_cannot_be_taken_is_refused_with_what_to_do(
    shared: Desk, name: str, data: bytes, dated: str, said: str
) -> None:
    answer = send(shared.log_in(S), data, name, dated)
    assert answer.status_code == 422
    assert said in words(answer)
    assert "<b>a.csv" not in answer.text
    assert versions(shared) == ()


def test_a_locked_workbook_is_told_as_that(shared: Desk) -> None:
    locked = (LISTS.parent / "workbook" / "locked.xls").read_bytes()
    assert "文件有密码" in words(send(shared.log_in(S), locked, "locked.xls"))


@pytest.mark.parametrize("size", [LARGEST_FILE + 1, LARGEST_FILE + 2 * LARGEST_BODY], ids=["file", "body"])
def test_a_file_that_is_too_large_is_not_read(shared: Desk, size: int) -> None:
    answer = send(shared.log_in(S), b"x" * size)
    assert answer.status_code in (413, 422)
    assert "10 MB" in words(answer)


def sending(console: Any, cookie: str) -> tuple[int, int]:
    """A file is sent in pieces without end. → status of the answer, and how many pieces were read before it."""
    statuses: list[int] = []
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        begin = b'--b\r\nContent-Disposition: form-data; name="list"; filename="a"\r\n\r\n' if read == 1 else b""
        return {"type": "http.request", "body": begin + b"x" * 65_536, "more_body": True}

    async def answer(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    headers = [(b"content-type", b"multipart/form-data; boundary=b"), (b"cookie", cookie.encode())]
    scope = {
        "type": "http", "method": "POST", "path": "/register/upload", "raw_path": b"/register/upload", "query_string": b"",
        "headers": headers, "client": ("192.0.2.1", 50000), "server": ("127.0.0.1", 8000), "scheme": "http",
        "http_version": "1.1", "root_path": "",
    }  # fmt: skip
    asyncio.run(console(scope, receive, answer))
    return statuses[0], read


def test_a_file_is_read_only_of_who_may_send_one_and_not_without_end(shared: Desk) -> None:
    def cookie(role: Role) -> str:
        return f"baosong-session={shared.log_in(role).cookies['baosong-session']}"

    assert sending(shared.console, "") == (303, 0)
    assert sending(shared.console, cookie(A)) == (403, 0)
    status, read = sending(shared.console, cookie(S))
    assert status == 413
    assert LARGEST_FILE < read * 65_536 < 6 * LARGEST_FILE


def test_a_file_that_no_page_of_ours_sent_is_refused(shared: Desk) -> None:
    for form in ({}, {"csrf": "0" * 64}, {"csrf": "龘"}):
        answer = shared.log_in(S).post("/register/upload", data=form, files={"list": ("a.csv", SMALL.encode())})
        assert answer.status_code == 403


def test_an_auditor_looks_and_takes_nothing(there: Desk) -> None:
    bring(there.log_in(S), SMALL)
    page = there.log_in(A).get("/register", params={"q": "甲学"})
    assert "教APP备3400001号" in words(page)
    assert "/register/upload" not in page.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("教ＡＰＰ备 3400002", "备案号一致"),
        ("甲公", "主办者含“甲公”"),
        ("绝无此事", "没有找到"),
        ("'\"><script>alert(1)</script>", "没有找到"),
    ],
    ids=["number", "operator", "nothing", "markup"],
)
def test_an_entry_is_looked_up_by_number_or_name(there: Desk, asked: str, said: str) -> None:
    browser = there.log_in(S)
    bring(browser, SMALL)
    page = browser.get("/register", params={"q": asked})
    assert said in words(page)
    assert "<script>alert" not in page.text


def test_what_differs_between_versions_is_listed(there: Desk) -> None:
    browser = there.log_in(S)
    assert "还没有导入名单" in words(browser.get("/register/changes"))
    bring(browser, SMALL)
    assert "只有一版名单" in words(browser.get("/register/changes"))
    page = send(browser, LATER.encode(), dated="2020-02-21")
    assert "新增1条，改动1条，减少0条" in words(page)
    post(browser, "/register/take", key=key_on(page))
    found = browser.get("/register/changes").text
    assert "<del>乙公司</del> <ins>丙公司</ins>" in found
    assert "丁学" in found and "甲学" not in found
    back = words(browser.get("/register/changes", params={"old": "2", "new": "1"}))
    assert "减少 1条" in back
    same = words(browser.get("/register/changes", params={"old": "1", "new": "1"}))
    assert "两版内容相同" in same
    for wrong in ({"old": "1"}, {"old": "1", "new": "9"}, {"old": "-1", "new": "1"}):
        assert browser.get("/register/changes", params=wrong).status_code == 404


def test_an_older_list_does_not_take_the_place_of_the_one_in_force(there: Desk) -> None:
    browser = there.log_in(S)
    bring(browser, LATER)
    page = send(browser, SMALL.encode(), dated="2020-01-20")
    assert "比这份新" in words(page)
    done = post(browser, "/register/take", key=key_on(page)).headers["location"]
    assert "第1版（2020-02-20）仍然是现行版" in words(browser.get(done))
