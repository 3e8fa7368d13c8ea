"""What stands above a printed table against the workbook: title, 填报单位 and 填报时间."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.compare_header import _slipped
from domain.cover import Box, TextLine
from tests.compare_pages import (
    BOX,
    DATED,
    ROWS,
    findings,
    lattice,
    page,
    reading,
    sheet,
    verdicts,
)


def test_another_units_title_is_told() -> None:
    assert verdicts(sheet(ROWS), page(ROWS, title="濮阳县学习类APP统计备案表")) == {"A1": "differs"}


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ({"unit": "填报单位：台前县（盖章）"}, {"A2": "differs"}),  # the title still holds 范县
        ({"unit": "填报单位：范县（盖章）公"}, {}),  # a letter of the seal's rim
        ({"unit": "填报单位：范县盖碱）"}, {}),  # what the seal left of （盖章）
        ({"unit": "填报单位：范县城关镇盖碱）"}, {"A2": "differs"}),
        ({"unit": "填报单位；范县（盖章）"}, {}),  # a colon of few dots
        ({"unit": "填报单位（盖章）：范县"}, {}),
        ({"unit": "填报单位（盖章）：台前县"}, {"A2": "differs"}),
        ({"unit": "填报单位：范县城关镇（盖章）"}, {"A2": "differs"}),
        ({"date": "填报时间：2020年2月28日"}, {"G2": "differs"}),
        ({"date": "填报时间：2020年2月28日", "note": "打印于2020年2月27日"}, {"G2": "differs"}),
        ({"date": "填报时间：2020/2/27"}, {}),  # the same day, written otherwise
        ({"title": "范縣学习类APP統计备案表"}, {}),  # 楷体 read as traditional script
    ],
)
def test_header_fields_are_compared_where_their_labels_stand(printed: dict[str, str], expected: dict[str, str]) -> None:
    assert verdicts(DATED, page(ROWS, **printed)) == expected


@pytest.mark.parametrize("left", [0.092, 0.3])
def test_label_and_value_are_one_row_on_the_straightened_page_however_the_page_lies(left: float) -> None:
    """Without ruling they may have been detected as two lines that overlap a little."""
    printed = page(ROWS, unit="", title="")
    at = {
        "范县学习类APP统计备案表": (Box(x0=0.3, y0=0.1, x1=0.6, y1=0.14), Box(x0=0.3, y0=0.1, x1=0.6, y1=0.12)),
        "填报单位：": (Box(x0=0.05, y0=0.11, x1=0.1, y1=0.13), Box(x0=0.05, y0=0.14, x1=0.1, y1=0.15)),
        "范县（盖章）": (Box(x0=0.3, y0=0.08, x1=0.4, y1=0.1), Box(x0=left, y0=0.14, x1=0.4, y1=0.15)),
    }
    lines = tuple(TextLine(box=box, upright=upright, reading=reading(text)) for text, (box, upright) in at.items())
    assert verdicts(sheet(ROWS), replace(printed, lines=(*lines, *printed.lines))) == {}


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("填报单(立：范县（盖章）", "match"),
        ("填报单(范县（盖章）", "match"),
        ("填报单(立：台前县（盖章）", "doubtful"),
        ("填报单信：台县（盖章）", "doubtful"),  # two characters of the line are others, but one of them is the value's
    ],
)
def test_a_misread_label_is_known_by_its_value_and_its_other_characters(line: str, verdict: str) -> None:
    printed = page(ROWS, unit="", title="")
    title = TextLine(box=BOX, reading=reading("范县学习类APP统计备案表"))
    label = TextLine(box=BOX, reading=replace(reading(line), floor=-11.5))
    assert verdicts(sheet(ROWS), replace(printed, lines=(title, label, *printed.lines))).get("A2", "match") == verdict


@pytest.mark.parametrize(
    ("printed", "slip", "verdict"),
    [("填报时间：2020-02-2e", ("e", "7"), "match"), ("填报时间：2020-02-28", ("8", "7"), "differs")],
)
def test_a_date_written_with_signs_is_asked_of_the_print(printed: str, slip: tuple[str, str], verdict: str) -> None:
    read = list(lattice(printed))
    unsure = -0.4 if slip[0] == "e" else -9.0
    read[-2] = ((slip[0], -0.1), (slip[1], unsure - 0.1))
    made = page(ROWS, date="")
    line = TextLine(box=BOX, reading=replace(reading(printed), lines=(tuple(read),), floor=-11.5))
    assert verdicts(DATED, replace(made, lines=(*made.lines, line))).get("G2", "match") == verdict


def test_a_header_that_nothing_was_read_of_is_doubtful() -> None:
    """On a photograph the print above the table may be lost: whatever title the workbook has, a person looks."""
    found = findings(sheet(ROWS), page(ROWS, title="", unit="", date=""))
    header = {cell.field: cell.verdict for cell in found.cells if cell.column < 0}
    assert header == {"标题": "doubtful", "填报单位": "doubtful"}


@pytest.mark.parametrize(
    ("cost", "wanted", "read", "slipped"),
    [
        (4.1, "台前县", "合前县", True),
        (6.0, "台前县", "合前县", False),
        (4.1, "第二中学", "第三中学", False),
        (4.1, "3中学", "8中学", False),
    ],
)
def test_a_look_alike_of_a_unit_is_a_slip_and_a_numeral_is_none(
    cost: float, wanted: str, read: str, slipped: bool
) -> None:
    assert _slipped(cost, wanted, read) is slipped
