"""Make labelled mails from plans: workbooks written, pages printed in one batch, stamped, scanned and mailed.

A plan says what the clerk did; its `Expected` says what must be decided. `samples.make` and the bench share this.
"""

from __future__ import annotations

import io
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import msoffcrypto.format.ooxml
import pikepdf
from PIL import Image

from samples.maker import mails, printing, scanner, seals, workbooks
from samples.maker.scanner import Scan
from samples.maker.workbooks import Layout, Table

_DPI = 300
_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
}


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What must be decided. `states`: the right one first, then others that are no fault (a poor page may be reviewed);
    empty when the mail is no submission. `codes` must all be there, `maybe` may be. `final`: its state after the whole
    case. `disposition` is submission, question, complaint or automatic."""

    kind: str
    states: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    reporter: str | None = None
    row_count: int = 0
    final: str | None = None
    disposition: str = "submission"
    altered: bool = False
    english: str = ""
    chinese: str = ""


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """A seal on paper. `offset` in mm from the middle of （盖章）."""

    name: str
    bottom: str = ""
    number: str = ""
    star: bool = True
    diameter_mm: float = 42.0
    offset: tuple[float, float] = (2.0, 4.0)
    rotation: float = 0.0
    faint: float = 0.0
    gaps: float = 0.3
    typeface: seals.Typeface | None = None
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The printed page on its way back: what was printed, its seal, the scan, the kind of file (pdf, jpg, png, tif).

    `exported` True: no paper at all, the workbook saved as PDF with a picture of the seal pasted in.
    """

    table: Table
    stamp: Stamp | None
    scan: Scan
    kind: str = "pdf"
    name: str = "扫描件.pdf"
    exported: bool = False


@dataclass(frozen=True, kw_only=True)
class Book:
    """The workbook as mailed: `kind` xlsx, xls or ods; `harm` truncated or encrypted."""

    table: Table
    kind: str = "xlsx"
    name: str = "统计备案表.xlsx"
    library: str = "openpyxl"
    harm: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One mail: its letter, its files, and what must come of it. `case` joins the mails of one story."""

    letter: mails.Draft
    expected: Expected
    book: Book | None = None
    paper: Paper | None = None
    layout: Layout = field(default_factory=Layout)
    folder: str = "INBOX"
    case: int = 0


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A mail with its label, as the server holds it."""

    raw: bytes
    received_at: datetime
    folder: str
    expected: Expected
    case: int


def build(plans: Sequence[Plan]) -> list[Labelled]:
    """The mails of the plans, in order. LibreOffice starts once for printing and once a format for conversions."""
    with tempfile.TemporaryDirectory() as folder:
        books = _books(plans, Path(folder))
        papers = _papers(plans, Path(folder))
        return [_mailed(plan, i, books, papers) for i, plan in enumerate(plans)]


def _mailed(plan: Plan, index: int, books: dict[int, bytes], papers: dict[int, bytes]) -> Labelled:
    files = []
    if plan.book:
        files.append(mails.File(name=plan.book.name, data=books[index], media=_MEDIA[plan.book.kind]))
    if plan.paper:
        files.append(mails.File(name=plan.paper.name, data=papers[index], media=_MEDIA[plan.paper.kind]))
    raw = mails.build(replace(plan.letter, files=(*files, *plan.letter.files)))
    return Labelled(
        raw=raw,
        received_at=plan.letter.received_at,
        folder=plan.folder,
        expected=plan.expected,
        case=plan.case,
    )


def _books(plans: Sequence[Plan], folder: Path) -> dict[int, bytes]:
    """The workbooks' bytes by index of plan."""
    paths: dict[int, Path] = {}
    for i, plan in enumerate(plans):
        if plan.book:
            paths[i] = folder / f"book{i:04d}.xlsx"
            workbooks.write(paths[i], plan.book.table, plan.layout, library=plan.book.library)
    for kind in ("xls", "ods"):
        chosen = [i for i, path in paths.items() if (book := plans[i].book) and book.kind == kind and path.exists()]
        made = printing.convert([paths[i] for i in chosen], folder, kind)
        paths.update(zip(chosen, made, strict=True))
    return {i: _harmed(path.read_bytes(), plans[i].book) for i, path in paths.items()}


def _harmed(data: bytes, book: Book | None) -> bytes:
    if book and book.harm == "truncated":
        return data[: len(data) * 6 // 10]
    if book and book.harm == "encrypted":
        locked = io.BytesIO()
        msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(data)).encrypt("123456", locked)
        return locked.getvalue()
    return data


def _papers(plans: Sequence[Plan], folder: Path) -> dict[int, bytes]:
    """The covers' bytes by index of plan."""
    printed: dict[int, Path] = {}
    for i, plan in enumerate(plans):
        if plan.paper:
            printed[i] = folder / f"page{i:04d}.xlsx"
            library = plan.book.library if plan.book and not plan.paper.exported else "openpyxl"
            pasted = _pasted_seal(plan.paper) if plan.paper.exported else None
            workbooks.write(
                printed[i], plan.paper.table, workbooks.for_paper(plan.layout), library=library, seal=pasted
            )
    pdfs = printing.print_pdfs(list(printed.values()), folder)
    return {i: _cover(pdf, paper) for i, pdf in zip(printed, pdfs, strict=True) if (paper := plans[i].paper)}


def _cover(pdf: Path, paper: Paper) -> bytes:
    if paper.exported:
        return _without_clock(pdf)
    page = printing.page_image(pdf, dpi=_DPI)
    if paper.stamp:
        x, y = printing.find_text(pdf, "（盖章）") or (60.0, 40.0)
        centre = (x + paper.stamp.offset[0], y + paper.stamp.offset[1])
        page = seals.stamp(page, _ink(paper.stamp), centre, dpi=_DPI)
    image = scanner.scan(page, paper.scan, dpi=_DPI)
    return scanner.to_file([image], paper.kind, dpi=paper.scan.dpi, quality=paper.scan.quality)


def _ink(stamp: Stamp) -> Image.Image:
    return seals.draw_seal(
        stamp.name,
        rng=random.Random(stamp.seed),
        diameter_mm=stamp.diameter_mm,
        dpi=_DPI,
        bottom=stamp.bottom,
        number=stamp.number,
        star=stamp.star,
        typeface=stamp.typeface,
        gaps=stamp.gaps,
        faint=stamp.faint,
        rotation=stamp.rotation,
    )


def _pasted_seal(paper: Paper) -> bytes | None:
    if not paper.stamp:
        return None
    buffer = io.BytesIO()
    _ink(paper.stamp).save(buffer, "PNG")
    return buffer.getvalue()


def _without_clock(pdf: Path) -> bytes:
    """The PDF with fixed dates and id, so that a seed gives the same bytes."""
    buffer = io.BytesIO()
    with pikepdf.open(pdf) as document:
        document.docinfo["/CreationDate"] = "D:20200227090000+08'00'"
        for key in ("/DocChecksum", "/ID"):
            if key in document.trailer:
                del document.trailer[key]
        if "/Metadata" in document.Root:
            del document.Root.Metadata
        document.save(buffer, deterministic_id=True)
    return buffer.getvalue()
