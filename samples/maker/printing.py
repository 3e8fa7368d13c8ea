"""Print workbooks on paper: LibreOffice makes PDFs of a whole batch in one process, pdfium their pages to pixels."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray
from PIL import Image

_MM_PER_POINT = 25.4 / 72
_LOOKED_AT = 100  # dpi at which a page is looked at for ink
_PAPER = 250  # level of a page without ink: 255, less what an edge of print shades


def print_pdfs(workbooks: Sequence[Path], folder: Path, *, seconds: int = 600) -> list[Path]:
    """PDFs of the workbooks in `folder`, in order. One LibreOffice start for all, since a start costs seconds.

    Stems must differ. RuntimeError names the files LibreOffice made nothing of.
    """
    return convert(workbooks, folder, "pdf", seconds=seconds)


def convert(workbooks: Sequence[Path], folder: Path, to: str, *, seconds: int = 600) -> list[Path]:
    """The workbooks in another format (`pdf`, `xls`, `ods`), in order."""
    if not workbooks:
        return []
    with tempfile.TemporaryDirectory() as profile:
        command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--norestore"]
        command += ["--convert-to", to, "--outdir", str(folder), *map(str, workbooks)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    made = [folder / f"{book.stem}.{to}" for book in workbooks]
    missing = [path.name for path in made if not path.exists()]
    if missing:
        raise RuntimeError(f"LibreOffice did not make {missing}: {done.stderr[-500:]}")
    return made


def page_image(pdf: Path, *, dpi: int = 300, page: int = 0) -> Image.Image:
    """A page (0-based) as an RGB picture at `dpi`."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture: Image.Image = document[page].render(scale=dpi / 72).to_pil()
        return picture.convert("RGB")
    finally:
        document.close()


def page_count(pdf: Path) -> int:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


def page_text(pdf: Path, page: int = 0) -> str:
    """The printed text of a page: tells which rows stand on it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return str(document[page].get_textpage().get_text_range())
    finally:
        document.close()


def print_size(pdf: Path, page: int = 0) -> float:
    """The usual size of the page's print in points: the median distance from an ideograph to the next one in its line."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        reader = document[page].get_textpage()
        text, steps = reader.get_text_range(), []
        boxes = [reader.get_charbox(at) if _is_ideograph(letter) else None for at, letter in enumerate(text)]
    finally:
        document.close()
    for one, other in itertools.pairwise(boxes):
        if one and other and abs(one[1] - other[1]) < one[3] - one[1]:
            steps.append((other[0] + other[2] - one[0] - one[2]) / 2)
    return float(np.median([step for step in steps if step > 0])) if steps else 0.0


def _is_ideograph(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"


def cut_off(pdf: Path, page: int = 0) -> str:
    """The letters of a page that a ruling line runs through: their line of print did not fit the height of its row, so the
    cell shows parts of it only. Rows of a table without ruling are not looked at."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        leaf = document[page]
        shapes = [each.get_bounds() for each in leaf.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH,))]
        level = [
            (left, right, (top + foot) / 2) for left, foot, right, top in shapes if right - left > 2 * (top - foot)
        ]
        reader = leaf.get_textpage()
        return "".join(
            reader.get_text_range(at, 1)
            for at in range(reader.count_chars())
            if _is_crossed(reader.get_charbox(at), level)
        )
    finally:
        document.close()


def clipped(pdf: Path, page: int = 0) -> str:
    """The letters of a page's text that leave no ink on it: print that ran out of its cell beyond the printed columns."""
    picture = np.asarray(page_image(pdf, dpi=_LOOKED_AT, page=page).convert("L"))
    document = pypdfium2.PdfDocument(pdf)
    try:
        leaf = document[page]
        height, reader = leaf.get_height(), leaf.get_textpage()
        letters = [(reader.get_text_range(at, 1), reader.get_charbox(at)) for at in range(reader.count_chars())]
    finally:
        document.close()
    return "".join(letter for letter, box in letters if letter.strip() and not _has_ink(picture, box, height))


def _has_ink(picture: NDArray[np.uint8], box: tuple[float, float, float, float], height: float) -> bool:
    left, foot, right, top = (each * _LOOKED_AT / 72 for each in box)
    rows = slice(max(0, int(height * _LOOKED_AT / 72 - top) - 1), int(height * _LOOKED_AT / 72 - foot) + 2)
    return bool((picture[rows, max(0, int(left) - 1) : int(right) + 2] < _PAPER).any())


def _is_crossed(box: tuple[float, float, float, float], level: Sequence[tuple[float, float, float]]) -> bool:
    left, foot, right, top = box
    slack, middle = 0.15 * (top - foot), (left + right) / 2
    return any(start < middle < end and foot + slack < y < top - slack for start, end, y in level)


def find_text(pdf: Path, text: str, page: int = 0) -> tuple[float, float] | None:
    """Centre of the first occurrence of `text` on a page, in mm from the top left corner; None if absent."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        leaf = document[page]
        reader = leaf.get_textpage()
        found = reader.search(text).get_next()
        if found is None:
            return None
        start, count = found
        boxes = [reader.get_charbox(start + i) for i in range(count)]
        x = (min(b[0] for b in boxes) + max(b[2] for b in boxes)) / 2
        y = (min(b[1] for b in boxes) + max(b[3] for b in boxes)) / 2
        return x * _MM_PER_POINT, (leaf.get_height() - y) * _MM_PER_POINT
    finally:
        document.close()
