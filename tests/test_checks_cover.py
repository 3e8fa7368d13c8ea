"""Checks of the stamped scan: what was read of it in, codes out. Doubt asks a person, only certainty rejects."""

from __future__ import annotations

from typing import Any

import pytest

from domain.checks import check_attachments, check_cover, check_sheet
from domain.checks.cover import judged_seals
from domain.checks.cover_stamp import Weight
from domain.cover import CoverFailure, CoverPage, PageKind, Seal, SealKind
from domain.mail import WHOLE_MAIL, FaultCause, PartFault, PartKind
from domain.notice import Reporter
from domain.problems import Problem, Severity
from domain.seal_finding import SealFinding
from domain.sheet import Sheet
from domain.submission import About, CellVerdict
from tests.builders import NOTICE, RECEIVED, cover, findings, page, reporter, school, seal, sheet, verdict

SPECIAL = seal(kind=SealKind.SPECIAL, bottom="财务专用章")
ILLEGIBLE = seal(text="", legible=False, confidence=0.2)


def check(*pages: CoverPage, owner: Reporter | None = None, of: Sheet | None = None, signed: bool = False) -> list[str]:
    made = cover(*pages, signed=signed)
    return [problem.code for problem in check_cover(made, findings(), NOTICE, owner or reporter(), of or sheet())]


@pytest.mark.parametrize(
    ("seals", "expected"),
    [
        ([seal()], []),
        ([seal("濮阳县教体局")], []),
        ([seal("濮阳市濮阳县教育体育局")], []),
        ([], ["cover.unstamped"]),
        ([seal(kind=SealKind.OTHER, text="")], ["cover.unstamped"]),
        ([seal("范县教育局")], ["cover.seal_mismatch"]),
        ([seal("濮阳县第一中学")], ["cover.seal_mismatch"]),
        ([seal("清丰县第一高级中学")], ["cover.seal_mismatch"]),
        ([seal("濮阳县数有局")], ["cover.seal_unreadable"]),
        ([SPECIAL], ["cover.seal_wrong_kind"]),
        ([ILLEGIBLE], ["cover.seal_unreadable"]),
        ([ILLEGIBLE, seal("范县教育局")], ["cover.seal_unreadable"]),
        ([seal("范县教育局"), seal()], []),
        ([SPECIAL, seal()], []),
        ([seal(suspect="one flat colour")], ["cover.seal_suspect"]),
        ([seal(suspect="one flat colour"), seal()], []),
        ([seal(suspect="printed_dots")], ["cover.seal_suspect"]),
        ([seal("范县教育局", suspect="printed_dots")], ["cover.seal_mismatch"]),
        ([seal(suspect="screen")], ["cover.seal_suspect"]),
    ],
)
def test_seals(seals: list[Seal], expected: list[str]) -> None:
    assert check(page(*seals)) == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (page(seal(), colour=False), ["cover.colourless"]),
        (page(colour=False), ["cover.colourless"]),
        (page(quality=0.2), ["cover.low_quality"]),
        (page(ILLEGIBLE, quality=0.2), ["cover.seal_unreadable"]),
        (page(seal(), quality=0.2, photo=True), []),
        (page(kind=PageKind.BORN_DIGITAL), ["cover.not_a_scan"]),
        (page(seal(), kind=PageKind.PASTED), ["cover.not_a_scan"]),
        (page(seal(), cells=(), columns=0, lines=["关于放假的通知", "各学校："]), ["cover.wrong_form"]),
        (page(cells=(), columns=0), ["cover.wrong_form"]),
        (page(seal(), cells=(), columns=0, quality=0.2), ["cover.low_quality"]),
        (page(cells=(), columns=0, quality=0.2, colour=False), ["cover.low_quality", "cover.colourless"]),
        (page(seal(), cells=(), columns=0, photo=True), ["cover.low_quality"]),
        (page(seal(), cells=(), columns=0, lines=["濮阳县学习类APP统计备案表"]), ["cover.low_quality"]),
        (page(seal(), cells=(), columns=0, lines=["填报单位：濮阳县（盖章）"]), ["cover.low_quality"]),
    ],
)
def test_pages(made: CoverPage, expected: list[str]) -> None:
    assert check(made) == expected


