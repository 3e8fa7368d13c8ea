"""The bureau's form as a file: blank, and rebuilt with a reporter's values and marks."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openpyxl
import pytest

from domain.checks import check_sheet
from domain.form_code import PATTERN, form_code, reporter_of_code
from domain.notice import Reporter
from domain.sheet import Sheet, SheetFormat
from notifier import form_layout as layout
from notifier.blank_form import blank_form, rebuild_marked
from notifier.marking import AUTHOR, Mark, can_return, mark_workbook
from parsers.workbook import read_workbook
from tests.builders import GOOD_ROW, NOTICE, RECEIVED, reporter, school
from tests.forms import KEYS, NAMES, OTHER, ROW, TITLE, make_form

ROOT = Path(__file__).parents[1]
LISTED = replace(NOTICE, reporters=(*NOTICE.reporters, school()))
EVERYBODY = LISTED.reporters


def read(data: bytes) -> Sheet:
    sheet = read_workbook(data, name="表.xlsx", sha256="0" * 64, form=make_form(), area_code="0393")
    assert isinstance(sheet, Sheet)
    return sheet


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


def filled(owner: Reporter, count: int) -> bytes:
    """The blank form of `owner` with the date and `count` rows typed in, saved by another program than wrote it."""
    book = openpyxl.load_workbook(io.BytesIO(blank_form(NOTICE, owner)))
    sheet = book.worksheets[0]
    sheet["E2"].value = str(sheet["E2"].value).replace("      年   月   日", "2020年2月27日")
    unit = "市直" if owner.bureau_run else owner.name
    for number in range(count):
        values = {**GOOD_ROW, "unit": unit, "school": f"{owner.name}第{number + 1}小学"}
        for column, each in enumerate(NOTICE.form.columns, 1):
            sheet.cell(4 + number, column).value = values[each.key] or None
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def problems(data: bytes, owner: Reporter) -> list[str]:
    return [problem.code for problem in check_sheet(read(data), LISTED, owner, RECEIVED)]


def test_a_blank_form_is_the_form_and_has_no_rows() -> None:
    sheet = read(blank_form(NOTICE, reporter()))
    assert (sheet.rows, sheet.nil_statement, sheet.sheet) == ((), None, "PYX")
    assert sheet.title and sheet.title.text == TITLE
    assert (sheet.header["unit"].text, sheet.header["date"].text) == ("濮阳县", "")


def test_a_blank_form_for_nobody_names_nobody_and_bears_no_code() -> None:
    data = blank_form(NOTICE, None)
    assert read(data).header["unit"].text == ""
    assert opened(data)._images == []


@pytest.mark.parametrize("owner", EVERYBODY, ids=lambda each: each.code)
def test_a_form_sent_back_unfilled_lacks_its_date_and_its_rows_and_nothing_else(owner: Reporter) -> None:
    assert problems(blank_form(NOTICE, owner), owner) == ["header.date_missing", "sheet.no_rows"]


@pytest.mark.parametrize("owner", EVERYBODY, ids=lambda each: each.code)
def test_a_filled_form_has_no_problem(owner: Reporter) -> None:
    data = filled(owner, 3)
    assert problems(data, owner) == []
    assert [row.number for row in read(data).rows] == [4, 5, 6]


def test_a_form_filled_to_its_last_line_keeps_its_notes_out_of_the_rows() -> None:
    lines = layout.lines_on_first_page(NOTICE.form)
    assert len(read(filled(reporter(), lines)).rows) == lines


@pytest.mark.parametrize(("code", "name"), [("SZ/[1]:" + "9" * 40, "SZ1" + "9" * 28), ("SZ01", "SZ01")])
def test_the_code_of_the_reporter_names_the_sheet_as_far_as_a_name_may_hold_it(code: str, name: str) -> None:
    assert read(blank_form(NOTICE, replace(reporter(), code=code))).sheet == name


def test_the_same_reporter_gives_the_same_bytes_in_another_process_too() -> None:
    script = (
        "import sys; from notifier.blank_form import blank_form; from config.notices import load_notice;"
        "notice = load_notice('puyang-2020-51'); sys.stdout.buffer.write(blank_form(notice, notice.reporter('FX')))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": "7"}
    )
    assert ran.stdout == blank_form(NOTICE, reporter("FX"))


def test_layout_helps_the_clerk() -> None:
    sheet = opened(blank_form(NOTICE, reporter()))
    assert [cell.value for cell in sheet[3]] == list(NAMES)
    assert (sheet["F4"].number_format, sheet["I4"].number_format) == ("@", "@")
    assert sheet["A2"].value == "填报单位：濮阳县（盖章）"
    assert sheet["A4"].border.left.style == "thin"
    lines = layout.lines_on_first_page(NOTICE.form)
    notes = [sheet.cell(4 + lines + number, 1).value for number in range(len(NOTICE.form.notes))]
    assert lines == 19 and notes == list(NOTICE.form.notes)


def test_page_1_is_the_cover() -> None:
    sheet = opened(blank_form(NOTICE, reporter()))
    last = 3 + layout.lines_on_first_page(NOTICE.form) + len(NOTICE.form.notes)
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.print_area) == ("A4", "$3:$3", f"'PYX'!$A$1:$I${last}")
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight) == ("landscape", 9, 1, 0)
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
    heights = [sheet.row_dimensions[row].height or layout.LINE for row in range(1, last + 1)]
    page = (layout.PAPER_MM[1] - layout.TOP_MM - layout.BOTTOM_MM) * layout.POINTS_PER_MM
    assert sum(heights) * layout.scale(NOTICE.form) <= page


def test_prompts_tell_what_goes_where_and_only_yes_or_no_is_forced() -> None:
    found = {rule.promptTitle: rule for rule in opened(blank_form(NOTICE, reporter())).data_validations.dataValidation}
    assert {title: (rule.type, str(rule.sqref).split(":")[0], rule.prompt) for title, rule in found.items()} == {
        "单位": (None, "A4", "每一行都填“濮阳县”。"),
        "学校": (None, "B22", "表格行数不够时，请在表内插入整行，不要写到表格下面。"),
        "电话": (None, "F4", "请填11位手机号，或固定电话，如0393-1234567。一格只填一个号码。"),
        "是否备案": ("list", "H4", "请填“是”或“否”。"),
        "备案号": (None, "I4", "请填备案号，如教APP备4100001号；没有备案的不填。"),
    }
    assert found["是否备案"].formula1 == '"是,否"'
    assert [title for title, rule in found.items() if rule.showErrorMessage] == ["是否备案"]
    assert all(rule.showInputMessage for rule in found.values())


def test_a_school_of_the_bureau_is_told_what_its_rows_say() -> None:
    rules = opened(blank_form(NOTICE, school())).data_validations.dataValidation
    assert rules[0].prompt == "每一行都填“市直”。"


@pytest.mark.parametrize("owner", EVERYBODY, ids=lambda each: each.code)
def test_the_column_of_units_holds_the_name_on_one_line(owner: Reporter) -> None:
    width = opened(blank_form(NOTICE, owner)).column_dimensions["A"].width
    assert width >= 2 * len("市直" if owner.bureau_run else owner.name)


@pytest.mark.parametrize("owner", EVERYBODY, ids=lambda each: each.code)
def test_the_code_stands_in_the_upper_right_corner_and_names_notice_and_reporter(owner: Reporter) -> None:
    sheet = opened(blank_form(NOTICE, owner))
    [picture] = sheet._images
    anchor, column = picture.anchor, sheet.column_dimensions["I"]
    assert (anchor._from.row, anchor._from.col, anchor.ext.cx) == (0, 8, anchor.ext.cy)
    assert anchor._from.colOff + anchor.ext.cx <= layout.column_width(column.width) * 12_700 + 1
    assert anchor._from.rowOff + anchor.ext.cy <= sheet.row_dimensions[1].height * 12_700
    grey = cv2.imdecode(np.frombuffer(picture._data(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    assert cv2.QRCodeDetector().detectAndDecode(grey)[0] == form_code(NOTICE, owner) == f"PY51-{owner.code}"


def test_a_code_leads_back_to_its_reporter_and_no_other_text_does() -> None:
    assert [reporter_of_code(form_code(NOTICE, each), NOTICE) for each in NOTICE.reporters] == list(NOTICE.reporters)
    assert all(PATTERN.fullmatch(form_code(NOTICE, each)) for each in EVERYBODY)
    others = ("PY52-PYX", "PY51-XYZ", "PY51", "PYX", "PY51-", "", None, "PY51-PYX-20200227-01")
    assert [code for code in others if reporter_of_code(code, NOTICE)] == []


def test_a_form_of_many_columns_or_few_keeps_its_code_and_its_lines_on_the_paper() -> None:
    columns = NOTICE.form.columns
    wide = replace(NOTICE.form, columns=tuple(replace(each, width=40.0) for each in columns))
    narrow = replace(NOTICE.form, columns=tuple(replace(each, width=4.0) for each in columns[:3]))
    for form in (wide, narrow):
        sheet = opened(blank_form(replace(NOTICE, form=form), reporter()))
        assert sheet._images[0].anchor._from.colOff >= 0
        assert sheet.row_dimensions[1].height >= layout.code_side(form)


def test_a_long_note_has_room_for_all_its_lines() -> None:
    form = replace(NOTICE.form, notes=("说明" * 200,))
    assert layout.note_height(form, form.notes[0]) > 3 * layout.note_height(form, "说明")


def test_marking_a_filled_form_keeps_its_code_its_prompts_and_its_print_set_up() -> None:
    data = filled(reporter(), 2)
    assert can_return(data)
    marked = opened(mark_workbook(data, [Mark(sheet="PYX", address="F4", text="位数不够")], fmt=SheetFormat.XLSX))
    assert len(marked._images) == 1 and marked["F4"].comment.text == f"{AUTHOR}：位数不够"
    assert len(marked.data_validations.dataValidation) == 5 and marked.print_title_rows == "$3:$3"


def test_the_package_holds_plain_parts_alone_and_one_small_picture() -> None:
    with zipfile.ZipFile(io.BytesIO(blank_form(NOTICE, reporter()))) as package:
        parts = {info.filename: info.file_size for info in package.infolist() if info.filename.startswith("xl/")}
    assert {name for name in parts if "_rels" not in name} == {
        "xl/workbook.xml",
        "xl/styles.xml",
        "xl/theme/theme1.xml",
        "xl/worksheets/sheet1.xml",
        "xl/drawings/drawing1.xml",
        "xl/media/image1.png",
    }
    assert parts["xl/media/image1.png"] < 2_000


def test_rebuilt_book_holds_values_and_marks() -> None:
    rows = [
        [TITLE],
        ["填报单位：濮阳县", "填报时间：2020年2月27日"],
        list(reversed(NAMES)),
        *([*reversed(row)] for row in (ROW, OTHER)),
    ]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    sheet = read(text.getvalue().encode("gb18030"))
    assert sheet.format is SheetFormat.CSV
    phone = sheet.rows[1].cells["phone"].address
    marks = [Mark(sheet="Sheet1", address=phone, text="位数不够"), Mark(sheet="Sheet1", address="A2", text="单位不对")]
    data = rebuild_marked(sheet, make_form(), marks)
    assert can_return(data)
    again = read(data)
    assert [tuple(row.text(key) for key in KEYS) for row in again.rows] == [ROW, OTHER]
    cells = opened(data)
    assert cells["F5"].comment.text == f"{AUTHOR}：位数不够" and cells["A2"].comment.text == f"{AUTHOR}：单位不对"
    assert cells._images == []


@pytest.mark.parametrize(
    "value",
    ["=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|'/C calc'!A0", '=HYPERLINK("http://a.cn")', "＝1+1", "{=1+1}"],
)
def test_values_never_become_formulas(value: str) -> None:
    """Nor does one become a formula when somebody edits the cell and leaves it as it was."""
    text = io.StringIO()
    csv.writer(text).writerows([[TITLE], NAMES, ["濮阳县", value, *ROW[2:]]])
    sheet = read(text.getvalue().encode())
    data = rebuild_marked(sheet, make_form(), [])
    cell = opened(data)["B4"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (value, "s", value[0] in "=+-@")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")
