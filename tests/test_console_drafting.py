"""A collection is started, changed and ended in the console, by forms alone, as a browser without JavaScript sends them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from fastapi.testclient import TestClient
from httpx import Response

from domain.accounts import Role
from ingest.reading import Reader
from ingest.rehearsal import filled
from storage import notices
from storage.verify import verify
from tests.blank_forms import Tab, workbook
from tests.console_desk import Desk, desk
from tests.office import subjects

S = Role.STAFF
FORM = workbook(
    Tab(
        rows=[
            ["XX县食堂情况统计表"], ["填报单位：", None, "填报时间："],
            ["序号", "学校名称", "就餐人数", "经营方式", "是否持证", "许可证编号", "联系电话"],
            [1], [2], ["注：如实填写。"],
        ],
        choices={"D4:D9": '"自营,承包"'}, merges=["A1:G1", "A6:G6"],
    )
)  # fmt: skip
ANSWERS = {
    "q.number": "×教〔2020〕9号", "q.deadline": "3月31日", "q.reporters": "甲县 jyj@example.cn\n乙区", "q.cover": "否", "q.id": "canteens",
    "q.short": "ST", "q.area_code": "0371", "q.unique": "学校名称", "q.conditions": "如果“是否持证”是“是”，则“许可证编号”必填",
    "c2.detail": "整数，1到500", "c5.type": "pattern", "c5.detail": "JY-1234",
}  # fmt: skip


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


def words(page: Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2])).split())


def send(browser: TestClient, page: Response, action: str, changes: dict[str, str], **files: Any) -> Response:
    """The form of the page that leads to `action`, with some fields filled in otherwise."""
    form = next(each for each in lxml.html.fromstring(page.text).forms if each.action == action)
    values = {**dict(form.form_values()), **changes}
    given = files or {"nothing": ("", b"")}
    return browser.post(action, data=values, files=given)


def begun(browser: TestClient) -> Response:
    start = browser.get("/notices/new")
    return send(browser, start, "/notices/new/form", {}, form=("空白表.xlsx", FORM))


def published(browser: TestClient, changes: dict[str, str] | None = None) -> Response:
    preview = send(browser, begun(browser), "/notices/draft", ANSWERS | (changes or {}))
    assert preview.status_code == 200, words(preview)[:600]
    return send(browser, preview, "/notices/publish", {"reason": "按文件收集"})


def test_from_a_blank_form_to_a_mail_that_is_acknowledged(there: Desk) -> None:
    browser, app = there.log_in(S), there.here.app
    page = begun(browser)
    assert page.status_code == 200 and 'value="学校名称"' in page.text and "自营、承包" in page.text
    preview = send(browser, page, "/notices/draft", ANSWERS)
    told = words(preview)
    assert (
        "还没有发布" in told and "已受理，共3行" in told and "不在可选的内容里" in told and "整数，在1到500之间" in told
    )
    assert "canteens" not in [each.id for each in app.notices]
    done = send(browser, preview, "/notices/publish", {"reason": "按文件收集"})
    assert (done.status_code, done.headers["location"]) == (303, "/notices/canteens")
    notice = app.notice("canteens")
    assert [each.name for each in notice.reporters] == ["甲县", "乙区"] and not notice.cover_required
    shown = words(browser.get("/notices/canteens"))
    assert "第1版" in shown and "按文件收集" in shown and "空白表" in shown
    assert there.entries("notice:canteens:1") == ["notice.published"]
    row = {"school": "甲县一小", "c3": "120", "c4": "自营", "c5": "否", "c6": "", "phone": "13812345678"}
    data = filled(notice, notice.reporters[0], [row], there.here.now)
    app._reader = Reader(app.sandbox, app.notices, app.own, app.limits)
    there.here.box.deliver(mail(data), there.here.now)
    there.here.run()
    assert [state for receipt, state in there.here.cases().items() if receipt.startswith("ST-JX-")] == ["accepted"]
    assert "【受理】" in subjects(there.here)[-1]
    with app.database.read() as tx:
        assert verify(tx, app.blobs).ok


def mail(data: bytes) -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"], made["Message-ID"] = "jyj@example.cn", "甲县食堂情况", "<1@example.cn>"
    made.set_content("请查收。")
    made.add_attachment(data, maintype="application", subtype="octet-stream", filename="甲县.xlsx")
    return bytes(made)


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(there: Desk) -> None:
    browser = there.log_in(S)
    wrong = ANSWERS | {
        "q.deadline": "下周五",
        "c2.detail": "很多",
        "n0.name": "学校名称",
        "q.conditions": "都要填好",
        "q.number": "",
    }
    page = send(browser, begun(browser), "/notices/draft", wrong)
    told = words(page)
    assert page.status_code == 422 and "有5处要改" in told
    for each in ("“下周五”不是日期", "看不懂“很多”", "已经有“学校名称”这一列了", "看不懂“都要填好”", "文号不能空着"):
        assert each in told
    assert 'value="下周五"' in page.text and 'value="很多"' in page.text and "都要填好</textarea>" in page.text
    assert "乙区" in page.text and 'value="JY-1234"' in page.text
    right = {key: ANSWERS[key] for key in ("q.deadline", "c2.detail", "q.conditions", "q.number")} | {"n0.name": ""}
    assert send(browser, page, "/notices/draft", right).status_code == 200


def test_a_list_of_reporters_may_be_a_file(there: Desk) -> None:
    browser = there.log_in(S)
    rows = "名称,类别,邮箱\n甲县,县区,a@example.cn\n市一中,学校,\n"
    preview = send(
        browser, begun(browser), "/notices/draft", ANSWERS, reporters_file=("名单.csv", rows.encode("gb18030"))
    )
    assert preview.status_code == 200, words(preview)[:500]
    assert "name: 市一中" in html.unescape(preview.text) and "乙区" not in words(preview)


def test_without_a_file_the_names_of_the_columns_do(there: Desk) -> None:
    browser = there.log_in(S)
    start = browser.get("/notices/new")
    page = send(browser, start, "/notices/new/form", {"title": "XX县会议回执表", "names": "姓名\n职务\n联系电话"})
    assert 'value="职务"' in page.text and 'value="phone" selected' in page.text
    for files in ({"form": ("坏.xlsx", b"PK\x03\x04" + bytes(80))}, {}):
        refused = send(browser, start, "/notices/new/form", {}, **files)
        assert refused.status_code == 422 and 'role="alert"' in refused.text


def test_a_running_one_is_changed_and_what_stands_stays(there: Desk) -> None:
    browser, app = there.log_in(S), there.here.app
    assert published(browser).status_code == 303
    notice = app.notice("canteens")
    rows = [{"school": "甲县一小", "c3": "400", "c4": "自营", "c5": "否", "c6": "", "phone": "13812345678"}]
    app._reader = Reader(app.sandbox, app.notices, app.own, app.limits)
    there.here.box.deliver(mail(filled(notice, notice.reporters[0], rows, there.here.now)), there.here.now)
    there.here.run()
    page = browser.get("/notices/canteens/edit")
    assert "改的是第1版" in words(page) and 'name="q.id"' not in page.text
    preview = send(
        browser,
        page,
        "/notices/draft",
        {"q.deadline": "2020-04-15", "c1.detail": "整数，1到300", "q.reporters": "丙县"},
    )
    told = words(preview)
    assert "1份的结果会不同" in told and "row.number_range" in told and "已经报过的：甲县" in told
    done = send(browser, preview, "/notices/publish", {"reason": "推迟截止"})
    assert done.status_code == 303
    assert (app.notice("canteens").deadline.day, app.notice("canteens").reporters[0].name) == (15, "丙县")
    assert list(there.here.cases().values()) == ["accepted"]
    stale = send(browser, preview, "/notices/publish", {"reason": "又一次"})
    assert stale.status_code == 409
    with app.database.read() as tx:
        assert [(each.version, each.reason) for each in notices.editions(tx, "canteens")] == [
            (2, "推迟截止"),
            (1, "按文件收集"),
        ]


def test_the_text_is_changed_with_its_faults_by_line(there: Desk) -> None:
    browser, app = there.log_in(S), there.here.app
    published(browser)
    page = browser.get("/notices/canteens/text")
    text = str(dict(lxml.html.fromstring(page.text).forms[-1].form_values())["text"])
    faulty = send(
        browser, page, "/notices/text", {"text": text.replace("cover_required: false", "cover_required: vielleicht")}
    )
    assert faulty.status_code == 422 and re.search(r"第\d+行 cover_required：应为 true 或 false", words(faulty))
    preview = send(browser, page, "/notices/text", {"text": text.replace("title: 关于报送", "title: 关于重新报送")})
    assert send(browser, preview, "/notices/publish", {"reason": "改标题"}).status_code == 303
    assert app.notice("canteens").title.startswith("关于重新报送")


def test_it_is_ended_and_begun_again(there: Desk) -> None:
    browser, app = there.log_in(S), there.here.app
    published(browser)
    page = browser.get("/notices/canteens")
    form = next(each for each in lxml.html.fromstring(page.text).forms if each.action == "/notices/canteens/close")
    assert browser.post(form.action, data=dict(form.form_values()) | {"reason": ""}).status_code == 422
    assert browser.post(form.action, data=dict(form.form_values()) | {"reason": "收齐了"}).status_code == 303
    assert app.notice("canteens").closed and "已结束" in words(browser.get("/notices"))
    assert "这次收集已经结束" in words(browser.get("/notices/canteens"))
    preview = send(browser, browser.get("/notices/canteens/edit"), "/notices/draft", {})
    assert send(browser, preview, "/notices/publish", {"reason": "补报"}).status_code == 303
    assert not app.notice("canteens").closed


def test_who_may_not_and_what_no_page_sends_is_refused(there: Desk) -> None:
    browser = there.log_in(S)
    page = begun(browser)
    assert send(browser, page, "/notices/draft", {"csrf": "0" * 64}).status_code == 403
    for draft in ("", "{}", "[1]", '{"title": 7}', '{"columns": [{"key": "a"}]}', '{"colour": "red"}'):
        assert send(browser, page, "/notices/draft", {"draft": draft}).status_code in (400, 422)
    assert browser.get("/notices/puyang-2020-51/edit").status_code == 404
    auditor = there.log_in(Role.AUDITOR)
    assert "新建收集" in words(browser.get("/notices")) and "新建收集" not in words(auditor.get("/notices"))
    taken = send(browser, page, "/notices/draft", ANSWERS | {"q.id": "puyang-2020-51"})
    assert taken.status_code == 422 and "已经有叫“puyang-2020-51”的通知" in words(taken)