SEALS: list[list[Seal]] = [
    [], [seal()], [seal("范县教育局")], [SPECIAL], [ILLEGIBLE], [ILLEGIBLE, seal("范县教育局")], [seal("范县教育局"), seal()],
    [SPECIAL, seal()], [seal(suspect="one flat colour")], [seal(suspect="one flat colour"), seal()],
    [seal("濮阳市实验中学")], [seal(kind=SealKind.OTHER, text="")],
]  # fmt: skip
PAGES: list[dict[str, Any]] = [
    {}, {"colour": False}, {"quality": 0.2}, {"kind": PageKind.BORN_DIGITAL}, {"kind": PageKind.PASTED},
    {"cells": (), "columns": 0}, {"cells": (), "columns": 0, "quality": 0.2},
]  # fmt: skip
SHEETS = [
    (sheet(), reporter()),
    (sheet(unit="范县教育局", title="濮阳县学习类APP统计备案表"), reporter("FX")),
    (sheet(unit="濮阳市实验中学"), None),
]


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("of", SHEETS, ids=["county", "two counties", "unlisted school"])
@pytest.mark.parametrize("changes", PAGES)
def test_the_seals_are_shown_as_they_were_decided_on(
    changes: dict[str, Any], of: tuple[Sheet, Reporter | None], signed: bool
) -> None:
    """A page is stamped where, and only where, a seal that counts is shown as theirs and not suspect."""
    for seals in SEALS:
        made = cover(page(*seals, **changes), signed=signed)
        told = {found.code for found in check_cover(made, findings(), NOTICE, of[1], of[0])}
        shown = judged_seals(made, findings(), NOTICE, of[1], of[0])
        assert [each.seal for each in shown] == list(seals)
        counted = [each for each in shown if each.weight is Weight.OWN and each.verdict.kind is SealFinding.THEIRS]
        assert any(not each.seal.suspect for each in counted) is not bool(told)


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ((page(seal(suspect="uniform_ink")),), "扫描件上的公章需要人工核实。"),
        ((page(seal(suspect="printed_dots")),), "扫描件上的公章像是打印或彩色复印的，将由人工核实。"),
        ((page(seal(suspect="screen")),), "这一页像是对着屏幕拍的照片，不能确认纸面上盖了公章，将由人工核实。"),
    ],
)
def test_what_speaks_against_ink_is_told_and_never_rejects(pages: tuple[CoverPage, ...], expected: str) -> None:
    (found,) = check_cover(cover(*pages), findings(), NOTICE, reporter(), sheet())
    assert (found.code, found.severity, found.message) == ("cover.seal_suspect", Severity.REVIEW, expected)


@pytest.mark.parametrize("spoilt", [page(seal(suspect="screen")), page(seal(suspect="printed_dots"))])
def test_another_picture_of_the_sheet_in_ink_settles_it(spoilt: CoverPage) -> None:
    assert check(spoilt, page(seal(page=2), number=2)) == []


def test_poor_quality_alone_never_rejects() -> None:
    for seals in ([], [ILLEGIBLE], [seal(kind=SealKind.OTHER, text="")]):
        for changes in ({"quality": 0.1}, {"quality": 0.1, "cells": (), "columns": 0}, {"colour": False}):
            found = check_cover(cover(page(*seals, **changes)), findings(), NOTICE, reporter(), sheet())
            assert found
            assert {problem.severity for problem in found} == {Severity.REVIEW}


def test_a_seal_on_a_page_that_shows_no_form_asks_a_person() -> None:
    assert check(page(), page(seal(), number=2, cells=(), columns=0)) == ["cover.seal_unreadable"]


def test_a_signed_file_may_bear_a_lawful_electronic_seal() -> None:
    assert check(page(kind=PageKind.BORN_DIGITAL), signed=True) == ["cover.electronic_seal"]
    assert check(page(kind=PageKind.PASTED, cells=(), columns=0), signed=True) == ["cover.electronic_seal"]


