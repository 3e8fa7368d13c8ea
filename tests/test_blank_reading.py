"""Blank forms as bureaus make them, each with what is to be read of it."""

from __future__ import annotations

import pytest

from domain.blank_form import BlankFailure, BlankForm, BlankTable
from parsers.blank_around import templated
from parsers.blank_form import read_blank_form
from tests.blank_forms import Tab, workbook

_ = None


def read(data: bytes, name: str = "空白表.xlsx") -> BlankForm:
    found = read_blank_form(data, name=name)
    assert isinstance(found, BlankForm), found
    return found


def told(table: BlankTable) -> str:
    """On one line what matters: title; labels; columns; the rest by its letter."""
    parts = [
        table.title,
        " ".join(field.label for field in table.fields),
        " ".join(each.name for each in table.columns),
    ]
    parts += [f"期{table.period}"] if table.period else []
    parts += [f"例{' '.join(''.join(each.samples) or '-' for each in table.columns)}"] * any(
        each.samples for each in table.columns
    )
    parts += [f"边{' '.join(table.side)}"] if table.side else []
    parts += [f"计{table.totals}"] if table.totals else []
    parts += [f"注{len(table.notes)}"] if table.notes else []
    parts += [f"签{' '.join(each.label for each in table.signatures)}"] if table.signatures else []
    parts += [f"位{table.measure}"] if table.measure else []
    return "; ".join(parts)


