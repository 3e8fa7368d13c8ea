"""The auditor's search over what the pipeline decided: what is found where, what is kept from it, and what is entered of it."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest

from domain.documents import LONGEST
from domain.mail import Intent, MailKind
from domain.many_rows import MANY
from ingest import jobs, processing, verdicts
from ingest.evidence import verify
from ingest.indexing import index_waiting, rebuild
from ingest.passes import PassReport
from notifier.hits_table import hits_csv, hits_xlsx, safe
from storage import search, search_waiting, search_writing, state
from storage.search import Query, find
from tests.builders import RECEIVED, seal
from tests.office import Office, office
from tests.parts import CLERK, of_unit, scan, workbook
from tests.shell import Shell
from tests.stores import by_hand, dump

FIRST, SECOND, FAN = "PY51-PYX-20200227-01", "PY51-PYX-20200227-02", "PY51-FX-20200301-01"
HOUR = timedelta(hours=1)
NEW = workbook({"contact": "王小红", "phone": "13800001111"}, label="new")


def fill(here: Office) -> None:
    """A superseded submission and the one after it, a late one that staff accepted, and mails that became none."""
    sheet = workbook()
    here.mail("m1", sheet, scan(sheet), subject="濮阳县报送", text="请查收，谢谢。\n局办 赵六")
    here.mail("m2", NEW, scan(NEW, label="s2"), at=RECEIVED + HOUR, text="有人举报了", intent=Intent.COMPLAINT)
    other = of_unit("范县", label="fan")
    unread = scan(other, label="fan scan", seal="")
    pages = tuple(replace(page, seals=(seal("", legible=False, confidence=0.1),)) for page in unread.pages)
    here.mail("m3", other, replace(unread, pages=pages), at=RECEIVED + timedelta(days=3), sender="fx@example.cn",
              sender_name="范县教研室")  # fmt: skip
    here.mail("q1", sender="asks@example.cn", intent=Intent.QUESTION, text="备案号怎么填？" + "长" * LONGEST + "末尾")
    here.mail("c1", sender="tells@example.cn", intent=Intent.COMPLAINT, subject="举报某校", text="强制下载智学网")
    here.mail("b1", kind=MailKind.BULK, subject="教育软件推广", sender="ads@example.com")
    here.mail("j1", folder="Junk", sender="spam@example.cn", subject="发票代开")
    here.run()
    verdicts.decide(here.app, FAN, accept=True, reason="已电话核实原件", by="staff:zhang")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("search")) as made:
        fill(made)
        yield made


@dataclass(frozen=True)
class Asked:
    query: str
    hits: set[str]
    filters: dict[str, object] | None = None


def hits(here: Office, query: str, **filters: object) -> set[str]:
    with here.app.database.read() as tx:
        found = find(tx, Query(text=query, **filters), limit=100)  # type: ignore[arg-type]
    return {f"{hit.receipt} {hit.state} {hit.where}{' 先前' if hit.earlier else ''}" for hit in found.hits}


def places(here: Office, query: str, **filters: object) -> set[str]:
    return {f"{each.split()[0]} {each.split(' ', 2)[2]}" for each in hits(here, query, **filters)}


ROW = "电子表 第5行"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("李晓明", {f"{FIRST} {ROW}", f"{FIRST} 扫描件第1页 文字", f"{FAN} {ROW}", f"{FAN} 扫描件第1页 文字"}),
        ("13800001111", {f"{SECOND} {ROW}", f"{SECOND} 扫描件第1页 文字"}),
        ("0000111", {f"{SECOND} {ROW}", f"{SECOND} 扫描件第1页 文字"}),
        ("王小", {f"{SECOND} {ROW}", f"{SECOND} 扫描件第1页 文字"}),
        ("红", {f"{SECOND} {ROW}", f"{SECOND} 扫描件第1页 文字"}),
        ("赵六", {f"{FIRST} 邮件正文"}),
        ("濮阳县报送", {f"{FIRST} 邮件主题"}),
        ("教研室", {f"{FAN} 发件人"}),
        ("fx@example.cn", {f"{FAN} 发件人", f"{FAN} 问题"}),  # mail.unknown_sender names it
        ("timing.late", {f"{FAN} 问题"}),
        ("电话核实", {f"{FAN} 办理意见"}),
        ("zhang 原件", {f"{FAN} 办理意见"}),
        ("怎么填", {"mail:4 邮件正文"}),
        ("末尾", set()),
        ("软件推广", {"mail:6 邮件主题"}),
        ("发票", {"mail:7 邮件主题"}),
        (FIRST, {f"{FIRST} 回执"}),
        (FIRST.lower(), {f"{FIRST} 回执"}),
        ("<m1@example.cn>", {f"{FIRST} 邮件主题"}),
        (NEW.sha256[:12], {f"{SECOND} 文件名"}),
    ],
)  # fmt: skip
def test_everything_received_is_found(here: Office, query: str, wanted: set[str]) -> None:
    assert places(here, query) == wanted


def test_a_seal_and_a_header_are_found(here: Office) -> None:
    found = places(here, "濮阳县教育局")
    assert {f"{FIRST} 电子表 填报单位", f"{FIRST} 扫描件第1页 印章", f"{SECOND} 扫描件第1页 印章"} <= found


@pytest.mark.parametrize(
    "query", ["举报某校", "强制下载", "tells@example.cn", "有人举报了", "<c1@example.cn>", "<m2@example.cn>"]
)
def test_a_tip_off_is_not_found(here: Office, query: str) -> None:
    """Nor are the words of a return's mail that speaks of one; the return itself is."""
    assert hits(here, query) == set()
    assert f"{SECOND} 回执" in places(here, SECOND)


