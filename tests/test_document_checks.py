"""A return that is a stamped scan alone: what is found on its pages, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.checks import check_document
from domain.cover import Cover, CoverPage, PageCell, PageKind, SealKind, TextReading
from domain.identify import reporter_of
from domain.notice import CoverRule, SealOn
from domain.printed_head import printed_header
from domain.problems import Severity
from tests.builders import BOX, RECEIVED, page, seal
from tests.documents import PROSE, SAFETY, first_page, paper, report
from tests.parts import file_of

PYX = SAFETY.reporter("PYX")
MINE, THEIRS = seal("濮阳县教育局"), seal("清丰县教育局")
FINANCE = seal("濮阳县教育局", bottom="财务专用章", kind=SealKind.SPECIAL)
BLANK = paper(lines=())


def found(cover: Cover, notice: object = SAFETY) -> list[str]:
    return [f"{one.code}" for one in check_document(cover, notice, PYX, RECEIVED)]  # type: ignore[arg-type]


def asking(seal_on: SealOn, *, least: int = 1) -> object:
    return replace(SAFETY, cover_rule=CoverRule(min_pages=least, seal_on=seal_on))


@pytest.mark.parametrize(
    ("cover", "codes"),
    [
        (report(), []),
        (report(by=None), ["cover.unstamped"]),
        (report(on=1), ["cover.unstamped"]),
        (report(by="清丰县教育局"), ["cover.seal_mismatch"]),
        (file_of(first_page(), paper(), paper(FINANCE), label="b"), ["cover.seal_wrong_kind"]),
        (report(pages=2, on=2), ["cover.too_few_pages"]),
        (report(pages=2, by=None), ["cover.too_few_pages"]),  # the stamped page is the one that is missing
        (report(pages=21, on=21), ["cover.too_many_pages"]),
        (file_of(first_page(), BLANK, paper(MINE), label="b"), ["cover.too_few_pages"]),
        (file_of(first_page(), paper(), paper(MINE), BLANK, label="b"), []),  # an empty back is no last page
        (file_of(first_page(), paper(), paper(THEIRS), paper(MINE), label="b"), []),
        (file_of(paper(), paper(), paper(MINE), label="b"), ["cover.wrong_document"]),
        (file_of(paper(lines=["关于放假的通知", *PROSE]), paper(), paper(MINE), label="b"), ["cover.wrong_document"]),
        (file_of(paper(lines=["濮阳县校园安全检查通报", *PROSE]), paper(), paper(MINE), label="b"), ["cover.wrong_document"]),
        (file_of(paper(lines=["濮阳县校园安仝自查报告", *PROSE]), paper(), paper(MINE), label="b"), ["cover.low_quality"]),
        (file_of(paper(lines=["关于放假"], quality=0.3), paper(), paper(MINE), label="b"), ["cover.low_quality"]),
        (report(day=None), ["header.date_missing"]),
        (report(day="2020年3月26日"), ["header.date_invalid"]),
        (report(day="2020年2月30日"), ["header.date_invalid"]),
        (report(day="二〇二〇年二月二十六日"), []),
        (report(unit="XX县", by="濮阳县教育局"), ["header.placeholder", "header.placeholder"]),
        (replace(report(), signed=True), ["cover.electronic_seal"]),
    ],
)  # fmt: skip
def test_what_is_found_on_a_report(cover: Cover, codes: list[str]) -> None:
    assert found(cover) == codes


@pytest.mark.parametrize(
    ("seal_on", "on", "codes"),
    [
        (SealOn.FIRST, 1, []),
        (SealOn.FIRST, 3, ["cover.unstamped"]),
        (SealOn.LAST, 3, []),
        (SealOn.LAST, 2, ["cover.unstamped"]),
        (SealOn.ANY, 1, []),
        (SealOn.ANY, 2, []),
        (SealOn.ANY, 9, ["cover.unstamped"]),
    ],
)
def test_the_seal_must_stand_where_the_notice_says(seal_on: SealOn, on: int, codes: list[str]) -> None:
    assert found(report(on=on), asking(seal_on)) == codes


def test_the_page_is_named_that_lacks_the_seal_and_the_one_that_has_it() -> None:
    [told] = check_document(report(on=1), SAFETY, PYX, RECEIVED)
    assert told.message == "公章应盖在最后一页（第3页），这一页上没有看到单位公章（第1页上有）。"
    [told] = check_document(report(pages=2, on=2), SAFETY, PYX, RECEIVED)
    assert told.message == "扫描件只有2页，应有3页以上，可能漏扫了。"


def test_another_paper_is_called_by_its_title() -> None:
    scan = file_of(paper(lines=["关于放假的通知", *PROSE]), paper(), paper(MINE), label="b")
    [told] = check_document(scan, SAFETY, PYX, RECEIVED)
    assert told.message == "扫描件的标题是“关于放假的通知”，不是要报送的“校园安全自查报告”。"


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([PageKind.BORN_DIGITAL] * 3, [("cover.not_a_scan", Severity.ERROR)]),
        ([PageKind.SCAN, PageKind.SCAN, PageKind.PASTED], [("cover.not_a_scan", Severity.ERROR)]),
        ([PageKind.BORN_DIGITAL, PageKind.SCAN, PageKind.SCAN], [("cover.not_a_scan", Severity.REVIEW)]),
    ],
)
def test_an_export_is_no_scan(pages: list[PageKind], expected: list[tuple[str, Severity]]) -> None:
    whole = report()
    kinds = tuple(replace(one, kind=kind) for one, kind in zip(whole.pages, pages, strict=True))
    told = check_document(replace(whole, pages=kinds), SAFETY, PYX, RECEIVED)
    assert [(one.code, one.severity) for one in told] == expected


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (paper(seal(kind=SealKind.OTHER)), "cover.unstamped"),
        (paper(colour=False), "cover.colourless"),
        (paper(quality=0.2), "cover.low_quality"),
        (paper(seal(legible=False, text="")), "cover.seal_unreadable"),
        (paper(seal(suspect="printed_dots")), "cover.seal_suspect"),
    ],
)
def test_the_last_page_alone_is_judged_for_the_seal(last: CoverPage, code: str) -> None:
    assert found(file_of(first_page(), paper(), last, label="b")) == [code]


def test_poor_print_asks_a_person() -> None:
    poor = file_of(first_page(day="2020年3月26日", quality=0.3), paper(), paper(MINE), label="b")
    told = check_document(poor, SAFETY, PYX, RECEIVED)
    assert [(one.code, one.severity) for one in told] == [("header.date_invalid", Severity.REVIEW)]


def test_header_fields_are_read_from_a_table_too() -> None:
    texts = [["填报单位", "濮阳县教育局", "填报时间", "2020.2.26"]]
    cells = tuple(
        PageCell(row=row, column=column, box=BOX, reading=TextReading(text=text, confidence=0.99))
        for row, line in enumerate(texts)
        for column, text in enumerate(line)
    )
    whole = file_of(page(lines=["校园安全自查报告"], cells=cells, columns=4), paper(), paper(MINE), label="b")
    read = printed_header(whole, SAFETY.form)
    assert (read["unit"].value.text, read["date"].value.date) == ("濮阳县教育局", date(2020, 2, 26))
    named = reporter_of(None, whole, SAFETY).reporter
    assert named is not None
    assert (named.code, found(whole)) == ("PYX", [])


@pytest.mark.parametrize("broken", [("濮阳县校园安全", "自查报告"), ("濮阳县", "校园安全自查报告")])
def test_a_title_may_be_broken_over_two_lines(broken: tuple[str, str]) -> None:
    lines = [*broken, "填报单位：濮阳县教育局", "填报时间：2020年2月26日", *PROSE]
    assert found(file_of(paper(lines=lines), paper(), paper(MINE), label="b")) == []


def test_prose_that_speaks_of_the_unit_is_no_header_field() -> None:
    lines = ["濮阳县校园安全自查报告", "各填报单位应当如实填写", "填报单位：濮阳县教育局", "填报时间：2020年2月26日"]
    whole = file_of(paper(lines=lines), paper(), paper(MINE), label="b")
    assert printed_header(whole, SAFETY.form)["unit"].value.text == "濮阳县教育局"
