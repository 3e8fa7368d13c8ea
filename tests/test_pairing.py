"""Which workbook belongs to which cover within one mail: by content, never by name or order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.assigning import Content
from domain.cover import Cover, CoverFailure
from domain.pairing import Incoming, PartSet, pair
from domain.sets import sets_of
from domain.sheet import Sheet
from domain.submission import CoverPart, SheetPart
from tests.builders import NOTICE
from tests.parts import (
    Desk,
    Reading,
    broken,
    codes,
    file_of,
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
    assert [each.file.sha256 for each in only.spare] == [old.sha256]
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
    assert [each.file.sha256 for each in only.spare] == [sha("broken")]
    [failed] = sets_of(mail("m", broken("one"), broken("two")), NOTICE)
    assert failed.sheet and failed.sheet.file.sha256 == sha("one")
    assert [each.file.sha256 for each in failed.spare] == [sha("two")]


def test_of_several_scans_without_a_workbook_the_one_with_the_table_is_the_cover() -> None:
    photo = Cover(file="IMG.jpg", sha256=sha("photo"), pages=(), page_count=1)
    locked = CoverFailure(file="x.pdf", sha256=sha("locked"), code="cover.encrypted")
    [only] = sets_of(mail("m", photo, locked, SCAN), NOTICE)
    assert only.cover and only.cover.file.sha256 == SCAN.sha256
    assert {each.file.sha256 for each in only.spare} == {sha("photo"), sha("locked")}


@pytest.mark.parametrize(("other", "files"), [("PY51-FX", [1, 1]), ("PY51-PYX", [2])])
def test_pages_that_say_nothing_are_told_apart_by_the_codes_of_their_forms(other: str, files: list[int]) -> None:
    tables = [printed(SHEET, header=False, form_code=code) for code in ("PY51-PYX", other)]
    found = sets_of(mail("m", *(file_of(table, label=f"table {at}") for at, table in enumerate(tables))), NOTICE)
    assert [len(each.cover.files) for each in found if each.cover] == files


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

    def unit_of(part: SheetPart | CoverPart) -> str | None:
        return units.get(by_hash[part.file.sha256])

    came: Incoming = mail("m", *made)
    found = pair(came, NOTICE.form, Content(likeness=likeness, misfits=lambda *_: 0.0, unit_of=unit_of))
    used: list[str] = []
    for one in found:
        used += [part.file.sha256 for part in (one.sheet, *one.rivals) if part]
        used += [file.sha256 for file in one.cover.files] if one.cover else []
        used += [each.file.sha256 for each in one.spare]
    assert sorted(used) == sorted({sha(name) for name in (*sheets, *covers)})
    named = [unit_of(one.sheet) for one in found if one.sheet and unit_of(one.sheet)]
    assert len(named) == len(set(named))