FORMS: dict[str, tuple[Tab, str]] = {
    "one line of names": (
        Tab(rows=[["XX县图书馆情况统计表"], ["填报单位：", _, _, "填报时间："], ["序号", "学校名称", "藏书册数", "备注"]]),
        "{unit}图书馆情况统计表; 填报单位 填报时间; 序号 学校名称 藏书册数 备注",
    ),
    "title merged over all columns, 附件1 above it": (
        Tab(
            rows=[["附件1"], ["____县（区）教师培训统计表"], ["填报单位（盖章）：", _, _, "填表日期：    年  月  日"], ["学校", "培训人数", "培训学时", "负责人"]],
            merges=["A2:D2", "A3:C3"],
        ),
        "{unit}教师培训统计表; 填报单位（盖章） 填表日期; 学校 培训人数 培训学时 负责人",
    ),
    "附件 in the title's own cell": (
        Tab(rows=[["附件2：校车安全台账"], ["车牌号", "驾驶员", "联系电话"]], merges=["A1:C1"]),
        "校车安全台账; ; 车牌号 驾驶员 联系电话",
    ),
    "two lines, merged": (
        Tab(
            rows=[
                ["XX县在校生统计表"], ["单位：人"], ["学校", "在校生", _, _, "备注"], [_, "合计", "男", "女", _], [], ["合计"], ["填表人：      审核人：      电话："],
            ],
            merges=["A1:E1", "A2:E2", "A3:A4", "B3:D3", "E3:E4", "A7:E7"],
        ),
        "{unit}在校生统计表; ; 学校 在校生-合计 在校生-男 在校生-女 备注; 计合计; 签填表人 审核人 电话; 位人",
    ),
    "two lines, not merged": (
        Tab(rows=[["教师统计表"], ["学校", "专任教师", _, "其他教师", _, "备注"], [_, "男", "女", "男", "女"]], merges=["A1:F1"]),
        "教师统计表; ; 学校 专任教师-男 专任教师-女 其他教师-男 其他教师-女 备注",
    ),
    "three lines": (
        Tab(
            rows=[
                ["办学条件统计表"], ["学校", "校舍", _, _, "图书"], [_, "面积", _, "间数", _], [_, "总面积", "危房面积", _, _],
            ],
            merges=["A1:E1", "A2:A4", "B2:D2", "B3:C3", "D3:D4", "E2:E4"],
        ),
        "办学条件统计表; ; 学校 校舍-面积-总面积 校舍-面积-危房面积 校舍-间数 图书",
    ),
    "units at the side": (
        Tab(rows=[["各县区安全检查汇总表"], ["县区", "检查学校数", "发现隐患数"], ["甲县"], ["乙县"], ["丙区"], ["合计"]], merges=["A1:C1"]),
        "各县区安全检查汇总表; ; 县区 检查学校数 发现隐患数; 边甲县 乙县 丙区; 计合计",
    ),
    "running numbers in empty rows": (
        Tab(rows=[["教职工名册"], ["序号", "姓名", "身份证号", "联系电话"], [1], [2], [3], ["注：身份证号为18位。"]], merges=["A1:D1", "A6:D6"]),
        "教职工名册; ; 序号 姓名 身份证号 联系电话; 注1",
    ),
    "a sample row": (
        Tab(rows=[["XX学校疫苗接种统计表"], ["学校", "应接种人数", "已接种人数"], ["XX小学", 120, 118], [], []]),
        "{unit}疫苗接种统计表; ; 学校 应接种人数 已接种人数; 例XX小学 120 118",
    ),
    "a sample row marked 示例": (
        Tab(rows=[["社团活动登记表"], ["序号", "社团名称", "指导教师"], ["示例", "合唱团", "张三"], [1], [2]]),
        "社团活动登记表; ; 序号 社团名称 指导教师; 例- 合唱团 张三",
    ),
    "columns counted below the names": (
        Tab(rows=[["学前教育统计表"], ["园所", "班级数", "幼儿数", "教师数"], ["甲", 1, 2, 3]]),
        "学前教育统计表; ; 园所 班级数 幼儿数 教师数",
    ),
    "names stretched by spaces and broken lines": (
        Tab(rows=[["教 师 花 名 册"], ["序 号", "姓    名", "出生\n年月", "参加工\n作时间"]]),
        "教师花名册; ; 序号 姓名 出生年月 参加工作时间",
    ),
    "title on two lines": (
        Tab(rows=[["XX县教育局2026年11月"], ["营养改善计划执行情况月报表"], ["学校", "用餐人数", "支出金额"]], merges=["A1:C1", "A2:C2"]),
        "{unit}{round}营养改善计划执行情况月报表; ; 学校 用餐人数 支出金额; 期2026年11月",
    ),
    "labels in cells of their own": (
        Tab(rows=[["资助对象统计表"], ["填报单位：", "", "联系人：", "", "联系电话：", ""], ["姓名", "年级", "资助金额", "银行卡号", "监护人", "电话"]]),
        "资助对象统计表; 填报单位 联系人 联系电话; 姓名 年级 资助金额 银行卡号 监护人 电话",
    ),
    "several labels in one cell": (
        Tab(rows=[["经费使用情况表"], ["填报单位：          填报人：       联系电话：       "], ["项目", "预算数", "执行数"]], merges=["A1:C1", "A2:C2"]),
        "经费使用情况表; 填报单位 填报人 联系电话; 项目 预算数 执行数",
    ),
    "label and measure on one line": (
        Tab(rows=[["固定资产统计表"], ["填报单位：", _, "单位：万元"], ["资产名称", "数量", "金额"]]),
        "固定资产统计表; 填报单位; 资产名称 数量 金额; 位万元",
    ),
    "measure behind spaces": (
        Tab(rows=[["学位情况统计表"], ["填报单位（公章）：                        单位：人、个"], ["学校", "学位数", "班级数"]], merges=["A1:C1", "A2:C2"]),
        "学位情况统计表; 填报单位（公章）; 学校 学位数 班级数; 位人、个",
    ),
    "empty rows and columns in between": (
        Tab(rows=[[], [_, "XX区食堂检查情况表"], [], [_, "学校", "检查日期", "检查人"], [], []]),
        "{unit}食堂检查情况表; ; 学校 检查日期 检查人",
    ),
    "notes without marks": (
        Tab(rows=[["竞赛报名表"], ["姓名", "学校", "组别"], [], [], ["本表请于规定日期前发送至邮箱，并附加盖公章的扫描件。"], ["组别分为小学组、初中组。"]], merges=["A5:C5", "A6:C6"]),
        "竞赛报名表; ; 姓名 学校 组别; 注2",
    ),
    "numbered notes": (
        Tab(rows=[["危房排查统计表"], ["学校", "建筑名称", "面积（㎡）", "等级"], [], ["说明：1.面积保留两位小数；"], ["2.等级填A、B、C、D。"]]),
        "危房排查统计表; ; 学校 建筑名称 面积（㎡） 等级; 注2",
    ),
    "signatures in several cells": (
        Tab(rows=[["用水统计表"], ["月份", "用水量", "水费"], [], ["单位负责人：", "填表人：", "联系电话："]]),
        "用水统计表; ; 月份 用水量 水费; 签单位负责人 填表人 联系电话",
    ),
    "a total at the top of the rows": (
        Tab(rows=[["学生体质统计表"], ["学校", "测试人数", "合格人数"], ["总计"], []]),
        "学生体质统计表; ; 学校 测试人数 合格人数; 计总计",
    ),
    "explanations above the table": (
        Tab(
            rows=[["教育信息化设备统计表"], ["填表要求：本表由各学校填写，数量一律填整数，没有的填0，设备名称不得简写，型号以铭牌为准；单价保留两位小数，不要带单位。填好以后先自查一遍。"], ["设备名称", "型号", "数量", "单价"]],
            merges=["A1:D1", "A2:D2"],
        ),
        "教育信息化设备统计表; ; 设备名称 型号 数量 单价; 注1",
    ),
    "a hidden column": (
        Tab(rows=[["校医配备情况表"], ["学校", "内部编码", "校医姓名"]], hidden_columns=["B"]),
        "校医配备情况表; ; 学校 内部编码 校医姓名",
    ),
    "a term": (
        Tab(rows=[["XX县2026—2027学年第一学期开学检查情况统计表"], ["学校", "检查结果"]]),
        "{unit}{round}开学检查情况统计表; ; 学校 检查结果; 期2026—2027学年第一学期",
    ),
    "a month left open": (
        Tab(rows=[["（填报单位）    年   月安全隐患排查月报表"], ["隐患部位", "整改措施", "是否完成"]]),
        "{unit}{round}安全隐患排查月报表; ; 隐患部位 整改措施 是否完成; 期年月",
    ),
    "names in English": (
        Tab(rows=[["School Register"], ["School", "Pupils", "Phone"]]),
        "School Register; ; School Pupils Phone",
    ),
    "no title": (
        Tab(rows=[["学校", "校长", "办公电话"]]),
        "; ; 学校 校长 办公电话",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tab", "expected"), FORMS.values(), ids=FORMS.keys())
def test_a_form_is_read(tab: Tab, expected: str) -> None:
    assert told(read(workbook(tab)).main) == expected


def test_drop_downs_stand_in_the_rule_in_cells_or_under_a_name() -> None:
    lists = Tab(name="选项", rows=[["小学"], ["初中"], ["高中"]], state="hidden")
    main = Tab(
        rows=[["学校情况表"], ["学校", "学段", "办学性质", "是否寄宿", "等级", "所在地"], []],
        choices={
            "B3:B100": "选项!$A$1:$A$3", "C3:C100": "性质", "D3": '"是,否"', "E3:E50": '"一级，二级"', "F3:F50": "INDIRECT(B3)",
        },
    )  # fmt: skip
    nature = Tab(name="字典", rows=[["公办"], ["民办"]])
    found = read(workbook(main, lists, nature, names={"性质": "字典!$A$1:$A$2"}))
    assert [each.choices for each in found.main.columns] == [
        (), ("小学", "初中", "高中"), ("公办", "民办"), ("是", "否"), ("一级", "二级"), (),
    ]  # fmt: skip
    assert found.further == ()
    assert ["“所在地”一栏的下拉选项是算出来的" in text for text in found.unclear] == [True]


def test_bounds_formats_and_widths_are_the_columns_own() -> None:
    tab = Tab(
        rows=[["设备表"], ["名称", "数量", "单价", "购置日期"], []],
        bounds={"B3:B9": ("whole", "0", "500"), "D3:D9": ("date", "44197", "46387")},
        formats={"C3": "0.00", "D3": "yyyy-mm-dd"}, widths={"A": 28.5},
    )  # fmt: skip
    name, count, price, day = read(workbook(tab)).main.columns
    assert (name.width, price.number_format, day.number_format) == (28.5, "0.00", "yyyy-mm-dd")
    assert (count.kind, count.least, count.most) == ("whole", "0", "500")
    assert (day.kind, day.least, day.most) == ("date", "2021-01-01", "2026-12-31")


def test_further_sheets_with_tables_are_told_and_explanations_and_hidden_ones_are_not() -> None:
    tabs = (
        Tab(name="填表说明", rows=[["项目", "说明"], ["学校", "写全称"]]),
        Tab(name="汇总", rows=[["XX县汇总表"], ["学校", "人数"]]),
        Tab(name="名册", rows=[["名册"], ["姓名", "身份证号"]]),
        Tab(name="旧表", rows=[["旧表"], ["姓名", "电话"]], state="hidden"),
    )
    found = read(workbook(*tabs))
    assert (found.main.sheet, [each.sheet for each in found.further]) == ("汇总", ["名册"])
    assert found.unclear == ("工作表“旧表”是隐藏的，没有采用。",)


def test_what_is_no_form_is_told_in_chinese() -> None:
    for data in (b"", b"hello", workbook(Tab(rows=[["只有一句话"]])), workbook(Tab(rows=[]))):
        found = read_blank_form(data, name="表.xlsx")
        assert isinstance(found, BlankFailure) and found.told.endswith("。")


TITLES = {
    "XX县统计表": ("{unit}统计表", ""),
    "××县（市、区）统计表": ("{unit}统计表", ""),
    "____统计表": ("{unit}统计表", ""),
    "（学校名称）统计表": ("{unit}统计表", ""),
    "濮阳县统计表": ("濮阳县统计表", ""),
    "        县教师统计表": ("{unit}教师统计表", ""),
    "2026年10月XX县报表": ("{round}{unit}报表", "2026年10月"),
    "XX县____年__月报表": ("{unit}{round}报表", "____年__月"),
    "2026年春季学期学生统计表": ("{round}学生统计表", "2026年春季学期"),
    "2026年第三季度收支表": ("{round}收支表", "2026年第三季度"),
    "2026年招生计划表": ("2026年招生计划表", ""),
    "XX学校2026年度总结表": ("{unit}{round}总结表", "2026年度"),
    "{unit}表": ("unit表", ""),
}


@pytest.mark.parametrize("title", TITLES)
def test_places_of_unit_and_period_in_a_title(title: str) -> None:
    assert templated(title) == TITLES[title]
