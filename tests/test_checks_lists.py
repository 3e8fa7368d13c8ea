"""Rows against register and blacklist, as a table: a change to a good row, then the cells and codes, and the words told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain import checks
from domain.blacklist import Blacklisted
from domain.policy_lists import NO_LISTS, PolicyLists
from domain.problems import Problem, Severity
from domain.register import Entry, Register
from tests.builders import NOTICE, RECEIVED, UNFILED, reporter, sheet

REGISTER = Register(
    version=3,
    date=date(2020, 2, 20),
    entries=(
        Entry(number="教APP备3400001号", app="智学网", operator="科大讯飞股份有限公司"),
        Entry(number="教APP备3400001号", app="智学网教师端", operator="科大讯飞股份有限公司"),
        Entry(number="教APP备110017号", app="云杉学堂", operator="北京云杉互联网教育科技有限公司"),
        Entry(number="教APP备9900002号", app="听潮英语", operator="上海听潮文化传播有限公司"),
    ),
)
LISTED = Blacklisted(
    id=1, operator="北京云杉互联网教育科技有限公司", apps=("云杉学堂",), since=date(2020, 2, 1), reason="查证属实"
)
LISTS = PolicyLists(register=REGISTER, blacklist=(LISTED,))
CLOUD = {"app": "云杉学堂", "operator": "北京云杉互联网教育科技有限公司", "filing_number": "教APP备110017号"}


def found(change: dict[str, str], lists: PolicyLists = LISTS) -> list[Problem]:
    value = sheet(change)
    return [*checks.check_sheet(value, NOTICE, reporter(), RECEIVED, lists), *checks.check_policy(value, NOTICE, lists)]


def codes(problems: list[Problem]) -> list[tuple[str | None, str]]:
    return [(problem.cell, problem.code) for problem in problems]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"app": "智学网APP", "operator": "科大讯飞"}, []),
        ({"app": "智学网（教师端）"}, []),
        ({"app": "畅言课堂"}, [("I5", "policy.register_mismatch")]),
        ({"operator": "钉钉科技有限公司"}, [("I5", "policy.register_mismatch")]),
        ({"app": "畅言课堂", "operator": "钉钉科技有限公司"}, [("I5", "policy.register_mismatch")]),
        ({"app": "", "operator": "科大讯飞"}, [("C5", "row.required")]),
        ({"operator": "同上"}, [("D5", "row.required")]),
        ({"filing_number": "教APP备3400009号"}, [("I5", "policy.not_in_register")]),
        ({"filing_number": "教APP备34000099号"}, [("I5", "policy.not_in_register")]),  # eight digits: no doubt of its own
        ({"filing_number": "教APP备3400009"}, [("I5", "row.filing_number_irregular"), ("I5", "policy.not_in_register")]),
        ({"filing_number": "教ＡＰＰ备 3400001"}, [("I5", "row.filing_number_irregular")]),
        ({"filing_number": "京ICP备11000001号"}, [("I5", "row.filing_number_invalid")]),  # one mistake, told once
        ({"filing_number": ""}, [("I5", "row.filing_number_missing")]),
        ({"filing_number": "教APP备420000X号"}, [("I5", "row.placeholder")]),
        # What the ministry's list prints is right, whatever its form: six digits, a province that there is not.
        ({**CLOUD, "app": "听潮英语", "operator": "听潮文化传播", "filing_number": "教APP备9900002号"}, []),
        (CLOUD, [("D5", "policy.blacklisted")]),
        ({**CLOUD, "operator": "云杉"}, [("D5", "policy.blacklisted")]),
        ({**CLOUD, **UNFILED}, [("H5", "policy.unfiled_app"), ("D5", "policy.blacklisted")]),
        ({**UNFILED, "app": "云杉学堂APP"}, [("H5", "policy.unfiled_app"), ("C5", "policy.blacklisted")]),
        ({"operator": "北京云杉网络科技有限公司"}, [("I5", "policy.register_mismatch"), ("D5", "policy.blacklisted")]),
    ],
)  # fmt: skip
def test_rows_against_the_lists(change: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert codes(found(change)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"filing_number": "教APP备3400009号"}, []),
        ({"filing_number": "教APP备110017号"}, [("I5", "row.filing_number_irregular")]),
        ({"filing_number": "教APP备9900002号"}, [("I5", "row.filing_number_invalid")]),
        (CLOUD, [("I5", "row.filing_number_irregular")]),
    ],
)
def test_without_lists_the_form_of_a_number_is_all_that_is_checked(
    change: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert codes(found(change, NO_LISTS)) == expected


WORDS = [
    (
        {"filing_number": "教APP备3400009号", "app": "无此应用"},
        "教育部备案名单（2020年2月20日）里查不到“教APP备3400009号”。",
        "如实上报已收。请向APP主办者核实备案号。",
    ),
    (
        {"filing_number": "教APP备3400009号"},
        "教育部备案名单（2020年2月20日）里查不到“教APP备3400009号”；名单里“智学网”（科大讯飞股份有限公司）的备案号是教APP备3400001号。",
        "如实上报已收。请向APP主办者核实备案号。",
    ),
    (
        {"app": "畅言课堂"},
        "备案名单（2020年2月20日）里“教APP备3400001号”是“智学网”，与所填APP名称“畅言课堂”不符。",
        "如实上报已收。请向APP主办者核实备案号、APP名称和主办者。",
    ),
    (
        {"operator": "钉钉科技有限公司"},
        "备案名单（2020年2月20日）里“教APP备3400001号”的主办者是“科大讯飞股份有限公司”，与所填“钉钉科技有限公司”不符。",
        "如实上报已收。请向APP主办者核实备案号、APP名称和主办者。",
    ),
    (
        {"app": "畅言课堂", "operator": "钉钉科技有限公司"},
        "备案名单（2020年2月20日）里“教APP备3400001号”是“智学网”（科大讯飞股份有限公司），与所填“畅言课堂”（钉钉科技有限公司）不符。",
        "如实上报已收。请向APP主办者核实备案号、APP名称和主办者。",
    ),
    (
        CLOUD,
        "“北京云杉互联网教育科技有限公司”自2020年2月1日起列入黑名单，解除以前不得使用其提供的任何APP。",
        "如实上报已收。请立即停止使用；经核对不是同一主办者的，请回复本邮件说明。",
    ),
    (
        {**CLOUD, "operator": "听潮文化传播"},
        "备案名单里这个备案号的主办者是“北京云杉互联网教育科技有限公司”，自2020年2月1日起列入黑名单，解除以前不得使用其提供的任何APP。",
        "如实上报已收。请立即停止使用；经核对不是同一主办者的，请回复本邮件说明。",
    ),
    (
        {**UNFILED, "app": "云杉学堂"},
        "“云杉学堂”列在黑名单里（主办者“北京云杉互联网教育科技有限公司”，2020年2月1日列入），解除以前不得使用。",
        "如实上报已收。请立即停止使用；经核对不是同一主办者的，请回复本邮件说明。",
    ),
    (
        {**UNFILED, "operator": "北京云杉网络科技有限公司"},
        "“北京云杉网络科技有限公司”与黑名单里的“北京云杉互联网教育科技有限公司”（2020年2月1日列入）相近（字号都是“云杉”），可能是同一主办者。",
        "如实上报已收。请立即停止使用；经核对不是同一主办者的，请回复本邮件说明。",
    ),
]


@pytest.mark.parametrize(("change", "message", "advice"), WORDS)
def test_what_a_clerk_reads(change: dict[str, str], message: str, advice: str) -> None:
    told = found(change)[-1]
    assert (told.message, told.advice, told.severity) == (message, advice, Severity.WARNING)


def test_a_row_that_leaves_its_columns_out_is_asked_nothing() -> None:
    columns = tuple(each for each in NOTICE.form.columns if each.key not in ("app", "operator", "filing_number"))
    short = replace(NOTICE, form=replace(NOTICE.form, columns=columns))
    value = sheet(CLOUD)
    cells = {key: cell for key, cell in value.rows[0].cells.items() if key in {each.key for each in columns}}
    value = replace(value, rows=(replace(value.rows[0], cells=cells),))
    assert list(checks.check_policy(value, short, LISTS)) == []
