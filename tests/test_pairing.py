"""Which workbook belongs to which cover within one mail: by content, never by name or order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cover import Box, Cover, CoverFailure, CoverPage
from domain.pairing import Incoming, PartSet, pair
from domain.sheet import Sheet
from domain.submission import SheetPart, State
from ingest.pipeline import sets_of
from tests.builders import NOTICE, seal
from tests.parts import (
    Desk,
    Reading,
    broken,
    close_up,
    codes,
    covering_letter,
    file_of,
    later,
    mail,
    of_unit,
    printed,
    scan,
    sha,
    workbook,
)

SHEET = workbook()
SCAN = scan(SHEET)
COUNTIES = [reporter.name for reporter in NOTICE.reporters[:4]]


def pairs(found: tuple[PartSet, ...]) -> set[tuple[str | None, str | None]]:
    return {(one.sheet.file.sha256 if one.sheet else None, one.cover.file.sha256 if one.cover else None)
            for one in found}  # fmt: skip


def test_one_workbook_and_one_cover_are_a_pair_however_ill_they_fit() -> None:
    stranger = of_unit("范县", label="fan")
    [only] = sets_of(mail("m", SHEET, scan(stranger, label="fan scan", seal="范县教育局")), NOTICE)
    assert only.sheet and only.cover
    problems = codes(Desk().take(mail("m", SHEET, scan(stranger, label="fan scan", seal="范县教育局"))).submission)
    assert {"cover.seal_mismatch", "cover.content_mismatch"} <= problems


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)))
def test_several_counties_in_one_mail_are_told_apart_by_content_in_any_order(order: list[int]) -> None:
    sheets = [of_unit(unit, label=unit) for unit in COUNTIES[:3]]
    files: list[Reading] = [*sheets, *(scan(one, label=f"scan {one.sha256}") for one in sheets)]
    found = sets_of(mail("m", *(files[at] for at in order)), NOTICE)
    assert pairs(found) == {(one.sha256, sha(f"scan {one.sha256}")) for one in sheets}


def test_several_sets_are_one_submission_each() -> None:
    desk = Desk()
    sheets = [of_unit(unit, label=unit) for unit in COUNTIES[:2]]
    covers = [
        scan(one, label=f"s{one.sha256}", seal=f"{unit}教育局") for one, unit in zip(sheets, COUNTIES, strict=False)
    ]
    decisions = desk.take_all(mail("m", *sheets, *covers))
    assert [decision.submission.state for decision in decisions] == ["accepted", "accepted"]
    assert len({decision.submission.reporter for decision in decisions}) == 2
    assert all(decision.submission.message_ids == ("<m@example.cn>",) for decision in decisions)


def test_the_workbook_that_the_cover_shows_is_the_return_and_the_other_is_spare() -> None:
    old = workbook({"app": "旧软件", "contact": "赵四", "phone": "13712340000"}, label="old")
    [only] = sets_of(mail("m", old, SHEET, SCAN), NOTICE)
    assert only.sheet and only.sheet.file.sha256 == SHEET.sha256
    assert only.rivals == ()
    assert [file.sha256 for file in only.spare] == [old.sha256]
    case = Desk().take(mail("m", old, SHEET, SCAN)).submission
    assert case.state == "accepted"
    assert "attachment.unsupported" in codes(case)


def test_two_different_workbooks_and_no_cover_are_rivals() -> None:
    other = workbook({"app": "另一个"}, label="other")
    [only] = sets_of(mail("m", SHEET, other), NOTICE)
    assert [part.file.sha256 for part in only.rivals] == [other.sha256]


def test_two_workbooks_of_one_county_each_with_its_cover_are_rivals_and_no_file_is_lost() -> None:
    other = workbook({"app": "另一个", "contact": "赵四", "school": "濮阳县第九中学"}, label="other")
    files: list[Sheet | Cover] = [SHEET, other, SCAN, scan(other, label="other scan")]
    [only] = sets_of(mail("m", *files), NOTICE)
    assert len(only.rivals) == 1
    case = Desk().take(mail("m", *files)).submission
    assert "sheet.ambiguous" in codes(case)
    assert {file.sha256 for file in case.files} == {one.sha256 for one in files}


def test_the_same_file_twice_is_one_file() -> None:
    [only] = sets_of(mail("m", SHEET, SHEET, SCAN, SCAN), NOTICE)
    assert (only.rivals, only.spare) == ((), ())


def test_what_cannot_be_read_counts_only_when_nothing_else_came() -> None:
    [only] = sets_of(mail("m", broken(), SHEET, SCAN), NOTICE)
    assert only.sheet and only.sheet.file.sha256 == SHEET.sha256
    assert [file.sha256 for file in only.spare] == [sha("broken")]
    [failed] = sets_of(mail("m", broken("one"), broken("two")), NOTICE)
    assert failed.sheet and failed.sheet.file.sha256 == sha("one")
    assert [file.sha256 for file in failed.spare] == [sha("two")]


def test_of_several_scans_without_a_workbook_the_one_with_the_table_is_the_cover() -> None:
    photo = Cover(file="IMG.jpg", sha256=sha("photo"), pages=(), page_count=1)
    locked = CoverFailure(file="x.pdf", sha256=sha("locked"), code="cover.encrypted")
    [only] = sets_of(mail("m", photo, locked, SCAN), NOTICE)
    assert only.cover and only.cover.file.sha256 == SCAN.sha256
    assert {file.sha256 for file in only.spare} == {sha("photo"), sha("locked")}


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
    long = workbook(
        *({"app": f"软件{at}", "contact": f"经办{at}", "phone": f"1391234567{at}"} for at in range(6)), label="long"
    )
    halves = [replace(long, rows=long.rows[:3]), replace(long, rows=long.rows[3:])]
    pages = [printed(halves[1]), stamped(FAN, "范县"), stamped(halves[0])]  # each with title and column names
    first, second = sets_of(mail("m", long, FAN, file_of(*pages, label="both")), NOTICE)
    assert (numbers(first), numbers(second)) == ([1, 3], [2])
    assert [one.submission.state for one in Desk().take_all(mail("m", long, FAN, file_of(*pages, label="both")))] == [
        "accepted"
    ] * 2


def test_a_page_of_nobodys_workbook_stays_with_its_file_and_proves_nothing() -> None:
    third = of_unit("台前县", label="third")
    both = file_of(printed(SHEET), stamped(FAN, "范县"), stamped(third, "台前县"), label="both")
    mine, theirs = Desk().take_all(mail("m", SHEET, FAN, both))
    assert codes(mine.submission) == {"cover.unstamped"}
    assert codes(theirs.submission) == set()


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
    long = workbook(
        *({"app": f"软件{at}", "contact": f"经办{at}", "phone": f"1391234567{at}"} for at in range(6)), label="long"
    )
    first, rest = replace(long, rows=long.rows[:3]), replace(long, rows=long.rows[3:])
    pages = [image(stamped(rest, names=False, header=False), "b.jpg"), image(printed(first), "a.jpg")]
    case = Desk().take(mail("m", long, *pages)).submission
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
    assert [file.name for file in mine.spare] == ["letter.jpg"]


def test_pictures_that_came_before_their_workbook_are_compared_when_it_comes() -> None:
    desk = Desk()
    came = desk.take(mail("m1", image(close_up(), "a.jpg"), image(stamped(SHEET), "b.jpg"))).submission
    assert (came.state, [file.name for file in came.files]) == (State.INCOMPLETE, ["b.jpg", "a.jpg"])
    case = desk.take(mail("m2", SHEET, at=later(1))).submission
    assert (case.receipt, case.state, codes(case)) == (came.receipt, State.ACCEPTED, set())


def test_nothing_is_no_set() -> None:
    assert sets_of(mail("m"), NOTICE) == ()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([*"abcdefgh"]), max_size=5),
    st.lists(st.sampled_from([*"stuvwxyz"]), max_size=9),
    st.data(),
)
def test_every_file_is_in_exactly_one_place(sheets: list[str], covers: list[str], data: st.DataObject) -> None:
    """Whatever the likenesses: no file is lost, none is used twice, and there is never more than a set a unit."""
    units = {name: data.draw(st.sampled_from(["A", "B", None]), label=name) for name in dict.fromkeys(sheets)}
    scores = {
        (sheet, cover): data.draw(st.floats(0, 1)) for sheet in dict.fromkeys(sheets) for cover in dict.fromkeys(covers)
    }
    made: list[Reading] = [workbook(label=name, name=name) for name in sheets]
    made += [scan(SHEET, label=name) for name in covers]
    by_hash = {sha(name): name for name in (*sheets, *covers)}

    def likeness(sheet: Sheet, cover: Cover) -> float:
        return scores[(by_hash[sheet.sha256], by_hash[cover.sha256])]

    def unit_of(part: SheetPart) -> str | None:
        return units[by_hash[part.file.sha256]]

    came: Incoming = mail("m", *made)
    found = pair(came, NOTICE.form, likeness, unit_of)
    used: list[str] = []
    for one in found:
        used += [part.file.sha256 for part in (one.sheet, *one.rivals) if part]
        used += [file.sha256 for file in one.cover.files] if one.cover else []
        used += [file.sha256 for file in one.spare]
    assert sorted(used) == sorted({sha(name) for name in (*sheets, *covers)})
    named = [unit_of(one.sheet) for one in found if one.sheet and unit_of(one.sheet)]
    assert len(named) == len(set(named))
