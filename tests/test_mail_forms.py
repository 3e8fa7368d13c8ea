"""Mails as the world's programs write, damage and wrap them: each structure, and the files that must come out of it."""

from __future__ import annotations

import base64
import hashlib
import io
import quopri
import tarfile
import zipfile

import pytest

from domain.checks.attachments import check_attachments
from domain.mail import PartFault, PartKind
from parsers.kinds import kind_of
from parsers.mail import OpenedMail
from parsers.rtf import decompressed, text_of
from tests.mail_making import PDF, XLSX, attachment, faults, make_zip, mixed, names, opened, part, picture
from tests.mail_wrapping import (
    base64_lines,
    encrypted,
    indefinite,
    outlook_message,
    signed,
    smime_part,
    tnef,
    tnef_in_tnef,
    uuencoded,
)

SHEET, SCAN = ("表.xlsx", XLSX), ("章.pdf", PDF)
HEAD = "From: 张三 <zhang@qq.com>\r\nSubject: 报送\r\n".encode()
GOOD = mixed(attachment(*SHEET), attachment(*SCAN))
ENTITY = GOOD.split(b"\r\n", 2)[2]
"""The same without From and Subject: what a signature covers."""
OCTETS = 'Content-Type: application/octet-stream; name="表.xlsx"'
INNER = (
    b"Content-Type: multipart/alternative; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
    b"--B\r\nContent-Type: text/html\r\n\r\n<p>hi</p>\r\n--B--\r\n"
)
BOTH = {"表.xlsx": XLSX, "章.pdf": PDF}
ONE = {"表.xlsx": XLSX}


def brought(mail: OpenedMail) -> dict[str, bytes]:
    """Name → bytes of each file."""
    return {found.name: mail.contents[found.sha256] for found in mail.facts.parts}


