"""Whole mails: bodies, names, attached mails, pictures, cloud links, and bytes of any kind."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mail import WHOLE_MAIL, FaultCause, MailKind, PartKind
from parsers.archive_entries import Budget
from parsers.limits import Limits
from parsers.mail import OpenedMail
from parsers.mime_entity import parse
from parsers.mime_tree import tree_of
from tests.mail_making import DOCX, PDF, XLSX, attachment, faults, make_zip, mixed, names, opened, part, picture

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "eml"
QQ_LINK = "https://mail.qq.com/cgi-bin/ftnExs_download?k=abc&t=exs_ftn_download"


def _consistent(mail: OpenedMail) -> bool:
    """Every part has its bytes, and every text can be stored."""
    hashes = all(hashlib.sha256(data).hexdigest() == sha256 for sha256, data in mail.contents.items())
    repr(mail.facts).encode("utf-8")
    return hashes and {found.sha256 for found in mail.facts.parts} == set(mail.contents)


def test_a_clerks_mail() -> None:
    headers = (
        "Return-Path: <zhang@qq.com>\r\nMessage-ID: <a@qq.com>\r\nReply-To: B <B@x.cn>\r\nTo: 濮阳 <1@QQ.com>, 2@qq.com\r\n"
        "Date: Thu, 27 Feb 2020 15:40:00 +0800\r\nReferences: <1@a> <2@a>\r\nIn-Reply-To: <2@a>\r\n"
    )
    mail = opened(mixed(attachment("濮阳县.xlsx", XLSX), attachment("盖章.pdf", PDF), headers=headers))
    facts = mail.facts
    assert (facts.sender, facts.sender_name, facts.reply_to) == ("zhang@qq.com", "张三", "b@x.cn")
    assert (facts.message_id, facts.in_thread, facts.envelope_sender) == (
        "<a@qq.com>",
        ("<1@a>", "<2@a>"),
        "zhang@qq.com",
    )
    assert facts.to == ("1@qq.com", "2@qq.com")
    assert facts.date == datetime(2020, 2, 27, 7, 40, tzinfo=UTC)
    assert (facts.subject, facts.text.strip(), facts.kind) == ("报送", "请查收", MailKind.HUMAN)
    assert [(found.name, found.kind, found.position) for found in facts.parts] == [
        ("濮阳县.xlsx", PartKind.SHEET, 0),
        ("盖章.pdf", PartKind.COVER, 1),
    ]
    assert facts.faults == ()
    assert _consistent(mail)


@pytest.mark.parametrize(
    ("raw", "subject", "name"),
    [
        ("Subject: 濮阳县报送\r\nFrom: 张三 <a@b.cn>\r\n\r\n".encode("gbk"), "濮阳县报送", "张三"),
        (b"Subject: =?gb2312?B?/ZO17Q==?=\r\nFrom: =?gb2312?B?1cXI/Q==?= <a@b.cn>\r\n\r\n", "龘淀", "张三"),
        (b'From: "=?utf-8?B?5bygLOS4iQ==?=" <A@b.cn>\r\n\r\n', "", "张,三"),
        ('From: "张, 三" <a@b.cn>\r\n\r\n'.encode(), "", "张, 三"),
        ("From: a@b.cn (张三)\r\n\r\n".encode(), "", "张三"),
        (b"From: <a@b.cn>\r\n\r\n", "", ""),
        (b'From: "boss@gov.cn" <a@b.cn>\r\n\r\n', "", "boss@gov.cn"),
    ],
)
def test_names_and_subjects_from_the_wire(raw: bytes, subject: str, name: str) -> None:
    facts = opened(raw).facts
    assert (facts.subject, facts.sender_name, facts.sender) == (subject, name, "a@b.cn")


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        ("Content-Type: text/plain; charset=gb2312", "龘表".encode("gbk"), "龘表"),
        ("Content-Type: text/plain", "濮阳".encode("gbk"), "濮阳"),
        ("Content-Type: text/plain; charset=nonsense", "濮阳".encode(), "濮阳"),
        (
            "Content-Type: text/html; charset=utf-8",
            "<p>甲&amp;乙</p><style>x{}</style><div>丙<br>丁</div>".encode(),
            "甲&乙\n丙\n丁",
        ),
        ("Content-Type: text/html", b"<table><tr><td>1</td><td>2</td></tr></table><!-- x", "1\t2"),
        ("Content-Type: text/html", b"a < b<blockquote>q</blockquote>", "a < b\n> q"),
        ("Content-Transfer-Encoding: quoted-printable", b"=E6=BF=AE=\r\nA", "濮A"),
        ("Content-Transfer-Encoding: base64 ;x", b"5r+u", "濮"),
        ("Content-Type: text/plain; charset=a\0b", "濮阳".encode("gbk"), "濮阳"),
    ],
)
def test_bodies(headers: str, body: bytes, text: str) -> None:
    assert opened(headers.encode() + b"\r\n\r\n" + body).facts.text.strip() == text


@pytest.mark.parametrize(
    ("piece", "name", "kind"),
    [
        (part(XLSX, "Content-Type: text/plain"), "未命名附件1.txt", PartKind.SHEET),
        (part(PDF, "Content-Type: application/pdf"), "未命名附件1.pdf", PartKind.COVER),
        (part(b"note", 'Content-Type: text/plain; name="说明.txt"'), "说明.txt", PartKind.OTHER),
        (
            part(b"note", "Content-Type: text/plain\r\nContent-Disposition: attachment"),
            "未命名附件1.txt",
            PartKind.OTHER,
        ),
        (part(PDF[:-1], 'Content-Type: x/y; name="../../a.pdf"'), "../../a.pdf", PartKind.COVER),
    ],
)
def test_every_leaf_that_is_not_the_body_is_a_part(piece: bytes, name: str, kind: PartKind) -> None:
    mail = opened(mixed(piece))
    assert [(found.name, found.kind) for found in mail.facts.parts] == [(name, kind)]
    assert _consistent(mail)


def test_damaged_base64_gives_what_can_be_had() -> None:
    piece = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0x!LjQ"
    assert list(opened(mixed(piece)).contents.values()) == [b"%PDF-1.4"]


def test_attached_mails_are_opened() -> None:
    inner = mixed(attachment("表.xlsx", XLSX), subject="原件", boundary="inner")
    as_part = b'Content-Type: message/rfc822; name="=?gb2312?B?1K3Kvdpw?="\r\n\r\n' + inner
    unnamed = b"Content-Type: message/rfc822\r\n\r\n" + inner
    encoded = part(inner, "Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=b64.eml")
    mail = opened(mixed(unnamed, encoded, attachment("原始邮件.eml", inner), as_part))
    assert names(mail)[:3] == ["原件.eml/表.xlsx", "b64.eml/表.xlsx", "原始邮件.eml/表.xlsx"]
    assert len(mail.facts.parts) == 4
    assert "请查收" in mail.facts.text


@pytest.mark.parametrize(
    ("data", "headers", "kind"),
    [
        (picture(120, 60), "Content-ID: <a@b>", PartKind.OTHER),
        (picture(1, 1, "GIF"), "Content-Disposition: inline", PartKind.OTHER),
        (picture(500, 400), "Content-ID: <a@b>", PartKind.OTHER),
        (picture(1240, 1754), "Content-ID: <a@b>", PartKind.COVER),
        (picture(120, 60), "Content-Disposition: attachment", PartKind.COVER),
    ],
)
def test_small_inline_pictures_are_no_covers(data: bytes, headers: str, kind: PartKind) -> None:
    mail = opened(mixed(part(data, f'Content-Type: image/png; name="a.png"\r\n{headers}')))
    assert [found.kind for found in mail.facts.parts] == [kind]
    assert mail.facts.faults == ()


@pytest.mark.parametrize(
    ("name", "data", "candidate"),
    [("表.docx", DOCX, PartKind.SHEET), ("winmail.dat", b"\x78\x9f\x3e\x22", PartKind.SHEET), ("a.exe", b"MZ\0", None)],
)
def test_unread_kinds_are_named(name: str, data: bytes, candidate: PartKind | None) -> None:
    mail = opened(mixed(attachment(name, data)))
    assert [(fault.name, fault.code, fault.candidate_for) for fault in mail.facts.faults] == [
        (name, "attachment.unsupported", candidate)
    ]
    assert names(mail) == [name]
    assert _consistent(mail)


HTML_LINK = f'<div>见附件</div><div><a href="{QQ_LINK.replace("&", "&amp;")}">盖章扫描件.pdf</a> (60M)</div>'


def _html(body: str, *parts: bytes, subject: str = "报送") -> OpenedMail:
    return opened(mixed(part(body.encode(), "Content-Type: text/html; charset=utf-8"), *parts, subject=subject))


def test_a_cloud_link_stands_for_a_file() -> None:
    mail = _html(HTML_LINK, attachment("表.xlsx", XLSX))
    assert [(fault.name, fault.code, fault.candidate_for) for fault in mail.facts.faults] == [
        ("盖章扫描件.pdf", "attachment.cloud_link", PartKind.COVER)
    ]
    assert "abc" not in mail.facts.faults[0].detail


@pytest.mark.parametrize(
    "link",
    [
        QQ_LINK,
        "https://wx.mail.qq.com/ftn/download?func=3",
        "http://mail.163.com/large-attachment-download/index.html?p=1",
        "https://dashi.163.com/html/cloud-attachment-download/?key=1",
        "https://pan.baidu.com/s/1abc",
        "https://qiye.aliyun.com/alimail/openLinks/downloadMimeMetaDiskBigAttach?id=1",
        "https://mail.pyjy.edu.cn/alimail/openLinks/downloadMimeMetaDiskBigAttach?id=1",
        "http://mail.pyjy.edu.cn/cgi-bin/ftnExs_download?k=1",
        "https://download.cloud.189.cn/file/downloadFile.action?dt=1",
        "https://yun.139.com/shareweb/#/w/i/1",
        "https://py.feishu.cn/file/boxcn1",
        "https://py.feishu.cn/drive/folder/fldcn1",
        "https://py.feishu.cn/sheets/shtcn1",
    ],
)
def test_cloud_links_in_plain_text(link: str) -> None:
    assert faults(opened(mixed(text=f"附件：{link}"))) == [("超大附件", "attachment.cloud_link")]


@pytest.mark.parametrize(
    "mail",
    [
        _html(HTML_LINK, attachment("表.xlsx", XLSX), attachment("章.pdf", PDF)),
        _html("收到<blockquote>" + HTML_LINK + "</blockquote>"),
        opened(mixed(text="------ 原始邮件 ------\n" + QQ_LINK)),
        opened(mixed(text="来自139邮箱 http://mail.10086.cn/ https://yun.139.com/ https://1drv.ms")),
        opened(mixed(text="https://evil.cn/?u=mail.qq.com/cgi-bin/ftnExs_download https://www.qq.com/")),
    ],
)
def test_links_that_stand_for_no_file(mail: OpenedMail) -> None:
    assert faults(mail) == []


def test_a_forwarded_link_counts() -> None:
    mail = opened(mixed(text="------ 原始邮件 ------\n" + QQ_LINK, subject="转发：材料"))
    assert faults(mail) == [("超大附件", "attachment.cloud_link")]


def test_limits() -> None:
    raw = mixed(attachment("a.pdf", PDF + bytes(5000)))
    assert faults(opened(raw, limits=Limits(file_bytes=1000))) == [("a.pdf", "attachment.too_large")]
    large = opened(raw, limits=Limits(message_bytes=1000)).facts
    assert (large.sender, large.subject, [fault.code for fault in large.faults]) == (
        "zhang@qq.com",
        "报送",
        ["attachment.too_large"],
    )


LOCKS = (
    ("~$濮阳县.xlsx", b"\x05admin" + b" " * 49 + b"\x05\x00a\x00d\x00m\x00i\x00n" + b" \x00" * 49),
    (".~濮阳县.xlsx", b"\x05admin" + b" " * 159),
    (".~lock.濮阳县.xlsx#", b",admin,PC,20.02.2020 10:00,file:///C:/;"),
    ("._濮阳县.xlsx", b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(60)),
)


def test_lock_files_beside_a_workbook_are_no_files_of_the_return() -> None:
    workbook = ("濮阳县.xlsx", XLSX)
    attached = opened(mixed(*(attachment(*file) for file in (*LOCKS, workbook))))
    assert (names(attached), faults(attached)) == (["濮阳县.xlsx"], [])
    archive = opened(mixed(attachment("a.zip", make_zip((f"夹/{name}", data) for name, data in (*LOCKS, workbook)))))
    assert (names(archive), faults(archive)) == (["a.zip/夹/濮阳县.xlsx"], [])


SAVED = (
    b"From: <Saved by WPS>\r\nSubject: t\r\nDate: Thu, 27 Feb 2020 10:00:00 +0800\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'
    b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>1</td></tr></table></html>\r\n--b--\r\n'
)
"""A workbook saved as a web archive: a browser and WPS put themselves into the place of a sender."""
NOTE = SAVED.replace(b"MIME-Version", b"To: <b@qq.com>\r\nMIME-Version")
"""The same as a mail that somebody sent: Outlook puts Excel's marks into all its HTML."""


