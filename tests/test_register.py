"""The register: entries found by number however it is written, by app and operator, and by a person's search."""

from __future__ import annotations

from datetime import date

import pytest

from domain.register import Entry, Register, is_number, number_key

ENTRIES = (
    Entry(number="教APP备3400001号", app="清溪课堂", operator="合肥清溪教育科技股份有限公司"),
    Entry(number="教APP备3400002号", app="清溪作业", operator="合肥清溪教育科技股份有限公司"),
    Entry(number="教APP备110017号", app="云杉学堂", operator="北京云杉互联网教育科技有限公司"),
    Entry(number="教APP备4100012号", app="豫学在线", operator="河南豫学数字出版有限公司"),
)
REGISTER = Register(version=1, date=date(2020, 2, 20), entries=ENTRIES)


@pytest.mark.parametrize(
    "text",
    [
        "教APP备3400001号",
        "教app备 3400001",
        "教ＡＰＰ备３４００００１号",
        "教APP备案第3400001号",
        "（教APP备3400001号）。",
    ],
)
def test_a_number_is_found_however_it_is_written(text: str) -> None:
    assert REGISTER.with_number(text) == (ENTRIES[0],)


@pytest.mark.parametrize("text", ["", "教APP备3400009号", "3400001", "京ICP备3400001号", "同上", "x" * 5000])
def test_another_number_is_not(text: str) -> None:
    assert REGISTER.with_number(text) == ()


@pytest.mark.parametrize(
    ("app", "operator", "number"),
    [
        ("清溪课堂APP", "清溪教育科技", "教APP备3400001号"),
        ("清溪作业（家长端）", "合肥清溪", "教APP备3400002号"),
        ("云杉学堂", "云杉", "教APP备110017号"),
        ("云杉学堂", "河南豫学数字出版有限公司", None),
        ("青山课堂", "合肥清溪教育科技股份有限公司", None),
        ("", "", None),
    ],
)
def test_an_app_of_an_operator_is_found_by_both_names(app: str, operator: str, number: str | None) -> None:
    found = REGISTER.of_app(app, operator)
    assert (found.number if found else None) == number


@pytest.mark.parametrize(
    ("text", "numbers", "why"),
    [
        ("教APP备110017", ["教APP备110017号"], "备案号一致"),
        ("清溪", ["教APP备3400001号", "教APP备3400002号"], "APP名称、主办者含“清溪”"),
        ("豫学数字出版公司", ["教APP备4100012号"], "主办者相近：名称一致"),
        ("云杉网络", ["教APP备110017号"], "主办者相近：字号都是“云杉”"),
        ("清渓课堂", ["教APP备3400001号"], "有75%的字相同"),
        ("无关", [], ""),
        (" ", [], ""),
    ],
)
def test_a_search_says_why_it_found_what(text: str, numbers: list[str], why: str) -> None:
    found = REGISTER.search(text)
    assert [each.entry.number for each in found] == numbers
    assert {each.why for each in found} <= {why}


def test_keys_and_forms_of_numbers() -> None:
    assert number_key("教ＡＰＰ备 3400001 号") == number_key("教APP备3400001") == "教APP备3400001"
    assert [is_number(text) for text in ("教APP备3400001号", "教APP备110017号", "3400001", "京ICP备11号", "合计")] == [
        True, True, False, False, False,
    ]  # fmt: skip
