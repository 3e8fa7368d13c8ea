"""Rules as a bureau writes them: what an expression means, what a wrong one is told, and what a notice file may say of values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from config.expressions import ExpressionFault, Names, read_expression
from config.notices import check_notice, load_notice
from domain.checks import check_sheet
from domain.expression import Context, Kind, Name, Source, Value, names_in, reckon
from domain.expression_words import values, words
from domain.sheet import Sheet
from tests.test_values import NOTICE, RECEIVED, read, workbook

FILE = Path(__file__).parent / "resources/notices/typed.yaml"
TEXTS, DAYS = ("学校类别", "备注"), ("入职日期",)


def _names() -> Names:
    columns = (
        "在校生数",
        "男生数",
        "女生数",
        "非在编人数",
        "或有负债",
        "合计",
        "人数(人)",
        "一",
        "人数",
        *TEXTS,
        *DAYS,
    )
    kinds = dict.fromkeys(TEXTS, Kind.TEXT) | dict.fromkeys(DAYS, Kind.DAY)
    known = {each: Name(key=each, shown=each, kind=kinds.get(each, Kind.NUMBER)) for each in columns}
    known |= {f"上期.{each}": replace(known[each], source=Source.PREVIOUS) for each in columns}
    known["表头.总数"] = Name(key="总数", shown="总数", kind=Kind.NUMBER, source=Source.HEADER)
    known["名册.在校生数"] = replace(known["在校生数"], table="名册")
    return Names(known=known, tables={"名册": "名册"})


NAMES = _names()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of plain values; what is not there is blank."""

    cells: Mapping[str, Value] = field(default_factory=dict)
    before: Mapping[str, Value] = field(default_factory=dict)
    header: Mapping[str, Value] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def value(self, name: Name) -> Value:
        held = {Source.COLUMN: self.cells, Source.HEADER: self.header, Source.PREVIOUS: self.before}[name.source]
        return held.get(name.key)

    def is_blank(self, name: Name) -> bool:
        return self.value(name) in (None, "")

    def rows(self, table: str) -> Sequence[Context]:
        return self.tables.get(table, ())

    def matching(self, table: str, name: Name) -> Mapping[Value, Sequence[Context]]:
        return {
            value: [row for row in self.rows(table) if row.value(name) == value] for value in (Decimal(1), Decimal(2))
        }

    def once(self, node: object, reckon: object) -> Value:
        return reckon()  # type: ignore[operator, no-any-return]


def numbers(**cells: float | str | date) -> dict[str, Value]:
    return {key: Decimal(str(value)) if isinstance(value, int | float) else value for key, value in cells.items()}


