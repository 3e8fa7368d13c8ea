"""For every error of a workbook that its sender can mend: the advice is followed, and no error is left."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import openpyxl
import pytest

from domain.catalogue import CATALOGUE
from domain.catalogue_values import VALUE_ENTRIES
from domain.problems import Problem, Severity
from notifier.blank_form import blank_form
from parsers.grid import MAX_SHEETS
from tests.builders import NOTICE
from tests.forms import OTHER, ROW, SAMPLE, as_bytes, plain_cells, save
from tests.workbooks import cells, changed, damaged, html_tables, locked, problems, read, sheets, without_contents

GOOD = save(plain_cells([ROW]))
ELSEWHERE = {"sheet.missing", "sheet.ambiguous"}
"""Codes of the whole mail: `tests/test_judge.py`, `tests/test_pairing.py`."""


def errors(data: bytes, name: str = "表.xlsx") -> list[Problem]:
    return [each for each in problems(read(data, name)) if each.severity is Severity.ERROR]


def plain(*rows: object, **changes: object) -> bytes:
    """The form with these rows; a keyword changes one cell, None clears it."""
    return save(plain_cells(rows or [ROW]) | changes)  # type: ignore[arg-type]


def quoted(problem: Problem) -> str:
    """The words that the advice says to write."""
    return re.findall("“([^”]*)”", problem.advice)[-1]


SAVED_ANEW: dict[str, tuple[bytes, str]] = {
    "sheet.unreadable empty": (b"", "表.xlsx"),
    "sheet.unreadable cut": (without_contents(GOOD)[:2000], "表.xlsx"),
    "sheet.unreadable foreign": (b"<office:document/>", "表.et"),
    "sheet.unreadable sheets": (html_tables(MAX_SHEETS + 1), "表.xls"),
    "sheet.unreadable": (damaged(GOOD, "xl/worksheets/sheet1.xml"), "表.xlsx"),
    "sheet.encrypted": (locked(GOOD, "123456"), "表.xlsx"),
}
"""What saving the workbook anew as .xlsx mends."""


@pytest.mark.parametrize(("code", "file"), SAVED_ANEW.items(), ids=SAVED_ANEW)
def test_saved_anew(code: str, file: tuple[bytes, str]) -> None:
    [error] = errors(*file)
    assert f"{error.code} {code.partition(' ')[2]}".strip() == code
    assert ".xlsx" in error.advice or "取消密码" in error.advice or "保存" in error.advice
    assert errors(GOOD) == []


def filled_blank() -> bytes:
    """The blank form of the letter, filled in as it stands there."""
    book = openpyxl.load_workbook(io.BytesIO(blank_form(NOTICE, NOTICE.reporter("PYX"))))
    sheet: Any = book.worksheets[0]
    first = next(cell.row for line in sheet.iter_rows() for cell in line if cell.value == "单位") + 1
    for column, text in enumerate(ROW, 1):
        sheet.cell(first, column).value = text
    label = next(cell for line in sheet.iter_rows() for cell in line if str(cell.value).startswith("填报时间"))
    label.value = "填报时间：2020年2月27日"
    return as_bytes(book)


WORDS: dict[str, tuple[bytes, Mapping[str, object]]] = {
    "header.unit_missing": (plain(A2="填报单位：（盖章）"), {"A2": "填报单位：{}"}),
    "header.unit_unknown": (plain(A2="填报单位：杞县教育局"), {"A2": "填报单位：{}"}),
    "header.date_missing": (plain(F2="填报时间：    年   月   日"), {"F2": "填报时间：{}"}),
    "header.date_invalid": (plain(F2="填报时间：2020年2月30日"), {"F2": "填报时间：{}"}),
    "header.date_invalid month": (plain(F2="填报时间：2020年02月"), {"F2": "填报时间：{}"}),
    "header.date_invalid future": (plain(F2="填报时间：2020年12月27日"), {"F2": "填报时间：{}"}),
    "header.placeholder": (plain(A2="填报单位：XX县（盖章）"), {"A2": "填报单位：{}"}),
    "header.placeholder title": (plain(A1="XX县学习类APP统计备案表"), {"A1": "{}"}),
    "header.conflict": (plain(A1="范县学习类APP统计备案表"), {"A1": "{}学习类APP统计备案表"}),
    "row.unit_mismatch": (cells(unit="第一中学"), {"A4": "{}"}),
    "row.filing_number_missing": (cells(filing_number=None), {"H4": "{}"}),
}
"""Error → the cell in which the words go that the advice quotes."""


@pytest.mark.parametrize(("code", "case"), WORDS.items(), ids=WORDS)
def test_the_words_of_the_advice(code: str, case: tuple[bytes, Mapping[str, object]]) -> None:
    data, places = case
    [error] = errors(data)
    assert error.code == code.partition(" ")[0]
    written = {cell: str(text).format(quoted(error)) for cell, text in places.items()}

    def mend(sheet: Any) -> None:
        for cell, text in written.items():
            sheet[cell] = text

    content = {cell.coordinate: cell.value for line in _sheet(data).iter_rows() for cell in line if cell.value}
    assert errors(changed(mend, content)) == []


def _sheet(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


OTHER_COUNTY = ("范县", plain_cells([OTHER], unit="范县"))
MENDED: dict[str, tuple[bytes, bytes]] = {
    "sheet.wrong_form": (save({"A1": "会议签到表"}), filled_blank()),
    "sheet.wrong_form columns": (save({k: v for k, v in plain_cells().items() if k[0] != "H"}), filled_blank()),
    "sheet.no_rows nil": (save(plain_cells([])), plain(("", "", "无"))),
    "sheet.no_rows": (save(plain_cells([])), GOOD),
    "header.conflict sheet": (
        sheets(("表", plain_cells()), OTHER_COUNTY),
        sheets(("表", plain_cells()), ("二", plain_cells([OTHER]))),
    ),
    "row.required": (cells(contact=None), cells(contact="王五")),
    "row.phone_invalid short": (cells(phone="1391234567"), cells(phone="13912345678")),
    "row.phone_invalid several": (cells(phone="13912345678、8812345"), cells(phone="13912345678")),
    "row.phone_invalid words": (cells(phone="李雷13912345678"), cells(phone="0393-1234567")),
    "row.phone_invalid scientific": (cells(phone="1.39E+10"), cells(phone="13912345678")),
    "row.filed_invalid": (cells(filed="有"), cells(filed="是")),
    "row.filed_invalid not yet": (cells(filed="备案中", filing_number=None), cells(filed="否", filing_number=None)),
    "row.filed_invalid number": (
        cells(filed="教APP备1100001号", filing_number=None),
        cells(filed="是", filing_number="教APP备1100001号"),
    ),
    "row.filing_number_missing number": (cells(filing_number=None), cells(filing_number="教APP备4100001号")),
    "row.filing_number_invalid": (cells(filing_number="京ICP备1号"), cells(filed="否", filing_number=None)),
    "row.filing_number_unexpected": (cells(filed="否"), cells(filed="否", filing_number=None)),
    "row.duplicate": (plain(ROW, ROW), plain(ROW)),
    "row.duplicate sheet": (
        sheets(("表", plain_cells()), ("二", plain_cells([ROW, OTHER]))),
        sheets(("表", plain_cells()), ("二", plain_cells([OTHER]))),
    ),
    "row.placeholder row": (plain(SAMPLE, ROW), plain(ROW)),
    "row.placeholder": (cells(school="XX学校"), cells(school="濮阳县第一中学")),
    "row.formula_error": (cells(school="#REF!"), cells(school="濮阳县第一中学")),
    "row.formula_error no value": (cells(school="=X1"), cells(school="濮阳县第一中学")),
}
"""Error → the workbook with it, and as the advice says it should be."""


@pytest.mark.parametrize(("code", "case"), MENDED.items(), ids=MENDED)
def test_mended_as_advised(code: str, case: tuple[bytes, bytes]) -> None:
    before, after = case
    assert {error.code for error in errors(before)} == {code.partition(" ")[0]}
    assert errors(after) == []


def test_every_error_of_a_workbook_is_here() -> None:
    told = {name.partition(" ")[0] for name in (*SAVED_ANEW, *WORDS, *MENDED)}
    of_workbooks = {
        code
        for code, entry in CATALOGUE.items()
        if code.startswith(("sheet.", "header.", "row.")) and entry.severity is Severity.ERROR
    } - {entry.code for entry in VALUE_ENTRIES}  # of notices that ask for them: tests/test_values_advice.py
    assert of_workbooks - told == ELSEWHERE