@pytest.mark.parametrize(
    ("name", "data", "kind", "told"),
    [
        ("濮阳县.mht", SAVED, PartKind.SHEET, []),
        ("濮阳县.xls", SAVED, PartKind.SHEET, []),
        ("说明.eml", NOTE, PartKind.OTHER, []),
        ("濮阳县.xls", NOTE, PartKind.OTHER, [("濮阳县.xls", "attachment.unsupported")]),
    ],
)
def test_no_file_that_looks_like_a_mail_is_lost(
    name: str, data: bytes, kind: PartKind, told: list[tuple[str, str]]
) -> None:
    mail = opened(mixed(attachment(name, data)))
    assert [(part.name, part.kind) for part in mail.facts.parts] == [(name, kind)]
    assert faults(mail) == told


def test_a_short_mail_that_holds_a_pdf_as_it_is_is_no_pdf() -> None:
    inner = b"From: a@b.cn\r\nSubject: s\r\nDate: x\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n" + PDF
    assert names(opened(mixed(attachment("b.eml", inner)))) == ["b.eml/a.pdf"]


def test_a_workbook_is_read_though_it_is_named_as_a_lock_file() -> None:
    assert names(opened(mixed(attachment("~$濮阳县.xlsx", XLSX), attachment("._a.docx", DOCX)))) == [
        "~$濮阳县.xlsx", "._a.docx",
    ]  # fmt: skip


