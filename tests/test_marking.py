"""Marked workbooks: red cells with comments, and everything else as the reporter sent it."""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from domain.catalogue import problem
from domain.marks import marks, marks_of
from domain.problems import Place
from domain.sheet import SheetFormat
from notifier.marking import AUTHOR, Mark, can_return, mark_workbook
from tests.builders import NOTICE
from tests.forms import OTHER, ROW, as_bytes, fill, plain_cells, save
from tests.parts import Desk, mail, scan, workbook

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "sheets"
RED, EXCELS_RED = "FFFFC7CD", "FFFFC7CE"
OURS = f"{AUTHOR}："


def mark(data: bytes, *marks: tuple[str, str], sheet: str = "Sheet1") -> bytes:
    given = [Mark(sheet=sheet, address=address, text=text) for address, text in marks]
    return mark_workbook(data, given, fmt=SheetFormat.XLSX)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def rich_workbook() -> bytes:
    """A sheet with a chart, a drop-down, conditional formatting, a hyperlink, a comment and fonts."""
    book = openpyxl.Workbook()
    sheet: Any = book.worksheets[0]
    sheet.title = "Sheet1"
    fill(sheet, plain_cells([ROW, OTHER]) | {"K1": 1, "K2": 2})
    sheet["F5"].font = Font(name="楷体", size=14, bold=True)
    sheet["F5"].number_format = "@"
    sheet["C4"].comment = Comment("原有批注", "县里")
    sheet["D4"].hyperlink = "https://example.org/"
    choice = DataValidation(type="list", formula1='"是,否"')
    choice.add("H4:H9")
    sheet.add_data_validation(choice)
    rule = Rule(type="cellIs", operator="greaterThan", formula=["1"])
    sheet.conditional_formatting.add("K1:K2", rule)
    chart = BarChart()
    chart.add_data(Reference(sheet, 11, 1, 11, 2))
    sheet.add_chart(chart, "L1")
    return as_bytes(book)


def test_red_cell_keeps_its_look_and_gets_its_comment() -> None:
    marked = openpyxl.load_workbook(io.BytesIO(mark(rich_workbook(), ("F5", "位数不够"), ("F5", "请填11位手机号"))))[
        "Sheet1"
    ]
    cell = marked["F5"]
    assert cell.fill.fgColor.rgb == RED and cell.fill.patternType == "solid"
    assert (cell.font.name, cell.font.size, cell.font.bold, cell.number_format) == ("楷体", 14, True, "@")
    assert cell.comment.text == f"{OURS}位数不够\n{OURS}请填11位手机号"
    assert marked["F4"].fill.patternType is None


def test_everything_else_survives() -> None:
    data = rich_workbook()
    marked = mark(data, ("F5", "位数不够"))
    before, after = parts(data), parts(marked)
    touched = {name for name in before if after[name] != before[name]}
    assert touched <= {
        "xl/worksheets/sheet1.xml",
        "xl/styles.xml",
        "xl/comments/comment1.xml",
        "xl/drawings/commentsDrawing1.vml",
    }
    sheet: Any = openpyxl.load_workbook(io.BytesIO(marked))["Sheet1"]
    assert sheet.data_validations.dataValidation[0].formula1 == '"是,否"'
    assert len(sheet.conditional_formatting) == 1 and len(sheet._charts) == 1
    assert sheet["D4"].hyperlink.target == "https://example.org/"
    assert sheet["C4"].comment.text == "原有批注"


def test_a_comment_that_was_there_is_continued() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(mark(rich_workbook(), ("C4", "请核对"))))["Sheet1"]
    assert sheet["C4"].comment.text == f"原有批注\n{OURS}请核对"


def test_drawing_of_the_comments_is_sound_and_complete() -> None:
    for data in (rich_workbook(), save(plain_cells())):
        written = parts(mark(mark(data, ("F5", "一")), ("F5", "一"), ("I5", "二")))
        name = next(part for part in written if part.endswith(".vml"))
        root = etree.fromstring(written[name])
        shapes = [shape.get("id") for shape in root.iter("{urn:schemas-microsoft-com:vml}shape")]
        cells = [
            (note.findtext("{*}Row"), note.findtext("{*}Column"))
            for note in root.iter("{urn:schemas-microsoft-com:office:excel}ClientData")
        ]
        assert len(shapes) == len(set(shapes)) == len(cells)
        assert {("4", "5"), ("4", "8")} <= set(cells)


