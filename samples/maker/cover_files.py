"""Make the files of planned covers: workbooks, pages printed in batches, stamped, scanned; kept in a cache folder."""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from samples.maker import artefacts, copies, cover_marks, printing, scanner, workbooks
from samples.maker.covers import CoverPlan, SheetPlan

VERSION = 5
"""Raised whenever the same plan would give another picture, so that no cached file is taken for it."""
_COARSE, _FINE = 240, 300
"""Resolutions a page is rendered at: finer than its scan, and no finer than that needs, since all work grows with it."""
_BATCH = 50
_NUMBER = r"[AP备]{2}.?\d{5,8}"
"""A filing number in the PDF's text, also one that was altered in one character."""


@dataclass(frozen=True, kw_only=True)
class SheetFiles:
    """A sheet's files: the workbook as mailed, the one the page was printed from, and the printed PDF.

    `rows_printed`: how many data rows stand on the PDF's first page. `spilled`: a number did not fit its column and stands
    there as 1.3E+10, or print was cut off at the side of its row or of the printed columns, so that the page does not tell it.
    `print_points`: size of most print on that page, fitted to the paper's width as it is.
    """

    mailed: Path
    printed_from: Path
    pdf: Path
    rows_printed: int
    spilled: bool
    print_points: float


def print_sheets(plans: Sequence[SheetPlan], cache: Path) -> dict[int, SheetFiles]:
    """Files by number of the sheet. What the cache lacks is printed in batches of 50, one LibreOffice start each."""
    cache.mkdir(parents=True, exist_ok=True)
    unique = {plan.number: plan for plan in plans}
    wanted = [plan for plan in unique.values() if not _pdf(plan, cache).exists()]
    for start in range(0, len(wanted), _BATCH):
        _print(wanted[start : start + _BATCH], cache)
    return {number: _files(plan, cache) for number, plan in unique.items()}


def scan_cover(plan: CoverPlan, files: SheetFiles, cache: Path) -> Path:
    """The scan as mailed, made unless the cache has it."""
    path = cache / f"{_key(plan)}.{plan.media}"
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_bytes(_scanned(plan, files.pdf))
        part.rename(path)
    return path


def _key(plan: SheetPlan | CoverPlan) -> str:
    return hashlib.sha256(f"{VERSION} {plan!r}".encode()).hexdigest()[:20]


def _pdf(plan: SheetPlan, cache: Path) -> Path:
    return cache / f"{_key(plan)}.pdf"


def _print(plans: Sequence[SheetPlan], cache: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        books = []
        for plan in plans:
            mailed, paper = cache / f"{_key(plan)}.xlsx", folder / f"{_key(plan)}.xlsx"
            workbooks.write(mailed, plan.table, plan.layout, library=plan.library)
            workbooks.write(cache / f"{_key(plan)}.paper.xlsx", plan.paper, plan.layout, library=plan.library)
            workbooks.write(paper, plan.paper, workbooks.for_paper(plan.layout), library=plan.library)
            books.append(paper)
        for pdf in printing.print_pdfs(books, folder):
            (cache / pdf.name).write_bytes(pdf.read_bytes())


def _files(plan: SheetPlan, cache: Path) -> SheetFiles:
    pdf, key = _pdf(plan, cache), _key(plan)
    return SheetFiles(
        mailed=cache / f"{key}.xlsx",
        printed_from=cache / f"{key}.paper.xlsx",
        pdf=pdf,
        rows_printed=_rows_printed(pdf, plan),
        spilled=bool(re.search(r"\dE\+\d|###", _joined(pdf, 0)) or printing.cut_off(pdf) or printing.clipped(pdf)),
        print_points=printing.print_size(pdf),
    )


def _rows_printed(pdf: Path, plan: SheetPlan) -> int:
    """Data rows on the first page, told by the start of their filing numbers in the PDF's own text.

    Raises RuntimeError when the pages together do not hold every row once.
    """
    marks = [len(re.findall(_NUMBER, _joined(pdf, page))) for page in range(printing.page_count(pdf))]
    if sum(marks) != len(plan.paper.rows):
        raise RuntimeError(f"sheet {plan.number}: {marks} rows printed of {len(plan.paper.rows)}")
    return marks[0]


def _joined(pdf: Path, page: int) -> str:
    return re.sub(r"\s", "", printing.page_text(pdf, page))


def _scanned(plan: CoverPlan, pdf: Path) -> bytes:
    scan = plan.scan
    dpi = copies.PRINT_DPI if plan.mark.printed else _COARSE if scan.dpi <= 200 else _FINE
    page = printing.page_image(pdf, dpi=dpi)
    centre = printing.find_text(pdf, "（盖章）") or (60.0, 40.0)
    page = cover_marks.press(page, plan.mark, centre, dpi=dpi)
    page = artefacts.on_paper(page, plan.artefacts)
    if plan.photo:
        page = artefacts.photographed(page, plan.artefacts, scale=scan.dpi / dpi)
        image = scanner.scan(page, replace(scan, photo=False), dpi=scan.dpi)
    else:
        image = scanner.scan(page, scan, dpi=dpi)
    if plan.colour:
        image = artefacts.in_picture(image, plan.artefacts)
    if plan.photo:
        return artefacts.phone_file(image, quality=scan.quality, exif=plan.exif)
    if plan.media == "png":  # in full colour: a palette of a noisy page has no red left for a small seal
        buffer = io.BytesIO()
        image.save(buffer, "PNG", dpi=(scan.dpi, scan.dpi))
        return buffer.getvalue()
    return scanner.to_file([image], plan.media, dpi=scan.dpi, quality=scan.quality)
