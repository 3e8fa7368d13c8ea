"""How the mails of the bag are written: in the sender's dialect, then spoilt or wrapped as senders and relays do."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from samples.maker.mails import Client, Draft, File, build
from tests.builders import RECEIVED

CLERK = "pyxjyj@mail.example.cn"
TEXT = "市教育信息中心：\n现报送我县学习类APP统计备案表，请查收。\n联系人：李晓明"


class Dialect(StrEnum):
    """Who writes. The first five are programs of `samples.maker.mails`; the phone and WPS are told by small marks."""

    FOXMAIL = "foxmail"
    QQ_WEB = "qq_web"
    NETEASE = "netease"
    OUTLOOK = "outlook"
    THUNDERBIRD = "thunderbird"
    IPHONE = "iphone"
    WPS = "wps"


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A mail as it lies in the mailbox, `hours` after the first."""

    raw: bytes
    hours: float = 0.0
    folder: str = "INBOX"


_CLIENTS = {Dialect.IPHONE: Client.THUNDERBIRD, Dialect.WPS: Client.NETEASE}


def mail(
    dialect: Dialect,
    *files: File,
    subject: str = "濮阳县学习类APP统计备案表",
    text: str = TEXT,
    sender: str = CLERK,
    hours: float = 0.0,
    seed: int = 1,
    **draft: Any,
) -> bytes:
    """A mail of a clerk in that dialect."""
    client = _CLIENTS.get(dialect) or Client(dialect.value)
    made = Draft(
        client=client, sender=sender, sender_name="濮阳县教育局", subject=subject, text=text, files=files, seed=seed,
        received_at=RECEIVED + timedelta(hours=hours), **draft,
    )  # fmt: skip
    raw = build(made)
    if dialect is Dialect.IPHONE:
        raw = re.sub(rb"User-Agent: [^\r]*", b"X-Mailer: iPhone Mail (17D50)", raw)
        raw = raw.replace(b"Content-Disposition: attachment", b"Content-Disposition: inline")
    elif dialect is Dialect.WPS:
        raw = re.sub(rb"X-Mailer: [^\r]*\r\n [^\r]*", b"X-Mailer: WPS Mail 2019.11.2", raw)
    return raw


Spoil = Callable[[bytes], bytes]


def headers(**values: str) -> Spoil:
    """Adds header lines: names with _ for -."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in values.items())
    return lambda raw: lines.encode() + raw


def renamed(old: str, new: bytes) -> Spoil:
    """Writes every name parameter of attachments with these very bytes in place of the encoded `old`."""

    def spoil(raw: bytes) -> bytes:
        raw = re.sub(rb'name=\s*"[^"]*"', b'name="' + new.replace(b"\\", rb"\\") + b'"', raw)
        return re.sub(
            rb"filename\*0?\*?=[^\r]*(?:\r\n filename\*\d+\*=[^\r]*)*",
            b'filename="' + new.replace(b"\\", rb"\\") + b'"',
            raw,
        )

    return spoil


def raw_subject(subject: str, charset: str) -> Spoil:
    """The subject as bare bytes, as old programs send it."""
    line = b"Subject: " + subject.encode(charset)
    return lambda raw: re.sub(rb"Subject: [^\r]*(?:\r\n [^\r]*)*", lambda _: line, raw, count=1)


def without_end(raw: bytes) -> bytes:
    """The closing delimiter, and all behind it, lost."""
    return raw[: raw.rstrip().rfind(b"\r\n--")]


def lf_only(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n")


def junk_in_base64(raw: bytes) -> bytes:
    """Blank lines and a stray mark between lines of base64, as gateways leave them."""
    return re.sub(rb"(\r\n[A-Za-z0-9+/]{76})(\r\n[A-Za-z0-9+/]{76})", rb"\1\r\n\r\n!\2", raw)


def eight_bit(raw: bytes) -> bytes:
    """A header of a scanner at the gate, in GBK."""
    return "X-Scanned: 已查毒\r\n".encode("gb18030") + raw


def shown_in_text(name: str) -> Spoil:
    """The picture of that name as mail programs put one into a signature: inline, with a Content-ID."""
    wanted = f'Content-Disposition: attachment;\r\n\tfilename="{name}"'.encode()
    thunderbird = f'Content-Disposition: attachment;\r\n filename="{name}"'.encode()
    inline = f'Content-ID: <{name}@01D5ED84>\r\nContent-Disposition: inline;\r\n\tfilename="{name}"'.encode()
    return lambda raw: raw.replace(wanted, inline).replace(thunderbird, inline)


def html_only(raw: bytes) -> bytes:
    """Without the plain text: the first alternative is taken out."""
    marks = re.findall(rb'boundary="([^"]+)"', raw)
    inner = b"--" + marks[-1]
    first = raw.index(inner)
    second = raw.index(inner, first + len(inner))
    return raw[:first] + raw[second:]


def forwarded(raw: bytes, dialect: Dialect, *, seed: int = 7, **more: Any) -> bytes:
    """The mail within another of the same clerk, as message/rfc822 without any encoding (RFC 2046, 5.2.1)."""
    outer = mail(dialect, File(name="mark.txt", data=b"mark"), subject="Fw: 备案表", seed=seed, **more)
    boundary = re.findall(rb'boundary="([^"]+)"', outer)[0]
    last = outer.rindex(b"\r\n--" + boundary, 0, outer.rindex(b"--" + boundary + b"--") - 2)
    part = b"\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n" + raw
    return outer[:last] + b"\r\n--" + boundary + part + b"\r\n--" + boundary + b"--\r\n"


def as_eml(raw: bytes, name: str = "转发邮件.eml") -> File:
    """The mail saved as a file."""
    return File(name=name, data=raw)


def uuencoded(files: Sequence[File], *, sender: str = CLERK) -> bytes:
    """A plain mail with its files uuencoded in the text."""
    lines = [
        b"From: =?utf-8?b?5r+u6Ziz5Y6/?= <" + sender.encode() + b">",
        b"Subject: baosong",
        b"Message-ID: <uu@example.cn>",
    ]
    lines += [b"Return-Path: <" + sender.encode() + b">", b"", b"qing cha shou", b""]
    for file in files:
        lines.append(b"begin 644 " + file.name.encode("gb18030"))
        lines += [binascii.b2a_uu(file.data[at : at + 45]).rstrip(b"\n") for at in range(0, len(file.data), 45)]
        lines += [b"`", b"end", b""]
    return b"\r\n".join(lines)


def named(file: File, name: str) -> File:
    return replace(file, name=name)
