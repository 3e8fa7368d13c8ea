"""Machines are never taken for people where it can be helped, people never for machines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from domain.mail import Intent, MailKind
from parsers.bounces import failed_recipients
from parsers.mime_entity import parse
from parsers.recognise import intent_of
from tests.mail_making import DOCX, PDF, XLSX, attachment, make_zip, mixed, opened

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "eml"
H, B, A, L, O = MailKind.HUMAN, MailKind.BOUNCE, MailKind.AUTO_REPLY, MailKind.BULK, MailKind.OWN  # noqa: E741
CLERK = "From: 李四 <lisi@163.com>\r\n"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (CLERK + "X-Mailer: Foxmail 7.2.18.95[cn]\r\nX-Priority: 3\r\nReturn-Path: <lisi@163.com>\r\n", H),
        (CLERK + "Auto-Submitted: no\r\nX-QQ-STYLE: 1\r\nX-QQ-mid: webmail\r\n", H),
        (CLERK + "Subject: Re: 【退回】学习类APP统计表（回执 PY51-PYX-20200227-03）\r\n", H),
        (CLERK + "Subject: 转发：系统退信\r\n", H),
        (CLERK + "Subject: 回复：自动回复: 已收到\r\n", H),
        (CLERK + "Disposition-Notification-To: <lisi@163.com>\r\nPrecedence: normal\r\n", H),
        ("From: postmaster <postmaster@pyjy.gov.cn>\r\nSubject: 回复：报送\r\n", H),
        ("From: <77222415@QQ.COM>\r\n", O),
        (CLERK + "Message-ID: <1.2@baosong.local>\r\nAuto-Submitted: auto-replied\r\n", O),
        ("From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\r\n", B),
        ("From: postmaster@163.com\r\nSubject: 系统退信\r\nReturn-Path: <postmaster@163.com>\r\n", B),
        ('From: "系统退信" <x@qq.com>\r\nReturn-Path: <x@qq.com>\r\n', B),
        (CLERK + "Return-Path: <>\r\n", B),
        (CLERK + "X-Failed-Recipients: a@b.cn\r\n", B),
        (CLERK + "Subject: Undelivered Mail Returned to Sender\r\n", B),
        (CLERK + 'Content-Type: multipart/report; report-type="delivery-status"; boundary=q\r\n', B),
        (CLERK + "Content-Type: multipart/report; report-type=disposition-notification; boundary=q\r\n", A),
        (CLERK + "X-QQ-HolidayReply: 1\r\n", A),
        (CLERK + "X-QQ-AUTO-REPLY: 1\r\n", A),
        (CLERK + "Subject: 自动回复:报送\r\n", A),
        (CLERK + "Subject: =?gb2312?B?19S2r7vYuLQ6sajLzQ==?=\r\n", A),
        (CLERK + "Return-Path: <lisi+auto_=zhang@163.com>\r\n", A),
        (CLERK + "Auto-Submitted: auto-replied (vacation)\r\nReturn-Path: <>\r\n", A),
        (CLERK + "Subject: Automatic reply: x\r\nReturn-Path: <>\r\n", A),
        (CLERK + "Auto-Submitted: auto-generated\r\n", A),
        (CLERK + "List-Unsubscribe: <https://x>\r\n", L),
        (CLERK + "Precedence: Bulk\r\n", L),
        ("From: <no-reply@service.cn>\r\n", L),
        ("From: <noreply-orders@service.cn>\r\n", L),
    ],
)
def test_kinds_of_mail(headers: str, kind: MailKind) -> None:
    facts = opened(headers.encode() + b"\r\n--q\r\n\r\nx\r\n--q--\r\n").facts
    assert (facts.kind, facts.intent) == (kind, Intent.NONE)
    assert bool(facts.kind_reason) == (kind is not H)


RESENT = "退信：报送表"


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (attachment("a.xlsx", XLSX), H),
        (attachment("a.pdf", PDF), H),
        (attachment("a.zip", make_zip([("a.xlsx", XLSX)])), H),
        (attachment("a.docx", DOCX), H),
        (attachment("log.txt", b"550 5.1.1"), B),
        (b"Content-Type: message/rfc822\r\n\r\n" + mixed(attachment("a.xlsx", XLSX), boundary="in"), B),
    ],
)
def test_a_subject_alone_makes_no_bounce_of_a_mail_with_files_of_its_own(part: bytes, kind: MailKind) -> None:
    assert opened(mixed(part, subject=RESENT)).facts.kind is kind
    assert opened(mixed(part, subject=RESENT, headers="Return-Path: <>\r\n")).facts.kind is B


STATUS = (
    "--q\r\n\r\n邮件发给 other@qq.com 失败\r\n--q\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
    "Final-Recipient: rfc822; A.B@163.com\r\nAction: failed\r\n--q--\r\n"
)


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=q\r\n", STATUS, ("a.b@163.com",)),
        ("X-Failed-Recipients: a@b.cn, C@d.cn\r\n", "x", ("a@b.cn", "c@d.cn")),
        ("Subject: 系统退信\r\n", "您发往wang_1@qq.com的邮件被退回。<li@163.com>", ("wang_1@qq.com", "li@163.com")),
        ("", "请发到wang@qq.com", ()),
        (
            "Subject: 系统退信\r\n",
            "原邮件头：\r\nX-Failed-Recipients: other@x.cn\r\n\r\n您发往li@163.com的邮件被退回。",
            ("other@x.cn", "li@163.com"),
        ),
    ],
)
def test_whom_a_bounce_did_not_reach(headers: str, body: str, expected: tuple[str, ...]) -> None:
    found = opened((CLERK + headers + "\r\n" + body).encode()).facts
    assert found.failed_recipients == expected


def test_a_bounce_that_names_a_million_recipients_is_read_at_once() -> None:
    flood = b"X-Failed-Recipients: someone@example.cn\r\n" * 200_000
    raw = CLERK.encode() + flood + b"\r\nx"
    message = parse(raw)
    begun = time.process_time()
    assert failed_recipients(message, (), "") == ("someone@example.cn",)
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    ("text", "subject", "intent"),
    [
        ("请查收附件", "报送", Intent.NONE),
        ("超大附件：https://mail.qq.com/cgi-bin/ftnExs_download?k=1&t=exs_ftn_download 请下载", "", Intent.NONE),
        ("这个要填吗？https://mail.qq.com/cgi-bin/ftnExs_download?k=1", "", Intent.QUESTION),
        ("请问截止日期是哪天？", "", Intent.QUESTION),
        ("表格怎么填", "咨询", Intent.QUESTION),
        ("我要投诉濮阳县某学校乱收费", "", Intent.COMPLAINT),
        ("为什么没人管？", "举报某APP违规", Intent.COMPLAINT),
        ("现反映一下我县扫描件问题，见附件", "", Intent.NONE),
        ("反映某校强制家长购买APP的问题", "", Intent.COMPLAINT),
        ("反映某小学违规乱收费，见附件扫描件", "", Intent.COMPLAINT),
        ("我要反映某学校强制使用的学习系统收费的问题", "", Intent.COMPLAINT),
        ("反映学校扫描二维码强制缴费的问题", "", Intent.COMPLAINT),
        ("反映某校虚假填报的问题", "", Intent.COMPLAINT),
        ("反映濮阳县某校上报数据造假问题", "", Intent.COMPLAINT),
        ("反映某老师在附件截图中强制推销APP的问题", "", Intent.COMPLAINT),
        ("反映系统收费问题", "", Intent.COMPLAINT),
        ("反映某校APP没有备案还收费的问题", "", Intent.COMPLAINT),
        ("反映一个问题：某老师让家长买课", "", Intent.COMPLAINT),
        ("反映情况：有学校乱收费", "", Intent.COMPLAINT),
        ("我反映一个问题：扫描件打不开", "", Intent.NONE),
        ("反映我县上报系统登录不了的问题", "", Intent.NONE),
        ("家长反映学习App登录有问题怎么办", "", Intent.QUESTION),
        ("学校反映无违规收费App，零报告，见附件", "", Intent.NONE),
        ("附上情况反映，无问题", "", Intent.NONE),
        ("各校反映未发现强制使用等问题。", "报送", Intent.NONE),
        ("本县没有投诉情况。", "报送", Intent.NONE),
        ("监督举报电话：0393-1234567", "报送", Intent.NONE),
        ("请撤回我上午报送的材料", "", Intent.WITHDRAW),
        ("刚才发错了，请忽略", "", Intent.WITHDRAW),
        ("不小心发错了，请帮我撤回", "", Intent.WITHDRAW),
        ("要不撤回吧", "", Intent.WITHDRAW),
        ("昨天的不用撤回了，今天的请撤回", "", Intent.WITHDRAW),
        ("材料没有问题，不需要撤回。", "", Intent.NONE),
        ("上次的材料不撤回，谢谢", "", Intent.NONE),
        ("无需再撤销，以上午的为准", "", Intent.NONE),
        ("请问是不是不用作废？", "", Intent.QUESTION),
    ],
)
def test_intents(text: str, subject: str, intent: Intent) -> None:
    assert intent_of(text, subject) is intent


@pytest.mark.parametrize(
    "quote",
    [
        "------------------ 原始邮件 ------------------\n",
        "> ",
        "发件人：教育局\n发送时间：2020年2月27日\n",
        "在 2020年2月27日，教育局 写道：\n",
    ],
)
def test_only_own_words_tell_the_intent(quote: str) -> None:
    facts = opened(mixed(text="已收到。\n\n" + quote + "如需投诉、撤回，请问哪里？")).facts
    assert facts.intent is Intent.NONE
    assert "投诉" in facts.text


@pytest.mark.skipif(not CORPUS.is_dir(), reason="corpus not beside the checkout")
def test_real_automatic_mail_is_recognised() -> None:
    """397 real bounces and auto-replies: only the one that is none and two that people forwarded count as people's."""
    people = {
        path.name
        for path in (CORPUS / "sisimai").rglob("*.eml")
        if opened(path.read_bytes()).facts.kind is MailKind.HUMAN
    }
    assert people <= {"is-not-bounce-01.eml", "lhost-sendmail-14.eml", "make-test-36.eml"}