def test_the_state_is_that_of_the_record(here: Office) -> None:
    assert hits(here, FIRST) == {f"{FIRST} superseded 回执"}
    assert hits(here, "赵六", state="superseded")
    assert hits(here, "赵六", state="accepted") == set()
    assert hits(here, "发票") == {"mail:7 junk 邮件主题"}


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({"reporter": "FX"}, {FAN}), ({"late": True}, {FAN}), ({"late": False, "state": "accepted"}, {SECOND}),
        ({"reviewed": True}, {FAN}), ({"until": RECEIVED + HOUR}, {FIRST, SECOND}), ({"since": RECEIVED + HOUR}, {SECOND, FAN}),
        ({"notice": "another"}, set()), ({"breach": True}, set()),
    ],
)  # fmt: skip
def test_filters(here: Office, filters: dict[str, object], wanted: set[str]) -> None:
    assert {each.split()[0] for each in places(here, "智学网", **filters)} == wanted


def test_parts_of_one_case_that_changed_are_all_found(tmp_path: Path) -> None:
    """A workbook alone, rejected by hand, completed later: what was said of it before is shown as earlier."""
    with office(tmp_path) as made:
        sheet = workbook()
        made.mail("m1", sheet)
        made.run()
        [receipt] = made.cases()
        assert hits(made, "cover.missing") == {f"{receipt} incomplete 问题"}
        made.mail("m2", scan(sheet), at=RECEIVED + HOUR)
        made.run(after=HOUR)
        assert hits(made, "cover.missing") == {f"{receipt} accepted 问题 先前"}
        assert hits(made, "<m1@example.cn>") | hits(made, "<m2@example.cn>") == {f"{receipt} accepted 邮件主题"}
        before = [hits(made, query) for query in ("濮", "智学网", "cover.missing", "m1")]
        rebuild(made.app)
        assert [hits(made, query) for query in ("濮", "智学网", "cover.missing", "m1")] == before
        assert verify(made.app).ok


