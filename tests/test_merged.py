"""The merged table in values: which rows count, where each stands, and what they add up to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.cover import Box, Cover, PageOrigin
from domain.merged import merged_return, row_address
from domain.merged_counts import Counted, Counts, app_key, operator_key
from domain.policy_lists import NO_LISTS
from domain.sheet import Row, row_names
from domain.submission import About, Submission
from ingest.export import breaches_of
from tests.builders import NOTICE, UNFILED, findings, verdict
from tests.merged_samples import case, merged, rich

LEFT, RIGHT = Box(x0=0.1, y0=0.3, x1=0.2, y1=0.33), Box(x0=0.5, y0=0.31, x1=0.7, y1=0.34)


def sources(one: Submission) -> list[tuple[str, int, Box | None]]:
    made = merged_return(one, NOTICE, (), counted=True)
    return [(row.source.scan, row.source.page, row.source.place) for row in made.rows]


def test_a_row_stands_where_its_cells_were_read_on_the_scan() -> None:
    read = findings(verdict(address="C5", box=LEFT), verdict(address="F5", box=RIGHT), verdict(address="C6"))
    around = Box(x0=0.1, y0=0.3, x1=0.7, y1=0.34)
    assert sources(case({}, {}, findings=read)) == [("扫描.pdf", 1, around), ("", 0, None)]


def test_a_merged_unit_cell_and_what_is_no_cell_place_no_row() -> None:
    unit, missing = verdict(address="A5", box=LEFT), verdict(address="C5", box=LEFT, about=About.MISSING_ROW)
    assert sources(case({}, findings=findings(unit, missing))) == [("", 0, None)]


def test_a_row_on_another_sheet_is_not_looked_for_among_those_of_the_first() -> None:
    one = case({}, findings=findings(verdict(address="C5", box=LEFT, sheet="续表")))
    assert sources(one) == [("", 0, None)]


def test_a_page_that_came_in_a_file_of_its_own_is_told_by_that_file() -> None:
    one = case({}, findings=findings(verdict(address="C5", box=LEFT, page=1)))
    assert one.cover and isinstance(one.cover.reading, Cover)
    origin = PageOrigin(file="第二张.jpg", sha256="2" * 64, number=1)
    page = replace(one.cover.reading.pages[0], origin=origin)
    one = replace(one, cover=replace(one.cover, reading=replace(one.cover.reading, pages=(page,))))
    assert sources(one) == [("第二张.jpg", 1, LEFT)]


def test_every_row_of_a_workbook_has_a_name_of_its_own() -> None:
    rows = [Row(number=number, cells={}, sheet=sheet) for sheet in ("", "乙", "丙 1") for number in (5, 6)]
    assert row_names(rows) == ("5", "6", "2-5", "2-6", "3-5", "3-6")
    assert row_names(rows[2:]) == ("2-5", "2-6", "3-5", "3-6"), "whatever the first sheet holds"
    assert row_address("R-1", "2-5") == "/cases/R-1?row=2-5#row-2-5"


def test_rows_count_of_accepted_returns_alone_and_problems_of_all_that_stand() -> None:
    told, returns = merged(*rich())
    assert [one.receipt for one in told.counted] == [
        "PY51-PYX-20200227-01", "PY51-QFX-20200227-01", "PY51-SZ-20200227-01",
    ]  # fmt: skip
    assert [(one.receipt, len(one.rows), len(one.problems)) for one in returns] == [
        ("PY51-PYX-20200227-01", 3, 0),
        ("PY51-PYX-20200227-02", 0, 1),
        ("PY51-QFX-20200227-01", 1, 0),
        ("PY51-FX-20200227-01", 0, 1),
        ("PY51-SZ-20200227-01", 1, 0),
    ]
    assert told.row_count == sum(len(one.rows) for one in returns) == 5


def test_breaches_are_of_the_rows_and_not_of_the_fifty_that_are_listed() -> None:
    found = list(breaches_of(case(*[UNFILED] * 60), NOTICE, NO_LISTS))
    assert len(found) == 60
    assert {(one.rule, one.attention) for one in found} == {("使用未备案APP", False)}
    assert found[59].cell == "H64" and found[59].school == "濮阳县第60小学"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("智学网", "智学网APP", True),
        ("智学网", "“智学网” app", True),
        ("《智学网》", "智学网软件", True),
        ("ＱＱ", "qq", True),
        ("一起作业", "一起作业（学生端）", False),
        ("作业帮", "作业盒子", False),
        ("APP", "软件", False),
    ],
)
def test_apps_are_counted_together_as_a_person_would(one: str, other: str, same: bool) -> None:
    assert (app_key(one) == app_key(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("科大讯飞", "科大讯飞股份有限公司", True),
        ("科大讯飞 有限责任公司", "科大讯飞", True),
        ("北京猿力教育科技有限公司", "北京猿力科技有限公司", False),
        ("公司", "有限公司", False),
    ],
)
def test_operators_are_counted_together_without_their_form(one: str, other: str, same: bool) -> None:
    assert (operator_key(one) == operator_key(other)) is same


def test_counts_add_up_and_tell_how_a_name_is_written() -> None:
    _, returns = merged(*rich())
    counts = Counts(NOTICE.form)
    for one in returns:
        for row in one.rows:
            counts.add(one.who, row)
    assert [(each.name, each.rows) for each in counts.reporters] == [
        ("濮阳县", 3), ("清丰县", 1), ("濮阳县教育局", 1),
    ]  # fmt: skip
    assert counts.apps[0] == Counted(
        name="智学网", spellings=("智学网", "“智学网”APP"), rows=4, schools=4, filed=3, unfiled=1, unclear=0
    )
    assert [(each.name, each.spellings) for each in counts.operators] == [
        ("科大讯飞股份有限公司", ("科大讯飞股份有限公司", "科大讯飞")),
        ("北京微播视界科技有限公司", ("北京微播视界科技有限公司",)),
    ]
    for groups in (counts.reporters, counts.apps, counts.operators):
        assert sum(each.rows for each in groups) == counts.whole.rows == 5
        assert sum(each.filed + each.unfiled + each.unclear for each in groups) == 5
