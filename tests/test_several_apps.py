"""Which cells name several apps: surely a list, and no name that has a sign in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.checks import check_sheet
from domain.checks.several_apps import is_list
from tests.builders import NOTICE, RECEIVED, reporter, sheet

KNOWN = frozenset({"钉钉", "微信", "和教育"})
LISTS = [
    *(
        "钉钉、微信",
        "钉钉，微信",
        "钉钉,腾讯课堂",
        "钉钉；微信",
        "钉钉/微信",
        "钉钉／微信",
        "钉钉|微信",
        "钉钉+微信",
        "钉钉&微信",
    ),
    *("钉钉、腾讯课堂、作业帮", "QQ、微信", "《钉钉》、《微信》", "作业帮（家长版）、一起作业（学生版）"),
    *(
        "钉钉\n微信",
        "钉钉和微信",
        "钉钉与微信",
        "1.钉钉\n2.微信",
        "1、钉钉2、微信",
        "①钉钉②微信",
        "智学网APP\n作业帮APP",
    ),
    *("钉钉、微信等", "钉钉等APP", "钉钉等3款软件"),
]
NAMES = [
    *("钉钉", "钉钉 微信", "钉钉、", "和教育", "与你同行", "C/C++编程", "A/B", "Hello English+", "英语流利说·懂你英语"),
    *("作业帮/家长版", "作业帮、家长版", "一起作业（学生端/家长端）", "WPS/PC版", "安卓/iOS", "乐教乐学，教师版/家长版", "作业帮V12.3"),
    *("学习强国（含濮阳版、河南版）", "洋葱学院（原洋葱数学）", "作业帮，用于直播", "河南省名校课堂，即名校同步课堂"),
    *("国家中小学\n智慧教育平台", "智慧中小学\n平台", "安全教育平台、公众号", "UMU/互动平台"),
    *("人教高等", "初等数学", "平等", "无", ""),
]  # fmt: skip


@pytest.mark.parametrize("text", LISTS)
def test_lists(text: str) -> None:
    assert is_list(text, KNOWN)


@pytest.mark.parametrize("text", NAMES)
def test_names(text: str) -> None:
    assert not is_list(text, KNOWN)


def test_words_part_names_only_that_stand_alone_elsewhere() -> None:
    both = {"app": "钉钉和微信"}
    for others, codes in (([{"app": "钉钉"}, {"app": "微信"}], ["row.multiple_apps"]), ([{"app": "钉钉"}], [])):
        found = check_sheet(sheet(both, *others), NOTICE, reporter(), RECEIVED)
        assert [each.code for each in found] == codes


def test_the_advice_clears_it() -> None:
    found = check_sheet(sheet({"app": "智学网、钉钉"}), NOTICE, reporter(), RECEIVED)
    assert [each.code for each in found] == ["row.multiple_apps"]
    parted = sheet({"app": "智学网"}, {"app": "钉钉", "school": "濮阳县第一中学"})
    assert check_sheet(parted, NOTICE, reporter(), RECEIVED) == ()


@given(st.text(max_size=600))
def test_any_text_has_an_answer(text: str) -> None:
    assert is_list(text, KNOWN) in (True, False)
