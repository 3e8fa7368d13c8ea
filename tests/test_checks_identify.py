"""Who reports: texts, workbooks and covers in, reporter codes out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.identify import Source, reporter_of, unit_in
from domain.notice import Reporter
from domain.sheet import HeaderValue, SheetFailure
from tests.builders import NOTICE, cover, page, school, seal, sheet

LISTED = replace(NOTICE, reporters=(*NOTICE.reporters, school()))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("濮阳县", "PYX"),
        ("濮阳县教育局（盖章）", "PYX"),
        ("濮阳县教育局  (公章)", "PYX"),
        ("濮 阳 县 教 体 局", "PYX"),
        ("濮阳市濮阳县教育和体育局", "PYX"),
        ("河南省濮阳市濮阳县教育局", "PYX"),
        ("濮阳县教育局信息中心", "PYX"),
        ("濮阳县学校", "PYX"),
        ("濮阳县各学校", "PYX"),
        ("濮阳县（区）/学校", "PYX"),
        ("2020年濮阳县", "PYX"),
        ("填报单位：濮阳县（盖章）", "PYX"),
        ("濮阳市", None),
        ("濮阳市教育局", None),
        ("濮阳县第一中学", None),
        ("中牟县", None),
        ("", None),
        ("（盖章）", None),
        ("濮阳县、清丰县", None),
        ("范县", "FX"),
        ("清丰", "QFX"),
        ("台前县教育局", "TQX"),
        ("华龙区教体局", "HLQ"),
        ("濮阳经济技术开发区", "JKQ"),
        ("濮阳市濮阳经济技术开发区社会事业局", "JKQ"),
        ("经开区", "JKQ"),
        ("开发区教育局", "JKQ"),
        ("郑州经济技术开发区", None),
        ("郑州市经开区", None),
        ("濮阳工业园区", "GYQ"),
        ("工业园区社会事业局", "GYQ"),
        ("濮阳市城乡一体化示范区", "SFQ"),
        ("城乡一体化示范区教育局", "SFQ"),
        ("示范区", "SFQ"),
        ("新乡平原示范区", None),
        ("濮阳市第一高级中学", "SZ01"),
        ("濮阳市第一高级中学东校区", "SZ01"),
    ],
)
def test_unit_in(text: str, code: str | None) -> None:
    found = unit_in(text, LISTED)
    assert (found.code if found else None) == code


@pytest.mark.parametrize("owner", LISTED.reporters, ids=lambda owner: owner.code)
def test_every_name_is_its_own(owner: Reporter) -> None:
    for name in (*owner.names, *owner.seal_names):
        for text in (name, f"{name}（盖章）", f" {name} (章)"):
            found = unit_in(text, LISTED)
            assert found is not None and found.code == owner.code


def test_the_header_goes_before_title_and_rows() -> None:
    found = reporter_of(sheet(unit="范县教育局"), None, NOTICE)
    assert found.reporter is not None and found.conflict is not None
    assert (found.reporter.code, found.source, found.conflict.code) == ("FX", Source.HEADER, "PYX")


@pytest.mark.parametrize(
    ("unit", "title", "row_unit", "source"),
    [
        ("濮阳县", "濮阳县学习类APP统计备案表", "濮阳县", Source.HEADER),
        (None, "濮阳县学习类APP统计备案表", "范县", Source.TITLE),
        ("XX县", "XX县学习类APP统计备案表", "濮阳县", Source.ROWS),
        ("", None, "濮阳县", Source.ROWS),
    ],
)
def test_the_first_source_that_says_it(unit: str | None, title: str | None, row_unit: str, source: Source) -> None:
    found = reporter_of(sheet({"unit": row_unit}, unit=unit, title=title), None, NOTICE)
    assert found.reporter is not None
    assert (found.reporter.code, found.source) == ("PYX", source)


@pytest.mark.parametrize(
    ("lines", "text", "code", "source"),
    [
        (["濮阳县学习类APP统计备案表", "填报单位：范县（盖章）  填报时间：2020年2月26日"], "范县教育局", "FX", Source.COVER_LINE),
        (["填报单位:南乐县教育局(盖章)填报时间:2020年2月26日"], "范县教育局", "NLX", Source.COVER_LINE),
        (["濮阳县学习类APP统计备案表"], "范县教育局", "PYX", Source.COVER_LINE),
        (["4、以县区为单位统一上报，范县"], "清丰县教育局", "QFX", Source.SEAL),
        ([], "", None, None),
    ],
)  # fmt: skip
def test_a_cover_alone(lines: list[str], text: str, code: str | None, source: Source | None) -> None:
    found = reporter_of(None, cover(page(seal(text), lines=lines)), NOTICE)
    assert (found.reporter.code if found.reporter else None, found.source) == (code, source)


def test_nothing_to_go_by() -> None:
    assert reporter_of(None, None, NOTICE).reporter is None
    assert (
        reporter_of(sheet({"unit": "范县"}, {"unit": "濮阳县"}, unit=None, title=None), None, NOTICE).reporter is None
    )


@pytest.mark.parametrize(
    ("unit", "title", "code"),
    [
        ("濮阳县教育局", "学习类APP统计备案表", "PYX"),
        ("", "濮阳县学习类APP统计备案表", "PYX"),
        ("范县", "濮阳县学习类APP统计备案表", "FX"),
        ("", "学习类APP统计备案表", None),
        ("濮阳县第一中学", "学习类APP统计备案表", None),
    ],
)
def test_a_wrong_form_says_whose_it_is(unit: str, title: str, code: str | None) -> None:
    failure = SheetFailure(
        file="a.xlsx", sha256="a" * 64, code="sheet.wrong_form", missing_columns=("电话",),
        title=HeaderValue(address="A1", text=title), header={"unit": HeaderValue(address="A2", text=unit)},
    )  # fmt: skip
    found = reporter_of(failure, None, NOTICE).reporter
    assert (found.code if found else None) == code