@pytest.mark.parametrize(
    ("unit", "text", "expected"),
    [
        ("濮阳市实验中学（盖章）", "濮阳市实验中学", []),
        ("实验中学", "濮阳市实验中学", []),
        ("濮阳市实验中学（盖章）", "濮阳县教育局", ["cover.seal_mismatch"]),
        ("濮阳市实验中学", "", ["cover.seal_unreadable"]),
    ],
)
def test_an_unlisted_unit_must_bear_its_own_seal(unit: str, text: str, expected: list[str]) -> None:
    of = sheet({"unit": "市直"}, unit=unit, title=None)
    made = cover(page(seal(text, legible=bool(text))))
    assert [problem.code for problem in check_cover(made, findings(), NOTICE, None, of)] == expected


def test_a_school_s_seal() -> None:
    assert check(page(seal("濮阳市第一高级中学")), owner=school()) == []
    assert check(page(seal("濮阳县教育局")), owner=school()) == ["cover.seal_mismatch"]


def test_messages_name_both_seals() -> None:
    found = check_cover(cover(page(seal("范县教育局"))), findings(), NOTICE, reporter(), sheet())[0]
    assert found.message == "扫描件上的公章是“范县教育局”，不是填报单位（濮阳县）的公章。"
    assert "濮阳县教育局" in found.advice
    special = check_cover(cover(page(SPECIAL)), findings(), NOTICE, reporter(), sheet())[0]
    assert "“濮阳县教育局财务专用章”" in special.message


def test_a_conflict_in_the_header_is_not_told_again_by_seal_and_rows() -> None:
    of = sheet(unit="范县教育局")
    assert check(page(seal("濮阳县教育局")), owner=reporter("FX"), of=of) == []
    assert check(page(seal("范县教育局")), owner=reporter("FX"), of=of) == []
    assert check(page(seal("清丰县教育局")), owner=reporter("FX"), of=of) == ["cover.seal_mismatch"]
    told = [(problem.cell, problem.code) for problem in check_sheet(of, NOTICE, reporter("FX"), RECEIVED)]
    assert told == [("A2", "header.conflict")]


def test_a_poor_page_is_one_problem() -> None:
    poor = cover(page(quality=0.1))
    found = check_cover(poor, findings(verdict("doubtful")), NOTICE, reporter(), sheet())
    assert [(problem.code, "C5" in problem.message) for problem in found] == [("cover.low_quality", True)]


def difference(cell: CellVerdict) -> Problem:
    found = check_cover(cover(), findings(verdict(), cell), NOTICE, reporter(), sheet())
    assert [problem.code for problem in found] == ["cover.content_mismatch"]
    return found[0]


@pytest.mark.parametrize(
    ("expected", "read", "message"),
    [
        ("13900000011", "13900000017", "第11位扫描件是7，电子表是1（139****0011）"),
        ("13812345678", "13812745678", "第6位扫描件是7，电子表是3（138****5678）"),
        ("13812345678", "1381235678", "扫描件有10位数字，电子表有11位（138****5678）"),
        ("139-1234-5678", "13912345679", "第11位扫描件是9，电子表是8（139****5678）"),
        ("智学网", "作业帮", "扫描件是“作业帮”，电子表是“智学网”"),
        ("智学网", "", "电子表是“智学网”，扫描件上没有"),
        ("", "作业帮", "扫描件是“作业帮”，电子表是空的"),
    ],
)
def test_a_difference_is_told_with_both_values_and_phones_masked(expected: str, read: str, message: str) -> None:
    found = difference(verdict("differs", expected, read, address="F7", field="电话"))
    assert message in found.message
    assert (found.file, found.sheet, found.cell, found.field) == ("扫描.pdf", "Sheet1", "F7", "电话")
    assert found.value == (expected or None)
    assert expected not in found.message or len(expected) < 8
    assert found.advice == "请核对，改好后重新打印首页、盖章、扫描。"


