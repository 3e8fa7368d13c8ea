"""Which rounds the files of one mail are of, as the reader tells it."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest

from domain.cover import Cover
from domain.mail import Origin
from domain.notice import Notice
from ingest.children import OwnIdentity
from ingest.reading import Reader, ReadMail
from notifier.blank_form import blank_form
from parsers.limits import Limits
from tests import builders
from tests.parts import file_of
from tests.rounds import ROUNDS, at, the
from tests.test_several_notices import Children


def form(key: str | None, code: str = "3001") -> bytes:
    """The filled form of that round; None: a title that names none."""
    notice = the(key or "2026-11")
    book = openpyxl.load_workbook(io.BytesIO(blank_form(notice, notice.reporters[0])))
    sheet = book.worksheets[0]
    if key is None:
        sheet["A1"].value = "甲县在校生统计表"
    for column, value in enumerate((code, "甲县第一小学", "120"), 1):
        sheet.cell(4, column).value = value
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def paper(*lines: str) -> Cover:
    return file_of(builders.page(builders.seal("甲县教育局"), lines=lines), label="".join(lines))


def read(sandbox: Children, *notices: Notice, thread: str | None = None) -> ReadMail:
    own = OwnIdentity(addresses=frozenset(), message_id_suffix="")
    origin = Origin(account="main", folder="INBOX", uidvalidity=1, uid=1, received_at=at(11, 27))
    made = Reader(sandbox, notices or ROUNDS, own, Limits(), threads=lambda _: thread)  # type: ignore[arg-type]
    return made.read(b"Subject: x\r\n\r\n", sha256="a" * 64, origin=origin)


def shared(mail: ReadMail) -> dict[str, list[str]]:
    """Round → names of its files."""
    found = {}
    for share in (mail, *mail.beside):
        names = [part.file.name for part in share.incoming.sheets] + [part.file.name for part in share.incoming.covers]
        found[share.notice.id.removeprefix("students-")] = names
    return found


@pytest.mark.parametrize(
    ("key", "name", "subject", "thread", "expected"),
    [
        ("2026-10", "a.xlsx", "", None, "2026-10"),
        ("2026-10", "9月.xlsx", "11月", "2026-09", "2026-10"),
        (None, "a.xlsx", "", None, "2026-11"),
        (None, "a.xlsx", "", "2026-09", "2026-09"),
        (None, "a.xlsx", "报送10月的表", "2026-09", "2026-10"),
        (None, "9月.xlsx", "", None, "2026-09"),
    ],
)
def test_a_workbook_is_read_once_and_falls_under_one_round(
    key: str | None, name: str, subject: str, thread: str | None, expected: str
) -> None:
    sandbox = Children({name: form(key)}, subject=subject)
    mail = read(sandbox, thread=f"students-{thread}" if thread else None)
    assert shared(mail) == {expected: [name]}
    assert len(sandbox.forms) == 1


def test_one_mail_may_bring_returns_of_two_rounds() -> None:
    files = {"a.xlsx": form("2026-10"), "b.xlsx": form("2026-11", "3002"), "c.pdf": b"c", "d.pdf": b"d", "e.pdf": b"e"}
    scans = {
        "c.pdf": paper("甲县2026年11月在校生统计表"),
        "d.pdf": paper("甲县2026年10月在校生统计表"),
        "e.pdf": paper("说明"),
    }
    told = shared(read(Children(files, scans)))
    assert told == {"2026-11": ["b.xlsx", "c.pdf"], "2026-10": ["a.xlsx", "d.pdf", "e.pdf"]}
    old = shared(read(Children({"a.xlsx": form("2026-09"), "b.xlsx": form("2026-10", "3002")})))
    assert old == {"2026-09": ["a.xlsx"], "2026-10": ["b.xlsx"]}


def test_a_title_misread_on_paper_parts_no_pair() -> None:
    files = {"a.xlsx": form("2026-11"), "b.pdf": b"b"}
    assert shared(read(Children(files, {"b.pdf": paper("甲县2026年10月在校生统计表")}))) == {
        "2026-11": ["a.xlsx", "b.pdf"]
    }


def test_a_scan_alone_falls_under_the_round_that_it_prints() -> None:
    mail = read(Children({"b.pdf": b"b"}, {"b.pdf": paper("甲县2026年10月", "在校生统计表")}))
    assert shared(mail) == {"2026-10": ["b.pdf"]}


def test_a_question_to_one_series_has_its_own_guide_and_one_to_several_is_asked_back() -> None:
    mail = read(Children({}, subject="请问怎么报"))
    assert (mail.notice, mail.collected) == (the("2026-11"), ())
    other = replace(builders.NOTICE, deadline=at(12, 30))
    assert read(Children({}, subject="请问怎么报"), *ROUNDS, other).collected == (the("2026-11"), other)
