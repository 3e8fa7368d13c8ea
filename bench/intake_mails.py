"""The mails of the intake bench: made of a seed, each its own, in sizes as a bureau's mailbox has them."""

from __future__ import annotations

import base64
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

LARGE_EVERY = 250
"""One mail of so many brings a scan of 1 to 2 MB; all others are 5 to 50 kB, small ones more often (log-uniform)."""
_SMALL = (5_000, 50_000)
_LARGE = (1_000_000, 2_000_000)
_TEXT = "各县教育局请于本周五前报送在校使用的教育移动应用备案情况表，纸质首页加盖公章后扫描与电子表格一并发送至本邮箱。"
_BEGUN = datetime(2020, 2, 17, 8, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A mail and its time of receipt."""

    raw: bytes
    received_at: datetime


def mails(count: int, seed: int) -> Iterator[Made]:
    """`count` mails, one at a time: texts in base64, quoted-printable or HTML, some with a workbook's or scan's bytes."""
    rng = random.Random(seed)
    for number in range(count):
        received = _BEGUN + timedelta(seconds=37 * number)
        yield Made(raw=_mail(rng, number, received), received_at=received)


def _mail(rng: random.Random, number: int, received: datetime) -> bytes:
    large = number % LARGE_EVERY == LARGE_EVERY // 2
    least, most = _LARGE if large else _SMALL
    size = int(math.exp(rng.uniform(math.log(least), math.log(most))))
    make = _with_file if large else rng.choice((_plain, _html, _with_file))
    kind, body = make(rng, size)
    head = (
        f"Received: from mx{rng.randrange(90)}.example.cn (unknown [192.0.2.{rng.randrange(1, 255)}])\r\n"
        f"\tby newmx.example.org (NewMX) with SMTP id {rng.getrandbits(64):016x}\r\n"
        f"\tfor <bureau@example.org>; {format_datetime(received)}\r\n"
        f"Date: {format_datetime(received)}\r\n"
        f"From: clerk{rng.randrange(400)}@example.cn\r\nTo: bureau@example.org\r\n"
        f"Subject: =?gb18030?B?{base64.b64encode(f'备案情况{number}'.encode('gb18030')).decode()}?=\r\n"
        f"Message-ID: <{number}.{rng.getrandbits(64):016x}@example.cn>\r\nMIME-Version: 1.0\r\n{kind}\r\n"
    )
    return head.encode() + body


def _plain(rng: random.Random, size: int) -> tuple[str, bytes]:
    text = _words(rng, size * 3 // 4 // 2).encode("gb18030")
    kind = "Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n"
    return kind, _lines(text)


def _html(rng: random.Random, size: int) -> tuple[str, bytes]:
    paragraph = "<p style=3D'font-family:SimSun;font-size:14px'>{}</p>=\r\n"
    quoted = [paragraph.format("=" + rng.randbytes(24).hex("=").upper()) for _ in range(max(1, size // 125))]
    kind = "Content-Type: text/html; charset=gb18030\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    return kind, "".join(quoted).encode()


def _with_file(rng: random.Random, size: int) -> tuple[str, bytes]:
    name, kind = rng.choice((("1.pdf", "application/pdf"), ("1.xlsx", "application/octet-stream")))
    mark = f"----=_NextPart_{rng.getrandbits(64):016X}"
    text = _lines(_words(rng, 400).encode("gb18030")).decode()
    parts = (
        f"--{mark}\r\nContent-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\n{text}"
        f"--{mark}\r\nContent-Type: {kind}; name={name}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; filename={name}\r\n\r\n"
    ).encode()
    body = parts + _lines(rng.randbytes(size * 3 // 4)) + f"--{mark}--\r\n".encode()
    return f'Content-Type: multipart/mixed;\r\n\tboundary="{mark}"\r\n', body


def _words(rng: random.Random, characters: int) -> str:
    """So much text of whole clauses in any order."""
    clauses = _TEXT.split("，")
    length = len(_TEXT) // len(clauses)
    return "，".join(rng.choices(clauses, k=1 + characters // length))


def _lines(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")  # lines of 76 characters
