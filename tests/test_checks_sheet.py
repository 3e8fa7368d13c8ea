"""Checks of the workbook: a small sheet in, a list of (cell, code) out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.checks import apply_rules, check_policy, check_sheet, check_timing
from domain.notice import Reporter, Rule
from domain.problems import Problem, Severity
from domain.sheet import CellFault, HeaderValue, Sheet, SheetFailure, SheetFormat
from tests.builders import FIRST_ROW, NOTICE, RECEIVED, UNFILED, reporter, row, rows, school, sheet

SAMPLE = {column.key: (column.samples or ("",))[0] for column in NOTICE.form.columns}


def check(value: Sheet | SheetFailure, owner: Reporter | None = None, at: datetime = RECEIVED) -> tuple[Problem, ...]:
    return check_sheet(value, NOTICE, owner or reporter(), at)


def codes(problems: Iterable[Problem]) -> list[tuple[str | None, str]]:
    return [(problem.cell, problem.code) for problem in problems]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"function": "作业批改"}, []),
        (UNFILED, []),
        ({"unit": "濮阳市濮阳县"}, []),
        ({"unit": "濮阳县教体局"}, []),
        ({"unit": " 濮 阳 县"}, []),
        ({"unit": "范县"}, [("A5", "row.unit_mismatch")]),
        ({"unit": "濮阳市"}, [("A5", "row.unit_mismatch")]),
        ({"unit": "市直"}, [("A5", "row.unit_mismatch")]),
        ({"unit": "濮阳县第一中学"}, [("A5", "row.unit_mismatch")]),
        ({"unit": ""}, [("A5", "row.required")]),
        ({"school": ""}, [("B5", "row.required")]),
        ({"app": ""}, [("C5", "row.required")]),
        ({"operator": ""}, [("D5", "row.required")]),
        ({"contact": ""}, [("E5", "row.required")]),
        ({"phone": ""}, [("F5", "row.required")]),
        ({"filed": "", "filing_number": ""}, [("H5", "row.required")]),
        ({"filing_number": ""}, [("I5", "row.filing_number_missing")]),
        *(
            ({key: word}, [(f"{cell}5", "row.required")])
            for key, cell in (("school", "B"), ("app", "C"), ("operator", "D"), ("contact", "E"))
            for word in ("同上", "（同上）", "〃", "″", '"', "/", "／", "-", "——", "√", "同上同上", "如上")
        ),
        *(({"unit": word}, [("A5", "row.unit_mismatch")]) for word in ("同上", "〃", "/", "—")),
        *(({"phone": word}, [("F5", "row.phone_invalid")]) for word in ("同上", "〃", "/", "-")),
        ({"filed": "同上"}, [("H5", "row.filed_invalid")]),
        ({"filing_number": "同上"}, [("I5", "row.filing_number_invalid")]),
        *(({"function": word}, []) for word in ("同上", "/", "-")),
        *(({"school": name}, []) for name in ("同上小学", "上同中学", "一中", "A校")),
        ({"phone": "1383930"}, [("F5", "row.phone_invalid")]),
        ({"phone": "139123456789"}, [("F5", "row.phone_invalid")]),
        ({"phone": "李老师"}, [("F5", "row.phone_invalid")]),
        ({"phone": "13912345678、13912345679"}, [("F5", "row.phone_invalid")]),
        ({"phone": "+86 139-1234-5678"}, []),
        ({"phone": "8812345"}, []),
        ({"phone": "0393-8812345转801"}, []),
        ({"phone": "400-810-1234"}, [("F5", "row.phone_unusual")]),
        ({"phone": "95533"}, [("F5", "row.phone_unusual")]),
        ({"filed": "已备案"}, [("H5", "row.filed_invalid")]),
        ({"filed": "√", "filing_number": ""}, [("I5", "row.filing_number_missing")]),
        ({"filed": "√"}, []),
        ({"filed": " 是　"}, []),
        ({"filed": "是。"}, []),
        ({"filed": "（是）"}, []),
        ({"filed": "☑是 □否"}, []),
        ({"filed": "是√ 否□"}, []),
        ({"filed": "□是 ☑否", "filing_number": ""}, []),
        ({"filed": "未备案", "filing_number": ""}, [("H5", "row.filed_invalid")]),
        ({"filed": "×", "filing_number": "无"}, []),
        ({"filed": "×"}, [("I5", "row.filing_number_unexpected")]),
        ({"filed": "□是□否"}, [("H5", "row.filed_invalid")]),
        ({"filed": "是/否"}, [("H5", "row.filed_invalid")]),
        ({"filed": "有"}, [("H5", "row.filed_invalid")]),
        ({"filed": "无", "filing_number": ""}, [("H5", "row.filed_invalid")]),
        ({"filed": "正在备案", "filing_number": ""}, [("H5", "row.filed_invalid")]),
        ({"filed": "Y"}, [("H5", "row.filed_invalid")]),
        ({"filed": "教APP备3400001号", "filing_number": ""}, [("H5", "row.filed_invalid")]),
        ({"phone": "1.39E+10"}, [("F5", "row.phone_invalid")]),
        ({"phone": "李晓明13912345678"}, [("F5", "row.phone_invalid")]),
        ({"app": "智学网、钉钉"}, [("C5", "row.multiple_apps")]),
        ({"app": "智学网（学生版、家长版）"}, []),
        ({"filed": "否"}, [("I5", "row.filing_number_unexpected")]),
        ({"filed": "否", "filing_number": "无"}, []),
        ({"filed": "否", "filing_number": "——"}, []),
        ({"filed": "否", "filing_number": "*"}, []),
        ({"filed": "否", "filing_number": "/"}, []),
        ({"filing_number": "无"}, [("I5", "row.filing_number_invalid")]),
        ({"filing_number": "教APP备4100001号"}, []),
        ({"filing_number": "教APP备6500001号"}, []),
        ({"filing_number": "教APP备9900001号"}, [("I5", "row.filing_number_invalid")]),
        ({"filing_number": "教APP备41号"}, [("I5", "row.filing_number_invalid")]),
        ({"filing_number": "教APP备410000123号"}, [("I5", "row.filing_number_invalid")]),
        ({"filing_number": "京ICP备10000123号"}, [("I5", "row.filing_number_invalid")]),
        ({"filing_number": "4100001"}, [("I5", "row.filing_number_invalid")]),
        ({"filing_number": "教APP备41O0001号"}, [("I5", "row.filing_number_invalid")]),
        ({"filing_number": "教APP备4100001"}, [("I5", "row.filing_number_irregular")]),
        ({"filing_number": "教ＡＰＰ备４１００００１号"}, [("I5", "row.filing_number_irregular")]),
        ({"filing_number": "教 APP 备 4100001 号"}, [("I5", "row.filing_number_irregular")]),
        ({"filing_number": "教app备4100001号"}, [("I5", "row.filing_number_irregular")]),
        ({"filing_number": "教APP备410001号"}, [("I5", "row.filing_number_irregular")]),
        ({"filing_number": "教APP备41000012号"}, [("I5", "row.filing_number_irregular")]),
        ({"school": "XX学校"}, [("B5", "row.placeholder")]),
        ({"phone": "13XXXXXXXXX"}, [("F5", "row.placeholder")]),
        ({"filing_number": "教APP备420000X号"}, [("I5", "row.placeholder")]),
        ({"contact": "张三"}, []),
        (SAMPLE, [("A5", "row.placeholder")]),
        ({**SAMPLE, "contact": "李四"}, [("A5", "row.placeholder")]),
        ({**SAMPLE, "unit": "濮阳县"}, [("B5", "row.placeholder")]),
    ],
)
def test_one_row(change: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert codes(check(sheet(change))) == expected


@pytest.mark.parametrize(
    ("phone", "message"),
    [
        ("1383930", "“1383930”位数不够。"),
        ("139123456789", "“139*****6789”位数多了。"),
        ("13912345678、13912345679", "“139****5678、139****5679”不止一个号码。"),
        ("13912345678\n0393-4412345", "“139****5678 0393-*****45”不止一个号码。"),
        ("李老师", "“李老师”不是有效的电话号码。"),
        ("1.39E+10", "“1.39E+10”是科学计数法，看不出完整的号码。"),
        ("李晓明13912345678", "“李晓明139****5678”除了号码还有别的字。"),
    ],
)
def test_phone_messages_say_what_is_wrong_and_hide_whole_numbers(phone: str, message: str) -> None:
    found = check(sheet({"phone": phone}))[0]
    assert (found.message, found.value, found.field) == (message, phone, "电话")
    assert found.advice.endswith("11位手机号，或固定电话，如0393-1234567。")


def test_the_filing_advice_of_the_spec() -> None:
    found = check(sheet({"filing_number": ""}))[0]
    assert found.message == "是否备案填了“是”，但没有填备案号。"
    assert found.advice == "请填教育部备案号，如教APP备4100001号；若未备案，请在H5填“否”。"


@pytest.mark.parametrize(
    "written", ["教APP备4100001", "教 app备４１００００１号", "教APP备案4100001号", "（教APP备4100001号）"]
)
def test_an_irregular_number_is_offered_in_its_right_form(written: str) -> None:
    found = check(sheet({"filing_number": written}))[0]
    assert "教APP备4100001号" in found.advice
    assert check(sheet({"filing_number": "教APP备4100001号"})) == ()


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"school": "濮阳县第一中学"}, [("C6", "row.duplicate")]),
        ({"school": "濮阳县 第一中学", "app": "智 学 网"}, [("C6", "row.duplicate")]),
        ({"school": "濮阳县第一中学", "app": "钉钉"}, []),
        ({"app": "智学网"}, []),
        ({"school": "濮阳县第一中学", "app": ""}, [("C6", "row.required")]),
    ],
)
def test_duplicates(second: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert codes(check(sheet({}, second))) == expected


def test_the_later_duplicate_names_the_earlier() -> None:
    same = {"school": "濮阳县第一中学"}
    found = check(sheet({}, {}, same))
    assert [(problem.cell, "第5行" in problem.message) for problem in found] == [("C7", True)]


def copied(count: int, *changes: dict[str, str], on: str = "终稿") -> Sheet:
    """A sheet of `count` rows and further ones on another sheet: these, then copies of the rest."""
    made = sheet(*[{"contact": "" if at == 1 else "李晓明"} for at in range(count)])
    again = [replace(each, sheet=on) for each in made.rows]
    for at, change in enumerate(changes):
        changed = {key: replace(cell, text=change.get(key, cell.text)) for key, cell in again[at].cells.items()}
        again[at] = replace(again[at], cells=changed)
    return replace(made, rows=(*made.rows, *again))


def test_a_copied_sheet_is_one_problem_that_names_both() -> None:
    """One change in 80 rows: the empty cell that was copied with the rest is told once, too."""
    found = check(copied(80, {"contact": "赵四"}))
    assert [(each.code, each.sheet, each.cell) for each in found] == [
        ("row.required", "Sheet1", "E6"), ("row.duplicate", "终稿", "C5"),
    ]  # fmt: skip
    assert "有80行与工作表“Sheet1”重复" in found[1].message
    assert "删除另一张工作表" in found[1].advice


def test_what_is_wrong_with_a_changed_row_of_a_copy_is_told() -> None:
    found = check(copied(9, {"operator": ""}, {"school": "濮阳县新小学"}))
    assert [(each.code, each.sheet, each.cell) for each in found] == [
        ("row.required", "Sheet1", "E6"), ("row.required", "终稿", "D5"), ("row.duplicate", "终稿", "C5"), ("row.required", "终稿", "E6"),
    ]  # fmt: skip
    assert "有8行" in found[2].message


@pytest.mark.parametrize("change", [[], [{"school": f"濮阳县另{at}小学"} for at in range(7)]])
def test_a_few_repeated_rows_are_named_one_by_one(change: list[dict[str, str]]) -> None:
    found = [each for each in check(copied(10 if change else 2, *change)) if each.code == "row.duplicate"]
    assert len(found) == (3 if change else 2)
    assert all("工作表“Sheet1”第" in each.message for each in found)


def test_problems_come_in_reading_order() -> None:
    found = check(sheet({"phone": ""}, {"school": "濮阳县第一中学"}, {"contact": "", "school": ""}))
    assert codes(found) == [
        ("F5", "row.required"),
        ("C6", "row.duplicate"),
        ("B7", "row.required"),
        ("E7", "row.required"),
    ]


def test_formula_faults_are_the_only_problem_of_their_cell() -> None:
    faults = {"phone": CellFault.ERROR_VALUE, "app": CellFault.NO_STORED_VALUE, "filing_number": CellFault.ERROR_VALUE}
    broken = row(FIRST_ROW, {**SAMPLE_FREE, "phone": "#REF!", "app": "", "filing_number": "#N/A"}, faults)
    found = check(replace(sheet(), rows=(broken,)))
    assert codes(found) == [("C5", "row.formula_error"), ("F5", "row.formula_error"), ("I5", "row.formula_error")]
    assert ["#REF!" in problem.message for problem in found] == [False, True, False]


SAMPLE_FREE = {column.key: sheet().rows[0].text(column.key) for column in NOTICE.form.columns}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"unit": None}, [(None, "header.unit_missing")]),
        ({"unit": ""}, [("A2", "header.unit_missing")]),
        ({"unit": "XX县"}, [("A2", "header.placeholder")]),
        ({"unit": "xx县（盖章）"}, [("A2", "header.placeholder")]),
        ({"unit": "杞县教育局"}, [("A2", "header.unit_unknown")]),
        ({"unit": "濮阳县第一中学"}, [("A2", "header.unit_unknown")]),
        ({"unit": "濮阳县（盖章）"}, []),
        ({"unit": "濮阳市濮阳县教育体育局"}, []),
        ({"day": None, "on": None}, [(None, "header.date_missing")]),
        ({"day": "", "on": None}, [("F2", "header.date_missing")]),
        ({"day": "2020年X月X日", "on": None}, [("F2", "header.placeholder")]),
        ({"day": "2020年2月30日", "on": None}, [("F2", "header.date_invalid")]),
        ({"day": "2020年2月28日", "on": date(2020, 2, 28)}, [("F2", "header.date_invalid")]),
        ({"day": "2020年2月27日", "on": date(2020, 2, 27)}, []),
        ({"title": "XX县（区）/学校学习类APP统计备案表"}, [("A1", "header.placeholder")]),
        ({"title": "XX县学习类ＡＰＰ统计备案表"}, [("A1", "header.placeholder")]),
        ({"title": "范县学习类APP统计备案表"}, [("A2", "header.conflict")]),
        ({"title": "濮阳县学校学习类APP统计备案表"}, []),
        ({"title": "濮阳县（区）/学校学习类APP统计备案表"}, []),
        ({"title": "濮阳市学习类APP统计备案表"}, []),
        ({"title": "学习类APP统计备案表"}, []),
        ({"title": None}, []),
    ],
)
def test_header(changes: dict[str, str | None], expected: list[tuple[str | None, str]]) -> None:
    assert codes(check(sheet(**changes))) == expected  # type: ignore[arg-type]


def test_the_future_begins_at_midnight_in_the_notice_s_zone() -> None:
    tomorrow = sheet(day="2020-02-28", on=date(2020, 2, 28))
    assert codes(check(tomorrow, at=datetime(2020, 2, 27, 15, 59, 59, tzinfo=UTC))) == [("F2", "header.date_invalid")]
    assert check(tomorrow, at=datetime(2020, 2, 27, 16, 0, 0, tzinfo=UTC)) == ()


def test_a_bureau_run_school() -> None:
    owner = school()
    title = "濮阳市第一高级中学学习类APP统计备案表"
    notice = replace(NOTICE, reporters=(*NOTICE.reporters, owner))
    value = sheet({"unit": "市直"}, {"unit": "华龙区"}, unit=owner.name, title=title)
    assert codes(check_sheet(value, notice, owner, RECEIVED)) == [("A6", "row.unit_mismatch")]
    nobodys = sheet({"unit": "市直"}, unit=owner.name, title=title)
    found = check_sheet(nobodys, NOTICE, None, RECEIVED)
    assert [(problem.code, problem.severity) for problem in found] == [("header.unit_unlisted", Severity.REVIEW)]
    assert codes(check_sheet(value, NOTICE, None, RECEIVED)) == [("A2", "header.unit_unknown")]


def test_a_county_whose_entry_says_so_may_have_bureau_run_rows() -> None:
    owner = replace(reporter(), row_units=(*reporter().row_units, "市直"))
    assert check(sheet({"unit": "市直"}, {}), owner) == ()


def test_nil_returns() -> None:
    empty = replace(sheet(), rows=())
    assert codes(check(empty)) == [(None, "sheet.no_rows")]
    assert "“无”或“零报告”" in check(empty)[0].advice
    assert check(replace(empty, nil_statement=HeaderValue(address="C5", text="无"))) == ()


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        ({"code": "sheet.unreadable"}, "打不开"),
        ({"code": "sheet.encrypted"}, "密码"),
        ({"code": "sheet.wrong_form"}, "不是通知规定的表格"),
        ({"code": "sheet.wrong_form", "missing_columns": ("学校", "电话")}, "学校、电话"),
        ({"code": "sheet.no_rows"}, "没有数据"),
        ({"code": "attachment.too_large"}, "太大"),
    ],
)
def test_a_file_that_could_not_be_read_has_one_problem(failure: dict[str, object], message: str) -> None:
    found = check(SheetFailure(file="a.xlsx", sha256="", **failure))  # type: ignore[arg-type]
    assert [(problem.code, problem.file, problem.severity) for problem in found] == [
        (failure["code"], "a.xlsx", Severity.ERROR)
    ]
    assert message in found[0].message


def test_odd_files_are_warned_about_only() -> None:
    odd = replace(sheet({}, {}), format=SheetFormat.CSV, macros=True)
    hidden = replace(odd, rows=(odd.rows[0], replace(odd.rows[1], hidden=True)))
    found = check(hidden)
    assert [problem.code for problem in found] == ["sheet.odd_format", "sheet.macros", "sheet.hidden_rows"]
    assert {problem.severity for problem in found} == {Severity.WARNING}
    assert "第6行" in found[2].message


def test_hidden_rows_are_told_in_ranges() -> None:
    many = [replace(each, hidden=True) for each in rows(*([{}] * 4))]
    value = replace(sheet(), rows=(many[0], many[1], *rows({}, {}, {})[2:], replace(many[3], hidden=True)))
    assert "第5–6、8行" in check(value)[0].message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        (UNFILED, [("H5", "policy.unfiled_app")]),
        ({"app": "抖音"}, [("C5", "policy.restricted_app")]),
        ({"app": "抖音短视频APP"}, [("C5", "policy.restricted_app")]),
        ({"app": "钉钉、快手"}, [("C5", "policy.restricted_app")]),
        ({"app": "西瓜视频（直播）"}, [("C5", "policy.restricted_app")]),
        ({"app": "火山小视频", **UNFILED}, [("H5", "policy.unfiled_app"), ("C5", "policy.restricted_app")]),
        ({"app": "西瓜创客"}, []),
        ({"app": "火山引擎课堂"}, []),
        ({"app": ""}, []),
        ({**SAMPLE, "filed": "否"}, []),
    ],
)
def test_policy_warns_and_never_rejects(change: dict[str, str], expected: list[tuple[str, str]]) -> None:
    found = list(check_policy(sheet(change), NOTICE))
    assert codes(found) == expected
    assert {problem.severity for problem in found} <= {Severity.WARNING}
    assert all("打赏" in problem.message for problem in found if problem.code == "policy.restricted_app")


@pytest.mark.parametrize(
    ("at", "late"),
    [
        (datetime(2020, 2, 28, 15, 59, 59, tzinfo=UTC), False),
        (datetime(2020, 2, 28, 15, 59, 59, 999_999, tzinfo=UTC), False),
        (datetime(2020, 2, 28, 16, 0, 0, tzinfo=UTC), True),
    ],
)
def test_the_deadline_s_last_second_is_in_time(at: datetime, late: bool) -> None:
    found = list(check_timing(at, NOTICE))
    assert [problem.code for problem in found] == (["timing.late"] if late else [])
    if late:
        assert found[0].message.startswith("收到的时间是2020年2月29日00:00，晚于截止时间2020年2月28日23:59")


def test_rules_change_how_a_code_counts() -> None:
    rules = (
        Rule(code="row.required", severity=Severity.WARNING, since=date(2020, 2, 27)),
        Rule(code="row.required", severity=Severity.ERROR, since=date(2020, 3, 1)),
        Rule(code="row.phone_unusual", severity=None),
    )
    notice = replace(NOTICE, rules=rules)
    found = check(sheet({"school": "", "phone": "400-810-1234"}))

    def on(month: int, day: int) -> list[tuple[str, Severity]]:
        return [(each.code, each.severity) for each in apply_rules(found, notice, date(2020, month, day))]

    assert on(2, 26) == [("row.required", Severity.ERROR)]
    assert on(2, 27) == [("row.required", Severity.WARNING)]
    assert on(3, 2) == [("row.required", Severity.ERROR)]


HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=12)
PHONES = st.one_of(
    st.from_regex(r"1(3[0-9]|5[0-35-9]|8[0-9])[0-9]{8}", fullmatch=True),
    st.from_regex(r"0393-[2-8][0-9]{6}", fullmatch=True),
)
PROVINCES = NOTICE.filing.provinces if NOTICE.filing else ()
NUMBERS = st.builds("教APP备{}{:05}号".format, st.sampled_from(PROVINCES), st.integers(0, 99_999))


@settings(deadline=None)  # a loaded machine is no bug
@given(
    st.sampled_from(NOTICE.reporters),
    st.lists(st.tuples(HAN, HAN, PHONES, st.none() | NUMBERS), min_size=1, max_size=8, unique_by=lambda each: each[0]),
    st.data(),
)
def test_a_clean_sheet_has_no_problems(
    owner: Reporter, made: list[tuple[str, str, str, str | None]], data: st.DataObject
) -> None:
    changes = [
        {
            "unit": data.draw(st.sampled_from(owner.row_units)), "school": name, "app": app, "phone": phone,
            "filed": "是" if number else "否", "filing_number": number or "",
        }
        for name, app, phone, number in made
    ]  # fmt: skip
    unit = data.draw(st.sampled_from(owner.names))
    value = sheet(*changes, unit=unit, title=NOTICE.form.title_template.format(unit=owner.name))
    assert check(value, owner) == ()


ADVICE = [
    # code, the row that breaks it, what the advice says, the row that follows it
    ("row.required", {"school": ""}, "请填写学校", {"school": "濮阳县第一中学"}),
    ("row.unit_mismatch", {"unit": "范县"}, "请改为“濮阳县”", {"unit": "濮阳县"}),
    ("row.phone_invalid", {"phone": "1383930"}, "如0393-1234567", {"phone": "0393-1234567"}),
    ("row.phone_unusual", {"phone": "4008101234"}, "手机号", {"phone": "13912345678"}),
    ("row.filed_invalid", {"filed": "有"}, "请只填“是”或“否”", {"filed": "是"}),
    ("row.filing_number_missing", {"filing_number": ""}, "请在H5填“否”", {"filed": "否"}),
    ("row.filing_number_missing", {"filing_number": ""}, "教APP备4100001号", {"filing_number": "教APP备4100001号"}),
    ("row.filing_number_invalid", {"filing_number": "京ICP备1号"}, "在H5填“否”，备案号留空", UNFILED),
    ("row.filing_number_unexpected", {"filed": "否"}, "请把备案号清空", {"filing_number": ""}),
    ("row.filing_number_unexpected", {"filed": "否"}, "请在H5填“是”", {"filed": "是"}),
    ("row.filing_number_irregular", {"filing_number": "教APP备4100001"}, "“教APP备4100001号”", {"filing_number": "教APP备4100001号"}),
    ("row.placeholder", {"operator": "XX公司"}, "请改成实际的APP主办者", {"operator": "钉钉公司"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "broken", "advice", "mended"), ADVICE)
def test_following_the_advice_clears_the_problem(
    code: str, broken: dict[str, str], advice: str, mended: dict[str, str]
) -> None:
    found = check(sheet(broken))
    assert [problem.code for problem in found] == [code]
    assert advice in found[0].advice
    assert check(sheet({**broken, **mended})) == ()


def test_a_field_whose_label_is_gone_is_to_be_written_anew() -> None:
    told = {problem.code: problem for problem in check(sheet(day=None, on=None, unit=None))}
    assert told["header.date_missing"].message == "表格上方没有填报时间。"
    assert told["header.date_missing"].advice.startswith("请在表格上方写明“填报时间：")
    assert told["header.unit_missing"].advice.startswith("请在表格上方写明“填报单位：")
