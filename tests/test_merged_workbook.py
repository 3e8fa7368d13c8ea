"""The merged workbook as programs read it: the same in all of them, valid by the standard, and nothing in it but what it says.

`BAOSONG_UPDATE_GOLDEN=1 pytest tests/test_merged_workbook.py` writes the golden file anew; read the difference before keeping it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

from notifier.merged import write_merged
from notifier.merged_sheet import LONGEST, MOST_LINKS, Head, Link, new_book
from tests.merged_samples import case, merged, rich
from tests.ooxml import faults, parts
from tests.parts import workbook

GOLDEN = Path(__file__).parent / "golden" / "merged.txt"
SHEETS = ["汇总表", "报送情况", "问题", "违规", "来源文件", "统计"]
FIRST_ROW = 5
DANGEROUS = [
    "=1+1",
    "=cmd|'/c calc'!A0",
    "+86 13912345678",
    "-1+1",
    "@SUM(A1:A9)",
    "＝1＋1",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("http://example.com","点这里")',
    "http://example.com/a?b=c",
    "mailto:a@example.com",
    "internal:Sheet1!A1",
    "<r><t>x</t></r>",
    "<r>&amp;</r>",
    "&lt;b&gt;",
    "000123",
    "123456789012345678",
    "1E5",
    "2020-02-27",
    "TRUE",
    "#REF!",
    "{=1+1}",
]


def written(*cases: object, masked: bool = False) -> bytes:
    return write_merged(*merged(*cases, masked=masked))  # type: ignore[arg-type]


def by_openpyxl(data: bytes) -> dict[str, list[list[object]]]:
    book = openpyxl.load_workbook(BytesIO(data))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def by_calamine(data: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def lines(sheets: dict[str, list[list[object]]]) -> list[str]:
    """Every row as text, alike for all readers."""
    made = []
    for name, rows in sheets.items():
        made.append(f"== {name}")
        for row in rows:
            line = " | ".join(map(_told, row)).rstrip(" |")
            if line:
                made.append(line)
    return made


def _told(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(int(value)) if isinstance(value, float) else str(value)


def test_golden() -> None:
    told = lines(by_openpyxl(written(*rich())))
    if os.environ.get("BAOSONG_UPDATE_GOLDEN"):
        GOLDEN.write_text("\n".join(told) + "\n", encoding="utf-8")
    assert told == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_both_readers_read_the_same() -> None:
    data = written(*rich())
    assert lines(by_calamine(data)) == lines(by_openpyxl(data))


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_is_reported_stays_text(text: str) -> None:
    data = written(case({"school": text, "app": text, "operator": text, "contact": text, "filing_number": text}))
    shown = " ".join(text.split())
    shown = f"＜{shown[1:]}" if text.startswith("<r>") else shown
    cell = openpyxl.load_workbook(BytesIO(data))["汇总表"].cell(FIRST_ROW, 2)
    assert (cell.value, cell.data_type, cell.hyperlink) == (shown, "s", None)
    assert cell.quotePrefix is (shown[0] in "=+-@＝＋－＠")
    assert by_calamine(data)["汇总表"][FIRST_ROW - 1][1] == shown
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in package.namelist():
            assert not re.search(rb"<f[ >]|<hyperlink|<oleLink|externalLink", package.read(name)) or "chart" in name
    assert faults(data) == {}


def with_console(*cases: object) -> bytes:
    told, returns = merged(*cases)  # type: ignore[arg-type]
    return write_merged(replace(told, console="https://baosong.example.cn"), returns)


def test_where_there_is_a_console_every_row_leads_to_its_page_there() -> None:
    data = with_console(
        *rich(), case({"school": "=1+1", "app": "https://evil.example"}, receipt="PY51-QFX-20200227-01", reporter="QFX")
    )
    table = openpyxl.load_workbook(BytesIO(data))["汇总表"]
    heads = [cell.value for cell in table[FIRST_ROW - 1]]
    at, receipt, line = (heads.index(name) + 1 for name in ("核对页", "回执", "行"))
    rows = range(FIRST_ROW, table.max_row + 1)
    for row in rows:
        cell = table.cell(row, at)
        name = str(table.cell(row, line).value)
        told = f"https://baosong.example.cn/cases/{table.cell(row, receipt).value}?row={name}#row-{name}"
        assert cell.value == told
        assert f"{cell.hyperlink.target}#{cell.hyperlink.location}" == cell.value
    linked = [cell for line_ in table.iter_rows() for cell in line_ if cell.hyperlink]
    assert [cell.column for cell in linked] == [at] * len(rows), "and nothing else is a link"
    assert faults(data) == {}


def test_more_links_than_programs_bear_are_text() -> None:
    target = BytesIO()
    with new_book(target, "x", datetime(2020, 2, 28)) as book:  # noqa: DTZ001  a workbook has no zone
        sheet = book.sheet("x", (Head(name="a", width=9),), 1)
        sheet.head()
        for number in range(MOST_LINKS + 2):
            sheet.line((Link(address=f"https://a.cn/#{number}"),))
    with zipfile.ZipFile(target) as package:
        sheet_xml = package.read("xl/worksheets/sheet1.xml").decode()
    assert sheet_xml.count("<hyperlink ") == MOST_LINKS
    assert f"<t>https://a.cn/#{MOST_LINKS + 1}</t>" in sheet_xml, "and the last is there as text"


def test_what_looks_like_an_escape_is_escaped() -> None:
    """ECMA-376 part 1, 22.9.2.19: Excel would read `_x0041_` as A."""
    with zipfile.ZipFile(BytesIO(written(case({"school": "_x0041_"})))) as package:
        assert b"<t>_x005F_x0041_</t>" in package.read("xl/worksheets/sheet1.xml")


def test_what_xml_cannot_hold_is_left_out_and_what_excel_cannot_show_is_cut() -> None:
    data = written(case({"school": "甲\x00\x0b\ud800\ufffe校\u202e", "function": "长" * 40_000}))
    row = by_openpyxl(data)["汇总表"][FIRST_ROW - 1]
    assert row[1] == "甲校"
    assert len(str(row[6])) == LONGEST
    assert faults(data) == {}


@pytest.mark.parametrize("cases", [(), rich(), (case(*[{}] * 300),)], ids=["nothing", "rich", "long"])
def test_every_part_is_valid_by_the_schemas(cases: tuple[object, ...]) -> None:
    data = written(*cases)
    assert faults(data) == {}
    charts = [name for name in parts(data) if name.startswith("xl/charts/")]
    assert len(charts) == (4 if cases else 2)


def test_the_schemas_do_find_faults() -> None:
    data = written()
    changed = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<c:delete", b"<c:erase").replace(b'orientation="', b'orient="'))
    assert {"xl/worksheets/sheet1.xml"} <= set(faults(changed.getvalue()))


def test_the_same_values_give_the_same_bytes() -> None:
    assert written(*rich()) == written(*rich())


def test_a_masked_workbook_has_no_whole_number_and_no_address_anywhere() -> None:
    hidden = [rich()[2], case({"function": "请打13912345678", "contact": "李晓明 13912345678"})]
    for masked in (False, True):
        with zipfile.ZipFile(BytesIO(written(*hidden, masked=masked))) as package:
            whole = b"".join(map(package.read, package.namelist()))
        assert (b"13912345678" in whole) is not masked
        assert ("139****5678" in whole.decode()) is masked


def test_it_is_set_up_for_screen_and_paper() -> None:
    book = openpyxl.load_workbook(BytesIO(written(*rich())))
    assert book.sheetnames == SHEETS
    table = book["汇总表"]
    assert (table.freeze_panes, table.auto_filter.ref) == ("A5", "A4:S9")
    assert (table.page_setup.orientation, table.page_setup.paperSize) == ("landscape", 9)
    assert (table.print_title_rows, table.print_area) == ("$3:$4", "'汇总表'!$A$1:$I$9")
    assert "&P" in str(table.oddFooter.center.text)
    assert [cell.value for cell in table[4]][:9] == [column.name for column in merged()[0].notice.form.columns]
    assert [len(sheet._charts) for sheet in book] == [0, 0, 0, 0, 0, 4]


def test_a_row_is_as_high_as_what_is_printed_of_it() -> None:
    name = workbook(name=f"附件：{'很长的文件名' * 20}.xlsx")
    table = openpyxl.load_workbook(
        BytesIO(written(case(sheet=name), case({"function": "说明" * 40}, receipt="X", reporter="FX")))
    )["汇总表"]
    assert [table.row_dimensions[at].height for at in (5, 6)] == [None, 9 * 14.0]


def test_charts_hold_what_the_tables_say() -> None:
    data = written(*rich())
    with zipfile.ZipFile(BytesIO(data)) as package:
        drawn = package.read("xl/charts/chart3.xml").decode()
    assert re.findall(r"<c:v>([^<]*)</c:v>", drawn) == ["使用最多的APP（行）", "智学网", "抖音", "4", "1"]
    where = re.findall(r"<c:f>统计!\$A\$(\d+):\$A\$(\d+)</c:f>", drawn)[0]
    rows = by_openpyxl(data)["统计"][int(where[0]) - 1 : int(where[1])]
    assert [(row[0], row[2]) for row in rows] == [("智学网", 4), ("抖音", 1)]


def test_libreoffice_opens_and_prints_it(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("LibreOffice is not there: apt install libreoffice-calc")
    (tmp_path / "merged.xlsx").write_bytes(written(*rich(), case({"school": "=1+1"}, receipt="X", reporter="NLX")))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        office,
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        f"{tmp_path}/merged.xlsx",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    printed = pypdfium2.PdfDocument(tmp_path / "merged.pdf")
    text = "".join(printed[at].get_textpage().get_text_range() for at in range(len(printed)))
    for wanted in (
        "学习类APP统计备案表（汇总）",
        "报送情况",
        "现有材料的全部问题",
        "违反规定的情况",
        "来源文件",
        "按主办者",
        "=1+1",
    ):
        assert wanted in text
