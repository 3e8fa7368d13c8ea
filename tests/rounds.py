"""A monthly collection for tests: its rounds, and workbooks of invented counties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.notices import load_notices
from domain.notice import Notice
from domain.sheet import Cell, HeaderValue, Row, Sheet, SheetFormat
from tests.office import Office
from tests.parts import sha

FILE = Path(__file__).parent / "resources" / "notices" / "students.yaml"
ZONE = ZoneInfo("Asia/Shanghai")
ROUNDS = load_notices(FILE)
SCHOOLS = (("3001", "甲县第一小学", "120"), ("3002", "甲县第二小学", "300"), ("3003", "甲县第三小学", "45"))


def the(key: str) -> Notice:
    return next(notice for notice in ROUNDS if notice.id == f"students-{key}")


def at(month: int, day: int, hour: int = 10, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZONE)


def statistics(
    *schools: tuple[str, str, str], title: str = "甲县在校生统计表", unit: str = "甲县", month: str = "", label: str = "workbook"
) -> Sheet:  # fmt: skip
    """A workbook with a row a school: (code, name, students)."""
    rows = tuple(
        Row(
            number=number,
            cells={
                key: Cell(address=f"{column}{number}", text=text)
                for column, key, text in zip("ABC", ("code", "name", "students"), values, strict=True)
            },
        )
        for number, values in enumerate(schools or SCHOOLS, 4)
    )
    header = {
        "unit": HeaderValue(address="A2", text=unit),
        "date": HeaderValue(address="C2", text="2026年9月20日", date=date(2026, 9, 20)),
    }
    if month:
        header["month"] = HeaderValue(address="B2", text=month)
    return Sheet(
        file=f"{unit}.xlsx", sha256=sha(label), sheet="Sheet1", format=SheetFormat.XLSX,
        title=HeaderValue(address="A1", text=title), header=header,
        columns={"code": "A3", "name": "B3", "students": "C3"}, rows=rows,
    )  # fmt: skip


def collect(here: Office, *series: str) -> None:
    """The office collects the table, or several of other ids and short codes like it; without reminders."""
    made = [replace(notice, reminders=()) for notice in ROUNDS]
    for number, name in enumerate(series):
        made += [
            replace(
                notice,
                id=notice.id.replace("students", name),
                short=f"T{number}{notice.short[2:]}",
                reminders=(),
                round=replace(notice.round, series=name, short=f"T{number}") if notice.round else None,
            )
            for notice in ROUNDS
        ]
    here.app.notices = tuple(made)
    here.reader.notices = here.app.notices
    here.reader.notice = made[0]
