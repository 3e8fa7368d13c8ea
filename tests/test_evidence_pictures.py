"""Pictures kept of a page: they can be opened, stay small, and show what the boxes and readings say."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from domain.cover import Box, PageKind, ReadCover
from parsers.cover import read_cover
from parsers.evidence import PICTURE_BYTES, Witness, page_picture, seal_picture
from parsers.ocr import Line, Recogniser
from parsers.pages import DecodedCover, PageImage
from samples.maker.seals import MM_PER_INCH, draw_seal, installed_typefaces, stamp
from tests.printed import SIZE, TOP, Pixels, table_page

NAME = "濮阳县教育局"
DPI = 150.0
TEXTS = {(0, column): name for column, name in enumerate(("School", "Phone", "Number", "State"))} | {
    (row, 1): phone for row, phone in enumerate(("13912345678", "15087654321"), start=1)
}


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(threads=1)


def read(page: Pixels, recogniser: Recogniser, dpi: float | None = DPI) -> ReadCover:
    image = PageImage(number=1, rgb=page, dpi=dpi, kind=PageKind.SCAN, photo=False)
    decoded = DecodedCover(file="c.pdf", sha256="1", signed=False, page_count=1, pages=(image,))
    return read_cover(decoded, recogniser=recogniser, column_names=("School", "Phone", "Number", "State"))


def opened(data: bytes) -> Pixels:
    bgr = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def stamped() -> Pixels:
    """The table, and a seal on the paper below it."""
    paper = np.full((420, SIZE[1], 3), 255, dtype=np.uint8)
    page = Image.fromarray(np.vstack([table_page(TEXTS), paper]))
    seal = draw_seal(NAME, dpi=DPI, typeface=installed_typefaces()[0], rng=random.Random(3))
    centre = (640 / DPI * MM_PER_INCH, 780 / DPI * MM_PER_INCH)
    return np.asarray(stamp(page, seal, centre, dpi=DPI), dtype=np.uint8)


@pytest.fixture(scope="module")
def cover(recogniser: Recogniser) -> ReadCover:
    return read(stamped(), recogniser)


def test_every_picture_is_named_by_its_hash_and_no_other_is_kept(cover: ReadCover) -> None:
    assert set(cover.cover.pictures) == set(cover.pictures)
    assert all(hashlib.sha256(data).hexdigest() == name for name, data in cover.pictures.items())
    assert len(cover.pictures) == 3  # the page, its seal, the rim


def test_boxes_of_cells_lie_on_the_picture_of_the_page(cover: ReadCover) -> None:
    """The print within a cell's box on the picture is the print that the cell says."""
    [page] = cover.cover.pages
    assert page.picture
    shown = opened(cover.pictures[page.picture])
    height, width = shown.shape[:2]
    for cell in page.cells:
        assert cell.upright
        box = (cell.upright.x0 * width, cell.upright.y0 * height, cell.upright.x1 * width, cell.upright.y1 * height)
        x0, y0, x1, y1 = (round(edge) for edge in box)
        inner = shown[y0 + 8 : y1 - 8, x0 + 8 : x1 - 8].min(axis=2)
        assert (inner < 110).any() == bool(cell.reading.text), cell.reading.text


def test_the_crop_of_a_seal_holds_all_of_its_ink_and_little_else(cover: ReadCover) -> None:
    [seal] = cover.cover.pages[0].seals
    assert seal.picture
    crop = opened(cover.pictures[seal.picture]).astype(int)
    red = crop[..., 0] - crop[..., 1] > 60
    rows, columns = np.nonzero(red)
    height, width = red.shape
    assert columns.min() > 0 and columns.max() < width - 1
    assert rows.min() > 0 and rows.max() < height - 1
    assert columns.max() - columns.min() > 0.8 * width


def test_the_rim_that_is_kept_is_the_one_that_was_read(cover: ReadCover, recogniser: Recogniser) -> None:
    [seal] = cover.cover.pages[0].seals
    assert seal.rim_picture
    rim = opened(cover.pictures[seal.rim_picture])
    [again] = recogniser.read_lines([rim])
    assert again.text == seal.text == NAME


def test_a_turned_page_is_kept_upright(recogniser: Recogniser) -> None:
    page = read(np.ascontiguousarray(np.rot90(table_page(TEXTS))), recogniser)
    picture = opened(page.pictures[page.cover.pages[0].picture or ""])
    dark = np.nonzero((picture.min(axis=2) < 110).any(axis=1))[0]
    assert picture.shape == table_page(TEXTS).shape
    assert abs(int(dark.min()) - TOP) < 6


def test_a_blank_page_has_no_picture(recogniser: Recogniser) -> None:
    read_of_blank = read(np.full((600, 800, 3), 250, dtype=np.uint8), recogniser)
    assert (read_of_blank.cover.pages[0].picture, dict(read_of_blank.pictures)) == (None, {})


@pytest.mark.parametrize("shape", [(3508, 2480), (4200, 4200), (40, 9000), (1, 1)])
@pytest.mark.parametrize("noisy", [True, False])
def test_no_page_is_larger_than_the_bound(shape: tuple[int, int], noisy: bool) -> None:
    """Noise is the worst that a page can be."""
    levels = np.random.default_rng(1).integers(0 if noisy else 250, 256, (*shape, 3), dtype=np.uint8)
    data = page_picture(levels)
    assert len(data) <= PICTURE_BYTES
    height, width = opened(data).shape[:2]
    assert width / height == pytest.approx(shape[1] / shape[0], rel=0.02)


def test_a_page_at_a_common_resolution_keeps_it() -> None:
    """A4 at 200 dpi."""
    assert opened(page_picture(np.full((1654, 2339, 3), 250, dtype=np.uint8))).shape == (1654, 2339, 3)


class Numbered:
    """A reader that gives each crop a lattice of its own, but for the first, of which it can tell nothing."""

    def read_lines(self, crops: Sequence[NDArray[np.uint8]], *, stretch: float = 1.0) -> list[Line]:
        return [Line(text="", confidence=0.0, lattice=(((str(at), 0.0),),) if at else ()) for at in range(len(crops))]


def test_the_witness_knows_which_crop_gave_a_reading() -> None:
    witness = Witness(Numbered())
    crops = [np.full((4, 4, 3), at, dtype=np.uint8) for at in range(3)]
    lines = witness.read_lines(crops)
    assert witness.crop_of(lines[2].lattice) is crops[2]
    assert witness.crop_of(lines[0].lattice) is None
    assert witness.crop_of((((("a"), 0.0),),)) is None


def test_a_seal_at_the_edge_is_cut_off_there() -> None:
    page = np.full((300, 300, 3), 250, dtype=np.uint8)
    data = seal_picture(page, Box(x0=0.8, y0=0.0, x1=1.0, y1=0.2))
    assert data
    assert opened(data).shape == (65, 65, 3)
    assert seal_picture(page, None) is None
