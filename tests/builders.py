"""Small domain values for tests: a clean sheet, a clean cover, and one change at a time. Columns stand in A to I."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from config.notices import load_notice
from domain.cover import Box, Cover, CoverPage, PageCell, PageKind, Seal, SealKind, TextLine, TextReading
from domain.notice import ColumnType, Notice, Reporter
from domain.sheet import Cell, CellFault, HeaderValue, Row, Sheet, SheetFormat
from domain.submission import CellVerdict, CoverFindings
from parsers.phones import read_phone

NOTICE: Notice = load_notice("puyang-2020-51")
RECEIVED = datetime(2020, 2, 27, 15, 40, tzinfo=ZoneInfo("Asia/Shanghai"))
FIRST_ROW = 5
BOX = Box(x0=0.1, y0=0.1, x1=0.2, y1=0.2)

GOOD_ROW = {
    "unit": "濮阳县",
    "school": "濮阳县第一中学",
    "app": "智学网",
    "operator": "科大讯飞股份有限公司",
    "contact": "李晓明",
    "phone": "13912345678",
    "function": "",
    "filed": "是",
    "filing_number": "教APP备3400001号",
}
UNFILED = {"filed": "否", "filing_number": ""}


def reporter(code: str = "PYX") -> Reporter:
    found = NOTICE.reporter(code)
    assert found is not None
    return found


def school(name: str = "濮阳市第一高级中学") -> Reporter:
    """A bureau-run school as the loader makes it."""
    return Reporter(code="SZ01", name=name, names=(name,), seal_names=(name,), row_units=("市直",), bureau_run=True)


def address(column: str, row: int) -> str:
    keys = [each.key for each in NOTICE.form.columns]
    return f"{'ABCDEFGHI'[keys.index(column)]}{row}"


def row(
    number: int, values: Mapping[str, str], faults: Mapping[str, CellFault] | None = None, *, hidden: bool = False
) -> Row:
    cells = {}
    for column in NOTICE.form.columns:
        text = values[column.key]
        phone = read_phone(text, NOTICE.area_code) if column.type is ColumnType.PHONE and text else None
        fault = (faults or {}).get(column.key)
        cells[column.key] = Cell(address=address(column.key, number), text=text, phone=phone, fault=fault)
    return Row(number=number, cells=cells, hidden=hidden)


def rows(*changes: Mapping[str, str]) -> tuple[Row, ...]:
    """One row a change to the good row; rows after the first are at other schools, so that none repeats."""
    made = []
    for index, change in enumerate(changes):
        base = GOOD_ROW if index == 0 else {**GOOD_ROW, "school": f"濮阳县第{index + 1}小学"}
        made.append(row(FIRST_ROW + index, {**base, **change}))
    return tuple(made)


def sheet(
    *changes: Mapping[str, str],
    unit: str | None = "濮阳县教育局",
    day: str | None = "2020年2月26日",
    on: date | None = date(2020, 2, 26),
    title: str | None = "濮阳县学习类APP统计备案表",
) -> Sheet:
    """A clean sheet, with one row a change; None leaves out a header value or the title."""
    header = {}
    if unit is not None:
        header["unit"] = HeaderValue(address="A2", text=unit)
    if day is not None:
        header["date"] = HeaderValue(address="F2", text=day, date=on)
    return Sheet(
        file="濮阳县.xlsx",
        sha256="0" * 64,
        sheet="Sheet1",
        format=SheetFormat.XLSX,
        title=HeaderValue(address="A1", text=title) if title is not None else None,
        header=header,
        columns={column.key: address(column.key, FIRST_ROW - 1) for column in NOTICE.form.columns},
        rows=rows(*(changes or ({},))),
    )


def seal(text: str = "濮阳县教育局", **changes: object) -> Seal:
    made = Seal(
        page=1, box=BOX, diameter_mm=42.0, kind=SealKind.OFFICIAL, text=text, confidence=0.95, legible=True,
        rim=TextReading(text=text, confidence=0.95),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def page(*seals: Seal, lines: Sequence[str] = (), **changes: object) -> CoverPage:
    """A good colour scan of the form with a one-cell table, enough to be one."""
    reading = TextReading(text="单位", confidence=0.99)
    made = CoverPage(
        number=1, kind=PageKind.SCAN, colour=True, quality=0.9, dpi=300.0, photo=False, turned=0, skew_degrees=0.0,
        columns=9, cells=(PageCell(row=0, column=0, box=BOX, reading=reading),), seals=seals,
        lines=tuple(TextLine(box=BOX, reading=TextReading(text=line, confidence=0.9)) for line in lines),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def cover(*pages: CoverPage, signed: bool = False) -> Cover:
    made = pages or (page(seal()),)
    return Cover(file="扫描.pdf", sha256="1" * 64, pages=made, page_count=len(made), signed=signed)


def verdict(verdict: str = "match", expected: str = "智学网", read: str = "智学网", **changes: object) -> CellVerdict:
    made = CellVerdict(
        address="C5",
        field="使用APP名称",
        expected=expected,
        read=read,
        score=0.0,
        verdict=verdict,
        page=1,
        row=1,
        column=2,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def findings(*cells: CellVerdict) -> CoverFindings:
    return CoverFindings(page=1, seals=(), cells=cells or (verdict(),), rows_on_page=1)