def below(way: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{way}/{name}": data for name, data in files.items()}


def changed(old: bytes, new: bytes) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


MIME_DAMAGE: dict[str, tuple[bytes, dict[str, bytes]]] = {
    "line ends LF": (GOOD.replace(b"\r\n", b"\n"), BOTH),
    "line ends CR": (GOOD.replace(b"\r\n", b"\r"), BOTH),
    "line ends CR CR LF": (GOOD.replace(b"\r\n", b"\r\r\n"), BOTH),
    "BOM first": (b"\xef\xbb\xbf" + GOOD, BOTH),
    "blank lines first": (b"\r\n\r\n" + GOOD, BOTH),
    "mbox line first": (b"From zhang@qq.com Thu Feb 27 15:40:00 2020\r\n" + GOOD, BOTH),
    "quoted mbox line, BOM": (b"\xef\xbb\xbf>From zhang@qq.com Thu Feb 27 15:40:00 2020\n" + GOOD, BOTH),
    "NUL in the header": (changed(b"Subject: ", b"X: \0\0\r\nSubject: \0"), BOTH),
    "a line that is no field": (changed(b"Subject", b"this is no header\r\nSubject"), BOTH),
    "blank before the colon": (changed(b"Content-Type: multipart", b"Content-Type : multipart"), BOTH),
    "5000 header fields": (b"".join(b"X-%d: y\r\n" % number for number in range(5000)) + GOOD, BOTH),
    "a field of a megabyte": (b"X: " + b"y" * 1_000_000 + b"\r\n" + GOOD, BOTH),
    "no closing delimiter": (GOOD[: GOOD.rfind(b"--qq--")], BOTH),
    "boundary not told": (changed(b"; boundary=qq", b""), BOTH),
    "boundary empty": (changed(b"; boundary=qq", b"; boundary="), BOTH),
    "another boundary told": (changed(b"; boundary=qq", b"; boundary=zz"), BOTH),
    "boundary half quoted": (changed(b"; boundary=qq", b'; boundary="qq'), BOTH),
    "boundary with a comment": (changed(b"; boundary=qq", b"; boundary=qq (x)"), BOTH),
    "boundary without a semicolon": (changed(b"; boundary=qq", b" boundary=qq"), BOTH),
    "boundary at the line's start": (changed(b"; boundary=qq", b";\r\nboundary=qq"), BOTH),
    "two content types": (changed(b"Content-Type: multi", b"Content-Type: text/plain\r\nContent-Type: multi"), BOTH),
    "content type lost": (changed(b"Content-Type: multipart/mixed; boundary=qq\r\n", b""), BOTH),
    "multipart labelled base64": (changed(b"=qq\r\n", b"=qq\r\nContent-Transfer-Encoding: base64\r\n"), BOTH),
    "multipart in base64": (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=qq\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64_lines(GOOD.split(b"\r\n\r\n", 1)[1]),
        BOTH,
    ),
    "one boundary twice": (mixed(INNER.replace(b"B", b"qq"), attachment(*SHEET)), ONE),
    "a boundary that begins as the other": (mixed(INNER.replace(b"B", b"qqq"), attachment(*SHEET)), ONE),
    "inner multipart not closed": (mixed(INNER.replace(b"--B--\r\n", b""), attachment(*SHEET)), ONE),
    "no blank line behind a part's header": (
        mixed(attachment(*SHEET).replace(b"\r\n\r\n", b"\r\n"), attachment(*SCAN)),
        BOTH,
    ),
    "a blank line before a part's header": (mixed(b"\r\n" + attachment(*SHEET)), ONE),
}


def _labelled(label: str, body: bytes) -> bytes:
    return mixed(f"{OCTETS}\r\nContent-Transfer-Encoding: {label}\r\n\r\n".encode() + body)


LETTERS = base64_lines(XLSX)
PACKED = LETTERS.replace(b"\r\n", b"")
PIECES = [PACKED[at : at + 7] for at in range(0, len(PACKED), 7)]
EVERY = b"=\r\n".join(b"".join(b"=%02x" % byte for byte in XLSX[at : at + 25]) for at in range(0, len(XLSX), 25))
TRANSFER: dict[str, bytes] = {
    "base64": _labelled("base64", LETTERS),
    "BASE64": _labelled("BASE64", LETTERS),
    "base 64": _labelled("base 64", LETTERS),
    "quoted label": _labelled('"base64"', LETTERS),
    "label with a comment": _labelled("(x) base64 ; y", LETTERS),
    "7bit, but base64": _labelled("7bit", LETTERS),
    "quoted-printable, but base64": _labelled("quoted-printable", LETTERS),
    "base64, but as it is": _labelled("base64", XLSX),
    "base64, but quoted-printable": _labelled("base64", EVERY),
    "one line": _labelled("base64", PACKED),
    "padding missing": _labelled("base64", PACKED.rstrip(b"=")),
    "odd lines with blanks": _labelled("base64", b" \r\n\t".join(PIECES)),
    "rubbish at line ends": _labelled("base64", b"!\r\n".join(PIECES)),
    "quoted with >": _labelled("base64", b"".join(b"> " + line + b"\r\n" for line in LETTERS.splitlines())),
    "other alphabet": _labelled("base64", LETTERS.replace(b"+", b"-").replace(b"/", b"_")),
    "padding in the middle": _labelled(
        "base64", b"".join(base64_lines(XLSX[at : at + 50]) for at in range(0, 999, 50))
    ),
    "a footer": _labelled("base64", LETTERS + b"\r\n-- \r\nThis mail was scanned for viruses\r\n"),
    "quoted-printable, small letters": _labelled("quoted-printable", EVERY),
    "soft breaks with blanks": _labelled("quoted-printable", EVERY.replace(b"=\r\n", b"=  \r\n")),
    "binary": _labelled("binary", XLSX),
    "x-uuencode": _labelled("x-uuencode", uuencoded("a.xlsx", XLSX)),
    "uuencode without a label": _labelled("7bit", uuencoded("a.xlsx", XLSX, backtick=True)),
}

FORWARD = b"Content-Type: message/rfc822\r\n"
OUTER = "outer"
CUT = tnef([SHEET, SCAN])
WRAPPED: dict[str, tuple[bytes, dict[str, bytes]]] = {
    "forward": (mixed(FORWARD + b"\r\n" + GOOD, boundary=OUTER), below("报送.eml", BOTH)),
    "forward in base64": (mixed(part(GOOD, FORWARD.decode().strip()), boundary=OUTER), below("报送.eml", BOTH)),
    "forward in quoted-printable": (
        mixed(
            FORWARD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quopri.encodestring(GOOD), boundary=OUTER
        ),
        below("报送.eml", BOTH),
    ),
    "forward behind a blank line": (mixed(FORWARD + b"\r\n\r\n" + GOOD, boundary=OUTER), below("报送.eml", BOTH)),
    "forward with its boundary": (mixed(FORWARD + b"\r\n" + GOOD), BOTH),
    "message/global": (mixed(b"Content-Type: message/global\r\n\r\n" + GOOD, boundary=OUTER), below("报送.eml", BOTH)),
    "the mail itself a forward": (HEAD + FORWARD + b"\r\n" + GOOD, below("报送.eml", BOTH)),
    "digest": (
        HEAD + b"Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\n" + GOOD + b"\r\n--d--\r\n",
        below("报送.eml", BOTH),
    ),
    ".eml": (mixed(attachment("原件.eml", GOOD), boundary=OUTER), below("原件.eml", BOTH)),
    ".eml with a BOM": (mixed(attachment("原件.eml", b"\xef\xbb\xbf" + GOOD), boundary=OUTER), below("原件.eml", BOTH)),
    ".eml with CR": (
        mixed(attachment("原件.eml", GOOD.replace(b"\r\n", b"\r")), boundary=OUTER),
        below("原件.eml", BOTH),
    ),
    ".eml of two fields": (
        mixed(attachment("原件.eml", HEAD[HEAD.find(b"Sub") :] + ENTITY), boundary=OUTER),
        below("原件.eml", BOTH),
    ),
    "a workbook called a mail": (mixed(part(XLSX, 'Content-Type: message/rfc822; name="表.xlsx"')), ONE),
    "winmail.dat": (mixed(part(tnef([SHEET, SCAN]), "Content-Type: application/ms-tnef; name=winmail.dat")), BOTH),
    "winmail.dat, names in GBK alone": (
        mixed(part(tnef([SHEET, SCAN], wide=False), "Content-Type: application/octet-stream; name=winmail.dat")),
        BOTH,
    ),
    "winmail.dat, cut short": (
        mixed(attachment("winmail.dat", CUT[: CUT.rfind(PDF) + 8])),
        ONE | {"章.pdf": PDF[:8]},
    ),
    "winmail.dat in winmail.dat": (
        mixed(attachment("winmail.dat", tnef_in_tnef("原件", tnef([SHEET])))),
        below("原件", ONE),
    ),
    "winmail.dat in a zip": (
        mixed(attachment("a.zip", make_zip([("winmail.dat", tnef([SHEET]))]))),
        below("a.zip/winmail.dat", ONE),
    ),
    "signed": (HEAD + smime_part(signed(ENTITY)), BOTH),
    "signed in a stream": (HEAD + smime_part(indefinite(ENTITY)), BOTH),
    "signed, type lost": (
        HEAD + part(signed(ENTITY), 'Content-Type: application/octet-stream; name="smime.p7m"'),
        BOTH,
    ),
    "signed, as PEM": (
        HEAD
        + b"Content-Type: application/x-pkcs7-mime\r\n\r\n-----BEGIN PKCS7-----\n"
        + base64.encodebytes(signed(ENTITY))
        + b"-----END PKCS7-----\n",
        BOTH,
    ),
    "signed twice": (HEAD + smime_part(signed(smime_part(signed(ENTITY)))), BOTH),
    "a signed file": (mixed(attachment("表.xlsx.p7m", signed(XLSX))), ONE),
    "a signed mail forwarded": (
        mixed(FORWARD + b"\r\n" + HEAD + smime_part(signed(ENTITY)), boundary=OUTER),
        below("报送.eml", BOTH),
    ),
    ".msg": (mixed(attachment("转.msg", outlook_message([SHEET, SCAN]))), below("转.msg", BOTH)),
    "a mail in a .msg": (
        mixed(attachment("转.msg", outlook_message([SCAN], inner=[("原件", [SHEET])]))),
        below("转.msg", {"章.pdf": PDF} | below("原件", ONE)),
    ),
    "uuencode in the text": (
        HEAD + "\r\n请查收\r\n".encode("gbk") + uuencoded(*SHEET) + uuencoded(*SCAN, backtick=True, end=False),
        BOTH,
    ),
    "AppleDouble": (
        mixed(
            b"Content-Type: multipart/appledouble; boundary=ad\r\n\r\n--ad\r\n"
            + part(b"\0\5\x16\7\0\2\0\0" + bytes(30), "Content-Type: application/applefile; name=a.xlsx")
            + b"\r\n--ad\r\n"
            + attachment(*SHEET)
            + b"\r\n--ad--\r\n"
        ),
        ONE,
    ),
    "the mail itself a workbook": (HEAD + part(XLSX, OCTETS), ONE),
    "a body that is base64 of a workbook": (HEAD + b"\r\n" + LETTERS, {"未命名附件1.txt": XLSX}),
}


@pytest.mark.parametrize("case", [*MIME_DAMAGE, *WRAPPED])
def test_no_structure_loses_a_file(case: str) -> None:
    raw, expected = (MIME_DAMAGE | WRAPPED)[case]
    mail = opened(raw)
    assert brought(mail) == expected
    assert faults(mail) == []
    assert mail.facts.subject.strip("\u2400") == "报送"


@pytest.mark.parametrize("case", TRANSFER)
def test_no_transfer_encoding_loses_a_byte(case: str) -> None:
    mail = opened(TRANSFER[case])
    assert brought(mail) == ONE
    assert faults(mail) == []


@pytest.mark.parametrize("disposition", ["inline", "attachment", "INLINE ; filename=x", ""])
def test_pictures_of_a_phone_are_scans_wherever_they_stand(disposition: str) -> None:
    field = f"\r\nContent-Disposition: {disposition}" if disposition else ""
    mail = opened(mixed(part(picture(1240, 1754), f'Content-Type: image/jpeg; name="IMG_0001.jpeg"{field}')))
    assert [str(found.kind) for found in mail.facts.parts] == ["cover"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (HEAD + "\r\n请查收\r\n".encode("gbk") + uuencoded(*SHEET) + "谢谢".encode("gbk"), "请查收\n谢谢"),
        (HEAD + part(tnef([SHEET], body="请查收".encode("gbk")), "Content-Type: application/ms-tnef"), "请查收"),
        (HEAD + smime_part(signed(ENTITY)), "请查收"),
        (HEAD + b"\r\nbegin 644 chapter\r\nwith words\r\n", "begin 644 chapter\nwith words"),
    ],
)
def test_the_text_beside_and_in_wrappers(raw: bytes, text: str) -> None:
    assert opened(raw).facts.text.strip() == text


