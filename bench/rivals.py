"""Ours beside RapidOCR, Tesseract and OCRmyPDF on the same pages: seconds, and cells read as the workbook has them.

The pages are legible, upright colour scans; each reader gets the same decoded pixels, one after the other in one process.
Accuracy is plain comparison of strings, also for ours: a cell counts as right when its normalised text is what stands in
the cell (ours) or is contained in what a reader found there: in the lines or words whose middle lies in the cell's box
put together, or in any one line that touches it. That favours readers that know no cells. Boxes are those of our grid;
of a cell we did not find, a rival may hold the text anywhere on the page, and ours counts as wrong.
Tesseract and its chi_sim model are Debian's (the fast model); where a program is missing its column is left out.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import img2pdf
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from bench.cover_tasks import Task, notice, readable
from bench.intervals import Share
from domain.compare import compare
from domain.cover import Box, Cover
from domain.notice import Notice
from domain.text import normalise
from parsers.cover import read_cover
from parsers.ocr import Recogniser
from samples.maker.cover_files import print_sheets, scan_cover
from samples.maker.covers import CoverPlan

Pixels = NDArray[np.uint8]
_TOUCHES = 0.3
"""Least share of its height by which a line must lie in a cell to touch it."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A line or word a reader found, in fractions of the page."""

    text: str
    box: Box


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell that should be on the page: its normalised text, our box of it and what we read there."""

    text: str
    box: Box | None
    read: str


_OURS, _OURS_TWO = "ours, 1 thread", "ours, 2 threads"
Result = TypeVar("Result")
Reader = Callable[[Pixels, int], list[Piece]]


@dataclass(kw_only=True)
class Tally:
    """One reader's pages: wall and CPU seconds (children included) of each but the first, and cells right."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    right: int = 0

    def timed(self, work: Callable[[], Result], *, warm: bool) -> Result:
        """Does the work; its time counts when `warm`: at the first page models are loaded."""
        wall, cpu = time.perf_counter(), _cpu()
        result = work()
        if warm:
            self.wall.append(time.perf_counter() - wall)
            self.cpu.append(_cpu() - cpu)
        return result


def compare_readers(plans: Sequence[CoverPlan], cache: Path) -> int:
    """Prints a line a reader; always 0. Uses the plans that are legible, upright scans in colour."""
    fit = [plan for plan in plans if plan.legible and not plan.photo and plan.colour and plan.scan.turn == 0]
    sheets = print_sheets([plan.sheet for plan in fit], cache)
    asked, rivals = notice(), _rivals()
    ours = {name: Recogniser(threads=threads) for threads, name in enumerate((_OURS, _OURS_TWO), start=1)}
    names = tuple(column.name for column in asked.form.columns)
    tallies = {name: Tally() for name in (*ours, *rivals)}
    total = 0
    for number, plan in enumerate(fit):
        task = Task(plan=plan, sheet=sheets[plan.sheet.number], scan=scan_cover(plan, sheets[plan.sheet.number], cache))
        decoded, warm = readable(task.scan), number > 0
        cells = []
        for name, recogniser in ours.items():
            reading = partial(read_cover, decoded, recogniser=recogniser, column_names=names)
            cells = _cells(task, tallies[name].timed(reading, warm=warm).cover, asked)
            tallies[name].right += sum(cell.read == cell.text for cell in cells)
        total += len(cells)
        for name, reader in rivals.items():
            pieces = tallies[name].timed(partial(reader, decoded.pages[0].rgb, plan.scan.dpi), warm=warm)
            tallies[name].right += sum(_holds(pieces, cell) for cell in cells)
        print(f"{number + 1} of {len(fit)} pages", file=sys.stderr, flush=True)
    _print(tallies, total, len(fit))
    return 0


def _cpu() -> float:
    """CPU seconds of this process and of the children it waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _print(tallies: dict[str, Tally], total: int, pages: int) -> None:
    print(f"{pages} pages, {total} cells; medians of all pages but the first; ratio: its time to ours")
    print(f"{'reader':<28}{'wall s':>8}{'ratio':>7}{'CPU s':>8}{'ratio':>7}  cells right")
    medians = {n: [statistics.median(spent or [0.0]) for spent in (t.wall, t.cpu)] for n, t in tallies.items()}
    for name, (wall, cpu) in medians.items():
        ratios = [own / ours if ours else 0.0 for own, ours in zip((wall, cpu), medians[_OURS], strict=True)]
        share = Share(good=tallies[name].right, of=total)
        print(f"{name:<28}{wall:>8.2f}{ratios[0]:>7.2f}{cpu:>8.2f}{ratios[1]:>7.2f}  {share}")


def _cells(task: Task, cover: Cover, asked: Notice) -> list[Cell]:
    """Every filled cell of the rows on the page, with our box and reading of it where we found it."""
    sheet = task.true
    findings = compare(sheet, cover, asked.form)
    read = {cell.address: cell for cell in findings.cells if cell.column >= 0} if findings else {}
    pages = {page.number: page for page in cover.pages}
    made = []
    for row in sheet.rows[: task.sheet.rows_printed]:
        for value in row.cells.values():
            found = read.get(value.address)
            spots = pages[found.page].cells if found else ()
            spot = next(
                (each for each in spots if found and (each.row, each.column) == (found.row, found.column)), None
            )
            if value.text:
                said = normalise(found.read) if found else ""
                made.append(Cell(text=normalise(value.text), box=spot.box if spot else None, read=said))
    return made


def _holds(pieces: Sequence[Piece], cell: Cell) -> bool:
    """Whether a reader found the cell's text where it stands."""
    if cell.box is None:
        return any(cell.text in normalise(piece.text) for piece in pieces)
    box = cell.box
    inside = [piece for piece in pieces if _middle_in(piece.box, box)]
    inside.sort(key=lambda piece: (round((piece.box.y0 + piece.box.y1) / 2, 2), piece.box.x0))
    joined = normalise("".join(piece.text for piece in inside))
    return cell.text in joined or any(
        cell.text in normalise(piece.text) for piece in pieces if _touches(piece.box, box)
    )