@pytest.mark.parametrize(
    ("field", "expected", "read", "message"),
    [
        (
            "使用APP名称",
            "2020-2021学年语文",
            "2020-2022学年语文",
            "扫描件是“2020-2022学年语文”，电子表是“2020-2021学年语文”",
        ),
        ("备案号", "教APP备4100001号", "教APP备：4100007", "扫描件是“教APP备：4100007”"),
        ("备案号", "4100001", "教APP各4100007", "扫描件是“教APP各4100007”，电子表是“4100001”"),
        ("填报时间", "20200226", "20200228", "扫描件是“20200228”，电子表是“20200226”"),
        ("联系人", "13812345678", "13812745678", "第6位扫描件是7，电子表是3（138****5678）"),
        ("联系人", "李明0393-8812345", "李明", "电子表是“李明0393-*****45”"),
        ("电话", "8812345", "8812346", "第7位扫描件是6，电子表是5（*****45）"),
        ("电话", "138，1234，5678", "李明", "扫描件是“李明”，电子表是“138，****，5678”"),
    ],
)
def test_only_phones_are_masked_in_a_difference(field: str, expected: str, read: str, message: str) -> None:
    assert message in difference(verdict("differs", expected, read, address="F7", field=field)).message


@pytest.mark.parametrize(
    ("changes", "cell", "message"),
    [
        (
            {"expected": "第二小学", "read": "", "about": About.MISSING_ROW},
            "B8",
            "电子表第8行（第二小学）在扫描件上没有。",
        ),
        (
            {"expected": "第二小学", "read": "", "about": About.DISPLACED_ROW},
            "B8",
            "电子表第8行（第二小学）在扫描件上排在别的位置。",
        ),
        (
            {"expected": "", "read": "范县 第三小学 13912345678", "address": "", "about": About.EXTRA_ROW},
            None,
            "扫描件上有一行“范县 第三小学 139****5678”，电子表里没有。",
        ),
    ],
)
def test_whole_rows(changes: dict[str, Any], cell: str | None, message: str) -> None:
    values: dict[str, Any] = {"address": "B8", "field": "学校", "column": -1, **changes}
    found = difference(verdict("differs", **values))
    assert (found.cell, found.message) == (cell, message)


def test_a_page_that_lists_an_app_beside_a_nil_return_is_told_with_both() -> None:
    found = difference(verdict("differs", "零报告", "智学网", address="C5", about=About.NIL))
    assert found.message == "与电子表不一致，扫描件是“智学网”，电子表是“零报告”。"


@pytest.mark.parametrize(("read", "said"), [("范县教育局", "扫描件是“范县教育局”"), ("", "扫描件上没有")])
def test_header_values_have_no_grid_place_either(read: str, said: str) -> None:
    found = difference(verdict("differs", "濮阳县教育局", read, address="A2", field="填报单位", about=About.HEADER))
    assert said in found.message
    assert (found.cell, found.field, "第2行" in found.message) == ("A2", "填报单位", False)


@pytest.mark.parametrize(
    ("lines", "expected"), [(["各学校招生计划表"], "cover.wrong_form"), (["填报单位：濮阳县"], "cover.low_quality")]
)
def test_a_page_with_another_table(lines: list[str], expected: str) -> None:
    found = check_cover(cover(page(seal(), lines=lines)), None, NOTICE, reporter(), sheet())
    assert [problem.code for problem in found] == [expected]


def test_doubtful_cells_are_one_problem() -> None:
    doubtful = [verdict("doubtful", address=f"C{n}") for n in range(5, 25)]
    found = check_cover(cover(), findings(*doubtful, verdict()), NOTICE, reporter(), sheet())
    assert [(problem.code, problem.severity) for problem in found] == [("cover.low_quality", Severity.REVIEW)]
    assert "有20处看不清（C5使用APP名称、C6使用APP名称、" in found[0].message
    assert "等）" in found[0].message