PGP = b"-----BEGIN PGP MESSAGE-----\r\n\r\nabc\r\n-----END PGP MESSAGE-----\r\n"
SPLIT = b'Content-Type: message/partial; number=2; total=3; id="x@y"\r\n\r\nUEsDBBQ'
ELSEWHERE = (
    'Content-Type: message/external-body; access-type=URL; name="表.xlsx"\r\n\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()


@pytest.mark.parametrize(
    ("raw", "name", "code", "advice"),
    [
        (HEAD + smime_part(encrypted(ENTITY), "enveloped-data"), "（整封邮件）", "attachment.unreadable", "取消“加密”"),
        (
            HEAD
            + b"Content-Type: multipart/encrypted; boundary=p\r\n\r\n--p\r\nContent-Type: application/pgp-encrypted"
            b"\r\n\r\nVersion: 1\r\n--p\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\n"
            + PGP
            + b"--p--\r\n",
            "（整封邮件）",
            "attachment.unreadable",
            "取消“加密”",
        ),
        (HEAD + b"\r\n" + PGP, "（整封邮件）", "attachment.unreadable", "取消“加密”"),
        (HEAD + SPLIT, "（整封邮件）", "attachment.unreadable", "取消“拆分大邮件”"),
        (mixed(ELSEWHERE), "表.xlsx", "attachment.cloud_link", "作为普通附件"),
        (mixed(smime_part(b"0\x03\x02\x01\x01")), "smime.p7m", "attachment.unreadable", "直接作为附件"),
        (
            mixed(attachment("a.zip", make_zip([("信.p7m", encrypted(ENTITY))]))),
            "a.zip/信.p7m",
            "attachment.unreadable",
            "直接作为附件",
        ),
        (
            mixed(attachment("转.msg", outlook_message([SHEET])[:-512])),
            "转.msg",
            "attachment.unreadable",
            "直接作为附件",
        ),
        (
            mixed(FORWARD + b"\r\n" + HEAD + smime_part(encrypted(ENTITY), "enveloped-data")),
            "报送.eml",
            "attachment.unreadable",
            "直接作为附件",
        ),
    ],
)
def test_what_cannot_be_opened_is_told_with_the_way_out(raw: bytes, name: str, code: str, advice: str) -> None:
    found: tuple[PartFault, ...] = opened(raw).facts.faults
    assert [(fault.name, fault.code) for fault in found] == [(name, code)]
    (problem,) = check_attachments(found, has_sheet=False, has_cover=False)
    assert advice in problem.advice


def test_a_zip_or_tar_that_begins_with_a_pdf_is_no_pdf() -> None:
    packed, listed = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.pdf", PDF)
    with tarfile.open(fileobj=listed, mode="w") as tar:
        entry = tarfile.TarInfo("a.pdf")
        entry.size = len(PDF)
        tar.addfile(entry, io.BytesIO(PDF))
    assert b"%PDF-" in packed.getvalue()[:1024]
    assert names(opened(mixed(attachment("a.zip", packed.getvalue())))) == ["a.zip/a.pdf"]
    assert b"%PDF-" in listed.getvalue()[:1024]
    assert kind_of(listed.getvalue(), "").kind is PartKind.ARCHIVE


def test_names_that_turn_the_writing_direction_show_it() -> None:
    assert names(opened(mixed(attachment("表\u202exslx.exe", PDF)))) == ["表\\u202exslx.exe"]


def test_bombs_in_wrappers_end() -> None:
    inner = tnef([SHEET])
    for _ in range(20):
        inner = tnef_in_tnef("a", inner)
    assert faults(opened(mixed(attachment("winmail.dat", inner)))) == [("（整封邮件）", "attachment.bomb")]
    signatures = ENTITY
    for _ in range(60):
        signatures = b"Content-Type: application/pkcs7-mime\r\n\r\n" + indefinite(signatures)
    assert hashlib.sha256(XLSX).hexdigest() not in opened(HEAD + signatures).contents


HELLO = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
"""The example of MS-OXRTFCP, 3.1.1."""


def test_compressed_bodies_of_outlook_are_read() -> None:
    assert decompressed(HELLO) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert text_of(decompressed(HELLO)) == "hello world"
    assert decompressed(HELLO[:30]).startswith(b"{\\rtf1\\ansi")


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1\ansicpg936{\fonttbl{\f0 SimSun;}}\f0 \'c7\'eb\'b2\'e9\'ca\'d5\par x}", "请查收\nx"),
        (rb"{\rtf1{\*\generator Riched20;}\u35831?\u26597?\tab\{a\}}", "请查\t{a}"),
        (rb"{\rtf1\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 a\htmlrtf }\htmlrtf0}", "a"),
        (b"{\\a" * 1000, ""),
    ],
)
def test_words_of_rtf(rtf: bytes, text: str) -> None:
    assert text_of(rtf) == text
