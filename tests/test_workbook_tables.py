"""Sums and further tables go wherever the rows of the form's own table go: into sameness, differences, merged workbook, digest, pages."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from domain.digest import without_people
from domain.masking import mask_phone_field
from domain.merged import merged_return
from domain.notice import Column, ColumnType, FurtherTable, Totals
from domain.sheet import Cell, Row, Sheet
from domain.versions import difference, same_rows
from domain.workbook_tables import tables_in
from ingest.case_view import tables_shown
from notifier.merged import write_merged
from notifier.merged_sheet import sheet_names
from tests import builders
from tests.merged_samples import case, merged

STAFF = FurtherTable(
    key="职工",
    name="教职工：花名册",
    columns=(
        Column(key="name", name="姓名", person=True),
        Column(key="number", name="手机", type=ColumnType.PHONE),
        Column(key="post", name="岗位"),
    ),
    duplicate_key=("name",),
)
NOTICE = replace(
    builders.NOTICE,
    form=replace(builders.NOTICE.form, tables=(STAFF,), totals=Totals(words=("合计",), columns=("filing_number",))),
)


def member(number: int, name: str, phone: str = "13812345678", post: str = "教师") -> Row:
    texts = {"name": name, "number": phone, "post": post}
    cells = {
        key: Cell(address=f"{letter}{number}", text=text)
        for letter, (key, text) in zip("ABC", texts.items(), strict=True)
    }
    return Row(number=number, cells=cells, sheet="名册")


def total(text: str) -> Row:
    cells = {"unit": Cell(address="A9", text="合计"), "filing_number": Cell(address="I9", text=text)}
    return Row(number=9, cells=cells)


def sheet(*staff: Row, sums: str = "3") -> Sheet:
    return replace(builders.sheet({}), tables={"职工": staff}, totals=(total(sums),))


BEFORE = sheet(member(4, "甲"), member(5, "乙"))


@pytest.mark.parametrize(
    ("after", "same"),
    [
        (sheet(member(5, "乙"), member(7, "甲")), True),
        (sheet(member(4, "甲"), member(5, "乙", "13912345678")), False),
        (sheet(member(4, "甲")), False),
        (sheet(member(4, "甲"), member(5, "乙"), sums="4"), False),
        (replace(BEFORE, tables={}), False),
    ],
)
def test_a_workbook_reports_the_same_only_if_all_its_tables_do(after: Sheet, same: bool) -> None:
    assert same_rows(BEFORE, after) is same_rows(after, BEFORE) is same
    told = difference(BEFORE, after, NOTICE.form, receipt="R", version=1, sender="a@example.cn")
    assert told.is_none is same


def test_a_difference_tells_sheet_and_columns_of_the_table_it_is_in() -> None:
    after = sheet(member(4, "甲", "13912345678"), member(6, "丙", "13700000000", "司机"), sums="4")
    told = difference(BEFORE, after, NOTICE.form, receipt="R", version=1, sender="a@example.cn")
    assert [(row.names, row.sheet) for row in (*told.added, *told.removed)] == [(("丙",), "名册"), (("乙",), "名册")]
    assert [(row.row.names, cell.field, cell.after_cell) for row in told.changed for cell in row.cells] == [
        (("合计", "4"), "备案号", "I9"),
        (("甲",), "手机", "B4"),
    ]


def test_a_digest_tells_rows_that_are_people_by_their_numbers() -> None:
    after = sheet(member(4, "甲", "13912345678"), member(6, "丙", "13700000000", "司机"))
    told = without_people(difference(BEFORE, after, NOTICE.form, receipt="R", version=1, sender="a@example.cn"), NOTICE)
    assert not {name for word in ("甲", "乙", "丙", "13912345678") for name in (word,) if name in repr(told)}
    assert [row.number for row in (*told.added, *told.removed, *(one.row for one in told.changed))] == [6, 5, 4]


def test_the_merged_workbook_has_a_sheet_for_each_further_table() -> None:
    one = case(sheet=replace(BEFORE, sha256="5" * 64))
    about, _ = merged(one)
    returns = [merged_return(one, NOTICE, (), counted=True)]
    for masked, phone in ((False, "13812345678"), (True, mask_phone_field("13812345678"))):
        data = write_merged(replace(about, notice=NOTICE, masked=masked), returns)
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        assert book.sheet_names[:3] == ["汇总表", "教职工：花名册", "报送情况"]
        rows = book.get_sheet_by_name("教职工：花名册").to_python()
        assert [row[:4] for row in rows[4:]] == [
            ["甲", phone, "教师", "濮阳县"],
            ["乙", phone, "教师", "濮阳县"],
        ]
        assert [row[8:10] for row in rows[4:]] == [["名册", 4.0], ["名册", 5.0]]
        assert len(book.get_sheet_by_name("汇总表").to_python()) == 4 + 1, "sums are no rows"
    nameless = write_merged(replace(about, notice=NOTICE, nameless=True), returns)
    assert "甲" not in str(
        CalamineWorkbook.from_filelike(BytesIO(nameless)).get_sheet_by_name("教职工：花名册").to_python()
    )


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["汇总表", "统计"], ["汇总表（2）", "统计（2）"]),
        (["A", "a", "A"], ["A", "a（2）", "A（3）"]),
        (["a/b:c[d]*?\\"], ["a－b－c－d－－－－"]),
        (["'x'", "", "表" * 40, "表" * 40], ["x", "附表", "表" * 31, "表" * 28 + "（2）"]),
    ],
)
def test_names_of_sheets_are_such_as_excel_takes(wanted: list[str], names: list[str]) -> None:
    assert sheet_names(wanted, taken=["汇总表", "统计"]) == names


def test_a_page_shows_all_tables_and_no_address_twice() -> None:
    one = case(sheet=replace(BEFORE, sha256="5" * 64))
    tables, beside = tables_shown(one, NOTICE, (), mask_phone_field, {})
    assert [(table.name, len(table.rows)) for table in tables] == [("", 1), ("合计", 1), ("教职工：花名册", 2)]
    names = [row.source.name for table in tables for row in table.rows]
    assert names == ["5", "sum.9", "t1.2-4", "t1.2-5"]
    assert [cell.text for cell in tables[2].rows[0].cells] == ["甲", mask_phone_field("13812345678"), "教师"]
    assert beside == ()


def test_tables_that_a_workbook_lacks_are_empty() -> None:
    assert [len(table.rows) for table in tables_in(builders.sheet({}), NOTICE.form)] == [1, 0, 0]
