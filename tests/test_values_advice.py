"""Errors of typed values, totals and further tables: what each advice says, done, clears it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from domain.catalogue_values import VALUE_ENTRIES
from domain.problems import Severity
from tests.test_values import CREDIT, PUPIL, TEACHERS, problems, workbook

Change = Mapping[str, object]

ADVISED: dict[str, tuple[bytes, bytes]] = {
    "row.number_invalid": (workbook({"男生数": "60人"}), workbook({"男生数": 60})),
    "row.number_range": (workbook({"巩固率": 101}), workbook({"巩固率": 100})),
    "row.date_invalid": (workbook({"建校日期": "1958"}), workbook({"建校日期": "1958年9月1日"})),
    "row.date_range": (workbook({"建校日期": "1899年1月1日"}), workbook({"建校日期": "1900年1月1日"})),
    "row.choice_invalid": (workbook({"学校类别": "小学校"}), workbook({"学校类别": "小学"})),
    "row.identity_invalid": (workbook({"校长身份证号": PUPIL[:-1]}), workbook({"校长身份证号": PUPIL})),
    "row.credit_code_invalid": (workbook({"统一社会信用代码": CREDIT[:-1]}), workbook({"统一社会信用代码": CREDIT})),
    "row.code_unknown": (workbook({"学校代码": "4101000"}), workbook({"学校代码": "4101001"})),
    "row.code_name": (workbook({"学校名称": "乙县第三小学"}), workbook({"学校名称": "乙县第一小学"})),
    "row.pattern_invalid": (workbook({"学籍号": "4109"}), workbook({"学籍号": "G4109"})),
    "header.value_invalid": (workbook(total="两千"), workbook(total=2318)),
    "table.totals_missing": (workbook(totals=None), workbook()),
    "table.totals_mismatch": (workbook(totals=("合计", None, None, 1, 1058, 2318)), workbook()),
    "table.missing": (workbook(teachers=None), workbook(teachers=TEACHERS)),
}
"""Error → the workbook with it, and as the advice says it should be. `header.value_missing` needs a notice that requires one:
tests/test_own_rules.py."""


@pytest.mark.parametrize("code", ADVISED)
def test_following_the_advice_clears_it(code: str) -> None:
    before, after = ADVISED[code]
    found = [each for each in problems(before) if each.severity is Severity.ERROR and each.code == code]
    assert len(found) == 1
    assert [each.code for each in problems(after)] == []


def test_every_error_of_values_is_tried() -> None:
    assert {entry.code for entry in VALUE_ENTRIES} - set(ADVISED) == {"header.value_missing"}


@pytest.mark.parametrize(
    ("change", "advised"),
    [
        ({"学校类别": "小学校"}, "是不是“小学”"),
        ({"学校代码": "4101009", "学校名称": "乙县第三小学"}, "“乙县第三小学”的代码是4101003"),
        ({"巩固率": "99.555"}, "最多2位"),
        ({"男生数": 10000}, "应在0到9999之间"),
        ({"建校日期": "2027年1月1日"}, "不早于1900年1月1日，不晚于报送的那一天"),
        ({"校长身份证号": 410101199003071230}, "设为“文本”格式"),
    ],
)
def test_advice_says_what_is_right(change: Change, advised: str) -> None:
    [first, *_] = problems(workbook(change))
    assert advised in first.advice
    assert re.search(r"[。]$", first.advice)