def test_very_many_attachments_end() -> None:
    mail = opened(mixed(*[attachment(f"{number}.pdf", PDF) for number in range(2000)]))
    assert len(mail.facts.parts) == 1000
    assert [(fault.code, fault.detail) for fault in mail.facts.faults] == [("attachment.bomb", "1000 more files")]


def test_the_parts_of_all_mails_in_a_mail_count_together() -> None:
    head = b"From: a@b.c\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
    inner = head + b"--q\r\n\r\nx\r\n" * 10_001
    mails = make_zip([(f"{number}.eml", inner) for number in range(2)])
    told = opened(mixed(attachment("a.zip", mails))).facts.faults
    assert [(fault.name, fault.detail) for fault in told] == [("a.zip/1.eml", "too many parts")]


def test_the_uuencoded_files_of_all_mails_in_a_mail_count_together() -> None:
    budget = Budget(Limits())
    budget.blocks = 3
    text = b"From: a@b.c\r\n\r\nsee\r\n" + b"begin 644 a.xlsx\r\n#86)C\r\nend\r\n" * 2
    trees = [tree_of(parse(text), budget) for _ in range(3)]
    assert [len(tree.attached) for tree in trees] == [2, 1, 0]
    assert [tree.plain[0].count("begin") for tree in trees] == [0, 1, 2]