def test_made_anew_it_answers_alike(tmp_path: Path) -> None:
    """The stand-in for the reader knows more than stands in its mails, so words of mails are left out of this."""
    queries = ("李晓明", "濮阳", FIRST, "timing.late", "电话核实", NEW.sha256[:12], "教育局", "13800001111")
    with office(tmp_path) as made:
        fill(made)

        def answers() -> list[list[tuple[str, str, int]]]:
            with made.app.database.read() as tx:
                found = [find(tx, Query(text=query), limit=100).hits for query in queries]
            return [[(hit.receipt, hit.where) for hit in each if "邮件" not in hit.where] for each in found]  # type: ignore[misc]

        before = answers()
        assert all(before)
        assert rebuild(made.app) == 3 + 7
        assert answers() == before
        assert places(made, "q1") == {"mail:4 邮件主题"}  # its mail was opened again


def test_a_return_of_many_rows_is_put_in_after_its_decision(tmp_path: Path) -> None:
    many = workbook(*({"school": f"濮阳县第{number}小学"} for number in range(1, MANY + 2)), label="many")
    with office(tmp_path) as made:
        made.mail("m1", many, text="局办 赵六")
        report = PassReport()
        jobs.poll(made.app, report)
        processing.process(made.app, report)
        last = f"第{MANY + 1}小学"
        assert (places(made, "赵六"), hits(made, last)) == ({f"{FIRST} 邮件正文"}, set())
        assert index_waiting(made.app, lambda: True) == 0  # the worker is to end; what waits waits on
        assert index_waiting(made.app) == 1
        assert index_waiting(made.app) == 0
        verdicts.decide(made.app, FIRST, accept=True, reason="已电话核实原件", by="staff:zhang")
        assert hits(made, "电话核实") == set()
        assert index_waiting(made.app) == 1
        queries = (last, "cover.missing", "电话核实")
        found = [hits(made, query) for query in queries]
        assert found[0] == {f"{FIRST} accepted 电子表 第{4 + MANY + 1}行"}
        assert found[2] == {f"{FIRST} accepted 办理意见"}
        with made.app.database.begin() as tx:
            search_waiting.note(tx, FIRST, 1)
        rebuild(made.app)
        assert index_waiting(made.app) == 0
        assert [hits(made, query) for query in queries] == found
        assert verify(made.app).ok


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


@pytest.fixture
def filled(toml: Path) -> Path:
    with office(toml.parent) as made:
        fill(made)
    return toml


def entries(folder: Path) -> list[tuple[str, str, dict[str, object]]]:
    with by_hand(folder) as base:
        query = "SELECT kind, subject, body FROM ledger_entries WHERE kind LIKE 'access.%' ORDER BY id"
        return [(kind, subject, json.loads(body)) for kind, subject, body in base.execute(query)]


