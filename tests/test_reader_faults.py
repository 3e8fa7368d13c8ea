"""What a failed reader says about a mail: the file's fault is told to its sender, a fault of ours never."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from cli.errors import explained
from domain.checks import check_sheet
from domain.cover import CoverFailure
from domain.mail import WHOLE_MAIL, Origin
from domain.notice import Notice
from domain.sheet import Sheet, SheetFailure
from ingest import children
from ingest.child import ChildFailed
from ingest.children import OwnIdentity
from ingest.reading import Reader, ReadMail
from ingest.stopwatch import Stopwatch
from notifier.blank_form import blank_form
from parsers.limits import Limits
from tests.builders import NOTICE, RECEIVED
from tests.mailbag.goods import book

LIMITS = Limits()
JOBS: list[Callable[..., bytes]] = [children.open_job, children.sheet_job, children.decode_job, children.cover_job]


class Sandbox:
    """Runs jobs in this process; one of them fails. Covers are never recognised here."""

    def __init__(self, failing: Callable[..., bytes], reason: str, *, times: int = 1) -> None:
        self._failing, self._reason, self._left = failing, reason, times

    def decode(self, job: Callable[..., bytes], *args: Any, **_: Any) -> bytes:
        if job is self._failing and self._left:
            self._left -= 1
            raise ChildFailed(self._reason, f"{job.__name__}: told to fail")
        return job(*args)

    recognise = decode


def page() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (900, 700), "white").save(out, "PNG")
    return out.getvalue()


def mail(*files: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"] = "clerk@example.cn"
    message.set_content("")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def read(
    sandbox: Sandbox,
    raw: bytes | None = None,
    *,
    notices: tuple[Notice, ...] = (NOTICE,),
    clock: Callable[[], float] = time.monotonic,
) -> ReadMail:
    raw = raw or mail(("表.xlsx", blank_form(NOTICE, None)), ("扫描.png", page()))
    own = OwnIdentity(addresses=frozenset(), message_id_suffix="")
    reader = Reader(sandbox, notices, own, LIMITS, clock)  # type: ignore[arg-type]
    origin = Origin(account="main", folder="INBOX", uidvalidity=1, uid=1, received_at=RECEIVED)
    return reader.read(raw, sha256="0" * 64, origin=origin)


@pytest.mark.parametrize("job", JOBS)
def test_a_fault_of_ours_is_never_told_as_a_damaged_file(job: Callable[..., bytes]) -> None:
    with pytest.raises(ChildFailed, match="told to fail"):
        read(Sandbox(job, "error"))


@pytest.mark.parametrize("reason", ["crash", "time", "memory"])
def test_what_a_file_does_to_its_reader_is_a_problem_of_the_file(reason: str) -> None:
    came = read(Sandbox(children.decode_job, reason)).incoming
    assert [type(part.reading) for part in came.covers] == [CoverFailure]
    came = read(Sandbox(children.open_job, reason)).incoming
    assert [(fault.name, fault.code) for fault in came.faults] == [(WHOLE_MAIL, "attachment.unreadable")]


def test_a_workbook_that_takes_its_reader_down_is_unreadable() -> None:
    came = read(_WithoutCovers(children.sheet_job, "crash")).incoming
    assert [type(part.reading) for part in came.sheets] == [SheetFailure]


class _WithoutCovers(Sandbox):
    def recognise(self, job: Callable[..., bytes], *args: Any, **_: Any) -> bytes:
        raise ChildFailed("crash", "no recogniser in this test")


class _Slow:
    """Stands in for the sandbox and for time: every file takes its reader so many seconds, and none can be read."""

    def __init__(self, seconds: float, *, dies: bool) -> None:
        self.now, self.begun = 0.0, 0
        self._seconds, self._dies = seconds, dies

    def __call__(self) -> float:
        return self.now

    def decode(self, job: Callable[..., bytes], *args: Any, **_: Any) -> bytes:
        if job is children.open_job:
            return job(*args)
        self.now += self._seconds
        self.begun += 1
        if self._dies:
            raise ChildFailed("time", f"{job.__name__} ran longer than 60 s")
        return job(*args)

    recognise = decode


@pytest.mark.parametrize(
    ("seconds", "dies", "begun"), [(60, True, 2), (0.5, False, 181)], ids=["hang", "hundreds, quickly read"]
)
def test_one_mail_of_bad_files_does_not_hold_up_all_others(seconds: float, dies: bool, begun: int) -> None:
    """The next mail is served after two and a half minutes at most, whatever the number of files and notices."""
    files = [(f"{number}.csv", f"{number},".encode()) for number in range(200)]
    scans = [(f"{number}.pdf", b"%PDF-1.4 " + bytes([number])) for number in range(40)]
    slow = _Slow(seconds, dies=dies)
    came = read(slow, mail(*files, *scans), notices=(NOTICE, NOTICE), clock=slow)  # type: ignore[arg-type]
    assert slow.begun == begun
    assert slow.now <= 150
    assert {part.file.name for part in (*came.incoming.sheets, *came.incoming.covers)} == {
        name for name, _ in (*files, *scans)
    }
    last = came.incoming.covers[-1].reading
    assert isinstance(last, CoverFailure)
    assert (last.code, last.cause) == ("cover.unreadable", "unbegun")
    assert came.deaths[-1].reason == "unbegun"


def test_what_was_left_unread_is_told_as_that_and_not_as_damaged() -> None:
    slow = _Slow(60, dies=True)
    came = read(slow, mail(*[(f"{number}.csv", f"{number},".encode()) for number in range(3)]), clock=slow)  # type: ignore[arg-type]
    told = [check_sheet(part.reading, NOTICE, None, RECEIVED)[0].message for part in came.incoming.sheets]
    assert ["损坏" in text for text in told] == [True, True, False]
    assert "没有读" in told[2]


def test_a_mail_of_readable_workbooks_has_its_time_too() -> None:
    """A return needs one: thousands, each another, end before the mails behind them have waited long."""
    books = [(f"{number}.xlsx", filled(number)) for number in range(8)]
    slow = _Slow(50, dies=False)
    came = read(slow, mail(*books), clock=slow).incoming  # type: ignore[arg-type]
    assert [type(part.reading) for part in came.sheets] == [Sheet] * 4 + [SheetFailure] * 4


def filled(number: int) -> bytes:
    return book("濮阳县", ("F4", f"1391234{number:04d}")).data


def test_a_long_scan_has_ten_times_as_long() -> None:
    watch = Stopwatch(clock=iter([0.0, 599.0, 601.0]).__next__, unit=60)
    assert [watch.may_begin("a.pdf"), watch.may_begin("b.pdf")] == [True, False]


def test_the_command_line_says_it_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, explained():
        raise ChildFailed("error", "cover_job: TypeError at cover.py:41")
    assert ended.value.code == 1
    assert "TypeError at cover.py:41" in capsys.readouterr().err
