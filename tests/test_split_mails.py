"""A mail that the sender's program sent in pieces (RFC 2046, 5.2.2): each is told so, and who follows is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from ingest.reading import Reader
from parsers.archives import SYSTEM_LIBRARY
from tests.mail_making import PDF, XLSX, attachment, mixed
from tests.office import office, text_of
from tests.parts import scan, workbook
from tests.test_archive_replies import InProcess

SHEET = workbook()
SCAN = scan(SHEET)


def pieces(whole: bytes, size: int) -> Iterator[bytes]:
    """The total stands in the last one alone, as the RFC asks for no more."""
    parts = [whole[at : at + size] for at in range(0, len(whole), size)]
    for number, part in enumerate(parts, 1):
        total = f"; total={number}" if number == len(parts) else ""
        yield (
            f"From: clerk@example.cn\r\nSubject: report [{number}/{len(parts)}]\r\nMessage-ID: <{number}@example.cn>\r\n"
            f'MIME-Version: 1.0\r\nContent-Type: message/partial; id="w@example.cn"; number={number}{total}\r\n\r\n'
        ).encode() + part


def test_every_piece_is_answered_with_the_way_out_and_who_follows_is_accepted(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        known: Any = here.reader
        sandbox: Any = InProcess(SYSTEM_LIBRARY)
        here.app._reader = Reader(sandbox, here.app.notices, here.app.own, here.app.limits)
        for raw in pieces(mixed(attachment("表.xlsx", XLSX), attachment("扫描.pdf", PDF)), 300):
            here.box.deliver(raw)
        here.run()
        told = [text_of(letter) for letter, *_ in here.letters.taken]
        assert len(told) == len(here.cases()) > 2
        for words in told:
            assert words.startswith("【退回】")
            assert "这封邮件被发信软件拆成了几封" in words
            assert "取消“拆分大邮件”" in words
            assert "只需重发一次" in words
            assert "缺" not in words  # nor that a part is missing: it may be in the other pieces
        here.app._reader = known
        here.now += timedelta(hours=1)
        here.mail("m2", SHEET, SCAN)
        here.run()
        assert sorted(here.cases().values()) == ["accepted"] + ["rejected"] * len(told)
