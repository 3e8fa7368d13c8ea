"""Write mails byte by byte as the mail programs of Chinese offices do: Foxmail, QQ web, 163 web, Outlook, Thunderbird.

Header order, charsets and the ways of encoding names follow what those programs send; the standard library's
generator would tidy up just what readers stumble over (names cut inside a character, GBK labelled gb2312).
"""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from urllib.parse import quote

MAILBOX = "77222415@qq.com"
"""The notice's address, to which a sample is sent unless its draft says another."""


class Client(StrEnum):
    FOXMAIL = "foxmail"
    QQ_WEB = "qq_web"
    NETEASE = "netease"
    OUTLOOK = "outlook"
    THUNDERBIRD = "thunderbird"


@dataclass(frozen=True, kw_only=True)
class File:
    """An attachment."""

    name: str
    data: bytes
    media: str = "application/octet-stream"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A mail to write. `received_at` is aware; the Date header lies `delay` before it. `extra` are header lines."""

    client: Client
    sender: str
    sender_name: str
    subject: str
    text: str
    received_at: datetime
    files: tuple[File, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    delay: timedelta = timedelta(seconds=41)
    return_path: str | None = None
    """Default: the sender; "" is the null sender."""
    seed: int = 0
    to: str = MAILBOX

    @property
    def message_id(self) -> str:
        """In the style of the client, fixed by the seed."""
        rng = random.Random(self.seed)
        host = self.sender.partition("@")[2]
        if self.client is Client.FOXMAIL:
            return f"<{self.received_at:%Y%m%d%H%M%S}{rng.randrange(10**9):09d}@{host}>"
        if self.client is Client.QQ_WEB:
            return f"<tencent_{rng.randbytes(20).hex().upper()}@{host}>"
        if self.client is Client.NETEASE:
            low = f"{rng.randrange(16**8):x}.{rng.randrange(10000)}.17{rng.randrange(16**9):09x}"
            return f"<{low}.Coremail.{self.sender.replace('@', '_')}@{host}>"
        return f"<{rng.randbytes(16).hex()}@{host}>"


_CHARSETS = {
    Client.FOXMAIL: "GB2312",
    Client.QQ_WEB: "gb18030",
    Client.NETEASE: "GBK",
    Client.OUTLOOK: "gb2312",
    Client.THUNDERBIRD: "UTF-8",
}
_BOUNDARIES = {
    Client.FOXMAIL: "----=_001_NextPart{a:012d}_=----",
    Client.QQ_WEB: "----=_NextPart_{a:08X}_{b:08X}_{c:08X}",
    Client.NETEASE: "----=_Part_{a}_{b}.15827{c:08d}",
    Client.OUTLOOK: "----=_NextPart_000_{a:04X}_01D5ED84.{b:08X}",
    Client.THUNDERBIRD: "------------{a:012X}{b:012X}",
}


def build(draft: Draft) -> bytes:
    """The mail as the server of the notice's mailbox stores it, lines ended by CRLF."""
    rng = random.Random(draft.seed + 1)
    body = _alternative(draft, rng)
    if draft.files:
        body = _mixed(draft, body, rng)
    lines = [*_trace(draft, rng), *_identity(draft, rng), *body]
    return b"\r\n".join(line.encode("ascii") for line in lines) + b"\r\n"


def _trace(draft: Draft, rng: random.Random) -> list[str]:
    """What servers add: the envelope sender and the time of receipt."""
    host = draft.sender.partition("@")[2]
    path = draft.sender if draft.return_path is None else draft.return_path
    when = format_datetime(draft.received_at)
    sent = format_datetime(draft.received_at - timedelta(seconds=3))
    return [
        f"Return-Path: <{path}>",
        f"Received: from mail.{host} (unknown [192.0.2.{rng.randrange(2, 250)}])",
        f"\tby newmx{rng.randrange(1, 60)}.qq.com (NewMx) with SMTP id {rng.randrange(10**6)}",
        f"\tfor <{draft.to}>; {when}",
        f"Received: from DESKTOP-{rng.randbytes(3).hex().upper()} (unknown [198.51.100.{rng.randrange(2, 250)}])",
        f"\tby smtp.{host} (Postfix) with ESMTPA id {rng.randbytes(5).hex().upper()}; {sent}",
    ]


