"""Names of operators and apps: what is the same, what is alike and why, what is different. The bounds are measured here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.names import Degree, closeness, like_apps, like_operators

OPERATORS_OF_ONE = [
    ("科大讯飞股份有限公司", "科大讯飞", Degree.SAME, "名称一致"),
    ("钉钉（中国）信息技术有限公司", "钉钉信息技术有限公司", Degree.SAME, "名称一致"),
    ("腾讯科技（深圳）有限公司", "深圳市腾讯科技有限公司", Degree.SAME, "名称一致"),
    ("北京世纪好未来教育科技有限公司", "世纪好未来教育科技有限责任公司", Degree.SAME, "名称一致"),
    ("作业帮教育科技（北京）有限公司", "作业帮教育科技北京有限公司", Degree.SAME, "名称一致"),
    ("ＡＢＣ教育科技有限公司", "abc教育科技", Degree.SAME, "名称一致"),
    ("安徽科大讯飞有限公司", "科大讯飞股份有限公司", Degree.SAME, "名称一致"),
    ("钉钉(中国)信息技术有限公司", "钉钉", Degree.ALIKE, "字号都是“钉钉”"),
    ("阿里巴巴（中国）网络技术有限公司", "阿里巴巴集团", Degree.ALIKE, "字号都是“阿里巴巴”"),
    ("北京字节跳动科技有限公司", "字节跳动网络技术有限公司", Degree.ALIKE, "字号都是“字节跳动”"),
    ("中国移动通信集团河南有限公司", "中国移动河南公司", Degree.ALIKE, "字号都是“移动”"),
    ("科大讯飞股份有限公司", "讯飞", Degree.ALIKE, "都含“讯飞”"),
    ("北京世纪好未来教育科技有限公司", "好未来教育科技集团", Degree.ALIKE, "都含“好未来”"),
    ("北京学而思教育科技有限公司", "北京学尔思教育科技有限公司", Degree.ALIKE, "只差1个字"),
    ("杭州笔声智能科技有限公司", "杭州笔生智能科技有限公司", Degree.ALIKE, "只差1个字"),
    ("北京云杉教育科技有限公司", "上海云杉教育科技有限公司", Degree.ALIKE, "名称相同，地区不同"),
]
OPERATORS_OF_TWO = [
    ("科大讯飞股份有限公司", "钉钉（中国）信息技术有限公司"),
    ("北京猿力教育科技有限公司", "北京世纪好未来教育科技有限公司"),
    ("腾讯科技（深圳）有限公司", "深圳市金山科技有限公司"),
    ("上海掌门教育科技有限公司", "上海沪江教育科技有限公司"),
    ("杭州铭师堂教育科技发展有限公司", "杭州名师汇教育科技发展有限公司"),
    ("广州视源电子科技股份有限公司", "广州网易计算机系统有限公司"),
    ("北京一起教育科技有限责任公司", "北京作业盒子科技有限公司"),
    ("中国移动通信集团有限公司", "中国联合网络通信集团有限公司"),
    ("上海晓信信息科技有限公司", "上海晓黑板网络科技有限公司"),
    ("新东方教育科技集团有限公司", "东方优播网络科技有限公司"),
    ("教育科技有限公司", "云杉教育科技有限公司"),
    ("", "云杉教育科技有限公司"),
]
APPS_OF_ONE = [
    ("智学网", "智学网APP", Degree.SAME),
    ("智学网（学生端）", "智学网", Degree.SAME),
    ("智学网", "智学网学生端", Degree.SAME),
    ("ＱＱ课堂", "qq课堂", Degree.SAME),
    ("钉钉", "阿里钉钉", Degree.ALIKE),
    ("科大讯飞智学网", "智学网", Degree.ALIKE),
    ("一起作业", "一起作业网", Degree.ALIKE),
    ("学而思", "学而思网校", Degree.ALIKE),
    ("人人通空间", "人人通", Degree.ALIKE),
]
APPS_OF_TWO = [
    ("智学网", "学科网"), ("一起作业", "一起考教师"), ("作业帮", "作业盒子"), ("猿辅导", "猿题库"), ("洋葱学院", "洋葱数学"),
    ("学而思", "学而优"), ("腾讯课堂", "腾讯会议"), ("小猿搜题", "小猿口算"), ("晓黑板", "小黑板"), ("乐教乐学", "乐教云"),
    ("名师课堂", "空中课堂"), ("百度", "百度文库智慧课堂"), ("家校通", "家长通"), ("", "智学网"),
]  # fmt: skip
NOT_TOLD_APART = [
    # Two firms, one letter apart, as a slip of the pen would be; and one app under a name with letters inside it.
    (like_operators, "北京学而思教育科技有限公司", "北京学而优教育科技有限公司", Degree.ALIKE),
    (like_apps, "洋葱学院", "洋葱数学学院", Degree.DIFFERENT),
]


@pytest.mark.parametrize(("one", "other", "degree", "why"), OPERATORS_OF_ONE)
def test_operators_of_one_name_are_known_and_it_is_said_why(one: str, other: str, degree: Degree, why: str) -> None:
    found = like_operators(one, other)
    assert (found.degree, found.why) == (degree, why)
    assert like_operators(other, one) == found


@pytest.mark.parametrize(("one", "other"), OPERATORS_OF_TWO)
def test_two_operators_are_two(one: str, other: str) -> None:
    assert like_operators(one, other).degree is Degree.DIFFERENT


@pytest.mark.parametrize(("one", "other", "degree"), APPS_OF_ONE)
def test_names_of_one_app_are_known(one: str, other: str, degree: Degree) -> None:
    assert like_apps(one, other).degree is degree
    assert like_apps(other, one).degree is degree


@pytest.mark.parametrize(("one", "other"), APPS_OF_TWO)
def test_two_apps_are_two(one: str, other: str) -> None:
    assert like_apps(one, other).degree is Degree.DIFFERENT


@pytest.mark.parametrize(("like", "one", "other", "degree"), NOT_TOLD_APART)
def test_what_is_not_told_apart_is_written_down(like: object, one: str, other: str, degree: Degree) -> None:
    assert callable(like)
    assert like(one, other).degree is degree


def test_no_bound_on_letters_alone_parts_the_operators() -> None:
    """Why names are taken apart before letters are counted."""
    one = [closeness(first, second) for first, second, _, _ in OPERATORS_OF_ONE]
    two = [closeness(first, second) for first, second in OPERATORS_OF_TWO]
    assert min(one) < 0.2
    assert max(two) > 0.7
    assert sum(each < max(two) for each in one) >= 9


NAMES = st.text(st.sampled_from("云杉教育科技有限公司北京(中国)集团APP学生端软件 　股份"), max_size=20)


@given(NAMES, NAMES)
def test_any_two_names_are_compared_alike_from_both_sides(one: str, other: str) -> None:
    for like in (like_operators, like_apps):
        assert like(one, other) == like(other, one)
    assert like_operators(one, one).degree in (Degree.SAME, Degree.DIFFERENT)  # the latter where it names nobody
