"""From pixels to cells with the real models: whichever way the page lies, with red ink over it, and where cells stand."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest
from PIL import Image

from domain.cover import CoverPage, PageKind
from parsers.cover import read_cover
from parsers.ocr import FLOOR, Recogniser
from parsers.pages import DecodedCover, PageImage
from samples.maker import seals
from tests.printed import COLUMN, COLUMNS, LEFT, ROW, ROWS, TOP, Pixels, table_page, tilted

NAMES = ("School", "Phone", "Number", "State")
PHONES = ("13912345678", "15087654321", "18800001111", "0393-4412345")
TEXTS = {(0, column): name for column, name in enumerate(NAMES)} | {
    (row, 1): phone for row, phone in enumerate(PHONES, start=1)
}


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(threads=1)


def read(page: Pixels, recogniser: Recogniser, *, photo: bool = False) -> CoverPage:
    image = PageImage(number=1, rgb=page, dpi=150.0, kind=PageKind.SCAN, photo=photo)
    decoded = DecodedCover(file="c.pdf", sha256="1", signed=False, page_count=1, pages=(image,))
    cover = read_cover(decoded, recogniser=recogniser, column_names=NAMES).cover
    assert (cover.file, cover.sha256, cover.page_count) == ("c.pdf", "1", 1)
    return cover.pages[0]


def phones(page: CoverPage) -> tuple[str, ...]:
    return tuple(cell.reading.text for cell in page.cells if cell.column == 1 and cell.row > 0)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_table_is_read_whichever_way_the_page_lies(turn: int, recogniser: Recogniser) -> None:
    received = np.ascontiguousarray(np.rot90(tilted(table_page(TEXTS), 2.0), turn // 90))
    page = read(received, recogniser)
    assert (page.columns, len(page.cells)) == (COLUMNS, ROWS * COLUMNS)
    assert page.turned == turn
    assert phones(page) == PHONES
    assert page.quality > 0.5


def test_boxes_are_places_on_the_page_as_received(recogniser: Recogniser) -> None:
    received = np.ascontiguousarray(np.rot90(table_page(TEXTS), 1))
    cell = next(cell for cell in read(received, recogniser).cells if (cell.row, cell.column) == (2, 1))
    height, width = received.shape[:2]
    upright_box = (LEFT + COLUMN, TOP + 2 * ROW, LEFT + 2 * COLUMN, TOP + 3 * ROW)
    expected = (
        upright_box[1] / width,
        1 - upright_box[2] / height,
        upright_box[3] / width,
        1 - upright_box[0] / height,
    )
    assert (cell.box.x0, cell.box.y0, cell.box.x1, cell.box.y1) == pytest.approx(expected, abs=0.01)


def test_red_ink_over_print_leaves_the_print(recogniser: Recogniser) -> None:
    page = table_page(TEXTS).astype(np.float32)
    stamp = np.zeros(page.shape[:2], dtype=np.uint8)
    cv2.circle(stamp, (LEFT + COLUMN + 120, TOP + 3 * ROW), 110, 1, 12)
    inked = page * (1 - stamp[:, :, None] * np.array([0.15, 0.8, 0.8], dtype=np.float32))
    found = read(inked.astype(np.uint8), recogniser)
    assert phones(found) == PHONES
    assert found.colour
    assert any(cell.under_seal for cell in found.cells)


def unruled_page(rows: int = 9) -> tuple[Pixels, tuple[str, ...]]:
    """Names and rows of four texts without a line, and the phones in it."""
    page = np.full((1150, 1600, 3), 255, dtype=np.uint8)
    told = tuple(f"139{row}234{row}678" for row in range(rows))
    for row in range(rows + 1):
        texts = NAMES if not row else (f"School {row}", told[row - 1], f"9{row}17", "Yes")
        for column, text in enumerate(texts):
            place = (120 + 370 * column, 150 + 100 * row)
            cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2, cv2.LINE_AA)
    return page, told


def test_rows_of_a_photograph_that_run_apart_are_read_as_rows(recogniser: Recogniser) -> None:
    page, told = unruled_page()
    height, width = page.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    lean = np.array([[0, 40], [0, -30], [0, 40], [0, -30]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(corners, corners + lean)
    slanted = np.asarray(cv2.warpPerspective(page, turn, (width, height), borderValue=(255, 255, 255)), dtype=np.uint8)
    assert phones(read(slanted, recogniser, photo=True)) == told
    assert phones(read(slanted, recogniser)) != told


def test_what_only_looks_like_a_table_on_a_photograph_hides_no_print(recogniser: Recogniser) -> None:
    page, told = unruled_page()
    for y in (1060, 1090, 1120):
        cv2.line(page, (20, y), (1580, y), (60, 60, 60), 3)
    for x in (20, 410, 800, 1190, 1580):
        cv2.line(page, (x, 1060), (x, 1120), (60, 60, 60), 3)
    assert phones(read(page, recogniser, photo=True)) == told
    assert phones(read(page, recogniser)) != told


def test_print_under_red_ink_is_known_as_such_without_ruling_too(recogniser: Recogniser) -> None:
    page = np.full((700, 1300, 3), 255, dtype=np.uint8)
    for row in range(4):
        texts = NAMES if not row else (f"School {row}", PHONES[row], f"9{row}17", "Yes")
        for column, text in enumerate(texts):
            place = (60 + 300 * column, 200 + 90 * row)
            cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2, cv2.LINE_AA)
    stamp = np.zeros(page.shape[:2], dtype=np.uint8)
    cv2.circle(stamp, (460, 370), 60, 1, 12)
    inked = page * (1 - stamp[:, :, None] * np.array([0.15, 0.8, 0.8], dtype=np.float32))
    found = read(inked.astype(np.uint8), recogniser)
    assert not found.ruled
    assert [(each.row, each.column) for each in found.cells if each.under_seal] == [(2, 1)]


@pytest.mark.parametrize("photo", [True, False])
def test_a_seal_is_suspect_where_its_page_was_photographed_from_a_screen(photo: bool, recogniser: Recogniser) -> None:
    drawn = Image.fromarray(np.full((1280, 1800, 3), 240, dtype=np.uint8))
    stamped = seals.stamp(drawn, seals.draw_seal("濮阳县教育局", rng=random.Random(3), dpi=150), (150, 90), dpi=150)
    rows, columns = np.mgrid[0:1280, 0:1800].astype(np.float32)
    grid = 3 * np.cos(2 * np.pi * (0.29 * columns + 0.137 * rows)) + np.random.default_rng(7).normal(0, 2, (1280, 1800))
    shot = (np.asarray(stamped, dtype=np.float32) + grid[..., None]).clip(0, 255).astype(np.uint8)
    assert [seal.suspect for seal in read(shot, recogniser, photo=photo).seals] == ["screen" if photo else None]


def test_empty_cells_have_no_text_and_no_lattice(recogniser: Recogniser) -> None:
    cell = next(cell for cell in read(table_page(TEXTS), recogniser).cells if (cell.row, cell.column) == (1, 2))
    assert (cell.reading.text, cell.reading.lines) == ("", ())


def test_print_outside_the_table_is_read(recogniser: Recogniser) -> None:
    page = table_page(TEXTS)
    for x, text in ((LEFT, "UNIT 42"), (LEFT + 700, "2020-02-27")):
        cv2.putText(page, text, (x, 110), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2, cv2.LINE_AA)
    texts = [line.reading.text.replace(" ", "") for line in read(page, recogniser).lines]
    assert texts == ["UNIT42", "2020-02-27"]


def test_a_blank_page_gives_nothing(recogniser: Recogniser) -> None:
    page = read(np.full((600, 800, 3), 250, dtype=np.uint8), recogniser)
    assert (page.cells, page.lines, page.seals, page.quality) == ((), (), (), 0.0)


def test_pages_beyond_the_limit_are_counted(recogniser: Recogniser) -> None:
    blank = np.full((60, 80, 3), 250, dtype=np.uint8)
    image = PageImage(number=1, rgb=blank, dpi=150.0, kind=PageKind.SCAN, photo=False)
    decoded = DecodedCover(file="c.pdf", sha256="1", signed=False, page_count=5, pages=(image,))
    cover = read_cover(decoded, recogniser=recogniser, column_names=NAMES).cover
    assert (cover.page_count, cover.unread) == (5, 4)


def test_lines_keep_their_order_and_their_alternatives(recogniser: Recogniser) -> None:
    crops = []
    for text in ("7", "13912345678", "42"):
        crop = np.full((60, 30 + 22 * len(text), 3), 255, dtype=np.uint8)
        cv2.putText(crop, text, (12, 45), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2, cv2.LINE_AA)
        crops.append(crop)
    lines = recogniser.read_lines(crops)
    assert [line.text for line in lines][1:] == ["13912345678", "42"]
    for line in lines:
        assert all(steps == tuple(sorted(steps, key=lambda one: -one[1])) for steps in line.lattice)
        assert all(FLOOR <= log <= 0.01 and len(steps) <= 12 for steps in line.lattice for _, log in steps)
    assert recogniser.read_lines([]) == []
