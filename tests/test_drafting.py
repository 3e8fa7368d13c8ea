"""From a blank form to a draft: what is proposed, what is asked, and what an answer makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.column_answers import pattern_of, read_day
from domain.draft import Draft, DraftColumn, WrongAnswer
from domain.draft_answers import answer, answered, flattened
from domain.draft_columns import column_questions, summary
from domain.draft_reporters import reporters_of_rows, reporters_of_text
from domain.draft_texts import guide, title_pattern
from domain.drafting import Known, questions, questions_of_columns
from domain.proposals import proposed, type_of_name
from ingest.initials import initials
from tests.blank_forms import Tab, workbook
from tests.test_blank_reading import read

KNOWN = Known(
    today=date(2026, 11, 28), initials=initials, mailbox="jyj@example.org", taken=frozenset({"PY51", "old-2026"})
)


def column(name: str, key: str = "", **changes: object) -> DraftColumn:
    made = DraftColumn(key=key or name, name=name)
    return replace(made, **changes)  # type: ignore[arg-type]


PUPILS = Draft(
    form_title="{unit}在校生统计表",
    columns=(
        column("学校", "school"),
        column("学段", "stage", type="choice", more={"choices": ["小学", "初中"]}),
        column("在校生数", "pupils", type="number", more={"min": 0, "integer": True}),
        column("男生数", "boys", type="number"),
        column("女生数", "girls", type="number"),
        column("是否寄宿", "boards", type="yes_no"),
        column("宿舍号", "room"),
    ),
)

NAMES = {
    "phone": "联系电话、手机、联系方式",
    "identity_number": "身份证号码、公民身份号码",
    "credit_code": "统一社会信用代码",
    "date": "填表日期、检查时间",
    "yes_no": "是否备案、食堂（是/否）",
    "number": "人数、学生数、在校生-男、占地面积、金额（万元）、经费、水费、班级数",
    "text": "学校、姓名、参加工作时间、系数说明、序数、出生年月、课程名称、备注",
}  # fmt: skip


@pytest.mark.parametrize(("type_", "names"), NAMES.items())
def test_a_type_is_proposed_by_the_name(type_: str, names: str) -> None:
    assert {name: type_of_name(name) for name in names.split("、")} == dict.fromkeys(names.split("、"), type_)


def test_what_the_form_says_goes_before_what_a_name_suggests() -> None:
    tab = Tab(
        rows=[["设备表"], ["序号", "单位", "是否完好", "数量", "等级", "购置情况", "金额", "备注"], []],
        choices={"C3": '"完好,损坏"', "E3": '"是,否"'}, bounds={"D3": ("whole", "1", "99")},
        formats={"F3": "yyyy-mm-dd", "G3": "0.00"},
    )  # fmt: skip
    draft = proposed(read(workbook(tab)))
    told = [(each.name, each.type, dict(each.more), each.required, each.kept) for each in draft.columns]
    assert told == [
        ("序号", "text", {}, False, False),
        ("单位", "unit", {}, True, True),
        ("是否完好", "choice", {"choices": ["完好", "损坏"]}, True, True),
        ("数量", "number", {"integer": True, "min": 1, "max": 99}, True, True),
        ("等级", "yes_no", {}, True, True),
        ("购置情况", "date", {}, True, True),
        ("金额", "number", {"min": 0, "decimals": 2}, True, True),
        ("备注", "text", {}, False, True),
    ]
    assert draft.column("单位").key == "unit"  # type: ignore[union-attr]


def test_a_sum_that_the_head_says_becomes_a_rule_and_the_totals_row_is_known() -> None:
    tab = Tab(
        rows=[["在校生表"], ["学校", "在校生", None, None], [None, "合计", "男", "女"], [], ["合计"]],
        merges=["A2:A3", "B2:D2"],
    )
    draft = proposed(read(workbook(tab)))
    [check] = draft.checks
    assert check["rows"] == "[在校生-合计] = [在校生-男] + [在校生-女]"
    assert draft.totals == {"words": ["合计"], "columns": ["c2", "c3", "c4"], "required": False}


def test_names_at_the_side_are_what_may_be_chosen() -> None:
    tab = Tab(rows=[["检查表"], ["检查项目", "检查结果"], ["消防"], ["食品"], ["校车"]])
    assert proposed(read(workbook(tab))).columns[0].more == {"choices": ["消防", "食品", "校车"]}


def test_no_alias_is_two_columns() -> None:
    tab = Tab(
        rows=[["教师表"], ["男教师", None, "女教师", None], ["数量", "电话", "数量", "联系电话"]],
        merges=["A2:B2", "C2:D2"],
    )
    labels = [label for each in proposed(read(workbook(tab))).columns for label in (each.name, *each.aliases)]
    assert len(labels) == len(set(labels))


def test_labels_get_the_keys_that_checks_know() -> None:
    tab = Tab(rows=[["某表"], ["填报单位（盖章）：", "负责人：", "填报时间："], ["学校", "人数", "备注"]])
    assert [(each.key, each.name, each.type) for each in proposed(read(workbook(tab))).header] == [
        ("unit", "填报单位", "unit"), ("h2", "负责人", "text"), ("date", "填报时间", "date"),
    ]  # fmt: skip


LISTS = {
    "濮阳县": [("PYX", "濮阳县", "county", (), "")],
    "PYX 濮阳县 a@163.com 0393-1234567": [("PYX", "濮阳县", "county", ("a@163.com",), "0393-1234567")],
    "0393-1234567，a@163.com，濮阳县，PYX": [("PYX", "濮阳县", "county", ("a@163.com",), "0393-1234567")],
    "1、清丰县\n2、曲封县": [("QFX", "清丰县", "county", (), ""), ("QFX2", "曲封县", "county", (), "")],
    "市一中\t\ta@qq.com\n第三幼儿园": [("SYZ", "市一中", "school", ("a@qq.com",), ""), ("DSYEY", "第三幼儿园", "school", (), "")],
    "体育局 13912345678": [("TYJ", "体育局", "unit", (), "13912345678")],
    "单位\t邮箱\t代码\n甲区\t\tJQ\n乙区\tb@qq.com\t": [("JQ", "甲区", "county", (), ""), ("YQ", "乙区", "county", ("b@qq.com",), "")],
    "1\t甲区\n2\t乙区": [("JQ", "甲区", "county", (), ""), ("YQ", "乙区", "county", (), "")],
    "重庆市 a@qq.com;b@qq.com": [("CQS", "重庆市", "county", ("a@qq.com", "b@qq.com"), "")],
}  # fmt: skip


@pytest.mark.parametrize("text", LISTS)
def test_reporters_are_read_of_what_was_pasted(text: str) -> None:
    made = reporters_of_text(text, initials)
    assert [(each.code, each.name, each.kind, each.addresses, each.phone) for each in made] == LISTS[text]


def test_a_table_of_reporters_says_the_kind_itself() -> None:
    rows = [["名称", "类别", "别名"], ["实验中心", "学校", "实验校；实校"]]
    [one] = reporters_of_rows(rows, initials)
    assert (one.kind, one.aliases) == ("school", ("实验校", "实校"))


WRONG = {
    ("number", ""): "文号不能空着",
    ("title", "a\nb"): "写成一行",
    ("form_title", "{unit}"): "表的标题不能空着",
    ("form_title", "{单位}表"): "只能写 {unit}",
    ("mailbox", "jyj"): "应如 12345678@qq.com",
    ("deadline", ""): "请写日期",
    ("deadline", "下周五"): "不是日期",
    ("deadline", "2026-02-30"): "没有“2026-02-30”这一天",
    ("deadline", "12月5日 25:00"): "没有“25:00”这个时刻",
    ("deadline", "2026-11-01"): "截止日期早于开始的日期",
    ("reporters", ""): "请列出应报送的单位",
    ("reporters", "a@qq.com"): "没有单位名称",
    ("reporters", "甲县\n甲县"): "写了两次",
    ("reporters", "AA 甲县\nAA 乙县"): "代码“AA”写了两次",
    ("reporters", "名称\t邮箱\n甲县\tabc"): "的邮箱“abc”写得不对",
    ("reporters", "名称\n"): "没有单位",
    ("unique", "姓名"): "表里没有“姓名”这一列",
    ("conditions", "都要填好"): "看不懂",
    ("conditions", "如果“寄宿”是“是”，则“宿舍号”必填"): "是不是想写“是否寄宿”？",
    ("conditions", "如果“学段”是“大学”，则“宿舍号”必填"): "只能填小学、初中",
    ("conditions", "“男生数”加“老师”等于“在校生数”"): "“老师”不是这张表的列",
    ("conditions", "“男生数”约等于“女生数”"): "看不懂",
    ("nil", "可能"): "请填“是”或“否”",
    ("cover", ""): "请填“是”或“否”",
    ("attachments", "方案 exe"): "不是文件格式",
    ("grace_hours", "两天"): "请填小时数",
    ("reminders", "3、很多"): "请填截止前几天",
    ("policy", "都行"): "请从这些里选",
    ("area_code", "371"): "应是0开头的三位或四位数字",
    ("short", "很短"): "1到8个英文字母或数字",
    ("short", "PY51"): "已经给了别的通知",
    ("id", "Old"): "只能用小写英文字母",
    ("id", "old-2026"): "已经有叫“old-2026”的通知",
    ("whatever", "x"): "没有“whatever”这个问题",
    ("columns.年级.type", "text"): "没有“年级”这一列",
    ("columns.学校.type", "图片"): "没有“图片”这一类",
    ("columns.学校.colour", "x"): "这一项可答",
    ("columns.学校.required", "随便"): "请填“必填”",
    ("columns.在校生数.max", "很多"): "不是数字",
    ("columns.在校生数.max", "-1"): "最小的数（0）比最大的数（-1）还大",
    ("columns.在校生数.decimals", "1.5"): "0到10的整数",
    ("columns.学段.choices", "小学"): "至少要有两个选项",
    ("columns.学段.choices", "小学、小学"): "写了两次",
    ("columns.宿舍号.example", ""): "举一个正确的例子",
    ("columns.宿舍号.items", "A1"): "一行写一个：代码 名称",
}


@pytest.mark.parametrize(("key", "text"), WRONG)
def test_a_wrong_answer_says_what_is_wanted(key: str, text: str) -> None:
    with pytest.raises(WrongAnswer) as told:
        answer(replace(PUPILS, opens="2026-11-20"), key, text, KNOWN)
    assert WRONG[key, text] in str(told.value)


RULES = {
    "如果“是否寄宿”是“是”，则“宿舍号”必填": None,
    "若“学段”为“小学”，“宿舍号”不填": ('[学段] = "小学"', "空([宿舍号])"),
    "如果“学段”是“小学”，则“是否寄宿”必须是“否”": ('[学段] = "小学"', '[是否寄宿] = "否"'),
    "如果\"学段\"是\"初中\"，那么\"男生数\"不小于10": ('[学段] = "初中"', "[男生数] ≥ 10"),
    "“男生数”加“女生数”等于“在校生数”": (None, "[男生数] + [女生数] = [在校生数]"),
    "“在校生数”减“男生数”＝“女生数”".replace("＝", "="): (None, "[在校生数] - [男生数] = [女生数]"),
    "“男生数”不超过“在校生数”": (None, "[男生数] ≤ [在校生数]"),
    "“在校生数”>0": (None, "[在校生数] > 0"),
}  # fmt: skip


@pytest.mark.parametrize("line", RULES)
def test_a_rule_is_made_of_what_people_say(line: str) -> None:
    draft = answer(PUPILS, "conditions", line, KNOWN)
    if RULES[line] is None:
        room = draft.column("宿舍号")
        assert room is not None and (room.required, room.more["required_if"]) == (False, {"boards": "是"})
    else:
        [check] = draft.checks
        assert (check.get("when"), check["rows"]) == RULES[line]


def test_rules_said_again_stay_and_others_go() -> None:
    first = answer(PUPILS, "conditions", "“男生数”不超过“在校生数”\n“在校生数”>0", KNOWN)
    again = answer(first, "conditions", "“在校生数”>0\n“女生数”不超过“在校生数”", KNOWN)
    assert [check["id"] for check in again.checks] == ["r2", "r1"]


def test_days_are_written_as_people_write_them() -> None:
    told = {
        text: answer(PUPILS, "deadline", text, KNOWN).deadline
        for text in ("2026-12-05", "2026年12月5日", "12月5日", "1.5", "12月5日 18:00")
    }
    assert list(told.values()) == ["2026-12-05", "2026-12-05", "2026-12-05", "2027-01-05", "2026-12-05 18:00:00"]
    with pytest.raises(WrongAnswer):
        read_day("12月5日")


def test_answers_of_a_file_are_taken_in_their_own_order() -> None:
    given = {
        "unique": ["学校", "学段"], "nil": True, "reminders": [3, 0], "opens": date(2026, 11, 20), "deadline": "2026-12-05",
        "conditions": ["“男生数”不超过“在校生数”"],
        "columns": {"在校生数": {"max": 500, "min": 1}, "宿舍号": {"example": "A-101", "type": "pattern"},
            "学段": {"required": "可以不填"}},
        "suffixes": {"county": ["教育局"]}, "reporters": ["甲县", "乙区 b@qq.com"],
    }  # fmt: skip
    draft = answered(PUPILS, given, KNOWN)
    assert draft.duplicate_key == ("school", "stage") and draft.nil_column == "school"
    assert draft.reminders == ((3, "09:00"), (0, "08:30"))
    assert draft.column("在校生数").more == {"min": 1, "max": 500, "integer": True}  # type: ignore[union-attr]
    assert draft.column("宿舍号").more["pattern"] == "[A-Z]{1}\\-[0-9]{3}"  # type: ignore[union-attr]
    assert draft.kinds == {"county": ("教育局",)} and len(draft.reporters) == 2
    assert dict(flattened({"a": {"b": False}})) == {"a.b": "否"}


def test_every_proposal_is_an_answer_that_is_taken() -> None:
    draft = replace(PUPILS, number="×教〔2026〕8号", bureau="某市教育局", deadline="2026-12-05", area_code="0371")
    draft = answer(draft, "reporters", "甲县\n市一中\n卫生局", KNOWN)
    asked = 0
    for question in questions(draft, KNOWN):
        assert answer(draft, question.key, question.proposal, KNOWN)
        asked += 1
    for question in questions_of_columns(draft):
        assert answer(draft, question.key, question.proposal, KNOWN) == draft
        asked += 1
    assert asked > 30


def test_of_a_column_that_is_not_asked_for_nothing_more_is_asked() -> None:
    left = answer(PUPILS, "columns.在校生数.required", "不收这一列", KNOWN).column("在校生数")
    assert left is not None and [each.key.rpartition(".")[2] for each in column_questions(left)] == ["type", "required"]


def test_a_column_in_a_few_words() -> None:
    told = [summary(each) for each in PUPILS.columns]
    assert told == ["文字", "小学、初中", "数字，整数，0以上", "数字", "数字", "是或否", "文字"]


def test_a_pattern_is_made_of_an_example() -> None:
    assert pattern_of("豫A12-3b") == r"豫[A-Z]{1}[0-9]{2}\-[0-9]{1}[a-z]{1}"


def test_the_guide_says_what_to_send_where_and_by_when() -> None:
    draft = replace(PUPILS, deadline="2026-12-05 18:00:00", mailbox="a@b.cn", nil_words=("无",), nil_column="school")
    text = guide(draft)
    assert "《在校生统计表》" in text and "2026年12月5日18:00前发到 a@b.cn" in text and "在“学校”一栏填“无”" in text
    assert "扫描" not in guide(replace(draft, cover_required=False, nil_words=()))


def test_the_pattern_of_a_title_finds_it_with_any_unit() -> None:
    import re

    pattern = title_pattern("{unit}学习类APP统计表")
    for text in ("甲县学习类APP统计表", "学习类 app 统计表"):
        assert re.search(pattern, text)
    found = re.search(pattern, "乙县学习类APP统计表")
    assert found and found["unit"] == "乙县"
