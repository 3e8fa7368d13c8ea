"""The mails of the fault bench: each its own, from a sender of its own, with what must become of it."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import parseaddr
from itertools import count
from pathlib import Path

from tests.forms import plain_cells, save

SAMPLES = Path(__file__).parents[2] / "samples" / "mails"
ACCEPTED = ("02-accepted.eml", "13-accepted-xls.eml", "15-nil-return.eml", "18-restricted-app.eml")
"""Whole sets with a scan, of reporters of whom nothing else comes. Reading a scan takes seconds, so they are few."""
QUICK = 1_000_000
"""Numbers of quick mails begin here, so that no two mails have one sender."""
_UNITS = ("清丰县", "范县", "台前县", "华龙区")
_TITLE = "学习类APP统计备案表"


@dataclass(frozen=True, kw_only=True)
class Made:
    """A mail and what must become of it: `letters` go to `sender`, `decisions` are made because of it."""

    kind: str
    raw: bytes
    sender: str
    disposition: str
    letters: int = 1
    decisions: int = 0
    folder: str = "INBOX"
    copies: int = 1

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


def mails(seed: int, *, quick: bool = False) -> Iterator[Made]:
    """Without end: mostly workbooks alone and workbooks with a fault, questions and automatic mail, some lying twice in
    the mailbox. `quick`: only what is read quickly. The same seed gives the same order of kinds."""
    rng = random.Random(seed)
    weights = (0, 0, 1, 4, 0, 0) if quick else (30, 30, 20, 6, 8, 6)
    for number in count(QUICK if quick else 0):
        kind = rng.choices(("alone", "wrong", "question", "automatic", "twice", "junk"), weights)[0]
        yield _mail(kind, number, rng, seed)


def accepted() -> Iterator[Made]:
    """Whole sets, to be accepted."""
    for name in ACCEPTED:
        raw = (SAMPLES / name).read_bytes()
        sender = parseaddr(str(message_from_bytes(raw)["From"]))[1]
        yield Made(kind="accepted", raw=raw, sender=sender, disposition="submission", decisions=1)


def _mail(kind: str, number: int, rng: random.Random, seed: int) -> Made:
    sender = f"clerk{number}@{seed}.example.cn"
    if kind == "question":
        text = f"请问第{number}号表格怎么填？谢谢！"
        return Made(kind=kind, raw=_plain(sender, f"咨询{number}", text, ""), sender=sender, disposition="question")
    if kind == "automatic":
        raw = _plain(sender, f"自动回复: {number}", "我在休假。", "Auto-Submitted: auto-replied\r\n")
        return Made(kind=kind, raw=raw, sender=sender, disposition="ignored.auto_reply", letters=0)
    raw = _with_workbook(sender, number, rng, wrong=kind == "wrong")
    places = {"folder": "Junk"} if kind == "junk" else {"copies": 2} if kind == "twice" else {}
    return Made(kind=kind, raw=raw, sender=sender, disposition="submission", decisions=1, **places)


def _with_workbook(sender: str, number: int, rng: random.Random, *, wrong: bool) -> bytes:
    unit = rng.choice(_UNITS)
    phone = "139123" if wrong else f"139{number:08d}"
    school, app = f"{unit}第{number}中学", f"作业帮{number}"
    row = (unit, school, app, "小船科技", "李雷", phone, "答疑", "是", f"教APP备11{number % 100_000:05d}号")
    cells = plain_cells([row], unit=unit) | {"A1": f"{unit}{_TITLE}"}
    return _mixed(sender, f"{unit}报送{number}", save(cells))


def _head(sender: str, subject: str, more: str) -> str:
    encoded = base64.b64encode(subject.encode()).decode()
    return (
        f"From: {sender}\r\nTo: bureau@example.org\r\nSubject: =?utf-8?B?{encoded}?=\r\n"
        f"Message-ID: <{hashlib.sha256((sender + subject).encode()).hexdigest()[:24]}@example.cn>\r\n"
        f"Date: Thu, 27 Feb 2020 15:40:00 +0800\r\n{more}MIME-Version: 1.0\r\n"
    )


def _plain(sender: str, subject: str, text: str, more: str) -> bytes:
    kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return (_head(sender, subject, more) + kind).encode() + _base64(text.encode())


def _mixed(sender: str, subject: str, workbook: bytes) -> bytes:
    mark = "----=_NextPart_FAULTS"
    name = base64.b64encode("统计表.xlsx".encode()).decode()
    before = (
        f'Content-Type: multipart/mixed; boundary="{mark}"\r\n\r\n--{mark}\r\n'
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    between = (
        f'--{mark}\r\nContent-Type: application/octet-stream; name="=?utf-8?B?{name}?="\r\n'
        f'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="=?utf-8?B?{name}?="\r\n\r\n'
    )
    text = _base64("现将备案表报上，请查收。".encode())
    head = (_head(sender, subject, "") + before).encode()
    return head + text + between.encode() + _base64(workbook) + f"--{mark}--\r\n".encode()


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
