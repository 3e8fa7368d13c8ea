"""Issue of the wire: how mails are written, labelled, wrapped and spoilt. What they bring is a good return, so all are accepted."""

from __future__ import annotations

from samples.maker.mails import File
from tests.mailbag.goods import book, cover, picture, zipped
from tests.mailbag.post import (
    Posted,
    as_eml,
    eight_bit,
    forwarded,
    headers,
    html_only,
    junk_in_base64,
    lf_only,
    mail,
    named,
    raw_subject,
    renamed,
    shown_in_text,
    uuencoded,
    without_end,
)
from tests.mailbag.table import Mails, one

BOOK = book()
SCAN = cover(BOOK)
PDF = cover(BOOK, name="扫描件.pdf")
LOGO = File(name="logo.png", data=picture(b"logo", 120, 60), media="image/png")

LEAVINGS = [File(name="__MACOSX/._表.xlsx", data=b"\0\5\26\7x"), File(name=".DS_Store", data=b"x")]

GOOD = "accepted"

LINES: tuple[tuple[str, Mails, str], ...] = (
    ("plain", one(lambda d: mail(d, BOOK, SCAN)), GOOD),
    ("pdf scan", one(lambda d: mail(d, BOOK, PDF)), GOOD),
    ("scan before workbook", one(lambda d: mail(d, SCAN, BOOK)), GOOD),
    ("no closing delimiter", one(lambda d: without_end(mail(d, BOOK, SCAN))), GOOD),
    ("line feeds only", one(lambda d: lf_only(mail(d, BOOK, SCAN))), GOOD),
    ("junk in base64", one(lambda d: junk_in_base64(mail(d, BOOK, SCAN))), GOOD),
    ("bare GBK header", one(lambda d: eight_bit(mail(d, BOOK, SCAN))), GOOD),
    ("HTML alone", one(lambda d: html_only(mail(d, BOOK, SCAN))), GOOD),
    ("raw GBK subject", one(lambda d: raw_subject("濮阳县备案表", "gb18030")(mail(d, BOOK, SCAN))), GOOD),
    ("raw UTF-8 subject", one(lambda d: raw_subject("濮阳县备案表", "utf-8")(mail(d, BOOK, SCAN))), GOOD),
    ("no subject", one(lambda d: mail(d, BOOK, SCAN, subject="")), GOOD),
    ("no text", one(lambda d: mail(d, BOOK, SCAN, text="")), GOOD),
    ("rare characters in names", one(lambda d: mail(d, named(BOOK, "龘堃䶮表.xlsx"), named(SCAN, "㙍.jpg"))), GOOD),
    ("emoji in names", one(lambda d: mail(d, named(BOOK, "备案表😀.xlsx"), SCAN)), GOOD),
    ("very long names", one(lambda d: mail(d, named(BOOK, "濮阳县教育局关于报送学习类移动应用程序统计备案表的报告" * 4 + ".xlsx"), SCAN)), GOOD),
    ("several dots", one(lambda d: mail(d, named(BOOK, "濮阳县.最终版.v2.xlsx"), named(SCAN, "扫描.pdf.jpg"))), GOOD),
    ("names that lie", one(lambda d: mail(d, named(BOOK, "扫描件.pdf"), named(SCAN, "电子表.xlsx"))), GOOD),
    ("no extension", one(lambda d: mail(d, named(BOOK, "备案表"), named(SCAN, "扫描件"))), GOOD),
    ("names of raw GBK bytes", one(lambda d: renamed("", "濮阳县.xlsx".encode("gb18030"))(mail(d, BOOK, SCAN))), GOOD),
    ("names of raw UTF-8 bytes", one(lambda d: renamed("", "濮阳县.xlsx".encode())(mail(d, BOOK, SCAN))), GOOD),
    ("names cut in a character", one(lambda d: renamed("", "濮阳县表".encode("gb18030")[:-1])(mail(d, BOOK, SCAN))), GOOD),
    ("empty names", one(lambda d: renamed("", b"")(mail(d, BOOK, SCAN))), GOOD),
    ("names that are paths", one(lambda d: renamed("", b"..\\..\\..\\windows\\system32\\a.xlsx")(mail(d, BOOK, SCAN))), GOOD),
    ("logo in the signature", one(lambda d: shown_in_text("logo.png")(mail(d, BOOK, LOGO, SCAN))), GOOD),
    ("the same file twice", one(lambda d: mail(d, BOOK, BOOK, SCAN, SCAN)), GOOD),
    ("forwarded as a mail", one(lambda d: forwarded(mail(d, BOOK, SCAN), d)), GOOD),
    ("forwarded twice", one(lambda d: forwarded(forwarded(mail(d, BOOK, SCAN), d, seed=8), d)), GOOD),
    ("an .eml file", one(lambda d: mail(d, as_eml(mail(d, BOOK, SCAN)), seed=9)), GOOD),
    ("workbook beside an .eml", one(lambda d: mail(d, BOOK, as_eml(mail(d, SCAN, seed=3)), seed=9)), GOOD),
    ("an .eml in a zip", one(lambda d: mail(d, zipped([as_eml(mail(d, BOOK, SCAN))]), seed=9)), GOOD),
    ("uuencoded", one(lambda d: uuencoded([named(BOOK, f"{d}.xlsx"), SCAN])), GOOD),
    ("headers of relays", one(lambda d: headers(X_Spam="no", Received="from a by b")(mail(d, BOOK, SCAN))), GOOD),
    ("among junk", lambda d: [Posted(raw=mail(d, BOOK, SCAN), folder="Junk")], GOOD),
    ("zip", one(lambda d: mail(d, zipped([BOOK, SCAN]))), GOOD),
    ("zip of Windows", one(lambda d: mail(d, zipped([BOOK, SCAN], gbk=True))), GOOD),
    ("zip with a folder", one(lambda d: mail(d, zipped([BOOK, SCAN], folder="濮阳县教育局/2020/"))), GOOD),
    ("zip in a zip", one(lambda d: mail(d, zipped([zipped([BOOK], "表.zip"), zipped([SCAN], "扫描.zip", gbk=True)]))), GOOD),
    ("workbook beside a zip with the scan", one(lambda d: mail(d, BOOK, zipped([SCAN]))), GOOD),
    ("zip without its extension", one(lambda d: mail(d, named(zipped([BOOK, SCAN]), "报送材料"))), GOOD),
    ("zip with a Mac's leavings", one(lambda d: mail(d, zipped([BOOK, SCAN, *LEAVINGS]))), GOOD),
)  # fmt: skip
