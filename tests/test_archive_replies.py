"""What a clerk is told of an archive that could not be read, by a real one on its whole way; who does as told is accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.mail import FaultCause, PartFault, PartKind
from domain.submission import State
from ingest import children
from ingest.reading import Reader
from parsers.archive_system import Library
from parsers.archives import SYSTEM_LIBRARY
from tests.archive_making import CONTAINERS, Files, rar4, rar5, seven_zip, zipped
from tests.mail_making import PDF, XLSX, attachment, mixed
from tests.office import Office, office, only_case, text_of
from tests.parts import codes, scan, workbook

RESOURCES = Path(__file__).parent / "resources" / "archives"
FILES: Files = (("濮阳县.xlsx", XLSX + bytes(900)), ("扫描.pdf", PDF + bytes(900)))
SHEET = workbook()
SCAN = scan(SHEET)
HOUR = timedelta(hours=1)


class NoLibrary:
    """A machine without libarchive."""

    version = None

    def members(self, data: bytes, media: str) -> Iterator[None]:
        raise AssertionError("asked without a library")


class InProcess:
    """Opens mails as a child does, on a machine with `library`."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def decode(self, job: Callable[..., bytes], *args: Any, **_: Any) -> bytes:
        assert job is children.open_job, "nothing else is read in these tests"
        return job(*args, library=self._library)


def arrives(here: Office, attachments: list[tuple[str, bytes]], library: Library) -> str:
    """A mail with these, through the real reader. → the reply."""
    sandbox: Any = InProcess(library)
    here.app._reader = Reader(sandbox, here.app.notices, here.app.own, here.app.limits)
    here.box.deliver(mixed(*(attachment(name, data) for name, data in attachments)))
    here.run()
    reader: Any = here.reader
    here.app._reader = reader
    return text_of(here.letters.taken[-1][0])


def resource(name: str) -> list[tuple[str, bytes]]:
    return [("材料" + Path(name).suffix, (RESOURCES / name).read_bytes())]


@pytest.mark.parametrize(
    ("attachments", "library", "code", "said", "way_out"),
    [
        (resource("rar5-locked-names.rar"), SYSTEM_LIBRARY, "attachment.unreadable", "“材料.rar”设了密码", "不要设密码"),
        (resource("locked.7z"), SYSTEM_LIBRARY, "attachment.unreadable", "“材料.7z”设了密码", "直接作为附件"),
        (resource("aes.zip"), SYSTEM_LIBRARY, "attachment.unreadable", "“材料.zip”设了密码", "直接作为附件"),
        ([("材料.rar", rar4(FILES)[0][:100])], SYSTEM_LIBRARY, "attachment.unreadable", "没有传完整", "直接作为附件"),
        ([("材料.rar", b"no rar at all")], SYSTEM_LIBRARY, "attachment.unreadable", "没有传完整", "直接作为附件"),
        (CONTAINERS["rar 5, volumes"](FILES)[1:], SYSTEM_LIBRARY, "attachment.unreadable", "没有收齐", "同一封邮件"),
        (CONTAINERS["split zip"](FILES)[1:], SYSTEM_LIBRARY, "attachment.unreadable", "没有收齐", "直接作为附件"),
        ([("材料.zip", zipped([]))], SYSTEM_LIBRARY, "attachment.unreadable", "“材料.zip”里没有文件", "直接作为附件"),
        ([("材料.rar", rar4(FILES)[0])], NoLibrary(), "attachment.unsupported", "“材料.rar”是本系统不能读取的压缩格式", ".zip格式"),
        ([("材料.rar", rar5(FILES)[0])], NoLibrary(), "attachment.unsupported", "“材料.rar”是本系统不能读取的压缩格式", ".zip格式"),
        ([("材料.7z", seven_zip(FILES))], NoLibrary(), "attachment.unsupported", "“材料.7z”是本系统不能读取的压缩格式", ".zip格式"),
        (resource("ppmd.zip"), NoLibrary(), "attachment.unsupported", "“材料.zip”是本系统不能读取的压缩格式", "直接作为附件"),
        ([("材料.arj", b"\x60\xea" + bytes(50))], SYSTEM_LIBRARY, "attachment.unsupported", "“材料.arj”是本系统不能读取", ".zip格式"),
    ],
)  # fmt: skip
def test_the_reply_names_cause_and_way_out_and_who_follows_is_accepted(
    attachments: list[tuple[str, bytes]], library: Library, code: str, said: str, way_out: str, tmp_path: Path
) -> None:
    with office(tmp_path) as here:
        reply = arrives(here, attachments, library)
        assert only_case(here).state is State.REJECTED
        assert code in codes(only_case(here))
        assert said in reply
        assert way_out in reply
        here.now += HOUR
        here.mail("m2", SHEET, SCAN)
        here.run()
        assert sorted(here.cases().values()) == ["accepted", "rejected"]


UNREAD = PartFault(
    name="材料.rar", code="attachment.unsupported", cause=FaultCause.FORMAT, candidate_for=PartKind.SHEET
)


@pytest.mark.parametrize(
    ("readings", "state"),
    [((SHEET, SCAN), State.ACCEPTED), ((SHEET,), State.REJECTED), ((SCAN,), State.REJECTED)],
)
def test_beside_both_parts_it_is_a_warning_and_beside_one_it_may_hold_the_other(
    readings: tuple[Any, ...], state: State, tmp_path: Path
) -> None:
    with office(tmp_path) as here:
        here.mail("m1", *readings, faults=[UNREAD])
        here.run()
        assert only_case(here).state is state
        assert "“材料.rar”" in text_of(here.letters.taken[0][0])