ROW = Row(
    cells=numbers(
        在校生数=118,
        男生数=60,
        女生数=58,
        非在编人数=0,
        合计=118,
        一=1,
        人数=7,
        学校类别="小学",
        入职日期=date(2020, 9, 1),
    ),
    before=numbers(在校生数=100),
    header=numbers(总数=336),
    tables={
        "": [Row(cells=numbers(在校生数=118, 学校类别="小学")), Row(cells=numbers(在校生数=218, 学校类别="初中"))],
        "名册": [Row(cells=numbers(在校生数=1)), Row(cells=numbers(在校生数=2)), Row()],
    },
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("在校生数 = 男生数 + 女生数", True),
        ("在校生数＝男生数＋女生数", True),
        ("合计 = 男生数 + 女生数", True),
        ("合计(在校生数) = 表头.总数", True),
        ("合计(在校生数, 学校类别 = “小学”) = 118", True),
        ("计数(名册) = 3 且 计数(名册.在校生数) = 2", True),
        ("最大(在校生数) = 218 且 最小(在校生数) ≥ 118", True),
        ("在校生数 > 上期.在校生数 * 1.2", False),
        ("在校生数 ≤ 上期.在校生数 × 1.2", True),
        ("非 非在编人数 > 0", True),
        ("非在编人数 > 0 或 学校类别 属于 (\"小学\"、\"初中\")", True),
        ("学校类别 != '小学'", False),
        ("空(备注) 且 已填(学校类别)", True),
        ("年(入职日期) = 2020 且 入职日期 < 2020-09-02", True),
        ("入职日期 - 2020-08-31 = 1", True),
        ("取整(男生数 / 女生数, 2) = 1.03", True),
        ("绝对值(男生数 - 女生数) <= 2", True),
        ("字数(学校类别) = 2 且 开头(学校类别, \"小\")", True),
        ("-男生数 < 0 且 (男生数 + 女生数) * 2 = 236", None),
        ("女生数 / 非在编人数 > 1", None),
        ("[人数(人)] > 3", None),
        ("[人数(人)] > 3 或 男生数 = 60", True),
        ("[人数(人)] > 3 且 男生数 = 61", False),
        ("或有负债 > 3", None),
        ("计数(名册, 名册.在校生数 = 一) = 1 且 合计(名册.在校生数, 名册.在校生数 = 一) = 一", True),
        ("合计(名册.在校生数, 名册.在校生数 = 一 且 名册.在校生数 > 5) = 0", True),
        ("计数(名册, 名册.在校生数 = 人数) = 0", True),
    ],
)  # fmt: skip
def test_what_an_expression_means(text: str, value: bool | None) -> None:
    if text.startswith("-"):
        text, value = f"0 {text}", True
    assert reckon(read_expression(text, NAMES), ROW) is value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("在校数 = 3", "没有“在校数”这一栏。是不是想写“在校生数”？"),
        ("在校生数 =", "写到一半就完了"),
        ("在校生数 + 3", "规则应是一个成立或不成立的条件"),
        ("学校类别 = 3", "“=”两边不能比较：一边是文字，一边是数"),
        ('学校类别 > "小"', "“>”只能比较数或日期"),
        ("学校类别 + 3 = 4", "“+”两边应是数，这里是文字"),
        ("在校生数 = 名册.在校生数", "要写成 合计(…)、计数(…) 等"),
        ("合计(学校类别) = 3", "“合计”的括号里应是数，这里是文字"),
        ("合计(名册) = 3", "“合计”的括号里写一个栏目名"),
        ("空(在校生数 + 1)", "“空”的括号里写一个栏目名"),
        ("在校生数 @ 3 = 1", "看不懂“@ 3 = 1”"),
        ("入职日期 > 2020-02-30", "没有“2020-02-30”这一天"),
        ("在校生数 在校生数", "不应在这里"),
        ("名册 = 3", ""),
        ("计数(名册, 名册.在校生数 > 男生数) = 0", "要与本行对上的，写成 附表.栏目 = 本表的栏目"),
        ("__import__('os').system('id')", "没有“__import__”这一栏"),
    ],
)
def test_what_a_wrong_expression_is_told(text: str, told: str) -> None:
    with pytest.raises(ExpressionFault, match=re.escape(told)):
        read_expression(text, NAMES)


@settings(deadline=None)
@given(st.text(alphabet="在校生数男女+-*/=<>≤()（）且或非空合计名册.[]\"'0123456789 ，,@人", max_size=40))
def test_any_text_is_a_rule_or_told(text: str) -> None:
    try:
        node = read_expression(text, NAMES)
    except ExpressionFault as fault:
        assert str(fault)
    else:
        assert reckon(node, ROW) in (True, False, None)
        assert words(node) and list(names_in(node)) is not None
        assert isinstance(values(node, ROW), str)


