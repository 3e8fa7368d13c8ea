"""`rounds:` of a notice file: which notices it makes, and how it is told what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from config.notices import NoticeError, check_notice, load_notice, load_notices
from domain.round import Comparison, Jump
from tests.rounds import FILE, ROUNDS, at, the

TEXT = FILE.read_text(encoding="utf-8")
LISTED = """rounds:
  items:
    - {key: 2026a, name: 2026年秋季学期, opens: 2026-09-01, deadline: 2026-09-30}
    - {key: 2027a, name: 2027年春季学期, aliases: [春季], opens: 2027-03-01, deadline: 2027-03-31}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "students.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def with_rounds(rounds: str) -> str:
    """The file with other rounds; nothing is compared."""
    return re.sub(r"(?ms)^rounds:.*?^(?=\w)", rounds, TEXT)


def test_each_round_is_a_notice_of_its_own() -> None:
    assert [notice.id.removeprefix("students-") for notice in ROUNDS] == [
        "2026-09", "2026-10", "2026-11", "2026-12", "2027-01", "2027-03", "2027-04", "2027-05", "2027-06", "2027-07", "2027-08",
    ]  # fmt: skip
    november = the("2026-11")
    assert (november.short, november.series) == ("XS2611", "students")
    assert (november.opens, november.deadline) == (at(11, 25, 0), at(12, 5).replace(hour=23, minute=59, second=59))
    assert november.title == "关于报送在校生统计表的通知（2026年11月）"
    assert november.title_of("甲县") == "甲县2026年11月在校生统计表"
    assert november.wording.guide.strip() == "请在2026年12月5日前报送2026年11月的在校生统计表。"
    assert november.round and november.round.comparison == Comparison(
        key=("code",), name="name", missing=True, jumps=(Jump(column="students", percent=20, at_least=10),)  # type: ignore[arg-type]
    )  # fmt: skip
    assert the("2027-01").deadline.month == 2  # moved for the holidays
    assert [each.code for each in the("2027-03").reporters] == ["AX", "CX", "DX"]
    assert len({notice.short for notice in ROUNDS}) == len(ROUNDS)
    assert {notice.form for notice in ROUNDS} == {november.form}


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [
        (
            "rounds: {every: quarter, first: 2026-Q4, last: 2027-q1, opens: {months_after: 0, day: 31}, due: {months_after: 1, day: 15}}",
            ["2026-q4 XS26Q4 2026年第四季度 12-31 01-15", "2027-q1 XS27Q1 2027年第一季度 03-31 04-15"],
        ),
        (
            "rounds: {every: term, first: 2026-autumn, last: 2027-spring, opens: {months_after: -4, day: 1}, due: "
                "{months_after: -3, day: 31}}",
            ["2026-autumn XS26A 2026年秋季学期 09-01 10-31", "2027-spring XS27S 2027年春季学期 03-01 04-30"],
        ),
        (
            "rounds: {every: year, first: 2026, last: 2027, opens: {months_after: 0, day: 1}, due: {months_after: 2, day: 30}}",
            ["2026 XS26 2026年 12-01 02-28", "2027 XS27 2027年 12-01 02-29"],
        ),
        (LISTED, ["2026a XS2026A 2026年秋季学期 09-01 09-30", "2027a XS2027A 2027年春季学期 03-01 03-31"]),
    ],
)  # fmt: skip
def test_other_rounds(tmp_path: Path, rounds: str, expected: list[str]) -> None:
    text = with_rounds(rounds + "\n").replace(r"\d{1,2}月(份)?", r"(第.季度|.季学期)?")
    found = load_notices(written(tmp_path, text))
    assert [
        f"{notice.id.removeprefix('students-')} {notice.short} {notice.round.name} {notice.opens:%m-%d} {notice.deadline:%m-%d}"
        for notice in found
        if notice.round
    ] == expected