def _middle_in(one: Box, other: Box) -> bool:
    x, y = (one.x0 + one.x1) / 2, (one.y0 + one.y1) / 2
    return other.x0 <= x <= other.x1 and other.y0 <= y <= other.y1


def _touches(one: Box, other: Box) -> bool:
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    return across > 0 and down >= _TOUCHES * (one.y1 - one.y0)


def _rivals() -> dict[str, Reader]:
    found: dict[str, Reader] = {
        "RapidOCR, default threads": _rapidocr(None),
        "RapidOCR, 1 thread": _rapidocr(1),
    }
    if shutil.which("tesseract") and "chi_sim" in _languages():
        found["tesseract chi_sim, 1 thread"] = _tesseract
    else:
        print("tesseract with chi_sim is not installed: no column for it (Debian: tesseract-ocr-chi-sim)")
    if shutil.which("ocrmypdf") and shutil.which("tesseract"):
        found["ocrmypdf, 1 job"] = _ocrmypdf
    else:
        print("ocrmypdf is not installed: no column for it (Debian: ocrmypdf)")
    return found


def _languages() -> str:
    return subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False).stdout


def _rapidocr(threads: int | None) -> Reader:
    from rapidocr import RapidOCR

    names = ("intra_op_num_threads", "inter_op_num_threads")
    engine: Any = RapidOCR(params={f"EngineConfig.onnxruntime.{name}": threads for name in names} if threads else None)

    def read(rgb: Pixels, dpi: int) -> list[Piece]:
        height, width = rgb.shape[:2]
        output = engine(np.ascontiguousarray(rgb[:, :, ::-1]))
        pairs = zip(output.boxes, output.txts, strict=True) if output.txts else ()
        return [Piece(text=text, box=_box(quad / (width, height))) for quad, text in pairs]

    return read


def _box(corners: NDArray[np.float64]) -> Box:
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    return Box(x0=float(x0), y0=float(y0), x1=float(x1), y1=float(y1))


def _tesseract(rgb: Pixels, dpi: int) -> list[Piece]:
    """Words of the page by `tesseract … tsv`, loading its model each time as its callers do."""
    height, width = rgb.shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "page.png"
        Image.fromarray(rgb).save(picture, compress_level=1)
        command = ["tesseract", str(picture), "stdout", "-l", "chi_sim", "--dpi", str(dpi), "tsv"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=_one_thread())
    rows = [line.split("\t") for line in done.stdout.splitlines()[1:]]
    pieces = []
    for row in rows:
        if len(row) == 12 and row[0] == "5" and row[11].strip():
            x, y, across, down = (int(value) for value in row[6:10])
            box = Box(x0=x / width, y0=y / height, x1=(x + across) / width, y1=(y + down) / height)
            pieces.append(Piece(text=row[11], box=box))
    return pieces


def _ocrmypdf(rgb: Pixels, dpi: int) -> list[Piece]:
    """Characters of the text layer that OCRmyPDF lays over the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Image.fromarray(rgb).save(folder / "page.png", dpi=(dpi, dpi), compress_level=1)
        (folder / "in.pdf").write_bytes(img2pdf.convert(str(folder / "page.png")))
        command = ["ocrmypdf", "-q", "--jobs", "1", "-l", "chi_sim", "--output-type", "pdf"]
        subprocess.run([*command, str(folder / "in.pdf"), str(folder / "out.pdf")], check=True, env=_one_thread())
        return _text_layer(folder / "out.pdf")


def _text_layer(pdf: Path) -> list[Piece]:
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    width, height = page.get_size()
    text = page.get_textpage()
    pieces = []
    for at in range(text.count_chars()):
        letter = text.get_text_range(at, 1)
        x0, y0, x1, y1 = text.get_charbox(at)
        if re.sub(r"\s", "", letter) and x1 > x0:
            box = Box(x0=x0 / width, y0=1 - y1 / height, x1=x1 / width, y1=1 - y0 / height)
            pieces.append(Piece(text=letter, box=box))
    document.close()
    return pieces


def _one_thread() -> dict[str, str]:
    return {**os.environ, "OMP_THREAD_LIMIT": "1"}