def test_absent_and_merged_cells() -> None:
    data = save(plain_cells([ROW, ("", *OTHER[1:])]), merges=["A4:A5"])
    sheet = openpyxl.load_workbook(io.BytesIO(mark(data, ("A5", "单位不对"), ("I5", "缺备案号"), ("C40", "空行"))))[
        "Sheet1"
    ]
    assert sheet["A4"].comment.text == f"{OURS}单位不对" and sheet["A4"].fill.fgColor.rgb == RED
    assert sheet["I5"].comment.text == f"{OURS}缺备案号" and sheet["I5"].value is None
    assert sheet["C40"].fill.fgColor.rgb == RED


def as_sent_back(data: bytes, **values: str) -> bytes:
    """Loaded, corrected and saved by another program, which numbers styles and writes comments anew."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for address, value in values.items():
        book["Sheet1"][address] = value
    return as_bytes(book)


@pytest.mark.parametrize("between", [lambda data: data, as_sent_back])
def test_earlier_marks_are_gone_from_what_was_corrected(between: Any) -> None:
    """Two rounds: F5 and its yellow are as before, C4 keeps the county's own comment, G5 is still bad, H4 is new."""
    book = openpyxl.load_workbook(io.BytesIO(rich_workbook()))
    book["Sheet1"]["F5"].fill = PatternFill("solid", fgColor="FFFFFF00")
    first = mark(as_bytes(book), ("F5", "位数不够"), ("C4", "请核对"), ("G5", "一"))
    second = mark(between(first), ("G5", "二"), ("H4", "三"))
    sheet: Any = openpyxl.load_workbook(io.BytesIO(second))["Sheet1"]
    assert sheet["F5"].comment is None
    assert (sheet["F5"].fill.patternType, sheet["F5"].fill.fgColor.rgb) == ("solid", "FFFFFF00")
    assert (sheet["F5"].font.name, sheet["F5"].number_format) == ("楷体", "@")
    assert (sheet["C4"].comment.text, sheet["C4"].fill.patternType) == ("原有批注", None)
    assert [(sheet[at].comment.text, sheet[at].fill.fgColor.rgb) for at in ("G5", "H4")] == [
        (f"{OURS}二", RED),
        (f"{OURS}三", RED),
    ]
    drawing = next(body for name, body in parts(second).items() if name.endswith(".vml"))
    assert sorted(noted(drawing)) == [(3, 2), (3, 7), (4, 6)]


def noted(drawing: bytes) -> list[tuple[int, int]]:
    """Row and column of every box."""
    root = etree.fromstring(drawing)
    notes = root.iter("{urn:schemas-microsoft-com:office:excel}ClientData")
    return [(int(note.findtext("{*}Row") or -1), int(note.findtext("{*}Column") or -1)) for note in notes]


COUNTYS = ["科长的话\n审核意见：同意上报", f"科长的话\n我们按“{OURS}”改了", "审核意见：请核对\n县里答复：已核对无误"]


@pytest.mark.parametrize("text", COUNTYS)
@pytest.mark.parametrize("author", ["县里", "审核意见", AUTHOR])
def test_no_comment_of_the_county_is_lost(text: str, author: str) -> None:
    """Two rounds over a bad cell, and one over a cell that was never bad."""
    book = openpyxl.load_workbook(io.BytesIO(save(plain_cells())))
    for at in ("F4", "G4"):
        book["Sheet1"][at].comment = Comment(text, author)
    done: Any = openpyxl.load_workbook(io.BytesIO(mark(mark(as_bytes(book), ("F4", "一")), ("H4", "二"))))["Sheet1"]
    assert [done[at].comment.text for at in ("F4", "G4")] == [text, text]
    assert done["F4"].fill.patternType is None


