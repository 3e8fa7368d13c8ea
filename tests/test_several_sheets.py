"""A workbook whose rows stand on several sheets, from its bytes to the letter, the marks, the print and the record."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue import problem
from domain.compare import compare
from domain.cover import Cover
from domain.marks import marks
from domain.problems import Place, Severity
from domain.sheet import Sheet, SheetFormat
from domain.submission import State
from domain.versions import difference
from notifier.blank_form import rebuild_marked
from notifier.letters import render
from notifier.marking import AUTHOR, Mark, mark_workbook
from notifier.versions import changes
from storage import submissions
from tests import builders
from tests.builders import FIRST_ROW, NOTICE
from tests.forms import KEYS, OTHER, ROW, plain_cells
from tests.letter_samples import SHEET, case, letter, sheet_part
from tests.parts import printed
from tests.storage_values import NOON, database, submission
from tests.workbooks import problems, read, row, sheets

SHORT = row(school="二中", phone="12")
BOOK = sheets(("一中", plain_cells([ROW])), ("二中", plain_cells([SHORT])))


def reading(data: bytes = BOOK) -> Sheet:
    found = read(data)
    assert isinstance(found, Sheet)
    return found


def two_sheets(*changes: dict[str, str]) -> Sheet:
    """A clean sheet, and one row on a second one for each change; their numbers are those of the first rows."""
    first, *others = builders.rows({}, *changes)
    texts = [{key: cell.text for key, cell in each.cells.items()} for each in others]
    moved = [replace(builders.row(FIRST_ROW + at, each), sheet="二") for at, each in enumerate(texts)]
    return replace(builders.sheet(), rows=(first, *moved))


def test_the_bad_cell_of_the_second_sheet_is_marked_there() -> None:
    found = reading()
    made = [Mark(sheet=name, address=address, text=text) for name, address, text in marks(problems(found), found)]
    book = openpyxl.load_workbook(io.BytesIO(mark_workbook(BOOK, made, fmt=SheetFormat.XLSX)))
    assert book["二中"]["F4"].comment.text.startswith(f"{AUTHOR}：“12”位数不够")
    assert book["一中"]["F4"].comment is None


def test_a_sheet_of_another_day_is_counted_and_its_sender_told_so() -> None:
    """A warning alone: units that fill in a sheet for each school do so on several days."""
    old = plain_cells([OTHER, row(school="二中")]) | {"F2": "填报时间：2019年2月2日"}
    [told] = problems(reading(sheets(("一中", plain_cells([ROW])), ("去年", old))))
    assert (told.severity, told.sheet, told.cell) == (Severity.WARNING, "去年", "F2")
    assert told.message == (
        "工作表“去年”的填报时间“2019年2月2日”与工作表“一中”的“2020年2月27日”不同；工作表“去年”里的2行也已计入。"
    )


def test_a_name_with_spaces_is_marked_all_the_same() -> None:
    data = sheets(("一中", plain_cells([ROW])), (" 二中 ", plain_cells([SHORT])))
    found = reading(data)
    made = [Mark(sheet=name, address=address, text=text) for name, address, text in marks(problems(found), found)]
    assert openpyxl.load_workbook(io.BytesIO(mark_workbook(data, made, fmt=SheetFormat.XLSX)))[" 二中 "]["F4"].comment


def test_a_rebuilt_book_has_all_rows_on_one_sheet_and_the_mark_in_its_row() -> None:
    found = reading()
    made = [Mark(sheet=name, address=address, text=text) for name, address, text in marks(problems(found), found)]
    sheet = openpyxl.load_workbook(io.BytesIO(rebuild_marked(found, NOTICE.form, made))).worksheets[0]
    rows = [line for line in sheet.iter_rows() if line[1].value in ("第一中学", "二中")]
    assert [bool(line[5].comment) for line in rows] == [False, True]


def test_the_letter_names_the_sheet() -> None:
    short = problem("row.phone_invalid", Place(file=SHEET, sheet="二", cell="F5", field="电话", value="12"),
                    variant="short", shown="12", example="0393-1234567")  # fmt: skip
    book = two_sheets({"phone": "12"})
    text = render(
        letter(case(State.REJECTED, short, sheet=sheet_part(book))), NOTICE, head_number=None, head_hash=None
    ).text
    assert "工作表“二”的F5 电话" in text
    assert "读到2行（2张工作表：Sheet1、二）" in text


def test_what_a_new_version_adds_on_a_further_sheet_is_told_with_its_name() -> None:
    before = replace(two_sheets(), file="旧.xlsx")
    found = difference(before, two_sheets({}), NOTICE.form, receipt="R1", version=1, sender="clerk@example.cn")
    assert [(each.sheet, each.number) for each in found.added] == [("二", FIRST_ROW)]
    section = changes(replace(letter(case(State.ACCEPTED)), difference=found), NOTICE)
    assert section
    assert section.lines[0].text == f"第{FIRST_ROW}行（工作表“二”，濮阳县第2小学，智学网）。"


def test_rows_of_one_number_on_two_sheets_are_stored_both(tmp_path: Path) -> None:
    whole = submission()
    assert whole.sheet
    value = replace(whole, sheet=replace(whole.sheet, reading=two_sheets({}, {})))
    base = database(tmp_path)
    with base.begin() as tx:
        submissions.save(tx, value, at=NOON)
    with base.read() as tx:
        assert submissions.load(tx, value.receipt) == replace(value, row_version=1)


def test_only_the_first_sheet_is_looked_for_on_the_first_page() -> None:
    """Ruled lines are left below the last row of the first sheet: what stands on the second is no row that was lost."""
    book = two_sheets({}, {})
    page = printed(replace(book, rows=book.rows[:1]), builders.seal())
    width, last = len(NOTICE.form.columns), 1
    empty = tuple(replace(page.cells[at], row=last + 1, reading=replace(page.cells[at].reading, text=""))
                  for at in range(width))  # fmt: skip
    found = compare(book, Cover(file="c.pdf", sha256="1", pages=(replace(page, cells=(*page.cells, *empty)),), page_count=1),
                    NOTICE.form)  # fmt: skip
    assert found
    assert {cell.verdict for cell in found.cells} == {"match"}


def test_a_difference_on_a_further_page_names_the_sheet() -> None:
    book = two_sheets({}, {"phone": "13912345679"})
    pages = (printed(replace(book, rows=book.rows[:1]), builders.seal()),
             replace(printed(replace(book, rows=tuple(replace(each, sheet="") for each in book.rows[1:]))), number=2))  # fmt: skip
    wrong = replace(book, rows=(*book.rows[:2], replace(book.rows[2], cells={
        **book.rows[2].cells, "phone": replace(book.rows[2].cells["phone"], text="13912345670"),
    })))  # fmt: skip
    found = compare(wrong, Cover(file="c.pdf", sha256="1", pages=pages, page_count=2), NOTICE.form)
    assert found
    assert [(cell.sheet, cell.address) for cell in found.cells if cell.verdict == "differs"] == [("二", "F6")]


SCHOOLS = [row(school=f"第{number}小学", phone=f"1391234567{number}") for number in range(8)]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_however_rows_are_parted_none_is_lost(places: list[int]) -> None:
    parts = [[each for each, place in zip(SCHOOLS, places, strict=True) if place == at] for at in range(4)]
    found = reading(sheets(*((f"表{at}", plain_cells(rows)) for at, rows in enumerate(parts))))
    wanted = [str(each[1]) for rows in parts for each in rows]
    assert [each.text("school") for each in found.rows] == wanted
    assert {each.code for each in problems(found) if each.severity is Severity.ERROR} == set()


@settings(max_examples=12, deadline=None)
@given(
    order=st.permutations(range(9)),
    before=st.integers(0, 2),
    behind=st.integers(0, 2),
    blanks=st.lists(st.integers(0, 3), min_size=3, max_size=3),
)
def test_other_columns_and_blank_rows_change_nothing(
    order: list[int], before: int, behind: int, blanks: list[int]
) -> None:
    content: dict[str, object] = {key: value for key, value in plain_cells([]).items() if int(key[1:]) < 3}
    names = [column.name for column in NOTICE.form.columns]
    at = 3
    for line, gap in zip((names, ROW, OTHER), blanks, strict=True):
        texts = [*["序号" if line is names else 7] * before, *(line[place] for place in order), *["备注"] * behind]
        content |= {f"{'ABCDEFGHIJKLM'[place]}{at}": text for place, text in enumerate(texts) if text}
        at += 1 + gap
    found = reading(sheets(("表", content)))
    assert [tuple(each.text(key) for key in KEYS) for each in found.rows] == [ROW, OTHER]
