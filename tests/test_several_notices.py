"""A mailbox that collects for several notices: what the reader tells apart, and what the office answers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from domain.cover import Cover, PageKind, ReadCover
from domain.mail import Intent, MailFacts, MailKind, Origin, Part, PartKind
from domain.notice import Column, Notice
from domain.sheet import SheetFailure
from ingest import children, sheet_answer
from ingest.children import OwnIdentity
from ingest.cover_answer import pack
from ingest.reading import Reader, ReadMail
from ingest.threads import notice_answered
from parsers.limits import Limits
from parsers.workbook import read_workbook
from storage import outbox, submissions
from tests.builders import NOTICE, RECEIVED
from tests.documents import SAFETY, plan, report, unread
from tests.forms import plain_cells, save
from tests.mailbag.goods import book
from tests.office import Office, office, text_of
from tests.parts import CLERK, codes, scan, workbook
from tests.test_choosing import ROSTER

PLAN = plan()
LARGER: Notice = replace(
    NOTICE,
    id="larger-2020",
    short="DA20",
    form=replace(NOTICE.form, columns=(*NOTICE.form.columns, Column(key="remark", name="备注栏"))),
)
"""Every column of the first notice's form, and one more."""
NEXT = replace(NOTICE, id="puyang-2020-52", short="PY52")
"""Shares its form."""


@dataclass
class Children:
    """Stands in for the sandbox: opens a mail to these files, reads workbooks truly and scans as it was told."""

    files: dict[str, bytes]
    scans: dict[str, Cover] = field(default_factory=dict)
    subject: str = ""
    text: str = ""
    forms: list[int] = field(default_factory=list)
    """Of each reading of a workbook: how many columns its form has."""
    names: list[int] = field(default_factory=list)
    """The same of each reading of a scan."""

    def parts(self) -> Iterator[Part]:
        for at, (name, data) in enumerate(self.files.items()):
            kind, media = (PartKind.COVER, "application/pdf") if name in self.scans else (PartKind.SHEET, "x")
            digest = hashlib.sha256(data).hexdigest()
            yield Part(name=name, kind=kind, media=media, sha256=digest, size=len(data), position=at)

    def decode(self, job: Any, *args: Any, folder: Path) -> bytes:
        if job is children.open_job:
            for data in self.files.values():
                (folder / hashlib.sha256(data).hexdigest()).write_bytes(data)
            facts = MailFacts(
                message_id="<1@x>", subject=self.subject, text=self.text, sender=CLERK, sender_name="",
                envelope_sender=None, reply_to=None, kind=MailKind.HUMAN, parts=tuple(self.parts()),
            )  # fmt: skip
            return children.FACTS.dump_json(facts)
        if job is children.sheet_job:
            path, name, sha256, form, area_code = args
            self.forms.append(len(form.columns))
            made = read_workbook(Path(path).read_bytes(), name=name, sha256=sha256, form=form, area_code=area_code)
            return sheet_answer.pack(made)
        path, _, name, sha256, _ = args
        (folder / children.pixels_name(sha256, 1)).write_bytes(b"pixels")
        page = children.PageFile(number=1, dpi=200.0, kind=PageKind.SCAN, photo=False)
        decoded = children.DecodedFile(file=name, sha256=sha256, signed=False, page_count=1, pages=(page,))
        return children.DECODED.dump_json(decoded)

    def recognise(self, job: Any, answer: bytes, names: tuple[str, ...], *, files: Any) -> bytes:
        decoded = children.DECODED.validate_json(answer)
        self.names.append(len(names))
        assert isinstance(decoded, children.DecodedFile)
        cover = replace(self.scans[decoded.file], file=decoded.file, sha256=decoded.sha256)
        return pack(ReadCover(cover=cover, pictures={}))


