"""The workbook reader: the form is found and read the same wherever and however it stands."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sheet import CellFault, PhoneKind, Sheet, SheetFailure, SheetFormat
from parsers.workbook import read_workbook
from tests.forms import KEYS, NAMES, NOTES, OTHER, ROW, SAMPLE, TITLE, as_bytes, fill, make_form, plain_cells, save

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "sheets"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def read(data: bytes, name: str = "表.xlsx") -> Sheet | SheetFailure:
    return read_workbook(data, name=name, sha256=hashlib.sha256(data).hexdigest(), form=make_form(), area_code="0393")


def read_sheet(data: bytes, name: str = "表.xlsx") -> Sheet:
    sheet = read(data, name)
    assert isinstance(sheet, Sheet), sheet
    return sheet


def texts(sheet: Sheet) -> list[tuple[str, ...]]:
    return [tuple(row.text(key) for key in KEYS) for row in sheet.rows]


def test_reads_the_form_as_printed() -> None:
    sheet = read_sheet(save(plain_cells([ROW, OTHER]), merges=["A1:I1", "A2:E2", "F2:I2"]))
    assert texts(sheet) == [ROW, OTHER]
    assert sheet.title and (sheet.title.text, sheet.title.address) == (TITLE, "A1")
    assert (sheet.header["unit"].text, sheet.header["unit"].address) == ("濮阳县", "A2")
    assert (sheet.header["date"].text, sheet.header["date"].date) == ("2020年2月27日", datetime.date(2020, 2, 27))
    assert sheet.columns["phone"] == "F3"
    assert sheet.rows[0].cells["phone"].address == "F4"
    phone = sheet.rows[0].cells["phone"].phone
    assert phone and phone.kind is PhoneKind.MOBILE
    assert (sheet.format, sheet.macros, sheet.active_content, sheet.nil_statement) == (
        SheetFormat.XLSX,
        False,
        False,
        None,
    )


HEADERS = {
    "one cell holds both": ({"A2": "填报单位：濮阳县（盖章）          填报时间：2020年2月27日"}, "濮阳县"),
    "adjacent cells": ({"A2": "填报单位：", "B2": "濮阳县", "F2": "填报时间", "G2": "2020-02-27"}, "濮阳县"),
    "a date": ({"A2": "填报单位", "C2": "濮阳县（公章）", "F2": "填报时间：", "H2": datetime.date(2020, 2, 27)}, "濮阳县"),
    "serial": ({"A2": "填 报 单 位 ： 濮阳县", "F2": "填报时间：", "G2": 43888}, "濮阳县"),
    "seal in the label": ({"A2": "填报单位（盖章）：濮阳县教育局", "F2": "填报日期:2020.2.27"}, "濮阳县教育局"),
    "numerals": ({"A2": "上报单位:濮阳县　　", "F2": "填报时间：二〇二〇年二月二十七日"}, "濮阳县"),
    "underscores": ({"A2": "填报单位：__濮阳县__(盖章处)", "F2": "填报时间：2020/2/27"}, "濮阳县"),
    "line breaks": ({"A2": "填报单位：濮阳县\n填报时间：2020年2月27日"}, "濮阳县"),
    "another label beside": ({"A2": "填报单位：濮阳县（盖章） 填报人：王五 填报时间：2020年2月27日"}, "濮阳县"),
    "date in pieces": ({"A2": "填报单位：濮阳县", "E2": "填报时间：", "F2": "2020年", "G2": "2月", "H2": "27日"}, "濮阳县"),
    "no separator": ({"A2": "填报单位濮阳县", "F2": "填报时间2020年2月27日"}, "濮阳县"),
    "a date typed over its label": ({"A2": "填报单位：濮阳县", "F2": "2020年2月27日"}, "濮阳县"),
    "a date put over its label": ({"A2": "填报单位：濮阳县", "F2": datetime.date(2020, 2, 27)}, "濮阳县"),
    "no colon": ({"A2": "填报单位 濮阳县", "F2": "填报时间 2020年2月27日"}, "濮阳县"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "unit"), HEADERS.values(), ids=HEADERS)
def test_header_values_wherever_they_stand(changes: dict[str, object], unit: str) -> None:
    cells = {key: value for key, value in plain_cells().items() if not key.endswith("2") or len(key) > 2}
    sheet = read_sheet(save(cells | changes))
    assert sheet.header["unit"].text == unit
    assert sheet.header["date"].date == datetime.date(2020, 2, 27)


def test_header_label_without_value_and_absent_label() -> None:
    cells = plain_cells() | {"A2": "填报单位：（盖章）"}
    del cells["F2"]
    sheet = read_sheet(save(cells))
    assert sheet.header["unit"].text == "" and sheet.header["unit"].address == "A2"
    assert "date" not in sheet.header


TITLES = {
    "spaces and width": ({"A1": "濮阳县 学习类 ＡＰＰ\n统计备案表"}, "濮阳县 学习类 ＡＰＰ 统计备案表"),
    "small letters": ({"A1": "濮阳县学习类app统计备案表"}, "濮阳县学习类app统计备案表"),
    "two cells": ({"A1": "濮阳县", "B1": "学习类APP统计备案表"}, TITLE),
    "beside another": ({"A1": "附件2", "B1": TITLE}, TITLE),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "title"), TITLES.values(), ids=TITLES)
def test_titles(changes: dict[str, object], title: str) -> None:
    sheet = read_sheet(save(plain_cells() | changes))
    assert sheet.title and sheet.title.text == title


def test_no_title() -> None:
    assert read_sheet(save(plain_cells() | {"A1": "附件2"})).title is None


NAMED = {
    "C3": "使用\nAPP\n名称",
    "F3": "联系电话（手机）",
    "I3": "备案号（教育部）",
    "H3": "是否备案\n(是/否)",
    "B3": "学 校",
    "A3": "单位*",
}


def test_column_names_as_people_write_them() -> None:
    assert texts(read_sheet(save(plain_cells() | NAMED))) == [ROW]


def test_running_numbers_do_not_make_notes_rows() -> None:
    cells = {f"{chr(ord(key[0]) + 1)}{key[1:]}": value for key, value in plain_cells().items()}
    numbers = {f"A{row}": row - 3 for row in range(4, 9)}
    assert texts(read_sheet(save(cells | {"A3": "序号"} | numbers))) == [ROW]


def test_missing_columns_are_named() -> None:
    failure = read(save({key: value for key, value in plain_cells().items() if key[0] not in "HI"}))
    assert isinstance(failure, SheetFailure)
    assert (failure.code, failure.missing_columns) == ("sheet.wrong_form", ("是否备案", "备案号"))


def test_what_stands_above_a_table_that_lacks_columns_is_read() -> None:
    whole = read_sheet(save(plain_cells()))
    failure = read(save({key: value for key, value in plain_cells().items() if key not in ("F3", "F4")}))
    assert isinstance(failure, SheetFailure)
    assert failure.title is not None and whole.title is not None
    assert failure.title.text == whole.title.text
    assert {key: value.text for key, value in failure.header.items()} == {
        key: value.text for key, value in whole.header.items()
    }


def test_no_form_at_all() -> None:
    failure = read(save({"A1": "会议签到表", "A2": "姓名"}))
    assert isinstance(failure, SheetFailure)
    assert (failure.code, failure.missing_columns) == ("sheet.wrong_form", NAMES)


VALUES = {
    "phone as number": ("F4", 13912345678, "phone", "13912345678"),
    "phone as float": ("F4", 13912345678.0, "phone", "13912345678"),
    "float as text": ("F4", "13912345678.0", "phone", "13912345678"),
    "exponent as text": ("F4", "1.3912345678E+10", "phone", "13912345678"),
    "digits gone": ("F4", "1.39E+10", "phone", "1.39E+10"),
    "date cell": ("G4", datetime.datetime(2020, 2, 27), "function", "2020-02-27"),  # noqa: DTZ001  # Excel has no zones
    "spaces round it": ("C4", "　作业帮 \n", "app", "作业帮"),
    "boolean": ("G4", True, "function", "TRUE"),
    "fraction": ("G4", 1.5, "function", "1.5"),
}


@pytest.mark.parametrize(("address", "value", "key", "text"), VALUES.values(), ids=VALUES)
def test_stored_values(address: str, value: object, key: str, text: str) -> None:
    assert read_sheet(save(plain_cells() | {address: value})).rows[0].text(key) == text


def test_formula_faults() -> None:
    sheet = read_sheet(save(plain_cells() | {"C4": "=A1&B1", "D4": "#REF!"}))
    assert sheet.rows[0].cells["app"].fault is CellFault.NO_STORED_VALUE
    assert sheet.rows[0].cells["operator"].fault is CellFault.ERROR_VALUE


def test_sample_row_stays_for_the_checks() -> None:
    assert texts(read_sheet(save(plain_cells([SAMPLE, ROW])))) == [SAMPLE, ROW]


def test_merged_unit_reaches_every_row() -> None:
    sheet = read_sheet(save(plain_cells([ROW, ("", *OTHER[1:])]), merges=["A4:A5"]))
    assert texts(sheet) == [ROW, OTHER]
    assert sheet.rows[1].cells["unit"].address == "A5"


def test_header_over_two_lines() -> None:
    cells: dict[str, object] = {"A1": TITLE, "C3": "APP情况", "H3": "备案情况"}
    cells |= {f"{letter}{3 if letter in 'ABEFG' else 4}": name for letter, name in zip(LETTERS, NAMES, strict=False)}
    cells |= {f"{letter}5": value for letter, value in zip(LETTERS, ROW, strict=False)}
    merges = [f"{letter}3:{letter}4" for letter in "ABEFG"]
    assert texts(read_sheet(save(cells, merges=[*merges, "C3:D3", "H3:I3"]))) == [ROW]


BELOW = {
    "notes": NOTES,
    "signatures": ("填表人：王五      审核人：赵六", "联系电话：13912345678"),
    "remark": ("注：以上情况属实",),
    "total": ("合计",),
}


@pytest.mark.parametrize("below", BELOW.values(), ids=BELOW)
def test_what_stands_below_is_no_row(below: tuple[str, ...]) -> None:
    assert texts(read_sheet(save(plain_cells([ROW], below=below)))) == [ROW]


TOTALS = {
    "behind the unit": (("濮阳县", "合计"), 1),
    "with its numbers": (("濮阳县", "总计：", "46个", "3"), 1),
    "a school of that name": (("濮阳县", "合计中学", "钉钉"), 2),
    "a row that was begun": (("濮阳县", "合计", "钉钉"), 2),
}


@pytest.mark.parametrize(("row", "count"), TOTALS.values(), ids=TOTALS)
def test_a_sum_is_no_row(row: tuple[str, ...], count: int) -> None:
    assert len(read_sheet(save(plain_cells([ROW, row]))).rows) == count


LONE = {
    "a school": ("", "濮阳县第三实验小学"),
    "a unit": ("濮阳县",),
    "an app": ("", "", "备课大师"),
    "long": ("", "濮阳县第三实验小学" * 3),
}


@pytest.mark.parametrize("row", LONE.values(), ids=LONE)
def test_a_row_with_one_cell_is_still_a_row(row: tuple[str, ...]) -> None:
    assert len(read_sheet(save(plain_cells([ROW, row]))).rows) == 2


def test_empty_rows_between_and_repeated_header_are_skipped() -> None:
    assert texts(read_sheet(save(plain_cells([ROW, ("",) * 9, NAMES, OTHER])))) == [ROW, OTHER]


def test_hidden_rows_count_and_are_flagged() -> None:
    sheet = read_sheet(save(plain_cells([ROW, OTHER]), hidden=[5]))
    assert [row.hidden for row in sheet.rows] == [False, True]


NIL = {
    "word in the app column": ([("濮阳县", "", "无")], NOTES, "C4"),
    "other cells filled": ([("濮阳县", "第一中学", "零报告", "", "李雷", "13912345678")], NOTES, "C4"),
    "under the table": ([], ("零报告",), "A5"),
    "a remark of their own": ([], ("备注：零报告",), "A5"),
    "a remark after the notes": ([], (*NOTES, "备注：我县未使用学习类APP，零报告。"), "A7"),
    "a remark for the whole unit": ([], ("备注：全县均没有使用学习类APP，为零报告",), "A5"),
    "a remark that says it twice": ([], ("备注：无，零报告",), "A5"),
    "a remark in brackets": ([], ("（注：本单位无学习类 app，零报告）",), "A5"),
    "a sentence under the table": ([], ("我县未使用学习类APP，零报告。",), "A5"),
    "a word under the table": ([], ("无", *NOTES), "A5"),
}


@pytest.mark.parametrize(("rows", "below", "address"), NIL.values(), ids=NIL)
def test_nil_return(rows: list[tuple[str, ...]], below: tuple[str, ...], address: str) -> None:
    sheet = read_sheet(save(plain_cells(rows, below=below)))
    assert sheet.rows == ()
    assert sheet.nil_statement and sheet.nil_statement.address == address


@pytest.mark.parametrize(
    "note",
    [
        *(
            "3、没有使用APP的单位实行零报告。",
            "备注：没有使用APP的单位零报告",
            "说明：如无，请填零报告",
            "注：无则填零报告",
        ),
        *(
            "备注：我县不是零报告",
            "备注：非零报告，数据另附",
            "备注：濮阳县实验小学零报告，其余附后",
            "备注：其余零报告",
        ),
        *(
            "注：无APP的也要零报告",
            "注：零报告也要盖章上报",
            "备注：除实验小学外零报告",
            "备注：实验小学零报告",
            "备注：我县未零报告",
        ),
        *("备注：我县未上报零报告", "备注：我县没有零报告", "备注：无零报告", "1、零报告"),
    ],
)
def test_no_rows_is_no_nil_return(note: str) -> None:
    sheet = read_sheet(save(plain_cells([], below=(*NOTES, note))))
    assert (sheet.rows, sheet.nil_statement) == ((), None)


def test_nil_word_beside_an_app_is_a_row() -> None:
    sheet = read_sheet(save(plain_cells([ROW, ("濮阳县", "第三中学", "无")])))
    assert len(sheet.rows) == 2 and sheet.nil_statement is None


def _two_sheets(first: str, second_rows: int) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for number, rows in enumerate(([ROW], [OTHER] * second_rows)):
        sheet = book.active if number == 0 else book.create_sheet("第二张")
        assert sheet is not None
        sheet.sheet_state = first if number == 0 else "visible"
        fill(sheet, plain_cells(rows))
    return book


def test_visible_sheet_before_hidden_and_rows_of_both() -> None:
    assert read_sheet(as_bytes(_two_sheets("hidden", 1))).sheet == "第二张"
    both = read_sheet(as_bytes(_two_sheets("visible", 1)))
    assert (both.sheet, [row.sheet for row in both.rows]) == ("Sheet", ["", "第二张"])
    assert texts(both) == [ROW, OTHER]
    assert len(read_sheet(as_bytes(_two_sheets("visible", 0))).rows) == 1


@settings(max_examples=25, deadline=None)
@given(
    down=st.integers(0, 20),
    right=st.integers(0, 8),
    order=st.permutations(range(9)),
    merged=st.integers(0, 9),
    extra=st.booleans(),
    gap=st.integers(0, 2),
)
def test_place_and_order_do_not_change_the_reading(
    down: int, right: int, order: list[int], merged: int, extra: bool, gap: int
) -> None:
    def at(row: int, column: int) -> str:
        return f"{LETTERS[right + column]}{down + row}"

    cells: dict[str, object] = {
        at(1, 0): TITLE,
        at(2, 0): "填报单位：濮阳县（盖章）",
        at(2, 5): "填报时间：2020年2月27日",
    }
    for line, row in enumerate((NAMES, ROW, OTHER)):
        for column, index in enumerate(order):
            cells[at(3 + gap + line, column + extra)] = row[index] or None
        if extra:
            cells[at(3 + gap + line, 0)] = ("序号", 1, 2)[line]
    cells[at(8 + gap, 0)] = NOTES[0]
    sheet = read_sheet(save(cells, merges=[f"{at(1, 0)}:{at(1, merged)}"] if merged else []))
    assert texts(sheet) == [ROW, OTHER]
    assert (sheet.header["unit"].text, sheet.header["date"].date) == ("濮阳县", datetime.date(2020, 2, 27))
    assert sheet.title and sheet.title.text == TITLE


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            *(b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<table>", b"\x09\x08", b"\xff\xfe", b"ID;P"),
            b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<table>",
            b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
        ]
    ),
)
def test_any_bytes_are_a_value(body: bytes, magic: bytes) -> None:
    assert isinstance(read(magic + body), SheetFailure)


PACKAGE = save(plain_cells([ROW, OTHER]))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_package_is_read_whole_or_not_at_all(data: st.DataObject) -> None:
    """Cut anywhere, or with other bytes somewhere."""
    at = data.draw(st.integers(0, 1_000_000)) % len(PACKAGE)
    other = data.draw(st.none() | st.binary(min_size=1, max_size=4))
    bad = PACKAGE[:at] if other is None else PACKAGE[:at] + other + PACKAGE[at + 1 :]
    reading = read(bad)
    # Of the first bytes alone a text file is left, which holds no form.
    assert isinstance(reading, SheetFailure) or texts(reading) == [ROW, OTHER]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the checkout")
def test_the_corpus_holds_no_return_and_does_no_harm() -> None:
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file():
            failure = read(path.read_bytes(), path.name)
            assert isinstance(failure, SheetFailure), path
            assert failure.code in {"sheet.wrong_form", "sheet.unreadable", "sheet.encrypted"}
