"""For every error that a sender can mend: a return that has it, and the one that comes of following its advice."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import pikepdf
from msoffcrypto.format.ooxml import OOXMLFile

from domain.cover import PageKind, SealKind
from parsers.limits import Limits
from samples.maker.mails import File
from tests.forms import save
from tests.mailbag.goods import ROWS, book, cells, cover, known, reading, zipped
from tests.mailbag.post import TEXT
from tests.parts import scan

BOOK = book()
SCAN = cover(BOOK)
QQ_LINK = "https://mail.qq.com/cgi-bin/ftnExs_download?k=1&t=exs_ftn_download"


@dataclass(frozen=True, kw_only=True)
class Try:
    """The files of a mail, and its text."""

    files: tuple[File, ...] = ()
    text: str = TEXT


@dataclass(frozen=True, kw_only=True)
class Advice:
    """`bad` is rejected or waits for `code`; `mended` is sent after it and is accepted."""

    code: str
    bad: Try
    mended: Try


def printed(*changes: tuple[str, object]) -> Try:
    """The workbook with these changes, and the scan that prints just that."""
    changed = book("濮阳县", *changes)
    return Try(files=(changed, cover(changed)))


GOOD = Try(files=(BOOK, SCAN))


def cell(code: str, *changes: tuple[str, object], mended: tuple[tuple[str, object], ...] | None = None) -> Advice:
    """A fault of the workbook that its print shows as well; mended to the clean one, or as `mended` says."""
    return Advice(code=code, bad=printed(*changes), mended=GOOD if mended is None else printed(*mended))


def locked_book() -> File:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(BOOK.data)).encrypt("123456", out)
    return replace(BOOK, data=out.getvalue())


def locked_pdf() -> File:
    plain = cover(BOOK, name="扫描.pdf")
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain.data)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return replace(plain, data=out.getvalue())


def cut(file: File) -> File:
    return replace(file, data=file.data[: len(file.data) // 2])


def huge() -> File:
    return File(name="扫描.jpg", data=SCAN.data + b"\0" * Limits().file_bytes, media="image/jpeg")


def bomb() -> File:
    """The return in a zip in a zip, seven times."""
    inner = zipped([BOOK, SCAN])
    for at in range(6):
        inner = zipped([inner], f"{at}.zip")
    return inner


def word() -> File:
    return zipped(
        [File(name="word/document.xml", data=b"<w/>"), File(name="[Content_Types].xml", data=b"<Types/>")],
        "备案表.docx",
    )


def another_paper() -> File:
    text = "关于报送学习类软件使用情况的说明，现将有关情况说明如下，请予审阅。" * 3
    return cover(BOOK, name="说明.jpg", lines=[text], cells=(), columns=0, ruled=False)


def special() -> File:
    """Stamped with the seal of the unit's own finance office: its kind stands under the star."""
    read = scan(reading(BOOK), label="special")
    page = replace(read.pages[0], seals=(replace(read.pages[0].seals[0], kind=SealKind.SPECIAL, bottom="财务专用章"),))
    return known(replace(read, pages=(page,)), "财务章.jpg")


def with_faces(kind: PageKind) -> File:
    return cover(BOOK, name="导出.jpg", kind=kind)


SECOND = tuple(str(value).format(unit="濮阳县") for value in ROWS[0])
Make = Callable[[], Advice]