def read(sandbox: Children, *notices: Notice, thread: str | None = None) -> ReadMail:
    own = OwnIdentity(addresses=frozenset(), message_id_suffix="")
    origin = Origin(account="main", folder="INBOX", uidvalidity=1, uid=1, received_at=RECEIVED)
    made = Reader(sandbox, notices, own, Limits(), threads=lambda _: thread)  # type: ignore[arg-type]
    return made.read(b"Subject: x\r\n\r\n", sha256="a" * 64, origin=origin)


def test_a_workbook_is_read_once_by_each_form_however_many_notices_share_it() -> None:
    sandbox = Children({"a.xlsx": book().data})
    mail = read(sandbox, SAFETY, NOTICE, NEXT, ROSTER)
    assert sandbox.forms == [len(NOTICE.form.columns)]  # the smaller form is not asked any more
    assert mail.notice.form == NOTICE.form
    assert mail.collected == ()


@pytest.mark.parametrize("notices", [(NOTICE, LARGER), (LARGER, NOTICE)])
def test_a_form_that_holds_another_is_not_taken_for_it(notices: tuple[Notice, ...]) -> None:
    cells = plain_cells([["濮阳县"] * 9])
    assert read(Children({"a.xlsx": book().data}), *notices).notice is NOTICE
    head = next(at for at, value in cells.items() if value == NOTICE.form.columns[-1].name)
    more = cells | {f"J{head[1:]}": "备注栏"}
    assert read(Children({"a.xlsx": save(more)}), *notices).notice is LARGER


@pytest.mark.parametrize("notices", [(NOTICE, SAFETY, ROSTER), (ROSTER, SAFETY, NOTICE), (SAFETY, ROSTER, NOTICE)])
def test_a_workbook_that_lacks_a_column_tells_the_notice_whose_form_it_is_nearest(notices: tuple[Notice, ...]) -> None:
    cells = {at: value for at, value in plain_cells([["濮阳县"] * 9]).items() if value not in ("备案号", "联系人")}
    mail = read(Children({"a.xlsx": save(cells)}), *notices)
    assert mail.notice is NOTICE
    [sheet] = mail.incoming.sheets
    assert isinstance(sheet.reading, SheetFailure)
    assert set(sheet.reading.missing_columns) == {"备案号", "联系人"}


def test_what_cannot_be_opened_is_tried_by_one_form() -> None:
    sandbox = Children({"a.xlsx": b"PK\x03\x04 cut"})
    read(sandbox, NOTICE, ROSTER)
    assert len(sandbox.forms) == 1


@pytest.mark.parametrize("notices", [(NOTICE, SAFETY), (SAFETY, NOTICE)])
def test_a_scan_alone_falls_under_the_notice_whose_title_it_bears(notices: tuple[Notice, ...]) -> None:
    sandbox = Children({"a.pdf": b"a"}, {"a.pdf": report()})
    assert read(sandbox, *notices).notice is SAFETY
    assert len(sandbox.names) == 1
    sandbox = Children({"a.pdf": b"a"}, {"a.pdf": scan(workbook())})
    assert read(sandbox, *notices).notice is NOTICE
    assert len(sandbox.names) == 1  # a ruled table reads the same by any names
    untitled = Children({"a.pdf": b"a"}, {"a.pdf": scan(workbook(), header=False)})
    assert read(untitled, *notices).notice is NOTICE  # by the names of its columns


def test_a_page_without_ruling_is_read_again_by_the_names_of_its_own_form() -> None:
    sandbox = Children({"a.pdf": b"a"}, {"a.pdf": scan(workbook(), ruled=False)})
    assert read(sandbox, SAFETY, NOTICE).notice is NOTICE
    assert sandbox.names == [0, len(NOTICE.form.columns)]


def test_the_thread_tells_where_the_files_do_not() -> None:
    assert read(Children({}), NOTICE, SAFETY, thread=SAFETY.id).notice is SAFETY
    assert read(Children({"a.xlsx": book().data}), NOTICE, SAFETY, thread=SAFETY.id).notice is NOTICE