def test_a_round_is_loaded_by_its_id() -> None:
    folder = FILE.parent
    assert load_notices("students", folder) == ROUNDS
    assert load_notices("students-2026-11", folder) == (the("2026-11"),)
    assert load_notice("students", folder) == ROUNDS[0]
    assert load_notice("students-2026-11", folder) == the("2026-11")
    assert [notice.id for notice in load_notices("puyang-2020-51")] == ["puyang-2020-51"]
    with pytest.raises(NoticeError, match="“students”里没有“2026-13”这一期"):
        load_notice("students-2026-13", folder)
    with pytest.raises(NoticeError, match="找不到通知“pupils-2026-11”"):
        load_notice("pupils-2026-11", folder)


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("last: 2027-08", "last: 2026-08", "last", "rounds.last：最后一期（2026-08）早于第一期（2026-09）"),
        ("last: 2027-08", "last: 2036-08", "last", "rounds.last：期数太多，最多60期"),
        ("first: 2026-09", "first: 2026-13", "first", "rounds.first：写法不对，应如 2026-09"),
        ("first: 2026-09", "first: 九月", "first", "rounds.first：写法不对，应如 2026-09"),
        ("  first: 2026-09\n", "", "rounds", "rounds.first：缺这一项"),
        ("every: month", "every: week", "every", "rounds.every：只能是"),
        ("short: XS", "short: XUESHENG", "short", "short：加上期次（XUESHENG2609）太长，回执号的开头最多8个字符"),
        ("months_after: 1, day: 5", "months_after: 0, day: 5", "due", "rounds.due：2026年9月：截止时间早于开始时间"),
        ("months_after: 1, day: 5", "months_after: 1, day: 32", "due", "rounds.due.day"),
        ("deadline: 2027-02-28", "deadline: 2027-01-20", "{key: 2027-01", "rounds.items[0].deadline：2027年1月：截止时间早于开始时间"),
        ("key: 2027-02", "key: 2028-02", "{key: 2028-02", "rounds.items[1].key：没有“2028-02”这一期，应如 2026-09"),
        ("key: 2027-02, skip: true", "key: 2027-01", "{key: 2027-01}", "rounds.items[1].key：“2027-01”写了两次"),
        ("without: [BX]", "without: [ZX]", "without", "rounds.items[2].reporters.without[0]：没有代码为“ZX”的单位"),
        ("code: DX", "code: AX", "code: AX, name: 丁", "rounds.items[2].reporters.also[0].code：代码“AX”已经用了"),
        ("name: 丁县", "name: 甲县", "name: 甲县, kind: county}]", "rounds.items[2].reporters.also[0].name：“甲县”也是甲县的写法"),
        ("key: [学校代码]", "key: [学校编号]", "key: [学校编号]", "rounds.compare.key[0]：没有“学校编号”这一列"),
        ("column: 在校生数", "column: 学生数", "jumps", "rounds.compare.jumps[0].column：没有“学生数”这一列"),
        ("percent: 20", "percent: 0", "jumps", "rounds.compare.jumps[0].percent"),
        ("grace_hours: 48", "grace_hours: 48\nopens: 2026-09-01", "opens: 2026", "opens：有 rounds 时不写这一项"),
        ("(?P<round>", "(?P<months>", "title_pattern", "form.title_pattern：标题里有 {round}，这里要有名为 round 的组"),
        ("(?P<round>(20\\d\\d年)?", "(?P<round>", "title_pattern", "form.title_pattern：认不出空白表上的标题“甲县2026年9月在校生统计表”"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_line_and_key(tmp_path: Path, old: str, new: str, key: str, says: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    faults = check_notice(written(tmp_path, text))
    assert len(faults) == 1, faults
    number, _, said = faults[0].partition("行 ")
    assert said.startswith(says)
    assert key in text.splitlines()[int(number.removeprefix("第")) - 1]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("key: 2027a", "key: 2026a", ["rounds.items[1].key：“2026a”写了两次"]),
        ("key: 2027a", "key: 2026-a", ["rounds.items[1].key：“2026-a”和“2026a”在回执号里写法相同（XS2026A），分不清"]),
        ("name: 2027年春季学期", "name: 2026年秋季学期", ["rounds.items[1].name：“2026年秋季学期”也是“2026a”的名称，分不清是哪一期"]),
        ("opens: 2027-03-01", "opens: 2026-03-01",
         ["rounds.items[1].opens：2027年春季学期的开始时间早于前一期（2026年秋季学期），各期要按时间先后写"]),
        ("name: 2027年春季学期, ", "", ["rounds.items[1].name：缺这一项"]),
        (", deadline: 2027-03-31", "", ["rounds.items[1].deadline：缺这一项"]),
        ("deadline: 2026-09-30", "deadline: 2026-08-30", ["rounds.items[0].deadline：2026年秋季学期：截止时间早于开始时间"]),
        ("  items:", "  first: 2026-09\n  items:", ["rounds.first：这一项和 every 一起用，缺 every"]),
        ("key: 2027a", "key: 2027A", ["rounds.items[1].key：写法不对，应符合 ^[a-z0-9][a-z0-9-]{0,15}$"]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_list_of_rounds(tmp_path: Path, old: str, new: str, says: list[str]) -> None:
    text = with_rounds(LISTED.replace(old, new, 1)).replace(r"\d{1,2}月(份)?", r"(第.季度|.季学期)?")
    assert [fault.partition("行 ")[2] for fault in check_notice(written(tmp_path, text))] == says


@pytest.mark.parametrize("rounds", ["rounds: {}", "rounds: {items: []}"])
def test_no_round_is_no_collection(tmp_path: Path, rounds: str) -> None:
    [fault] = check_notice(written(tmp_path, with_rounds(rounds + "\n")))
    assert "rounds：要写 every（month、quarter、term、year），或在 items 里逐期列出" in fault


def test_without_rounds_times_are_wanted(tmp_path: Path) -> None:
    faults = check_notice(written(tmp_path, with_rounds("")))
    assert {fault.partition("行 ")[2] or fault for fault in faults} >= {"opens：缺这一项", "deadline：缺这一项"}


def test_without_what_is_compared_rows_are_told_apart_as_doubles_are(tmp_path: Path) -> None:
    plain = yaml.safe_load(TEXT)["rounds"]
    del plain["compare"]
    text = with_rounds(yaml.safe_dump({"rounds": plain}, allow_unicode=True, default_flow_style=None))
    found = load_notices(written(tmp_path, text))
    assert {notice.round.comparison for notice in found if notice.round} == {Comparison(key=("code",))}
