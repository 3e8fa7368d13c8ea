"""Every rule says why, with an example right and wrong; those of headers and rows are put into a form and judged by the checks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from domain import checks
from domain.blacklist import Blacklisted
from domain.catalogue import CATALOGUE, GROUPS
from domain.identify import reporter_of
from domain.notice import Notice, Reporter
from domain.policy_lists import PolicyLists
from domain.register import Entry, Register
from domain.sheet import CellFault, HeaderValue, Sheet
from parsers.dates import read_date
from tests import test_values
from tests.builders import FIRST_ROW, GOOD_ROW, NOTICE, RECEIVED, row, sheet

OF_ONE_NOTICE = ("濮阳", "清丰", "南乐", "范县", "台前", "华龙", "濮教", "77222415")
COUNTY, OTHER = (
    Reporter(code=code, name=name, names=(name, f"{name}教育局"), seal_names=(f"{name}教育局",), row_units=(name,))
    for code, name in (("JX", "甲县"), ("YX", "乙县"))
)
SCHOOL = Reporter(
    code="SZ01",
    name="甲市第一中学",
    names=("甲市第一中学",),
    seal_names=("甲市第一中学",),
    row_units=("市直",),
    bureau_run=True,
)
NEUTRAL: Notice = replace(NOTICE, reporters=(COUNTY, OTHER, SCHOOL))
GOOD = {**GOOD_ROW, "unit": "甲县", "school": "甲县第一中学", "filing_number": "教APP备4100001号"}
LISTS = PolicyLists(
    register=Register(
        version=1,
        date=date(2020, 2, 20),
        entries=(Entry(number="教APP备4100001号", app="智学网", operator=GOOD["operator"]),),
    ),
    blacklist=(Blacklisted(id=1, operator="甲网络科技有限公司", since=date(2020, 2, 1), reason="查证属实"),),
)
LISTED = ("policy.blacklisted", "policy.not_in_register", "policy.register_mismatch")
CELL_OF = {
    "row.required": "school",
    "row.unit_mismatch": "unit",
    "row.phone_invalid": "phone",
    "row.phone_unusual": "phone",
    "row.filed_invalid": "filed",
    "row.filing_number_invalid": "filing_number",
    "row.filing_number_irregular": "filing_number",
    "row.multiple_apps": "app",
    "row.placeholder": "school",
    "row.formula_error": "phone",
    "policy.blacklisted": "operator",
    "policy.not_in_register": "filing_number",
    "policy.restricted_app": "app",
}
"""Which cell an example of one cell's content stands in."""
TYPED_CELL_OF = {
    "row.number_invalid": "男生数",
    "row.number_range": "男生数",
    "row.date_invalid": "建校日期",
    "row.date_range": "建校日期",
    "row.choice_invalid": "学校类别",
    "row.identity_invalid": "校长身份证号",
    "row.credit_code_invalid": "统一社会信用代码",
    "row.code_unknown": "学校代码",
    "row.pattern_invalid": "学籍号",
}
"""The same of the rules that only a notice with typed columns has, by the column's name (tests/test_values.py has such a notice)."""
TYPED = (*TYPED_CELL_OF, "row.code_name", "header.value_missing", "header.value_invalid")
TRIED = [code for code in CATALOGUE if code.split(".")[0] in ("header", "row", "policy")]


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_rule_says_why_with_an_example_right_and_wrong(code: str) -> None:
    entry = CATALOGUE[code]
    assert entry.why.endswith("。") and 1 <= len(re.findall("[。！？]", entry.why)) <= 2
    assert entry.right and entry.wrong and entry.right != entry.wrong
    for text in (entry.why, entry.right, entry.wrong):
        assert not any(word in text for word in OF_ONE_NOTICE)
        assert not any(mark in text.replace("#REF!", "") for mark in (",", "?", "!", ";", "。。", "  ", "{"))
    assert max(len(entry.right), len(entry.wrong)) <= 60, "an example is short"


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_rule_is_in_a_group_that_lists_show(code: str) -> None:
    assert code.split(".")[0] in GROUPS


@pytest.mark.parametrize("code", TRIED)
def test_the_wrong_example_is_found_and_the_right_one_is_not(code: str) -> None:
    assert found(code, CATALOGUE[code].right) == set()
    assert found(code, CATALOGUE[code].wrong) == {code}


def found(code: str, example: str) -> set[str]:
    """The codes that the checks find in a form made out like the example; what is beside the point is left out."""
    return _found_typed(code, example) if code in TYPED else _found(code, example)


def _found_typed(code: str, example: str) -> set[str]:
    told = _parts(example) or {TYPED_CELL_OF[code]: _bare(example)}
    total = told.pop("在校生总数", "2318")
    made = test_values.read(test_values.workbook(told, total=total or None))
    form = test_values.NOTICE.form
    header = tuple(replace(field, required=True) for field in form.header)
    notice = replace(test_values.NOTICE, form=replace(form, header=header))
    owner = reporter_of(made, None, notice).reporter
    codes = {problem.code for problem in checks.check_sheet(made, notice, owner, test_values.RECEIVED)}
    # One number changed, and sums and the notice's own rules no longer hold.
    return {each for each in codes if not each.startswith("rule.")} - {"table.totals_mismatch"}


def _found(code: str, example: str) -> set[str]:
    filled = _form(code, example)
    lists = LISTS if code in LISTED else PolicyLists()
    owner = SCHOOL if code == "header.unit_unlisted" else COUNTY
    problems = (
        *checks.check_sheet(filled, NEUTRAL, owner, RECEIVED, lists),
        *checks.check_policy(filled, NEUTRAL, lists),
    )
    codes = {problem.code for problem in problems}
    # That an app is not filed is told of every 否, and a company of another name is not the register's.
    return codes - ({"policy.unfiled_app", "policy.register_mismatch"} - {code})


def _form(code: str, example: str) -> Sheet:
    told = _cells(code, example)
    header = {"标题": "甲县", "填报单位": "甲县教育局", "填报时间": "2020年2月26日"}
    good = GOOD
    if code == "header.unit_unlisted":
        good, header["标题"] = {**GOOD, "unit": "市直"}, told["填报单位"]
    header |= {name: text for name, text in told.items() if name in header}
    changed = {**good, **{key: text for key, text in told.items() if key in good}}
    broken = {key: CellFault.ERROR_VALUE for key, text in changed.items() if text.startswith("#")}
    rows = [row(FIRST_ROW + 1, changed, broken)]
    if code == "row.duplicate":
        rows = [row(FIRST_ROW, good), *rows]
    made = sheet(unit=header["填报单位"], day=header["填报时间"], on=read_date(header["填报时间"]))
    title = NEUTRAL.form.title_template.format(unit=header["标题"])
    return replace(made, title=HeaderValue(address="A1", text=title), rows=tuple(rows))


def _cells(code: str, example: str) -> dict[str, str]:
    """Column keys and names of header fields → content."""
    keys = {column.name: column.key for column in NEUTRAL.form.columns}
    return {keys.get(name, name): text for name, text in _parts(example).items()} or {CELL_OF[code]: _bare(example)}


def _parts(example: str) -> dict[str, str]:
    """Of `栏名：内容；栏名：内容`; nothing of an example that is one cell's content."""
    pairs = (part.split("：") for part in _bare(example).split("；") if "：" in part)
    return {name: "" if text == "（空）" else text for name, text in pairs}


def _bare(example: str) -> str:
    """Without a remark behind it."""
    return re.sub(r"（(?!空）)[^（）]*）$", "", example)
