"""`register`, `blacklist` and `rejudge` as an operator types them."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from notifier.blacklist_page import PublishedList, PublishedRow, blacklist_html, blacklist_xlsx
from tests.office import office
from tests.parts import scan, workbook
from tests.shell import Shell

LISTS = Path(__file__).parent / "resources" / "register"


def test_a_list_is_imported_searched_and_listed(toml: Path, baosong: Shell) -> None:
    config = ("--config", toml)
    assert baosong("register", "search", "清溪", *config).status == 1
    ran = baosong("register", "import", LISTS / "list.xlsx", "--date", "2020-02-20", *config)
    assert (ran.status, ran.out) == (0, "version 1 of 2020-02-20: 7 filed apps\n")
    assert "left out: sheet Sheet, row 13: no filing number" in ran.err
    again = baosong("register", "import", LISTS / "list.xlsx", "--date", "2020-02-20", *config)
    assert "is version 1 of 2020-02-20 already" in again.out
    older = baosong("register", "import", LISTS / "list.csv", "--date", "2020-01-20", *config)
    assert "version 1 of 2020-02-20 is newer and stays in force" in older.err
    found = baosong("register", "search", "清溪作业", "--json", *config).document
    assert (found["version"], found["date"]) == (1, "2020-02-20")
    assert found["hits"] == [
        {
            "number": "教APP备3400002号",
            "app": "清溪作业",
            "operator": "合肥清溪教育科技股份有限公司",
            "why": "APP名称含“清溪作业”",
        }
    ]
    versions = baosong("register", "list", "--json", *config).document["versions"]
    assert [(each["version"], each["entries"], each["in_force"]) for each in versions] == [(1, 7, True), (2, 7, False)]
    lines = baosong("register", "list", *config).out.splitlines()
    assert "in force" in lines[0] and all(len(line) <= 80 for line in lines)
    assert baosong("audit", "verify", *config).status == 0


@pytest.mark.parametrize(
    ("file", "status", "why"),
    [
        (LISTS / "other.csv", 1, "a column is missing: 备案号"),
        (LISTS / "README.md", 1, "nothing was imported"),
        (LISTS / "none.xlsx", 2, "none.xlsx"),
    ],
)
def test_what_is_no_list_is_not_imported(toml: Path, baosong: Shell, file: Path, status: int, why: str) -> None:
    ran = baosong("register", "import", file, "--config", toml)
    assert (ran.status, ran.out) == (status, "")
    assert why in ran.err
    assert baosong("register", "list", "--json", "--config", toml).document == {"versions": []}


@pytest.mark.parametrize("day", ["2020-2-20", "gestern", "2999-01-01"])
def test_a_day_that_is_none_or_yet_to_come_is_wrong_usage(toml: Path, baosong: Shell, day: str) -> None:
    assert baosong("register", "import", LISTS / "list.csv", "--date", day, "--config", toml).status == 2


def test_the_blacklist_is_kept_and_published(toml: Path, baosong: Shell, tmp_path: Path) -> None:
    config = ("--config", toml)
    added = baosong(
        "blacklist",
        "add",
        "杭州小舟智能科技有限公司",
        "--since",
        "2020-03-01",
        "--reason",
        "查证属实",
        "--app",
        "小舟口算",
        *config,
    )
    assert (
        added.out
        == "杭州小舟智能科技有限公司 is on the list since 2020-03-01 (entry 1); it may apply from 2022-03-01 on\n"
    )
    assert baosong("blacklist", "add", "小舟智能科技", "--reason", "又一次", *config).status == 1
    baosong("blacklist", "add", "上海听潮文化传播有限公司", "--reason", "查证属实", *config)
    states = {
        each["operator"]: each["state"]
        for each in baosong("blacklist", "list", "--json", *config).document["blacklist"]
    }
    assert states == {"杭州小舟智能科技有限公司": "可申请解除", "上海听潮文化传播有限公司": "在册"}
    early = baosong("blacklist", "lift", "上海听潮", "--reason", "整改合格", *config)
    assert early.status == 1 and "is not on the list" in early.err
    early = baosong("blacklist", "lift", "上海听潮文化传播有限公司", "--reason", "整改合格", *config)
    assert early.status == 1 and "--mistake" in early.err
    assert baosong("blacklist", "lift", "小舟智能科技", "--reason", "整改合格", *config).status == 0
    for name in ("页.html", "页.xlsx"):
        assert baosong("blacklist", "list", "--publish", tmp_path / name, *config).status == 0
    page = (tmp_path / "页.html").read_text(encoding="utf-8")
    assert "上海听潮文化传播有限公司" in page and "小舟" not in page
    assert baosong("blacklist", "list", "--publish", tmp_path / "页.pdf", *config).status == 2
    everything = baosong("blacklist", "list", "--all", *config).out
    assert "已解除" in everything and "整改合格" in everything
    assert baosong("blacklist", "add", " ", "--reason", "x", *config).status == 2
    assert baosong("audit", "verify", *config).status == 0


PAGE = PublishedList(
    title="某市学习类APP黑名单",
    publisher="某市教育局",
    basis="依据某办法第七条公布。",
    day="2020年3月2日",
    rows=(
        PublishedRow(operator="=1+1公司", apps=("<b>甲</b>", "乙"), since="2020年3月1日", reason="查证属实"),
        PublishedRow(operator="二公司", apps=(), since="2020年3月2日", reason="查证属实"),
    ),
)


def test_the_page_shows_what_is_listed_and_runs_nothing() -> None:
    page = blacklist_html(PAGE)
    assert "<b>甲" not in page and "&lt;b&gt;甲&lt;/b&gt;、乙" in page
    assert "该主办者的全部APP" in page
    assert "截至2020年3月2日，共2个主办者" in page
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    empty = PublishedList(title="甲", publisher="", basis="", day="2020年3月2日", rows=())
    assert "目前没有列入黑名单的主办者。" in blacklist_html(empty)


def test_the_workbook_says_the_same_as_text() -> None:
    data = blacklist_xlsx(PAGE)
    assert data == blacklist_xlsx(PAGE)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    assert rows == [
        ["某市学习类APP黑名单"],
        ["序号", "APP主办者", "APP名称", "列入日期", "列入原因"],
        ["1", "=1+1公司", "<b>甲</b>、乙", "2020年3月1日", "查证属实"],
        ["2", "二公司", "该主办者的全部APP", "2020年3月2日", "查证属实"],
        ["依据某办法第七条公布。"],
        ["某市教育局  2020年3月2日"],
    ]
    assert sheet["B3"].data_type == "s"


def test_rejudge_tells_and_changes_nothing(toml: Path, baosong: Shell) -> None:
    sheet = workbook()
    with office(toml.parent) as here:
        here.mail("m1", sheet, scan(sheet))
        here.run()
        [receipt] = here.cases()
    config = ("--config", toml)
    quiet = baosong("rejudge", "--dry-run", "--fast", *config)
    assert (quiet.status, quiet.out) == (0, "")
    assert "examined: 1; would differ: 0" in quiet.err
    baosong("blacklist", "add", "科大讯飞股份有限公司", "--reason", "查证属实", *config)
    ran = baosong("rejudge", "--fast", *config)
    assert ran.out.splitlines()[:2] == [
        f"{receipt}  stands accepted; the machine: still accepted",
        "  + warning policy.blacklisted D5",
    ]
    assert "`baosong decide RECEIPT accept|reject --reason TEXT`" in ran.err
    document = baosong("rejudge", "--dry-run", "--fast", "--receipt", receipt.lower(), "--json", *config).document
    assert (document["examined"], document["register"], document["fast"], document["failed"]) == (1, None, True, [])
    [one] = document["different"]
    assert (one["receipt"], one["machine_then"], one["machine_now"]) == (receipt, "accepted", "accepted")
    assert [each["code"] for each in one["gained"]] == ["policy.blacklisted"]
    assert baosong("rejudge", "--receipt", "PY51-NIX", *config).status == 1
    history = baosong("show", receipt, "--json", *config).document["history"]
    assert len(history) == 1
