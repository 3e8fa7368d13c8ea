"""Values for the storage tests: a database in a folder, mails, submissions, letters."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.cover import Box, Cover, CoverPage, PageCell, PageKind, Seal, SealKind, TextReading
from domain.letter import Letter, LetterKind
from domain.mail import Origin
from domain.problems import Problem, Severity
from domain.sheet import Cell, HeaderValue, Phone, PhoneKind, Row, Sheet, SheetFormat
from domain.submission import (
    CellVerdict,
    CoverFindings,
    CoverPart,
    FileRef,
    Role,
    Sender,
    SheetPart,
    State,
    Submission,
)
from storage import codec, ledger, submissions
from storage.canonical import Json
from storage.database import Database, Transaction
from storage.vouching import recorded, vouched
from tests.stores import opened

NOON = datetime(2020, 2, 27, 12, tzinfo=UTC)


def database(folder: Path) -> Database:
    """The one that is there, or a new one."""
    return opened(folder / "data" / "baosong.db")


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def origin(uid: int = 1, *, folder: str = "INBOX", minutes: int = 0) -> Origin:
    return Origin(account="main", folder=folder, uidvalidity=7, uid=uid, received_at=NOON + timedelta(minutes=minutes))


def sheet() -> Sheet:
    phone = Cell(address="F4", text="13912345678", phone=Phone(kind=PhoneKind.MOBILE, digits="13912345678"))
    return Sheet(
        file="濮阳县.xlsx",
        sha256=sha("sheet"),
        sheet="Sheet1",
        format=SheetFormat.XLSX,
        title=HeaderValue(address="A1", text="濮阳县学习类APP统计备案表"),
        header={"date": HeaderValue(address="G2", text="2020-02-27", date=date(2020, 2, 27))},
        columns={"phone": "F3"},
        rows=(Row(number=4, cells={"phone": phone, "app": Cell(address="C4", text="龘堃")}),),
        nil_date=date(2020, 2, 27),
    )


def cover(steps: int = 3) -> Cover:
    lattice = tuple((("濮", -0.0625), ("", -3.5)) for _ in range(steps))
    reading = TextReading(text="濮阳", confidence=0.875, lines=(lattice,))
    box = Box(x0=0.25, y0=0.5, x1=0.75, y1=1.0)
    seal = Seal(
        page=1, box=box, diameter_mm=42.0, kind=SealKind.OFFICIAL, text="濮阳县教育局", confidence=0.5, rim=reading,
        legible=True,
    )  # fmt: skip
    page = CoverPage(
        number=1, kind=PageKind.SCAN, colour=True, quality=0.5, dpi=200.0, photo=False, turned=0, skew_degrees=0.5,
        columns=1, cells=(PageCell(row=0, column=0, box=box, reading=reading),), seals=(seal,),
    )  # fmt: skip
    return Cover(file="扫描.pdf", sha256=sha("cover"), pages=(page,), page_count=1)


def submission(receipt: str = "PY51-PYX-20200227-01", *, minutes: int = 0, **changes: Any) -> Submission:
    """An accepted submission of PYX with both parts."""
    at = NOON + timedelta(minutes=minutes)
    sender = Sender(address="a@example.cn", mail=sha("mail"), message_id="<m1@example.cn>")
    sheet_file = FileRef(name="濮阳县.xlsx", kind=Role.SHEET, sha256=sha("sheet"), size=9, mail=sha("mail"))
    cover_file = FileRef(name="扫描.pdf", kind=Role.COVER, sha256=sha("cover"), size=9, mail=sha("mail"))
    read = cover()
    verdict = CellVerdict(
        address="F4", field="电话", expected="1", read="7", score=-9.5, verdict="differs", page=1, row=1, column=5
    )
    made = Submission(
        receipt=receipt,
        notice="n",
        reporter="PYX",
        state=State.ACCEPTED,
        version=1,
        received_at=at,
        uid=1,
        opened_at=at,
        late=False,
        sheet=SheetPart(file=sheet_file, reading=sheet(), sender=sender, received_at=at, uid=1),
        cover=CoverPart(file=cover_file, reading=read, sender=sender, received_at=at, uid=1),
        findings=CoverFindings(page=1, seals=read.pages[0].seals, cells=(verdict,), rows_on_page=1),
        problems=(
            Problem(code="timing.late", severity=Severity.WARNING, file="濮阳县.xlsx", message="晚了", advice="早些"),
        ),
        mails=(sha("mail"),),
        message_ids=("<m1@example.cn>",),
        sender="a@example.cn",
        salt="00" * 16,
    )
    return replace(made, **changes)


def decide(
    tx: Transaction, case: Submission, *, at: datetime = NOON, before: frozenset[str] = frozenset()
) -> Submission:
    """Stored with a ledger entry that vouches for it; `before`: what entries of that time did not hold yet. A new one has
    the next receipt of its day."""
    if case.row_version == 0:
        short, code, day, _ = case.receipt.split("-")
        given = submissions.next_receipt(tx, short=short, code=code, day=datetime.strptime(day, "%Y%m%d").date())  # noqa: DTZ007
        assert given == case.receipt

    def enter(record: codec.Record) -> int:
        body: dict[str, Json] = {
            "state": str(case.state),
            "reporter": case.reporter,
            "version": case.version,
            "evidence": vouched(case),
            "record": recorded(record),
        }
        kept = {name: value for name, value in body.items() if name not in before}
        return ledger.append(tx, ledger.DECIDED, case.receipt, kept, at=at)

    return submissions.save(tx, case, at=at, enter=enter)


def letter(number: int = 1, **changes: Any) -> Letter:
    made = Letter(
        kind=LetterKind.DECISION,
        notice="n",
        to="a@example.cn",
        message_id=f"<reply-{number}@example.cn>",
        subject="濮阳县",
        receipt="PY51-PYX-20200227-01",
    )
    return replace(made, **changes)
