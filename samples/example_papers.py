"""What the clerks of the example notices send: the product's blank forms filled in, printed and stamped first pages, reports."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
from PIL import Image, ImageDraw

from domain.notice import Notice
from notifier.blank_form import blank_form
from samples.maker import printing, scanner, seals
from samples.maker.typefaces import installed_typefaces

DPI, PAGE = 200, (1654, 2339)

Row = Sequence[object]


def filled(notice: Notice, code: str, day: str, rows: Sequence[Row], totals: Row = ()) -> bytes:
    """The reporter's own blank form, filled in as a clerk does."""
    reporter = notice.reporter(code)
    book = openpyxl.load_workbook(io.BytesIO(blank_form(notice, reporter)))
    sheet: Any = book.worksheets[0]
    for cell in next(sheet.iter_rows(min_row=2, max_row=2)):
        if cell.value and "年" in str(cell.value):
            cell.value = f"填报时间：{day}"
    first = 4
    for at, row in enumerate(rows):
        for place, value in enumerate(row, 1):
            sheet.cell(first + at, place).value = value
    if totals:
        last = next(at for at in range(sheet.max_row, 0, -1) if sheet.cell(at, 1).value == "合计")
        for place, value in enumerate(totals, 4):
            sheet.cell(last, place).value = value
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def report(unit: str, *, pages: int, stamped_on: int) -> bytes:
    """A report on white paper, stamped by the unit's education bureau, scanned as a PDF."""
    lines = (
        "一、基本情况。全县共有中小学校五十六所，按照通知要求，", "逐校开展了自查，实现了全覆盖。",
        "二、存在的问题。部分学校消防器材过期，个别学校门卫", "制度落实不到位。",
        "三、整改措施。过期器材已限期更换，门卫制度已重新培训，", "责任落实到人，整改台账附后。",
    )  # fmt: skip
    images = []
    for number in range(1, pages + 1):
        page = Image.new("RGB", PAGE, "white")
        draw, face = ImageDraw.Draw(page), installed_typefaces()[0]
        if number == 1:
            title, large = f"{unit}校园安全自查报告", face.sized(62)
            draw.text(((PAGE[0] - large.getlength(title)) / 2, 210), title, font=large, fill="black")
        for at, line in enumerate(lines):
            draw.text((210, 420 + 96 * at), line, font=face.sized(42), fill="black")
        if number == pages:
            draw.text((960, 1730), f"{unit}教育局", font=face.sized(42), fill="black")
            draw.text((960, 1830), "2026年11月5日", font=face.sized(42), fill="black")
        if number == stamped_on:
            mark = seals.draw_seal(f"{unit}教育局", rng=random.Random(number), dpi=DPI)
            page = seals.stamp(page, mark, (146.0, 222.0), dpi=DPI)
        scan = replace(scanner.ScanRange(dpi=(150,), skew=0.4).draw(random.Random(number)), dpi=150, quality=70)
        images.append(scanner.scan(page, scan, dpi=DPI))
    return scanner.to_file(images, "pdf", dpi=150, quality=70)


def ledger() -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["序号", "问题", "责任人", "完成时间"])
    book.worksheets[0].append([1, "灭火器过期", "张三", "2026年11月3日"])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def scanned(pdf: Path, unit: str) -> bytes:
    page = printing.page_image(pdf, dpi=DPI)
    x, y = printing.find_text(pdf, "（盖章）") or (60.0, 40.0)
    mark = seals.draw_seal(f"{unit}教育局", rng=random.Random(unit), dpi=DPI)
    page = seals.stamp(page, mark, (x + 3, y + 5), dpi=DPI)
    scan = replace(scanner.ScanRange(dpi=(DPI,), skew=0.4).draw(random.Random(unit)), dpi=DPI, quality=70)
    return scanner.to_file([scanner.scan(page, scan, dpi=DPI)], "pdf", dpi=DPI, quality=70)
