"""A form for tests that need no notice file: nine columns like the first notice's, and workbooks filled with it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

from domain.notice import Column, ColumnType, Form, HeaderField

NAMES = ("单位", "学校", "使用APP名称", "APP主办者", "联系人", "电话", "主要功能", "是否备案", "备案号")
KEYS = ("unit", "school", "app", "operator", "contact", "phone", "function", "filed", "filing_number")
TITLE = "濮阳县学习类APP统计备案表"
ROW = ("濮阳县", "第一中学", "作业帮", "小船科技", "李雷", "13912345678", "答疑", "是", "教APP备1100001号")
OTHER = ("濮阳县", "第二中学", "钉钉", "阿里巴巴", "韩梅梅", "0393-8812345", "", "否", "")
SAMPLE = ("XX县", "XX学校", "XXAPP", "XX公司", "张三", "13XXXXXXXXX", "", "是", "教APP备420000X号")
NOTES = (
    "1、此表以excel表上报，并打印首页，加盖公章扫描后与电子表一并上报。",
    "2、“是否备案”是指该APP是否通过教育部审批备案，“备案号”填写教育部备案号。",
)
_TYPES = {
    "unit": ColumnType.UNIT,
    "phone": ColumnType.PHONE,
    "filed": ColumnType.YES_NO,
    "filing_number": ColumnType.FILING_NUMBER,
}
_ALIASES = {
    "school": ("学校名称",),
    "app": ("APP名称", "使用APP"),
    "phone": ("联系电话", "手机号"),
    "unit": ("所属单位",),
}


def make_form() -> Form:
    """The form; made anew each time, since tests may replace parts of it."""
    columns = tuple(
        Column(
            key=key, name=name, type=_TYPES.get(key, ColumnType.TEXT), aliases=_ALIASES.get(key, ()),
            required=key not in ("function", "filing_number"), samples=(sample,) if sample else (),
            required_if=("filed", "是") if key == "filing_number" else None,
        )
        for key, name, sample in zip(KEYS, NAMES, SAMPLE, strict=True)
    )  # fmt: skip
    return Form(
        title_template="{unit}学习类APP统计备案表",
        title_pattern=r"(?i)(?P<unit>[^\n]{0,60}?)学习类\s?APP\s?统计备案表",
        header=(
            HeaderField(key="unit", name="填报单位", aliases=("上报单位",), type=ColumnType.UNIT),
            HeaderField(key="date", name="填报时间", aliases=("填报日期",), type=ColumnType.DATE),
        ),
        columns=columns, notes=NOTES, nil_words=("无", "零报告"), nil_column="app", duplicate_key=("school", "app"),
        placeholder_patterns=("^[X×]{2,}(县|区|学校|公司|APP)",),
    )  # fmt: skip


def plain_cells(
    rows: Sequence[Sequence[object]] = (ROW,), *, unit: str = "濮阳县", below: Sequence[str] = NOTES
) -> dict[str, object]:
    """Address → value of the form as the notice prints it: title A1, header fields A2 and F2, names in row 3."""
    cells: dict[str, object] = {"A1": TITLE, "A2": f"填报单位：{unit}（盖章）", "F2": "填报时间：2020年2月27日"}
    for number, row in enumerate([NAMES, *rows], 3):
        cells |= {
            f"{letter}{number}": value
            for letter, value in zip("ABCDEFGHI", row, strict=False)
            if value not in ("", None)
        }
    return cells | {f"A{number}": note for number, note in enumerate(below, 5 + len(rows))}


def save(
    cells: Mapping[str, object], *, merges: Sequence[str] = (), name: str = "Sheet1", hidden: Sequence[int] = ()
) -> bytes:
    """An .xlsx of one sheet with these cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    fill(sheet, cells)
    for merge in merges:
        sheet.merge_cells(merge)
    for row in hidden:
        sheet.row_dimensions[row].hidden = True
    return as_bytes(book)


def fill(sheet: Any, cells: Mapping[str, object]) -> None:
    for address, value in cells.items():
        sheet[address] = value


def as_bytes(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return buffer.getvalue()


def edited(name: str, old: str, new: str, *, data: bytes | None = None) -> bytes:
    """A good workbook with one text replaced in one part ("" adds the part)."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or save(plain_cells()))) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.namelist():
            content = source.read(part).decode()
            assert part != name or old in content
            target.writestr(part, content.replace(old, new) if part == name else content)
        if name not in source.namelist():
            target.writestr(name, new)
    return buffer.getvalue()
