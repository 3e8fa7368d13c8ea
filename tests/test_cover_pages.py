"""Scans of several pages: which one is compared, whose seals count, and what further pages may say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.checks import check_cover
from domain.compare import compare
from domain.cover import Box, Cover, CoverPage, PageKind, Seal, SealKind
from domain.pages import Shows, is_title, joined, page_name, shows, split
from domain.problems import Severity
from domain.sheet import Row, Sheet
from domain.submission import CoverFindings
from tests.builders import NOTICE, page, reporter, seal
from tests.parts import close_up, covering_letter, file_of, of_unit, printed, scan, workbook

FORM = NOTICE.form
PEOPLE = [
    {"app": app, "contact": name, "phone": f"1391234{at}678"}
    for at, (app, name) in enumerate(
        [
            ("智学网", "李晓明"),
            ("钉钉", "王芳"),
            ("作业帮", "赵静"),
            ("智学网", "孙涛"),
            ("钉钉", "周敏"),
            ("洋葱", "吴刚"),
        ]
    )
]
LONG = workbook(*PEOPLE, label="long")
FAN = of_unit("范县", label="fan")
ASIDE = Box(x0=0.7, y0=0.7, x1=0.9, y1=0.9)
MINE, THEIRS = seal(box=ASIDE), seal("范县教育局", box=ASIDE)


def part(start: int, end: int, **changes: str) -> Sheet:
    """The workbook with these rows only, each changed alike."""
    rows = LONG.rows[start:end]
    return replace(LONG, rows=tuple(_changed(row, changes) for row in rows))


def _changed(row: Row, changes: dict[str, str]) -> Row:
    cells = {key: replace(cell, text=changes.get(key, cell.text)) for key, cell in row.cells.items()}
    return replace(row, cells=cells)


def first(*seals: Seal) -> CoverPage:
    return printed(part(0, 3), *seals)


def rest(*seals: Seal, **changes: str) -> CoverPage:
    """The table's second page, without the columns' names."""
    return printed(part(3, 6, **changes), *seals, names=False, header=False)


BLANK = page(cells=(), columns=0, quality=0.0)
NOTES = page(MINE, cells=(), columns=0, lines=FORM.notes)
SUMMONS = page(
    MINE,
    cells=(),
    columns=0,
    lines=[
        "关于召开全县教育工作会议的通知",
        "各乡镇中心校、县直各学校：定于2月28日上午召开全县教育工作会议，请准时参加。",
    ],
)
POOR = page(cells=(), columns=0, quality=0.2, lines=["濮阳县"])


EXPORT = replace(first(), kind=PageKind.BORN_DIGITAL)
PASTED = replace(first(MINE), kind=PageKind.PASTED)


def told(sheet: Sheet, *pages: CoverPage) -> tuple[CoverFindings | None, list[str]]:
    """The comparison, and codes (with the variant's words) of the cover's problems."""
    scanned = file_of(*pages, label="several")
    found = compare(sheet, scanned, FORM)
    problems = check_cover(scanned, found, NOTICE, reporter(), sheet)
    return found, [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("pages", "compared", "own"),
    [
        ((covering_letter(THEIRS), first(MINE)), 2, {2}),
        ((first(MINE), rest()), 1, {1, 2}),
        ((rest(), first(MINE)), 2, {1, 2}),
        ((first(MINE), printed(part(3, 6), header=False)), 1, {1, 2}),  # column names repeated
        ((first(MINE), printed(part(3, 6))), 1, {1, 2}),  # title and header fields repeated too
        ((BLANK, first(MINE), BLANK, rest(), BLANK), 2, {2, 4}),
        ((rest(), BLANK, first(MINE), covering_letter(MINE)), 3, {1, 3}),
        ((first(MINE), first()), 1, {1, 2}),  # scanned twice
        ((first(), NOTES), 1, {1, 2}),
        ((first(), first(MINE)), 2, {1, 2}),  # a draft before the stamped copy
        ((EXPORT, first(MINE)), 2, {2}),
    ],
)
def test_the_page_with_the_first_rows_is_compared_and_the_others_take_nothing_away(
    pages: tuple[CoverPage, ...], compared: int, own: set[int]
) -> None:
    found, problems = told(LONG, *pages)
    assert found is not None
    assert (found.page, set(found.pages), problems) == (compared, own, [])


def test_further_pages_confirm_their_rows_and_contradict_where_that_is_sure() -> None:
    found, problems = told(LONG, first(MINE), rest())
    assert found is not None
    assert {cell.verdict for cell in found.cells} == {"match"}
    assert {cell.page for cell in found.cells} == {1, 2}
    assert {cell.address for cell in found.cells} >= {f"F{row.number}" for row in LONG.rows}
    altered = rest(phone="13700000000")
    found, problems = told(LONG, first(MINE), altered)
    assert set(problems) == {"cover.content_mismatch"}
    unsure = tuple(replace(cell, reading=replace(cell.reading, confidence=0.5)) for cell in altered.cells)
    for changes in ({"cells": unsure}, {"colour": False}, {"ruled": False}, {"quality": 0.3}):
        assert told(LONG, first(MINE), replace(altered, **changes))[1] == []  # type: ignore[arg-type]


def test_a_message_says_which_page() -> None:
    scanned = file_of(first(MINE), rest(phone="13700000000"), label="several")
    problems = check_cover(scanned, compare(LONG, scanned, FORM), NOTICE, reporter(), LONG)
    assert all(problem.message.startswith("第2页与电子表不一致") for problem in problems)
    alone = file_of(printed(part(0, 3, phone="13700000000"), MINE), label="one")
    problems = check_cover(alone, compare(LONG, alone, FORM), NOTICE, reporter(), LONG)
    assert all(problem.message.startswith("与电子表不一致") for problem in problems)


@pytest.mark.parametrize(
    "others",
    [
        rest(),
        printed(part(3, 6, contact="", phone="", school="某校"), header=False),  # rows of nobody knows what
        printed(part(0, 3, app="旧软件")),  # an older print of the same page
    ],
)
def test_rows_of_further_pages_are_neither_missing_nor_too_many(others: CoverPage) -> None:
    found, problems = told(LONG, first(MINE), others)
    assert found is not None
    assert (found.rows_on_page, problems) == (3, [])


def test_a_second_page_beside_a_first_that_cannot_be_read_makes_no_row_missing() -> None:
    _, problems = told(LONG, POOR, rest(MINE))
    assert problems == ["cover.low_quality"]
    _, problems = told(LONG, POOR, printed(part(3, 6), MINE, header=False))
    assert set(problems) == {"cover.low_quality"}
    _, problems = told(LONG, printed(part(3, 6), MINE, header=False))
    assert set(problems) == {"cover.content_mismatch", "cover.low_quality"}  # the header is not seen either


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        # The seal on a page of the same table is the form's.
        ((first(), rest(MINE)), []),
        ((replace(first(), colour=False), rest(MINE)), []),
        ((replace(first(), colour=False), covering_letter(MINE)), ["cover.colourless"]),
        ((first(), rest(THEIRS)), ["cover.seal_mismatch"]),
        # On another paper it is not.
        ((covering_letter(MINE), first()), ["cover.unstamped"]),
        ((first(), PASTED), ["cover.unstamped"]),
        ((first(), printed(FAN, THEIRS)), ["cover.unstamped"]),
        ((first(), printed(FAN, MINE)), ["cover.unstamped"]),
        ((first(MINE), printed(FAN, THEIRS)), []),
        ((first(THEIRS), covering_letter(MINE)), ["cover.seal_mismatch"]),
        # Where nobody can tell, a person looks.
        ((first(), close_up(MINE)), ["cover.seal_unreadable"]),
        ((first(THEIRS), close_up(MINE)), ["cover.seal_unreadable"]),
        ((first(seal("", legible=False)), close_up(MINE)), ["cover.seal_unreadable"]),
        ((first(MINE), close_up(THEIRS)), []),
        ((first(), printed(part(0, 3, app="旧软件"), MINE)), ["cover.seal_unreadable"]),
        ((first(), close_up(seal(kind=SealKind.OTHER))), ["cover.unstamped"]),
        # A close-up that shows the field it was pressed on is one of the form.
        ((first(), replace(close_up(MINE), lines=printed(LONG).lines)), []),
        ((first(), replace(close_up(MINE), lines=printed(FAN).lines)), ["cover.unstamped"]),
        ((first(), replace(close_up(MINE), lines=printed(FAN).lines, quality=0.3)), ["cover.seal_unreadable"]),
        ((SUMMONS,), ["cover.wrong_form"]),
        ((SUMMONS, BLANK), ["cover.wrong_form"]),
        ((covering_letter(MINE),), ["cover.low_quality"]),  # it names the form, which may be on it
        ((covering_letter(MINE), POOR), ["cover.low_quality"]),
    ],
)  # fmt: skip
def test_whose_seals_count(pages: tuple[CoverPage, ...], expected: list[str]) -> None:
    assert told(LONG, *pages)[1] == expected


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ((EXPORT,), ["cover.not_a_scan"]),
        ((EXPORT, BLANK), ["cover.not_a_scan"]),
        ((EXPORT, covering_letter(MINE)), ["cover.not_a_scan"]),
        ((EXPORT, POOR), ["cover.low_quality"]),
        ((replace(covering_letter(), kind=PageKind.BORN_DIGITAL), POOR), ["cover.low_quality"]),
    ],
)
def test_an_export_beside_a_poor_scan_is_not_taken_for_it(pages: tuple[CoverPage, ...], expected: list[str]) -> None:
    assert told(LONG, *pages)[1] == expected


@pytest.mark.parametrize("pages", [(covering_letter(MINE), first()), (first(), close_up(MINE))])
def test_the_page_of_a_seal_that_does_not_count_is_named(pages: tuple[CoverPage, ...]) -> None:
    scanned = file_of(*pages, label="several")
    [problem] = check_cover(scanned, compare(LONG, scanned, FORM), NOTICE, reporter(), LONG)
    assert f"第{1 if pages[0].seals else 2}页上" in problem.message


def test_without_a_workbook_a_letters_seal_does_not_count_either() -> None:
    scanned = file_of(covering_letter(MINE), first(), label="several")
    assert [each.code for each in check_cover(scanned, None, NOTICE, reporter(), None)] == ["cover.unstamped"]
    scanned = file_of(first(), rest(MINE), label="several")
    assert check_cover(scanned, None, NOTICE, reporter(), None) == ()


def beyond(*pages: CoverPage) -> Cover:
    """A scan of forty pages, of which only these were read."""
    return replace(file_of(*pages, label="long scan"), page_count=40, unread=40 - len(pages))


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ((first(MINE), rest()), [("attachment.too_large", Severity.WARNING)]),
        ((SUMMONS,), [("attachment.too_large", Severity.ERROR)]),
        ((POOR,), [("cover.low_quality", Severity.REVIEW)]),
        ((first(),), [("attachment.too_large", Severity.WARNING), ("cover.seal_unreadable", Severity.REVIEW)]),
    ],
)
def test_pages_beyond_the_limit_are_told(pages: tuple[CoverPage, ...], expected: list[tuple[str, Severity]]) -> None:
    scanned = beyond(*pages)
    found = check_cover(scanned, compare(LONG, scanned, FORM), NOTICE, reporter(), LONG)
    assert [(each.code, each.severity) for each in found] == expected
    assert all("共40页" in each.message for each in found if each.code != "cover.low_quality")


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (first(MINE), Shows.TABLE),
        (rest(), Shows.PART),
        (NOTES, Shows.PART),
        (page(cells=(), columns=0, lines=["濮阳县学习类APP统计备案表"]), Shows.PART),
        (page(cells=(), columns=0, lines=["附件：濮阳县学习类APP统计备案表"]), Shows.PART),
        (covering_letter(), Shows.OTHER),
        (replace(covering_letter(), photo=True), Shows.UNCLEAR),
        (close_up(MINE), Shows.UNCLEAR),
        (BLANK, Shows.BLANK),
    ],
)
def test_what_a_page_shows(made: CoverPage, what: Shows) -> None:
    assert shows(made, FORM) is what


def test_a_line_that_speaks_of_the_form_is_not_its_title() -> None:
    assert not is_title("关于报送濮阳县学习类APP统计备案表的函", FORM)
    assert not is_title("现将《濮阳县学习类APP统计备案表》报上", FORM)


def test_a_file_is_taken_apart_where_a_table_begins() -> None:
    scanned = file_of(covering_letter(), first(MINE), rest(), printed(FAN, THEIRS), BLANK, label="two")
    parts = split(scanned, FORM)
    assert [[each.number for each in one.pages] for one in parts] == [[1, 2, 3], [4, 5]]
    assert {(one.sha256, one.page_count) for one in parts} == {(scanned.sha256, 5)}
    assert joined(parts) == scanned
    assert split(file_of(first(), label="one"), FORM) == (file_of(first(), label="one"),)


def test_pages_of_further_files_are_numbered_on_and_keep_their_origin() -> None:
    one = file_of(first(MINE), BLANK, label="one", name="IMG_1.pdf")
    two = file_of(close_up(THEIRS), label="two", name="IMG_2.jpg")
    both = joined([one, two])
    assert (both.file, both.page_count, [each.number for each in both.pages]) == ("IMG_1.pdf", 3, [1, 2, 3])
    assert [made.page for each in both.pages for made in each.seals] == [1, 3]
    origin = both.pages[2].origin
    assert origin and (origin.file, origin.number) == ("IMG_2.jpg", 1)
    assert [page_name(both, at) for at in (1, 3)] == ["第1页", "“IMG_2.jpg”"]
    assert page_name(scan(LONG), 1) == ""


OLD = {"phone": "13999990000"}


def older(*seals: Seal) -> CoverPage:
    """An earlier print: its second row has another phone than the workbook has now."""
    return printed(replace(LONG, rows=(LONG.rows[0], _changed(LONG.rows[1], OLD), LONG.rows[2])), *seals)


def test_an_older_stamped_print_does_not_vouch_for_a_corrected_one_without_a_seal() -> None:
    """A county corrects a row, prints again and sends both: the seal is the old page's."""
    _, problems = told(LONG, first(), older(MINE))
    assert problems
    unread = tuple(
        replace(cell, reading=replace(cell.reading, confidence=0.8)) if cell.row == 2 else cell
        for cell in older(MINE).cells
    )
    _, problems = told(LONG, first(), replace(older(MINE), cells=unread))
    assert problems


def test_a_letter_that_names_the_unit_in_its_last_line_is_no_page_of_the_form() -> None:
    lines = [*(line.reading.text for line in covering_letter().lines), "填报单位：濮阳县（盖章）"]
    _, problems = told(LONG, first(), page(MINE, cells=(), columns=0, lines=lines))
    assert problems


def test_a_page_on_which_no_row_was_read_is_looked_at() -> None:
    stamped = first(MINE)
    names = tuple(cell for cell in stamped.cells if cell.row == 0)
    empty = tuple(
        replace(cell, reading=replace(cell.reading, text="", confidence=0.0, lines=())) if cell.row else cell
        for cell in stamped.cells
    )
    assert told(LONG, replace(stamped, cells=names))[1] == ["cover.low_quality"]
    assert told(LONG, replace(stamped, cells=empty))[1] == ["cover.low_quality"]


def test_a_further_page_whose_frame_was_misread_contradicts_nothing() -> None:
    column = next(at for at, each in enumerate(FORM.columns) if each.key == "phone")
    second = rest(phone="13999990000")
    _, problems = told(LONG, first(MINE), second)
    assert problems == ["cover.content_mismatch"] * 3
    lost = tuple(cell for cell in second.cells if cell.column != column - 1)
    _, problems = told(LONG, first(MINE), replace(second, cells=lost))
    assert "cover.content_mismatch" not in problems