@pytest.mark.parametrize("before", ["", "原有批注\n"])
def test_an_answer_that_the_county_writes_into_our_comment_stays(before: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(save(plain_cells())))
    if before:
        book["Sheet1"]["F4"].comment = Comment(before.strip(), "县里")
    book = openpyxl.load_workbook(io.BytesIO(mark(as_bytes(book), ("F4", "请核对"), ("F4", "位数不够"))))
    book["Sheet1"]["F4"].comment.text += "\n县里答复：已核对无误"
    done: Any = openpyxl.load_workbook(io.BytesIO(mark(as_bytes(book), ("H4", "二"))))["Sheet1"]
    assert done["F4"].comment.text.strip() == f"{before}县里答复：已核对无误"


@pytest.mark.parametrize("kind", ["gray125", "lightGrid"])
@pytest.mark.parametrize("between", [lambda data: data, as_sent_back])
def test_a_hatching_is_as_before_when_the_red_is_gone(between: Any, kind: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(save(plain_cells())))
    book["Sheet1"]["F4"].fill = PatternFill(kind, fgColor="FF0000FF")
    first = mark(as_bytes(book), ("F4", "一"))
    shown: Any = openpyxl.load_workbook(io.BytesIO(first))["Sheet1"]["F4"].fill
    assert (shown.patternType, shown.bgColor.rgb) == (kind, RED)
    done: Any = openpyxl.load_workbook(io.BytesIO(mark(between(first), ("G4", "二"))))["Sheet1"]["F4"].fill
    assert (done.patternType, done.fgColor.rgb) == (kind, "FF0000FF")
    assert done.bgColor.rgb != RED


def test_a_red_that_is_the_countys_own_stays() -> None:
    book = openpyxl.load_workbook(io.BytesIO(save(plain_cells())))
    book["Sheet1"]["F4"].fill = PatternFill("solid", fgColor=EXCELS_RED)
    sheet: Any = openpyxl.load_workbook(io.BytesIO(mark(mark(as_bytes(book), ("G4", "一")), ("H4", "二"))))["Sheet1"]
    assert sheet["F4"].fill.fgColor.rgb == EXCELS_RED
    assert sheet["G4"].fill.patternType is None


def test_our_red_goes_also_where_the_clerk_deleted_the_comment() -> None:
    book = openpyxl.load_workbook(io.BytesIO(mark(save(plain_cells()), ("F4", "一"), ("G4", "一"))))
    book["Sheet1"]["F4"].comment = None
    sheet: Any = openpyxl.load_workbook(io.BytesIO(mark(as_bytes(book), ("G4", "二"))))["Sheet1"]
    assert (sheet["F4"].fill.patternType, sheet["G4"].fill.fgColor.rgb) == (None, RED)


def test_marks_on_another_sheet_are_taken_off_too() -> None:
    book = openpyxl.load_workbook(io.BytesIO(save(plain_cells())))
    book.create_sheet("Sheet2")["A1"] = "旧表"
    first = mark(as_bytes(book), ("A1", "一"), sheet="Sheet2")
    done: Any = openpyxl.load_workbook(io.BytesIO(mark(first, ("F4", "二"))))
    assert (done["Sheet2"]["A1"].comment, done["Sheet2"]["A1"].fill.patternType) == (None, None)
    assert done["Sheet1"]["F4"].comment.text == f"{OURS}二"


def test_text_is_never_markup_nor_forbidden_characters() -> None:
    text = "=<b>&\x00\x0b“引号”"
    sheet = openpyxl.load_workbook(io.BytesIO(mark(save(plain_cells()), ("F4", text))))["Sheet1"]
    assert sheet["F4"].comment.text == f"{OURS}=<b>&“引号”"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"text"])
def test_what_is_no_package_is_refused(data: bytes) -> None:
    assert not can_return(data)
    with pytest.raises(ValueError, match="package"):
        mark(data, ("A1", "x"))