def test_each_differing_cell_is_named() -> None:
    cells = [verdict("differs", "智学网", "钉钉", address=f"C{n}") for n in (5, 6)]
    found = check_cover(cover(), findings(*cells, verdict("doubtful")), NOTICE, reporter(), sheet())
    assert [(problem.cell, problem.code) for problem in found] == [
        ("C5", "cover.content_mismatch"),
        ("C6", "cover.content_mismatch"),
        (None, "cover.low_quality"),
    ]


@pytest.mark.parametrize("code", ["cover.unreadable", "cover.encrypted", "cover.electronic_seal"])
def test_a_cover_that_could_not_be_read_has_one_problem(code: str) -> None:
    found = check_cover(CoverFailure(file="a.pdf", sha256="", code=code), None, NOTICE, reporter(), None)
    assert [(problem.code, problem.file) for problem in found] == [(code, "a.pdf")]


@pytest.mark.parametrize(
    ("fault", "has_sheet", "has_cover", "severity", "said"),
    [
        (PartFault(name="表.docx", code="attachment.unsupported", candidate_for=PartKind.SHEET), False, True, "error", "不是Excel"),
        (PartFault(name="表.docx", code="attachment.unsupported", candidate_for=PartKind.SHEET), True, True, "warning", "没有读取"),
        (PartFault(name="章.heic", code="attachment.unsupported", candidate_for=PartKind.COVER), True, False, "error", "不是PDF"),
        (PartFault(name="说明.txt", code="attachment.unsupported"), False, False, "warning", "没有读取"),
        (PartFault(name="a.zip", code="attachment.bomb"), True, True, "error", "展开后大得异常"),
        (PartFault(name="扫描.pdf", code="attachment.cloud_link"), True, False, "error", "超大附件"),
        (PartFault(name="扫描.pdf", code="attachment.cloud_link"), True, True, "warning", "都已另外收到"),
        (PartFault(name="a.rar", code="attachment.unreadable"), False, False, "error", "未能打开"),
        (PartFault(name="a.rar", code="attachment.unreadable", cause=FaultCause.LOCKED), True, True, "error", "设了密码"),
        (PartFault(name="a.rar", code="attachment.unreadable", cause=FaultCause.DAMAGED), False, False, "error", "没有传完整"),
        (PartFault(name="a.rar", code="attachment.unreadable", cause=FaultCause.VOLUMES), False, False, "error", "分卷"),
        (PartFault(name="a.rar", code="attachment.unreadable", cause=FaultCause.EMPTY), False, False, "error", "里没有文件"),
        (PartFault(name="a.rar", code="attachment.unsupported", cause=FaultCause.FORMAT), True, False, "error", "压缩格式"),
        (PartFault(name="a.rar", code="attachment.unsupported", cause=FaultCause.FORMAT), False, True, "error", "压缩格式"),
        (PartFault(name="a.rar", code="attachment.unsupported", cause=FaultCause.FORMAT), True, True, "warning", "没有读取"),
        (PartFault(name=WHOLE_MAIL, code="attachment.too_large", limit=60 * 1024**2), False, False, "error", "整封邮件太大（超过60 MB）"),
        (PartFault(name="扫描.pdf", code="attachment.too_large", limit=50 * 1024**2), True, False, "error", "“扫描.pdf”太大（超过50 MB）"),
        (PartFault(name="扫描.pdf", code="attachment.too_large"), True, False, "error", "“扫描.pdf”太大，"),
        (PartFault(name=WHOLE_MAIL, code="attachment.unreadable"), False, False, "error", "这封邮件未能打开"),
        (PartFault(name=WHOLE_MAIL, code="attachment.bomb"), False, False, "error", "这封邮件里的文件太多"),
    ],
)  # fmt: skip
def test_attachments(fault: PartFault, has_sheet: bool, has_cover: bool, severity: str, said: str) -> None:
    found = list(check_attachments([fault], has_sheet=has_sheet, has_cover=has_cover))
    assert [(problem.code, problem.severity.value, problem.file) for problem in found] == [
        (fault.code, severity, fault.name)
    ]
    assert said in found[0].message