def _identity(draft: Draft, rng: random.Random) -> list[str]:
    """Who writes what to whom, and the marks of the program."""
    subject = "Subject: " + encoded_words(draft.subject, draft.client)
    sender = f"From: {_display(draft.sender_name, draft.client)} <{draft.sender}>"
    to = f"To: {_display(draft.to.partition('@')[0], draft.client)} <{draft.to}>"
    date = "Date: " + format_datetime(draft.received_at - draft.delay)
    common = [f"Message-ID: {draft.message_id}"]
    if draft.in_reply_to:
        common += [f"In-Reply-To: {draft.in_reply_to}"]
    if draft.references:
        common += ["References: " + "\r\n ".join(draft.references)]
    common += [f"{name}: {value}" for name, value in draft.extra]
    marks = _marks(draft, rng)
    if draft.client is Client.FOXMAIL:
        return [date, sender, to, subject, "X-Priority: 3", *marks, "Mime-Version: 1.0", *common]
    if draft.client is Client.QQ_WEB:
        return [*marks, sender, to, subject, "Mime-Version: 1.0", date, "X-Priority: 3", *common]
    if draft.client is Client.NETEASE:
        return [date, sender, to, subject, "X-Priority: 3", *marks, "MIME-Version: 1.0", *common]
    return [sender, to, subject, date, *common, "MIME-Version: 1.0", *marks]


def _marks(draft: Draft, rng: random.Random) -> list[str]:
    attached = "yes" if draft.files else "no"
    if draft.client is Client.FOXMAIL:
        guid = rng.randbytes(16).hex().upper()
        dashed = "-".join((guid[:8], guid[8:12], guid[12:16], guid[16:20], guid[20:]))
        return [f"X-GUID: {dashed}", f"X-Has-Attach: {attached}", "X-Mailer: Foxmail 7.2.14.409[cn]"]
    if draft.client is Client.QQ_WEB:
        return [
            f"X-QQ-mid: webmail{rng.randrange(100, 999)}t{int(draft.received_at.timestamp())}t{rng.randrange(10**7)}",
            f"X-HAS-ATTACH: {attached}",
            "X-QQ-BUSINESS-ORIGIN: 2",
            "X-QQ-STYLE: ",
            "X-QQ-MIME: TCMime 1.0 by Tencent",
            "X-Mailer: QQMail 2.x",
            "X-QQ-Mailer: QQMail 2.x",
        ]
    if draft.client is Client.NETEASE:
        version = "Coremail Webmail Server Version XT5.0.10 build 20190724(ac680a23)"
        return [
            f"X-Mailer: {version}",
            " Copyright (c) 2002-2020 www.mailtech.cn",
            "X-CM-CTRLDATA: " + rng.randbytes(12).hex(),
        ]
    if draft.client is Client.OUTLOOK:
        return [
            "X-Mailer: Microsoft Outlook 16.0",
            "Thread-Index: " + base64.b64encode(rng.randbytes(22)).decode(),
            "Content-Language: zh-cn",
        ]
    return [
        "User-Agent: Mozilla/5.0 (Windows NT 6.1; rv:60.0) Gecko/20100101 Thunderbird/60.9.1",
        "Content-Language: zh-CN",
    ]


def encoded_words(text: str, client: Client) -> str:
    """RFC 2047 as the client writes it.

    Foxmail makes one word however long, and labels GBK as GB2312; QQ web does so with gb18030; Outlook cuts words at
    a fixed number of bytes, which may be inside a character; the others cut between characters, as they should.
    """
    if text.isascii():
        return text
    charset = _CHARSETS[client]
    data = text.encode(_codec(charset))
    if client in {Client.FOXMAIL, Client.QQ_WEB}:
        return f"=?{charset}?B?{base64.b64encode(data).decode()}?="
    if client is Client.OUTLOOK:
        pieces = [data[i : i + 39] for i in range(0, len(data), 39)]
    else:
        pieces = [text[i : i + 12].encode(_codec(charset)) for i in range(0, len(text), 12)]
    return "\r\n ".join(f"=?{charset}?B?{base64.b64encode(piece).decode()}?=" for piece in pieces)


def _codec(charset: str) -> str:
    """Programs label with the smallest name and write whatever GB holds."""
    return "utf-8" if charset == "UTF-8" else "gb18030"


