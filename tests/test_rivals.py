"""Several workbooks or scans of one mail of which not all are the return: which is taken, why, and what is said of the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.mail import FaultCause, PartFault, PartKind
from domain.problems import Problem
from domain.rivals import Kinship, Relation, kinship
from domain.sets import sets_of
from domain.sheet import HeaderValue, Sheet
from domain.submission import State, Submission
from tests.builders import GOOD_ROW, NOTICE
from tests.parts import STRANGER, Desk, broken, codes, later, mail, of_unit, printed, scan, sha, workbook

SCHOOLS = [{"school": f"濮阳县第{name}小学"} for name in "三四五六七八"]
SHEET = workbook(*SCHOOLS, label="new", name="新.xlsx")
SCAN = scan(SHEET)


def changed(place: int, **change: str) -> Sheet:
    """The same workbook with one row changed, as it was before a correction."""
    rows = [{**SCHOOLS[at], **(change if at == place else {})} for at in range(len(SCHOOLS))]
    return workbook(*rows, label="old", name="旧.xlsx")


def told(case: Submission, code: str) -> Problem:
    [found] = [problem for problem in case.problems if problem.code == code]
    return found


def test_of_two_versions_the_one_on_the_scan_is_taken_even_where_only_digits_change_places() -> None:
    old = changed(4, phone=GOOD_ROW["phone"][:-2] + GOOD_ROW["phone"][-1] + GOOD_ROW["phone"][-2])
    for files in ((SHEET, old), (old, SHEET)):
        case = Desk().take(mail("m", *files, SCAN)).submission
        assert (case.state, case.sheet and case.sheet.file.name) == (State.ACCEPTED, "新.xlsx")
        said = told(case, "attachment.unsupported")
        assert said.file == "旧.xlsx"
        assert said.message == "本单位有两份电子表，扫描件印的是“新.xlsx”，以它为准；“旧.xlsx”没有采用。"


def test_two_versions_that_differ_below_the_printed_rows_are_asked_about() -> None:
    old = changed(5, phone="13700000000")
    first_rows = scan(replace(SHEET, rows=SHEET.rows[:4]), label="first rows")
    for files in ((SHEET, old), (old, SHEET)):
        case = Desk().take(mail("m", *files, first_rows)).submission
        assert (case.state, codes(case)) == (State.REJECTED, {"sheet.ambiguous"})
        assert "只发一份" in told(case, "sheet.ambiguous").advice


def test_the_same_rows_in_other_bytes_are_one_workbook_with_and_without_a_scan() -> None:
    twin = replace(SHEET, sha256=sha("twin"), file="新(1).xlsx")
    case = Desk().take(mail("m", SHEET, twin, SCAN)).submission
    assert (case.state, codes(case)) == (State.ACCEPTED, {"attachment.unsupported"})
    assert told(case, "attachment.unsupported").message == "“新(1).xlsx”的内容与“新.xlsx”相同，只登记一份。"
    case = Desk().take(mail("m", SHEET, twin)).submission
    assert (case.state, codes(case)) == (State.INCOMPLETE, {"attachment.unsupported", "cover.missing"})


def test_of_workbooks_with_the_same_rows_the_one_with_a_whole_head_is_taken() -> None:
    lacking = replace(SHEET, sha256=sha("no date"), file="旧.xlsx", header={"unit": SHEET.header["unit"]})
    for files in ((lacking, SHEET), (SHEET, lacking)):
        case = Desk().take(mail("m", *files, SCAN)).submission
        assert (case.state, case.sheet and case.sheet.file.name) == (State.ACCEPTED, "新.xlsx")
        assert Desk().take(mail("m", *files)).submission.state is State.INCOMPLETE
    other_day = replace(
        SHEET, sha256=sha("day"), file="二.xlsx", header=workbook(day="2020年2月25日", on=date(2020, 2, 25)).header
    )
    assert "sheet.ambiguous" in codes(Desk().take(mail("m", SHEET, other_day)).submission)
    assert Desk().take(mail("m", other_day, SHEET, SCAN)).submission.state is State.ACCEPTED


def test_where_nothing_can_be_read_the_failure_that_says_most_is_told() -> None:
    lock, locked = broken("~$"), broken("locked", "sheet.encrypted")
    form = replace(broken("form", "sheet.wrong_form"), missing_columns=("电话",))
    assert codes(Desk().take(mail("m", lock, locked)).submission) >= {"sheet.encrypted"}
    assert codes(Desk().take(mail("m", lock, locked, form)).submission) >= {"sheet.wrong_form"}


def test_two_halves_without_a_scan_are_to_be_put_together() -> None:
    other = workbook({"school": "濮阳县实验中学"}, {"school": "濮阳县职业中学"}, label="half", name="中学.xlsx")
    case = Desk().take(mail("m", SHEET, other)).submission
    said = told(case, "sheet.ambiguous")
    assert said.message == "同一封邮件里有几份本单位的电子表（“新.xlsx”、“中学.xlsx”），各有不同的行，像是分开填报的。"
    assert "合并到一份电子表" in said.advice


def test_rows_of_the_half_that_is_not_on_the_scan_are_counted() -> None:
    other = workbook({"school": "濮阳县实验中学"}, {"school": "濮阳县职业中学"}, label="half", name="中学.xlsx")
    case = Desk().take(mail("m", SHEET, other, SCAN)).submission
    assert (case.state, case.row_count) == (State.ACCEPTED, 6)
    said = told(case, "attachment.unsupported")
    assert "“中学.xlsx”没有采用，其中有2行不在“新.xlsx”里，没有登记" in said.message


def test_following_the_advice_of_two_halves_is_accepted() -> None:
    desk = Desk()
    other = workbook({"school": "濮阳县实验中学"}, label="half", name="中学.xlsx")
    assert desk.take(mail("m1", SHEET, other)).submission.state is State.REJECTED
    whole = workbook(*SCHOOLS, {"school": "濮阳县实验中学"}, label="whole")
    assert desk.take(mail("m2", whole, scan(whole, label="s"), at=later(1))).submission.state is State.ACCEPTED


def nil(unit: str) -> Sheet:
    made = of_unit(unit, label=f"nil {unit}")
    return replace(made, rows=(), nil_statement=HeaderValue(text="零报告", address="C5"))


def test_nil_returns_of_two_counties_are_told_apart_by_the_unit_on_the_page() -> None:
    sheets = [nil("范县"), nil("台前县")]
    covers = [
        scan(one, label=f"s{one.sha256}", seal=f"{unit}教育局")
        for one, unit in zip(sheets, ("范县", "台前县"), strict=True)
    ]
    for files in (covers, covers[::-1]):
        found = {one.sheet.file.sha256: one.cover for one in sets_of(mail("m", *sheets, *files), NOTICE) if one.sheet}
        for sheet, cover in zip(sheets, covers, strict=True):
            taken = found[sheet.sha256]
            assert taken and taken.file.sha256 == cover.sha256


def test_pages_that_may_be_either_countys_are_given_to_none() -> None:
    rows = [{"school": name} for name in ("第一中学", "第二中学")]
    sheets = [
        workbook(*({**row, "unit": unit} for row in rows), label=unit, unit=unit, title=None)
        for unit in ("范县", "台前县")
    ]
    unread = workbook(*({**row, "unit": ""} for row in rows), label="unread")
    bare = [scan(unread, label=name, seal="", header=False) for name in "ab"]
    cases = [one.submission for one in Desk().take_all(mail("m", *sheets, *bare))]
    assert [case.state for case in cases] == [State.INCOMPLETE] * 2
    assert all("cover.missing" in codes(case) for case in cases)
    said = [problem for problem in cases[0].problems if problem.code == "attachment.unsupported"]
    assert len(said) == 2 and all("每个单位单独发一封邮件" in each.advice for each in said)


def test_a_scan_that_names_the_unit_is_its_cover_even_where_no_row_fits() -> None:
    fan, tai = of_unit("范县", label="fan"), of_unit("台前县", label="tai")
    older = workbook(
        {
            "unit": "台前县",
            "school": "旧校",
            "app": "旧软件",
            "operator": "旧公司",
            "contact": "钱七",
            "phone": "0393-1234567",
        },
        label="older",
        unit="台前县教育局",
        title="台前县学习类APP统计备案表",
    )
    covers = [scan(fan, label="f", seal="范县教育局"), scan(older, label="t", seal="台前县教育局")]
    cases = {one.submission.reporter: one.submission for one in Desk().take_all(mail("m", fan, tai, *covers))}
    assert cases["FX"].state is State.ACCEPTED
    assert codes(cases["TQX"]) == {"cover.content_mismatch"}


def test_the_scan_of_another_county_beside_a_whole_set_completes_that_county() -> None:
    desk = Desk()
    fan = of_unit("范县", label="fan")
    waiting = desk.take(mail("m1", fan)).submission
    mine, theirs = desk.take_all(mail("m2", SHEET, SCAN, scan(fan, label="fan scan", seal="范县教育局"), at=later(1)))
    assert (mine.submission.state, mine.submission.others) == (State.ACCEPTED, ())
    assert (theirs.submission.receipt, theirs.submission.state) == (waiting.receipt, State.ACCEPTED)


def test_a_new_workbook_alone_is_told_that_the_old_scan_does_not_vouch_for_it() -> None:
    desk = Desk()
    desk.take(mail("m1", SHEET, SCAN))
    case = desk.take(mail("m2", changed(0, phone="13700000000"), at=later(1))).submission
    assert (case.state, codes(case)) == (State.INCOMPLETE, {"cover.missing"})
    assert "先前的扫描件是先前那份电子表的，不能沿用" in told(case, "cover.missing").message
    assert "已受理的那份（回执 R001）继续有效" in told(case, "cover.missing").advice
    fresh = Desk().take(mail("m1", SHEET)).submission
    assert "先前" not in told(fresh, "cover.missing").message


def test_a_stranger_with_a_new_workbook_is_told_nothing_of_what_stands() -> None:
    desk = Desk()
    desk.take(mail("m1", SHEET, SCAN))
    case = desk.take(mail("m2", changed(0, phone="13700000000"), sender=STRANGER, at=later(1))).submission
    assert "cover.missing" in codes(case)
    assert "先前" not in told(case, "cover.missing").message
    assert "R001" not in told(case, "cover.missing").advice


def test_what_is_missing_beside_a_locked_archive_may_be_in_it() -> None:
    locked = PartFault(name="材料.zip", code="attachment.unreadable", cause=FaultCause.LOCKED)
    link = PartFault(name="扫描件.pdf", code="attachment.cloud_link", candidate_for=PartKind.COVER)
    nothing = Desk().take(mail("m1", faults=[locked])).submission
    assert codes(nothing) == {"attachment.unreadable", "sheet.missing", "cover.missing"}
    assert [told(nothing, f"{part}.missing").message for part in ("sheet", "cover")] == [
        "没有单独收到电子表，可能就在“材料.zip”里。",
        "没有单独收到盖章的扫描件，可能就在“材料.zip”里。",
    ]
    desk = Desk()
    desk.take(mail("m1", SHEET, SCAN))
    assert told(desk.take(mail("m2", faults=[locked], at=later(1))).submission, "cover.missing").message == (
        "没有单独收到盖章的扫描件，可能就在“材料.zip”里。"
    )
    alone = desk.take(mail("m3", faults=[link], at=later(2))).submission
    assert told(alone, "sheet.missing").message == "没有收到电子表。"
    assert "扫描件.pdf" in told(alone, "cover.missing").message


def test_kinship() -> None:
    other = workbook({"school": "濮阳县实验中学"}, label="half")
    assert kinship(SHEET, SHEET, NOTICE.form) == Kinship(relation=Relation.SAME)
    assert kinship(SHEET, changed(0, phone="1"), NOTICE.form) == Kinship(relation=Relation.VERSION)
    assert kinship(SHEET, changed(0, school="别的"), NOTICE.form) == Kinship(relation=Relation.VERSION, beyond=1)
    capitals = changed(0, app="APP学习"), changed(0, app="App学习")
    assert kinship(*capitals, NOTICE.form) == Kinship(relation=Relation.VERSION)
    assert kinship(SHEET, other, NOTICE.form) == Kinship(relation=Relation.PART, beyond=1)
    assert kinship(nil("范县"), nil("台前县"), NOTICE.form).relation is Relation.SAME
    assert printed(SHEET).cells
