"""Raw mails and files for the tests of the mail opener."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterable

from PIL import Image

from parsers.limits import Limits
from parsers.mail import OpenedMail, open_mail

PDF = b"%PDF-1.4\n%%EOF\n"
OLE_STUB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def make_zip(files: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


XLSX = make_zip([("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")])
DOCX = make_zip([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>")])


def picture(width: int, height: int, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, form)
    return out.getvalue()


def part(data: bytes, headers: str) -> bytes:
    """One base64 part; `headers` without the transfer encoding."""
    head = headers.encode() + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + base64.encodebytes(data).replace(b"\n", b"\r\n")


def attachment(name: str, data: bytes) -> bytes:
    return part(data, f'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="{name}"')


def mixed(*parts: bytes, subject: str = "报送", headers: str = "", text: str = "请查收", boundary: str = "qq") -> bytes:
    """A multipart mail of a clerk."""
    head = f"From: 张三 <Zhang@QQ.com>\r\nSubject: {subject}\r\n{headers}"
    head += f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n"
    line = b"--" + boundary.encode()
    body = f"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    pieces = b"".join(line + b"\r\n" + piece + b"\r\n" for piece in parts)
    return head.encode() + line + body.encode() + pieces + line + b"--\r\n"


def opened(raw: bytes, *, limits: Limits | None = None) -> OpenedMail:
    return open_mail(
        raw,
        own_addresses=frozenset({"77222415@qq.com"}),
        own_message_id_suffix="@baosong.local",
        trusted_authserv_id="mx.qq.com",
        limits=limits or Limits(),
    )


def names(mail: OpenedMail) -> list[str]:
    return [found.name for found in mail.facts.parts]


def faults(mail: OpenedMail) -> list[tuple[str, str]]:
    return [(fault.name, fault.code) for fault in mail.facts.faults]
