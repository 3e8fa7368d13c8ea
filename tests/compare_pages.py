"""A workbook and its printed page as the recogniser gives it, for tests of the comparison."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from domain.compare import compare
from domain.cover import Box, Cover, CoverPage, Lattice, PageCell, PageKind, TextLine, TextReading
from domain.sheet import Cell, HeaderValue, Row, Sheet, SheetFormat
from domain.submission import CoverFindings
from tests.builders import NOTICE

FORM = NOTICE.form


KEYS = [column.key for column in FORM.columns]


BOX = Box(x0=0.1, y0=0.1, x1=0.2, y1=0.2)


ROWS = [
    ["范县", f"范县第{number}中学", app, "某某科技有限公司", name, phone, "", "是", f"教APP备410000{at}号"]
    for at, (number, app, name, phone) in enumerate(
        [
            ("一", "钉钉", "李明", "13912345678"),
            ("二", "智学网", "王芳芳", "15087654321"),
            ("三", "作业帮", "赵静", "0393-4412345"),
            ("四", "腾讯课堂", "孙海涛", "18800001111"),
        ]
    )
]


def lattice(text: str) -> Lattice:
    steps: list[tuple[tuple[str, float], ...]] = []
    for character in text:
        steps += [((character, -0.001),), (("", -0.001),)]
    return tuple(steps)


def reading(text: str, confidence: float = 0.99, read: Lattice | None = None) -> TextReading:
    return TextReading(
        text=text, confidence=confidence if text else 0.0, lines=(read or lattice(text),) if text else ()
    )


def page(rows: list[list[str]], **header: str) -> CoverPage:
    names = [column.name for column in FORM.columns]
    cells = tuple(
        PageCell(row=row, column=column, box=BOX, reading=reading(text))
        for row, texts in enumerate([names, *rows])
        for column, text in enumerate(texts)
    )
    texts = {
        "title": "范县学习类APP统计备案表",
        "unit": "填报单位：范县（盖章）",
        "date": "填报时间：2020年2月27日",
    } | header
    lines = tuple(TextLine(box=BOX, reading=reading(text)) for text in texts.values() if text)
    return CoverPage(
        number=1, kind=PageKind.SCAN, colour=True, quality=0.99, dpi=200, photo=False, turned=0, skew_degrees=0.0,
        columns=len(names), cells=cells, lines=lines,
    )  # fmt: skip


def cover(*pages: CoverPage) -> Cover:
    return Cover(file="c.pdf", sha256="1", pages=pages, page_count=len(pages))


def sheet(rows: list[list[str]], hidden: tuple[int, ...] = ()) -> Sheet:
    return Sheet(
        file="s.xlsx", sha256="0", sheet="表", format=SheetFormat.XLSX,
        title=HeaderValue(address="A1", text="范县学习类APP统计备案表"),
        header={"unit": HeaderValue(address="A2", text="范县")},
        columns={key: f"{letter}3" for key, letter in zip(KEYS, "ABCDEFGHI", strict=True)},
        rows=tuple(
            Row(
                number=4 + at,
                cells={k: Cell(address=f"{c}{4 + at}", text=v) for k, c, v in zip(KEYS, "ABCDEFGHI", texts, strict=True)},
                hidden=at in hidden,
            )
            for at, texts in enumerate(rows)
        ),
    )  # fmt: skip


def findings(book: Sheet, *pages: CoverPage) -> CoverFindings:
    found = compare(book, cover(*pages), FORM)
    assert found is not None
    return found


def verdicts(book: Sheet, printed: CoverPage) -> dict[str, str]:
    """Every verdict but match, by the workbook's address."""
    return {cell.address: cell.verdict for cell in findings(book, printed).cells if cell.verdict != "match"}


def changed(rows: list[list[str]], row: int, key: str, text: str) -> list[list[str]]:
    copy = [list(each) for each in rows]
    copy[row][KEYS.index(key)] = text
    return copy


DATED = replace(
    sheet(ROWS),
    header={
        **sheet(ROWS).header,
        "date": HeaderValue(address="G2", text="2020年2月27日", date=datetime.date(2020, 2, 27)),
    },
)


def with_reading(printed: CoverPage, at: tuple[int, int], read: TextReading, **changes: Any) -> CoverPage:
    """The page with another reading of the cell at (row, column)."""
    cells = (
        replace(cell, reading=read, **changes) if (cell.row, cell.column) == at else cell for cell in printed.cells
    )
    return replace(printed, cells=tuple(cells))
