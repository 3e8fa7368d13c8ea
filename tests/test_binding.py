"""Which files and pages make whose cover: several covers in one file, one cover in several pictures or pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.cover import Box, Cover, CoverPage, PageKind
from domain.letters import file_lines
from domain.pairing import PartSet
from domain.sets import sets_of
from domain.sheet import Sheet
from domain.submission import State
from tests.builders import NOTICE, reporter, seal
from tests.parts import (
    Desk,
    Reading,
    close_up,
    codes,
    covering_letter,
    file_of,
    later,
    mail,
    of_unit,
    printed,
    workbook,
)

SHEET = workbook()
LONG = workbook(
    *({"app": f"软件{at}", "contact": f"经办{at}", "phone": f"1391234567{at}"} for at in range(6)), label="long"
)
FIRST, REST = replace(LONG, rows=LONG.rows[:3]), replace(LONG, rows=LONG.rows[3:])
HALVES = [workbook({"school": f"{place}小学", "contact": name, "phone": phone}, label=place, name=f"{place}.xlsx")
          for place, name, phone in (("县直", "李晓明", "13912345678"), ("乡镇", "王芳", "15087654321"))]  # fmt: skip
FAN = of_unit("范县", label="fan")
ASIDE = Box(x0=0.7, y0=0.7, x1=0.9, y1=0.9)


def stamped(sheet: Sheet, unit: str = "濮阳县", **page: Any) -> CoverPage:
    return printed(sheet, seal(f"{unit}教育局", box=ASIDE), **page)


def numbers(one: PartSet) -> list[int]:
    reading = one.cover.reading if one.cover else None
    return [page.number for page in reading.pages] if isinstance(reading, Cover) else []


@pytest.mark.parametrize("turned", [False, True])
def test_one_file_with_the_covers_of_two_counties_is_each_ones_own_pages(turned: bool) -> None:
    sheets = [FAN, SHEET] if turned else [SHEET, FAN]
    both = file_of(stamped(SHEET), covering_letter(), stamped(FAN, "范县"), label="both")
    desk = Desk()
    mine, theirs = sorted(desk.take_all(mail("m", *sheets, both)), key=lambda one: one.submission.reporter != "PYX")
    for one, pages in ((mine, [1, 2]), (theirs, [3])):
        case = one.submission
        assert (case.state, codes(case)) == (State.ACCEPTED, set())
        assert case.cover and isinstance(case.cover.reading, Cover)
        assert ([page.number for page in case.cover.reading.pages], case.cover.reading.page_count) == (pages, 3)
        assert [file.sha256 for file in case.files].count(both.sha256) == 1
    assert all(file.sha256 != both.sha256 for one in (mine, theirs) for file in one.submission.others)


def test_a_seal_on_the_page_of_one_county_does_not_vouch_for_the_next() -> None:
    both = file_of(printed(SHEET, seal(box=ASIDE), seal("范县教育局", box=ASIDE)), printed(FAN), label="both")
    mine, theirs = Desk().take_all(mail("m", SHEET, FAN, both))
    assert (mine.submission.state, theirs.submission.state) == (State.ACCEPTED, State.REJECTED)
    assert codes(theirs.submission) == {"cover.unstamped"}


def test_pages_that_go_on_go_with_the_workbook_whose_rows_they_show() -> None:
    pages = [printed(REST), stamped(FAN, "范县"), stamped(FIRST)]  # each with title and column names
    came = mail("m", LONG, FAN, file_of(*pages, label="both"))
    first, second = sets_of(came, NOTICE)
    assert (numbers(first), numbers(second)) == ([1, 3], [2])
    assert [one.submission.state for one in Desk().take_all(came)] == [State.ACCEPTED] * 2


def test_the_second_page_of_one_table_is_not_the_cover_of_another_workbook() -> None:
    scanned = file_of(stamped(FIRST), printed(REST), label="both")
    mine, theirs = Desk().take_all(mail("m", LONG, FAN, scanned))
    assert (mine.submission.state, theirs.submission.state) == (State.ACCEPTED, State.INCOMPLETE)
    assert mine.submission.findings and mine.submission.findings.pages == (1, 2)
    assert codes(theirs.submission) == {"cover.missing"}


def test_the_page_of_a_county_whose_workbook_is_missing_is_a_set_of_its_own_even_in_one_file() -> None:
    third = of_unit("台前县", label="third")
    both = file_of(stamped(SHEET), stamped(FAN, "范县"), stamped(third, "台前县"), label="both")
    cases = {one.submission.reporter: one.submission for one in Desk().take_all(mail("m", SHEET, FAN, both))}
    assert [cases[code].state for code in ("PYX", "FX", "TQX")] == [State.ACCEPTED, State.ACCEPTED, State.INCOMPLETE]
    assert codes(cases["TQX"]) == {"sheet.missing"}
    two = file_of(stamped(SHEET), stamped(FAN, "范县"), label="two")
    cases = {one.submission.reporter: one.submission for one in Desk().take_all(mail("m", SHEET, two))}
    assert [cases[code].state for code in ("PYX", "FX")] == [State.ACCEPTED, State.INCOMPLETE]
    assert cases["PYX"].findings and cases["PYX"].findings.pages == (1,)


def test_one_workbook_and_one_file_of_another_county_are_a_pair_however_many_pages_it_has() -> None:
    scanned = file_of(stamped(FAN, "范县"), printed(FAN, names=False, header=False), label="two pages")
    case = Desk().take(mail("m", SHEET, scanned)).submission
    assert (case.state, "cover.content_mismatch" in codes(case)) == (State.REJECTED, True)


def test_two_halves_of_one_county_in_one_file_are_rivals_and_the_file_is_told_once() -> None:
    both = file_of(*map(stamped, HALVES), label="both")
    case = Desk().take(mail("m", *HALVES, both)).submission
    assert "sheet.ambiguous" in codes(case)
    assert sorted(file.sha256 for file in case.files) == sorted({one.sha256 for one in (*HALVES, both)})


def image(page: CoverPage, name: str) -> Cover:
    return file_of(page, label=name, name=name)


def test_pictures_of_one_cover_are_one_cover_with_the_first_page_in_front() -> None:
    whole, near = (
        image(printed(SHEET, seal("", legible=False, box=ASIDE)), "IMG_1.jpg"),
        image(close_up(seal()), "IMG_2.jpg"),
    )
    for files in ([whole, near], [near, whole]):
        case = Desk().take(mail("m", *files, SHEET)).submission
        assert case.cover and case.cover.file.name == "IMG_1.jpg"
        assert [file.name for file in case.files] == ["濮阳县.xlsx", "IMG_1.jpg", "IMG_2.jpg"]
        assert (case.state, codes(case)) == (State.REVIEW, {"cover.seal_unreadable"})
        again = Desk()
        again.take(mail("m", *files, SHEET))
        assert again.take(mail("again", near, SHEET, whole)).outcome == "resent"


def test_a_picture_with_no_form_neither_vouches_nor_rejects() -> None:
    case = (
        Desk()
        .take(mail("m", SHEET, image(printed(SHEET), "IMG_1.jpg"), image(close_up(seal()), "IMG_2.jpg")))
        .submission
    )
    assert (case.state, codes(case)) == (State.REVIEW, {"cover.seal_unreadable"})
    [told] = case.problems
    assert "“IMG_2.jpg”上有公章" in told.message


def test_one_page_a_picture_makes_one_cover() -> None:
    pages = [image(stamped(REST, names=False, header=False), "b.jpg"), image(printed(FIRST), "a.jpg")]
    case = Desk().take(mail("m", LONG, *pages)).submission
    assert (case.state, codes(case)) == (State.ACCEPTED, set())
    assert case.findings and (case.findings.page, case.findings.pages) == (1, (1, 2))
    assert [file.name for file in case.files] == ["濮阳县.xlsx", "a.jpg", "b.jpg"]


def test_pictures_go_with_the_workbook_before_them_and_another_paper_with_none() -> None:
    files: list[Reading] = [SHEET, FAN]
    files += [image(printed(SHEET), "a.jpg"), image(close_up(seal()), "a2.jpg")]
    files += [image(stamped(FAN, "范县"), "b.jpg"), image(covering_letter(seal()), "letter.jpg")]
    mine, theirs = sets_of(mail("m", *files), NOTICE)
    assert mine.cover and theirs.cover
    assert [file.name for file in mine.cover.files] == ["a.jpg", "a2.jpg"]
    assert [file.name for file in theirs.cover.files] == ["b.jpg"]
    assert [each.file.name for each in mine.spare] == ["letter.jpg"]


def test_pages_that_came_before_their_workbook_are_told_apart_when_it_comes() -> None:
    desk = Desk()
    came = desk.take(mail("m1", image(stamped(REST), "b.jpg"), image(printed(FIRST), "a.jpg"))).submission
    assert (came.state, [file.name for file in came.files]) == (State.INCOMPLETE, ["b.jpg", "a.jpg"])
    case = desk.take(mail("m2", LONG, at=later(1))).submission
    assert (case.receipt, case.state, codes(case)) == (came.receipt, State.ACCEPTED, set())


def test_covers_of_two_counties_without_a_workbook_are_one_set_each() -> None:
    pictures = [image(stamped(SHEET), "a.jpg"), image(stamped(FAN, "范县"), "b.jpg"), image(close_up(), "b2.jpg")]
    mine, theirs = sets_of(mail("m", *pictures), NOTICE)
    assert mine.cover and [file.name for file in mine.cover.files] == ["a.jpg"]
    assert theirs.cover and [file.name for file in theirs.cover.files] == ["b.jpg", "b2.jpg"]
    both = file_of(stamped(SHEET), stamped(FAN, "范县"), label="both")
    assert [numbers(one) for one in sets_of(mail("m", both), NOTICE)] == [[1], [2]]


def test_pictures_that_came_before_their_workbook_are_compared_when_it_comes() -> None:
    desk = Desk()
    came = desk.take(mail("m1", image(close_up(), "a.jpg"), image(stamped(SHEET), "b.jpg"))).submission
    assert (came.state, [file.name for file in came.files]) == (State.INCOMPLETE, ["b.jpg", "a.jpg"])
    case = desk.take(mail("m2", SHEET, at=later(1))).submission
    assert (case.receipt, case.state, codes(case)) == (came.receipt, State.ACCEPTED, set())


@pytest.mark.parametrize(
    ("photo", "state", "found", "files"),
    [
        (stamped(SHEET, photo=True), State.ACCEPTED, {"attachment.unsupported"}, ["b.jpg", "a.pdf"]),
        (close_up(seal()), State.REVIEW, {"cover.low_quality"}, ["a.pdf", "b.jpg"]),
    ],
)
def test_an_export_beside_the_scan_is_not_the_cover(
    photo: CoverPage, state: State, found: set[str], files: list[str]
) -> None:
    export = image(printed(SHEET, kind=PageKind.BORN_DIGITAL), "a.pdf")
    case = Desk().take(mail("m", SHEET, export, image(photo, "b.jpg"))).submission
    assert (case.state, codes(case), [file.name for file in case.files[1:]]) == (state, found, files)


def test_a_letter_tells_no_seal_that_does_not_count() -> None:
    both = file_of(covering_letter(seal(box=ASIDE)), printed(SHEET), label="both")
    for files in ([SHEET, both], [both]):
        case = Desk().take(mail("m", *files)).submission
        assert "cover.unstamped" in codes(case)
        assert [line.note for line in file_lines(case, reporter())][-1] == "未见印章"
