"""Letters as MIME and their subjects: what a mail program reads is what was meant, whatever strangers wrote."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from zoneinfo import ZoneInfo

import mailparser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.letter import Attachment, AttachmentRole, Letter
from domain.submission import State
from notifier.letters import render
from notifier.mime import build_message
from notifier.subjects import bare_subject, subject
from tests.builders import NOTICE
from tests.letter_samples import CLERK, HEAD, MAIL_ID, OURS, RECEIPT, XLSX, samples

LETTERS = samples()
SENDER = "濮阳市教育信息中心 <77222415@qq.com>"
DATE = datetime(2020, 2, 27, 15, 41, tzinfo=ZoneInfo("Asia/Shanghai"))
HEADERS = {
    "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted",
    "x-auto-response-suppress", "x-baosong-ledger", "mime-version", "content-type", "content-transfer-encoding",
}  # fmt: skip
HOSTILE = [
    "x\r\nBcc: victim@example.com", "x\nSubject: y", "=?utf-8?B?eA0KQmNjOiB4QHkueg==?=", "=?", "\u202egpj.exe", "\x00\x7f",
    "😀👨‍👩‍👧 家庭", "长" * 5_000, "a" * 5_000, "\ud800", "a  b\u3000c\t\td", "，" * 200 + "（回执 A-B-20200227-01）", "",
]  # fmt: skip


def raw(letter: Letter, *files: tuple[str, bytes]) -> bytes:
    text = render(letter, NOTICE, head_number=HEAD[0], head_hash=HEAD[1])
    role = AttachmentRole.MARKED
    attached = [(Attachment(name=name, sha256="a" * 64, media=XLSX, role=role), data) for name, data in files]
    return build_message(letter, text, sender=SENDER, attachments=attached, date=DATE)


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def head_of(data: bytes) -> list[bytes]:
    return data.split(b"\r\n\r\n", 1)[0].split(b"\r\n")


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_reads_back(name: str) -> None:
    data = raw(LETTERS[name])
    text = render(LETTERS[name], NOTICE, head_number=HEAD[0], head_hash=HEAD[1])
    message = parsed(data)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert message["Subject"] == text.subject
    assert plain.get_content().replace("\r\n", "\n") == text.text
    assert html.get_content().replace("\r\n", "\n").rstrip() == text.html.rstrip()
    assert [part.defects for part in message.walk()] == [[]] * 3
    assert set(map(str.lower, message.keys())) <= HEADERS
    assert len(message.keys()) == len(set(message.keys()))


def test_every_line_is_short_and_ends_with_crlf() -> None:
    data = raw(LETTERS["rejected"], ("濮阳县" * 40 + ".xlsx", b"\x00\xff" * 500))
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r") == data.count(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) < 998
    assert all(len(line) <= 76 for line in data.split(b"\r\n") if b"=?UTF-8?B?" in line and b"name=" not in line)


def test_bodies_are_base64_of_lines_with_crlf() -> None:
    for part in parsed(raw(LETTERS["rejected"])).iter_parts():
        assert part["Content-Transfer-Encoding"] == "base64"
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert content.count(b"\n") == content.count(b"\r\n") > 5


def test_headers_of_a_reply() -> None:
    message = parsed(raw(LETTERS["rejected"]))
    assert message["From"] == SENDER
    assert message["To"] == CLERK
    assert message["Message-ID"] == OURS
    assert message["In-Reply-To"] == MAIL_ID
    assert message["References"] == f"<first@qq.com> {MAIL_ID}"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-Baosong-Ledger"] == f"{HEAD[0]}:{HEAD[1]}"


@pytest.mark.parametrize(("name", "expected"), [("staff", "auto-generated"), ("superseded", "auto-replied")])
def test_only_staff_mail_is_auto_generated(name: str, expected: str) -> None:
    assert parsed(raw(LETTERS[name]))["Auto-Submitted"] == expected


@pytest.mark.parametrize(
    ("references", "answered", "told", "chain"),
    [
        ((), "<a@b>", "<a@b>", "<a@b>"),
        (("<r@b>", "<a@b>"), "<a@b>", "<a@b>", "<r@b> <a@b>"),
        (("<a@b>", "<r@b>"), "<a@b>", "<a@b>", "<r@b> <a@b>"),
        (("a@b",), "c@d", "<c@d>", "<a@b> <c@d>"),
        (("<r@b>",), "<a b@c>", None, "<r@b>"),
        (("<r@b>",), "<a@b>\r\nBcc: x@y", None, "<r@b>"),
        (("<r@b>",), None, None, "<r@b>"),
        (("<x>y@b>", "<>", "", "<中@b>", "<" + "l" * 300 + "@b>"), "<a@b>", "<a@b>", "<a@b>"),
        ((), None, None, None),
    ],
)
def test_threading(references: tuple[str, ...], answered: str | None, told: str | None, chain: str | None) -> None:
    message = parsed(raw(replace(LETTERS["rejected"], references=references, in_reply_to=answered)))
    assert message["In-Reply-To"] == told
    assert message["References"] == chain


def test_a_long_thread_keeps_its_first_and_its_last() -> None:
    many = tuple(f"<{number}@example.cn>" for number in range(100))
    chain = parsed(raw(replace(LETTERS["rejected"], references=many)))["References"].split()
    assert len(chain) == 20
    assert (chain[0], chain[-2], chain[-1]) == (many[0], many[-1], MAIL_ID)


@given(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=300)))
def test_no_subject_makes_a_header(original: str) -> None:
    letter = replace(LETTERS["rejected"], subject=original)
    data = raw(letter)
    names = {line.split(b":")[0].decode().lower() for line in head_of(data) if not line.startswith(b" ")}
    assert names <= HEADERS
    old = email.message_from_bytes(data)
    assert str(make_header(decode_header(old["Subject"]))) == subject(letter) == parsed(data)["Subject"]


@given(st.text(max_size=80), st.sampled_from(["to", "message"]))
def test_no_address_makes_a_header(text: str, place: str) -> None:
    base = LETTERS["rejected"]
    letter = replace(base, to=f"{text}@example.cn") if place == "to" else replace(base, in_reply_to=f"<{text}>")
    names = [line.split(b":")[0].lower() for line in head_of(raw(letter)) if not line.startswith(b" ")]
    assert names.count(b"to") == names.count(b"subject") == 1
    assert b"bcc" not in names


PIECES = st.sampled_from(
    ["Re: ", "RE:", "re：", "Fw: ", "FWD:", "回复：", "回复:", "答复: ", "转发：", "Re[2]: ", "Re (3)：", "【退回】", "【受理】",
     "【待补】", "【待核】", "【已替代】", f"（回执 {RECEIPT}）", f"(回执 {RECEIPT})", "表", "县 ", " ", "\u3000", "a" * 119, "【"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=200), st.sampled_from(State))
@example("Re: Re: " + "，" * 97 + f"（回执 {RECEIPT}）" + "尾" * 30, State.REJECTED)
def test_the_subject_of_a_reply_to_a_reply_is_the_same(original: str, state: State) -> None:
    first = replace(LETTERS["rejected"], subject=original)
    once = subject(first)
    for back in (once, f"回复：{once}", f"Re: {once}", f"转发: 回复：{once}", once.replace(" ", "  ")):
        assert subject(replace(first, subject=back)) == once
        assert bare_subject(subject(replace(first, subject=back, state=state))) == bare_subject(original)


@pytest.mark.parametrize(
    ("original", "bare"),
    [
        ("濮阳县表", "濮阳县表"),
        ("回复：Re: 【退回】濮阳县表（回执 PY51-PYX-20200227-03）", "濮阳县表"),
        ("Re: Fwd: 转发：RE[2]：濮阳县表", "濮阳县表"),
        ("答复: 【待核】Re: 【退回】表（回执 PY51-XX-20200227-01）（回执 PY51-PYX-20200227-02）", "表"),
        ("Report: 濮阳县", "Report: 濮阳县"),
        ("濮阳县【修改】表（回执单）", "濮阳县【修改】表（回执单）"),
        ("", "报送材料"),
        ("Re:", "报送材料"),
        ("\u202e表\r\n格\u200b", "表 格"),
        ("😀表", "😀表"),
        ("Re: 【退回】备案表（回执 PY51-PYX-20200227-03）更正", "备案表更正"),
        ("回执（回执 A-B-20200227-01）转发：表（回执 A-C-20200228-02）", "回执转发：表"),
    ],
)
def test_bare_subject(original: str, bare: str) -> None:
    assert bare_subject(original) == bare


NAMES = [
    "濮阳县.xlsx", "附件：濮阳市面向中小学生校园学习类APP统计备案表（定稿）.xlsx", "plain name (1).xlsx", "a;b\"c.xlsx", "../../etc/passwd",
    "表\r\nBcc: x.xlsx", "\u202exslx.exe", "龘堃喆.xlsx", "", "长" * 300 + ".xlsx", "=?utf-8?B?eA==?=.xlsx", "100%.xlsx",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_attachment_names_survive_each_way_of_reading(name: str) -> None:
    content = bytes(range(256)) * 5
    data = raw(LETTERS["rejected"], (name, content))
    (part,) = parsed(data).iter_attachments()
    by_disposition = part.get_filename()
    old = next(each for each in email.message_from_bytes(data).walk() if each.get_content_disposition() == "attachment")
    by_type = str(make_header(decode_header(str(old.get_param("name")))))
    assert by_type == by_disposition
    assert by_disposition
    assert not re.search(r'[\\/"\x00-\x1f\u202e]', by_disposition)
    if name in ("濮阳县.xlsx", "龘堃喆.xlsx", "plain name (1).xlsx", "100%.xlsx"):
        assert by_disposition == name
    assert part.get_payload(decode=True) == content
    assert part.get_content_type() == XLSX


def test_mail_parser_reads_names_and_subject() -> None:
    mail = mailparser.parse_from_bytes(raw(LETTERS["rejected"], ("濮阳县学习类APP统计备案表.xlsx", b"PK")))
    assert [each["filename"] for each in mail.attachments] == ["濮阳县学习类APP统计备案表.xlsx"]
    assert mail.subject == subject(LETTERS["rejected"])


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert raw(LETTERS["rejected"], ("表.xlsx", b"PK")) == raw(LETTERS["rejected"], ("表.xlsx", b"PK"))


@pytest.mark.parametrize(
    "sender", ["77222415@qq.com", "Bureau <a@b.cn>", '"濮阳市, 教育" <a@b.cn>', "很长的名字" * 20 + " <a@b.cn>"]
)
def test_the_sender_reads_back(sender: str) -> None:
    letter = LETTERS["complaint"]
    text = render(letter, NOTICE, head_number=1, head_hash="ab")
    data = build_message(letter, text, sender=sender, attachments=[], date=DATE)
    read = parsed(data)["From"].addresses[0]
    # Python 3.11 keeps the space between two encoded words of a name; mail programs drop it (RFC 2047 section 6.2).
    told = (read.display_name.replace(" ", ""), read.addr_spec)
    assert told == (parseaddr(sender)[0].replace(" ", ""), parseaddr(sender)[1])