def test_the_command(filled: Path, baosong: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = baosong("search", "智学网", "李晓明", "--config", filled)
    assert ran.status == 0
    assert all(columns(line) <= 80 for line in ran.out.splitlines())
    assert f"{FAN}  accepted  2020-03-01 15:40  范县" in ran.out
    assert ran.out.index(FAN) < ran.out.index(FIRST)
    assert ROW in ran.out
    assert "4 found" in ran.err
    assert "\x1b" not in ran.out
    document = baosong("search", "王小红", "--json", "--config", filled).document
    assert set(document) == {"total", "hits"}
    assert document["total"] == len(document["hits"]) == 2
    [row] = [hit for hit in document["hits"] if hit["where"] == ROW]
    assert "王小红" in row.pop("snippet")
    assert row == {
        "receipt": SECOND, "reporter": {"code": "PYX", "name": "濮阳县"}, "state": "accepted",
        "received_at": "2020-02-27T16:40:00+08:00", "where": ROW,
    }  # fmt: skip
    [mail] = baosong("search", "发票", "--json", "--config", filled).document["hits"]
    assert (mail["receipt"], mail["reporter"], mail["state"]) == ("mail:7", None, "junk")
    assert baosong("show", mail["receipt"], "--config", filled).status == 0
    few = baosong("search", "智学网", "--limit", "1", "--json", "--config", filled).document
    assert (few["total"], len(few["hits"])) == (6, 1)
    narrow = baosong(
        "search", "智学网", "--reporter", "范县", "--late", "--since", "2020-03-01", "--json", "--config", filled
    )
    assert {hit["receipt"] for hit in narrow.document["hits"]} == {FAN}
    assert baosong("search", "——", "--config", filled).status == 2
    assert baosong("search", "没有的词", "--json", "--config", filled).document == {"total": 0, "hits": []}


def test_every_search_is_entered_without_its_words(filled: Path, baosong: Shell) -> None:
    assert baosong("search", "王小红", "--late", "--config", filled).status == 0
    [(kind, subject, body)] = entries(filled.parent)
    assert (kind, subject) == ("access.search", "search")
    assert set(body) == {"by", "query", "salt", "filters", "hits", "exported"}
    assert (body["filters"], body["hits"], body["exported"]) == (["late"], 0, False)
    assert str(body["by"]).startswith("staff:")
    assert not any("access.search" in line and "王小红" in line for line in dump(filled.parent))
    assert baosong("audit", "verify", "--config", filled).status == 0


def test_a_search_before_anything_came_leaves_no_record_without_an_archive(
    tmp_path: Path, baosong: Shell, toml: Path
) -> None:
    assert baosong("search", "濮阳", "--config", toml).status == 0
    assert baosong("db", "reindex", "--config", toml).status == 0
    assert baosong("audit", "verify", "--config", toml).status == 0


def test_a_report_is_entered(filled: Path, baosong: Shell, tmp_path: Path) -> None:
    assert baosong("show", FIRST, "--config", filled).status == 0
    assert entries(filled.parent) == []
    assert baosong("show", FIRST, "--report", tmp_path / "r.html", "--config", filled).status == 0
    [(kind, subject, body)] = entries(filled.parent)
    assert (kind, subject, set(body)) == ("access.report", FIRST, {"by"})


def test_the_result_is_exported_for_its_owner_alone(filled: Path, baosong: Shell, tmp_path: Path) -> None:
    for ending in ("csv", "xlsx"):
        file = tmp_path / f"out.{ending}"
        assert baosong("search", "智学网", "--export", file, "--config", filled).status == 0
        assert file.stat().st_mode & 0o777 == 0o600
    text = (tmp_path / "out.csv").read_bytes().decode("utf-8-sig")
    table = list(csv.reader(StringIO(text)))
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    lines = [[str(cell.value or "") for cell in line] for line in book.worksheets[0].iter_rows(min_row=2)]
    assert table == lines
    assert table[0] == ["回执", "单位", "状态", "收到时间", "位置", "内容"]
    assert len(table) == 7
    assert [FAN, "范县", "受理", "2020-03-01 15:40", ROW] in [line[:5] for line in table]
    assert {body["exported"] for _, _, body in entries(filled.parent)} == {True}
    assert baosong("search", "智学网", "--export", tmp_path / "out.txt", "--config", filled).status == 2


@pytest.mark.parametrize("text", ["=1+1", "+86", "-3", "@SUM(A1)", "\t=1", " =1"])
def test_no_cell_becomes_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"
    [cells] = openpyxl.load_workbook(BytesIO(hits_xlsx([[text] * 6]))).worksheets[0].iter_rows(min_row=3)
    assert [cell.data_type for cell in cells] == ["s"] * 6
    assert f"'{text}" in hits_csv([[text] * 6]).decode("utf-8-sig")


def test_a_store_from_before_is_told_to_be_indexed(filled: Path, baosong: Shell) -> None:
    with office(filled.parent) as made, made.app.database.begin() as tx:
        search_writing.clear(tx)
        state.put(tx, search.DUE, True)
    ran = baosong("search", "智学网", "--config", filled)
    assert (ran.status, "baosong db reindex" in ran.err) == (1, True)
    assert "baosong db reindex" in baosong("db", "upgrade", "--config", filled).err
    assert "10 submissions and mails" in baosong("db", "reindex", "--config", filled).out
    assert baosong("search", "智学网", "--config", filled).status == 0
    assert CLERK not in baosong("search", "智学网", "--config", filled).err