def test_a_question_that_names_no_notice_may_be_about_any() -> None:
    assert read(Children({}, subject="请问"), NOTICE, NEXT, SAFETY).collected == (NOTICE, SAFETY)
    assert read(Children({}, subject="请问", text="校园安全自查报告怎么写？"), NOTICE, NEXT, SAFETY).collected == ()
    assert read(Children({}, subject="请问"), NOTICE).collected == ()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        made.app.notices = (*made.app.notices, SAFETY)
        yield made


def last_text(here: Office) -> str:
    return text_of(here.letters.taken[-1][0])


def test_returns_of_two_notices_in_one_mail_are_both_answered(here: Office) -> None:
    sheet = workbook()
    here.mail("both", sheet, scan(sheet), beside=[(SAFETY, (report(),))])
    here.run()
    assert {receipt[:8]: state for receipt, state in here.cases().items()} == {
        "PY51-PYX": "accepted", "AQ26-PYX": "incomplete",
    }  # fmt: skip
    texts = sorted(text_of(raw) for raw, _ in here.letters.taken)
    assert len(texts) == 2
    assert sum("还缺整改方案" in text for text in texts) == 1
    with here.app.database.read() as tx:
        safety = next(case for case in submissions.list_(tx) if case.notice == SAFETY.id)
    assert "attachment.missing" in codes(safety)


def test_a_question_gets_the_guide_of_the_notice_it_names_without_a_form_where_there_is_none(here: Office) -> None:
    here.mail("ask", notice=SAFETY, intent=Intent.QUESTION)
    here.run()
    assert "请写好《校园安全自查报告》" in last_text(here)
    with here.app.database.read() as tx:
        assert outbox.load(tx, 1).letter.attachments == ()


def test_a_question_that_names_none_is_asked_which_is_meant(here: Office) -> None:
    here.mail("ask", collected=here.app.notices, intent=Intent.QUESTION, message_id="<ask@example.cn>")
    here.run()
    text = re.sub(r"第\d+号 [0-9a-f]+…", "第{head}", last_text(here).replace("\r\n", "\n"))
    assert text == WHICH
    with here.app.database.read() as tx:
        letter = outbox.load(tx, 1).letter
    answer = MailFacts(
        message_id=None, subject="", sender=CLERK, sender_name="", reply_to=None, envelope_sender=None,
        kind=MailKind.HUMAN, in_thread=(letter.message_id,),
    )  # fmt: skip
    assert notice_answered(here.app.database, answer) is None  # it was about both
    here.mail("again", notice=SAFETY, thread=(letter.message_id,), intent=Intent.QUESTION)
    here.run()
    assert "请写好《校园安全自查报告》" in last_text(here)  # on the same day


def test_the_thread_of_a_letter_or_of_a_return_tells_the_notice(here: Office) -> None:
    here.mail("a", report(), notice=SAFETY, parts=(PLAN,), faults=(unread(PLAN),), message_id="<mine@example.cn>")
    here.run()
    with here.app.database.read() as tx:
        ours = outbox.load(tx, 1).letter.message_id
    for thread in ((ours,), ("<mine@example.cn>",), ("<old@example.cn>", ours)):
        facts = MailFacts(
            message_id=None, subject="", sender=CLERK, sender_name="", reply_to=None, envelope_sender=None,
            kind=MailKind.HUMAN, in_thread=thread,
        )  # fmt: skip
        assert notice_answered(here.app.database, facts) == SAFETY.id


WHICH = """\
您的来信已收到，信中没有附件。本邮箱正在收集下面2项材料，没有看出来信说的是哪一项。

1. 《学习类APP统计备案表》（濮教指〔2020〕51号）：2月28日23:59截止
2. 《校园安全自查报告》（濮教安〔2026〕12号）：3月5日23:59截止
请直接回复本邮件，写明是哪一项（写材料名称即可），我们再把报送说明发给您；要报送的，请把材料作为普通附件一并发来。
其他事项工作人员会另行答复。

存证：第{head}（备查，不必理会）

濮阳市教育信息中心
如有疑问，请直接回复本邮件。
"""