ADVICE: tuple[Make, ...] = (
    lambda: Advice(code="sheet.missing", bad=Try(files=(SCAN,)), mended=Try(files=(BOOK,))),
    lambda: Advice(code="cover.missing", bad=Try(files=(BOOK,)), mended=Try(files=(SCAN,))),
    lambda: Advice(code="sheet.unreadable", bad=Try(files=(cut(BOOK), SCAN)), mended=GOOD),
    lambda: Advice(code="sheet.encrypted", bad=Try(files=(locked_book(), SCAN)), mended=GOOD),
    lambda: Advice(code="sheet.wrong_form", bad=Try(files=(File(name="a.xlsx", data=save({"A1": "姓名", "A2": "张三"})), SCAN)), mended=GOOD),
    lambda: Advice(
        code="sheet.no_rows",
        bad=Try(files=(EMPTY, SCAN)),
        mended=Try(files=(NIL, cover(NIL, name="零报告.jpg", lines=NIL_LINES))),
    ),
    lambda: Advice(code="sheet.ambiguous", bad=Try(files=(BOOK, book("濮阳县", ("E4", "赵四")))), mended=GOOD),
    lambda: Advice(code="cover.unreadable", bad=Try(files=(BOOK, cut(cover(BOOK, name="扫描.pdf")))), mended=GOOD),
    lambda: Advice(code="cover.encrypted", bad=Try(files=(BOOK, locked_pdf())), mended=GOOD),
    lambda: Advice(code="cover.wrong_form", bad=Try(files=(BOOK, another_paper())), mended=GOOD),
    lambda: Advice(code="cover.not_a_scan", bad=Try(files=(BOOK, with_faces(PageKind.BORN_DIGITAL))), mended=GOOD),
    lambda: Advice(code="cover.unstamped", bad=Try(files=(BOOK, cover(BOOK, seal=""))), mended=GOOD),
    lambda: Advice(code="cover.seal_mismatch", bad=Try(files=(BOOK, cover(BOOK, seal="范县教育局"))), mended=GOOD),
    lambda: Advice(code="cover.seal_wrong_kind", bad=Try(files=(BOOK, special())), mended=GOOD),
    lambda: Advice(code="cover.content_mismatch", bad=Try(files=(BOOK, cover(book("濮阳县", ("F4", "13912345679"))))), mended=GOOD),
    lambda: cell("header.unit_missing", ("A2", "填报单位：")),
    lambda: cell("header.unit_unknown", ("A2", "填报单位：某某公司")),
    lambda: cell("header.date_missing", ("F2", "填报时间：")),
    lambda: cell("header.date_invalid", ("F2", "填报时间：2020年2月30日")),
    lambda: cell("header.placeholder", ("F2", "填报时间：2020年X月X日")),
    lambda: cell("header.conflict", ("A1", "范县学习类APP统计备案表")),
    lambda: cell("row.required", ("D5", None)),
    lambda: cell("row.unit_mismatch", ("A5", "范县")),
    lambda: cell("row.phone_invalid", ("F5", "88123")),
    lambda: cell("row.filed_invalid", ("H5", "不清楚")),
    lambda: cell("row.filing_number_missing", ("I5", None)),
    lambda: cell("row.filing_number_invalid", ("I5", "豫ICP备2020001号")),
    lambda: cell("row.filing_number_unexpected", ("H5", "否"), mended=(("H5", "否"), ("I5", None))),
    lambda: cell("row.duplicate", *((f"{column}5", value) for column, value in zip("ABCDEFGHI", SECOND, strict=True))),
    lambda: cell("row.placeholder", ("B5", "XX学校")),
    lambda: Advice(code="row.formula_error", bad=Try(files=(book("濮阳县", ("C5", "=NOSUCH()")), SCAN)), mended=GOOD),
    lambda: Advice(code="attachment.bomb", bad=Try(files=(bomb(),)), mended=GOOD),
    lambda: Advice(code="attachment.too_large", bad=Try(files=(BOOK, huge())), mended=GOOD),
    lambda: Advice(code="attachment.unreadable", bad=Try(files=(BOOK, cut(zipped([SCAN])))), mended=GOOD),
    lambda: Advice(code="attachment.cloud_link", bad=Try(files=(BOOK,), text=f"扫描件.pdf\n{QQ_LINK}"), mended=GOOD),
    lambda: Advice(code="attachment.unsupported", bad=Try(files=(word(), SCAN)), mended=GOOD),
)  # fmt: skip

_ALL = tuple(f"{column}{row}" for row in (4, 5, 6) for column in "ABCDEFGHI")
EMPTY = File(name="空表.xlsx", data=save(cells("濮阳县", *((address, None) for address in _ALL))))
NIL = book("濮阳县", *((address, None) for address in _ALL), ("C4", "零报告"))
NIL_LINES = ["濮阳县学习类APP统计备案表", "填报单位：濮阳县教育局", "填报时间：2020年2月27日", "零报告"]

BY_OTHER_MEANS = {
    **dict.fromkeys(
        ("cover.too_few_pages", "cover.too_many_pages", "cover.wrong_document", "attachment.missing"),
        "its notice asks for a workbook and its scan alone: tests/test_document_office.py, tests/test_examples.py",
    ),
    "attachment.malware": "needs a virus scanner: tests/test_malware.py",
    **dict.fromkeys(
        [
            "row.number_invalid",
            "row.number_range",
            "row.date_invalid",
            "row.date_range",
            "row.choice_invalid",
            "row.identity_invalid",
            "row.credit_code_invalid",
            "row.code_unknown",
            "row.code_name",
            "row.pattern_invalid",
            "header.value_missing",
            "header.value_invalid",
            "table.totals_missing",
            "table.totals_mismatch",
            "table.missing",
        ],
        "its notice asks for none of this: tests/test_values_advice.py",
    ),
}
"""Errors that no clerk can be shown to make here, and where they are tried."""
