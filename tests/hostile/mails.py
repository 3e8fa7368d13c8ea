"""Mails whose own structure, headers or texts do harm."""

from __future__ import annotations

import base64
import binascii

from tests.mail_making import attachment, mixed
from tests.mail_making import part as mime_part

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
INJECTED = "报送\r\nBcc: thief@example.net\r\nX-Evil: 1"
"""What stands decoded in a header, if a reader lets line breaks through."""
_HEAD = b"From: a@example.cn\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def carrying(*files: tuple[str, bytes], subject: str = "报送", headers: str = "") -> bytes:
    return mixed(*(attachment(name, data) for name, data in files), subject=subject, headers=headers)


def many_attachments(number: int = 10_000) -> bytes:
    return mixed(*(attachment(f"{place}.txt", b"%d" % place) for place in range(number)))


def deep_multiparts(levels: int = 10_000) -> bytes:
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(levels)
    )
    return _HEAD + opened + b"Content-Type: text/plain\r\n\r\nhere\r\n"


def deep_mails(levels: int = 10_000) -> bytes:
    return _HEAD + b"Content-Type: message/rfc822\r\n\r\nSubject: y\r\nFrom: b@example.cn\r\n" * levels + b"\r\nhere"


def one_boundary(scale: int) -> bytes:
    parts = 30_000 * scale
    return _HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * parts


def long_boundary() -> bytes:
    boundary = b"b" * 1_000_000
    return (
        _HEAD
        + b'Content-Type: multipart/mixed; boundary="'
        + boundary
        + b'"\r\n\r\n'
        + (b"--" + boundary + b"\r\n\r\nx\r\n") * 9
    )


def many_fields(scale: int) -> bytes:
    return _HEAD + b"X-A: b\r\n" * (30_000 * scale) + b"\r\nx"


def long_field(scale: int) -> bytes:
    return b"From: a@example.cn\r\nSubject: " + b"a" * (5_000_000 * scale) + b"\r\n\r\nx"


def long_line(scale: int) -> bytes:
    return _HEAD + b"Content-Type: text/html\r\n\r\n" + b"a" * (5_000_000 * scale)


def many_words(number: int = 100_000) -> bytes:
    return b"From: a@example.cn\r\nSubject: " + b"=?utf-8?b?5oql?= " * number + b"\r\n\r\nx"


def patterns() -> bytes:
    """In every field that is taken apart what makes a careless regular expression try for ever."""
    fields = {
        "Subject": "=?" * 50_000 + "re: " * 20_000 + "（" * 20_000,
        "From": "(" * 50_000 + "a@" * 20_000 + "<" * 20_000,
        "To": '"' + "\\" * 50_000 + ", " * 50_000,
        "Reply-To": "a" * 50_000 + "@" + "a." * 50_000,
        "Date": "(" * 50_000 + "1 " * 20_000,
        "Message-ID": "<" + "a" * 100_000,
        "References": "<a@b" * 50_000,
        "Authentication-Results": "mx.qq.com; dmarc=" + "(" * 50_000 + ";" * 50_000,
        "Return-Path": "<" * 50_000,
        "Content-Type": "text/plain; " + "a*0*=x; " * 20_000 + 'charset="' + " " * 50_000,
        "Content-Disposition": "attachment; filename*0*=utf-8''" + "%E6" * 50_000,
        "Auto-Submitted": " " * 100_000 + "x",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    body = (
        "http://" * 20_000 + "> " * 50_000 + " \t" * 50_000 + "—" * 20_000 + "<a href=" * 20_000 + "begin 644 " * 20_000
    )
    return (head + "\r\n" + body).encode()


def html_patterns() -> bytes:
    body = b"<div><!--" * 50_000 + b"<style " * 50_000 + b"&#" * 100_000 + b"<a href='" * 50_000
    return _HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body


def deep_html(scale: int) -> bytes:
    return _HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div><blockquote>" * (20_000 * scale)


def encoded(text: str) -> str:
    """Any text in a header, as an encoded word (RFC 2047)."""
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def injecting() -> bytes:
    """Line breaks and further fields in every field and name that we may write into a letter."""
    name = encoded(INJECTED)
    part = mime_part(b"x", f"Content-Type: application/octet-stream; name*=utf-8''a%0D%0ABcc:%20thief@example.net%0D%0A.xlsx"
                     f"\r\nContent-Disposition: attachment; filename=\"{name}\"")  # fmt: skip
    head = f"From: {name} <a@example.cn>\r\nReply-To: {name} <b@example.cn>\r\nSubject: {name}\r\n"
    head += f"Message-ID: <x{name}@example.cn>\r\nReferences: <a\r\n\tBcc:thief@example.net>\r\n"
    return (head + "Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n").encode() + part + b"\r\n--q--\r\n"


def stuffed_base64(scale: int) -> bytes:
    """Base64 in which every second character is none."""
    size = 2_000_000 * scale
    return mixed(
        b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"A!" * (size // 2)
    )


def quoted_lines(scale: int) -> bytes:
    head = _HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head + b"=\r\n" * (500_000 * scale)


def many_uuencoded(scale: int) -> bytes:
    number = 10_000 * scale
    return _HEAD + b"Content-Type: text/plain\r\n\r\n" + b"begin 644 a.xlsx\r\n#0V%T\r\n`\r\nend\r\n" * number


def lying_tnef() -> bytes:
    """Attributes of winmail.dat that say they are four gigabytes, and thousands of empty ones."""
    attribute = b"\x02" + (0x9002).to_bytes(2, "little") + (6).to_bytes(2, "little")
    data = (0x223E9F78).to_bytes(4, "little") + b"\1\0"
    data += (attribute + (0).to_bytes(4, "little") + b"\0\0") * 200_000 + attribute + b"\xff\xff\xff\xff"
    return carrying(("winmail.dat", data))


def partial() -> bytes:
    return _HEAD + b'Content-Type: message/partial; id="x"; number=999999999999999999999; total=1\r\n\r\nx'


def unknown_charsets() -> bytes:
    """Charsets whose decoders do something else, or are none."""
    words = " ".join(
        f"=?{name}?q?abc?=" for name in ("idna", "unicode_escape", "rot13", "zlib_codec", "utf-7", "x" * 5_000, "hex")
    )
    head = f"From: a@example.cn\r\nSubject: {words}\r\nContent-Type: text/plain; charset=unicode_escape\r\n\r\n"
    return head.encode() + b"\\x3cscript\\x3e+ADw-script+AD4-"


def loose_surrogates() -> bytes:
    packed = binascii.b2a_base64(b"\xed\xa0\x80\xf0\x28\x8c\x28\xff\xfe\0\0", newline=False).decode()
    return carrying((f"=?utf-8?b?{packed}?=.xlsx", b"x"), subject=f"=?utf-8?b?{packed}?=")


def look_alike() -> bytes:
    """The address of a clerk but for one letter, which is Cyrillic; and his own as the name."""
    return mixed(subject="报送").replace(
        "张三 <Zhang@QQ.com>".encode(), '"Zhang@QQ.com" <zh\N{CYRILLIC SMALL LETTER A}ng@qq.com>'.encode()
    )