def _written(change: Mapping[str, object]) -> dict[str, object]:
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for path, value in change.items():
        at = data
        *steps, last = path.split(".")
        for step in steps:
            at = at[int(step)] if isinstance(at, list) else at[step]
        at[int(last) if isinstance(at, list) else last] = value  # type: ignore[call-overload]
    return data  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"form.columns.3.choices": ["甲"]}, "这个键只用于 type: choice，这里是 number"),
        ({"form.columns.2.choices": []}, "type: choice 还要写 choices"),
        ({"form.columns.0.list": "没有"}, "lists 里没有“没有”"),
        ({"form.columns.0.names": "nobody"}, "没有“nobody”这一列"),
        ({"form.columns.3.min": 10, "form.columns.3.max": 1}, "max 比 min 小"),
        ({"form.columns.7.latest": "1800-01-01"}, "latest 比 earliest 早"),
        ({"form.columns.10.example": "4109"}, "这个例子不符合上面的格式"),
        ({"form.columns.10.pattern": r"G(\d+)+"}, "没有上限的重复（+、*）套着重复"),
        ({"form.columns.10.pattern": "G["}, "正则表达式写错了"),
        ({"form.totals.columns": ["学校名称"]}, "“学校名称”不是 type: number，不能合计"),
        ({"form.totals.columns": ["没有"]}, "没有“没有”这一列"),
        ({"form.tables.0.name": "男生数"}, "已经用过了"),
        ({"lists.学校代码表": {"items": [{"code": "1"}, {"code": "1"}]}}, "代码“1”写了两次"),
        ({"lists.学校代码表": {"file": "没有.csv"}}, "打不开“没有.csv”"),
        ({"lists.学校代码表": {}}, "file 和 items 要写一个，只能写一个"),
        ({"checks.0.rows": "在校数 = 男生数"}, "checks[0].rows：没有“在校数”这一栏"),
        ({"checks.0.table": "合计(男生数) > 1"}, "里要写一项，只能写一项"),
        ({"checks.0.id": "order"}, "“order”写了两次"),
        ({"checks.0.id": "合计"}, "应为小写英文字母开头的代号"),
        ({"checks.0.at": "没有"}, "没有“没有”这一栏"),
        ({"checks.0.message": "{没有}"}, "没有“没有”这一栏"),
        ({"checks.4.sorted": ["没有"]}, "没有“没有”这一栏"),
        ({"checks.6.row_count": {"min": 3, "max": 1}}, "max 比 min 小"),
        ({"checks.6.row_count": {"min": 1, "of": {"ZZ": {"min": 1}}}}, "reporters 里没有“ZZ”"),
        ({"checks.2.table": "在校生数 > 3"}, "说的是整张表，栏目要写在 合计(…)、计数(…) 等里面"),
        ({"checks.2.table": "计数(教职工名册, 教职工名册.学校名称 = 学校名称) > 3"}, "说的是整张表"),
        ({"checks.9.of": "没有"}, "form.tables 里没有“没有”"),
        ({"rules": [{"code": "rule.none", "severity": "off"}]}, "没有“rule.none”这个问题代码"),
    ],
)
def test_what_contradicts_itself_is_told(tmp_path: Path, change: Mapping[str, object], told: str) -> None:
    file = tmp_path / "typed.yaml"
    file.write_text(yaml.safe_dump(_written(change), allow_unicode=True, sort_keys=False), encoding="utf-8")
    faults = check_notice(file)
    assert any(told in fault for fault in faults), faults
    assert all(fault.startswith("第") for fault in faults)


def test_a_rule_of_the_notice_can_be_changed_like_any_other(tmp_path: Path) -> None:
    file = tmp_path / "typed.yaml"
    change = {"rules": [{"code": "rule.sum", "severity": "off"}, {"code": "rule.order", "severity": "error"}]}
    file.write_text(yaml.safe_dump(_written(change), allow_unicode=True, sort_keys=False), encoding="utf-8")
    assert check_notice(file) == []


def test_a_required_header_field_must_be_filled(tmp_path: Path) -> None:
    file = tmp_path / "typed.yaml"
    file.write_text(
        yaml.safe_dump(_written({"form.header.2.required": True}), allow_unicode=True, sort_keys=False),
        encoding="utf-8",
    )
    notice = load_notice(file)
    sheet: Sheet = read(workbook(total=None))
    found = check_sheet(sheet, notice, notice.reporter("YX"), RECEIVED)
    assert [each.code for each in found] == ["header.value_missing"]
    assert [each.code for each in check_sheet(sheet, NOTICE, NOTICE.reporter("YX"), RECEIVED)] == []


def test_code_lists_come_from_a_file_in_either_charset(tmp_path: Path) -> None:
    for charset in ("utf-8-sig", "gb18030"):
        (tmp_path / "学校.csv").write_bytes("代码,名称\r\n4101001,乙县第一小学\r\n".encode(charset))
        file = tmp_path / "typed.yaml"
        changed = _written({"lists.学校代码表": {"file": "学校.csv"}})
        file.write_text(yaml.safe_dump(changed, allow_unicode=True, sort_keys=False), encoding="utf-8")
        allowed = load_notice(file).form.columns[0].allowed
        assert allowed is not None and allowed.named("４１０１００１") == "乙县第一小学"  # type: ignore[union-attr]