def _display(name: str, client: Client) -> str:
    """A display name: an encoded word, in quotes where QQ web puts them (against RFC 2047)."""
    word = encoded_words(name, client)
    if client is Client.QQ_WEB:
        return f'"{word}"'
    return f'"{word}"' if name.isascii() else word


def _boundary(client: Client, rng: random.Random) -> str:
    a, b, c = (rng.randrange(10**8) for _ in range(3))
    return _BOUNDARIES[client].format(a=a, b=b, c=c)


def _alternative(draft: Draft, rng: random.Random) -> list[str]:
    """The body with its headers, plain text and HTML."""
    mark = _boundary(draft.client, rng)
    paragraphs = "".join(f"<div>{line or '<br>'}</div>" for line in draft.text.splitlines())
    html = f'<html><body style="font-family: 微软雅黑; font-size: 10.5pt;">{paragraphs}</body></html>'
    return [
        f'Content-Type: multipart/alternative;\r\n\tboundary="{mark}"',
        "",
        "This is a multi-part message in MIME format.",
        "",
        f"--{mark}",
        *_text_part(draft.text, "plain", draft.client),
        f"--{mark}",
        *_text_part(html, "html", draft.client),
        f"--{mark}--",
    ]


def _text_part(text: str, subtype: str, client: Client) -> list[str]:
    charset = _CHARSETS[client]
    data = text.replace("\n", "\r\n").encode(_codec(charset))
    return [
        f'Content-Type: text/{subtype};\r\n\tcharset="{charset}"',
        "Content-Transfer-Encoding: base64",
        "",
        *_folded(data),
        "",
    ]


def _mixed(draft: Draft, body: list[str], rng: random.Random) -> list[str]:
    mark = _boundary(draft.client, rng)
    lines = [f'Content-Type: multipart/mixed;\r\n\tboundary="{mark}"', "", f"--{mark}", *body, ""]
    for file in draft.files:
        lines += [f"--{mark}", *_file_part(file, draft.client), ""]
    return [*lines, f"--{mark}--"]


def _file_part(file: File, client: Client) -> list[str]:
    return [*_file_headers(file, client), "", *_folded(file.data)]


def _file_headers(file: File, client: Client) -> list[str]:
    """Name and disposition: RFC 2047 words in quotes (never lawful, always done), or RFC 2231 by Thunderbird."""
    encoding = "Content-Transfer-Encoding: base64"
    if client is Client.THUNDERBIRD:
        word = encoded_words(file.name, client).replace("\r\n ", "\r\n\t ")
        return [
            f'Content-Type: {file.media};\r\n\tname="{word}"',
            encoding,
            "Content-Disposition: attachment;\r\n " + _rfc2231(file.name),
        ]
    word = encoded_words(file.name, client)
    media = "application/octet-stream" if client in {Client.FOXMAIL, Client.QQ_WEB} else file.media
    extra = '\r\n\tcharset="gb18030";' if client is Client.QQ_WEB else ""
    return [
        f'Content-Type: {media};{extra}\r\n\tname="{word}"',
        *([encoding] if client is not Client.QQ_WEB else []),
        f'Content-Disposition: attachment;\r\n\tfilename="{word}"',
        *([encoding] if client is Client.QQ_WEB else []),
    ]


def _rfc2231(name: str) -> str:
    """`filename*0*=UTF-8''…` in pieces that may be cut inside a character's percent triplets' sequence."""
    if name.isascii():
        return f'filename="{name}"'
    escaped = quote(name, safe="")
    pieces, start = [], 0
    while start < len(escaped):
        end = min(start + 48, len(escaped))
        end -= next((back for back in (1, 2) if end < len(escaped) and escaped[end - back] == "%"), 0)
        pieces.append(escaped[start:end])
        start = end
    prefix = "UTF-8''"
    if len(pieces) == 1:
        return f"filename*={prefix}{pieces[0]}"
    return ";\r\n ".join(f"filename*{i}*={prefix if i == 0 else ''}{piece}" for i, piece in enumerate(pieces))


def _folded(data: bytes) -> list[str]:
    text = base64.b64encode(data).decode("ascii")
    return [text[i : i + 76] for i in range(0, len(text), 76)]