def test_unknown_places_and_formats_are_refused() -> None:
    data = save(plain_cells())
    with pytest.raises(ValueError, match="sheet"):
        mark(data, ("A1", "x"), sheet="没有")
    with pytest.raises(ValueError, match="cell"):
        mark(data, ("A0", "x"))
    with pytest.raises(ValueError, match="rebuilt"):
        mark_workbook(data, [], fmt=SheetFormat.XLS)


def _with_part(data: bytes, name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for old, body in (parts(data) | {name: content}).items():
            target.writestr(old, body)
    return buffer.getvalue()


RELATION = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="http://example.org/" '
    b'TargetMode="External"/></Relationships>'
)


@pytest.mark.parametrize(
    ("name", "content", "returned"),
    [
        ("xl/vbaProject.bin", b"", False),
        ("xl/embeddings/oleObject1.bin", b"", False),
        ("xl/externalLinks/externalLink1.xml", b"", False),
        ("xl/activeX/activeX1.xml", b"", False),
        ("xl/worksheets/_rels/sheet1.xml.rels", RELATION % b"oleObject", False),
        ("xl/drawings/_rels/drawing1.xml.rels", RELATION % b"image", False),
        ("xl/worksheets/_rels/sheet1.xml.rels", RELATION % b"hyperlink", True),
        ("xl/media/image1.png", b"", True),
    ],
)
def test_what_may_go_back(name: str, content: bytes, returned: bool) -> None:
    assert can_return(_with_part(save(plain_cells()), name, content)) is returned


def _values(data: bytes) -> dict[str, dict[str, str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of parts it does not keep
        book = openpyxl.load_workbook(io.BytesIO(data))
    return {
        sheet.title: {
            cell.coordinate: str(getattr(cell.value, "ref", cell.value)) for row in sheet.iter_rows() for cell in row
        }
        for sheet in book.worksheets
        if sheet.max_row * sheet.max_column < 20_000
    }


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the checkout")
def test_marked_books_of_the_corpus_keep_their_values() -> None:
    done = 0
    for path in sorted(CORPUS.rglob("*.xlsx"))[::3]:
        data = path.read_bytes()
        try:
            before = _values(data)
        except Exception:  # noqa: BLE001, S112  # openpyxl cannot load it: then it cannot judge the marked one either
            continue
        if not before:
            continue
        after = _values(mark(data, ("A1", "甲"), ("C7", "乙"), sheet=next(iter(before))))
        for title, cells in before.items():
            assert {key: value for key, value in after[title].items() if value != "None"} == {
                key: value for key, value in cells.items() if value != "None"
            }, path
        done += 1
    assert done > 30


def test_only_what_is_to_be_mended_is_marked_in_the_workbook() -> None:
    sheet = workbook()
    at = Place(sheet=sheet.sheet, cell="G5")
    errors = (
        problem("row.phone_invalid", at, shown="12", example="0393-1234567"),
        problem("row.filed_invalid", at),
    )
    reminder = problem("policy.unfiled_app", Place(sheet=sheet.sheet, cell="H5"), app="某APP")
    [(_, cell, comment)] = marks((*errors, reminder), sheet)
    assert cell == "G5"
    assert [error.message in comment for error in errors] == [True, True]


def test_every_bad_cell_is_marked_though_fifty_of_a_kind_are_listed() -> None:
    """In a new rejection, and in the answer to the same files sent again, of which only the list is stored."""
    sheet = workbook(*[{"phone": ""}] * 60, {"filed": "?", "filing_number": ""})
    printed = workbook(*[{"phone": "", "operator": "别的公司"}] * 60, {"filed": "?", "filing_number": ""})
    desk = Desk()
    for name in ("m1", "m2"):
        case = desk.take(mail(name, sheet, scan(printed))).submission
        codes = [each.code for each in case.problems]
        assert (codes.count("row.required"), codes.count("cover.content_mismatch")) == (50, 50)
        cells = {cell for _, cell, _ in marks_of(case, NOTICE)}
        assert {f"F{number}" for number in range(5, 65)} | {f"D{number}" for number in range(5, 65)} <= cells
        assert "H65" in cells
