"""The counts of the merged workbook: by reporter, app and operator, with charts that Excel draws of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.merged_counts import Counted, Counts
from domain.standings import Standing
from notifier.merged_sheet import FONT, Book, Head, MergedSheet, safe
from notifier.plain import one_line

_COLUMNS = (
    Head(name="名称", width=34),
    Head(name="写法", width=44),
    Head(name="行数", width=10),
    Head(name="学校数", width=10),
    Head(name="已备案", width=10),
    Head(name="未备案", width=10),
    Head(name="未填清", width=10),
)
_NAMES = ("行数", "学校数", "已备案", "未备案", "未填清")
_TOP = 10
_CHART_ROWS = 32
"""Rows of the sheet that the charts lie over."""
_WIDE, _HIGH = 400, 300
"""Of a chart, in pixels."""
_NAME_LENGTH, _SPELLINGS_LENGTH = 60, 400
_TONES = {
    Standing.ACCEPTED: "#2E7D32",
    Standing.REVIEW: "#F9A825",
    Standing.INCOMPLETE: "#EF6C00",
    Standing.REJECTED: "#C62828",
    Standing.MISSING: "#9E9E9E",
}
_FILED_TONES = ("#2E7D32", "#C62828", "#9E9E9E")
_BAR = "#3A6EA5"
_NOTE = "名称写法不同而明显是同一个的，算作一个；“写法”列出都有哪些写法，可据此在汇总表中筛选核对。"


def write_counts(
    book: Book, name: str, counts: Counts, standings: Mapping[Standing, int], words: Mapping[Standing, str]
) -> None:
    """The sheet `name`: charts above, the tables they are drawn of below."""
    sheet = book.sheet(name, _COLUMNS, len(_COLUMNS))
    sheet.band("统计", "title", 34)
    sheet.band(_NOTE, "note", 20)
    top = sheet.row
    sheet.row += _CHART_ROWS
    whole = counts.whole
    states = _pairs(sheet, "各单位报送情况", [(words[each], standings[each]) for each in Standing])
    filed = _pairs(
        sheet, "备案情况（行）", [("已备案", whole.filed), ("未备案", whole.unfiled), ("未填清", whole.unclear)]
    )
    _table(sheet, "按单位", counts.reporters, whole)
    apps = _table(sheet, "按APP", counts.apps, whole)
    operators = _table(sheet, "按主办者", counts.operators, whole)
    tones = [_TONES[each] for each in Standing]
    _place(sheet, top, 0, _pie(book, sheet, "各单位报送情况", states, tones))
    _place(sheet, top, 1, _pie(book, sheet, "备案情况（行）", filed, _FILED_TONES))
    for at, (title, first, shown) in enumerate(
        (("使用最多的APP（行）", apps, counts.apps), ("主办者（行）", operators, counts.operators)), 2
    ):
        if shown:
            _place(sheet, top, at, _bars(book, sheet, title, first, shown[:_TOP]))
    sheet.sheet.print_area(0, 0, sheet.row - 1, len(_COLUMNS) - 1)


def _pairs(sheet: MergedSheet, title: str, pairs: Sequence[tuple[str, int]]) -> tuple[int, Sequence[tuple[str, int]]]:
    """A small table. → its first row, and what stands in it."""
    sheet.row += 1
    sheet.head((title, "", "数量"))
    first = sheet.row
    for name, number in pairs:
        sheet.line((name, "", number))
    return first, pairs


def _table(sheet: MergedSheet, title: str, groups: Sequence[Counted], whole: Counted) -> int:
    """→ the first row of data."""
    sheet.row += 1
    sheet.head((title, "写法", *_NAMES))
    first = sheet.row
    for one in groups:
        sheet.line((shown_name(one), one_line("、".join(one.spellings), _SPELLINGS_LENGTH), *_numbers(one)))
    sheet.line(("合计", "", *_numbers(whole)))
    return first


def _numbers(one: Counted) -> tuple[int, ...]:
    return (one.rows, one.schools, one.filed, one.unfiled, one.unclear)


def shown_name(one: Counted) -> str:
    return safe(one_line(one.name, _NAME_LENGTH))


def _place(sheet: MergedSheet, top: int, at: int, chart: Any) -> None:
    """Two beside each other, two below."""
    chart.set_size({"width": _WIDE, "height": _HIGH})
    chart.set_chartarea({"border": {"color": "#BFBFBF"}})
    where = {"x_offset": 6 + (at % 2) * (_WIDE + 12), "y_offset": 6 + (at // 2) * (_HIGH + 12), "object_position": 3}
    sheet.sheet.insert_chart(top, 0, chart, where)


def _pie(
    book: Book, sheet: MergedSheet, title: str, told: tuple[int, Sequence[tuple[str, int]]], tones: Sequence[str]
) -> Any:
    first, pairs = told
    chart = book.chart("doughnut")
    _series(
        chart, sheet, title, first, [name for name, _ in pairs], [number for _, number in pairs],
        points=[{"fill": {"color": tone}} for tone in tones],
        data_labels={"value": True, "font": {"name": FONT, "size": 10}},
    )  # fmt: skip
    chart.set_legend({"position": "right", "font": {"name": FONT, "size": 10}})
    chart.set_hole_size(55)
    return chart


def _bars(book: Book, sheet: MergedSheet, title: str, first: int, groups: Sequence[Counted]) -> Any:
    chart = book.chart("bar")
    _series(
        chart, sheet, title, first, [shown_name(one) for one in groups], [one.rows for one in groups],
        fill={"color": _BAR}, gap=40, data_labels={"value": True, "font": {"name": FONT, "size": 9}},
    )  # fmt: skip
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": {"name": FONT, "size": 9}})
    chart.set_x_axis({"major_gridlines": {"visible": False}, "visible": False, "min": 0})
    return chart


def _series(
    chart: Any, sheet: MergedSheet, title: str, first: int, names: Sequence[str], numbers: Sequence[int], **look: Any
) -> None:
    """One series of a table on the same sheet; what it says is stored with it, for programs that draw before they reckon."""
    last = first + len(names) - 1
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 12, "bold": True}})
    chart.add_series(
        {
            "name": title,
            "categories": [sheet.name, first, 0, last, 0],
            "values": [sheet.name, first, 2, last, 2],
            "categories_data": list(names),
            "values_data": list(numbers),
            **look,
        }
    )
