"""What the console's pages say: figures, words, charts and forms, by what stands in the records."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from domain.accounts import Role
from domain.mail import Intent
from domain.notice import Rule as NoticeRule
from domain.notice import SenderPolicy
from domain.problems import Severity
from domain.rules_in_words import columns, rules
from ingest import blank_forms
from ingest.health import note_beat
from storage import ledger, returns, tasks
from tests.builders import NOTICE
from tests.console_desk import Desk, desk
from tests.parts import STRANGER, of_unit, scan, workbook
from web.chart import chart
from web.figures import overview
from web.wording import about, task_words, time_left

HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Asia/Shanghai")
OPENS, DEADLINE = datetime(2020, 2, 25, tzinfo=ZONE), datetime(2020, 2, 28, 23, 59, 59, tzinfo=ZONE)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


def returns_of_three(there: Desk) -> None:
    """濮阳县 accepted twice, 范县 sent back, 清丰县 alone without its scan; a tip-off and a question."""
    here = there.here
    sheet = workbook()
    here.mail("m1", sheet, scan(sheet))
    here.run(after=HOUR)
    better = workbook({"app": "另一个"}, label="better")
    here.mail("m2", better, scan(better, label="scan of better"))
    other = replace(of_unit("范县", label="other"), rows=())
    here.mail("m3", other, scan(other, label="scan of other", seal="范县教育局"), sender="fx@example.cn")
    here.mail("m4", of_unit("清丰县", label="alone"), sender="qf@example.cn")
    here.mail("q", intent=Intent.QUESTION, sender=STRANGER)
    here.mail("c", intent=Intent.COMPLAINT, sender=STRANGER)
    here.run(after=HOUR)


def test_the_overview_counts_units_and_names_what_is_to_be_done(there: Desk) -> None:
    returns_of_three(there)
    [notice] = (found := overview(there.here.app, Role.STAFF)).notices
    assert {str(standing): count for standing, count in notice.tally.items()} == {
        "accepted": 1, "review": 0, "incomplete": 1, "rejected": 1, "missing": 6
    }  # fmt: skip
    assert [(part.start, part.width) for part in notice.bar] == [
        (0.0, 11.11),
        (11.11, 11.11),
        (22.22, 11.11),
        (33.33, 66.67),
    ]
    assert found.tasks is not None
    assert [group.words.title for group in found.tasks] == ["来信咨询"]
    assert found.confidential == 1
    page = there.log_in(Role.STAFF).get("/").text
    for words in (
        "濮教指〔2020〕51号",
        "还有1天6小时",
        "待补",
        "第2版",
        "保密事项",
        "市直学校未建名单，无法统计缺报",
        "存证",
    ):
        assert words in page


def test_an_auditor_sees_no_tasks_and_nobody_what_a_tip_off_says(there: Desk) -> None:
    returns_of_three(there)
    with there.here.app.database.read() as tx:
        [secret] = [task.text for task in tasks.open_(tx, confidential=True)]
    auditor, staff = (there.log_in(role).get("/").text for role in (Role.AUDITOR, Role.STAFF))
    assert "待办事项" in staff and "待办事项" not in auditor
    assert secret not in staff + auditor
    assert "保密" not in auditor


def test_what_a_stranger_wrote_is_text(there: Desk) -> None:
    with there.here.app.database.begin() as tx:
        tasks.add(tx, "question", "mail:1", "<script>alert(1)</script>", at=there.here.now)
    page = there.log_in(Role.STAFF).get("/").text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_the_overview_says_when_the_worker_does_not_run(there: Desk) -> None:
    browser = there.log_in(Role.STAFF)
    assert "接收程序没有运行" in browser.get("/live/overview").text
    there.here.run()
    note_beat(there.here.app, there.here.now)
    assert "接收程序没有运行" not in browser.get("/live/overview").text


def test_a_unit_counts_from_its_first_return_that_was_accepted_and_not_taken_back(there: Desk) -> None:
    returns_of_three(there)
    with there.here.app.database.read() as tx:
        [(code, at)] = returns.first_accepted(tx, NOTICE.id).items()
    assert (code, at) == ("PYX", datetime(2020, 2, 27, 15, 40, tzinfo=ZONE))


def test_notices_tell_their_rules_and_hand_out_forms(there: Desk) -> None:
    browser = there.log_in(Role.AUDITOR)
    assert NOTICE.title in browser.get("/notices").text
    page = browser.get(f"/notices/{NOTICE.id}").text
    for words in (
        "等48小时",
        "是否备案填“是”时必填",
        "任何邮箱报来的都直接办理",
        "保管10年",
        "直播课程中严禁打赏",
        "市直学校",
    ):
        assert words in page
    form = browser.get(f"/notices/{NOTICE.id}/forms/QFX")
    assert "filename*=UTF-8''QFX-%E6%B8%85%E4%B8%B0%E5%8E%BF.xlsx" in form.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(form.content)).active
    assert sheet is not None and "清丰县学习类APP统计备案表" in {
        cell.value for row in sheet.iter_rows() for cell in row
    }


@pytest.mark.parametrize(("role", "phone"), [(Role.STAFF, "13912345678"), (Role.AUDITOR, "139****5678")])
def test_the_merged_table_is_handed_out_masked_by_role_and_noted(there: Desk, role: Role, phone: str) -> None:
    returns_of_three(there)
    browser = there.log_in(role)
    path = f"/notices/{NOTICE.id}/merged"
    assert f'href="{path}"' in browser.get(f"/notices/{NOTICE.id}").text
    answer = browser.get(path)
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    book = openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True)
    told = {str(cell) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row if cell}
    assert phone in told
    assert ("13912345678" in told) is (role is Role.STAFF)
    with there.here.app.database.read() as tx:
        [entry] = [each for each in ledger.entries_of(tx, f"notice:{NOTICE.id}") if each.kind == "access.export"]
    assert json.loads(entry.body)["sha256"] == hashlib.sha256(answer.content).hexdigest()


def test_a_table_too_large_to_wait_for_is_not_made(there: Desk) -> None:
    returns_of_three(there)
    there.console.state.console = replace(there.console.state.console, most_rows=0)
    answer = there.log_in(Role.STAFF).get(f"/notices/{NOTICE.id}/merged")
    assert (answer.status_code, "请联系运维人员导出" in answer.text) == (413, True)


@pytest.mark.parametrize(
    "path", ["/notices/none", "/notices/none/merged", "/notices/none/forms/PYX", f"/notices/{NOTICE.id}/forms/NONE"]
)
def test_what_there_is_not_is_not_found(there: Desk, path: str) -> None:
    assert there.log_in(Role.STAFF).get(path).status_code == 404


def test_every_form_that_is_offered_is_there() -> None:
    assert [*blank_forms.offered(NOTICE)] == [*(reporter.code for reporter in NOTICE.reporters), "SZ"]
    assert all(blank_forms.of_code(NOTICE, code)[:2] == b"PK" for code in blank_forms.offered(NOTICE))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cover_required": False}, "电子表，用邮件发到"),
        ({"sender_policy": SenderPolicy.KNOWN}, "只直接办理已知邮箱报来的"),
        ({"sender_policy": SenderPolicy.VERIFIED}, "通过发件验证"),
        ({"retention_years": 30}, "保管30年"),
        ({"grace": timedelta(hours=72)}, "等72小时"),
        (
            {"rules": (NoticeRule(code="row.phone_unusual", severity=Severity.ERROR, since=date(2020, 3, 1)),)},
            "：退回，从2020年3月1日收到的起",
        ),
        ({"rules": (NoticeRule(code="row.phone_unusual", severity=None),)}, "：不检查。"),
    ],
)
def test_the_words_follow_the_notice(change: dict[str, object], says: str) -> None:
    told = rules(replace(NOTICE, **change), 10)  # type: ignore[arg-type]
    assert says in " ".join(rule.text for rule in told)


def test_every_column_of_the_form_is_told() -> None:
    told = {each.name: (each.required, each.content) for each in columns(NOTICE)}
    assert told["电话"] == ("必填", "11位手机号，或固定电话")
    assert told["备案号"] == ("是否备案填“是”时必填", "教育部备案号，如教APP备4100001号")
    assert told["主要功能"][0] == "可以不填"
    assert [*told] == [column.name for column in NOTICE.form.columns]


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (timedelta(days=2, hours=4, minutes=59), "还有2天4小时"),
        (timedelta(days=1), "还有1天"),
        (timedelta(hours=3, minutes=20), "还有3小时20分"),
        (timedelta(minutes=9), "还有9分钟"),
        (timedelta(0), "还有0分钟"),
        (timedelta(seconds=-1), "已截止"),
        (timedelta(days=-3), "已截止3天"),
    ],
)
def test_the_time_that_is_left_is_told_by_the_hour(left: timedelta, says: str) -> None:
    assert time_left(DEADLINE, DEADLINE - left) == says


def test_the_chart_climbs_a_step_a_unit_and_marks_what_came_late() -> None:
    times = [OPENS + timedelta(days=days) for days in (1, 2, 5)]
    made = chart(times, 9, OPENS, DEADLINE, OPENS + timedelta(days=6), ZONE)
    assert made is not None
    assert made.line.count("L") == 2 * len(times) + 1
    assert made.late.startswith(f"M{made.deadline} ")
    assert made.said == "到现在3个单位有已受理的报送，共9个；按时2个，迟报1个。"
    assert [tick.label for tick in made.days][:2] == ["2月25日", "2月26日"]
    assert [tick.label for tick in made.counts] == ["0", "2", "4", "6", "9"]


def test_the_chart_ends_now_and_needs_somebody_who_owes_a_return() -> None:
    now = OPENS + timedelta(days=1)
    made = chart([OPENS + timedelta(hours=5), now + HOUR], 9, OPENS, DEADLINE, now, ZONE)
    assert made is not None and made.now is not None
    assert made.line.endswith(f"L{made.now} {made.line.rpartition(' ')[2]}")
    assert "到现在1个" in made.said and made.late == ""
    assert chart([], 0, OPENS, DEADLINE, now, ZONE) is None
    assert chart([], 9, OPENS, DEADLINE, OPENS, ZONE) is None


def test_every_kind_of_task_that_is_opened_has_words_of_its_own() -> None:
    """Kinds that the code names in the call; those it makes up stand below."""
    import re

    root = Path(__file__).parents[1] / "ingest"
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(root.glob("*.py")))
    kinds = set(re.findall(r'tasks\.(?:add|put)\(\s*tx,\s*(?:kind=)?"(\w+)"', text)) | {
        "complaint", "withdraw", "question", "retention_due", "scanner_down", "login_stalled", "polling_stalled",
        "processing_stalled", "sending_stalled",
    }  # fmt: skip
    assert len(kinds) > 20
    assert {kind for kind in kinds if task_words(kind).title == "其他事项"} == {"complaint"}, "which is confidential"


def test_a_mail_is_named_by_its_number() -> None:
    assert (about("mail:12"), about("PY51-PYX-20200227-03")) == ("来信第12号", "PY51-PYX-20200227-03")