@pytest.mark.parametrize(
    "piece",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1500)),
        b"Content-Type: message/rfc822\r\n\r\n" * 50 + b"x",
    ],
)
def test_very_deep_mails_end(piece: bytes) -> None:
    facts = opened(b"From: a@b.cn\r\n" + piece).facts
    assert (facts.sender, [fault.code for fault in facts.faults]) == ("a@b.cn", ["attachment.bomb"])


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: text/html\r\n\r\n" + b"<style>" * 100_000,
        b"Content-Type: text/html\r\n\r\n" + b"<!--<a href='" * 100_000,
        b"Subject: " + b"=?a?q?" * 30_000 + b"\r\n\r\n",
        b"From: " + b'("<,' * 30_000 + b"\r\n\r\n",
        b"\r\n" + "在2020年".encode() * 100_000,
        b"Content-Type: a/b" + b'; name="x' * 20_000 + b"\r\n\r\n",
    ],
)
def test_hostile_repetition_ends(raw: bytes) -> None:
    assert len(opened(raw).facts.text) <= 20_000


_PIECES = st.sampled_from(
    [
        b"From: ",
        b"Subject: ",
        b"Content-Type: multipart/mixed; boundary=q\r\n",
        b"\r\n\r\n",
        b"--q\r\n",
        b"--q--",
        b"=?gbk?B?",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: text/html; charset=utf-7\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n",
        b"Content-Disposition: attachment; filename*0*=",
        b"<a href=",
        b"PK\x03\x04",
        b"\x78\x9f\x3e\x22\0\0\2",
        b"begin 644 a\r\nM",
        b"Content-Type: application/pkcs7-mime\r\n",
        b"Content-Type: message/partial; number=1\r\n",
        b"Content-Disposition: attachment; filename=a.p7m\r\n",
        b"\x30\x80\x06\x09",
        b"\xc4",
        b"\0",
        b"\r",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(_PIECES, st.binary(max_size=20)), max_size=25))
def test_no_bytes_whatever_raise(pieces: list[bytes]) -> None:
    assert _consistent(opened(b"".join(pieces)))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="corpus not beside the checkout")
def test_tortured_mail_of_others_opens() -> None:
    for path in CORPUS.rglob("*"):
        if path.is_file() and "sisimai" not in path.parts:
            mail = opened(path.read_bytes())
            assert _consistent(mail), path.name
            whole = {fault.cause for fault in mail.facts.faults if fault.name == WHOLE_MAIL}
            assert whole <= {FaultCause.ENCRYPTED, FaultCause.SPLIT}, (
                path.name
            )  # what its sender did, and no reader could undo
