"""A report of three pages as a real PDF through the real reader, in a mailbox that collects a workbook as well."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from PIL import Image, ImageDraw

from domain.notice import Notice
from domain.precheck import judge_unfiled
from domain.sets import sets_of
from domain.submission import State, Submission
from ingest.checking import read_as_mail
from ingest.children import OwnIdentity
from ingest.gathering import content_reporter
from ingest.reading import Reader, ReadMail
from ingest.sandbox import Sandbox
from ingest.sharing import Share
from parsers.limits import Limits
from samples.maker import scanner, seals
from samples.maker.typefaces import installed_typefaces
from tests.builders import NOTICE, RECEIVED
from tests.documents import PROSE, SAFETY
from tests.mailbag.goods import book
from tests.parts import CLERK

DPI = 150
A4 = (1240, 1754)
HEAD = ("填报单位：濮阳县教育局（盖章）", "填报时间：2020年2月26日")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(), ocr_workers=1) as made:
        yield made


def drawn(title: str, lines: tuple[str, ...], *, stamped: bool) -> Image.Image:
    """A page as it comes from a scanner: title, lines of print, a seal near the foot."""
    face = installed_typefaces()[0]
    page = Image.new("RGB", A4, "white")
    draw = ImageDraw.Draw(page)
    if title:
        large = face.sized(44)
        draw.text(((A4[0] - large.getlength(title)) / 2, 150), title, font=large, fill="black")
    for at, line in enumerate(lines):
        draw.text((150, 300 + 70 * at), line, font=face.sized(30), fill="black")
    if stamped:
        draw.text((720, 1300), "濮阳县教育局", font=face.sized(30), fill="black")
        mark = seals.draw_seal("濮阳县教育局", rng=random.Random(7), dpi=DPI)
        page = seals.stamp(page, mark, (150.0, 222.0), dpi=DPI)
    return scanner.scan(page, scanner.ScanRange(dpi=(DPI,), skew=0.4).draw(random.Random(3)), dpi=DPI)


def pdf(title: str = "濮阳县校园安全自查报告", *, pages: int = 3, stamped_on: int = 3) -> bytes:
    images = [drawn(title, (*HEAD, *PROSE), stamped=stamped_on == 1)]
    images += [drawn("", PROSE * 2, stamped=stamped_on == at) for at in range(2, pages + 1)]
    return scanner.to_file(images, "pdf", dpi=DPI)


def read(sandbox: Sandbox, *files: tuple[str, bytes], notices: tuple[Notice, ...] = (NOTICE, SAFETY)) -> ReadMail:
    own = OwnIdentity(addresses=frozenset(), message_id_suffix="")
    reader = Reader(sandbox, notices, own, Limits())
    return read_as_mail(reader, files, sender=CLERK, received_at=RECEIVED)


def judged(share: Share) -> Submission:
    """Its one set, as sent by somebody known."""
    [parts] = sets_of(share.incoming, share.notice)
    reporter = content_reporter(parts, share.notice)
    return judge_unfiled(parts, share.incoming, notice=share.notice, reporter=reporter, known={CLERK}).submission


def test_a_report_and_another_notices_workbook_in_one_mail_are_told_apart_and_judged(sandbox: Sandbox) -> None:
    workbook = book()
    mail = read(sandbox, (workbook.name, workbook.data), ("扫描0001.pdf", pdf()))
    assert mail.notice is NOTICE
    assert [len(mail.incoming.sheets), len(mail.incoming.covers)] == [1, 0]
    [share] = mail.beside
    assert share.notice is SAFETY
    case = judged(share)
    assert case.reporter == "PYX"
    assert {each.code for each in case.problems} == {"attachment.missing"}
    assert judged(Share(notice=mail.notice, incoming=mail.incoming)).state is State.INCOMPLETE


@pytest.mark.parametrize(
    ("title", "stamped_on", "code"),
    [("濮阳县校园安全自查报告", 1, "cover.unstamped"), ("濮阳县校园食堂检查通报", 3, "cover.wrong_document")],
)
def test_what_is_wrong_with_a_real_report_is_found(sandbox: Sandbox, title: str, stamped_on: int, code: str) -> None:
    mail = read(sandbox, ("报告.pdf", pdf(title, stamped_on=stamped_on)), notices=(SAFETY,))
    case = judged(Share(notice=mail.notice, incoming=mail.incoming))
    assert case.state is State.REJECTED
    assert code in {each.code for each in case.problems}
